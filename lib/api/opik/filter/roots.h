/*
 * Finds the one row that stands for each trace.
 *
 * A trace's own row is the row of it.  Where there is none, the root with the least (start, id) is;
 * further roots are spans only.  A span that `opik.trace_id` attaches to a trace never is.
 */
#ifndef FLATSPAN_API_OPIK_FILTER_ROOTS_H
#define FLATSPAN_API_OPIK_FILTER_ROOTS_H

#include "api/opik/list.h"

/* True for a span of OTLP that names a trace of Opik. */
bool opik_is_attached(const struct span *s);
/* Sets *ret to a clause that leaves out the rows that do not stand for their trace among those that
 * the query selects; a clause without predicates when there are none such. by_project: each project
 * has its own. */
NODISCARD enum err opik_roots_clause(
	struct view *v, const struct query *q, bool by_project, struct clause *ret);

#endif
