/*
 * Sums over spans (struct rollup of engine.h), and sets of traces.
 */
#ifndef FLATSPAN_QUERY_AGGREGATE_ROLLUP_H
#define FLATSPAN_QUERY_AGGREGATE_ROLLUP_H

#include "query/engine.h"

/* What rollup_add and trace_hash look at. */
struct field_set rollup_fields(void);
/* The span and error counts, and unless it repeats its children's usage, tokens and costs. Sums
 * past the range of their type stay at its end. */
void rollup_add(struct rollup *r, const struct span *s);

/* Of (source, trace_id). */
uint64_t trace_hash(struct str source, struct str trace_id, uint64_t seed);

#endif
