#include "api/nemo_filter.h"

/* clang-format off */
static const struct nemo_filter_field span_fields[] = {
	{ "session_id",		FIELD_SESSION_ID,	NEMO_USE_COLUMN },
	{ "trace_id",		FIELD_TRACE_ID,		NEMO_USE_COLUMN },
	{ "parent_span_id",	FIELD_PARENT_SPAN_ID,	NEMO_USE_COLUMN },
	{ "source",		FIELD_SOURCE,		NEMO_USE_COLUMN },
	{ "kind",		FIELD_KIND,		NEMO_USE_KIND },
	{ "status",		FIELD_STATUS,		NEMO_USE_STATUS },
	{ "started_at",		FIELD_STARTED_AT,	NEMO_USE_TIME },
	{ "project",		FIELD_PROJECT,		NEMO_USE_ATTRIBUTE },
	{ "evaluation_id",	FIELD_EVALUATION_ID,	NEMO_USE_ATTRIBUTE },
	{ "evaluation_name",	FIELD_EVALUATION_ID,	NEMO_USE_ATTRIBUTE },
	{ "experiment_id",	FIELD_EVALUATION_ID,	NEMO_USE_ATTRIBUTE },
	{ "evaluation_sha",	FIELD_EVALUATION_SHA,	NEMO_USE_ATTRIBUTE },
	{ "evaluation_run_id",	FIELD_EVALUATION_RUN_ID, NEMO_USE_ATTRIBUTE },
	{ "dataset_id",		FIELD_DATASET_ID,	NEMO_USE_ATTRIBUTE },
	{ "dataset_name",	FIELD_DATASET_NAME,	NEMO_USE_ATTRIBUTE },
	{ "dataset_version",	FIELD_DATASET_VERSION,	NEMO_USE_ATTRIBUTE },
	{ "test_case_id",	FIELD_TEST_CASE_ID,	NEMO_USE_ATTRIBUTE },
	{ "test_case_name",	FIELD_TEST_CASE_ID,	NEMO_USE_ATTRIBUTE },
	{ "model",		FIELD_MODEL,		NEMO_USE_ATTRIBUTE },
	{ "tool_name",		FIELD_TOOL_NAME,	NEMO_USE_ATTRIBUTE },
	{ "provider",		FIELD_PROVIDER,		NEMO_USE_ATTRIBUTE },
	{ "agent_id",		FIELD_AGENT_ID,		NEMO_USE_ATTRIBUTE },
	{ "agent_name",		FIELD_AGENT_NAME,	NEMO_USE_ATTRIBUTE },
	{ "prompt_name",	FIELD_PROMPT_NAME,	NEMO_USE_ATTRIBUTE },
	{ "prompt_version",	FIELD_PROMPT_VERSION,	NEMO_USE_ATTRIBUTE },
};

static const struct nemo_filter_field trace_fields[] = {
	{ "id",			FIELD_TRACE_ID,		NEMO_USE_ID },
	{ "session_id",		FIELD_SESSION_ID,	NEMO_USE_COLUMN },
	{ "status",		FIELD_STATUS,		NEMO_USE_STATUS },
	{ "started_at",		FIELD_STARTED_AT,	NEMO_USE_TIME },
	{ "experiment_id",	FIELD_EVALUATION_ID,	NEMO_USE_CONTEXT },
	{ "evaluation_id",	FIELD_EVALUATION_ID,	NEMO_USE_CONTEXT },
	{ "evaluation_name",	FIELD_EVALUATION_ID,	NEMO_USE_CONTEXT },
	{ "test_case_id",	FIELD_TEST_CASE_ID,	NEMO_USE_CONTEXT },
	{ "test_case_name",	FIELD_TEST_CASE_ID,	NEMO_USE_CONTEXT },
};
/* clang-format on */

/* Fields that NeMo knows of everything it stores: they pass the check of names, and are refused
 * later where nothing serves them. */
static const char *const base_fields[] = { "id", "name", "workspace", "created_at", "updated_at",
	"entity_type", "project" };

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

_Static_assert(COUNT(span_fields) + COUNT(base_fields) <= NEMO_FILTER_NAMES_MAX, "too few names");
_Static_assert(COUNT(trace_fields) + COUNT(base_fields) <= NEMO_FILTER_NAMES_MAX, "too few names");

static const struct {
	const struct nemo_filter_field *fields;
	size_t n;
} models[] = {
	[NEMO_FILTER_SPANS] = { span_fields, COUNT(span_fields) },
	[NEMO_FILTER_TRACES] = { trace_fields, COUNT(trace_fields) },
};

static const char *const op_text[NEMO_OP__MAX] = {
#define X(name, text) text,
	NEMO_OP_LIST(X)
#undef X
};

struct str nemo_op_name(enum nemo_op op)
{
	return str_from_c(op_text[op]);
}

const struct nemo_filter_field *nemo_filter_field(enum nemo_filter_of of, struct str name)
{
	for (size_t i = 0; i < models[of].n; i++)
		if (str_eq(name, str_from_c(models[of].fields[i].name)))
			return &models[of].fields[i];
	return NULL;
}

bool nemo_filter_knows(enum nemo_filter_of of, struct str name)
{
	if (str_starts(name, STR("data.")) || nemo_filter_field(of, name))
		return true;
	for (size_t i = 0; i < COUNT(base_fields); i++)
		if (str_eq(name, str_from_c(base_fields[i])))
			return true;
	return false;
}

size_t nemo_filter_names(enum nemo_filter_of of, struct str ret[static NEMO_FILTER_NAMES_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < models[of].n; i++)
		ret[n++] = str_from_c(models[of].fields[i].name);
	for (size_t i = 0; i < COUNT(base_fields); i++)
		ret[n++] = str_from_c(base_fields[i]);
	return n;
}
