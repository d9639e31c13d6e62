/* Texts, numbers, ids and attributes of OTLP JSON. */
#include "otlp/json.h"

#include "base/base64.h"

#include <math.h>

bool otlp_json_fail(struct reader *rd, const char *field, const char *what)
{
	struct buf b;
	buf_init(&b, rd->arena);
	if (rd->place >= IN_RESOURCE)
		buf_printf(&b, "resourceSpans[%zu].", rd->resource_i);
	if (rd->place >= IN_SCOPE)
		buf_printf(&b, "scopeSpans[%zu].", rd->scope_i);
	if (rd->place >= IN_SPAN)
		buf_printf(&b, "spans[%zu].", rd->span_i);
	buf_printf(&b, "%s%s", rd->within, field);
	while (b.len && b.ptr[b.len - 1] == '.') /* the element itself, not a member of it */
		b.len--;
	buf_printf(&b, ": %s", what);
	rd->reason = arena_copy(rd->arena, buf_str(&b));
	buf_release(&b);
	return false;
}

bool otlp_json_is(struct str key, const char *name)
{
	size_t i = 0;
	for (; *name; name++, i++) {
		char c = *name;
		if (i < key.len && key.ptr[i] == '_' && c >= 'A' && c <= 'Z') {
			i++;
			c = ascii_lower(c);
		}
		if (i >= key.len || key.ptr[i] != c)
			return false;
	}
	return i == key.len;
}

bool otlp_json_next(struct reader *rd, struct json_iter *it)
{
	while (json_next(it))
		if (it->value.type != JSON_NULL) {
			it->key = json_decode(rd->arena, it->key);
			return true;
		}
	return false;
}

bool otlp_json_text(struct reader *rd, const char *field, struct json v, void *at)
{
	struct str *ret = at;
	if (v.type != JSON_STRING)
		return otlp_json_fail(rd, field, "must be a string");
	*ret = json_canonical_body(rd->arena, json_body(v));
	return true;
}

/* Bytes as hex digits; STR_NULL: no base64. */
static struct str hex_of_base64(struct arena *a, struct str text)
{
	struct str bytes;
	struct buf b;
	if (!base64_read(a, text, &bytes))
		return STR_NULL;
	buf_init(&b, a);
	buf_add_hex(&b, bytes);
	return buf_str(&b);
}

bool otlp_json_id(struct reader *rd, const char *field, struct json v, void *at)
{
	struct str *ret = at, digits = json_decode(rd->arena, json_body(v));
	char *lower = arena_text(rd->arena, digits.len);
	if (v.type != JSON_STRING)
		return otlp_json_fail(rd, field, "must be a string of hex digits");
	for (size_t i = 0; i < digits.len; i++) {
		if (hex_digit(digits.ptr[i]) < 0) {
			struct str hex =
				rd->takes_base64 ? hex_of_base64(rd->arena, digits) : STR_NULL;
			if (str_is_null(hex))
				return otlp_json_fail(rd, field,
					"must be hex digits (ids in OTLP JSON are not base64)");
			*ret = hex;
			return true;
		}
		lower[i] = ascii_lower(digits.ptr[i]);
	}
	*ret = str_of(lower, digits.len);
	return true;
}

static bool to_i64(struct json v, int64_t *ret)
{
	return v.type == JSON_STRING ? str_to_i64(json_body(v), ret) : json_to_i64(v, ret);
}

bool otlp_json_u64(struct reader *rd, const char *field, struct json v, void *at)
{
	uint64_t *ret = at;
	int64_t i;
	struct str digits = v.type == JSON_STRING ? json_body(v) : v.raw;
	if ((v.type == JSON_STRING || v.type == JSON_NUMBER) && str_to_u64(digits, ret))
		return true;
	if (!to_i64(v, &i) || i < 0)
		return otlp_json_fail(
			rd, field, "must be an unsigned integer, as a number or a string");
	*ret = (uint64_t)i;
	return true;
}

bool otlp_json_u32(struct reader *rd, const char *field, struct json v, void *at)
{
	uint32_t *ret = at;
	uint64_t wide;
	if (!otlp_json_u64(rd, field, v, &wide))
		return false;
	if (wide > UINT32_MAX)
		return otlp_json_fail(rd, field, "must fit 32 bits");
	*ret = (uint32_t)wide;
	return true;
}

/* An enum as its number or its name; numbers nobody has named are 0. */
static bool read_enum(struct reader *rd, const char *field, struct json v, const struct str *names,
	size_t n, unsigned *ret)
{
	int64_t number;
	for (size_t i = 0; v.type == JSON_STRING && i < n; i++)
		if (json_body_is(json_body(v), names[i])) {
			*ret = (unsigned)i;
			return true;
		}
	if (!to_i64(v, &number))
		return otlp_json_fail(rd, field, "must be an integer");
	*ret = number > 0 && (uint64_t)number < n ? (unsigned)number : 0;
	return true;
}

bool otlp_json_kind(struct reader *rd, const char *field, struct json v, void *at)
{
	const struct str names[] = { STR("SPAN_KIND_UNSPECIFIED"), STR("SPAN_KIND_INTERNAL"),
		STR("SPAN_KIND_SERVER"), STR("SPAN_KIND_CLIENT"), STR("SPAN_KIND_PRODUCER"),
		STR("SPAN_KIND_CONSUMER") };
	return read_enum(rd, field, v, names, sizeof names / sizeof names[0], at);
}

bool otlp_json_status(struct reader *rd, const char *field, struct json v, void *at)
{
	const struct str names[] = { STR("STATUS_CODE_UNSET"), STR("STATUS_CODE_OK"),
		STR("STATUS_CODE_ERROR") };
	return read_enum(rd, field, v, names, sizeof names / sizeof names[0], at);
}

static bool otlp_json_read_bytes(struct reader *rd, const char *field, struct json v, void *at)
{
	if (v.type == JSON_STRING &&
		base64_read(rd->arena, json_decode(rd->arena, json_body(v)), at))
		return true;
	return otlp_json_fail(rd, field, "bytesValue must be base64");
}

static bool otlp_json_read_bool(struct reader *rd, const char *field, struct json v, void *at)
{
	int64_t *ret = at;
	if (v.type != JSON_TRUE && v.type != JSON_FALSE)
		return otlp_json_fail(rd, field, "boolValue must be true or false");
	*ret = v.type == JSON_TRUE;
	return true;
}

static bool otlp_json_read_int(struct reader *rd, const char *field, struct json v, void *at)
{
	return to_i64(v, at) || otlp_json_fail(rd, field, "intValue must be an integer of 64 bits");
}

static bool read_double(struct reader *rd, const char *field, struct json v, void *at)
{
	static const struct {
		const char *name;
		double value;
	} special[] = { { "NaN", (double)NAN }, { "Infinity", (double)INFINITY },
		{ "-Infinity", -(double)INFINITY } };
	double *ret = at;
	if (json_to_double(v, ret))
		return true;
	if (v.type == JSON_NUMBER) { /* past any double */
		*ret = special[v.raw.ptr[0] == '-' ? 2 : 1].value;
		return true;
	}
	for (size_t i = 0; v.type == JSON_STRING && i < sizeof special / sizeof special[0]; i++)
		if (json_body_is(json_body(v), str_from_c(special[i].name))) {
			*ret = special[i].value;
			return true;
		}
	if (v.type == JSON_STRING && str_to_double(json_body(v), ret))
		return true;
	return otlp_json_fail(rd, field, "doubleValue must be a number");
}

/* The members an AnyValue may have. Lists are not read here: only where they are is noted. */
static const struct any_member {
	const char *name;
	enum otlp_type type;
	otlp_json_reader *read;
	size_t offset; /* in struct otlp_value */
} any_members[] = {
	{ "stringValue", OTLP_STRING, otlp_json_text, offsetof(struct otlp_value, text) },
	{ "boolValue", OTLP_BOOL, otlp_json_read_bool, offsetof(struct otlp_value, i64) },
	{ "intValue", OTLP_INT, otlp_json_read_int, offsetof(struct otlp_value, i64) },
	{ "doubleValue", OTLP_DOUBLE, read_double, offsetof(struct otlp_value, number) },
	{ "bytesValue", OTLP_BYTES, otlp_json_read_bytes, offsetof(struct otlp_value, text) },
	{ "arrayValue", OTLP_ARRAY, NULL, 0 },
	{ "kvlistValue", OTLP_KVLIST, NULL, 0 },
};

static const struct any_member *any_member(struct str key)
{
	for (size_t i = 0; i < sizeof any_members / sizeof any_members[0]; i++)
		if (otlp_json_is(key, any_members[i].name))
			return &any_members[i];
	return NULL;
}

/* AnyValue: fills scalars; of a list its type and *ret_list. Without members it is null. */
static bool open_value(struct reader *rd, const char *field, struct json v, struct otlp_value *ret,
	struct json *ret_list)
{
	if (v.type == JSON_NULL)
		return true;
	if (v.type != JSON_OBJECT)
		return otlp_json_fail(
			rd, field, "a value must be an object such as {\"stringValue\": \"text\"}");
	for (struct json_iter it = json_members(v); json_next(&it);) {
		struct str key = json_decode(rd->arena, it.key);
		const struct any_member *m = any_member(key);
		if (!m)
			continue;
		if (it.value.type == JSON_NULL) {
			/* JavaScript's way to print what is not finite. */
			if (m->type == OTLP_DOUBLE)
				*ret = (struct otlp_value){ .type = OTLP_DOUBLE,
					.number = (double)NAN };
			continue;
		}
		ret->type = m->type;
		if (!m->read)
			*ret_list = it.value;
		else if (!m->read(rd, field, it.value, (char *)ret + m->offset))
			return false;
	}
	return true;
}

static bool is_list(const struct otlp_value *v)
{
	return v->type == OTLP_ARRAY || v->type == OTLP_KVLIST;
}

static bool otlp_json_key_value(struct reader *rd, const char *field, struct json v,
	struct str *ret_key, struct json *ret_value)
{
	struct str key = STR("");
	struct json value = { JSON_NULL, STR_NULL };
	if (v.type != JSON_OBJECT)
		return otlp_json_fail(
			rd, field, "must hold objects like {\"key\": \"k\", \"value\": {}}");
	for (struct json_iter it = json_members(v); otlp_json_next(rd, &it);)
		if (otlp_json_is(it.key, "value"))
			value = it.value;
		else if (otlp_json_is(it.key, "key") && !otlp_json_text(rd, field, it.value, &key))
			return false;
	*ret_key = key;
	*ret_value = value;
	return true;
}

/* The array in {"values": […]}; without one the list is empty. */
static bool otlp_json_values_of(
	struct reader *rd, const char *field, struct json v, struct json *ret)
{
	if (v.type != JSON_OBJECT)
		return otlp_json_fail(rd, field, "a list must be an object with \"values\"");
	for (struct json_iter it = json_members(v); otlp_json_next(rd, &it);)
		if (otlp_json_is(it.key, "values"))
			*ret = it.value;
	if (ret->type != JSON_NONE && ret->type != JSON_ARRAY)
		return otlp_json_fail(rd, field, "\"values\" must be an array");
	return true;
}

/* Writes a list as natural JSON. The depth of the text, checked before, bounds the recursion. */
static bool otlp_json_write_list(struct reader *rd, struct json_writer *w, const char *field,
	enum otlp_type type, struct json list)
{
	struct json values = { JSON_NONE, STR_NULL };
	if (!otlp_json_values_of(rd, field, list, &values))
		return false;
	if (type == OTLP_ARRAY)
		json_array(w);
	else
		json_object(w);
	for (struct json_iter it = json_elements(values); json_next(&it);) {
		struct json v = it.value, inner = { JSON_NONE, STR_NULL };
		struct otlp_value element = { 0 };
		if (type == OTLP_KVLIST) {
			struct str key;
			if (!otlp_json_key_value(rd, field, it.value, &key, &v))
				return false;
			json_key_body(w, key);
		}
		if (!open_value(rd, field, v, &element, &inner))
			return false;
		if (!is_list(&element))
			otlp_value_json(w, &element);
		else if (!otlp_json_write_list(rd, w, field, element.type, inner))
			return false;
	}
	json_end(w);
	return true;
}

static bool otlp_json_read_value(
	struct reader *rd, const char *field, struct json v, struct otlp_value *ret)
{
	struct json list = { JSON_NONE, STR_NULL };
	struct json_writer w;
	if (!open_value(rd, field, v, ret, &list))
		return false;
	if (!is_list(ret))
		return true;
	buf_reset(&rd->json);
	json_writer_init(&w, &rd->json);
	if (!otlp_json_write_list(rd, &w, field, ret->type, list))
		return false;
	ret->text = arena_copy(rd->arena, buf_str(&rd->json));
	return true;
}

bool otlp_json_attrs(struct reader *rd, const char *field, struct json v, void *at)
{
	struct otlp_attrs *ret = at;
	size_t n = 0;
	if (v.type != JSON_ARRAY)
		return otlp_json_fail(rd, field,
			v.type == JSON_OBJECT
				? "must be an array of {\"key\": \"k\", \"value\": {}}, not an "
				  "object of names and values"
				: "must be an array of {\"key\": \"k\", \"value\": {}}");
	for (struct json_iter it = json_elements(v); json_next(&it);)
		n++;
	ret->n = 0;
	ret->list = arena_calloc(rd->arena, n, sizeof *ret->list);
	for (struct json_iter it = json_elements(v); json_next(&it);) {
		struct otlp_attr *attr = &ret->list[ret->n++];
		struct json value;
		if (!otlp_json_key_value(rd, field, it.value, &attr->key, &value) ||
			!otlp_json_read_value(rd, field, value, &attr->value))
			return false;
	}
	return true;
}
