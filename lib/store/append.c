#include "store/append.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/flush.h"
#include "index/lookup.h"
#include "index/rowlog/append.h"
#include "shard/days.h"
#include "shard/mutants.h"
#include "store/settings.h"

#include <errno.h>
#include <fcntl.h>

/* The steps are numbered as in doc/shard-format.md#writing, where each has its reason and the test
 * that fails without it. */

enum {
	DAY_TRIES = 8, /* midnight, or a day sealed, between choosing a day and having its lock */
	/* So long after midnight a writer of yesterday may still be at its write. */
	STRAGGLER_S = 10
};

/* ---- Which day, and its lock ---- */

static int64_t time_now(const struct append *t)
{
	return t->now_ns + (utime_monotonic() - t->began_ns);
}

/* W1: a sealed day never changes, also when the clock was set back. */
static enum err day_now(const struct append *t, int32_t *ret_day)
{
	struct day_state state;
	int32_t day = utime_day(time_now(t));
	enum err e = days_state(t->store, t->dir_fd, day, &state);
	if (e)
		return e;
	if (state.newest_sealed >= day && !MUTANT(NOSEALED))
		day = state.newest_sealed + 1;
	*ret_day = day;
	return ERR_OK;
}

static int lock_ms_left(const struct append *t)
{
	int64_t used_ms = (utime_monotonic() - t->began_ns) / NS_PER_MS;
	return used_ms < t->store->conf->lock_ms ? t->store->conf->lock_ms - (int)used_ms : 0;
}

static void unlock(struct append *t)
{
	if (t->lock_fd >= 0)
		io_drop(t->lock_fd);
	t->lock_fd = -1;
}

/* Sets *ret_is_gone when pruning removed the lock file while this process waited for it (io_lock
 * returns busy at once), so that the lock protects nothing any more. */
static enum err lock_file(const struct append *t, int fd, bool *ret_is_gone)
{
	enum err e = MUTANT(NOLOCK) ? ERR_OK : io_lock(fd, lock_ms_left(t));
	*ret_is_gone = e == ERR_BUSY && lock_ms_left(t) > 0;
	return *ret_is_gone ? ERR_OK : e;
}

/* W3, and W1 and W4 once more: waiting may have taken us past midnight, or past the sealing of this
 * day. *ret_is_locked false: choose a day again. */
static enum err append_lock_day(struct append *t, int32_t day, bool *ret_is_locked)
{
	char name[STORE_NAME_MAX];
	int32_t today;
	bool is_gone;
	store_file_name(STORE_FILE_LOCK, day, 0, name);
	enum err e = io_open_file(t->dir_fd, name, O_RDWR | O_CREAT, &t->lock_fd);
	if (e)
		return e;
	e = lock_file(t, t->lock_fd, &is_gone);
	if (!e)
		e = day_now(t, &today);
	if (!e && MUTANT(NODAY))
		today = day;
	*ret_is_locked = !e && !is_gone && today == day;
	if (*ret_is_locked)
		t->day = day;
	else
		unlock(t);
	return e;
}

/* In the first seconds of a day a writer may still be appending to the day before. Having its lock
 * for a moment means that this is over, so that what it wrote is found as an earlier version. */
static enum err await_stragglers(const struct append *t, int32_t day)
{
	char name[STORE_NAME_MAX];
	int fd;
	bool is_gone;
	if (time_now(t) - day * NS_PER_DAY > STRAGGLER_S * NS_PER_S || MUTANT(NOSTRAGGLER))
		return ERR_OK;
	store_file_name(STORE_FILE_LOCK, day - 1, 0, name);
	enum err e = io_open_file(t->dir_fd, name, O_RDWR, &fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = lock_file(t, fd, &is_gone);
	io_drop(fd); /* unlocks */
	return e;
}

/* ---- The batch ---- */

static enum err open_view(struct append *t, int32_t day)
{
	if (t->has_view)
		return ERR_OK;
	enum err e = view_open_dir(t->store, t->workspace, t->dir_fd, t->arena, &t->view);
	if (e)
		return e;
	t->has_view = true;
	t->view.today = day;
	return ERR_OK;
}

static void close_view(struct append *t)
{
	if (t->has_view)
		view_close(&t->view);
	t->has_view = false;
}

static void end_index(struct append *t)
{
	if (t->index)
		index_append_end(t->index, t->workspace);
	t->index = NULL;
}

/* W0: what is written must be found again. */
static enum err check_line(const struct append *t, struct str line)
{
	if (line.len - 1 > t->store->line_bytes && !MUTANT(NOLIMIT))
		return ERR_TOO_LARGE;
	return str_index(line, '\n') == line.len - 1 ? ERR_OK : ERR_INVALID;
}

static enum err write_lines(struct append *t)
{
	buf_reset(&t->lines);
	buf_add_char(&t->lines, '\n');
	t->line_len = arena_calloc(t->arena, t->n_spans, sizeof *t->line_len);
	for (size_t i = 0; i < t->n_spans; i++) {
		size_t at = t->lines.len;
		mask_span(&t->mask, &t->spans[i], t->arena);
		line_write(&t->lines, &t->spans[i]);
		index_append_row(t->index, i, &t->spans[i]);
		enum err e = check_line(t, str_skip(buf_str(&t->lines), at));
		if (e)
			return e;
		t->line_len[i] = (uint32_t)(t->lines.len - at - 1);
	}
	return ERR_OK;
}

/* Does everything that allocates, before the lock where that is possible. */
static enum err prepare(struct append *t, int32_t day)
{
	enum err e = await_stragglers(t, day);
	if (!e)
		e = open_view(t, day);
	if (!e && !MUTANT(NOPREV))
		e = lookup_prev_days(&t->view, t->spans, t->n_spans, day);
	if (e)
		return e;
	end_index(t);
	t->index = arena_alloc(t->arena, sizeof *t->index);
	index_append_rows(t->index, &t->view, t->n_spans, day);
	e = write_lines(t);
	if (e)
		return e;
	const struct index_batch batch = { .lines = str_skip(buf_str(&t->lines), 1),
		.line_len = t->line_len };
	index_append_begin(t->index, &t->view, &batch);
	return ERR_OK;
}

/* ---- Under the lock ---- */

struct open_part {
	int fd, part;
	int64_t size;   /* before the batch */
	bool is_healed; /* a newline went first */
};

static enum err open_part(
	const struct append *t, enum store_file kind, int part, struct open_part *ret)
{
	char name[STORE_NAME_MAX];
	struct open_part g = { .part = part };
	store_file_name(kind, t->day, part, name);
	enum err e = io_open_file(t->dir_fd, name, O_RDWR | O_APPEND | O_CREAT, &g.fd);
	if (e)
		return e;
	e = io_size(g.fd, &g.size);
	if (e) {
		io_drop(g.fd);
		return e;
	}
	*ret = g;
	return ERR_OK;
}

/* W5: opened by name under the lock, never before. The newest segment of the day; a further one
 * when it is full or when a sync of it has failed. */
static enum err open_segment(const struct append *t, enum store_file kind, struct open_part *ret)
{
	struct day_state state;
	enum err e = days_state(t->store, t->dir_fd, t->day, &state);
	if (e)
		return e;
	int last = kind == STORE_FILE_NOTES ? state.last_notes : state.last_part;
	int part = last > 0 ? last : 0;
	if (state.last_suspect >= part && !MUTANT(NOSUSPECT))
		part = state.last_suspect + 1;
	for (;; part++) {
		e = open_part(t, kind, part, ret);
		if (e || ret->size < t->store->shard_bytes || MUTANT(NOROTATE))
			return e;
		io_drop(ret->fd);
	}
}

/* W6: by its size, not by who created it: the creator may have died in between. Where the file has
 * bytes, somebody has synced its path. */
static enum err sync_path(const struct append *t, const struct open_part *g)
{
	if (g->size > 0 || t->store->conf->sync == CONF_SYNC_NONE || MUTANT(NODIRSYNC))
		return ERR_OK;
	enum err e = io_fsync(t->dir_fd);
	return e ? e : io_fsync(t->store->root_fd);
}

/* W7: room to finish, and room to prune. */
static enum err append_check_space(const struct append *t, int fd, size_t n)
{
	struct statvfs st;
	int r;
	do
		r = io->fstatvfs(fd, &st);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return io_error(errno);
	uint64_t free_bytes, wanted = (uint64_t)t->store->conf->free_bytes + n;
	if (__builtin_mul_overflow((uint64_t)st.f_bavail, (uint64_t)st.f_frsize, &free_bytes))
		return ERR_OK; /* more than can be counted */
	return free_bytes < wanted && !MUTANT(NOFLOOR) ? ERR_FULL : ERR_OK;
}

/* W8: the rest of a write that was cut off must not begin our first line. */
static enum err needs_newline(const struct open_part *g, bool *ret_needed)
{
	char last = '\n';
	size_t n;
	enum err e = g->size > 0 ? io_pread(g->fd, &last, 1, g->size - 1, &n) : ERR_OK;
	if (!e)
		*ret_needed = last != '\n' && !MUTANT(NOHEAL);
	return e;
}

/* W9: all of it, in one write if the system lets us. What a failed one leaves stays: the next
 * writer closes it off. */
static enum err write_batch(const struct open_part *g, struct str batch)
{
	if (MUTANT(NOLOOP))
		return io->write(g->fd, batch.ptr, batch.len) < 0 ? io_error(errno) : ERR_OK;
	enum err e = io_write_all(g->fd, batch);
	return MUTANT(IGNOREERR) ? ERR_OK : e;
}

/* W10: somebody who does not know our lock has written, or cut the file. */
static enum err check_size(const struct open_part *g, size_t n)
{
	int64_t size;
	enum err e = io_size(g->fd, &size);
	if (e)
		return e;
	return size != g->size + (int64_t)n && !MUTANT(NOLEN) ? ERR_IO : ERR_OK;
}

static enum err append_batch(const struct append *t, struct str lines, struct open_part *g)
{
	enum err e = sync_path(t, g);
	if (!e)
		e = append_check_space(t, g->fd, lines.len);
	if (!e)
		e = needs_newline(g, &g->is_healed);
	if (e)
		return e;
	struct str batch = str_skip(lines, g->is_healed ? 0 : 1);
	e = write_batch(g, batch);
	return e ? e : check_size(g, batch.len);
}

/* ---- After the lock ---- */

/* After a failed sync the kernel takes the pages for written. What is appended to this file could
 * follow bytes that are not there after a power cut, so it gets no more of them. */
static void mark_suspect(const struct append *t, int part)
{
	char name[STORE_NAME_MAX];
	int fd;
	store_file_name(STORE_FILE_SUSPECT, t->day, part, name);
	/* It need not survive a power cut: after one, what can be read is what is there. */
	if (io_open_file(t->dir_fd, name, O_WRONLY | O_CREAT, &fd) == ERR_OK)
		io_drop(fd);
}

/* W12, W13: never a second try, it would succeed without having written anything. */
static enum err sync_segment(const struct append *t, const struct open_part *g)
{
	enum err e = ERR_OK, closed;
	if (t->store->conf->sync == CONF_SYNC_ALWAYS && !MUTANT(NOSYNC))
		e = io_fdatasync(g->fd);
	if (MUTANT(NOSYNCERR))
		e = ERR_OK;
	closed = io_close(g->fd);
	if (!e && !MUTANT(NOCLOSE))
		e = closed;
	if (e)
		mark_suspect(t, g->part);
	return e;
}

/* Behind the lines, so that no reader meets a record without its line. */
static void write_index(struct append *t, const struct open_part *g)
{
	struct index_written w = {
		.fd = g->fd, .part = g->part, .size_before = g->size, .is_healed = g->is_healed
	};
	index_append_lines(t->index, &w);
}

/* Does W5 to W10. On failure nothing is left open, and the first error is returned. */
static enum err append_write_file(
	const struct append *t, enum store_file kind, struct str lines, struct open_part *ret)
{
	struct open_part g;
	enum err e = open_segment(t, kind, &g);
	if (e)
		return e;
	e = append_batch(t, lines, &g);
	if (e)
		io_drop(g.fd);
	else
		*ret = g;
	return e;
}

/* Does W5 to W13 under the lock, and releases the lock. Notes go first: a target is deleted after
 * its notes, never before. */
static enum err commit_lines(struct append *t)
{
	struct open_part notes = { .fd = -1 }, g = { .fd = -1 };
	enum err e = ERR_OK, synced = ERR_OK;
	if (t->notes.len)
		e = append_write_file(t, STORE_FILE_NOTES, buf_str(&t->notes), &notes);
	if (!e && t->n_spans)
		e = append_write_file(t, STORE_FILE_SHARD, buf_str(&t->lines), &g);
	if (g.fd >= 0)
		write_index(t, &g);
	if (!MUTANT(SYNCLOCKED))
		unlock(t); /* W11: many processes sync at once, and the kernel merges it */
	if (notes.fd >= 0)
		synced = sync_segment(t, &notes);
	if (!e)
		e = synced;
	if (g.fd >= 0)
		synced = sync_segment(t, &g);
	if (!e)
		e = synced;
	unlock(t);
	return e;
}

/* ---- The two ways to use it ---- */

static enum err start(struct append *t, const struct store *s, struct str workspace, bool create,
	struct arena *a, int64_t now_ns)
{
	*t = (struct append){ .store = s,
		.arena = a,
		.workspace = workspace,
		.dir_fd = -1,
		.lock_fd = -1,
		.now_ns = now_ns,
		.began_ns = utime_monotonic() };
	buf_init(&t->lines, a);
	buf_init(&t->notes, a);
	if (!s->may_write)
		return ERR_CONF;
	enum err e = workspace_open(s, workspace, create, &t->dir_fd);
	if (e)
		return e;
	/* Nothing is written past a mask that cannot be read. */
	e = settings_mask(s, t->dir_fd, a, &t->mask);
	if (e) {
		io_drop(t->dir_fd);
		t->dir_fd = -1;
	}
	return e;
}

static void append_finish(struct append *t)
{
	mask_release(&t->mask);
	close_view(t);
	unlock(t);
	end_index(t);
	buf_release(&t->lines);
	buf_release(&t->notes);
	if (t->dir_fd >= 0)
		io_drop(t->dir_fd);
	t->dir_fd = -1;
}

/* Does the index maintenance that is due, except in programs that do it after the client has gone.
 * */
static void append_maintain(const struct store *s)
{
	if (!s->tidies_later)
		(void)index_maintain(s, INDEX_ALL_AT_ONCE);
}

/* A file of ours that is not there although we create it: the workspace was removed meanwhile. */
static enum err gone_is_io(enum err e)
{
	return e == ERR_NOT_FOUND ? ERR_IO : e;
}

/* Takes locks until the lock that is held is the lock of the current day. */
static enum err lock_today(struct append *t, bool is_prepared)
{
	bool is_locked = false;
	for (int i = 0; i < DAY_TRIES && !is_locked; i++) {
		int32_t day;
		enum err e = day_now(t, &day);
		close_view(t);
		if (!e)
			e = is_prepared ? prepare(t, day) : await_stragglers(t, day);
		if (!e)
			e = append_lock_day(t, day, &is_locked);
		if (e)
			return e;
	}
	return is_locked ? ERR_OK : ERR_BUSY;
}

enum err store_append(const struct store *s, struct str workspace, bool create, struct arena *a,
	struct span *spans, size_t n, int64_t now_ns)
{
	struct append t;
	if (n == 0)
		return ERR_OK;
	enum err e = start(&t, s, workspace, create, a, now_ns);
	if (e)
		return e;
	t.spans = spans;
	t.n_spans = n;
	e = lock_today(&t, true);
	if (!e)
		e = commit_lines(&t);
	append_finish(&t);
	append_maintain(s);
	return gone_is_io(e);
}

enum err append_begin(struct append *t, const struct store *s, struct str workspace, bool create,
	struct arena *a, int64_t now_ns)
{
	enum err e = start(t, s, workspace, create, a, now_ns);
	if (e)
		return e;
	e = gone_is_io(lock_today(t, false));
	if (e)
		append_finish(t);
	return e;
}

enum err append_find(struct append *t, struct str source, struct str trace_id, struct str span_id,
	struct span *ret, bool *ret_found)
{
	struct row_ref ref;
	enum err e = open_view(t, t->day);
	if (e)
		return e;
	return lookup_span_among(
		&t->view, t->spans, t->n_spans, source, trace_id, span_id, ret, &ref, ret_found);
}

void append_add(struct append *t, const struct span *s)
{
	if (t->n_spans == t->cap_spans) {
		size_t cap = t->cap_spans ? t->cap_spans * 2 : 4;
		struct span *spans = arena_calloc(t->arena, cap, sizeof *spans);
		if (t->n_spans)
			memcpy(spans, t->spans, t->n_spans * sizeof *spans);
		t->spans = spans;
		t->cap_spans = cap;
	}
	t->spans[t->n_spans++] = *s;
}

enum err append_commit(struct append *t)
{
	enum err e = t->n_spans ? prepare(t, t->day) : ERR_OK;
	if (!e && (t->n_spans || t->notes.len))
		e = commit_lines(t);
	append_finish(t);
	append_maintain(t->store);
	return gone_is_io(e);
}

enum err append_add_note(struct append *t, struct str line)
{
	enum err e = check_line(t, line);
	if (e)
		return e;
	if (!t->notes.len)
		buf_add_char(&t->notes, '\n');
	buf_add(&t->notes, line);
	return ERR_OK;
}

void append_abort(struct append *t)
{
	append_finish(t);
}
