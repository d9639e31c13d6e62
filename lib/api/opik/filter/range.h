/*
 * Comparing what is shown in whole units, of which more is known: duration in microseconds, say.
 */
#ifndef FLATSPAN_API_OPIK_FILTER_RANGE_H
#define FLATSPAN_API_OPIK_FILTER_RANGE_H

#include "api/opik/filter/filter.h"

/* [from, to) of whole units; INT64_MIN, INT64_MAX: without that end. */
struct range {
	bool is_all, is_none, is_outside; /* outside: not in the range */
	int64_t from, to;
};

/* value op v: value counts whole units, of so many parts each, and v counts parts. */
struct range range_of(enum opik_operator op, int64_t v, int64_t unit);
bool range_has_zero(struct range r);
/* An end in parts; one that is out of reach is the last one there is. */
int64_t range_times(int64_t end, int64_t scale);

#endif
