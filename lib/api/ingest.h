/*
 * Stores the spans of a request: prices them, appends them to the workspace, and answers what the
 * store refuses.  The ingest paths of all dialects but Opik's and Langfuse's, which merge with what
 * is stored, end here.
 */
#ifndef FLATSPAN_API_INGEST_H
#define FLATSPAN_API_INGEST_H

#include "api/api.h"
#include "store/notes.h"

/* Stores the spans and notes in the request's workspace in one transaction. Returns false when they
 * could not be stored and the error was answered in the dialect. */
bool ingest_store(struct request *r, const struct dialect *d, struct span *spans, size_t n_spans,
	const struct note *notes, size_t n_notes);
/* True when a write may create the workspace. The default workspace is always created. */
bool ingest_may_create(const struct request *r);
/* Answers an error of the store about a write. Returns false. */
bool ingest_refuse(struct request *r, const struct dialect *d, enum err e);

#endif
