/*
 * Reads Zipkin v2 spans into the tree that OTLP is read into: tags become attributes, annotations
 * become events, and the local service a resource.
 *
 * All tags are texts; the mapper reads numbers from texts where it needs them.
 */
#ifndef FLATSPAN_API_PUSH_ZIPKIN_SPAN_H
#define FLATSPAN_API_PUSH_ZIPKIN_SPAN_H

#include "otlp/otlp.h"

/* Reads an array of spans from checked JSON. Returns false when it cannot; *ret_reason says why in
 * plain words. */
bool zipkin_spans_read(
	struct arena *a, struct json body, struct otlp_spans *ret, struct str *ret_reason);

#endif
