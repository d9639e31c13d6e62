/*
 * What other ingest paths share with OTLP's: storing the spans a mapper made, with the answers that
 * a store's refusal deserves.
 */
#ifndef FLATSPAN_API_OTLP_INGEST_H
#define FLATSPAN_API_OTLP_INGEST_H

#include "api/api.h"

/* Stores the spans in the request's workspace, durably. False: it could not, and the answer is
 * given in the dialect. No spans: nothing happens. */
bool ingest_store(struct request *r, const struct dialect *d, struct span *spans, size_t n);
/* May writing make the workspace? The default one comes to be when it is first needed, whatever the
 * setting. */
bool ingest_creates(const struct request *r);
/* Answers what a store says about a write. Returns false. */
bool ingest_refuse(struct request *r, const struct dialect *d, enum err e);

#endif
