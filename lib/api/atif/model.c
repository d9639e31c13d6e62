#include "api/atif/model.h"

#include "base/hash.h"
#include "base/utime.h"
#include "json/write.h"

#include <stdlib.h>

/* ---- Finding ---- */

static int atif_model_compare_ids(const void *x, const void *y)
{
	const struct atif_id *a = x, *b = y;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	int c = str_cmp(a->id, b->id);
	if (c)
		return c;
	return a->index < b->index ? -1 : a->index > b->index;
}

void atif_ids_make(struct atif_ids *ids, struct arena *a, const struct json *values, size_t n)
{
	ids->list = arena_calloc(a, n ? n : 1, sizeof *ids->list);
	ids->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (values[i].type != JSON_STRING)
			continue;
		struct str id = json_canonical_body(a, json_body(values[i]));
		ids->list[ids->n++] = (struct atif_id){ hash64(id, 0), id, i };
	}
	qsort(ids->list, ids->n, sizeof *ids->list, atif_model_compare_ids);
}

bool atif_ids_find(const struct atif_ids *ids, struct str id, size_t *ret_index)
{
	const struct atif_id wanted = { hash64(id, 0), id, 0 };
	size_t from = 0, to = ids->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (atif_model_compare_ids(&ids->list[middle], &wanted) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == ids->n || ids->list[from].hash != wanted.hash ||
		!str_eq(ids->list[from].id, id))
		return false;
	*ret_index = ids->list[from].index;
	return true;
}

struct json *atif_elements(struct arena *a, struct json list, size_t *ret_n)
{
	size_t n = 0, i = 0;
	for (struct json_iter it = json_elements(list); json_next(&it);)
		n++;
	struct json *ret = arena_calloc(a, n ? n : 1, sizeof *ret);
	for (struct json_iter it = json_elements(list); i < n && json_next(&it); i++)
		ret[i] = it.value;
	*ret_n = n;
	return ret;
}

struct json *atif_members(struct arena *a, const struct pydantic *model, unsigned field,
	const struct json *values, size_t n)
{
	struct json at[PYDANTIC_FIELDS_MAX];
	struct json *ret = arena_calloc(a, n ? n : 1, sizeof *ret);
	for (size_t i = 0; i < n; i++) {
		pydantic_split(model, values[i], at);
		ret[i] = at[field];
	}
	return ret;
}

bool atif_time(struct arena *a, struct json v, int64_t *ret_ns)
{
	double number;
	if (v.type != JSON_STRING)
		return false;
	struct str text = json_decode(a, json_body(v));
	return !str_to_double(text, &number) && utime_parse_lax(text, ret_ns);
}

/* ---- Writing by a model ---- */

static void dump_number(struct buf *out, struct arena *a, const struct pydantic *t, struct json v)
{
	struct str text;
	int64_t i;
	if (t->type == PYDANTIC_INT && pydantic_int(a, v, &i)) {
		buf_add_i64(out, i);
	} else if (t->type == PYDANTIC_FLOAT && pydantic_float(a, v, &text)) {
		buf_add(out, text);
		/* An integer is a float here, and is shown as one. */
		if (str_to_i64(text, &i))
			buf_add(out, STR(".0"));
	} else {
		buf_add(out, json_canonical(a, v.raw));
	}
}

static void dump_list(struct buf *out, struct arena *a, const struct pydantic *t, struct json v)
{
	bool is_first = true;
	buf_add_char(out, '[');
	for (struct json_iter it = json_elements(v); json_next(&it); is_first = false) {
		if (!is_first)
			buf_add_char(out, ',');
		atif_dump(out, a, t->item, it.value, 0);
	}
	buf_add_char(out, ']');
}

static void atif_model_add_key(struct buf *out, size_t start, struct str body)
{
	if (out->len > start + 1)
		buf_add_char(out, ',');
	buf_add_char(out, '"');
	buf_add(out, body);
	buf_add(out, STR("\":"));
}

static bool is_field(const struct pydantic *t, struct str key)
{
	for (size_t i = 0; i < t->n_fields; i++)
		if (json_body_is(key, str_from_c(t->fields[i].name)))
			return true;
	return false;
}

static void dump_model(
	struct buf *out, struct arena *a, const struct pydantic *t, struct json v, uint32_t skip)
{
	struct json at[PYDANTIC_FIELDS_MAX];
	size_t start = out->len;
	pydantic_split(t, v, at);
	buf_add_char(out, '{');
	for (size_t i = 0; i < t->n_fields; i++) {
		const struct pydantic_field *field = &t->fields[i];
		bool is_set = pydantic_is_set(at[i]);
		if (skip >> i & 1 || (!is_set && !field->type->otherwise))
			continue;
		atif_model_add_key(out, start, str_from_c(field->name));
		if (is_set)
			atif_dump(out, a, field->type, at[i], 0);
		else
			buf_add(out, str_from_c(field->type->otherwise));
	}
	for (struct json_iter it = json_members(v); json_next(&it);) {
		if (is_field(t, it.key))
			continue;
		atif_model_add_key(out, start, json_canonical_body(a, it.key));
		buf_add(out, json_canonical(a, it.value.raw));
	}
	buf_add_char(out, '}');
}

/* Returns the alternative of a union that fits the value. */
static const struct pydantic *atif_model_choose(const struct pydantic *t, struct json v)
{
	if (t->type == PYDANTIC_TAGGED) {
		struct json tag = json_get(v, str_from_c(t->tag));
		for (size_t i = 0; i < t->n_choices; i++)
			if (tag.type == JSON_STRING &&
				json_body_is(json_body(tag), str_from_c(t->choices[i].label)))
				return t->choices[i].type;
		return &pydantic_any;
	}
	for (size_t i = 0; i < t->n_choices; i++) {
		const struct pydantic *one = t->choices[i].type;
		if ((one->type == PYDANTIC_LIST && v.type == JSON_ARRAY) ||
			(one->type == PYDANTIC_FLOAT && v.type == JSON_NUMBER))
			return one;
	}
	return &pydantic_any;
}

void atif_dump(
	struct buf *out, struct arena *a, const struct pydantic *t, struct json v, uint32_t skip)
{
	if (t->type == PYDANTIC_TAGGED || t->type == PYDANTIC_UNION)
		t = atif_model_choose(t, v);
	if (t->type == PYDANTIC_MODEL && v.type == JSON_OBJECT)
		dump_model(out, a, t, v, skip);
	else if (t->type == PYDANTIC_LIST && v.type == JSON_ARRAY)
		dump_list(out, a, t, v);
	else if (t->type == PYDANTIC_INT || t->type == PYDANTIC_FLOAT)
		dump_number(out, a, t, v);
	else
		buf_add(out, json_canonical(a, v.raw));
}

/* ---- Python's form ---- */

struct member {
	struct str key; /* plain text */
	struct str body;
	struct json value;
	size_t index;
};

static int compare_members(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	int c = str_cmp(a->key, b->key); /* byte order of UTF-8 is the order of code points */
	if (c)
		return c;
	return a->index < b->index ? -1 : a->index > b->index;
}

static int compare_index(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* Keeps the last value of members with the same name, at the place of the first, as Python's dict
 * does. */
static size_t atif_model_unite(struct member *list, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (kept && str_eq(list[kept - 1].key, list[i].key))
			list[kept - 1].value = list[i].value;
		else
			list[kept++] = list[i];
	}
	return kept;
}

static void atif_model_write_object(struct buf *out, struct arena *a, struct json v, bool is_sorted)
{
	size_t n = 0, i = 0;
	for (struct json_iter it = json_members(v); json_next(&it);)
		n++;
	struct member *list = arena_calloc(a, n ? n : 1, sizeof *list);
	for (struct json_iter it = json_members(v); i < n && json_next(&it); i++) {
		list[i] = (struct member){
			.body = json_canonical_body(a, it.key), .value = it.value, .index = i
		};
		list[i].key = json_decode(a, list[i].body);
	}
	qsort(list, n, sizeof *list, compare_members);
	n = atif_model_unite(list, n);
	if (!is_sorted)
		qsort(list, n, sizeof *list, compare_index);
	size_t start = out->len;
	buf_add_char(out, '{');
	for (i = 0; i < n; i++) {
		atif_model_add_key(out, start, list[i].body);
		atif_python_json(out, a, list[i].value, is_sorted);
	}
	buf_add_char(out, '}');
}

static void write_number(struct buf *out, struct str raw)
{
	char text[JSON_DOUBLE_MAX];
	double d;
	bool is_integer = str_index(raw, '.') == raw.len && str_index(raw, 'e') == raw.len &&
			  str_index(raw, 'E') == raw.len;
	if (is_integer)
		buf_add(out, str_eq(raw, STR("-0")) ? STR("0") : raw);
	else if (str_to_double(raw, &d))
		buf_add(out, str_of(text, json_double_text(d, text)));
	else
		buf_add(out, raw); /* larger than any double */
}

void atif_python_json(struct buf *out, struct arena *a, struct json v, bool is_sorted)
{
	bool is_first = true;
	switch (v.type) {
	case JSON_OBJECT:
		atif_model_write_object(out, a, v, is_sorted);
		break;
	case JSON_ARRAY:
		buf_add_char(out, '[');
		for (struct json_iter it = json_elements(v); json_next(&it); is_first = false) {
			if (!is_first)
				buf_add_char(out, ',');
			atif_python_json(out, a, it.value, is_sorted);
		}
		buf_add_char(out, ']');
		break;
	case JSON_NUMBER:
		write_number(out, v.raw);
		break;
	default:
		buf_add(out, json_canonical(a, v.raw));
		break;
	}
}
