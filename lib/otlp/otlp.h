/*
 * Reads an OTLP request into a tree of resources, scopes, spans, events and links.  The readers of
 * protobuf (pb.c) and JSON (json.c, json_value.c) fill the same structs, so a mapper does not know
 * the encoding.  value.c holds the functions about values.
 *
 * Texts are views into the body where possible. Attribute values are small tagged unions, and
 * nested ones stay undecoded until they are read.
 */
#ifndef FLATSPAN_OTLP_OTLP_H
#define FLATSPAN_OTLP_OTLP_H

#include "base/pb.h"
#include "json/read.h"
#include "json/write.h"

enum otlp_type {
	OTLP_NULL,
	OTLP_STRING,
	OTLP_BOOL,
	OTLP_INT,
	OTLP_DOUBLE,
	OTLP_ARRAY,
	OTLP_KVLIST,
	OTLP_BYTES
};

struct otlp_value {
	enum otlp_type type;
	struct str text; /* STRING: canonical body. BYTES: raw bytes. ARRAY, KVLIST: canonical JSON
			  * value (arrays and objects of their natural JSON; bytes as hex text; not
			  * finite doubles null) */
	int64_t i64;     /* BOOL, INT */
	double number;   /* DOUBLE */
};

struct otlp_attr {
	struct str key; /* canonical body */
	struct otlp_value value;
};

struct otlp_attrs {
	struct otlp_attr *list;
	size_t n;
	uint32_t n_dropped;
};

struct otlp_event {
	int64_t time_ns;
	struct str name; /* canonical body */
	struct otlp_attrs attrs;
};

struct otlp_link {
	struct str trace_id, span_id; /* hex */
	struct str state;             /* canonical body */
	struct otlp_attrs attrs;
	uint32_t flags;
};

struct otlp_scope {
	struct str name, version; /* canonical bodies; empty: none */
	struct otlp_attrs attrs;
};

struct otlp_span {
	struct str trace_id, span_id,
		parent_span_id;       /* lower-case hex; empty: absent. All zeros stay zeros. */
	struct str trace_state, name; /* canonical bodies */
	unsigned kind;                /* 0 to 5 */
	uint64_t start_ns, end_ns;    /* 0: absent */
	struct otlp_attrs attrs;
	struct otlp_event *events;
	size_t n_events;
	uint32_t n_dropped_events;
	struct otlp_link *links;
	size_t n_links;
	uint32_t n_dropped_links;
	unsigned status_code;
	struct str status_message; /* canonical body */
	uint32_t flags;
	const struct otlp_attrs *resource;
	const struct otlp_scope *scope;
};

struct otlp_spans {
	struct otlp_span *list;
	size_t n;
};

/* Reads the whole request into the arena. On failure *ret_reason says what is wrong and where, also
 * for a logs payload sent to the traces path and for attributes written as an object. */
bool otlp_read_protobuf(
	struct arena *a, struct str body, struct otlp_spans *ret, struct str *ret_reason);
bool otlp_read_json(
	struct arena *a, struct str body, struct otlp_spans *ret, struct str *ret_reason);
/* Reads JSON as protobuf's own libraries write it, which Opik reads: ids that are not hex digits
 * are base64. */
bool otlp_read_protobuf_json(
	struct arena *a, struct str body, struct otlp_spans *ret, struct str *ret_reason);

/* Returns the last attribute with this key (plain ASCII), or NULL when it is absent or null. */
const struct otlp_value *otlp_attr(const struct otlp_attrs *attrs, struct str key);
/* Writes a value as JSON. */
void otlp_value_json(struct json_writer *w, const struct otlp_value *v);

#endif
