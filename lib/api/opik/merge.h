/*
 * Merges the writes of one span or trace, which may arrive in any order.
 *
 * A PATCH replaces the fields that it gives. A POST that finds a row made by PATCHes (which begins
 * at the epoch) fills in the missing fields. So the row is the POST with the PATCHes applied, and
 * the later PATCH wins. An explicit empty list or object counts as given and is kept as [] or {};
 * only empty tags and usage and a cost of 0 give way to a POST that comes later, as in Opik.
 */
#ifndef FLATSPAN_API_OPIK_MERGE_H
#define FLATSPAN_API_OPIK_MERGE_H

#include "api/opik/body.h"
#include "semconv/cost.h"
#include "semconv/opik_type.h"

/* True when only PATCHes made the row so far. */
static inline bool opik_is_partial(const struct span *s)
{
	return span_i64(s, FIELD_STARTED_AT, 0) == 0;
}

static inline bool opik_is_trace_row(const struct span *s)
{
	return str_eq(span_text(s, FIELD_NATIVE_TYPE), STR(OPIK_TRACE_TYPE)) &&
	       str_eq(span_text(s, FIELD_SOURCE), STR(OPIK_SOURCE));
}

/* Replaces the fields of s by those that a PATCH gives. */
void opik_patch(struct span *s, const struct span *given);
/* Fills in the fields that s does not have, or that do not win over it, from the POST. */
void opik_fill(struct span *s, const struct span *posted);
/* Derives kind, status and token counts. */
void opik_complete(struct span *s);
/* Derives them for a row that another API wrote, each where a PATCH gave something to derive it
 * from. */
void opik_complete_foreign(struct span *s, const struct span *given);
/* True when a PATCH gave no cost and something that a cost is computed from. */
bool opik_changes_price(const struct span *given);

/* Returns the tags of both lists without those of the third. STR_NULL lists are empty. */
struct str opik_join_tags(
	struct arena *a, struct str tags, struct str more, struct str without, size_t *ret_n);

#endif
