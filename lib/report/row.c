#include "report/row.h"
#include "report/columns.h"

#include "base/utime.h"

struct field_set row_fields(void)
{
	static const enum field fields[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_PARENT_SPAN_ID,
		FIELD_KIND, FIELD_STATUS, FIELD_STARTED_AT, FIELD_ENDED_AT, FIELD_INGESTED_AT,
		FIELD_NAME, FIELD_MODEL, FIELD_TOOL_NAME, FIELD_INPUT_TOKENS, FIELD_OUTPUT_TOKENS,
		FIELD_TOTAL_TOKENS, FIELD_REPEATS_USAGE, FIELD_COST_TOTAL_USD, FIELD_ERROR_TYPE,
		FIELD_ERROR_MESSAGE };
	struct field_set s = { { 0 } };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		field_set_add(&s, fields[i]);
	return s;
}

/* Rounds to 0.0001 USD. */
struct str row_cost(struct arena *a, int64_t pico)
{
	const int64_t pico_per_micro = 1000000, pico_per_place = 100 * pico_per_micro;
	uint64_t size = pico < 0 ? -(uint64_t)pico : (uint64_t)pico;
	uint64_t places = (size + (uint64_t)pico_per_place / 2) / (uint64_t)pico_per_place;
	if (size < (uint64_t)pico_per_micro)
		return STR("");
	return arena_printf(a, "%s$%llu.%04llu", pico < 0 ? "-" : "",
		(unsigned long long)(places / 10000), (unsigned long long)(places % 10000));
}

int64_t row_tokens(const struct span *s)
{
	if (span_has(s, FIELD_TOTAL_TOKENS))
		return s->value[FIELD_TOTAL_TOKENS].i64;
	return span_i64(s, FIELD_INPUT_TOKENS, 0) + span_i64(s, FIELD_OUTPUT_TOKENS, 0);
}

static struct str row_cost_of(struct arena *a, const struct span *s)
{
	int64_t pico;
	struct str text = span_text(s, FIELD_COST_TOTAL_USD);
	return !str_is_null(text) && dec_to_pico(text, &pico) ? row_cost(a, pico) : STR("");
}

static struct str row_duration_of(struct arena *a, const struct span *s)
{
	int64_t ns;
	return span_duration(s, &ns) ? report_duration(a, ns) : STR("-");
}

void row_put_head(struct report *r)
{
	buf_printf(&r->out, "%-19s %8s %-9s %-9s %8s %10s %-22s %-32s %s\n", "STARTED", "DURATION",
		"KIND", "STATUS", "TOKENS", "COST", "MODEL", "NAME", "TRACE");
}

void row_begin(struct report *r)
{
	columns_begin(r,
		r->form == REPORT_TABLE
			? STR("started duration kind status tokens cost model name trace_id")
			: STR("span_id trace_id parent_span_id session_id source kind name status started_at ended_at project model tool_name input_tokens output_tokens total_tokens cost_total_usd error_type error_message"));
}

static void row_put_line(struct report *r, struct str line)
{
	struct str body;
	size_t start = r->out.len;
	if (line_check(line, &body) != LINE_OK)
		return;
	buf_add(&r->out, body);
	buf_add(&r->out, STR("}\n"));
	if (r->columns.len)
		columns_row(r, start);
}

static void row_put_cells(struct report *r, const struct span *s)
{
	struct json_writer w = report_json(r);
	json_member_text(
		&w, STR("started"), report_time(r->arena, span_i64(s, FIELD_STARTED_AT, 0)));
	json_member_text(&w, STR("duration"), row_duration_of(r->arena, s));
	json_member_text(
		&w, STR("kind"), kind_name((enum kind)span_i64(s, FIELD_KIND, KIND_UNKNOWN)));
	json_member_text(&w, STR("status"),
		status_name((enum status)span_i64(s, FIELD_STATUS, STATUS_UNKNOWN)));
	if (row_tokens(s))
		json_member_i64(&w, STR("tokens"), row_tokens(s));
	json_member_text(&w, STR("cost"), row_cost_of(r->arena, s));
	if (span_has(s, FIELD_MODEL))
		json_member_body(&w, STR("model"), span_text(s, FIELD_MODEL));
	if (span_has(s, FIELD_NAME))
		json_member_body(&w, STR("name"), span_text(s, FIELD_NAME));
	json_member_body(&w, STR("trace_id"), span_text(s, FIELD_TRACE_ID));
	report_json_end(r, &w);
}

static void row_put_text(struct report *r, const struct span *s)
{
	int64_t tokens = row_tokens(s);
	report_put(r, report_time(r->arena, span_i64(s, FIELD_STARTED_AT, 0)), 19, true);
	buf_printf(&r->out, " %8.*s ", STR_ARG(row_duration_of(r->arena, s)));
	report_put(r, kind_name((enum kind)span_i64(s, FIELD_KIND, KIND_UNKNOWN)), 10, true);
	report_put(r, status_name((enum status)span_i64(s, FIELD_STATUS, STATUS_UNKNOWN)), 9, true);
	if (tokens)
		buf_printf(&r->out, " %8lld", (long long)tokens);
	else
		buf_printf(&r->out, " %8s", "");
	buf_printf(&r->out, " %10.*s ", STR_ARG(row_cost_of(r->arena, s)));
	report_put_body(r, span_text(s, FIELD_MODEL), 22, true);
	buf_add_char(&r->out, ' ');
	report_put_body(r, span_text(s, FIELD_NAME), 32, true);
	buf_add_char(&r->out, ' ');
	report_put_body(r, span_text(s, FIELD_TRACE_ID), 0, false);
	buf_add_char(&r->out, '\n');
}

void row_put(struct report *r, const struct span *s, struct str line)
{
	struct arena_mark mark = arena_mark(r->arena);
	if (r->form == REPORT_TEXT)
		row_put_text(r, s);
	else if (r->form == REPORT_TABLE)
		row_put_cells(r, s);
	else
		row_put_line(r, line);
	arena_rewind(r->arena, mark);
}

void row_put_details(struct report *r, const struct span *s)
{
	struct str cost = row_cost_of(r->arena, s);
	buf_printf(&r->out, "  %.*s", STR_ARG(row_duration_of(r->arena, s)));
	if (span_has(s, FIELD_MODEL)) {
		buf_add(&r->out, STR("  "));
		report_put_body(r, span_text(s, FIELD_MODEL), 40, false);
	}
	if (row_tokens(s))
		buf_printf(&r->out, "  %lld tokens", (long long)row_tokens(s));
	if (cost.len)
		buf_printf(&r->out, "  %.*s", STR_ARG(cost));
	if (span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_ERROR) {
		buf_add(&r->out, STR("  ERROR "));
		report_put_body(r,
			span_has(s, FIELD_ERROR_MESSAGE) ? span_text(s, FIELD_ERROR_MESSAGE)
							 : span_text(s, FIELD_ERROR_TYPE),
			80, false);
	}
	buf_add_char(&r->out, '\n');
}

void row_put_members(struct report *r, const struct span *s)
{
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		char time[UTIME_TEXT_MAX];
		if (!span_has(s, (enum field)f))
			continue;
		report_put(r, field_info[f].member, 22, true);
		buf_add_char(&r->out, ' ');
		switch (field_info[f].type) {
		case FIELD_TYPE_STR:
		case FIELD_TYPE_TEXT:
			report_put_body(r, s->value[f].text, 0, false);
			break;
		case FIELD_TYPE_JSON:
		case FIELD_TYPE_DEC:
			report_put(r, s->value[f].text, 0, false);
			break;
		case FIELD_TYPE_KIND:
			report_put(r, kind_name((enum kind)s->value[f].i64), 0, false);
			break;
		case FIELD_TYPE_STATUS:
			report_put(r, status_name((enum status)s->value[f].i64), 0, false);
			break;
		case FIELD_TYPE_TIME:
			buf_add(&r->out, str_of(time, utime_format(s->value[f].i64, time)));
			break;
		case FIELD_TYPE_BOOL:
			buf_add(&r->out, s->value[f].i64 ? STR("true") : STR("false"));
			break;
		case FIELD_TYPE_I64:
			buf_add_i64(&r->out, s->value[f].i64);
			break;
		}
		buf_add_char(&r->out, '\n');
	}
}
