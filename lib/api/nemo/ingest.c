#include "api/nemo/ingest.h"

#include "index/lookup.h"

/* Refuses an unknown workspace before the body is read, where writing creates no workspaces. */
static bool nemo_ingest_has_workspace(struct request *r)
{
	bool exists = true;
	enum err e = ERR_OK;
	if (!workspace_name_valid(r->workspace))
		e = ERR_INVALID;
	else if (!ingest_may_create(r))
		e = workspace_exists(&api_app(r)->store, r->workspace, &exists);
	if (e == ERR_OK && !exists)
		e = ERR_NOT_FOUND;
	return e == ERR_OK || ingest_refuse(r, &dialect_nemo, e);
}

bool nemo_ingest_body(struct request *r, unsigned depth, struct json *ret)
{
	return nemo_ingest_has_workspace(r) &&
	       pydantic_body(r, &dialect_nemo, r->conf->body_bytes, depth, ret);
}

bool nemo_ingest_find(struct request *r, const struct span *s, struct span *ret)
{
	struct view v;
	struct row_ref ref;
	bool is_found = false;
	if (view_open(&api_app(r)->store, r->workspace, r->arena, &v))
		return false; /* the workspace does not exist yet */
	enum err e = lookup_span(&v, span_text(s, FIELD_SOURCE), span_text(s, FIELD_TRACE_ID),
		span_text(s, FIELD_SPAN_ID), ret, &ref, &is_found);
	view_close(&v);
	return !e && is_found && !ret->is_deleted;
}

void nemo_ingest_set_text(struct span *s, struct arena *a, enum field f, struct json v)
{
	if (v.type == JSON_STRING && v.raw.len > STR("\"\"").len)
		span_set_text(s, f, json_canonical_body(a, json_body(v)));
}

/* ---- Contexts ---- */

enum {
	EVALUATION_ID,
	EVALUATION_NAME,
	EXPERIMENT_ID,
	EVALUATION_SHA,
	EVALUATION_RUN_ID,
	DATASET_ID,
	DATASET_NAME,
	DATASET_VERSION,
	TEST_CASE_ID,
	TEST_CASE_NAME,
	METADATA,
	CONTEXT__MAX
};

static const struct pydantic_field context_fields[CONTEXT__MAX] = {
	[EVALUATION_ID] = { "evaluation_id", &pydantic_str_or_null, false },
	[EVALUATION_NAME] = { "evaluation_name", &pydantic_str_or_null, false },
	[EXPERIMENT_ID] = { "experiment_id", &pydantic_str_or_null, false },
	[EVALUATION_SHA] = { "evaluation_sha", &pydantic_str_or_null, false },
	[EVALUATION_RUN_ID] = { "evaluation_run_id", &pydantic_str_or_null, false },
	[DATASET_ID] = { "dataset_id", &pydantic_str_or_null, false },
	[DATASET_NAME] = { "dataset_name", &pydantic_str_or_null, false },
	[DATASET_VERSION] = { "dataset_version", &pydantic_str_or_null, false },
	[TEST_CASE_ID] = { "test_case_id", &pydantic_str_or_null, false },
	[TEST_CASE_NAME] = { "test_case_name", &pydantic_str_or_null, false },
	[METADATA] = { "metadata", &pydantic_dict_or_null, false },
};

/* Newer and older names of one thing. Where both are given, they must be equal. */
static const struct {
	unsigned name, old;
} aliases[] = { { EVALUATION_NAME, EVALUATION_ID }, { EVALUATION_ID, EXPERIMENT_ID },
	{ EVALUATION_NAME, EXPERIMENT_ID }, { TEST_CASE_NAME, TEST_CASE_ID } };

static struct str refuse_contradiction(void *user, struct arena *a, struct json v)
{
	struct json at[CONTEXT__MAX];
	(void)user;
	pydantic_split(&nemo_evaluation_context, v, at);
	for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
		unsigned name = aliases[i].name, old = aliases[i].old;
		if (pydantic_is_set(at[name]) && pydantic_is_set(at[old]) &&
			!json_equal(a, at[name], at[old]))
			return arena_printf(a, "%s and deprecated %s must match",
				context_fields[name].name, context_fields[old].name);
	}
	return STR_NULL;
}

const struct pydantic nemo_evaluation_context = {
	.type = PYDANTIC_MODEL,
	.is_nullable = true,
	PYDANTIC_FIELDS(context_fields),
	.after = refuse_contradiction,
};

enum { ONLY_EXPERIMENT_ID, ONLY_TEST_CASE_ID };

static const struct pydantic_field experiment_fields[] = {
	[ONLY_EXPERIMENT_ID] = { "experiment_id", &pydantic_str, true },
	[ONLY_TEST_CASE_ID] = { "test_case_id", &pydantic_str_or_null, false },
};

const struct pydantic nemo_experiment_context = {
	.type = PYDANTIC_MODEL,
	.is_nullable = true,
	PYDANTIC_FIELDS(experiment_fields),
	.extra = PYDANTIC_FORBID,
};

struct str nemo_ingest_check_contexts(struct json evaluation, struct json experiment)
{
	return pydantic_is_set(evaluation) && pydantic_is_set(experiment)
		       ? STR("Use experiment_context; evaluation_context is deprecated and cannot "
			     "be combined with it")
		       : STR_NULL;
}

void nemo_ingest_set_context(
	struct span *s, struct arena *a, struct json evaluation, struct json experiment)
{
	static const struct {
		unsigned name;
		enum field field;
	} fields[] = {
		{ EXPERIMENT_ID, FIELD_EVALUATION_ID },
		{ EVALUATION_NAME, FIELD_EVALUATION_ID },
		{ EVALUATION_ID, FIELD_EVALUATION_ID },
		{ EVALUATION_SHA, FIELD_EVALUATION_SHA },
		{ EVALUATION_RUN_ID, FIELD_EVALUATION_RUN_ID },
		{ DATASET_ID, FIELD_DATASET_ID },
		{ DATASET_NAME, FIELD_DATASET_NAME },
		{ DATASET_VERSION, FIELD_DATASET_VERSION },
		{ TEST_CASE_NAME, FIELD_TEST_CASE_ID },
		{ TEST_CASE_ID, FIELD_TEST_CASE_ID },
	};
	struct json at[CONTEXT__MAX];
	/* The keys of an experiment context are also keys of an evaluation context. */
	pydantic_split(&nemo_evaluation_context,
		pydantic_is_set(evaluation) ? evaluation : experiment, at);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		nemo_ingest_set_text(s, a, fields[i].field, at[fields[i].name]);
	struct json_iter members = json_members(at[METADATA]);
	if (json_next(&members))
		span_set_text(s, FIELD_EVALUATION_METADATA, json_canonical(a, at[METADATA].raw));
}
