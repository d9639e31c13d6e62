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
 * The first form can be read back.  In the last, 128 ids have the same UUID, and some of them also
 * that of an id of 16 digits, so the stored trace must be looked up (api/opik/trace_ids.h).  Both
 * forms are accepted wherever a request has an id.
 */
#ifndef FLATSPAN_SEMCONV_OPIK_ID_H
#define FLATSPAN_SEMCONV_OPIK_ID_H

#include "base/arena.h"

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

/* Returns all ids of traces that this one may mean, itself first. */
size_t opik_trace_ids(struct arena *a, struct str id, struct str **ret);

#endif
