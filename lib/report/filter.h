/*
 * A filter is which spans a person asks for: a window of time, a kind, errors only, and conditions.
 *
 *	FIELD=VALUE	also != < <= > >= and ~ (the text contains VALUE, ignoring case)
 *
 * FIELD is the name of a member of a stored line (doc/shard-format.md), or duration (500ms, 2s).
 */
#ifndef FLATSPAN_REPORT_FILTER_H
#define FLATSPAN_REPORT_FILTER_H

#include "report/report.h"

#include "query/query.h"
#include "shard/shard.h"

/* Texts as people typed them; STR_NULL: not given. */
struct filter {
	struct str since, until, kind;
	bool only_errors;
	const struct str *where; /* conditions */
	size_t n_where;
};

/* Makes a query, whose clauses are in the report's arena, with room for that many further clauses
 * of the caller. ERR_INVALID: the report's error says what is wrong. */
NODISCARD enum err filter_read(
	struct report *r, const struct filter *f, size_t room, struct query *ret);
/* Returns the value at the end of a condition when it is, or may be, part of a text that spans
 * hold; else an empty string. */
struct str filter_content(struct str condition);
/* Returns the field that was probably meant among those with a bit of may (MAY_F, MAY_G), or the
 * name further; STR_NULL when none is similar. */
struct str filter_guess(struct arena *a, struct str name, unsigned may, struct str further);
/* Adds a clause of one predicate, for which filter_read() must have left room. */
void filter_add(struct query *q, struct arena *a, struct pred p);
/* Turns a query for spans into one for the traces that hold such a span: for roots in its window,
 * by the ids of their traces. */
NODISCARD enum err filter_traces(struct view *v, struct query *q);
/* Turns a query for spans in a window into one for the spans, at any time, of sessions that overlap
 * the window: their first span begins before its end, and their last one ends after its start. */
NODISCARD enum err filter_sessions(struct view *v, struct query *q);
/* Returns field = text (a canonical body). */
struct pred filter_equals(struct arena *a, enum field f, struct str body);
/* Sorts newest first: by a time, then by ids, so that the order is total. */
void filter_sort(struct query *q, enum field time);

#endif
