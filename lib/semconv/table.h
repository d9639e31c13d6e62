/*
 * Every attribute flatspan knows, one line each: which question it helps to answer (the slot), and
 * for each mapping what becomes of it.  semconv.c reads it; doc/otlp.md shows it.
 *
 * The columns
 *	general, NeMo	the rank among the slot's keys, 1 first: the first that is there and not
 *			empty answers.  0: this mapping does not know the key.
 *	Opik		where the value goes (enum opik_goes); 0: into the input, as Opik does with
 *			what it does not know.
 * A rank may carry
 *	KEPT	the attribute stays in the raw attributes although it was used
 *	OTHER	it leaves them only where it says what the field says (on the general mapping every
 *		key is like that, so that nothing is lost)
 *	CLAUDE	only on spans named claude_code.*: a plain word that may mean anything elsewhere
 *
 * Prefixes stand in a list of their own; they are tried where no whole key fits, the first that
 * fits wins.
 */
#ifndef FLATSPAN_SEMCONV_TABLE_H
#define FLATSPAN_SEMCONV_TABLE_H

enum { RANK = 0x1f, KEPT = 0x20, OTHER = 0x40, CLAUDE = 0x80 };

/* What a slot answers decides how its value is read. */
enum slot {
	SLOT_NONE,
	/* Texts: FIELD_name */
	SLOT_MODEL,
	SLOT_PROVIDER,
	SLOT_SESSION_ID,
	SLOT_USER_ID,
	SLOT_TOOL_NAME,
	SLOT_AGENT_NAME,
	SLOT_AGENT_ID,
	SLOT_PROMPT_ID,
	SLOT_PROMPT_NAME,
	SLOT_PROMPT_VERSION,
	SLOT_PROJECT,
	SLOT_ENVIRONMENT,
	SLOT_EVALUATION_ID,
	SLOT_EVALUATION_SHA,
	SLOT_EVALUATION_RUN_ID,
	SLOT_DATASET_ID,
	SLOT_DATASET_NAME,
	SLOT_DATASET_VERSION,
	SLOT_TEST_CASE_ID,
	SLOT_ERROR_TYPE,
	SLOT_ERROR_MESSAGE,
	SLOT_ERROR_TRACEBACK,
	SLOT__LAST_TEXT = SLOT_ERROR_TRACEBACK,
	/* Counts of tokens */
	SLOT_INPUT_TOKENS,
	SLOT_OUTPUT_TOKENS,
	SLOT_CACHED_TOKENS,
	SLOT_TOTAL_TOKENS,
	SLOT_CACHE_WRITE, /* from here on members of usage_details */
	SLOT_PROMPT_AUDIO,
	SLOT_REASONING,
	SLOT_COMPLETION_AUDIO,
	SLOT__LAST_COUNT = SLOT_COMPLETION_AUDIO,
	/* Amounts in US dollars */
	SLOT_COST_TOTAL,
	SLOT_COST_INPUT,
	SLOT_COST_OUTPUT,
	SLOT__LAST_COST = SLOT_COST_OUTPUT,
	/* Payloads, of the span itself only */
	SLOT_INPUT,
	SLOT_OUTPUT,
	SLOT_AI_TEXT,
	SLOT_AI_TOOL_CALLS,
	SLOT__LAST_PAYLOAD = SLOT_AI_TOOL_CALLS,
	/* JSON in a text */
	SLOT_TAGS,
	SLOT_EVALUATION_METADATA,
	SLOT_EXPECTED,
	SLOT_USAGE_DETAILS,
	SLOT_COST_DETAILS,
	/* What the kind is told from */
	SLOT_KIND_OPENINFERENCE,
	SLOT_KIND_LANGFUSE,
	SLOT_OPERATION,
	SLOT_AI_OPERATION,
	SLOT_KIND_TRACELOOP,
	SLOT_REQUEST_TYPE,
	SLOT_HAS_TOOL,
	SLOT_HAS_RETRIEVAL,
	/* The rest */
	SLOT_STATUS, /* of the span itself only */
	SLOT_LEVEL,
	SLOT_STATUS_TEXT,
	SLOT_TTFT_S,
	SLOT_TTFT_MS,
	SLOT_COMPLETION_START,
	SLOT_ENTITY,
	SLOT_FUNCTION_ID,
	SLOT_OPIK_TRACE_ID,
	SLOT_OPIK_SPAN_ID,
	SLOT_OPIK_PARENT_SPAN_ID,
	SLOT_OWN, /* of the span itself only */
	/* Prefixes */
	SLOT_INPUT_MESSAGES,
	SLOT_OUTPUT_MESSAGES,
	SLOT_PROMPTS,
	SLOT_COMPLETIONS,
	SLOT_DROPPED, /* nothing but noise */
	SLOT_OTHER_COST,
	SLOT_OTHER_USAGE,
	SLOT__MAX
};

/* Where Opik puts a value. */
enum opik_goes {
	OPIK_REST,
	OPIK_INPUT,
	OPIK_OUTPUT,
	OPIK_METADATA,
	OPIK_USAGE,
	OPIK_FIELD, /* the slot's own field, as on the other mappings */
	OPIK_DROP,
	OPIK__PLACE = 0x0f,
	OPIK_LLM = 0x10,  /* and the span is of type llm */
	OPIK_TOOL = 0x20, /* … tool */
};

/* Positions among the general ranks of input and output where they are not one attribute's: built
 * from several, or taken from events. */
enum {
	RANK_INPUT_INDEXED = 17,
	RANK_INPUT_EVENTS = 18,
	RANK_OUTPUT_AI = 8,
	RANK_OUTPUT_TOOL_EVENT = 13,
	RANK_OUTPUT_INDEXED = 15,
	RANK_OUTPUT_EVENTS = 16,
};

/* clang-format off */
/*	slot			key							general		NeMo		Opik */
#define SEMCONV_LIST(X) \
	X(MODEL,		"langfuse.observation.model.name",			1,		0,		0) \
	X(MODEL,		"gen_ai.request.model",					2,		1,		OPIK_FIELD | OPIK_LLM) \
	X(MODEL,		"gen_ai.response.model",				3,		2 | OTHER,	OPIK_FIELD | OPIK_LLM) \
	X(MODEL,		"llm.model_name",					4,		3,		OPIK_FIELD | OPIK_LLM) \
	X(MODEL,		"llm.response.model_name",				5,		0,		OPIK_METADATA) \
	X(MODEL,		"llm.request.model_name",				6,		0,		OPIK_METADATA) \
	X(MODEL,		"embedding.model_name",					7,		0,		0) \
	X(MODEL,		"reranker.model_name",					8,		0,		0) \
	X(MODEL,		"ai.model.id",						9,		0,		0) \
	X(MODEL,		"ai.response.model",					10,		0,		0) \
	X(MODEL,		"model",						11 | CLAUDE,	0,		OPIK_FIELD | OPIK_LLM) \
	X(MODEL,		"gen_ai.request_model",					0,		0,		OPIK_FIELD | OPIK_LLM) \
	X(MODEL,		"gen_ai.response_model",				0,		0,		OPIK_FIELD | OPIK_LLM) \
	X(PROVIDER,		"gen_ai.system",					1,		1,		OPIK_FIELD | OPIK_LLM) \
	X(PROVIDER,		"gen_ai.provider.name",					2,		2,		OPIK_FIELD | OPIK_LLM) \
	X(PROVIDER,		"llm.provider",						3,		3,		0) \
	X(PROVIDER,		"llm.system",						4,		4,		0) \
	X(PROVIDER,		"ai.model.provider",					5,		0,		0) \
	X(SESSION_ID,		"gen_ai.conversation.id",				1,		1,		OPIK_FIELD) \
	X(SESSION_ID,		"session.id",						2,		2,		0) \
	X(SESSION_ID,		"langfuse.session.id",					3,		0,		0) \
	X(SESSION_ID,		"traceloop.association.properties.session_id",		4,		0,		0) \
	X(SESSION_ID,		"ai.telemetry.metadata.sessionId",			5,		0,		0) \
	X(SESSION_ID,		"metadata.session_id",					6,		0,		OPIK_METADATA) \
	X(SESSION_ID,		"metadata.thread_id",					7,		0,		OPIK_METADATA) \
	X(SESSION_ID,		"thread_id",						0,		0,		OPIK_FIELD) \
	X(USER_ID,		"user.id",						1,		0,		0) \
	X(USER_ID,		"enduser.id",						2,		0,		0) \
	X(USER_ID,		"langfuse.user.id",					3,		0,		0) \
	X(USER_ID,		"traceloop.association.properties.user_id",		4,		0,		0) \
	X(USER_ID,		"ai.telemetry.metadata.userId",				5,		0,		0) \
	X(USER_ID,		"gen_ai.user",						6,		0,		0) \
	X(TOOL_NAME,		"gen_ai.tool.name",					1,		1,		OPIK_METADATA) \
	X(TOOL_NAME,		"tool.name",						2,		2,		0) \
	X(TOOL_NAME,		"ai.toolCall.name",					3,		0,		0) \
	X(TOOL_NAME,		"lk.function_tool.name",				5,		0,		OPIK_METADATA | OPIK_TOOL) \
	X(TOOL_NAME,		"tool_name",						6 | CLAUDE,	0,		0) \
	X(AGENT_NAME,		"gen_ai.agent.name",					1,		1,		OPIK_METADATA) \
	X(AGENT_NAME,		"llm.agent.name",					2,		2,		0) \
	X(AGENT_NAME,		"agent.name",						3,		3,		0) \
	X(AGENT_NAME,		"agent_name",						4,		0,		OPIK_METADATA) \
	X(AGENT_ID,		"gen_ai.agent.id",					1,		1,		OPIK_METADATA) \
	X(AGENT_ID,		"agent.id",						2,		2,		0) \
	X(PROMPT_ID,		"gen_ai.prompt.id",					1,		1,		0) \
	X(PROMPT_ID,		"prompt.id",						2,		2,		0) \
	X(PROMPT_NAME,		"gen_ai.prompt.name",					1,		1,		0) \
	X(PROMPT_NAME,		"llm.prompt_template.name",				2,		2,		0) \
	X(PROMPT_NAME,		"langfuse.observation.prompt.name",			3,		0,		0) \
	X(PROMPT_NAME,		"traceloop.prompt.key",					4,		0,		0) \
	X(PROMPT_NAME,		"prompt.name",						5,		3,		0) \
	X(PROMPT_VERSION,	"gen_ai.prompt.version",				1,		1,		0) \
	X(PROMPT_VERSION,	"llm.prompt_template.version",				2,		2,		0) \
	X(PROMPT_VERSION,	"langfuse.observation.prompt.version",			3,		0,		0) \
	X(PROMPT_VERSION,	"traceloop.prompt.version",				4,		0,		0) \
	X(PROMPT_VERSION,	"prompt.version",					5,		3,		0) \
	X(PROJECT,		"gen_ai.project",					1,		1,		0) \
	X(PROJECT,		"project.name",						2,		2,		0) \
	X(PROJECT,		"project",						3,		3,		0) \
	X(PROJECT,		"openinference.project.name",				4,		0,		0) \
	X(PROJECT,		"service.name",						5 | KEPT,	0,		0) \
	X(ENVIRONMENT,		"langfuse.environment",					1,		0,		0) \
	X(ENVIRONMENT,		"deployment.environment.name",				2,		0,		0) \
	X(ENVIRONMENT,		"deployment.environment",				3,		0,		0) \
	X(EVALUATION_ID,	"experiment.id",					1,		1,		0) \
	X(EVALUATION_ID,	"experiment_id",					2,		2,		0) \
	X(EVALUATION_ID,	"evaluation.id",					3,		3,		0) \
	X(EVALUATION_ID,	"evaluation_id",					4,		4,		0) \
	X(EVALUATION_ID,	"nemo.evaluation.name",					5,		5,		0) \
	X(EVALUATION_ID,	"nemo.experiment.id",					6,		6,		0) \
	X(EVALUATION_ID,	"langfuse.experiment.id",				7,		0,		0) \
	X(EVALUATION_SHA,	"experiment.sha",					1,		1,		0) \
	X(EVALUATION_SHA,	"experiment_sha",					2,		2,		0) \
	X(EVALUATION_SHA,	"evaluation.sha",					3,		3,		0) \
	X(EVALUATION_SHA,	"evaluation_sha",					4,		4,		0) \
	X(EVALUATION_SHA,	"nemo.experiment.sha",					5,		5,		0) \
	X(EVALUATION_RUN_ID,	"experiment.run_id",					1,		1,		0) \
	X(EVALUATION_RUN_ID,	"evaluation.run_id",					2,		2,		0) \
	X(EVALUATION_RUN_ID,	"evaluation_run_id",					3,		3,		0) \
	X(EVALUATION_RUN_ID,	"nemo.experiment.run_id",				4,		4,		0) \
	X(DATASET_ID,		"dataset.id",						1,		1,		0) \
	X(DATASET_ID,		"dataset_id",						2,		2,		0) \
	X(DATASET_ID,		"langfuse.experiment.dataset.id",			3,		0,		0) \
	X(DATASET_NAME,		"dataset.name",						1,		1,		0) \
	X(DATASET_NAME,		"dataset_name",						2,		2,		0) \
	X(DATASET_VERSION,	"dataset.version",					1,		1,		0) \
	X(DATASET_VERSION,	"dataset_version",					2,		2,		0) \
	X(TEST_CASE_ID,		"test_case.id",						1,		1,		0) \
	X(TEST_CASE_ID,		"test_case_id",						2,		2,		0) \
	X(TEST_CASE_ID,		"dataset.test_case_id",					3,		3,		0) \
	X(TEST_CASE_ID,		"nemo.test_case.name",					4,		4,		0) \
	X(TEST_CASE_ID,		"nemo.test_case.id",					5,		5,		0) \
	X(TEST_CASE_ID,		"langfuse.experiment.item.id",				6,		0,		0) \
	X(EVALUATION_METADATA,	"evaluation.metadata",					1,		1,		0) \
	X(EVALUATION_METADATA,	"nemo.experiment.metadata",				2,		2,		0) \
	X(EXPECTED,		"langfuse.experiment.item.expected_output",		1,		0,		0) \
	X(ERROR_TYPE,		"exception.type",					1,		1,		0) \
	X(ERROR_TYPE,		"error.type",						2,		2 | KEPT,	0) \
	X(ERROR_MESSAGE,	"exception.message",					1,		1,		0) \
	X(ERROR_TRACEBACK,	"exception.stacktrace",					1,		0,		0) \
	X(INPUT_TOKENS,		"gen_ai.usage.input_tokens",				1,		1,		OPIK_USAGE | OPIK_LLM) \
	X(INPUT_TOKENS,		"gen_ai.usage.prompt_tokens",				2,		0,		OPIK_USAGE | OPIK_LLM) \
	X(INPUT_TOKENS,		"llm.token_count.prompt",				3,		2,		OPIK_USAGE | OPIK_LLM) \
	X(INPUT_TOKENS,		"ai.usage.inputTokens",					4,		0,		0) \
	X(INPUT_TOKENS,		"ai.usage.promptTokens",				5,		0,		0) \
	X(INPUT_TOKENS,		"ai.usage.tokens",					6,		0,		0) \
	X(INPUT_TOKENS,		"input_tokens",						7 | CLAUDE,	0,		OPIK_USAGE | OPIK_LLM) \
	X(OUTPUT_TOKENS,	"gen_ai.usage.output_tokens",				1,		1,		OPIK_USAGE | OPIK_LLM) \
	X(OUTPUT_TOKENS,	"gen_ai.usage.completion_tokens",			2,		0,		OPIK_USAGE | OPIK_LLM) \
	X(OUTPUT_TOKENS,	"llm.token_count.completion",				3,		2,		OPIK_USAGE | OPIK_LLM) \
	X(OUTPUT_TOKENS,	"ai.usage.outputTokens",				4,		0,		0) \
	X(OUTPUT_TOKENS,	"ai.usage.completionTokens",				5,		0,		0) \
	X(OUTPUT_TOKENS,	"output_tokens",					6 | CLAUDE,	0,		OPIK_USAGE | OPIK_LLM) \
	X(CACHED_TOKENS,	"gen_ai.usage.cache_read.input_tokens",			1,		0,		OPIK_USAGE | OPIK_LLM) \
	X(CACHED_TOKENS,	"gen_ai.usage.cache_read_input_tokens",			2,		0,		OPIK_USAGE | OPIK_LLM) \
	X(CACHED_TOKENS,	"gen_ai.usage.cached_tokens",				3,		1,		OPIK_USAGE | OPIK_LLM) \
	X(CACHED_TOKENS,	"gen_ai.usage.input_cache_tokens",			4,		2,		OPIK_USAGE | OPIK_LLM) \
	X(CACHED_TOKENS,	"gen_ai.usage.details.cache_read_tokens",		5,		0,		OPIK_USAGE | OPIK_LLM) \
	X(CACHED_TOKENS,	"llm.token_count.prompt_details.cache_read",		6,		3,		OPIK_USAGE | OPIK_LLM) \
	X(CACHED_TOKENS,	"llm.token_count.cached",				7,		4,		OPIK_USAGE | OPIK_LLM) \
	X(CACHED_TOKENS,	"ai.usage.cachedInputTokens",				8,		0,		0) \
	X(CACHED_TOKENS,	"ai.usage.inputTokenDetails.cacheReadTokens",		9,		0,		0) \
	X(CACHED_TOKENS,	"cache_read_tokens",					10 | CLAUDE,	0,		OPIK_USAGE | OPIK_LLM) \
	X(TOTAL_TOKENS,		"gen_ai.usage.total_tokens",				1,		1,		OPIK_USAGE | OPIK_LLM) \
	X(TOTAL_TOKENS,		"llm.token_count.total",				2,		2,		OPIK_USAGE | OPIK_LLM) \
	X(TOTAL_TOKENS,		"llm.usage.total_tokens",				3,		0,		0) \
	X(TOTAL_TOKENS,		"ai.usage.totalTokens",					4,		0,		0) \
	X(CACHE_WRITE,		"gen_ai.usage.cache_write.input_tokens",		1,		0,		OPIK_USAGE | OPIK_LLM) \
	X(CACHE_WRITE,		"gen_ai.usage.cache_creation.input_tokens",		2,		0,		OPIK_USAGE | OPIK_LLM) \
	X(CACHE_WRITE,		"gen_ai.usage.cache_creation_input_tokens",		3,		0,		OPIK_USAGE | OPIK_LLM) \
	X(CACHE_WRITE,		"llm.token_count.prompt_details.cache_write",		4,		1,		OPIK_USAGE | OPIK_LLM) \
	X(CACHE_WRITE,		"ai.usage.inputTokenDetails.cacheWriteTokens",		5,		0,		0) \
	X(CACHE_WRITE,		"cache_creation_tokens",				6 | CLAUDE,	0,		OPIK_USAGE | OPIK_LLM) \
	X(PROMPT_AUDIO,		"llm.token_count.prompt_details.audio",			1,		1,		OPIK_USAGE | OPIK_LLM) \
	X(REASONING,		"gen_ai.usage.reasoning.output_tokens",			1,		0,		OPIK_USAGE | OPIK_LLM) \
	X(REASONING,		"gen_ai.usage.reasoning_tokens",			2,		0,		OPIK_USAGE | OPIK_LLM) \
	X(REASONING,		"llm.token_count.completion_details.reasoning",		3,		1,		OPIK_USAGE | OPIK_LLM) \
	X(REASONING,		"ai.usage.reasoningTokens",				4,		0,		0) \
	X(REASONING,		"ai.usage.outputTokenDetails.reasoningTokens",		5,		0,		0) \
	X(COMPLETION_AUDIO,	"llm.token_count.completion_details.audio",		1,		1,		OPIK_USAGE | OPIK_LLM) \
	X(USAGE_DETAILS,	"langfuse.observation.usage_details",			1,		0,		0) \
	X(USAGE_DETAILS,	"usage",						0,		0,		OPIK_USAGE | OPIK_LLM) \
	X(COST_TOTAL,		"gen_ai.usage.cost",					1,		1,		OPIK_FIELD | OPIK_LLM) \
	X(COST_TOTAL,		"llm.cost.total",					2,		2,		0) \
	X(COST_TOTAL,		"operation.cost",					3,		0,		0) \
	X(COST_INPUT,		"llm.cost.prompt",					1,		1,		0) \
	X(COST_OUTPUT,		"llm.cost.completion",					1,		1,		0) \
	X(COST_DETAILS,		"langfuse.observation.cost_details",			1,		0,		0) \
	X(TTFT_S,		"gen_ai.response.time_to_first_chunk",			1,		0,		OPIK_OUTPUT) \
	X(TTFT_S,		"gen_ai.client.operation.time_to_first_chunk",		2,		0,		0) \
	X(TTFT_MS,		"ai.response.msToFirstChunk",				1,		0,		0) \
	X(COMPLETION_START,	"langfuse.observation.completion_start_time",		1,		0,		OPIK_METADATA | OPIK_LLM) \
	X(TAGS,			"tag.tags",						1,		0,		0) \
	X(TAGS,			"langfuse.trace.tags",					2,		0,		0) \
	X(TAGS,			"opik.tags",						3,		0,		OPIK_FIELD) \
	X(TAGS,			"ai.telemetry.metadata.tags",				4,		0,		0) \
	X(STATUS,		"status",						1,		1,		0) \
	X(STATUS,		"otel.status_code",					2,		2,		0) \
	X(LEVEL,		"langfuse.observation.level",				1 | KEPT,	0,		0) \
	X(STATUS_TEXT,		"langfuse.observation.status_message",			1,		0,		0) \
	X(KIND_OPENINFERENCE,	"openinference.span.kind",				1 | KEPT,	1 | KEPT,	0) \
	X(KIND_LANGFUSE,	"langfuse.observation.type",				1 | KEPT,	1 | KEPT,	0) \
	X(OPERATION,		"gen_ai.operation.name",				1 | KEPT,	1 | KEPT,	OPIK_METADATA) \
	X(AI_OPERATION,		"ai.operationId",					1 | KEPT,	1 | KEPT,	0) \
	X(KIND_TRACELOOP,	"traceloop.span.kind",					1 | KEPT,	1 | KEPT,	0) \
	X(REQUEST_TYPE,		"llm.request.type",					1 | KEPT,	1 | KEPT,	OPIK_METADATA) \
	X(HAS_TOOL,		"gen_ai.tool.call.id",					1 | KEPT,	1 | KEPT,	OPIK_METADATA) \
	X(ENTITY,		"traceloop.entity.name",				1,		0,		0) \
	X(FUNCTION_ID,		"ai.telemetry.functionId",				1,		0,		0) \
	X(INPUT,		"input.value",						1,		1,		OPIK_INPUT) \
	X(INPUT,		"gen_ai.input.messages",				2,		2 | KEPT,	OPIK_INPUT | OPIK_LLM) \
	X(INPUT,		"gen_ai.tool.call.arguments",				3,		3 | KEPT,	OPIK_INPUT | OPIK_TOOL) \
	X(INPUT,		"tool_arguments",					4,		4 | OTHER,	OPIK_INPUT) \
	X(INPUT,		"langfuse.observation.input",				5,		0,		0) \
	X(INPUT,		"langfuse.trace.input",					6,		0,		0) \
	X(INPUT,		"ai.prompt.messages",					7,		0,		0) \
	X(INPUT,		"ai.prompt",						8,		0,		0) \
	X(INPUT,		"ai.toolCall.args",					9,		0,		0) \
	X(INPUT,		"ai.value",						10,		0,		0) \
	X(INPUT,		"ai.values",						11,		0,		0) \
	X(INPUT,		"traceloop.entity.input",				12,		0,		0) \
	X(INPUT,		"user_prompt",						13 | CLAUDE,	0,		OPIK_INPUT) \
	X(INPUT,		"tool_input",						14 | CLAUDE,	0,		OPIK_INPUT) \
	X(INPUT,		"new_context",						15 | CLAUDE,	0,		OPIK_INPUT) \
	X(INPUT,		"gen_ai.prompt",					16,		0,		OPIK_INPUT) \
	X(INPUT,		"gcp.vertex.agent.llm_request",				19,		0,		0) \
	X(INPUT,		"gcp.vertex.agent.tool_call_args",			20,		0,		0) \
	X(INPUT,		"lk.function_tool.arguments",				21,		0,		OPIK_INPUT | OPIK_TOOL) \
	X(INPUT,		"lk.chat_ctx",						22,		0,		OPIK_INPUT) \
	X(INPUT,		"lk.user_input",					23,		0,		OPIK_INPUT) \
	X(INPUT,		"lk.input_text",					24,		0,		OPIK_INPUT) \
	X(INPUT,		"lk.user_transcript",					25,		0,		OPIK_INPUT) \
	X(INPUT,		"mlflow.spanInputs",					26,		0,		0) \
	X(INPUT,		"genkit:input",						27,		0,		0) \
	X(INPUT,		"input",						28,		0,		OPIK_INPUT) \
	X(OUTPUT,		"output.value",						1,		1,		OPIK_OUTPUT) \
	X(OUTPUT,		"gen_ai.output.messages",				2,		2 | KEPT,	OPIK_OUTPUT | OPIK_LLM) \
	X(OUTPUT,		"final_result",						3,		3 | OTHER,	OPIK_OUTPUT) \
	X(OUTPUT,		"gen_ai.tool.call.result",				4,		4 | KEPT,	OPIK_OUTPUT | OPIK_TOOL) \
	X(OUTPUT,		"tool_response",					5,		5 | OTHER,	OPIK_OUTPUT) \
	X(OUTPUT,		"langfuse.observation.output",				6,		0,		0) \
	X(OUTPUT,		"langfuse.trace.output",				7,		0,		0) \
	X(AI_TEXT,		"ai.response.text",					8,		0,		0) \
	X(AI_TOOL_CALLS,	"ai.response.toolCalls",				8,		0,		0) \
	X(OUTPUT,		"ai.response.object",					9,		0,		0) \
	X(OUTPUT,		"ai.toolCall.result",					10,		0,		0) \
	X(OUTPUT,		"traceloop.entity.output",				11,		0,		0) \
	X(OUTPUT,		"response.model_output",				12 | CLAUDE,	0,		OPIK_OUTPUT) \
	X(OUTPUT,		"gen_ai.completion",					14,		0,		OPIK_OUTPUT) \
	X(OUTPUT,		"gcp.vertex.agent.llm_response",			17,		0,		0) \
	X(OUTPUT,		"gcp.vertex.agent.tool_response",			18,		0,		0) \
	X(OUTPUT,		"lk.function_tool.output",				19,		0,		OPIK_OUTPUT | OPIK_TOOL) \
	X(OUTPUT,		"lk.response.text",					20,		0,		OPIK_OUTPUT) \
	X(OUTPUT,		"lk.response.function_calls",				21,		0,		OPIK_OUTPUT) \
	X(OUTPUT,		"mlflow.spanOutputs",					22,		0,		0) \
	X(OUTPUT,		"genkit:output",					23,		0,		0) \
	X(OUTPUT,		"output",						24,		0,		OPIK_OUTPUT) \
	X(OPIK_TRACE_ID,	"opik.trace_id",					0,		0,		OPIK_FIELD) \
	X(OPIK_SPAN_ID,		"opik.span_id",						0,		0,		OPIK_FIELD) \
	X(OPIK_PARENT_SPAN_ID,	"opik.parent_span_id",					0,		0,		OPIK_FIELD) \
	X(OWN,			"flatspan.span",					1,		0,		0) \
	X(NONE,			"all_messages",						0,		0,		OPIK_INPUT) \
	X(NONE,			"params",						0,		0,		OPIK_INPUT) \
	X(NONE,			"tools",						0,		0,		OPIK_INPUT) \
	X(NONE,			"prompt",						0,		0,		OPIK_INPUT | OPIK_LLM) \
	X(NONE,			"response",						0,		0,		OPIK_OUTPUT) \
	X(NONE,			"result",						0,		0,		OPIK_OUTPUT) \
	X(NONE,			"tool_responses",					0,		0,		OPIK_OUTPUT) \
	X(NONE,			"model_name",						0,		0,		OPIK_METADATA) \
	X(NONE,			"logfire.span_type",					0,		0,		OPIK_DROP) \
	X(NONE,			"logfire.metrics",					0,		0,		OPIK_DROP) \
	X(NONE,			"logfire.msg",						0,		0,		OPIK_METADATA) \
	X(NONE,			"logfire.msg_template",					0,		0,		OPIK_DROP) \
	X(NONE,			"logfire.json_schema",					0,		0,		OPIK_DROP) \
	X(NONE,			"logfire.level_num",					0,		0,		OPIK_DROP) \
	X(NONE,			"gen_ai.request.temperature",				0,		0,		OPIK_METADATA | OPIK_LLM) \
	X(NONE,			"gen_ai.response.id",					0,		0,		OPIK_METADATA | OPIK_LLM) \
	X(NONE,			"gen_ai.response.finish_reasons",			0,		0,		OPIK_METADATA) \
	X(NONE,			"gen_ai.system_instructions",				0,		0,		OPIK_INPUT | OPIK_LLM) \
	X(NONE,			"gen_ai.token.type",					0,		0,		OPIK_METADATA) \
	X(NONE,			"gen_ai.framework",					0,		0,		OPIK_METADATA) \
	X(NONE,			"lk.function_tools",					0,		0,		OPIK_INPUT) \
	X(NONE,			"lk.function_tool.is_error",				0,		0,		OPIK_METADATA | OPIK_TOOL) \
	X(NONE,			"livekit.session.id",					0,		0,		OPIK_METADATA) \
	X(NONE,			"llm.invocation_parameters",				0,		0,		OPIK_INPUT | OPIK_LLM) \
	X(NONE,			"llm.is_streaming",					0,		0,		OPIK_METADATA) \
	X(NONE,			"llm.user",						0,		0,		OPIK_METADATA) \
	X(NONE,			"hidden_params",					0,		0,		OPIK_METADATA) \
	X(NONE,			"server.address",					0,		0,		OPIK_METADATA)

/*	slot			prefix							general		NeMo		Opik */
#define SEMCONV_PREFIX_LIST(X) \
	X(INPUT_MESSAGES,	"llm.input_messages.",					1,		1,		0) \
	X(OUTPUT_MESSAGES,	"llm.output_messages.",					1,		1,		0) \
	X(DROPPED,		"llm.tools.",						0,		1,		0) \
	X(OTHER_COST,		"llm.cost.",						1,		1 | OTHER,	0) \
	X(OTHER_USAGE,		"gen_ai.usage.",					1,		0,		OPIK_USAGE | OPIK_LLM) \
	X(NONE,			"llm.token_count.",					0,		0,		OPIK_USAGE | OPIK_LLM) \
	X(PROMPTS,		"gen_ai.prompt.",					1,		0,		0) \
	X(COMPLETIONS,		"gen_ai.completion.",					1,		0,		0) \
	X(HAS_RETRIEVAL,	"gen_ai.retrieval.",					1 | KEPT,	1 | KEPT,	0) \
	X(HAS_RETRIEVAL,	"retrieval.documents.",					1 | KEPT,	1 | KEPT,	0) \
	X(NONE,			"gen_ai.input.",					0,		0,		OPIK_INPUT | OPIK_LLM) \
	X(NONE,			"gen_ai.output.",					0,		0,		OPIK_OUTPUT | OPIK_LLM) \
	X(NONE,			"gen_ai.cost.",						0,		0,		OPIK_METADATA | OPIK_LLM) \
	X(NONE,			"gen_ai.tool.",						0,		0,		OPIK_METADATA) \
	X(NONE,			"gen_ai.agent.",					0,		0,		OPIK_METADATA) \
	X(NONE,			"gen_ai.request.",					0,		0,		OPIK_INPUT) \
	X(NONE,			"gen_ai.response",					0,		0,		OPIK_OUTPUT) \
	X(NONE,			"code.",						0,		0,		OPIK_METADATA) \
	X(NONE,			"lk.",							0,		0,		OPIK_METADATA) \
	X(NONE,			"llm.request.",						0,		0,		OPIK_METADATA) \
	X(NONE,			"llm.response.",					0,		0,		OPIK_METADATA) \
	X(NONE,			"metadata.",						0,		0,		OPIK_METADATA) \
	X(NONE,			"opik.metadata",					0,		0,		OPIK_METADATA) \
	X(NONE,			"smolagents.",						0,		0,		OPIK_METADATA) \
	X(NONE,			"input",						0,		0,		OPIK_INPUT) \
	X(NONE,			"output",						0,		0,		OPIK_OUTPUT)
/* clang-format on */

#endif
