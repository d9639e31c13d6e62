/*
 * Writing JSON into a struct buf.  Commas and colons put themselves; wrong nesting is a bug of ours
 * and asserts.
 *
 *	struct json_writer w;
 *	json_writer_init(&w, &buf);
 *	json_object(&w);
 *	json_key(&w, STR("name"));  json_text(&w, name);
 *	json_end(&w);
 *
 * json_text takes plain text and escapes it (canonical form, see json_read.h; bad UTF-8 becomes
 * U+FFFD); json_body and json_raw copy what is already JSON.
 */
#ifndef FLATSPAN_JSON_WRITE_H
#define FLATSPAN_JSON_WRITE_H

#include "base/buf.h"

enum { JSON_WRITER_DEPTH = 64, JSON_DOUBLE_MAX = 32 };

struct json_writer {
	struct buf *out;
	unsigned depth;
	bool after_key;
	/* one per open container */
	struct {
		bool is_object, has_items;
	} scope[JSON_WRITER_DEPTH];
};

void json_writer_init(struct json_writer *w, struct buf *out);
void json_object(struct json_writer *w);
void json_array(struct json_writer *w);
/* Closes the innermost container. */
void json_end(struct json_writer *w);

/* key: plain ASCII that needs no escape (names of ours). */
void json_key(struct json_writer *w, struct str key);
/* key: any plain text. */
void json_key_text(struct json_writer *w, struct str key);
/* key: a canonical body. */
void json_key_body(struct json_writer *w, struct str body);

void json_null(struct json_writer *w);
void json_bool(struct json_writer *w, bool v);
void json_i64(struct json_writer *w, int64_t v);
void json_u64(struct json_writer *w, uint64_t v);
/* The shortest text that reads back as the same double, with ".0" for integers (Python's and NeMo's
 * way); not finite: null. */
void json_double(struct json_writer *w, double v);
void json_text(struct json_writer *w, struct str text);
/* A canonical body, put between quotes. */
void json_body_value(struct json_writer *w, struct str body);
/* A complete JSON value, copied. */
void json_raw(struct json_writer *w, struct str value);
/* A complete JSON value as the *text* of a string: {"a":1} becomes "{\"a\":1}". */
void json_raw_as_text(struct json_writer *w, struct str value);
/* The same of a value that stood in a line, or was made of such: its UTF-8 is good. */
void json_stored_as_text(struct json_writer *w, struct str value);

/* Shorthands for members. */
void json_member_text(struct json_writer *w, struct str key, struct str text);
void json_member_body(struct json_writer *w, struct str key, struct str body);
void json_member_i64(struct json_writer *w, struct str key, int64_t v);
void json_member_double(struct json_writer *w, struct str key, double v);
void json_member_bool(struct json_writer *w, struct str key, bool v);
void json_member_raw(struct json_writer *w, struct str key, struct str value);

/* Appends the canonical body of a plain text, without quotes. */
void json_escape(struct buf *out, struct str text);
/* The same of text that is good UTF-8. */
void json_escape_valid(struct buf *out, struct str text);

/* Shortest text of a finite double that reads back the same: "0.1", "1e+22", "7.0". Into at least
 * JSON_DOUBLE_MAX bytes; returns the length. */
size_t json_double_text(double v, char *ret);
/* True: this number is what json_double_text gives for it. False: perhaps. */
bool json_is_double_text(struct str number);

#endif
