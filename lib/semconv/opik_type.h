/*
 * Converts between the kind of a span and the span type of Opik's API: llm, tool, guardrail,
 * general.
 */
#ifndef FLATSPAN_SEMCONV_OPIK_TYPE_H
#define FLATSPAN_SEMCONV_OPIK_TYPE_H

#include "span/kinds.h"

/* The native_type of the row that stands for a trace. */
#define OPIK_TRACE_TYPE "trace"

extern const struct str opik_types[4]; /* general, tool, llm, guardrail */

/* Returns an index into opik_types[], -1 for a kind without a type. */
int opik_type_of_kind(enum kind k);
/* Returns KIND_UNKNOWN for a text that is not a type. */
enum kind opik_kind_of_type(struct str type);

#endif
