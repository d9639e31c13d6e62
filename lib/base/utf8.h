/*
 * Checks, repairs and measures UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#ifndef FLATSPAN_BASE_UTF8_H
#define FLATSPAN_BASE_UTF8_H

#include "base/arena.h"

/* Returns the bytes of the character at the start of s, which is not empty. *ret_valid tells
 * whether it is valid. If not, returns the bytes of the maximal bad part, at least 1. */
size_t utf8_sequence(struct str s, bool *ret_valid);

/* Returns the bytes of the longest valid prefix; s.len when all of it is valid. Fast on ASCII. */
size_t utf8_valid_prefix(struct str s);

static inline bool utf8_valid(struct str s)
{
	return utf8_valid_prefix(s) == s.len;
}

/* Returns the text with every maximal bad part (the "substitution of maximal subparts" of WHATWG
 * and Unicode) replaced by U+FFFD, or the same view when it is valid. */
struct str utf8_repair(struct arena *a, struct str s);
/* Writes one code point (not a surrogate) and returns its length, 1 to 4. */
size_t utf8_encode(uint32_t code_point, char *ret);
/* Returns the code point of a valid sequence, as utf8_sequence() finds it. */
uint32_t utf8_decode(struct str sequence);
/* Returns how many cells of a terminal a printable character takes: 0, 1 or 2. */
unsigned utf8_width(uint32_t code_point);
/* Returns the first n code points of a valid text, as a view. */
struct str utf8_first(struct str s, size_t n);
/* Returns the number of code points in a valid text. */
size_t utf8_length(struct str s);

#endif
