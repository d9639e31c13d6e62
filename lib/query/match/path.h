/*
 * Paths into JSON values: `$.a.b[0]."a b"`.
 *
 *	path  = [ "$" ] *step
 *	step  = [ "." ] name / "." quoted / [ "." ] "[" digits "]" / "[" quoted "]"
 *	name   any bytes but . [ ] and the quotes; the first one needs no dot when there is no $
 *	quoted "…" or '…', in which \ keeps the next byte from its meaning
 *
 * Used for predicates and sort keys on JSON fields.  Wildcards, slices, filters and negative
 * indexes are no paths: a query asks for one value.  Names are plain text.
 */
#ifndef FLATSPAN_QUERY_MATCH_PATH_H
#define FLATSPAN_QUERY_MATCH_PATH_H

#include "json/read.h"

bool path_valid(struct str path);

/* Returns the value at a path; JSON_NONE when it is missing or the path is malformed. Of several
 * members with one key the last counts. */
struct json path_get(struct arena *a, struct json root, struct str path);

/* Returns a scalar's text as a canonical body: what a string says, or a number, true, false or null
 * as it stands. STR_NULL for arrays, objects and JSON_NONE. */
struct str path_scalar(struct json v);

#endif
