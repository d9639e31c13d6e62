/*
 * A snapshot: all rows of a view as blocks, and which of them match a query.  Every answer begins
 * with it.
 *
 *	snapshot_answer(view, deadline_ns, answer, user);
 *
 * calls answer, which begins with
 *
 *	e = snapshot_select(snapshot, &query, &need);		then block_selected() of each block
 *
 * and calls it again when a part of the index turns out damaged, the last time without an index.
 * Rows that columns cannot decide are looked at on their lines, so that what is selected is exact.
 */
#ifndef FLATSPAN_QUERY_FILTER_SNAPSHOT_H
#define FLATSPAN_QUERY_FILTER_SNAPSHOT_H

#include "query/filter/counted.h"
#include "query/match/match.h"
#include "query/rows/block.h"
#include "query/source.h"

struct snapshot {
	struct view *view;
	int64_t deadline_ns; /* utime_monotonic(); 0: none */
	bool skips_segments; /* snapshot_select leaves them to the caller */
	bool may_count; /* snapshot_select leaves rows that can be counted to block_load_selected */
	bool is_again;  /* a part of the index was damaged the time before; that may be a term file
			   that counts rows wrongly, so rows are not counted */
	bool needs_all_lines; /* the block of lines has rows that do not match as well */
	struct source source;
	struct block *blocks; /* those of the source, then the block of lines if there is one */
	size_t n_blocks;
	uint64_t n_verified; /* lines that were looked at */
	/* The terms of the last query. They are kept while its clauses are asked again. */
	struct search *search;
	const struct clause *searched;
};

/* Opens a snapshot, calls answer, and closes it. answer must not hand anything out before it is
 * sure to end well: it is called again after ERR_UNSAFE (index.h). Lines that are no rows are
 * counted in the view. */
NODISCARD enum err snapshot_answer(struct view *v, int64_t deadline_ns,
	enum err (*answer)(struct snapshot *s, void *user), void *user);
/* Opens a snapshot for the steps of snapshot_answer() without the repetition. */
NODISCARD enum err snapshot_open(struct snapshot *s, struct view *v, int64_t deadline_ns);
void snapshot_close(struct snapshot *s);

/* Selects the rows that match. need: the fields that will be asked of the block of lines; with
 * FIELD_TRACE_ID also its traces. The caller calls it once, or again after snapshot_deselect().
 * ERR_BUDGET: past the deadline. */
NODISCARD enum err snapshot_select(
	struct snapshot *s, const struct query *q, const struct field_set *need);
/* Nothing is selected. */
void snapshot_deselect(struct snapshot *s);
/* Returns the number of selected rows. */
uint64_t snapshot_count(const struct snapshot *s);
/* Reads the wanted fields of each selected row's line. take returns false to stop. The arena is
 * rewound after each row. Never ERR_UNSAFE. */
NODISCARD enum err snapshot_each(
	struct snapshot *s, const struct field_set *want, row_fn *take, void *user);

bool snapshot_is_late(const struct snapshot *s);

#endif
