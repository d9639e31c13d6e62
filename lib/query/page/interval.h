/*
 * Intervals say which blocks and zones can hold rows of a page, by the bounds of the first sort
 * key.
 */
#ifndef FLATSPAN_QUERY_PAGE_INTERVAL_H
#define FLATSPAN_QUERY_PAGE_INTERVAL_H

#include "query/page/heap.h"
#include "query/page/key.h"

enum { INTERVAL_WHOLE_BLOCK = UINT32_MAX };

/* The bounds of the keys of the selected rows of a block or zone. */
struct interval {
	uint64_t first, last;
	uint32_t block, zone, n_rows;
};

/*
 * No more than `from` rows are before `low`, and at least `to` rows are not after `high`.  The
 * intervals alone tell such keys, and those that touch what is between are looked at twice: the
 * first time only for the keys of the page's first and last row, the second time for the rows.  So
 * rows are compared by further keys, and lines read, only where the page begins, is, or ends.
 */
struct selection {
	struct pager pager;
	uint64_t from, to;
	struct interval *intervals; /* a block */
	size_t n, cap;
	uint64_t low, high;
	uint64_t n_before;              /* rows before low */
	struct page_item after, before; /* positions, in the direction of travel */
	bool has_after, has_before;
	bool is_first_look;
	uint64_t *keys; /* a block: those of the first look from low on */
	size_t n_keys, keys_room;
	struct heap heap;         /* struct page_item: the rows of the second look */
	int64_t *values, *starts; /* of a zone */
};

/* The first key of the query. */
enum page_how selection_how(const struct selection *s);

/* Finds the intervals of all selected rows, ascending by their first keys, and low and high. */
NODISCARD enum err selection_find_intervals(struct selection *s);

/* True when no row of the interval is between the positions. */
bool selection_is_outside(const struct selection *s, const struct interval *i);

#endif
