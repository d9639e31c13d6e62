/*
 * Traces without a root, from the index: what stands for each is the earliest of its spans
 * (started_at, then span_id).
 *
 * Segments name that span in their trace table.  Only traces that may stand in several blocks are
 * put together here, and blocks are read row by row whose table is not right any more or that have
 * none.
 */
#ifndef FLATSPAN_QUERY_AGGREGATE_TRACE_ROOTLESS_H
#define FLATSPAN_QUERY_AGGREGATE_TRACE_ROOTLESS_H

#include "query/aggregate/shared.h"

struct rootless {
	struct block_row *rows; /* a block */
	size_t n;
};

/* Finds the traces without a root whose earliest span meets the window and the clauses. Afterwards
 * nothing is selected. */
NODISCARD enum err rootless_find(struct snapshot *s, const struct query *q, struct rootless *ret);
/* Adds these rows to what is selected. */
NODISCARD enum err rootless_select(struct snapshot *s, const struct rootless *r);

#endif
