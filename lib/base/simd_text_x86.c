/*
 * The kernels of simd_text.h for x86-64: SSE2, which every such machine has, and AVX2.
 *
 * Bytes are compared 16 or 32 at a time, which gives a mask with one bit per byte.  Blocks are
 * loaded where they stand, never past the end; the last bytes are left to the plain twins.
 */
#include "base/simd_text.h"

#ifdef __x86_64__

#include <immintrin.h>

enum { NARROW = 16, WIDE = 32, BLOCK = 64 };

#define AVX2 __attribute__((target("avx2")))
/* Blocks must be: only then what a kernel does not use is left out. */
#define INLINE static inline __attribute__((always_inline))

static inline unsigned first_bit(uint64_t mask)
{
	return (unsigned)__builtin_ctzll(mask);
}

/* The classes of the bytes of a block, one bit per byte. Every kernel asks for all of them, and the
 * compiler leaves out those that it does not use. */
struct block {
	uint64_t highs; /* from 0x80 up */
	uint64_t lows;  /* below 0x20 */
	uint64_t quotes, backslashes, slashes;
	uint64_t letters;       /* b f n r t, which mean something behind a backslash */
	uint64_t opens, closes; /* [ { and ] } */
};

static inline __m128i load16(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline uint64_t mask16(__m128i v)
{
	return (uint32_t)_mm_movemask_epi8(v);
}

static inline __m128i equal16(__m128i v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

static inline __m128i low16(__m128i v)
{
	return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
}

static inline uint64_t special16(__m128i v)
{
	return mask16(_mm_or_si128(_mm_or_si128(equal16(v, '"'), equal16(v, '\\')), low16(v)));
}

/* As signed bytes, those from 0x80 up are below 0x20 too. */
static inline uint64_t special_or_high16(__m128i v)
{
	__m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
	return mask16(_mm_or_si128(_mm_or_si128(equal16(v, '"'), equal16(v, '\\')), low));
}

/* Two parts of a block, the second of which begins at the bit `at`. Written out, because gcc -O2
 * does not unroll a loop over them. */
INLINE struct block joined(struct block first, struct block second, unsigned at)
{
	return (struct block){
		.highs = first.highs | second.highs << at,
		.lows = first.lows | second.lows << at,
		.quotes = first.quotes | second.quotes << at,
		.backslashes = first.backslashes | second.backslashes << at,
		.slashes = first.slashes | second.slashes << at,
		.letters = first.letters | second.letters << at,
		.opens = first.opens | second.opens << at,
		.closes = first.closes | second.closes << at,
	};
}

INLINE struct block quarter_sse2(const char *p)
{
	__m128i v = load16(p);
	/* A bracket and its brace differ in this bit only. */
	__m128i brace = _mm_or_si128(v, _mm_set1_epi8('{' ^ '['));
	__m128i bf = _mm_or_si128(equal16(v, 'b'), equal16(v, 'f'));
	__m128i nr = _mm_or_si128(equal16(v, 'n'), equal16(v, 'r'));
	return (struct block){
		.highs = mask16(v),
		.lows = mask16(low16(v)),
		.quotes = mask16(equal16(v, '"')),
		.backslashes = mask16(equal16(v, '\\')),
		.slashes = mask16(equal16(v, '/')),
		.letters = mask16(_mm_or_si128(_mm_or_si128(bf, nr), equal16(v, 't'))),
		.opens = mask16(equal16(brace, '{')),
		.closes = mask16(equal16(brace, '}')),
	};
}

INLINE struct block block_sse2(const char *p)
{
	struct block first = joined(quarter_sse2(p), quarter_sse2(p + NARROW), NARROW);
	p += WIDE;
	return joined(first, joined(quarter_sse2(p), quarter_sse2(p + NARROW), NARROW), WIDE);
}

AVX2 static inline __m256i load32(const char *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static inline uint64_t mask32(__m256i v)
{
	return (uint32_t)_mm256_movemask_epi8(v);
}

AVX2 static inline __m256i equal32(__m256i v, char c)
{
	return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c));
}

AVX2 static inline __m256i low32(__m256i v)
{
	return _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v);
}

AVX2 static inline uint64_t special32(__m256i v)
{
	__m256i marks = _mm256_or_si256(equal32(v, '"'), equal32(v, '\\'));
	return mask32(_mm256_or_si256(marks, low32(v)));
}

AVX2 static inline uint64_t special_or_high32(__m256i v)
{
	__m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v);
	__m256i marks = _mm256_or_si256(equal32(v, '"'), equal32(v, '\\'));
	return mask32(_mm256_or_si256(marks, low));
}

/* True when a block has neither a quote nor a backslash. */
INLINE bool quiet_sse2(const char *p)
{
	__m128i marks = _mm_setzero_si128();
	for (size_t i = 0; i < BLOCK; i += NARROW) {
		__m128i v = load16(p + i);
		marks = _mm_or_si128(marks, _mm_or_si128(equal16(v, '"'), equal16(v, '\\')));
	}
	return mask16(marks) == 0;
}

AVX2 INLINE bool quiet_avx2(const char *p)
{
	__m256i v = load32(p), w = load32(p + WIDE);
	__m256i quotes = _mm256_or_si256(equal32(v, '"'), equal32(w, '"'));
	__m256i backslashes = _mm256_or_si256(equal32(v, '\\'), equal32(w, '\\'));
	return mask32(_mm256_or_si256(quotes, backslashes)) == 0;
}

AVX2 INLINE struct block half_avx2(const char *p)
{
	__m256i v = load32(p);
	__m256i brace = _mm256_or_si256(v, _mm256_set1_epi8('{' ^ '['));
	__m256i bf = _mm256_or_si256(equal32(v, 'b'), equal32(v, 'f'));
	__m256i nr = _mm256_or_si256(equal32(v, 'n'), equal32(v, 'r'));
	return (struct block){
		.highs = mask32(v),
		.lows = mask32(low32(v)),
		.quotes = mask32(equal32(v, '"')),
		.backslashes = mask32(equal32(v, '\\')),
		.slashes = mask32(equal32(v, '/')),
		.letters = mask32(_mm256_or_si256(_mm256_or_si256(bf, nr), equal32(v, 't'))),
		.opens = mask32(equal32(brace, '{')),
		.closes = mask32(equal32(brace, '}')),
	};
}

AVX2 INLINE struct block block_avx2(const char *p)
{
	return joined(half_avx2(p), half_avx2(p + WIDE), WIDE);
}

/* The first byte whose bit is set. */
#define FINDER(name, target, width, load, mask_of, rest) \
	target static size_t name(const char *ptr, size_t len) \
	{ \
		size_t i = 0; \
		for (; len - i >= (width); i += (width)) { \
			uint64_t mask = mask_of(load(ptr + i)); \
			if (mask) \
				return i + first_bit(mask); \
		} \
		return i + rest(ptr + i, len - i); \
	}

/* For a head, which need not look at the last bytes. */
static inline size_t none_before(const char *ptr, size_t len)
{
	(void)ptr;
	(void)len;
	return 0;
}

FINDER(high_sse2, , NARROW, load16, mask16, text_kernels_plain.high)
FINDER(high_avx2, AVX2, WIDE, load32, mask32, high_sse2)
FINDER(special_sse2, , NARROW, load16, special16, text_kernels_plain.special)
FINDER(special_avx2, AVX2, WIDE, load32, special32, special_sse2)
FINDER(special_or_high_sse2, , NARROW, load16, special_or_high16, none_before)
FINDER(special_or_high_avx2, AVX2, WIDE, load32, special_or_high32, special_or_high_sse2)

/*
 * The first n bytes of a block; as many again behind it can be read.  What follows an escape is
 * copied before it is judged: what is too much is written over by what comes next.
 */
#define ESCAPER(name, target, width, load, store, type, mask_of) \
	target INLINE char *name##_block(char *p, const char *from, size_t n) \
	{ \
		uint64_t mask = mask_of(load(from)); \
		size_t done = 0; \
		store((type *)(void *)p, load(from)); \
		for (; mask; mask &= mask - 1) { \
			size_t at = first_bit(mask); \
			p += at - done; \
			p += text_put_escape(from[at], p); \
			done = at + 1; \
			store((type *)(void *)p, load(from + done)); \
		} \
		return p + (n - done); \
	} \
	target static size_t name(char *to, const char *from, size_t len) \
	{ \
		char *p = to, last[3 * (width)]; \
		for (; len >= 2 * (width); from += (width), len -= (width)) \
			p = name##_block(p, from, (width)); \
		memset(last, ' ', sizeof last); \
		memcpy(last, from, len); \
		for (from = last; len > (width); from += (width), len -= (width)) \
			p = name##_block(p, from, (width)); \
		return (size_t)(name##_block(p, from, len) - to); \
	}

ESCAPER(escape_sse2, , NARROW, load16, _mm_storeu_si128, __m128i, special16)
ESCAPER(escape_avx2, AVX2, WIDE, load32, _mm256_storeu_si256, __m256i, special32)

/* The bytes behind a run of backslashes of odd length: those are escaped. (Nobody asks which
 * backslashes are.) Adding its first bit to a run carries to the bit behind it; runs that begin at
 * even and at odd bits are added apart, so that where they end tells their length.
 * *carry is 1 when the block's first byte is escaped, and then when the next block's is. */
INLINE uint64_t escaped_bytes(uint64_t backslashes, uint64_t *carry)
{
	const uint64_t even = 0x5555555555555555;
	uint64_t escaped = *carry, from_odd;
	backslashes &= ~escaped;
	uint64_t starts = backslashes & ~(backslashes << 1);
	uint64_t from_even = backslashes + (starts & even);
	*carry = __builtin_add_overflow(backslashes, starts & ~even, &from_odd);
	return escaped | (((from_even & ~even) | (from_odd & even)) & ~backslashes);
}

/* The bits at which a kernel inside a string stops: at quotes that are not escaped, at what it does
 * not like (stops), and at the backslash before an escaped byte it does not know. -1: the backslash
 * was the last byte of the block before. */
INLINE bool body_stops(
	struct block b, uint64_t known, uint64_t stops, uint64_t *carry, ptrdiff_t *ret)
{
	if (!(b.quotes | b.backslashes | stops | *carry))
		return false;
	uint64_t escaped = escaped_bytes(b.backslashes, carry);
	uint64_t unknown = escaped & ~known;
	uint64_t all = (b.quotes & ~escaped) | (stops & ~escaped) | unknown;
	if (!all)
		return false;
	unsigned at = first_bit(all);
	*ret = (ptrdiff_t)at - (ptrdiff_t)(unknown >> at & 1);
	return true;
}

/* Inside a string. Most have no backslash: the head runs to the first, the blocks go on from there.
 * A backslash that ends the last block is left to the plain twin with what follows. */
#define BODY(name, target, head, block_of, is_quiet, known, stops, plain) \
	target static size_t name(const char *ptr, size_t len) \
	{ \
		size_t i = head(ptr, len); \
		uint64_t carry = 0; \
		ptrdiff_t at; \
		if (i == len || ptr[i] == '"') \
			return i; \
		for (; len - i >= BLOCK; i += BLOCK) { \
			if (!carry && is_quiet(ptr + i)) \
				continue; \
			struct block b = block_of(ptr + i); \
			if (body_stops(b, known, stops, &carry, &at)) \
				return (size_t)((ptrdiff_t)i + at); \
		} \
		i -= carry; \
		return i + plain(ptr + i, len - i); \
	}

/* For those that also stop at other bytes. */
INLINE bool never(const char *p)
{
	(void)p;
	return false;
}

#define CANONICAL (b.quotes | b.backslashes | b.letters)
#define ANY (~UINT64_C(0))

BODY(ascii_body_sse2, , special_or_high_sse2, block_sse2, never, CANONICAL | b.slashes,
	b.lows | b.highs, text_kernels_plain.ascii_body)
BODY(ascii_body_avx2, AVX2, special_or_high_avx2, block_avx2, never, CANONICAL | b.slashes,
	b.lows | b.highs, text_kernels_plain.ascii_body)
BODY(canonical_body_sse2, , special_sse2, block_sse2, never, CANONICAL, b.lows,
	text_kernels_plain.canonical_body)
BODY(canonical_body_avx2, AVX2, special_avx2, block_avx2, never, CANONICAL, b.lows,
	text_kernels_plain.canonical_body)
BODY(string_end_sse2, , special_sse2, block_sse2, quiet_sse2, ANY, 0, text_kernels_plain.string_end)
BODY(string_end_avx2, AVX2, special_avx2, block_avx2, quiet_avx2, ANY, 0,
	text_kernels_plain.string_end)

struct container {
	size_t depth;
	uint64_t in_string; /* all bits, when the block begins inside a string */
	uint64_t carry;     /* of escaped_bytes */
};

/* Bit n is the parity of bits 0 to n: set from each opening quote up to its closing one. */
INLINE uint64_t parities(uint64_t bits)
{
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	return bits ^ bits << 32;
}

INLINE bool container_stops(struct container *c, struct block b, size_t *ret)
{
	uint64_t escaped = escaped_bytes(b.backslashes, &c->carry);
	uint64_t in_string = parities(b.quotes & ~escaped) ^ c->in_string;
	uint64_t opens = b.opens & ~escaped & ~in_string;
	uint64_t closes = b.closes & ~escaped & ~in_string;
	c->in_string = in_string >> (BLOCK - 1) ? ~(uint64_t)0 : 0;
	/* Each bracket that closes, after those that open before it. */
	for (; closes; closes &= closes - 1) {
		uint64_t before = (closes & -closes) - 1;
		c->depth += (size_t)__builtin_popcountll(opens & before);
		opens &= ~before;
		if (--c->depth == 0) {
			*ret = first_bit(closes);
			return true;
		}
	}
	c->depth += (size_t)__builtin_popcountll(opens);
	return false;
}

/* Whole blocks, then the rest in a block of its own, filled up with blanks. */
#define CONTAINER(name, target, block_of, is_quiet) \
	target static size_t name(const char *ptr, size_t len) \
	{ \
		struct container c = { .depth = 1 }; \
		size_t i = 0, at; \
		for (; len - i >= BLOCK; i += BLOCK) { \
			if (c.in_string && !c.carry && is_quiet(ptr + i)) \
				continue; /* within a text */ \
			if (container_stops(&c, block_of(ptr + i), &at)) \
				return i + at; \
		} \
		char rest[BLOCK]; \
		memset(rest, ' ', sizeof rest); \
		memcpy(rest, ptr + i, len - i); \
		return container_stops(&c, block_of(rest), &at) ? i + at : len; \
	}

CONTAINER(container_end_sse2, , block_sse2, quiet_sse2)
CONTAINER(container_end_avx2, AVX2, block_avx2, quiet_avx2)

const struct text_kernels text_kernels_sse2 = {
	.name = "SSE2",
	.high = high_sse2,
	.special = special_sse2,
	.escape = escape_sse2,
	.ascii_body = ascii_body_sse2,
	.canonical_body = canonical_body_sse2,
	.string_end = string_end_sse2,
	.container_end = container_end_sse2,
};

const struct text_kernels text_kernels_avx2 = {
	.name = "AVX2",
	.high = high_avx2,
	.special = special_avx2,
	.escape = escape_avx2,
	.ascii_body = ascii_body_avx2,
	.canonical_body = canonical_body_avx2,
	.string_end = string_end_avx2,
	.container_end = container_end_avx2,
};

#else

typedef int simd_text_x86_is_empty;

#endif
