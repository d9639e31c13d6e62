/*
 * Rollouts of Codex (~/.codex/sessions/…/rollout-….jsonl): a line an event, `{"timestamp":…,
 * "type":…,"payload":{…}}`.  Declared in convert.h.
 *
 * response_items hold what went to the model and came from it.  Events repeat this for the display
 * and are skipped, except token_count, which has the usage of a call.  Nothing marks the end of a
 * call: what comes after results of tools, or after its usage, belongs to the next one.
 */
#include "convert/convert.h"

#include "base/limits.h"
#include "base/utime.h"

#define SESSION_MEMORY ((size_t)4 << 30)

enum { EXIT_LOOK_BYTES = 2048, CALL_ID_DIGITS = 16 };

static const struct turn_kind codex = { "codex", "openai" };

static bool convert_codex_is_text(struct json v, const char *text)
{
	return v.type == JSON_STRING && json_body_is(json_body(v), str_from_c(text));
}

static void open_session(struct codex *x)
{
	if (x->is_open)
		return;
	arena_init(&x->memory, SESSION_MEMORY);
	buf_init(&x->pending, &x->memory);
	x->is_open = true;
}

void convert_codex_end(struct convert *cv)
{
	if (cv->codex.is_open)
		arena_release(&cv->codex.memory);
	cv->codex = (struct codex){ .is_open = false };
}

/* Takes the first line; that of the session it was forked from may follow. */
static void take_session(struct codex *x, struct json payload)
{
	static const char *const kept[] = { "cwd", "cli_version", "originator", "git" };
	struct buf b;
	struct json_writer w;
	if (x->session_id.len)
		return;
	x->session_id = arena_copy(&x->memory, convert_text(&x->memory, payload, "id"));
	x->project = turn_last_name(convert_text(&x->memory, payload, "cwd"));
	x->project = arena_copy(&x->memory, x->project);
	buf_init(&b, &x->memory);
	json_writer_init(&w, &b);
	json_object(&w);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (convert_get(payload, kept[i]).type > JSON_NULL)
			json_member_raw(&w, str_from_c(kept[i]), convert_get(payload, kept[i]).raw);
	json_end(&w);
	x->metadata = buf_str(&b);
}

/* Adds a message that precedes the prompt, for the next call. */
static void convert_codex_add_pending(struct codex *x, struct str message)
{
	if (x->pending.len)
		buf_add_char(&x->pending, ',');
	buf_add(&x->pending, message);
}

static void take_pending(struct convert *cv)
{
	if (cv->codex.pending.len)
		turn_add_context(&cv->turn, buf_str(&cv->codex.pending));
	buf_reset(&cv->codex.pending);
}

/* Opens a turn. prompt: a text as JSON; null: the file begins in the middle. */
static void convert_codex_open_turn(
	struct convert *cv, struct json record, struct str prompt, int64_t now_ns)
{
	struct turn *t = &cv->turn;
	struct codex *x = &cv->codex;
	turn_open(t, &codex, now_ns);
	t->id = convert_id(&t->memory,
		arena_printf(&cv->memory, "codex %.*s %.*s %.*s", STR_ARG(x->session_id),
			STR_ARG(convert_text(&cv->memory, record, "timestamp")), STR_ARG(prompt)));
	t->session_id = turn_keep(t, x->session_id);
	t->project = turn_keep(t, x->project);
	t->metadata = turn_keep(t, x->metadata);
	t->prompt = turn_keep(t, prompt);
	x->n_calls = 0;
	x->is_answered = false;
	take_pending(cv);
}

/* Returns the prompt as JSON; STR_NULL for what the program itself adds: <environment_context>,
 * <user_instructions>, the text of AGENTS.md. */
static struct str convert_codex_prompt_of(struct convert *cv, struct json content)
{
	for (struct json_iter it = json_elements(content); json_next(&it);) {
		struct json text = convert_get(it.value, "text");
		if (text.type != JSON_STRING)
			continue;
		struct str s = str_trim(json_decode(&cv->memory, json_body(text)));
		bool is_added = (s.len > 1 && s.ptr[0] == '<' && ascii_lower(s.ptr[1]) >= 'a' &&
					ascii_lower(s.ptr[1]) <= 'z') ||
				str_starts(s, STR("# AGENTS.md instructions"));
		return is_added ? STR_NULL : text.raw;
	}
	return STR_NULL;
}

static enum cli_exit take_input(
	struct convert *cv, struct json record, struct json payload, int64_t now_ns)
{
	struct str prompt = convert_codex_is_text(convert_get(payload, "role"), "user")
				    ? convert_codex_prompt_of(cv, convert_get(payload, "content"))
				    : STR_NULL;
	if (str_is_null(prompt)) {
		convert_codex_add_pending(&cv->codex, payload.raw);
		return CLI_OK;
	}
	enum cli_exit code = turn_close(cv);
	if (code)
		return code;
	convert_codex_open_turn(cv, record, prompt, now_ns);
	turn_add_context(&cv->turn, payload.raw);
	return CLI_OK;
}

/* ---- Output of the model ---- */

static enum cli_exit begin_output(struct convert *cv, struct json record, int64_t now_ns)
{
	struct turn *t = &cv->turn;
	struct codex *x = &cv->codex;
	enum cli_exit code = CLI_OK;
	if (!t->is_open)
		convert_codex_open_turn(cv, record, STR_NULL, now_ns);
	if (t->call_id.len && x->is_answered)
		code = turn_close_call(cv);
	if (t->call_id.len == 0) {
		take_pending(cv);
		struct str id = convert_id(&cv->memory,
			arena_printf(&cv->memory, "%.*s %zu", STR_ARG(t->id), ++x->n_calls));
		turn_open_call(t, str_first(id, CALL_ID_DIGITS), x->model);
		x->is_answered = false;
	}
	t->call_ended_ns = t->last_ns = now_ns;
	return code;
}

static void take_message(struct turn *t, struct json payload)
{
	for (struct json_iter it = json_elements(convert_get(payload, "content"));
		json_next(&it);) {
		turn_add_content(t, it.value.raw);
		if (convert_get(it.value, "text").type == JSON_STRING)
			t->answer = turn_keep(t, convert_get(it.value, "text").raw);
	}
}

/* Takes reasoning, without the part that is encrypted. */
static void take_reasoning(struct convert *cv, struct json payload)
{
	struct json summary = convert_get(payload, "summary");
	struct json_iter any = json_elements(summary);
	if (json_next(&any))
		turn_add_content(&cv->turn,
			arena_printf(&cv->memory, "{\"type\":\"reasoning\",\"summary\":%.*s}",
				STR_ARG(summary.raw)));
}

static enum cli_exit take_tool(
	struct convert *cv, struct json payload, struct str type, int64_t now_ns)
{
	static const char *const inputs[] = { "arguments", "input", "action" };
	struct arena *a = &cv->memory;
	struct str id = convert_text(a, payload, "call_id"), input = STR_NULL;
	struct str name = convert_text(a, payload, "name");
	for (size_t i = 0; i < sizeof inputs / sizeof inputs[0] && !input.len; i++)
		if (convert_get(payload, inputs[i]).type > JSON_NULL)
			input = convert_unpack(a, convert_get(payload, inputs[i]));
	if (!name.len) /* local_shell_call: local_shell */
		name = str_first(type, type.len - STR("_call").len);
	if (!id.len)
		id = convert_id(a, arena_printf(a, "%.*s %zu %.*s", STR_ARG(cv->turn.id),
					   cv->turn.n_tools, STR_ARG(payload.raw)));
	turn_add_content(&cv->turn, payload.raw);
	turn_add_tool(&cv->turn, id, name, input, now_ns);
	/* It ran on the side of the model. */
	return str_eq(type, STR("web_search_call"))
		       ? turn_end_tool(cv, id, STR_NULL, false, STR_NULL, now_ns)
		       : CLI_OK;
}

/* ---- Results of tools ---- */

static bool number_after(struct str text, struct str words, int64_t *ret)
{
	text = str_first(text, EXIT_LOOK_BYTES);
	size_t at = str_find(text, words), n = 0;
	text = str_trim(str_skip(text, at < text.len ? at + words.len : text.len));
	while (n < text.len && ascii_is_digit(text.ptr[n]))
		n++;
	return str_to_i64(str_first(text, n), ret);
}

/* Returns 0 also when there is no code. */
static int64_t exit_code(struct convert *cv, struct json output)
{
	struct json_error error;
	int64_t n = 0;
	if (output.type != JSON_STRING)
		return convert_get(output, "success").type == JSON_FALSE;
	struct str text = json_decode(&cv->memory, json_body(output));
	if (str_starts(text, STR("{")) && json_check(text, LIMIT_DEPTH, &error)) {
		struct json metadata = convert_get(json_open(text), "metadata");
		return json_to_i64(convert_get(metadata, "exit_code"), &n) ? n : 0;
	}
	if (str_starts(text, STR("Exit code:")))
		return number_after(text, STR("Exit code:"), &n) ? n : 0;
	return number_after(text, STR("Process exited with code"), &n) ? n : 0;
}

static enum cli_exit take_result(struct convert *cv, struct json payload, int64_t now_ns)
{
	struct json output = convert_get(payload, "output");
	int64_t failure = exit_code(cv, output);
	if (!cv->turn.is_open)
		return CLI_OK;
	cv->turn.last_ns = now_ns;
	cv->codex.is_answered = true;
	turn_add_context(&cv->turn, payload.raw);
	return turn_end_tool(cv, convert_text(&cv->memory, payload, "call_id"),
		output.type > JSON_NULL ? convert_unpack(&cv->memory, output) : STR_NULL,
		failure != 0,
		failure ? arena_printf(&cv->memory, "\"exit code %lld\"", (long long)failure)
			: STR_NULL,
		now_ns);
}

static enum cli_exit take_item(
	struct convert *cv, struct json record, struct json payload, int64_t now_ns)
{
	struct str type = convert_text(&cv->memory, payload, "type");
	bool is_message = str_eq(type, STR("message")), is_call = str_ends(type, STR("_call"));
	if (is_message && !convert_codex_is_text(convert_get(payload, "role"), "assistant"))
		return take_input(cv, record, payload, now_ns);
	if (str_ends(type, STR("_call_output")))
		return take_result(cv, payload, now_ns);
	if (!is_message && !is_call && !str_eq(type, STR("reasoning")))
		return CLI_OK;
	enum cli_exit code = begin_output(cv, record, now_ns);
	if (code)
		return code;
	if (is_call)
		return take_tool(cv, payload, type, now_ns);
	if (is_message)
		take_message(&cv->turn, payload);
	else
		take_reasoning(cv, payload);
	return CLI_OK;
}

/* Reads the usage. Cached input is input too. */
static void take_usage(struct convert *cv, struct json payload)
{
	struct turn *t = &cv->turn;
	struct json usage = convert_get(convert_get(payload, "info"), "last_token_usage");
	if (!t->is_open || !t->call_id.len ||
		!convert_codex_is_text(convert_get(payload, "type"), "token_count") ||
		!json_to_i64(convert_get(usage, "input_tokens"), &t->input_tokens) ||
		!json_to_i64(convert_get(usage, "output_tokens"), &t->output_tokens) ||
		t->input_tokens < 0 || t->output_tokens < 0)
		return;
	if (!json_to_i64(convert_get(usage, "cached_input_tokens"), &t->cached_tokens) ||
		t->cached_tokens < 0)
		t->cached_tokens = 0;
	t->usage = turn_keep(t, usage.raw);
	cv->codex.is_answered = true;
}

enum cli_exit convert_codex(struct convert *cv, struct json record)
{
	struct codex *x = &cv->codex;
	struct str type = convert_text(&cv->memory, record, "type");
	struct str time = convert_text(&cv->memory, record, "timestamp");
	struct json payload = convert_get(record, "payload");
	int64_t now_ns;
	if (str_is_null(time) || !utime_parse_lax(time, &now_ns))
		return CLI_OK;
	open_session(x);
	if (str_eq(type, STR("session_meta")))
		take_session(x, payload);
	else if (str_eq(type, STR("turn_context")))
		x->model = arena_copy(&x->memory, convert_text(&cv->memory, payload, "model"));
	else if (str_eq(type, STR("event_msg")))
		take_usage(cv, payload);
	else if (str_eq(type, STR("response_item")))
		return take_item(cv, record, payload, now_ns);
	return CLI_OK;
}
