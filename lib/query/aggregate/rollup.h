/*
 * Sums over spans (struct rollup of engine.h), and sets of traces.
 */
#ifndef FLATSPAN_QUERY_AGGREGATE_ROLLUP_H
#define FLATSPAN_QUERY_AGGREGATE_ROLLUP_H

#include "query/engine.h"

/* The fields that sums are made of. */
struct field_set rollup_fields(void);

#endif
