/*
 * Which spans: the options since, until, kind, errors and where as a query.
 *
 *	--where FIELD=VALUE	also != < <= > >= and ~ (the text contains VALUE, in either case)
 *
 * FIELD is the name of a member of a stored line (doc/shard-format.md), or duration (500ms, 2s).
 */
#ifndef FLATSPAN_BIN_FILTER_H
#define FLATSPAN_BIN_FILTER_H

#include "cli.h"
#include "query/query.h"

/* False after saying what is wrong. Clauses are in the arena. room: further clauses the caller
 * adds behind q->clauses[q->n_clauses]. */
bool filter_read(struct cli *c, size_t room, struct query *ret);
/* Of a condition of --where the value at its end, where it is, or may be, part of a text that spans
 * hold; else nothing. */
struct str filter_content(struct str condition);
/* Of the fields that may be asked so (MAY_F, MAY_G) the one that was probably meant, or further, a
 * name beside them; STR_NULL: none is near. */
struct str filter_guess(struct cli *c, struct str name, unsigned may, struct str further);
/* One more clause of one predicate; room must have been asked for. */
void filter_add(struct query *q, struct arena *a, struct pred p);
/* Of spans q becomes that of traces in which one of them is: roots in its window, by their traces.
 */
NODISCARD enum err filter_traces(struct view *v, struct query *q);
/* Of spans in a window q becomes those, at whatever time, of sessions that overlap it: whose first
 * span begins before its end, and whose last one ends after its beginning. */
NODISCARD enum err filter_sessions(struct view *v, struct query *q);
/* field = text (a canonical body) */
struct pred filter_equals(struct arena *a, enum field f, struct str body);
/* Newest first: by a time, then by ids, which makes it total. */
void filter_sort(struct query *q, enum field time);

#endif
