/*
 * Writes JSON into a struct buf. The writer adds commas and colons; wrong nesting is a bug of
 * the caller and fails an assertion.
 *
 *	struct json_writer w;
 *	json_writer_init(&w, &buf);
 *	json_object(&w);
 *	json_key(&w, STR("name"));  json_text(&w, name);
 *	json_end(&w);
 *
 * json_text takes plain text and escapes it (canonical form, see json/read.h; bad UTF-8 becomes
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

/* Adds a key of plain ASCII that needs no escape. */
void json_key(struct json_writer *w, struct str key);
/* Adds a key of any plain text. */
void json_key_text(struct json_writer *w, struct str key);
/* Adds a key that is a canonical body. */
void json_key_body(struct json_writer *w, struct str body);

void json_null(struct json_writer *w);
void json_bool(struct json_writer *w, bool v);
void json_i64(struct json_writer *w, int64_t v);
void json_u64(struct json_writer *w, uint64_t v);
/* Writes the shortest text that reads back as the same double, with ".0" for integers as Python and
 * NeMo do; null when it is not finite. */
void json_double(struct json_writer *w, double v);
void json_text(struct json_writer *w, struct str text);
/* Writes a canonical body between quotes. */
void json_body_value(struct json_writer *w, struct str body);
/* Copies a complete JSON value. */
void json_raw(struct json_writer *w, struct str value);
/* Writes a complete JSON value as the *text* of a string: {"a":1} becomes "{\"a\":1}". */
void json_raw_as_text(struct json_writer *w, struct str value);
/* Does the same for a value from a stored line, whose UTF-8 is known to be valid. */
void json_stored_as_text(struct json_writer *w, struct str value);

/* Write a key and its value. */
void json_member_text(struct json_writer *w, struct str key, struct str text);
void json_member_body(struct json_writer *w, struct str key, struct str body);
void json_member_i64(struct json_writer *w, struct str key, int64_t v);
void json_member_double(struct json_writer *w, struct str key, double v);
void json_member_bool(struct json_writer *w, struct str key, bool v);
void json_member_raw(struct json_writer *w, struct str key, struct str value);

/* Appends the canonical body of a plain text, without quotes. */
void json_escape(struct buf *out, struct str text);
/* Does the same for text that is known to be valid UTF-8. */
void json_escape_valid(struct buf *out, struct str text);

/* Writes the shortest text of a finite double that reads back the same: "0.1", "1e+22", "7.0". ret
 * has room for JSON_DOUBLE_MAX bytes. Returns the length. */
size_t json_double_text(double v, char *ret);
/* True when json_double_text() gives this number. When false, it may give it too. */
bool json_is_double_text(struct str number);

#endif
