/*
 * Rows that have a word, where their number is enough: a term file counts them, and
 * block_load_selected() finds out which they are when they are needed.
 */
#ifndef FLATSPAN_QUERY_FILTER_COUNTED_H
#define FLATSPAN_QUERY_FILTER_COUNTED_H

#include "query/filter/filter.h"

/* Neighbouring blocks of whose rows that have a word only the number is known. */
struct block_counted {
	struct search *search;
	struct search_term *term;
	struct block *first;
	size_t n_blocks;
	uint32_t n_rows;
};

/* Finds out which rows are selected, where selects_roots or counted may be set. The caller does
 * this before it looks at selected rows. ERR_UNSAFE: they are not as many as were counted. */
NODISCARD enum err block_load_selected(struct block *b);

/* Counts the rows of the filter's block and of those after it that are in the same term file; their
 * filters follow this one. *ret_n: that many blocks are counted; 0: the number is not known. */
NODISCARD enum err counted_find(
	struct index_set *set, const struct row_filter *filter, size_t *ret_n);

/* True when all tests are by words. */
bool counted_asks_only_words(const struct row_filter *filter);
/* True when the i-th test of a clause is the same as one before it. */
bool counted_was_asked(const struct row_filter_clause *c, size_t i);
/* True when the filters of two blocks ask for the same words. */
bool counted_asks_the_same(const struct row_filter *x, const struct row_filter *y);

#endif
