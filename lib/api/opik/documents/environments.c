/*
 * Serves environments: those that were registered, and names that spans use.
 *
 * A name that only spans use has an id derived from it, by which it is registered when it is
 * changed. A deleted one stays as a document with the member "_hidden", and is listed again when a
 * later span uses it.
 */
#include "api/opik/documents/documents.h"

#include "api/opik/list.h"

enum { ENVIRONMENTS_MAX = 100 }; /* Opik's limit when its environments began */

static const struct opik_member opik_environment_members[] = {
	{ .name = "name", .flags = OPIK_MEMBER_REQUIRED },
	{ .name = "description" },
	{ .name = "color" },
	{ .name = "position", .type = OPIK_MEMBER_INT },
};

const struct opik_family opik_environments = {
	.path = { "environments", 12 },
	.kind = DOCUMENT_ENVIRONMENT,
	.members = OPIK_MEMBERS(opik_environment_members),
	.missing = { "Environment not found", 21 },
	.taken = { "Environment with name '{}' already exists in the workspace", 58 },
};

static bool opik_environment_is_hidden(const struct document *d)
{
	return json_get(json_open(d->body), STR("_hidden")).type == JSON_TRUE;
}

static struct str opik_environment_id(struct arena *a, struct str name)
{
	return project_derived_id(a, arena_printf(a, "environment %.*s", STR_ARG(name)));
}

/* True when a span that began after the environment was deleted names it. */
static enum err opik_environment_is_used(
	struct opik_documents *d, const struct document *one, bool *ret)
{
	struct str name = opik_document_text(one, STR("name"));
	struct pred p = { .field = FIELD_ENVIRONMENT, .op = OP_EQ, .texts = &name, .n_values = 1 };
	struct clause clause = { &p, 1 };
	struct query q;
	struct row_list rows;
	query_init(&q);
	q.clauses = &clause;
	q.n_clauses = 1;
	q.from_ns = one->updated_ns;
	q.limit = 1;
	q.deadline_ns = opik_deadline(d->request);
	enum err e = engine_list(&d->view, &q, &rows);
	*ret = !e && rows.n > 0;
	return e;
}

/* Adds names that only spans use to the documents, and takes hidden ones away. */
static enum err opik_environments_join(struct opik_documents *d)
{
	struct group_query q = { .by = { FIELD_ENVIRONMENT }, .n_by = 1, .limit = SIZE_MAX };
	struct group_list groups;
	struct arena *a = d->request->arena;
	size_t n = 0;
	query_init(&q.spans);
	q.spans.deadline_ns = opik_deadline(d->request);
	enum err e = engine_groups(&d->view, &q, &groups);
	if (e)
		return e;
	struct document *all = arena_calloc(a, d->all.n + groups.n, sizeof *all);
	for (size_t i = 0; i < d->all.n && !e; i++) {
		bool is_shown = !opik_environment_is_hidden(&d->all.list[i]);
		if (!is_shown)
			e = opik_environment_is_used(d, &d->all.list[i], &is_shown);
		if (is_shown)
			all[n++] = d->all.list[i];
	}
	for (size_t i = 0; i < groups.n; i++) {
		struct str name = groups.rows[i].value[0];
		if (opik_document_by_name(&d->all, name))
			continue;
		all[n++] = (struct document){ .kind = DOCUMENT_ENVIRONMENT,
			.id = opik_environment_id(a, name),
			.created_ns = groups.rows[i].first_started_ns,
			.updated_ns = groups.rows[i].first_started_ns,
			.body = arena_printf(a, "{\"name\":\"%.*s\"}", STR_ARG(name)) };
	}
	d->all = (struct documents){ .list = all, .n = n };
	return e;
}

/* The names that only spans use follow the registered ones, so the list is not sorted. */
static const struct document *opik_environment_by_id(const struct documents *all, struct str id)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(all->list[i].id, id))
			return &all->list[i];
	return NULL;
}

static bool opik_environments_open(struct opik_documents *d, struct request *r)
{
	if (!opik_documents_open(d, r, &opik_environments))
		return false;
	enum err e = opik_environments_join(d);
	if (!e)
		return true;
	opik_documents_close(d);
	api_fail(r, &dialect_opik, e);
	return false;
}

/* All on one page: Opik's list has no pages. */
void opik_environments_list(struct request *r)
{
	static const char *const sortable[] = { "created_at" };
	struct opik_documents d;
	struct opik_selection s = { .request = r, .page = 1, .size = SIZE_MAX };
	struct json_writer w;
	size_t first, last;
	if (!opik_environments_open(&d, r))
		return;
	enum err e = ERR_OK;
	opik_page_begin(&s, d.all.n, &w, &first, &last);
	for (size_t i = first; i < last && !e; i++)
		e = opik_document_render(&d, &d.all.list[i], &w, true);
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		json_end(&w);
		opik_page_end(&w, sortable, 1);
	}
	opik_documents_close(&d);
}

void opik_environment_get(struct request *r)
{
	struct opik_documents d;
	struct json_writer w;
	struct str id;
	if (!opik_document_id(r, 0, &id) || !opik_environments_open(&d, r))
		return;
	const struct document *one = opik_environment_by_id(&d.all, id);
	if (one) {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		enum err e = opik_document_render(&d, one, &w, false);
		if (e)
			api_fail(r, &dialect_opik, e);
	} else {
		opik_document_missing(r, &opik_environments, id);
	}
	opik_documents_close(&d);
}

/* Returns the members of a request over those that are stored. */
static struct str opik_environment_body(
	struct opik_reader *rd, struct json given, struct json stored)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, rd->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	opik_members_write(rd, opik_environments.members, given, stored, &w);
	json_end(&w);
	return buf_str(&b);
}

void opik_environment_create(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct documents_change c;
	struct documents all;
	struct str id;
	size_t n = 0;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str text = opik_environment_body(&rd, body, (struct json){ JSON_NONE, STR_NULL });
	if (!opik_document_read_id(&rd, json_get(body, STR("id")), &id) ||
		!opik_reader_check(&rd) ||
		!opik_documents_begin(r, DOCUMENT_ENVIRONMENT, STR_NULL, &c, &all))
		return;
	struct document d = opik_document_new(r, DOCUMENT_ENVIRONMENT, STR_NULL, id);
	d.body = text;
	struct str name = opik_document_text(&d, STR("name"));
	const struct document *same = opik_document_by_name(&all, name);
	for (size_t i = 0; i < all.n; i++)
		n += !opik_environment_is_hidden(&all.list[i]);
	bool is_taken = same && !opik_environment_is_hidden(same);
	if (is_taken && str_eq(same->id, id)) { /* the same request again */
		documents_end(&c);
		opik_created(r, id);
	} else if (is_taken) {
		documents_end(&c);
		opik_document_taken(r, &opik_environments, name);
	} else if (n >= ENVIRONMENTS_MAX) {
		documents_end(&c);
		opik_refuse_one(r, ERR_CONFLICT,
			STR("Workspace already has the maximum of 100 environments"));
	} else {
		/* One that was hidden is replaced. */
		struct document both[2] = { d, d };
		if (same) {
			both[0] = opik_document_next(r, same, same->body);
			both[0].is_deleted = true;
		}
		if (opik_documents_commit(r, &c, both + !same, 1 + (same != NULL)))
			opik_created(r, id);
	}
}

/* Finds what is registered, or what only spans name, before the change begins. */
static bool opik_environments_find(struct request *r, struct documents *ret)
{
	struct opik_documents d;
	if (!opik_environments_open(&d, r))
		return false;
	*ret = d.all;
	for (size_t i = 0; i < ret->n; i++) {
		struct document *one = &ret->list[i];
		one->id = arena_copy(r->arena, one->id);
		one->body = arena_copy(r->arena, one->body);
	}
	opik_documents_close(&d);
	return true;
}

void opik_environment_update(struct request *r)
{
	struct json given;
	struct opik_reader rd;
	struct documents_change c;
	struct documents shown, all;
	struct str id;
	if (!opik_document_id(r, 0, &id) || !opik_body(r, &given) ||
		!opik_environments_find(r, &shown))
		return;
	const struct document *old = opik_environment_by_id(&shown, id);
	if (!old) {
		opik_document_missing(r, &opik_environments, id);
		return;
	}
	opik_reader_init(&rd, r);
	struct document next =
		opik_document_next(r, old, opik_environment_body(&rd, given, json_open(old->body)));
	if (!opik_reader_check(&rd) ||
		!opik_documents_begin(r, DOCUMENT_ENVIRONMENT, STR_NULL, &c, &all))
		return;
	struct str name = opik_document_text(&next, STR("name"));
	const struct document *other = opik_document_by_name(&all, name);
	if (other && !str_eq(other->id, id) && !opik_environment_is_hidden(other)) {
		documents_end(&c);
		opik_document_taken(r, &opik_environments, name);
	} else if (opik_documents_commit(r, &c, &next, 1)) {
		opik_no_content(r);
	}
}

void opik_environments_delete(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct documents_change c;
	struct documents shown, all;
	struct str *ids;
	size_t n_gone = 0;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	size_t n = opik_read_ids(&rd, body, "ids", &ids);
	if (!opik_reader_check(&rd) || !opik_environments_find(r, &shown) ||
		!opik_documents_begin(r, DOCUMENT_ENVIRONMENT, STR_NULL, &c, &all))
		return;
	struct document *gone = arena_calloc(r->arena, n, sizeof *gone);
	for (size_t i = 0; i < n; i++) {
		const struct document *one = opik_environment_by_id(&shown, ids[i]);
		if (!one)
			continue;
		struct str name = opik_document_text(one, STR("name"));
		gone[n_gone++] = opik_document_next(r, one,
			arena_printf(
				r->arena, "{\"name\":\"%.*s\",\"_hidden\":true}", STR_ARG(name)));
	}
	if (opik_documents_commit(r, &c, gone, n_gone))
		opik_no_content(r);
}
