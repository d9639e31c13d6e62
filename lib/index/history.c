#include "index/history.h"

/* ---- The other version of a live record ---- */

struct best {
	bool is_found;
	struct index_place place;
	int64_t version;
};

static enum err note_best(void *user, const struct rival *r)
{
	struct best *b = user;
	if (!b->is_found || row_wins(r->version, &r->place, b->version, &b->place))
		*b = (struct best){ true, r->place, r->version };
	return ERR_OK;
}

static enum err rivals_of_day(const struct rival_search *search, const struct history_ask *ask,
	int64_t *ret_closed_to, bool *ret_has_lines)
{
	struct index_set *set = search->set;
	const struct view *v = set->view;
	for (size_t i = index_first_shard(v, ask->day);
		i < v->n_shards && v->shards[i].day == ask->day; i++) {
		const struct index *ix = &set->of[i];
		bool is_own = i == ask->own;
		enum err e = is_own ? index_open_segments(set, i) : index_open_shard(set, i);
		if (!e && !ask->is_new)
			e = rivals_in_segments(search, i, is_own ? ask->known_to : 0, INT64_MAX);
		if (!e && !is_own)
			e = rivals_in_live(search, i);
		if (e)
			return e;
		if (is_own)
			*ret_closed_to = index_closed_to(ix);
		else
			*ret_has_lines = *ret_has_lines || ix->covered < v->shards[i].size_bytes;
	}
	return ERR_OK;
}

enum err history_find_other(struct index_set *set, const struct history_ask *ask,
	struct live_other *ret, bool *ret_has_lines)
{
	struct best best = { .is_found = false };
	struct rival_search search = { .set = set,
		.key = live_row_key(set->seed, ask->layout, ask->row),
		.identity = ask->row->identity,
		.each = note_best,
		.user = &best };
	bool has_lines = false, days_have_lines;
	int64_t closed_to = 0;
	enum err e = rivals_of_day(&search, ask, &closed_to, &has_lines);
	if (!e)
		e = rivals_in_days(&search, ask->row->prev_day, ask->since, &days_have_lines);
	if (e)
		return e;
	*ret = (struct live_other){
		.is_there = best.is_found, .place = best.place, .known_to = closed_to
	};
	/* The record came later than all of these. */
	if (best.is_found)
		ret->wins = best.version > live_row_version(ask->layout, ask->row);
	*ret_has_lines = has_lines || days_have_lines;
	return ERR_OK;
}

/* ---- The history of a segment ---- */

/* The best of each shard. */
static enum err note_rival(void *user, const struct rival *r)
{
	struct history *h = user;
	for (size_t i = 0; i < h->n; i++)
		if (h->rival_shards[i] == r->shard) {
			struct segment_rival *old = &h->rivals[i];
			if (row_wins(r->version, &r->place, old->version, &old->place))
				*old = (struct segment_rival){ r->place, r->version };
			return ERR_OK;
		}
	struct arena *a = h->set->view->arena;
	if (h->n == h->cap) {
		h->cap = h->cap * 2 + 8;
		h->rivals = arena_block(a, h->rivals, h->cap * sizeof *h->rivals);
		h->rival_shards = arena_block(a, h->rival_shards, h->cap * sizeof *h->rival_shards);
	}
	h->rivals[h->n] = (struct segment_rival){ r->place, r->version };
	h->rival_shards[h->n++] = r->shard;
	return ERR_OK;
}

static enum err rivals_of_own_day(struct history *h, const struct rival_search *search)
{
	struct index_set *set = h->set;
	const struct view *v = set->view;
	int32_t day = v->shards[h->shard].day;
	for (size_t i = index_first_shard(v, day); i < v->n_shards && v->shards[i].day == day;
		i++) {
		enum err e = i < h->shard ? index_open_shard(set, i) : index_open_segments(set, i);
		/* Later parts have segments only when somebody wrote to this one out of turn. */
		if (!e)
			e = rivals_in_segments(search, i, 0, i == h->shard ? h->from : INT64_MAX);
		if (!e && i < h->shard)
			e = rivals_in_live(search, i);
		if (e)
			return e;
		if (i < h->shard && set->of[i].covered < v->shards[i].size_bytes) {
			h->needs_day = day;
			return ERR_BUSY;
		}
	}
	return ERR_OK;
}

/* The newest day before that of the segment which is not covered. */
static int32_t uncovered_day(const struct history *h)
{
	const struct view *v = h->set->view;
	for (size_t i = h->shard; i-- > 0;)
		if (h->set->shards[i].has_live && h->set->of[i].covered < v->shards[i].size_bytes)
			return v->shards[i].day;
	return SPAN_NO_DAY;
}

static enum err find_rivals(
	void *user, const struct segment_row *row, const struct segment_rival **ret, size_t *ret_n)
{
	struct history *h = user;
	struct rival_search search = { .set = h->set,
		.key = row->key,
		.identity = row->identity,
		.each = note_rival,
		.user = h };
	bool has_lines = false, is_alone = row->alone_to >= 0 && row->prev_day == SPAN_NO_DAY;
	h->n = 0;
	enum err e = is_alone ? rivals_in_segments(&search, h->shard, row->alone_to, h->from)
			      : rivals_of_own_day(h, &search);
	if (!e && !is_alone)
		e = rivals_in_days(&search, row->prev_day, INT32_MIN, &has_lines);
	if (e)
		return e;
	if (has_lines) {
		h->needs_day = uncovered_day(h);
		return ERR_BUSY;
	}
	*ret = h->rivals;
	*ret_n = h->n;
	return ERR_OK;
}

static enum err has_trace(void *user, struct str trace_id, uint64_t hash, bool *ret)
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
static enum err look_back(struct history *h)
{
	struct index_set *set = h->set;
	h->to_build.is_whole = true;
	for (size_t i = 0; i <= h->shard; i++) {
		enum err e = index_open_segments(set, i);
		const struct index *ix = &set->of[i];
		int64_t closed_to = index_closed_to(ix);
		if (!e && i < h->shard)
			e = index_take_size(set, i);
		if (e)
			return e;
		if (closed_to < (i < h->shard ? set->view->shards[i].size_bytes : h->from))
			h->to_build.is_whole = false;
	}
	return ERR_OK;
}

enum err history_init(struct history *h, struct index_set *set, size_t shard, int64_t from)
{
	*h = (struct history){
		.to_build = { .user = h, .rivals = find_rivals, .has_trace = has_trace },
		.set = set,
		.shard = shard,
		.from = from,
		.needs_day = SPAN_NO_DAY
	};
	return look_back(h);
}

void history_release(struct history *h)
{
	if (h->cap) {
		arena_block(h->set->view->arena, h->rivals, 0);
		arena_block(h->set->view->arena, h->rival_shards, 0);
	}
}
