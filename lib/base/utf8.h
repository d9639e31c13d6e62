/*
 * UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef FLATSPAN_BASE_UTF8_H
#define FLATSPAN_BASE_UTF8_H

#include "base/arena.h"

/* Bytes of the character at the start of s (not empty); *ret_valid tells whether it is one. If not:
 * the bytes of the maximal bad part, at least 1. */
size_t utf8_sequence(struct str s, bool *ret_valid);

/* Bytes of the longest valid prefix; s.len when all of it is valid. Fast on ASCII. */
size_t utf8_valid_prefix(struct str s);

static inline bool utf8_valid(struct str s)
{
	return utf8_valid_prefix(s) == s.len;
}

/* The text with every maximal bad part (WHATWG's and Unicode's "substitution of maximal subparts")
 * replaced by U+FFFD; the same view when it is valid. */
struct str utf8_repair(struct arena *a, struct str s);
/* Writes one code point (not a surrogate) and returns its length, 1 to 4. */
size_t utf8_encode(uint32_t code_point, char *ret);
/* The code point of a valid sequence, as utf8_sequence() finds it. */
uint32_t utf8_decode(struct str sequence);
/* Cells of a terminal that a printable character takes: 0, 1 or 2. */
unsigned utf8_width(uint32_t code_point);
/* The first n code points of a valid text (a view). */
struct str utf8_first(struct str s, size_t n);
/* Code points in a valid text. */
size_t utf8_length(struct str s);

#endif
