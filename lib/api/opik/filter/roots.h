/*
 * Finds the one row that stands for each trace.
 *
 * That is the row which a client wrote for the trace.  A trace without such a row is represented by
 * its root with the least (start, id); further roots are listed as spans only.  A span that
 * `opik.trace_id` attaches to a trace never represents it.
 */
#ifndef FLATSPAN_API_OPIK_FILTER_ROOTS_H
#define FLATSPAN_API_OPIK_FILTER_ROOTS_H

#include "api/opik/list.h"

/* True for a span of OTLP that names a trace of Opik. */
bool opik_is_attached(const struct span *s);
/* Sets *ret to a clause that leaves out the rows that do not stand for their trace among those that
 * the query selects; the clause has no predicates when all of them do. by_project: each project
 * has its own. */
NODISCARD enum err opik_roots_clause(
	struct view *v, const struct query *q, bool by_project, struct clause *ret);

#endif
