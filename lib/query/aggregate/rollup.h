/*
 * Sums over spans: struct rollup of engine.h.
 */
#ifndef FLATSPAN_QUERY_AGGREGATE_ROLLUP_H
#define FLATSPAN_QUERY_AGGREGATE_ROLLUP_H

#include "query/engine.h"

/* Returns the fields that sums are made of. */
struct field_set rollup_fields(void);

#endif
