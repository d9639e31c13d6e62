/*
 * The meaning of predicates and sort keys, evaluated on one span.  It is the single definition that
 * the engine and the oracle share.
 */
#ifndef FLATSPAN_QUERY_MATCH_MATCH_H
#define FLATSPAN_QUERY_MATCH_MATCH_H

#include "query/query.h"

bool pred_match(const struct pred *p, const struct span *s, struct arena *a);
/* True when the span is in the window, meets roots_only and all clauses. */
bool query_match(const struct query *q, const struct span *s, struct arena *a);

/* Returns the i-th value of a predicate on numbers. */
int64_t pred_number(const struct pred *p, size_t i);
bool hash_set_has(const struct hash_set *set, uint64_t hash);

/* Returns the hash that OP_IN_SET looks for in a text field. */
uint64_t pred_text_hash(struct str body);
/* Returns the hash that OP_IN_SET looks for in QUERY_TRACE_SPAN. */
uint64_t pred_trace_span_hash(struct str trace_id, struct str span_id);

/* Returns the fields that query_match() and the sort keys look at. */
struct field_set query_fields(const struct query *q);

/* Returns the sort values of a span; texts are views into the span or in the arena. */
void query_position(
	const struct query *q, const struct span *s, struct arena *a, struct position *ret);
/* Returns <0, 0 or >0 in the query's order. */
int query_compare(const struct query *q, const struct position *x, const struct position *y);

#endif
