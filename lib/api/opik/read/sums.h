/*
 * What a trace sums up of its spans: usage by key, cost, how many spans, providers.  Rows of Opik's
 * traces are no spans of theirs; spans that repeat their children's usage are counted and not
 * summed.
 */
#ifndef FLATSPAN_API_OPIK_READ_SUMS_H
#define FLATSPAN_API_OPIK_READ_SUMS_H

#include "api/opik/opik.h"
#include "base/table.h"

struct opik_sum {
	uint64_t hash; /* of the trace_id, as pred_text_hash makes it */
	int64_t prompt_tokens, completion_tokens, total_tokens, extra;
	__int128 cost; /* in 1e-12 */
	uint32_t n_spans, n_llm_spans, n_errors;
	uint32_t usage, providers; /* the first of its chains: number + 1 */
	bool has_tool_spans, has_extra;
};

/* A sum of one key of a trace's usage. */
struct opik_sum_usage {
	uint64_t hash, trace;
	struct str key; /* canonical body */
	int64_t sum;
	uint32_t next; /* of the same trace */
};

struct opik_sum_provider {
	uint64_t hash, trace;
	struct str provider; /* canonical body */
	uint32_t next;
};

struct opik_sums {
	struct arena *arena;
	bool is_open, wants_details;
	struct str extra_key; /* of the usage, plain; STR_NULL: none */
	struct table traces, usage, providers;
	struct keep keep;
};

/* details: usage by key, and providers. */
void opik_sums_init(struct opik_sums *s, struct arena *a, bool details, struct str extra_key);
void opik_sums_release(struct opik_sums *s);
/* Over the spans that match: whole traces. */
NODISCARD enum err opik_sums_collect(struct opik_sums *s, struct view *v, const struct query *q);
/* Adds what one trace of other sums has to a trace of these: cost and usage. */
void opik_sums_add(struct opik_sums *s, uint64_t trace, const struct opik_sums *from, uint64_t of);
/* NULL: the trace has no spans. */
const struct opik_sum *opik_sums_find(const struct opik_sums *s, uint64_t trace);

/* The row with its sums in the fields that opik_fields.h names. */
void opik_sums_put(const struct opik_sums *s, struct span *row, struct arena *a);

/* {"prompt_tokens":…} by key; nothing when there is none. with_name: the member's. */
void opik_sums_render_usage(
	const struct opik_sums *s, uint64_t trace, struct json_writer *w, struct str name);
/* The providers in ascending order, each once. */
size_t opik_sums_providers(
	const struct opik_sums *s, uint64_t trace, struct arena *a, struct str **ret);

/* A span's usage as Opik has it: usage_details, and the token counts other dialects have. Calls
 * each with canonical keys. */
void opik_usage_each(
	const struct span *s, void (*each)(void *user, struct str key, int64_t n), void *user);

#endif
