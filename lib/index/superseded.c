/* Finding rows of index_set.h and index.h by place and by id. */
#include "index/set.h"

#include "base/hash.h"
#include "index/segment/bloom.h"
#include "index/segment/make.h"

/* ---- By place ---- */

size_t index_first_shard(const struct view *v, int32_t day)
{
	size_t low = 0, high = v->n_shards;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (v->shards[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t index_shard_of(const struct view *v, int32_t day, int part)
{
	for (size_t i = index_first_shard(v, day); i < v->n_shards && v->shards[i].day == day; i++)
		if (v->shards[i].part == part)
			return i;
	return v->n_shards;
}

struct index_segment *index_segment_at(struct index_set *set, size_t shard, int64_t at)
{
	struct index *ix = &set->of[shard];
	size_t low = 0, high = ix->n_segments;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ix->segments[middle].to <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ix->n_segments && at >= ix->segments[low].from ? &ix->segments[low] : NULL;
}

size_t index_live_at(const struct index *ix, int64_t at)
{
	size_t i = live_first(ix->live, ix->n_live, at);
	return i < ix->n_live && live_row_at(ix->live, i)->at == at ? i : SIZE_MAX;
}

/* ---- Live rows by key ---- */

/* The next live row with that key; SIZE_MAX: no more. *probe is 0 at first. */
static size_t next_live(
	struct index_set *set, size_t shard, uint64_t key, bool only_span, size_t *probe)
{
	const struct index *ix = &set->of[shard];
	struct live *l = set->shards[shard].live;
	size_t first = index_live_skipped(set, shard), row;
	while ((row = live_find_key(l, key, only_span, probe)) != SIZE_MAX)
		/* Another view may have seen more. */
		if (row >= first && row - first < ix->n_live)
			return row - first;
	return SIZE_MAX;
}

/* ---- Versions of one span ---- */

struct version_columns {
	const struct column *at, *identity, *ingested, *updated, *prev_day;
	const uint64_t *superseded;
};

static enum err load_versions(struct segment *s, struct version_columns *ret)
{
	enum err e = segment_load_column(s, INDEX_AT, &ret->at);
	if (!e)
		e = segment_load_column(s, INDEX_IDENTITY, &ret->identity);
	if (!e)
		e = segment_load_column(s, FIELD_INGESTED_AT, &ret->ingested);
	if (!e)
		e = segment_load_column(s, FIELD_UPDATED_AT, &ret->updated);
	if (!e)
		e = segment_load_column(s, INDEX_PREV_DAY, &ret->prev_day);
	return e ? e : segment_load_bitmap(s, INDEX_CHUNK_SUPERSEDED, &ret->superseded);
}

static int64_t version_of(const struct version_columns *c, uint32_t row)
{
	const struct column *v = column_has(c->updated, row) ? c->updated : c->ingested;
	return column_has(v, row) ? column_value(v, row) : 0;
}

enum err index_row_version(
	struct index_segment *s, uint32_t row, uint64_t *ret_identity, int64_t *ret_version)
{
	struct version_columns c;
	enum err e = load_versions(s->segment, &c);
	if (e)
		return e;
	*ret_identity = (uint64_t)column_value(c.identity, row);
	*ret_version = version_of(&c, row);
	return ERR_OK;
}

static enum err rivals_in_segment(const struct rival_search *search, struct index_segment *s)
{
	struct version_columns c;
	uint64_t probe = 0;
	uint32_t row;
	const struct shard *shard = &search->set->view->shards[s->shard];
	for (bool is_loaded = false;;) {
		enum err e = segment_find_key(s->segment, search->key, false, &probe, &row);
		if (e || row == UINT32_MAX)
			return e;
		if (!is_loaded)
			e = load_versions(s->segment, &c);
		if (e)
			return e;
		is_loaded = true;
		if ((uint64_t)column_value(c.identity, row) != search->identity ||
			(c.superseded && c.superseded[row / 64] >> row % 64 & 1))
			continue;
		struct rival r = { .shard = s->shard,
			.place = { shard->day, shard->part, column_value(c.at, row) },
			.version = version_of(&c, row),
			.prev_day = column_has(c.prev_day, row)
					    ? (int32_t)column_value(c.prev_day, row)
					    : SPAN_NO_DAY,
			.segment = s,
			.row = row };
		e = search->each(search->user, &r);
		if (e)
			return e;
	}
}

enum err rivals_in_segments(
	const struct rival_search *search, size_t shard, int64_t from, int64_t to)
{
	struct index *ix = &search->set->of[shard];
	enum err e = ERR_OK;
	/* The new ones are at the end. */
	for (size_t i = ix->n_segments; !e && i-- > 0 && ix->segments[i].to > from;) {
		struct index_segment *s = &ix->segments[i];
		struct segment_ask ask = segment_ask_of(search->key);
		if (s->from >= to)
			continue;
		e = segment_filter_ask(s->segment, &ask, 1);
		if (!e && ask.may_have)
			e = rivals_in_segment(search, s);
	}
	return e;
}

enum err rivals_in_live(const struct rival_search *search, size_t shard)
{
	const struct index *ix = &search->set->of[shard];
	const struct shard *s = &search->set->view->shards[shard];
	size_t probe = 0, i;
	if (ix->n_live == 0)
		return ERR_OK;
	while ((i = next_live(search->set, shard, search->key, false, &probe)) != SIZE_MAX) {
		const struct live_row *row = live_row_at(ix->live, i);
		if (row->identity != search->identity)
			continue;
		struct rival r = { .shard = shard,
			.place = { s->day, s->part, row->at },
			.version = live_row_version(ix->live.layout, row),
			.prev_day = row->prev_day,
			.row = (uint32_t)i };
		enum err e = search->each(search->user, &r);
		if (e)
			return e;
	}
	return ERR_OK;
}

struct day_search {
	struct rival_search search; /* with each and user in between */
	const struct rival_search *outer;
	int32_t next_day;
};

static enum err note_next_day(void *user, const struct rival *r)
{
	struct day_search *d = user;
	if (r->prev_day > d->next_day && r->prev_day < r->place.day)
		d->next_day = r->prev_day;
	return d->outer->each(d->outer->user, r);
}

/* The newest day before `before`; SPAN_NO_DAY: none. */
static int32_t day_before(const struct view *v, int32_t before)
{
	for (size_t i = v->n_shards; i-- > 0;)
		if (v->shards[i].day < before)
			return v->shards[i].day;
	return SPAN_NO_DAY;
}

static enum err rivals_in_day(struct day_search *d, int32_t day, bool *ret_has_lines)
{
	struct index_set *set = d->search.set;
	const struct view *v = set->view;
	*ret_has_lines = false;
	for (size_t i = index_first_shard(v, day); i < v->n_shards && v->shards[i].day == day;
		i++) {
		enum err e = index_open_shard(set, i);
		if (!e)
			e = rivals_in_segments(&d->search, i, 0, INT64_MAX);
		if (!e)
			e = rivals_in_live(&d->search, i);
		if (e)
			return e;
		*ret_has_lines = *ret_has_lines || set->of[i].covered < v->shards[i].size_bytes;
	}
	return ERR_OK;
}

/* A row names the day of the one before it. Where a day has lines that are not known, one of them
 * may be in between, and the day before is looked at as well. */
enum err rivals_in_days(
	const struct rival_search *search, int32_t prev_day, int32_t since, bool *ret_has_lines)
{
	struct day_search d = { .search = *search, .outer = search, .next_day = prev_day };
	bool has_lines = false, any = false;
	d.search.each = note_next_day;
	d.search.user = &d;
	for (int32_t day = prev_day; day != SPAN_NO_DAY;) {
		if (d.next_day >= day)
			d.next_day = SPAN_NO_DAY;
		enum err e = rivals_in_day(&d, day, &has_lines);
		if (e)
			return e;
		any = any || has_lines;
		int32_t before = has_lines ? day_before(search->set->view, day) : SPAN_NO_DAY;
		if (before < since)
			before = SPAN_NO_DAY;
		day = before > d.next_day ? before : d.next_day;
	}
	*ret_has_lines = any;
	return ERR_OK;
}

/* ---- For queries ---- */

struct finding {
	struct index_set *set;
	size_t shard;
	uint64_t key;
	bool only_span;
	enum err (*each)(void *user, const struct index_hit *hit);
	void *user;
};

static enum err find_in_segment(const struct finding *f, struct index_segment *s)
{
	const uint64_t *superseded = NULL;
	uint64_t probe = 0;
	for (;;) {
		struct index_hit hit = { .segment = s };
		enum err e = segment_find_key(s->segment, f->key, f->only_span, &probe, &hit.row);
		if (e || hit.row == UINT32_MAX)
			return e;
		if (!superseded)
			e = segment_load_bitmap(s->segment, INDEX_CHUNK_SUPERSEDED, &superseded);
		if (e)
			return e;
		if (superseded && superseded[hit.row / 64] >> hit.row % 64 & 1)
			continue;
		e = segment_row_ref(s, hit.row, &hit.ref);
		if (!e)
			e = f->each(f->user, &hit);
		if (e)
			return e;
	}
}

static enum err find_in_live(const struct finding *f)
{
	const struct index *ix = &f->set->of[f->shard];
	size_t probe = 0, i;
	if (ix->n_live == 0)
		return ERR_OK;
	while ((i = next_live(f->set, f->shard, f->key, f->only_span, &probe)) != SIZE_MAX) {
		const struct live_row *r = live_row_at(ix->live, i);
		struct index_hit hit = { .ref = { (uint32_t)f->shard, r->len, r->at },
			.row = (uint32_t)i };
		enum err e = f->each(f->user, &hit);
		if (e)
			return e;
	}
	return ERR_OK;
}

enum err index_find(struct index_set *set, size_t shard, struct str source, struct str trace_id,
	struct str span_id, enum err (*each)(void *user, const struct index_hit *hit), void *user)
{
	struct finding f = { .set = set,
		.shard = shard,
		.only_span = str_is_null(source) || str_is_null(trace_id),
		.each = each,
		.user = user };
	f.key = segment_key(index_hash(set, span_id),
		index_hash(set, f.only_span ? STR("") : trace_id),
		index_hash(set, f.only_span ? STR("") : source));
	enum err e = index_open_shard(set, shard);
	struct index *ix = &set->of[shard];
	for (size_t i = ix->n_segments; !e && i-- > 0;) {
		struct segment_ask ask = segment_ask_of(f.key);
		e = segment_filter_ask(ix->segments[i].segment, &ask, 1);
		if (!e && ask.may_have)
			e = find_in_segment(&f, &ix->segments[i]);
	}
	return e ? e : find_in_live(&f);
}
