/* Handles projects. */
#include "api/opik/body.h"
#include "api/opik/read/project_stats.h"
#include "api/opik/render.h"
#include "api/opik/write/delete.h"

#include "base/utf8.h"
#include "base/uuid.h"

#include <stdlib.h>

enum { NAME_CHARS = 150 };

/* trace_ns is the last change of one of its traces, 0 when it has none. */
static void print_members(struct json_writer *w, const struct project *p, int64_t trace_ns)
{
	struct str by = p->created_by.len ? p->created_by : STR("admin");
	json_member_body(w, STR("id"), p->id);
	json_member_body(w, STR("name"), p->name);
	json_member_body(w, STR("visibility"), p->visibility.len ? p->visibility : STR("private"));
	if (p->description.len)
		json_member_body(w, STR("description"), p->description);
	opik_render_time(w, STR("created_at"), p->created_ns);
	json_member_body(w, STR("created_by"), by);
	opik_render_time(w, STR("last_updated_at"), p->updated_ns);
	json_member_body(w, STR("last_updated_by"), p->updated_by.len ? p->updated_by : by);
	if (trace_ns)
		opik_render_time(w, STR("last_updated_trace_at"), trace_ns);
}

/* Reads the registered projects and those that only spans name. When it returns false, the request
 * was answered with an error and no view is open. */
static bool open_projects(struct request *r, struct view *v, struct projects *ret)
{
	struct group_query q = { .by = { FIELD_PROJECT }, .n_by = 1, .limit = SIZE_MAX };
	struct group_list list = { .n = 0 };
	if (!opik_view(r, v))
		return false;
	query_init(&q.spans);
	q.spans.deadline_ns = opik_deadline(r);
	enum err e = projects_read(v->dir_fd, r->arena, ret);
	if (!e)
		e = engine_groups(v, &q, &list);
	for (size_t i = 0; i < list.n && !e; i++)
		if (!projects_by_name(ret, list.rows[i].value[0]))
			(void)projects_add(ret, list.rows[i].value[0], STR_NULL, STR("admin"),
				list.rows[i].first_started_ns);
	if (e) {
		view_close(v);
		api_fail(r, &dialect_opik, e);
	}
	return !e;
}

/* Returns false when the request was answered with an error. */
static bool all_projects(struct request *r, struct projects *ret)
{
	struct view v;
	if (!open_projects(r, &v, ret))
		return false;
	view_close(&v);
	return true;
}

/* ---- List ---- */

enum project_by { BY_CREATED, BY_ID, BY_NAME, BY_UPDATED, BY_TRACE_UPDATED, BY__MAX };

static const char *const order_names[BY__MAX] = { "created_at", "id", "name", "last_updated_at",
	"last_updated_trace_at" };

struct project_order {
	enum project_by by;
	bool descending;
};

struct project_row {
	const struct project *project;
	int64_t trace_ns; /* last change of one of its traces; 0 when it has none */
};

/* A page of projects: rows [first, last) of n. */
struct project_page {
	struct view view;
	struct projects all;
	struct project_row *rows;
	size_t page, n, first, last;
};

static int compare_times(int64_t x, int64_t y)
{
	return (x > y) - (x < y);
}

static int compare_rows(const void *x, const void *y, void *order_)
{
	const struct project_row *a = x, *b = y;
	const struct project *p = a->project, *q = b->project;
	const struct project_order *order = order_;
	int c = 0;
	switch (order->by) {
	case BY_CREATED:
	case BY__MAX:
		c = compare_times(p->created_ns, q->created_ns);
		break;
	case BY_ID:
		c = str_cmp(p->id, q->id);
		break;
	case BY_NAME:
		c = str_cmp(p->name, q->name);
		break;
	case BY_UPDATED:
		c = compare_times(p->updated_ns, q->updated_ns);
		break;
	case BY_TRACE_UPDATED:
		c = compare_times(a->trace_ns, b->trace_ns);
		break;
	}
	if (!c)
		c = str_cmp(p->id, q->id);
	return order->descending ? -c : c;
}

static bool has_part(struct arena *a, struct str name, struct str part)
{
	name = json_decode(a, name);
	for (size_t i = 0; i + part.len <= name.len; i++)
		if (str_starts_nocase(str_skip(name, i), part))
			return true;
	return false;
}

/* Returns false when the request was answered with an error. */
static bool opik_projects_read_order(struct request *r, struct project_order *ret)
{
	const struct param *p = request_param(r, STR("sorting"));
	struct json_error error;
	*ret = (struct project_order){ BY_CREATED, true };
	if (!p || str_trim(p->value).len == 0)
		return true;
	if (!json_check(p->value, LIMIT_DEPTH, &error) || json_open(p->value).type != JSON_ARRAY) {
		opik_refuse(r, ERR_INVALID,
			arena_printf(r->arena, "Invalid sorting query parameter '%.*s'",
				STR_ARG(p->value)));
		return false;
	}
	struct json_iter it = json_elements(json_open(p->value));
	if (!json_next(&it))
		return true;
	struct str field = json_body(json_get(it.value, STR("field")));
	for (enum project_by by = 0; by < BY__MAX; by++)
		if (str_eq(field, str_from_c(order_names[by]))) {
			ret->by = by;
			ret->descending = json_body_is(
				json_body(json_get(it.value, STR("direction"))), STR("DESC"));
		}
	return true;
}

static void put_page(struct request *r, struct project_page *p, const int64_t *times,
	struct project_order *order, size_t size)
{
	const struct param *name = request_param(r, STR("name"));
	p->rows = arena_calloc(r->arena, p->all.n, sizeof *p->rows);
	p->n = 0;
	for (size_t i = 0; i < p->all.n; i++)
		if (!name || has_part(r->arena, p->all.list[i].name, name->value))
			p->rows[p->n++] = (struct project_row){ &p->all.list[i], times[i] };
	qsort_r(p->rows, p->n, sizeof *p->rows, compare_rows, order);
	p->first = (p->page - 1) * size < p->n ? (p->page - 1) * size : p->n;
	p->last = p->n - p->first < size ? p->n : p->first + size;
}

/* When it returns false, the request was answered with an error and no view is open. */
static bool open_page(struct request *r, struct project_page *ret)
{
	struct project_order order;
	size_t size;
	if (!opik_read_count(r, "page", 1, &ret->page) || !opik_read_count(r, "size", 10, &size) ||
		!opik_projects_read_order(r, &order) || !open_projects(r, &ret->view, &ret->all))
		return false;
	int64_t *times = arena_calloc(r->arena, ret->all.n, sizeof *times);
	enum err e = opik_project_times(r, &ret->view, &ret->all, times);
	if (e) {
		view_close(&ret->view);
		api_fail(r, &dialect_opik, e);
		return false;
	}
	put_page(r, ret, times, &order, size);
	return true;
}

void opik_projects_list(struct request *r)
{
	struct project_page p;
	struct json_writer w;
	if (!open_page(r, &p))
		return;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_i64(&w, STR("page"), (int64_t)p.page);
	json_member_i64(&w, STR("size"), (int64_t)(p.last - p.first));
	json_member_i64(&w, STR("total"), (int64_t)p.n);
	json_key(&w, STR("content"));
	json_array(&w);
	for (size_t i = p.first; i < p.last; i++) {
		json_object(&w);
		print_members(&w, p.rows[i].project, p.rows[i].trace_ns);
		json_end(&w);
	}
	json_end(&w);
	for (unsigned k = 0; k < 2; k++) {
		json_key(&w, k ? STR("sortableBy") : STR("sortable_by"));
		json_array(&w);
		for (size_t i = 0; i < BY__MAX; i++)
			json_text(&w, str_from_c(order_names[i]));
		json_end(&w);
	}
	json_end(&w);
	view_close(&p.view);
}

/* Answers the statistics of the projects that the list would show. */
void opik_projects_stats(struct request *r)
{
	struct project_page p;
	struct opik_project_stats *stats;
	struct json_writer w;
	if (!open_page(r, &p))
		return;
	size_t n = p.last - p.first;
	const struct project **of = arena_calloc(r->arena, n, sizeof(struct project *));
	for (size_t i = 0; i < n; i++)
		of[i] = p.rows[p.first + i].project;
	enum err e = opik_project_stats_make(r, &p.view, &p.all, of, n, &stats);
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		json_object(&w);
		json_key(&w, STR("content"));
		json_array(&w);
		for (size_t i = 0; i < n; i++) {
			json_object(&w);
			json_member_body(&w, STR("project_id"), of[i]->id);
			opik_project_stats_render(stats, i, &w);
			json_end(&w);
		}
		json_end(&w);
		json_end(&w);
	}
	opik_project_stats_release(stats);
	view_close(&p.view);
}

/* ---- One ---- */

static void not_found(struct request *r)
{
	opik_refuse_one(r, ERR_NOT_FOUND, STR("Project not found"));
}

/* with_time adds the last change of a trace, for which all traces are read. with_stats adds their
 * statistics. */
static enum err answer_project(struct request *r, struct view *v, const struct projects *all,
	const struct project *p, bool with_time, bool with_stats)
{
	struct json_writer w;
	struct opik_project_stats *stats = NULL;
	int64_t *times = arena_calloc(r->arena, all->n, sizeof *times);
	enum err e = with_time ? opik_project_times(r, v, all, times) : ERR_OK;
	if (!e && with_stats)
		e = opik_project_stats_make(r, v, all, &p, 1, &stats);
	if (!e) {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		json_object(&w);
		print_members(&w, p, times[p - all->list]);
		if (stats)
			opik_project_stats_render(stats, 0, &w);
		json_end(&w);
	}
	if (stats)
		opik_project_stats_release(stats);
	return e;
}

void opik_project_get(struct request *r)
{
	struct view v;
	struct projects p;
	struct str id;
	enum err e = ERR_OK;
	if (!uuid_read(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	if (!open_projects(r, &v, &p))
		return;
	const struct project *one = projects_by_id(&p, id);
	if (one)
		e = answer_project(r, &v, &p, one, true, false);
	else
		not_found(r);
	if (e)
		api_fail(r, &dialect_opik, e);
	view_close(&v);
}

void opik_project_retrieve(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct view v;
	struct projects p;
	enum err e = ERR_OK;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str name = opik_read_text(&rd, json_get(body, STR("name")));
	bool with_stats = opik_read_bool(&rd, json_get(body, STR("include_stats")), false);
	with_stats = opik_read_bool(&rd, json_get(body, STR("detailed")), false) || with_stats;
	if (str_is_null(name) || opik_is_blank(name))
		opik_problem(&rd, "name must not be blank");
	if (!opik_reader_check(&rd) || !open_projects(r, &v, &p))
		return;
	const struct project *one = projects_by_name(&p, str_trim(name));
	if (one)
		e = answer_project(r, &v, &p, one, with_stats, with_stats);
	else
		opik_not_found(r, "Project name", json_decode(r->arena, name));
	if (e)
		api_fail(r, &dialect_opik, e);
	view_close(&v);
}

/* The members that a request may change. */
struct project_change {
	struct request *request;
	struct str id, name, description, visibility;
	struct str by;
	bool is_found;
};

/* Returns false when the request was answered with an error. */
static bool read_change(struct request *r, bool is_new, struct project_change *ret)
{
	static const struct str visibilities[] = { { "private", 7 }, { "public", 6 } };
	struct json body;
	struct opik_reader rd;
	if (!opik_body(r, &body))
		return false;
	opik_reader_init(&rd, r);
	*ret = (struct project_change){ .request = r, .by = opik_author(r) };
	ret->name = opik_read_text(&rd, json_get(body, STR("name")));
	ret->description = opik_read_text(&rd, json_get(body, STR("description")));
	ret->visibility = opik_read_choice(&rd, json_get(body, STR("visibility")),
		"com.comet.opik.api.Visibility", visibilities, 2);
	if (str_is_null(ret->name) ? is_new : opik_is_blank(ret->name))
		opik_problem(&rd, "name must not be blank");
	if (!str_is_null(ret->name)) {
		ret->name = str_trim(ret->name);
		if (utf8_length(json_decode(r->arena, ret->name)) > NAME_CHARS)
			opik_problem(&rd, "name cannot exceed 150 characters");
	}
	return opik_reader_check(&rd);
}

static void answer_change(struct request *r, enum err e)
{
	if (e == ERR_CONFLICT)
		opik_refuse_one(r, e, STR("Project already exists"));
	else if (e == ERR_NOT_FOUND || e == ERR_INVALID)
		opik_refuse(r, ERR_NOT_FOUND, STR("Workspace not found"));
	else
		api_fail(r, &dialect_opik, e);
}

static enum err opik_projects_add_project(void *user, struct projects *p, bool *ret_changed)
{
	struct project_change *c = user;
	if (projects_by_name(p, c->name))
		return ERR_CONFLICT;
	struct project *added =
		projects_add(p, c->name, opik_new_id(c->request), c->by, c->request->now_ns);
	added->description = c->description;
	added->visibility = c->visibility;
	c->id = added->id;
	*ret_changed = true;
	return ERR_OK;
}

void opik_project_create(struct request *r)
{
	struct project_change c;
	if (!read_change(r, true, &c))
		return;
	enum err e = projects_change(&api_app(r)->store, r->workspace, ingest_may_create(r),
		r->arena, opik_projects_add_project, &c);
	if (e)
		answer_change(r, e);
	else
		opik_created(r, c.id);
}

static void keep_name(struct project *p, struct arena *a)
{
	struct str *former = arena_calloc(a, p->n_former + 1, sizeof *former);
	for (size_t i = 0; i < p->n_former; i++)
		former[i] = p->former[i];
	former[p->n_former++] = p->name;
	p->former = former;
}

static enum err change_project(void *user, struct projects *p, bool *ret_changed)
{
	struct project_change *c = user;
	struct project *one = projects_by_id(p, c->id);
	if (!one)
		return ERR_OK;
	c->is_found = true;
	struct project *other = c->name.len ? projects_by_name(p, c->name) : NULL;
	if (other && other != one)
		return ERR_CONFLICT;
	if (c->name.len && !str_eq(c->name, one->name)) {
		keep_name(one, p->arena);
		one->name = c->name;
	}
	if (!str_is_null(c->description))
		one->description = c->description;
	if (!str_is_null(c->visibility))
		one->visibility = c->visibility;
	one->updated_by = c->by;
	one->updated_ns = c->request->now_ns;
	*ret_changed = true;
	return ERR_OK;
}

void opik_project_update(struct request *r)
{
	struct project_change c;
	struct str id;
	if (!uuid_read(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	if (!read_change(r, false, &c))
		return;
	c.id = id;
	enum err e = projects_change(
		&api_app(r)->store, r->workspace, false, r->arena, change_project, &c);
	if (e)
		answer_change(r, e);
	else if (!c.is_found)
		not_found(r);
	else
		opik_no_content(r);
}

/* ---- Deleting ---- */

static enum err remove_project(void *user, struct projects *p, bool *ret_changed)
{
	const struct str *id = user;
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++)
		if (!str_eq(p->list[i].id, *id))
			p->list[n++] = p->list[i];
	*ret_changed = n != p->n;
	p->n = n;
	return ERR_OK;
}

/* Deletes the spans first, so that a deletion that stops half-way can be repeated. */
static bool delete_one(struct request *r, struct str id)
{
	struct projects p;
	if (!all_projects(r, &p))
		return false;
	const struct project *one = projects_by_id(&p, id);
	if (!one)
		return true;
	if (str_eq(id, STR(PROJECT_DEFAULT_ID))) {
		opik_refuse_one(r, ERR_CONFLICT, STR("Cannot delete default project"));
		return false;
	}
	if (!opik_delete_project(r, &p, one))
		return false;
	enum err e = projects_change(
		&api_app(r)->store, r->workspace, false, r->arena, remove_project, &id);
	if (e)
		answer_change(r, e);
	return !e;
}

void opik_project_delete(struct request *r)
{
	struct str id;
	if (!uuid_read(r->arena, r->captures[0], &id))
		opik_no_such_path(r);
	else if (delete_one(r, id))
		opik_no_content(r);
}

void opik_projects_delete(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct str *ids;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	size_t n = opik_read_ids(&rd, body, "ids", &ids);
	if (!opik_reader_check(&rd))
		return;
	for (size_t i = 0; i < n; i++)
		if (!delete_one(r, ids[i]))
			return;
	opik_no_content(r);
}
