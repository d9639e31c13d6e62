#include "span/span.h"

#include "base/hash.h"

const struct field_info field_info[FIELD__MAX] = {
#define X(id, name, member_, type_, column_, may_) \
	[id] = { \
		.member = { member_, sizeof member_ - 1 }, \
		.type = FIELD_TYPE_##type_, \
		.column = COLUMN_##column_, \
		.may = (may_), \
	},
	FIELD_LIST(X)
#undef X
};

const struct field_set field_set_all = { { ~UINT64_C(0), ~UINT64_C(0) } };

enum field field_from_member(struct str member)
{
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (str_eq(member, field_info[f].member))
			return (enum field)f;
	return FIELD__MAX;
}

void span_init(struct span *s)
{
	s->present = (struct field_set){ { 0 } };
	s->is_deleted = false;
	s->prev_day = SPAN_NO_DAY;
	s->extra = STR_NULL;
}

void span_set_plain(struct span *s, enum field f, struct arena *a, struct str plain)
{
	span_set_text(s, f, json_encode(a, plain));
}

struct str span_plain(const struct span *s, enum field f, struct arena *a)
{
	return span_has(s, f) ? json_decode(a, s->value[f].text) : STR_NULL;
}

bool span_duration(const struct span *s, int64_t *ret_ns)
{
	int64_t ns;
	if (!span_has(s, FIELD_STARTED_AT) || !span_has(s, FIELD_ENDED_AT))
		return false;
	if (__builtin_sub_overflow(
		    s->value[FIELD_ENDED_AT].i64, s->value[FIELD_STARTED_AT].i64, &ns) ||
		ns < 0)
		return false;
	*ret_ns = ns;
	return true;
}

bool span_is_root(const struct span *s)
{
	return span_text(s, FIELD_PARENT_SPAN_ID).len == 0;
}

int64_t span_version(const struct span *s)
{
	return span_i64(s, FIELD_UPDATED_AT, span_i64(s, FIELD_INGESTED_AT, 0));
}

uint64_t span_identity_hash(const struct span *s)
{
	uint64_t h = hash64(span_text(s, FIELD_SOURCE), 0);
	h = hash64(span_text(s, FIELD_TRACE_ID), h);
	return hash64(span_text(s, FIELD_SPAN_ID), h);
}

bool span_same_identity(const struct span *x, const struct span *y)
{
	return str_eq(span_text(x, FIELD_SPAN_ID), span_text(y, FIELD_SPAN_ID)) &&
	       str_eq(span_text(x, FIELD_TRACE_ID), span_text(y, FIELD_TRACE_ID)) &&
	       str_eq(span_text(x, FIELD_SOURCE), span_text(y, FIELD_SOURCE));
}

/* ---- The order of ids ---- */

/* The bytes that ids are made of: `-`, digits, `_` and lower case. Each is a digit of a number; 12
 * of them are the milliseconds of a UUID of version 7 but for 4 bits. */
enum { ORDER_BASE = 38, ORDER_LENGTH = 12 };

/* The digit of a byte, else of the greatest one below it; -1: there is none. */
static int order_digit(unsigned char c, bool *ret_is_exact)
{
	bool is_lower = c >= 'a' && c <= 'z', is_digit = c >= '0' && c <= '9';
	*ret_is_exact = is_lower || is_digit || c == '-' || c == '_';
	if (c >= 'a')
		return is_lower ? 12 + c - 'a' : ORDER_BASE - 1;
	if (c >= '_')
		return 11;
	if (c >= '0')
		return is_digit ? 1 + c - '0' : 10;
	return c >= '-' ? 0 : -1;
}

/* The byte at a place of a body; of those that are escaped all but the backslash are small. */
static unsigned char plain_byte(struct str body, size_t at)
{
	if (body.ptr[at] != '\\')
		return (unsigned char)body.ptr[at];
	return at + 1 < body.len && body.ptr[at + 1] == '\\' ? '\\' : 0;
}

int64_t span_text_order(struct str body)
{
	int64_t order = 0;
	int n = 0, digit = 0;
	bool is_exact = true;
	while (n < ORDER_LENGTH && (size_t)n < body.len && is_exact) {
		digit = order_digit(plain_byte(body, (size_t)n), &is_exact);
		if (digit < 0)
			break;
		order = order * ORDER_BASE + digit;
		n++;
	}
	/* What stands between two digits is behind all that begins with the first. */
	int fill = is_exact || digit < 0 ? 0 : ORDER_BASE - 1;
	for (; n < ORDER_LENGTH; n++)
		order = order * ORDER_BASE + fill;
	return order;
}

/* ---- Decimals ---- */

/* Decimal digits an unsigned 128-bit number surely holds; further ones only matter for rounding. */
enum { MANTISSA_DIGITS = 37, PICO_DIGITS = 12, EXPONENT_MAX = 100000 };

/* m / 10^n, rounded half to even; sticky: non-zero digits were cut before. */
static unsigned __int128 divide_rounded(unsigned __int128 m, int64_t n, bool sticky)
{
	unsigned __int128 unit = 1;
	if (n > MANTISSA_DIGITS)
		return 0;
	for (int64_t i = 0; i < n; i++)
		unit *= 10;
	unsigned __int128 q = m / unit, r = m % unit, half = unit / 2;
	if (unit == 1)
		return q;
	if (r > half || (r == half && (sticky || q % 2 == 1)))
		q++;
	return q;
}

bool dec_to_pico(struct str dec, int64_t *ret)
{
	return dec_to_units(dec, PICO_DIGITS, ret);
}

struct str dec_from_pico(struct arena *a, __int128 pico)
{
	const __int128 unit = (__int128)1000000000000;
	if (pico / unit > INT64_MAX)
		return STR("9223372036854775807");
	struct str text =
		arena_printf(a, "%lld.%012lld", (long long)(pico / unit), (long long)(pico % unit));
	while (text.ptr[text.len - 1] == '0')
		text.len--;
	if (text.ptr[text.len - 1] == '.')
		text.len--;
	return text;
}

bool dec_to_units(struct str dec, int digits, int64_t *ret)
{
	unsigned __int128 m = 0;
	int64_t exponent = digits, explicit_exponent = 0;
	int n_digits = 0;
	bool negative = dec.len && dec.ptr[0] == '-', point = false, sticky = false, any = false;
	size_t i = negative ? 1 : 0;
	for (; i < dec.len && (ascii_is_digit(dec.ptr[i]) || (dec.ptr[i] == '.' && !point)); i++) {
		if (dec.ptr[i] == '.') {
			point = true;
			continue;
		}
		any = true;
		if (n_digits < MANTISSA_DIGITS) {
			m = m * 10 + (unsigned)(dec.ptr[i] - '0');
			n_digits += m != 0;
			exponent -= point;
		} else {
			sticky = sticky || dec.ptr[i] != '0';
			exponent += !point;
		}
	}
	if (!any)
		return false;
	if (i < dec.len) {
		struct str e = str_skip(dec, i + 1);
		if (dec.ptr[i] != 'e' && dec.ptr[i] != 'E')
			return false;
		if (e.len && e.ptr[0] == '+')
			e = str_skip(e, 1);
		if (!str_to_i64(e, &explicit_exponent) || explicit_exponent > EXPONENT_MAX ||
			explicit_exponent < -EXPONENT_MAX)
			return false;
	}
	exponent += explicit_exponent;
	if (m == 0)
		exponent = 0;
	for (; exponent > 0; exponent--)
		if (__builtin_mul_overflow(m, (unsigned __int128)10, &m))
			return false;
	if (exponent < 0)
		m = divide_rounded(m, -exponent, sticky);
	if (m > (unsigned __int128)INT64_MAX)
		return false;
	*ret = negative ? -(int64_t)m : (int64_t)m;
	return true;
}
