/*
 * All rows of a view as blocks, and those of them that match a query: what every answer from the
 * index begins with.
 *
 *	stock_answer(view, deadline_ns, answer, user);
 *
 * calls answer, which begins with
 *
 *	e = stock_pick(stock, &query, &need);		then block_picked() of each block
 *
 * and calls it again when a part of the index turns out damaged, the last time without an index.
 * Rows that columns cannot decide are looked at on their lines, so that what is picked is exact.
 */
#ifndef FLATSPAN_QUERY_FILTER_SNAPSHOT_H
#define FLATSPAN_QUERY_FILTER_SNAPSHOT_H

#include "query/filter/counted.h"
#include "query/match/match.h"
#include "query/rows/block.h"
#include "query/source.h"

struct stock {
	struct view *view;
	int64_t deadline_ns; /* utime_monotonic(); 0: none */
	bool skips_segments; /* stock_pick leaves them to the caller */
	bool may_count;      /* stock_pick leaves rows that can be counted to block_load_picked */
	bool is_again; /* something was damaged the time before: a word file, it may be, that counts
			* rows it cannot tell */
	bool needs_all_lines; /* the block of lines has rows that do not match as well */
	struct source source;
	struct block *blocks; /* those of the source, then the block of lines if there is one */
	size_t n_blocks;
	uint64_t n_verified; /* lines that were looked at */
	/* Of the clauses that were asked for last; kept when they are asked for again. */
	struct search *search;
	const struct clause *searched;
};

/* Lines that are no rows are counted in the view. answer must not hand anything out before it is
 * sure to end well: it is called again after ERR_UNSAFE (index.h). */
NODISCARD enum err stock_answer(struct view *v, int64_t deadline_ns,
	enum err (*answer)(struct stock *s, void *user), void *user);
/* The same step by step, without the repetition. */
NODISCARD enum err stock_open(struct stock *s, struct view *v, int64_t deadline_ns);
void stock_close(struct stock *s);

/* need: the fields that will be asked of the block of lines; with FIELD_TRACE_ID also its traces.
 * Once, or again after stock_unpick. ERR_BUDGET: past the deadline. */
NODISCARD enum err stock_pick(struct stock *s, const struct query *q, const struct field_set *need);
/* Nothing is picked. */
void stock_unpick(struct stock *s);
/* How many rows are picked in all. */
uint64_t stock_count(const struct stock *s);
/* Reads the wanted fields of each picked row's line. take returns false to stop. The arena is
 * rewound after each row. Never ERR_UNSAFE. */
NODISCARD enum err stock_each(
	struct stock *s, const struct field_set *want, row_fn *take, void *user);

bool stock_is_late(const struct stock *s);

#endif
