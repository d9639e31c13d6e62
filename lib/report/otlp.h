/*
 * Spans as OTLP requests in JSON, one a line, which any OTLP endpoint accepts unchanged.  show and
 * export print them with --otlp.
 *
 *	otlp_begin(&o, report, view)
 *	otlp_add(&o, ref)	any number of times
 *	otlp_end(&o)
 */
#ifndef FLATSPAN_REPORT_OTLP_H
#define FLATSPAN_REPORT_OTLP_H

#include "report/report.h"

#include "shard/shard.h"
#include "span/span.h"

/* Spans of one request; collectors and servers accept more. */
enum { OTLP_SPANS = 1000 };

struct otlp {
	struct report *report;
	struct view *view;
	struct span *spans; /* of the current request; their lines are in memory */
	size_t n, bytes;
	struct arena memory;
};

void otlp_begin(struct otlp *o, struct report *r, struct view *v);
/* Adds a row; a row that no longer exists is left out. */
NODISCARD enum err otlp_add(struct otlp *o, struct row_ref ref);
void otlp_add_span(struct otlp *o, const struct span *s);
void otlp_end(struct otlp *o);

#endif
