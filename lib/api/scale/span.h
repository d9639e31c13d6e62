/* Reads a span of Scale's clients into a struct span. */
#ifndef FLATSPAN_API_SCALE_SPAN_H
#define FLATSPAN_API_SCALE_SPAN_H

#include "api/scale/scale.h"
#include "web/schema/schema.h"

/* clang-format off */
/* The members of SpanCreateRequest: whether each is required, and its type in span.c. */
#define SCALE_MEMBER_LIST(X) \
	X(name,				true,	text) \
	X(trace_id,			true,	required_id) \
	X(start_timestamp,		true,	time) \
	X(id,				false,	id) \
	X(parent_id,			false,	text_or_null) \
	X(group_id,			false,	group) \
	X(end_timestamp,		false,	time_or_null) \
	X(input,			false,	any) \
	X(output,			false,	any) \
	X(metadata,			false,	dict) \
	X(expected,			false,	dict) \
	X(status,			false,	status) \
	X(type,				false,	type) \
	X(application_interaction_id,	false,	text_or_null) \
	X(application_variant_id,	false,	text_or_null) \
	X(obs_span_id,			false,	hex16) \
	X(obs_trace_id,			false,	hex32)
/* clang-format on */

enum scale_member {
#define X(name, is_required, type) SCALE_##name,
	SCALE_MEMBER_LIST(X)
#undef X
		SCALE_MEMBER__MAX
};

/* SpanCreateRequest, and its members that may be patched. */
extern const struct pydantic scale_create_type, scale_patch_type;

struct scale_writer {
	struct request *request;
	struct problems *problems;
	bool is_batch;
	size_t item;        /* index in the batch */
	struct str refusal; /* the sentence of a 400; STR_NULL when there is none */
	size_t n_made;      /* ids made so far */
};

/* Reads a checked body into a span. Rules that no table can hold become a problem or the
 * refusal. */
void scale_span_read(struct scale_writer *w, struct json v, struct span *ret);
/* Applies a checked patch to the current version of a span. */
void scale_span_apply(struct scale_writer *w, struct json v, struct span *s);

#endif
