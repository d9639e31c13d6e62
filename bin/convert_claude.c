/*
 * Transcripts of Claude Code (~/.claude/projects/…/SESSION.jsonl): a line an event.
 *
 * Each turn, from what was typed to the next time, becomes a trace of the session: the turn, below
 * it a span for each call of the model, whose input is what came since the one before (a block of
 * its answer is a line; they have one message id), and for each use of a tool.
 */
#include "convert.h"

#include "base/utime.h"

#define SOURCE STR("claude-code")
#define TURN_MEMORY ((size_t)8 << 30)

enum { NAME_BYTES = 80, TOOLS_FIRST = 16 };

static struct json member(struct json object, const char *key)
{
	return json_get(object, str_from_c(key));
}

/* A copy that lives as long as the turn. */
static struct str keep(struct claude *cl, struct str s)
{
	return str_is_null(s) ? s : arena_copy(&cl->memory, s);
}

static struct str keep_text(struct claude *cl, struct json object, const char *key)
{
	return convert_text(&cl->memory, json_open(keep(cl, object.raw)), key);
}

/* ---- Lines ---- */

static enum cli_exit finish(struct convert *cv, struct buf *line, struct json_writer *w,
	int64_t started_ns, int64_t ended_ns)
{
	struct claude *cl = &cv->claude;
	convert_time(w, STR("started_at"), started_ns);
	convert_time(w, STR("ended_at"), ended_ns < started_ns ? started_ns : ended_ns);
	if (cl->session_id.len)
		json_member_text(w, STR("session_id"), cl->session_id);
	if (cl->project.len)
		json_member_text(w, STR("project"), cl->project);
	json_member_text(w, STR("agent_name"), STR("claude-code"));
	json_end(w);
	enum cli_exit code = convert_line(cv, buf_str(line));
	buf_release(line);
	return code;
}

static int64_t count_of(struct json usage, const char *key)
{
	int64_t n;
	return json_to_i64(member(usage, key), &n) && n > 0 ? n : 0;
}

/* What was read from the cache, or written into it, is input too. */
static void put_usage(struct json_writer *w, struct str text)
{
	struct json usage = json_open(text);
	int64_t cached = count_of(usage, "cache_read_input_tokens"), output, input, sum;
	if (usage.type != JSON_OBJECT)
		return;
	output = count_of(usage, "output_tokens");
	if (__builtin_add_overflow(count_of(usage, "input_tokens"), cached, &input) ||
		__builtin_add_overflow(
			input, count_of(usage, "cache_creation_input_tokens"), &input) ||
		__builtin_add_overflow(input, output, &sum))
		return;
	json_member_i64(w, STR("input_tokens"), input);
	json_member_i64(w, STR("output_tokens"), output);
	json_member_i64(w, STR("cached_tokens"), cached);
	json_member_i64(w, STR("total_tokens"), sum);
	json_member_raw(w, STR("usage_details"), text);
}

static enum cli_exit close_call(struct convert *cv)
{
	struct claude *cl = &cv->claude;
	struct buf line;
	struct json_writer w;
	if (cl->message_id.len == 0)
		return CLI_OK;
	buf_init(&line, &cv->memory);
	json_writer_init(&w, &line);
	convert_open(&w, cl->message_id, cl->id, cl->id, SOURCE, "LLM");
	json_member_text(&w, STR("status"), STR("success"));
	json_member_text(&w, STR("name"), cl->model.len ? cl->model : STR("call"));
	json_member_text(&w, STR("provider"), STR("anthropic"));
	if (cl->model.len)
		json_member_text(&w, STR("model"), cl->model);
	put_usage(&w, cl->usage);
	json_key(&w, STR("input"));
	json_raw(&w,
		arena_printf(&cv->memory, "{\"messages\":[%.*s]}", STR_ARG(buf_str(&cl->input))));
	json_key(&w, STR("output"));
	json_raw(&w, arena_printf(&cv->memory,
			     "{\"messages\":[{\"role\":\"assistant\",\"content\":[%.*s]}]}",
			     STR_ARG(buf_str(&cl->content))));
	buf_reset(&cl->content);
	cl->message_id = STR("");
	return finish(cv, &line, &w, cl->call_started_ns, cl->call_ended_ns);
}

static enum cli_exit put_tool(
	struct convert *cv, struct claude_tool *t, struct json result, int64_t ended_ns)
{
	struct buf line;
	struct json_writer w;
	bool is_error = member(result, "is_error").type == JSON_TRUE;
	t->is_done = true;
	buf_init(&line, &cv->memory);
	json_writer_init(&w, &line);
	convert_open(&w, t->id, cv->claude.id, cv->claude.id, SOURCE, "TOOL");
	json_member_text(&w, STR("status"),
		is_error                   ? STR("error")
		: result.type == JSON_NONE ? STR("unknown")
					   : STR("success"));
	json_member_text(&w, STR("name"), t->name);
	json_member_text(&w, STR("tool_name"), t->name);
	if (is_error && member(result, "content").type == JSON_STRING)
		json_member_raw(&w, STR("error_message"), member(result, "content").raw);
	if (t->input.len)
		json_member_raw(&w, STR("input"), t->input);
	if (member(result, "content").type > JSON_NULL)
		json_member_raw(&w, STR("output"), member(result, "content").raw);
	return finish(cv, &line, &w, t->started_ns, ended_ns);
}

static enum cli_exit close_turn(struct convert *cv)
{
	struct claude *cl = &cv->claude;
	struct buf line;
	struct json_writer w;
	if (!cl->is_open)
		return CLI_OK;
	enum cli_exit code = close_call(cv);
	/* Tools whose results never came. */
	for (size_t i = 0; i < cl->n_tools && code == CLI_OK; i++)
		if (!cl->tools[i].is_done)
			code = put_tool(cv, &cl->tools[i], (struct json){ 0 }, cl->last_ns);
	if (code == CLI_OK) {
		struct str prompt =
			cl->prompt.len ? json_decode(&cv->memory, json_body(json_open(cl->prompt)))
				       : STR("turn");
		size_t n = prompt.len < NAME_BYTES ? prompt.len : NAME_BYTES;
		while (n < prompt.len && n && ((unsigned char)prompt.ptr[n] & 0xc0) == 0x80)
			n--;
		buf_init(&line, &cv->memory);
		json_writer_init(&w, &line);
		convert_open(&w, cl->id, cl->id, STR(""), SOURCE, "AGENT");
		json_member_text(&w, STR("status"), STR("success"));
		json_member_text(&w, STR("name"),
			str_first(
				prompt, n < str_index(prompt, '\n') ? n : str_index(prompt, '\n')));
		if (cl->metadata.len)
			json_member_raw(&w, STR("metadata"), cl->metadata);
		if (cl->prompt.len)
			json_member_raw(&w, STR("input"), cl->prompt);
		if (cl->answer.len)
			json_member_raw(&w, STR("output"), cl->answer);
		code = finish(cv, &line, &w, cl->started_ns, cl->last_ns);
	}
	arena_release(&cl->memory);
	*cl = (struct claude){ 0 };
	return code;
}

/* ---- Events ---- */

static struct str last_name(struct str path)
{
	size_t n = path.len;
	while (n && path.ptr[n - 1] != '/')
		n--;
	return str_skip(path, n);
}

static void open_turn(struct convert *cv, struct json record, struct str prompt, int64_t now_ns)
{
	static const char *const kept[] = { "cwd", "gitBranch", "version", "slug", "agentId" };
	struct claude *cl = &cv->claude;
	struct buf b;
	struct json_writer w;
	*cl = (struct claude){ .is_open = true, .started_ns = now_ns, .last_ns = now_ns };
	arena_init(&cl->memory, TURN_MEMORY);
	buf_init(&cl->content, &cl->memory);
	buf_init(&cl->input, &cl->memory);
	buf_init(&cl->context, &cl->memory);
	buf_init(&cl->ids, &cl->memory);
	cl->id = keep_text(cl, record, "uuid");
	cl->session_id = keep_text(cl, record, "sessionId");
	cl->project = last_name(keep_text(cl, record, "cwd"));
	cl->prompt = keep(cl, prompt);
	if (cl->id.len == 0)
		cl->id = convert_id(&cl->memory, record.raw);
	buf_init(&b, &cl->memory);
	json_writer_init(&w, &b);
	json_object(&w);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (member(record, kept[i]).type == JSON_STRING)
			json_member_raw(&w, str_from_c(kept[i]), member(record, kept[i]).raw);
	json_end(&w);
	cl->metadata = buf_str(&b);
}

static void add_context(struct claude *cl, struct json message)
{
	if (cl->context.len)
		buf_add_char(&cl->context, ',');
	buf_add(&cl->context, message.raw);
}

/* The text of what was typed, as JSON; STR_NULL for results of tools. */
static struct str prompt_of(struct json content)
{
	if (content.type == JSON_STRING)
		return content.raw;
	for (struct json_iter it = json_elements(content); json_next(&it);) {
		struct json type = member(it.value, "type");
		if (type.type == JSON_STRING && json_body_is(json_body(type), STR("tool_result")))
			return STR_NULL;
		if (member(it.value, "text").type == JSON_STRING)
			return member(it.value, "text").raw;
	}
	return STR_NULL;
}

static enum cli_exit take_results(struct convert *cv, struct json content, int64_t now_ns)
{
	struct claude *cl = &cv->claude;
	enum cli_exit code = CLI_OK;
	for (struct json_iter it = json_elements(content); json_next(&it) && code == CLI_OK;) {
		struct str id = convert_text(&cv->memory, it.value, "tool_use_id");
		for (size_t i = cl->n_tools; i-- > 0 && code == CLI_OK;)
			if (id.len && !cl->tools[i].is_done && str_eq(id, cl->tools[i].id)) {
				code = put_tool(cv, &cl->tools[i], it.value, now_ns);
				break;
			}
	}
	return code;
}

static enum cli_exit take_user(struct convert *cv, struct json record, int64_t now_ns)
{
	struct claude *cl = &cv->claude;
	struct json message = member(record, "message"), content = member(message, "content");
	struct str prompt = prompt_of(content);
	bool is_typed = !str_is_null(prompt) && member(record, "isMeta").type != JSON_TRUE;
	/* Between the blocks of one answer stand the results of the first ones. */
	enum cli_exit code = is_typed ? close_turn(cv) : CLI_OK;
	if (code)
		return code;
	if (!cl->is_open)
		open_turn(cv, record, prompt, now_ns);
	if (!is_typed)
		code = take_results(cv, content, now_ns);
	cl->last_ns = now_ns;
	add_context(cl, message);
	return code;
}

static void add_tool(struct claude *cl, struct json block, int64_t now_ns)
{
	if (cl->n_tools == cl->cap_tools) {
		cl->cap_tools = cl->cap_tools ? 2 * cl->cap_tools : TOOLS_FIRST;
		cl->tools = arena_block(&cl->memory, cl->tools, cl->cap_tools * sizeof *cl->tools);
	}
	struct claude_tool *t = &cl->tools[cl->n_tools++];
	*t = (struct claude_tool){ .id = keep_text(cl, block, "id"),
		.name = keep_text(cl, block, "name"),
		.input = keep(cl, member(block, "input").raw),
		.started_ns = now_ns };
	if (str_is_null(t->name))
		t->name = STR("tool");
	if (t->id.len == 0)
		t->id = convert_id(&cl->memory, block.raw);
}

static void take_block(struct claude *cl, struct json block, int64_t now_ns)
{
	struct json type = member(block, "type");
	if (cl->content.len)
		buf_add_char(&cl->content, ',');
	buf_add(&cl->content, block.raw);
	if (type.type != JSON_STRING)
		return;
	if (json_body_is(json_body(type), STR("tool_use")))
		add_tool(cl, block, now_ns);
	else if (json_body_is(json_body(type), STR("text")) &&
		 member(block, "text").type == JSON_STRING)
		cl->answer = keep(cl, member(block, "text").raw);
}

/* An id that comes again after another call is told apart. */
static void open_call(struct claude *cl, struct json message, struct str id)
{
	struct arena *a = &cl->memory;
	struct str own = keep(cl, id);
	cl->sent_id = own;
	for (unsigned n = 2;
		str_find(buf_str(&cl->ids), arena_printf(a, "%.*s ", STR_ARG(own))) < cl->ids.len;
		n++)
		own = arena_printf(a, "%.*s#%u", STR_ARG(cl->sent_id), n);
	buf_printf(&cl->ids, "%.*s ", STR_ARG(own));
	cl->message_id = own;
	cl->model = keep_text(cl, message, "model");
	cl->call_started_ns = cl->last_ns;
	buf_reset(&cl->input);
	buf_add(&cl->input, buf_str(&cl->context));
	buf_reset(&cl->context);
}

static enum cli_exit take_assistant(struct convert *cv, struct json record, int64_t now_ns)
{
	struct claude *cl = &cv->claude;
	struct json message = member(record, "message"), content = member(message, "content");
	struct str id = convert_text(&cv->memory, message, "id");
	enum cli_exit code = CLI_OK;
	if (!cl->is_open)
		open_turn(cv, record, STR_NULL, now_ns);
	if (id.len == 0)
		id = convert_id(&cv->memory, record.raw);
	if (!str_eq(id, cl->sent_id) || cl->message_id.len == 0) {
		code = close_call(cv);
		open_call(cl, message, id);
	}
	cl->usage = keep(cl, member(message, "usage").raw);
	cl->call_ended_ns = cl->last_ns = now_ns;
	if (content.type == JSON_STRING) {
		buf_printf(&cl->content, "%s{\"type\":\"text\",\"text\":%.*s}",
			cl->content.len ? "," : "", STR_ARG(content.raw));
		cl->answer = keep(cl, content.raw);
	}
	for (struct json_iter it = json_elements(content); json_next(&it);)
		if (it.value.type == JSON_OBJECT)
			take_block(cl, it.value, now_ns);
	return code;
}

enum cli_exit convert_claude(struct convert *cv, struct json record)
{
	struct str type = convert_text(&cv->memory, record, "type");
	struct str time = convert_text(&cv->memory, record, "timestamp");
	int64_t now_ns;
	/* Snapshots, progress and the like say nothing of the work. */
	if (str_is_null(time) || !utime_parse_lax(time, &now_ns) ||
		member(record, "message").type != JSON_OBJECT)
		return CLI_OK;
	if (str_eq(type, STR("user")))
		return take_user(cv, record, now_ns);
	return str_eq(type, STR("assistant")) ? take_assistant(cv, record, now_ns) : CLI_OK;
}

enum cli_exit convert_claude_end(struct convert *cv)
{
	return close_turn(cv);
}
