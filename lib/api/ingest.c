#include "api/ingest.h"

bool ingest_refuse(struct request *r, const struct dialect *d, enum err e)
{
	struct str detail = e == ERR_TOO_LARGE ? STR("A span is too large to be stored.")
					       : api_workspace_detail(r, r->workspace, e);
	route_error(r, d, e, detail, NULL);
	return false;
}

bool ingest_may_create(const struct request *r)
{
	return r->conf->create_workspaces || str_eq(r->workspace, r->conf->workspace);
}

static enum err ingest_append(struct request *r, const struct span *spans, size_t n_spans,
	const struct note *notes, size_t n_notes)
{
	struct append t;
	enum err e = append_begin(
		&t, &api_app(r)->store, r->workspace, ingest_may_create(r), r->arena, r->now_ns);
	if (e)
		return e;
	for (size_t i = 0; i < n_spans; i++)
		append_add(&t, &spans[i]);
	for (size_t i = 0; i < n_notes && !e; i++)
		e = notes_add(&t, &notes[i]);
	if (!e)
		return append_commit(&t);
	append_abort(&t);
	return e;
}

bool ingest_store(struct request *r, const struct dialect *d, struct span *spans, size_t n_spans,
	const struct note *notes, size_t n_notes)
{
	struct pricing pricing = api_pricing(r);
	enum err e = ERR_OK;
	pricing_apply(&pricing, r->arena, spans, n_spans);
	if (n_notes)
		e = ingest_append(r, spans, n_spans, notes, n_notes);
	else if (n_spans)
		e = store_append(&api_app(r)->store, r->workspace, ingest_may_create(r), r->arena,
			spans, n_spans, r->now_ns);
	return e == ERR_OK || ingest_refuse(r, d, e);
}
