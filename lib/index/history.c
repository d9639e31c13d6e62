#include "index/history.h"

#include "index/versions.h"

static enum err history_has_earlier(void *user, const struct segment_row *row, bool *ret)
{
	const struct history *h = user;
	const struct versions_ask ask = { .key = row->key,
		.identity = row->identity,
		.day = h->set->view->shards[h->shard].day,
		.own = h->shard,
		.from = row->unique_until >= 0 ? row->unique_until : 0,
		.to = h->from,
		.own_only = row->unique_until >= 0 };
	return versions_exist_before(h->set, &ask, ret);
}

static enum err history_has_trace(void *user, struct str trace_id, uint64_t hash, bool *ret)
{
	struct history *h = user;
	*ret = false;
	for (size_t i = h->shard + 1; i-- > 0;) {
		struct index *ix = &h->set->of[i];
		for (size_t k = ix->n_segments; k-- > 0;) {
			uint64_t probe = 0;
			uint32_t row;
			if (i == h->shard && ix->segments[k].from >= h->from)
				continue;
			enum err e =
				segment_find_trace(&ix->segments[k], trace_id, hash, &probe, &row);
			if (e)
				return e;
			if (row != UINT32_MAX) {
				*ret = true;
				return ERR_OK;
			}
		}
	}
	return ERR_OK;
}

/* All shards before this one are covered by segments to their ends, and this one up to `from`. */
static enum err history_look_back(struct history *h)
{
	struct index_set *set = h->set;
	h->to_build.is_whole = true;
	for (size_t i = 0; i <= h->shard; i++) {
		enum err e = index_open_segments(set, i);
		const struct index *ix = &set->of[i];
		int64_t flushed_to = index_flushed_to(ix);
		if (!e && i < h->shard)
			e = index_take_size(set, i);
		if (e)
			return e;
		if (flushed_to < (i < h->shard ? set->view->shards[i].size_bytes : h->from))
			h->to_build.is_whole = false;
	}
	return ERR_OK;
}

enum err history_init(struct history *h, struct index_set *set, size_t shard, int64_t from)
{
	*h = (struct history){ .to_build = { .user = h,
				       .has_earlier = history_has_earlier,
				       .has_trace = history_has_trace },
		.set = set,
		.shard = shard,
		.from = from };
	return history_look_back(h);
}
