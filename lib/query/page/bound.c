/* Rows behind and ahead of positions: page.h. */
#include "query/match/order.h"
#include "query/page/page.h"

/* The picked rows of one block against one position. */
struct bound {
	struct pager *pager;
	const struct position *position;
	bool is_after; /* rows strictly behind it stay; else those ahead of it */
	uint32_t block;
	struct field_set want;
	signed char *orders[QUERY_SORT_MAX]; /* of each code against the position, once known */
};

enum { NOT_KNOWN = 2 };

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

static int compare_absent(bool x, bool y)
{
	return (int)x - (int)y;
}

static int compare_number(
	const struct bound *b, size_t level, const struct page_key *key, uint32_t row)
{
	const struct sort_value *v = &b->position->value[level];
	const struct sort_key *k = &b->pager->query->sort[level];
	uint64_t x,
		y = ((uint64_t)v->number ^ UINT64_C(1) << 63) ^ (k->descending ? UINT64_MAX : 0);
	bool is_there = page_number(b->pager, level, key, row, &x);
	if (!is_there || v->is_absent)
		return compare_absent(!is_there, v->is_absent);
	return (x > y) - (x < y);
}

static enum err compare_code(
	struct bound *b, size_t level, struct page_key *key, uint32_t code, int *ret)
{
	struct pager *p = b->pager;
	const struct sort_value *v = &b->position->value[level];
	signed char *known = b->orders[level];
	struct str text;
	if (!known) {
		known = (signed char *)arena_text(p->arena, key->texts->n);
		memset(known, NOT_KNOWN, key->texts->n);
		b->orders[level] = known;
	}
	if (known[code] == NOT_KNOWN) {
		enum err e = page_code_text(p, b->block, key, code, &text);
		if (e)
			return e;
		int order = sign(str_cmp(text, json_decode(p->arena, v->text)));
		known[code] = (signed char)(p->query->sort[level].descending ? -order : order);
	}
	*ret = known[code];
	return ERR_OK;
}

static enum err compare_text(
	struct bound *b, size_t level, struct page_key *key, uint32_t row, int *ret)
{
	const struct sort_value *v = &b->position->value[level];
	const struct sort_key *k = &b->pager->query->sort[level];
	bool has = column_has(key->column, row), is_there = has || k->absent_is_zero;
	if (!is_there || v->is_absent)
		*ret = compare_absent(!is_there, v->is_absent);
	else if (!has)
		*ret = (v->text.len == 0) - 1;
	else
		return compare_code(b, level, key, (uint32_t)column_value(key->column, row), ret);
	if (is_there && !has && !v->is_absent && k->descending)
		*ret = -*ret;
	return ERR_OK;
}

static enum err compare_line(struct bound *b, uint32_t row, int *ret)
{
	struct pager *p = b->pager;
	struct position position;
	struct span span;
	bool is_there;
	enum err e = block_read(&p->stock->blocks[b->block], row, &b->want, &span, &is_there);
	if (e)
		return e;
	*ret = 0;
	if (!is_there)
		return ERR_OK;
	struct arena_mark mark = arena_mark(p->arena);
	query_position(p->query, &span, p->arena, &position);
	*ret = query_compare(p->query, &position, b->position);
	arena_rewind(p->arena, mark);
	return ERR_OK;
}

static enum err compare_row(struct bound *b, uint32_t row, int *ret)
{
	const struct query *q = b->pager->query;
	*ret = 0;
	for (size_t level = 0; level < q->n_sort && *ret == 0; level++) {
		enum page_how how = page_how(&q->sort[level]);
		struct page_key *key;
		if (how == PAGE_HASH || how == PAGE_LINE)
			return compare_line(b, row, ret);
		enum err e = page_key(b->pager, b->block, level, &key);
		if (!e && how == PAGE_TEXT)
			e = compare_text(b, level, key, row, ret);
		else if (!e)
			*ret = compare_number(b, level, key, row);
		if (e)
			return e;
	}
	return ERR_OK;
}

static enum err bound_rows(struct bound *b, struct block *block, uint64_t *picked)
{
	uint32_t n = 0;
	int order;
	for (size_t w = 0; w < bits_words(block->n_rows); w++) {
		uint64_t in = block_picked(block, w);
		for (uint64_t left = in; left; left &= left - 1) {
			uint32_t row = bits_row(w, left);
			enum err e = compare_row(b, row, &order);
			if (e)
				return e;
			if (b->is_after ? order <= 0 : order >= 0)
				in &= ~(left & -left);
		}
		picked[w] = in;
		n += (uint32_t)__builtin_popcountll(in);
	}
	block->picked = picked;
	block->n_picked = n;
	return ERR_OK;
}

/* 1: all rows stay, 0: none, -1: look. By the first key alone. */
static enum err ask_block(const struct bound *b, struct block *block, int *ret)
{
	const struct query *q = b->pager->query;
	const struct sort_key *k = &q->sort[0];
	const struct sort_value *v = &b->position->value[0];
	const struct column *c;
	int64_t min, max;
	*ret = -1;
	if (page_how(k) != PAGE_NUMBER || v->is_absent ||
		!block_bounds(block, page_column(k), &min, &max) ||
		(v->number >= min && v->number <= max))
		return ERR_OK;
	enum err e = block_column(block, page_column(k), &c);
	if (!e && column_is_full(c))
		*ret = (v->number < min) == (b->is_after != k->descending);
	return e;
}

static enum err bound_by(struct pager *p, const struct position *position, bool is_after)
{
	struct arena *a = p->arena;
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < p->stock->n_blocks; i++) {
		struct block *block = &p->stock->blocks[i];
		struct bound b = { p, position, is_after, (uint32_t)i, query_fields(p->query),
			{ NULL } };
		int answer;
		if (block->n_picked == 0)
			continue;
		if (stock_is_late(p->stock))
			return ERR_BUDGET;
		e = ask_block(&b, block, &answer);
		if (!e && answer == 0)
			block->n_picked = 0;
		else if (!e && answer < 0)
			e = bound_rows(&b, block,
				arena_calloc(a, bits_words(block->n_rows), sizeof(uint64_t)));
	}
	return e;
}

enum err page_bound(struct stock *s, const struct query *q)
{
	struct pager p;
	enum err e = ERR_OK;
	if (!q->after && !q->before)
		return ERR_OK;
	pager_init(&p, s, q);
	if (q->after)
		e = bound_by(&p, q->after, true);
	if (!e && q->before)
		e = bound_by(&p, q->before, false);
	return e;
}
