#include "api/nemo/filter.h"
#include "store/notes.h"

/* clang-format off */
static const struct nemo_filter_field span_fields[] = {
	{ "span_id",		FIELD_SPAN_ID,		NEMO_USE_COLUMN, NULL },
	{ "session_id",		FIELD_SESSION_ID,	NEMO_USE_COLUMN, NULL },
	{ "trace_id",		FIELD_TRACE_ID,		NEMO_USE_COLUMN, NULL },
	{ "parent_span_id",	FIELD_PARENT_SPAN_ID,	NEMO_USE_COLUMN, NULL },
	{ "source",		FIELD_SOURCE,		NEMO_USE_COLUMN, NULL },
	{ "kind",		FIELD_KIND,		NEMO_USE_KIND, NULL },
	{ "status",		FIELD_STATUS,		NEMO_USE_STATUS, NULL },
	{ "started_at",		FIELD_STARTED_AT,	NEMO_USE_TIME, NULL },
	{ "project",		FIELD_PROJECT,		NEMO_USE_ATTRIBUTE, NULL },
	{ "evaluation_id",	FIELD_EVALUATION_ID,	NEMO_USE_ATTRIBUTE, NULL },
	{ "evaluation_name",	FIELD_EVALUATION_ID,	NEMO_USE_ATTRIBUTE, NULL },
	{ "experiment_id",	FIELD_EVALUATION_ID,	NEMO_USE_ATTRIBUTE, NULL },
	{ "evaluation_sha",	FIELD_EVALUATION_SHA,	NEMO_USE_ATTRIBUTE, NULL },
	{ "evaluation_run_id",	FIELD_EVALUATION_RUN_ID, NEMO_USE_ATTRIBUTE, NULL },
	{ "dataset_id",		FIELD_DATASET_ID,	NEMO_USE_ATTRIBUTE, NULL },
	{ "dataset_name",	FIELD_DATASET_NAME,	NEMO_USE_ATTRIBUTE, NULL },
	{ "dataset_version",	FIELD_DATASET_VERSION,	NEMO_USE_ATTRIBUTE, NULL },
	{ "test_case_id",	FIELD_TEST_CASE_ID,	NEMO_USE_ATTRIBUTE, NULL },
	{ "test_case_name",	FIELD_TEST_CASE_ID,	NEMO_USE_ATTRIBUTE, NULL },
	{ "model",		FIELD_MODEL,		NEMO_USE_ATTRIBUTE, NULL },
	{ "tool_name",		FIELD_TOOL_NAME,	NEMO_USE_ATTRIBUTE, NULL },
	{ "provider",		FIELD_PROVIDER,		NEMO_USE_ATTRIBUTE, NULL },
	{ "agent_id",		FIELD_AGENT_ID,		NEMO_USE_ATTRIBUTE, NULL },
	{ "agent_name",		FIELD_AGENT_NAME,	NEMO_USE_ATTRIBUTE, NULL },
	{ "prompt_name",	FIELD_PROMPT_NAME,	NEMO_USE_ATTRIBUTE, NULL },
	{ "prompt_version",	FIELD_PROMPT_VERSION,	NEMO_USE_ATTRIBUTE, NULL },
};

static const struct nemo_filter_field trace_fields[] = {
	{ "id",			FIELD_TRACE_ID,		NEMO_USE_ID, NULL },
	{ "session_id",		FIELD_SESSION_ID,	NEMO_USE_COLUMN, NULL },
	{ "status",		FIELD_STATUS,		NEMO_USE_STATUS, NULL },
	{ "started_at",		FIELD_STARTED_AT,	NEMO_USE_TIME, NULL },
	{ "experiment_id",	FIELD_EVALUATION_ID,	NEMO_USE_CONTEXT, NULL },
	{ "evaluation_id",	FIELD_EVALUATION_ID,	NEMO_USE_CONTEXT, NULL },
	{ "evaluation_name",	FIELD_EVALUATION_ID,	NEMO_USE_CONTEXT, NULL },
	{ "test_case_id",	FIELD_TEST_CASE_ID,	NEMO_USE_CONTEXT, NULL },
	{ "test_case_name",	FIELD_TEST_CASE_ID,	NEMO_USE_CONTEXT, NULL },
};

static const struct nemo_filter_field annotation_fields[] = {
	{ "span_id",		NOTE_FIELD_SPAN_ID,	NEMO_USE_COLUMN, NULL },
	{ "session_id",		NOTE_FIELD_SESSION_ID,	NEMO_USE_COLUMN, NULL },
	{ "kind",		NOTE_FIELD_CATEGORY,	NEMO_USE_COLUMN, "feedback, label, note, metadata" },
	{ "name",		NOTE_FIELD_NAME,	NEMO_USE_COLUMN, NULL },
	{ "value_text",		NOTE_FIELD_VALUE,	NEMO_USE_COLUMN, NULL },
	{ "value_numeric",	NOTE_FIELD_VALUE,	NEMO_USE_NUMBER, NULL },
	{ "created_by",		NOTE_FIELD_CREATED_BY,	NEMO_USE_COLUMN, NULL },
	{ "created_at",		0,			NEMO_USE_TIME,	 NULL },
};

static const struct nemo_filter_field result_fields[] = {
	{ "span_id",		NOTE_FIELD_SPAN_ID,	NEMO_USE_COLUMN, NULL },
	{ "session_id",		NOTE_FIELD_SESSION_ID,	NEMO_USE_COLUMN, NULL },
	{ "name",		NOTE_FIELD_NAME,	NEMO_USE_COLUMN, NULL },
	{ "data_type",		NOTE_FIELD_VALUE_TYPE,	NEMO_USE_COLUMN, "NUMERIC, BOOLEAN, CATEGORICAL, TEXT" },
	{ "value",		NOTE_FIELD_VALUE,	NEMO_USE_NUMBER, NULL },
	{ "created_by",		NOTE_FIELD_CREATED_BY,	NEMO_USE_COLUMN, NULL },
	{ "created_at",		0,			NEMO_USE_TIME,	 NULL },
};
/* clang-format on */

/* Fields that NeMo has in everything it stores. They pass the check of names, and are refused later
 * where nothing serves them. */
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
	[NEMO_FILTER_ANNOTATIONS] = { annotation_fields, COUNT(annotation_fields) },
	[NEMO_FILTER_RESULTS] = { result_fields, COUNT(result_fields) },
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
