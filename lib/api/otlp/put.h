/*
 * Writes the attributes of a span as OTLP in JSON, in the form that semconv/own.c reads again. Only
 * render.c includes this.
 */
#ifndef FLATSPAN_API_OTLP_PUT_H
#define FLATSPAN_API_OTLP_PUT_H

#include "span/span.h"
#include "json/write.h"

/* The fields that flatspan.span sets and unsets. */
struct otlp_own {
	struct field_set set, unset;
	bool has_set, has_unset, sets_extra;
};

/* Write {"key":…,"value":{"stringValue":…}}. The first takes a canonical body, the second any text.
 */
void otlp_put_text(struct json_writer *w, struct str key, struct str text);
void otlp_put_plain(struct json_writer *w, struct str key, struct str text);
/* Writes any JSON value as an attribute. */
void otlp_put_attr(struct json_writer *w, struct str key_body, struct json v);
/* Writes the members of an object as "attributes":[…], and nothing when it has none. */
void otlp_put_attributes(struct json_writer *w, struct json object);

/* Returns the JSON of that type in a text of the raw attributes. JSON_NONE when the member is not
 * such a text. */
struct json otlp_inner(struct arena *a, const struct span *s, struct str key, enum json_type type);

/* Writes "attributes":[…] of the span: the fields under the names of the conventions, the raw
 * attributes, and flatspan.span. is_plain includes the raw attributes that OTLP has its own places
 * for. */
void otlp_put_span_attributes(struct arena *a, struct json_writer *w, const struct span *s,
	const struct otlp_own *own, bool is_plain);

#endif
