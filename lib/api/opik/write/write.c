#include "api/opik/write/write.h"

#include "base/utime.h"
#include "base/uuid.h"
#include "span/normalise.h"

const char *opik_title(enum opik_of of)
{
	return of == OPIK_SPANS ? "Span" : "Trace";
}

bool opik_check_id(struct request *r, enum opik_of of, struct str id)
{
	/* A hex id has no version. */
	if (id.len != UUID_TEXT || uuid_version(id) == 7)
		return true;
	opik_refuse_with(r, ERR_INVALID, STR("Invalid UUID for id"),
		arena_printf(r->arena, "%s id must be a version 7 UUID", opik_title(of)));
	return false;
}

bool opik_write_begin(
	struct opik_write *w, struct request *r, enum opik_of of, const struct str *names, size_t n)
{
	const struct store *s = &api_app(r)->store;
	bool create = ingest_may_create(r);
	*w = (struct opik_write){ .request = r,
		.of = of,
		.author = opik_author(r),
		.now_us = opik_now_us(r),
		.pricing = api_pricing(r) };
	w->pricing.is_opik = true;
	enum err e = projects_ensure(
		s, r->workspace, create, r->arena, names, n, w->author, r->now_ns, &w->projects);
	if (!e)
		e = append_begin(&w->append, s, r->workspace, create, r->arena, r->now_ns);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID)
		opik_refuse(r, ERR_NOT_FOUND, STR("Workspace not found"));
	else if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}

bool opik_write_end(struct opik_write *w)
{
	enum err e = append_commit(&w->append);
	if (e)
		api_fail(w->request, &dialect_opik, e);
	return !e;
}

enum err opik_write_find(
	struct opik_write *w, struct str id, struct span *ret, bool *ret_found, int64_t *ret_since)
{
	struct span s;
	bool found;
	bool is_trace = w->of == OPIK_TRACES;
	/* A span is identified by its id alone, so that a request that names another trace is
	 * refused. */
	enum err e = append_find(&w->append, is_trace ? STR(OPIK_SOURCE) : STR_NULL,
		is_trace ? id : STR_NULL, id, &s, &found);
	if (e)
		return e;
	*ret_found = found && !s.is_deleted && opik_is_trace_row(&s) == is_trace;
	*ret_since = found && s.is_deleted ? span_version(&s) : 0;
	if (*ret_found)
		*ret = s;
	return ERR_OK;
}

static enum err opik_write_find_session(struct opik_write *w, const struct span *s)
{
	struct arena *a = w->request->arena;
	struct str trace_id = span_text(s, FIELD_TRACE_ID);
	struct span trace;
	bool found;
	if (w->session_id.len && str_eq(trace_id, w->trace_id))
		return ERR_OK;
	enum err e = append_find(&w->append, STR(OPIK_SOURCE), trace_id, trace_id, &trace, &found);
	if (e)
		return e;
	struct str thread =
		found && !trace.is_deleted ? span_text(&trace, FIELD_SESSION_ID) : STR_NULL;
	w->trace_id = trace_id;
	w->session_id = thread.len ? thread : span_derived_session(a, w->request->workspace, s);
	return ERR_OK;
}

enum err opik_write_add(struct opik_write *w, struct span *s)
{
	if (w->of == OPIK_SPANS && !span_has(s, FIELD_SESSION_ID)) {
		enum err e = opik_write_find_session(w, s);
		if (e)
			return e;
		span_set_text(s, FIELD_SESSION_ID, w->session_id);
	}
	opik_complete(s);
	pricing_apply(&w->pricing, w->request->arena, s, 1);
	append_add(&w->append, s);
	return ERR_OK;
}

const struct project *opik_project_of(const struct projects *p, const struct span *s)
{
	struct str name = span_text(s, FIELD_PROJECT);
	return projects_by_name(p, name.len ? name : STR(PROJECT_DEFAULT_NAME));
}

int64_t opik_next_version(const struct opik_write *w, int64_t than)
{
	/* Clients see microseconds. */
	int64_t next = than / NS_PER_US * NS_PER_US + NS_PER_US;
	return w->now_us > than ? w->now_us : next;
}

void opik_write_delete(struct opik_write *w, const struct span *s)
{
	/* A tombstone keeps the start, because it locates the deleted row. */
	static const enum field kept[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SOURCE,
		FIELD_STARTED_AT, FIELD_INGESTED_AT };
	struct span gone;
	span_init(&gone);
	gone.is_deleted = true;
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (span_has(s, kept[i])) {
			gone.value[kept[i]] = s->value[kept[i]];
			field_set_add(&gone.present, kept[i]);
		}
	span_set_i64(&gone, FIELD_UPDATED_AT, opik_next_version(w, span_version(s)));
	append_add(&w->append, &gone);
}
