/*
 * Finds the stored trace or span that an id of a request means. A UUID may be the id itself or show
 * a hex id (semconv/opik_id.h); the stored rows decide.
 */
#ifndef FLATSPAN_API_OPIK_TRACE_IDS_H
#define FLATSPAN_API_OPIK_TRACE_IDS_H

#include "api/opik/opik.h"
#include "semconv/opik_id.h"

/* Replaces UUIDs that are made with the start of a trace (semconv/opik_id.h) by the stored ids of
 * spans or traces that they show; other ids stay. */
NODISCARD enum err opik_resolve(
	struct request *r, struct view *v, enum opik_of of, struct str *ids, size_t n);
/* Does so for spans. Opens a view if an id needs one. Returns false when the request was answered
 * with an error. */
bool opik_ids_of_spans(struct request *r, struct str *ids, size_t n);
/* Does so for spans, and for traces as opik_ids_of_traces(). */
bool opik_ids_of(struct request *r, enum opik_of of, struct str *ids, size_t n);
/* Replaces UUIDs by the hex ids that they show, where such a trace is stored. */
NODISCARD enum err opik_find_traces(struct request *r, struct view *v, struct str *ids, size_t n);
/* Opens a view for it if an id needs one. Returns false when the request was answered with an
 * error. */
bool opik_ids_of_traces(struct request *r, struct str *ids, size_t n);

#endif
