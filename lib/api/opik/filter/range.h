/*
 * Compares values that are shown in whole units and stored more exactly, such as a duration in
 * microseconds.
 */
#ifndef FLATSPAN_API_OPIK_FILTER_RANGE_H
#define FLATSPAN_API_OPIK_FILTER_RANGE_H

#include "api/opik/filter/filter.h"

/* A range [from, to) of whole units. INT64_MIN and INT64_MAX mean no bound. */
struct range {
	bool is_all, is_none, is_outside; /* outside: not in the range */
	int64_t from, to;
};

/* Returns the range for `value op v`. The value counts whole units, v counts parts, and a unit has
 * `unit` parts. */
struct range range_of(enum opik_operator op, int64_t v, int64_t unit);
bool range_has_zero(struct range r);
/* Returns a bound in parts, or the end of int64 when it overflows. */
int64_t range_times(int64_t end, int64_t scale);

#endif
