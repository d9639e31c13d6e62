#include "api/nemo/filter.h"

#include "json/write.h"

/*
 * Turns filter[field]=v and filter[field][operator]=v into members of a JSON object.
 *
 * A value that begins with { or [ is JSON, an empty one is null, one with a comma is a list, and
 * all others are texts. A repeated name makes a list. So a text with a comma needs the JSON form,
 * as in NeMo.
 */

enum { BRACKET_DEPTH = 8 };

struct value {
	struct str json;
	struct value *next;
};

struct node {
	struct str key;
	struct node *first, *last, *next; /* children; next sibling */
	struct value *values, *last_value;
	size_t n_values;
};

static struct node *child(struct arena *a, struct node *parent, struct str key)
{
	for (struct node *n = parent->first; n; n = n->next)
		if (str_eq(n->key, key))
			return n;
	struct node *n = arena_alloc(a, sizeof *n);
	n->key = key;
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	return n;
}

static void nemo_brackets_add_value(struct arena *a, struct node *n, struct str json)
{
	struct value *v = arena_alloc(a, sizeof *v);
	v->json = json;
	if (n->last_value)
		n->last_value->next = v;
	else
		n->values = v;
	n->last_value = v;
	n->n_values++;
}

static struct str nemo_brackets_quoted(struct arena *a, struct str text)
{
	struct str body = json_encode(a, text);
	char *p = arena_text(a, body.len + 2);
	p[0] = '"';
	memcpy(p + 1, body.ptr, body.len);
	p[body.len + 1] = '"';
	return str_of(p, body.len + 2);
}

static bool nemo_brackets_read_value(
	struct arena *a, struct node *n, struct str value, struct str *ret_detail)
{
	if (value.len == 0) {
		nemo_brackets_add_value(a, n, STR("null"));
		return true;
	}
	if (value.ptr[0] == '{' || value.ptr[0] == '[') {
		struct json_error e;
		if (!json_check(value, LIMIT_DEPTH, &e)) {
			*ret_detail = arena_printf(a,
				"Invalid filter value: '%.*s'. Array and object values must be "
				"valid JSON with proper quoting. Example: [\"item1\",\"item2\"] "
				"not [item1,item2]",
				STR_ARG(value));
			return false;
		}
		nemo_brackets_add_value(a, n, value);
		return true;
	}
	if (str_index(value, ',') == value.len) {
		nemo_brackets_add_value(a, n, nemo_brackets_quoted(a, value));
		return true;
	}
	struct str rest = value;
	while (!str_is_null(rest))
		nemo_brackets_add_value(
			a, n, nemo_brackets_quoted(a, str_trim(str_cut(&rest, ','))));
	return true;
}

/* Returns the next element of a[b][c] without its closing bracket. */
static struct str next_part(struct str *rest)
{
	struct str part = str_cut(rest, '[');
	return str_ends(part, STR("]")) ? str_first(part, part.len - 1) : part;
}

static bool read_param(
	struct arena *a, struct node *root, const struct param *p, struct str *ret_detail)
{
	struct str rest = str_skip(p->name, STR("filter[").len);
	struct node *n = root;
	for (unsigned depth = 0; !str_is_null(rest); depth++) {
		if (depth == BRACKET_DEPTH) {
			*ret_detail = STR("Invalid filter parameter: too many brackets");
			return false;
		}
		n = child(a, n, next_part(&rest));
		if (n->n_values && !str_is_null(rest))
			break;
	}
	if (n->first || (n->n_values && !str_is_null(rest))) {
		*ret_detail =
			arena_printf(a, "Conflicting filter parameters: '%.*s'", STR_ARG(p->name));
		return false;
	}
	return nemo_brackets_read_value(a, n, p->value, ret_detail);
}

/* BRACKET_DEPTH bounds the recursion. */
static void nemo_brackets_write_object(struct json_writer *w, const struct node *parent)
{
	json_object(w);
	for (const struct node *n = parent->first; n; n = n->next) {
		json_key_text(w, n->key);
		if (n->first) {
			nemo_brackets_write_object(w, n);
		} else if (n->n_values == 1) {
			json_raw(w, n->values->json);
		} else {
			json_array(w);
			for (const struct value *v = n->values; v; v = v->next)
				json_raw(w, v->json);
			json_end(w);
		}
	}
	json_end(w);
}

bool nemo_filter_parse_brackets(
	const struct request *r, struct str *ret_json, struct str *ret_detail)
{
	struct node root = { .first = NULL };
	for (size_t i = 0; i < r->n_params; i++)
		if (str_starts(r->params[i].name, STR("filter[")) &&
			!read_param(r->arena, &root, &r->params[i], ret_detail))
			return false;
	if (!root.first) {
		*ret_json = STR_NULL;
		return true;
	}
	struct buf b;
	struct json_writer w;
	buf_init(&b, r->arena);
	json_writer_init(&w, &b);
	nemo_brackets_write_object(&w, &root);
	*ret_json = buf_str(&b);
	return true;
}
