/*
 * A span: what is known of one operation, as a set of present fields.
 *
 * Made by the ingest mappers from a request and by line_read() from a stored line; read by the
 * writers of lines, the matcher and the dialects.  A span owns nothing: every text is a view into
 * the request body, the line or the request's arena, and lives as long as that does.
 *
 * Texts are *canonical JSON bodies* (see json/read.h): what stands between the quotes.  So a
 * text that came as JSON and goes out as JSON is never decoded, and equal texts have equal bytes.
 * span_set_plain() escapes plain text into that form; span_plain() gives plain text back.  JSON
 * fields hold a whole canonical value.
 *
 * Identity is (workspace, source, trace_id, span_id); the version with the greatest updated_at,
 * then the latest arrival, is the current one.  A line without updated_at has its ingested_at as
 * that.
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

/* The field of that name in stored lines; FIELD__MAX: none. */
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

/* STR_NULL when absent. For STR and TEXT the canonical body, for DEC the number, for JSON the
 * value. */
static inline struct str span_text(const struct span *s, enum field f)
{
	return span_has(s, f) ? s->value[f].text : STR_NULL;
}

/* otherwise when absent */
static inline int64_t span_i64(const struct span *s, enum field f, int64_t otherwise)
{
	return span_has(s, f) ? s->value[f].i64 : otherwise;
}

/* text must be in canonical form already (or a number, or a canonical value). */
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

/* Plain UTF-8 text into a STR or TEXT field. */
void span_set_plain(struct span *s, enum field f, struct arena *a, struct str plain);
/* Plain text of a STR or TEXT field; STR_NULL when absent. */
struct str span_plain(const struct span *s, enum field f, struct arena *a);

/* ended_at - started_at when both are there and not negative. */
bool span_duration(const struct span *s, int64_t *ret_ns);
/* No parent, or an empty one. */
bool span_is_root(const struct span *s);
/* updated_at, else ingested_at, else 0. */
int64_t span_version(const struct span *s);

/* Hash of the identity within a workspace (source, trace_id, span_id). */
uint64_t span_identity_hash(const struct span *s);
bool span_same_identity(const struct span *x, const struct span *y);

/* A number that orders canonical bodies as their plain texts are ordered, as far as it goes: of two
 * texts the smaller one has no greater number.  It goes as far as the first 12 bytes are digits,
 * lower case, `-` or `_`, as those of ids are. */
int64_t span_text_order(struct str body);

/* A decimal text as a number of 1e-12 units, rounded half to even; false when it is no number or
 * out of int64. */
bool dec_to_pico(struct str dec, int64_t *ret);
/* Returns a number of 1e-12 units, not negative, as the shortest decimal text. */
struct str dec_from_pico(struct arena *a, __int128 pico);
/* The same of units that are smaller or larger: 10^-digits, at most 12. */
bool dec_to_units(struct str dec, int digits, int64_t *ret);

#endif
