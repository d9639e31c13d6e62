/*
 * Input and output.  A text is kept as the client wrote it, as one JSON string, even when it holds
 * JSON itself; structured values and what is put together here are JSON values.
 *
 * Order of the sources: for LLM spans OpenInference's flattened messages, then the attributes by
 * their rank in the table; between them, at fixed ranks, what several attributes or the events
 * say.
 */
#include "semconv/map.h"

/* One of the two payloads: where its parts are. */
struct payload {
	enum field field;
	enum slot slot, messages, indexed;
	unsigned indexed_rank, events_rank;
	const char *value_key;   /* OpenInference's, which repeats the flattened messages */
	const char *message_key; /* on the event that carries messages */
	const char *plain_event, *plain_key;
};

static const struct payload payloads[] = {
	{ FIELD_INPUT, SLOT_INPUT, SLOT_INPUT_MESSAGES, SLOT_PROMPTS, RANK_INPUT_INDEXED,
		RANK_INPUT_EVENTS, "input.value", "gen_ai.input.messages", "gen_ai.content.prompt",
		"gen_ai.prompt" },
	{ FIELD_OUTPUT, SLOT_OUTPUT, SLOT_OUTPUT_MESSAGES, SLOT_COMPLETIONS, RANK_OUTPUT_INDEXED,
		RANK_OUTPUT_EVENTS, "output.value", "gen_ai.output.messages",
		"gen_ai.content.completion", "gen_ai.completion" },
};

static bool map_payload_has_any(const struct mapper *m, enum slot slot)
{
	for (size_t i = 0; i < m->n_attrs; i++)
		if (m->attrs[i].row && m->attrs[i].row->slot == slot && !m->attrs[i].is_resource)
			return true;
	return false;
}

/* The flattened messages became the payload; input.value may hold the same once more. */
static void use_messages(struct mapper *m, const struct payload *p, struct str messages)
{
	span_set_text(m->out, p->field, messages);
	for (size_t i = 0; i < m->n_attrs; i++) {
		struct map_attr *x = &m->attrs[i];
		if (!x->row || x->is_resource || x->attr->value.type != OTLP_STRING ||
			!str_eq(x->row->key, str_from_c(p->value_key)))
			continue;
		x->is_gone = m->c->mapping == MAPPING_NEMO ||
			     map_repeats_messages(m, x->attr->value.text, messages);
	}
}

static void use_value(struct mapper *m, const struct payload *p, const struct otlp_value *v)
{
	span_set_text(m->out, p->field, map_json(m, v));
	m->used[p->slot] = v->type == OTLP_STRING ? v->text : STR("");
}

/* The AI SDK's answer: its text, or a message when it calls tools. */
static bool use_ai_answer(struct mapper *m)
{
	const struct otlp_value *text = map_value(m, SLOT_AI_TEXT);
	const struct otlp_value *calls = map_value(m, SLOT_AI_TOOL_CALLS);
	struct json_writer w;
	if (!calls) {
		if (text)
			span_set_text(m->out, FIELD_OUTPUT, map_json(m, text));
		m->used[SLOT_AI_TEXT] = text ? map_text(m, text) : STR_NULL;
		return text != NULL;
	}
	struct str json = calls->type == OTLP_STRING ? map_json_in_text(m, calls->text) : STR_NULL;
	if (str_is_null(json))
		json = map_json(m, calls);
	buf_reset(&m->more);
	json_writer_init(&w, &m->more);
	json_object(&w);
	json_member_text(&w, STR("role"), STR("assistant"));
	if (text)
		json_member_body(&w, STR("content"), map_text(m, text));
	json_member_raw(&w, STR("tool_calls"), json);
	json_end(&w);
	span_set_text(m->out, FIELD_OUTPUT, arena_copy(m->arena, buf_str(&m->more)));
	m->used[SLOT_AI_TOOL_CALLS] = map_text(m, calls);
	m->used[SLOT_AI_TEXT] = text ? map_text(m, text) : STR_NULL;
	return true;
}

static bool use_event_attr(struct mapper *m, enum field field, struct str event, struct str key)
{
	const struct otlp_event *e = map_last_event(m, event);
	const struct otlp_value *v = e ? otlp_attr(&e->attrs, key) : NULL;
	if (!v || map_is_empty(v))
		return false;
	span_set_text(m->out, field, map_json(m, v));
	return true;
}

static bool use_events(struct mapper *m, const struct payload *p)
{
	struct str json;
	if (m->in->n_events == 0)
		return false;
	if (use_event_attr(m, p->field, STR("gen_ai.client.inference.operation.details"),
		    str_from_c(p->message_key)) ||
		use_event_attr(m, p->field, str_from_c(p->plain_event), str_from_c(p->plain_key)))
		return true;
	json = map_event_messages(m, p->field == FIELD_OUTPUT);
	if (!str_is_null(json))
		span_set_text(m->out, p->field, json);
	return !str_is_null(json);
}

static bool use_indexed(struct mapper *m, const struct payload *p)
{
	struct str json = STR_NULL;
	if (map_payload_has_any(m, p->indexed))
		json = map_messages(m, p->indexed, false, true);
	if (str_is_null(json))
		return false;
	span_set_text(m->out, p->field, json);
	return true;
}

/* What stands at ranks of its own, before the best attribute: true when it was used. */
static bool use_built(struct mapper *m, const struct payload *p, unsigned best)
{
	bool is_output = p->field == FIELD_OUTPUT;
	if (is_output && best > RANK_OUTPUT_AI && use_ai_answer(m))
		return true;
	if (is_output && best > RANK_OUTPUT_TOOL_EVENT && m->is_claude &&
		(use_event_attr(m, FIELD_OUTPUT, STR("tool.output"), STR("output")) ||
			use_event_attr(m, FIELD_OUTPUT, STR("tool.output"), STR("content"))))
		return true;
	return (best > p->indexed_rank && use_indexed(m, p)) ||
	       (best > p->events_rank && use_events(m, p));
}

static void map_payload(struct mapper *m, const struct payload *p)
{
	bool is_nemo = m->c->mapping == MAPPING_NEMO;
	const struct pick *pick = &m->picks[p->slot];
	bool has_messages = map_payload_has_any(m, p->messages);
	if (has_messages && span_i64(m->out, FIELD_KIND, KIND_UNKNOWN) == KIND_LLM) {
		struct str messages = map_messages(m, p->messages, true, !is_nemo);
		if (!str_is_null(messages)) {
			use_messages(m, p, messages);
			return;
		}
	}
	if (!is_nemo && use_built(m, p, pick->attr ? pick->rank : RANK + 1))
		return;
	if (pick->attr)
		use_value(m, p, &pick->attr->attr->value);
	else if (has_messages && !is_nemo) {
		/* Messages on a span that is no LLM's are still all there is. */
		struct str messages = map_messages(m, p->messages, true, true);
		if (!str_is_null(messages))
			use_messages(m, p, messages);
	}
}

void map_payloads(struct mapper *m)
{
	for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++)
		map_payload(m, &payloads[i]);
}
