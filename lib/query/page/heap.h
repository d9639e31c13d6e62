/*
 * The first items of an order: keeps the `limit` least of all that are put in.
 *
 *	heap_init(&h, arena, sizeof item, limit, compare, user);
 *	heap_put(&h, &item);			any number of times
 *	items = heap_finish(&h, from);		ranks from … h.n - 1, ascending
 *	heap_release(&h);
 *
 * Putting an item in that is too late costs one comparison; putting n of them in costs at most
 * n log limit, and taking the last k ranks out k log limit.
 */
#ifndef FLATSPAN_QUERY_PAGE_HEAP_H
#define FLATSPAN_QUERY_PAGE_HEAP_H

#include "base/arena.h"

enum { HEAP_ITEM_MAX = 64 };

/* <0, 0, >0. It may keep what it finds out in the items. */
typedef int heap_compare(void *x, void *y, void *user);

struct heap {
	struct arena *arena;
	heap_compare *compare;
	void *user;
	size_t item_size, limit;
	char *items; /* a block; in the order of a heap, the greatest first, once n is limit */
	size_t n, room;
};

/* item_size: at most HEAP_ITEM_MAX. */
void heap_init(struct heap *h, struct arena *a, size_t item_size, size_t limit,
	heap_compare *compare, void *user);
/* The item that the next one has to be less than; NULL: there is room for any. */
static inline void *heap_last(const struct heap *h)
{
	return h->n == h->limit && h->n ? h->items : NULL;
}
/* False: the item is not among the first. */
bool heap_put(struct heap *h, void *item);
/* Puts the item in for heap_last(), which it is less than. */
void heap_replace_last(struct heap *h, const void *item);
/* Puts the ranks from `from` on into order and returns the first of them. Nothing can be put in
 * afterwards. */
void *heap_finish(struct heap *h, size_t from);
void heap_release(struct heap *h);

#endif
