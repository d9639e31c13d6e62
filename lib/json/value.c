/* Reads numbers by value and compares values. The interface is in json/read.h. */
#include "base/limits.h"
#include "json/read.h"

#include <stdlib.h>

/* Exponents are read up to here: far past any double, and sums of them do not overflow. */
#define EXPONENT_MAX INT64_C(100000000000000000)

/* An exact number: DIGITS * 10^exponent without leading and trailing zeros; zero has no digits. */
struct decimal {
	bool is_negative;
	int64_t exponent;
	size_t count;
	char digits[LIMIT_NUMBER_BYTES];
};

static bool read_exponent(struct str s, int64_t *ret)
{
	bool is_negative = s.len && s.ptr[0] == '-';
	if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'))
		s = str_skip(s, 1);
	int64_t v = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.ptr[i]))
			return false;
		if (v < EXPONENT_MAX)
			v = v * 10 + (s.ptr[i] - '0');
	}
	*ret = is_negative ? -v : v;
	return s.len > 0;
}

static bool read_decimal(struct str s, struct decimal *ret)
{
	bool is_negative = s.len && s.ptr[0] == '-';
	size_t at = is_negative ? 1 : 0, seen = 0, count = 0;
	int64_t exponent = 0, shift = 0;
	bool in_fraction = false;
	if (s.len > LIMIT_NUMBER_BYTES)
		return false;
	for (; at < s.len && (ascii_is_digit(s.ptr[at]) || s.ptr[at] == '.'); at++) {
		if (s.ptr[at] == '.') {
			if (in_fraction)
				return false;
			in_fraction = true;
			continue;
		}
		seen++;
		shift -= in_fraction;
		if (count || s.ptr[at] != '0')
			ret->digits[count++] = s.ptr[at];
	}
	if (seen == 0)
		return false;
	if (at < s.len && s.ptr[at] != 'e' && s.ptr[at] != 'E')
		return false;
	if (at < s.len && !read_exponent(str_skip(s, at + 1), &exponent))
		return false;
	exponent += shift;
	for (; count && ret->digits[count - 1] == '0'; count--)
		exponent++;
	ret->is_negative = is_negative && count;
	ret->exponent = count ? exponent : 0;
	ret->count = count;
	return true;
}

bool json_to_i64(struct json v, int64_t *ret)
{
	struct decimal d;
	if (v.type != JSON_NUMBER)
		return false;
	if (str_to_i64(v.raw, ret))
		return true;
	if (!read_decimal(v.raw, &d) || d.exponent < 0)
		return false;
	/* Its digits with the zeros behind them; what does not fit here does not fit an int64. */
	char text[32] = { '-' };
	size_t sign = d.is_negative ? 1 : 0;
	if (d.exponent > (int64_t)(sizeof text - sign) ||
		d.count > sizeof text - sign - (size_t)d.exponent)
		return false;
	memset(text + sign, '0', sizeof text - sign);
	memcpy(text + sign, d.digits, d.count);
	size_t len = d.count ? sign + d.count + (size_t)d.exponent : 1;
	return str_to_i64(str_of(text, len), ret);
}

bool json_to_double(struct json v, double *ret)
{
	return v.type == JSON_NUMBER && str_to_double(v.raw, ret);
}

static bool numbers_equal(struct str x, struct str y)
{
	struct decimal dx, dy;
	if (str_eq(x, y))
		return true;
	return read_decimal(x, &dx) && read_decimal(y, &dy) && dx.is_negative == dy.is_negative &&
	       dx.exponent == dy.exponent &&
	       str_eq(str_of(dx.digits, dx.count), str_of(dy.digits, dy.count));
}

static bool equal_at(struct arena *a, struct json x, struct json y, unsigned depth);

static bool elements_equal(struct arena *a, struct json x, struct json y, unsigned depth)
{
	struct json_iter ix = json_elements(x), iy = json_elements(y);
	for (;;) {
		bool has_x = json_next(&ix), has_y = json_next(&iy);
		if (!has_x || !has_y)
			return has_x == has_y;
		if (!equal_at(a, ix.value, iy.value, depth))
			return false;
	}
}

struct member {
	struct str key; /* decoded */
	struct json value;
	size_t position;
};

static int member_cmp(const void *x, const void *y)
{
	const struct member *mx = x, *my = y;
	int d = str_cmp(mx->key, my->key);
	return d ? d : (mx->position > my->position) - (mx->position < my->position);
}

/* The members sorted by key; of several with one key only the last. Sorting keeps hostile objects
 * of many keys cheap. */
static struct member *sorted_members(struct arena *a, struct json v, size_t *ret_count)
{
	size_t count = 0, kept = 0;
	for (struct json_iter it = json_members(v); json_next(&it);)
		count++;
	struct member *m = arena_calloc(a, count, sizeof *m);
	struct json_iter it = json_members(v);
	for (size_t i = 0; i < count && json_next(&it); i++)
		m[i] = (struct member){ json_decode(a, it.key), it.value, i };
	qsort(m, count, sizeof *m, member_cmp);
	for (size_t i = 0; i < count; i++)
		if (i + 1 == count || !str_eq(m[i].key, m[i + 1].key))
			m[kept++] = m[i];
	*ret_count = kept;
	return m;
}

static bool members_equal(struct arena *a, struct json x, struct json y, unsigned depth)
{
	size_t count_x, count_y;
	struct arena_mark mark = arena_mark(a);
	struct member *mx = sorted_members(a, x, &count_x), *my = sorted_members(a, y, &count_y);
	bool equal = count_x == count_y;
	for (size_t i = 0; equal && i < count_x; i++)
		equal = str_eq(mx[i].key, my[i].key) &&
			equal_at(a, mx[i].value, my[i].value, depth);
	arena_rewind(a, mark);
	return equal;
}

static bool strings_equal(struct arena *a, struct json x, struct json y)
{
	if (str_eq(x.raw, y.raw))
		return true;
	struct arena_mark mark = arena_mark(a);
	bool equal = str_eq(json_decode(a, json_body(x)), json_decode(a, json_body(y)));
	arena_rewind(a, mark);
	return equal;
}

/* depth: how many containers may still be entered; checked text never has more. */
static bool equal_at(struct arena *a, struct json x, struct json y, unsigned depth)
{
	if (x.type != y.type)
		return false;
	switch (x.type) {
	case JSON_NUMBER:
		return numbers_equal(x.raw, y.raw);
	case JSON_STRING:
		return strings_equal(a, x, y);
	case JSON_ARRAY:
		return depth && elements_equal(a, x, y, depth - 1);
	case JSON_OBJECT:
		return depth && members_equal(a, x, y, depth - 1);
	default:
		return true;
	}
}

bool json_equal(struct arena *a, struct json x, struct json y)
{
	return equal_at(a, x, y, JSON_DEPTH_MAX);
}
