#include "query/aggregate/rollup.h"

#include "base/hash.h"
#include "query/match/order.h"

static const enum field fields[] = { FIELD_SOURCE, FIELD_TRACE_ID, FIELD_STATUS,
	FIELD_REPEATS_USAGE, FIELD_INPUT_TOKENS, FIELD_OUTPUT_TOKENS, FIELD_CACHED_TOKENS,
	FIELD_TOTAL_TOKENS, FIELD_COST_TOTAL_USD, FIELD_COST_INPUT_USD, FIELD_COST_OUTPUT_USD };

struct field_set rollup_fields(void)
{
	struct field_set set = { { 0 } };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		field_set_add(&set, fields[i]);
	return set;
}

static void add_tokens(const struct span *s, enum field f, bool *has, int64_t *sum)
{
	int64_t n = span_i64(s, f, 0);
	if (!span_has(s, f))
		return;
	*has = true;
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = n < 0 ? INT64_MIN : INT64_MAX;
}

/* int64 units of as many spans as there can be do not overflow 128 bits. */
static void add_cost(const struct span *s, enum field f, bool *has, __int128 *sum)
{
	int64_t pico;
	if (!order_dec(span_text(s, f), &pico))
		return;
	*has = true;
	*sum += pico;
}

void rollup_add(struct rollup *r, const struct span *s)
{
	r->n_spans++;
	r->n_errors += span_i64(s, FIELD_STATUS, STATUS_UNKNOWN) == STATUS_ERROR;
	if (span_i64(s, FIELD_REPEATS_USAGE, 0))
		return;
	add_tokens(s, FIELD_INPUT_TOKENS, &r->has_input_tokens, &r->input_tokens);
	add_tokens(s, FIELD_OUTPUT_TOKENS, &r->has_output_tokens, &r->output_tokens);
	add_tokens(s, FIELD_CACHED_TOKENS, &r->has_cached_tokens, &r->cached_tokens);
	add_tokens(s, FIELD_TOTAL_TOKENS, &r->has_total_tokens, &r->total_tokens);
	add_cost(s, FIELD_COST_TOTAL_USD, &r->has_cost_total, &r->cost_total);
	add_cost(s, FIELD_COST_INPUT_USD, &r->has_cost_input, &r->cost_input);
	add_cost(s, FIELD_COST_OUTPUT_USD, &r->has_cost_output, &r->cost_output);
}

uint64_t trace_hash(struct str source, struct str trace_id, uint64_t seed)
{
	return hash64(trace_id, hash64(source, seed));
}
