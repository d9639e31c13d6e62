/*
 * Sums usage by key, cost, number of spans and providers over the spans of each trace. Rows of
 * Opik's traces do not count as spans. Spans that repeat the usage of their children are counted
 * and not summed.
 */
#ifndef FLATSPAN_API_OPIK_READ_SUMS_H
#define FLATSPAN_API_OPIK_READ_SUMS_H

#include "api/opik/opik.h"
#include "base/table.h"

struct opik_sum {
	uint64_t hash; /* pred_text_hash() of the trace_id */
	int64_t prompt_tokens, completion_tokens, total_tokens, extra;
	__int128 cost; /* in 1e-12 USD */
	uint32_t n_spans, n_llm_spans, n_errors;
	uint32_t usage, providers; /* the first row of its chains, plus 1 */
	bool has_tool_spans, has_extra;
};

/* The sum of one key of a trace's usage. */
struct opik_sum_usage {
	uint64_t hash, trace;
	struct str key; /* canonical body */
	int64_t sum;
	uint32_t next; /* next row of the trace, plus 1 */
};

struct opik_sum_provider {
	uint64_t hash, trace;
	struct str provider; /* canonical body */
	uint32_t next;
};

struct opik_sums {
	struct arena *arena;
	bool is_open, wants_details;
	struct str extra_key; /* plain text: a key of the usage that is summed too; STR_NULL for
				 none */
	struct table traces, usage, providers;
	struct string_pool keep;
};

/* details: also sums usage by key and collects providers. */
void opik_sums_init(struct opik_sums *s, struct arena *a, bool details, struct str extra_key);
void opik_sums_release(struct opik_sums *s);
/* Sums the spans that match. They must be whole traces. */
NODISCARD enum err opik_sums_collect(struct opik_sums *s, struct view *v, const struct query *q);
/* Adds the cost and usage of one trace of other sums to a trace of these. */
void opik_sums_add(struct opik_sums *s, uint64_t trace, const struct opik_sums *from, uint64_t of);
/* Returns NULL when the trace has no spans. */
const struct opik_sum *opik_sums_find(const struct opik_sums *s, uint64_t trace);

/* Sets the sums in the fields of the row that fields.h names. */
void opik_sums_put(const struct opik_sums *s, struct span *row, struct arena *a);

/* Writes a member {"prompt_tokens":…} with the usage by key, and nothing when there is none. */
void opik_sums_render_usage(
	const struct opik_sums *s, uint64_t trace, struct json_writer *w, struct str name);
/* Returns the providers in ascending order, each once. */
size_t opik_sums_providers(
	const struct opik_sums *s, uint64_t trace, struct arena *a, struct str **ret);

/* Calls `each` for every count of a span's usage, with canonical keys: usage_details, and the token
 * counts that other dialects set. */
void opik_usage_each(
	const struct span *s, void (*each)(void *user, struct str key, int64_t n), void *user);

#endif
