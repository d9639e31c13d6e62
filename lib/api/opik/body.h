/*
 * Reads the bodies of Opik requests. A value that is not of its type is answered with one 400 in
 * the words of Jackson. Values that break a rule are collected for one 422.
 *
 *	if (!opik_body(r, &json)) return;			answered
 *	opik_reader_init(&rd, r);
 *	text = opik_read_text(&rd, json_get(json, STR("name")));
 *	if (!opik_reader_check(&rd)) return;			answered
 */
#ifndef FLATSPAN_API_OPIK_BODY_H
#define FLATSPAN_API_OPIK_BODY_H

#include "api/opik/opik.h"

/* Largest number of spans, traces, scores and ids in one request. */
enum { OPIK_BATCH_MAX = 1000 };

/* Reads the body as a checked JSON object. NaN and Infinity, which Opik accepts, become texts.
 * Returns false when the request was answered with an error. */
bool opik_body(struct request *r, struct json *ret);

struct opik_reader {
	struct request *request;
	struct arena *arena;
	struct problems *problems;
	struct str malformed; /* the first value of a wrong type; STR_NULL when there is none */
	/* The path that the sentences of rules begin with: "" or "spans[3]." */
	struct str path;
};

void opik_reader_init(struct opik_reader *rd, struct request *r);
bool opik_reader_check(struct opik_reader *rd);
/* Notes that a rule is broken: "<path><what>". */
void opik_problem(struct opik_reader *rd, const char *what);

/* Notes that a value is not of its type; `why` says what is expected. */
void opik_malformed(struct opik_reader *rd, const char *type, struct json v, const char *why);

/* The readers return STR_NULL for absent and null values. Texts are canonical bodies. */
struct str opik_read_text(struct opik_reader *rd, struct json v);
struct str opik_read_uuid(struct opik_reader *rd, struct json v);
/* Reads the id of a new span or trace. A UUID that shows a hex id becomes that id
 * (opik_id_of_uuid). */
struct str opik_read_new_id(struct opik_reader *rd, struct json v);
/* Reads the id of something stored, also in the form of other APIs (opik_id_param). */
struct str opik_read_id(struct opik_reader *rd, struct json v);
/* Returns the canonical value. */
struct str opik_read_json(struct opik_reader *rd, struct json v);
/* Reads an instant, or seconds since 1970 as a number or a text. */
bool opik_read_time(struct opik_reader *rd, struct json v, int64_t *ret_ns);
/* Reads an instant as Java does: date, T, time and zone. A time beyond 64-bit nanoseconds becomes
 * the last one in range. */
bool opik_parse_time(struct str text, int64_t *ret_ns);
/* A number is true when it is not 0. */
bool opik_read_bool(struct opik_reader *rd, struct json v, bool otherwise);
bool opik_read_int(struct opik_reader *rd, struct json v, int64_t *ret);
/* Returns a number, or a text that is one, as JSON spells it. */
struct str opik_read_number(struct opik_reader *rd, struct json v);
/* Returns a JSON array of texts, each once. */
struct str opik_read_texts(struct opik_reader *rd, struct json v);
/* Returns one of the names, in any case, as the list spells it. `type` is the Java class in the
 * error. */
struct str opik_read_choice(
	struct opik_reader *rd, struct json v, const char *type, const struct str *names, size_t n);
/* Returns the member as a list. It must have 1 to OPIK_BATCH_MAX elements; otherwise a problem is
 * noted. */
struct json opik_read_list(struct opik_reader *rd, struct json object, const char *name);
/* Reads such a list of UUIDs. */
size_t opik_read_ids(
	struct opik_reader *rd, struct json object, const char *name, struct str **ret_ids);
/* True when the text is empty or has only blanks. */
bool opik_is_blank(struct str body);

extern const struct str opik_sources[5]; /* sdk, experiment, … */

#endif
