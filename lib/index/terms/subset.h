/*
 * Which of the numbers 0 … of - 1 are in a list: written in about as few bits as such a list needs.
 * How many they are, and of how many, is known to both sides; from these two follows the way.
 *
 *	none, or all		nothing is written
 *	more than 61.8 in 100	those that are not in it
 *	from 38.2 in 100 on	a bit for each
 *	less			the distances, less one, as Golomb-Rice codes: the upper bits
 *				as so many zeros and a one, then the low bits
 *
 * Bits fill bytes from the low end; the last byte is filled with zeros.  For word files.
 */
#ifndef FLATSPAN_INDEX_TERMS_SUBSET_H
#define FLATSPAN_INDEX_TERMS_SUBSET_H

#include "base/buf.h"

/* Bytes behind the end of what is read that may be looked at. */
enum { SUBSET_SLACK = 8 };

/* members: ascending, n <= of */
void subset_put(struct buf *out, const uint32_t *members, uint32_t n, uint32_t of);

/* Takes one off. ret: room for n. False: damaged. */
bool subset_take(struct str *s, uint32_t n, uint32_t of, uint32_t *ret);

/* The same as bits, which are added to those of ret: in whole words of 64. */
bool subset_take_bits(struct str *s, uint32_t n, uint32_t of, uint64_t *ret);

#endif
