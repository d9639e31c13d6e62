/*
 * Rows as bitmaps: row r is bit r.  The loops that make such bitmaps from column values are most of
 * what a query does: plain C that the compiler makes vector instructions of.
 *
 * Values are unsigned and 1, 2, 4 or 8 bytes wide, in the machine's order; they need no alignment,
 * and nothing after the last one is read.
 */
#ifndef FLATSPAN_QUERY_ROWS_BITS_H
#define FLATSPAN_QUERY_ROWS_BITS_H

#include "base/bitmap.h"

/* Bit i: low <= values[i] <= high. Bits of the last word after n are zero. */
void bits_range(
	const void *values, unsigned width, size_t n, uint64_t low, uint64_t high, uint64_t *ret);
/* Bit i: bit values[i] of the set, which is long enough for every value. */
void bits_member(const void *values, unsigned width, size_t n, const uint64_t *set, uint64_t *ret);
/* The n-th bit of packed goes to the n-th bit that is set in present. */
void bits_spread(const uint64_t *packed, const uint64_t *present, size_t n_words, uint64_t *ret);
/* base + scale * values[i], which wraps. */
void bits_unpack(
	const void *values, unsigned width, size_t n, int64_t base, int64_t scale, int64_t *ret);

#endif
