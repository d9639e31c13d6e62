/*
 * Kernels that find the next interesting byte of a text, for the JSON and UTF-8 modules only.
 *
 * Each takes (ptr, len), reads nothing outside it, and returns the offset of the first byte looked
 * for, or len.  The widest variant the machine has is chosen at run time; all variants give the
 * same answers (t/unit/simd_text_test.c).
 */
#ifndef FLATSPAN_BASE_SIMD_TEXT_H
#define FLATSPAN_BASE_SIMD_TEXT_H

#include "base/str.h"

/* The first `"`, `\` or byte below 0x20: what must be escaped, and what ends a run in a string. */
size_t text_special(const char *ptr, size_t len);
/* The same, or a byte from 0x80 up. */
size_t text_special_or_high(const char *ptr, size_t len);
/* The first byte from 0x80 up: all before it is ASCII. */
size_t text_high(const char *ptr, size_t len);
/* The first `"` that no backslash escapes; ptr stands behind the opening quote. */
size_t text_string_end(const char *ptr, size_t len);

/* The variants, for tests: plain C is number 0, NULL where this machine has no more. */
struct text_kernels {
	const char *name;
	size_t (*special)(const char *ptr, size_t len);
	size_t (*special_or_high)(const char *ptr, size_t len);
	size_t (*high)(const char *ptr, size_t len);
	size_t (*string_end)(const char *ptr, size_t len);
};
const struct text_kernels *text_kernels(unsigned number);

#endif
