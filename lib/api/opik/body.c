#include "api/opik/body.h"

#include "api/opik/list.h"

#include "base/hash.h"
#include "base/table.h"
#include "base/utf8.h"
#include "base/utime.h"
#include "base/uuid.h"
#include "semconv/opik_id.h"

const struct str opik_sources[5] = { { "sdk", 3 }, { "experiment", 10 }, { "playground", 10 },
	{ "optimization", 12 }, { "evaluator", 9 } };

enum { VALUE_SHOWN = 200 }; /* bytes of a bad value in an answer */

/* ---- The body ---- */

static bool is_json(const struct request *r)
{
	struct str type = request_media_type(r);
	return type.len == 0 || str_eq(type, STR("application/json")) ||
	       (str_starts(type, STR("application/")) && str_ends(type, STR("+json")));
}

/* Puts NaN, Infinity and -Infinity outside of texts between quotes. */
static struct str quote_non_numbers(struct arena *a, struct str body)
{
	static const struct str words[] = { { "NaN", 3 }, { "Infinity", 8 }, { "-Infinity", 9 } };
	struct buf out;
	buf_init(&out, a);
	bool in_text = false;
	for (size_t i = 0; i < body.len; i++) {
		char c = body.ptr[i];
		if (in_text && c == '\\' && i + 1 < body.len) {
			buf_add(&out, str_of(body.ptr + i++, 2));
			continue;
		}
		in_text ^= c == '"';
		size_t w = 3;
		for (size_t k = 0; k < 3 && !in_text && w == 3; k++)
			if (str_starts(str_skip(body, i), words[k]))
				w = k;
		if (w == 3) {
			buf_add_char(&out, c);
			continue;
		}
		buf_add_char(&out, '"');
		buf_add(&out, words[w]);
		buf_add_char(&out, '"');
		i += words[w].len - 1;
	}
	return buf_str(&out);
}

bool opik_body(struct request *r, struct json *ret)
{
	struct str body, reason;
	struct json_error error;
	enum err e = request_body(r, r->conf->body_bytes, &body, &reason);
	if (e) {
		route_error(r, &dialect_opik, e, reason, NULL);
		return false;
	}
	if (!is_json(r)) {
		opik_refuse(r, ERR_UNSUPPORTED, STR("HTTP 415 Unsupported Media Type"));
		return false;
	}
	if (str_trim(body).len == 0) {
		opik_refuse_one(r, ERR_UNPROCESSABLE, STR("The request body must not be null"));
		return false;
	}
	if (!json_check(body, LIMIT_DEPTH, &error)) {
		struct str quoted = str_find(body, STR("NaN")) < body.len ||
						    str_find(body, STR("Infinity")) < body.len
					    ? quote_non_numbers(r->arena, body)
					    : body;
		if (quoted.ptr == body.ptr || !json_check(quoted, LIMIT_DEPTH, &error)) {
			opik_refuse(r, ERR_INVALID,
				arena_printf(r->arena, "Unable to process JSON. %s at %zu",
					error.message, error.offset_chars));
			return false;
		}
		body = quoted;
	}
	*ret = json_open(body);
	if (ret->type == JSON_OBJECT)
		return true;
	if (ret->type == JSON_NULL) {
		opik_refuse_one(r, ERR_UNPROCESSABLE, STR("The request body must not be null"));
		return false;
	}
	opik_refuse(r, ERR_INVALID,
		STR("Unable to process JSON. Cannot deserialize value of type `object` from another "
		    "value"));
	return false;
}

/* ---- The reader ---- */

void opik_reader_init(struct opik_reader *rd, struct request *r)
{
	*rd = (struct opik_reader){ .request = r, .arena = r->arena, .path = STR("") };
	rd->problems = arena_calloc(r->arena, 1, sizeof *rd->problems);
	rd->problems->arena = r->arena;
}

bool opik_reader_check(struct opik_reader *rd)
{
	if (!str_is_null(rd->malformed)) {
		opik_refuse(rd->request, ERR_INVALID,
			arena_printf(
				rd->arena, "Unable to process JSON. %.*s", STR_ARG(rd->malformed)));
		return false;
	}
	if (rd->problems->n) {
		route_error(rd->request, &dialect_opik, ERR_UNPROCESSABLE, STR_NULL, rd->problems);
		return false;
	}
	return true;
}

void opik_problem(struct opik_reader *rd, const char *what)
{
	struct str msg = arena_printf(rd->arena, "%.*s%s", STR_ARG(rd->path), what);
	problem_add(rd->problems, STR("rule"), STR("[]"), msg, STR_NULL, STR_NULL);
}

void opik_malformed(struct opik_reader *rd, const char *type, struct json v, const char *why)
{
	static const char *const kinds[] = { "nothing", "null", "Boolean value", "Boolean value",
		"number", "String", "Array value", "Object value" };
	bool shows = v.type == JSON_STRING || v.type == JSON_NUMBER;
	struct str shown = shows ? utf8_first(v.raw, VALUE_SHOWN) : STR("");
	if (str_is_null(rd->malformed))
		rd->malformed = arena_printf(rd->arena,
			"Cannot deserialize value of type `%s` from %s%s%.*s: %s", type,
			kinds[v.type], shows ? " " : "", STR_ARG(shown), why);
}

struct str opik_read_text(struct opik_reader *rd, struct json v)
{
	switch (v.type) {
	case JSON_NONE:
	case JSON_NULL:
		return STR_NULL;
	case JSON_STRING:
		return json_canonical_body(rd->arena, json_body(v));
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		return v.raw; /* Jackson makes texts of scalars */
	default:
		opik_malformed(rd, "java.lang.String", v, "not a text");
		return STR_NULL;
	}
}

/* True for an empty text, which Jackson reads as no id, number or time. */
static bool is_none(struct json v)
{
	return v.type <= JSON_NULL || (v.type == JSON_STRING && json_body(v).len == 0);
}

struct str opik_read_uuid(struct opik_reader *rd, struct json v)
{
	struct str uuid;
	if (is_none(v))
		return STR_NULL;
	if (v.type == JSON_STRING && uuid_read(rd->arena, json_body(v), &uuid))
		return uuid;
	opik_malformed(rd, "java.util.UUID", v,
		"UUID has to be represented by standard 36-char representation");
	return STR_NULL;
}

struct str opik_read_new_id(struct opik_reader *rd, struct json v)
{
	return opik_id_of_uuid(rd->arena, opik_read_uuid(rd, v));
}

struct str opik_read_id(struct opik_reader *rd, struct json v)
{
	struct str id;
	if (v.type == JSON_STRING && opik_id_param(rd->arena, json_body(v), &id))
		return id;
	return opik_read_uuid(rd, v);
}

struct str opik_read_json(struct opik_reader *rd, struct json v)
{
	return v.type <= JSON_NULL ? STR_NULL : json_canonical(rd->arena, v.raw);
}

/* Jackson also accepts a zero offset without its colon or minutes. */
static struct str with_z(struct opik_reader *rd, struct str text)
{
	size_t n = str_ends(text, STR("+0000")) ? 5 : str_ends(text, STR("+00")) ? 3 : 0;
	if (n == 0)
		return text;
	return arena_printf(rd->arena, "%.*sZ", STR_ARG(str_first(text, text.len - n)));
}

/* Replaces a year that is out of range by one of the same length. Returns false when it is in
 * range. */
static bool bring_near(char *year)
{
	int64_t y;
	if (!ascii_is_digit(year[0]) || !str_to_i64(str_of(year, 4), &y) || (y > 1677 && y < 2262))
		return false;
	y = 1700 + (y + 300) % 400;
	for (int i = 3; i >= 0; i--, y /= 10)
		year[i] = (char)('0' + y % 10);
	return true;
}

bool opik_parse_time(struct str text, int64_t *ret_ns)
{
	char near[64];
	if (text.len <= 10 || ascii_upper(text.ptr[10]) != 'T')
		return false;
	if (utime_parse(text, ret_ns))
		return true;
	if (text.len > sizeof near)
		return false;
	memcpy(near, text.ptr, text.len);
	if (!bring_near(near) || !utime_parse(str_of(near, text.len), ret_ns))
		return false;
	*ret_ns = text.ptr[0] < '2' ? INT64_MIN : INT64_MAX;
	return true;
}

bool opik_read_time(struct opik_reader *rd, struct json v, int64_t *ret_ns)
{
	struct str text = v.type == JSON_NUMBER ? v.raw : with_z(rd, json_body(v));
	if (is_none(v))
		return false;
	if (v.type == JSON_NUMBER || opik_is_number(text)) {
		/* Seconds may be a number or a text. A time out of range is the end of the range,
		 * which the rules refuse. */
		if (!dec_to_units(text, 9, ret_ns))
			*ret_ns = text.ptr[0] == '-' ? INT64_MIN : INT64_MAX;
		return true;
	}
	if (opik_parse_time(text, ret_ns))
		return true;
	opik_malformed(rd, "java.time.Instant", v, "a date with time and zone is expected");
	return false;
}

bool opik_read_bool(struct opik_reader *rd, struct json v, bool otherwise)
{
	int64_t n;
	if (v.type == JSON_TRUE || v.type == JSON_FALSE)
		return v.type == JSON_TRUE;
	if (v.type == JSON_NUMBER && str_to_i64(v.raw, &n))
		return n != 0;
	if (v.type == JSON_STRING && str_eq_nocase(json_body(v), STR("true")))
		return true;
	if (v.type == JSON_STRING && str_eq_nocase(json_body(v), STR("false")))
		return false;
	if (v.type > JSON_NULL)
		opik_malformed(rd, "boolean", v, "only \"true\" or \"false\" recognized");
	return otherwise;
}

bool opik_read_int(struct opik_reader *rd, struct json v, int64_t *ret)
{
	double d;
	if (is_none(v))
		return false;
	struct json n = v.type == JSON_STRING ? (struct json){ JSON_NUMBER, json_body(v) } : v;
	if (n.type == JSON_NUMBER && json_to_i64(n, ret))
		return true;
	if (n.type == JSON_NUMBER && str_to_double(n.raw, &d) && d > -9e15 && d < 9e15) {
		*ret = (int64_t)d; /* drops the fraction */
		return true;
	}
	opik_malformed(rd, "java.lang.Integer", v, "not a valid integer value");
	return false;
}

struct str opik_read_number(struct opik_reader *rd, struct json v)
{
	double d;
	if (is_none(v))
		return STR_NULL;
	struct str text = v.type == JSON_STRING ? json_body(v) : v.raw;
	if ((v.type == JSON_STRING || v.type == JSON_NUMBER) && str_to_double(text, &d))
		return text;
	opik_malformed(rd, "java.math.BigDecimal", v, "not a valid representation");
	return STR_NULL;
}

struct seen_text {
	uint64_t hash;
	struct str text;
};

/* True when the text was not seen before. */
static bool note_text(struct table *seen, struct str text)
{
	struct seen_text *one;
	uint64_t hash = hash64(text, 0);
	struct table_probe p = table_probe(seen, hash);
	while ((one = table_next(seen, &p)))
		if (str_eq(one->text, text))
			return false;
	one = table_add(seen, hash);
	one->text = text;
	return true;
}

struct str opik_read_texts(struct opik_reader *rd, struct json v)
{
	if (v.type <= JSON_NULL)
		return STR_NULL;
	if (v.type != JSON_ARRAY) {
		opik_malformed(rd, "java.util.Set<java.lang.String>", v, "not an array");
		return STR_NULL;
	}
	struct buf b;
	struct json_writer w;
	struct table seen;
	table_init(&seen, rd->arena, sizeof(struct seen_text));
	buf_init(&b, rd->arena);
	json_writer_init(&w, &b);
	json_array(&w);
	for (struct json_iter it = json_elements(v); json_next(&it);) {
		struct str text = opik_read_text(rd, it.value);
		if (!str_is_null(text) && note_text(&seen, text))
			json_body_value(&w, text);
	}
	json_end(&w);
	table_release(&seen);
	return buf_str(&b);
}

struct str opik_read_choice(
	struct opik_reader *rd, struct json v, const char *type, const struct str *names, size_t n)
{
	struct buf all;
	if (v.type <= JSON_NULL)
		return STR_NULL;
	buf_init(&all, rd->arena);
	for (size_t i = 0; i < n; i++) {
		if (v.type == JSON_STRING && str_eq_nocase(json_body(v), names[i]))
			return names[i];
		buf_printf(&all, "%s%.*s", i ? ", " : "", STR_ARG(names[i]));
	}
	opik_malformed(rd, type, v,
		arena_copy_c(
			rd->arena, arena_printf(rd->arena,
					   "not one of the values accepted for Enum class: [%.*s]",
					   STR_ARG(buf_str(&all)))));
	return STR_NULL;
}

struct json opik_read_list(struct opik_reader *rd, struct json object, const char *name)
{
	struct json v = json_get(object, str_from_c(name));
	size_t n = 0;
	if (v.type <= JSON_NULL) {
		opik_problem(rd, arena_copy_c(rd->arena,
					 arena_printf(rd->arena, "%s must not be null", name)));
		return v;
	}
	if (v.type != JSON_ARRAY) {
		opik_malformed(rd, "java.util.List", v, "not an array");
		return v;
	}
	for (struct json_iter it = json_elements(v); json_next(&it) && n <= OPIK_BATCH_MAX;)
		n++;
	if (n == 0 || n > OPIK_BATCH_MAX)
		opik_problem(rd, arena_copy_c(rd->arena,
					 arena_printf(rd->arena, "%s size must be between 1 and %d",
						 name, OPIK_BATCH_MAX)));
	return v;
}

size_t opik_read_ids(
	struct opik_reader *rd, struct json object, const char *name, struct str **ret_ids)
{
	struct json list = opik_read_list(rd, object, name);
	size_t n = 0;
	*ret_ids = arena_calloc(rd->arena, OPIK_BATCH_MAX, sizeof **ret_ids);
	for (struct json_iter it = json_elements(list); json_next(&it) && n < OPIK_BATCH_MAX;) {
		struct str id = opik_read_id(rd, it.value);
		if (!str_is_null(id))
			(*ret_ids)[n++] = id;
	}
	return n;
}

bool opik_is_blank(struct str body)
{
	for (size_t i = 0; i < body.len; i++) {
		if (body.ptr[i] == ' ')
			continue;
		if (body.ptr[i] != '\\' || i + 1 == body.len || !strchr("btnfr", body.ptr[i + 1]))
			return false;
		i++;
	}
	return true;
}
