/* The lines of a day, folded and put in order. */
#include "upkeep/rewrite.h"

#include "base/hash.h"

#include <stdlib.h>

/* Any numbers that are not other hashes' seeds. */
#define CHECK_SEED UINT64_C(0x2545f4914f6cdd1d)
#define TRACE_SEED UINT64_C(0x9e3779b97f4a7c15)
#define SESSION_SEED UINT64_C(0xd6e8feb86659fd93)

static const enum field wanted_fields[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SOURCE,
	FIELD_SESSION_ID, FIELD_STARTED_AT, FIELD_INGESTED_AT, FIELD_UPDATED_AT };

static uint64_t rewrite_hash_of(const struct span *s, enum field f, uint64_t seed)
{
	return hash64(span_text(s, f), seed);
}

static void fill_row(struct rewrite_row *row, const struct span *s)
{
	uint64_t trace =
		rewrite_hash_of(s, FIELD_TRACE_ID, rewrite_hash_of(s, FIELD_SOURCE, TRACE_SEED));
	row->identity = span_identity_hash(s);
	row->check = rewrite_hash_of(s, FIELD_SPAN_ID, trace ^ CHECK_SEED);
	row->trace = trace;
	if (span_has(s, FIELD_SESSION_ID) && span_text(s, FIELD_SESSION_ID).len)
		row->session = rewrite_hash_of(s, FIELD_SESSION_ID, SESSION_SEED);
	row->version = span_version(s);
	row->started = span_i64(s, FIELD_STARTED_AT, INT64_MIN);
	row->prev_day = s->prev_day;
	row->has_prev = s->prev_day != SPAN_NO_DAY;
	row->is_deleted = s->is_deleted;
}

static enum err rewrite_read_shard(
	struct view *v, size_t shard, struct rewrite_rows *all, struct buf *rows)
{
	struct field_set want = { { 0 } };
	struct shard_reader r;
	struct row_ref ref;
	struct span span;
	struct str line;
	bool more;
	for (size_t i = 0; i < sizeof wanted_fields / sizeof wanted_fields[0]; i++)
		field_set_add(&want, wanted_fields[i]);
	enum err e = shard_reader_open(v, shard, 0, -1, &r);
	if (e)
		return e;
	while (!(e = shard_reader_next(&r, &line, &ref, &more)) && more) {
		struct rewrite_row row = {
			.at = ref.at, .len = ref.len, .shard = ref.shard, .prev_day = SPAN_NO_DAY
		};
		enum line_state state = line_read(line, &want, false, &span);
		if (state == LINE_OK)
			fill_row(&row, &span);
		else
			row.is_bad = true;
		all->n_lines++;
		all->n_sound += !row.is_bad;
		all->n_bad += row.is_bad && state != LINE_TORN; /* that is what crashes leave */
		buf_add(rows, str_of((const char *)&row, sizeof row));
	}
	shard_reader_close(&r);
	return e;
}

/* ---- Order ---- */

static int by_arrival(const struct rewrite_row *a, const struct rewrite_row *b)
{
	if (a->shard != b->shard)
		return a->shard < b->shard ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* Versions of one span side by side, the current one last; damaged lines behind all. */
static int by_identity(const void *x, const void *y)
{
	const struct rewrite_row *a = x, *b = y;
	if (a->is_bad != b->is_bad)
		return a->is_bad ? 1 : -1;
	if (a->identity != b->identity)
		return a->identity < b->identity ? -1 : 1;
	if (a->check != b->check)
		return a->check < b->check ? -1 : 1;
	if (a->version != b->version)
		return a->version < b->version ? -1 : 1;
	return by_arrival(a, b);
}

static bool is_same_span(const struct rewrite_row *a, const struct rewrite_row *b)
{
	return !a->is_bad && !b->is_bad && a->identity == b->identity && a->check == b->check;
}

static void fold(struct rewrite_rows *all)
{
	size_t kept = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct rewrite_row row = all->rows[i];
		if (kept && is_same_span(&all->rows[kept - 1], &row)) {
			const struct rewrite_row *older = &all->rows[--kept];
			if (older->prev_day > row.prev_day) {
				row.prev_day = older->prev_day;
				row.has_prev = false;
			}
			all->n_folded++;
		}
		all->rows[kept++] = row;
	}
	all->n = kept;
}

static int rewrite_by_trace(const void *x, const void *y)
{
	const struct rewrite_row *a = x, *b = y;
	if (a->is_bad != b->is_bad)
		return a->is_bad ? 1 : -1;
	if (a->trace != b->trace)
		return a->trace < b->trace ? -1 : 1;
	return a->started < b->started ? -1 : a->started > b->started;
}

static int by_session(const void *x, const void *y)
{
	const struct rewrite_row *a = x, *b = y;
	if (a->is_bad != b->is_bad)
		return a->is_bad ? 1 : -1;
	if (a->session != b->session)
		return a->session < b->session ? -1 : 1;
	return a->trace_first < b->trace_first ? -1 : a->trace_first > b->trace_first;
}

/* Tombstones of traces without spans have no time: they come first. */
static int rewrite_by_offset(const void *x, const void *y)
{
	const struct rewrite_row *a = x, *b = y;
	if (a->is_bad != b->is_bad)
		return a->is_bad ? 1 : -1;
	if (!a->is_bad && a->session_first != b->session_first)
		return a->session_first < b->session_first ? -1 : 1;
	if (!a->is_bad && a->session != b->session)
		return a->session < b->session ? -1 : 1;
	if (!a->is_bad && a->trace_first != b->trace_first)
		return a->trace_first < b->trace_first ? -1 : 1;
	if (!a->is_bad && a->trace != b->trace)
		return a->trace < b->trace ? -1 : 1;
	if (!a->is_bad && a->started != b->started)
		return a->started < b->started ? -1 : 1;
	return by_arrival(a, b);
}

/* Sets, in rows ordered by trace, when the trace began and its session, which often only some of
 * its spans name. A trace without a session is a session of its own. */
static void set_traces(struct rewrite_row *rows, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		int64_t first = INT64_MIN;
		uint64_t session = 0;
		for (end = i; end < n && rows[end].trace == rows[i].trace; end++) {
			if (first == INT64_MIN)
				first = rows[end].started;
			if (!session)
				session = rows[end].session;
		}
		for (size_t k = i; k < end; k++) {
			rows[k].trace_first = first;
			rows[k].session = session ? session : rows[k].trace;
		}
	}
}

/* Sets, in rows ordered by session, when the session began. */
static void set_sessions(struct rewrite_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool is_same = i && rows[i].session == rows[i - 1].session;
		rows[i].session_first = is_same ? rows[i - 1].session_first : rows[i].trace_first;
	}
}

enum err rewrite_read(struct view *v, int32_t day, struct rewrite_rows *ret)
{
	struct rewrite_rows all = { .n = 0 };
	struct buf rows;
	enum err e = ERR_OK;
	buf_init(&rows, v->arena);
	for (size_t i = 0; !e && i < v->n_shards; i++)
		if (v->shards[i].day == day)
			e = rewrite_read_shard(v, i, &all, &rows);
	if (e) {
		buf_release(&rows);
		return e;
	}
	all.rows = (struct rewrite_row *)(void *)rows.ptr;
	all.n = rows.len / sizeof *all.rows;
	if (all.n > 1)
		qsort(all.rows, all.n, sizeof *all.rows, by_identity);
	fold(&all);
	if (all.n > 1) {
		qsort(all.rows, all.n, sizeof *all.rows, rewrite_by_trace);
		set_traces(all.rows, all.n);
		qsort(all.rows, all.n, sizeof *all.rows, by_session);
		set_sessions(all.rows, all.n);
		qsort(all.rows, all.n, sizeof *all.rows, rewrite_by_offset);
	}
	*ret = all;
	return ERR_OK;
}
