#include "query/page/interval.h"

#include "base/array.h"

#include <stdlib.h>

static void add_interval(struct selection *s, struct interval i)
{
	ARRAY_PUSH(s->pager.arena, s->intervals, s->n, s->cap, i);
}

enum page_how selection_how(const struct selection *s)
{
	const struct query *q = s->pager.query;
	return q->n_sort ? page_how(&q->sort[0]) : PAGE_NUMBER;
}

static void interval_widen(struct interval *i, uint64_t key)
{
	i->first = key < i->first ? key : i->first;
	i->last = key > i->last ? key : i->last;
}

/* Rows without a value are the last ones of the order, or zero. */
static void widen_by_absent(const struct selection *s, struct interval *i)
{
	const struct pager *p = &s->pager;
	if (!p->query->sort[0].absent_is_zero)
		interval_widen(i, p->is_backward ? 0 : UINT64_MAX);
	else if (selection_how(s) == PAGE_TEXT)
		interval_widen(i, pager_head(p, STR("")));
	else
		interval_widen(i, pager_number(p, 0));
}

static enum err widen_by_texts(struct selection *s, uint32_t block, struct interval *i)
{
	struct block *b = &s->pager.snapshot->blocks[block];
	struct page_key *key;
	struct str text;
	enum err e = pager_key(&s->pager, block, 0, &key);
	if (e)
		return e;
	widen_by_absent(s, i);
	if (key->texts->n && !key->texts->is_sorted) {
		interval_widen(i, 0);
		interval_widen(i, UINT64_MAX);
	} else if (key->texts->n) {
		e = block_text(b, key->texts, 0, &text);
		if (!e)
			interval_widen(i, pager_head(&s->pager, text));
		if (!e)
			e = block_text(b, key->texts, key->texts->n - 1, &text);
		if (!e)
			interval_widen(i, pager_head(&s->pager, text));
	}
	return e;
}

static unsigned first_column(const struct selection *s)
{
	unsigned field = s->pager.query->sort[0].field;
	return field == QUERY_SPAN_ORDER ? (unsigned)INDEX_SPAN_ORDER : field;
}

static enum err widen_by_block(struct selection *s, uint32_t block, struct interval *i)
{
	struct block *b = &s->pager.snapshot->blocks[block];
	int64_t min, max;
	if (s->pager.query->n_sort == 0) {
		interval_widen(i, 0);
	} else if (selection_how(s) == PAGE_TEXT) {
		return widen_by_texts(s, block, i);
	} else if (selection_how(s) == PAGE_DURATION) {
		interval_widen(i, 0);
		interval_widen(i, UINT64_MAX);
	} else {
		bool has = block_bounds(b, first_column(s), &min, &max);
		if (has) {
			interval_widen(i, pager_number(&s->pager, min));
			interval_widen(i, pager_number(&s->pager, max));
		}
		if (!has || !block_is_full(b, first_column(s)))
			widen_by_absent(s, i);
	}
	return ERR_OK;
}

/* Adds the interval of a block, or of all blocks that were counted with it. */
static enum err interval_add_block(struct selection *s, uint32_t block)
{
	const struct block *b = &s->pager.snapshot->blocks[block];
	struct interval all = { UINT64_MAX, 0, block, INTERVAL_WHOLE_BLOCK, b->n_selected };
	uint32_t n = b->counted ? (uint32_t)b->counted->n_blocks : 1;
	enum err e = ERR_OK;
	for (uint32_t i = 0; !e && i < n; i++)
		e = widen_by_block(s, block + i, &all);
	if (!e)
		add_interval(s, all);
	return e;
}

static int by_first(const void *x, const void *y)
{
	const struct interval *a = x, *b = y;
	return (a->first > b->first) - (a->first < b->first);
}

static int by_last(const void *x, const void *y)
{
	const struct interval *a = x, *b = y;
	return (a->last > b->last) - (a->last < b->last);
}

static uint64_t edge_of(const struct selection *s, const struct page_item *position)
{
	if (!position->is_absent)
		return position->key;
	return s->pager.is_backward ? 0 : UINT64_MAX;
}

/* True when all rows of the interval are between the positions. */
static bool interval_is_inside(const struct selection *s, const struct interval *i)
{
	return (!s->has_after || i->first > edge_of(s, &s->after)) &&
	       (!s->has_before || i->last < edge_of(s, &s->before));
}

bool selection_is_outside(const struct selection *s, const struct interval *i)
{
	return (s->has_after && i->last < edge_of(s, &s->after)) ||
	       (s->has_before && i->first > edge_of(s, &s->before));
}

/* Leaves the intervals ascending by their first key. Rows before a position count for nothing, so
 * that there is no low with one. */
static void find_bounds(struct selection *s)
{
	uint64_t n = 0;
	s->low = 0;
	s->high = UINT64_MAX;
	qsort(s->intervals, s->n, sizeof *s->intervals, by_last);
	for (size_t i = 0; i < s->n && n < s->to; i++) {
		n += interval_is_inside(s, &s->intervals[i]) ? s->intervals[i].n_rows : 0;
		if (n >= s->to)
			s->high = s->intervals[i].last;
	}
	n = 0;
	qsort(s->intervals, s->n, sizeof *s->intervals, by_first);
	for (size_t i = 0; i < s->n && n <= s->from && !s->has_after && !s->has_before; i++) {
		n += s->intervals[i].n_rows;
		if (n > s->from)
			s->low = s->intervals[i].first;
	}
}

static bool is_between(const struct selection *s, const struct interval *i)
{
	return i->first <= s->high && i->last >= s->low && !selection_is_outside(s, i);
}

static uint32_t selected_in_zone(const struct block *b, uint32_t zone)
{
	uint32_t n = 0;
	size_t first = (size_t)zone * ZONE_WORDS;
	for (size_t w = first; w < first + ZONE_WORDS && w < bits_words(b->n_rows); w++)
		n += (uint32_t)__builtin_popcountll(block_selected(b, w));
	return n;
}

/* Adds an interval for each zone in place of that of the block. */
static enum err split_block(struct selection *s, uint32_t block)
{
	struct block *b = &s->pager.snapshot->blocks[block];
	const struct index_zone *zones;
	uint32_t n_zones;
	bool is_full = block_is_full(b, FIELD_STARTED_AT);
	enum err e = segment_zones(b->segment, &zones, &n_zones);
	if (!e)
		e = block_load_selected(b);
	for (uint32_t z = 0; !e && z < n_zones; z++) {
		struct interval i = { UINT64_MAX, 0, block, z, selected_in_zone(b, z) };
		if (i.n_rows == 0)
			continue;
		if (zones[z].min_started <= zones[z].max_started) {
			interval_widen(&i, pager_number(&s->pager, zones[z].min_started));
			interval_widen(&i, pager_number(&s->pager, zones[z].max_started));
		}
		if (!is_full)
			widen_by_absent(s, &i);
		add_interval(s, i);
	}
	return e;
}

static enum err split_counted(struct selection *s, uint32_t block)
{
	struct block *b = &s->pager.snapshot->blocks[block];
	uint32_t n = (uint32_t)b->counted->n_blocks;
	enum err e = block_load_selected(b);
	for (uint32_t i = 0; !e && i < n; i++)
		if (b[i].n_selected)
			e = interval_add_block(s, block + i);
	return e;
}

/* Splits the first intervals, with at least `enough` rows, that the page may touch. */
static enum err split_blocks(struct selection *s, uint64_t enough)
{
	enum err e = ERR_OK;
	size_t n = s->n;
	uint64_t n_split = 0;
	struct interval *old = s->intervals;
	s->intervals = NULL;
	s->n = s->cap = 0;
	for (size_t i = 0; !e && i < n; i++) {
		const struct block *b = &s->pager.snapshot->blocks[old[i].block];
		bool is_long = b->segment && b->n_rows > INDEX_ZONE_ROWS;
		if (n_split < enough && old[i].zone == INTERVAL_WHOLE_BLOCK &&
			(is_long || b->counted) && is_between(s, &old[i])) {
			e = b->counted ? split_counted(s, old[i].block)
				       : split_block(s, old[i].block);
			n_split += old[i].n_rows;
		} else {
			add_interval(s, old[i]);
		}
	}
	(void)arena_block(s->pager.arena, old, 0); /* freed: there is no result */
	if (!e && n_split)
		find_bounds(s);
	return e;
}

enum err selection_find_intervals(struct selection *s)
{
	struct snapshot *snapshot = s->pager.snapshot;
	enum err e = ERR_OK;
	for (uint32_t i = 0; !e && i < snapshot->n_blocks; i++)
		if (snapshot->blocks[i].n_selected)
			e = interval_add_block(s, i);
	if (e || s->n == 0)
		return e;
	find_bounds(s);
	if (s->pager.query->n_sort == 0 || s->pager.query->sort[0].field != FIELD_STARTED_AT)
		return ERR_OK;
	/* Counted blocks, the first ones, the others as far as these leave it open. */
	for (int i = 0; !e && i < 3; i++)
		e = split_blocks(s, i < 2 ? s->to : UINT64_MAX);
	return e;
}
