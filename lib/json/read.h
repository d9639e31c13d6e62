/*
 * Reading JSON: a checker and a cursor.  Nothing is copied until somebody asks for decoded text.
 *
 * json_check() is the gate for bytes from outside: the whole of RFC 8259, UTF-8 validity, the depth
 * and number limits.  After it has passed (or on lines this program wrote), the walking functions
 * below step over values fast. They trust the grammar for speed and never the length: on bytes that
 * are no JSON they may give nonsense values or stop early, but they stay inside the text.
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
	/* In the words of Python's json module ("Expecting value", "Expecting ',' delimiter",
	 * "Extra data", …), which NeMo and Scale relay; further ones for what Python lets pass
	 * (depth, number length, UTF-8). */
	const char *message;
};

/* No caller may ask for more. */
enum { JSON_DEPTH_MAX = 1024 };

/* One value, blanks around it, nothing else. depth: LIMIT_DEPTH unless the caller has its own. */
bool json_check(struct str text, unsigned depth, struct json_error *ret_error);

/* The value of a text that holds one (blanks around it are skipped); JSON_NONE when there is none.
 * Where the text ends like a container, that is believed to be the end of the value. */
struct json json_open(struct str text);
/* The same of a text that holds a value and nothing else, as JSON fields of a span do: its end is
 * not looked for. */
struct json json_whole(struct str value);
/* The value at p < end; JSON_NONE when none stands there. */
struct json json_value_at(const char *p, const char *end);

struct json_iter {
	struct str rest;
	struct str key; /* the body as sent: canonical only on our own lines */
	struct json value;
};

/* Iterate over the members of an object or the elements of an array; anything else has none. */
struct json_iter json_members(struct json v);
struct json_iter json_elements(struct json v);
bool json_next(struct json_iter *it);

/* The last member with this key; key is plain text, escapes in the object are understood. */
struct json json_get(struct json object, struct str key);

/* The body of a string value (between the quotes). */
static inline struct str json_body(struct json v)
{
	return v.type == JSON_STRING ? str_of(v.raw.ptr + 1, v.raw.len - 2) : STR_NULL;
}

/* Plain text of a body: a view when it holds no backslash, else decoded into the arena. Lone
 * surrogates become U+FFFD. */
struct str json_decode(struct arena *a, struct str body);
/* Does this body spell that plain text? */
bool json_body_is(struct str body, struct str text);

/* The canonical body of a plain UTF-8 text (bad bytes become U+FFFD): the text itself when nothing
 * needs an escape. */
struct str json_encode(struct arena *a, struct str text);
/* The canonical form of a checked body or value: the same view when it is canonical already. */
struct str json_canonical_body(struct arena *a, struct str body);
struct str json_canonical(struct arena *a, struct str value);

/* Numbers: an integer in range (also 3.0 and 3e2, as long as it is integral), or any finite number.
 */
bool json_to_i64(struct json v, int64_t *ret);
bool json_to_double(struct json v, double *ret);

/* Structural equality: object members in any order, numbers by value, strings by text. */
bool json_equal(struct arena *a, struct json x, struct json y);

#endif
