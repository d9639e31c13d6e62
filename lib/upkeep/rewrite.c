#include "upkeep/rewrite.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/index.h"
#include "shard/sealed/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* 100 bytes a line, and one line: a shared host's 1 GiB does for 8,000,000 of them. */
#define MEMORY_BYTES ((size_t)8 << 30)

enum { TEMP_NAME_MAX = STORE_NAME_MAX + 16, SUM_NAME_MAX = STORE_NAME_MAX + 16 };

struct rewriting {
	const struct rewrite *how;
	struct arena arena;
	int dir_fd, lock_fd, fd; /* fd: of the new file */
	struct view view;        /* the day as it was */
	struct view check;       /* and as it will be */
	bool has_view, has_check, has_temp;
	struct rewrite_rows rows;
	char name[STORE_NAME_MAX], temp_name[TEMP_NAME_MAX];
	struct buf line;
	struct rewrite_result result;
};

/* ---- What is there ---- */

static enum err rewrite_lock_day(struct rewriting *w)
{
	char name[STORE_NAME_MAX];
	store_file_name(STORE_FILE_LOCK, w->how->day, 0, name);
	enum err e = io_open_file(w->dir_fd, name, O_RDWR | O_CREAT, &w->lock_fd);
	return e ? e : io_lock(w->lock_fd, w->how->lock_ms);
}

/* Sets *ret_is_sealed when one archived file is all there is. Returns ERR_NOT_FOUND when there is
 * nothing. */
static enum err rewrite_visit(struct rewriting *w, bool *ret_is_sealed)
{
	size_t n = 0;
	enum err e =
		view_open_dir(w->how->store, w->how->workspace, w->dir_fd, &w->arena, &w->view);
	if (e)
		return e;
	w->has_view = true;
	for (size_t i = 0; i < w->view.n_shards; i++) {
		struct shard *s = &w->view.shards[i];
		struct stat st;
		if (s->day != w->how->day)
			continue;
		s->is_strict = !w->how->drops_damaged;
		w->result.part = s->part;
		*ret_is_sealed = s->is_sealed;
		n++;
		e = shard_stat(&w->view, i, &st);
		if (e)
			return e;
		w->result.plain_bytes += st.st_size;
	}
	if (n > 1)
		*ret_is_sealed = false;
	return n ? ERR_OK : ERR_NOT_FOUND;
}

/* ---- Writing ---- */

struct finding {
	bool is_found;
};

static enum err note_found(void *user, const struct index_hit *hit)
{
	(void)hit;
	((struct finding *)user)->is_found = true;
	return ERR_OK;
}

/* True when another day has the span, or may have it because that cannot be told quickly. */
static bool is_known_elsewhere(struct rewriting *w, const struct span *s)
{
	struct finding f = { .is_found = false };
	struct view *v = &w->view;
	struct index_set *set = v->index;
	for (size_t i = 0; i < v->n_shards && !f.is_found; i++) {
		if (v->shards[i].day == w->how->day)
			continue;
		if (index_find(set, i, span_text(s, FIELD_SOURCE), span_text(s, FIELD_TRACE_ID),
			    span_text(s, FIELD_SPAN_ID), note_found, &f) ||
			set->of[i].covered < v->shards[i].size_bytes)
			return true;
	}
	return f.is_found;
}

static void write_tombstone(struct rewriting *w, const struct span *of, int32_t prev_day)
{
	struct span s;
	span_init(&s);
	s.is_deleted = true;
	s.prev_day = prev_day;
	static const enum field kept[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SOURCE };
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (span_has(of, kept[i]))
			span_set_text(&s, kept[i], span_text(of, kept[i]));
	if (span_has(of, FIELD_INGESTED_AT))
		span_set_i64(&s, FIELD_INGESTED_AT, of->value[FIELD_INGESTED_AT].i64);
	/* It wins where what it stands for won. */
	span_set_i64(&s, FIELD_UPDATED_AT, span_version(of));
	line_write(&w->line, &s);
}

static enum err decide(struct rewriting *w, const struct rewrite_row *row, const struct span *s,
	enum rewrite_fate *ret)
{
	struct row_ref ref = { row->shard, row->len, row->at };
	*ret = REWRITE_KEEP;
	if (row->is_deleted && !is_known_elsewhere(w, s)) {
		w->result.n_deleted++;
		*ret = REWRITE_DROP;
		return ERR_OK;
	}
	if (!w->how->decide || row->is_deleted)
		return ERR_OK;
	enum err e = w->how->decide(w->how->user, &w->view, s, ref, ret);
	if (!e && *ret == REWRITE_DROP)
		w->result.n_dropped++;
	return e;
}

/* The row's line as it is to be written into w->line; empty: it goes. */
static enum err make_line(struct rewriting *w, const struct rewrite_row *row)
{
	struct row_ref ref = { row->shard, row->len, row->at };
	bool is_simple = !row->is_deleted && !w->how->decide &&
			 (row->has_prev || row->prev_day == SPAN_NO_DAY);
	enum rewrite_fate fate;
	struct span s;
	struct str line;
	buf_reset(&w->line);
	if (row->is_bad && w->how->drops_damaged)
		return ERR_OK;
	enum err e = view_read_line(&w->view, ref, &line);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_IO : e;
	buf_add(&w->line, line);
	buf_add_char(&w->line, '\n');
	if (row->is_bad || is_simple)
		return ERR_OK;
	/* The text of the span must stay while w->line changes, and while others are read. */
	line = arena_copy(&w->arena, line);
	if (line_read(line, NULL, false, &s) != LINE_OK)
		return ERR_IO; /* it was good a moment ago */
	e = decide(w, row, &s, &fate);
	if (e)
		return e;
	if (fate == REWRITE_KEEP && (row->has_prev || row->prev_day == SPAN_NO_DAY))
		return ERR_OK;
	buf_reset(&w->line);
	s.prev_day = row->prev_day;
	if (fate == REWRITE_KEEP)
		line_write(&w->line, &s);
	else if (row->prev_day != SPAN_NO_DAY && !row->is_deleted)
		write_tombstone(w, &s, row->prev_day);
	return ERR_OK;
}

/* What writers need stays free: they come first. */
static enum err rewrite_check_space(const struct rewriting *w)
{
	struct statvfs st;
	uint64_t free_bytes;
	if (io->fstatvfs(w->fd, &st) < 0)
		return errno == EINTR ? ERR_OK : io_error(errno);
	if (__builtin_mul_overflow((uint64_t)st.f_bavail, (uint64_t)st.f_frsize, &free_bytes))
		return ERR_OK; /* more than can be counted */
	return free_bytes < w->how->store->conf->free_bytes ? ERR_FULL : ERR_OK;
}

static enum err rewrite_write_rows(struct rewriting *w, struct sealed_writer *out)
{
	enum { ROWS_PER_LOOK = 512 };
	uint64_t done = 0, total = 0;
	size_t kept = 0;
	for (size_t i = 0; i < w->rows.n; i++)
		total += w->rows.rows[i].len;
	for (size_t i = 0; i < w->rows.n; i++) {
		struct rewrite_row *row = &w->rows.rows[i];
		struct arena_mark mark = arena_mark(&w->arena);
		if (i == 0 || row->trace != row[-1].trace)
			sealed_writer_hint(out);
		enum err e = i % ROWS_PER_LOOK ? ERR_OK : rewrite_check_space(w);
		if (!e)
			e = make_line(w, row);
		struct str line = buf_str(&w->line);
		arena_rewind(&w->arena, mark);
		if (!e && line.len)
			e = sealed_writer_add(out, line);
		if (e)
			return e;
		done += row->len;
		if (line.len) {
			/* What is behind `kept` was read already; row[-1].trace stays. */
			w->rows.rows[kept].identity = hash64(line, 0);
			w->rows.rows[kept++].len = (uint32_t)line.len;
		}
		progress_report(&w->how->progress, done, total * 2);
	}
	w->rows.n = kept;
	w->result.n_kept = kept;
	return sealed_writer_finish(out);
}

static enum err rewrite_write_file(struct rewriting *w)
{
	struct sealed_writer out;
	(void)snprintf(w->temp_name, sizeof w->temp_name, ".%s.tmp", w->name);
	(void)io->unlinkat(w->dir_fd, w->temp_name, 0); /* O_EXCL tells when it is still there */
	enum err e =
		io_open_file(w->dir_fd, w->temp_name, O_RDWR | O_CREAT | O_EXCL | O_APPEND, &w->fd);
	if (e)
		return e;
	w->has_temp = true;
	buf_init(&w->line, &w->arena);
	e = sealed_writer_open(&out, &w->arena, w->fd, w->how->level);
	if (!e)
		e = rewrite_write_rows(w, &out);
	w->result.sealed_bytes = out.out_bytes;
	sealed_writer_close(&out);
	buf_release(&w->line);
	return e ? e : io_fsync(w->fd);
}

/* ---- Checking ---- */

static enum err compare_lines(struct rewriting *w, size_t shard)
{
	struct shard_reader r;
	struct row_ref ref;
	struct str line;
	bool more;
	size_t n = 0;
	uint64_t total = (uint64_t)w->check.shards[shard].size_bytes;
	enum err e = shard_reader_open(&w->check, shard, 0, -1, &r);
	if (e)
		return e;
	while (!(e = shard_reader_next(&r, &line, &ref, &more)) && more) {
		/* With its newline, which stands behind it in the reader's buffer. */
		struct str whole = str_of(line.ptr, line.len + 1);
		if (n == w->rows.n || w->rows.rows[n].len != whole.len ||
			w->rows.rows[n].identity != hash64(whole, 0)) {
			e = ERR_IO;
			break;
		}
		n++;
		progress_report(&w->how->progress, total + (uint64_t)ref.at, total * 2);
	}
	shard_reader_close(&r);
	return !e && n != w->rows.n ? ERR_IO : e;
}

static enum err rewrite_check_file(struct rewriting *w)
{
	enum err e =
		view_open_dir(w->how->store, w->how->workspace, w->dir_fd, &w->arena, &w->check);
	if (e)
		return e;
	w->has_check = true;
	e = view_put_sealed(&w->check, w->how->day, w->result.part, w->fd);
	if (e)
		return e;
	size_t shard = 0;
	while (w->check.shards[shard].day != w->how->day)
		shard++;
	e = compare_lines(w, shard);
	if (!e)
		w->result.has_index = rewrite_index(&w->check, shard, w->how->lock_ms);
	return e;
}

/* ---- Making it the day ---- */

static enum err write_sum(struct rewriting *w)
{
	char sum_name[SUM_NAME_MAX];
	unsigned char sum[SHA256_BYTES];
	struct str bytes;
	struct buf text;
	int64_t size;
	enum err e = io_size(w->fd, &size);
	if (!e)
		e = io_map(w->fd, (size_t)size, &bytes);
	if (e)
		return e;
	sha256(bytes, sum);
	io_unmap(bytes);
	buf_init(&text, &w->arena);
	buf_add_hex(&text, str_of((const char *)sum, sizeof sum));
	buf_printf(&text, "  %s\n", w->name);
	(void)snprintf(sum_name, sizeof sum_name, "%s.sha256", w->name);
	e = io_replace_file(w->dir_fd, sum_name, buf_str(&text), true);
	buf_release(&text);
	return e;
}

static enum err rename_file(struct rewriting *w)
{
	if (io->renameat(w->dir_fd, w->temp_name, w->dir_fd, w->name) < 0)
		return io_error(errno);
	w->has_temp = false;
	return io_fsync(w->dir_fd);
}

static enum err publish(struct rewriting *w)
{
	int lock_fd = -1;
	enum err e = w->how->may_publish ? w->how->may_publish(w->how->user, &w->view, &lock_fd)
					 : ERR_OK;
	if (!e)
		e = rename_file(w);
	if (lock_fd >= 0)
		io_drop(lock_fd); /* unlocks */
	return e;
}

static enum err make_file(struct rewriting *w)
{
	struct index_set set;
	w->result.part++;
	store_file_name(STORE_FILE_SEALED, w->how->day, w->result.part, w->name);
	enum err e = index_open(&w->view, &set);
	if (!e)
		e = rewrite_read(&w->view, w->how->day, &w->rows);
	if (e)
		return e;
	w->result.n_lines = w->rows.n_lines;
	w->result.n_sound = w->rows.n_sound;
	w->result.n_folded = w->rows.n_folded;
	w->result.n_bad = w->rows.n_bad;
	e = rewrite_write_file(w);
	if (!e)
		e = rewrite_check_file(w);
	if (!e)
		e = write_sum(w);
	return e ? e : publish(w);
}

static enum err rewrite_run(struct rewriting *w)
{
	bool is_sealed = false;
	enum err e = workspace_open(w->how->store, w->how->workspace, false, &w->dir_fd);
	if (!e)
		e = rewrite_lock_day(w);
	if (!e)
		e = rewrite_visit(w, &is_sealed);
	if (e)
		return e;
	if (is_sealed && !w->how->must_rewrite) {
		w->result.sealed_bytes = w->result.plain_bytes;
		w->result.plain_bytes = 0;
		w->result.has_index = true;
	} else {
		e = make_file(w);
		w->result.is_new = !e;
	}
	if (e)
		return e;
	return rewrite_sweep(w->how->store, w->dir_fd, w->how->day, w->how->grace_ms,
		&w->result.has_old, &w->result.wait_ms);
}

/* A function of its own, so that no local variable lives across the jump. */
static enum err run_guarded(struct rewriting *w)
{
	if (setjmp(w->arena.escape))
		return ERR_NO_MEMORY;
	w->arena.has_escape = true;
	return rewrite_run(w);
}

enum err rewrite_day(const struct rewrite *r, struct rewrite_result *ret)
{
	struct rewriting w = { .how = r, .dir_fd = -1, .lock_fd = -1, .fd = -1 };
	if (!r->store->may_write)
		return ERR_CONF;
	arena_init(&w.arena, MEMORY_BYTES);
	enum err e = run_guarded(&w);
	if (w.has_temp)
		(void)io->unlinkat(w.dir_fd, w.temp_name, 0); /* else the next one does it */
	if (w.has_check)
		view_close(&w.check);
	if (w.has_view)
		view_close(&w.view);
	if (w.fd >= 0)
		io_drop(w.fd);
	if (w.lock_fd >= 0)
		io_drop(w.lock_fd); /* unlocks */
	if (w.dir_fd >= 0)
		io_drop(w.dir_fd);
	arena_release(&w.arena);
	if (e)
		return e;
	*ret = w.result;
	return ERR_OK;
}
