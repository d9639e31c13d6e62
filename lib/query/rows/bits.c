#include "query/rows/bits.h"

#include <string.h>

size_t bits_count(const uint64_t *bits, size_t n_words)
{
	size_t n = 0;
	for (size_t i = 0; i < n_words; i++)
		n += bits_in_word(bits[i]);
	return n;
}

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

static void range(
	const void *values, unsigned width, size_t n, uint64_t low, uint64_t high, uint64_t *ret)
{
	const char *at = values;
	memset(ret, 0, bits_words(n) * sizeof *ret);
#define LOOP(type) \
	for (size_t i = 0; i < n; i++) { \
		type v; \
		memcpy(&v, at + i * sizeof v, sizeof v); \
		ret[i / BITS] |= (uint64_t)(v >= low && v <= high) << i % BITS; \
	}
	EACH_WIDTH(LOOP)
#undef LOOP
}

static void member(const void *values, unsigned width, size_t n, const uint64_t *set, uint64_t *ret)
{
	const char *at = values;
	memset(ret, 0, bits_words(n) * sizeof *ret);
#define LOOP(type) \
	for (size_t i = 0; i < n; i++) { \
		type v; \
		memcpy(&v, at + i * sizeof v, sizeof v); \
		ret[i / BITS] |= (set[v / BITS] >> v % BITS & 1) << i % BITS; \
	}
	EACH_WIDTH(LOOP)
#undef LOOP
}

static void spread(const uint64_t *packed, const uint64_t *present, size_t n_words, uint64_t *ret)
{
	size_t at = 0;
	for (size_t w = 0; w < n_words; w++) {
		uint64_t out = 0;
		for (uint64_t left = present[w]; left; left &= left - 1, at++)
			if (bits_has(packed, at))
				out |= left & -left;
		ret[w] = out;
	}
}

static void unpack(
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

const struct bit_kernels bit_kernels_plain = {
	.name = "plain C", .range = range, .member = member, .spread = spread, .unpack = unpack
};

const struct bit_kernels *bit_kernels(unsigned number)
{
	if (number == 0)
		return &bit_kernels_plain;
	if (number == 1 && bits_fast() != &bit_kernels_plain)
		return bits_fast();
	return NULL;
}
