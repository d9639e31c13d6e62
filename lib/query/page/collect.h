/*
 * A page of spans that are known by their lines: the first offset + limit rows of the order, the
 * total, and whether there are more.  For orders that columns cannot tell, and for rows that a
 * dialect computes.
 *
 *	collect_init(&c, &query, arena);
 *	collect_take(&c, span, ref)	for each matching row, in any order
 *	collect_finish(&c, &list);
 *	collect_release(&c);
 *
 * Rows that compare equal come in the order of their places.  A kept row costs about 100 bytes.
 */
#ifndef FLATSPAN_QUERY_PAGE_COLLECT_H
#define FLATSPAN_QUERY_PAGE_COLLECT_H

#include "base/table.h"
#include "query/engine.h"
#include "query/page/heap.h"
#include "query/rows/scan.h"

struct collect {
	const struct query *query;
	struct arena *arena;
	bool is_backward; /* the page is the last rows before query->before */
	uint64_t n_matching, n_in_range;
	struct buf key, after, before; /* order_key() of the current row and of the bounds */
	struct string_pool keys;
	struct heap rows;
};

void collect_init(struct collect *c, const struct query *q, struct arena *a);
void collect_take(struct collect *c, const struct span *s, struct row_ref ref);
/* The rows go into the arena. */
void collect_finish(struct collect *c, struct row_list *ret);
void collect_release(struct collect *c);

#endif
