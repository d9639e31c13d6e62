/* The kernels of bits.h with AVX2 and BMI2. */
#include "query/rows/bits.h"

#ifdef __x86_64__

#include <immintrin.h>
#include <string.h>

#define FAST __attribute__((target("avx2,bmi2,popcnt")))

enum { VECTOR = 32 };

static inline FAST __m256i load(const char *at)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

/* 64 values from `at` on; the two bounds stand in every lane. */

static inline FAST uint64_t range_8(const char *at, __m256i low, __m256i high)
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < 2; i++) {
		__m256i v = load(at + i * VECTOR);
		__m256i in = _mm256_min_epu8(_mm256_max_epu8(v, low), high);
		uint32_t m = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(in, v));
		bits |= (uint64_t)m << 32 * i;
	}
	return bits;
}

static inline FAST __m256i in_range_16(const char *at, __m256i low, __m256i high)
{
	__m256i v = load(at);
	return _mm256_cmpeq_epi16(_mm256_min_epu16(_mm256_max_epu16(v, low), high), v);
}

static inline FAST uint64_t range_16(const char *at, __m256i low, __m256i high)
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < 2; i++) {
		__m256i x = in_range_16(at + i * 2 * VECTOR, low, high);
		__m256i y = in_range_16(at + (i * 2 + 1) * VECTOR, low, high);
		/* Packing works in halves of a vector: put them into order. */
		__m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi16(x, y), 0xd8);
		bits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(both) << 32 * i;
	}
	return bits;
}

static inline FAST uint64_t range_32(const char *at, __m256i low, __m256i high)
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < 8; i++) {
		__m256i v = load(at + i * VECTOR);
		__m256i in = _mm256_min_epu32(_mm256_max_epu32(v, low), high);
		__m256 same = _mm256_castsi256_ps(_mm256_cmpeq_epi32(in, v));
		bits |= (uint64_t)(unsigned)_mm256_movemask_ps(same) << 8 * i;
	}
	return bits;
}

/* There is no unsigned comparison of 64 bits: with the sign bit flipped the signed one does. */
static inline FAST uint64_t range_64(const char *at, __m256i low, __m256i high)
{
	const __m256i sign = _mm256_set1_epi64x(INT64_MIN);
	uint64_t bits = 0;
	for (unsigned i = 0; i < 16; i++) {
		__m256i v = _mm256_xor_si256(load(at + i * VECTOR), sign);
		__m256i out =
			_mm256_or_si256(_mm256_cmpgt_epi64(low, v), _mm256_cmpgt_epi64(v, high));
		bits |= (uint64_t)(~_mm256_movemask_pd(_mm256_castsi256_pd(out)) & 15) << 4 * i;
	}
	return bits;
}

static FAST void range(
	const void *values, unsigned width, size_t n, uint64_t low, uint64_t high, uint64_t *ret)
{
	const char *at = values;
	size_t whole = n / BITS, max = width == 1   ? UINT8_MAX
				       : width == 2 ? UINT16_MAX
						    : UINT32_MAX;
	if (width < 8 && high > max)
		high = max;
	if (low > high) { /* a bound would not fit its lane */
		for (size_t w = 0; w < bits_words(n); w++)
			ret[w] = 0;
		return;
	}
	__m256i x, y;
	switch (width) {
	case 1:
		x = _mm256_set1_epi8((char)low);
		y = _mm256_set1_epi8((char)high);
		for (size_t w = 0; w < whole; w++)
			ret[w] = range_8(at + w * BITS, x, y);
		break;
	case 2:
		x = _mm256_set1_epi16((short)low);
		y = _mm256_set1_epi16((short)high);
		for (size_t w = 0; w < whole; w++)
			ret[w] = range_16(at + w * BITS * 2, x, y);
		break;
	case 4:
		x = _mm256_set1_epi32((int)low);
		y = _mm256_set1_epi32((int)high);
		for (size_t w = 0; w < whole; w++)
			ret[w] = range_32(at + w * BITS * 4, x, y);
		break;
	default:
		x = _mm256_set1_epi64x((int64_t)(low ^ (uint64_t)INT64_MIN));
		y = _mm256_set1_epi64x((int64_t)(high ^ (uint64_t)INT64_MIN));
		for (size_t w = 0; w < whole; w++)
			ret[w] = range_64(at + w * BITS * 8, x, y);
	}
	if (n % BITS)
		bit_kernels_plain.range(
			at + whole * BITS * width, width, n % BITS, low, high, ret + whole);
}

/* Eight codes: their bits of the set, in the sign bits of a vector. */
static inline FAST unsigned members(__m256i codes, const uint64_t *set)
{
	__m256i words = _mm256_i32gather_epi32(
		(const int *)(const void *)set, _mm256_srli_epi32(codes, 5), 4);
	__m256i up = _mm256_sub_epi32(
		_mm256_set1_epi32(31), _mm256_and_si256(codes, _mm256_set1_epi32(31)));
	__m256 top = _mm256_castsi256_ps(_mm256_sllv_epi32(words, up));
	return (unsigned)_mm256_movemask_ps(top);
}

static FAST void member(
	const void *values, unsigned width, size_t n, const uint64_t *set, uint64_t *ret)
{
	const char *at = values;
	size_t whole = width == 8 ? 0 : n / BITS;
	for (size_t w = 0; w < whole; w++) {
		uint64_t bits = 0;
		for (unsigned i = 0; i < 8; i++) {
			const char *p = at + (w * BITS + i * 8) * width;
			__m256i codes;
			if (width == 1)
				codes = _mm256_cvtepu8_epi32(
					_mm_loadl_epi64((const __m128i *)(const void *)p));
			else if (width == 2)
				codes = _mm256_cvtepu16_epi32(
					_mm_loadu_si128((const __m128i *)(const void *)p));
			else
				codes = load(p);
			bits |= (uint64_t)members(codes, set) << 8 * i;
		}
		ret[w] = bits;
	}
	if (whole * BITS < n)
		bit_kernels_plain.member(
			at + whole * BITS * width, width, n - whole * BITS, set, ret + whole);
}

static FAST void spread(
	const uint64_t *packed, const uint64_t *present, size_t n_words, uint64_t *ret)
{
	size_t at = 0;
	for (size_t w = 0; w < n_words; w++) {
		uint64_t here = present[w];
		size_t shift = at % BITS, n = (size_t)__builtin_popcountll(here);
		/* Of the next word only when some of the bits stand in it: there may be none. */
		uint64_t bits = n ? packed[at / BITS] >> shift : 0;
		if (shift + n > BITS)
			bits |= packed[at / BITS + 1] << (BITS - shift);
		ret[w] = _pdep_u64(bits, here);
		at += n;
	}
}

static inline FAST __m256i load_4(const char *at, unsigned width)
{
	int32_t four;
	int64_t eight;
	switch (width) {
	case 1:
		memcpy(&four, at, sizeof four);
		return _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(four));
	case 2:
		memcpy(&eight, at, sizeof eight);
		return _mm256_cvtepu16_epi64(_mm_cvtsi64_si128(eight));
	default:
		return _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(const void *)at));
	}
}

static inline FAST void unpack_4(
	const char *at, unsigned width, size_t n, __m256i base, __m256i scale, int64_t *ret)
{
	for (size_t i = 0; i < n; i += 4) {
		__m256i v = _mm256_mul_epu32(load_4(at + i * width, width), scale);
		_mm256_storeu_si256((__m256i *)(void *)(ret + i), _mm256_add_epi64(v, base));
	}
}

/* What fits 32 bits is multiplied four at a time. */
static FAST void unpack(
	const void *values, unsigned width, size_t n, int64_t base, int64_t scale, int64_t *ret)
{
	const char *at = values;
	size_t whole = width < 8 && scale >= 0 && scale <= UINT32_MAX ? n / 4 * 4 : 0;
	__m256i b = _mm256_set1_epi64x(base), s = _mm256_set1_epi64x(scale);
	if (width == 1)
		unpack_4(at, 1, whole, b, s, ret);
	else if (width == 2)
		unpack_4(at, 2, whole, b, s, ret);
	else
		unpack_4(at, 4, whole, b, s, ret);
	bit_kernels_plain.unpack(at + whole * width, width, n - whole, base, scale, ret + whole);
}

const struct bit_kernels bit_kernels_avx2 = {
	.name = "AVX2", .range = range, .member = member, .spread = spread, .unpack = unpack
};

#endif
