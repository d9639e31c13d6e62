#include "query/page/collect.h"

#include "query/match/order.h"

enum { KEY_ROUNDING = 16 };

struct collect_row {
	struct row_ref ref;
	char *key;
	uint32_t key_len, key_cap;
};

/* The query's order, which is total thanks to the places. */
static int collect_compare(void *x, void *y, void *user)
{
	const struct collect_row *a = x, *b = y;
	const struct collect *c = user;
	int order = str_cmp(str_of(a->key, a->key_len), str_of(b->key, b->key_len));
	order = order ? order : row_ref_compare(a->ref, b->ref);
	return c->is_backward ? -order : order;
}

void collect_init(struct collect *c, const struct query *q, struct arena *a)
{
	size_t wanted;
	*c = (struct collect){ .query = q, .arena = a, .is_backward = q->before != NULL };
	if (__builtin_add_overflow(q->offset, q->limit, &wanted))
		wanted = SIZE_MAX;
	heap_init(&c->rows, a, sizeof(struct collect_row), wanted, collect_compare, c);
	buf_init(&c->key, a);
	buf_init(&c->after, a);
	buf_init(&c->before, a);
	string_pool_init(&c->keys, a);
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
	string_pool_release(&c->keys);
	heap_release(&c->rows);
}

/* Copies the current key into the row, over an older one where it fits. */
static void collect_keep_key(struct collect *c, struct collect_row *r)
{
	size_t len = c->key.len;
	if (len > UINT32_MAX - KEY_ROUNDING)
		arena_fail(c->arena);
	if (len > r->key_cap) {
		/* Doubling bounds what is wasted when ever longer keys take this place. */
		size_t cap = len > 2 * (size_t)r->key_cap ? len : 2 * (size_t)r->key_cap;
		cap = (cap + KEY_ROUNDING - 1) / KEY_ROUNDING * KEY_ROUNDING;
		r->key_cap = cap < UINT32_MAX ? (uint32_t)cap : UINT32_MAX;
		r->key = string_pool_bytes(&c->keys, r->key_cap);
	}
	if (len)
		memcpy(r->key, c->key.ptr, len);
	r->key_len = (uint32_t)len;
}

static bool collect_is_in_range(const struct collect *c)
{
	const struct query *q = c->query;
	if (q->after && str_cmp(buf_str(&c->key), buf_str(&c->after)) <= 0)
		return false;
	return !q->before || str_cmp(buf_str(&c->key), buf_str(&c->before)) < 0;
}

/* A row that takes another one's place takes the memory of its key. */
static void collect_put(struct collect *c, struct row_ref ref)
{
	struct collect_row *last = heap_last(&c->rows), row = { .ref = ref };
	row.key = c->key.ptr;
	row.key_len = (uint32_t)c->key.len;
	if (last && collect_compare(&row, last, c) >= 0)
		return;
	row = last ? *last : (struct collect_row){ .key = NULL };
	row.ref = ref;
	collect_keep_key(c, &row);
	if (last)
		heap_replace_last(&c->rows, &row);
	else
		(void)heap_put(&c->rows, &row);
}

void collect_take(struct collect *c, const struct span *s, struct row_ref ref)
{
	struct position p;
	c->n_matching++;
	if (c->rows.limit == 0 && !c->query->after && !c->query->before) {
		c->n_in_range++;
		return;
	}
	query_position(c->query, s, c->arena, &p);
	buf_reset(&c->key);
	order_key(c->query, &p, c->arena, &c->key);
	if (!collect_is_in_range(c))
		return;
	c->n_in_range++;
	if (c->rows.limit)
		collect_put(c, ref);
}

void collect_finish(struct collect *c, struct row_list *ret)
{
	const struct query *q = c->query;
	size_t n_kept = c->rows.n, skip = q->offset < n_kept ? q->offset : n_kept;
	const struct collect_row *first = heap_finish(&c->rows, skip);
	*ret = (struct row_list){ .n = n_kept - skip };
	ret->rows = arena_calloc(c->arena, ret->n, sizeof *ret->rows);
	for (size_t i = 0; i < ret->n; i++)
		ret->rows[c->is_backward ? ret->n - 1 - i : i] = first[i].ref;
	ret->has_more = c->n_in_range > c->rows.limit;
	ret->total = q->want_total ? c->n_matching : 0;
}
