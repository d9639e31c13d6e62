/*
 * Ids.  Opik's clients know UUIDs of version 7 only; what came by OTLP has ids of 8 and 16 bytes in
 * hex, and keeps them: other dialects, and the files, name it so.  To Opik's clients such an id is
 * shown as a UUID made of the id alone, so a trace is one however its spans were sent:
 *
 *	16 digits	80000000-0000-700s-8sss-ssssssssssss	all of it
 *	32 digits, a UUID of version 7 of this time		as they are, with hyphens
 *	32 digits else	tttttttt-tttt-7ttt-vttt-tttttttttttt	but for 7 bits
 *
 * These are the version and the variant, and a first bit of 1 (the year 6429 and later: no clock
 * makes such an id).
 *
 * The first can be read back.  Of the last, 128 ids are shown alike, and some of 64 bits as one of
 * 16 digits is, so which trace is meant is looked up (opik_find_traces).  Ids are taken in both
 * forms wherever an id is asked for.
 */
#ifndef FLATSPAN_SEMCONV_OPIK_ID_H
#define FLATSPAN_SEMCONV_OPIK_ID_H

#include "base/arena.h"

/* As clients see it: a view of the same bytes when that is no hex id. */
struct str opik_id_shown(struct arena *a, struct str id);
/* Two ids that clients see as one. */
bool opik_id_same(struct arena *a, struct str x, struct str y);

/* An id as clients may give it: a UUID, or a hex id. *ret: as it is stored, but for the UUID of a
 * hex id of 32 digits. */
bool opik_id_param(struct arena *a, struct str text, struct str *ret);
/* The hex id that such a UUID is made of; any other text as it is. */
struct str opik_id_of_uuid(struct arena *a, struct str uuid);
/* A UUID as they are made of hex ids: nobody else makes such. */
bool opik_id_is_made(struct str id);

/* All ids of traces that this one may mean; itself is the first. */
size_t opik_trace_ids(struct arena *a, struct str id, struct str **ret);

#endif
