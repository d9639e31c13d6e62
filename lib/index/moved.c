/* Rows whose rivals moved when their day was sealed: index_set.h. */
#include "index/set.h"

#include <stdlib.h>

bool index_has_moved(const struct view *v, const struct index_place *p)
{
	bool has_moved = false;
	for (size_t i = index_first_shard(v, p->day); i < v->n_shards && v->shards[i].day == p->day;
		i++) {
		if (v->shards[i].part == p->part)
			return false;
		has_moved = has_moved || (v->shards[i].is_sealed && v->shards[i].part > p->part);
	}
	return has_moved;
}

void index_note_moved(struct index_set *set, const struct index_mover *m)
{
	struct index_moved *all = set->moved;
	if (all->n == all->cap) {
		all->cap = all->cap * 2 + 64;
		all->rows = arena_block(set->view->arena, all->rows, all->cap * sizeof *all->rows);
	}
	all->rows[all->n++] = *m;
	all->is_sorted = false;
}

static int compare_movers(const void *x, const void *y)
{
	const struct index_mover *a = x, *b = y;
	return a->identity < b->identity ? -1 : a->identity > b->identity;
}

/* The first one with that identity; n: none. */
static size_t find_mover(const struct index_moved *all, uint64_t identity)
{
	size_t low = 0, high = all->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (all->rows[middle].identity < identity)
			low = middle + 1;
		else
			high = middle;
	}
	return low < all->n && all->rows[low].identity == identity ? low : all->n;
}

static void sort_movers(struct index_moved *all)
{
	if (!all->is_sorted && all->n > 1)
		qsort(all->rows, all->n, sizeof *all->rows, compare_movers);
	all->is_sorted = true;
}

enum err index_meet_moved(
	struct index_set *set, const struct index_mover *line, bool *ret_is_hidden)
{
	struct index_moved *all = set->moved;
	sort_movers(all);
	for (size_t i = find_mover(all, line->identity);
		i < all->n && all->rows[i].identity == line->identity; i++) {
		const struct index_mover *m = &all->rows[i];
		if (m->day != line->day)
			continue;
		if (row_wins(m->version, &m->place, line->version, &line->place)) {
			*ret_is_hidden = true;
			continue;
		}
		enum err e = index_hide(set, &m->place);
		if (e)
			return e;
	}
	return ERR_OK;
}

static enum err meet_row(struct index_set *set, struct index_mover *row)
{
	bool is_hidden = false;
	enum err e = index_meet_moved(set, row, &is_hidden);
	return !e && is_hidden ? index_hide(set, &row->place) : e;
}

static enum err meet_segment(struct index_set *set, struct index_segment *s)
{
	const struct column *identity, *at;
	const uint64_t *superseded;
	const struct shard *shard = &set->view->shards[s->shard];
	enum err e = segment_load_column(s->segment, INDEX_IDENTITY, &identity);
	if (!e)
		e = segment_load_column(s->segment, INDEX_AT, &at);
	if (!e)
		e = segment_load_bitmap(s->segment, INDEX_CHUNK_SUPERSEDED, &superseded);
	for (uint32_t row = 0; !e && row < s->n_rows; row++) {
		struct index_mover m = { .identity = (uint64_t)column_value(identity, row),
			.place = { shard->day, shard->part, column_value(at, row) },
			.day = shard->day };
		if (find_mover(set->moved, m.identity) == set->moved->n ||
			(superseded && superseded[row / 64] >> row % 64 & 1))
			continue;
		e = index_row_version(s, row, &m.identity, &m.version);
		if (!e)
			e = meet_row(set, &m);
	}
	return e;
}

/* The live rows of a day that was written to again. */
static enum err meet_live(struct index_set *set, size_t shard)
{
	const struct index *ix = &set->of[shard];
	const struct shard *s = &set->view->shards[shard];
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < ix->n_live; i++) {
		const struct live_row *r = live_row_at(ix->live, i);
		struct index_mover m = { r->identity, live_row_version(ix->live.layout, r),
			{ s->day, s->part, r->at }, s->day };
		e = meet_row(set, &m);
	}
	return e;
}

static bool is_wanted(const struct index_moved *all, int32_t day)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->rows[i].day == day)
			return true;
	return false;
}

enum err index_resolve_moved(struct index_set *set)
{
	const struct view *v = set->view;
	bool wanted = false;
	enum err e = ERR_OK;
	if (set->moved->n == 0)
		return ERR_OK;
	sort_movers(set->moved);
	for (size_t i = 0; !e && i < v->n_shards; i++) {
		if (i == 0 || v->shards[i].day != v->shards[i - 1].day)
			wanted = is_wanted(set->moved, v->shards[i].day);
		for (size_t k = 0; wanted && !e && k < set->of[i].n_segments; k++)
			e = meet_segment(set, &set->of[i].segments[k]);
		if (wanted && !e)
			e = meet_live(set, i);
	}
	return e;
}
