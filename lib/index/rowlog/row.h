/*
 * A live record: its bytes, making it from a span, asking it.  Where the values of a record stand
 * depends on its file, which has room for those fields that some of its records have: that is a
 * layout.  It is widened, by writing another file, when a span comes that has more.
 */
#ifndef FLATSPAN_INDEX_ROWLOG_ROW_H
#define FLATSPAN_INDEX_ROWLOG_ROW_H

#include "index/format.h"
#include "span/line.h"

#include <stdbool.h>
#include <stddef.h>

enum { LIVE_NOWHERE = 255 };

struct live_layout {
	uint64_t fields; /* bit f: there is room for field f */
	uint32_t extras; /* likewise for LIVE_EXTRAS */
	uint32_t row_bytes;
	uint8_t at[FIELD__MAX]; /* which of live_row.value; LIVE_NOWHERE: none */
	uint8_t other_at, gap_at;
};

/* Is the field's value in records, where they have room for it? Tags, and what has no column, are
 * in the lines only. */
bool live_keeps(enum field f);
/* Of the fields of a bitmap those that records keep. */
uint64_t live_kept_fields(uint64_t present);
/* fields: of live_kept_fields. */
void live_layout_init(struct live_layout *ret, uint64_t fields, uint32_t extras);
bool live_layout_holds(const struct live_layout *y, uint64_t fields, uint32_t extras);

/* Room for one record of any layout. */
union live_room {
	struct live_row row;
	char bytes[LIVE_ROW_BYTES_MAX];
};

/* Records one behind the other. */
struct live_rows {
	const char *first; /* NULL: none */
	const struct live_layout *layout;
};

static inline const struct live_row *live_row_at(struct live_rows rows, size_t i)
{
	return (const void *)(rows.first + i * rows.layout->row_bytes);
}

static inline struct live_rows live_rows_from(struct live_rows rows, size_t i)
{
	rows.first += i ? i * rows.layout->row_bytes : 0;
	return rows;
}

/* Of n rows the first one whose line begins at `at` or behind it. */
size_t live_first(struct live_rows rows, size_t n, int64_t at);

/* ---- Asking ---- */

static inline bool live_has(const struct live_row *r, enum field f)
{
	return r->present >> f & 1;
}

/* Of a field that is there, and kept. */
static inline uint64_t live_value(
	const struct live_layout *y, const struct live_row *r, enum field f)
{
	return r->value[y->at[f]];
}

static inline int64_t live_row_end(const struct live_row *r)
{
	return r->at + r->len + 1;
}

static inline int64_t live_row_from(const struct live_layout *y, const struct live_row *r)
{
	return r->flags & LIVE_GAP ? (int64_t)r->value[y->gap_at + LIVE_GAP_FROM] : r->at;
}

/* Whole, of that layout, with kinds and statuses that there are. */
bool live_row_is_sound(const struct live_layout *y, const struct live_row *r);
/* As the id table of a segment has it. */
uint64_t live_row_key(uint64_t seed, const struct live_layout *y, const struct live_row *r);
int64_t live_row_version(const struct live_layout *y, const struct live_row *r);
/* Of a row with LIVE_OTHER. */
struct index_place live_row_other(const struct live_layout *y, const struct live_row *r);

/* Lines that are no rows. */
struct live_bad {
	uint32_t n_torn, n_rot, n_zero;
};
/* Those before the row, behind the row before it. */
struct live_bad live_row_bad(const struct live_layout *y, const struct live_row *r);

/* ---- Making ---- */

/* The row outside the live records of this part that has the same identity. */
struct live_other {
	bool is_there, wins;
	struct index_place place;
	int64_t known_to;
};

/* The texts of the span before, and their hashes: most are the next one's as well. */
struct live_memo {
	struct str text[FIELD__MAX];
	uint64_t hash[FIELD__MAX];
};
void live_memo_init(struct live_memo *memo, uint64_t seed);

/* All that the span says; the places are left to be set. The layout holds its fields. The span's
 * texts are good until the memo is used for the last time. */
void live_make_row(const struct span *s, uint64_t seed, const struct live_layout *y,
	struct live_memo *memo, struct live_row *ret);
/* The layout has room for it, when it is there. */
void live_put_other(const struct live_layout *y, struct live_row *r, const struct live_other *o);
/* The layout has room for it. */
void live_put_gap(
	const struct live_layout *y, struct live_row *r, int64_t from, const struct live_bad *bad);
/* To be called when nothing in the row changes any more. */
void live_seal_row(const struct live_layout *y, struct live_row *r);
/* Another layout, which has room for all that r has. The row is to be sealed. */
void live_refit_row(const struct live_layout *y, const struct live_row *r,
	const struct live_layout *to, struct live_row *ret);

#endif
