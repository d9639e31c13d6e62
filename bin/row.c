#include "row.h"
#include "columns.h"

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

/* Rounded to a hundredth of a cent. */
struct str row_cost(struct cli *c, int64_t pico)
{
	const int64_t pico_per_micro = 1000000, pico_per_place = 100 * pico_per_micro;
	uint64_t size = pico < 0 ? -(uint64_t)pico : (uint64_t)pico;
	uint64_t places = (size + (uint64_t)pico_per_place / 2) / (uint64_t)pico_per_place;
	if (size < (uint64_t)pico_per_micro)
		return STR("");
	return arena_printf(c->arena, "%s$%llu.%04llu", pico < 0 ? "-" : "",
		(unsigned long long)(places / 10000), (unsigned long long)(places % 10000));
}

int64_t row_tokens(const struct span *s)
{
	if (span_has(s, FIELD_TOTAL_TOKENS))
		return s->value[FIELD_TOTAL_TOKENS].i64;
	return span_i64(s, FIELD_INPUT_TOKENS, 0) + span_i64(s, FIELD_OUTPUT_TOKENS, 0);
}

static struct str cost_of(struct cli *c, const struct span *s)
{
	int64_t pico;
	struct str text = span_text(s, FIELD_COST_TOTAL_USD);
	return !str_is_null(text) && dec_to_pico(text, &pico) ? row_cost(c, pico) : STR("");
}

static struct str duration_of(struct cli *c, const struct span *s)
{
	int64_t ns;
	return span_duration(s, &ns) ? cli_duration_text(c, ns) : STR("-");
}

void row_put_head(struct cli *c)
{
	buf_printf(&c->out, "%-19s %8s %-9s %-9s %8s %10s %-22s %-32s %s\n", "STARTED", "DURATION",
		"KIND", "STATUS", "TOKENS", "COST", "MODEL", "NAME", "TRACE");
}

void row_begin(struct cli *c)
{
	columns_begin(c,
		c->form == CLI_TABLE
			? STR("started duration kind status tokens cost model name trace_id")
			: STR("span_id trace_id parent_span_id session_id source kind name status "
			      "started_at ended_at project model tool_name input_tokens "
			      "output_tokens total_tokens cost_total_usd error_type "
			      "error_message"));
}

static void put_line(struct cli *c, struct str line)
{
	struct str body;
	size_t start = c->out.len;
	if (line_check(line, &body) != LINE_OK)
		return;
	buf_add(&c->out, body);
	buf_add(&c->out, STR("}\n"));
	if (c->columns.len)
		columns_row(c, start);
}

static void put_cells(struct cli *c, const struct span *s)
{
	struct json_writer w = cli_json(c);
	json_member_text(&w, STR("started"), cli_time_text(c, span_i64(s, FIELD_STARTED_AT, 0)));
	json_member_text(&w, STR("duration"), duration_of(c, s));
	json_member_text(
		&w, STR("kind"), kind_name((enum kind)span_i64(s, FIELD_KIND, KIND_UNKNOWN)));
	json_member_text(&w, STR("status"),
		status_name((enum status)span_i64(s, FIELD_STATUS, STATUS_UNKNOWN)));
	if (row_tokens(s))
		json_member_i64(&w, STR("tokens"), row_tokens(s));
	json_member_text(&w, STR("cost"), cost_of(c, s));
	if (span_has(s, FIELD_MODEL))
		json_member_body(&w, STR("model"), span_text(s, FIELD_MODEL));
	if (span_has(s, FIELD_NAME))
		json_member_body(&w, STR("name"), span_text(s, FIELD_NAME));
	json_member_body(&w, STR("trace_id"), span_text(s, FIELD_TRACE_ID));
	cli_json_end(c, &w);
}

static void put_text(struct cli *c, const struct span *s)
{
	int64_t tokens = row_tokens(s);
	cli_put(c, cli_time_text(c, span_i64(s, FIELD_STARTED_AT, 0)), 19, true);
	buf_printf(&c->out, " %8.*s ", STR_ARG(duration_of(c, s)));
	cli_put(c, kind_name((enum kind)span_i64(s, FIELD_KIND, KIND_UNKNOWN)), 10, true);
	cli_put(c, status_name((enum status)span_i64(s, FIELD_STATUS, STATUS_UNKNOWN)), 9, true);
	if (tokens)
		buf_printf(&c->out, " %8lld", (long long)tokens);
	else
		buf_printf(&c->out, " %8s", "");
	buf_printf(&c->out, " %10.*s ", STR_ARG(cost_of(c, s)));
	cli_put_body(c, span_text(s, FIELD_MODEL), 22, true);
	buf_add_char(&c->out, ' ');
	cli_put_body(c, span_text(s, FIELD_NAME), 32, true);
	buf_add_char(&c->out, ' ');
	cli_put_body(c, span_text(s, FIELD_TRACE_ID), 0, false);
	buf_add_char(&c->out, '\n');
}

void row_put(struct cli *c, const struct span *s, struct str line)
{
	struct arena_mark mark = arena_mark(c->arena);
	if (!c->is_json)
		put_text(c, s);
	else if (c->form == CLI_TABLE)
		put_cells(c, s);
	else
		put_line(c, line);
	arena_rewind(c->arena, mark);
}

void row_put_details(struct cli *c, const struct span *s)
{
	struct str cost = cost_of(c, s);
	buf_printf(&c->out, "  %.*s", STR_ARG(duration_of(c, s)));
	if (span_has(s, FIELD_MODEL)) {
		buf_add(&c->out, STR("  "));
		cli_put_body(c, span_text(s, FIELD_MODEL), 40, false);
	}
	if (row_tokens(s))
		buf_printf(&c->out, "  %lld tokens", (long long)row_tokens(s));
	if (cost.len)
		buf_printf(&c->out, "  %.*s", STR_ARG(cost));
	if (span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_ERROR) {
		buf_add(&c->out, STR("  ERROR "));
		cli_put_body(c,
			span_has(s, FIELD_ERROR_MESSAGE) ? span_text(s, FIELD_ERROR_MESSAGE)
							 : span_text(s, FIELD_ERROR_TYPE),
			80, false);
	}
	buf_add_char(&c->out, '\n');
}
