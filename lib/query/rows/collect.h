/*
 * The page of a list: the first offset + limit rows of the order seen so far, the total, and
 * whether there are more.
 *
 *	collect_init(&c, &query, arena);
 *	collect_take(&c, span, ref)	for each matching row, in any order
 *	collect_finish(&c, &list);
 *	collect_release(&c);
 *
 * Keeps offset + limit keys (query/match/order.h) in a heap, the last of the order on top: about
 *100 bytes a kept row.  Rows that compare equal come in the order of their places.
 */
#ifndef FLATSPAN_QUERY_ROWS_COLLECT_H
#define FLATSPAN_QUERY_ROWS_COLLECT_H

#include "base/table.h"
#include "query/engine.h"

struct collect_row {
	struct row_ref ref;
	char *key;
	uint32_t key_len, key_cap;
};

struct collect {
	const struct query *query;
	struct arena *arena;
	bool is_backward; /* the last rows ahead of query->before */
	size_t wanted;    /* offset + limit */
	uint64_t n_matching, n_in_range;
	struct buf key, after, before; /* keys of the row at hand and the bounds */
	struct keep keys;
	struct collect_row *heap; /* a block */
	size_t n, cap;
};

void collect_init(struct collect *c, const struct query *q, struct arena *a);
void collect_take(struct collect *c, const struct span *s, struct row_ref ref);
/* The rows go into the arena. */
void collect_finish(struct collect *c, struct row_list *ret);
void collect_release(struct collect *c);

#endif
