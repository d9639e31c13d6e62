/*
 * A span in memory: the fields that are known about one operation.
 *
 * The ingest mappers make it from a request, and line_read() from a stored line. The writers of
 * lines, the matcher and the dialects read it.  A span owns nothing: every text is a view into the
 * request body, the line or the request's arena, and lives as long as that does.
 *
 * Texts are *canonical JSON bodies* (see json/read.h): what stands between the quotes.  So a
 * text that came as JSON and goes out as JSON is never decoded, and equal texts have equal bytes.
 * span_set_plain() escapes plain text into that form; span_plain() gives plain text back.  JSON
 * fields hold a whole canonical value.
 *
 * Identity is (workspace, source, trace_id, span_id); the current version is the one
 * with the greatest updated_at, then the latest arrival. A line without updated_at uses its
 * ingested_at.
 */
#ifndef FLATSPAN_SPAN_SPAN_H
#define FLATSPAN_SPAN_SPAN_H

#include "span/fields.h"
#include "span/kinds.h"
#include "json/read.h"

struct span_value {
	union {
		struct str text; /* STR, TEXT, DEC, JSON */
		int64_t i64;     /* KIND, STATUS, BOOL, TIME, I64 */
	};
};

enum { FIELD_WORDS = 2 };
_Static_assert(FIELD__MAX <= 64 * FIELD_WORDS, "the presence bitmap is too small");

/* A set of fields. */
struct field_set {
	uint64_t word[FIELD_WORDS];
};

struct span {
	struct field_set present;
	bool is_deleted;  /* a tombstone: only the identity, ingested_at and updated_at count */
	int32_t prev_day; /* the earlier day whose row this version replaces; SPAN_NO_DAY: none
			     known */
	struct str extra; /* further members, canonical: `"a":1,"b":2`, without a leading or
			     trailing comma */
	struct span_value value[FIELD__MAX]; /* valid where present */
};

#define SPAN_NO_DAY INT32_MIN

extern const struct field_info {
	struct str member;
	enum field_type type;
	enum field_column column;
	unsigned may; /* enum field_may */
} field_info[FIELD__MAX];

/* Returns the field of that name in stored lines; FIELD__MAX: none. */
enum field field_from_member(struct str member);

static inline void field_set_add(struct field_set *s, enum field f)
{
	s->word[f / 64] |= UINT64_C(1) << f % 64;
}

static inline bool field_set_has(const struct field_set *s, enum field f)
{
	return s->word[f / 64] >> f % 64 & 1;
}

static inline bool field_set_is_empty(const struct field_set *s)
{
	uint64_t any = 0;
	for (int i = 0; i < FIELD_WORDS; i++)
		any |= s->word[i];
	return !any;
}

extern const struct field_set field_set_all;

void span_init(struct span *s);

static inline bool span_has(const struct span *s, enum field f)
{
	return field_set_has(&s->present, f);
}

static inline void span_unset(struct span *s, enum field f)
{
	s->present.word[f / 64] &= ~(UINT64_C(1) << f % 64);
}

/* Returns the canonical body for STR and TEXT, the number for DEC, the value for JSON; STR_NULL
 * when absent. */
static inline struct str span_text(const struct span *s, enum field f)
{
	return span_has(s, f) ? s->value[f].text : STR_NULL;
}

/* Returns otherwise when the field is absent. */
static inline int64_t span_i64(const struct span *s, enum field f, int64_t otherwise)
{
	return span_has(s, f) ? s->value[f].i64 : otherwise;
}

/* Sets a text, which must be canonical already (or a number, or a canonical value). */
static inline void span_set_text(struct span *s, enum field f, struct str text)
{
	s->value[f].text = text;
	field_set_add(&s->present, f);
}

static inline void span_set_i64(struct span *s, enum field f, int64_t v)
{
	s->value[f].i64 = v;
	field_set_add(&s->present, f);
}

/* Sets a STR or TEXT field from plain UTF-8 text. */
void span_set_plain(struct span *s, enum field f, struct arena *a, struct str plain);
/* Returns the plain text of a STR or TEXT field; STR_NULL when absent. */
struct str span_plain(const struct span *s, enum field f, struct arena *a);

/* Computes ended_at - started_at. Returns false when one is absent or the result is negative. */
bool span_duration(const struct span *s, int64_t *ret_ns);
/* True when the span has no parent, or an empty one. */
bool span_is_root(const struct span *s);
/* Returns updated_at, else ingested_at, else 0. */
int64_t span_version(const struct span *s);

/* Returns the hash of the identity within a workspace (source, trace_id, span_id). */
uint64_t span_identity_hash(const struct span *s);
bool span_same_identity(const struct span *x, const struct span *y);

/* Returns a number that orders canonical bodies as their plain texts are ordered: the smaller of
 * two texts has no greater number. It considers as many of the first 12 bytes as are digits, lower
 * case letters, `-` or `_`, which ids consist of. */
int64_t span_text_order(struct str body);

/* Reads a decimal text as a number of 1e-12 units, rounded half to even. Returns false when it is
 * not a number or does not fit into int64. */
bool dec_to_pico(struct str dec, int64_t *ret);
/* Returns the shortest decimal text of a number of 1e-12 units that is not negative. */
struct str dec_from_pico(struct arena *a, __int128 pico);
/* Does the same as dec_to_pico() for units of 10^-digits, at most 12. */
bool dec_to_units(struct str dec, int digits, int64_t *ret);

#endif
