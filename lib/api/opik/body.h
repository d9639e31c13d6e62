/*
 * Bodies of Opik requests.  What cannot be read into its type is one 400 in the words of Jackson;
 * what was read and breaks a rule is collected for one 422.
 *
 *	if (!opik_body(r, &json)) return;			answered
 *	opik_reader_init(&rd, r);
 *	opik_item_read(&rd, of, is_update, json, &item);
 *	if (!opik_reader_check(&rd)) return;			answered
 */
#ifndef FLATSPAN_API_OPIK_BODY_H
#define FLATSPAN_API_OPIK_BODY_H

#include "api/opik/opik.h"

/* Batches of spans, traces, scores and ids. */
enum { OPIK_BATCH_MAX = 1000 };

/* The body as a checked JSON object. NaN and Infinity, which Opik takes, have become texts. */
bool opik_body(struct request *r, struct json *ret);

struct opik_reader {
	struct request *request;
	struct arena *arena;
	struct problems *problems;
	struct str malformed; /* the first; STR_NULL: none */
	/* Where we are, for the sentences of rules: "" or "spans[3]." */
	struct str path;
};

void opik_reader_init(struct opik_reader *rd, struct request *r);
bool opik_reader_check(struct opik_reader *rd);
/* A rule is broken: "<path><what>". */
void opik_problem(struct opik_reader *rd, const char *what);

/* A value is not of its type. why: what would be. */
void opik_malformed(struct opik_reader *rd, const char *type, struct json v, const char *why);

/* STR_NULL: absent or null. Texts are canonical bodies. */
struct str opik_read_text(struct opik_reader *rd, struct json v);
struct str opik_read_uuid(struct opik_reader *rd, struct json v);
/* Of a span or trace, which a hex id may stand for (opik_id_of_uuid). */
struct str opik_read_new_id(struct opik_reader *rd, struct json v);
/* Of what is there already: also as other APIs name it (opik_id_param). */
struct str opik_read_id(struct opik_reader *rd, struct json v);
/* The canonical value. */
struct str opik_read_json(struct opik_reader *rd, struct json v);
/* Seconds since 1970 too, as a number or a text. */
bool opik_read_time(struct opik_reader *rd, struct json v, int64_t *ret_ns);
/* An instant of Java's: date, T, time and zone. What is further away than nanoseconds of 64 bits
 * reach is as far away as they do. */
bool opik_parse_time(struct str text, int64_t *ret_ns);
/* A number is true when it is not 0. */
bool opik_read_bool(struct opik_reader *rd, struct json v, bool otherwise);
bool opik_read_int(struct opik_reader *rd, struct json v, int64_t *ret);
/* A number or a text that is one, as JSON spells it. */
struct str opik_read_number(struct opik_reader *rd, struct json v);
/* A JSON array of texts without repetition. */
struct str opik_read_texts(struct opik_reader *rd, struct json v);
/* One of the names, whatever its case, as it stands in the list; type: Opik's. */
struct str opik_read_choice(
	struct opik_reader *rd, struct json v, const char *type, const struct str *names, size_t n);
/* The members as a list: `name` must be there with 1 to OPIK_BATCH_MAX elements, or a problem is
 * noted. */
struct json opik_read_list(struct opik_reader *rd, struct json object, const char *name);
/* The same of UUIDs. */
size_t opik_read_ids(
	struct opik_reader *rd, struct json object, const char *name, struct str **ret_ids);
/* Not empty and not only blanks. */
bool opik_is_blank(struct str body);

extern const struct str opik_sources[5]; /* sdk, experiment, … */

/* A span or trace as a request gives it: only the given fields are present. */
struct opik_item {
	struct span span;
	struct str project_name, project_id;    /* STR_NULL: not given */
	struct str tags_to_add, tags_to_remove; /* JSON arrays */
};

void opik_item_read(struct opik_reader *rd, enum opik_of of, bool is_update, struct json v,
	struct opik_item *ret);

#endif
