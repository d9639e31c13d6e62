/*
 * Renders spans as an OTLP request in JSON that any OTLP endpoint accepts, in the names of
 * OpenTelemetry's GenAI conventions and OpenInference.
 *
 * Values without a convention stand in the attribute flatspan.span: ids that are not hex digits,
 * the source, and numbers digit for digit. The general mapping of flatspan reads it
 * (semconv/own.c), and other programs ignore it. So a request that is sent back to flatspan stores
 * the same span, except for who sent it and when. The writer finds these values by mapping what it
 * wrote.
 */
#ifndef FLATSPAN_API_OTLP_RENDER_H
#define FLATSPAN_API_OTLP_RENDER_H

#include "span/span.h"

/* Writes one request with all spans, without a newline. `workspace` is that of the spans, because
 * derived sessions depend on it. Times before 1970 are written for flatspan only. */
void otlp_spans_render(
	struct arena *a, struct str workspace, const struct span *spans, size_t n, struct buf *out);

#endif
