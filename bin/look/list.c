/* list: lists spans, traces or sessions, newest first, in the order of the servers. */
#include "report/columns.h"
#include "report/filter.h"
#include "report/row.h"
#include "verb.h"

#include "base/utime.h"
#include "query/engine.h"

enum { DEFAULT_ROWS = 20, MOST_ROWS = 1000000 };

/* Columns of --tsv. */
#define SUMS "spans errors input_tokens output_tokens total_tokens cost_total_usd"

static enum cli_exit list_spans(struct cli *c, struct view *v, struct query *q)
{
	struct row_list rows;
	struct field_set want = row_fields();
	filter_sort(q, FIELD_STARTED_AT);
	enum err e = engine_list(v, q, &rows);
	if (e)
		return cli_workspace_error(c, e);
	row_begin(&c->report);
	if (c->report.form == REPORT_TEXT && rows.n)
		row_put_head(&c->report);
	engine_prefetch(v, &rows);
	for (size_t i = 0; i < rows.n && cli_flush_if_large(c); i++) {
		struct span s;
		struct str line = STR_NULL;
		e = engine_fetch(
			v, rows.rows[i], &want, &s, c->report.form != REPORT_TEXT ? &line : NULL);
		if (e == ERR_NOT_FOUND)
			continue; /* the span was deleted in the meantime */
		if (e)
			return cli_error(c, e, STR("a line"));
		row_put(&c->report, &s, line);
	}
	if (rows.has_more && cli_mentions_more(c))
		cli_note(c, "there are more; --limit shows them");
	return CLI_OK;
}

static int64_t tokens_of(const struct rollup *r)
{
	return r->has_total_tokens ? r->total_tokens : r->input_tokens + r->output_tokens;
}

static void put_rollup(struct cli *c, struct json_writer *w, const struct rollup *r)
{
	json_member_i64(w, STR("spans"), (int64_t)r->n_spans);
	json_member_i64(w, STR("errors"), (int64_t)r->n_errors);
	if (c->report.form == REPORT_TABLE) {
		json_member_i64(w, STR("tokens"), tokens_of(r));
		json_member_text(w, STR("cost"), row_cost(c->arena, (int64_t)r->cost_total));
		return;
	}
	if (r->has_input_tokens)
		json_member_i64(w, STR("input_tokens"), r->input_tokens);
	if (r->has_output_tokens)
		json_member_i64(w, STR("output_tokens"), r->output_tokens);
	if (r->has_total_tokens)
		json_member_i64(w, STR("total_tokens"), r->total_tokens);
	if (r->has_cost_total)
		json_member_double(w, STR("cost_total_usd"), (double)r->cost_total / 1e12);
}

static void list_put_sums(struct cli *c, const struct rollup *r)
{
	buf_printf(&c->report.out, " %6llu %6llu %9lld %10.*s ", (unsigned long long)r->n_spans,
		(unsigned long long)r->n_errors, (long long)tokens_of(r),
		STR_ARG(row_cost(c->arena, (int64_t)r->cost_total)));
}

static void member_start(struct cli *c, struct json_writer *w, int64_t ns)
{
	char text[UTIME_TEXT_MAX];
	if (c->report.form == REPORT_TABLE)
		json_member_text(w, STR("started"), report_time(c->arena, ns));
	else
		json_member_text(w, STR("started_at"), str_of(text, utime_format(ns, text)));
}

static enum cli_exit list_traces(struct cli *c, struct view *v, struct query *q)
{
	struct trace_list traces;
	struct field_set want = row_fields();
	enum err e = filter_traces(v, q);
	struct trace_query t = { .roots = *q,
		.descending = true,
		.limit = q->limit,
		.want_rollup = true,
		.with_rootless = true };
	if (!e)
		e = engine_traces(v, &t, &traces);
	if (e)
		return cli_workspace_error(c, e);
	columns_begin(&c->report, c->report.form == REPORT_TABLE
					  ? STR("started spans errors tokens cost name trace_id")
					  : STR("trace_id source name started_at " SUMS));
	if (c->report.form == REPORT_TEXT && traces.n)
		buf_printf(&c->report.out, "%-19s %6s %6s %9s %10s %-32s %s\n", "STARTED", "SPANS",
			"ERRORS", "TOKENS", "COST", "NAME", "TRACE");
	for (size_t i = 0; i < traces.n && cli_flush_if_large(c); i++) {
		const struct trace_row *row = &traces.rows[i];
		struct span s;
		e = engine_fetch(v, row->root, &want, &s, NULL);
		if (e == ERR_NOT_FOUND)
			continue;
		if (e)
			return cli_error(c, e, STR("a line"));
		if (c->report.form != REPORT_TEXT) {
			struct json_writer w = report_json(&c->report);
			json_member_body(&w, STR("trace_id"), row->trace_id);
			json_member_body(&w, STR("source"), row->source);
			if (span_has(&s, FIELD_NAME))
				json_member_body(&w, STR("name"), span_text(&s, FIELD_NAME));
			member_start(c, &w, row->started_ns);
			put_rollup(c, &w, &row->rollup);
			cli_json_end(c, &w);
			continue;
		}
		report_put(&c->report, report_time(c->arena, row->started_ns), 19, true);
		list_put_sums(c, &row->rollup);
		report_put_body(&c->report, span_text(&s, FIELD_NAME), 32, true);
		buf_add_char(&c->report.out, ' ');
		report_put_body(&c->report, row->trace_id, 0, false);
		buf_add_char(&c->report.out, '\n');
	}
	if (traces.n < traces.total && cli_mentions_more(c))
		cli_note(c, "these are %zu of %llu; --limit shows more", traces.n,
			(unsigned long long)traces.total);
	return CLI_OK;
}

static enum cli_exit list_sessions(struct cli *c, struct view *v, struct query *q)
{
	struct session_list sessions;
	enum err e = filter_sessions(v, q);
	struct session_query t = { .spans = *q, .descending = true, .limit = q->limit };
	if (!e)
		e = engine_sessions(v, &t, &sessions);
	if (e)
		return cli_workspace_error(c, e);
	columns_begin(
		&c->report, c->report.form == REPORT_TABLE
				    ? STR("started traces spans errors tokens cost session_id")
				    : STR("session_id started_at status traces " SUMS));
	if (c->report.form == REPORT_TEXT && sessions.n)
		buf_printf(&c->report.out, "%-19s %6s %6s %6s %9s %10s %s\n", "STARTED", "TRACES",
			"SPANS", "ERRORS", "TOKENS", "COST", "SESSION");
	for (size_t i = 0; i < sessions.n && cli_flush_if_large(c); i++) {
		const struct session_row *row = &sessions.rows[i];
		if (c->report.form != REPORT_TEXT) {
			struct json_writer w = report_json(&c->report);
			json_member_body(&w, STR("session_id"), row->session_id);
			member_start(c, &w, row->first_started_ns);
			json_member_text(&w, STR("status"), status_name(row->status));
			json_member_i64(&w, STR("traces"), (int64_t)row->n_traces);
			put_rollup(c, &w, &row->rollup);
			cli_json_end(c, &w);
			continue;
		}
		report_put(&c->report, report_time(c->arena, row->first_started_ns), 19, true);
		buf_printf(&c->report.out, " %6llu", (unsigned long long)row->n_traces);
		list_put_sums(c, &row->rollup);
		report_put_body(&c->report, row->session_id, 0, false);
		buf_add_char(&c->report.out, '\n');
	}
	if (sessions.n < sessions.total && cli_mentions_more(c))
		cli_note(c, "these are %zu of %llu; --limit shows more", sessions.n,
			(unsigned long long)sessions.total);
	return CLI_OK;
}

enum cli_exit verb_list(struct cli *c)
{
	static const struct {
		const char *name;
		enum cli_exit (*run)(struct cli *c, struct view *v, struct query *q);
	} lists[] = { { "spans", list_spans }, { "traces", list_traces },
		{ "sessions", list_sessions } };
	struct query q;
	struct view v;
	int64_t limit;
	if (!cli_words(c, 0, 1) || !cli_filter(c, 0, &q) ||
		!cli_number(c, "limit", 1, MOST_ROWS, DEFAULT_ROWS, &limit))
		return CLI_USAGE;
	q.limit = (size_t)limit;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		if (c->n_words ? !str_eq(c->words[0], str_from_c(lists[i].name)) : i > 0)
			continue;
		enum cli_exit code = cli_view(c, &v);
		if (code)
			return code;
		code = lists[i].run(c, &v, &q);
		view_close(&v);
		return code;
	}
	return cli_fail(c, CLI_USAGE, "must be spans, traces or sessions, not %.*s",
		STR_ARG(str_first(c->words[0], 60)));
}
