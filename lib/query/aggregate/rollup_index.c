/* Sums up a trace in one block, from the trace table or from its rows: trace_index.h. */
#include "query/aggregate/trace_index.h"

/* ---- From the trace table ---- */

static enum err table_value(
	struct index_segment *s, unsigned c, uint32_t trace, bool *ret_has, int64_t *ret)
{
	const struct column *col;
	enum err e = segment_column(s, c, &col);
	if (e)
		return e;
	*ret_has = column_has(col, trace);
	if (*ret_has)
		*ret = column_value(col, trace);
	return ERR_OK;
}

/* True when the table is right about the trace, and no sum left its range. */
static bool table_knows(const struct block *b)
{
	if (!b->segment || b->segment->n_hidden_late)
		return false;
	for (unsigned c = INDEX_TRACE_INPUT_TOKENS; c <= INDEX_TRACE_COST_OUTPUT; c++)
		if (segment_column_state(b->segment, c) == COLUMN_UNKNOWN)
			return false;
	return true;
}

static void add_tokens(bool has, int64_t n, bool *ret_has, int64_t *sum)
{
	if (!has)
		return;
	*ret_has = true;
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = n < 0 ? INT64_MIN : INT64_MAX;
}

static void add_cost(bool has, int64_t pico, bool *ret_has, __int128 *sum)
{
	if (!has)
		return;
	*ret_has = true;
	*sum += pico;
}

static enum err add_from_table(struct rollup *r, struct index_segment *s, uint32_t trace)
{
	int64_t v = 0;
	bool has;
	enum err e = table_value(s, INDEX_TRACE_N_SPANS, trace, &has, &v);
	if (e)
		return e;
	r->n_spans += has ? (uint64_t)v : 0;
	e = table_value(s, INDEX_TRACE_N_ERRORS, trace, &has, &v);
	if (e)
		return e;
	r->n_errors += has ? (uint64_t)v : 0;
#define ADD(column, add, name) \
	e = table_value(s, INDEX_TRACE_##column, trace, &has, &v); \
	if (e) \
		return e; \
	add(has, v, &r->has_##name, &r->name);
	ADD(INPUT_TOKENS, add_tokens, input_tokens)
	ADD(OUTPUT_TOKENS, add_tokens, output_tokens)
	ADD(CACHED_TOKENS, add_tokens, cached_tokens)
	ADD(TOTAL_TOKENS, add_tokens, total_tokens)
	ADD(COST_TOTAL, add_cost, cost_total)
	ADD(COST_INPUT, add_cost, cost_input)
	ADD(COST_OUTPUT, add_cost, cost_output)
#undef ADD
	return ERR_OK;
}

/* ---- From rows ---- */

static const enum field fields[ROLLUP_COLUMNS] = { FIELD_STATUS, FIELD_REPEATS_USAGE,
	FIELD_INPUT_TOKENS, FIELD_OUTPUT_TOKENS, FIELD_CACHED_TOKENS, FIELD_TOTAL_TOKENS,
	FIELD_COST_TOTAL_USD, FIELD_COST_INPUT_USD, FIELD_COST_OUTPUT_USD };

struct field_set rollup_fields(void)
{
	struct field_set set = { { 0 } };
	field_set_add(&set, FIELD_SOURCE);
	field_set_add(&set, FIELD_TRACE_ID);
	for (size_t i = 0; i < ROLLUP_COLUMNS; i++)
		field_set_add(&set, fields[i]);
	return set;
}

enum err rollup_open(struct rollup_columns *c, struct block *b)
{
	c->live = block_records(b);
	for (size_t i = 0; !c->live && i < ROLLUP_COLUMNS; i++) {
		enum err e = block_column(b, fields[i], &c->of[i]);
		if (e)
			return e;
	}
	return ERR_OK;
}

/* Adds the values of a row. present has a bit for each value that is there. */
static void add_values(struct rollup *r, const int64_t *v, unsigned present)
{
#define HAS(i) (present >> (i)&1)
	r->n_spans++;
	r->n_errors += HAS(0) && v[0] == STATUS_ERROR;
	if (HAS(1) && v[1])
		return;
	add_tokens(HAS(2), v[2], &r->has_input_tokens, &r->input_tokens);
	add_tokens(HAS(3), v[3], &r->has_output_tokens, &r->output_tokens);
	add_tokens(HAS(4), v[4], &r->has_cached_tokens, &r->cached_tokens);
	add_tokens(HAS(5), v[5], &r->has_total_tokens, &r->total_tokens);
	add_cost(HAS(6), v[6], &r->has_cost_total, &r->cost_total);
	add_cost(HAS(7), v[7], &r->has_cost_input, &r->cost_input);
	add_cost(HAS(8), v[8], &r->has_cost_output, &r->cost_output);
#undef HAS
}

enum status rollup_add_row(struct rollup *r, const struct rollup_columns *c, uint32_t row)
{
	int64_t v[ROLLUP_COLUMNS] = { STATUS_UNKNOWN };
	unsigned present = 0;
	const struct rowlog_row *live = c->live ? &c->live[row] : NULL;
	for (unsigned i = 0; i < ROLLUP_COLUMNS; i++) {
		bool has = live ? rowlog_has(live, fields[i]) : column_has(c->of[i], row);
		present |= (unsigned)has << i;
		if (has)
			v[i] = live ? (int64_t)rowlog_value(live, fields[i])
				    : column_value(c->of[i], row);
	}
	add_values(r, v, present);
	return (enum status)v[0];
}

static enum err add_from_rows(struct rollup *r, struct block *b, uint32_t trace)
{
	struct rollup_columns columns;
	struct block_traces traces;
	enum err e = block_traces(b, &traces);
	if (!e)
		e = rollup_open(&columns, b);
	if (e)
		return e;
	enum { CHUNK = 256 };
	int64_t codes[CHUNK];
	uint32_t first = (uint32_t)column_value(traces.first_row, trace) / CHUNK * CHUNK;
	uint32_t end = (uint32_t)column_value(traces.last_row, trace) + 1;
	end = end < b->n_rows ? end : b->n_rows;
	for (uint32_t at = first; at < end; at += CHUNK) {
		uint32_t n = end - at < CHUNK ? end - at : CHUNK;
		column_read(traces.codes, at, n, -1, codes);
		for (uint32_t i = 0; i < n; i++)
			if (codes[i] == trace &&
				(block_current(b, at / BITS + i / BITS) >> i % BITS & 1))
				(void)rollup_add_row(r, &columns, at + i);
	}
	return ERR_OK;
}

enum err rollup_add_trace(struct rollup *r, struct block *b, uint32_t trace)
{
	return table_knows(b) ? add_from_table(r, b->segment, trace) : add_from_rows(r, b, trace);
}
