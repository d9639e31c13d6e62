/*
 * Computes statistics over rows: counts, means and quantiles of durations.
 *
 *	opik_stats_init(&st, arena, of, notes, keep)
 *	opik_stats_add(&st, span)		any number of times, with opik_stats_fields()
 *	opik_stats_finish(&st)			sorts; nothing can be added afterwards
 *	opik_stats_release(&st)
 *
 * The values are in blocks of the arena, which may be rewound between rows. The names are in the
 * string pool `keep`, which the caller must release.
 */
#ifndef FLATSPAN_API_OPIK_READ_STATS_H
#define FLATSPAN_API_OPIK_READ_STATS_H

#include "api/opik/list.h"

/* The mean over the rows that have a value of that name. */
struct opik_mean {
	uint64_t hash;
	struct str name; /* canonical body */
	double sum;
	uint64_t n;
};

struct opik_stats {
	struct arena *arena;
	enum opik_of of;
	struct notes *notes;                   /* scores */
	const struct opik_sums *sums;          /* for traces; NULL for spans */
	const struct opik_scores *span_scores; /* sorted, for traces; NULL leaves them out */
	uint64_t n, n_errors, n_input, n_output, n_metadata, n_tags, n_llm_spans, n_spans;
	__int128 cost; /* in 1e-12 USD */
	uint64_t n_cost;
	double *durations; /* a block, in ms */
	size_t n_durations, cap_durations;
	struct table usage, scores, span_scores_means; /* struct opik_mean */
	struct string_pool *keep; /* string pool of the names; other statistics may share it */
};

void opik_stats_init(struct opik_stats *st, struct arena *a, enum opik_of of, struct notes *notes,
	struct string_pool *keep);
struct field_set opik_stats_fields(void);
void opik_stats_add(struct opik_stats *st, const struct span *s);
void opik_stats_finish(struct opik_stats *st);
void opik_stats_release(struct opik_stats *st);

/* Finishes the statistics and answers with them. */
void opik_stats_answer(struct request *r, struct opik_stats *st);

/* True when the statistics count the row as an error. */
bool opik_stats_is_error(const struct span *s);
/* Writes {"p50":…,"p90":…,"p99":…} in milliseconds, over the finished rows. */
void opik_stats_render_durations(struct json_writer *w, const struct opik_stats *st);
/* Returns the duration in milliseconds at a level such as 0.5, after opik_stats_finish(). */
double opik_stats_duration(const struct opik_stats *st, double level);
/* Returns the mean of the existing costs in USD. */
double opik_stats_cost(const struct opik_stats *st);

/* Sums all traces of the workspace, with their usage. */
NODISCARD enum err opik_stats_sums(
	struct request *r, struct view *v, int64_t deadline_ns, struct opik_sums *ret);

#endif
