#include "api/scale/scale.h"

const struct str scale_type_names[SCALE_TYPE__MAX] = {
#define X(name, kind) [SCALE_TYPE_##name] = { #name, sizeof #name - 1 },
	SCALE_TYPE_LIST(X)
#undef X
};

const struct str scale_status_names[SCALE_STATUS__MAX] = {
	[SCALE_SUCCESS] = { "SUCCESS", 7 },
	[SCALE_ERROR] = { "ERROR", 5 },
	[SCALE_CANCELED] = { "CANCELED", 8 },
};

enum kind scale_type_kind(enum scale_type t)
{
	static const unsigned char kinds[SCALE_TYPE__MAX] = {
#define X(name, kind) [SCALE_TYPE_##name] = KIND_##kind,
		SCALE_TYPE_LIST(X)
#undef X
	};
	return (enum kind)kinds[t];
}

enum scale_type scale_kind_type(enum kind k)
{
	static const unsigned char types[KIND__MAX] = {
		[KIND_UNKNOWN] = SCALE_TYPE_STANDALONE,
		[KIND_LLM] = SCALE_TYPE_COMPLETION,
		[KIND_CHAIN] = SCALE_TYPE_STANDALONE,
		[KIND_TOOL] = SCALE_TYPE_CUSTOM,
		[KIND_RETRIEVER] = SCALE_TYPE_KB_RETRIEVAL,
		[KIND_EMBEDDING] = SCALE_TYPE_CUSTOM,
		[KIND_AGENT] = SCALE_TYPE_AGENT_WORKFLOW,
		[KIND_RERANKER] = SCALE_TYPE_RERANKING,
		[KIND_EVALUATOR] = SCALE_TYPE_EVALUATION,
		[KIND_GUARDRAIL] = SCALE_TYPE_GUARDRAIL,
	};
	return (enum scale_type)types[k];
}

enum scale_type scale_type_from_name(struct str name)
{
	for (unsigned t = 0; t < SCALE_TYPE__MAX; t++)
		if (str_eq(scale_type_names[t], name))
			return (enum scale_type)t;
	return SCALE_TYPE__MAX;
}

enum scale_type scale_type_of(const struct span *s)
{
	enum scale_type t = scale_type_from_name(span_text(s, FIELD_NATIVE_TYPE));
	if (t < SCALE_TYPE__MAX)
		return t;
	return scale_kind_type((enum kind)span_i64(s, FIELD_KIND, KIND_UNKNOWN));
}

enum status scale_status_ours(enum scale_status s)
{
	static const unsigned char statuses[SCALE_STATUS__MAX] = {
		[SCALE_SUCCESS] = STATUS_SUCCESS,
		[SCALE_ERROR] = STATUS_ERROR,
		[SCALE_CANCELED] = STATUS_CANCELLED,
	};
	return (enum status)statuses[s];
}

enum scale_status scale_status_of(enum status s)
{
	return s == STATUS_ERROR       ? SCALE_ERROR
	       : s == STATUS_CANCELLED ? SCALE_CANCELED
				       : SCALE_SUCCESS;
}

/* clang-format off */
const struct scale_shown scale_shown[] = {
#define SHOWN(name, key) { FIELD_##name, { key, sizeof key - 1 } }
	SHOWN(SOURCE,			"source"),
	SHOWN(KIND,			"kind"),
	SHOWN(PROJECT,			"project"),
	SHOWN(ENVIRONMENT,		"environment"),
	SHOWN(USER_ID,			"user_id"),
	SHOWN(PROVIDER,			"provider"),
	SHOWN(MODEL,			"model"),
	SHOWN(TOOL_NAME,		"tool_name"),
	SHOWN(AGENT_ID,			"__agent_id__"),	/* Agentex writes them */
	SHOWN(AGENT_NAME,		"__agent_name__"),
	SHOWN(PROMPT_ID,		"prompt_id"),
	SHOWN(PROMPT_NAME,		"prompt_name"),
	SHOWN(PROMPT_VERSION,		"prompt_version"),
	SHOWN(EVALUATION_ID,		"evaluation_id"),
	SHOWN(EVALUATION_SHA,		"evaluation_sha"),
	SHOWN(EVALUATION_RUN_ID,	"evaluation_run_id"),
	SHOWN(DATASET_ID,		"dataset_id"),
	SHOWN(DATASET_NAME,		"dataset_name"),
	SHOWN(DATASET_VERSION,		"dataset_version"),
	SHOWN(TEST_CASE_ID,		"test_case_id"),
	SHOWN(EVALUATION_METADATA,	"evaluation_metadata"),
	SHOWN(CACHED_TOKENS,		"cached_tokens"),
	SHOWN(TOTAL_TOKENS,		"total_tokens"),
	SHOWN(USAGE_DETAILS,		"usage_details"),
	SHOWN(COST_TOTAL_USD,		"cost_total_usd"),
	SHOWN(COST_INPUT_USD,		"cost_input_usd"),
	SHOWN(COST_OUTPUT_USD,		"cost_output_usd"),
	SHOWN(COST_DETAILS,		"cost_details"),
	SHOWN(TTFT_MS,			"ttft_ms"),
	SHOWN(TAGS,			"tags"),
	SHOWN(ERROR_TYPE,		"error_type"),		/* Scale's SDK writes them */
	SHOWN(ERROR_MESSAGE,		"error_message"),
	SHOWN(ERROR_TRACEBACK,		"error_traceback"),
#undef SHOWN
};
/* clang-format on */
_Static_assert(sizeof scale_shown / sizeof scale_shown[0] <= 64, "a bit for each");
const size_t scale_n_shown = sizeof scale_shown / sizeof scale_shown[0];

bool scale_is_own(const struct span *s)
{
	return str_eq(span_text(s, FIELD_SOURCE), SCALE_SOURCE);
}
