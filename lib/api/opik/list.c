#include "api/opik/list.h"

#include "base/utime.h"
#include "query/page/collect.h"
#include "semconv/opik_id.h"
#include "semconv/opik_type.h"

static const struct str parts[OPIK_PART__MAX] = {
#define X(name) { #name, sizeof #name - 1 },
	OPIK_PART_LIST(X)
#undef X
};

enum { SEARCH_LIMIT = 500, SEARCH_LIMIT_MAX = 2000 };

/* ---- Parameters and bodies ---- */

static struct str opik_list_param_text(const struct request *r, const char *name)
{
	const struct param *p = request_param(r, str_from_c(name));
	return p ? p->value : STR_NULL;
}

static bool opik_list_refuse(struct opik_list *l, struct str message)
{
	opik_refuse(l->request, ERR_INVALID, message);
	return false;
}

/* Returns false when the request was answered with an error. */
static bool check_project(struct opik_list *l)
{
	if (str_is_null(l->project_id) && str_trim(l->project_name).len == 0)
		return opik_list_refuse(
			l, STR("Either 'project_name' or 'project_id' query params must be "
			       "provided"));
	return true;
}

static bool check_times(struct opik_list *l)
{
	if (l->has_from && l->has_to && l->from_ms >= l->to_ms)
		return opik_list_refuse(l, STR("Parameter 'from_time' must be before 'to_time'"));
	return true;
}

static int64_t floor_ms(int64_t ns)
{
	return ns / NS_PER_MS - (ns % NS_PER_MS < 0);
}

/* Returns false when the request was answered with an error. */
static bool read_time_param(struct opik_list *l, const char *name, bool *ret_has, int64_t *ret_ms)
{
	struct str text = opik_list_param_text(l->request, name);
	int64_t ns;
	if (text.len == 0)
		return true;
	*ret_has = true;
	if (str_to_i64(text, ret_ms))
		return true;
	/* An unescaped + of an offset arrives as a blank. */
	if (text.len > 10 && ascii_upper(text.ptr[10]) == 'T' && utime_has_offset(text) &&
		utime_parse_bound(text, &ns)) {
		*ret_ms = floor_ms(ns);
		return true;
	}
	return opik_list_refuse(
		l, arena_printf(l->request->arena,
			   "Invalid instant format: '%.*s'. Expected ISO-8601 (e.g., "
			   "2024-01-01T00:00:00Z) or milliseconds since epoch",
			   STR_ARG(text)));
}

bool opik_read_count(struct request *r, const char *name, size_t otherwise, size_t *ret)
{
	struct str text = opik_list_param_text(r, name);
	int64_t n;
	*ret = otherwise;
	if (text.len == 0)
		return true;
	if (!str_to_i64(text, &n) || n > INT32_MAX) {
		opik_no_such_path(r);
		return false;
	}
	if (n < 1) {
		opik_refuse_one(r, ERR_INVALID,
			arena_printf(r->arena, "query param %s must be greater than or equal to 1",
				name));
		return false;
	}
	*ret = (size_t)n;
	return true;
}

static bool read_id_param(struct opik_list *l, const char *name, struct str *ret)
{
	struct str text = opik_list_param_text(l->request, name);
	if (text.len == 0)
		return true;
	if (opik_id_param(l->request->arena, text, ret))
		return true;
	opik_no_such_path(l->request);
	return false;
}

static bool read_type_param(struct opik_list *l)
{
	struct str text = opik_list_param_text(l->request, "type");
	if (text.len == 0 || l->of != OPIK_SPANS)
		return true;
	for (int i = 0; i < 4; i++)
		if (str_eq_nocase(text, opik_types[i]))
			l->type = i;
	return l->type >= 0 ||
	       opik_list_refuse(
		       l, STR("query param type must be one of [general, tool, llm, guardrail]"));
}

/* Reads a parameter that holds JSON. Returns false when it does not. */
static bool read_json_param(struct str text, struct json *ret)
{
	struct json_error error;
	*ret = (struct json){ JSON_NONE, STR_NULL };
	if (str_trim(text).len == 0)
		return true;
	if (!json_check(text, LIMIT_DEPTH, &error))
		return false;
	*ret = json_open(text);
	return true;
}

static bool read_filters_param(struct opik_list *l)
{
	struct str text = opik_list_param_text(l->request, "filters"), message = STR_NULL;
	struct json v;
	enum opik_filter_fault fault = OPIK_FILTER_MALFORMED;
	if (read_json_param(text, &v))
		fault = opik_filter_parse(l->request->arena, l->of, v, &l->filters, &message);
	if (fault == OPIK_FILTER_MALFORMED)
		message = arena_printf(
			l->request->arena, "Invalid filters query parameter '%.*s'", STR_ARG(text));
	return fault == OPIK_FILTER_OK || opik_list_refuse(l, message);
}

/* Only the first element counts, as in Opik. */
static bool read_sorting(struct opik_list *l)
{
	struct str text = opik_list_param_text(l->request, "sorting");
	struct json v;
	bool ok = read_json_param(text, &v) && (v.type <= JSON_NULL || v.type == JSON_ARRAY);
	struct json_iter it = json_elements(v);
	for (bool is_first = true; ok && json_next(&it); is_first = false) {
		struct json field = json_get(it.value, STR("field"));
		struct json direction = json_get(it.value, STR("direction"));
		bool down = json_body_is(json_body(direction), STR("DESC"));
		ok = it.value.type == JSON_OBJECT &&
		     (field.type == JSON_STRING || field.type <= JSON_NULL) &&
		     (direction.type <= JSON_NULL || down ||
			     json_body_is(json_body(direction), STR("ASC")));
		if (ok && is_first && field.type == JSON_STRING) {
			l->sort_field = json_decode(l->request->arena, json_body(field));
			l->sort_descending = down;
		}
	}
	return ok || opik_list_refuse(
			     l, arena_printf(l->request->arena,
					"Invalid sorting query parameter '%.*s'", STR_ARG(text)));
}

bool opik_read_exclude(struct json v, uint64_t *ret)
{
	if (v.type > JSON_NULL && v.type != JSON_ARRAY)
		return false;
	for (struct json_iter it = json_elements(v); json_next(&it);) {
		size_t i = 0;
		while (i < OPIK_PART__MAX && !json_body_is(json_body(it.value), parts[i]))
			i++;
		if (i == OPIK_PART__MAX)
			return false;
		*ret |= UINT64_C(1) << i;
	}
	return true;
}

static void opik_list_begin(struct opik_list *l, struct request *r, enum opik_of of)
{
	memset(l, 0, sizeof *l);
	l->request = r;
	l->of = of;
	l->type = -1;
}

bool opik_list_params(struct opik_list *l, struct request *r, enum opik_of of)
{
	opik_list_begin(l, r, of);
	l->project_name = opik_list_param_text(r, "project_name");
	l->search = str_trim(opik_list_param_text(r, "search"));
	l->source = opik_list_param_text(r, "source");
	l->raw_exclude = opik_list_param_text(r, "exclude");
	l->truncate = str_eq_nocase(opik_list_param_text(r, "truncate"), STR("true"));
	return opik_read_count(l->request, "page", 1, &l->page) &&
	       opik_read_count(l->request, "size", 10, &l->size) &&
	       read_id_param(l, "project_id", &l->project_id) &&
	       read_id_param(l, "trace_id", &l->trace_id) && read_type_param(l) &&
	       check_project(l) && read_time_param(l, "from_time", &l->has_from, &l->from_ms) &&
	       read_time_param(l, "to_time", &l->has_to, &l->to_ms) && check_times(l) &&
	       read_filters_param(l) && read_sorting(l);
}

/* Reads the filters of a body. Returns false when the request was answered with an error. */
static bool read_filters(struct opik_list *l, struct json v)
{
	struct str message = STR_NULL;
	enum opik_filter_fault fault =
		opik_filter_parse(l->request->arena, l->of, v, &l->filters, &message);
	if (fault == OPIK_FILTER_MALFORMED)
		message = STR("Unable to process JSON. Cannot deserialize value of type "
			      "`com.comet.opik.api.filter.Filter`");
	return fault == OPIK_FILTER_OK || opik_list_refuse(l, message);
}

static bool read_limit(struct opik_list *l, struct opik_reader *rd, struct json v)
{
	int64_t limit = SEARCH_LIMIT;
	(void)opik_read_int(rd, v, &limit);
	if (limit < 1)
		opik_problem(rd, "limit must be greater than or equal to 1");
	if (limit > SEARCH_LIMIT_MAX)
		opik_problem(rd, "limit must be less than or equal to 2000");
	l->limit = limit < 1 ? 1 : (size_t)limit;
	return true;
}

/* Rows of other APIs may have any id, and a stream goes on behind each. */
static struct str read_cursor(struct opik_reader *rd, struct json v)
{
	struct str id;
	if (v.type == JSON_STRING && !opik_id_param(rd->arena, json_body(v), &id))
		return json_canonical_body(rd->arena, json_body(v));
	return opik_read_id(rd, v);
}

bool opik_list_json(struct opik_list *l, struct request *r, enum opik_of of, struct json body)
{
	struct opik_reader rd;
	int64_t ns;
	opik_list_begin(l, r, of);
	opik_reader_init(&rd, r);
	struct str name = opik_read_text(&rd, json_get(body, STR("project_name")));
	l->project_name = str_is_null(name) ? name : json_decode(r->arena, name);
	l->project_id = opik_read_uuid(&rd, json_get(body, STR("project_id")));
	l->trace_id = opik_read_id(&rd, json_get(body, STR("trace_id")));
	l->last_id = read_cursor(&rd, json_get(body, STR("last_retrieved_id")));
	l->truncate = opik_read_bool(&rd, json_get(body, STR("truncate")), false);
	struct str type = opik_read_choice(
		&rd, json_get(body, STR("type")), "com.comet.opik.domain.SpanType", opik_types, 4);
	for (int i = 0; i < 4 && of == OPIK_SPANS; i++)
		if (str_eq(type, opik_types[i]))
			l->type = i;
	if (of == OPIK_THREADS) /* the cursor of threads is an id of another kind */
		l->last_id =
			opik_read_uuid(&rd, json_get(body, STR("last_retrieved_thread_model_id")));
	(void)read_limit(l, &rd, json_get(body, STR("limit")));
	l->has_from = opik_read_time(&rd, json_get(body, STR("from_time")), &ns);
	l->from_ms = l->has_from ? floor_ms(ns) : 0;
	l->has_to = opik_read_time(&rd, json_get(body, STR("to_time")), &ns);
	l->to_ms = l->has_to ? floor_ms(ns) : 0;
	if (!opik_read_exclude(json_get(body, STR("exclude")), &l->exclude))
		opik_malformed(&rd, "com.comet.opik.api.Span$SpanField",
			json_get(body, STR("exclude")), "not one of the fields to leave out");
	return opik_reader_check(&rd) && check_project(l) && check_times(l) &&
	       read_filters(l, json_get(body, STR("filters")));
}

bool opik_list_body(struct opik_list *l, struct request *r, enum opik_of of)
{
	struct json body;
	return opik_body(r, &body) && opik_list_json(l, r, of, body);
}
