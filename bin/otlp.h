/*
 * Spans as OTLP requests in JSON, one a line: what show and export print with --otlp, and what any
 * OTLP endpoint takes as it is.
 *
 *	otlp_begin(&o, cli, view)
 *	otlp_add(&o, ref)	any number of times
 *	otlp_end(&o)
 */
#ifndef FLATSPAN_BIN_OTLP_H
#define FLATSPAN_BIN_OTLP_H

#include "cli.h"

/* Of a request; collectors and servers take more. */
enum { OTLP_SPANS = 1000 };

struct otlp {
	struct cli *cli;
	struct view *view;
	struct span *spans; /* of the request at hand; their lines are in memory */
	size_t n, bytes;
	struct arena memory;
};

void otlp_begin(struct otlp *o, struct cli *c, struct view *v);
/* A row that is gone is left out. */
NODISCARD enum err otlp_add(struct otlp *o, struct row_ref ref);
void otlp_add_span(struct otlp *o, const struct span *s);
void otlp_end(struct otlp *o);

#endif
