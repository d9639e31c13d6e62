#include "index/rowlog/catch_up.h"

#include "base/io.h"
#include "index/history.h"
#include "index/lookup.h"

#include <fcntl.h>

/* Records that are there already, and some made from lines. */
struct maker {
	struct view *view;
	size_t shard;
	struct index_set *set;
	struct live_layout layout;
	struct buf file; /* the header, filled in at last, and the records */
	size_t n;
	int64_t to;    /* lines up to here are in them */
	bool is_wrong; /* something they depend on is not indexed */
};

static struct field_set wanted_fields(void)
{
	struct field_set want = { { 0 } };
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (live_keeps((enum field)f) || field_info[f].column == COLUMN_TAGS)
			field_set_add(&want, (enum field)f);
	return want;
}

static void begin_buf(struct maker *m)
{
	static const struct live_header place = { .magic = 0 };
	buf_init(&m->file, m->view->arena);
	buf_add(&m->file, str_of((const char *)&place, sizeof place));
}

static struct live_row *new_row(struct maker *m)
{
	struct live_row *r = (void *)buf_reserve(&m->file, m->layout.row_bytes);
	m->file.len += m->layout.row_bytes;
	m->n++;
	return r;
}

/* Room for more in all records. */
static void widen(struct maker *m, uint64_t fields, uint32_t extras)
{
	struct buf narrow = m->file;
	struct live_layout old = m->layout;
	struct live_rows rows = { narrow.ptr + sizeof(struct live_header), &old };
	size_t n = m->n;
	if (live_layout_holds(&old, fields, extras))
		return;
	live_layout_init(&m->layout, old.fields | fields, old.extras | extras);
	begin_buf(m);
	m->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct live_row *r = new_row(m);
		live_refit_row(&old, live_row_at(rows, i), &m->layout, r);
		live_seal_row(&m->layout, r);
	}
	buf_release(&narrow);
}

static enum err find_other(struct maker *m, const struct live_layout *y, const struct live_row *r,
	int32_t since, int64_t known_to, struct live_other *ret)
{
	const struct history_ask ask = { .own = m->shard,
		.day = m->view->shards[m->shard].day,
		.since = since,
		.known_to = known_to,
		.layout = y,
		.row = r };
	bool has_lines;
	enum err e = history_find_other(m->set, &ask, ret, &has_lines);
	if (!e)
		m->is_wrong = m->is_wrong || has_lines;
	return e;
}

/* As it is in `y`, with what was found of others. */
static void put_row(struct maker *m, const struct live_layout *y, const struct live_row *r,
	const struct live_other *other)
{
	widen(m, y->fields & r->present,
		(r->flags & LIVE_GAP) | (other->is_there ? LIVE_OTHER : 0));
	struct live_row *to = new_row(m);
	live_refit_row(y, r, &m->layout, to);
	live_put_other(&m->layout, to, other);
	live_seal_row(&m->layout, to);
	m->to = live_row_end(to);
}

static enum err add_row(struct maker *m, const struct span *s, struct str line, struct row_ref ref,
	struct live_bad *bad)
{
	union live_room room;
	struct live_row *r = &room.row;
	struct live_layout y;
	struct live_memo memo;
	struct live_other other;
	live_layout_init(&y, live_kept_fields(s->present.word[0]), LIVE_GAP);
	live_memo_init(&memo, m->set->seed);
	live_make_row(s, m->set->seed, &y, &memo, r);
	enum err e = find_other(m, &y, r, lookup_since(s), 0, &other);
	if (e)
		return e;
	r->at = ref.at;
	r->len = ref.len;
	r->seal = live_seal_of(str_of(line.ptr, line.len + 1)); /* the newline is behind it */
	if (r->at != m->to)
		live_put_gap(&y, r, m->to, bad);
	*bad = (struct live_bad){ .n_torn = 0 };
	put_row(m, &y, r, &other);
	return ERR_OK;
}

/* Of the writers' records those that go on from m->to. What they know of closed rows is looked up
 * anew; the lines need not be read. */
static enum err copy_rows(struct maker *m, const struct live *l)
{
	const struct live_layout *y = &l->layout;
	for (size_t i = live_first(l->rows, l->n, m->to); i < l->n; i++) {
		const struct live_row *r = live_row_at(l->rows, i);
		struct live_other other;
		if (live_row_from(y, r) != m->to)
			break;
		/* Which of several it is tells who looks at all of them. */
		enum err e = find_other(
			m, y, r, INT32_MIN, r->flags & LIVE_OTHER ? 0 : r->known_to, &other);
		if (e)
			return e;
		put_row(m, y, r, &other);
	}
	return ERR_OK;
}

/* Goes on from m->to to the end of the shard. */
static enum err add_rows(struct maker *m)
{
	struct field_set want = wanted_fields();
	struct live_bad bad = { .n_torn = 0 };
	struct shard_reader reader;
	struct row_ref ref;
	struct span span;
	struct str line;
	bool more;
	enum err e = shard_reader_open(m->view, m->shard, m->to, -1, &reader);
	if (e)
		return e;
	while (m->n < LIVE_ROWS_SEEN) {
		e = shard_reader_next(&reader, &line, &ref, &more);
		if (e || !more)
			break;
		enum line_state state = line_read(line, &want, false, &span);
		bad.n_torn += state == LINE_TORN;
		bad.n_rot += state == LINE_ROT;
		bad.n_zero += state == LINE_ZERO;
		if (state == LINE_OK)
			e = add_row(m, &span, line, ref, &bad);
		if (e)
			break;
	}
	shard_reader_close(&reader);
	return e;
}

/* The size as it is now. */
static enum err look_again(struct view *v, size_t shard)
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

static enum err lock_writers(const struct view *v, size_t shard, int *ret_fd)
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

static enum err replace(struct maker *m, int64_t from, int idx_fd)
{
	char name[STORE_NAME_MAX];
	struct live_header h;
	const struct shard *s = &m->view->shards[m->shard];
	if (s->fd < 0)
		return ERR_IO; /* it is gone, or empty */
	enum err e = live_make_header(
		s->day, s->part, s->fd, s->size_bytes, from, &m->layout, m->set->seed, &h);
	if (e)
		return e;
	memcpy(m->file.ptr, &h, sizeof h);
	live_file_name(m->view->shards[m->shard].part, name);
	return io_replace_file(idx_fd, name, buf_str(&m->file), false);
}

/* From m->to to the end of the shard as it is now: by the records, and what they do not tell by the
 * lines. */
static enum err go_on(struct maker *m, struct live *live, int idx_fd)
{
	enum err e = look_again(m->view, m->shard);
	if (!e && live && !live->is_retired)
		live_update(live, m->view, m->shard, idx_fd, 0);
	/* From before a power cut: they may tell of lines that are gone. */
	if (!e && live && !live->is_retired && live_is_of_this_boot(&live->header))
		e = copy_rows(m, live);
	return e ? e : add_rows(m);
}

static enum err restart(struct maker *m, int64_t from, int idx_fd)
{
	struct live *live = m->set->shards[m->shard].live;
	int lock_fd;
	m->to = from;
	enum err e = go_on(m, live, idx_fd); /* most of them, while writers go on */
	if (!e)
		e = lock_writers(m->view, m->shard, &lock_fd);
	if (e)
		return e;
	e = go_on(m, live, idx_fd);
	if (!e && !m->is_wrong)
		e = replace(m, from, idx_fd);
	io_drop(lock_fd); /* unlocks */
	return e;
}

/* Records of closed lines do no harm. While much comes they stay, so that those that came meanwhile
 * need not be copied each time. */
static bool may_stay(
	const struct live *l, const struct index *ix, int64_t size_bytes, bool postpones)
{
	enum { COPY_ROWS = 512 };
	return l && ix->covered == size_bytes &&
	       (l->header.from == index_closed_to(ix) ||
		       (postpones && ix->n_live > COPY_ROWS &&
			       l->n_skipped + l->n < LIVE_ROWS_LONG));
}

enum err index_restart_live(struct view *v, size_t shard, bool postpones, int idx_fd)
{
	struct maker m = { .view = v, .shard = shard, .set = index_begin(v) };
	enum err e = index_open_shard(m.set, shard);
	if (e)
		return e;
	const struct live *live = m.set->shards[shard].live;
	if (may_stay(live, &m.set->of[shard], v->shards[shard].size_bytes, postpones))
		return ERR_OK;
	/* What its records had until now others will have. */
	live_layout_init(&m.layout, live ? live->header.fields : 0, live ? live->header.extras : 0);
	begin_buf(&m);
	e = restart(&m, index_closed_to(&m.set->of[shard]), idx_fd);
	buf_release(&m.file);
	return e;
}
