#include "json/write.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* More decimals are left to the library. */
enum { SHORT_DECIMALS_MAX = 9 };

void json_writer_init(struct json_writer *w, struct buf *out)
{
	w->out = out;
	w->depth = 0;
	w->after_key = false;
}

/* Begins a value or key: writes the comma before it if one is due. */
static void begin_item(struct json_writer *w, bool is_key)
{
	if (w->after_key) {
		assert(!is_key);
		w->after_key = false;
		return;
	}
	if (w->depth == 0) {
		assert(!is_key);
		return;
	}
	bool *has_items = &w->scope[w->depth - 1].has_items;
	assert(w->scope[w->depth - 1].is_object == is_key);
	if (*has_items)
		buf_add_char(w->out, ',');
	*has_items = true;
}

static void open_scope(struct json_writer *w, bool is_object)
{
	begin_item(w, false);
	assert(w->depth < JSON_WRITER_DEPTH);
	w->scope[w->depth].is_object = is_object;
	w->scope[w->depth].has_items = false;
	w->depth++;
	buf_add_char(w->out, is_object ? '{' : '[');
}

void json_object(struct json_writer *w)
{
	open_scope(w, true);
}

void json_array(struct json_writer *w)
{
	open_scope(w, false);
}

void json_end(struct json_writer *w)
{
	assert(w->depth && !w->after_key);
	w->depth--;
	buf_add_char(w->out, w->scope[w->depth].is_object ? '}' : ']');
}

static void add_escaped(struct json_writer *w, struct str text)
{
	buf_add_char(w->out, '"');
	json_escape(w->out, text);
	buf_add_char(w->out, '"');
}

static void end_key(struct json_writer *w)
{
	buf_add_char(w->out, ':');
	w->after_key = true;
}

void json_key(struct json_writer *w, struct str key)
{
	json_key_body(w, key);
}

void json_key_text(struct json_writer *w, struct str key)
{
	begin_item(w, true);
	add_escaped(w, key);
	end_key(w);
}

/* Keys and most values are shorter than a call of memcpy is worth. */
static inline void copy_short(char *to, const char *from, size_t n)
{
	enum { QUARTER = 4, HALF = 8 };
	if (n > 2 * (size_t)HALF) {
		memcpy(to, from, n);
	} else if (n >= HALF) {
		memcpy(to, from, HALF);
		memcpy(to + n - HALF, from + n - HALF, HALF);
	} else if (n >= QUARTER) {
		memcpy(to, from, QUARTER);
		memcpy(to + n - QUARTER, from + n - QUARTER, QUARTER);
	} else {
		for (size_t i = 0; i < n; i++)
			to[i] = from[i];
	}
}

static inline char *json_put_quoted(char *p, struct str body)
{
	*p++ = '"';
	copy_short(p, body.ptr, body.len);
	p += body.len;
	*p++ = '"';
	return p;
}

/* Writes a comma if one is due, the key and a colon, and returns where `room` bytes can be put
 * after them. Keys are frequent, so this is one step. */
static char *put_key(struct json_writer *w, struct str body, size_t room)
{
	char *p = buf_room(w->out, body.len + sizeof ",\"\":" + room);
	bool *has_items = &w->scope[w->depth - 1].has_items;
	assert(w->depth && w->scope[w->depth - 1].is_object && !w->after_key);
	if (*has_items)
		*p++ = ',';
	*has_items = true;
	p = json_put_quoted(p, body);
	*p++ = ':';
	return p;
}

static void end_put(struct json_writer *w, const char *end)
{
	w->out->len = (size_t)(end - w->out->ptr);
}

void json_key_body(struct json_writer *w, struct str body)
{
	end_put(w, put_key(w, body, 0));
	w->after_key = true;
}

void json_null(struct json_writer *w)
{
	json_raw(w, STR("null"));
}

void json_bool(struct json_writer *w, bool v)
{
	json_raw(w, v ? STR("true") : STR("false"));
}

void json_i64(struct json_writer *w, int64_t v)
{
	begin_item(w, false);
	buf_add_i64(w->out, v);
}

void json_u64(struct json_writer *w, uint64_t v)
{
	begin_item(w, false);
	buf_add_u64(w->out, v);
}

void json_double(struct json_writer *w, double v)
{
	char text[JSON_DOUBLE_MAX];
	if (isfinite(v))
		json_raw(w, str_of(text, json_double_text(v, text)));
	else
		json_null(w);
}

void json_text(struct json_writer *w, struct str text)
{
	begin_item(w, false);
	add_escaped(w, text);
}

void json_body_value(struct json_writer *w, struct str body)
{
	begin_item(w, false);
	end_put(w, json_put_quoted(buf_room(w->out, body.len + 2), body));
}

void json_raw(struct json_writer *w, struct str value)
{
	begin_item(w, false);
	buf_add(w->out, value);
}

void json_raw_as_text(struct json_writer *w, struct str value)
{
	json_text(w, value);
}

void json_stored_as_text(struct json_writer *w, struct str value)
{
	begin_item(w, false);
	buf_add_char(w->out, '"');
	json_escape_valid(w->out, value);
	buf_add_char(w->out, '"');
}

void json_member_text(struct json_writer *w, struct str key, struct str text)
{
	json_key(w, key);
	json_text(w, text);
}

void json_member_body(struct json_writer *w, struct str key, struct str body)
{
	end_put(w, json_put_quoted(put_key(w, key, body.len + 2), body));
}

void json_member_i64(struct json_writer *w, struct str key, int64_t v)
{
	json_key(w, key);
	json_i64(w, v);
}

void json_member_double(struct json_writer *w, struct str key, double v)
{
	json_key(w, key);
	json_double(w, v);
}

void json_member_bool(struct json_writer *w, struct str key, bool v)
{
	json_key(w, key);
	json_bool(w, v);
}

void json_member_raw(struct json_writer *w, struct str key, struct str value)
{
	json_key(w, key);
	json_raw(w, value);
}

/* Decimals of up to DBL_DIG digits are as short as doubles get, unless they end with a zero;
 * between these sizes they stand without an exponent. */
bool json_is_double_text(struct str number)
{
	struct str whole = number, fraction;
	if (whole.len && whole.ptr[0] == '-')
		whole = str_skip(whole, 1);
	size_t point = str_index(whole, '.');
	fraction = str_skip(whole, point + 1);
	whole = str_first(whole, point);
	if (whole.len == 0 || fraction.len == 0 || whole.len + fraction.len > DBL_DIG)
		return false;
	bool is_small = str_eq(whole, STR("0"));
	if ((whole.ptr[0] == '0' && !is_small) || (is_small && str_starts(fraction, STR("0000"))))
		return false;
	for (size_t i = 0; i < whole.len; i++)
		if (!ascii_is_digit(whole.ptr[i]))
			return false;
	for (size_t i = 0; i < fraction.len; i++)
		if (!ascii_is_digit(fraction.ptr[i]))
			return false;
	return fraction.len == 1 || fraction.ptr[fraction.len - 1] != '0';
}

static bool reads_back(const char *text, double v)
{
	return strtod(text, NULL) == v;
}

/* Below a power of two doubles lie closer than above it, so that of two texts of v the upper may
 * read back when the lower, though nearer, does not. */
static bool upper_reads_back(char *text, double v)
{
	int exponent;
	char *last = strchr(text, 'e') - 1;
	if (frexp(v, &exponent) != 0.5 || *last == '9')
		return false;
	++*last;
	return reads_back(text, v);
}

/* The digits of the shortest text of v in the form D.DDDe±DD. DBL_DIG digits that read back are the
 * shortest once their zeros are cut; subnormals hold fewer, so there the search begins at one. */
static void shortest_scientific(double v, char ret[static JSON_DOUBLE_MAX])
{
	int digits = fabs(v) < DBL_MIN ? 1 : DBL_DIG;
	for (; digits <= DBL_DECIMAL_DIG; digits++) {
		snprintf(ret, JSON_DOUBLE_MAX, "%.*e", digits - 1, v);
		if (reads_back(ret, v))
			return;
		if (digits == DBL_DIG + 1 && upper_reads_back(ret, v))
			return;
	}
}

/* Most numbers people send are decimal fractions of few digits: v = digits / 10^decimals. Both are
 * exact doubles and IEEE division rounds as reading does, so their text reads back as v; and no
 * other of up to DBL_DIG digits does. */
static bool short_decimal(double v, uint64_t *ret_digits, int *ret_decimals)
{
	static const double least = 1e-4, too_many_digits = 1e15;
	double power = 1;
	if (v != 0 && v < least)
		return false;
	for (int decimals = 0; decimals <= SHORT_DECIMALS_MAX; decimals++, power *= 10) {
		double scaled = v * power;
		if (scaled >= too_many_digits)
			return false;
		uint64_t digits = (uint64_t)(scaled + 0.5);
		if ((double)digits / power == v) {
			*ret_digits = digits;
			*ret_decimals = decimals;
			return true;
		}
	}
	return false;
}

static size_t write_short_decimal(uint64_t digits, int decimals, char *ret)
{
	char reversed[JSON_DOUBLE_MAX];
	size_t count = 0;
	if (decimals == 0) {
		reversed[count++] = '0';
		reversed[count++] = '.';
	}
	for (int written = 0; digits || written <= decimals; written++) {
		if (decimals && written == decimals)
			reversed[count++] = '.';
		reversed[count++] = (char)('0' + digits % 10);
		digits /= 10;
	}
	for (size_t i = 0; i < count; i++)
		ret[i] = reversed[count - 1 - i];
	return count;
}

size_t json_double_text(double v, char *ret)
{
	/* Where Python's repr changes to the form with an exponent. */
	enum { FIXED_MIN = -4, FIXED_MAX = 16 };
	char text[JSON_DOUBLE_MAX], digits[JSON_DOUBLE_MAX];
	size_t count = 0;
	char *out = ret;
	uint64_t short_digits;
	int decimals;
	if (signbit(v))
		*out++ = '-';
	if (short_decimal(fabs(v), &short_digits, &decimals))
		return (size_t)(out - ret) + write_short_decimal(short_digits, decimals, out);
	shortest_scientific(fabs(v), text);
	const char *p = text;
	for (; *p != 'e'; p++)
		if (*p != '.')
			digits[count++] = *p;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	int exponent = 0;
	for (const char *e = p + 2; *e; e++)
		exponent = exponent * 10 + (*e - '0');
	if (p[1] == '-')
		exponent = -exponent;

	bool is_fixed = exponent >= FIXED_MIN && exponent < FIXED_MAX;
	/* Digits before the point. */
	int whole = is_fixed ? exponent + 1 : 1;
	if (whole <= 0) {
		memcpy(out, "0.000", (size_t)(2 - whole));
		out += 2 - whole;
	}
	for (int i = 0; i < (int)count || i < whole; i++) {
		if (i == whole && whole > 0)
			*out++ = '.';
		*out++ = i < (int)count ? digits[i] : '0';
	}
	if (is_fixed && (int)count <= whole) {
		*out++ = '.';
		*out++ = '0';
	}
	if (!is_fixed)
		out += snprintf(
			out, sizeof "e-308", "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
	return (size_t)(out - ret);
}
