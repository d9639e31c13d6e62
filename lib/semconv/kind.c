/*
 * Kind, status and error of a span.  Conventions are asked in one order whatever the mapping; the
 * first that has an opinion decides.
 */
#include "semconv/map.h"

struct word {
	const char *text;
	enum kind kind;
};

/* The kind of a word, letters in any case; KIND__MAX: not among them. words end with NULL. */
static enum kind map_kind_of(const struct word *words, struct str text)
{
	for (; words->text; words++)
		if (str_eq_nocase(text, str_from_c(words->text)))
			return words->kind;
	return KIND__MAX;
}

/* clang-format off */
static const struct word openinference[] = {
#define X(id, name) { #name, KIND_##name },
	KIND_LIST(X)
#undef X
	{ "PROMPT",	KIND_CHAIN },
	{ NULL,		KIND__MAX }
};

static const struct word langfuse[] = {
	{ "generation",	KIND_LLM },
	{ "span",	KIND_CHAIN },
	{ "event",	KIND_CHAIN },
	{ "agent",	KIND_AGENT },
	{ "tool",	KIND_TOOL },
	{ "chain",	KIND_CHAIN },
	{ "retriever",	KIND_RETRIEVER },
	{ "evaluator",	KIND_EVALUATOR },
	{ "embedding",	KIND_EMBEDDING },
	{ "guardrail",	KIND_GUARDRAIL },
	{ NULL,		KIND__MAX }
};

static const struct word operation[] = {
	{ "chat",			KIND_LLM },
	{ "text_completion",		KIND_LLM },
	{ "completion",			KIND_LLM },
	{ "generate_content",		KIND_LLM },
	{ "generate",			KIND_LLM },
	{ "embeddings",			KIND_EMBEDDING },
	{ "retrieval",			KIND_RETRIEVER },
	{ "search_memory",		KIND_RETRIEVER },
	{ "rerank",			KIND_RERANKER },
	{ "execute_tool",		KIND_TOOL },
	{ "invoke_agent",		KIND_AGENT },
	{ "create_agent",		KIND_AGENT },
	{ "plan",			KIND_AGENT },
	{ "invoke_workflow",		KIND_CHAIN },
	{ "agent_step",			KIND_CHAIN },
	{ "create_memory",		KIND_CHAIN },
	{ "update_memory",		KIND_CHAIN },
	{ "upsert_memory",		KIND_CHAIN },
	{ "delete_memory",		KIND_CHAIN },
	{ "create_memory_store",	KIND_CHAIN },
	{ "delete_memory_store",	KIND_CHAIN },
	{ NULL,				KIND__MAX }
};

static const struct word ai_sdk[] = {
	{ "ai.toolCall",	KIND_TOOL },
	{ "ai.generateText",	KIND_AGENT },
	{ "ai.streamText",	KIND_AGENT },
	{ "ai.generateObject",	KIND_AGENT },
	{ "ai.streamObject",	KIND_AGENT },
	{ "ai.embed",		KIND_CHAIN },
	{ "ai.embedMany",	KIND_CHAIN },
	{ NULL,			KIND__MAX }
};

static const struct word traceloop[] = {
	{ "workflow",	KIND_CHAIN },
	{ "task",	KIND_CHAIN },
	{ "agent",	KIND_AGENT },
	{ "tool",	KIND_TOOL },
	{ NULL,		KIND__MAX }
};

static const struct word request_type[] = {
	{ "chat",	KIND_LLM },
	{ "completion",	KIND_LLM },
	{ "embedding",	KIND_EMBEDDING },
	{ "rerank",	KIND_RERANKER },
	{ NULL,		KIND__MAX }
};

static const struct word claude[] = {
	{ "claude_code.interaction",	KIND_AGENT },
	{ "claude_code.llm_request",	KIND_LLM },
	{ "claude_code.hook",		KIND_CHAIN },
	{ NULL,				KIND__MAX }
};
/* clang-format on */

static enum kind ai_sdk_kind(struct str id)
{
	if (str_ends(id, STR(".doGenerate")) || str_ends(id, STR(".doStream")))
		return KIND_LLM;
	if (str_ends(id, STR(".doEmbed")))
		return KIND_EMBEDDING;
	return map_kind_of(ai_sdk, id);
}

static enum kind claude_kind(const struct mapper *m)
{
	if (!m->is_claude)
		return KIND__MAX;
	if (str_starts(m->in->name, STR("claude_code.tool")))
		return KIND_TOOL;
	return map_kind_of(claude, m->in->name);
}

static bool map_kind_has(const struct mapper *m, enum slot slot)
{
	return m->picks[slot].attr != NULL;
}

/* Any attribute with this prefix. Only asked when nothing better was found. */
static bool has_prefix(const struct mapper *m, enum slot slot)
{
	for (size_t i = 0; i < m->n_attrs; i++)
		if (m->attrs[i].row && m->attrs[i].row->slot == slot)
			return true;
	return false;
}

static bool has_genai_messages(const struct mapper *m)
{
	for (size_t i = 0; i < m->n_attrs; i++)
		if (m->attrs[i].row && !m->attrs[i].is_resource &&
			(str_eq(m->attrs[i].row->key, STR("gen_ai.input.messages")) ||
				str_eq(m->attrs[i].row->key, STR("gen_ai.output.messages"))))
			return true;
	return false;
}

/* Returns the kind that the other attributes indicate. */
static enum kind kind_by_traits(const struct mapper *m)
{
	if (map_kind_has(m, SLOT_TOOL_NAME) || map_kind_has(m, SLOT_HAS_TOOL))
		return KIND_TOOL;
	if (has_prefix(m, SLOT_HAS_RETRIEVAL))
		return KIND_RETRIEVER;
	if (map_kind_has(m, SLOT_MODEL) || has_genai_messages(m))
		return KIND_LLM;
	return KIND_UNKNOWN;
}

static enum kind find_kind(struct mapper *m)
{
	static const struct {
		enum slot slot;
		const struct word *words;
	} sources[] = { { SLOT_KIND_LANGFUSE, langfuse }, { SLOT_OPERATION, operation },
		{ SLOT_AI_OPERATION, NULL }, { SLOT_KIND_TRACELOOP, traceloop },
		{ SLOT_REQUEST_TYPE, request_type } };
	enum kind kind = KIND__MAX;
	if (map_kind_has(m, SLOT_KIND_OPENINFERENCE)) {
		kind = map_kind_of(openinference, map_slot_text(m, SLOT_KIND_OPENINFERENCE));
		return kind == KIND__MAX ? KIND_UNKNOWN : kind;
	}
	for (size_t i = 0; i < sizeof sources / sizeof sources[0] && kind == KIND__MAX; i++)
		if (map_kind_has(m, sources[i].slot)) {
			struct str text = map_slot_text(m, sources[i].slot);
			kind = sources[i].words ? map_kind_of(sources[i].words, text)
						: ai_sdk_kind(text);
		}
	if (kind == KIND__MAX)
		kind = claude_kind(m);
	return kind == KIND__MAX ? kind_by_traits(m) : kind;
}

void map_kind(struct mapper *m)
{
	span_set_i64(m->out, FIELD_KIND, find_kind(m));
}

static enum status find_status(struct mapper *m)
{
	static const struct {
		const char *text;
		enum status status;
	} words[] = { { "error", STATUS_ERROR }, { "status_code_error", STATUS_ERROR },
		{ "cancelled", STATUS_CANCELLED }, { "canceled", STATUS_CANCELLED } };
	struct str text = map_slot_text(m, SLOT_STATUS);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_eq_nocase(text, str_from_c(words[i].text))) {
			m->used[SLOT_STATUS] = text;
			return words[i].status;
		}
	if (m->in->status_code == 2 || str_eq_nocase(map_slot_text(m, SLOT_LEVEL), STR("ERROR")))
		return STATUS_ERROR;
	return STATUS_SUCCESS;
}

/* The text of an event's attribute; empty when it has none. */
static struct str event_text(struct mapper *m, const struct otlp_event *e, struct str key)
{
	const struct otlp_value *v = e ? otlp_attr(&e->attrs, key) : NULL;
	return v ? map_text(m, v) : STR("");
}

static struct str map_kind_first_of(struct str x, struct str y)
{
	return x.len ? x : y;
}

static void map_kind_set_text(struct mapper *m, enum field field, struct str text)
{
	if (text.len)
		span_set_text(m->out, field, text);
}

void map_status(struct mapper *m)
{
	const struct otlp_event *e = map_last_event(m, STR("exception"));
	enum status status = find_status(m);
	struct str type = map_slot_text(m, SLOT_ERROR_TYPE), message;
	span_set_i64(m->out, FIELD_STATUS, status);
	/* exception.type, then the event, then error.type: the pick may be the first or the third.
	 */
	struct str of_event = event_text(m, e, STR("exception.type"));
	if (m->picks[SLOT_ERROR_TYPE].rank != 1 && of_event.len) {
		type = of_event;
		m->picks[SLOT_ERROR_TYPE].attr = NULL;
	}
	if ((status == STATUS_ERROR || e) && m->c->mapping == MAPPING_OPIK)
		type = map_kind_first_of(type, STR("Error"));
	map_kind_set_text(m, FIELD_ERROR_TYPE, type);
	m->used[SLOT_ERROR_TYPE] = type;

	message = map_kind_first_of(
		map_slot_text(m, SLOT_ERROR_MESSAGE), event_text(m, e, STR("exception.message")));
	if (!message.len && status == STATUS_ERROR) {
		message = map_slot_text(m, SLOT_STATUS_TEXT);
		m->used[SLOT_STATUS_TEXT] = message;
	}
	if (status == STATUS_ERROR || e || m->c->mapping != MAPPING_OPIK)
		message = map_kind_first_of(message, m->in->status_message);
	map_kind_set_text(m, FIELD_ERROR_MESSAGE, message);
	m->used[SLOT_ERROR_MESSAGE] = message;

	m->used[SLOT_ERROR_TRACEBACK] = map_kind_first_of(map_slot_text(m, SLOT_ERROR_TRACEBACK),
		event_text(m, e, STR("exception.stacktrace")));
	map_kind_set_text(m, FIELD_ERROR_TRACEBACK, m->used[SLOT_ERROR_TRACEBACK]);
}
