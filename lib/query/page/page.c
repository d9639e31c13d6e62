#include "query/page/page.h"

#include "query/page/sort.h"

/* ---- Keys ---- */

enum page_how page_how(const struct sort_key *k)
{
	if (k->field == QUERY_DURATION)
		return PAGE_DURATION;
	if (k->field == QUERY_SPAN_ORDER)
		return PAGE_NUMBER;
	if (k->field >= FIELD__MAX)
		return PAGE_LINE;
	switch (field_info[k->field].column) {
	case COLUMN_DICT:
		return PAGE_TEXT;
	case COLUMN_HASH:
		return k->field == FIELD_TRACE_ID         ? PAGE_TEXT
		       : k->field == FIELD_PARENT_SPAN_ID ? PAGE_HASH
							  : PAGE_LINE;
	case COLUMN_CODE:
	case COLUMN_I64:
	case COLUMN_PICO:
		return PAGE_NUMBER;
	default:
		return PAGE_LINE;
	}
}

unsigned page_column(const struct sort_key *k)
{
	return k->field == QUERY_SPAN_ORDER ? (unsigned)INDEX_SPAN_ORDER : k->field;
}

bool page_has_columns(const struct query *q)
{
	enum page_how how = q->n_sort ? page_how(&q->sort[0]) : PAGE_NUMBER;
	return how != PAGE_HASH && how != PAGE_LINE;
}

void pager_init(struct pager *p, struct stock *s, const struct query *q)
{
	struct arena *a = s->view->arena;
	*p = (struct pager){ .stock = s, .query = q, .arena = a };
	p->keys = arena_calloc(a, s->n_blocks, sizeof *p->keys);
}

static enum err load_texts(struct pager *p, struct block *b, unsigned field, struct page_key *key)
{
	enum err e = block_texts(b, field, &key->texts);
	if (e)
		return e;
	key->column = key->texts->codes;
	key->plain = arena_calloc(p->arena, key->texts->n, sizeof *key->plain);
	return ERR_OK;
}

static enum err load_key(struct pager *p, struct block *b, size_t level, struct page_key *key)
{
	const struct sort_key *k = &p->query->sort[level];
	enum err e;
	switch (page_how(k)) {
	case PAGE_NUMBER:
		return block_column(b, page_column(k), &key->column);
	case PAGE_DURATION:
		e = block_column(b, FIELD_ENDED_AT, &key->column);
		return e ? e : block_column(b, FIELD_STARTED_AT, &key->started);
	case PAGE_TEXT:
		return load_texts(p, b, k->field, key);
	case PAGE_HASH:
		return b->kind == BLOCK_LINES ? load_texts(p, b, k->field, key)
					      : block_column(b, k->field, &key->column);
	case PAGE_LINE:
		break;
	}
	return ERR_OK;
}

enum err page_key(struct pager *p, uint32_t block, size_t level, struct page_key **ret)
{
	struct page_key *key = &p->keys[block][level];
	enum err e = key->is_ready ? ERR_OK : load_key(p, &p->stock->blocks[block], level, key);
	if (e)
		return e;
	key->is_ready = true;
	*ret = key;
	return ERR_OK;
}

static bool number_of(const struct page_key *key, uint32_t row, int64_t *ret)
{
	int64_t v;
	if (!column_has(key->column, row))
		return false;
	v = column_value(key->column, row);
	if (key->started &&
		(!column_has(key->started, row) ||
			__builtin_sub_overflow(v, column_value(key->started, row), &v) || v < 0))
		return false;
	*ret = v;
	return true;
}

bool page_number(const struct pager *p, size_t level, const struct page_key *key, uint32_t row,
	uint64_t *ret)
{
	const struct sort_key *k = &p->query->sort[level];
	int64_t v = 0;
	if (!number_of(key, row, &v) && !k->absent_is_zero)
		return false;
	*ret = ((uint64_t)v ^ UINT64_C(1) << 63) ^ (k->descending ? UINT64_MAX : 0);
	return true;
}

enum err page_code_text(
	struct pager *p, uint32_t block, struct page_key *key, uint32_t code, struct str *ret)
{
	struct str body;
	if (str_is_null(key->plain[code])) {
		enum err e = block_text(&p->stock->blocks[block], key->texts, code, &body);
		if (e)
			return e;
		key->plain[code] = json_decode(p->arena, body);
	}
	*ret = key->plain[code];
	return ERR_OK;
}

enum err page_text(struct pager *p, uint32_t block, size_t level, struct page_key *key,
	uint32_t row, struct str *ret)
{
	if (!column_has(key->column, row)) {
		*ret = p->query->sort[level].absent_is_zero ? STR("") : STR_NULL;
		return ERR_OK;
	}
	return page_code_text(p, block, key, (uint32_t)column_value(key->column, row), ret);
}

/* ---- The order of ids ---- */

static bool has_span_order(struct stock *s)
{
	for (size_t i = 0; i < s->n_blocks; i++) {
		struct block *b = &s->blocks[i];
		size_t n = b->counted ? b->counted->n_blocks : 1;
		for (size_t k = 0; b->n_picked && k < n; k++)
			if (!block_is_full(b + k, INDEX_SPAN_ORDER))
				return false; /* it was made before there was one */
	}
	return true;
}

static void insert_value(const struct position **position, size_t at, size_t n, struct arena *a)
{
	if (!*position)
		return;
	struct position *p = arena_alloc(a, sizeof *p);
	*p = **position;
	memmove(p->value + at + 1, p->value + at, (n - at) * sizeof *p->value);
	const struct sort_value *id = &p->value[at + 1];
	p->value[at] = (struct sort_value){ .is_absent = id->is_absent, .text = STR_NULL };
	if (!id->is_absent)
		p->value[at].number = span_text_order(id->text);
	*position = p;
}

const struct query *page_order(struct stock *s, const struct query *q)
{
	size_t at = 0;
	while (at < q->n_sort && q->sort[at].field != FIELD_SPAN_ID)
		at++;
	if (at == q->n_sort || q->n_sort == QUERY_SORT_MAX || !has_span_order(s))
		return q;
	struct query *ret = arena_alloc(s->view->arena, sizeof *ret);
	*ret = *q;
	memmove(ret->sort + at + 1, ret->sort + at, (q->n_sort - at) * sizeof *ret->sort);
	ret->sort[at] = (struct sort_key){ .field = QUERY_SPAN_ORDER,
		.descending = q->sort[at].descending };
	ret->n_sort++;
	insert_value(&ret->after, at, q->n_sort, s->view->arena);
	insert_value(&ret->before, at, q->n_sort, s->view->arena);
	return ret;
}

/* ---- Items ---- */

void page_add(struct pager *p, struct page_items *l, struct page_item item)
{
	enum { FIRST = 256 };
	size_t size;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap + l->cap / 2 : FIRST;
		if (__builtin_mul_overflow(l->cap, sizeof *l->items, &size))
			arena_fail(p->arena);
		l->items = arena_block(p->arena, l->items, size);
	}
	l->items[l->n++] = item;
}

int page_compare_items(const void *x, const void *y, void *user)
{
	const struct page_item *a = x, *b = y;
	(void)user;
	if (a->is_absent != b->is_absent)
		return a->is_absent ? 1 : -1;
	return (a->key > b->key) - (a->key < b->key);
}

static void all_items(struct pager *p, struct page_items *ret)
{
	for (size_t i = 0; i < p->stock->n_blocks; i++) {
		const struct block *b = &p->stock->blocks[i];
		for (size_t w = 0; b->n_picked && w < bits_words(b->n_rows); w++)
			for (uint64_t left = block_picked(b, w); left; left &= left - 1) {
				struct page_item item = { .block = (uint32_t)i & INT32_MAX };
				item.row = bits_row(w, left);
				page_add(p, ret, item);
			}
	}
}

static bool are_equal(const struct page_item *x, const struct page_item *y)
{
	return page_compare_items(x, y, NULL) == 0;
}

/* The items are sorted by the first key within [from, to): now by the others. */
static enum err refine_all(struct pager *p, struct page_items *l, size_t from, size_t to)
{
	enum err e = ERR_OK;
	size_t first = from, end;
	while (first && first < to && are_equal(&l->items[first - 1], &l->items[from]))
		first--;
	for (; !e && first < to; first = end) {
		for (end = first + 1; end < l->n; end++)
			if (!are_equal(&l->items[end], &l->items[first]))
				break;
		size_t lo = from > first ? from - first : 0,
		       hi = to < end ? to - first : end - first;
		if (end - first > 1)
			e = page_refine(p, l->items + first, end - first, lo, hi, 1);
	}
	return e;
}

static enum err select_items(struct pager *p, uint64_t from, uint64_t to, struct page_items *ret)
{
	const struct query *q = p->query;
	if (q->n_sort && page_how(&q->sort[0]) == PAGE_TEXT)
		return page_by_text(p, from, to, ret);
	if (q->n_sort && page_has_columns(q))
		return page_by_number(p, from, to, ret);
	all_items(p, ret);
	return ERR_OK;
}

enum err page_select(struct stock *s, const struct query *q, uint64_t from, uint64_t to,
	struct block_row **ret, size_t *ret_n)
{
	struct pager p;
	struct page_items l = { .n = 0 };
	uint64_t n_all = stock_count(s);
	to = to < n_all ? to : n_all;
	*ret = NULL;
	*ret_n = 0;
	if (from >= to)
		return ERR_OK;
	pager_init(&p, s, q);
	enum err e = select_items(&p, from, to, &l);
	/* Bounds of a column, or of a zone, that its values are not within. */
	if (!e && (l.n_ahead > from || to - l.n_ahead > l.n))
		e = ERR_UNSAFE;
	from -= l.n_ahead;
	to -= l.n_ahead;
	if (!e && page_has_columns(q) && q->n_sort) {
		sort_window(
			l.items, l.n, sizeof *l.items, from, to, page_compare_items, NULL, NULL);
		e = refine_all(&p, &l, from, to);
	} else if (!e) {
		e = page_refine(&p, l.items, l.n, from, to, 0);
	}
	if (!e) {
		*ret_n = to - from;
		*ret = arena_calloc(p.arena, *ret_n, sizeof **ret);
		for (size_t i = 0; i < *ret_n; i++)
			(*ret)[i] = (struct block_row){ l.items[from + i].block,
				l.items[from + i].row };
	}
	if (l.items)
		l.items = arena_block(p.arena, l.items, 0);
	return e;
}
