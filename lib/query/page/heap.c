#include "query/page/heap.h"

void heap_init(struct heap *h, struct arena *a, size_t item_size, size_t limit,
	heap_compare *compare, void *user)
{
	*h = (struct heap){
		.arena = a, .compare = compare, .user = user, .item_size = item_size, .limit = limit
	};
}

void heap_release(struct heap *h)
{
	if (h->items)
		h->items = arena_block(h->arena, h->items, 0);
}

static char *heap_item(const struct heap *h, size_t i)
{
	return h->items + i * h->item_size;
}

/* Puts the item where the free place `at` is, or beneath it: the items there may be greater. */
static void heap_sink(struct heap *h, size_t at, size_t n, const void *item)
{
	char moved[HEAP_ITEM_MAX];
	memcpy(moved, item, h->item_size);
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n &&
			h->compare(heap_item(h, child), heap_item(h, child + 1), h->user) < 0)
			child++;
		if (h->compare(moved, heap_item(h, child), h->user) >= 0)
			break;
		memcpy(heap_item(h, at), heap_item(h, child), h->item_size);
	}
	memcpy(heap_item(h, at), moved, h->item_size);
}

static void heap_order(struct heap *h)
{
	for (size_t i = h->n / 2; i-- > 0;)
		heap_sink(h, i, h->n, heap_item(h, i));
}

static void heap_append(struct heap *h, const void *item)
{
	enum { FIRST = 64 };
	size_t size;
	if (h->n == h->room) {
		h->room = h->room ? h->room + h->room / 2 : FIRST;
		if (h->room > h->limit)
			h->room = h->limit;
		if (__builtin_mul_overflow(h->room, h->item_size, &size))
			arena_fail(h->arena);
		h->items = arena_block(h->arena, h->items, size);
	}
	memcpy(heap_item(h, h->n++), item, h->item_size);
}

void heap_replace_last(struct heap *h, const void *item)
{
	heap_sink(h, 0, h->n, item);
}

bool heap_put(struct heap *h, void *item)
{
	if (h->n < h->limit) {
		heap_append(h, item);
		if (h->n == h->limit)
			heap_order(h);
		return true;
	}
	if (h->n == 0 || h->compare(item, h->items, h->user) >= 0)
		return false;
	heap_replace_last(h, item);
	return true;
}

void *heap_finish(struct heap *h, size_t from)
{
	char last[HEAP_ITEM_MAX];
	if (h->n < h->limit)
		heap_order(h);
	for (size_t n = h->n; n > from && n > 1;) {
		memcpy(last, heap_item(h, --n), h->item_size);
		memcpy(heap_item(h, n), h->items, h->item_size);
		heap_sink(h, 0, n, last);
	}
	return h->items ? heap_item(h, from < h->n ? from : h->n) : NULL;
}
