/*
 * Completes every span on its way in, for all dialects: defaults, consistency, derived ids.
 */
#ifndef FLATSPAN_SPAN_NORMALISE_H
#define FLATSPAN_SPAN_NORMALISE_H

#include "span/span.h"

/*
 * A stable id as NeMo makes it: PREFIX-<first 32 hex digits of SHA-256>, hashed over each part's
 * length (8 bytes, big-endian) and bytes.  stable_id("session", {"default", "0…01"}) is
 * session-914e76e98ce89e0be6917f4fe3a50669.
 */
struct str stable_id(struct arena *a, struct str prefix, const struct str *parts, size_t n_parts);

/* Returns the session of a span that was given none, derived from (workspace, trace_id). */
struct str span_derived_session(struct arena *a, struct str workspace, const struct span *s);
/* Returns the session that the span was given; STR_NULL when there is none or it is the derived
 * one. */
struct str span_given_session(struct arena *a, struct str workspace, const struct span *s);

/*
 * - started_at absent becomes now_ns; ended_at before started_at is dropped, the original kept
 * in attributes as "flatspan.ended_at" (RFC 3339)
 * - status and kind absent become UNKNOWN; session_id absent is derived from (workspace, trace_id)
 * - ingested_at is now_ns; usage_details and cost_details stay as they are
 * All texts must be canonical already.
 */
void span_normalise(struct span *s, struct arena *a, struct str workspace, int64_t now_ns);

#endif
