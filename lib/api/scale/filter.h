/*
 * The body of a search: TracesSearchRequest → a filter.
 *
 * All filters hold; values of one list are alternatives; an empty list, like null, asks for
 * nothing.
 */
#ifndef FLATSPAN_API_SCALE_FILTER_H
#define FLATSPAN_API_SCALE_FILTER_H

#include "api/scale/scale.h"
#include "web/schema/schema.h"

/* Clauses as they come to be. */
struct scale_clauses {
	struct arena *arena;
	struct clause *list;
	size_t n, cap;
};

/* Adds a clause: one of these must hold. preds is copied. */
void scale_clauses_add(struct scale_clauses *c, const struct pred *preds, size_t n);

/* Adds the filters of the body; problems of the body go to p (then nothing is of use).
 * *ret_trace_id is the only trace asked for, STR_NULL when there is none or more. */
NODISCARD enum err scale_filter_parse(struct view *v, struct json body, struct problems *p,
	struct query *ret, struct str *ret_trace_id);

/* search_texts: a list of checked texts, not empty. */
void scale_filter_add_texts(struct scale_clauses *c, struct json texts, struct problems *p);

/* Spans that have an assessment of one of these types. */
NODISCARD enum err scale_filter_add_assessed(
	struct scale_clauses *c, struct view *v, const struct str *types, size_t n);

#endif
