/* Parses filters: names, operators and values, with the sentences of refusals. */
#include "api/opik/filter/filter.h"

#include "api/opik/body.h"

struct reading {
	struct arena *arena;
	enum opik_of of;
	struct opik_filters *out;
	struct str message;
};

bool opik_is_number(struct str text)
{
	size_t n_digits = 0, n_points = 0;
	if (text.len && text.ptr[0] == '-')
		text = str_skip(text, 1);
	for (size_t i = 0; i < text.len; i++) {
		if (ascii_is_digit(text.ptr[i]))
			n_digits++;
		else if (text.ptr[i] == '.' && !n_points++)
			continue;
		else
			return false;
	}
	return n_digits && text.ptr[text.len - 1] != '.';
}

static bool opik_filter_is_blank(struct str text)
{
	return str_trim(text).len == 0;
}

/* Decodes a value again for clients that encode twice, when it has %XX and all of them can be
 * decoded. */
static struct str decode_again(struct arena *a, struct str s, bool keeps_plus)
{
	size_t n_codes = 0, n = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '%')
			continue;
		if (s.len - i < 3 || hex_digit(s.ptr[i + 1]) < 0 || hex_digit(s.ptr[i + 2]) < 0)
			return s;
		n_codes++;
	}
	if (!n_codes)
		return s;
	char *p = arena_text(a, s.len);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '%') {
			p[n++] = (char)(hex_digit(s.ptr[i + 1]) << 4 | hex_digit(s.ptr[i + 2]));
			i += 2;
		} else {
			p[n++] = s.ptr[i] == '+' && !keeps_plus ? ' ' : s.ptr[i];
		}
	}
	return str_of(p, n);
}

/* Returns the plain text of a member, STR_NULL when it is absent or null. Returns false when it is
 * neither a text nor a number. */
static bool opik_filter_read_text(
	struct arena *a, struct json object, const char *name, struct str *ret)
{
	struct json v = json_get(object, str_from_c(name));
	switch (v.type) {
	case JSON_NONE:
	case JSON_NULL:
		*ret = STR_NULL;
		return true;
	case JSON_STRING:
		*ret = json_decode(a, json_body(v));
		return true;
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
		*ret = v.raw;
		return true;
	default:
		return false;
	}
}

static bool takes_no_value(enum opik_operator op)
{
	return op == OPIK_IS_EMPTY || op == OPIK_IS_NOT_EMPTY;
}

static bool is_value_ok(const struct opik_filter *f)
{
	int64_t ns;
	double d;
	bool needs_key = f->field.type == OPIK_TYPE_DICTIONARY ||
			 f->field.type == OPIK_TYPE_FEEDBACK_SCORES_NUMBER;
	if (needs_key && opik_filter_is_blank(f->key))
		return false;
	if (takes_no_value(f->op))
		return true;
	if (str_is_null(f->value))
		return false;
	switch (f->field.type) {
	case OPIK_TYPE_NUMBER:
		return opik_is_number(f->value);
	case OPIK_TYPE_DATE_TIME:
		return opik_parse_time(f->value, &ns);
	case OPIK_TYPE_FEEDBACK_SCORES_NUMBER:
		return str_to_double(f->value, &d) || opik_is_number(f->value);
	case OPIK_TYPE_DICTIONARY:
		return true;
	default:
		return !opik_filter_is_blank(f->value);
	}
}

static struct str opik_filter_shown(struct str s)
{
	return str_is_null(s) ? STR("null") : s;
}

static bool opik_filter_refuse(struct reading *r, struct str message)
{
	r->message = message;
	return false;
}

/* Parses `custom`: the key begins with input or output, and the rest is a path or empty. */
static bool read_custom(struct reading *r, struct opik_filter *f)
{
	struct str key = f->key;
	if (opik_filter_is_blank(key))
		return opik_filter_refuse(r, STR("Custom key cannot be null or empty"));
	if (str_starts(key, STR("$.")))
		key = str_skip(key, 2);
	bool is_input = str_starts(key, STR("input")), is_output = str_starts(key, STR("output"));
	struct str rest = str_skip(key, is_input ? 5 : 6);
	if ((!is_input && !is_output) || (rest.len && rest.ptr[0] != '.' && rest.ptr[0] != '['))
		return opik_filter_refuse(
			r, arena_printf(r->arena, "Invalid key '%.*s' for custom filter",
				   STR_ARG(f->key)));
	bool is_path = rest.len > 0;
	if (is_path && rest.ptr[0] == '.')
		rest = str_skip(rest, 1);
	f->key = is_path ? rest : STR_NULL;
	f->field =
		*opik_field_find(r->of, is_path ? is_input ? STR("input_json") : STR("output_json")
					: is_input ? STR("input")
						   : STR("output"));
	return true;
}

/* Returns the path that a key means. */
static struct str path_of_key(struct arena *a, struct str key)
{
	if (key.ptr[0] == '$')
		return key;
	return arena_printf(
		a, "$%s%.*s", key.ptr[0] == '[' || key.ptr[0] == '.' ? "" : ".", STR_ARG(key));
}

/* Returns false without a message when the filter is malformed. */
static bool read_one(struct reading *r, struct json v, unsigned group)
{
	struct str field, op;
	struct opik_filter f = { .group = group };
	if (v.type != JSON_OBJECT || !opik_filter_read_text(r->arena, v, "field", &field) ||
		!opik_filter_read_text(r->arena, v, "operator", &op) ||
		!opik_filter_read_text(r->arena, v, "key", &f.key) ||
		!opik_filter_read_text(r->arena, v, "value", &f.value) ||
		r->out->n == LIMIT_PREDICATES)
		return false;
	const struct opik_field *found = opik_field_find(r->of, field);
	while (f.op < OPIK_OPERATOR__MAX && !str_eq(opik_operator_names[f.op], op))
		f.op++;
	if (!found || f.op == OPIK_OPERATOR__MAX || (str_is_null(f.value) && !takes_no_value(f.op)))
		return false;
	f.field = *found;
	if (f.field.type == OPIK_TYPE_CUSTOM && !read_custom(r, &f))
		return false;
	struct str type = opik_type_info[f.field.type].name;
	if (!str_is_null(f.value) && f.field.type != OPIK_TYPE_STRING &&
		f.field.type != OPIK_TYPE_STRING_EXACT && f.field.type != OPIK_TYPE_ENUM)
		f.value = decode_again(r->arena, f.value, f.field.type == OPIK_TYPE_DATE_TIME);
	if (!(opik_type_info[f.field.type].operators >> f.op & 1))
		return opik_filter_refuse(
			r, arena_printf(r->arena,
				   "Invalid operator '%.*s' for field '%.*s' of type '%.*s'",
				   STR_ARG(op), STR_ARG(f.field.name), STR_ARG(type)));
	if (!is_value_ok(&f))
		return opik_filter_refuse(
			r, arena_printf(r->arena,
				   "Invalid value '%.*s' or key '%.*s' for field '%.*s' of type "
				   "'%.*s'",
				   STR_ARG(opik_filter_shown(f.value)),
				   STR_ARG(opik_filter_shown(f.key)), STR_ARG(f.field.name),
				   STR_ARG(type)));
	if (f.field.type == OPIK_TYPE_DICTIONARY)
		f.key = path_of_key(r->arena, f.key);
	r->out->list[r->out->n++] = f;
	return true;
}

static bool read_group(struct reading *r, struct json members)
{
	unsigned group = ++r->out->n_groups;
	size_t before = r->out->n;
	for (struct json_iter it = json_elements(members); json_next(&it);)
		if (!read_one(r, it.value, group))
			return false;
	return r->out->n > before;
}

enum opik_filter_fault opik_filter_parse(struct arena *a, enum opik_of of, struct json array,
	struct opik_filters *ret, struct str *ret_message)
{
	struct reading r = { .arena = a, .of = of, .out = ret, .message = STR_NULL };
	ret->n = 0;
	ret->n_groups = 0;
	if (array.type <= JSON_NULL)
		return OPIK_FILTER_OK;
	if (array.type != JSON_ARRAY)
		return OPIK_FILTER_MALFORMED;
	for (struct json_iter it = json_elements(array); json_next(&it);) {
		struct json either = it.value.type == JSON_OBJECT
					     ? json_get(it.value, STR("or"))
					     : (struct json){ JSON_NONE, STR_NULL };
		bool ok = either.type == JSON_ARRAY ? read_group(&r, either)
						    : read_one(&r, it.value, 0);
		if (ok)
			continue;
		if (str_is_null(r.message))
			return OPIK_FILTER_MALFORMED;
		*ret_message = r.message;
		return OPIK_FILTER_REFUSED;
	}
	return OPIK_FILTER_OK;
}

bool opik_filter_uses(const struct opik_filters *f, enum opik_place place)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].field.place == place)
			return true;
	return false;
}
