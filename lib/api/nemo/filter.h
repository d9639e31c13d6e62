/*
 * The filter of NeMo's lists: three syntaxes, one tree, one set of clauses.
 *
 *	filter={"model":"gpt-4","started_at":{"$gte":"2026-01-01T00:00:00Z"}}		JSON
 *	filter=model:"gpt-4" AND started_at>="2026-01-01T00:00:00Z"			text
 *	filter[model]=gpt-4&filter[started_at][gte]=2026-01-01T00:00:00Z		brackets
 *
 * Text and brackets are turned into the JSON form first, so that everything after has one meaning.
 * A plain `filter` parameter wins over bracket ones, as in NeMo.  What cannot be read is one
 * sentence for a 400 answer, in NeMo's words.
 *
 * Reading and applying are two steps because NeMo reports unknown fields and bad syntax before the
 * problems of the other parameters, and bad values after them.
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
	NEMO_USE_COLUMN,    /* one value: of several the last wins */
	NEMO_USE_ATTRIBUTE, /* several values must all hold */
	NEMO_USE_CONTEXT,   /* one value; several different ones are a conflict */
	NEMO_USE_KIND,
	NEMO_USE_STATUS,
	NEMO_USE_TIME,
	NEMO_USE_ID,    /* as COLUMN, and $in */
	NEMO_USE_NUMBER /* $gte and $lte */
};

/* What may stand in a filter. Several names may mean one field. */
struct nemo_filter_field {
	const char *name;
	unsigned field; /* enum field; of annotations and results enum note_field */
	enum nemo_filter_use use;
	const char *choices; /* of notes: "a, b", when the value is one of these */
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
	bool is_and_only;     /* no $or and no $not */
	struct str echo;      /* the request's filter as a JSON object; {} when there is none */
	struct str canonical; /* the same with every AND and $eq spelled out; STR_NULL when none */
};

/* False: *ret_detail is what a 400 answer says. */
bool nemo_filter_parse(const struct request *r, enum nemo_filter_of of, struct nemo_filter *ret,
	struct str *ret_detail);

/* Sets clauses and the time window of q, in the arena. False: as above. */
bool nemo_filter_apply(
	const struct nemo_filter *f, struct arena *a, struct query *q, struct str *ret_detail);

/* What every use of a term shares; false: *ret_detail is what a 400 answer says.
 * Equality with a text: */
bool nemo_term_text(
	struct arena *a, const struct nemo_term *t, struct str *ret_body, struct str *ret_detail);
/* A time, the start of its microsecond: */
bool nemo_term_time(
	struct arena *a, const struct nemo_term *t, int64_t *ret_ns, struct str *ret_detail);
/* The sentences of refusal. model: "span" */
struct str nemo_term_refusal(struct arena *a, const struct nemo_term *t, const char *what);
struct str nemo_term_unsupported(struct arena *a, const char *model, const struct nemo_term *t);

/* "$eq" */
struct str nemo_op_name(enum nemo_op op);
/* NULL: not served. */
const struct nemo_filter_field *nemo_filter_field(enum nemo_filter_of of, struct str name);
/* Is the name served, or one that NeMo knows of everything it stores? */
bool nemo_filter_knows(enum nemo_filter_of of, struct str name);
enum { NEMO_FILTER_NAMES_MAX = 40 };
/* All names that it knows, in no order, some perhaps twice; returns how many. */
size_t nemo_filter_names(enum nemo_filter_of of, struct str ret[static NEMO_FILTER_NAMES_MAX]);

/* The other two syntaxes as JSON text. Brackets: STR_NULL when the request has none. */
bool nemo_filter_parse_text(
	struct arena *a, struct str text, struct str *ret_json, struct str *ret_detail);
bool nemo_filter_parse_brackets(
	const struct request *r, struct str *ret_json, struct str *ret_detail);

#endif
