#include "base/text_find.h"

#include "base/cpu.h"

#include <limits.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

/* How often the letters stand in English text and source code, of 1,000. */
static const unsigned char letter_weight[26] = { 82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24,
	67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2, 20, 1 };
enum { WEIGHT_BLANK = 180, WEIGHT_JSON = 90, WEIGHT_DIGIT = 35, WEIGHT_OTHER = 25 };

static unsigned weight(char c)
{
	if (c >= 'a' && c <= 'z')
		return letter_weight[c - 'a'];
	if (c == ' ')
		return WEIGHT_BLANK;
	if (c == '"' || c == '\\' || c == ',' || c == ':')
		return WEIGHT_JSON;
	return ascii_is_digit(c) ? WEIGHT_DIGIT : WEIGHT_OTHER;
}

void text_needle_init(struct text_needle *n, struct str folded)
{
	unsigned best = UINT_MAX, second = UINT_MAX;
	*n = (struct text_needle){ .folded = folded };
	for (size_t i = 0; i < folded.len; i++) {
		unsigned w = weight(folded.ptr[i]);
		if (w < best) {
			second = best;
			n->probe[1] = n->probe[0];
			best = w;
			n->probe[0] = i;
		} else if (w < second) {
			second = w;
			n->probe[1] = i;
		}
	}
	if (folded.len == 1)
		n->probe[1] = n->probe[0];
}

static bool stands_at(const struct text_needle *n, const char *at)
{
	for (size_t i = 0; i < n->folded.len; i++)
		if (ascii_lower(at[i]) != n->folded.ptr[i])
			return false;
	return true;
}

/* Starts in [from, end). */
static size_t find_plain(const struct text_needle *n, struct str hay, size_t from, size_t end)
{
	char c = n->folded.ptr[n->probe[0]];
	const char *at = hay.ptr + n->probe[0];
	for (size_t i = from; i < end; i++)
		if (ascii_lower(at[i]) == c && stands_at(n, hay.ptr + i))
			return i;
	return hay.len;
}

#ifdef __x86_64__

/* A byte with this bit set is the probe's letter in either case; for a probe that is no letter no
 * bit is set. */
static char case_bit(char c)
{
	return c >= 'a' && c <= 'z' ? 0x20 : 0;
}

enum { SSE2_BYTES = 16, AVX2_BYTES = 32 };

static size_t find_sse2(const struct text_needle *n, struct str hay, size_t from, size_t end)
{
	char c0 = n->folded.ptr[n->probe[0]], c1 = n->folded.ptr[n->probe[1]];
	const __m128i want0 = _mm_set1_epi8(c0), want1 = _mm_set1_epi8(c1);
	const __m128i bit0 = _mm_set1_epi8(case_bit(c0)), bit1 = _mm_set1_epi8(case_bit(c1));
	const char *p0 = hay.ptr + n->probe[0], *p1 = hay.ptr + n->probe[1];
	size_t i = from;
	for (; end - i >= SSE2_BYTES; i += SSE2_BYTES) {
		__m128i x0 = _mm_or_si128(_mm_loadu_si128((const __m128i *)(p0 + i)), bit0);
		__m128i x1 = _mm_or_si128(_mm_loadu_si128((const __m128i *)(p1 + i)), bit1);
		unsigned hits = (unsigned)_mm_movemask_epi8(
			_mm_and_si128(_mm_cmpeq_epi8(x0, want0), _mm_cmpeq_epi8(x1, want1)));
		for (; hits; hits &= hits - 1) {
			size_t at = i + (size_t)__builtin_ctz(hits);
			if (stands_at(n, hay.ptr + at))
				return at;
		}
	}
	return find_plain(n, hay, i, end);
}

#define AVX2 __attribute__((target("avx2")))

struct probes {
	__m256i want[2], bit[2];
	const char *at[2];
};

AVX2 static inline __attribute__((always_inline)) __m256i probe(
	const struct probes *p, unsigned which, size_t i)
{
	__m256i bytes = _mm256_loadu_si256((const __m256i *)(p->at[which] + i));
	return _mm256_cmpeq_epi8(_mm256_or_si256(bytes, p->bit[which]), p->want[which]);
}

/* Returns a mask of the 32 starts from i on: those at which both probes are found. */
AVX2 static inline __attribute__((always_inline)) __m256i both(const struct probes *p, size_t i)
{
	return _mm256_and_si256(probe(p, 0, i), probe(p, 1, i));
}

AVX2 static inline __attribute__((always_inline)) uint64_t hits_of(__m256i first, __m256i second)
{
	return (uint32_t)_mm256_movemask_epi8(first) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(second) << AVX2_BYTES;
}

/* The first of the hits, counted from `from`, where the whole needle stands. */
static bool first_whole(
	const struct text_needle *n, struct str hay, size_t from, uint64_t hits, size_t *ret)
{
	for (; hits; hits &= hits - 1) {
		*ret = from + (size_t)__builtin_ctzll(hits);
		if (stands_at(n, hay.ptr + *ret))
			return true;
	}
	return false;
}

/* What was just read stands in the second cache: asking for it ahead makes the search a quarter
 * faster. Nobody is harmed by asking for what is behind the end. */
static inline void ask_ahead(const char *at)
{
	enum { AHEAD = 512, LINE = 64 };
	uintptr_t ahead = (uintptr_t)at + AHEAD;
	_mm_prefetch((const char *)ahead, _MM_HINT_T0);
	_mm_prefetch((const char *)(ahead + LINE), _MM_HINT_T0);
}

AVX2 static size_t find_avx2(const struct text_needle *n, struct str hay, size_t from, size_t end)
{
	enum { W = AVX2_BYTES };
	struct probes p;
	size_t i = from, at;
	for (unsigned k = 0; k < 2; k++) {
		char c = n->folded.ptr[n->probe[k]];
		p.want[k] = _mm256_set1_epi8(c);
		p.bit[k] = _mm256_set1_epi8(case_bit(c));
		p.at[k] = hay.ptr + n->probe[k];
	}
	for (; end - i >= 4 * W; i += 4 * W) {
		ask_ahead(p.at[0] + i);
		__m256i w = both(&p, i), x = both(&p, i + W);
		__m256i y = both(&p, i + 2 * W), z = both(&p, i + 3 * W);
		__m256i any = _mm256_or_si256(_mm256_or_si256(w, x), _mm256_or_si256(y, z));
		if (_mm256_testz_si256(any, any))
			continue;
		if (first_whole(n, hay, i, hits_of(w, x), &at) ||
			first_whole(n, hay, i + 2 * W, hits_of(y, z), &at))
			return at;
	}
	for (; end - i >= W; i += W)
		if (first_whole(n, hay, i, (uint32_t)_mm256_movemask_epi8(both(&p, i)), &at))
			return at;
	return find_sse2(n, hay, i, end);
}

#endif

bool text_find_by(enum text_kernel k, const struct text_needle *n, struct str hay, size_t from,
	size_t *ret_at)
{
	bool is_here = k == TEXT_KERNEL_PLAIN;
#ifdef __x86_64__
	is_here = is_here || k == TEXT_KERNEL_SSE2 || cpu_has_avx2();
#endif
	if (!is_here)
		return false;
	if (n->folded.len == 0) {
		*ret_at = from < hay.len ? from : hay.len;
		return true;
	}
	if (n->folded.len > hay.len || from > hay.len - n->folded.len) {
		*ret_at = hay.len;
		return true;
	}
	size_t end = hay.len - n->folded.len + 1;
#ifdef __x86_64__
	if (k == TEXT_KERNEL_AVX2)
		*ret_at = find_avx2(n, hay, from, end);
	else if (k == TEXT_KERNEL_SSE2)
		*ret_at = find_sse2(n, hay, from, end);
	else
#endif
		*ret_at = find_plain(n, hay, from, end);
	return true;
}

size_t text_find(const struct text_needle *n, struct str hay, size_t from)
{
	size_t at;
	if (text_find_by(TEXT_KERNEL_AVX2, n, hay, from, &at) ||
		text_find_by(TEXT_KERNEL_SSE2, n, hay, from, &at) ||
		text_find_by(TEXT_KERNEL_PLAIN, n, hay, from, &at))
		return at;
	return hay.len;
}
