/*
 * The rows of a view: the current version of every span, deleted ones left out, as a stream.
 *
 * This is what lists, groups, traces and sessions are made from, and the one place that knows where
 * rows come from.  Whoever takes rows gets a reference and a span with the wanted fields, and must
 * not care whether these were read from the line or known otherwise.
 *
 *	rows_open(&r, view, deadline_ns);
 *	e = rows_each(&r, &query, &want, take, &mine);	any number of times
 *	rows_close(&r);
 *
 * Which versions are current is found out once, by the first rows_each.  Rows come in no promised
 * order.  The arena is rewound after each row: what take() keeps goes into blocks (table.h).
 */
#ifndef FLATSPAN_QUERY_ROWS_ROWS_H
#define FLATSPAN_QUERY_ROWS_ROWS_H

#include "query/match/match.h"
#include "query/rows/scan.h"

struct rows {
	struct view *view;
	int64_t deadline_ns; /* utime_monotonic(); 0: none */
	bool is_resolved;
	struct scan scan;
};

/* s holds at least the wanted fields and those of the query; its texts are gone after the call.
 * Returns false to stop, which is no error. */
typedef bool row_fn(void *user, const struct span *s, struct row_ref ref);

void rows_open(struct rows *r, struct view *v, int64_t deadline_ns);
/* Rows that match the query's clauses, window and roots_only. ERR_BUDGET: past the deadline. */
NODISCARD enum err rows_each(struct rows *r, const struct query *q, const struct field_set *want,
	row_fn *take, void *user);
void rows_close(struct rows *r);

#endif
