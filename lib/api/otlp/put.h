/* The parts of an OTLP request in JSON that write.c is put together from; no other file includes
 * it. */
#ifndef FLATSPAN_API_OTLP_PUT_H
#define FLATSPAN_API_OTLP_PUT_H

#include "span/span.h"
#include "json/write.h"

/* What a span needs said in flatspan.span. */
struct otlp_own {
	struct field_set set, unset;
	bool has_set, has_unset, sets_extra;
};

/* {"key":…,"value":{"stringValue":…}} and the like; text: a canonical body. */
void otlp_put_text(struct json_writer *w, struct str key, struct str text);
void otlp_put_plain(struct json_writer *w, struct str key, struct str text);
/* Any JSON value as an attribute. */
void otlp_put_attr(struct json_writer *w, struct str key_body, struct json v);
/* The members of an object as attributes: "attributes":[…], when there are any. */
void otlp_put_attributes(struct json_writer *w, struct json object);

/* A member of the raw attributes that is a text which holds JSON of that type; JSON_NONE: it is
 * none. */
struct json otlp_inner(struct arena *a, const struct span *s, struct str key, enum json_type type);

/* "attributes":[…] of the span: the fields under the names of the conventions, the raw ones, and
 * flatspan.span. is_plain: also of those that OTLP has places of its own for. */
void otlp_put_span_attributes(struct arena *a, struct json_writer *w, const struct span *s,
	const struct otlp_own *own, bool is_plain);

#endif
