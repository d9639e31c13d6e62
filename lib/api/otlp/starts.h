/*
 * Stores the spans that came on Opik's path, each with the start of its trace (FIELD_OPIK_MS), from
 * which Opik's ids are made.
 *
 * The start is the least one of the trace's spans in the first request that has any.  It never
 * changes, so the trace of each span is looked up before it is written, under the write lock.  A
 * trace whose stored spans have none, because they came on another path, gets none.
 */
#ifndef FLATSPAN_API_OTLP_STARTS_H
#define FLATSPAN_API_OTLP_STARTS_H

#include "api/ingest.h"

/* Works like ingest_store(). */
bool otlp_store_with_starts(
	struct request *r, const struct dialect *d, struct span *spans, size_t n);

#endif
