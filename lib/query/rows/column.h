/*
 * Columns of index/index.h by the zone: rows from a multiple of 64 on, at most INDEX_ZONE_ROWS of
 * them where a buffer is filled.
 */
#ifndef FLATSPAN_QUERY_ROWS_COLUMN_H
#define FLATSPAN_QUERY_ROWS_COLUMN_H

#include "index/index.h"
#include "query/rows/bits.h"

enum { ZONE_WORDS = INDEX_ZONE_ROWS / BITS };

/* True when every row has a value. */
static inline bool column_is_full(const struct column *c)
{
	return c->n_present == c->n_rows;
}

/* Reads the values of n rows; absent ones are `absent`. */
void column_read(const struct column *c, uint32_t first, uint32_t n, int64_t absent, int64_t *ret);

/* Sets the bits of the rows that have a value. */
void column_present(const struct column *c, uint32_t first, uint32_t n, uint64_t *ret);

/* Translates a range of values into the range of what is stored for them; *ret_low > *ret_high: no
 * value is in it. Where values may be below the base the column holds hashes, and the range must be
 * one value. The column must not be relative. */
void column_stored_range(
	const struct column *c, int64_t low, int64_t high, uint64_t *ret_low, uint64_t *ret_high);

/* A test of stored values: between the bounds of a range, or a bit of a set of codes. */
struct column_test {
	const uint64_t *codes; /* NULL: the range */
	uint64_t stored_low, stored_high;
};

/* Sets the bits of the rows that have a value that passes one of the tests. The column must not be
 * relative. */
void column_match(const struct column *c, uint32_t first, uint32_t n,
	const struct column_test *tests, size_t n_tests, uint64_t *ret);

#endif
