#include "api/nemo/nemo.h"
#include "api/nemo/render.h"
#include "web/params.h"

static size_t read_mode(const struct request *r, struct problems *p)
{
	return param_choice(r, STR("mode"), nemo_mode_names, NEMO_MODE__MAX, NEMO_DETAILED,
		STR("literal_error"), p);
}

static void write_traces(
	struct nemo_list *l, const struct trace_list *traces, struct str sort, enum nemo_mode mode)
{
	struct arena *a = l->request->arena;
	struct field_set want = nemo_trace_fields(mode);
	nemo_list_open(l);
	engine_prefetch_roots(&l->view, traces);
	for (size_t i = 0; i < traces->n; i++) {
		const struct trace_row *row = &traces->rows[i];
		struct arena_mark mark = arena_mark(a);
		struct span root;
		enum err e = engine_fetch(&l->view, row->root, &want, &root, NULL);
		if (e == ERR_NOT_FOUND)
			continue;
		if (e) {
			api_fail(l->request, &dialect_nemo, e);
			return;
		}
		nemo_trace_render(&l->writer, a, l->workspace, row, &root, mode);
		nemo_list_row(l);
		arena_rewind(a, mark);
	}
	nemo_list_close(l, traces->total, sort);
	nemo_list_end(l);
}

void nemo_traces_list(struct request *r)
{
	static const struct str sorts[] = { { "started_at", 10 }, { "-started_at", 11 } };
	static const char *const further[] = { "mode", NULL };
	struct nemo_list l;
	if (!nemo_list_begin(r, NEMO_FILTER_TRACES, &l))
		return;
	nemo_list_page(&l);
	size_t sort = param_choice(r, STR("sort"), sorts, 2, 1, STR("enum"), &l.problems);
	size_t mode = read_mode(r, &l.problems);
	struct trace_query q = { .descending = sort == 1, .want_rollup = mode != NEMO_SUMMARY };
	if (nemo_list_check(&l, further) && nemo_list_query(&l, &q.roots)) {
		q.offset = nemo_list_offset(&l);
		q.limit = (size_t)l.page_size;
		struct trace_list traces;
		enum err e = engine_traces(&l.view, &q, &traces);
		if (e)
			api_fail(r, &dialect_nemo, e);
		else
			write_traces(&l, &traces, sorts[sort], mode);
	}
	view_close(&l.view);
}

static enum err get_trace(struct request *r, struct view *v, enum nemo_mode mode)
{
	struct str workspace = r->captures[0], id = r->captures[1];
	struct field_set want = nemo_trace_fields(mode);
	struct trace_row row;
	struct span root;
	bool is_found;
	enum err e = engine_trace_get(
		v, json_encode(r->arena, id), mode != NEMO_SUMMARY, &row, &is_found);
	if (e)
		return e;
	if (is_found) {
		e = engine_fetch(v, row.root, &want, &root, NULL);
		if (e && e != ERR_NOT_FOUND)
			return e;
		is_found = e == ERR_OK;
	}
	if (!is_found) {
		nemo_not_found(r, "Trace", workspace, id);
		return ERR_OK;
	}
	struct json_writer w;
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	api_report_damage(r, v);
	json_writer_init(&w, &r->response->body);
	nemo_trace_render(&w, r->arena, workspace, &row, &root, mode);
	return ERR_OK;
}

void nemo_trace_get(struct request *r)
{
	struct view v;
	if (!api_view(r, r->captures[0], &dialect_nemo, &v))
		return;
	struct problems problems = { .arena = r->arena };
	size_t mode = read_mode(r, &problems);
	if (problems.n) {
		nemo_unprocessable(r, &problems);
	} else {
		enum err e = get_trace(r, &v, mode);
		if (e)
			api_fail(r, &dialect_nemo, e);
	}
	view_close(&v);
}
