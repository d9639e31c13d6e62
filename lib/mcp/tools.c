/* The table of tools, and their arguments. Declared in mcp.h. */
#include "mcp/mcp.h"
#include "report/row.h"

#include "base/utime.h"
#include "web/auth.h"

enum type { TYPE_STRING, TYPE_STRINGS, TYPE_INTEGER, TYPE_BOOLEAN };

enum { CONDITIONS_MAX = 20 };

/* clang-format off */
static const struct argument {
	const char *name;
	enum type type;
	int64_t least, most; /* of an integer; for lists, of the number of items */
	const char *description;
} arguments[] = {
	{ "workspace",	TYPE_STRING,	0, 0,	"the workspace; else the default one" },
	{ "since",	TYPE_STRING,	0, 0,	"only spans that began at this time or later: 2026-11-21, 2026-11-21T13:45:00Z, or 90s, 30m, 2h, 7d ago" },
	{ "until",	TYPE_STRING,	0, 0,	"only spans that began before this time, written like since" },
	{ "kind",	TYPE_STRING,	0, 0,	"only spans of this kind: LLM, TOOL, AGENT, CHAIN, RETRIEVER, EMBEDDING, RERANKER, EVALUATOR, GUARDRAIL" },
	{ "errors",	TYPE_BOOLEAN,	0, 0,	"only spans that failed" },
	{ "where",	TYPE_STRINGS,	0, CONDITIONS_MAX,	"conditions that must all hold: FIELD=VALUE, also != < <= > >= ~ (contains); fields are name, model, project, session_id, user_id, tool_name, status, error_message, duration (500ms, 2s), total_tokens, cost_total_usd, tags and so on" },
	{ "limit",	TYPE_INTEGER,	1, MCP_ROWS_MAX,	"the most rows to return; 20 by default, for an outline 100" },
	{ "offset",	TYPE_INTEGER,	0, 1000000, "how many rows to skip: next_offset of the previous answer" },
	{ "sort",	TYPE_STRING,	0, 0,	"find_spans: newest, arrived, duration, cost or tokens; stats: spans, duration, p95, cost, tokens or errors" },
	{ "by",		TYPE_STRING,	0, 0,	"group by up to four fields, separated by commas: day, kind, status, name, model, project, session_id, user_id, ..." },
	{ "text",	TYPE_STRING,	0, 0,	"the text to search for, ignoring case" },
	{ "trace_id",	TYPE_STRING,	0, 0,	"the trace" },
	{ "span_ids",	TYPE_STRINGS,	1, 20,	"the spans" },
	{ "fields",	TYPE_STRINGS,	1, 20,	"members to show; input and output by default; also metadata, attributes, error_traceback, usage_details, tags, ..." },
	{ "depth",	TYPE_INTEGER,	1, 200,	"levels of the tree to show; all by default" },
	{ "max_bytes",	TYPE_INTEGER,	100, 20000, "the most bytes of each field; 1000 by default" },
	{ "from_byte",	TYPE_INTEGER,	0, INT64_C(1) << 40, "where each field begins: next_byte of the previous answer" },
};

#define FILTERS "workspace since until kind errors where"

const struct mcp_tool mcp_tools[] = {
	{ "list_workspaces", "", "List workspaces",
		"The names of the workspaces that hold traces.", mcp_list_workspaces },
	{ "find_traces", FILTERS " limit offset", "Find traces",
		"Traces, newest first, with sums of spans, errors, tokens and cost. A trace is found when one of its spans meets all filters; since and until apply to its root, or to its first span when it has none.", mcp_find_traces },
	{ "find_spans", FILTERS " sort limit offset", "Find spans",
		"Spans without their inputs and outputs, newest first, or those that take the most time, money or tokens: failed calls of the last hour, the slowest tool.", mcp_find_spans },
	{ "search_text", "text! " FILTERS " limit offset", "Search texts",
		"Spans that have a text in their name, input, output or metadata, with some text around it.",
		mcp_search_text },
	{ "trace_outline", "trace_id! workspace depth limit offset", "Outline of a trace",
		"The tree of a trace without inputs and outputs: parents before their children, in the order of their start.",
		mcp_trace_outline },
	{ "trace_errors", "trace_id! workspace limit offset", "Errors of a trace",
		"The spans of a trace that failed, with their messages and the names from the root down to them.",
		mcp_trace_errors },
	{ "critical_path", "trace_id! workspace limit", "Critical path of a trace",
		"The spans that a trace waited for, and how long for each alone: where to look when it is slow.",
		mcp_critical_path },
	{ "get_spans", "span_ids! workspace fields max_bytes from_byte", "Read spans",
		"Spans with their inputs and outputs, or other fields. A field that is cut says where the next part begins.", mcp_get_spans },
	{ "stats", "by sort " FILTERS " limit", "Statistics",
		"Counts, errors, median and 95th percentile of durations, tokens and costs, by day, model, name and so on.",
		mcp_stats },
};
/* clang-format on */
const size_t mcp_n_tools = sizeof mcp_tools / sizeof mcp_tools[0];

static const struct argument *find_argument(struct str name)
{
	for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++)
		if (str_eq(name, str_from_c(arguments[i].name)))
			return &arguments[i];
	return NULL;
}

/* Returns the next argument of a tool's list; NULL at its end. */
static const struct argument *next_argument(struct str *rest, bool *ret_required)
{
	struct str name = str_cut(rest, ' ');
	if (str_is_null(name) || !name.len)
		return NULL;
	*ret_required = name.ptr[name.len - 1] == '!';
	return find_argument(str_first(name, name.len - *ret_required));
}

/* ---- tools/list ---- */

static void put_argument(struct json_writer *w, const struct argument *a)
{
	static const char *const types[] = { "string", "array", "integer", "boolean" };
	json_key(w, str_from_c(a->name));
	json_object(w);
	json_member_text(w, STR("type"), str_from_c(types[a->type]));
	if (a->type == TYPE_STRINGS) {
		json_key(w, STR("items"));
		json_object(w);
		json_member_text(w, STR("type"), STR("string"));
		json_end(w);
		if (a->least)
			json_member_i64(w, STR("minItems"), a->least);
		json_member_i64(w, STR("maxItems"), a->most);
	} else if (a->type == TYPE_INTEGER) {
		json_member_i64(w, STR("minimum"), a->least);
		json_member_i64(w, STR("maximum"), a->most);
	}
	json_member_text(w, STR("description"), str_from_c(a->description));
	json_end(w);
}

static void put_schema(struct json_writer *w, const struct mcp_tool *tool)
{
	const struct argument *a;
	struct str rest = str_from_c(tool->arguments);
	bool required, has_required = false;
	json_key(w, STR("inputSchema"));
	json_object(w);
	json_member_text(w, STR("type"), STR("object"));
	json_key(w, STR("properties"));
	json_object(w);
	while ((a = next_argument(&rest, &required))) {
		put_argument(w, a);
		has_required |= required;
	}
	json_end(w);
	if (has_required) {
		json_key(w, STR("required"));
		json_array(w);
		for (rest = str_from_c(tool->arguments); (a = next_argument(&rest, &required));)
			if (required)
				json_text(w, str_from_c(a->name));
		json_end(w);
	}
	json_member_bool(w, STR("additionalProperties"), false);
	json_end(w);
}

void mcp_put_tools(struct json_writer *w)
{
	json_key(w, STR("tools"));
	json_array(w);
	for (size_t i = 0; i < mcp_n_tools; i++) {
		const struct mcp_tool *tool = &mcp_tools[i];
		json_object(w);
		json_member_text(w, STR("name"), str_from_c(tool->name));
		json_member_text(w, STR("title"), str_from_c(tool->title));
		json_member_text(w, STR("description"), str_from_c(tool->description));
		put_schema(w, tool);
		json_key(w, STR("annotations"));
		json_object(w);
		json_member_bool(w, STR("readOnlyHint"), true);
		json_member_bool(w, STR("openWorldHint"), false);
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

const struct mcp_tool *mcp_find_tool(struct str name)
{
	for (size_t i = 0; i < mcp_n_tools; i++)
		if (str_eq(name, str_from_c(mcp_tools[i].name)))
			return &mcp_tools[i];
	return NULL;
}

/* ---- tools/call ---- */

static bool takes(const struct mcp_tool *tool, const struct argument *wanted)
{
	struct str rest = str_from_c(tool->arguments);
	const struct argument *a;
	bool required;
	while ((a = next_argument(&rest, &required)))
		if (a == wanted)
			return true;
	return false;
}

static bool is_strings(struct json v, int64_t least, int64_t most)
{
	int64_t n = 0;
	if (v.type != JSON_ARRAY)
		return false;
	for (struct json_iter it = json_elements(v); json_next(&it); n++)
		if (it.value.type != JSON_STRING)
			return false;
	return n >= least && n <= most;
}

/* Checks the type and range of an argument. False after setting the error. */
static bool mcp_tools_check_value(struct report *r, const struct argument *a, struct json v)
{
	int64_t i;
	switch (a->type) {
	case TYPE_STRING:
		if (v.type == JSON_STRING)
			return true;
		report_fail_option(r, a->name, "must be a string");
		return false;
	case TYPE_STRINGS:
		if (is_strings(v, a->least, a->most))
			return true;
		report_fail_option(r, a->name, "must be an array of %lld to %lld strings",
			(long long)a->least, (long long)a->most);
		return false;
	case TYPE_INTEGER:
		if (json_to_i64(v, &i) && i >= a->least && i <= a->most)
			return true;
		report_fail_option(r, a->name, "must be an integer from %lld to %lld",
			(long long)a->least, (long long)a->most);
		return false;
	case TYPE_BOOLEAN:
		break;
	}
	if (v.type == JSON_TRUE || v.type == JSON_FALSE)
		return true;
	report_fail_option(r, a->name, "must be true or false");
	return false;
}

static void refuse_argument(struct report *r, const struct mcp_tool *tool, struct str name)
{
	struct buf names;
	struct str rest = str_from_c(tool->arguments);
	const struct argument *a;
	bool required;
	buf_init(&names, r->arena);
	while ((a = next_argument(&rest, &required)))
		buf_printf(&names, " %s", a->name);
	report_fail(r, ERR_INVALID, "%s takes no argument %.*s; it takes:%.*s", tool->name,
		STR_ARG(str_first(name, 60)), STR_ARG(names.len ? buf_str(&names) : STR(" none")));
}

static bool mcp_tools_read_arguments(struct mcp_call *m, const struct mcp_tool *tool)
{
	struct report *r = &m->report;
	const struct argument *a;
	struct str rest = str_from_c(tool->arguments);
	bool required;
	for (struct json_iter it = json_members(m->arguments); json_next(&it);) {
		struct str name = json_decode(r->arena, it.key);
		a = find_argument(name);
		if (!a || !takes(tool, a)) {
			refuse_argument(r, tool, name);
			return false;
		}
	}
	while ((a = next_argument(&rest, &required))) {
		struct json v = mcp_argument(m, a->name);
		if (required && v.type == JSON_NONE) {
			report_fail(r, ERR_INVALID, "%s: %s is needed", tool->name, a->name);
			return false;
		}
		if (v.type != JSON_NONE && !mcp_tools_check_value(r, a, v))
			return false;
	}
	return true;
}

static enum err choose_workspace(struct mcp_call *m)
{
	struct report *r = &m->report;
	struct str name = mcp_text(m, "workspace");
	if (str_is_null(name) || str_eq(name, m->workspace))
		return ERR_OK;
	if (m->is_one_workspace)
		return report_fail(r, ERR_FORBIDDEN, "only workspace %.*s is served here",
			STR_ARG(m->workspace));
	if (!workspace_name_valid(name))
		return report_fail(r, ERR_INVALID, "%.*s: there is no such workspace",
			STR_ARG(str_first(name, 60)));
	if (!mcp_may_read(m, name))
		return report_fail(
			r, ERR_FORBIDDEN, "the key does not open workspace %.*s", STR_ARG(name));
	m->workspace = name;
	return ERR_OK;
}

enum err mcp_run(struct mcp_call *m, const struct mcp_tool *tool)
{
	if (!mcp_tools_read_arguments(m, tool))
		return ERR_INVALID;
	enum err e = choose_workspace(m);
	return e ? e : tool->run(m);
}

/* ---- For the tools ---- */

/* An argument that is null counts as not given. */
struct json mcp_argument(const struct mcp_call *m, const char *name)
{
	struct json v = json_get(m->arguments, str_from_c(name));
	if (v.type == JSON_NULL)
		v.type = JSON_NONE;
	return v;
}

struct str mcp_text(const struct mcp_call *m, const char *name)
{
	struct json v = mcp_argument(m, name);
	return v.type == JSON_STRING ? json_decode(m->report.arena, json_body(v)) : STR_NULL;
}

int64_t mcp_number(const struct mcp_call *m, const char *name, int64_t otherwise)
{
	int64_t i;
	return json_to_i64(mcp_argument(m, name), &i) ? i : otherwise;
}

bool mcp_may_read(const struct mcp_call *m, struct str workspace)
{
	return !m->request || auth_grants(m->request, workspace);
}

enum err mcp_query(struct mcp_call *m, size_t room, struct query *ret)
{
	struct arena *a = m->report.arena;
	struct json conditions = mcp_argument(m, "where");
	struct str *where = arena_calloc(a, CONDITIONS_MAX, sizeof *where);
	struct filter f = { .since = mcp_text(m, "since"),
		.until = mcp_text(m, "until"),
		.kind = mcp_text(m, "kind"),
		.only_errors = mcp_argument(m, "errors").type == JSON_TRUE,
		.where = where };
	for (struct json_iter it = json_elements(conditions); json_next(&it);)
		where[f.n_where++] = json_decode(a, json_body(it.value));
	enum err e = filter_read(&m->report, &f, room, ret);
	if (e)
		return e;
	ret->deadline_ns = m->deadline_ns;
	ret->limit = (size_t)mcp_number(m, "limit", MCP_ROWS);
	ret->offset = (size_t)mcp_number(m, "offset", 0);
	return ERR_OK;
}

enum err mcp_view(struct mcp_call *m)
{
	enum err e = view_open(m->store, m->workspace, m->report.arena, &m->view);
	if (e)
		return report_fail_workspace(&m->report, e, m->workspace);
	m->has_view = true;
	return ERR_OK;
}

bool mcp_has_room(const struct mcp_call *m)
{
	return m->report.out.len < MCP_ANSWER_BYTES;
}

/* Returns where to cut a body: between two characters, and not inside an escape. */
static size_t cut_at(struct str body, size_t most)
{
	size_t at = 0, next = 0;
	while (next <= most && next < body.len) {
		at = next;
		if (body.ptr[next] == '\\')
			next += next + 1 < body.len && body.ptr[next + 1] == 'u' ? 6 : 2;
		else
			next++;
		while (next < body.len && ((unsigned char)body.ptr[next] & 0xc0) == 0x80)
			next++;
	}
	return next <= most && next >= body.len ? body.len : at;
}

void mcp_put_cut(struct json_writer *w, const char *key, struct str body, size_t most)
{
	size_t n = cut_at(body, most);
	json_key(w, str_from_c(key));
	json_body_value(w, str_first(body, n));
	if (n < body.len) {
		/* Replace the closing quote. */
		w->out->len--;
		buf_add(w->out, STR("...\""));
	}
}

static void mcp_tools_put_text(
	struct json_writer *w, const struct span *s, enum field f, const char *key)
{
	if (span_text(s, f).len)
		mcp_put_cut(w, key, span_text(s, f), MCP_TEXT_BYTES);
}

void mcp_open_row(struct json_writer *w, struct arena *a, const struct span *s)
{
	enum { COST_DIGITS = 40 };
	char time[UTIME_TEXT_MAX];
	int64_t ns, pico, tokens = row_tokens(s);
	struct str cost = span_text(s, FIELD_COST_TOTAL_USD);
	json_object(w);
	mcp_put_cut(w, "span_id", span_text(s, FIELD_SPAN_ID), MCP_ID_BYTES);
	json_member_text(
		w, STR("kind"), kind_name((enum kind)span_i64(s, FIELD_KIND, KIND_UNKNOWN)));
	mcp_tools_put_text(w, s, FIELD_NAME, "name");
	json_member_text(w, STR("status"),
		status_name((enum status)span_i64(s, FIELD_STATUS, STATUS_UNKNOWN)));
	ns = span_i64(s, FIELD_STARTED_AT, 0);
	json_member_text(w, STR("started_at"), str_of(time, utime_format(ns, time)));
	if (span_duration(s, &ns))
		json_member_raw(w, STR("duration_ms"),
			arena_printf(a, "%lld.%03lld", (long long)(ns / NS_PER_MS),
				(long long)(ns % NS_PER_MS / 1000)));
	mcp_tools_put_text(w, s, FIELD_MODEL, "model");
	if (tokens)
		json_member_i64(w, STR("tokens"), tokens);
	if (cost.len && cost.len < COST_DIGITS && dec_to_pico(cost, &pico))
		json_member_raw(w, STR("cost_usd"), cost);
	if (span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_ERROR) {
		mcp_tools_put_text(w, s, FIELD_ERROR_TYPE, "error_type");
		mcp_tools_put_text(w, s, FIELD_ERROR_MESSAGE, "error_message");
	}
}
