/* Finding rows by place and by id: set.h and index.h. */
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

/* ---- Live rows by key ---- */

size_t index_log_find(
	struct index_set *set, size_t shard, uint64_t key, bool only_span, size_t *probe)
{
	const struct index *ix = &set->of[shard];
	struct rowlog *l = set->shards[shard].log;
	size_t first, row;
	if (ix->n_log == 0)
		return SIZE_MAX;
	first = index_log_skipped(set, shard);
	while ((row = rowlog_find_key(l, key, only_span, probe)) != SIZE_MAX)
		/* Another view may have seen more. */
		if (row >= first && row - first < ix->n_log)
			return row - first;
	return SIZE_MAX;
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
		if (bits_found(superseded, hit.row))
			continue;
		e = segment_row_ref(s, hit.row, &hit.ref);
		if (!e)
			e = f->each(f->user, &hit);
		if (e)
			return e;
	}
}

static enum err index_find_in_log(const struct finding *f)
{
	const struct index *ix = &f->set->of[f->shard];
	size_t probe = 0, i;
	while ((i = index_log_find(f->set, f->shard, f->key, f->only_span, &probe)) != SIZE_MAX) {
		const struct rowlog_row *r = &ix->log[i];
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
	return e ? e : index_find_in_log(&f);
}
