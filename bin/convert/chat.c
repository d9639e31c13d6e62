/*
 * Chats: a request with its response is sent to the API that takes those.  A list of messages
 * becomes a trace of its own: the conversation, below it a span for each answer of the model, whose
 * input is what was said since the answer before it, and a span for each result of a tool.
 */
#include "convert/convert.h"

#include "base/utime.h"

#define SOURCE STR("chat")

struct chat {
	struct convert *cv;
	struct str trace_id, session_id, model;
	int64_t at_ns; /* of the next span; each is one microsecond later, to differ */
	size_t n;
	struct buf context;     /* messages since the last answer, separated by commas */
	struct json last_calls; /* of tools, in the last answer */
	struct str prompt, answer;
};

static enum cli_exit convert_chat_finish(
	struct chat *ch, struct buf *line, struct json_writer *w, int64_t started_ns)
{
	convert_time(w, STR("started_at"), started_ns);
	convert_time(w, STR("ended_at"), ch->at_ns);
	if (ch->session_id.len)
		json_member_text(w, STR("session_id"), ch->session_id);
	json_end(w);
	return convert_line(ch->cv, buf_str(line));
}

static struct str next_id(struct chat *ch)
{
	struct arena *a = &ch->cv->memory;
	return str_first(
		convert_id(a, arena_printf(a, "%.*s %zu", STR_ARG(ch->trace_id), ++ch->n)), 16);
}

/* Returns the call that a tool's message answers; JSON_NONE when it is unknown. */
static struct json call_of(struct chat *ch, struct json message)
{
	struct json id = json_get(message, STR("tool_call_id"));
	for (struct json_iter it = json_elements(ch->last_calls); json_next(&it);)
		if (id.type == JSON_STRING &&
			json_equal(&ch->cv->memory, json_get(it.value, STR("id")), id))
			return json_get(it.value, STR("function"));
	return (struct json){ 0 };
}

static enum cli_exit convert_chat_put_tool(struct chat *ch, struct json message)
{
	struct buf line;
	struct json_writer w;
	struct json call = call_of(ch, message), name = json_get(message, STR("name"));
	struct json arguments = json_get(call, STR("arguments"));
	int64_t started_ns = ch->at_ns;
	if (name.type != JSON_STRING)
		name = json_get(call, STR("name"));
	buf_init(&line, &ch->cv->memory);
	json_writer_init(&w, &line);
	convert_open(&w, next_id(ch), ch->trace_id, ch->trace_id, SOURCE, "TOOL");
	json_member_text(&w, STR("status"), STR("success"));
	if (name.type == JSON_STRING) {
		json_member_raw(&w, STR("name"), name.raw);
		json_member_raw(&w, STR("tool_name"), name.raw);
	}
	if (arguments.type > JSON_NULL)
		json_member_raw(&w, STR("input"), convert_unpack(&ch->cv->memory, arguments));
	json_member_raw(&w, STR("output"), json_get(message, STR("content")).raw);
	ch->at_ns += NS_PER_US;
	return convert_chat_finish(ch, &line, &w, started_ns);
}

static enum cli_exit convert_chat_put_answer(struct chat *ch, struct json message)
{
	struct buf line;
	struct json_writer w;
	int64_t started_ns = ch->at_ns;
	buf_init(&line, &ch->cv->memory);
	json_writer_init(&w, &line);
	convert_open(&w, next_id(ch), ch->trace_id, ch->trace_id, SOURCE, "LLM");
	json_member_text(&w, STR("status"), STR("success"));
	json_member_text(&w, STR("name"), STR("chat"));
	if (ch->model.len)
		json_member_text(&w, STR("model"), ch->model);
	json_member_raw(&w, STR("input"),
		arena_printf(
			&ch->cv->memory, "{\"messages\":[%.*s]}", STR_ARG(buf_str(&ch->context))));
	json_member_raw(&w, STR("output"),
		arena_printf(&ch->cv->memory, "{\"messages\":[%.*s]}", STR_ARG(message.raw)));
	ch->at_ns += NS_PER_US;
	return convert_chat_finish(ch, &line, &w, started_ns);
}

static enum cli_exit put_message(struct chat *ch, struct json message)
{
	struct json role = json_get(message, STR("role"));
	struct json content = json_get(message, STR("content"));
	enum cli_exit code = CLI_OK;
	if (role.type == JSON_STRING && json_body_is(json_body(role), STR("assistant"))) {
		code = convert_chat_put_answer(ch, message);
		buf_reset(&ch->context);
		ch->last_calls = json_get(message, STR("tool_calls"));
		if (content.type > JSON_NULL)
			ch->answer = content.raw;
		return code;
	}
	if (role.type == JSON_STRING && json_body_is(json_body(role), STR("user")) &&
		str_is_null(ch->prompt))
		ch->prompt = content.raw;
	if (role.type == JSON_STRING && json_body_is(json_body(role), STR("tool")) &&
		content.type > JSON_NULL)
		code = convert_chat_put_tool(ch, message);
	if (ch->context.len)
		buf_add_char(&ch->context, ',');
	buf_add(&ch->context, message.raw);
	return code;
}

/* Writes other members of the record: a task, a reward. */
static void put_metadata(struct chat *ch, struct json_writer *w, struct json record)
{
	static const char *const known[] = { "messages", "traj", "trace_id", "session_id", "model",
		NULL };
	json_key(w, STR("metadata"));
	json_object(w);
	for (struct json_iter it = json_members(record); json_next(&it);) {
		bool is_known = false;
		for (size_t i = 0; known[i]; i++)
			is_known |= json_body_is(it.key, str_from_c(known[i]));
		if (is_known)
			continue;
		json_key_body(w, json_canonical_body(&ch->cv->memory, it.key));
		json_raw(w, it.value.raw);
	}
	json_end(w);
}

static enum cli_exit put_conversation(struct chat *ch, struct json record, int64_t started_ns)
{
	struct buf line;
	struct json_writer w;
	buf_init(&line, &ch->cv->memory);
	json_writer_init(&w, &line);
	convert_open(&w, ch->trace_id, ch->trace_id, STR(""), SOURCE, "AGENT");
	json_member_text(&w, STR("status"), STR("success"));
	json_member_text(&w, STR("name"), STR("conversation"));
	put_metadata(ch, &w, record);
	if (!str_is_null(ch->prompt))
		json_member_raw(&w, STR("input"), ch->prompt);
	if (!str_is_null(ch->answer))
		json_member_raw(&w, STR("output"), ch->answer);
	return convert_chat_finish(ch, &line, &w, started_ns);
}

static int64_t convert_chat_time_of(struct convert *cv, struct json record)
{
	static const char *const keys[] = { "started_at", "timestamp", "created_at", "created" };
	int64_t ns;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct json v = json_get(record, str_from_c(keys[i]));
		struct str text =
			v.type == JSON_STRING ? json_decode(&cv->memory, json_body(v)) : v.raw;
		if (v.type > JSON_NULL && utime_parse_lax(text, &ns))
			return ns;
	}
	return cv->file_ns;
}

static enum cli_exit convert_pair(struct convert *cv, struct json record)
{
	struct str body = record.raw;
	/* A record that is sent twice must be one span. */
	if (json_get(record, STR("trace_id")).type != JSON_STRING)
		body = arena_printf(&cv->memory, "{\"trace_id\":\"%.*s\",%.*s",
			STR_ARG(convert_id(&cv->memory, record.raw)),
			STR_ARG(str_skip(record.raw, 1)));
	return convert_send(cv, "POST",
		arena_printf(&cv->memory, "/apis/intake/v2/workspaces/%.*s/ingest/chat-completions",
			STR_ARG(cv->cli->workspace)),
		STR("application/json"), body);
}

enum cli_exit convert_chat(struct convert *cv, struct json record)
{
	struct json messages = json_get(record, STR("messages"));
	struct chat ch = { .cv = cv, .at_ns = convert_chat_time_of(cv, record) };
	enum cli_exit code = CLI_OK;
	int64_t started_ns = ch.at_ns;
	if (messages.type != JSON_ARRAY)
		messages = json_get(record, STR("traj"));
	if (messages.type != JSON_ARRAY)
		return convert_pair(cv, record);
	ch.trace_id = convert_text(&cv->memory, record, "trace_id");
	ch.session_id = convert_text(&cv->memory, record, "session_id");
	ch.model = convert_text(&cv->memory, record, "model");
	if (ch.trace_id.len == 0)
		ch.trace_id = convert_id(&cv->memory, record.raw);
	buf_init(&ch.context, &cv->memory);
	for (struct json_iter it = json_elements(messages); json_next(&it) && code == CLI_OK;)
		if (it.value.type == JSON_OBJECT)
			code = put_message(&ch, it.value);
	return code == CLI_OK ? put_conversation(&ch, record, started_ns) : code;
}
