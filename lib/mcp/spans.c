/* The tools that list spans and traces, sum them up, and show what is in a span. Declared in mcp.h.
 */
#include "mcp/mcp.h"
#include "report/row.h"
#include "report/stats.h"

#include "base/utime.h"
#include "query/match/text.h"

enum { FIELD_BYTES = 1000, SNIPPET_BEFORE = 60, SNIPPET_BYTES = 240 };

enum err mcp_list_workspaces(struct mcp_call *m)
{
	struct report *r = &m->report;
	struct str *names = &m->workspace;
	size_t n = 1, shown = 0;
	enum err e = m->is_one_workspace ? ERR_OK : workspace_list(m->store, r->arena, &names, &n);
	if (e)
		return report_fail_about(r, e, STR("the data directory"));
	size_t n_open = 0;
	for (size_t i = 0; i < n; i++)
		if (mcp_may_read(m, names[i]))
			names[n_open++] = names[i];
	n = n_open;
	struct json_writer w = report_json(r);
	json_member_text(&w, STR("default"), m->workspace);
	json_key(&w, STR("workspaces"));
	json_array(&w);
	for (; shown < n && mcp_has_room(m); shown++)
		json_text(&w, names[shown]);
	json_end(&w);
	if (shown < n)
		json_member_i64(&w, STR("more"), (int64_t)(n - shown));
	json_end(&w);
	return ERR_OK;
}

static enum err query_failed(struct report *r, enum err e)
{
	if (e == ERR_BUDGET)
		return report_fail(
			r, e, "the query takes too long; ask for less, with since, for example");
	return report_fail_about(r, e, STR("the workspace"));
}

/* ---- Traces ---- */

static void put_trace(struct arena *a, struct json_writer *w, const struct trace_row *row,
	const struct span *root)
{
	const struct rollup *r = &row->rollup;
	int64_t ns,
		tokens = r->has_total_tokens ? r->total_tokens : r->input_tokens + r->output_tokens;
	char time[UTIME_TEXT_MAX];
	json_object(w);
	mcp_put_cut(w, "trace_id", row->trace_id, MCP_ID_BYTES);
	if (span_has(root, FIELD_NAME))
		mcp_put_cut(w, "name", span_text(root, FIELD_NAME), MCP_TEXT_BYTES);
	json_member_text(w, STR("status"),
		status_name((enum status)span_i64(root, FIELD_STATUS, STATUS_UNKNOWN)));
	json_member_text(w, STR("started_at"), str_of(time, utime_format(row->started_ns, time)));
	if (span_duration(root, &ns))
		json_member_i64(w, STR("duration_ms"), ns / NS_PER_MS);
	json_member_i64(w, STR("spans"), (int64_t)r->n_spans);
	json_member_i64(w, STR("errors"), (int64_t)r->n_errors);
	if (tokens)
		json_member_i64(w, STR("tokens"), tokens);
	if (r->has_cost_total)
		json_member_raw(
			w, STR("cost_usd"), arena_printf(a, "%.6f", (double)r->cost_total / 1e12));
	json_end(w);
}

enum err mcp_find_traces(struct mcp_call *m)
{
	struct report *r = &m->report;
	struct trace_query t = { .descending = true, .want_rollup = true, .with_rootless = true };
	struct trace_list traces;
	struct field_set want = row_fields();
	size_t shown = 0;
	enum err e = mcp_query(m, 0, &t.roots);
	if (e)
		return e;
	t.limit = t.roots.limit;
	t.offset = t.roots.offset;
	e = mcp_view(m);
	if (e)
		return e;
	e = filter_traces(&m->view, &t.roots);
	if (!e)
		e = engine_traces(&m->view, &t, &traces);
	if (e)
		return query_failed(r, e);
	struct json_writer w = report_json(r);
	json_key(&w, STR("traces"));
	json_array(&w);
	for (; shown < traces.n && mcp_has_room(m); shown++) {
		struct span root;
		e = engine_fetch(&m->view, traces.rows[shown].root, &want, &root, NULL);
		if (e && e != ERR_NOT_FOUND)
			return query_failed(r, e);
		if (!e)
			put_trace(r->arena, &w, &traces.rows[shown], &root);
	}
	json_end(&w);
	json_member_i64(&w, STR("total"), (int64_t)traces.total);
	if (t.offset + shown < traces.total && shown)
		json_member_i64(&w, STR("next_offset"), (int64_t)(t.offset + shown));
	json_end(&w);
	return ERR_OK;
}

/* ---- Spans ---- */

/* Appends which text of the span has the needle, and the text around it. */
static void put_snippet(
	struct json_writer *w, const struct text_needle *needle, const struct span *s)
{
	static const enum field where[] = { FIELD_NAME, FIELD_INPUT, FIELD_OUTPUT, FIELD_METADATA };
	for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
		struct str text = span_text(s, where[i]);
		size_t at = text.len ? text_find(needle, text, 0) : 0;
		if (!text.len || at == text.len)
			continue;
		size_t from = at > SNIPPET_BEFORE ? at - SNIPPET_BEFORE : 0;
		size_t to = text.len - from > SNIPPET_BYTES ? from + SNIPPET_BYTES : text.len;
		while (from > 0 && ((unsigned char)text.ptr[from] & 0xc0) == 0x80)
			from--;
		while (to < text.len && ((unsigned char)text.ptr[to] & 0xc0) == 0x80)
			to++;
		json_member_text(w, STR("in"), field_info[where[i]].member);
		/* JSON is shown as it is stored, with its escapes. */
		json_member_text(w, STR("around"), str_of(text.ptr + from, to - from));
		return;
	}
}

static void mcp_spans_put_time(
	struct json_writer *w, const char *name, const struct span *s, enum field f)
{
	char time[UTIME_TEXT_MAX];
	if (span_has(s, f))
		json_member_text(
			w, str_from_c(name), str_of(time, utime_format(s->value[f].i64, time)));
}

static enum err mcp_spans_list_rows(
	struct mcp_call *m, const struct query *q, const struct text_needle *needle)
{
	struct report *r = &m->report;
	struct row_list rows;
	struct field_set want = row_fields();
	size_t shown = 0;
	enum err e = mcp_view(m);
	if (e)
		return e;
	e = engine_list(&m->view, q, &rows);
	if (e)
		return query_failed(r, e);
	struct json_writer w = report_json(r);
	json_key(&w, STR("spans"));
	json_array(&w);
	for (; shown < rows.n && mcp_has_room(m); shown++) {
		struct span s;
		e = engine_fetch(&m->view, rows.rows[shown], needle ? NULL : &want, &s, NULL);
		if (e && e != ERR_NOT_FOUND)
			return query_failed(r, e);
		if (e)
			continue;
		mcp_open_row(&w, r->arena, &s);
		mcp_put_cut(&w, "trace_id", span_text(&s, FIELD_TRACE_ID), MCP_ID_BYTES);
		if (q->sort[0].field == FIELD_INGESTED_AT)
			mcp_spans_put_time(&w, "arrived_at", &s, FIELD_INGESTED_AT);
		if (needle)
			put_snippet(&w, needle, &s);
		json_end(&w);
	}
	json_end(&w);
	if (shown && (rows.has_more || shown < rows.n))
		json_member_i64(&w, STR("next_offset"), (int64_t)(q->offset + shown));
	json_end(&w);
	return ERR_OK;
}

enum err mcp_find_spans(struct mcp_call *m)
{
	static const struct {
		const char *name;
		unsigned field;
	} orders[] = { { "arrived", FIELD_INGESTED_AT }, { "duration", QUERY_DURATION },
		{ "cost", FIELD_COST_TOTAL_USD }, { "tokens", FIELD_TOTAL_TOKENS } };
	struct query q;
	struct str sort = mcp_text(m, "sort");
	enum err e = mcp_query(m, 0, &q);
	if (e)
		return e;
	filter_sort(&q, FIELD_STARTED_AT);
	if (!str_is_null(sort) && !str_eq(sort, STR("newest"))) {
		size_t i = 0;
		while (i < sizeof orders / sizeof orders[0] &&
			!str_eq(sort, str_from_c(orders[i].name)))
			i++;
		if (i == sizeof orders / sizeof orders[0])
			return report_fail_option(&m->report, "sort",
				"must be newest, arrived, duration, cost or tokens");
		q.sort[0] = (struct sort_key){ .field = orders[i].field, .descending = true };
	}
	return mcp_spans_list_rows(m, &q, NULL);
}

enum err mcp_search_text(struct mcp_call *m)
{
	struct report *r = &m->report;
	struct query q;
	struct text_needle needle;
	struct str text = mcp_text(m, "text");
	enum err e = mcp_query(m, 1, &q);
	if (e)
		return e;
	if (!text.len)
		return report_fail_option(r, "text", "must not be empty");
	text = text_fold(r->arena, json_encode(r->arena, text));
	filter_add(&q, r->arena,
		(struct pred){ .field = QUERY_ANY_TEXT,
			.op = OP_TEXT,
			.texts = &text,
			.n_values = 1,
			.text_mode = TEXT_SUBSTRING });
	text_needle_init(&needle, text);
	filter_sort(&q, FIELD_STARTED_AT);
	return mcp_spans_list_rows(m, &q, &needle);
}

/* ---- Single spans ---- */

struct reading {
	struct mcp_call *call;
	struct json_writer w;
	size_t from, most; /* bytes of a field */
	bool is_wanted[FIELD__MAX];
};

static bool is_boundary(struct str text, size_t at)
{
	return at >= text.len || ((unsigned char)text.ptr[at] & 0xc0) != 0x80;
}

/* Appends a value that fits; else a part of it as text, and where the next part begins. */
static void mcp_spans_put_value(struct reading *r, const char *key, struct json v)
{
	struct arena *a = r->call->report.arena;
	struct str text = v.type == JSON_STRING ? json_decode(a, json_body(v)) : v.raw;
	size_t from = r->from < text.len ? r->from : text.len, to = text.len;
	if (!r->from && text.len <= r->most) {
		json_member_raw(&r->w, str_from_c(key), v.raw);
		return;
	}
	if (to - from > r->most)
		to = from + r->most;
	while (!is_boundary(text, from))
		from--;
	while (!is_boundary(text, to))
		to--;
	json_key(&r->w, str_from_c(key));
	json_object(&r->w);
	json_member_bool(&r->w, STR("$truncated"), true);
	json_member_i64(&r->w, STR("bytes"), (int64_t)text.len);
	json_member_i64(&r->w, STR("from_byte"), (int64_t)from);
	if (to < text.len)
		json_member_i64(&r->w, STR("next_byte"), (int64_t)to);
	json_member_text(&r->w, STR("text"), str_of(text.ptr + from, to - from));
	json_end(&r->w);
}

static void mcp_spans_put_field(struct reading *r, const struct span *s, enum field f)
{
	struct arena *a = r->call->report.arena;
	const char *key = arena_copy_c(a, field_info[f].member);
	char time[UTIME_TEXT_MAX];
	struct str value = s->value[f].text;
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		value = arena_printf(a, "\"%.*s\"", STR_ARG(value));
		break;
	case FIELD_TYPE_KIND:
		value = arena_printf(a, "\"%.*s\"", STR_ARG(kind_name((enum kind)s->value[f].i64)));
		break;
	case FIELD_TYPE_STATUS:
		value = arena_printf(
			a, "\"%.*s\"", STR_ARG(status_name((enum status)s->value[f].i64)));
		break;
	case FIELD_TYPE_TIME:
		value = arena_printf(a, "\"%.*s\"", (int)utime_format(s->value[f].i64, time), time);
		break;
	case FIELD_TYPE_BOOL:
		value = s->value[f].i64 ? STR("true") : STR("false");
		break;
	case FIELD_TYPE_I64:
		value = arena_printf(a, "%lld", (long long)s->value[f].i64);
		break;
	case FIELD_TYPE_DEC:
	case FIELD_TYPE_JSON:
		break;
	}
	mcp_spans_put_value(r, key, json_open(value));
}

static void mcp_spans_put_span(struct reading *r, const struct span *s)
{
	mcp_open_row(&r->w, r->call->report.arena, s);
	mcp_put_cut(&r->w, "trace_id", span_text(s, FIELD_TRACE_ID), MCP_ID_BYTES);
	if (span_text(s, FIELD_PARENT_SPAN_ID).len)
		mcp_put_cut(
			&r->w, "parent_span_id", span_text(s, FIELD_PARENT_SPAN_ID), MCP_ID_BYTES);
	json_key(&r->w, STR("fields"));
	json_object(&r->w);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (r->is_wanted[f] && span_has(s, (enum field)f))
			mcp_spans_put_field(r, s, (enum field)f);
	json_end(&r->w);
	json_end(&r->w);
}

static enum err read_fields(struct reading *r)
{
	struct report *report = &r->call->report;
	struct json fields = mcp_argument(r->call, "fields");
	r->is_wanted[FIELD_INPUT] = r->is_wanted[FIELD_OUTPUT] = fields.type == JSON_NONE;
	for (struct json_iter it = json_elements(fields); json_next(&it);) {
		struct str name = json_decode(report->arena, json_body(it.value));
		enum field f = field_from_member(name);
		if (f == FIELD__MAX)
			return report_fail_option(report, "fields", "there is no field %.*s",
				STR_ARG(str_first(name, 60)));
		r->is_wanted[f] = true;
	}
	return ERR_OK;
}

enum err mcp_get_spans(struct mcp_call *m)
{
	struct report *report = &m->report;
	struct reading r = { .call = m,
		.from = (size_t)mcp_number(m, "from_byte", 0),
		.most = (size_t)mcp_number(m, "max_bytes", FIELD_BYTES) };
	struct json_iter ids = json_elements(mcp_argument(m, "span_ids"));
	struct buf unknown, left;
	enum err e = read_fields(&r);
	if (e)
		return e;
	e = mcp_view(m);
	if (e)
		return e;
	buf_init(&unknown, report->arena);
	buf_init(&left, report->arena);
	r.w = report_json(report);
	json_key(&r.w, STR("spans"));
	json_array(&r.w);
	while (json_next(&ids)) {
		struct str id = json_canonical_body(report->arena, json_body(ids.value));
		struct span s;
		bool found = false;
		struct buf *list = mcp_has_room(m) ? &unknown : &left;
		if (list == &unknown)
			e = engine_get(&m->view, STR_NULL, STR_NULL, id, &s, &found);
		if (e)
			return query_failed(report, e);
		if (found)
			mcp_spans_put_span(&r, &s);
		else
			buf_printf(list, "%s\"%.*s\"", list->len ? "," : "", STR_ARG(id));
	}
	json_end(&r.w);
	if (unknown.len)
		json_member_raw(&r.w, STR("unknown"),
			arena_printf(report->arena, "[%.*s]", STR_ARG(buf_str(&unknown))));
	if (left.len)
		json_member_raw(&r.w, STR("not_shown"),
			arena_printf(report->arena, "[%.*s]", STR_ARG(buf_str(&left))));
	json_end(&r.w);
	return ERR_OK;
}

/* ---- Sums ---- */

/* Appends a line of stats_put() as an object, with texts of others cut. */
static void put_group(struct arena *a, struct json_writer *w, struct str line)
{
	json_object(w);
	for (struct json_iter it = json_members(json_open(line)); json_next(&it);) {
		const char *key = arena_copy_c(a, it.key);
		if (it.value.type == JSON_STRING)
			mcp_put_cut(w, key, json_body(it.value), MCP_TEXT_BYTES);
		else
			json_member_raw(w, str_from_c(key), it.value.raw);
	}
	json_end(w);
}

enum err mcp_stats(struct mcp_call *m)
{
	struct report *r = &m->report, groups;
	struct query q;
	struct stats stats;
	size_t limit = (size_t)mcp_number(m, "limit", MCP_ROWS), shown = 0;
	enum err e = mcp_query(m, 0, &q);
	if (e)
		return e;
	report_init(&groups, r->arena, REPORT_JSON);
	e = stats_read(&stats, &groups,
		&(struct stats_options){
			.by = mcp_text(m, "by"), .order = mcp_text(m, "sort"), .limit = limit });
	if (!e)
		e = mcp_view(m);
	if (!e)
		e = stats_put(&stats, &m->view, &q);
	if (e) {
		if (groups.error.kind)
			r->error = groups.error;
		return e;
	}
	struct str lines = buf_str(&groups.out);
	struct json_writer w = report_json(r);
	json_key(&w, STR("groups"));
	json_array(&w);
	while (lines.len && mcp_has_room(m)) {
		put_group(r->arena, &w, str_cut(&lines, '\n'));
		shown++;
	}
	json_end(&w);
	if (shown < stats.n)
		json_member_bool(&w, STR("more"), true);
	json_end(&w);
	return ERR_OK;
}
