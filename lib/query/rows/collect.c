#include "query/rows/collect.h"

#include "query/match/order.h"

#include <stdlib.h>

enum { FIRST_ROWS = 64, KEY_ROUNDING = 16 };

void collect_init(struct collect *c, const struct query *q, struct arena *a)
{
	*c = (struct collect){ .query = q, .arena = a, .is_backward = q->before != NULL };
	if (__builtin_add_overflow(q->offset, q->limit, &c->wanted))
		c->wanted = SIZE_MAX;
	buf_init(&c->key, a);
	buf_init(&c->after, a);
	buf_init(&c->before, a);
	keep_init(&c->keys, a);
	if (q->after)
		order_key(q, q->after, a, &c->after);
	if (q->before)
		order_key(q, q->before, a, &c->before);
}

void collect_release(struct collect *c)
{
	buf_release(&c->key);
	buf_release(&c->after);
	buf_release(&c->before);
	keep_release(&c->keys);
	if (c->heap)
		c->heap = arena_block(c->arena, c->heap, 0);
}

static int ref_compare(struct row_ref x, struct row_ref y)
{
	if (x.shard != y.shard)
		return x.shard < y.shard ? -1 : 1;
	return (x.at > y.at) - (x.at < y.at);
}

static struct str key_of(const struct collect_row *r)
{
	return str_of(r->key, r->key_len);
}

/* The query's order, which is a total one thanks to the places. */
static int row_compare(const struct collect_row *x, const struct collect_row *y)
{
	int order = str_cmp(key_of(x), key_of(y));
	return order ? order : ref_compare(x->ref, y->ref);
}

/* Does x come behind y in the direction of travel? */
static bool is_behind(
	const struct collect *c, const struct collect_row *x, const struct collect_row *y)
{
	int order = row_compare(x, y);
	return c->is_backward ? order < 0 : order > 0;
}

static void sift_up(struct collect *c, size_t i)
{
	while (i && is_behind(c, &c->heap[i], &c->heap[(i - 1) / 2])) {
		struct collect_row r = c->heap[i];
		c->heap[i] = c->heap[(i - 1) / 2];
		c->heap[(i - 1) / 2] = r;
		i = (i - 1) / 2;
	}
}

static void sift_down(struct collect *c, size_t i)
{
	for (;;) {
		size_t last = i, left = 2 * i + 1, right = left + 1;
		if (left < c->n && is_behind(c, &c->heap[left], &c->heap[last]))
			last = left;
		if (right < c->n && is_behind(c, &c->heap[right], &c->heap[last]))
			last = right;
		if (last == i)
			return;
		struct collect_row r = c->heap[i];
		c->heap[i] = c->heap[last];
		c->heap[last] = r;
		i = last;
	}
}

/* The key at hand into the row, in place of an older one where it fits. */
static void keep_key(struct collect *c, struct collect_row *r, struct row_ref ref)
{
	size_t len = c->key.len;
	if (len > UINT32_MAX - KEY_ROUNDING)
		arena_fail(c->arena);
	if (len > r->key_cap) {
		/* Doubling bounds what is left behind when ever longer keys take this place. */
		size_t cap = len > 2 * (size_t)r->key_cap ? len : 2 * (size_t)r->key_cap;
		cap = (cap + KEY_ROUNDING - 1) / KEY_ROUNDING * KEY_ROUNDING;
		r->key_cap = cap < UINT32_MAX ? (uint32_t)cap : UINT32_MAX;
		r->key = keep_bytes(&c->keys, r->key_cap);
	}
	if (len)
		memcpy(r->key, c->key.ptr, len);
	r->key_len = (uint32_t)len;
	r->ref = ref;
}

static void add_row(struct collect *c, struct row_ref ref)
{
	if (c->n == c->cap) {
		size_t size;
		c->cap = c->cap ? c->cap + c->cap / 2 : FIRST_ROWS;
		if (__builtin_mul_overflow(c->cap, sizeof *c->heap, &size))
			arena_fail(c->arena);
		c->heap = arena_block(c->arena, c->heap, size);
	}
	c->heap[c->n] = (struct collect_row){ .key = NULL };
	keep_key(c, &c->heap[c->n], ref);
	sift_up(c, c->n++);
}

static bool is_in_range(const struct collect *c)
{
	const struct query *q = c->query;
	if (q->after && str_cmp(buf_str(&c->key), buf_str(&c->after)) <= 0)
		return false;
	return !q->before || str_cmp(buf_str(&c->key), buf_str(&c->before)) < 0;
}

void collect_take(struct collect *c, const struct span *s, struct row_ref ref)
{
	struct position p;
	c->n_matching++;
	if (c->wanted == 0 && !c->query->after && !c->query->before) {
		c->n_in_range++;
		return;
	}
	query_position(c->query, s, c->arena, &p);
	buf_reset(&c->key);
	order_key(c->query, &p, c->arena, &c->key);
	if (!is_in_range(c))
		return;
	c->n_in_range++;
	struct collect_row row = { .ref = ref, .key = c->key.ptr, .key_len = (uint32_t)c->key.len };
	if (c->n < c->wanted) {
		add_row(c, ref);
	} else if (c->n && is_behind(c, &c->heap[0], &row)) {
		keep_key(c, &c->heap[0], ref);
		sift_down(c, 0);
	}
}

static int in_order(const void *x, const void *y)
{
	return row_compare(x, y);
}

void collect_finish(struct collect *c, struct row_list *ret)
{
	const struct query *q = c->query;
	size_t skip = q->offset < c->n ? q->offset : c->n, n = c->n - skip;
	if (c->n)
		qsort(c->heap, c->n, sizeof *c->heap, in_order);
	/* Going backward the rows to skip are the nearest to the bound: the last ones. */
	const struct collect_row *first = c->heap;
	if (!c->is_backward && skip)
		first += skip;
	*ret = (struct row_list){ .n = n };
	ret->rows = arena_calloc(c->arena, n, sizeof *ret->rows);
	for (size_t i = 0; i < n; i++)
		ret->rows[i] = first[i].ref;
	ret->has_more = c->n_in_range > c->wanted;
	ret->total = q->want_total ? c->n_matching : 0;
}
