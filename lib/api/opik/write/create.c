/* Handles POST of spans and traces, one or many. */
#include "api/opik/trace_ids.h"
#include "api/opik/write/item.h"
#include "api/opik/write/write.h"

#include "base/uuid.h"

/* Returns a row made from a POST. */
static struct span opik_create_new_row(
	const struct opik_write *w, const struct opik_item *item, const struct project *p)
{
	struct span s = item->span;
	if (w->of == OPIK_TRACES) {
		span_set_text(&s, FIELD_TRACE_ID, span_text(&s, FIELD_SPAN_ID));
		span_set_text(&s, FIELD_NATIVE_TYPE, STR(OPIK_TRACE_TYPE));
	}
	span_set_text(&s, FIELD_SOURCE, STR(OPIK_SOURCE));
	span_set_text(&s, FIELD_PROJECT, p->name);
	span_set_i64(&s, FIELD_INGESTED_AT, w->request->now_ns);
	if (!span_has(&s, FIELD_UPDATED_AT))
		span_set_i64(&s, FIELD_UPDATED_AT, w->now_us);
	span_set_text(&s, FIELD_CREATED_BY, w->author);
	span_set_text(&s, FIELD_UPDATED_BY, w->author);
	return s;
}

/* Returns the row of earlier PATCHes, completed by the POST. */
static struct span merged_row(
	const struct opik_write *w, const struct span *partial, const struct span *posted)
{
	static const enum field of_post[] = { FIELD_STARTED_AT, FIELD_TRACE_ID,
		FIELD_PARENT_SPAN_ID, FIELD_PROJECT, FIELD_UPDATED_BY };
	struct span s = *partial;
	if (w->of == OPIK_SPANS)
		span_unset(&s,
			FIELD_SESSION_ID); /* the session is that of the trace it is posted to */
	opik_fill(&s, posted);
	for (size_t i = 0; i < sizeof of_post / sizeof of_post[0]; i++)
		if (span_has(posted, of_post[i])) {
			s.value[of_post[i]] = posted->value[of_post[i]];
			field_set_add(&s.present, of_post[i]);
		}
	int64_t version = span_version(partial), posted_version = span_version(posted);
	span_set_i64(&s, FIELD_UPDATED_AT,
		posted_version > version ? posted_version : opik_next_version(w, version));
	return s;
}

static void keep_created(struct span *s, const struct span *stored)
{
	span_set_i64(s, FIELD_INGESTED_AT, span_i64(stored, FIELD_INGESTED_AT, 0));
	if (span_has(stored, FIELD_CREATED_BY))
		span_set_text(s, FIELD_CREATED_BY, span_text(stored, FIELD_CREATED_BY));
}

/* Deletes the row's earlier identity. */
static void move_row(struct opik_write *w, struct span *s, const struct span *stored)
{
	span_set_text(s, FIELD_SOURCE, span_text(stored, FIELD_SOURCE));
	if (!str_eq(span_text(s, FIELD_TRACE_ID), span_text(stored, FIELD_TRACE_ID)))
		opik_write_delete(w, stored);
}

/* ---- One ---- */

/* Returns the sentence of a 409, or NULL when the POST fits the PATCHes. */
static const char *opik_create_find_conflict(
	const struct opik_write *w, const struct span *partial, const struct span *posted)
{
	struct str old_parent = span_text(partial, FIELD_PARENT_SPAN_ID);
	if (opik_project_of(&w->projects, partial) != opik_project_of(&w->projects, posted))
		return w->of == OPIK_SPANS ? "Project name and workspace name do not match the "
					     "existing span"
					   : "Project name and workspace name do not match the "
					     "existing trace";
	if (w->of == OPIK_TRACES)
		return NULL;
	if (!str_eq(span_text(partial, FIELD_TRACE_ID), span_text(posted, FIELD_TRACE_ID)))
		return "trace_id does not match the existing span";
	if (old_parent.len && !str_eq(old_parent, span_text(posted, FIELD_PARENT_SPAN_ID)))
		return "parent_span_id does not match the existing span";
	return NULL;
}

/* Returns false when the request was answered with an error. */
static bool add_one(struct opik_write *w, struct span *s)
{
	enum err e = opik_write_add(w, s);
	if (e)
		api_fail(w->request, &dialect_opik, e);
	return !e;
}

/* Adds the row unless it was posted before. Returns false when the request was answered with an
 * error. */
static bool create_one(struct opik_write *w, struct span *posted)
{
	struct span stored;
	bool found;
	int64_t since;
	enum err e = opik_write_find(w, span_text(posted, FIELD_SPAN_ID), &stored, &found, &since);
	if (e) {
		api_fail(w->request, &dialect_opik, e);
		return false;
	}
	span_set_i64(posted, FIELD_UPDATED_AT, opik_next_version(w, since));
	if (!found)
		return add_one(w, posted);
	if (!opik_is_partial(&stored)) {
		if (w->of == OPIK_SPANS)
			return true; /* the first write wins */
		bool same = opik_project_of(&w->projects, &stored) ==
			    opik_project_of(&w->projects, posted);
		opik_refuse_one(w->request, ERR_CONFLICT,
			same ? STR("Trace already exists")
			     : STR("Project name and workspace name do not match the existing "
				   "trace"));
		return false;
	}
	const char *conflict = opik_create_find_conflict(w, &stored, posted);
	if (conflict) {
		opik_refuse_one(w->request, ERR_CONFLICT, str_from_c(conflict));
		return false;
	}
	struct span s = merged_row(w, &stored, posted);
	return add_one(w, &s);
}

/* Replaces the ids in a field of those items that are marked; marks those that were replaced. */
static enum err opik_create_resolve(struct request *r, struct view *v, enum opik_of of,
	enum field f, struct opik_item *items, size_t n, bool *marks)
{
	struct str *ids = arena_calloc(r->arena, n, sizeof *ids);
	for (size_t i = 0; i < n; i++)
		if (marks[i] && span_has(&items[i].span, f))
			ids[i] = span_text(&items[i].span, f);
	enum err e = opik_resolve(r, v, of, ids, n);
	for (size_t i = 0; i < n && !e; i++) {
		struct span *s = &items[i].span;
		int64_t ms;
		marks[i] = marks[i] && ids[i].len && !str_eq(ids[i], span_text(s, f));
		if (!marks[i])
			continue;
		if (opik_id_time(span_text(s, f), &ms))
			span_set_i64(s, FIELD_OPIK_MS, ms);
		span_set_text(s, f, ids[i]);
	}
	return e;
}

/* Replaces ids that show hex ids with the start of their trace. Returns false when the request was
 * answered with an error. */
static bool opik_create_find_started(
	struct request *r, enum opik_of of, struct opik_item *items, size_t n)
{
	struct view v;
	bool *marks = arena_calloc(r->arena, n, sizeof *marks);
	for (size_t i = 0; i < n; i++)
		marks[i] = true;
	enum err e = view_open(&api_app(r)->store, r->workspace, r->arena, &v);
	if (e) /* what is wrong will be told by the write */
		return true;
	e = opik_create_resolve(r, &v, OPIK_TRACES,
		of == OPIK_SPANS ? FIELD_TRACE_ID : FIELD_SPAN_ID, items, n, marks);
	if (!e && of == OPIK_SPANS)
		e = opik_create_resolve(r, &v, OPIK_SPANS, FIELD_PARENT_SPAN_ID, items, n, marks);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

/* Replaces ids of traces that are stored under hex ids. Returns false when the request was answered
 * with an error. */
static bool opik_create_find_traces(
	struct request *r, enum opik_of of, struct opik_item *items, size_t n)
{
	enum field f = of == OPIK_SPANS ? FIELD_TRACE_ID : FIELD_SPAN_ID;
	for (size_t i = 0; i < n; i++) {
		struct str id = span_text(&items[i].span, f);
		/* They are looked up one by one, because adding to traces of OTLP is rare. */
		if (!opik_id_is_made(opik_id_shown(r->arena, id)))
			continue;
		if (!opik_ids_of_traces(r, &id, 1))
			return false;
		span_set_text(&items[i].span, f, id);
	}
	return opik_create_find_started(r, of, items, n);
}

static struct str opik_create_name_of(const struct opik_item *item)
{
	return str_is_null(item->project_name) ? STR(PROJECT_DEFAULT_NAME) : item->project_name;
}

static void create(struct request *r, enum opik_of of)
{
	struct json body;
	struct opik_reader rd;
	struct opik_item item;
	struct opik_write w;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	opik_item_read(&rd, of, false, body, &item);
	if (!opik_reader_check(&rd))
		return;
	if (!span_has(&item.span, FIELD_SPAN_ID))
		span_set_text(&item.span, FIELD_SPAN_ID, opik_new_id(r));
	struct str id = span_text(&item.span, FIELD_SPAN_ID), name = opik_create_name_of(&item);
	if (!opik_check_id(r, of, id) || !opik_create_find_traces(r, of, &item, 1) ||
		!opik_write_begin(&w, r, of, &name, 1))
		return;
	struct span posted = opik_create_new_row(&w, &item, projects_by_name(&w.projects, name));
	if (!create_one(&w, &posted)) {
		append_abort(&w.append);
		return;
	}
	if (opik_write_end(&w))
		opik_created(r, opik_id_shown(r->arena, id));
}

void opik_span_create(struct request *r)
{
	create(r, OPIK_SPANS);
}

void opik_trace_create(struct request *r)
{
	create(r, OPIK_TRACES);
}

/* ---- Many ---- */

/* Writes a whole row over the stored one; the greater last_updated_at wins. Only a row of PATCHes
 * is merged, so that the result does not depend on the order of writes. */
static enum err upsert(struct opik_write *w, struct span *posted)
{
	struct span stored;
	bool found;
	int64_t since;
	enum err e = opik_write_find(w, span_text(posted, FIELD_SPAN_ID), &stored, &found, &since);
	if (e)
		return e;
	if (!found) {
		if (since >= span_version(posted)) /* otherwise it would stay deleted */
			span_set_i64(posted, FIELD_UPDATED_AT, opik_next_version(w, since));
		return opik_write_add(w, posted);
	}
	if (opik_is_partial(&stored)) {
		struct span s = merged_row(w, &stored, posted);
		move_row(w, &s, &stored);
		return opik_write_add(w, &s);
	}
	if (span_version(posted) < span_version(&stored))
		return ERR_OK;
	keep_created(posted, &stored);
	move_row(w, posted, &stored);
	return opik_write_add(w, posted);
}

struct batch {
	struct opik_item *items;
	struct str *names; /* names of projects, each once */
	size_t n, n_names;
};

static void opik_create_note_name(struct batch *b, struct str name)
{
	for (size_t i = 0; i < b->n_names; i++)
		if (project_name_eq(b->names[i], name))
			return;
	b->names[b->n_names++] = name;
}

/* Returns false when the request was answered with an error. */
static bool opik_create_read_batch(struct request *r, enum opik_of of, struct batch *ret)
{
	const char *key = of == OPIK_SPANS ? "spans" : "traces";
	struct json body;
	struct opik_reader rd;
	struct batch b = { .n = 0 };
	if (!opik_body(r, &body))
		return false;
	opik_reader_init(&rd, r);
	b.items = arena_calloc(r->arena, OPIK_BATCH_MAX, sizeof *b.items);
	b.names = arena_calloc(r->arena, OPIK_BATCH_MAX, sizeof *b.names);
	struct json_iter it = json_elements(opik_read_list(&rd, body, key));
	for (; json_next(&it) && b.n < OPIK_BATCH_MAX; b.n++) {
		rd.path = arena_printf(r->arena, "%s[%zu].", key, b.n);
		opik_item_read(&rd, of, false, it.value, &b.items[b.n]);
	}
	if (!opik_reader_check(&rd))
		return false;
	for (size_t i = 0; i < b.n; i++) {
		struct span *s = &b.items[i].span;
		if (!span_has(s, FIELD_SPAN_ID))
			span_set_text(s, FIELD_SPAN_ID, opik_new_id(r));
		if (!opik_check_id(r, of, span_text(s, FIELD_SPAN_ID)))
			return false;
		opik_create_note_name(&b, opik_create_name_of(&b.items[i]));
	}
	*ret = b;
	return opik_create_find_traces(r, of, b.items, b.n);
}

static void create_batch(struct request *r, enum opik_of of)
{
	struct batch b;
	struct opik_write w;
	enum err e = ERR_OK;
	if (!opik_create_read_batch(r, of, &b) || !opik_write_begin(&w, r, of, b.names, b.n_names))
		return;
	for (size_t i = 0; i < b.n && !e; i++) {
		struct span posted = opik_create_new_row(&w, &b.items[i],
			projects_by_name(&w.projects, opik_create_name_of(&b.items[i])));
		e = upsert(&w, &posted);
	}
	if (e) {
		append_abort(&w.append);
		api_fail(r, &dialect_opik, e);
		return;
	}
	if (opik_write_end(&w))
		opik_no_content(r);
}

void opik_spans_create(struct request *r)
{
	create_batch(r, OPIK_SPANS);
}

void opik_traces_create(struct request *r)
{
	create_batch(r, OPIK_TRACES);
}
