/*
 * Finds out which stored trace an id of a request means.  A UUID may be the id itself or show a hex
 * id (semconv/opik_id.h); the rows decide.
 */
#ifndef FLATSPAN_API_OPIK_TRACE_IDS_H
#define FLATSPAN_API_OPIK_TRACE_IDS_H

#include "api/opik/opik.h"
#include "semconv/opik_id.h"

/* Traces by what is stored: UUIDs of hex ids become those, where there is such a trace. */
NODISCARD enum err opik_find_traces(struct request *r, struct view *v, struct str *ids, size_t n);
/* The same with a view of its own, which is opened only if need be. False: answered. */
bool opik_ids_of_traces(struct request *r, struct str *ids, size_t n);

#endif
