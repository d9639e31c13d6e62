/* Handles lists, searches and single spans and traces. */
#include "api/opik/filter/order.h"
#include "api/opik/filter/roots.h"
#include "api/opik/filter/sort.h"
#include "api/opik/merge.h"
#include "api/opik/render.h"
#include "api/opik/trace_ids.h"

#include "span/line.h"

enum { IN_MAX = 100 }; /* ids that are compared one by one */

/* ---- Sums of the traces of a page ---- */

struct page_sums {
	struct opik_sums sums;
	struct opik_scores span_scores;
	bool is_open;
};

static void close_sums(struct page_sums *s)
{
	if (!s->is_open)
		return;
	opik_sums_release(&s->sums);
	opik_scores_release(&s->span_scores);
}

/* Sums the spans of these traces. The ids must be copies, because their rows are gone when they are
 * used. */
static enum err opik_rows_collect_sums(
	struct opik_list *l, const struct str *ids, size_t n, struct page_sums *ret)
{
	struct arena *a = l->view.arena;
	struct clause clauses[OPIK_ROWS_CLAUSES + 1];
	struct pred p = { .field = FIELD_TRACE_ID, .op = OP_IN, .texts = ids, .n_values = n };
	if (n > IN_MAX)
		p = opik_in_set(a, FIELD_TRACE_ID, ids, n);
	struct query q;
	query_init(&q);
	q.n_clauses = opik_rows_of(OPIK_SPANS, a, clauses);
	clauses[q.n_clauses++] = (struct clause){ &p, 1 };
	q.clauses = clauses;
	q.deadline_ns = opik_deadline(l->request);
	opik_sums_init(&ret->sums, a, true, STR_NULL);
	opik_scores_init(&ret->span_scores, a);
	ret->is_open = true;
	enum err e = n ? opik_sums_collect(&ret->sums, &l->view, &q) : ERR_OK;
	if (!e && n && !(l->exclude & OPIK_PART_BIT(span_feedback_scores)))
		e = opik_scores_collect_spans(
			&ret->span_scores, &l->view, &l->notes, q.deadline_ns);
	if (!e)
		opik_scores_sort(&ret->span_scores);
	return e;
}

static enum err sums_of_rows(
	struct opik_list *l, const struct row_list *rows, struct page_sums *ret)
{
	struct field_set want = { { 0 } };
	struct span s;
	struct str *ids = arena_calloc(l->view.arena, rows->n, sizeof *ids);
	size_t n = 0;
	field_set_add(&want, FIELD_TRACE_ID);
	for (size_t i = 0; i < rows->n; i++) {
		enum err e = engine_fetch(&l->view, rows->rows[i], &want, &s, NULL);
		if (e && e != ERR_NOT_FOUND)
			return e;
		if (!e)
			ids[n++] = arena_copy(l->view.arena, span_text(&s, FIELD_TRACE_ID));
	}
	return opik_rows_collect_sums(l, ids, n, ret);
}

/* ---- Rows ---- */

static enum err opik_rows_render(
	struct opik_render *p, struct json_writer *w, enum opik_of of, const struct span *s)
{
	return of == OPIK_SPANS ? opik_span_render(p, w, s) : opik_trace_render(p, w, s);
}

/* Calls `each` for every row; the first error ends the loop. */
static enum err print_rows(struct opik_list *l, struct opik_render *p, struct json_writer *w,
	const struct row_list *rows, bool is_stream)
{
	struct request *r = l->request;
	struct field_set want = opik_render_fields(l->of, l->exclude);
	engine_prefetch(&l->view, rows);
	for (size_t i = 0; i < rows->n; i++) {
		struct arena_mark mark = arena_mark(r->arena);
		struct span s;
		enum err e = engine_fetch(&l->view, rows->rows[i], &want, &s, NULL);
		if (e == ERR_NOT_FOUND)
			continue;
		if (is_stream)
			json_writer_init(w, &r->response->body);
		if (!e)
			e = opik_rows_render(p, w, l->of, &s);
		if (e)
			return e;
		if (is_stream)
			buf_add(&r->response->body, STR("\r\n"));
		arena_rewind(r->arena, mark);
		response_flush_if_large(r->response);
	}
	api_report_damage(r, &l->view);
	return ERR_OK;
}

/* Finds the page's rows and the sums of their traces. */
static enum err opik_rows_find(
	struct opik_list *l, struct row_list *ret_rows, struct page_sums *ret)
{
	enum err e = opik_list_page(l, ret_rows);
	if (!e && l->of == OPIK_TRACES)
		e = sums_of_rows(l, ret_rows, ret);
	return e;
}

static void opik_rows_list(struct request *r, enum opik_of of)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct row_list rows;
	struct page_sums sums = { .is_open = false };
	struct opik_render p;
	struct json_writer w;
	if (!opik_list_params(l, r, of) || !opik_list_open(l))
		return;
	enum err e = opik_sort(l);
	l->query.limit = l->size;
	if (__builtin_mul_overflow(l->page - 1, l->size, &l->query.offset))
		l->query.offset = SIZE_MAX / 4;
	if (!e)
		e = opik_rows_find(l, &rows, &sums);
	if (!e) {
		r->response->type = CONTENT_JSON;
		api_report_damage(l->request, &l->view);
		opik_render_init(&p, l);
		p.sums = &sums.sums;
		p.span_scores = &sums.span_scores;
		json_writer_init(&w, &r->response->body);
		json_object(&w);
		json_member_i64(&w, STR("page"), (int64_t)l->page);
		json_member_i64(&w, STR("size"), (int64_t)rows.n);
		json_member_i64(&w, STR("total"), (int64_t)rows.total);
		json_key(&w, STR("content"));
		json_array(&w);
		e = print_rows(l, &p, &w, &rows, false);
	}
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		json_end(&w);
		opik_render_sortable(&w, of);
		json_end(&w);
	}
	close_sums(&sums);
	opik_list_close(l);
}

void opik_spans_list(struct request *r)
{
	opik_rows_list(r, OPIK_SPANS);
}

void opik_traces_list(struct request *r)
{
	opik_rows_list(r, OPIK_TRACES);
}

/* ---- Searches, which are streamed ---- */

static void search(struct request *r, enum opik_of of)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct row_list rows;
	struct page_sums sums = { .is_open = false };
	struct opik_render p;
	struct json_writer w;
	if (!opik_list_body(l, r, of) || !opik_list_open(l))
		return;
	bool is_end;
	enum err e = opik_order_stream(l, &is_end);
	l->query.limit = l->limit;
	if (!e && !is_end)
		e = opik_rows_find(l, &rows, &sums);
	else
		rows = (struct row_list){ .n = 0 };
	if (!e) {
		r->response->type = CONTENT_BYTES;
		api_report_damage(l->request, &l->view);
		opik_render_init(&p, l);
		p.sums = &sums.sums;
		p.span_scores = &sums.span_scores;
		e = print_rows(l, &p, &w, &rows, true);
	}
	if (e)
		api_fail(r, &dialect_opik, e);
	close_sums(&sums);
	opik_list_close(l);
}

void opik_spans_search(struct request *r)
{
	search(r, OPIK_SPANS);
}

void opik_traces_search(struct request *r)
{
	search(r, OPIK_TRACES);
}

/* ---- One ---- */

/* Copies the row, because other rows are read before it is rendered. */
static enum err fetch_to_keep(struct view *v, struct row_ref ref, struct span *ret, bool *ret_found)
{
	struct str line;
	enum err e = engine_fetch(v, ref, NULL, ret, &line);
	*ret_found = !e && line_read(arena_copy(v->arena, line), NULL, true, ret) == LINE_OK;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err opik_find_one(
	struct view *v, enum opik_of of, struct str id, struct span *ret, bool *ret_found)
{
	struct trace_row row;
	if (of == OPIK_SPANS) {
		enum err e = engine_get(v, STR_NULL, STR_NULL, id, ret, ret_found);
		if (!e && *ret_found && opik_is_trace_row(ret))
			*ret_found = false;
		return e;
	}
	enum err e = engine_get(v, STR(OPIK_SOURCE), id, id, ret, ret_found);
	if (e || (*ret_found && opik_is_trace_row(ret)))
		return e;
	/* The root stands for a trace of another dialect. */
	e = engine_trace_get(v, id, false, &row, ret_found);
	if (e || !*ret_found)
		return e;
	*ret_found = !str_eq(row.source, STR(OPIK_SOURCE));
	e = *ret_found ? fetch_to_keep(v, row.root, ret, ret_found) : ERR_OK;
	*ret_found = !e && *ret_found && !opik_is_attached(ret);
	return e;
}

static enum err print_one(struct opik_list *l, const struct span *s)
{
	struct opik_render p;
	struct json_writer w;
	struct page_sums sums = { .is_open = false };
	struct str id = arena_copy(l->request->arena, span_text(s, FIELD_TRACE_ID));
	enum err e = notes_open(&l->view, 1u << NOTE_SCORE | 1u << NOTE_COMMENT, &l->notes);
	if (!e && l->of == OPIK_TRACES)
		e = opik_rows_collect_sums(l, &id, 1, &sums);
	if (!e) {
		opik_render_init(&p, l);
		p.sums = &sums.sums;
		p.span_scores = &sums.span_scores;
		p.names_project = true;
		l->request->response->type = CONTENT_JSON;
		json_writer_init(&w, &l->request->response->body);
		e = opik_rows_render(&p, &w, l->of, s);
	}
	close_sums(&sums);
	notes_close(&l->notes);
	return e;
}

/* Other APIs may use any id, so the text itself is tried first. */
static enum err opik_rows_find_any(
	struct opik_list *l, struct str text, struct str *id, struct span *ret, bool *ret_found)
{
	struct arena *a = l->request->arena;
	bool is_id = opik_id_param(a, text, id);
	struct str plain = json_encode(a, text);
	enum err e = opik_find_one(&l->view, l->of, plain, ret, ret_found);
	if (e || *ret_found || !is_id)
		return e;
	if (!str_eq(*id, plain))
		e = opik_find_one(&l->view, l->of, *id, ret, ret_found);
	if (e || *ret_found)
		return e;
	struct str given_id = *id;
	e = l->of == OPIK_TRACES ? opik_find_traces(l->request, &l->view, id, 1)
				 : opik_resolve(l->request, &l->view, OPIK_SPANS, id, 1);
	if (!e && !str_eq(*id, given_id))
		e = opik_find_one(&l->view, l->of, *id, ret, ret_found);
	return e;
}

static void opik_rows_get(struct request *r, enum opik_of of)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct span s;
	struct str id = STR_NULL;
	bool found = false;
	l->request = r;
	l->of = of;
	if (!opik_view(r, &l->view))
		return;
	if (opik_projects(r, &l->view, &l->projects)) {
		enum err e = opik_rows_find_any(l, r->captures[0], &id, &s, &found);
		if (!e && found)
			e = print_one(l, &s);
		if (e)
			api_fail(r, &dialect_opik, e);
		else if (!found && str_is_null(id))
			opik_no_such_path(r);
		else if (!found)
			opik_not_found(r, of == OPIK_SPANS ? "Span id" : "Trace id",
				opik_id_shown(r->arena, id));
	}
	view_close(&l->view);
}

void opik_span_get(struct request *r)
{
	opik_rows_get(r, OPIK_SPANS);
}

void opik_trace_get(struct request *r)
{
	opik_rows_get(r, OPIK_TRACES);
}

/* ---- Existence ---- */

static bool note_any(void *user, const struct span *s, struct row_ref ref)
{
	(void)s;
	(void)ref;
	*(bool *)user = true;
	return false;
}

static void exist(struct request *r, enum opik_of of)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct field_set nothing = { { 0 } };
	struct json_writer w;
	bool any = false;
	if (!opik_list_params(l, r, of) || !opik_list_open(l))
		return;
	enum err e = opik_list_each(l, &nothing, note_any, &any);
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		json_object(&w);
		json_member_bool(&w, STR("exists"), any);
		json_end(&w);
	}
	opik_list_close(l);
}

void opik_spans_exist(struct request *r)
{
	exist(r, OPIK_SPANS);
}

void opik_traces_exist(struct request *r)
{
	exist(r, OPIK_TRACES);
}
