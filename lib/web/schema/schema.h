/*
 * Request bodies as FastAPI checks them: what a body must look like is a table, and what is wrong
 * with one is told in pydantic's words (version 2, lax mode): type, loc, msg, input and ctx, all
 * problems at once and in its order.
 *
 *	static const struct pydantic id = { .type = PYDANTIC_STR, .min_length = 1 };
 *	static const struct pydantic_field fields[] = { { "id", &id, true }, … };
 *	static const struct pydantic body = { .type = PYDANTIC_MODEL, PYDANTIC_FIELDS(fields) };
 *
 *	if (!pydantic_body(r, &dialect, limit, LIMIT_DEPTH, &v))	return;
 *	if (!pydantic_check(&problems, &body, v, NULL))		… 422 …
 *	pydantic_split(&body, v, values);	values[i]: of fields[i]
 *
 * A model's problems come in the order of its fields, unknown members behind them; what `after`
 * says (pydantic's validators of a whole value) only when nothing else is wrong with the value. A
 * problem's input is the value as it was sent, left out when it is larger than PYDANTIC_INPUT_MAX:
 * an answer must not repeat a large body a hundred times.
 *
 * Numbers may be texts or booleans where pydantic lets them; pydantic_int and its like read them by
 * the same rules.  The text of a bad time is told like pydantic does in the common cases only.
 */
#ifndef FLATSPAN_WEB_SCHEMA_SCHEMA_H
#define FLATSPAN_WEB_SCHEMA_SCHEMA_H

#include "web/route.h"
#include "json/read.h"

enum { PYDANTIC_INPUT_MAX = 64 << 10, PYDANTIC_FIELDS_MAX = 32 };

enum pydantic_type {
	PYDANTIC_ANY,
	PYDANTIC_STR, /* lengths in characters, pattern */
	PYDANTIC_INT, /* int64; least */
	PYDANTIC_FLOAT,
	PYDANTIC_BOOL,
	PYDANTIC_DATETIME,
	PYDANTIC_ENUM, /* one of the names */
	PYDANTIC_LITERAL,
	PYDANTIC_LIST, /* of items; lengths */
	PYDANTIC_DICT, /* of items by any name; lengths */
	PYDANTIC_MODEL,
	PYDANTIC_TAGGED, /* the choice whose label the member `tag` holds */
	PYDANTIC_UNION   /* any choice */
};

enum pydantic_extra { PYDANTIC_IGNORE, PYDANTIC_FORBID };

struct pydantic;

struct pydantic_field {
	const char *name;
	const struct pydantic *type;
	bool is_required;
};

struct pydantic_choice {
	const char *label; /* stands in loc */
	const struct pydantic *type;
};

struct pydantic {
	enum pydantic_type type;
	bool is_nullable;
	bool has_least;
	int64_t least;
	size_t min_length, max_length; /* 0: none */
	const char *pattern;           /* as it is told; */
	bool (*matches)(struct str text);
	const struct str *names; /* ENUM, LITERAL */
	size_t n_names;
	const struct pydantic *item; /* LIST, DICT; NULL: any */
	const struct pydantic_field *fields;
	size_t n_fields;
	enum pydantic_extra extra;
	const char *tag;
	const struct pydantic_choice *choices;
	size_t n_choices;
	const char *otherwise; /* JSON of the default that a model shows; NULL: none */
	/* What is wrong with a value of the right form, as "Value error, …"; STR_NULL: nothing. */
	struct str (*after)(void *user, struct arena *a, struct json v);
};

#define PYDANTIC_FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]
#define PYDANTIC_NAMES(table) .names = (table), .n_names = sizeof(table) / sizeof(table)[0]
#define PYDANTIC_CHOICES(table) .choices = (table), .n_choices = sizeof(table) / sizeof(table)[0]

extern const struct pydantic pydantic_any, pydantic_str, pydantic_str_or_null,
	pydantic_dict_or_null;

/* Reads the body as FastAPI does and checks that it is JSON. Returns false when an error was
 * answered in the dialect. */
bool pydantic_body(struct request *r, const struct dialect *d, size_t limit_bytes, unsigned depth,
	struct json *ret_body);

/* Adds to p what is wrong with the body. True when nothing is. p->arena must be set. user is passed
 * to `after`. */
bool pydantic_check(struct problems *p, const struct pydantic *t, struct json body, void *user);

/* Adds a problem that no table describes. loc is JSON text. input: JSON_NONE: none. */
void pydantic_value_error(struct problems *p, struct str loc, struct str what, struct json input);

/* Returns the values of a model's members, JSON_NONE where absent; ret has room for n_fields. */
void pydantic_split(const struct pydantic *model, struct json v, struct json *ret);
/* True when the value is neither absent nor null. */
static inline bool pydantic_is_set(struct json v)
{
	return v.type != JSON_NONE && v.type != JSON_NULL;
}

/* Read a value for an int or a float as pydantic does. Return false when it refuses. A float is the
 * text of a JSON number. */
bool pydantic_int(struct arena *a, struct json v, int64_t *ret);
bool pydantic_float(struct arena *a, struct json v, struct str *ret);
/* Reads a datetime. *ret_is_naive is true when it has no offset. */
bool pydantic_datetime(struct arena *a, struct json v, int64_t *ret_ns, bool *ret_is_naive);
/* Returns what is wrong with a text that is not a datetime. */
const char *pydantic_bad_datetime(struct str s);

/* ---- Between pydantic.c and pydantic_scalar.c ---- */

/* The place of a value: a member, or an element. */
struct pydantic_place {
	const struct pydantic_place *up; /* NULL: the body */
	struct str name;                 /* canonical body; STR_NULL: an element */
	size_t index;
};

struct pydantic_checker {
	struct problems *problems;
	struct arena *arena;
	void *user;
	size_t n_found; /* also those past LIMIT_PROBLEMS */
};

void pydantic_add(struct pydantic_checker *c, const struct pydantic_place *at, const char *type,
	struct str msg, struct json input, struct str ctx);
void pydantic_check_scalar(struct pydantic_checker *c, const struct pydantic_place *at,
	const struct pydantic *t, struct json v);
/* Returns a text such as "1 item" or "2 items". */
struct str pydantic_count(struct arena *a, size_t n, const char *what);

#endif
