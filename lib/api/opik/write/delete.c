/* Deletes spans and traces with their notes. Deleting what does not exist succeeds. */
#include "api/opik/write/delete.h"
#include "api/sort.h"

#include "api/opik/list.h"
#include "api/opik/trace_ids.h"
#include "store/attachments.h"

#include "base/uuid.h"

/* Rows that one transaction deletes. A struct span takes about 1 KiB of memory. */
enum { ROWS_AT_ONCE = 2000 };

void opik_deletion_init(struct opik_deletion *d, struct arena *a)
{
	*d = (struct opik_deletion){ .arena = a };
	string_pool_init(&d->keep, a);
}

void opik_deletion_release(struct opik_deletion *d)
{
	if (d->rows)
		d->rows = arena_block(d->arena, d->rows, 0);
	string_pool_release(&d->keep);
}

/* True for the rows that opik_rows_of() selects for traces. */
static bool stands_for_trace(const struct span *s)
{
	return opik_is_trace_row(s) ||
	       (!str_eq(span_text(s, FIELD_SOURCE), STR(OPIK_SOURCE)) && span_is_root(s));
}

bool opik_deletion_add(void *user, const struct span *s, struct row_ref ref)
{
	struct opik_deletion *d = user;
	(void)ref;
	if (d->n == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 64;
		d->rows = arena_block(d->arena, d->rows, d->cap * sizeof *d->rows);
	}
	d->rows[d->n++] = (struct opik_deletion_row){ .source = string_pool_copy(
							      &d->keep, span_text(s, FIELD_SOURCE)),
		.trace_id = string_pool_copy(&d->keep, span_text(s, FIELD_TRACE_ID)),
		.span_id = string_pool_copy(&d->keep, span_text(s, FIELD_SPAN_ID)),
		.started_ns = span_i64(s, FIELD_STARTED_AT, 0),
		.ingested_ns = span_i64(s, FIELD_INGESTED_AT, 0),
		.version = span_version(s),
		.is_trace = stands_for_trace(s) };
	return true;
}

struct field_set opik_deletion_fields(void)
{
	static const enum field fields[] = { FIELD_SOURCE, FIELD_TRACE_ID, FIELD_SPAN_ID,
		FIELD_PARENT_SPAN_ID, FIELD_NATIVE_TYPE, FIELD_STARTED_AT, FIELD_INGESTED_AT,
		FIELD_UPDATED_AT };
	struct field_set set = { { 0 } };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		field_set_add(&set, fields[i]);
	return set;
}

/* Adds tombstones of the notes about a target. */
static enum err delete_notes(
	struct opik_write *w, struct notes *notes, enum note_about about, struct str id)
{
	const struct note_row *row = notes_first(notes, about, id);
	enum err e = ERR_OK;
	for (; row && !e; row = notes_next(notes, row)) {
		struct note n;
		e = notes_fetch(notes, row, &n);
		n.is_deleted = true;
		if (!e && w->request->now_ns > n.updated_ns)
			n.updated_ns = w->request->now_ns;
		if (!e)
			e = notes_add(&w->append, &n);
	}
	return e;
}

static void delete_row(struct opik_write *w, const struct opik_deletion_row *row)
{
	struct span s;
	span_init(&s);
	span_set_text(&s, FIELD_SOURCE, row->source);
	span_set_text(&s, FIELD_TRACE_ID, row->trace_id);
	span_set_text(&s, FIELD_SPAN_ID, row->span_id);
	span_set_i64(&s, FIELD_STARTED_AT, row->started_ns);
	span_set_i64(&s, FIELD_INGESTED_AT, row->ingested_ns);
	span_set_i64(&s, FIELD_UPDATED_AT, row->version);
	opik_write_delete(w, &s);
}

/* The rows of one transaction. */
struct part {
	const struct opik_deletion_row *rows;
	size_t n;
	struct opik_named named;
};

/* Removes the attachments of the rows and of the named ids. */
static bool delete_attachments(struct request *r, const struct part *part)
{
	struct str *ids = arena_calloc(r->arena, part->n + part->named.n, sizeof *ids);
	size_t n = 0;
	for (size_t i = 0; i < part->named.n; i++)
		ids[n++] = part->named.ids[i];
	if (part->named.of == OPIK_TRACES || part->named.n == 0)
		for (size_t i = 0; i < part->n; i++)
			ids[n++] = part->rows[i].span_id;
	enum err e = attachments_remove_of(
		&api_app(r)->store, r->workspace, r->arena, ids, n, r->now_ns);
	if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

/* Returns false when the request was answered with an error. */
static bool delete_part(struct request *r, struct view *v, struct part part)
{
	struct opik_write w;
	struct notes notes;
	enum err e = notes_open(v, 1u << NOTE_SCORE | 1u << NOTE_COMMENT, &notes);
	if (e) {
		api_fail(r, &dialect_opik, e);
		return false;
	}
	if (!opik_write_begin(&w, r, OPIK_SPANS, NULL, 0)) {
		notes_close(&notes);
		return false;
	}
	for (size_t i = 0; i < part.n && !e; i++) {
		delete_row(&w, &part.rows[i]);
		if (part.named.of == OPIK_TRACES || part.named.n == 0)
			e = delete_notes(&w, &notes, NOTE_ABOUT_SPAN, part.rows[i].span_id);
	}
	for (size_t i = 0; i < part.named.n && !e; i++)
		e = delete_notes(&w, &notes,
			part.named.of == OPIK_TRACES ? NOTE_ABOUT_TRACE : NOTE_ABOUT_SPAN,
			part.named.ids[i]);
	notes_close(&notes);
	if (e) {
		append_abort(&w.append);
		api_fail(r, &dialect_opik, e);
		return false;
	}
	return opik_write_end(&w) && delete_attachments(r, &part);
}

bool opik_deletion_run(
	struct request *r, struct view *v, const struct opik_deletion *d, struct opik_named named)
{
	size_t i = 0;
	do {
		struct arena_mark mark = arena_mark(r->arena);
		struct part part = { d->rows + i, d->n - i, named };
		if (i > 0)
			part.named.n = 0;
		if (part.n > ROWS_AT_ONCE)
			part.n = ROWS_AT_ONCE;
		if (!delete_part(r, v, part))
			return false;
		arena_rewind(r->arena, mark);
		i += ROWS_AT_ONCE;
	} while (i < d->n);
	return true;
}

/* Deletes all matching rows, then answers 204. */
static bool delete_matching(
	struct request *r, struct view *v, const struct query *q, struct opik_named named)
{
	struct opik_deletion d;
	struct field_set want = opik_deletion_fields();
	opik_deletion_init(&d, r->arena);
	enum err e = engine_each(v, q, &want, opik_deletion_add, &d);
	bool ok = !e && opik_deletion_run(r, v, &d, named);
	if (e)
		api_fail(r, &dialect_opik, e);
	opik_deletion_release(&d);
	return ok;
}

/* ---- Spans ---- */

static void delete_span(struct request *r, struct view *v, struct str id)
{
	struct opik_deletion d;
	struct span s;
	bool found;
	enum err e = engine_get(v, STR_NULL, STR_NULL, id, &s, &found);
	if (e) {
		api_fail(r, &dialect_opik, e);
		return;
	}
	opik_deletion_init(&d, r->arena);
	if (found && !opik_is_trace_row(&s))
		(void)opik_deletion_add(&d, &s, (struct row_ref){ 0, 0, 0 });
	if (opik_deletion_run(r, v, &d, (struct opik_named){ OPIK_SPANS, &id, 1 }))
		opik_no_content(r);
	opik_deletion_release(&d);
}

void opik_span_delete(struct request *r)
{
	struct view v;
	struct str id;
	if (!opik_id_param(r->arena, r->captures[0], &id)) {
		opik_no_such_path(r);
		return;
	}
	if (!opik_ids_of_spans(r, &id, 1) || !opik_view(r, &v))
		return;
	delete_span(r, &v, id);
	view_close(&v);
}

/* The body {"ids":[…],"project_id":…}, or that of a search: a project and filters. */
struct doomed_ids {
	struct str *ids;
	size_t n;
	struct str project_id; /* STR_NULL: any */
};

static bool opik_delete_read_ids(struct request *r, struct json body, struct doomed_ids *ret)
{
	struct opik_reader rd;
	opik_reader_init(&rd, r);
	ret->n = opik_read_ids(&rd, body, "ids", &ret->ids);
	ret->project_id = opik_read_uuid(&rd, json_get(body, STR("project_id")));
	return opik_reader_check(&rd);
}

/* Returns the ids of the traces among the rows, each once. The notes about the trace of a single
 * deleted span stay. */
static struct str *traces_of(struct arena *a, const struct opik_deletion *d, size_t *ret_n)
{
	struct str *ids = arena_calloc(a, d->n, sizeof *ids);
	size_t n = 0, n_once = 0;
	for (size_t i = 0; i < d->n; i++)
		if (d->rows[i].is_trace)
			ids[n++] = d->rows[i].trace_id;
	sort_texts(ids, n);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !str_eq(ids[i], ids[i - 1]))
			ids[n_once++] = ids[i];
	*ret_n = n_once;
	return ids;
}

/* Deletes the matching rows of a project, and nothing when the project does not exist. clauses are
 * those of q, with room for one more. */
static bool delete_in_project(struct request *r, struct view *v, enum opik_of of, struct query *q,
	struct clause *clauses, struct str id)
{
	struct projects p;
	struct opik_deletion d;
	struct field_set want = opik_deletion_fields();
	bool is_there;
	if (!opik_projects(r, v, &p))
		return false;
	opik_deletion_init(&d, r->arena);
	enum err e = opik_find_project(r, v, &p, id, &clauses[q->n_clauses], &is_there);
	q->n_clauses++;
	if (!e && is_there)
		e = engine_each(v, q, &want, opik_deletion_add, &d);
	struct opik_named named = { .of = of };
	if (of == OPIK_TRACES)
		named.ids = traces_of(r->arena, &d, &named.n);
	bool ok = !e && opik_deletion_run(r, v, &d, named);
	if (e)
		api_fail(r, &dialect_opik, e);
	opik_deletion_release(&d);
	return ok;
}

static void delete_by_ids(struct request *r, enum opik_of of, struct json body)
{
	struct view v;
	struct doomed_ids of_body;
	struct query q;
	struct clause clauses[OPIK_ROWS_CLAUSES + 1];
	if (!opik_delete_read_ids(r, body, &of_body) ||
		!opik_ids_of(r, of, of_body.ids, of_body.n) || !opik_view(r, &v))
		return;
	enum field f = of == OPIK_SPANS ? FIELD_SPAN_ID : FIELD_TRACE_ID;
	struct pred p = opik_in_set(r->arena, f, of_body.ids, of_body.n);
	struct opik_named named = { of, of_body.ids, of_body.n };
	query_init(&q);
	if (of == OPIK_SPANS)
		q.n_clauses = opik_rows_of(of, r->arena, clauses);
	clauses[q.n_clauses++] = (struct clause){ &p, 1 };
	q.clauses = clauses;
	q.deadline_ns = opik_deadline(r);
	if (str_is_null(of_body.project_id)
			? delete_matching(r, &v, &q, named)
			: delete_in_project(r, &v, of, &q, clauses, of_body.project_id))
		opik_no_content(r);
	view_close(&v);
}

bool opik_delete_traces_of(struct request *r, struct view *v, const struct opik_deletion *d)
{
	struct query q;
	size_t n;
	struct str *ids = traces_of(r->arena, d, &n);
	struct pred p = opik_in_set(r->arena, FIELD_TRACE_ID, ids, n);
	struct clause c = { &p, 1 };
	query_init(&q);
	q.clauses = &c;
	q.n_clauses = 1;
	q.deadline_ns = opik_deadline(r);
	return delete_matching(r, v, &q, (struct opik_named){ OPIK_TRACES, ids, n });
}

static void delete_by_filters(struct request *r, enum opik_of of, struct json body)
{
	struct opik_list *l = arena_alloc(r->arena, sizeof *l);
	struct opik_deletion d;
	struct field_set want = opik_deletion_fields();
	if (!opik_list_json(l, r, of, body) || !opik_list_open(l))
		return;
	opik_deletion_init(&d, r->arena);
	enum err e = opik_list_each(l, &want, opik_deletion_add, &d);
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else if (of == OPIK_SPANS) {
		if (opik_deletion_run(r, &l->view, &d, (struct opik_named){ OPIK_SPANS, NULL, 0 }))
			opik_no_content(r);
	} else if (opik_delete_traces_of(r, &l->view, &d)) {
		opik_no_content(r);
	}
	opik_deletion_release(&d);
	opik_list_close(l);
}

static void delete_many(struct request *r, enum opik_of of)
{
	struct json body;
	if (!opik_body(r, &body))
		return;
	bool by_filters = json_get(body, STR("ids")).type <= JSON_NULL &&
			  json_get(body, STR("filters")).type > JSON_NULL;
	if (by_filters)
		delete_by_filters(r, of, body);
	else
		delete_by_ids(r, of, body);
}

void opik_spans_delete(struct request *r)
{
	delete_many(r, OPIK_SPANS);
}

void opik_traces_delete(struct request *r)
{
	delete_many(r, OPIK_TRACES);
}

/* ---- Traces ---- */

static bool delete_traces(struct request *r, const struct str *ids, size_t n)
{
	struct view v;
	struct query q;
	struct pred p = opik_in_set(r->arena, FIELD_TRACE_ID, ids, n);
	struct clause c = { &p, 1 };
	if (!opik_view(r, &v))
		return false;
	query_init(&q);
	q.clauses = &c;
	q.n_clauses = 1;
	q.deadline_ns = opik_deadline(r);
	bool ok = delete_matching(r, &v, &q, (struct opik_named){ OPIK_TRACES, ids, n });
	view_close(&v);
	return ok;
}

void opik_trace_delete(struct request *r)
{
	struct str id;
	if (!opik_id_param(r->arena, r->captures[0], &id))
		opik_no_such_path(r);
	else if (opik_ids_of_traces(r, &id, 1) && delete_traces(r, &id, 1))
		opik_no_content(r);
}

/* ---- Projects ---- */

bool opik_delete_project(struct request *r, const struct projects *p, const struct project *one)
{
	struct view v;
	struct query q;
	struct opik_deletion d;
	struct field_set want = opik_deletion_fields();
	struct clause c = opik_in_project(p, r->arena, one->name, one->id);
	if (!opik_view(r, &v))
		return false;
	query_init(&q);
	q.clauses = &c;
	q.n_clauses = 1;
	q.deadline_ns = opik_deadline(r);
	opik_deletion_init(&d, r->arena);
	enum err e = engine_each(&v, &q, &want, opik_deletion_add, &d);
	if (e)
		api_fail(r, &dialect_opik, e);
	size_t n;
	struct str *ids = traces_of(r->arena, &d, &n);
	bool ok = !e && opik_deletion_run(r, &v, &d, (struct opik_named){ OPIK_TRACES, ids, n });
	opik_deletion_release(&d);
	view_close(&v);
	return ok;
}
