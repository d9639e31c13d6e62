/* Lists, searches and single spans and traces. */
#include "api/opik/filter/sort.h"
#include "api/opik/merge.h"
#include "api/opik/render.h"
#include "api/opik/trace_ids.h"

#include "span/line.h"

enum { IN_MAX = 100 }; /* ids that are compared one by one */

/* ---- What the traces of a page sum up ---- */

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

/* Spans of these traces. Ids are copied: the rows they come from are gone when this is used. */
static enum err collect_sums(
	struct opik_ask *ask, const struct str *ids, size_t n, struct page_sums *ret)
{
	struct arena *a = ask->view.arena;
	struct clause clauses[2];
	struct pred p = { .field = FIELD_TRACE_ID, .op = OP_IN, .texts = ids, .n_values = n };
	if (n > IN_MAX)
		p = opik_in_set(a, FIELD_TRACE_ID, ids, n);
	struct query q;
	query_init(&q);
	q.n_clauses = opik_rows_of(OPIK_SPANS, a, clauses);
	clauses[q.n_clauses++] = (struct clause){ &p, 1 };
	q.clauses = clauses;
	q.deadline_ns = opik_deadline(ask->request);
	opik_sums_init(&ret->sums, a, true, STR_NULL);
	opik_scores_init(&ret->span_scores, a);
	ret->is_open = true;
	enum err e = n ? opik_sums_collect(&ret->sums, &ask->view, &q) : ERR_OK;
	if (!e && n && !(ask->exclude & OPIK_PART_BIT(span_feedback_scores)))
		e = opik_scores_collect_spans(
			&ret->span_scores, &ask->view, &ask->notes, q.deadline_ns);
	if (!e)
		opik_scores_sort(&ret->span_scores);
	return e;
}

static enum err sums_of_rows(
	struct opik_ask *ask, const struct row_list *rows, struct page_sums *ret)
{
	struct field_set want = { { 0 } };
	struct span s;
	struct str *ids = arena_calloc(ask->view.arena, rows->n, sizeof *ids);
	size_t n = 0;
	field_set_add(&want, FIELD_TRACE_ID);
	for (size_t i = 0; i < rows->n; i++) {
		enum err e = engine_fetch(&ask->view, rows->rows[i], &want, &s, NULL);
		if (e && e != ERR_NOT_FOUND)
			return e;
		if (!e)
			ids[n++] = arena_copy(ask->view.arena, span_text(&s, FIELD_TRACE_ID));
	}
	return collect_sums(ask, ids, n, ret);
}

/* ---- Rows ---- */

static enum err print(
	struct opik_printer *p, struct json_writer *w, enum opik_of of, const struct span *s)
{
	return of == OPIK_SPANS ? opik_print_span(p, w, s) : opik_print_trace(p, w, s);
}

static void note_skipped(struct opik_ask *ask)
{
	uint64_t n = ask->view.n_torn + ask->view.n_rot + ask->view.n_zero;
	if (n)
		(void)response_set_header(ask->request->response, HEADER_SKIPPED_LINES,
			arena_printf(ask->request->arena, "%llu", (unsigned long long)n));
}

/* Each row by itself through `each`; ERR_OK: all of them. */
static enum err print_rows(struct opik_ask *ask, struct opik_printer *p, struct json_writer *w,
	const struct row_list *rows, bool is_stream)
{
	struct request *r = ask->request;
	struct field_set want = opik_print_fields(ask->of, ask->exclude);
	engine_expect(&ask->view, rows, &want);
	for (size_t i = 0; i < rows->n; i++) {
		struct arena_mark mark = arena_mark(r->arena);
		struct span s;
		enum err e = engine_fetch(&ask->view, rows->rows[i], &want, &s, NULL);
		if (e == ERR_NOT_FOUND)
			continue;
		if (is_stream)
			json_writer_init(w, &r->response->body);
		if (!e)
			e = print(p, w, ask->of, &s);
		if (e)
			return e;
		if (is_stream)
			buf_add(&r->response->body, STR("\r\n"));
		arena_rewind(r->arena, mark);
		response_flush_if_large(r->response);
	}
	return ERR_OK;
}

/* The page's rows and what their traces sum up. */
static enum err find_rows(struct opik_ask *ask, struct row_list *ret_rows, struct page_sums *ret)
{
	enum err e = opik_ask_list(ask, ret_rows);
	if (!e && ask->of == OPIK_TRACES)
		e = sums_of_rows(ask, ret_rows, ret);
	return e;
}

static void list(struct request *r, enum opik_of of)
{
	struct opik_ask *ask = arena_alloc(r->arena, sizeof *ask);
	struct row_list rows;
	struct page_sums sums = { .is_open = false };
	struct opik_printer p;
	struct json_writer w;
	if (!opik_ask_params(ask, r, of) || !opik_ask_open(ask))
		return;
	opik_sort(ask);
	ask->query.limit = ask->size;
	if (__builtin_mul_overflow(ask->page - 1, ask->size, &ask->query.offset))
		ask->query.offset = SIZE_MAX / 4;
	enum err e = find_rows(ask, &rows, &sums);
	if (!e) {
		r->response->type = CONTENT_JSON;
		note_skipped(ask);
		opik_printer_init(&p, ask);
		p.sums = &sums.sums;
		p.span_scores = &sums.span_scores;
		json_writer_init(&w, &r->response->body);
		json_object(&w);
		json_member_i64(&w, STR("page"), (int64_t)ask->page);
		json_member_i64(&w, STR("size"), (int64_t)rows.n);
		json_member_i64(&w, STR("total"), (int64_t)rows.total);
		json_key(&w, STR("content"));
		json_array(&w);
		e = print_rows(ask, &p, &w, &rows, false);
	}
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		json_end(&w);
		opik_write_sortable(&w, of);
		json_end(&w);
	}
	close_sums(&sums);
	opik_ask_close(ask);
}

void opik_spans_list(struct request *r)
{
	list(r, OPIK_SPANS);
}

void opik_traces_list(struct request *r)
{
	list(r, OPIK_TRACES);
}

/* ---- Search: a stream ---- */

static void search(struct request *r, enum opik_of of)
{
	struct opik_ask *ask = arena_alloc(r->arena, sizeof *ask);
	struct row_list rows;
	struct page_sums sums = { .is_open = false };
	struct opik_printer p;
	struct json_writer w;
	if (!opik_ask_body(ask, r, of) || !opik_ask_open(ask))
		return;
	ask->query.n_sort = 1;
	ask->query.sort[0] =
		(struct sort_key){ .field = of == OPIK_SPANS ? FIELD_SPAN_ID : FIELD_TRACE_ID,
			.descending = true };
	ask->query.limit = ask->limit;
	/* Where the order is that of columns, no line is read for it; a trace_id is a column. */
	struct position last = { .value[0] = { .text = ask->last_id } };
	if (!str_is_null(ask->last_id) && of == OPIK_SPANS)
		ask->query.after = &last;
	enum err e = find_rows(ask, &rows, &sums);
	if (!e) {
		r->response->type = CONTENT_BYTES;
		note_skipped(ask);
		opik_printer_init(&p, ask);
		p.sums = &sums.sums;
		p.span_scores = &sums.span_scores;
		e = print_rows(ask, &p, &w, &rows, true);
	}
	if (e)
		api_fail(r, &dialect_opik, e);
	close_sums(&sums);
	opik_ask_close(ask);
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

/* Other rows are read before this one is printed. */
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
	/* Another dialect's, whose root stands for it. */
	e = engine_trace_get(v, id, false, &row, ret_found);
	if (e || !*ret_found)
		return e;
	*ret_found = !str_eq(row.source, STR(OPIK_SOURCE));
	return *ret_found ? fetch_to_keep(v, row.root, ret, ret_found) : ERR_OK;
}

static enum err print_one(struct opik_ask *ask, const struct span *s)
{
	struct opik_printer p;
	struct json_writer w;
	struct page_sums sums = { .is_open = false };
	struct str id = arena_copy(ask->request->arena, span_text(s, FIELD_TRACE_ID));
	enum err e = notes_open(&ask->view, 1u << NOTE_SCORE | 1u << NOTE_COMMENT, &ask->notes);
	if (!e && ask->of == OPIK_TRACES)
		e = collect_sums(ask, &id, 1, &sums);
	if (!e) {
		opik_printer_init(&p, ask);
		p.sums = &sums.sums;
		p.span_scores = &sums.span_scores;
		p.names_project = true;
		ask->request->response->type = CONTENT_JSON;
		json_writer_init(&w, &ask->request->response->body);
		e = print(&p, &w, ask->of, s);
	}
	close_sums(&sums);
	notes_close(&ask->notes);
	return e;
}

/* Another API may name its spans anything, so the text comes first, then what it may mean. */
static enum err find_any(
	struct opik_ask *ask, struct str text, struct str *id, struct span *ret, bool *ret_found)
{
	struct arena *a = ask->request->arena;
	bool is_id = opik_id_param(a, text, id);
	struct str plain = json_encode(a, text);
	enum err e = opik_find_one(&ask->view, ask->of, plain, ret, ret_found);
	if (e || *ret_found || !is_id)
		return e;
	if (!str_eq(*id, plain))
		e = opik_find_one(&ask->view, ask->of, *id, ret, ret_found);
	if (e || *ret_found || ask->of != OPIK_TRACES)
		return e;
	struct str asked = *id;
	e = opik_find_traces(ask->request, &ask->view, id, 1);
	if (!e && !str_eq(*id, asked))
		e = opik_find_one(&ask->view, ask->of, *id, ret, ret_found);
	return e;
}

static void get(struct request *r, enum opik_of of)
{
	struct opik_ask *ask = arena_alloc(r->arena, sizeof *ask);
	struct span s;
	struct str id = STR_NULL;
	bool found = false;
	ask->request = r;
	ask->of = of;
	if (!opik_view(r, &ask->view))
		return;
	if (opik_projects(r, &ask->view, &ask->projects)) {
		enum err e = find_any(ask, r->captures[0], &id, &s, &found);
		if (!e && found)
			e = print_one(ask, &s);
		if (e)
			api_fail(r, &dialect_opik, e);
		else if (!found && str_is_null(id))
			opik_no_such_path(r);
		else if (!found)
			opik_not_found(r, of == OPIK_SPANS ? "Span id" : "Trace id",
				opik_id_shown(r->arena, id));
	}
	view_close(&ask->view);
}

void opik_span_get(struct request *r)
{
	get(r, OPIK_SPANS);
}

void opik_trace_get(struct request *r)
{
	get(r, OPIK_TRACES);
}

/* ---- Is there any? ---- */

static bool note_any(void *user, const struct span *s, struct row_ref ref)
{
	(void)s;
	(void)ref;
	*(bool *)user = true;
	return false;
}

static void exist(struct request *r, enum opik_of of)
{
	struct opik_ask *ask = arena_alloc(r->arena, sizeof *ask);
	struct field_set nothing = { { 0 } };
	struct json_writer w;
	bool any = false;
	if (!opik_ask_params(ask, r, of) || !opik_ask_open(ask))
		return;
	enum err e = opik_ask_each(ask, &nothing, note_any, &any);
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		json_object(&w);
		json_member_bool(&w, STR("exists"), any);
		json_end(&w);
	}
	opik_ask_close(ask);
}

void opik_spans_exist(struct request *r)
{
	exist(r, OPIK_SPANS);
}

void opik_traces_exist(struct request *r)
{
	exist(r, OPIK_TRACES);
}
