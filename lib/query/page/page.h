/*
 * A page of the picked rows of a stock, in the order of a query.
 *
 * Rows are told apart by the first sort key alone as long as that is enough: where it is a number,
 * blocks and zones that cannot hold a row of the page are not even opened; where it is a text, the
 * texts are put into order and not the rows.  Rows that are equal so far are compared by the next
 * key, and on their lines only where the columns have no more to say.  Where a column has hashes
 * (index/index.h) that is a line of each text, not of each row.
 */
#ifndef FLATSPAN_QUERY_PAGE_PAGE_H
#define FLATSPAN_QUERY_PAGE_PAGE_H

#include "query/rows/snapshot.h"

struct block_row {
	uint32_t block, row;
};

/* The same query, where columns know the order of ids with that as a sort key ahead of the id:
 * lines are read only of rows that are equal so far. For what is picked by now. */
const struct query *page_order(struct stock *s, const struct query *q);

/* Can columns tell the first sort key? If not, page_select and page_bound read all lines. */
bool page_has_columns(const struct query *q);

/* Takes from what is picked the rows that are not strictly behind q->after and ahead of q->before.
 */
NODISCARD enum err page_bound(struct stock *s, const struct query *q);

/* The rows of the ranks [from, to) among those that are picked, in order. Rows that are equal in
 * all keys come in the order of their places. */
NODISCARD enum err page_select(struct stock *s, const struct query *q, uint64_t from, uint64_t to,
	struct block_row **ret, size_t *ret_n);

/* ---- For the parts of it ---- */

/* PAGE_HASH: columns say which rows have the same text, and a line of each text what it is. */
enum page_how { PAGE_NUMBER, PAGE_DURATION, PAGE_TEXT, PAGE_HASH, PAGE_LINE };

/* A sort key as one block has it. texts: NULL where the column has hashes. */
struct page_key {
	bool is_ready;
	const struct column *column, *started;
	struct block_texts *texts;
	struct str *plain; /* of each code; STR_NULL: not asked for yet */
};

struct pager {
	struct stock *stock;
	const struct query *query;
	struct arena *arena;
	struct page_key (*keys)[QUERY_SORT_MAX]; /* a block */
};

/* A row and what it is sorted by first. */
struct page_item {
	uint64_t key;
	uint32_t block : 31;
	uint32_t is_absent : 1;
	uint32_t row;
};

struct page_items {
	struct page_item *items; /* a block of the arena */
	size_t n, cap;
	uint64_t n_ahead; /* rows ahead of all of these */
};

void pager_init(struct pager *p, struct stock *s, const struct query *q);
enum page_how page_how(const struct sort_key *k);
/* Of a PAGE_NUMBER. */
unsigned page_column(const struct sort_key *k);
NODISCARD enum err page_key(struct pager *p, uint32_t block, size_t level, struct page_key **ret);
/* The value of a row as an unsigned number of the same order; false: absent. */
bool page_number(const struct pager *p, size_t level, const struct page_key *key, uint32_t row,
	uint64_t *ret);
/* The plain text of a row; STR_NULL: absent. */
NODISCARD enum err page_text(struct pager *p, uint32_t block, size_t level, struct page_key *key,
	uint32_t row, struct str *ret);
/* The same of a code. */
NODISCARD enum err page_code_text(
	struct pager *p, uint32_t block, struct page_key *key, uint32_t code, struct str *ret);

void page_add(struct pager *p, struct page_items *l, struct page_item item);
int page_compare_items(const void *x, const void *y, void *user);

/* All rows of the ranks [from, to) by the first key, and more: page_numbers.c, page_texts.c */
NODISCARD enum err page_by_number(
	struct pager *p, uint64_t from, uint64_t to, struct page_items *ret);
NODISCARD enum err page_by_text(
	struct pager *p, uint64_t from, uint64_t to, struct page_items *ret);
/* Puts [from, to) of the items into the order of the keys from the level on: page_refine.c */
NODISCARD enum err page_refine(
	struct pager *p, struct page_item *items, size_t n, size_t from, size_t to, size_t level);

#endif
