/* Which rows of a view no query may see: index_resolve and index_supersede of index.h. */
#include "index/index.h"

#include "index/lookup.h"
#include "index/segment/make.h"
#include "index/set.h"
#include "shard/mutants.h"

#include <stdlib.h>

static void set_bit(uint64_t *bitmap, size_t i)
{
	bitmap[i / 64] |= UINT64_C(1) << i % 64;
}

static bool has_bit(const uint64_t *bitmap, size_t i)
{
	return bitmap && (bitmap[i / 64] >> i % 64 & 1);
}

/* ---- Hiding ---- */

static void hide_row(struct index_set *set, struct index_segment *s, uint32_t row)
{
	size_t n_words = (s->n_rows + 63) / 64;
	if (has_bit(s->hidden, row))
		return;
	if (!s->owns_hidden) {
		uint64_t *copy = index_block(set->view, n_words, sizeof *copy);
		if (s->hidden)
			memcpy(copy, s->hidden, n_words * sizeof *copy);
		s->hidden = copy;
		s->owns_hidden = true;
	}
	set_bit((uint64_t *)(uintptr_t)s->hidden, row);
	s->n_hidden++;
	s->n_hidden_late++;
}

static void hide_live(struct index_set *set, struct index *ix, size_t row)
{
	if (!ix->live_hidden)
		ix->live_hidden =
			index_block(set->view, ix->n_live / 64 + 1, sizeof *ix->live_hidden);
	set_bit(ix->live_hidden, row);
}

static void hide_line(struct index_set *set, size_t shard, int64_t at)
{
	struct index_shard *state = &set->shards[shard];
	if (state->n_hidden_lines == state->cap_hidden_lines) {
		state->cap_hidden_lines = state->cap_hidden_lines * 2 + 16;
		state->hidden_lines = arena_block(set->view->arena, state->hidden_lines,
			state->cap_hidden_lines * sizeof *state->hidden_lines);
	}
	state->hidden_lines[state->n_hidden_lines++] = at;
	state->lines_are_sorted = false;
}

enum err index_hide(struct index_set *set, const struct index_place *p)
{
	size_t shard = index_shard_of(set->view, p->day, p->part);
	if (shard == set->view->n_shards)
		return ERR_OK;
	struct index *ix = &set->of[shard];
	struct index_segment *s = index_segment_at(set, shard, p->at);
	if (!s) {
		size_t live = index_live_at(ix, p->at);
		if (live != SIZE_MAX)
			hide_live(set, ix, live);
		else if (p->at >= ix->covered)
			hide_line(set, shard, p->at);
		return ERR_OK;
	}
	uint32_t row;
	enum err e = segment_row_at(s->segment, p->at, &row);
	if (!e && row != UINT32_MAX)
		hide_row(set, s, row);
	return e;
}

/* A winner that this view does not see wins nothing: its day was pruned, or it came too late. */
static bool is_seen(const struct index_set *set, const struct index_place *p)
{
	size_t shard = index_shard_of(set->view, p->day, p->part);
	return shard < set->view->n_shards && p->at < set->view->shards[shard].size_bytes;
}

static enum err kill(
	struct index_set *set, const struct index_place *loser, const struct index_place *winner)
{
	return is_seen(set, winner) ? index_hide(set, loser) : ERR_OK;
}

/* ---- Closed segments ---- */

/* What the segment knows itself. */
static enum err hide_own(struct index_set *set, struct index_segment *s)
{
	const uint64_t *superseded, *deletes;
	if (s->n_hidden == 0)
		return ERR_OK;
	enum err e = segment_load_hidden(s->segment, &superseded, &deletes);
	if (e)
		return e;
	s->hidden = superseded ? superseded : deletes;
	if (!superseded || !deletes)
		return ERR_OK;
	size_t n_words = (s->n_rows + 63) / 64;
	uint64_t *both = index_block(set->view, n_words, sizeof *both);
	for (size_t i = 0; i < n_words; i++)
		both[i] = superseded[i] | deletes[i];
	s->hidden = both;
	s->owns_hidden = true;
	return ERR_OK;
}

/* A kill of which one row has moved: ours is the other one. */
static enum err note_moved(struct index_set *set, struct index_segment *s,
	const struct index_place *ours, const struct index_place *theirs)
{
	struct index_mover m = { .place = *ours, .day = theirs->day };
	uint32_t row;
	enum err e = segment_row_at(s->segment, ours->at, &row);
	if (e || row == UINT32_MAX)
		return e;
	e = index_row_version(s, row, &m.identity, &m.version);
	if (!e)
		index_note_moved(set, &m);
	return e;
}

static enum err apply_kill(
	struct index_set *set, struct index_segment *s, const struct index_kill *k)
{
	if (index_has_moved(set->view, &k->loser))
		return note_moved(set, s, &k->winner, &k->loser);
	if (index_has_moved(set->view, &k->winner))
		return note_moved(set, s, &k->loser, &k->winner);
	return kill(set, &k->loser, &k->winner);
}

static enum err apply_kills(struct index_set *set, struct index_segment *s)
{
	const struct index_kill *kills;
	uint32_t n;
	if (s->n_kills == 0)
		return ERR_OK;
	enum err e = segment_load_kills(s->segment, &kills, &n);
	for (uint32_t i = 0; !e && i < n; i++)
		e = apply_kill(set, s, &kills[i]);
	return e;
}

/* ---- Live rows ---- */

struct live_search {
	struct index_set *set;
	struct index_place place;
	int64_t version;
	bool is_hidden;
};

static enum err meet(void *user, const struct rival *r)
{
	struct live_search *me = user;
	if (row_wins(me->version, &me->place, r->version, &r->place))
		return index_hide(me->set, &r->place);
	me->is_hidden = true;
	return ERR_OK;
}

/* A record that was made before a range of this part was closed knows nothing of its rows. */
static enum err meet_closed(struct index_set *set, size_t shard, size_t row)
{
	struct index *ix = &set->of[shard];
	const struct live_layout *y = ix->live.layout;
	const struct live_row *r = live_row_at(ix->live, row);
	const struct shard *s = &set->view->shards[shard];
	int64_t closed_to = index_closed_to(ix);
	if (r->known_to >= closed_to || MUTANT(NOKNOWN))
		return ERR_OK;
	struct live_search me = {
		.set = set, .place = { s->day, s->part, r->at }, .version = live_row_version(y, r)
	};
	struct rival_search search = { .set = set,
		.key = live_row_key(set->seed, y, r),
		.identity = r->identity,
		.each = meet,
		.user = &me };
	enum err e = rivals_in_segments(&search, shard, r->known_to, closed_to);
	if (!e && me.is_hidden)
		hide_live(set, ix, row);
	return e;
}

static enum err meet_other(struct index_set *set, const struct live_layout *y,
	const struct live_row *r, const struct index_place *me)
{
	bool loses = r->flags & LIVE_LOSES;
	if (!(r->flags & LIVE_OTHER))
		return ERR_OK;
	struct index_place other = live_row_other(y, r);
	if (!index_has_moved(set->view, &other))
		return kill(set, loses ? me : &other, loses ? &other : me);
	struct index_mover m = { r->identity, live_row_version(y, r), *me, other.day };
	index_note_moved(set, &m);
	return ERR_OK;
}

static enum err resolve_row(struct index_set *set, size_t shard, size_t row, bool is_hidden)
{
	struct index *ix = &set->of[shard];
	const struct shard *s = &set->view->shards[shard];
	const struct live_row *r = live_row_at(ix->live, row);
	struct index_place me = { s->day, s->part, r->at };
	if (is_hidden)
		hide_live(set, ix, row);
	enum err e = meet_closed(set, shard, row);
	return e ? e : meet_other(set, ix->live.layout, r, &me);
}

static enum err resolve_live(struct index_set *set, size_t shard)
{
	struct index *ix = &set->of[shard];
	struct live *l = set->shards[shard].live;
	if (ix->n_live == 0)
		return ERR_OK;
	const uint64_t *hidden = live_hidden(l);
	size_t first = index_live_skipped(set, shard);
	bool knows_all = l->known_to >= index_closed_to(ix);
	for (size_t w = first / 64; w * 64 < first + ix->n_live; w++) {
		/* Most rows are neither hidden nor have anything to do with others. */
		uint64_t rows = knows_all ? hidden[w] | l->linked[w] : UINT64_MAX;
		for (; rows; rows &= rows - 1) {
			size_t row = w * 64 + (size_t)__builtin_ctzll(rows);
			if (row < first || row - first >= ix->n_live)
				continue;
			enum err e = resolve_row(set, shard, row - first, has_bit(hidden, row));
			if (e)
				return e;
		}
	}
	return ERR_OK;
}

enum err index_resolve(struct index_set *set)
{
	size_t n = set->view->n_shards;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < set->of[i].n_segments; k++) {
			enum err e = hide_own(set, &set->of[i].segments[k]);
			if (e)
				return e;
		}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < set->of[i].n_segments; k++) {
			enum err e = apply_kills(set, &set->of[i].segments[k]);
			if (e)
				return e;
		}
		enum err e = resolve_live(set, i);
		if (e)
			return e;
	}
	return index_resolve_moved(set);
}

/* ---- Lines ---- */

static int compare_lines(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;
	return *a < *b ? -1 : *a > *b;
}

static bool line_is_hidden(struct index_shard *state, int64_t at)
{
	size_t n = state->n_hidden_lines;
	if (n == 0)
		return false;
	if (!state->lines_are_sorted)
		qsort(state->hidden_lines, n, sizeof at, compare_lines);
	state->lines_are_sorted = true;
	return bsearch(&at, state->hidden_lines, n, sizeof at, compare_lines) != NULL;
}

static enum err meet_day(struct rival_search *search, int32_t day)
{
	const struct view *v = search->set->view;
	for (size_t i = index_first_shard(v, day); i < v->n_shards && v->shards[i].day == day;
		i++) {
		enum err e = rivals_in_segments(search, i, 0, INT64_MAX);
		if (!e)
			e = rivals_in_live(search, i);
		if (e)
			return e;
	}
	return ERR_OK;
}

enum err index_supersede(
	struct index_set *set, const struct span *s, struct row_ref ref, bool *ret_is_hidden)
{
	const struct shard *shard = &set->view->shards[ref.shard];
	struct live_search me = { .set = set,
		.place = { shard->day, shard->part, ref.at },
		.version = span_version(s),
		.is_hidden = line_is_hidden(&set->shards[ref.shard], ref.at) };
	struct rival_search search = {
		.set = set, .identity = span_identity_hash(s), .each = meet, .user = &me
	};
	bool has_lines;
	search.key = segment_key(index_hash(set, span_text(s, FIELD_SPAN_ID)),
		index_hash(set, span_text(s, FIELD_TRACE_ID)),
		index_hash(set, span_text(s, FIELD_SOURCE)));
	enum err e = meet_day(&search, shard->day);
	if (!e)
		e = rivals_in_days(&search, s->prev_day, lookup_since(s), &has_lines);
	if (!e && set->moved->n) {
		struct index_mover line = { search.identity, me.version, me.place, shard->day };
		e = index_meet_moved(set, &line, &me.is_hidden);
	}
	if (!e)
		*ret_is_hidden = me.is_hidden;
	return e;
}
