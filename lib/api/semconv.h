/*
 * From OpenTelemetry attributes to span fields: one table with a column for each mapping, one
 * mapper that reads it.
 *
 * Conventions: OpenInference, OpenTelemetry GenAI (current and older names), Traceloop/OpenLLMetry,
 * Langfuse, Vercel AI SDK, pydantic-ai/Logfire, Claude Code.  The path of the request decides which
 * mapping is used: NeMo's own OTLP path follows NeMo Intake, Opik's follows Opik, every other path
 * the general one.
 */
#ifndef FLATSPAN_API_SEMCONV_H
#define FLATSPAN_API_SEMCONV_H

#include "api/otlp.h"
#include "span/span.h"

enum mapping { MAPPING_GENERAL, MAPPING_NEMO, MAPPING_OPIK };

struct map_context {
	enum mapping mapping;
	struct arena *arena;
	struct str workspace;
	struct str project; /* from a header; empty: none */
	int64_t now_ns;
};

/* Fills ret (normalised, ready to be stored). False: this span is rejected, *ret_reason says why in
 * the words of NeMo Intake ("trace_id is required", …). */
bool map_otlp_span(const struct map_context *c, const struct otlp_span *in, struct span *ret,
	struct str *ret_reason);

#endif
