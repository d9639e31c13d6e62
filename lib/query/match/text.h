/*
 * Searching and comparing text as it is stored: canonical bodies, and canonical JSON values whose
 * strings are such (json/read.h).
 *
 * Nothing is decoded for searching.  A needle in canonical form is looked for in the escaped bytes,
 * and a hit counts when it begins where a character of the plain text begins (in `\\n`, which says
 * backslash and n, there is no newline), so the answer is that of searching the plain text.
 *
 * Case folding is ASCII only.
 */
#ifndef FLATSPAN_QUERY_MATCH_TEXT_H
#define FLATSPAN_QUERY_MATCH_TEXT_H

#include "base/arena.h"
#include "base/text_find.h"
#include "query/query.h"

/* Returns the text with ASCII letters in lower case; the same view when nothing changes. */
struct str text_fold(struct arena *a, struct str s);

/* True when the body contains, starts or ends with the needle. With fold the needle may be in any
 * case. */
bool text_contains(struct arena *a, struct str body, struct str needle, bool fold);
bool text_starts(struct str body, struct str needle, bool fold);
bool text_ends(struct str body, struct str needle, bool fold);

/* True when these bytes, in lower case, can stand in a JSON value outside its strings. */
bool text_fits_outside_strings(struct str folded);

/* True when the text matches as free text. needle: a canonical body, folded. is_json: hay is a
 * whole JSON value, not a body. */
bool text_matches(struct str hay, bool is_json, struct str needle, enum text_mode mode);

#endif
