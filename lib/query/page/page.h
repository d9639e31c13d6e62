/*
 * A page of the selected rows of a snapshot, in the order of a query.
 *
 * The first sort key of a row is a number of 64 bits: its value, or the head of its text.  Blocks
 * and zones whose bounds say that they lie outside of the page are not opened; of the other rows a
 * heap keeps the first ones.  Further keys are looked at where the first ones are equal, and lines
 * where columns cannot tell.  Where a column has hashes (index/index.h) a line is read for each
 * text, not for each row.
 */
#ifndef FLATSPAN_QUERY_PAGE_PAGE_H
#define FLATSPAN_QUERY_PAGE_PAGE_H

#include "query/filter/snapshot.h"

struct block_row {
	uint32_t block, row;
};

/* The ways to compare a sort key. PAGE_HASH: columns tell which rows have the same text, and one
 * line for each text what it is. */
enum page_how { PAGE_NUMBER, PAGE_DURATION, PAGE_TEXT, PAGE_HASH, PAGE_LINE };
enum page_how page_how(const struct sort_key *k);

/* Returns the same query, where columns know the order of ids with that as a sort key before the
 * id, so that lines are read only of rows that are equal so far. For what is selected by now. */
const struct query *page_order(struct snapshot *s, const struct query *q);

/* True when columns tell the first sort key. page_select() needs that. */
bool page_has_columns(const struct query *q);

/*
 * Returns the rows of the ranks [from, to) among the selected rows that are strictly after q->after
 * and before q->before, in order.  Rows that are equal in all keys come in the order of their
 * places.  With q->before ranks are counted from the end.  *ret_has_more: there are rows of the
 * ranks from `to` on.
 */
NODISCARD enum err page_select(struct snapshot *s, const struct query *q, uint64_t from,
	uint64_t to, struct block_row **ret, size_t *ret_n, bool *ret_has_more);

#endif
