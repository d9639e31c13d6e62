/* Pages, filters and order over rendered documents. */
#include "api/opik/documents/documents.h"

#include "api/opik/list.h"

#include <stdlib.h>

/* ---- Parameters ---- */

bool opik_has_part(struct str text, struct str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++)
		if (str_starts_nocase(str_skip(text, i), part))
			return true;
	return false;
}

/* Reads a JSON array from a text; a blank one is no array. */
static bool opik_selection_array(struct str text, struct json *ret)
{
	struct json_error error;
	*ret = (struct json){ JSON_NONE, STR_NULL };
	if (str_trim(text).len == 0)
		return true;
	if (!json_check(text, LIMIT_DEPTH, &error))
		return false;
	*ret = json_open(text);
	return ret->type == JSON_ARRAY || ret->type == JSON_NULL;
}

static const struct str opik_selection_operators[] = { { "=", 1 }, { "!=", 2 }, { "contains", 8 },
	{ "not_contains", 12 }, { "starts_with", 11 }, { "ends_with", 9 }, { ">", 1 }, { "<", 1 },
	{ ">=", 2 }, { "<=", 2 }, { "is_empty", 8 }, { "is_not_empty", 12 } };

enum opik_selection_operator {
	SELECT_EQ,
	SELECT_NE,
	SELECT_CONTAINS,
	SELECT_NOT_CONTAINS,
	SELECT_STARTS,
	SELECT_ENDS,
	SELECT_GT,
	SELECT_LT,
	SELECT_GE,
	SELECT_LE,
	SELECT_EMPTY,
	SELECT_NOT_EMPTY,
	SELECT__MAX
};

static enum opik_selection_operator opik_selection_operator(struct json filter)
{
	struct str text = json_body(json_get(filter, STR("operator")));
	unsigned i = 0;
	while (i < SELECT__MAX && !json_body_is(text, opik_selection_operators[i]))
		i++;
	return (enum opik_selection_operator)i;
}

bool opik_selection_filters(struct opik_selection *s, struct request *r, struct str text)
{
	bool ok = opik_selection_array(text, &s->filters);
	for (struct json_iter it = json_elements(s->filters); ok && json_next(&it);)
		ok = json_get(it.value, STR("field")).type == JSON_STRING &&
		     opik_selection_operator(it.value) != SELECT__MAX;
	if (!ok)
		opik_refuse(r, ERR_INVALID,
			arena_printf(
				r->arena, "Invalid filters query parameter '%.*s'", STR_ARG(text)));
	return ok;
}

bool opik_selection_read(struct opik_selection *s, struct request *r)
{
	const struct param *filters = request_param(r, STR("filters"));
	const struct param *sorting = request_param(r, STR("sorting"));
	*s = (struct opik_selection){ .request = r };
	if (!opik_read_count(r, "page", 1, &s->page) || !opik_read_count(r, "size", 10, &s->size) ||
		!opik_selection_filters(s, r, filters ? filters->value : STR("")))
		return false;
	if (opik_selection_array(sorting ? sorting->value : STR(""), &s->sorting))
		return true;
	opik_refuse(r, ERR_INVALID,
		arena_printf(r->arena, "Invalid sorting query parameter '%.*s'",
			STR_ARG(sorting->value)));
	return false;
}

/* ---- Filters ---- */

/* Returns the value that a filter is about: a member, or one of a member by its key. */
static struct json opik_selection_value(struct arena *a, struct json object, struct json filter)
{
	struct str field = json_decode(a, json_body(json_get(filter, STR("field"))));
	struct str key = json_body(json_get(filter, STR("key")));
	struct json v = json_get(object, str_cut(&field, '.'));
	if (!str_is_null(field))
		v = json_get(v, field);
	if (key.len)
		v = json_get(v, json_decode(a, key));
	return v;
}

static struct str opik_selection_text(struct arena *a, struct json v)
{
	return v.type == JSON_STRING ? json_decode(a, json_body(v))
	       : v.type <= JSON_NULL ? STR("")
				     : v.raw;
}

static int opik_compare_nocase(struct str x, struct str y)
{
	for (size_t i = 0; i < x.len && i < y.len; i++) {
		char a = ascii_lower(x.ptr[i]), b = ascii_lower(y.ptr[i]);
		if (a != b)
			return (unsigned char)a < (unsigned char)b ? -1 : 1;
	}
	return (x.len > y.len) - (x.len < y.len);
}

/* Compares as numbers where both are. */
static int opik_selection_compare(struct str x, struct str y)
{
	double a, b;
	if (str_to_double(x, &a) && str_to_double(y, &b))
		return (a > b) - (a < b);
	return opik_compare_nocase(x, y);
}

static bool opik_selection_holds(enum opik_selection_operator op, struct str is, struct str want)
{
	int c = opik_selection_compare(is, want);
	switch (op) {
	case SELECT_EQ:
		return c == 0;
	case SELECT_NE:
		return c != 0;
	case SELECT_CONTAINS:
		return opik_has_part(is, want);
	case SELECT_NOT_CONTAINS:
		return !opik_has_part(is, want);
	case SELECT_STARTS:
		return str_starts_nocase(is, want);
	case SELECT_ENDS:
		return is.len >= want.len &&
		       str_starts_nocase(str_skip(is, is.len - want.len), want);
	case SELECT_GT:
		return c > 0;
	case SELECT_LT:
		return c < 0;
	case SELECT_GE:
		return c >= 0;
	case SELECT_LE:
		return c <= 0;
	case SELECT_EMPTY:
		return is.len == 0 || str_eq(is, STR("[]"));
	case SELECT_NOT_EMPTY:
		return is.len > 0 && !str_eq(is, STR("[]"));
	case SELECT__MAX:
		break;
	}
	return false;
}

static bool opik_selection_one(struct arena *a, struct json object, struct json filter)
{
	enum opik_selection_operator op = opik_selection_operator(filter);
	struct json v = opik_selection_value(a, object, filter);
	struct str want = opik_selection_text(a, json_get(filter, STR("value")));
	bool is_negated = op == SELECT_NE || op == SELECT_NOT_CONTAINS;
	if (v.type != JSON_ARRAY || op == SELECT_EMPTY || op == SELECT_NOT_EMPTY)
		return opik_selection_holds(op, opik_selection_text(a, v), want);
	/* One element of a list is enough, and none may be what is refused. */
	bool holds = is_negated;
	for (struct json_iter it = json_elements(v); json_next(&it);) {
		bool one = opik_selection_holds(op, opik_selection_text(a, it.value), want);
		holds = is_negated ? holds && one : holds || one;
	}
	return holds;
}

bool opik_selection_matches(const struct opik_selection *s, struct json object)
{
	struct arena_mark mark = arena_mark(s->request->arena);
	bool holds = true;
	for (struct json_iter it = json_elements(s->filters); holds && json_next(&it);)
		holds = opik_selection_one(s->request->arena, object, it.value);
	arena_rewind(s->request->arena, mark);
	return holds;
}

/* ---- Order and pages ---- */

struct opik_selection_key {
	struct str text;
	struct json object;
	size_t at;
};

static int opik_selection_compare_keys(const void *x, const void *y, void *descending)
{
	const struct opik_selection_key *a = x, *b = y;
	int c = opik_selection_compare(a->text, b->text);
	if (c)
		return *(const bool *)descending ? -c : c;
	return a->at < b->at ? -1 : a->at > b->at;
}

void opik_selection_sort(const struct opik_selection *s, struct json *list, size_t n)
{
	struct arena *a = s->request->arena;
	struct json_iter it = json_elements(s->sorting);
	if (!json_next(&it) || json_get(it.value, STR("field")).type != JSON_STRING)
		return;
	bool descending =
		json_body_is(json_body(json_get(it.value, STR("direction"))), STR("DESC"));
	struct opik_selection_key *keys = arena_calloc(a, n, sizeof *keys);
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct opik_selection_key){
			opik_selection_text(a, opik_selection_value(a, list[i], it.value)), list[i],
			i
		};
	if (n)
		qsort_r(keys, n, sizeof *keys, opik_selection_compare_keys, &descending);
	for (size_t i = 0; i < n; i++)
		list[i] = keys[i].object;
}

void opik_page_begin(struct opik_selection *s, size_t total, struct json_writer *w,
	size_t *ret_first, size_t *ret_last)
{
	struct response *res = s->request->response;
	size_t first;
	if (__builtin_mul_overflow(s->page - 1, s->size, &first) || first > total)
		first = total;
	*ret_first = first;
	*ret_last = total - first < s->size ? total : first + s->size;
	res->type = CONTENT_JSON;
	json_writer_init(w, &res->body);
	json_object(w);
	json_member_i64(w, STR("page"), (int64_t)s->page);
	json_member_i64(w, STR("size"), (int64_t)(*ret_last - first));
	json_member_i64(w, STR("total"), (int64_t)total);
	json_key(w, STR("content"));
	json_array(w);
}

void opik_page_end(struct json_writer *w, const char *const *sortable, size_t n_sortable)
{
	for (unsigned k = 0; k < 2; k++) {
		json_key(w, k ? STR("sortableBy") : STR("sortable_by"));
		json_array(w);
		for (size_t i = 0; i < n_sortable; i++)
			json_text(w, str_from_c(sortable[i]));
		json_end(w);
	}
	json_end(w);
}
