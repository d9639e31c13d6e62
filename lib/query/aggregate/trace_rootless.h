/*
 * Traces without a root, from the index: what stands for each is the earliest of its spans
 * (started_at, then span_id).
 *
 * Where the tables of segments say which traces have a root, as they mostly do, only those that
 * have none there are looked at: the pieces of long traces, and those that are asked for.
 */
#ifndef FLATSPAN_QUERY_AGGREGATE_TRACE_ROOTLESS_H
#define FLATSPAN_QUERY_AGGREGATE_TRACE_ROOTLESS_H

#include "query/aggregate/shared.h"

struct rootless {
	struct block_row *rows; /* in the view's arena */
	size_t n;
};

/* Those whose earliest span meets the window and the clauses. Nothing is picked then. */
NODISCARD enum err rootless_find(struct stock *s, const struct query *q, struct rootless *ret);
/* To what is picked. */
NODISCARD enum err rootless_pick(struct stock *s, const struct rootless *r);

#endif
