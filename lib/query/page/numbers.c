/*
 * Rows of a page by a first sort key that is a number: page.h.
 *
 * An interval says between which keys the picked rows of a block or zone lie.  From the intervals
 * alone follow two keys between which the page must lie: no more than `from` rows can be ahead of
 * the first, and at least `to` are not behind the second.  Only intervals that touch what is
 * between are looked at.
 */
#include "query/page/page.h"
#include "query/page/sort.h"

#include <stdlib.h>

enum {
	WHOLE_BLOCK = UINT32_MAX,
	MORE_ROWS = 256,  /* that may wait for a cut */
	CHUNK_ROWS = 512, /* looked at together: the limit moves with each */
	SPARSE = 16       /* one row in so many is looked up by itself */
};

struct interval {
	uint64_t first, last;
	uint32_t block, zone, n_rows;
};

struct by_number {
	struct pager *pager;
	uint64_t from, to;
	struct interval *intervals; /* a block */
	size_t n, cap;
	uint64_t low, high; /* where the page lies */
	struct page_items *out;
	uint64_t n_ahead;
	struct page_item limit; /* the last that may be in, once has_limit */
	bool has_limit;
	size_t next_cut;
	int64_t values[CHUNK_ROWS], starts[CHUNK_ROWS];
};

static void add_interval(struct by_number *s, struct interval i)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 64;
		s->intervals =
			arena_block(s->pager->arena, s->intervals, s->cap * sizeof *s->intervals);
	}
	s->intervals[s->n++] = i;
}

static uint64_t key_of(const struct by_number *s, int64_t v)
{
	uint64_t key = (uint64_t)v ^ UINT64_C(1) << 63;
	return s->pager->query->sort[0].descending ? ~key : key;
}

static int64_t value_of(const struct by_number *s, uint64_t key)
{
	if (s->pager->query->sort[0].descending)
		key = ~key;
	return (int64_t)(key ^ UINT64_C(1) << 63);
}

static void widen(struct interval *i, uint64_t key)
{
	i->first = key < i->first ? key : i->first;
	i->last = key > i->last ? key : i->last;
}

/* Rows without a value are behind all others, or zero. */
static void widen_by_block(const struct by_number *s, struct block *b, struct interval *ret)
{
	const struct sort_key *k = &s->pager->query->sort[0];
	int64_t min, max;
	bool is_full = false;
	if (page_how(k) == PAGE_DURATION) {
		widen(ret, 0);
		widen(ret, UINT64_MAX);
	} else if (block_bounds(b, page_column(k), &min, &max)) {
		widen(ret, key_of(s, min));
		widen(ret, key_of(s, max));
		is_full = block_is_full(b, page_column(k));
	}
	if (!is_full)
		widen(ret, k->absent_is_zero ? key_of(s, 0) : UINT64_MAX);
}

/* Of all blocks that were counted with it. */
static struct interval block_interval(const struct by_number *s, uint32_t block)
{
	struct block *b = &s->pager->stock->blocks[block];
	struct interval ret = { UINT64_MAX, 0, block, WHOLE_BLOCK, b->n_picked };
	size_t n = b->counted ? b->counted->n_blocks : 1;
	for (size_t i = 0; i < n; i++)
		widen_by_block(s, b + i, &ret);
	return ret;
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

/* Leaves the intervals ascending by their first key. */
static void find_bounds(struct by_number *s)
{
	uint64_t n = 0;
	s->low = 0;
	s->high = UINT64_MAX;
	qsort(s->intervals, s->n, sizeof *s->intervals, by_last);
	for (size_t i = 0; i < s->n; i++) {
		n += s->intervals[i].n_rows;
		if (n >= s->to) {
			s->high = s->intervals[i].last;
			break;
		}
	}
	n = 0;
	qsort(s->intervals, s->n, sizeof *s->intervals, by_first);
	for (size_t i = 0; i < s->n; i++) {
		n += s->intervals[i].n_rows;
		if (n > s->from) {
			s->low = s->intervals[i].first;
			break;
		}
	}
}

static bool is_between(const struct by_number *s, const struct interval *i)
{
	return i->first <= s->high && i->last >= s->low;
}

static uint32_t picked_in_zone(const struct block *b, uint32_t zone)
{
	uint32_t n = 0;
	size_t first = (size_t)zone * ZONE_WORDS;
	for (size_t w = first; w < first + ZONE_WORDS && w < bits_words(b->n_rows); w++)
		n += (uint32_t)__builtin_popcountll(block_picked(b, w));
	return n;
}

/* One interval a zone in place of that of the block. */
static enum err split_block(struct by_number *s, struct interval whole)
{
	const struct sort_key *k = &s->pager->query->sort[0];
	struct block *b = &s->pager->stock->blocks[whole.block];
	const struct index_zone *zones;
	const struct column *c;
	uint32_t n_zones;
	enum err e = segment_zones(b->segment, &zones, &n_zones);
	if (!e)
		e = block_column(b, k->field, &c);
	if (!e)
		e = block_load_picked(b);
	for (uint32_t z = 0; !e && z < n_zones; z++) {
		struct interval i = { UINT64_MAX, 0, whole.block, z, picked_in_zone(b, z) };
		if (i.n_rows == 0)
			continue;
		if (zones[z].min_started <= zones[z].max_started) {
			widen(&i, key_of(s, zones[z].min_started));
			widen(&i, key_of(s, zones[z].max_started));
		}
		if (!column_is_full(c))
			widen(&i, k->absent_is_zero ? key_of(s, 0) : UINT64_MAX);
		add_interval(s, i);
	}
	return e;
}

/* Blocks that were counted together, each by itself. */
static enum err split_counted(struct by_number *s, struct interval all)
{
	struct block *b = &s->pager->stock->blocks[all.block];
	size_t n = b->counted->n_blocks;
	enum err e = block_load_picked(b);
	for (uint32_t i = 0; !e && i < n; i++) {
		if (b[i].n_picked == 0)
			continue;
		struct interval one = block_interval(s, all.block + i);
		if (b[i].n_rows > INDEX_ZONE_ROWS && is_between(s, &one))
			e = split_block(s, one);
		else
			add_interval(s, one);
	}
	return e;
}

/* Splits the first ones, with so many rows. */
static enum err split_blocks(struct by_number *s, uint64_t enough)
{
	enum err e = ERR_OK;
	size_t n = s->n;
	uint64_t n_split = 0;
	struct interval *old = s->intervals;
	s->intervals = NULL;
	s->n = s->cap = 0;
	for (size_t i = 0; !e && i < n; i++) {
		const struct block *b = &s->pager->stock->blocks[old[i].block];
		bool is_long = b->segment && b->n_rows > INDEX_ZONE_ROWS;
		if (n_split < enough && old[i].zone == WHOLE_BLOCK && (is_long || b->counted) &&
			is_between(s, &old[i])) {
			e = b->counted ? split_counted(s, old[i]) : split_block(s, old[i]);
			n_split += old[i].n_rows;
		} else {
			add_interval(s, old[i]);
		}
	}
	(void)arena_block(s->pager->arena, old, 0); /* freed: there is no result */
	if (!e && n_split)
		find_bounds(s);
	return e;
}

/* Those that come first may show that no others are needed. */
static enum err split_all(struct by_number *s)
{
	if (s->pager->query->sort[0].field != FIELD_STARTED_AT)
		return ERR_OK;
	enum err e = split_blocks(s, s->to);
	return e ? e : split_blocks(s, UINT64_MAX);
}

/* ---- Rows ---- */

/* More than twice as many rows as can be in: those that cannot go, equal ones stay. */
static void cut(struct by_number *s)
{
	struct page_items *l = s->out;
	size_t wanted = s->to - s->n_ahead, n = wanted;
	if (wanted == 0 || l->n <= wanted)
		return;
	sort_window(l->items, l->n, sizeof *l->items, wanted - 1, wanted, page_compare_items, NULL,
		NULL);
	s->limit = l->items[wanted - 1];
	s->has_limit = true;
	while (n < l->n && page_compare_items(&l->items[n], &s->limit, NULL) == 0)
		n++;
	l->n = n;
	s->next_cut = n + wanted + MORE_ROWS;
}

static void take(struct by_number *s, struct page_item item)
{
	if (item.is_absent ? s->high < UINT64_MAX : item.key > s->high)
		return;
	if (!item.is_absent && item.key < s->low) {
		s->n_ahead++;
		return;
	}
	if (s->has_limit && page_compare_items(&item, &s->limit, NULL) > 0)
		return;
	page_add(s->pager, s->out, item);
	if (s->out->n >= s->next_cut)
		cut(s);
}

/* Of the rows, those whose key is in [first, last], with the absent ones as the query has them. */
static void keys_between(const struct by_number *s, const struct page_key *key, uint32_t first_row,
	uint32_t n, uint64_t first, uint64_t last, bool absent_too, uint64_t *rows)
{
	const struct sort_key *k = &s->pager->query->sort[0];
	const struct column *c = key->column;
	struct column_test test = { .codes = NULL };
	uint64_t in[ZONE_WORDS], present[ZONE_WORDS];
	int64_t x = value_of(s, first), y = value_of(s, last);
	if (c->n_present)
		column_stored_range(
			c, x < y ? x : y, x < y ? y : x, &test.stored_low, &test.stored_high);
	column_match(c, first_row, n, &test, test.stored_low <= test.stored_high, in);
	if (k->absent_is_zero)
		absent_too = key_of(s, 0) >= first && key_of(s, 0) <= last;
	column_present(c, first_row, n, present);
	for (size_t w = 0; w < bits_words(n); w++)
		rows[w] &= in[w] | (absent_too ? ~present[w] : 0);
}

/* Takes away the rows that the page cannot hold, without looking at them one by one. */
static void narrow(
	struct by_number *s, const struct page_key *key, uint32_t first, uint32_t n, uint64_t *rows)
{
	uint64_t ahead[ZONE_WORDS], last = s->high;
	bool absent_too = s->high == UINT64_MAX;
	size_t n_words = bits_words(n);
	if (s->has_limit && !s->limit.is_absent) {
		last = s->limit.key < last ? s->limit.key : last;
		absent_too = false;
	}
	if (s->low) {
		memcpy(ahead, rows, n_words * sizeof *rows);
		keys_between(s, key, first, n, 0, s->low - 1, false, ahead);
		s->n_ahead += bits_count(ahead, n_words);
	}
	if (s->low || last < UINT64_MAX || !absent_too)
		keys_between(s, key, first, n, s->low, last, absent_too, rows);
}

static void take_row(struct by_number *s, uint32_t block, const struct page_key *key, uint32_t row,
	int64_t v, int64_t started)
{
	const struct sort_key *k = &s->pager->query->sort[0];
	struct page_item item = { .block = block & INT32_MAX, .row = row };
	bool has = column_has(key->column, row);
	if (key->started)
		has = has && column_has(key->started, row) &&
		      !__builtin_sub_overflow(v, started, &v) && v >= 0;
	item.is_absent = !has && !k->absent_is_zero;
	item.key = item.is_absent ? 0 : key_of(s, has ? v : 0);
	take(s, item);
}

/* Rows of a zone, [first, first + n), as far as the limit is known by now. */
static void take_chunk(
	struct by_number *s, uint32_t block, const struct page_key *key, uint32_t first, uint32_t n)
{
	const struct block *b = &s->pager->stock->blocks[block];
	bool backward = s->pager->query->sort[0].descending;
	uint64_t rows[CHUNK_ROWS / BITS] = { 0 };
	size_t n_words = bits_words(n);
	for (size_t w = 0; w < n_words; w++)
		rows[w] = block_picked(b, first / BITS + w);
	size_t n_rows = bits_count(rows, n_words);
	bool is_sparse = n_rows < n / SPARSE;
	if (!is_sparse && !key->started && !key->column->relative) {
		narrow(s, key, first, n, rows);
		n_rows = bits_count(rows, n_words);
		is_sparse = n_rows < n / SPARSE;
	}
	if (!is_sparse)
		column_read(key->column, first, n, 0, s->values);
	if (key->started)
		column_read(key->started, first, n, 0, s->starts);
	for (size_t i = 0; n_rows && i < n_words; i++) {
		size_t w = backward ? n_words - 1 - i : i;
		for (uint64_t in = rows[w]; in;) {
			unsigned bit = (unsigned)(backward ? 63 - __builtin_clzll(in)
							   : __builtin_ctzll(in));
			uint32_t at = (uint32_t)(w * BITS) + bit, row = first + at;
			int64_t v = !is_sparse                     ? s->values[at]
				    : column_has(key->column, row) ? column_value(key->column, row)
								   : 0;
			in &= ~(UINT64_C(1) << bit);
			take_row(s, block, key, row, v, key->started ? s->starts[at] : 0);
		}
	}
}

/* Times mostly ascend: from behind, when the greatest come first. */
static void take_zone(
	struct by_number *s, uint32_t block, const struct page_key *key, uint32_t zone)
{
	const struct block *b = &s->pager->stock->blocks[block];
	uint32_t first = zone * INDEX_ZONE_ROWS, left = b->n_rows - first;
	uint32_t n = left < INDEX_ZONE_ROWS ? left : INDEX_ZONE_ROWS;
	uint32_t n_chunks = (n + CHUNK_ROWS - 1) / CHUNK_ROWS;
	for (uint32_t i = 0; i < n_chunks; i++) {
		uint32_t chunk = s->pager->query->sort[0].descending ? n_chunks - 1 - i : i;
		uint32_t at = chunk * CHUNK_ROWS;
		take_chunk(s, block, key, first + at, n - at < CHUNK_ROWS ? n - at : CHUNK_ROWS);
	}
}

static enum err take_interval(struct by_number *s, const struct interval *i)
{
	struct page_key *key;
	struct block *b = &s->pager->stock->blocks[i->block];
	if (i->last < s->low) {
		s->n_ahead += i->n_rows;
		return ERR_OK;
	}
	if (i->first > s->high || (s->has_limit && !s->limit.is_absent && i->first > s->limit.key))
		return ERR_OK;
	enum err e = page_key(s->pager, i->block, 0, &key);
	if (!e)
		e = block_load_picked(b);
	if (e)
		return e;
	if (i->zone != WHOLE_BLOCK) {
		take_zone(s, i->block, key, i->zone);
		return ERR_OK;
	}
	for (uint32_t z = 0; z < (b->n_rows + INDEX_ZONE_ROWS - 1) / INDEX_ZONE_ROWS; z++)
		take_zone(s, i->block, key, z);
	return ERR_OK;
}

enum err page_by_number(struct pager *p, uint64_t from, uint64_t to, struct page_items *ret)
{
	struct by_number s = { .pager = p, .from = from, .to = to, .out = ret };
	enum err e;
	for (size_t i = 0; i < p->stock->n_blocks; i++) {
		if (p->stock->blocks[i].n_picked)
			add_interval(&s, block_interval(&s, (uint32_t)i));
	}
	find_bounds(&s);
	e = split_all(&s);
	s.next_cut = to > SIZE_MAX / 4 ? SIZE_MAX : 2 * to + MORE_ROWS;
	for (size_t i = 0; !e && i < s.n; i++)
		e = take_interval(&s, &s.intervals[i]);
	ret->n_ahead = s.n_ahead;
	if (s.intervals)
		s.intervals = arena_block(p->arena, s.intervals, 0);
	return e;
}
