/*
 * NeMo Intake's own ways to write spans, beside OTLP: direct spans, chat completions, ATIF
 * trajectories.  doc/nemo.md describes them.
 */
#ifndef FLATSPAN_API_INGEST_NEMO_H
#define FLATSPAN_API_INGEST_NEMO_H

#include "api/ingest_otlp.h"
#include "api/nemo.h"

/* The body of a request as checked JSON, once it is sure that the workspace is there or may be
 * made. False: answered. */
bool ingest_nemo_body(struct request *r, unsigned depth, struct json *ret);

/* POST …/ingest/spans */
void ingest_direct(struct request *r);

#endif
