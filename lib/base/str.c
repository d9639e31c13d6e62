#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Longest number text that is looked at; no finite double needs more to be told from its
 * neighbours. */
enum { NUMBER_MAX = 400 };

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.ptr, b.ptr, n) : 0;
	return d ? d : (a.len > b.len) - (a.len < b.len);
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_first(s, prefix.len), prefix);
}

bool str_starts_nocase(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq_nocase(str_first(s, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_skip(s, s.len - suffix.len), suffix);
}

size_t str_index(struct str s, char c)
{
	const char *at = s.len ? memchr(s.ptr, c, s.len) : NULL;
	return at ? (size_t)(at - s.ptr) : s.len;
}

size_t str_find(struct str s, struct str needle)
{
	if (needle.len == 0)
		return 0;
	const char *at = s.len >= needle.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
	return at ? (size_t)(at - s.ptr) : s.len;
}

static bool str_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len && str_is_blank(s.ptr[0]))
		s = str_skip(s, 1);
	while (s.len && str_is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct str str_cut(struct str *rest, char sep)
{
	struct str all = *rest;
	size_t at = str_index(all, sep);
	*rest = at < all.len ? str_skip(all, at + 1) : STR_NULL;
	return str_first(all, at);
}

bool str_to_u64(struct str s, uint64_t *ret)
{
	uint64_t v = 0;
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.ptr[i]))
			return false;
		if (__builtin_mul_overflow(v, 10u, &v) ||
			__builtin_add_overflow(v, (uint64_t)(s.ptr[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return true;
}

bool str_to_i64(struct str s, int64_t *ret)
{
	bool negative = s.len && s.ptr[0] == '-';
	uint64_t v;
	if (!str_to_u64(negative ? str_skip(s, 1) : s, &v))
		return false;
	if (v > (uint64_t)INT64_MAX + (negative ? 1 : 0))
		return false;
	*ret = negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool str_to_u64_hex(struct str s, uint64_t *ret)
{
	uint64_t v = 0;
	if (s.len == 0 || s.len > 16)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int d = hex_digit(s.ptr[i]);
		if (d < 0)
			return false;
		v = v << 4 | (uint64_t)d;
	}
	*ret = v;
	return true;
}

static size_t digits(struct str s, size_t i)
{
	while (i < s.len && ascii_is_digit(s.ptr[i]))
		i++;
	return i;
}

/* The grammar of RFC 8259 section 6. */
static bool is_json_number(struct str s)
{
	size_t i = s.len && s.ptr[0] == '-' ? 1 : 0;
	size_t start = i;
	i = digits(s, i);
	if (i == start || (s.ptr[start] == '0' && i > start + 1))
		return false;
	if (i < s.len && s.ptr[i] == '.') {
		start = ++i;
		i = digits(s, i);
		if (i == start)
			return false;
	}
	if (i < s.len && (s.ptr[i] == 'e' || s.ptr[i] == 'E')) {
		i++;
		if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-'))
			i++;
		start = i;
		i = digits(s, i);
		if (i == start)
			return false;
	}
	return i == s.len;
}

/* Most decimals have few digits: then these, a power of ten and their quotient are what reading by
 * the book gives, because the first two are exact and IEEE division rounds once. */
static bool short_to_double(struct str s, double *ret)
{
	enum { DIGITS_MAX = 15 };
	static const double powers[DIGITS_MAX + 1] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
		1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	uint64_t digits = 0;
	size_t i = 0, n_decimals = 0;
	bool has_point = false;
	if (s.len > DIGITS_MAX + 1)
		return false;
	for (; i < s.len; i++) {
		if (s.ptr[i] == '.') {
			has_point = true;
		} else if (ascii_is_digit(s.ptr[i])) {
			digits = digits * 10 + (uint64_t)(s.ptr[i] - '0');
			n_decimals += has_point;
		} else {
			return false;
		}
	}
	if (i - has_point > DIGITS_MAX)
		return false;
	*ret = (double)digits / powers[n_decimals];
	return true;
}

bool str_to_double(struct str s, double *ret)
{
	char text[NUMBER_MAX + 1];
	if (s.len > NUMBER_MAX || !is_json_number(s))
		return false;
	if (short_to_double(s, ret))
		return true;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	double v = strtod(text, NULL);
	if (!isfinite(v))
		return false;
	*ret = v;
	return true;
}
