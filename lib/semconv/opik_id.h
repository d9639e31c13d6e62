/*
 * Converts between hex ids and the UUIDs of version 7 that Opik's clients expect.
 *
 * Spans of OTLP have ids of 8 and 16 bytes in hex and keep them, because other dialects and the
 * files name them so.  To Opik's clients such an id is shown as a UUID that is derived from the id
 * alone, so a trace has one id however its spans were sent:
 *
 *	16 digits	80000000-0000-700s-8sss-ssssssssssss	all of it
 *	32 digits, a UUID of version 7 of this time		as they are, with hyphens
 *	32 digits else	tttttttt-tttt-7ttt-vttt-tttttttttttt	all but 7 bits
 *
 * The 7 bits are the version, the variant, and a first bit of 1, which means the year 6429 or
 * later: no clock makes such an id.
 *
 * Spans that came on Opik's own path have the ids that Opik's server gives them: the milliseconds
 *of the trace's start (FIELD_OPIK_MS), then the first 10 bytes of SHA-256 over the bytes of the id,
 *with version and variant in their places.  Such a UUID sorts by time and cannot be read back; it
 *is looked up (api/opik/trace_ids.h).  All others have the forms above.
 *
 * The first form can be read back.  In the last, 128 ids have the same UUID, and some of them also
 * that of an id of 16 digits, so the stored trace must be looked up (api/opik/trace_ids.h).  Both
 * forms are accepted wherever a request has an id.
 */
#ifndef FLATSPAN_SEMCONV_OPIK_ID_H
#define FLATSPAN_SEMCONV_OPIK_ID_H

#include "span/span.h"

/* Returns the id as clients see it, which is the same view for an id that is not hex. */
struct str opik_id_shown(struct arena *a, struct str id);
/* True when clients see both ids as one. */
bool opik_id_same(struct arena *a, struct str x, struct str y);

/* Reads an id of a request: a UUID or a hex id. *ret is the stored id, except that the UUID of a
 * hex id of 32 digits stays a UUID. Returns false when the text is neither. */
bool opik_id_param(struct arena *a, struct str text, struct str *ret);
/* Returns the hex id of 16 digits that a UUID shows, and any other text unchanged. */
struct str opik_id_of_uuid(struct arena *a, struct str uuid);
/* True for a UUID that shows a hex id. No clock makes such an id. */
bool opik_id_is_made(struct str id);

/* Returns the id in this field of a span (span_id, trace_id or parent_span_id) as clients see it.
 */
struct str opik_id_shown_in(struct arena *a, const struct span *s, enum field f);
/* True when clients see that id, or a request may name it so. */
bool opik_id_is_in(struct arena *a, const struct span *s, enum field f, struct str id);
/* Reads the milliseconds in a UUID of version 7 of the years 2004 to 2109. Returns false for any
 * other id. */
bool opik_id_time(struct str shown, int64_t *ret_ms);

/* Returns all ids of traces that this one may mean, itself first. */
size_t opik_trace_ids(struct arena *a, struct str id, struct str **ret);

#endif
