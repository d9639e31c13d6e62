/* Creates, gets, lists, updates and deletes documents of any family. */
#include "api/opik/documents/documents.h"

/* ---- Create ---- */

struct opik_posted {
	const struct opik_family *family;
	struct str id, name, body;
};

/* Reads the body of a POST; false: answered. */
static bool opik_document_read(struct request *r, struct opik_posted *ret)
{
	struct json body;
	struct opik_reader rd;
	struct buf b;
	struct json_writer w;
	struct str project = STR_NULL;
	const struct opik_family *f = ret->family;
	if (!opik_body(r, &body))
		return false;
	opik_reader_init(&rd, r);
	buf_init(&b, r->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	opik_members_write(&rd, f->members, body, (struct json){ JSON_NONE, STR_NULL }, &w);
	if (!opik_document_read_id(&rd, json_get(body, STR("id")), &ret->id) ||
		!opik_reader_check(&rd))
		return false;
	if (f->has_project && !opik_document_project(r, body, &project))
		return false;
	if (!str_is_null(project))
		json_member_body(&w, STR("project_id"), project);
	if (f->check && !f->check(r, body, &w))
		return false;
	json_end(&w);
	ret->body = buf_str(&b);
	ret->name = json_body(json_get(json_open(ret->body), STR("name")));
	return true;
}

void opik_document_create(struct request *r)
{
	struct opik_posted p = { .family = opik_family_of(r) };
	const struct opik_family *f = p.family;
	struct documents_change c;
	struct documents all;
	if (!opik_document_read(r, &p) || !opik_documents_begin(r, f->kind, STR_NULL, &c, &all))
		return;
	const struct document *same = documents_by_id(&all, p.id);
	/* The answer to the first POST may have been lost: the same id and name is a repetition. */
	bool is_repeated =
		same && (f->keeps_first || str_eq(opik_document_text(same, STR("name")), p.name));
	bool is_taken = !f->keeps_first && p.name.len && opik_document_by_name(&all, p.name);
	if (is_repeated || same || is_taken) {
		documents_end(&c);
		if (is_repeated)
			opik_created(r, p.id);
		else
			opik_document_taken(r, f, p.name);
		return;
	}
	struct document d = opik_document_new(r, f->kind, STR_NULL, p.id);
	d.body = p.body;
	if (opik_documents_commit(r, &c, &d, 1))
		opik_created(r, p.id);
}

/* ---- Get and list ---- */

void opik_document_get(struct request *r)
{
	struct opik_documents d;
	struct json_writer w;
	struct str id;
	const struct opik_family *f = opik_family_of(r);
	if (!opik_document_id(r, 0, &id) || !opik_documents_open(&d, r, f))
		return;
	const struct document *one = documents_by_id(&d.all, id);
	if (one) {
		r->response->type = CONTENT_JSON;
		json_writer_init(&w, &r->response->body);
		enum err e = opik_document_render(&d, one, &w, false);
		if (e)
			api_fail(r, &dialect_opik, e);
	} else {
		opik_document_missing(r, f, id);
	}
	opik_documents_close(&d);
}

/* True when the document is what the parameters other than filters ask for. */
static bool opik_document_is_asked(struct request *r, const struct document *one)
{
	static const struct {
		struct str param, member;
	} equal[] = {
		{ { "project_id", 10 }, { "project_id", 10 } },
		{ { "projectId", 9 }, { "project_id", 10 } },
		{ { "datasetId", 9 }, { "dataset_id", 10 } },
		{ { "dataset_id", 10 }, { "dataset_id", 10 } },
		{ { "type", 4 }, { "type", 4 } },
	};
	const struct param *name = request_param(r, STR("name"));
	struct str project = r->captures[0]; /* of /projects/{}/… */
	if (project.len && !str_eq_nocase(opik_document_text(one, STR("project_id")), project))
		return false;
	if (name && !opik_has_part(json_decode(r->arena, opik_document_text(one, STR("name"))),
			    name->value))
		return false;
	for (size_t i = 0; i < sizeof equal / sizeof equal[0]; i++) {
		const struct param *p = request_param(r, equal[i].param);
		if (p && p->value.len &&
			!str_eq_nocase(opik_document_text(one, equal[i].member), p->value))
			return false;
	}
	return true;
}

/* Returns the document as an object without computed members. */
static struct json opik_document_plain(struct arena *a, const struct document *one)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
	json_member_body(&w, STR("id"), one->id);
	opik_members_copy(json_open(one->body), &w);
	opik_document_render_times(one, &w);
	json_end(&w);
	return json_open(buf_str(&b));
}

static void opik_document_page(struct opik_documents *d, struct opik_selection *s)
{
	static const char *const sortable[] = { "id", "name", "description", "created_at",
		"last_updated_at", "created_by", "last_updated_by", "tags" };
	struct request *r = d->request;
	struct json *list = arena_calloc(r->arena, d->all.n, sizeof *list);
	struct json_writer w;
	size_t n = 0, first, last;
	enum err e = ERR_OK;
	for (size_t i = 0; i < d->all.n; i++) {
		if (!opik_document_is_asked(r, &d->all.list[i]))
			continue;
		list[n] = opik_document_plain(r->arena, &d->all.list[i]);
		n += opik_selection_matches(s, list[n]);
	}
	opik_selection_sort(s, list, n);
	opik_page_begin(s, n, &w, &first, &last);
	for (size_t i = first; i < last && !e; i++) {
		struct str id = json_body(json_get(list[i], STR("id")));
		e = opik_document_render(d, documents_by_id(&d->all, id), &w, true);
	}
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		json_end(&w);
		opik_page_end(&w, sortable, sizeof sortable / sizeof sortable[0]);
	}
}

void opik_document_list(struct request *r)
{
	struct opik_documents d;
	struct opik_selection s;
	if (!opik_selection_read(&s, r) || !opik_documents_open(&d, r, opik_family_of(r)))
		return;
	opik_document_page(&d, &s);
	opik_documents_close(&d);
}

/* ---- Update ---- */

void opik_document_update(struct request *r)
{
	const struct opik_family *f = opik_family_of(r);
	struct json given;
	struct documents_change c;
	struct documents all;
	struct opik_reader rd;
	struct str id;
	if (!opik_document_id(r, 0, &id) || !opik_body(r, &given) ||
		!opik_documents_begin(r, f->kind, STR_NULL, &c, &all))
		return;
	const struct document *old = documents_by_id(&all, id);
	if (!old) {
		struct opik_family of_update = *f;
		documents_end(&c);
		if (!str_is_null(f->missing_update))
			of_update.missing = f->missing_update;
		opik_document_missing(r, &of_update, id);
		return;
	}
	opik_reader_init(&rd, r);
	struct str body = opik_members_over(&rd, f->members, given, json_open(old->body));
	if (!opik_reader_check(&rd)) {
		documents_end(&c);
		return;
	}
	struct str name = json_body(json_get(json_open(body), STR("name")));
	const struct document *other =
		f->keeps_first || !name.len ? NULL : opik_document_by_name(&all, name);
	if (other && other != old) {
		documents_end(&c);
		opik_document_taken(r, f, name);
		return;
	}
	struct document next = opik_document_next(r, old, body);
	if (opik_documents_commit(r, &c, &next, 1))
		opik_no_content(r);
}

/* Names are not changed for many: a name is unique. */
void opik_documents_update(struct request *r)
{
	const struct opik_family *f = opik_family_of(r);
	struct json body;
	struct opik_reader rd;
	struct documents_change c;
	struct documents all;
	struct str *ids;
	size_t n_changed = 0;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	size_t n = opik_read_ids(&rd, body, "ids", &ids);
	struct json update = json_get(body, STR("update"));
	if (update.type != JSON_OBJECT)
		opik_problem(&rd, "update must not be null");
	if (!opik_reader_check(&rd) || !opik_documents_begin(r, f->kind, STR_NULL, &c, &all))
		return;
	struct document *next = arena_calloc(r->arena, n, sizeof *next);
	update = opik_update_of(r->arena, body);
	for (size_t i = 0; i < n; i++) {
		const struct document *old = documents_by_id(&all, ids[i]);
		if (old)
			next[n_changed++] = opik_document_next(r, old,
				opik_members_over(&rd, f->members, update, json_open(old->body)));
	}
	if (!opik_reader_check(&rd))
		documents_end(&c);
	else if (opik_documents_commit(r, &c, next, n_changed))
		opik_no_content(r);
}

/* ---- Delete ---- */

static void opik_documents_drop(
	struct request *r, const struct opik_family *f, const struct str *ids, size_t n)
{
	struct documents_change c;
	struct documents all;
	size_t n_gone = 0;
	enum err e = ERR_OK;
	struct document *gone = arena_calloc(r->arena, n, sizeof *gone);
	if (!opik_documents_begin(r, f->kind, STR_NULL, &c, &all))
		return;
	for (size_t i = 0; i < n && !e; i++) {
		const struct document *one = documents_by_id(&all, ids[i]);
		if (!one)
			continue;
		if (f->drop)
			e = f->drop(&c, ids[i]);
		gone[n_gone] = opik_document_next(r, one, one->body);
		gone[n_gone++].is_deleted = true;
	}
	if (e)
		(void)opik_documents_fail(r, &c, e); /* it has answered */
	else if (opik_documents_commit(r, &c, gone, n_gone))
		opik_no_content(r);
}

void opik_document_delete(struct request *r)
{
	struct str id;
	if (opik_document_id(r, 0, &id))
		opik_documents_drop(r, opik_family_of(r), &id, 1);
}

void opik_documents_delete(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct str *ids;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	size_t n = opik_read_ids(&rd, body, "ids", &ids);
	if (opik_reader_check(&rd))
		opik_documents_drop(r, opik_family_of(r), ids, n);
}
