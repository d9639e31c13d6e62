/* Rows that the first keys leave equal: page.h. */
#include "query/match/order.h"
#include "query/page/page.h"
#include "query/page/sort.h"

struct tied {
	uint64_t key;
	struct str text;         /* STR_NULL: by key */
	bool is_absent, is_hash; /* is_hash: key is one, and the text is not known yet */
	struct page_item item;
	struct row_ref ref;
};

static int compare_places(struct row_ref x, struct row_ref y)
{
	if (x.shard != y.shard)
		return x.shard < y.shard ? -1 : 1;
	return (x.at > y.at) - (x.at < y.at);
}

/* One level: rows may stay equal. */
static int compare_level(const void *x, const void *y, void *user)
{
	const struct tied *a = x, *b = y;
	const bool *descending = user;
	if (a->is_absent || b->is_absent)
		return a->is_absent - b->is_absent;
	if (str_is_null(a->text))
		return (a->key > b->key) - (a->key < b->key);
	int order = str_cmp(a->text, b->text);
	return *descending ? -order : order;
}

/* All that is left: no two rows are equal. */
static int compare_last(const void *x, const void *y, void *user)
{
	const struct tied *a = x, *b = y;
	int order = str_cmp(a->text, b->text);
	(void)user;
	return order ? order : compare_places(a->ref, b->ref);
}

static enum err fill_level(struct pager *p, struct tied *t, size_t level)
{
	struct page_key *key;
	enum page_how how = page_how(&p->query->sort[level]);
	enum err e = page_key(p, t->item.block, level, &key);
	if (e)
		return e;
	if (how != PAGE_TEXT && how != PAGE_HASH) {
		t->is_absent = !page_number(p, level, key, t->item.row, &t->key);
		return ERR_OK;
	}
	if (how == PAGE_HASH && !key->texts && column_has(key->column, t->item.row)) {
		t->key = (uint64_t)column_value(key->column, t->item.row);
		t->is_hash = true;
		return ERR_OK;
	}
	e = page_text(p, t->item.block, level, key, t->item.row, &t->text);
	t->is_absent = !e && str_is_null(t->text);
	return e;
}

/* ---- Hashes ---- */

/* Those whose text is not known first; of one hash in the order of blocks and their rows. */
static int compare_hashes(const void *x, const void *y, void *user)
{
	const struct tied *a = x, *b = y;
	(void)user;
	if (a->is_hash != b->is_hash)
		return a->is_hash ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->item.block != b->item.block)
		return a->item.block < b->item.block ? -1 : 1;
	return (a->item.row > b->item.row) - (a->item.row < b->item.row);
}

/* What stands on the first line of these that is there; where none is, nothing. */
static enum err read_text(
	struct pager *p, struct tied *same, size_t n, enum field f, struct keep *keep)
{
	struct field_set want = { { 0 } };
	struct str text = STR("");
	struct span span;
	bool is_there = false;
	field_set_add(&want, f);
	for (size_t i = 0; i < n && !is_there; i++) {
		struct block *b = &p->stock->blocks[same[i].item.block];
		enum err e = i % 256 == 255 && stock_is_late(p->stock)
				     ? ERR_BUDGET
				     : block_read(b, same[i].item.row, &want, &span, &is_there);
		if (e)
			return e;
	}
	if (is_there && span_has(&span, f)) {
		struct arena_mark mark = arena_mark(p->arena);
		text = json_decode(p->arena, span_text(&span, f));
		text = text.len ? keep_copy(keep, text) : STR("");
		arena_rewind(p->arena, mark);
	}
	for (size_t i = 0; i < n; i++)
		same[i].text = text;
	return ERR_OK;
}

static enum err read_texts(
	struct pager *p, struct tied *tied, size_t n, size_t level, struct keep *keep)
{
	enum field f = (enum field)p->query->sort[level].field;
	enum err e = ERR_OK;
	sort_window(tied, n, sizeof *tied, 0, n, compare_hashes, NULL, NULL);
	for (size_t first = 0, end, k = 1; !e && first < n && tied[first].is_hash; first = end) {
		for (end = first + 1; end < n; end++)
			if (!tied[end].is_hash || tied[end].key != tied[first].key)
				break;
		e = k++ % 256 == 0 && stock_is_late(p->stock)
			    ? ERR_BUDGET
			    : read_text(p, tied + first, end - first, f, keep);
	}
	return e;
}

/* ---- On the lines ---- */

/* The keys from the level on as bytes, from the line. */
static enum err fill_line(struct pager *p, struct tied *t, const struct query *rest,
	const struct field_set *want, struct keep *keep)
{
	struct block *b = &p->stock->blocks[t->item.block];
	struct position position;
	struct span span;
	bool is_there = false;
	t->text = STR("");
	enum err e = block_ref(b, t->item.row, &t->ref);
	if (!e && rest->n_sort)
		e = block_read(b, t->item.row, want, &span, &is_there);
	if (e || !is_there)
		return e;
	struct arena_mark mark = arena_mark(p->arena);
	struct buf bytes;
	buf_init(&bytes, p->arena);
	query_position(rest, &span, p->arena, &position);
	order_key(rest, &position, p->arena, &bytes);
	t->text = keep_copy(keep, buf_str(&bytes));
	buf_release(&bytes);
	arena_rewind(p->arena, mark);
	return ERR_OK;
}

static void put_back(struct page_item *items, const struct tied *tied, size_t n)
{
	for (size_t i = 0; i < n; i++)
		items[i] = tied[i].item;
}

static enum err refine_by_lines(
	struct pager *p, struct tied *tied, size_t n, size_t from, size_t to, size_t level)
{
	struct query rest;
	struct keep keep;
	enum err e = ERR_OK;
	query_init(&rest);
	rest.n_sort = p->query->n_sort - level;
	for (size_t i = 0; i < rest.n_sort; i++)
		rest.sort[i] = p->query->sort[level + i];
	struct field_set want = query_fields(&rest);
	keep_init(&keep, p->arena);
	for (size_t i = 0; !e && i < n; i++)
		e = i % 256 == 255 && stock_is_late(p->stock)
			    ? ERR_BUDGET
			    : fill_line(p, &tied[i], &rest, &want, &keep);
	if (!e)
		sort_window(tied, n, sizeof *tied, from, to, compare_last, NULL, NULL);
	keep_release(&keep);
	return e;
}

/* Depth: QUERY_SORT_MAX. */
static enum err refine_groups(
	struct pager *p, struct tied *tied, size_t n, size_t from, size_t to, size_t level)
{
	bool descending = p->query->sort[level].descending;
	enum err e = ERR_OK;
	for (size_t first = 0, end; !e && first < to; first = end) {
		for (end = first + 1; end < n; end++)
			if (compare_level(&tied[first], &tied[end], &descending))
				break;
		if (end - first == 1 || end <= from)
			continue;
		size_t lo = from > first ? from - first : 0,
		       hi = to < end ? to - first : end - first;
		struct page_item *group = arena_calloc(p->arena, end - first, sizeof *group);
		put_back(group, tied + first, end - first);
		e = page_refine(p, group, end - first, lo, hi, level + 1);
		for (size_t i = 0; i < end - first; i++)
			tied[first + i].item = group[i];
	}
	return e;
}

static enum err refine_by_columns(
	struct pager *p, struct tied *tied, size_t n, size_t from, size_t to, size_t level)
{
	bool descending = p->query->sort[level].descending;
	struct keep keep;
	enum err e = ERR_OK;
	keep_init(&keep, p->arena);
	for (size_t i = 0; !e && i < n; i++)
		e = fill_level(p, &tied[i], level);
	if (!e && page_how(&p->query->sort[level]) == PAGE_HASH)
		e = read_texts(p, tied, n, level, &keep);
	if (!e) {
		sort_window(tied, n, sizeof *tied, from, to, compare_level, NULL, &descending);
		e = refine_groups(p, tied, n, from, to, level);
	}
	keep_release(&keep);
	return e;
}

enum err page_refine(
	struct pager *p, struct page_item *items, size_t n, size_t from, size_t to, size_t level)
{
	const struct query *q = p->query;
	enum err e;
	size_t size;
	if (n == 0 || from >= to)
		return ERR_OK;
	if (__builtin_mul_overflow(n, sizeof(struct tied), &size))
		arena_fail(p->arena);
	struct tied *tied = arena_block(p->arena, NULL, size);
	for (size_t i = 0; i < n; i++)
		tied[i] = (struct tied){ .item = items[i] };
	bool by_lines = level == q->n_sort || page_how(&q->sort[level]) == PAGE_LINE;
	e = by_lines ? refine_by_lines(p, tied, n, from, to, level)
		     : refine_by_columns(p, tied, n, from, to, level);
	if (!e)
		put_back(items, tied, n);
	(void)arena_block(p->arena, tied, 0); /* freed: there is no result */
	return e;
}
