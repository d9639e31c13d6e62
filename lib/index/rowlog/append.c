#include "index/rowlog/append.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/utime.h"
#include "index/cache.h"
#include "index/flush.h"
#include "index/segment/bloom.h"
#include "index/segment/segment.h"
#include "index/set.h"
#include "index/versions.h"
#include "shard/mutants.h"

#include <fcntl.h>

enum { URGENT_MAX_BYTES = 128 << 20 };

/* The shard of the day that is written to; view.n_shards: none yet. */
static size_t last_shard(const struct view *v, int32_t day)
{
	size_t i = index_first_shard(v, (int32_t)(day + 1));
	return i > 0 && v->shards[i - 1].day == day ? i - 1 : v->n_shards;
}

/* ---- Files ---- */

/* How many records are of lines that are closed: records ascend. */
static uint64_t append_count_flushed(const struct index_append *x)
{
	uint64_t low = 0, high = 0;
	int64_t size, at;
	size_t got, row_bytes = sizeof(struct rowlog_row);
	if (x->header.from < x->flushed_to && io_size(x->log_fd, &size) == ERR_OK &&
		size > (int64_t)sizeof x->header)
		high = (uint64_t)(size - (int64_t)sizeof x->header) / row_bytes;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		int64_t place = (int64_t)(sizeof x->header + middle * row_bytes +
					  offsetof(struct rowlog_row, at));
		if (io_pread(x->log_fd, &at, sizeof at, place, &got) || got != sizeof at)
			return low;
		if (at < x->flushed_to)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What the last append left open, if it is still what has the name. The number of a directory that
 * is open cannot come again. */
static bool take_kept(struct index_append *x, const struct view *v, const char *name, int part)
{
	struct index_kept *kept = &index_cache_of(v->store)->kept;
	struct stat st;
	if (kept->idx_fd < 0 || kept->part != part || io_stat(v->dir_fd, name, &st) ||
		st.st_dev != kept->dev || st.st_ino != kept->ino)
		return false;
	x->idx_fd = kept->idx_fd;
	x->log_fd = kept->log_fd;
	x->header = kept->header;
	x->idx_dev = kept->dev;
	x->idx_ino = kept->ino;
	kept->idx_fd = kept->log_fd = -1;
	bool is_known = kept->flushed_to == x->flushed_to;
	x->n_flushed = is_known ? kept->n_flushed : append_count_flushed(x);
	x->flushed_ns = is_known ? kept->flushed_ns : utime_monotonic();
	return true;
}

static void keep_files(struct index_append *x)
{
	struct index_kept *kept = &index_cache_of(x->store)->kept;
	index_kept_drop(kept);
	*kept = (struct index_kept){ .idx_fd = x->idx_fd,
		.log_fd = x->log_fd,
		.dev = x->idx_dev,
		.ino = x->idx_ino,
		.part = x->last_part > 0 ? x->last_part : 0,
		.header = x->header,
		.flushed_to = x->flushed_to,
		.n_flushed = x->n_flushed,
		.flushed_ns = x->flushed_ns };
}

static enum err open_idx(struct index_append *x, const struct view *v, const char *name)
{
	struct stat st;
	enum err e = io_open_dir(v->dir_fd, name, &x->idx_fd);
	if (e == ERR_NOT_FOUND && io_make_dir(v->dir_fd, name) == ERR_OK)
		e = io_open_dir(v->dir_fd, name, &x->idx_fd);
	if (!e && io->fstat(x->idx_fd, &st) == 0) {
		x->idx_dev = st.st_dev;
		x->idx_ino = st.st_ino;
	}
	return e;
}

/* So that less is left to do under the lock. */
static void append_open_files(struct index_append *x, const struct view *v)
{
	char name[STORE_NAME_MAX];
	size_t got;
	int part = x->last_part > 0 ? x->last_part : 0;
	store_file_name(STORE_FILE_INDEX, x->day, 0, name);
	if (take_kept(x, v, name, part))
		return;
	enum err e = open_idx(x, v, name);
	rowlog_file_name(part, name);
	if (e || io_open_file(x->idx_fd, name, O_RDWR | O_APPEND, &x->log_fd))
		return;
	if (io_pread(x->log_fd, &x->header, sizeof x->header, 0, &got) || got != sizeof x->header)
		memset(&x->header, 0, sizeof x->header);
	x->n_flushed = append_count_flushed(x);
}

/* ---- Records of new spans ---- */

/* Finds out which new spans the segments of the day may have: most spans are in none. All are asked
 * for segment by segment, so that each filter stays in the processor's cache. */
static enum err append_ask_day(
	struct index_append *x, struct index_set *set, size_t own, struct segment_ask *asks)
{
	const struct view *v = set->view;
	enum err e = ERR_OK;
	for (size_t i = 0; i < x->n; i++)
		asks[i] = segment_ask_of(rowlog_row_key(set->seed, &x->rows[i]));
	for (size_t i = index_first_shard(v, x->day);
		!e && i < v->n_shards && v->shards[i].day == x->day; i++) {
		const struct index *ix = &set->of[i];
		e = i == own ? index_open_segments(set, i) : index_open_shard(set, i);
		for (size_t k = 0; !e && k < ix->n_segments; k++)
			e = segment_filter_ask(ix->segments[k].segment, asks, x->n);
	}
	return e;
}

/* Links the records whose identity the day has already. */
static enum err link_rows(const struct index_append *x, struct index_set *set, size_t own,
	const struct segment_ask *asks)
{
	const struct view *v = set->view;
	bool has_one_part = index_first_shard(v, x->day) == own || own == v->n_shards;
	int64_t flushed_to = own < v->n_shards ? index_flushed_to(&set->of[own]) : 0;
	for (size_t i = 0; i < x->n; i++) {
		struct rowlog_row *r = &x->rows[i];
		const struct versions_ask ask = { .key = rowlog_row_key(set->seed, r),
			.identity = r->identity,
			.day = x->day,
			.own = own,
			.to = INT64_MAX };
		bool is_linked = false;
		enum err e = ERR_OK;
		if (asks[i].may_have || !has_one_part)
			e = versions_exist_before(set, &ask, &is_linked);
		if (e)
			return e;
		rowlog_row_link(r, is_linked, flushed_to);
	}
	return ERR_OK;
}

static enum err ask_all(struct index_append *x, struct index_set *set, size_t own)
{
	struct arena *a = set->view->arena;
	struct segment_ask *asks = arena_block(a, NULL, x->n * sizeof *asks);
	enum err e = append_ask_day(x, set, own, asks);
	if (!e)
		e = link_rows(x, set, own, asks);
	arena_block(a, asks, 0);
	return e;
}

static enum err look_back(struct index_append *x, struct view *v)
{
	struct index_set *set = index_of_view(v);
	size_t own = last_shard(v, x->day);
	enum err e = own < v->n_shards ? index_open_segments(set, own) : ERR_OK;
	if (!e && set->seed != x->seed)
		e = ERR_CONF; /* somebody has deleted the index meanwhile */
	if (!e)
		e = ask_all(x, set, own);
	if (!e && own < v->n_shards) {
		x->last_part = v->shards[own].part;
		x->flushed_to = index_flushed_to(&set->of[own]);
	}
	return e;
}

void index_append_rows(struct index_append *x, struct view *v, size_t n, int32_t day)
{
	const struct index_set *set = index_of_view(v);
	size_t first = index_first_shard(v, day);
	*x = (struct index_append){ .store = v->store,
		.n = n,
		.day = day,
		.day_before = first > 0 ? v->shards[first - 1].day : SPAN_NO_DAY,
		.seed = set->seed,
		.idx_fd = -1,
		.log_fd = -1,
		.flushed_ns = INT64_MIN / 2,
		.last_part = -1 };
	if (!set->is_on)
		return;
	rowlog_memo_init(&x->memo, x->seed);
	x->rows = arena_block(v->arena, NULL, n * sizeof *x->rows);
}

void index_append_row(struct index_append *x, size_t i, const struct span *s)
{
	if (x->rows)
		rowlog_row_make(s, x->seed, &x->memo, &x->rows[i]);
}

void index_append_begin(struct index_append *x, struct view *v, const struct index_batch *batch)
{
	struct index_set *set = index_of_view(v);
	x->lines = batch->lines;
	x->line_len = batch->line_len;
	if (!x->rows)
		return;
	set->trusts_growth = true;
	enum err e = look_back(x, v);
	if (e == ERR_UNSAFE) { /* what is damaged is gone the second time */
		set = index_begin(v);
		set->trusts_growth = true;
		e = look_back(x, v);
	}
	if (!e) {
		append_open_files(x, v);
		return;
	}
	x->rows = NULL;
	x->wants_flush = true;
}

/* ---- Under the lock: nothing is allocated ---- */

static void place_rows(struct index_append *x, const struct index_written *w)
{
	struct str rest = x->lines;
	int64_t at = w->size_before;
	for (size_t i = 0; i < x->n; i++) {
		struct rowlog_row *r = &x->rows[i];
		size_t len = x->line_len[i];
		r->at = at;
		r->len = (uint32_t)len;
		r->line_checksum = rowlog_line_checksum(str_first(rest, len + 1));
		rowlog_row_seal(r);
		at = rowlog_row_end(r);
		rest = str_skip(rest, len + 1);
	}
}

/* Opens the row log again if it was replaced since. */
static bool reopen(struct index_append *x, int part, int64_t *ret_size)
{
	char name[STORE_NAME_MAX];
	struct stat st;
	size_t got;
	if (x->log_fd >= 0 && io->fstat(x->log_fd, &st) == 0 && st.st_nlink > 0) {
		*ret_size = st.st_size;
		return true;
	}
	if (x->log_fd >= 0)
		io_drop(x->log_fd);
	x->log_fd = -1;
	x->n_flushed = 0; /* or a few */
	rowlog_file_name(part, name);
	return io_open_file(x->idx_fd, name, O_RDWR | O_APPEND, &x->log_fd) == ERR_OK &&
	       io_pread(x->log_fd, &x->header, sizeof x->header, 0, &got) == ERR_OK &&
	       got == sizeof x->header && io_size(x->log_fd, ret_size) == ERR_OK;
}

/* The last record of the file is that of the line before ours. */
static bool is_continued(const struct index_append *x, const struct index_written *w, int64_t size)
{
	const struct rowlog_header *h = &x->header;
	struct rowlog_row last;
	size_t got;
	if (!rowlog_header_is_sound(h) || h->day != x->day || h->part != w->part ||
		h->seed != x->seed || size < (int64_t)sizeof *h ||
		(size - (int64_t)sizeof *h) % (int64_t)sizeof last)
		return false;
	if (MUTANT(NOCHAIN))
		return true;
	if (size == (int64_t)sizeof *h)
		return h->from == w->size_before;
	return io_pread(x->log_fd, &last, sizeof last, size - (int64_t)sizeof last, &got) ==
		       ERR_OK &&
	       got == sizeof last && rowlog_row_is_sound(&last) &&
	       rowlog_row_end(&last) == w->size_before;
}

static bool append_write_rows(const struct index_append *x)
{
	return io_write_all(x->log_fd, str_of((const char *)x->rows, x->n * sizeof *x->rows)) ==
	       ERR_OK;
}

/* A new file, where everything before is closed. */
static bool begin_file(struct index_append *x, const struct index_written *w)
{
	char name[STORE_NAME_MAX];
	if (w->size_before != x->flushed_to ||
		rowlog_make_header(x->day, w->part, w->fd, w->size_before + (int64_t)x->lines.len,
			w->size_before, x->seed, &x->header))
		return false;
	if (x->log_fd >= 0)
		io_drop(x->log_fd);
	x->log_fd = -1;
	x->n_flushed = 0;
	rowlog_file_name(w->part, name);
	(void)io->unlinkat(x->idx_fd, name, 0); /* what was no good; else opening says so */
	return io_open_file(x->idx_fd, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL, &x->log_fd) ==
		       ERR_OK &&
	       io_write_all(x->log_fd, str_of((const char *)&x->header, sizeof x->header)) ==
		       ERR_OK &&
	       append_write_rows(x);
}

/* Much at once costs less a span to close than little, and all processes look at what is new once
 * instead of often; while little comes the lines that are not closed stay few. */
static void append_want_flush(struct index_append *x, uint64_t n_open, int64_t bytes)
{
	const struct store *s = x->store;
	bool is_long = n_open >= s->index_rows || bytes >= s->index_bytes;
	bool is_due = n_open / INDEX_PATIENCE >= s->index_rows ||
		      bytes / INDEX_PATIENCE >= s->index_bytes ||
		      utime_monotonic() - x->flushed_ns >= s->index_pause_ns;
	x->wants_flush = is_long && is_due;
	x->wants_flush_later = is_long && !is_due;
}

static bool append_rows(struct index_append *x, const struct index_written *w)
{
	int64_t size;
	if (!reopen(x, w->part, &size) || !is_continued(x, w, size))
		return begin_file(x, w);
	uint64_t n = x->n + (uint64_t)(size - (int64_t)sizeof x->header) / sizeof *x->rows;
	int64_t open_from = x->header.from > x->flushed_to ? x->header.from : x->flushed_to;
	int64_t bytes = w->size_before + (int64_t)x->lines.len - open_from;
	uint64_t n_open = n - x->n_flushed;
	append_want_flush(x, n_open, bytes);
	x->is_urgent = n_open >= ROWLOG_ROWS_URGENT || n >= ROWLOG_ROWS_FULL;
	return n <= ROWLOG_ROWS_MAX && append_write_rows(x);
}

/* No further record can be written until somebody has closed these lines: he is waited for, so that
 * under load they do not become ever more. A part that has no index yet is left to its own pace. */
static void append_want_records(struct index_append *x, const struct index_written *w)
{
	int64_t flushed_to = w->part == x->last_part ? x->flushed_to : 0;
	x->wants_flush = x->store->conf->index;
	x->is_urgent = w->size_before - flushed_to < URGENT_MAX_BYTES;
}

void index_append_lines(struct index_append *x, const struct index_written *w)
{
	x->is_first = w->part == 0 && w->size_before == 0;
	if (!x->rows) {
		append_want_records(x, w);
		return;
	}
	/* Records know of what came before in the part that was looked at. */
	bool is_known = x->last_part == w->part || (x->last_part < 0 && w->part == 0);
	bool ok = is_known && !w->is_healed && x->idx_fd >= 0;
	if (ok) {
		place_rows(x, w);
		ok = append_rows(x, w);
	}
	if (!ok)
		append_want_records(x, w);
}

void index_append_end(struct index_append *x, struct str workspace)
{
	if (x->log_fd >= 0)
		keep_files(x);
	else if (x->idx_fd >= 0)
		io_drop(x->idx_fd);
	x->log_fd = x->idx_fd = -1;
	if (x->wants_flush)
		index_want(x->store, workspace, x->day, x->is_urgent ? INDEX_URGENT : INDEX_SOON);
	else if (x->wants_flush_later)
		index_want(x->store, workspace, x->day, INDEX_IDLE);
	/* The day before is over: what it has not closed yet is closed now. */
	if (x->is_first && x->day_before != SPAN_NO_DAY)
		index_want(x->store, workspace, x->day_before, INDEX_SOON);
}
