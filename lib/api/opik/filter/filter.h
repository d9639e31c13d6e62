/*
 * Filters: a JSON array of {"field","operator","key","value"}, all of which must hold.  Instead of
 * one there may be {"or":[…]}, of which one must hold (ours; Opik has no OR).
 *
 *	opik_filter_parse(arena, of, array, &filters, &message)		names, operators, values
 *	opik_filter_apply(&filters, scores, arena, &clauses)		clauses of a query
 */
#ifndef FLATSPAN_API_OPIK_FILTER_FILTER_H
#define FLATSPAN_API_OPIK_FILTER_FILTER_H

#include "api/opik/fields.h"
#include "api/opik/read/scores.h"

struct opik_filter {
	struct opik_field field; /* of what was `custom`: what it means */
	enum opik_operator op;
	struct str key;   /* plain text; STR_NULL: none. DICTIONARY: a path */
	struct str value; /* plain text; STR_NULL: none */
	unsigned group;   /* filters of one OR have the same number; 0: on its own */
};

struct opik_filters {
	struct opik_filter list[LIMIT_PREDICATES];
	size_t n;
	unsigned n_groups;
};

enum opik_filter_fault {
	OPIK_FILTER_OK,
	OPIK_FILTER_MALFORMED, /* not a list of filters, or a name that is unknown */
	OPIK_FILTER_REFUSED    /* *ret_message says which and why */
};

/* array: JSON_NONE, JSON_NULL or an empty one: no filters. */
enum opik_filter_fault opik_filter_parse(struct arena *a, enum opik_of of, struct json array,
	struct opik_filters *ret, struct str *ret_message);

/* Does any of them ask about scores of that place? */
bool opik_filter_uses(const struct opik_filters *f, enum opik_place place);

/* Clauses; `summed` ones hold on rows with the sums of their spans, and on threads. */
struct opik_clauses {
	struct clause plain[LIMIT_PREDICATES], summed[LIMIT_PREDICATES];
	size_t n_plain, n_summed;
};

/* scores, span_scores: may be NULL when no filter asks for them. False: too much for one query. */
bool opik_filter_apply(const struct opik_filters *f, enum opik_of of,
	const struct opik_scores *scores, const struct opik_scores *span_scores, struct arena *a,
	struct opik_clauses *ret);

/* -?digits[.digits], as Opik takes numbers. */
bool opik_is_number(struct str text);

#endif
