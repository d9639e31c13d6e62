/*
 * The kinds and statuses of spans. Their codes are stored in index columns, so codes are only
 * added.
 */
#ifndef FLATSPAN_SPAN_KINDS_H
#define FLATSPAN_SPAN_KINDS_H

#include "base/str.h"

#define KIND_LIST(X) \
	X(0, UNKNOWN) \
	X(1, LLM) \
	X(2, CHAIN) \
	X(3, TOOL) \
	X(4, RETRIEVER) \
	X(5, EMBEDDING) \
	X(6, AGENT) \
	X(7, RERANKER) \
	X(8, EVALUATOR) \
	X(9, GUARDRAIL)

enum kind {
#define X(id, name) KIND_##name = (id),
	KIND_LIST(X)
#undef X
		KIND__MAX
};

#define STATUS_LIST(X) \
	X(0, UNKNOWN, "unknown") \
	X(1, SUCCESS, "success") \
	X(2, ERROR, "error") \
	X(3, CANCELLED, "cancelled")

enum status {
#define X(id, name, text) STATUS_##name = (id),
	STATUS_LIST(X)
#undef X
		STATUS__MAX
};

struct str kind_name(enum kind k);     /* "LLM" */
struct str status_name(enum status s); /* "success" */
/* Find a kind or status by its exact name. Case counts. */
bool kind_from_name(struct str name, enum kind *ret);
bool status_from_name(struct str name, enum status *ret);

#endif
