/*
 * Parses Opik's filters and turns them into clauses. Filters are a JSON array of
 * {"field","operator","key","value"}, all of which must hold. An element may also be {"or":[…]}, of
 * which one must hold; Opik itself has no OR.
 *
 *	opik_filter_parse(arena, of, array, &filters, &message)		names, operators, values
 *	opik_filter_apply(&filters, scores, arena, &clauses)		clauses of a query
 *
 * apply.c holds opik_filter_apply().
 */
#ifndef FLATSPAN_API_OPIK_FILTER_FILTER_H
#define FLATSPAN_API_OPIK_FILTER_FILTER_H

#include "api/opik/fields.h"
#include "api/opik/read/scores.h"

struct opik_filter {
	struct opik_field field; /* for `custom`: the field that the key means */
	enum opik_operator op;
	struct str key;   /* plain text or STR_NULL; a path for a DICTIONARY */
	struct str value; /* plain text or STR_NULL */
	unsigned group;   /* equal for the filters of one OR; 0 for a filter on its own */
};

struct opik_filters {
	struct opik_filter list[LIMIT_PREDICATES];
	size_t n;
	unsigned n_groups;
};

enum opik_filter_fault {
	OPIK_FILTER_OK,
	OPIK_FILTER_MALFORMED, /* not a list of filters, or an unknown name */
	OPIK_FILTER_REFUSED    /* *ret_message says which filter and why */
};

/* There are no filters when the array is JSON_NONE, JSON_NULL or empty. */
enum opik_filter_fault opik_filter_parse(struct arena *a, enum opik_of of, struct json array,
	struct opik_filters *ret, struct str *ret_message);

/* True when a filter compares scores of that place. */
bool opik_filter_uses(const struct opik_filters *f, enum opik_place place);

/* `summed` clauses hold on rows with the sums of their spans, and on threads. */
struct opik_clauses {
	struct clause plain[LIMIT_PREDICATES], summed[LIMIT_PREDICATES];
	size_t n_plain, n_summed;
};

/* scores and span_scores may be NULL when no filter compares them. Returns false when the filters
 * are too many for one query. */
bool opik_filter_apply(const struct opik_filters *f, enum opik_of of,
	const struct opik_scores *scores, const struct opik_scores *span_scores, struct arena *a,
	struct opik_clauses *ret);

/* True for -?digits[.digits], which Opik accepts as a number. */
bool opik_is_number(struct str text);

#endif
