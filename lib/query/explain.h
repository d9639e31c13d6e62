/*
 * Explains in words how a query is answered: which blocks there are, how each condition is tested
 * in each, how many rows that leaves, and what gives the order.  For `flatspan explain` and for
 * those who make queries faster.
 */
#ifndef FLATSPAN_QUERY_EXPLAIN_H
#define FLATSPAN_QUERY_EXPLAIN_H

#include "query/query.h"
#include "shard/shard.h"

/* Finds the rows as engine_list would, and appends lines of text. */
NODISCARD enum err query_explain(struct view *v, const struct query *q, struct buf *out);

#endif
