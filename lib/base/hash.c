#include "base/hash.h"

#include "base/cpu.h"

#include <sha2.h>
#include <xxhash.h>

/* Hardware: compiled in for certain when the target has it anyway, else chosen by a look at the
 * processor on each call (one load and one test: cheaper than a global to keep). */
#if defined __x86_64__
#define CRC_HARDWARE 1
#include <immintrin.h>
#define CRC_TARGET __attribute__((target("sse4.2")))
#define CRC_LANES 1
#define CRC_LANES_TARGET __attribute__((target("sse4.2,pclmul")))
#define CRC_FOLD_TARGET __attribute__((target("sse4.2,avx512f,vpclmulqdq")))
#define CRC_8_BYTES(crc, v) ((uint32_t)_mm_crc32_u64((crc), (v)))
#define CRC_1_BYTE(crc, v) _mm_crc32_u8((crc), (v))
#elif defined __aarch64__ && defined __ARM_FEATURE_CRC32
#define CRC_HARDWARE 1
#include <arm_acle.h>
#define CRC_TARGET
#define CRC_8_BYTES(crc, v) __crc32cd((crc), (v))
#define CRC_1_BYTE(crc, v) __crc32cb((crc), (v))
#elif defined __aarch64__ && defined __linux__ && defined __GNUC__
/* <arm_acle.h> hides its functions when the target lacks them, so the two instructions are written
 * out. */
#define CRC_HARDWARE 1
#include <asm/hwcap.h>
#include <sys/auxv.h>
#define CRC_TARGET
static inline uint32_t crc32cx(uint32_t crc, uint64_t v)
{
	__asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(v));
	return crc;
}
static inline uint32_t crc32cb(uint32_t crc, unsigned char v)
{
	__asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"((uint32_t)v));
	return crc;
}
#define CRC_8_BYTES(crc, v) crc32cx((crc), (v))
#define CRC_1_BYTE(crc, v) crc32cb((crc), (v))
#else
#define CRC_HARDWARE 0
#endif

/* As a little-endian number on every machine. */
static inline uint64_t load_8(const char *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

/*
 * table[k][n] is the remainder of byte n with k zero bytes behind it.  A remainder is linear over
 * exclusive or, so an entry is made of those of its bits: a row below names its remainders of 0x80,
 * 0x40, ... 0x01, and the 64 of them are the polynomial (reflected: 0x82f63b78) shifted on by one
 * bit each.
 */
#define ENTRY(n, b7, b6, b5, b4, b3, b2, b1, b0) \
	(((n)&128 ? (b7) : 0u) ^ ((n)&64 ? (b6) : 0u) ^ ((n)&32 ? (b5) : 0u) ^ \
		((n)&16 ? (b4) : 0u) ^ ((n)&8 ? (b3) : 0u) ^ ((n)&4 ? (b2) : 0u) ^ \
		((n)&2 ? (b1) : 0u) ^ ((n)&1 ? (b0) : 0u))
#define ENTRIES_4(n, ...) \
	ENTRY(n, __VA_ARGS__), ENTRY((n) + 1, __VA_ARGS__), ENTRY((n) + 2, __VA_ARGS__), \
		ENTRY((n) + 3, __VA_ARGS__)
#define ENTRIES_16(n, ...) \
	ENTRIES_4(n, __VA_ARGS__), ENTRIES_4((n) + 4, __VA_ARGS__), \
		ENTRIES_4((n) + 8, __VA_ARGS__), ENTRIES_4((n) + 12, __VA_ARGS__)
#define ENTRIES_64(n, ...) \
	ENTRIES_16(n, __VA_ARGS__), ENTRIES_16((n) + 16, __VA_ARGS__), \
		ENTRIES_16((n) + 32, __VA_ARGS__), ENTRIES_16((n) + 48, __VA_ARGS__)
#define ROW(...) \
	{ \
		ENTRIES_64(0, __VA_ARGS__), ENTRIES_64(64, __VA_ARGS__), \
			ENTRIES_64(128, __VA_ARGS__), ENTRIES_64(192, __VA_ARGS__) \
	}

/* clang-format off */
static const uint32_t table[8][256] = {
	ROW(0x82f63b78, 0x417b1dbc, 0x20bd8ede, 0x105ec76f, 0x8ad958cf, 0xc79a971f, 0xe13b70f7, 0xf26b8303),
	ROW(0xfbc3faf9, 0xff17c604, 0x7f8be302, 0x3fc5f181, 0x9d14c3b8, 0x4e8a61dc, 0x274530ee, 0x13a29877),
	ROW(0x8b277743, 0xc76580d9, 0xe144fb14, 0x70a27d8a, 0x38513ec5, 0x9edea41a, 0x4f6f520d, 0xa541927e),
	ROW(0x52a0c93f, 0xaba65fe7, 0xd725148b, 0xe964b13d, 0xf64463e6, 0x7b2231f3, 0xbf672381, 0xdd45aab8),
	ROW(0x6ea2d55c, 0x37516aae, 0x1ba8b557, 0x8f2261d3, 0xc5670b91, 0xe045beb0, 0x7022df58, 0x38116fac),
	ROW(0x1c08b7d6, 0x0e045beb, 0x85f4168d, 0xc00c303e, 0x6006181f, 0xb2f53777, 0xdb8ca0c3, 0xef306b19),
	ROW(0xf56e0ef4, 0x7ab7077a, 0x3d5b83bd, 0x9c5bfaa6, 0x4e2dfd53, 0xa5e0c5d1, 0xd0065990, 0x68032cc8),
	ROW(0x34019664, 0x1a00cb32, 0x0d006599, 0x847609b4, 0x423b04da, 0x211d826d, 0x9278fa4e, 0x493c7d27),
};
/* clang-format on */

static uint32_t crc32c_plain(uint32_t crc, struct str s)
{
	size_t i = 0;
	crc = ~crc;
	for (; s.len - i >= 8; i += 8) {
		uint64_t v = load_8(s.ptr + i) ^ crc;
		crc = table[7][v & 255] ^ table[6][v >> 8 & 255] ^ table[5][v >> 16 & 255] ^
		      table[4][v >> 24 & 255] ^ table[3][v >> 32 & 255] ^ table[2][v >> 40 & 255] ^
		      table[1][v >> 48 & 255] ^ table[0][v >> 56];
	}
	for (; i < s.len; i++)
		crc = crc >> 8 ^ table[0][(crc ^ (unsigned char)s.ptr[i]) & 255];
	return ~crc;
}

#if CRC_HARDWARE
static bool has_hardware(void)
{
#if defined __SSE4_2__ || defined __ARM_FEATURE_CRC32
	return true;
#elif defined __x86_64__
	return cpu_has_sse42();
#else
	return getauxval(AT_HWCAP) & HWCAP_CRC32;
#endif
}

CRC_TARGET static uint32_t crc32c_hardware(uint32_t crc, struct str s)
{
	size_t i = 0;
	crc = ~crc;
	for (; s.len - i >= 8; i += 8)
		crc = CRC_8_BYTES(crc, load_8(s.ptr + i));
	for (; i < s.len; i++)
		crc = CRC_1_BYTE(crc, (unsigned char)s.ptr[i]);
	return ~crc;
}
#endif

#ifdef CRC_LANES
/*
 * The instruction gives its result three cycles later and could begin each cycle: so three pieces
 * at once, put together by what the pieces behind them do to a remainder.  That is a product with
 * x^(8 n - 33) of n bytes, reflected; the instruction reduces it.
 */
enum {
	SHORT_LANE = 128,
	LONG_LANE = 512,
	SHORT_ONE = 0x0d3b6092,
	SHORT_TWO = (int)0xb9e02b86,
	LONG_ONE = (int)0xdd7e3b0c,
	LONG_TWO = 0x170076fa,
};

CRC_LANES_TARGET static inline uint32_t moved_on(uint32_t crc, int by)
{
	__m128i product =
		_mm_clmulepi64_si128(_mm_cvtsi32_si128((int)crc), _mm_cvtsi32_si128(by), 0);
	return CRC_8_BYTES(0, (uint64_t)_mm_cvtsi128_si64(product));
}

CRC_LANES_TARGET static inline uint32_t three_lanes(
	uint32_t crc, const char *p, size_t lane, int one, int two)
{
	uint32_t second = 0, third = 0;
	for (size_t i = 0; i < lane; i += 8) {
		crc = CRC_8_BYTES(crc, load_8(p + i));
		second = CRC_8_BYTES(second, load_8(p + lane + i));
		third = CRC_8_BYTES(third, load_8(p + 2 * lane + i));
	}
	return moved_on(crc, two) ^ moved_on(second, one) ^ third;
}

CRC_LANES_TARGET static uint32_t crc32c_lanes(uint32_t crc, struct str s)
{
	crc = ~crc;
	for (; s.len >= 3 * (size_t)LONG_LANE; s = str_skip(s, 3 * (size_t)LONG_LANE))
		crc = three_lanes(crc, s.ptr, LONG_LANE, LONG_ONE, LONG_TWO);
	for (; s.len >= 3 * (size_t)SHORT_LANE; s = str_skip(s, 3 * (size_t)SHORT_LANE))
		crc = three_lanes(crc, s.ptr, SHORT_LANE, SHORT_ONE, SHORT_TWO);
	return crc32c_hardware(~crc, s);
}

/*
 * Carry-less products of 64 bytes at once: what n bytes further ahead leaves is the product of its
 * halves with x^(8 n + 63) and x^(8 n - 1), reflected in 64 bits.  Four registers take 256 bytes in
 * turns, then one takes what is left of them and 64 bytes at a time; the remainder of its own bytes
 * is that of all.
 */
enum { FOLD = 64, FOLDS = 4 };

CRC_FOLD_TARGET static inline __m512i fold_key(uint32_t low, uint32_t high)
{
	int64_t h = (int64_t)((uint64_t)high << 32), l = (int64_t)((uint64_t)low << 32);
	return _mm512_set_epi64(h, l, h, l, h, l, h, l);
}

CRC_FOLD_TARGET static inline __m512i folded(__m512i v, __m512i key, __m512i next)
{
	__m512i low = _mm512_clmulepi64_epi128(v, key, 0x00);
	__m512i high = _mm512_clmulepi64_epi128(v, key, 0x11);
	return _mm512_xor_si512(_mm512_xor_si512(low, high), next);
}

CRC_FOLD_TARGET static uint32_t crc32c_fold(uint32_t crc, struct str s)
{
	if (s.len < (size_t)FOLDS * FOLD)
		return crc32c_hardware(crc, s);
	const __m512i four_ahead = fold_key(0xe9a5d8be, 0x1426a815);
	const __m512i one_ahead = fold_key(0x1c19243b, 0x75bba45b);
	__m512i v[FOLDS];
	for (size_t i = 0; i < FOLDS; i++, s = str_skip(s, FOLD))
		v[i] = _mm512_loadu_si512(s.ptr);
	v[0] = _mm512_xor_si512(v[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)~crc)));
	for (; s.len >= (size_t)FOLDS * FOLD; s = str_skip(s, (size_t)FOLDS * FOLD)) {
		v[0] = folded(v[0], four_ahead, _mm512_loadu_si512(s.ptr));
		v[1] = folded(v[1], four_ahead, _mm512_loadu_si512(s.ptr + FOLD));
		v[2] = folded(v[2], four_ahead, _mm512_loadu_si512(s.ptr + 2 * FOLD));
		v[3] = folded(v[3], four_ahead, _mm512_loadu_si512(s.ptr + 3 * FOLD));
	}
	__m512i one = v[0];
	for (size_t i = 1; i < FOLDS; i++)
		one = folded(one, one_ahead, v[i]);
	for (; s.len >= FOLD; s = str_skip(s, FOLD))
		one = folded(one, one_ahead, _mm512_loadu_si512(s.ptr));
	char bytes[FOLD];
	_mm512_storeu_si512(bytes, one);
	crc = crc32c_hardware(~UINT32_C(0), str_of(bytes, FOLD)); /* begins with a remainder of 0 */
	return crc32c_hardware(crc, s);
}
#endif

uint32_t crc32c(uint32_t crc, struct str s)
{
#ifdef CRC_LANES
	if (cpu_has_wide_pclmul())
		return crc32c_fold(crc, s);
	if (cpu_has_pclmul() && has_hardware())
		return crc32c_lanes(crc, s);
#endif
#if CRC_HARDWARE
	if (has_hardware())
		return crc32c_hardware(crc, s);
#endif
	return crc32c_plain(crc, s);
}

crc32c_fn *crc32c_variant(unsigned number)
{
	crc32c_fn *variants[] = { crc32c_plain, NULL, NULL, NULL, NULL };
	size_t n = 1;
#if CRC_HARDWARE
	if (has_hardware())
		variants[n++] = crc32c_hardware;
#endif
#ifdef CRC_LANES
	if (cpu_has_pclmul() && has_hardware())
		variants[n++] = crc32c_lanes;
	if (cpu_has_wide_pclmul())
		variants[n++] = crc32c_fold;
#endif
	return number < n ? variants[number] : NULL;
}

uint64_t hash64(struct str s, uint64_t seed)
{
	return XXH3_64bits_withSeed(s.ptr, s.len, seed);
}

uint64_t xxh64(struct str s)
{
	return XXH64(s.ptr, s.len, 0);
}

void sha256(struct str s, unsigned char ret[static SHA256_BYTES])
{
	_Static_assert((int)SHA256_BYTES == (int)SHA256_DIGEST_LENGTH, "a digest is 32 bytes");
	SHA2_CTX context;
	SHA256Init(&context);
	if (s.len)
		SHA256Update(&context, (const unsigned char *)s.ptr, s.len);
	SHA256Final(ret, &context);
}

bool secret_equal(const unsigned char *a, const unsigned char *b, size_t n)
{
	/* volatile: the compiler must not find out that it may stop early. */
	volatile unsigned char differences = 0;
	for (size_t i = 0; i < n; i++)
		differences = (unsigned char)(differences | (a[i] ^ b[i]));
	return differences == 0;
}
