/*
 * Spans as OTLP: a request in JSON that any OTLP endpoint takes, in the names of OpenTelemetry's
 * GenAI conventions and OpenInference's.
 *
 * What no convention can say (ids that are no hex digits, whose span it was, numbers digit for
 * digit) stands in the attribute flatspan.span, which the general mapping of flatspan reads
 * (semconv_own.c) and everybody else passes over: so a request that is sent back to flatspan stores
 * the same span, but for who sent it and when.  The writer finds out by mapping what it wrote.
 */
#ifndef FLATSPAN_API_OTLP_RENDER_H
#define FLATSPAN_API_OTLP_RENDER_H

#include "span/span.h"

/* One request of all these, without a newline. workspace: theirs, which derived sessions hang on.
 * Times before 1970 are kept for flatspan only. */
void otlp_spans_render(
	struct arena *a, struct str workspace, const struct span *spans, size_t n, struct buf *out);

#endif
