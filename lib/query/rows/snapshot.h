/*
 * All rows of a view as blocks, and those of them that match a query: what every answer from the
 * index begins with.
 *
 *	stock_answer(view, deadline_ns, by_index, by_lines, user);
 *
 * calls, when some of the view is indexed, by_index, which begins with
 *
 *	e = stock_pick(stock, &query, &need);		then block_picked() of each block
 *
 * again while damage is found on the way; else, and when that does not end, by_lines.  Rows that
 * columns cannot decide are looked at on their lines, so that what is picked is exact.
 */
#ifndef FLATSPAN_QUERY_ROWS_SNAPSHOT_H
#define FLATSPAN_QUERY_ROWS_SNAPSHOT_H

#include "query/filter/filter.h"
#include "query/match/match.h"
#include "query/rows/block.h"
#include "query/rows/scan.h"

struct stock {
	struct view *view;
	int64_t deadline_ns; /* utime_monotonic(); 0: none */
	bool is_indexed;     /* some of the view is; else there are no blocks */
	bool skips_segments; /* stock_pick leaves them to the caller */
	bool may_count;      /* stock_pick leaves rows that can be counted to block_load_picked */
	bool is_again; /* something was damaged the time before: a word file, it may be, that counts
			* rows it cannot tell */
	struct index_set set;
	struct block *blocks; /* the lines last, if there are any */
	size_t n_blocks;
	struct scan tail;    /* current lines behind what is indexed */
	uint64_t n_verified; /* lines that were looked at */
	/* Of the clauses that were asked for last; kept when they are asked for again. */
	struct search *search;
	const struct clause *searched;
};

/* Lines that are no rows are counted in the view. by_index must not hand anything out before it is
 * sure to end well: ERR_UNSAFE (index.h) from it means that it is called again. */
NODISCARD enum err stock_answer(struct view *v, int64_t deadline_ns,
	enum err (*by_index)(struct stock *s, void *user),
	enum err (*by_lines)(struct view *v, void *user), void *user);
/* The same step by step, without the repetition. */
NODISCARD enum err stock_open(struct stock *s, struct view *v, int64_t deadline_ns);
void stock_close(struct stock *s);

/* need: the fields that will be asked of the block of lines, beside source and trace_id. Once, or
 * again after stock_unpick. ERR_BUDGET: past the deadline. */
NODISCARD enum err stock_pick(struct stock *s, const struct query *q, const struct field_set *need);
/* Nothing is picked. */
void stock_unpick(struct stock *s);
/* How many rows are picked in all. */
uint64_t stock_count(const struct stock *s);
/* Reads the wanted fields of each picked row's line. take returns false to stop. The arena is
 * rewound after each row. Never ERR_UNSAFE. */
NODISCARD enum err stock_each(struct stock *s, const struct field_set *want,
	bool (*take)(void *user, const struct span *span, struct row_ref ref), void *user);

bool stock_is_late(const struct stock *s);

#endif
