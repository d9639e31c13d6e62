#include "convert/turn.h"
#include "convert/convert.h"

#define TURN_MEMORY ((size_t)8 << 30)

enum { NAME_BYTES = 80, TOOLS_FIRST = 16 };

struct str turn_keep(struct turn *t, struct str s)
{
	return str_is_null(s) ? s : arena_copy(&t->memory, s);
}

struct str turn_keep_text(struct turn *t, struct json object, const char *key)
{
	return convert_text(&t->memory, json_open(turn_keep(t, object.raw)), key);
}

struct str turn_last_name(struct str path)
{
	size_t n = path.len;
	while (n && path.ptr[n - 1] != '/')
		n--;
	return str_skip(path, n);
}

void turn_open(struct turn *t, const struct turn_kind *kind, int64_t now_ns)
{
	*t = (struct turn){
		.is_open = true, .kind = kind, .started_ns = now_ns, .last_ns = now_ns
	};
	arena_init(&t->memory, TURN_MEMORY);
	buf_init(&t->content, &t->memory);
	buf_init(&t->input, &t->memory);
	buf_init(&t->context, &t->memory);
	buf_init(&t->ids, &t->memory);
}

static void add_with_comma(struct buf *b, struct str text)
{
	if (b->len)
		buf_add_char(b, ',');
	buf_add(b, text);
}

void turn_add_context(struct turn *t, struct str message)
{
	add_with_comma(&t->context, message);
}

void turn_add_content(struct turn *t, struct str block)
{
	add_with_comma(&t->content, block);
}

/* ---- Lines ---- */

static void turn_begin(struct turn *t, struct json_writer *w, struct buf *line, struct str id,
	struct str parent, const char *kind)
{
	json_writer_init(w, line);
	convert_open(w, id, t->id, parent, str_from_c(t->kind->source), kind);
}

static enum cli_exit turn_finish(struct convert *cv, struct buf *line, struct json_writer *w,
	int64_t started_ns, int64_t ended_ns)
{
	struct turn *t = &cv->turn;
	convert_time(w, STR("started_at"), started_ns);
	convert_time(w, STR("ended_at"), ended_ns < started_ns ? started_ns : ended_ns);
	if (t->session_id.len)
		json_member_text(w, STR("session_id"), t->session_id);
	if (t->project.len)
		json_member_text(w, STR("project"), t->project);
	json_member_text(w, STR("agent_name"), str_from_c(t->kind->source));
	json_end(w);
	enum cli_exit code = convert_line(cv, buf_str(line));
	buf_release(line);
	return code;
}

static void turn_put_usage(const struct turn *t, struct json_writer *w)
{
	int64_t sum;
	if (!t->usage.len || __builtin_add_overflow(t->input_tokens, t->output_tokens, &sum))
		return;
	json_member_i64(w, STR("input_tokens"), t->input_tokens);
	json_member_i64(w, STR("output_tokens"), t->output_tokens);
	json_member_i64(w, STR("cached_tokens"), t->cached_tokens);
	json_member_i64(w, STR("total_tokens"), sum);
	json_member_raw(w, STR("usage_details"), t->usage);
}

/* ---- Calls of the model ---- */

void turn_open_call(struct turn *t, struct str id, struct str model)
{
	struct arena *a = &t->memory;
	struct str own = turn_keep(t, id);
	t->sent_id = own;
	for (unsigned n = 2;
		str_find(buf_str(&t->ids), arena_printf(a, "%.*s ", STR_ARG(own))) < t->ids.len;
		n++)
		own = arena_printf(a, "%.*s#%u", STR_ARG(t->sent_id), n);
	buf_printf(&t->ids, "%.*s ", STR_ARG(own));
	t->call_id = own;
	t->model = turn_keep(t, model);
	t->usage = STR("");
	t->call_started_ns = t->last_ns;
	buf_reset(&t->input);
	buf_add(&t->input, buf_str(&t->context));
	buf_reset(&t->context);
}

enum cli_exit turn_close_call(struct convert *cv)
{
	struct turn *t = &cv->turn;
	struct buf line;
	struct json_writer w;
	if (t->call_id.len == 0)
		return CLI_OK;
	buf_init(&line, &cv->memory);
	turn_begin(t, &w, &line, t->call_id, t->id, "LLM");
	json_member_text(&w, STR("status"), STR("success"));
	json_member_text(&w, STR("name"), t->model.len ? t->model : STR("call"));
	json_member_text(&w, STR("provider"), str_from_c(t->kind->provider));
	if (t->model.len)
		json_member_text(&w, STR("model"), t->model);
	turn_put_usage(t, &w);
	json_key(&w, STR("input"));
	json_raw(&w,
		arena_printf(&cv->memory, "{\"messages\":[%.*s]}", STR_ARG(buf_str(&t->input))));
	json_key(&w, STR("output"));
	json_raw(&w, arena_printf(&cv->memory,
			     "{\"messages\":[{\"role\":\"assistant\",\"content\":[%.*s]}]}",
			     STR_ARG(buf_str(&t->content))));
	buf_reset(&t->content);
	t->call_id = STR("");
	return turn_finish(cv, &line, &w, t->call_started_ns, t->call_ended_ns);
}

/* ---- Tools ---- */

void turn_add_tool(struct turn *t, struct str id, struct str name, struct str input, int64_t now_ns)
{
	if (t->n_tools == t->cap_tools) {
		t->cap_tools = t->cap_tools ? 2 * t->cap_tools : TOOLS_FIRST;
		t->tools = arena_block(&t->memory, t->tools, t->cap_tools * sizeof *t->tools);
	}
	t->tools[t->n_tools++] = (struct turn_tool){ .id = turn_keep(t, id),
		.name = name.len ? turn_keep(t, name) : STR("tool"),
		.input = turn_keep(t, input),
		.started_ns = now_ns };
}

static enum cli_exit turn_put_tool(struct convert *cv, struct turn_tool *tool, struct str output,
	const char *status, struct str error, int64_t ended_ns)
{
	struct buf line;
	struct json_writer w;
	tool->is_done = true;
	buf_init(&line, &cv->memory);
	turn_begin(&cv->turn, &w, &line, tool->id, cv->turn.id, "TOOL");
	json_member_text(&w, STR("status"), str_from_c(status));
	json_member_text(&w, STR("name"), tool->name);
	json_member_text(&w, STR("tool_name"), tool->name);
	if (error.len)
		json_member_raw(&w, STR("error_message"), error);
	if (tool->input.len)
		json_member_raw(&w, STR("input"), tool->input);
	if (output.len)
		json_member_raw(&w, STR("output"), output);
	return turn_finish(cv, &line, &w, tool->started_ns, ended_ns);
}

enum cli_exit turn_end_tool(struct convert *cv, struct str id, struct str output, bool is_error,
	struct str error, int64_t now_ns)
{
	struct turn *t = &cv->turn;
	for (size_t i = t->n_tools; id.len && i-- > 0;)
		if (!t->tools[i].is_done && str_eq(id, t->tools[i].id))
			return turn_put_tool(cv, &t->tools[i], output,
				is_error ? "error" : "success", error, now_ns);
	return CLI_OK;
}

/* ---- The turn ---- */

static struct str turn_name_of(struct convert *cv)
{
	if (!cv->turn.prompt.len)
		return STR("turn");
	struct str prompt = json_decode(&cv->memory, json_body(json_open(cv->turn.prompt)));
	size_t n = prompt.len < NAME_BYTES ? prompt.len : NAME_BYTES;
	size_t line = str_index(prompt, '\n');
	while (n < prompt.len && n && ((unsigned char)prompt.ptr[n] & 0xc0) == 0x80)
		n--;
	return str_first(prompt, n < line ? n : line);
}

enum cli_exit turn_close(struct convert *cv)
{
	struct turn *t = &cv->turn;
	struct buf line;
	struct json_writer w;
	if (!t->is_open)
		return CLI_OK;
	enum cli_exit code = turn_close_call(cv);
	/* The results of these tools never came. */
	for (size_t i = 0; i < t->n_tools && code == CLI_OK; i++)
		if (!t->tools[i].is_done)
			code = turn_put_tool(
				cv, &t->tools[i], STR_NULL, "unknown", STR_NULL, t->last_ns);
	if (code == CLI_OK) {
		buf_init(&line, &cv->memory);
		turn_begin(t, &w, &line, t->id, STR(""), "AGENT");
		json_member_text(&w, STR("status"), STR("success"));
		json_member_text(&w, STR("name"), turn_name_of(cv));
		if (t->metadata.len)
			json_member_raw(&w, STR("metadata"), t->metadata);
		if (t->prompt.len)
			json_member_raw(&w, STR("input"), t->prompt);
		if (t->answer.len)
			json_member_raw(&w, STR("output"), t->answer);
		code = turn_finish(cv, &line, &w, t->started_ns, t->last_ns);
	}
	arena_release(&t->memory);
	*t = (struct turn){ 0 };
	return code;
}
