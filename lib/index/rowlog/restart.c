#include "index/rowlog/restart.h"

#include "base/io.h"
#include "index/versions.h"

#include <fcntl.h>

/* Records that are there already, and some made from lines. */
struct maker {
	struct view *view;
	size_t shard;
	struct index_set *set;
	struct buf file; /* the header, filled in at last, and the records */
	size_t n;
	int64_t to; /* lines up to here are in them */
};

static struct field_set restart_fields(void)
{
	struct field_set want = { { 0 } };
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (rowlog_keeps((enum field)f) || field_info[f].column == COLUMN_TAGS)
			field_set_add(&want, (enum field)f);
	return want;
}

static void restart_begin(struct maker *m)
{
	static const struct rowlog_header place = { .magic = 0 };
	buf_init(&m->file, m->view->arena);
	buf_add(&m->file, str_of((const char *)&place, sizeof place));
}

/* Appends a record. Rows of the segments that are there now are looked up, from known_to on. */
static enum err restart_put_row(struct maker *m, struct rowlog_row *r, int64_t known_to)
{
	const struct index *ix = &m->set->of[m->shard];
	const struct versions_ask ask = { .key = rowlog_row_key(m->set->seed, r),
		.identity = r->identity,
		.day = m->view->shards[m->shard].day,
		.own = m->shard,
		.from = known_to,
		.to = INT64_MAX };
	bool is_linked;
	enum err e = versions_exist_before(m->set, &ask, &is_linked);
	if (e)
		return e;
	rowlog_row_link(r, is_linked, index_flushed_to(ix));
	rowlog_row_seal(r);
	buf_add(&m->file, str_of((const char *)r, sizeof *r));
	m->n++;
	m->to = rowlog_row_end(r);
	return ERR_OK;
}

static enum err restart_add_line(
	struct maker *m, const struct span *s, struct str line, struct row_ref ref)
{
	struct rowlog_row r;
	struct rowlog_memo memo;
	rowlog_memo_init(&memo, m->set->seed);
	rowlog_row_make(s, m->set->seed, &memo, &r);
	r.at = ref.at;
	r.len = ref.len;
	/* The newline stands after the line. */
	r.line_checksum = rowlog_line_checksum(str_of(line.ptr, line.len + 1));
	return restart_put_row(m, &r, 0);
}

/* Takes over those of the writers' records that go on from m->to. Their lines need not be read. */
static enum err restart_copy_rows(struct maker *m, const struct rowlog *l)
{
	enum err e = ERR_OK;
	for (size_t i = rowlog_first(l->rows, l->n, m->to); !e && i < l->n; i++) {
		struct rowlog_row r = l->rows[i];
		if (r.at != m->to)
			break;
		e = restart_put_row(m, &r, r.flags & ROWLOG_LINKED ? 0 : r.known_to);
	}
	return e;
}

/* Goes on from m->to to the end of the shard, or to the first line that is damaged: what follows is
 * read from the lines until it is flushed. */
static enum err restart_add_lines(struct maker *m)
{
	struct field_set want = restart_fields();
	struct shard_reader reader;
	struct row_ref ref;
	struct span span;
	struct str line;
	bool more;
	enum err e = shard_reader_open(m->view, m->shard, m->to, -1, &reader);
	if (e)
		return e;
	while (!e && m->n < ROWLOG_ROWS_SEEN) {
		e = shard_reader_next(&reader, &line, &ref, &more);
		if (e || !more || ref.at != m->to ||
			line_read(line, &want, false, &span) != LINE_OK)
			break;
		e = restart_add_line(m, &span, line, ref);
	}
	shard_reader_close(&reader);
	return e;
}

/* The size as it is now. */
static enum err restart_look_again(struct view *v, size_t shard)
{
	struct shard *s = &v->shards[shard];
	if (s->fd >= 0) {
		io_drop(s->fd);
		v->n_open--;
	}
	s->fd = -1;
	s->size_bytes = -1;
	return shard_open(v, shard);
}

static enum err restart_lock_writers(const struct view *v, size_t shard, int *ret_fd)
{
	char name[STORE_NAME_MAX];
	int fd;
	store_file_name(STORE_FILE_LOCK, v->shards[shard].day, 0, name);
	enum err e = io_open_file(v->dir_fd, name, O_RDWR, &fd);
	if (e)
		return e;
	e = io_lock(fd, v->store->conf->lock_ms);
	if (e)
		io_drop(fd);
	else
		*ret_fd = fd;
	return e;
}

static enum err restart_replace(struct maker *m, int64_t from, int idx_fd)
{
	char name[STORE_NAME_MAX];
	struct rowlog_header h;
	const struct shard *s = &m->view->shards[m->shard];
	if (s->fd < 0)
		return ERR_IO; /* it is gone, or empty */
	enum err e =
		rowlog_make_header(s->day, s->part, s->fd, s->size_bytes, from, m->set->seed, &h);
	if (e)
		return e;
	memcpy(m->file.ptr, &h, sizeof h);
	rowlog_file_name(m->view->shards[m->shard].part, name);
	return io_replace_file(idx_fd, name, buf_str(&m->file), false);
}

/* From m->to to the end of the shard as it is now: by the records, and what they do not tell by the
 * lines. */
static enum err restart_go_on(struct maker *m, struct rowlog *log, int idx_fd)
{
	enum err e = restart_look_again(m->view, m->shard);
	if (!e && log && !log->is_retired)
		rowlog_update(log, m->view, m->shard, idx_fd, 0);
	/* From before a power cut: they may tell of lines that are gone. */
	if (!e && log && !log->is_retired && rowlog_is_of_this_boot(&log->header))
		e = restart_copy_rows(m, log);
	return e ? e : restart_add_lines(m);
}

static enum err restart_from(struct maker *m, int64_t from, int idx_fd)
{
	struct rowlog *log = m->set->shards[m->shard].log;
	int lock_fd;
	m->to = from;
	enum err e = restart_go_on(m, log, idx_fd); /* most of them, while writers go on */
	if (!e)
		e = restart_lock_writers(m->view, m->shard, &lock_fd);
	if (e)
		return e;
	e = restart_go_on(m, log, idx_fd);
	if (!e)
		e = restart_replace(m, from, idx_fd);
	io_drop(lock_fd); /* unlocks */
	return e;
}

/* Records of closed lines do no harm. While much comes they stay, so that those that came meanwhile
 * need not be copied each time. */
static bool restart_may_skip(
	const struct rowlog *l, const struct index *ix, int64_t size_bytes, bool postpones)
{
	enum { COPY_ROWS = 512 };
	return l && ix->covered == size_bytes &&
	       (l->header.from == index_flushed_to(ix) ||
		       (postpones && ix->n_log > COPY_ROWS &&
			       l->n_skipped + l->n < ROWLOG_ROWS_LONG));
}

enum err rowlog_restart(struct view *v, size_t shard, bool postpones, int idx_fd)
{
	struct maker m = { .view = v, .shard = shard, .set = index_begin(v) };
	enum err e = index_open_shard(m.set, shard);
	if (e)
		return e;
	const struct rowlog *log = m.set->shards[shard].log;
	if (restart_may_skip(log, &m.set->of[shard], v->shards[shard].size_bytes, postpones))
		return ERR_OK;
	restart_begin(&m);
	e = restart_from(&m, index_flushed_to(&m.set->of[shard]), idx_fd);
	buf_release(&m.file);
	return e;
}
