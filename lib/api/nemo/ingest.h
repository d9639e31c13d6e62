/*
 * NeMo Intake's own ways to write spans, beside OTLP: direct spans, chat completions, ATIF
 * trajectories.  doc/nemo.md describes them.
 */
#ifndef FLATSPAN_API_NEMO_INGEST_H
#define FLATSPAN_API_NEMO_INGEST_H

#include "api/ingest.h"
#include "api/nemo/nemo.h"
#include "web/schema/schema.h"

/* The body of a request as checked JSON, once it is sure that the workspace is there or may be
 * made. False: answered. */
bool nemo_ingest_body(struct request *r, unsigned depth, struct json *ret);

/* What a trajectory or a call was part of, in any of the names that NeMo had for it:
 * evaluation_context and experiment_context of a body, of which only one may be there. */
extern const struct pydantic nemo_evaluation_context, nemo_experiment_context;
/* For `after` of the body: is only one there? */
struct str nemo_ingest_check_contexts(struct json evaluation, struct json experiment);
/* Sets the fields of the one that is there; both may be JSON_NONE. */
void nemo_ingest_set_context(
	struct span *s, struct arena *a, struct json evaluation, struct json experiment);

/* The span with this source, trace and id as it is stored, in the request's arena. False: there is
 * none, or it cannot be read now. */
bool nemo_ingest_find(struct request *r, const struct span *s, struct span *ret);

/* The text of a JSON string into a field, if it says something. */
void nemo_ingest_set_text(struct span *s, struct arena *a, enum field f, struct json v);

/* POST …/ingest/spans, …/ingest/chat-completions, …/ingest/atif */
void nemo_ingest_spans(struct request *r);
void nemo_ingest_chat(struct request *r);
void nemo_ingest_atif(struct request *r);

#endif
