/*
 * The fields of a span: one line each, everything else is derived from this table (reading and
 * writing a line, the presence bitmap, what a query may do, index columns, the table in
 * doc/shard-format.md).
 *
 * The order is the order of the members in a stored line: small ones first, input and output last,
 * so that a reader may stop early.  The number is the field's id on disk (index columns): append
 * only, never reused.
 *
 * Types
 *	STR	short text: a canonical JSON body (json/read.h), compared as text
 *	TEXT long text in the same form, searched but not indexed by value
 *	KIND, STATUS, BOOL	small codes (span/kinds.h), stored as text or true/false
 *	TIME	int64 nanoseconds since 1970 UTC, stored as RFC 3339
 *	I64	integer
 *	DEC	decimal: the JSON number as it was sent, compared by value
 *	JSON	any JSON value in canonical form, numbers byte for byte
 * Column: how the index holds it.  HASH 64-bit hash; DICT code into a sorted dictionary; TAGS
 * several codes a row; CODE one byte; I64; PICO int64 of 1e-12 units; NONE read from the line. May:
 * F filter, S sort, G group, T text search, R required.
 */
#ifndef FLATSPAN_SPAN_FIELDS_H
#define FLATSPAN_SPAN_FIELDS_H

enum field_may { MAY_F = 1, MAY_S = 2, MAY_G = 4, MAY_T = 8, MAY_R = 16 };

/* clang-format off */
/*	id  name			member				type	column	may */
#define FIELD_LIST(X) \
	X(0,  SPAN_ID,			"span_id",			STR,	HASH,	MAY_F | MAY_S | MAY_R) \
	X(1,  TRACE_ID,			"trace_id",			STR,	HASH,	MAY_F | MAY_S | MAY_G | MAY_R) \
	X(2,  PARENT_SPAN_ID,		"parent_span_id",		STR,	HASH,	MAY_F) \
	X(58, OPIK_MS,			"opik_ms",			I64,	I64,	MAY_F)	/* the time in Opik's ids of this trace */ \
	X(3,  SESSION_ID,		"session_id",			STR,	DICT,	MAY_F | MAY_G) \
	X(4,  SOURCE,			"source",			STR,	DICT,	MAY_F | MAY_S | MAY_G | MAY_R) \
	X(5,  KIND,			"kind",				KIND,	CODE,	MAY_F | MAY_S | MAY_G) \
	X(6,  NATIVE_TYPE,		"native_type",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(7,  STATUS,			"status",			STATUS,	CODE,	MAY_F | MAY_S | MAY_G) \
	X(8,  STARTED_AT,		"started_at",			TIME,	I64,	MAY_F | MAY_S | MAY_R) \
	X(9,  ENDED_AT,			"ended_at",			TIME,	I64,	MAY_F | MAY_S) \
	X(10, INGESTED_AT,		"ingested_at",			TIME,	I64,	MAY_F | MAY_S | MAY_R) \
	X(11, UPDATED_AT,		"updated_at",			TIME,	I64,	MAY_F | MAY_S) \
	X(12, CREATED_BY,		"created_by",			STR,	DICT,	MAY_F | MAY_S) \
	X(13, UPDATED_BY,		"updated_by",			STR,	DICT,	MAY_F | MAY_S) \
	X(14, NAME,			"name",				STR,	DICT,	MAY_F | MAY_S | MAY_G | MAY_T) \
	X(15, PROJECT,			"project",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(16, ENVIRONMENT,		"environment",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(57, ORIGIN,			"origin",			STR,	DICT,	MAY_F | MAY_G)	/* what made it: sdk, experiment, … */ \
	X(17, USER_ID,			"user_id",			STR,	DICT,	MAY_F | MAY_G) \
	X(18, ACCOUNT_ID,		"account_id",			STR,	DICT,	MAY_F) \
	X(19, APPLICATION_VARIANT_ID,	"application_variant_id",	STR,	DICT,	MAY_F) \
	X(20, APPLICATION_INTERACTION_ID, "application_interaction_id",	STR,	DICT,	MAY_F) \
	X(21, PROVIDER,			"provider",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(22, MODEL,			"model",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(23, TOOL_NAME,		"tool_name",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(24, AGENT_ID,			"agent_id",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(25, AGENT_NAME,		"agent_name",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(26, PROMPT_ID,		"prompt_id",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(27, PROMPT_NAME,		"prompt_name",			STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(28, PROMPT_VERSION,		"prompt_version",		STR,	DICT,	MAY_F | MAY_S | MAY_G) \
	X(29, EVALUATION_ID,		"evaluation_id",		STR,	DICT,	MAY_F | MAY_G) \
	X(30, EVALUATION_SHA,		"evaluation_sha",		STR,	DICT,	MAY_F | MAY_G) \
	X(31, EVALUATION_RUN_ID,	"evaluation_run_id",		STR,	DICT,	MAY_F | MAY_G) \
	X(32, DATASET_ID,		"dataset_id",			STR,	DICT,	MAY_F | MAY_G) \
	X(33, DATASET_NAME,		"dataset_name",			STR,	DICT,	MAY_F | MAY_G) \
	X(34, DATASET_VERSION,		"dataset_version",		STR,	DICT,	MAY_F | MAY_G) \
	X(35, TEST_CASE_ID,		"test_case_id",			STR,	DICT,	MAY_F | MAY_G) \
	X(36, EVALUATION_METADATA,	"evaluation_metadata",		JSON,	NONE,	0) \
	X(37, INPUT_TOKENS,		"input_tokens",			I64,	I64,	MAY_F | MAY_S) \
	X(38, OUTPUT_TOKENS,		"output_tokens",		I64,	I64,	MAY_F | MAY_S) \
	X(39, CACHED_TOKENS,		"cached_tokens",		I64,	I64,	MAY_F | MAY_S) \
	X(40, TOTAL_TOKENS,		"total_tokens",			I64,	I64,	MAY_F | MAY_S) \
	X(41, USAGE_DETAILS,		"usage_details",		JSON,	NONE,	MAY_F) \
	X(42, COST_TOTAL_USD,		"cost_total_usd",		DEC,	PICO,	MAY_F | MAY_S) \
	X(43, COST_INPUT_USD,		"cost_input_usd",		DEC,	PICO,	MAY_F | MAY_S) \
	X(44, COST_OUTPUT_USD,		"cost_output_usd",		DEC,	PICO,	MAY_F | MAY_S) \
	X(45, COST_DETAILS,		"cost_details",			JSON,	NONE,	0) \
	X(46, REPEATS_USAGE,		"repeats_usage",		BOOL,	CODE,	0) \
	X(47, TTFT_MS,			"ttft_ms",			DEC,	PICO,	MAY_F | MAY_S) \
	X(48, TAGS,			"tags",				JSON,	TAGS,	MAY_F | MAY_G) \
	X(49, ERROR_TYPE,		"error_type",			STR,	DICT,	MAY_F | MAY_T) \
	X(50, ERROR_MESSAGE,		"error_message",		TEXT,	NONE,	MAY_F | MAY_T) \
	X(51, ERROR_TRACEBACK,		"error_traceback",		TEXT,	NONE,	MAY_T) \
	X(52, METADATA,			"metadata",			JSON,	NONE,	MAY_F | MAY_T) \
	X(53, ATTRIBUTES,		"attributes",			JSON,	NONE,	MAY_F | MAY_T) \
	X(54, EXPECTED,			"expected",			JSON,	NONE,	MAY_T) \
	X(55, INPUT,			"input",			JSON,	NONE,	MAY_F | MAY_T) \
	X(56, OUTPUT,			"output",			JSON,	NONE,	MAY_F | MAY_T)
/* clang-format on */

enum field {
#define X(id, name, member, type, column, may) FIELD_##name = (id),
	FIELD_LIST(X)
#undef X
#define X(id, name, member, type, column, may) +1
		FIELD__MAX = 0 FIELD_LIST(X)
#undef X
};

enum field_type {
	FIELD_TYPE_STR,
	FIELD_TYPE_TEXT,
	FIELD_TYPE_KIND,
	FIELD_TYPE_STATUS,
	FIELD_TYPE_BOOL,
	FIELD_TYPE_TIME,
	FIELD_TYPE_I64,
	FIELD_TYPE_DEC,
	FIELD_TYPE_JSON
};

enum field_column {
	COLUMN_NONE,
	COLUMN_HASH,
	COLUMN_DICT,
	COLUMN_TAGS,
	COLUMN_CODE,
	COLUMN_I64,
	COLUMN_PICO
};

#endif
