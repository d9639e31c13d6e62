/*
 * Functions that scan text to the next interesting byte with the processor's vector
 * instructions, for the JSON and UTF-8 modules and for stored lines only.
 *
 * Each takes (ptr, len), reads nothing outside it, and returns the offset of the byte it looks
 * for, or len. The widest variant that the machine has is chosen at run time; all variants
 * return the same (t/unit/simd_text_test.c). "Inside a string" means that ptr is after the
 * opening quote, or anywhere later where no backslash is pending.
 */
#ifndef FLATSPAN_BASE_SIMD_TEXT_H
#define FLATSPAN_BASE_SIMD_TEXT_H

#include "base/cpu.h"
#include "base/str.h"

#ifdef __x86_64__
#include <emmintrin.h>
#endif

enum {
	TEXT_ESCAPE_MAX = 6, /* \u001f */
	TEXT_BESIDE = 32
};

struct text_kernels {
	const char *name;
	/* The first byte from 0x80 up: all before it is ASCII. */
	size_t (*high)(const char *ptr, size_t len);
	/* The first byte that needs an escape in JSON: `"`, `\` or below 0x20. */
	size_t (*special)(const char *ptr, size_t len);
	/* Copies all bytes, with the canonical escape in place of each that needs one; returns how
	 * many that made. There must be room for TEXT_ESCAPE_MAX for each byte and TEXT_BESIDE
	 * more, which may be written to. */
	size_t (*escape)(char *to, const char *from, size_t len);
	/* Inside a string, over good ASCII and two-byte escapes: the quote that ends it, a byte
	 * below 0x20 or above 0x7f, or the backslash of any other escape. */
	size_t (*ascii_body)(const char *ptr, size_t len);
	/* Inside a string, over all that is canonical: the quote that ends it, a byte below 0x20,
	 * or the backslash of any escape but \" \\ \b \f \n \r \t. */
	size_t (*canonical_body)(const char *ptr, size_t len);
	/* Inside a string: the quote that ends it. */
	size_t (*string_end)(const char *ptr, size_t len);
	/* After an opening bracket or brace: the bracket that closes it. The two kinds are not
	 * distinguished, and a backslash escapes outside of strings too, because the text was
	 * checked. */
	size_t (*container_end)(const char *ptr, size_t len);
};

/* Returns the variants that this machine has: plain C first, the fastest last, then NULL. For
 * tests. */
const struct text_kernels *text_kernels(unsigned number);

extern const struct text_kernels text_kernels_plain;
#ifdef __x86_64__
extern const struct text_kernels text_kernels_sse2, text_kernels_avx2; /* simd_text_x86.c */
#endif

/* The letters of JSON's short escapes by the byte they stand for; 0: there is none. */
extern const char text_short_escapes[256];

/* Writes the escape of a byte that needs one and returns its length, at most TEXT_ESCAPE_MAX. */
static inline size_t text_put_escape(char c, char *ret)
{
	static const char digit[] = "0123456789abcdef";
	ret[0] = '\\';
	ret[1] = text_short_escapes[(unsigned char)c];
	if (ret[1])
		return 2;
	memcpy(ret + 1, "u00", 3);
	ret[4] = digit[c >> 4];
	ret[5] = digit[c & 15];
	return TEXT_ESCAPE_MAX;
}

/* Returns the fastest variant. */
static inline const struct text_kernels *text_simd(void)
{
#ifdef __x86_64__
	return cpu_has_avx2() ? &text_kernels_avx2 : &text_kernels_sse2;
#else
	return &text_kernels_plain;
#endif
}

/* Calls string_end, or finds the end inline when the text is short, as most texts are. */
static inline size_t text_string_end(const char *ptr, size_t len)
{
#ifdef __x86_64__
	enum { NEAR_BYTES = 16 };
	if (len >= NEAR_BYTES) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)ptr);
		unsigned quotes =
			(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
		unsigned backslashes =
			(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
		unsigned before_first = (quotes & -quotes) - 1;
		if (quotes && !(backslashes & before_first))
			return (size_t)__builtin_ctz(quotes);
	}
#endif
	return text_simd()->string_end(ptr, len);
}

#endif
