#include "query/filter/filter.h"

#include <stdlib.h>

/* ---- Making ---- */

static enum row_filter_how clause_cost(const struct row_filter_clause *c)
{
	enum row_filter_how cost = ROW_FILTER_NOTHING;
	for (size_t i = 0; i < c->n; i++)
		cost = c->tests[i].how > cost ? c->tests[i].how : cost;
	return cost;
}

static int by_cost(const void *x, const void *y)
{
	return (int)clause_cost(x) - (int)clause_cost(y);
}

static bool always_matches(const struct row_filter_test *t, const struct block *b)
{
	bool is_whole = t->first_row == 0 && t->last_row + 1 >= b->n_rows;
	bool all_values = t->is_negated && t->how == ROW_FILTER_RANGES && t->n_stored == 0;
	if (t->how == ROW_FILTER_NOTHING || !t->column || t->column->n_present == 0)
		return t->how != ROW_FILTER_LINE && t->how != ROW_FILTER_WORDS &&
		       t->how != ROW_FILTER_ROWS && t->absent_matches;
	return is_whole && all_values && (t->absent_matches || column_is_full(t->column));
}

/* Makes a clause. One that every row meets is left out; false: no row meets it. */
static bool put_clause(struct row_filter *s, struct row_filter_clause *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (always_matches(&c->tests[i], s->block))
			return true;
		c->needs_line = c->needs_line || c->tests[i].how >= ROW_FILTER_WORDS;
		if (c->tests[i].how != ROW_FILTER_NOTHING)
			c->tests[n++] = c->tests[i];
	}
	c->n = n;
	if (n)
		s->clauses[s->n_clauses++] = *c;
	return n > 0;
}

static enum err put_one(struct row_filter *s, const struct query *q,
	enum err (*make)(struct row_filter_test *t, struct block *b, const struct query *q))
{
	struct row_filter_clause c = { .n = 1 };
	c.tests = arena_alloc(s->block->set->view->arena, sizeof *c.tests);
	enum err e = make(c.tests, s->block, q);
	if (!e && !put_clause(s, &c))
		s->is_empty = true;
	return e;
}

static enum err make_roots(struct row_filter_test *t, struct block *b, const struct query *q)
{
	(void)q;
	return row_filter_test_roots(t, b);
}

static enum err put_preds(
	struct row_filter *s, const struct clause *from, const struct row_filter_id_list *ids)
{
	struct row_filter_clause c = { .n = from->n };
	c.tests = arena_calloc(s->block->set->view->arena, c.n, sizeof *c.tests);
	for (size_t i = 0; i < c.n; i++) {
		enum err e = row_filter_test_make(&c.tests[i], s->block, &from->preds[i], ids);
		if (e)
			return e;
		if (s->search)
			row_filter_test_words(&c.tests[i], s->search);
	}
	if (!put_clause(s, &c))
		s->is_empty = true;
	return ERR_OK;
}

static bool asks_zones(const struct row_filter *s)
{
	for (size_t i = 0; i < s->n_clauses; i++)
		for (size_t j = 0; j < s->clauses[i].n; j++) {
			const struct row_filter_test *t = &s->clauses[i].tests[j];
			if (t->is_started || t->is_kind || t->is_status)
				return true;
		}
	return false;
}

static bool needs_numbers(const struct row_filter *s)
{
	for (size_t i = 0; i < s->n_clauses; i++)
		for (size_t j = 0; j < s->clauses[i].n; j++)
			if (s->clauses[i].tests[j].how == ROW_FILTER_NUMBERS)
				return true;
	return false;
}

enum err row_filter_make(struct row_filter *s, struct block *b, const struct query *q,
	const struct row_filter_id_list *ids, struct search *search)
{
	struct arena *a = b->set->view->arena;
	enum err e = ERR_OK;
	*s = (struct row_filter){ .block = b, .search = search, .is_empty = b->n_rows == 0 };
	for (size_t i = 0; !e && !s->is_empty && i < q->n_clauses; i++)
		e = row_filter_lacks_traces(b, &q->clauses[i], &s->is_empty);
	if (e || s->is_empty)
		return e;
	s->clauses = arena_calloc(a, q->n_clauses + 2, sizeof *s->clauses);
	if (!s->is_empty && (q->from_ns != INT64_MIN || q->to_ns != INT64_MAX))
		e = put_one(s, q, row_filter_test_window);
	if (!e && !s->is_empty && q->roots_only)
		e = put_one(s, q, make_roots);
	for (size_t i = 0; !e && !s->is_empty && i < q->n_clauses; i++)
		e = put_preds(s, &q->clauses[i], ids);
	if (e || s->is_empty)
		return e;
	if (s->n_clauses > 1)
		qsort(s->clauses, s->n_clauses, sizeof *s->clauses, by_cost);
	if (needs_numbers(s)) {
		s->numbers = arena_calloc(a, INDEX_ZONE_ROWS, sizeof *s->numbers);
		s->starts = arena_calloc(a, INDEX_ZONE_ROWS, sizeof *s->starts);
	}
	uint32_t n_zones;
	return b->segment && asks_zones(s) ? segment_zones(b->segment, &s->zones, &n_zones)
					   : ERR_OK;
}

/* ---- Testing a zone ---- */

struct zone {
	const struct row_filter *filter;
	uint32_t number, first, n_rows;
	size_t n_words;
	uint64_t within[ZONE_WORDS]; /* rows that are still in question */
};

static bool in_ranges(const struct row_filter_test *t, int64_t v)
{
	size_t from = 0, to = t->n_ranges;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (v < t->ranges[middle].low)
			to = middle;
		else if (v > t->ranges[middle].high)
			from = middle + 1;
		else
			return true;
	}
	return false;
}

/* Durations are absent when they are negative. */
static void test_numbers(
	const struct row_filter_test *t, const struct zone *z, uint64_t *present, uint64_t *ret)
{
	const struct row_filter *s = z->filter;
	column_read(t->column, z->first, z->n_rows, 0, s->numbers);
	if (t->started)
		column_read(t->started, z->first, z->n_rows, 0, s->starts);
	for (size_t w = 0; w < z->n_words; w++) {
		uint64_t in = 0;
		for (uint64_t left = present[w] & z->within[w]; left; left &= left - 1) {
			size_t i = w * BITS + (size_t)__builtin_ctzll(left);
			int64_t v = s->numbers[i];
			if (t->started && (__builtin_sub_overflow(v, s->starts[i], &v) || v < 0))
				present[w] &= ~(left & -left);
			else if (in_ranges(t, v))
				in |= left & -left;
		}
		ret[w] = in;
	}
}

static bool tags_match(const struct row_filter_test *t, uint32_t place)
{
	const struct column *c = t->column;
	uint32_t from = c->lists[place], to = c->lists[place + 1];
	if (t->any_empty)
		return from == to;
	for (uint32_t i = from; i < to; i++)
		if (bits_has(t->bits, column_stored(c, i)))
			return true;
	return false;
}

static void test_rows(const struct row_filter_test *t, const struct zone *z,
	const uint64_t *present, uint64_t *ret)
{
	for (size_t w = 0; w < z->n_words; w++) {
		uint64_t in = 0;
		for (uint64_t left = present[w] & z->within[w]; left; left &= left - 1) {
			uint32_t row =
				z->first + (uint32_t)(w * BITS) + (uint32_t)__builtin_ctzll(left);
			bool matches = t->how == ROW_FILTER_TAGS
					       ? tags_match(t, column_place(t->column, row))
					       : hash_set_has(t->set,
							 (uint64_t)column_value(t->column, row));
			if (matches)
				in |= left & -left;
		}
		ret[w] = in;
	}
}

/* Returns 1 when all rows of the zone match, 0 when none does, -1 when they are to be looked at. */
static int ask_zone(const struct row_filter_test *t, const struct zone *z)
{
	if (z->first > t->last_row || z->first + z->n_rows <= t->first_row)
		return t->absent_matches;
	if (!z->filter->zones)
		return -1;
	const struct index_zone *zone = &z->filter->zones[z->number];
	uint32_t codes = t->is_kind ? zone->kinds : zone->statuses;
	if (t->is_started && (zone->max_started < t->from_ns || zone->min_started > t->to_ns))
		return t->absent_matches && !column_is_full(t->column) ? -1 : 0;
	if (t->is_started && zone->min_started >= t->from_ns && zone->max_started <= t->to_ns &&
		column_is_full(t->column))
		return 1;
	if ((t->is_kind || t->is_status) && !(codes & t->zone_codes))
		return 0;
	if ((t->is_kind || t->is_status) && !(codes & ~t->zone_codes))
		return 1;
	return -1;
}

static void row_filter_fill(const struct zone *z, bool all, uint64_t *ret)
{
	for (size_t w = 0; w < z->n_words; w++)
		ret[w] = all ? bits_of_word(z->n_rows, w) : 0;
}

/* Sets the rows that may and the rows that do pass the test; bits of rows outside `within` mean
 * nothing. */
static enum err test_zone(const struct row_filter_test *t, const struct zone *z,
	uint64_t *candidates, uint64_t *matches)
{
	uint64_t present[ZONE_WORDS];
	const struct row_filter *s = z->filter;
	if (t->how == ROW_FILTER_WORDS)
		return search_rows(
			s->search, t->term, s->block, z->first, z->n_rows, candidates, matches);
	if (t->how == ROW_FILTER_LINE) {
		row_filter_fill(z, true, candidates);
		row_filter_fill(z, false, matches);
		return ERR_OK;
	}
	int answer = ask_zone(t, z);
	if (t->how == ROW_FILTER_ROWS) {
		for (size_t w = 0; w < z->n_words; w++) {
			uint64_t hits = t->bits[z->first / BITS + w];
			candidates[w] = t->is_negated ? bits_of_word(z->n_rows, w) : hits;
			matches[w] = t->is_negated ? ~hits : 0;
		}
		return ERR_OK;
	}
	if (answer >= 0) {
		row_filter_fill(z, answer, candidates);
	} else {
		column_present(t->column, z->first, z->n_rows, present);
		if (t->how == ROW_FILTER_RANGES || t->how == ROW_FILTER_CODES)
			column_match(
				t->column, z->first, z->n_rows, t->stored, t->n_stored, candidates);
		else if (t->how == ROW_FILTER_NUMBERS)
			test_numbers(t, z, present, candidates);
		else
			test_rows(t, z, present, candidates);
		for (size_t w = 0; w < z->n_words; w++) {
			uint64_t in = t->is_negated ? ~candidates[w] : candidates[w];
			candidates[w] = (in & present[w]) | (t->absent_matches ? ~present[w] : 0);
		}
	}
	memcpy(matches, candidates, z->n_words * sizeof *matches);
	return ERR_OK;
}

static bool is_zero(const uint64_t *bits, size_t n_words)
{
	uint64_t any = 0;
	for (size_t w = 0; w < n_words; w++)
		any |= bits[w];
	return any == 0;
}

static enum err test_clause(const struct row_filter_clause *c, const struct zone *z,
	uint64_t *candidates, uint64_t *matches)
{
	uint64_t some_candidates[ZONE_WORDS], some_matches[ZONE_WORDS];
	enum err e = test_zone(&c->tests[0], z, candidates, matches);
	for (size_t i = 1; !e && i < c->n; i++) {
		e = test_zone(&c->tests[i], z, some_candidates, some_matches);
		for (size_t w = 0; w < z->n_words; w++) {
			candidates[w] |= some_candidates[w];
			matches[w] |= some_matches[w];
		}
	}
	return e;
}

enum err row_filter_zone(
	const struct row_filter *s, uint32_t zone, uint64_t *candidates, uint64_t *matches)
{
	const struct block *b = s->block;
	struct zone z;
	uint64_t clause_candidates[ZONE_WORDS], clause_matches[ZONE_WORDS];
	z.filter = s;
	z.number = zone;
	z.first = zone * INDEX_ZONE_ROWS;
	z.n_rows = b->n_rows - z.first < INDEX_ZONE_ROWS ? b->n_rows - z.first : INDEX_ZONE_ROWS;
	z.n_words = bits_words(z.n_rows);
	memset(candidates, 0, ZONE_WORDS * sizeof *candidates);
	for (size_t w = 0; w < z.n_words; w++)
		candidates[w] = s->is_empty ? 0 : block_current(b, z.first / BITS + w);
	memcpy(matches, candidates, ZONE_WORDS * sizeof *matches);
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < s->n_clauses && !is_zero(candidates, z.n_words); i++) {
		memcpy(z.within, candidates, z.n_words * sizeof *candidates);
		e = test_clause(&s->clauses[i], &z, clause_candidates, clause_matches);
		for (size_t w = 0; w < z.n_words; w++) {
			candidates[w] &= clause_candidates[w];
			matches[w] &= clause_matches[w];
		}
	}
	return e;
}
