#include "query/rows/bits.h"

#include <string.h>

/* One loop a width, so that the compiler sees what it loads. */
#define EACH_WIDTH(LOOP) \
	switch (width) { \
	case 1: \
		LOOP(uint8_t) break; \
	case 2: \
		LOOP(uint16_t) break; \
	case 4: \
		LOOP(uint32_t) break; \
	default: \
		LOOP(uint64_t) break; \
	}

/* Returns the bits of 64 rows from a byte of each, 0 or 1: a multiplication moves those of eight
 * rows side by side. */
static uint64_t join_flags(const uint8_t flags[static BITS])
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < BITS; i += 8) {
		uint64_t eight;
		memcpy(&eight, flags + i, sizeof eight);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		eight = __builtin_bswap64(eight);
#endif
		bits |= (eight * UINT64_C(0x0102040810204080) >> 56) << i;
	}
	return bits;
}

/* 64 rows at a time: the inner loop has a constant length and no branch, so that it is made of
 * vector instructions. */
#define RANGE_OF(type) \
	static uint64_t range_##type(const char *at, type low, type length) \
	{ \
		uint8_t flags[BITS]; \
		for (unsigned i = 0; i < BITS; i++) { \
			type v; \
			memcpy(&v, at + i * sizeof v, sizeof v); \
			flags[i] = (type)(v - low) <= length; \
		} \
		return join_flags(flags); \
	}
RANGE_OF(uint8_t)
RANGE_OF(uint16_t)
RANGE_OF(uint32_t)
RANGE_OF(uint64_t)
#undef RANGE_OF

void bits_range(
	const void *values, unsigned width, size_t n, uint64_t low, uint64_t high, uint64_t *ret)
{
	const char *at = values;
	char last[BITS * sizeof(uint64_t)] = { 0 };
	uint64_t max = width == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * width) - 1;
	size_t whole = n / BITS, n_words = bits_words(n);
	if (high > max)
		high = max;
	if (low > high) {
		memset(ret, 0, n_words * sizeof *ret);
		return;
	}
	memcpy(last, at + whole * BITS * width, n % BITS * width);
#define LOOP(type) \
	for (size_t w = 0; w < n_words; w++) \
		ret[w] = range_##type(w < whole ? at + w * BITS * sizeof(type) : last, (type)low, \
			(type)(high - low));
	EACH_WIDTH(LOOP)
#undef LOOP
	if (n_words)
		ret[n_words - 1] &= bits_of_word(n, n_words - 1);
}

void bits_member(const void *values, unsigned width, size_t n, const uint64_t *set, uint64_t *ret)
{
	const char *at = values;
#define LOOP(type) \
	for (size_t w = 0; w < bits_words(n); w++) { \
		size_t left = n - w * BITS, some = left < BITS ? left : BITS; \
		uint64_t bits = 0; \
		for (size_t i = 0; i < some; i++) { \
			type v; \
			memcpy(&v, at + (w * BITS + i) * sizeof v, sizeof v); \
			bits |= (set[v / BITS] >> v % BITS & 1) << i; \
		} \
		ret[w] = bits; \
	}
	EACH_WIDTH(LOOP)
#undef LOOP
}

/* Returns the 64 bits from bit `at` on; those after n are not read and zero. */
static uint64_t bits_from(const uint64_t *bits, size_t at, size_t n)
{
	uint64_t v = n ? bits[at / BITS] >> at % BITS : 0;
	if (at % BITS + n > BITS)
		v |= bits[at / BITS + 1] << (BITS - at % BITS);
	return v;
}

void bits_spread(const uint64_t *packed, const uint64_t *present, size_t n_words, uint64_t *ret)
{
	size_t at = 0;
	for (size_t w = 0; w < n_words; w++) {
		size_t n = bits_in_word(present[w]);
		uint64_t some = bits_from(packed, at, n), out = 0;
		at += n;
		if (n == BITS)
			out = some;
		for (uint64_t left = present[w]; n < BITS && left; left &= left - 1, some >>= 1)
			out |= (left & -left) & -(some & 1);
		ret[w] = out;
	}
}

void bits_unpack(
	const void *values, unsigned width, size_t n, int64_t base, int64_t scale, int64_t *ret)
{
	const char *at = values;
	uint64_t first = (uint64_t)base, by = (uint64_t)scale;
#define LOOP(type) \
	for (size_t i = 0; i < n; i++) { \
		type v; \
		memcpy(&v, at + i * sizeof v, sizeof v); \
		ret[i] = (int64_t)(first + by * v); \
	}
	EACH_WIDTH(LOOP)
#undef LOOP
}
