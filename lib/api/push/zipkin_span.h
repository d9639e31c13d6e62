/*
 * Zipkin v2 as the tree that OTLP is read into: tags are attributes, annotations events, the local
 * service a resource.  All tags are texts; the mapper reads numbers from texts where it wants
 * numbers.
 */
#ifndef FLATSPAN_API_PUSH_ZIPKIN_SPAN_H
#define FLATSPAN_API_PUSH_ZIPKIN_SPAN_H

#include "otlp/otlp.h"

/* An array of spans, checked JSON. False: *ret_reason says what is wrong, in plain words. */
bool zipkin_spans_read(
	struct arena *a, struct json body, struct otlp_spans *ret, struct str *ret_reason);

#endif
