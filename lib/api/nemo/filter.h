/*
 * Parses the filter of NeMo's lists and turns it into clauses of a query. Three syntaxes mean the
 * same:
 *
 *	filter={"model":"gpt-4","started_at":{"$gte":"2026-01-01T00:00:00Z"}}		JSON
 *	filter=model:"gpt-4" AND started_at>="2026-01-01T00:00:00Z"			text
 *	filter[model]=gpt-4&filter[started_at][gte]=2026-01-01T00:00:00Z		brackets
 *
 * Text and brackets are turned into the JSON form first, so that the rest has one meaning. A plain
 * `filter` parameter wins over bracket ones, as in NeMo.
 *
 * A filter that cannot be read gives one sentence for a 400 answer, in NeMo's words. Parsing and
 * applying are two steps because NeMo reports unknown fields and bad syntax before the problems of
 * other parameters, and bad values after them.
 *
 * filter.c parses the JSON form, filter_text.c the text form and filter_brackets.c the brackets.
 * filter_fields.c holds the tables of fields, filter_apply.c makes the clauses.
 */
#ifndef FLATSPAN_API_NEMO_FILTER_H
#define FLATSPAN_API_NEMO_FILTER_H

#include "query/query.h"
#include "web/request.h"

/* clang-format off */
/*	name	in a filter */
#define NEMO_OP_LIST(X) \
	X(EQ,		"$eq") \
	X(LIKE,		"$like") \
	X(LT,		"$lt") \
	X(LTE,		"$lte") \
	X(GT,		"$gt") \
	X(GTE,		"$gte") \
	X(IN,		"$in") \
	X(NIN,		"$nin") \
	X(EXISTS,	"$exists")
/* clang-format on */

enum nemo_op {
#define X(name, text) NEMO_OP_##name,
	NEMO_OP_LIST(X)
#undef X
		NEMO_OP__MAX
};

enum nemo_filter_of {
	NEMO_FILTER_SPANS,
	NEMO_FILTER_TRACES,
	NEMO_FILTER_ANNOTATIONS,
	NEMO_FILTER_RESULTS
};

enum nemo_filter_use {
	NEMO_USE_COLUMN,    /* one value; the last of several wins */
	NEMO_USE_ATTRIBUTE, /* all of several values must hold */
	NEMO_USE_CONTEXT,   /* one value; several different ones are a conflict */
	NEMO_USE_KIND,
	NEMO_USE_STATUS,
	NEMO_USE_TIME,
	NEMO_USE_ID,    /* as NEMO_USE_COLUMN, and $in */
	NEMO_USE_NUMBER /* $gte and $lte */
};

/* A name that may be used in a filter. Several names may mean one field. */
struct nemo_filter_field {
	const char *name;
	unsigned field; /* enum field; enum note_field for annotations and results */
	enum nemo_filter_use use;
	const char *choices; /* notes only: "a, b" when the value is one of these */
};

struct nemo_term {
	struct str field; /* canonical body */
	enum nemo_op op;
	struct json value;
};

struct nemo_filter {
	enum nemo_filter_of of;
	struct nemo_term *terms; /* in the tree's order */
	size_t n_terms;
	bool is_and_only;     /* it has no $or and no $not */
	struct str echo;      /* the request's filter as a JSON object; {} when there is none */
	struct str canonical; /* with every AND and $eq written out, or STR_NULL */
};

/* Returns false when a 400 must be answered with *ret_detail. */
bool nemo_filter_parse(const struct request *r, enum nemo_filter_of of, struct nemo_filter *ret,
	struct str *ret_detail);

/* Sets clauses and the time window of q, in the arena. Returns false when a 400 must be answered
 * with *ret_detail. */
bool nemo_filter_apply(
	const struct nemo_filter *f, struct arena *a, struct query *q, struct str *ret_detail);

/* These check the value of a term in every use. Each returns false when a 400 must be answered with
 * *ret_detail. This one allows equality with a text. */
bool nemo_term_text(
	struct arena *a, const struct nemo_term *t, struct str *ret_body, struct str *ret_detail);
/* Allows a time and returns the start of its microsecond. */
bool nemo_term_time(
	struct arena *a, const struct nemo_term *t, int64_t *ret_ns, struct str *ret_detail);
/* Returns the sentence of a refusal. model is "span" and so on. */
struct str nemo_term_refusal(struct arena *a, const struct nemo_term *t, const char *what);
struct str nemo_term_unsupported(struct arena *a, const char *model, const struct nemo_term *t);

/* Returns the name with its dollar sign, such as "$eq". */
struct str nemo_op_name(enum nemo_op op);
/* Returns NULL when the name is not served. */
const struct nemo_filter_field *nemo_filter_field(enum nemo_filter_of of, struct str name);
/* True when the name is served, or NeMo has it in everything that it stores. */
bool nemo_filter_knows(enum nemo_filter_of of, struct str name);
enum { NEMO_FILTER_NAMES_MAX = 40 };
/* Returns how many names it knows. They are in no order, and some may stand twice. */
size_t nemo_filter_names(enum nemo_filter_of of, struct str ret[static NEMO_FILTER_NAMES_MAX]);

/* Turn the other two syntaxes into JSON text. Brackets give STR_NULL when the request has none. */
bool nemo_filter_parse_text(
	struct arena *a, struct str text, struct str *ret_json, struct str *ret_detail);
bool nemo_filter_parse_brackets(
	const struct request *r, struct str *ret_json, struct str *ret_detail);

#endif
