/*
 * A record of the row log: making it from a span, asking it.
 */
#ifndef FLATSPAN_INDEX_ROWLOG_ROW_H
#define FLATSPAN_INDEX_ROWLOG_ROW_H

#include "index/format.h"
#include "span/line.h"

#include <stdbool.h>
#include <stddef.h>

/* Where the value of each field stands: in value[], or after that in code[]. */
enum rowlog_place {
#define X(name) ROWLOG_AT_##name,
	ROWLOG_VALUE_LIST(X) ROWLOG_CODE_LIST(X)
#undef X
		ROWLOG_NOWHERE
};

static inline enum rowlog_place rowlog_place(enum field f)
{
	switch (f) {
#define X(name) \
	case FIELD_##name: \
		return ROWLOG_AT_##name;
		ROWLOG_VALUE_LIST(X)
		ROWLOG_CODE_LIST(X)
#undef X
	default:
		return ROWLOG_NOWHERE;
	}
}

/* True when records have the field's value. The values of other fields are in the lines only. */
static inline bool rowlog_keeps(enum field f)
{
	return rowlog_place(f) != ROWLOG_NOWHERE;
}

/* Returns the first of n rows whose line begins at or after `at`; n when there is none. */
size_t rowlog_first(const struct rowlog_row *rows, size_t n, int64_t at);

/* ---- Asking ---- */

static inline bool rowlog_has(const struct rowlog_row *r, enum field f)
{
	return r->present >> f & 1;
}

/* Returns the value of a field that is there and kept. */
static inline uint64_t rowlog_value(const struct rowlog_row *r, enum field f)
{
	unsigned at = rowlog_place(f);
	return at < ROWLOG_VALUES ? r->value[at] : r->code[at - ROWLOG_VALUES];
}

/* Returns where the next line begins. */
static inline int64_t rowlog_row_end(const struct rowlog_row *r)
{
	return r->at + r->len + 1;
}

/* True when the record is whole and has a kind and a status that there are. */
bool rowlog_row_is_sound(const struct rowlog_row *r);
/* Returns the key that the id table of a segment would have for it. */
uint64_t rowlog_row_key(uint64_t seed, const struct rowlog_row *r);
int64_t rowlog_row_version(const struct rowlog_row *r);

/* ---- Making ---- */

/* The texts of the span before, and their hashes: most are the next one's as well. */
struct rowlog_memo {
	struct str text[FIELD__MAX];
	uint64_t hash[FIELD__MAX];
};
void rowlog_memo_init(struct rowlog_memo *memo, uint64_t seed);

/* Sets all that the span says; places, links and checksums are left to be set. The span's texts
 * must stay until the memo is used for the last time. */
void rowlog_row_make(
	const struct span *s, uint64_t seed, struct rowlog_memo *memo, struct rowlog_row *ret);
void rowlog_row_link(struct rowlog_row *r, bool is_linked, int64_t known_to);
/* Sets the checksum. Nothing in the row may change afterwards. */
void rowlog_row_seal(struct rowlog_row *r);

#endif
