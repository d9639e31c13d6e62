/*
 * Holds the state of the OTLP JSON reader, and the readers of single members, which json.c puts
 * into one table per message.  json_value.c defines them.  Only these two files include this.
 *
 * Every reader takes a value that is not null and writes to *at (of the type that its comment
 * names).  On an error it sets rd->reason to what is wrong and where.
 */
#ifndef FLATSPAN_OTLP_JSON_H
#define FLATSPAN_OTLP_JSON_H

#include "otlp/otlp.h"

enum place { IN_REQUEST, IN_RESOURCE, IN_SCOPE, IN_SPAN };

struct reader {
	struct arena *arena;
	struct buf json; /* where lists are written before they are kept */
	struct otlp_spans spans;
	/* Where reading is, for the reason: resourceSpans[i].scopeSpans[j].spans[k].WITHIN */
	enum place place;
	size_t resource_i, scope_i, span_i;
	const char *within; /* "events." and the like */
	bool takes_base64;  /* as ids */
	struct str reason;  /* set once reading failed */
};

/* Sets the reason to: field is not what it must be. Returns false. */
bool otlp_json_fail(struct reader *rd, const char *field, const char *what);
/* True when key is this lowerCamelCase name, or the name in snake_case. */
bool otlp_json_is(struct str key, const char *name);
/* Moves to the next member that is not null. Its key is plain text. */
bool otlp_json_next(struct reader *rd, struct json_iter *it);

typedef bool otlp_json_reader(struct reader *rd, const char *field, struct json v, void *at);

otlp_json_reader otlp_json_text;   /* struct str: canonical body */
otlp_json_reader otlp_json_id;     /* struct str: lower-case hex digits */
otlp_json_reader otlp_json_u32;    /* uint32_t */
otlp_json_reader otlp_json_u64;    /* uint64_t */
otlp_json_reader otlp_json_kind;   /* unsigned */
otlp_json_reader otlp_json_status; /* unsigned: a status code */
otlp_json_reader otlp_json_attrs;  /* struct otlp_attrs */

#endif
