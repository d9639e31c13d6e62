/*
 * Text as a view: a pointer and a length.
 *
 * Used everywhere except at the edges of the program, where libc and libfcgi need NUL-terminated
 * strings. A struct str never owns its bytes and is never freed; code that keeps one says in a
 * comment who owns them. The bytes may hold anything, NUL included.
 *
 * Numbers are read strictly: the whole text must be the number, without blanks, without a sign
 * where none is allowed, without overflow. Case folding is ASCII only; there is no locale.
 */
#ifndef FLATSPAN_BASE_STR_H
#define FLATSPAN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *ptr;
	size_t len;
};

/* A literal as a view: STR("abc"). STR_NULL is "not there", which is not the same as empty. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_NULL ((struct str){ NULL, 0 })
/* For printf: "%.*s", STR_ARG(s); s is evaluated twice. */
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_of(const char *ptr, size_t len)
{
	return (struct str){ ptr, len };
}

static inline struct str str_from_c(const char *c)
{
	return (struct str){ c, c ? strlen(c) : 0 };
}

static inline bool str_is_null(struct str s)
{
	return !s.ptr;
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline struct str str_skip(struct str s, size_t n)
{
	return n > s.len ? str_of(s.ptr + s.len, 0) : str_of(s.ptr + n, s.len - n);
}

static inline struct str str_first(struct str s, size_t n)
{
	return str_of(s.ptr, n < s.len ? n : s.len);
}

/* Compares bytewise and returns <0, 0 or >0. A prefix is smaller than the longer text. */
int str_cmp(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Returns the position of the first c, or s.len. */
size_t str_index(struct str s, char c);
/* Returns the position of the first needle, or s.len. An empty needle is found at 0. */
size_t str_find(struct str s, struct str needle);
/* Returns s without leading and trailing blanks, tabs, CR and LF. */
struct str str_trim(struct str s);
/* Cuts *rest at the first sep: returns the text before it and leaves the text after it, STR_NULL at
 * the end. `while (!str_is_null(rest)) part = str_cut(&rest, ',')` returns every part, empty ones
 * too. */
struct str str_cut(struct str *rest, char sep);

bool str_to_i64(struct str s, int64_t *ret);      /* -?[0-9]+ */
bool str_to_u64(struct str s, uint64_t *ret);     /* [0-9]+ */
bool str_to_u64_hex(struct str s, uint64_t *ret); /* 1 to 16 hex digits */
/* Reads a JSON number (RFC 8259 section 6) as a finite double; 1e400 and "nan" are refused. */
bool str_to_double(struct str s, double *ret);

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Returns 0 to 15, or -1. */
static inline int hex_digit(char c)
{
	return ascii_is_digit(c)      ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

#endif
