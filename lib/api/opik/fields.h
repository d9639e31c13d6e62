/*
 * Lists what Opik can filter by: operators, types of fields with the operators that they allow, and
 * the fields of spans, traces and threads. doc/opik.md shows the same tables.
 */
#ifndef FLATSPAN_API_OPIK_FIELDS_H
#define FLATSPAN_API_OPIK_FIELDS_H

#include "api/opik/opik.h"

/* clang-format off */
/*	name			on the wire */
#define OPIK_OPERATOR_LIST(X) \
	X(CONTAINS,		"contains") \
	X(NOT_CONTAINS,		"not_contains") \
	X(STARTS_WITH,		"starts_with") \
	X(ENDS_WITH,		"ends_with") \
	X(EQUAL,		"=") \
	X(NOT_EQUAL,		"!=") \
	X(GREATER,		">") \
	X(LESS,			"<") \
	X(GREATER_EQUAL,	">=") \
	X(LESS_EQUAL,		"<=") \
	X(IS_EMPTY,		"is_empty") \
	X(IS_NOT_EMPTY,		"is_not_empty") \
	X(IN,			"in") \
	X(NOT_IN,		"not_in")
/* clang-format on */

enum opik_operator {
#define X(name, text) OPIK_##name,
	OPIK_OPERATOR_LIST(X)
#undef X
		OPIK_OPERATOR__MAX
};

#define OPIK_CAN(op) (1u << OPIK_##op)
#define OPIK_CAN_PARTS \
	(OPIK_CAN(CONTAINS) | OPIK_CAN(NOT_CONTAINS) | OPIK_CAN(STARTS_WITH) | OPIK_CAN(ENDS_WITH))
#define OPIK_CAN_EQUAL (OPIK_CAN(EQUAL) | OPIK_CAN(NOT_EQUAL))
#define OPIK_CAN_ORDER (OPIK_CAN(GREATER) | OPIK_CAN(LESS))
#define OPIK_CAN_REACH (OPIK_CAN(GREATER_EQUAL) | OPIK_CAN(LESS_EQUAL))
#define OPIK_CAN_EMPTY (OPIK_CAN(IS_EMPTY) | OPIK_CAN(IS_NOT_EMPTY))
#define OPIK_CAN_IN (OPIK_CAN(IN) | OPIK_CAN(NOT_IN))

/* clang-format off */
/*	type			operators */
#define OPIK_TYPE_LIST(X) \
	X(STRING,		OPIK_CAN_PARTS | OPIK_CAN_EQUAL | OPIK_CAN_ORDER) \
	X(STRING_EXACT,		OPIK_CAN_PARTS | OPIK_CAN_EQUAL | OPIK_CAN_ORDER) \
	X(DATE_TIME,		OPIK_CAN_EQUAL | OPIK_CAN_ORDER | OPIK_CAN_REACH) \
	X(NUMBER,		OPIK_CAN_EQUAL | OPIK_CAN_ORDER | OPIK_CAN_REACH) \
	X(LIST,			OPIK_CAN(CONTAINS) | OPIK_CAN(NOT_CONTAINS) | OPIK_CAN_EQUAL | OPIK_CAN_EMPTY) \
	X(DICTIONARY,		OPIK_CAN_PARTS | OPIK_CAN_EQUAL | OPIK_CAN_ORDER | OPIK_CAN_EMPTY) \
	X(FEEDBACK_SCORES_NUMBER, OPIK_CAN_EQUAL | OPIK_CAN_ORDER | OPIK_CAN_REACH | OPIK_CAN_EMPTY) \
	X(ERROR_CONTAINER,	OPIK_CAN_EMPTY) \
	X(ENUM,			OPIK_CAN_EQUAL | OPIK_CAN_EMPTY | OPIK_CAN_IN) \
	X(ENUM_LEGACY,		OPIK_CAN_EQUAL) \
	X(CUSTOM,		~0u)	/* becomes a STRING or DICTIONARY */
/* clang-format on */

enum opik_type {
#define X(name, operators) OPIK_TYPE_##name,
	OPIK_TYPE_LIST(X)
#undef X
		OPIK_TYPE__MAX
};

/* The source of a field's value. */
enum opik_place {
	OPIK_PLACE_FIELD,       /* a field of the row */
	OPIK_PLACE_DURATION,    /* duration of the row in milliseconds */
	OPIK_PLACE_UPDATED,     /* updated_at, or ingested_at when the row has none */
	OPIK_PLACE_KIND,        /* the type of a span */
	OPIK_PLACE_ERROR,       /* the three fields of an error */
	OPIK_PLACE_SCORES,      /* scores of the row */
	OPIK_PLACE_SPAN_SCORES, /* scores of a trace's spans */
	OPIK_PLACE_SUM,         /* sum over a trace's spans */
	OPIK_PLACE_CUSTOM,
	OPIK_PLACE_NOTHING /* not stored here: always empty or 0 */
};

/* Sums over a trace's spans are compared through fields that a trace's row does not use;
 * opik_sums_put() sets them. A thread is matched as a row in the same way. */
enum {
	OPIK_SUM_PROMPT_TOKENS = FIELD_INPUT_TOKENS,
	OPIK_SUM_COMPLETION_TOKENS = FIELD_OUTPUT_TOKENS,
	OPIK_SUM_TOTAL_TOKENS = FIELD_TOTAL_TOKENS,
	OPIK_SUM_COST = FIELD_COST_TOTAL_USD,
	OPIK_SUM_SPANS = FIELD_CACHED_TOKENS,
	OPIK_SUM_LLM_SPANS = FIELD_REPEATS_USAGE,
	OPIK_THREAD_ID = FIELD_TRACE_ID,
	OPIK_THREAD_MODEL_ID = FIELD_PARENT_SPAN_ID,
	OPIK_THREAD_MESSAGES = FIELD_CACHED_TOKENS,
	OPIK_THREAD_FIRST = FIELD_INPUT,
	OPIK_THREAD_LAST = FIELD_OUTPUT,
	OPIK_THREAD_STATUS = FIELD_NATIVE_TYPE
};

/* clang-format off */
/*	name on the wire		type			place		field or sum */
#define OPIK_SPAN_FIELD_LIST(X) \
	X("id",				STRING_EXACT,		FIELD,		FIELD_SPAN_ID) \
	X("trace_id",			STRING_EXACT,		FIELD,		FIELD_TRACE_ID) \
	X("name",			STRING,			FIELD,		FIELD_NAME) \
	X("model",			STRING,			FIELD,		FIELD_MODEL) \
	X("provider",			STRING,			FIELD,		FIELD_PROVIDER) \
	X("input",			STRING,			FIELD,		FIELD_INPUT) \
	X("output",			STRING,			FIELD,		FIELD_OUTPUT) \
	X("error_type",			STRING,			FIELD,		FIELD_ERROR_TYPE) \
	X("error_message",		STRING,			FIELD,		FIELD_ERROR_MESSAGE)	/* flatspan's own */ \
	X("start_time",			DATE_TIME,		FIELD,		FIELD_STARTED_AT) \
	X("end_time",			DATE_TIME,		FIELD,		FIELD_ENDED_AT) \
	X("created_at",			DATE_TIME,		FIELD,		FIELD_INGESTED_AT) \
	X("last_updated_at",		DATE_TIME,		UPDATED,	FIELD_UPDATED_AT) \
	X("input_json",			DICTIONARY,		FIELD,		FIELD_INPUT) \
	X("output_json",		DICTIONARY,		FIELD,		FIELD_OUTPUT) \
	X("metadata",			DICTIONARY,		FIELD,		FIELD_METADATA) \
	X("total_estimated_cost",	NUMBER,			FIELD,		FIELD_COST_TOTAL_USD) \
	X("usage.completion_tokens",	NUMBER,			FIELD,		FIELD_OUTPUT_TOKENS) \
	X("usage.prompt_tokens",	NUMBER,			FIELD,		FIELD_INPUT_TOKENS) \
	X("usage.total_tokens",		NUMBER,			FIELD,		FIELD_TOTAL_TOKENS) \
	X("duration",			NUMBER,			DURATION,	0) \
	X("ttft",			NUMBER,			FIELD,		FIELD_TTFT_MS) \
	X("tags",			LIST,			FIELD,		FIELD_TAGS) \
	X("feedback_scores",		FEEDBACK_SCORES_NUMBER,	SCORES,		0) \
	X("error_info",			ERROR_CONTAINER,	ERROR,		0) \
	X("type",			ENUM,			KIND,		FIELD_KIND) \
	X("environment",		ENUM,			FIELD,		FIELD_ENVIRONMENT) \
	X("source",			ENUM_LEGACY,		FIELD,		FIELD_ORIGIN) \
	X("custom",			CUSTOM,			CUSTOM,		0)

#define OPIK_TRACE_FIELD_LIST(X) \
	X("id",				STRING,			FIELD,		FIELD_TRACE_ID) \
	X("name",			STRING,			FIELD,		FIELD_NAME) \
	X("thread_id",			STRING,			FIELD,		FIELD_SESSION_ID) \
	X("input",			STRING,			FIELD,		FIELD_INPUT) \
	X("output",			STRING,			FIELD,		FIELD_OUTPUT) \
	X("error_type",			STRING,			FIELD,		FIELD_ERROR_TYPE) \
	X("error_message",		STRING,			FIELD,		FIELD_ERROR_MESSAGE)	/* flatspan's own */ \
	X("start_time",			DATE_TIME,		FIELD,		FIELD_STARTED_AT) \
	X("end_time",			DATE_TIME,		FIELD,		FIELD_ENDED_AT) \
	X("created_at",			DATE_TIME,		FIELD,		FIELD_INGESTED_AT) \
	X("last_updated_at",		DATE_TIME,		UPDATED,	FIELD_UPDATED_AT) \
	X("input_json",			DICTIONARY,		FIELD,		FIELD_INPUT) \
	X("output_json",		DICTIONARY,		FIELD,		FIELD_OUTPUT) \
	X("metadata",			DICTIONARY,		FIELD,		FIELD_METADATA) \
	X("total_estimated_cost",	NUMBER,			SUM,		OPIK_SUM_COST) \
	X("usage.completion_tokens",	NUMBER,			SUM,		OPIK_SUM_COMPLETION_TOKENS) \
	X("usage.prompt_tokens",	NUMBER,			SUM,		OPIK_SUM_PROMPT_TOKENS) \
	X("usage.total_tokens",		NUMBER,			SUM,		OPIK_SUM_TOTAL_TOKENS) \
	X("span_count",			NUMBER,			SUM,		OPIK_SUM_SPANS) \
	X("llm_span_count",		NUMBER,			SUM,		OPIK_SUM_LLM_SPANS) \
	X("duration",			NUMBER,			DURATION,	0) \
	X("ttft",			NUMBER,			FIELD,		FIELD_TTFT_MS) \
	X("tags",			LIST,			FIELD,		FIELD_TAGS) \
	X("annotation_queue_ids",	LIST,			NOTHING,	0) \
	X("experiment_id",		STRING,			NOTHING,	0) \
	X("guardrails",			STRING,			NOTHING,	0) \
	X("feedback_scores",		FEEDBACK_SCORES_NUMBER,	SCORES,		0) \
	X("span_feedback_scores",	FEEDBACK_SCORES_NUMBER,	SPAN_SCORES,	0) \
	X("error_info",			ERROR_CONTAINER,	ERROR,		0) \
	X("environment",		ENUM,			FIELD,		FIELD_ENVIRONMENT) \
	X("source",			ENUM_LEGACY,		FIELD,		FIELD_ORIGIN) \
	X("custom",			CUSTOM,			CUSTOM,		0)

#define OPIK_THREAD_FIELD_LIST(X) \
	X("id",				STRING_EXACT,		FIELD,		OPIK_THREAD_ID) \
	X("first_message",		STRING,			FIELD,		OPIK_THREAD_FIRST) \
	X("last_message",		STRING,			FIELD,		OPIK_THREAD_LAST) \
	X("number_of_messages",		NUMBER,			FIELD,		OPIK_THREAD_MESSAGES) \
	X("duration",			NUMBER,			DURATION,	0) \
	X("created_at",			DATE_TIME,		FIELD,		FIELD_INGESTED_AT) \
	X("last_updated_at",		DATE_TIME,		FIELD,		FIELD_UPDATED_AT) \
	X("start_time",			DATE_TIME,		FIELD,		FIELD_STARTED_AT) \
	X("end_time",			DATE_TIME,		FIELD,		FIELD_ENDED_AT) \
	X("feedback_scores",		FEEDBACK_SCORES_NUMBER,	SCORES,		0) \
	X("status",			ENUM,			FIELD,		OPIK_THREAD_STATUS) \
	X("tags",			LIST,			FIELD,		FIELD_TAGS) \
	X("annotation_queue_ids",	LIST,			NOTHING,	0) \
	X("source",			ENUM_LEGACY,		FIELD,		FIELD_ORIGIN) \
	X("environment",		ENUM,			FIELD,		FIELD_ENVIRONMENT)
/* clang-format on */

struct opik_field {
	struct str name;
	enum opik_type type;
	enum opik_place place;
	enum field at;
};

extern const struct opik_type_info {
	struct str name;
	unsigned operators; /* OPIK_CAN(…) */
} opik_type_info[OPIK_TYPE__MAX];

extern const struct str opik_operator_names[OPIK_OPERATOR__MAX];

/* Returns NULL for an unknown name. */
const struct opik_field *opik_field_find(enum opik_of of, struct str name);

#endif
