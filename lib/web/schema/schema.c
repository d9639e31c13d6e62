#include "web/schema/schema.h"

#include "json/write.h"

#include <assert.h>

const struct pydantic pydantic_any = { .type = PYDANTIC_ANY, .is_nullable = true };
const struct pydantic pydantic_str = { .type = PYDANTIC_STR };
const struct pydantic pydantic_str_or_null = { .type = PYDANTIC_STR, .is_nullable = true };
const struct pydantic pydantic_dict_or_null = { .type = PYDANTIC_DICT, .is_nullable = true };

static void check(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v);

/* ["body","spans",0,"name"] */
static struct str place_text(struct arena *a, const struct pydantic_place *at)
{
	const struct pydantic_place *path[2 * JSON_DEPTH_MAX];
	const size_t max = sizeof path / sizeof path[0];
	size_t n = 0;
	for (; at && n < max; at = at->up)
		path[n++] = at;
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_array(&w);
	json_text(&w, STR("body"));
	while (n > 0) {
		const struct pydantic_place *one = path[--n];
		if (str_is_null(one->name))
			json_i64(&w, (int64_t)one->index);
		else
			json_body_value(&w, one->name);
	}
	json_end(&w);
	return buf_str(&b);
}

void pydantic_add(struct pydantic_checker *c, const struct pydantic_place *at, const char *type,
	struct str msg, struct json input, struct str ctx)
{
	c->n_found++;
	if (c->problems->n == LIMIT_PROBLEMS)
		return; /* not worth the text */
	bool is_shown = input.type != JSON_NONE && input.raw.len <= PYDANTIC_INPUT_MAX;
	problem_add(c->problems, str_from_c(type), place_text(c->arena, at), msg,
		is_shown ? json_canonical(c->arena, input.raw) : STR_NULL, ctx);
}

static void add_value_error(struct pydantic_checker *c, const struct pydantic_place *at,
	struct str what, struct json input)
{
	/* The exception itself is an object without members when FastAPI prints it. */
	pydantic_add(c, at, "value_error",
		arena_printf(c->arena, "Value error, %.*s", STR_ARG(what)), input,
		STR("{\"error\":{}}"));
}

void pydantic_value_error(struct problems *p, struct str loc, struct str what, struct json input)
{
	bool is_shown = input.type != JSON_NONE && input.raw.len <= PYDANTIC_INPUT_MAX;
	problem_add(p, STR("value_error"), loc,
		arena_printf(p->arena, "Value error, %.*s", STR_ARG(what)),
		is_shown ? json_canonical(p->arena, input.raw) : STR_NULL, STR("{\"error\":{}}"));
}

struct str pydantic_count(struct arena *a, size_t n, const char *what)
{
	return arena_printf(a, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

/* The number of elements or members did not fit. */
static void add_length(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v, size_t n)
{
	struct arena *a = c->arena;
	const char *what = t->type == PYDANTIC_LIST ? "List" : "Dictionary";
	bool is_short = n < t->min_length;
	size_t limit = is_short ? t->min_length : t->max_length;
	struct str items = pydantic_count(a, limit, "item");
	pydantic_add(c, at, is_short ? "too_short" : "too_long",
		arena_printf(a, "%s should have at %s %.*s after validation, not %zu", what,
			is_short ? "least" : "most", STR_ARG(items), n),
		v,
		arena_printf(a, "{\"field_type\":\"%s\",\"%s_length\":%zu,\"actual_length\":%zu}",
			what, is_short ? "min" : "max", limit, n));
}

static size_t count_items(struct json v)
{
	size_t n = 0;
	struct json_iter it = v.type == JSON_ARRAY ? json_elements(v) : json_members(v);
	while (json_next(&it))
		n++;
	return n;
}

static void check_items(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	bool is_list = t->type == PYDANTIC_LIST;
	if (v.type != (is_list ? JSON_ARRAY : JSON_OBJECT)) {
		pydantic_add(c, at, is_list ? "list_type" : "dict_type",
			is_list ? STR("Input should be a valid list")
				: STR("Input should be a valid dictionary"),
			v, STR_NULL);
		return;
	}
	size_t n = t->min_length || t->max_length ? count_items(v) : 0;
	if (t->max_length && n > t->max_length) {
		add_length(c, at, t, v, n);
		return;
	}
	size_t before = c->n_found;
	struct pydantic_place place = { .up = at };
	struct json_iter it = is_list ? json_elements(v) : json_members(v);
	for (; t->item && json_next(&it); place.index++) {
		if (!is_list)
			place.name = json_canonical_body(c->arena, it.key);
		check(c, &place, t->item, it.value);
	}
	if (n < t->min_length && c->n_found == before)
		add_length(c, at, t, v, n);
}

/* The index of the field with that key, looked for from where it is likely to stand. */
static size_t schema_find_field(const struct pydantic *t, struct str key, size_t from)
{
	for (size_t i = 0; i < t->n_fields; i++) {
		size_t at = (from + i) % t->n_fields;
		if (json_body_is(key, str_from_c(t->fields[at].name)))
			return at;
	}
	return t->n_fields;
}

/* Returns how many members are no field's. */
static size_t split(const struct pydantic *t, struct json v, struct json *ret)
{
	size_t n_unknown = 0, next = 0;
	for (size_t i = 0; i < t->n_fields; i++)
		ret[i] = (struct json){ JSON_NONE, STR_NULL };
	for (struct json_iter it = json_members(v); json_next(&it);) {
		size_t i = schema_find_field(t, it.key, next);
		n_unknown += i == t->n_fields;
		if (i == t->n_fields)
			continue;
		ret[i] = it.value;
		next = i + 1;
	}
	return n_unknown;
}

void pydantic_split(const struct pydantic *model, struct json v, struct json *ret)
{
	(void)split(model, v, ret); /* what is unknown was refused or is ignored */
}

static void refuse_unknown(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	for (struct json_iter it = json_members(v); json_next(&it);) {
		if (schema_find_field(t, it.key, 0) < t->n_fields)
			continue;
		struct pydantic_place place = { .up = at,
			.name = json_canonical_body(c->arena, it.key) };
		pydantic_add(c, &place, "extra_forbidden", STR("Extra inputs are not permitted"),
			it.value, STR_NULL);
	}
}

static void add_model_type(
	struct pydantic_checker *c, const struct pydantic_place *at, struct json v)
{
	pydantic_add(c, at, "model_attributes_type",
		STR("Input should be a valid dictionary or object to extract fields from"), v,
		STR_NULL);
}

static void check_model(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	struct json values[PYDANTIC_FIELDS_MAX];
	assert(t->n_fields <= PYDANTIC_FIELDS_MAX);
	if (v.type != JSON_OBJECT) {
		add_model_type(c, at, v);
		return;
	}
	size_t n_unknown = split(t, v, values);
	for (size_t i = 0; i < t->n_fields; i++) {
		const struct pydantic_field *field = &t->fields[i];
		struct pydantic_place place = { .up = at, .name = str_from_c(field->name) };
		if (values[i].type != JSON_NONE)
			check(c, &place, field->type, values[i]);
		else if (field->is_required)
			pydantic_add(c, &place, "missing", STR("Field required"), v, STR_NULL);
	}
	if (n_unknown && t->extra == PYDANTIC_FORBID)
		refuse_unknown(c, at, t, v);
}

/* 'system', 'user', 'agent' */
static struct str label_list(struct arena *a, const struct pydantic *t)
{
	struct buf b;
	buf_init(&b, a);
	for (size_t i = 0; i < t->n_choices; i++)
		buf_printf(&b, "%s'%s'", i ? ", " : "", t->choices[i].label);
	return buf_str(&b);
}

static void check_tagged(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	struct arena *a = c->arena;
	if (v.type != JSON_OBJECT) {
		add_model_type(c, at, v);
		return;
	}
	struct json tag = json_get(v, str_from_c(t->tag));
	if (tag.type == JSON_NONE) {
		pydantic_add(c, at, "union_tag_not_found",
			arena_printf(a, "Unable to extract tag using discriminator '%s'", t->tag),
			v, arena_printf(a, "{\"discriminator\":\"'%s'\"}", t->tag));
		return;
	}
	for (size_t i = 0; i < t->n_choices; i++) {
		struct str label = str_from_c(t->choices[i].label);
		struct pydantic_place place = { .up = at, .name = label };
		if (tag.type == JSON_STRING && json_body_is(json_body(tag), label)) {
			check(c, &place, t->choices[i].type, v);
			return;
		}
	}
	struct str text = tag.type == JSON_STRING ? json_decode(a, json_body(tag)) : tag.raw;
	struct str labels = label_list(a, t), body = json_encode(a, text);
	pydantic_add(c, at, "union_tag_invalid",
		arena_printf(a,
			"Input tag '%.*s' found using '%s' does not match any of the expected "
			"tags: %.*s",
			STR_ARG(text), t->tag, STR_ARG(labels)),
		v,
		arena_printf(a,
			"{\"discriminator\":\"'%s'\",\"tag\":\"%.*s\",\"expected_tags\":\"%.*s\"}",
			t->tag, STR_ARG(body), STR_ARG(labels)));
}

/* Without a fitting choice, what each of them says. */
static void check_union(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	size_t n_problems = c->problems->n, n_found = c->n_found;
	for (size_t i = 0; i < t->n_choices; i++) {
		struct pydantic_place place = { .up = at, .name = str_from_c(t->choices[i].label) };
		size_t before = c->n_found;
		check(c, &place, t->choices[i].type, v);
		if (c->n_found == before) {
			c->problems->n = n_problems;
			c->n_found = n_found;
			return;
		}
	}
}

static void check(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v)
{
	size_t before = c->n_found;
	if (v.type == JSON_NULL && t->is_nullable)
		return;
	switch (t->type) {
	case PYDANTIC_LIST:
	case PYDANTIC_DICT:
		check_items(c, at, t, v);
		break;
	case PYDANTIC_MODEL:
		check_model(c, at, t, v);
		break;
	case PYDANTIC_TAGGED:
		check_tagged(c, at, t, v);
		break;
	case PYDANTIC_UNION:
		check_union(c, at, t, v);
		break;
	default:
		pydantic_check_scalar(c, at, t, v);
		break;
	}
	if (!t->after || c->n_found != before)
		return;
	struct str what = t->after(c->user, c->arena, v);
	if (!str_is_null(what))
		add_value_error(c, at, what, v);
}

bool pydantic_check(struct problems *p, const struct pydantic *t, struct json body, void *user)
{
	struct pydantic_checker c = { .problems = p, .arena = p->arena, .user = user };
	check(&c, NULL, t, body);
	return c.n_found == 0;
}
