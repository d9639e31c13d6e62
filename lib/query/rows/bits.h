/*
 * Rows as bits: row r is bit r % 64 of word r / 64.  The loops that make such bits from column
 * values are most of what a query does: plain C that the compiler makes vector instructions of.
 *
 * Values are unsigned and 1, 2, 4 or 8 bytes wide, in the machine's order; they need no alignment,
 * and nothing after the last one is read.
 */
#ifndef FLATSPAN_QUERY_ROWS_BITS_H
#define FLATSPAN_QUERY_ROWS_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BITS = 64 }; /* rows of a word */

static inline size_t bits_words(size_t n)
{
	return (n + BITS - 1) / BITS;
}

static inline bool bits_has(const uint64_t *bits, size_t i)
{
	return bits[i / BITS] >> i % BITS & 1;
}

static inline void bits_set(uint64_t *bits, size_t i)
{
	bits[i / BITS] |= UINT64_C(1) << i % BITS;
}

static inline void bits_clear(uint64_t *bits, size_t i)
{
	bits[i / BITS] &= ~(UINT64_C(1) << i % BITS);
}

/* Those of the n first bits that stand in a word: all, or the low ones of the last word. */
static inline uint64_t bits_of_word(size_t n, size_t word)
{
	size_t left = n - word * BITS;
	return left >= BITS ? UINT64_MAX : (UINT64_C(1) << left) - 1;
}

/* The first row of a word some of whose bits are set. */
static inline uint32_t bits_row(size_t word, uint64_t bits)
{
	return (uint32_t)(word * BITS) + (uint32_t)__builtin_ctzll(bits);
}

/* Without the instruction, which not every machine has, and without a call. */
static inline unsigned bits_in_word(uint64_t v)
{
	v -= v >> 1 & UINT64_C(0x5555555555555555);
	v = (v & UINT64_C(0x3333333333333333)) + (v >> 2 & UINT64_C(0x3333333333333333));
	v = (v + (v >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(v * UINT64_C(0x0101010101010101) >> 56);
}

size_t bits_count(const uint64_t *bits, size_t n_words);

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
