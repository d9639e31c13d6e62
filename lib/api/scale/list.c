/*
 * POST /v5/spans/search: lists spans. Paging and order are in the query, filters in the body.
 *
 * A page holds the rows after starting_after or before ending_before, in the requested order in
 * both cases. Rows are rendered and sent one by one, so a page of large spans needs little memory.
 */
#include "api/scale/cursor.h"
#include "api/scale/filter.h"
#include "base/utime.h"
#include "web/params.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 10000 };

struct scale_list {
	struct request *request;
	struct view view;
	struct problems problems;
	struct query query;
	int64_t limit;
	enum scale_sort sort;
	bool descending;
	struct str starting_after, ending_before; /* STR_NULL when absent */
	struct str trace_id;                      /* the only requested one */
	struct position position;
};

/* ---- Parameters ---- */

static const struct str sort_names[SCALE_SORT__MAX] = {
#define X(name, text) [SCALE_SORT_##name] = { text, sizeof text - 1 },
	SCALE_SORT_LIST(X)
#undef X
};

/* Returns STR_NULL when the parameter is absent, or empty because the client has not set it. */
static struct str scale_list_param_text(const struct request *r, struct str name)
{
	const struct param *p = request_param(r, name);
	return p && p->value.len ? p->value : STR_NULL;
}

/* An unknown order is an error: with another order the client would page wrongly. */
static enum scale_sort read_sort(struct scale_list *s)
{
	if (str_is_null(scale_list_param_text(s->request, STR("sort_by"))))
		return SCALE_SORT_START;
	return (enum scale_sort)param_choice(s->request, STR("sort_by"), sort_names,
		SCALE_SORT__MAX, SCALE_SORT_START, STR("enum"), &s->problems);
}

static void scale_list_read_time(struct scale_list *s, struct str name, int64_t *ret)
{
	struct arena *a = s->request->arena;
	const struct param *p = request_param(s->request, name);
	if (!p || utime_parse_bound(p->value, ret))
		return;
	const char *what = pydantic_bad_datetime(p->value);
	struct str input = json_encode(a, p->value);
	problem_add(&s->problems, STR("datetime_from_date_parsing"),
		arena_printf(a, "[\"query\",\"%.*s\"]", STR_ARG(name)),
		arena_printf(a, "Input should be a valid datetime or date, %s", what),
		arena_printf(a, "\"%.*s\"", STR_ARG(input)),
		arena_printf(a, "{\"error\":\"%s\"}", what));
}

static void add_problem(struct scale_list *s, const char *param, const char *what)
{
	struct json none = { JSON_NONE, STR_NULL };
	pydantic_value_error(&s->problems,
		arena_printf(s->request->arena, "[\"query\",\"%s\"]", param), str_from_c(what),
		none);
}

static void scale_list_read_params(struct scale_list *s)
{
	static const struct str orders[] = { { "asc", 3 }, { "desc", 4 } };
	struct request *r = s->request;
	s->starting_after = scale_list_param_text(r, STR("starting_after"));
	s->ending_before = scale_list_param_text(r, STR("ending_before"));
	s->limit = param_int(r, STR("limit"), LIMIT_DEFAULT, 1, LIMIT_MAX, &s->problems);
	s->sort = read_sort(s);
	s->descending =
		param_choice(r, STR("sort_order"), orders, 2, 0, STR("enum"), &s->problems) == 1;
	scale_list_read_time(s, STR("from_ts"), &s->query.from_ns);
	scale_list_read_time(s, STR("to_ts"), &s->query.to_ns);
	if (s->query.from_ns > s->query.to_ns)
		add_problem(s, "from_ts", "from_ts must not be after to_ts");
	if (!str_is_null(s->starting_after) && !str_is_null(s->ending_before))
		add_problem(
			s, "ending_before", "starting_after and ending_before exclude one another");
}

/* The SDK repeats requests that failed with 5xx. A query that is too broad fails again, so it is a
 * 400. */
static void scale_list_fail(struct scale_list *s, enum err e)
{
	if (e == ERR_BUDGET)
		route_error(s->request, &dialect_scale, ERR_INVALID,
			STR("QUERY_TOO_BROAD: the search takes longer than allowed. Narrow the "
			    "time range or add filters."),
			NULL);
	else
		api_fail(s->request, &dialect_scale, e);
}

/* ---- Order and positions ---- */

/* Equal values are sorted by trace id, then span id, then source, which Scale does not know.
 * Descending is the exact reverse of ascending. */
static void set_order(struct query *q, enum scale_sort sort, bool descending)
{
	static const unsigned fields[SCALE_SORT__MAX] = {
		[SCALE_SORT_START] = FIELD_STARTED_AT,
		[SCALE_SORT_DURATION] = QUERY_DURATION,
		[SCALE_SORT_INPUT_TOKENS] = FIELD_INPUT_TOKENS,
		[SCALE_SORT_OUTPUT_TOKENS] = FIELD_OUTPUT_TOKENS,
	};
	q->sort[0] = (struct sort_key){ .field = fields[sort], .absent_is_zero = true };
	q->sort[1] = (struct sort_key){ .field = FIELD_TRACE_ID };
	q->sort[2] = (struct sort_key){ .field = FIELD_SPAN_ID };
	q->sort[3] = (struct sort_key){ .field = FIELD_SOURCE };
	q->n_sort = 4;
	for (size_t i = 0; i < q->n_sort; i++)
		q->sort[i].descending = descending;
}

static void place_of_cursor(const struct scale_cursor *c, struct position *ret)
{
	*ret = (struct position){ .value = { { .number = c->value }, { .text = c->trace_id },
					  { .text = c->span_id }, { .text = c->source } } };
}

/* Returns the position in this order for a cursor of another order. */
static enum err place_of_span(
	struct scale_list *s, const struct scale_cursor *c, struct position *ret, bool *ret_found)
{
	struct span span;
	enum err e = engine_get(&s->view, c->source, c->trace_id, c->span_id, &span, ret_found);
	if (!e && *ret_found)
		query_position(&s->query, &span, s->request->arena, ret);
	return e;
}

/* Returns the position of the span with that id. Ids are unique within a trace only; of several the
 * farthest in the direction of paging is used, so that paging always ends. */
static enum err place_of_id(
	struct scale_list *s, struct str id, struct position *ret, bool *ret_found)
{
	struct arena *a = s->request->arena;
	struct query q;
	struct row_list rows;
	struct span span;
	struct str body = json_encode(a, id);
	struct pred preds[] = {
		{ .field = FIELD_SPAN_ID, .op = OP_EQ, .texts = &body, .n_values = 1 },
		{ .field = FIELD_TRACE_ID, .op = OP_EQ, .texts = &s->trace_id, .n_values = 1 },
	};
	struct clause clauses[] = { { &preds[0], 1 }, { &preds[1], 1 } };
	bool is_forward = !str_is_null(s->starting_after);
	query_init(&q);
	q.clauses = clauses;
	q.n_clauses = str_is_null(s->trace_id) ? 1 : 2;
	q.limit = 1;
	q.deadline_ns = s->query.deadline_ns;
	set_order(&q, s->sort, s->descending != is_forward);
	enum err e = engine_list(&s->view, &q, &rows);
	if (!e && rows.n == 0 && q.n_clauses == 2) { /* a span of another trace is a position too */
		q.n_clauses = 1;
		e = engine_list(&s->view, &q, &rows);
	}
	*ret_found = !e && rows.n > 0;
	if (e || !*ret_found)
		return e;
	e = engine_fetch(&s->view, rows.rows[0], NULL, &span, NULL);
	if (e == ERR_NOT_FOUND) { /* the line was damaged in between */
		*ret_found = false;
		return ERR_OK;
	}
	if (e)
		return e;
	struct position p;
	query_position(&s->query, &span, a, &p);
	for (size_t i = 0; i < s->query.n_sort; i++)
		p.value[i].text = arena_copy(a, p.value[i].text);
	*ret = p;
	return ERR_OK;
}

/* Returns false when the request was answered with an error. */
static bool scale_list_find_place(struct scale_list *s)
{
	struct request *r = s->request;
	bool is_forward = !str_is_null(s->starting_after), is_found = true;
	struct str text = is_forward ? s->starting_after : s->ending_before;
	struct scale_cursor c;
	enum err e = ERR_OK;
	if (str_is_null(text))
		return true;
	if (!scale_cursor_read(r->arena, text, &c))
		e = place_of_id(s, text, &s->position, &is_found);
	else if (c.sort == s->sort)
		place_of_cursor(&c, &s->position);
	else
		e = place_of_span(s, &c, &s->position, &is_found);
	if (e) {
		scale_list_fail(s, e);
		return false;
	}
	if (!is_found) {
		/* An empty page would look like the end of the list. */
		route_error(r, &dialect_scale, ERR_INVALID,
			arena_printf(r->arena, "%s: no span with id '%.*s'",
				is_forward ? "starting_after" : "ending_before", STR_ARG(text)),
			NULL);
		return false;
	}
	if (is_forward)
		s->query.after = &s->position;
	else
		s->query.before = &s->position;
	return true;
}

/* ---- The page ---- */

/* The position of a rendered row, copied. */
struct shown {
	struct buf texts;
	struct scale_cursor cursor;
};

static void keep_shown(struct scale_list *s, struct shown *k, const struct span *span)
{
	struct position p;
	struct str t = span_text(span, FIELD_TRACE_ID), i = span_text(span, FIELD_SPAN_ID),
		   o = span_text(span, FIELD_SOURCE);
	query_position(&s->query, span, s->request->arena, &p);
	buf_reset(&k->texts);
	buf_add(&k->texts, t);
	buf_add(&k->texts, i);
	buf_add(&k->texts, o);
	k->cursor = (struct scale_cursor){ .sort = s->sort, .value = p.value[0].number };
	k->cursor.trace_id = str_of(k->texts.ptr, t.len);
	k->cursor.span_id = str_of(k->texts.ptr + t.len, i.len);
	k->cursor.source = str_of(k->texts.ptr + t.len + i.len, o.len);
}

/* Writes next_cursor and prev_cursor where the list continues. */
static void write_cursors(struct scale_list *s, struct json_writer *w, const struct shown *first,
	const struct shown *last, bool has_more)
{
	struct arena *a = s->request->arena;
	bool is_backward = s->query.before != NULL;
	if (is_backward || has_more)
		json_member_text(w, STR("next_cursor"), scale_cursor_text(a, &last->cursor));
	if (is_backward ? has_more : s->query.after != NULL)
		json_member_text(w, STR("prev_cursor"), scale_cursor_text(a, &first->cursor));
}

static void scale_list_write_page(struct scale_list *s, const struct row_list *rows)
{
	struct request *r = s->request;
	struct arena *a = r->arena;
	struct json_writer w;
	struct shown first, last;
	struct span span;
	size_t n = 0;
	buf_init(&first.texts, a);
	buf_init(&last.texts, a);
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	api_report_damage(r, &s->view);
	engine_prefetch(&s->view, rows);
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_text(&w, STR("object"), STR("list"));
	json_key(&w, STR("items"));
	json_array(&w);
	for (size_t i = 0; i < rows->n; i++) {
		struct arena_mark mark = arena_mark(a);
		enum err e = engine_fetch(&s->view, rows->rows[i], NULL, &span, NULL);
		if (e == ERR_NOT_FOUND)
			continue;
		if (e) {
			api_fail(r, &dialect_scale, e);
			return;
		}
		scale_span_render(&w, a, r->workspace, &span);
		if (n++ == 0)
			keep_shown(s, &first, &span);
		keep_shown(s, &last, &span);
		response_flush_if_large(r->response);
		arena_rewind(a, mark);
	}
	api_report_damage(r, &s->view);
	json_end(&w);
	json_member_i64(&w, STR("limit"), s->limit);
	json_member_i64(&w, STR("total"), (int64_t)rows->total);
	json_member_bool(&w, STR("has_more"), rows->has_more);
	if (n)
		write_cursors(s, &w, &first, &last, rows->has_more);
	json_end(&w);
}

/* The view must be open. */
static void scale_list_answer(struct scale_list *s, struct json body)
{
	struct request *r = s->request;
	struct row_list rows;
	enum err e = scale_filter_parse(&s->view, body, &s->problems, &s->query, &s->trace_id);
	if (e) {
		scale_list_fail(s, e);
		return;
	}
	if (s->problems.n) {
		route_error(r, &dialect_scale, ERR_UNPROCESSABLE, STR_NULL, &s->problems);
		return;
	}
	s->query.limit = (size_t)s->limit;
	s->query.want_total = true;
	s->query.deadline_ns = utime_monotonic() + r->conf->query_ms * NS_PER_MS;
	set_order(&s->query, s->sort, s->descending);
	if (!scale_list_find_place(s))
		return;
	e = engine_list(&s->view, &s->query, &rows);
	if (e)
		scale_list_fail(s, e);
	else
		scale_list_write_page(s, &rows);
}

void scale_spans_list(struct request *r)
{
	struct scale_list s = { .request = r, .problems = { .arena = r->arena } };
	struct json body;
	query_init(&s.query);
	scale_list_read_params(&s);
	if (!pydantic_body(r, &dialect_scale, r->conf->body_bytes, LIMIT_DEPTH, &body))
		return;
	if (!scale_view(r, &s.view))
		return;
	scale_list_answer(&s, body);
	view_close(&s.view);
}
