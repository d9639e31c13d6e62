/*
 * Bitmaps: bit i is bit i % 64 of word i / 64.
 */
#ifndef FLATSPAN_BASE_BITMAP_H
#define FLATSPAN_BASE_BITMAP_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BITS = 64 }; /* bits of a word */

static inline size_t bits_words(size_t n)
{
	return (n + BITS - 1) / BITS;
}

static inline bool bits_has(const uint64_t *bits, size_t i)
{
	return bits[i / BITS] >> i % BITS & 1;
}

/* True when there is a bitmap and its bit i is set. */
static inline bool bits_found(const uint64_t *bits, size_t i)
{
	return bits && bits_has(bits, i);
}

static inline void bits_set(uint64_t *bits, size_t i)
{
	bits[i / BITS] |= UINT64_C(1) << i % BITS;
}

static inline void bits_clear(uint64_t *bits, size_t i)
{
	bits[i / BITS] &= ~(UINT64_C(1) << i % BITS);
}

/* Returns a mask of the bits of a word that are among the first n bits of the bitmap. */
static inline uint64_t bits_of_word(size_t n, size_t word)
{
	size_t left = n - word * BITS;
	return left >= BITS ? UINT64_MAX : (UINT64_C(1) << left) - 1;
}

/* Returns the number of the first bit that is set in a word, which has one. */
static inline uint32_t bits_row(size_t word, uint64_t bits)
{
	return (uint32_t)(word * BITS) + (uint32_t)__builtin_ctzll(bits);
}

/* Counts without the instruction, which not every machine has, and without a call. */
static inline unsigned bits_in_word(uint64_t v)
{
	v -= v >> 1 & UINT64_C(0x5555555555555555);
	v = (v & UINT64_C(0x3333333333333333)) + (v >> 2 & UINT64_C(0x3333333333333333));
	v = (v + (v >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(v * UINT64_C(0x0101010101010101) >> 56);
}

/* Returns the number of bits that are set in some words. */
size_t bits_count(const uint64_t *bits, size_t n_words);

/* Sets the bits [from, to). */
void bits_fill(uint64_t *bits, size_t from, size_t to);

/* Copies bits [from, from + n) to [at, at + n) of another bitmap, which are 0. */
void bits_copy(const uint64_t *bits, size_t from, uint64_t *to, size_t at, size_t n);

/* Returns a bitmap of n bits that are 0, with a word more than they need. */
static inline uint64_t *bits_new(struct arena *a, size_t n)
{
	return arena_calloc(a, bits_words(n) + 1, sizeof(uint64_t));
}

#endif
