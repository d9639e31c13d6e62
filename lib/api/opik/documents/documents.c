#include "api/opik/documents/documents.h"

#include "api/opik/merge.h"
#include "api/opik/render.h"

#include "base/uuid.h"

/* ---- Members ---- */

static const struct opik_family *const opik_families[] = { &opik_datasets, &opik_experiments,
	&opik_prompts, &opik_environments, &opik_feedback_definitions };

/* Returns the canonical JSON of a member that the request gives, or STR_NULL. */
static struct str opik_member_read(
	struct opik_reader *rd, const struct opik_member *m, struct json v)
{
	struct str text = STR_NULL;
	int64_t n;
	switch (m->type) {
	case OPIK_MEMBER_OBJECT:
		if (v.type > JSON_NULL && v.type != JSON_OBJECT)
			opik_malformed(rd, "java.util.Map", v, "not an object");
		return opik_read_json(rd, v);
	case OPIK_MEMBER_JSON:
		return opik_read_json(rd, v);
	case OPIK_MEMBER_TEXTS:
		return opik_read_texts(rd, v);
	case OPIK_MEMBER_INT:
		return opik_read_int(rd, v, &n) ? arena_printf(rd->arena, "%lld", (long long)n)
						: STR_NULL;
	case OPIK_MEMBER_TEXT:
		text = opik_read_text(rd, v);
		break;
	case OPIK_MEMBER_UUID:
		text = opik_read_uuid(rd, v);
		break;
	case OPIK_MEMBER_CHOICE:
		text = opik_read_choice(rd, v, "java.lang.Enum", m->choices, m->n_choices);
		break;
	}
	return str_is_null(text) ? text : arena_printf(rd->arena, "\"%.*s\"", STR_ARG(text));
}

/* Returns the tags that an update leaves: tags_to_add and tags_to_remove win over tags, which
 * replace the stored ones unless they are merged. */
static struct str opik_tags_change(struct opik_reader *rd, struct json given, struct str stored)
{
	enum { TAGS_MAX = 50 };
	struct str tags = opik_read_texts(rd, json_get(given, STR("tags")));
	struct str more = opik_read_texts(rd, json_get(given, STR("tags_to_add")));
	struct str without = opik_read_texts(rd, json_get(given, STR("tags_to_remove")));
	bool merges = json_get(given, STR("merge_tags")).type == JSON_TRUE;
	size_t n = 0;
	if (!str_is_null(more) || !str_is_null(without))
		tags = opik_join_tags(rd->arena, stored, more, without, &n);
	else if (!str_is_null(tags))
		tags = opik_join_tags(rd->arena, merges ? stored : STR_NULL, tags, STR_NULL, &n);
	if (n > TAGS_MAX)
		opik_problem(rd, "Tag limit exceeded: maximum 50 tags per item");
	return tags;
}

static void opik_member_check(struct opik_reader *rd, const struct opik_member *m, struct str value)
{
	bool is_text = m->type == OPIK_MEMBER_TEXT;
	bool is_blank = !str_is_null(value) && is_text &&
			opik_is_blank(str_of(value.ptr + 1, value.len - 2));
	if (m->flags & OPIK_MEMBER_REQUIRED && (str_is_null(value) || is_blank))
		opik_problem(
			rd, arena_copy_c(rd->arena, arena_printf(rd->arena, "%s must not be %s",
							    m->name, is_text ? "blank" : "null")));
}

void opik_members_write(struct opik_reader *rd, struct opik_members m, struct json given,
	struct json stored, struct json_writer *w)
{
	for (size_t i = 0; i < m.n; i++) {
		const struct opik_member *one = &m.list[i];
		struct str name = str_from_c(one->name);
		bool is_new = stored.type == JSON_NONE;
		struct str value = STR_NULL;
		if (is_new || !(one->flags & OPIK_MEMBER_FIXED))
			value = str_eq(name, STR("tags"))
					? opik_tags_change(rd, given, json_get(stored, name).raw)
					: opik_member_read(rd, one, json_get(given, name));
		if (str_is_null(value) && !is_new)
			value = json_get(stored, name).raw;
		opik_member_check(rd, one, value);
		if (str_is_null(value) && is_new && one->otherwise)
			value = str_from_c(one->otherwise);
		if (!str_is_null(value))
			json_member_raw(w, name, value);
	}
}

struct json opik_update_of(struct arena *a, struct json body)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
	opik_members_copy(json_get(body, STR("update")), &w);
	if (json_get(body, STR("merge_tags")).type == JSON_TRUE)
		json_member_bool(&w, STR("merge_tags"), true);
	json_end(&w);
	return json_open(buf_str(&b));
}

struct str opik_members_over(
	struct opik_reader *rd, struct opik_members m, struct json given, struct json stored)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, rd->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	opik_members_write(rd, m, given, stored, &w);
	/* What no table names stays, such as the project. */
	for (struct json_iter it = json_members(stored); json_next(&it);) {
		size_t i = 0;
		while (i < m.n && !str_eq(it.key, str_from_c(m.list[i].name)))
			i++;
		if (i == m.n)
			json_member_raw(&w, it.key, it.value.raw);
	}
	json_end(&w);
	return buf_str(&b);
}

struct str opik_document_text(const struct document *d, struct str name)
{
	return json_body(json_get(json_open(d->body), name));
}

void opik_members_copy(struct json object, struct json_writer *w)
{
	for (struct json_iter it = json_members(object); json_next(&it);)
		if (it.key.len && it.key.ptr[0] != '_') {
			json_key_body(w, it.key);
			json_raw(w, it.value.raw);
		}
}

/* ---- Families ---- */

const struct opik_family *opik_family_of(const struct request *r)
{
	enum { AFTER_V1_PRIVATE = 2 };
	size_t at = AFTER_V1_PRIVATE + str_eq(r->elements[0], STR("api"));
	if (str_eq(r->elements[at], STR("projects"))) /* projects/{}/<family> */
		at += 2;
	for (size_t i = 0; i < sizeof opik_families / sizeof opik_families[0]; i++)
		if (str_eq(r->elements[at], opik_families[i]->path))
			return opik_families[i];
	return NULL; /* a row of the route table without its family */
}

static void opik_document_refuse(struct request *r, const struct opik_family *f, enum err e,
	struct str sentence, struct str what)
{
	size_t at = str_find(sentence, STR("{}"));
	if (at < sentence.len)
		sentence = arena_printf(r->arena, "%.*s%.*s%.*s", (int)at, sentence.ptr,
			STR_ARG(what), STR_ARG(str_skip(sentence, at + 2)));
	if (f->says_code)
		opik_refuse(r, e, sentence);
	else
		opik_refuse_one(r, e, sentence);
}

void opik_document_missing(struct request *r, const struct opik_family *f, struct str id)
{
	opik_document_refuse(r, f, ERR_NOT_FOUND, f->missing, id);
}

void opik_document_taken(struct request *r, const struct opik_family *f, struct str name)
{
	opik_document_refuse(r, f, ERR_CONFLICT, f->taken, json_decode(r->arena, name));
}

/* ---- Reading ---- */

bool opik_documents_read(struct request *r, const struct view *v, enum document_kind kind,
	struct str parent, struct documents *ret)
{
	enum err e = documents_read(v->dir_fd, r->arena, kind, parent, ret);
	if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

bool opik_documents_open(struct opik_documents *d, struct request *r, const struct opik_family *f)
{
	*d = (struct opik_documents){ .request = r, .family = f };
	if (!opik_view(r, &d->view))
		return false;
	if (opik_documents_read(r, &d->view, f->kind, STR_NULL, &d->all))
		return true;
	view_close(&d->view);
	return false;
}

void opik_documents_close(struct opik_documents *d)
{
	view_close(&d->view);
}

struct document *opik_document_by_name(const struct documents *all, struct str name)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq_nocase(opik_document_text(&all->list[i], STR("name")), name))
			return &all->list[i];
	return NULL;
}

bool opik_document_id(struct request *r, unsigned capture, struct str *ret)
{
	if (uuid_read(r->arena, r->captures[capture], ret))
		return true;
	opik_no_such_path(r);
	return false;
}

void opik_document_render_times(const struct document *one, struct json_writer *w)
{
	struct str by = one->created_by.len ? one->created_by : STR("admin");
	opik_render_time(w, STR("created_at"), one->created_ns);
	json_member_body(w, STR("created_by"), by);
	opik_render_time(w, STR("last_updated_at"), one->updated_ns);
	json_member_body(w, STR("last_updated_by"), one->updated_by.len ? one->updated_by : by);
}

enum err opik_document_render(
	struct opik_documents *d, const struct document *one, struct json_writer *w, bool is_page)
{
	enum err e = ERR_OK;
	json_object(w);
	json_member_body(w, STR("id"), one->id);
	opik_members_copy(json_open(one->body), w);
	if (d->family->more)
		e = d->family->more(d, one, w, is_page);
	opik_document_render_times(one, w);
	json_end(w);
	return e;
}

/* ---- Writing ---- */

bool opik_documents_fail(struct request *r, struct documents_change *c, enum err e)
{
	documents_end(c);
	if (e)
		api_fail(r, &dialect_opik, e);
	return false;
}

bool opik_documents_begin(struct request *r, enum document_kind kind, struct str parent,
	struct documents_change *c, struct documents *ret)
{
	enum err e = documents_begin(
		c, &api_app(r)->store, r->workspace, ingest_may_create(r), r->arena, r->now_ns);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID)
		opik_refuse(r, ERR_NOT_FOUND, STR("Workspace not found"));
	else if (e)
		api_fail(r, &dialect_opik, e);
	if (e)
		return false;
	e = documents_read(c->dir_fd, r->arena, kind, parent, ret);
	return !e || opik_documents_fail(r, c, e);
}

bool opik_documents_put(
	struct request *r, struct documents_change *c, struct document *list, size_t n)
{
	enum err e = documents_put(c, list, n);
	return !e || opik_documents_fail(r, c, e);
}

bool opik_documents_commit(
	struct request *r, struct documents_change *c, struct document *list, size_t n)
{
	if (!opik_documents_put(r, c, list, n))
		return false;
	documents_end(c);
	return true;
}

struct document opik_document_new(
	struct request *r, enum document_kind kind, struct str parent, struct str id)
{
	struct str by = opik_author(r);
	return (struct document){ .kind = kind,
		.id = id,
		.parent = parent,
		.created_by = by,
		.updated_by = by,
		.created_ns = r->now_ns,
		.updated_ns = r->now_ns,
		.body = STR("{}") };
}

struct document opik_document_next(struct request *r, const struct document *old, struct str body)
{
	struct document next = *old;
	next.updated_by = opik_author(r);
	next.updated_ns = r->now_ns > old->updated_ns ? r->now_ns : old->updated_ns;
	next.body = body;
	return next;
}

bool opik_document_read_id(struct opik_reader *rd, struct json given, struct str *ret)
{
	struct str id = opik_read_uuid(rd, given);
	if (!str_is_null(id) && uuid_version(id) != 7) {
		opik_refuse_with(rd->request, ERR_INVALID, STR("Invalid UUID for id"),
			STR("id must be a version 7 UUID"));
		return false;
	}
	*ret = str_is_null(id) ? opik_new_id(rd->request) : id;
	return true;
}

bool opik_document_project(struct request *r, struct json body, struct str *ret)
{
	struct opik_reader rd;
	struct projects p;
	opik_reader_init(&rd, r);
	*ret = opik_read_uuid(&rd, json_get(body, STR("project_id")));
	struct str name = opik_read_text(&rd, json_get(body, STR("project_name")));
	if (!opik_reader_check(&rd))
		return false;
	if (!str_is_null(*ret) || str_is_null(name) || opik_is_blank(name))
		return true;
	name = str_trim(name);
	enum err e = projects_ensure(&api_app(r)->store, r->workspace, ingest_may_create(r),
		r->arena, &name, 1, opik_author(r), r->now_ns, &p);
	if (e) {
		api_fail(r, &dialect_opik, e);
		return false;
	}
	const struct project *found = projects_by_name(&p, name);
	*ret = found ? found->id : STR_NULL;
	return true;
}
