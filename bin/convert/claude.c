/* Transcripts of Claude Code (~/.claude/projects/…/SESSION.jsonl): a line an event. A block of the
 * model's answer is a line; the blocks of one call share a message id. Declared in convert.h. */
#include "convert/convert.h"

#include "base/utime.h"

static const struct turn_kind claude_code = { "claude-code", "anthropic" };

static int64_t convert_claude_count_of(struct json usage, const char *key)
{
	int64_t n;
	return json_to_i64(convert_get(usage, key), &n) && n > 0 ? n : 0;
}

/* Reads the usage. Tokens read from the cache, or written into it, are input too. */
static void convert_claude_read_usage(struct turn *t, struct json usage)
{
	t->usage = STR("");
	t->cached_tokens = convert_claude_count_of(usage, "cache_read_input_tokens");
	t->output_tokens = convert_claude_count_of(usage, "output_tokens");
	if (usage.type == JSON_OBJECT &&
		!__builtin_add_overflow(convert_claude_count_of(usage, "input_tokens"),
			t->cached_tokens, &t->input_tokens) &&
		!__builtin_add_overflow(t->input_tokens,
			convert_claude_count_of(usage, "cache_creation_input_tokens"),
			&t->input_tokens))
		t->usage = turn_keep(t, usage.raw);
}

static void convert_claude_open_turn(
	struct convert *cv, struct json record, struct str prompt, int64_t now_ns)
{
	static const char *const kept[] = { "cwd", "gitBranch", "version", "slug", "agentId" };
	struct turn *t = &cv->turn;
	struct buf b;
	struct json_writer w;
	turn_open(t, &claude_code, now_ns);
	t->id = turn_keep_text(t, record, "uuid");
	t->session_id = turn_keep_text(t, record, "sessionId");
	t->project = turn_last_name(turn_keep_text(t, record, "cwd"));
	t->prompt = turn_keep(t, prompt);
	if (t->id.len == 0)
		t->id = convert_id(&t->memory, record.raw);
	buf_init(&b, &t->memory);
	json_writer_init(&w, &b);
	json_object(&w);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (convert_get(record, kept[i]).type == JSON_STRING)
			json_member_raw(&w, str_from_c(kept[i]), convert_get(record, kept[i]).raw);
	json_end(&w);
	t->metadata = buf_str(&b);
}

/* Returns the prompt as JSON; STR_NULL for results of tools. */
static struct str convert_claude_prompt_of(struct json content)
{
	if (content.type == JSON_STRING)
		return content.raw;
	for (struct json_iter it = json_elements(content); json_next(&it);) {
		struct json type = convert_get(it.value, "type");
		if (type.type == JSON_STRING && json_body_is(json_body(type), STR("tool_result")))
			return STR_NULL;
		if (convert_get(it.value, "text").type == JSON_STRING)
			return convert_get(it.value, "text").raw;
	}
	return STR_NULL;
}

static enum cli_exit take_results(struct convert *cv, struct json content, int64_t now_ns)
{
	enum cli_exit code = CLI_OK;
	for (struct json_iter it = json_elements(content); json_next(&it) && code == CLI_OK;) {
		struct str id = convert_text(&cv->memory, it.value, "tool_use_id");
		struct json output = convert_get(it.value, "content");
		bool is_error = convert_get(it.value, "is_error").type == JSON_TRUE;
		code = turn_end_tool(cv, id, output.type > JSON_NULL ? output.raw : STR_NULL,
			is_error, is_error && output.type == JSON_STRING ? output.raw : STR_NULL,
			now_ns);
	}
	return code;
}

static enum cli_exit take_user(struct convert *cv, struct json record, int64_t now_ns)
{
	struct turn *t = &cv->turn;
	struct json message = convert_get(record, "message"),
		    content = convert_get(message, "content");
	struct str prompt = convert_claude_prompt_of(content);
	bool is_typed = !str_is_null(prompt) && convert_get(record, "isMeta").type != JSON_TRUE;
	/* The results of the first blocks stand between the blocks of one answer. */
	enum cli_exit code = is_typed ? turn_close(cv) : CLI_OK;
	if (code)
		return code;
	if (!t->is_open)
		convert_claude_open_turn(cv, record, prompt, now_ns);
	if (!is_typed)
		code = take_results(cv, content, now_ns);
	t->last_ns = now_ns;
	turn_add_context(t, message.raw);
	return code;
}

static void convert_claude_take_block(
	struct turn *t, struct arena *a, struct json block, int64_t now_ns)
{
	struct json type = convert_get(block, "type");
	turn_add_content(t, block.raw);
	if (type.type != JSON_STRING)
		return;
	if (json_body_is(json_body(type), STR("tool_use"))) {
		struct str id = convert_text(a, block, "id");
		turn_add_tool(t, id.len ? id : convert_id(a, block.raw),
			convert_text(a, block, "name"), convert_get(block, "input").raw, now_ns);
	} else if (json_body_is(json_body(type), STR("text")) &&
		   convert_get(block, "text").type == JSON_STRING) {
		t->answer = turn_keep(t, convert_get(block, "text").raw);
	}
}

static enum cli_exit take_assistant(struct convert *cv, struct json record, int64_t now_ns)
{
	struct turn *t = &cv->turn;
	struct json message = convert_get(record, "message"),
		    content = convert_get(message, "content");
	struct str id = convert_text(&cv->memory, message, "id");
	enum cli_exit code = CLI_OK;
	if (!t->is_open)
		convert_claude_open_turn(cv, record, STR_NULL, now_ns);
	if (id.len == 0)
		id = convert_id(&cv->memory, record.raw);
	if (!str_eq(id, t->sent_id) || t->call_id.len == 0) {
		code = turn_close_call(cv);
		turn_open_call(t, id, convert_text(&cv->memory, message, "model"));
	}
	convert_claude_read_usage(t, convert_get(message, "usage"));
	t->call_ended_ns = t->last_ns = now_ns;
	if (content.type == JSON_STRING) {
		turn_add_content(t, arena_printf(&cv->memory, "{\"type\":\"text\",\"text\":%.*s}",
					    STR_ARG(content.raw)));
		t->answer = turn_keep(t, content.raw);
	}
	for (struct json_iter it = json_elements(content); json_next(&it);)
		if (it.value.type == JSON_OBJECT)
			convert_claude_take_block(t, &cv->memory, it.value, now_ns);
	return code;
}

enum cli_exit convert_claude(struct convert *cv, struct json record)
{
	struct str type = convert_text(&cv->memory, record, "type");
	struct str time = convert_text(&cv->memory, record, "timestamp");
	int64_t now_ns;
	/* Snapshots, progress and the like are not part of the work. */
	if (str_is_null(time) || !utime_parse_lax(time, &now_ns) ||
		convert_get(record, "message").type != JSON_OBJECT)
		return CLI_OK;
	if (str_eq(type, STR("user")))
		return take_user(cv, record, now_ns);
	return str_eq(type, STR("assistant")) ? take_assistant(cv, record, now_ns) : CLI_OK;
}
