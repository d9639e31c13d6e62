/* Texts, numbers, names and times. */
#include "web/schema/schema.h"

#include "base/utf8.h"
#include "base/utime.h"
#include "web/params.h"
#include "json/write.h"

static struct str scalar_text_of(struct arena *a, struct json v)
{
	return v.type == JSON_STRING ? json_decode(a, json_body(v)) : v.raw;
}

/* ---- Texts ---- */

static void check_str(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	struct arena *a = c->arena;
	if (v.type != JSON_STRING) {
		pydantic_add(
			c, at, "string_type", STR("Input should be a valid string"), v, STR_NULL);
		return;
	}
	/* A text has at most as many characters as its body has bytes. */
	struct str body = json_body(v);
	bool is_counted =
		body.len < 6 * t->min_length || (t->max_length && body.len > t->max_length);
	size_t n = is_counted ? utf8_length(json_decode(a, body)) : 0;
	if (is_counted && t->max_length && n > t->max_length) {
		struct str most = pydantic_count(a, t->max_length, "character");
		pydantic_add(c, at, "string_too_long",
			arena_printf(a, "String should have at most %.*s", STR_ARG(most)), v,
			arena_printf(a, "{\"max_length\":%zu}", t->max_length));
	} else if (is_counted && n < t->min_length) {
		struct str least = pydantic_count(a, t->min_length, "character");
		pydantic_add(c, at, "string_too_short",
			arena_printf(a, "String should have at least %.*s", STR_ARG(least)), v,
			arena_printf(a, "{\"min_length\":%zu}", t->min_length));
	} else if (t->pattern && !t->matches(json_decode(a, body))) {
		struct str pattern = json_encode(a, str_from_c(t->pattern));
		pydantic_add(c, at, "string_pattern_mismatch",
			arena_printf(a, "String should match pattern '%s'", t->pattern), v,
			arena_printf(a, "{\"pattern\":\"%.*s\"}", STR_ARG(pattern)));
	}
}

static void check_name(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	struct arena *a = c->arena;
	for (size_t i = 0; i < t->n_names; i++)
		if (v.type == JSON_STRING && json_body_is(json_body(v), t->names[i]))
			return;
	struct str names = choice_text(a, t->names, t->n_names);
	pydantic_add(c, at, t->type == PYDANTIC_ENUM ? "enum" : "literal_error",
		arena_printf(a, "Input should be %.*s", STR_ARG(names)), v,
		arena_printf(a, "{\"expected\":\"%.*s\"}", STR_ARG(names)));
}

/* ---- Numbers ---- */

bool pydantic_int(struct arena *a, struct json v, int64_t *ret)
{
	switch (v.type) {
	case JSON_TRUE:
	case JSON_FALSE:
		*ret = v.type == JSON_TRUE;
		return true;
	case JSON_NUMBER:
		return json_to_i64(v, ret);
	case JSON_STRING:
		return param_read_int(json_decode(a, json_body(v)), ret);
	default:
		return false;
	}
}

static void check_int(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	struct arena *a = c->arena;
	int64_t i;
	if (!pydantic_int(a, v, &i)) {
		bool is_integer = v.type == JSON_NUMBER && str_index(v.raw, '.') == v.raw.len &&
				  str_index(v.raw, 'e') == v.raw.len &&
				  str_index(v.raw, 'E') == v.raw.len;
		if (v.type == JSON_STRING)
			pydantic_add(c, at, "int_parsing",
				STR("Input should be a valid integer, unable to parse string as an "
				    "integer"),
				v, STR_NULL);
		else if (is_integer)
			pydantic_add(c, at, "int_parsing_size",
				STR("Unable to parse input string as an integer, exceeded maximum "
				    "size"),
				v, STR_NULL);
		else if (v.type == JSON_NUMBER)
			pydantic_add(c, at, "int_from_float",
				STR("Input should be a valid integer, got a number with a "
				    "fractional part"),
				v, STR_NULL);
		else
			pydantic_add(c, at, "int_type", STR("Input should be a valid integer"), v,
				STR_NULL);
	} else if (t->has_least && i < t->least) {
		pydantic_add(c, at, "greater_than_equal",
			arena_printf(a, "Input should be greater than or equal to %lld",
				(long long)t->least),
			v, arena_printf(a, "{\"ge\":%lld}", (long long)t->least));
	}
}

bool pydantic_float(struct arena *a, struct json v, struct str *ret)
{
	struct str text;
	double d;
	switch (v.type) {
	case JSON_TRUE:
	case JSON_FALSE:
		*ret = v.type == JSON_TRUE ? STR("1") : STR("0");
		return true;
	case JSON_NUMBER:
		*ret = v.raw;
		return str_to_double(v.raw, &d);
	case JSON_STRING:
		text = str_trim(json_decode(a, json_body(v)));
		if (str_starts(text, STR("+")))
			text = str_skip(text, 1);
		if (!str_to_double(text, &d))
			return false;
		*ret = text;
		return true;
	default:
		return false;
	}
}

static void check_float(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	struct arena *a = c->arena;
	struct str text;
	double d;
	if (!pydantic_float(a, v, &text)) {
		if (v.type == JSON_STRING)
			pydantic_add(c, at, "float_parsing",
				STR("Input should be a valid number, unable to parse string as a "
				    "number"),
				v, STR_NULL);
		else if (v.type == JSON_NUMBER)
			pydantic_add(c, at, "finite_number", STR("Input should be a finite number"),
				v, STR_NULL);
		else
			pydantic_add(c, at, "float_type", STR("Input should be a valid number"), v,
				STR_NULL);
	} else if (t->has_least && str_to_double(text, &d) && d < (double)t->least) {
		pydantic_add(c, at, "greater_than_equal",
			arena_printf(a, "Input should be greater than or equal to %lld",
				(long long)t->least),
			v, arena_printf(a, "{\"ge\":%lld.0}", (long long)t->least));
	}
}

static void check_bool(struct pydantic_checker *c, const struct pydantic_place *at, struct json v)
{
	static const struct str words[] = { { "0", 1 }, { "off", 3 }, { "f", 1 }, { "false", 5 },
		{ "n", 1 }, { "no", 2 }, { "1", 1 }, { "on", 2 }, { "t", 1 }, { "true", 4 },
		{ "y", 1 }, { "yes", 3 } };
	int64_t i;
	if (v.type == JSON_TRUE || v.type == JSON_FALSE ||
		(v.type == JSON_NUMBER && json_to_i64(v, &i) && (i == 0 || i == 1)))
		return;
	if (v.type == JSON_STRING) {
		struct str text = scalar_text_of(c->arena, v);
		for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
			if (str_eq_nocase(text, words[k]))
				return;
	}
	if (v.type == JSON_STRING || (v.type == JSON_NUMBER && json_to_i64(v, &i)))
		pydantic_add(c, at, "bool_parsing",
			STR("Input should be a valid boolean, unable to interpret input"), v,
			STR_NULL);
	else
		pydantic_add(
			c, at, "bool_type", STR("Input should be a valid boolean"), v, STR_NULL);
}

/* ---- Times ---- */

bool pydantic_datetime(struct arena *a, struct json v, int64_t *ret_ns, bool *ret_is_naive)
{
	double number;
	if (v.type != JSON_STRING && v.type != JSON_NUMBER)
		return false;
	struct str text = scalar_text_of(a, v);
	if (!utime_parse_lax(text, ret_ns))
		return false;
	/* Seconds since 1970 are UTC. */
	*ret_is_naive = !utime_has_offset(text) && !str_to_double(text, &number);
	return true;
}

/* Digits in the date of a bad time, up to the first that is none. */
static const char *bad_date(struct str s)
{
	static const struct {
		size_t from, to;
		const char *what;
	} parts[] = { { 0, 4, "invalid character in year" }, { 5, 7, "invalid character in month" },
		{ 8, 10, "invalid character in day" } };
	if (s.len < STR("2026-01-01").len)
		return "input is too short";
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		for (size_t k = parts[i].from; k < parts[i].to; k++)
			if (!ascii_is_digit(s.ptr[k]))
				return parts[i].what;
		if (i < 2 && s.ptr[parts[i].to] != '-')
			return "invalid date separator, expected `-`";
	}
	uint64_t year, month, day;
	if (!str_to_u64(str_of(s.ptr + 5, 2), &month) || month < 1 || month > 12)
		return "month value is outside expected range of 1-12";
	if (!str_to_u64(str_first(s, 4), &year) || !str_to_u64(str_of(s.ptr + 8, 2), &day) ||
		day < 1 || day > (uint64_t)utime_days_in_month((int)year, (int)month))
		return "day value is outside expected range";
	return NULL;
}

/* What pydantic tells of a bad time is why it is no date either: whatever is wrong behind a good
 * date is too much for one. */
const char *pydantic_bad_datetime(struct str s)
{
	int64_t ns;
	const char *date = bad_date(s);
	if (date)
		return date;
	if (utime_parse_bound(s, &ns))
		return "only the years from 1678 to 2261 can be stored";
	return "unexpected extra characters at the end of the input";
}

static void check_datetime(
	struct pydantic_checker *c, const struct pydantic_place *at, struct json v)
{
	int64_t ns;
	bool is_naive;
	if (pydantic_datetime(c->arena, v, &ns, &is_naive))
		return;
	if (v.type != JSON_STRING && v.type != JSON_NUMBER) {
		pydantic_add(c, at, "datetime_type", STR("Input should be a valid datetime"), v,
			STR_NULL);
		return;
	}
	const char *what = pydantic_bad_datetime(scalar_text_of(c->arena, v));
	pydantic_add(c, at, "datetime_from_date_parsing",
		arena_printf(c->arena, "Input should be a valid datetime or date, %s", what), v,
		arena_printf(c->arena, "{\"error\":\"%s\"}", what));
}

void pydantic_check_scalar(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	switch (t->type) {
	case PYDANTIC_STR:
		check_str(c, at, t, v);
		break;
	case PYDANTIC_INT:
		check_int(c, at, t, v);
		break;
	case PYDANTIC_FLOAT:
		check_float(c, at, t, v);
		break;
	case PYDANTIC_BOOL:
		check_bool(c, at, v);
		break;
	case PYDANTIC_DATETIME:
		check_datetime(c, at, v);
		break;
	case PYDANTIC_ENUM:
	case PYDANTIC_LITERAL:
		check_name(c, at, t, v);
		break;
	default:
		break; /* any */
	}
}
