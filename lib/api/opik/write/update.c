/* Handles PATCH of spans and traces, one or many. */
#include "api/opik/trace_ids.h"
#include "api/opik/write/item.h"
#include "api/opik/write/write.h"

#include "base/uuid.h"

enum { TAGS_MAX = 50 };

/* Finds the project that an update names; a project named by id must exist. Returns false when the
 * request was answered with an error. */
static bool check_project_id(struct request *r, const struct opik_item *item, struct str *ret_name)
{
	struct view v;
	struct projects p;
	*ret_name =
		str_is_null(item->project_name) ? STR(PROJECT_DEFAULT_NAME) : item->project_name;
	if (str_is_null(item->project_id))
		return true;
	if (!opik_view(r, &v))
		return false;
	bool ok = opik_projects(r, &v, &p);
	view_close(&v);
	if (!ok)
		return false;
	const struct project *found = projects_by_id(&p, item->project_id);
	if (found)
		*ret_name = found->name;
	else
		opik_not_found(r, "Project id", item->project_id);
	return found != NULL;
}

/* Returns the sentence of a 409, or NULL. */
static const char *opik_update_find_conflict(
	const struct opik_write *w, const struct span *stored, const struct span *given)
{
	if (opik_project_of(&w->projects, stored) != opik_project_of(&w->projects, given))
		return w->of == OPIK_SPANS ? "Project name and workspace name do not match the "
					     "existing span"
					   : "Project name and workspace name do not match the "
					     "existing trace";
	if (w->of == OPIK_TRACES)
		return NULL;
	struct arena *a = w->request->arena;
	if (!opik_id_is_in(a, stored, FIELD_PARENT_SPAN_ID, span_text(given, FIELD_PARENT_SPAN_ID)))
		return "parent_span_id does not match the existing span";
	if (!opik_id_is_in(a, stored, FIELD_TRACE_ID, span_text(given, FIELD_TRACE_ID)))
		return "trace_id does not match the existing span";
	return NULL;
}

static enum err add_patched(struct opik_write *w, struct span *s, const struct span *given)
{
	int64_t version = span_version(s);
	opik_patch(s, given);
	span_set_i64(s, FIELD_UPDATED_AT, opik_next_version(w, version));
	span_set_text(s, FIELD_UPDATED_BY, w->author);
	if (str_eq(span_text(s, FIELD_SOURCE), STR(OPIK_SOURCE)))
		return opik_write_add(w, s);
	opik_complete_foreign(s, given);
	if (opik_changes_price(given))
		pricing_apply(&w->pricing, w->request->arena, s, 1);
	append_add(&w->append, s);
	return ERR_OK;
}

/* ---- Stored rows ---- */

/* Finds the root of a trace of another API, which stands for the trace. */
static enum err opik_update_find_root(
	struct opik_write *w, struct view *v, struct str id, struct span *ret, bool *ret_found)
{
	static const enum field looked_at[] = { FIELD_SOURCE, FIELD_SPAN_ID };
	struct field_set want = { { 0 } };
	struct trace_row row;
	struct span root;
	for (size_t i = 0; i < sizeof looked_at / sizeof looked_at[0]; i++)
		field_set_add(&want, looked_at[i]);
	*ret_found = false;
	enum err e = engine_trace_get(v, id, false, &row, ret_found);
	if (e || !*ret_found)
		return e;
	*ret_found = false;
	e = engine_fetch(v, row.root, &want, &root, NULL);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	struct str source = arena_copy(w->request->arena, span_text(&root, FIELD_SOURCE)),
		   span_id = arena_copy(w->request->arena, span_text(&root, FIELD_SPAN_ID));
	e = append_find(&w->append, source, id, span_id, ret, ret_found);
	*ret_found = !e && *ret_found && !ret->is_deleted;
	return e;
}

/* Finds the row with that id or that stands for the trace. *ret_since is that of opik_write_find().
 * Returns false when the request was answered with an error. */
static bool opik_update_find(
	struct opik_write *w, struct str id, struct span *ret, bool *ret_found, int64_t *ret_since)
{
	struct view v;
	enum err e = opik_write_find(w, id, ret, ret_found, ret_since);
	if (!e && !*ret_found && w->of == OPIK_TRACES && id.len != UUID_TEXT) {
		if (!opik_view(w->request, &v))
			return false;
		e = opik_update_find_root(w, &v, id, ret, ret_found);
		view_close(&v);
	}
	if (e)
		api_fail(w->request, &dialect_opik, e);
	return !e;
}

/* Adds a row that waits for its POST. `since` is the version of the deleted row before it. */
static enum err add_partial(
	struct opik_write *w, struct str id, const struct span *given, int64_t since)
{
	struct span s = *given;
	span_set_text(&s, FIELD_SPAN_ID, id);
	if (w->of == OPIK_TRACES) {
		span_set_text(&s, FIELD_TRACE_ID, id);
		span_set_text(&s, FIELD_NATIVE_TYPE, STR(OPIK_TRACE_TYPE));
	}
	span_set_text(&s, FIELD_SOURCE, STR(OPIK_SOURCE));
	span_set_i64(&s, FIELD_STARTED_AT, 0);
	span_set_i64(&s, FIELD_INGESTED_AT, w->request->now_ns);
	span_set_i64(&s, FIELD_UPDATED_AT, opik_next_version(w, since));
	span_set_text(&s, FIELD_CREATED_BY, w->author);
	span_set_text(&s, FIELD_UPDATED_BY, w->author);
	return opik_write_add(w, &s);
}

/* Returns false when the request was answered with an error. */
static bool update_one(struct opik_write *w, struct str id, const struct span *given)
{
	struct span stored;
	bool found;
	int64_t since;
	if (!opik_update_find(w, id, &stored, &found, &since))
		return false;
	if (!found) {
		struct str given_id = id;
		if (!opik_ids_of(w->request, w->of, &id, 1) ||
			(!str_eq(id, given_id) &&
				!opik_update_find(w, id, &stored, &found, &since)))
			return false;
	}
	if (!found && (id.len != UUID_TEXT || opik_id_is_made(id))) {
		/* Spans that arrive by OTLP would not be merged with it. */
		opik_not_found(w->request, w->of == OPIK_SPANS ? "Span id" : "Trace id",
			opik_id_shown(w->request->arena, id));
		return false;
	}
	const char *conflict = found ? opik_update_find_conflict(w, &stored, given) : NULL;
	if (conflict) {
		opik_refuse_one(w->request, ERR_CONFLICT, str_from_c(conflict));
		return false;
	}
	enum err e = found ? add_patched(w, &stored, given) : add_partial(w, id, given, since);
	if (e)
		api_fail(w->request, &dialect_opik, e);
	return !e;
}

static void opik_update_item(struct request *r, enum opik_of of)
{
	struct json body;
	struct opik_reader rd;
	struct opik_item item;
	struct opik_write w;
	struct str id, name;
	if (!opik_id_param(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	opik_item_read(&rd, of, true, body, &item);
	if (!opik_reader_check(&rd) || !opik_check_id(r, of, id) ||
		!check_project_id(r, &item, &name) || !opik_write_begin(&w, r, of, &name, 1))
		return;
	span_set_text(&item.span, FIELD_PROJECT, projects_by_name(&w.projects, name)->name);
	if (!update_one(&w, id, &item.span)) {
		append_abort(&w.append);
		return;
	}
	if (opik_write_end(&w))
		opik_no_content(r);
}

void opik_span_update(struct request *r)
{
	opik_update_item(r, OPIK_SPANS);
}

void opik_trace_update(struct request *r)
{
	opik_update_item(r, OPIK_TRACES);
}

/* ---- Many ---- */

struct many {
	struct str *ids;
	size_t n;
	struct opik_item item;
	bool merges_tags;
};

/* Returns false when the request was answered with an error. */
static bool read_many(struct request *r, enum opik_of of, struct many *ret)
{
	struct json body;
	struct opik_reader rd;
	struct many m = { .n = 0 };
	if (!opik_body(r, &body))
		return false;
	opik_reader_init(&rd, r);
	m.n = opik_read_ids(&rd, body, "ids", &m.ids);
	m.merges_tags = opik_read_bool(&rd, json_get(body, STR("merge_tags")), false);
	struct json update = json_get(body, STR("update"));
	if (update.type <= JSON_NULL) {
		opik_problem(&rd, "update must not be null");
	} else {
		rd.path = STR("update.");
		opik_item_read(&rd, of, true, update, &m.item);
	}
	*ret = m;
	return opik_reader_check(&rd);
}

/* Sets the tags of a row. Returns false when there are too many. */
static bool set_tags(
	const struct many *m, struct arena *a, const struct span *stored, struct span *given)
{
	const struct opik_item *item = &m->item;
	struct str old = span_text(stored, FIELD_TAGS), new = span_text(given, FIELD_TAGS);
	bool edits = !str_is_null(item->tags_to_add) || !str_is_null(item->tags_to_remove);
	size_t n;
	if (!edits && (!m->merges_tags || str_is_null(new)))
		return true;
	struct str tags =
		opik_join_tags(a, old, edits ? item->tags_to_add : new, item->tags_to_remove, &n);
	span_set_text(given, FIELD_TAGS, tags);
	return n <= TAGS_MAX;
}

/* Returns false when the request was answered with an error. */
static bool update_many(struct opik_write *w, const struct many *m, struct str project)
{
	struct request *r = w->request;
	for (size_t i = 0; i < m->n; i++) {
		struct span stored, given = m->item.span;
		bool found;
		int64_t since;
		if (!opik_update_find(w, m->ids[i], &stored, &found, &since))
			return false;
		if (!found ||
			(!str_is_null(project) && opik_project_of(&w->projects, &stored) !=
							  projects_by_name(&w->projects, project)))
			continue;
		span_unset(&given, FIELD_ORIGIN);
		if (!set_tags(m, r->arena, &stored, &given)) {
			opik_refuse_one(r, ERR_UNPROCESSABLE,
				STR("Tag limit exceeded: maximum 50 tags per item"));
			return false;
		}
		enum err e = add_patched(w, &stored, &given);
		if (e) {
			api_fail(r, &dialect_opik, e);
			return false;
		}
	}
	return true;
}

static void update_batch(struct request *r, enum opik_of of)
{
	struct many m;
	struct opik_write w;
	struct str name;
	if (!read_many(r, of, &m) || !check_project_id(r, &m.item, &name) ||
		!opik_ids_of(r, of, m.ids, m.n))
		return;
	bool names_one = !str_is_null(m.item.project_name) || !str_is_null(m.item.project_id);
	if (!opik_write_begin(&w, r, of, &name, names_one))
		return;
	if (!update_many(&w, &m, names_one ? name : STR_NULL)) {
		append_abort(&w.append);
		return;
	}
	if (opik_write_end(&w))
		opik_no_content(r);
}

void opik_spans_update(struct request *r)
{
	update_batch(r, OPIK_SPANS);
}

void opik_traces_update(struct request *r)
{
	update_batch(r, OPIK_TRACES);
}
