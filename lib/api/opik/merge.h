/*
 * How writes of one span (or trace) come together, in whatever order they arrive.
 *
 * A PATCH replaces the fields it gives.  A POST that finds what a PATCH has left (a row that begins
 * at the epoch) fills in what is missing there.  So the row that results is POST ∪ PATCHes, the
 * later PATCH winning, and an explicit empty list or object counts as given: it is kept as [] or
 * {}.
 */
#ifndef FLATSPAN_API_OPIK_MERGE_H
#define FLATSPAN_API_OPIK_MERGE_H

#include "api/opik/body.h"
#include "semconv/cost.h"
#include "semconv/opik_type.h"

/* Made by a PATCH; no POST was seen yet. */
static inline bool opik_is_partial(const struct span *s)
{
	return span_i64(s, FIELD_STARTED_AT, 0) == 0;
}

static inline bool opik_is_trace_row(const struct span *s)
{
	return str_eq(span_text(s, FIELD_NATIVE_TYPE), STR(OPIK_TRACE_TYPE)) &&
	       str_eq(span_text(s, FIELD_SOURCE), STR(OPIK_SOURCE));
}

/* What a PATCH gives replaces what is there. */
void opik_patch(struct span *s, const struct span *given);
/* What is there stays, the rest comes from the POST. */
void opik_fill(struct span *s, const struct span *posted);
/* Derives kind, status and token counts. */
void opik_complete(struct span *s);
/* Derives them for a row that another API wrote, each where a PATCH gave something to derive it
 * from. */
void opik_complete_foreign(struct span *s, const struct span *given);
/* True when a PATCH gave no cost and something that a cost is computed from. */
bool opik_changes_price(const struct span *given);

/* Tags of both lists, without those of the third; STR_NULL lists are empty. */
struct str opik_join_tags(
	struct arena *a, struct str tags, struct str more, struct str without, size_t *ret_n);

#endif
