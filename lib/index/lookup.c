#include "index/lookup.h"

#include "base/hash.h"
#include "base/table.h"
#include "base/utime.h"
#include "index/flush.h"
#include "index/set.h"
#include "shard/mutants.h"

#include <stdlib.h>

/* A damaged segment is gone the next time, and there may be several. */
enum {
	TRIES = 8,
	PAST_BYTES = 64 << 10, /* of a day that is over, that are worth indexing */
	WANT_BYTES = 4 << 20
};

/* The shards of a view stand in ascending order: those of one day are [first, last]. */
struct day_shards {
	int32_t day;
	size_t first, last;
};

/* The newest day before `before`; false when there is none. */
static bool day_before(const struct view *v, int64_t before, struct day_shards *ret)
{
	for (size_t i = v->n_shards; i-- > 0;) {
		if (v->shards[i].day >= before)
			continue;
		*ret = (struct day_shards){ .day = v->shards[i].day, .first = i, .last = i };
		while (ret->first > 0 && v->shards[ret->first - 1].day == ret->day)
			ret->first--;
		return true;
	}
	return false;
}

/* What a row is asked for, to know whose it is and which version. */
static const struct field_set version_fields = {
	{ UINT64_C(1) << FIELD_SPAN_ID | UINT64_C(1) << FIELD_TRACE_ID |
		UINT64_C(1) << FIELD_SOURCE | UINT64_C(1) << FIELD_INGESTED_AT |
		UINT64_C(1) << FIELD_UPDATED_AT }
};

static bool read_version(struct view *v, struct str line, struct span *ret)
{
	enum line_state state = line_read(line, &version_fields, MUTANT(NOCRC), ret);
	view_count(v, state);
	return state == LINE_OK;
}

/* Calls each for all rows of a shard that may be the key's: confirmed by its callers. */
struct row_search {
	struct view *view;
	size_t shard;
	struct str span_id; /* of what is looked for in the index */
	enum err (*each)(struct row_search *search, const struct span *s, struct row_ref ref);
	void *user;
};

/* The index promised a row of that id: the line tells. */
static enum err confirm_row(void *user, const struct index_hit *hit)
{
	struct row_search *search = user;
	struct str line;
	struct span s;
	enum err e = view_read_line(search->view, hit->ref, &line);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!e && read_version(search->view, line, &s) &&
		str_eq(span_text(&s, FIELD_SPAN_ID), search->span_id))
		return search->each(search, &s, hit->ref);
	/* Two ids of one hash, a line that was damaged after it was indexed, or a damaged index. */
	return hit->segment ? segment_confirm(hit->segment) : ERR_OK;
}

/* *ret_covered: lines from there on are left to be scanned. */
static enum err search_index(
	struct row_search *search, struct str source, struct str trace_id, int64_t *ret_covered)
{
	enum err e = ERR_UNSAFE;
	for (int i = 0; e == ERR_UNSAFE && i < TRIES; i++) {
		struct index_set *set = i ? index_begin(search->view) : index_of_view(search->view);
		e = index_find(
			set, search->shard, source, trace_id, search->span_id, confirm_row, search);
		*ret_covered = set->of[search->shard].covered;
	}
	if (e == ERR_UNSAFE)
		*ret_covered = 0;
	return e == ERR_UNSAFE ? ERR_OK : e;
}

static enum err scan_rows(struct row_search *search, int64_t from)
{
	struct shard_reader r;
	struct str line;
	struct row_ref ref;
	struct span s;
	bool more;
	enum err e = shard_reader_open(search->view, search->shard, from, -1, &r);
	if (e)
		return e;
	for (;;) {
		e = shard_reader_next(&r, &line, &ref, &more);
		if (e || !more)
			break;
		if (!read_version(search->view, line, &s))
			continue;
		e = search->each(search, &s, ref);
		if (e)
			break;
	}
	shard_reader_close(&r);
	return e;
}

/* A reader that has to read much asks for an index. */
static void want_index(const struct view *v, size_t shard, int64_t covered)
{
	const struct shard *s = &v->shards[shard];
	if (v->index->is_on && s->size_bytes - covered > WANT_BYTES)
		index_want(v->store, v->workspace, s->day, INDEX_SOON);
}

/* ---- One span ---- */

/* The current version of one identity, as far as it is known. */
struct candidate {
	uint64_t identity; /* the hash of the table */
	int64_t version;
	struct row_ref ref;
	bool is_deleted;
};

struct id_key {
	struct str source, trace_id, span_id; /* source and trace_id: STR_NULL: any */
};

struct span_search {
	struct id_key key;
	struct table candidates;
	int32_t next_day; /* what the rows of the day being searched say of earlier ones */
};

static bool is_wanted(const struct id_key *key, const struct span *s)
{
	return str_eq(span_text(s, FIELD_SPAN_ID), key->span_id) &&
	       (str_is_null(key->trace_id) ||
		       str_eq(span_text(s, FIELD_TRACE_ID), key->trace_id)) &&
	       (str_is_null(key->source) || str_eq(span_text(s, FIELD_SOURCE), key->source));
}

static bool is_later(struct row_ref x, struct row_ref y)
{
	return x.shard != y.shard ? x.shard > y.shard : x.at > y.at;
}

static bool is_newer(const struct candidate *x, const struct candidate *y)
{
	return x->version != y->version ? x->version > y->version : is_later(x->ref, y->ref);
}

static void add_candidate(struct span_search *search, const struct span *s, struct row_ref ref)
{
	const struct candidate new = { .identity = span_identity_hash(s),
		.version = span_version(s),
		.ref = ref,
		.is_deleted = s->is_deleted };
	struct table_probe p = table_probe(&search->candidates, new.identity);
	struct candidate *c = table_next(&search->candidates, &p);
	if (!c)
		*(struct candidate *)table_add(&search->candidates, new.identity) = new;
	else if (is_newer(&new, c))
		*c = new;
	if (s->prev_day > search->next_day)
		search->next_day = s->prev_day;
}

static enum err note_version(struct row_search *rows, const struct span *s, struct row_ref ref)
{
	struct span_search *search = rows->user;
	if (is_wanted(&search->key, s))
		add_candidate(search, s, ref);
	return ERR_OK;
}

static enum err search_shard(struct view *v, size_t shard, struct span_search *search)
{
	struct row_search rows = { .view = v,
		.shard = shard,
		.span_id = search->key.span_id,
		.each = note_version,
		.user = search };
	int64_t covered;
	enum err e = search_index(&rows, search->key.source, search->key.trace_id, &covered);
	if (e || covered == v->shards[shard].size_bytes)
		return e;
	want_index(v, shard, covered);
	return scan_rows(&rows, covered);
}

/* Where the identity is whole, a row that was found names the day of the one before it. Else every
 * day may hold a further span with this id. */
static enum err search_days(struct view *v, struct span_search *search)
{
	bool is_whole = !str_is_null(search->key.source) && !str_is_null(search->key.trace_id);
	struct day_shards d;
	int64_t before = INT64_MAX;
	while (day_before(v, before, &d)) {
		search->next_day = SPAN_NO_DAY;
		for (size_t i = d.first; i <= d.last; i++) {
			enum err e = search_shard(v, i, search);
			if (e)
				return e;
		}
		before = d.day;
		if (is_whole && search->candidates.n) {
			if (search->next_day == SPAN_NO_DAY || search->next_day >= d.day)
				break;
			before = (int64_t)search->next_day + 1;
		}
	}
	return ERR_OK;
}

static const struct candidate *best_candidate(const struct span_search *search)
{
	const struct candidate *best = NULL;
	for (size_t i = 0; i < search->candidates.n; i++) {
		const struct candidate *c = table_row(&search->candidates, i);
		if (!best ||
			(c->is_deleted != best->is_deleted ? best->is_deleted : is_newer(c, best)))
			best = c;
	}
	return best;
}

enum err lookup_span_among(struct view *v, const struct span *more, size_t n_more,
	struct str source, struct str trace_id, struct str span_id, struct span *ret,
	struct row_ref *ret_ref, bool *ret_found)
{
	struct span_search search = {
		.key = { .source = source, .trace_id = trace_id, .span_id = span_id }
	};
	table_init(&search.candidates, v->arena, sizeof(struct candidate));
	enum err e = search_days(v, &search);
	if (e)
		return e;
	for (size_t i = 0; i < n_more; i++)
		if (is_wanted(&search.key, &more[i]))
			add_candidate(&search, &more[i],
				(struct row_ref){ .shard = LOOKUP_MORE, .at = (int64_t)i });
	const struct candidate *best = best_candidate(&search);
	if (!best) {
		*ret_found = false;
		return ERR_OK;
	}
	if (best->ref.shard == LOOKUP_MORE) {
		*ret = more[best->ref.at];
	} else {
		struct str line;
		e = view_read_line(v, best->ref, &line);
		if (e)
			return e == ERR_NOT_FOUND ? ERR_IO : e; /* it was there a moment ago */
		if (line_read(arena_copy(v->arena, line), NULL, true, ret) != LINE_OK)
			return ERR_IO;
	}
	*ret_ref = best->ref;
	*ret_found = true;
	return ERR_OK;
}

enum err lookup_span(struct view *v, struct str source, struct str trace_id, struct str span_id,
	struct span *ret, struct row_ref *ret_ref, bool *ret_found)
{
	return lookup_span_among(v, NULL, 0, source, trace_id, span_id, ret, ret_ref, ret_found);
}

/* ---- Earlier days of many spans ---- */

/* "0190a0b0-c0d0-7…" or the same without hyphens: 48 bits of milliseconds, then the version. */
static bool uuid7_time(struct str id, int64_t *ret_ns)
{
	char digits[13];
	size_t n = 0;
	if (id.len != 36 && id.len != 32)
		return false;
	for (size_t i = 0; i < id.len && n < sizeof digits; i++) {
		if (id.len == 36 && (i == 8 || i == 13)) {
			if (id.ptr[i] != '-')
				return false;
			continue;
		}
		digits[n++] = id.ptr[i];
	}
	uint64_t ms;
	if (digits[12] != '7' || !str_to_u64_hex(str_of(digits, 12), &ms))
		return false;
	return !__builtin_mul_overflow(ms, NS_PER_MS, ret_ns);
}

int32_t lookup_since(const struct span *s)
{
	int64_t made_ns;
	int32_t since = INT32_MIN;
	if (span_has(s, FIELD_STARTED_AT))
		since = utime_day(s->value[FIELD_STARTED_AT].i64) - 1;
	if (uuid7_time(span_text(s, FIELD_SPAN_ID), &made_ns) && utime_day(made_ns) - 1 > since)
		since = utime_day(made_ns) - 1;
	/* An update says when the first version arrived, whatever it says of the start by now. */
	if (span_has(s, FIELD_UPDATED_AT) && span_has(s, FIELD_INGESTED_AT) &&
		utime_day(s->value[FIELD_INGESTED_AT].i64) < since)
		since = utime_day(s->value[FIELD_INGESTED_AT].i64);
	return since;
}

/* A span whose earlier version has not been found yet. */
struct open_span {
	uint64_t identity;
	uint32_t index;
	int32_t since;
};

struct prev_search {
	struct span *spans;
	struct open_span *open; /* ascending by identity */
	size_t n;
	int32_t day; /* being searched */
	size_t at;   /* of open: the one looked up in the cache */
};

static int compare_open(const void *x, const void *y)
{
	const struct open_span *a = x, *b = y;
	return a->identity < b->identity ? -1 : a->identity > b->identity;
}

/* A row from the cache: is it the span's? */
static enum err note_prev(struct row_search *rows, const struct span *s, struct row_ref ref)
{
	struct prev_search *search = rows->user;
	struct span *want = &search->spans[search->open[search->at].index];
	(void)ref;
	if (span_same_identity(s, want))
		want->prev_day = search->day;
	return ERR_OK;
}

/* A row of a scan: is it one of the spans'? */
static enum err note_prev_of_any(struct row_search *rows, const struct span *s, struct row_ref ref)
{
	struct prev_search *search = rows->user;
	uint64_t identity = span_identity_hash(s);
	size_t low = 0, high = search->n;
	(void)ref;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (search->open[middle].identity < identity)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < search->n && search->open[low].identity == identity; low++) {
		struct span *want = &search->spans[search->open[low].index];
		if (search->open[low].since <= search->day && span_same_identity(s, want))
			want->prev_day = search->day;
	}
	return ERR_OK;
}

static struct str not_null(struct str s)
{
	return str_is_null(s) ? STR("") : s;
}

/* *ret_covered: the lines from there on are not known to any of the spans. */
static enum err prev_in_index(
	struct view *v, size_t shard, struct prev_search *search, int64_t *ret_covered)
{
	struct row_search rows = { .view = v, .shard = shard, .each = note_prev, .user = search };
	for (search->at = 0; search->at < search->n; search->at++) {
		const struct open_span *open = &search->open[search->at];
		const struct span *s = &search->spans[open->index];
		if (open->since > search->day || s->prev_day != SPAN_NO_DAY)
			continue;
		int64_t covered;
		rows.span_id = span_text(s, FIELD_SPAN_ID);
		enum err e = search_index(&rows, not_null(span_text(s, FIELD_SOURCE)),
			not_null(span_text(s, FIELD_TRACE_ID)), &covered);
		if (e)
			return e;
		if (covered < *ret_covered)
			*ret_covered = covered;
	}
	return ERR_OK;
}

/* A day that is over is indexed once, by the first who needs it: scanning it would take as long,
 * and all who come after would have to do it too. */
static enum err index_past_day(struct view *v, size_t shard)
{
	struct index_set *set = index_of_view(v);
	const struct shard *s = &v->shards[shard];
	enum err e = index_open_shard(set, shard);
	if (e || !set->is_on || s->day >= v->today ||
		s->size_bytes - set->of[shard].covered < PAST_BYTES)
		return e;
	struct index_flush how = { .all = true, .wait_ms = v->store->conf->lock_ms };
	e = index_flush_day(v->store, v->workspace, s->day, &how);
	(void)e; /* if it cannot be done, the lines are scanned */
	(void)index_begin(v);
	return ERR_OK;
}

static enum err prev_in_shard(struct view *v, size_t shard, struct prev_search *search)
{
	int64_t covered = INT64_MAX;
	enum err e = index_past_day(v, shard);
	if (!e)
		e = prev_in_index(v, shard, search, &covered);
	if (e || covered >= v->shards[shard].size_bytes)
		return e;
	struct row_search rows = {
		.view = v, .shard = shard, .each = note_prev_of_any, .user = search
	};
	return scan_rows(&rows, covered);
}

/* Leaves those whose day is found; *ret_since: the first day any other one can be on. */
static void drop_found(struct prev_search *search, int32_t *ret_since)
{
	size_t n = 0;
	int32_t since = INT32_MAX;
	for (size_t i = 0; i < search->n; i++) {
		if (search->spans[search->open[i].index].prev_day != SPAN_NO_DAY)
			continue;
		if (search->open[i].since < since)
			since = search->open[i].since;
		search->open[n++] = search->open[i];
	}
	search->n = n;
	*ret_since = since;
}

static enum err search_prev(struct view *v, struct prev_search *search, int32_t day)
{
	struct day_shards d;
	int32_t since;
	int64_t before = day;
	drop_found(search, &since);
	while (search->n && day_before(v, before, &d) && d.day >= since) {
		search->day = d.day;
		for (size_t i = d.first; i <= d.last && search->n; i++) {
			enum err e = prev_in_shard(v, i, search);
			/* An old day that cannot be read stops no writer: versions that stand there
			 * are as if not known. */
			if (e && e != ERR_IO && e != ERR_UNSAFE)
				return e;
			drop_found(search, &since);
		}
		before = d.day;
	}
	return ERR_OK;
}

enum err lookup_prev_days(struct view *v, struct span *spans, size_t n, int32_t day)
{
	struct day_shards yesterday;
	for (size_t i = 0; i < n; i++)
		spans[i].prev_day = SPAN_NO_DAY;
	if (!day_before(v, day, &yesterday))
		return ERR_OK;
	struct prev_search search = { .spans = spans, .n = n };
	search.open = arena_calloc(v->arena, n, sizeof *search.open);
	for (size_t i = 0; i < n; i++) {
		int32_t since = lookup_since(&spans[i]);
		search.open[i] = (struct open_span){ .identity = span_identity_hash(&spans[i]),
			.index = (uint32_t)i,
			/* A client whose clock is ahead may have sent it yesterday all the same. */
			.since = since < day - 1 ? since : day - 1 };
	}
	qsort(search.open, n, sizeof *search.open, compare_open);
	return search_prev(v, &search, day);
}
