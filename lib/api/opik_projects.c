/* Projects. */
#include "api/opik_body.h"
#include "api/opik_delete.h"
#include "api/opik_print.h"

#include "base/utf8.h"
#include "base/uuid.h"

#include <stdlib.h>

enum { NAME_CHARS = 150 };

static void print_project(struct json_writer *w, const struct project *p)
{
	struct str by = p->created_by.len ? p->created_by : STR("admin");
	json_object(w);
	json_member_body(w, STR("id"), p->id);
	json_member_body(w, STR("name"), p->name);
	json_member_body(w, STR("visibility"), p->visibility.len ? p->visibility : STR("private"));
	if (p->description.len)
		json_member_body(w, STR("description"), p->description);
	opik_print_time(w, STR("created_at"), p->created_ns);
	json_member_body(w, STR("created_by"), by);
	opik_print_time(w, STR("last_updated_at"), p->updated_ns);
	json_member_body(w, STR("last_updated_by"), p->updated_by.len ? p->updated_by : by);
	json_end(w);
}

static void answer_project(struct request *r, const struct project *p)
{
	struct json_writer w;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	print_project(&w, p);
}

/* Those of the registry, and those that only spans name. False: answered. */
static bool all_projects(struct request *r, struct projects *ret)
{
	struct view v;
	struct group_query q = { .by = { FIELD_PROJECT }, .n_by = 1, .limit = SIZE_MAX };
	struct group_list list = { .n = 0 };
	if (!opik_view(r, &v))
		return false;
	query_init(&q.spans);
	q.spans.deadline_ns = opik_deadline(r);
	enum err e = projects_read(v.dir_fd, r->arena, ret);
	if (!e)
		e = engine_groups(&v, &q, &list);
	for (size_t i = 0; i < list.n && !e; i++)
		if (!projects_by_name(ret, list.rows[i].value[0]))
			(void)projects_add(ret, list.rows[i].value[0], STR_NULL, STR("admin"),
				list.rows[i].first_started_ns);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

/* ---- List ---- */

struct project_order {
	enum { BY_CREATED, BY_ID, BY_NAME, BY_UPDATED } by;
	bool descending;
};

static int compare_times(int64_t x, int64_t y)
{
	return (x > y) - (x < y);
}

static int compare_projects(const void *x, const void *y, void *order_)
{
	const struct project *a = x, *b = y;
	const struct project_order *order = order_;
	int c = order->by == BY_NAME      ? str_cmp(a->name, b->name)
		: order->by == BY_ID      ? str_cmp(a->id, b->id)
		: order->by == BY_UPDATED ? compare_times(a->updated_ns, b->updated_ns)
					  : compare_times(a->created_ns, b->created_ns);
	if (!c)
		c = str_cmp(a->id, b->id);
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

/* False: answered. */
static bool read_order(struct request *r, struct project_order *ret)
{
	static const char *const names[] = { "created_at", "id", "name", "last_updated_at" };
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
	for (unsigned i = 0; i < 4; i++)
		if (str_eq(field, str_from_c(names[i]))) {
			ret->by = i;
			ret->descending = json_body_is(
				json_body(json_get(it.value, STR("direction"))), STR("DESC"));
		}
	return true;
}

void opik_projects_list(struct request *r)
{
	static const char *const sortable[] = { "id", "name", "last_updated_at", "created_at" };
	struct projects p;
	struct project_order order;
	struct json_writer w;
	const struct param *name = request_param(r, STR("name"));
	size_t page, size, n = 0, shown = 0;
	if (!opik_read_count(r, "page", 1, &page) || !opik_read_count(r, "size", 10, &size) ||
		!read_order(r, &order) || !all_projects(r, &p))
		return;
	for (size_t i = 0; i < p.n; i++)
		if (!name || has_part(r->arena, p.list[i].name, name->value))
			p.list[n++] = p.list[i];
	qsort_r(p.list, n, sizeof *p.list, compare_projects, &order);
	size_t first = (page - 1) * size < n ? (page - 1) * size : n;
	size_t last = n - first < size ? n : first + size;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_i64(&w, STR("page"), (int64_t)page);
	json_member_i64(&w, STR("size"), (int64_t)(last - first));
	json_member_i64(&w, STR("total"), (int64_t)n);
	json_key(&w, STR("content"));
	json_array(&w);
	for (size_t i = first; i < last; i++, shown++)
		print_project(&w, &p.list[i]);
	json_end(&w);
	for (unsigned k = 0; k < 2; k++) {
		json_key(&w, k ? STR("sortableBy") : STR("sortable_by"));
		json_array(&w);
		for (size_t i = 0; i < sizeof sortable / sizeof sortable[0]; i++)
			json_text(&w, str_from_c(sortable[i]));
		json_end(&w);
	}
	json_end(&w);
}

/* ---- One ---- */

static void not_found(struct request *r)
{
	opik_refuse_one(r, ERR_NOT_FOUND, STR("Project not found"));
}

void opik_project_get(struct request *r)
{
	struct projects p;
	struct str id;
	if (!uuid_read(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	if (!all_projects(r, &p))
		return;
	const struct project *one = projects_by_id(&p, id);
	if (one)
		answer_project(r, one);
	else
		not_found(r);
}

void opik_project_retrieve(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct projects p;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str name = opik_read_text(&rd, json_get(body, STR("name")));
	if (str_is_null(name) || opik_is_blank(name))
		opik_problem(&rd, "name must not be blank");
	if (!opik_reader_check(&rd) || !all_projects(r, &p))
		return;
	const struct project *one = projects_by_name(&p, str_trim(name));
	if (one)
		answer_project(r, one);
	else
		opik_not_found(r, "Project name", json_decode(r->arena, name));
}

/* What a request says of a project. */
struct project_change {
	struct request *request;
	struct str id, name, description, visibility;
	struct str by;
	bool is_found;
};

/* False: answered. */
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

static enum err add_project(void *user, struct projects *p, bool *ret_changed)
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
	enum err e = projects_change(
		&api_app(r)->store, r->workspace, opik_may_create(r), r->arena, add_project, &c);
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

/* First its spans: should it stop half-way, it is still there to be deleted again. */
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
