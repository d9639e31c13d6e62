/*
 * Reads the formats that only NeMo Intake accepts: direct spans, chat completions and ATIF
 * trajectories. doc/nemo.md describes them.
 *
 * ingest_spans.c, ingest_chat.c and api/atif/ingest.c hold the handlers.
 */
#ifndef FLATSPAN_API_NEMO_INGEST_H
#define FLATSPAN_API_NEMO_INGEST_H

#include "api/ingest.h"
#include "api/nemo/nemo.h"
#include "web/schema/schema.h"

/* Reads the body as checked JSON, after checking that the workspace exists or may be created.
 * Returns false when the request was answered with an error. */
bool nemo_ingest_body(struct request *r, unsigned depth, struct json *ret);

/* The models of evaluation_context and experiment_context, which say what a trajectory or call was
 * part of. A body may have one of them. */
extern const struct pydantic nemo_evaluation_context, nemo_experiment_context;
/* Returns the sentence of a refusal when both contexts are given, else STR_NULL. For `after` of the
 * body's model. */
struct str nemo_ingest_check_contexts(struct json evaluation, struct json experiment);
/* Sets the fields of the context that is given. Both may be JSON_NONE. */
void nemo_ingest_set_context(
	struct span *s, struct arena *a, struct json evaluation, struct json experiment);

/* Finds the stored version of a span by source, trace and id, and returns it in the request's
 * arena. Returns false when there is none or it cannot be read. */
bool nemo_ingest_find(struct request *r, const struct span *s, struct span *ret);

/* Sets a field to the text of a JSON string that is not empty. */
void nemo_ingest_set_text(struct span *s, struct arena *a, enum field f, struct json v);

/* POST …/ingest/spans, …/ingest/chat-completions, …/ingest/atif */
void nemo_ingest_spans(struct request *r);
void nemo_ingest_chat(struct request *r);
void nemo_ingest_atif(struct request *r);

#endif
