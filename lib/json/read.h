/*
 * Reads JSON: a checker and a cursor. Nothing is copied until the caller asks for decoded text.
 *
 * json_check() is the gate for bytes from outside: the whole of RFC 8259, UTF-8 validity, the depth
 * and number limits.  After it has passed (or on lines this program wrote), the walking functions
 * below step over values fast. They trust the grammar for speed and never the length: on bytes that
 * are not JSON they may return wrong values or stop early, but they stay inside the text.
 *
 *	struct json_error e;
 *	if (!json_check(text, LIMIT_DEPTH, &e)) ... e.offset, e.message ...
 *	struct json v = json_open(text);
 *	struct json_iter it = json_members(v);
 *	while (json_next(&it))		it.key (raw, without quotes), it.value
 *
 * Duplicate keys: the last one wins (json_get finds the last).
 *
 * A "body" is the inside of a JSON string, still escaped, without its quotes.  A *canonical* body
 * has exactly one spelling for every text: only `"`, `\` and bytes below 0x20 are escaped, with the
 * short forms \b \t \n \f \r where JSON has them and \u00xx (lower-case hex) elsewhere; all else is
 * plain UTF-8; what is no Unicode text (lone surrogates) is U+FFFD.  So canonical bodies are equal
 * when their bytes are equal.  A *canonical value* is a value whose strings are canonical, without
 * blanks between tokens; its numbers are byte for byte what was sent.
 */
#ifndef FLATSPAN_JSON_READ_H
#define FLATSPAN_JSON_READ_H

#include "base/buf.h"

enum json_type {
	JSON_NONE, /* not there */
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json {
	enum json_type type;
	struct str
		raw; /* the value's own bytes, quotes and brackets included; view into the text */
};

struct json_error {
	size_t offset;       /* in bytes, where reading stopped */
	size_t offset_chars; /* the same in code points, as Python's json counts */
	/* Python's json messages ("Expecting value", "Expecting ',' delimiter", "Extra data", …),
	 * which NeMo and Scale pass on, and others for what Python accepts (depth, number length,
	 * UTF-8). */
	const char *message;
};

/* The largest depth that a caller may pass. */
enum { JSON_DEPTH_MAX = 1024 };

/* Checks a text of one value with blanks around it. depth: LIMIT_DEPTH unless the caller has its
 * own. */
bool json_check(struct str text, unsigned depth, struct json_error *ret_error);

/* Returns the value of a checked text; JSON_NONE when there is none. When the text ends like a
 * container, its end is taken as the end of the value. */
struct json json_open(struct str text);
/* Returns the value of a text without anything around it, such as a JSON field of a span. Does not
 * look for its end. */
struct json json_whole(struct str value);
/* Returns the value at p < end; JSON_NONE when there is none. */
struct json json_value_at(const char *p, const char *end);

struct json_iter {
	struct str rest;
	struct str key; /* the body as sent: canonical only on our own lines */
	struct json value;
};

/* Iterates over the members of an object or the elements of an array; other values have none. */
struct json_iter json_members(struct json v);
struct json_iter json_elements(struct json v);
bool json_next(struct json_iter *it);

/* Returns the last member with this key, a plain text. Escapes in the object are understood. */
struct json json_get(struct json object, struct str key);

/* Returns the body of a string value: the bytes between the quotes. */
static inline struct str json_body(struct json v)
{
	return v.type == JSON_STRING ? str_of(v.raw.ptr + 1, v.raw.len - 2) : STR_NULL;
}

/* Returns the plain text of a body: a view when it holds no backslash, else decoded into the arena.
 * Lone surrogates become U+FFFD. */
struct str json_decode(struct arena *a, struct str body);
/* True when the decoded body is this text. */
bool json_body_is(struct str body, struct str text);

/* Returns the canonical body of a plain UTF-8 text (bad bytes become U+FFFD): the text itself when
 * nothing needs an escape. */
struct str json_encode(struct arena *a, struct str text);
/* Returns the canonical form of a checked body or value: the same view when it is canonical
 * already. */
struct str json_canonical_body(struct arena *a, struct str body);
struct str json_canonical(struct arena *a, struct str value);

/* Reads an integer in range (3.0 and 3e2 too, because they are integral), or any finite number. */
bool json_to_i64(struct json v, int64_t *ret);
bool json_to_double(struct json v, double *ret);

/* True when the values are equal: object members in any order, numbers by value, strings by text.
 * */
bool json_equal(struct arena *a, struct json x, struct json y);

#endif
