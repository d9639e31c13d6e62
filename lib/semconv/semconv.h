/*
 * Maps OpenTelemetry attributes to span fields: a table with a column for each mapping
 * (table.h) and a mapper that reads it.
 *
 * Conventions: OpenInference, OpenTelemetry GenAI (current and older names), Traceloop/OpenLLMetry,
 * Langfuse, Vercel AI SDK, pydantic-ai/Logfire, Claude Code.  The path of the request decides which
 * mapping is used: NeMo's own OTLP path follows NeMo Intake, Opik's follows Opik, every other path
 * the general one.  doc/otlp.md says what each does.
 */
#ifndef FLATSPAN_SEMCONV_SEMCONV_H
#define FLATSPAN_SEMCONV_SEMCONV_H

#include "otlp/otlp.h"
#include "span/span.h"

enum mapping { MAPPING_GENERAL, MAPPING_NEMO, MAPPING_OPIK };

struct map_context {
	enum mapping mapping;
	struct arena *arena;
	struct str workspace;
	struct str project;    /* plain text, from a header; empty: none */
	struct str created_by; /* plain text: who sends; empty: nobody is known */
	int64_t now_ns;
};

struct map_reject {
	struct str span_id; /* hex; empty: it has none */
	struct str reason;  /* plain text, in the words of NeMo Intake: "trace_id is required" */
};

struct map_result {
	struct span *spans; /* normalised, ready to be stored; in the order of the request */
	size_t n;
	struct map_reject *rejects;
	size_t n_rejects;
};

/* Maps a whole request. Whether a span repeats the usage of its children is decided among the spans
 * of the request. The result lives in the arena. */
void map_otlp_spans(
	const struct map_context *c, const struct otlp_spans *in, struct map_result *ret);

/* Returns one mapper for all spans of a request. c must live as long. */
struct mapper *map_begin(const struct map_context *c);
/*
 * The attributes of a span that came as JSON (MAPPING_NEMO): the fields they name are set, all else
 * becomes FIELD_ATTRIBUTES, each value as it was sent.  Session, kind, status, input and output are
 * the caller's: attributes that name them stay attributes.  False: *ret_reason says which value is
 * no number or negative.
 */
bool map_json_attributes(
	struct mapper *m, struct json attributes, struct span *out, struct str *ret_reason);

#endif
