#include "query/page/key.h"

#include "query/match/order.h"
#include "json/order.h"

/* The text of a parent_span_id. */
struct page_parent {
	uint64_t hash;
	struct str text;
	bool is_unknown; /* the line of `row` is gone: another one may tell */
	struct block_row row;
};

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

bool page_has_columns(const struct query *q)
{
	enum page_how how = q->n_sort ? page_how(&q->sort[0]) : PAGE_NUMBER;
	return how != PAGE_HASH && how != PAGE_LINE;
}

void pager_init(struct pager *p, struct snapshot *s, const struct query *q)
{
	struct arena *a = s->view->arena;
	*p = (struct pager){ .snapshot = s,
		.query = q,
		.arena = a,
		.positions = { q->after, q->before },
		.is_backward = q->before != NULL };
	p->keys = arena_calloc(a, s->n_blocks, sizeof *p->keys);
	while (p->n_columns < q->n_sort && page_how(&q->sort[p->n_columns]) != PAGE_LINE)
		p->n_columns++;
	query_init(&p->rest);
	p->rest.n_sort = q->n_sort - p->n_columns;
	for (size_t i = 0; i < p->rest.n_sort; i++)
		p->rest.sort[i] = q->sort[p->n_columns + i];
	table_init(&p->parents, a, sizeof(struct page_parent));
	string_pool_init(&p->texts, a);
}

void pager_release(struct pager *p)
{
	string_pool_release(&p->texts);
	table_release(&p->parents);
}

/* ---- Columns ---- */

static enum err load_key(struct block *b, const struct sort_key *k, struct page_key *key)
{
	enum err e;
	switch (page_how(k)) {
	case PAGE_NUMBER:
		return block_column(b,
			k->field == QUERY_SPAN_ORDER ? (unsigned)INDEX_SPAN_ORDER : k->field,
			&key->column);
	case PAGE_DURATION:
		e = block_column(b, FIELD_ENDED_AT, &key->column);
		return e ? e : block_column(b, FIELD_STARTED_AT, &key->started);
	case PAGE_HASH:
		if (b->kind != BLOCK_LINES)
			return block_column(b, k->field, &key->column);
		return block_texts_alone(b, k->field, &key->texts);
	case PAGE_TEXT:
		return block_texts_alone(b, k->field, &key->texts);
	case PAGE_LINE:
		break;
	}
	return ERR_OK;
}

enum err pager_key(struct pager *p, uint32_t block, size_t level, struct page_key **ret)
{
	struct page_key *key = &p->keys[block][level];
	enum err e = key->is_ready
			     ? ERR_OK
			     : load_key(&p->snapshot->blocks[block], &p->query->sort[level], key);
	if (e)
		return e;
	key->is_ready = true;
	*ret = key;
	return ERR_OK;
}

/* ---- Values ---- */

static enum err pager_read_line(struct pager *p, struct block *b, uint32_t row,
	const struct field_set *want, struct span *ret, bool *ret_is_there)
{
	enum { LINES_PER_LOOK = 256 };
	if (++p->n_read % LINES_PER_LOOK == 0 && snapshot_is_late(p->snapshot))
		return ERR_BUDGET;
	return block_read(b, row, want, ret, ret_is_there);
}

/* Returns the text of the hash that a row has, from its line unless another row has told it. *ret
 * is empty when the line is gone. */
static enum err text_of_hash(
	struct pager *p, const struct page_item *i, uint64_t hash, enum field f, struct str *ret)
{
	struct field_set want = { { 0 } };
	struct table_probe probe = table_probe(&p->parents, hash);
	struct page_parent *parent = table_next(&p->parents, &probe);
	struct span span;
	bool is_there = false;
	if (!parent) {
		parent = table_add(&p->parents, hash);
		*parent = (struct page_parent){ hash, STR(""), true, { PAGE_POSITION, 0 } };
	}
	*ret = parent->text;
	if (!parent->is_unknown || (parent->row.block == i->block && parent->row.row == i->row))
		return ERR_OK;
	field_set_add(&want, f);
	enum err e =
		pager_read_line(p, &p->snapshot->blocks[i->block], i->row, &want, &span, &is_there);
	if (e)
		return e;
	struct str text = is_there ? span_text(&span, f) : STR_NULL;
	parent->is_unknown = !is_there;
	parent->row = (struct block_row){ i->block, i->row };
	if (text.len)
		*ret = parent->text = string_pool_copy(&p->texts, text);
	return ERR_OK;
}

static enum err text_value(struct pager *p, const struct page_item *i, size_t level,
	struct page_key *key, struct str *ret)
{
	struct block *b = &p->snapshot->blocks[i->block];
	const struct sort_key *k = &p->query->sort[level];
	const struct column *c = key->column;
	if (key->texts) {
		enum err e = block_text_codes(b, key->texts);
		if (e)
			return e;
		c = key->texts->codes;
	}
	if (!column_has(c, i->row)) {
		*ret = k->absent_is_zero ? STR("") : STR_NULL;
		return ERR_OK;
	}
	int64_t v = column_value(c, i->row);
	return key->texts ? block_text(b, key->texts, (uint32_t)v, ret)
			  : text_of_hash(p, i, (uint64_t)v, (enum field)k->field, ret);
}

static bool pager_number_value(const struct page_key *key, uint32_t row, int64_t *ret)
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

static bool pager_is_text(enum page_how how)
{
	return how == PAGE_TEXT || how == PAGE_HASH;
}

static enum err pager_value_of(
	struct pager *p, const struct page_item *i, size_t level, struct sort_value *ret)
{
	const struct sort_key *k = &p->query->sort[level];
	struct page_key *key;
	if (i->block == PAGE_POSITION) {
		*ret = p->positions[i->row]->value[level];
		return ERR_OK;
	}
	*ret = (struct sort_value){ .text = STR_NULL };
	enum err e = pager_key(p, i->block, level, &key);
	if (e)
		return e;
	if (pager_is_text(page_how(k))) {
		e = text_value(p, i, level, key, &ret->text);
		ret->is_absent = !e && str_is_null(ret->text);
		return e;
	}
	ret->is_absent = !pager_number_value(key, i->row, &ret->number) && !k->absent_is_zero;
	return ERR_OK;
}

/* ---- Comparing ---- */

uint64_t pager_number(const struct pager *p, int64_t value)
{
	uint64_t v = (uint64_t)value ^ UINT64_C(1) << 63;
	return p->query->n_sort && p->query->sort[0].descending != p->is_backward ? ~v : v;
}

int64_t pager_value(const struct pager *p, uint64_t key)
{
	key = p->query->sort[0].descending != p->is_backward ? ~key : key;
	return (int64_t)(key ^ UINT64_C(1) << 63);
}

uint64_t pager_head(const struct pager *p, struct str text)
{
	uint64_t v = body_head(text);
	return p->query->sort[0].descending != p->is_backward ? ~v : v;
}

struct page_item pager_position(const struct pager *p, uint32_t number)
{
	struct page_item i = { .rest = STR_NULL, .block = PAGE_POSITION, .row = number };
	if (p->query->n_sort == 0)
		return i;
	const struct sort_value *v = &p->positions[number]->value[0];
	i.is_absent = v->is_absent;
	if (!v->is_absent)
		i.key = pager_is_text(page_how(&p->query->sort[0])) ? pager_head(p, v->text)
								    : pager_number(p, v->number);
	return i;
}

/* True when both rows have the same code or hash, without a look at the text. */
static bool is_same_text(
	struct pager *p, const struct page_item *x, const struct page_item *y, size_t level)
{
	struct page_key *a, *b;
	if (x->block == PAGE_POSITION || y->block == PAGE_POSITION ||
		pager_key(p, x->block, level, &a) || pager_key(p, y->block, level, &b) ||
		(a->texts || b->texts ? x->block != y->block || !a->texts->codes : false))
		return false;
	const struct column *c = a->texts ? a->texts->codes : a->column;
	const struct column *d = b->texts ? b->texts->codes : b->column;
	return column_has(c, x->row) && column_has(d, y->row) &&
	       column_value(c, x->row) == column_value(d, y->row);
}

/* Compares one key in the query's order. */
static int compare_level(
	struct pager *p, const struct page_item *x, const struct page_item *y, size_t level)
{
	const struct sort_key *k = &p->query->sort[level];
	struct sort_value a, b;
	bool by_text = pager_is_text(page_how(k));
	if (by_text && is_same_text(p, x, y, level))
		return 0;
	enum err e = pager_value_of(p, x, level, &a);
	/* Reading a line may take the place of an earlier one's texts, but not of those kept. */
	if (!e)
		e = pager_value_of(p, y, level, &b);
	if (e) {
		p->error = p->error ? p->error : e;
		return 0;
	}
	if (a.is_absent || b.is_absent)
		return a.is_absent - b.is_absent;
	int order = by_text ? body_order(a.text, b.text)
			    : (a.number > b.number) - (a.number < b.number);
	return k->descending ? -order : order;
}

/* Makes the keys that only the line tells. Of a line that is gone: none. */
static enum err read_rest(struct pager *p, struct page_item *i)
{
	struct field_set want = query_fields(&p->rest);
	struct position position;
	struct span span;
	struct buf bytes;
	bool is_there = true;
	if (!str_is_null(i->rest))
		return ERR_OK;
	if (i->block != PAGE_POSITION) {
		enum err e = pager_read_line(
			p, &p->snapshot->blocks[i->block], i->row, &want, &span, &is_there);
		if (e)
			return e;
	}
	i->rest = STR("");
	if (!is_there)
		return ERR_OK;
	struct arena_mark mark = arena_mark(p->arena);
	buf_init(&bytes, p->arena);
	if (i->block == PAGE_POSITION)
		memcpy(position.value, p->positions[i->row]->value + p->n_columns,
			p->rest.n_sort * sizeof *position.value);
	else
		query_position(&p->rest, &span, p->arena, &position);
	order_key(&p->rest, &position, p->arena, &bytes);
	i->rest = string_pool_copy(&p->texts, buf_str(&bytes));
	buf_release(&bytes);
	arena_rewind(p->arena, mark);
	return ERR_OK;
}

static int pager_compare_lines(struct pager *p, struct page_item *x, struct page_item *y)
{
	enum err e = read_rest(p, x);
	if (!e)
		e = read_rest(p, y);
	if (e)
		p->error = p->error ? p->error : e;
	return e ? 0 : str_cmp(x->rest, y->rest);
}

/* Blocks are in the order of places, but for that of lines. */
static int pager_compare_places(
	struct pager *p, const struct page_item *x, const struct page_item *y)
{
	struct block *a = &p->snapshot->blocks[x->block], *b = &p->snapshot->blocks[y->block];
	struct row_ref s, t;
	if (a == b)
		return (x->row > y->row) - (x->row < y->row);
	if (a->kind != BLOCK_LINES && b->kind != BLOCK_LINES)
		return x->block < y->block ? -1 : 1;
	enum err e = block_ref(a, x->row, &s);
	if (!e)
		e = block_ref(b, y->row, &t);
	if (e)
		p->error = p->error ? p->error : e;
	return e ? 0 : row_ref_compare(s, t);
}

/* The first key of numbers is the item's key. */
static int compare_further(struct pager *p, struct page_item *x, struct page_item *y)
{
	const struct query *q = p->query;
	int order = 0;
	size_t level = q->n_sort && !pager_is_text(page_how(&q->sort[0]));
	for (; !order && level < p->n_columns; level++)
		order = compare_level(p, x, y, level);
	if (!order && p->rest.n_sort)
		order = pager_compare_lines(p, x, y);
	if (!order && x->block != PAGE_POSITION && y->block != PAGE_POSITION)
		order = pager_compare_places(p, x, y);
	return order;
}

int pager_compare(void *x, void *y, void *pager)
{
	struct pager *p = pager;
	int order = pager_compare_keys(p, x, y);
	if (order || p->error)
		return order;
	order = compare_further(p, x, y);
	return p->is_backward ? -order : order;
}

/* ---- The order of ids ---- */

static bool has_span_order(struct snapshot *s)
{
	for (size_t i = 0; i < s->n_blocks; i++) {
		struct block *b = &s->blocks[i];
		size_t n = b->counted ? b->counted->n_blocks : 1;
		for (size_t k = 0; b->n_selected && k < n; k++)
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

const struct query *page_order(struct snapshot *s, const struct query *q)
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
