/*
 * Parses the filters in the body of a search (TracesSearchRequest) into clauses. filter_text.c
 * parses its search_texts, notes.c adds the clause of assessments.
 *
 * All filters must hold, and one value of a list must match. An empty list matches everything, as
 * null does.
 */
#ifndef FLATSPAN_API_SCALE_FILTER_H
#define FLATSPAN_API_SCALE_FILTER_H

#include "api/scale/scale.h"
#include "web/schema/schema.h"

/* A growing list of clauses. */
struct scale_clauses {
	struct arena *arena;
	struct clause *list;
	size_t n, cap;
};

/* Adds a clause, of which one predicate must hold. Copies preds. */
void scale_clauses_add(struct scale_clauses *c, const struct pred *preds, size_t n);

/* Adds the filters of the body. Problems of the body go to p; then the query must not be used.
 * *ret_trace_id is the only trace that is requested, STR_NULL when there are several or none. */
NODISCARD enum err scale_filter_parse(struct view *v, struct json body, struct problems *p,
	struct query *ret, struct str *ret_trace_id);

/* The list must hold checked texts and must not be empty. */
void scale_filter_add_texts(struct scale_clauses *c, struct json texts, struct problems *p);

/* Adds a clause: the span has an assessment of one of these types. */
NODISCARD enum err scale_filter_add_assessed(
	struct scale_clauses *c, struct view *v, const struct str *types, size_t n);

#endif
