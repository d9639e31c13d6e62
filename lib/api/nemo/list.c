#include "api/nemo/nemo.h"
#include "api/nemo/render.h"
#include "api/sort.h"
#include "web/params.h"

#include "base/utime.h"

bool nemo_list_begin(struct request *r, enum nemo_filter_of of, struct nemo_list *ret)
{
	*ret = (struct nemo_list){ .request = r, .workspace = r->captures[0] };
	ret->problems.arena = r->arena;
	if (!api_view(r, ret->workspace, &dialect_nemo, &ret->view))
		return false;
	struct str detail;
	if (!nemo_filter_parse(r, of, &ret->filter, &detail)) {
		nemo_refuse(r, detail);
		view_close(&ret->view);
		return false;
	}
	return true;
}

void nemo_list_page(struct nemo_list *l)
{
	l->page = param_int(l->request, STR("page"), 1, 1, INT64_MAX, &l->problems);
	l->page_size =
		param_int(l->request, STR("page_size"), 10, 1, LIMIT_NEMO_PAGE_SIZE, &l->problems);
}

static bool nemo_list_is_one_of(struct str name, const char *const *names)
{
	for (; *names; names++)
		if (str_eq(name, str_from_c(*names)))
			return true;
	return false;
}

/* allowed and more end with NULL. */
static bool check_params(struct nemo_list *l, const char *const *allowed, const char *const *more)
{
	struct request *r = l->request;
	if (l->problems.n) {
		nemo_unprocessable(r, &l->problems);
		return false;
	}
	struct str *names = arena_calloc(r->arena, r->n_params ? r->n_params : 1, sizeof *names);
	size_t n = 0;
	for (size_t i = 0; i < r->n_params; i++)
		if (!nemo_list_is_one_of(r->params[i].name, allowed) &&
			!nemo_list_is_one_of(r->params[i].name, more) &&
			!str_starts(r->params[i].name, STR("filter[")))
			names[n++] = r->params[i].name;
	if (n == 0)
		return true;
	sort_texts(names, n);
	struct buf b;
	buf_init(&b, r->arena);
	buf_add(&b, STR("Unsupported query parameter(s): "));
	for (size_t i = 0; i < n; i++) {
		if (i && str_eq(names[i], names[i - 1]))
			continue;
		if (i)
			buf_add(&b, STR(", "));
		buf_add(&b, names[i]);
	}
	nemo_refuse(r, buf_str(&b));
	return false;
}

bool nemo_list_check(struct nemo_list *l, const char *const *further)
{
	static const char *const always[] = { "page", "page_size", "sort", "filter", NULL };
	return check_params(l, always, further);
}

bool nemo_list_check_only(struct nemo_list *l, const char *const *allowed)
{
	static const char *const nothing[] = { NULL };
	return check_params(l, allowed, nothing);
}

bool nemo_list_query(struct nemo_list *l, struct query *ret)
{
	struct request *r = l->request;
	struct str detail;
	query_init(ret);
	if (!nemo_filter_apply(&l->filter, r->arena, ret, &detail)) {
		nemo_refuse(r, detail);
		return false;
	}
	ret->want_total = true;
	ret->deadline_ns = utime_monotonic() + r->conf->query_ms * NS_PER_MS;
	return true;
}

size_t nemo_list_offset(const struct nemo_list *l)
{
	/* After any last page, and far from an overflow of offset + limit. */
	const int64_t far = INT64_MAX / 4;
	int64_t offset;
	if (__builtin_mul_overflow(l->page - 1, l->page_size, &offset) || offset > far)
		return (size_t)far;
	return (size_t)offset;
}

void nemo_list_open(struct nemo_list *l)
{
	struct request *r = l->request;
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	api_report_damage(r, &l->view);
	json_writer_init(&l->writer, &r->response->body);
	json_object(&l->writer);
	json_key(&l->writer, STR("data"));
	json_array(&l->writer);
}

void nemo_list_row(struct nemo_list *l)
{
	l->n_rows++;
	response_flush_if_large(l->request->response);
}

void nemo_list_close(struct nemo_list *l, uint64_t total, struct str sort)
{
	struct json_writer *w = &l->writer;
	uint64_t size = (uint64_t)l->page_size;
	api_report_damage(l->request, &l->view);
	json_end(w);
	json_key(w, STR("pagination"));
	json_object(w);
	if (l->page == INT64_MAX) /* the page is empty, but the answer repeats the number */
		json_member_raw(w, STR("page"),
			param_int_digits(
				l->request->arena, request_param(l->request, STR("page"))->value));
	else
		json_member_i64(w, STR("page"), l->page);
	json_member_i64(w, STR("page_size"), l->page_size);
	json_member_i64(w, STR("current_page_size"), (int64_t)l->n_rows);
	json_member_i64(w, STR("total_pages"), (int64_t)(total / size + (total % size != 0)));
	json_member_i64(w, STR("total_results"), (int64_t)total);
	json_end(w);
	json_member_text(w, STR("sort"), sort);
	if (!l->request->conf->filter_echo_canonical)
		json_member_raw(w, STR("filter"), l->filter.echo);
	else if (!str_is_null(l->filter.canonical))
		json_member_raw(w, STR("filter"), l->filter.canonical);
}

void nemo_list_end(struct nemo_list *l)
{
	json_end(&l->writer);
}

/* Sorts by -started_at or started_at. Rows of the same time are sorted by trace_id, span_id and
 * source. */
static void sort_by_start(struct query *q, bool descending)
{
	q->sort[0] = (struct sort_key){ .field = FIELD_STARTED_AT, .descending = descending };
	q->sort[1] = (struct sort_key){ .field = FIELD_TRACE_ID };
	q->sort[2] = (struct sort_key){ .field = FIELD_SPAN_ID };
	q->sort[3] = (struct sort_key){ .field = FIELD_SOURCE };
	q->n_sort = 4;
}

/* Returns an estimate of the bytes that will be written. */
static size_t rows_bytes(const struct row_list *rows, enum nemo_mode mode)
{
	enum { SHORT_BYTES = 1024 };
	size_t n = 0;
	for (size_t i = 0; i < rows->n; i++)
		n += mode == NEMO_DETAILED ? rows->rows[i].len : SHORT_BYTES;
	return n;
}

static void write_spans(
	struct nemo_list *l, const struct row_list *rows, struct str sort, enum nemo_mode mode)
{
	struct arena *a = l->request->arena;
	struct field_set want = nemo_span_fields(mode);
	nemo_list_open(l);
	response_expect(l->request->response, rows_bytes(rows, mode));
	engine_prefetch(&l->view, rows);
	for (size_t i = 0; i < rows->n; i++) {
		struct arena_mark mark = arena_mark(a);
		struct span s;
		enum err e = engine_fetch(&l->view, rows->rows[i], &want, &s, NULL);
		if (e == ERR_NOT_FOUND)
			continue;
		if (e) {
			api_fail(l->request, &dialect_nemo, e);
			return;
		}
		nemo_span_render(&l->writer, a, l->workspace, &s, mode);
		nemo_list_row(l);
		arena_rewind(a, mark);
	}
	nemo_list_close(l, rows->total, sort);
	nemo_list_end(l);
}

void nemo_spans_list(struct request *r)
{
	static const struct str sorts[] = { { "started_at", 10 }, { "-started_at", 11 } };
	static const char *const further[] = { "mode", NULL };
	struct nemo_list l;
	if (!nemo_list_begin(r, NEMO_FILTER_SPANS, &l))
		return;
	nemo_list_page(&l);
	size_t sort = param_choice(r, STR("sort"), sorts, 2, 1, STR("enum"), &l.problems);
	size_t mode = param_choice(r, STR("mode"), nemo_mode_names, NEMO_MODE__MAX, NEMO_DETAILED,
		STR("literal_error"), &l.problems);
	struct query q;
	if (nemo_list_check(&l, further) && nemo_list_query(&l, &q)) {
		sort_by_start(&q, sort == 1);
		q.offset = nemo_list_offset(&l);
		q.limit = (size_t)l.page_size;
		struct row_list rows;
		enum err e = engine_list(&l.view, &q, &rows);
		if (e)
			api_fail(r, &dialect_nemo, e);
		else
			write_spans(&l, &rows, sorts[sort], mode);
	}
	view_close(&l.view);
}

void nemo_span_get(struct request *r)
{
	struct str workspace = r->captures[0], id = r->captures[1];
	struct view v;
	if (!api_view(r, workspace, &dialect_nemo, &v))
		return;
	struct span s;
	bool is_found;
	enum err e = engine_get(&v, STR_NULL, STR_NULL, json_encode(r->arena, id), &s, &is_found);
	if (e) {
		api_fail(r, &dialect_nemo, e);
	} else if (!is_found) {
		nemo_not_found(r, "Span", workspace, id);
		api_report_damage(r, &v); /* it may have been in one of them */
	} else {
		struct json_writer w;
		r->response->status = 200;
		r->response->type = CONTENT_JSON;
		api_report_damage(r, &v);
		json_writer_init(&w, &r->response->body);
		nemo_span_render(&w, r->arena, workspace, &s, NEMO_DETAILED);
	}
	view_close(&v);
}
