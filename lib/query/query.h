/*
 * The one query model: everything the three APIs can ask becomes a struct query, and the engine
 * answers from that. Dialects (lib/api) build it; names and syntax of a dialect never get here.
 *
 * Conditions are in conjunctive form: every clause must hold, a clause holds when one of its
 * predicates does.
 *
 * What a predicate means is defined once, in match.h, and shared by the engine, the scan and the
 * brute-force oracle. All text values are canonical bodies (json/read.h), so that equality is
 * equality of bytes.
 */
#ifndef FLATSPAN_QUERY_QUERY_H
#define FLATSPAN_QUERY_QUERY_H

#include "base/limits.h"
#include "span/span.h"

/* Fields of predicates and sort keys beyond the stored ones. */
enum query_field {
	/* 0 … FIELD__MAX - 1: enum field */
	QUERY_DURATION = FIELD__MAX, /* nanoseconds; absent without an end */
	QUERY_ANY_TEXT,              /* name, input, output, metadata: for OP_TEXT */
	QUERY_IDENTITY,              /* for OP_IN_SET: span_identity_hash */
	QUERY_TRACE_SPAN,            /* for OP_IN_SET: pred_trace_span_hash, whatever the source */
	QUERY__MAX,
	/* These are sort keys only: what sort_key.compute says; span_text_order() of the span_id,
	   which page_order() puts before the id. */
	QUERY_COMPUTED = QUERY__MAX,
	QUERY_SPAN_ORDER
};

/* clang-format off */
/*	name		on which types					meaning */
#define OP_LIST(X) \
	X(EQ,		"=")		/* equal; text by bytes, numbers by value, fold: ASCII case ignored */ \
	X(NE,		"!=")		/* present (see `absent`) and not equal */ \
	X(LT,		"<") \
	X(LE,		"<=") \
	X(GT,		">") \
	X(GE,		">=") \
	X(IN,		"in")		/* equal to one of the values */ \
	X(NOT_IN,	"not_in") \
	X(CONTAINS,	"contains")	/* plain text has the value as a substring; tags: an element has */ \
	X(NOT_CONTAINS,	"not_contains") \
	X(STARTS,	"starts_with") \
	X(ENDS,		"ends_with") \
	X(EMPTY,	"is_empty")	/* absent, or "" or [] or {} or null */ \
	X(NOT_EMPTY,	"is_not_empty") \
	X(HAS,		"has")		/* array (tags): has an element equal to the value */ \
	X(HAS_NOT,	"has_not") \
	X(JSON_EQ,	"json_eq")	/* value at path: json_equal to one of the values, or an array with such an element */ \
	X(TEXT,		"text")		/* free text, see text_mode */ \
	X(IN_SET,	"in_set")	/* hash is in the set: identities; text fields: pred_text_hash */ \
	X(NOT_IN_SET,	"not_in_set")
/* clang-format on */

enum op {
#define X(name, sign) OP_##name,
	OP_LIST(X)
#undef X
		OP__MAX
};

enum text_mode {
	TEXT_SUBSTRING, /* anywhere in the text */
	TEXT_WORD, /* bounded by non-alphanumeric ASCII bytes or the ends; a phrase is several words
		      with one separator byte or more between */
	TEXT_LITERAL /* contiguous, inside one JSON string value */
};

struct hash_set {
	const uint64_t *sorted; /* ascending */
	size_t n;
};

struct pred {
	unsigned field; /* enum field or enum query_field */
	enum op op;
	bool fold; /* ignore ASCII case */
	/* An absent field (or missing path) matches no operator but EMPTY, unless this says to take
	 * it as "" or 0. */
	bool absent_is_zero;
	/* JSON fields: the value at this path (path.h); scalars compare as their text, arrays and
	 * objects count as absent. STR_NULL: the whole value, by its JSON text as it is stored
	 * (what the predicate's value says is looked for in that text, quotes and escapes of the
	 * JSON included); OP_TEXT looks for what its strings say instead. */
	struct str path;
	/* the JSON field that is used when this one has nothing at the path; 0: none */
	unsigned fallback;
	bool numeric;            /* compare the (path's) text as a number; not a number: no match */
	const struct str *texts; /* STR, TEXT, DEC, JSON: values, canonical bodies (numbers: their
				  * text); JSON_EQ: canonical JSON values */
	const int64_t *numbers;  /* TIME, I64, KIND, STATUS, BOOL, DURATION: values; DEC: 1e-12
				  * units, used before texts */
	size_t n_values;         /* of whichever is in use; 1 but for IN, NOT_IN, JSON_EQ */
	enum text_mode
		text_mode; /* OP_TEXT; the value is plain text in canonical form, already folded */
	/* IN_SET, NOT_IN_SET: the values. IN, NOT_IN on text without fold: may hold pred_text_hash
	 * of all the texts; then it is looked in instead of comparing with each. */
	struct hash_set set;
};

struct clause {
	const struct pred *preds;
	size_t n;
};

enum { QUERY_SORT_MAX = 6, QUERY_GROUP_MAX = 4 };

struct sort_value;

/* The dialect's own sort value of a span; set: number, or text (plain), or is_absent. Texts live in
 * the arena or the span. */
typedef void sort_compute(
	void *user, const struct span *s, struct arena *a, struct sort_value *ret);

struct sort_key {
	unsigned field; /* enum field, QUERY_DURATION or QUERY_COMPUTED */
	bool descending;
	bool absent_is_zero; /* else absent sorts last, whatever the direction */
	struct str path;     /* JSON fields: sort by the text at this path */
	bool numeric;        /* JSON fields: by the text as a number; what is none counts as absent.
			      * QUERY_COMPUTED: numbers, else texts. */
	sort_compute *compute; /* QUERY_COMPUTED, with the fields it looks at */
	void *user;
	struct field_set needs;
};

/* A place in a sort order: a span's sort values, for cursors. */
struct sort_value {
	bool is_absent;
	int64_t number;
	struct str text;
};

struct position {
	struct sort_value value[QUERY_SORT_MAX];
};

struct query {
	const struct clause *clauses;
	size_t n_clauses;
	int64_t from_ns, to_ns; /* started_at within [from, to]; INT64_MIN and INT64_MAX: open */
	bool roots_only;
	struct sort_key
		sort[QUERY_SORT_MAX]; /* must end in a total order: the dialect's tie-break */
	size_t n_sort;
	size_t offset, limit;
	const struct position *after,
		*before; /* rows strictly after or before it; NULL: no bound. With before the page
			    is the last `limit` rows before it, in the sort order. */
	bool want_total;
	int64_t deadline_ns; /* utime_monotonic(); 0: none. Past it: ERR_BUDGET */
};

void query_init(struct query *q);

#endif
