/*
 * Kernels that run over text to the next interesting byte, for the JSON and UTF-8 modules only.
 *
 * Each takes (ptr, len), reads nothing outside it, and returns the offset of the byte looked for,
 * or len.  The widest variant the machine has is chosen at run time; all variants give the same
 * answers (t/unit/simd_text_test.c).  "Inside a string" means that ptr stands behind the opening
 * quote or anywhere later where no backslash is pending.
 */
#ifndef FLATSPAN_BASE_SIMD_TEXT_H
#define FLATSPAN_BASE_SIMD_TEXT_H

#include "base/cpu.h"
#include "base/str.h"

struct text_kernels {
	const char *name;
	/* The first byte from 0x80 up: all before it is ASCII. */
	size_t (*high)(const char *ptr, size_t len);
	/* The first byte that needs an escape in JSON: `"`, `\` or below 0x20. */
	size_t (*special)(const char *ptr, size_t len);
	/* As special, and all before it is copied. There must be room for len bytes: some of those
	 * that do not count may be copied too. */
	size_t (*copy)(char *to, const char *from, size_t len);
	/* Inside a string, over good ASCII and two-byte escapes: the quote that ends it, a byte
	 * below 0x20 or above 0x7f, or the backslash of any other escape. */
	size_t (*ascii_body)(const char *ptr, size_t len);
	/* Inside a string, over all that is canonical: the quote that ends it, a byte below 0x20,
	 * or the backslash of any escape but \" \\ \b \f \n \r \t. */
	size_t (*canonical_body)(const char *ptr, size_t len);
	/* Inside a string: the quote that ends it. */
	size_t (*string_end)(const char *ptr, size_t len);
	/* Behind an opening bracket or brace: the one that closes it. The two kinds are not told
	 * apart, and a backslash escapes outside strings too: the text was checked. */
	size_t (*container_end)(const char *ptr, size_t len);
};

/* The variants this machine has, plain C first, the fastest last, then NULL. For tests. */
const struct text_kernels *text_kernels(unsigned number);

extern const struct text_kernels text_kernels_plain;
#ifdef __x86_64__
extern const struct text_kernels text_kernels_sse2, text_kernels_avx2;
#endif

/* The fastest. */
static inline const struct text_kernels *text_simd(void)
{
#ifdef __x86_64__
	return cpu_has_avx2() ? &text_kernels_avx2 : &text_kernels_sse2;
#else
	return &text_kernels_plain;
#endif
}

#endif
