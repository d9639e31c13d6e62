/*
 * The rows of a segment before it is made: columns that grow by a row at a time, from lines or from
 * records of the row log.  Both make the same.
 *
 * A record has hashes in the place of texts.  The text of a hash that the draft has not met yet is
 * read from the record's line; what is equal in 64 bits of a seeded hash is taken for the same
 * text, as wherever records are used.
 */
#ifndef FLATSPAN_INDEX_SEGMENT_DRAFT_H
#define FLATSPAN_INDEX_SEGMENT_DRAFT_H

#include "index/dict.h"
#include "index/rowlog/rowlog.h"

struct draft_column {
	uint64_t *present; /* a bit a row */
	int64_t *values;   /* a block */
	uint32_t n_present, n_values, cap;
};

/* The text that a row of a record had last. */
struct draft_memo {
	uint64_t hash;
	uint32_t code;
	bool is_set;
};

struct draft {
	struct arena *arena;
	uint32_t rows_max;
	uint32_t n_expected; /* rows, about: columns then have room for them at once */
	uint64_t seed, empty_hash;
	uint32_t n_rows;
	struct draft_column columns[INDEX_COLUMN__MAX];
	struct dict_maker dicts[FIELD__MAX];
	struct draft_memo memos[FIELD__MAX];
	size_t text_bytes;    /* of ids and dictionaries */
	struct buf tag_lists; /* u32: where each list begins among the values */
	bool unknown_tags;
	struct dict_maker
		traces; /* of (source, trace_id) as one text, the source's code in front */
	struct buf trace_key;
	struct buf trace_rows; /* u32 */
	/* Blocks, rows_max of each: of the id table, and as in struct segment_row. */
	uint64_t *keys;
	int64_t *unique_until;
	uint64_t *deletes;
	uint32_t n_deletes;
	bool empty_parents;
};

void draft_init(struct draft *d, struct arena *a, uint32_t rows_max, uint64_t seed);
void draft_release(struct draft *d);

/* The fields that a row is made of. */
struct field_set draft_fields(void);
void draft_put_line(struct draft *d, const struct span *s, struct row_ref ref);

/* Reads the line of a record with draft_fields(); the texts are good until the next call. */
struct draft_lines {
	void *user;
	enum err (*read)(void *user, const struct rowlog_row *r, struct span *ret);
};

/* All but its numbers. ERR_NOT_FOUND: the line is not what the record says; the draft is void then.
 */
NODISCARD enum err draft_put_record(
	struct draft *d, const struct rowlog_row *r, const struct draft_lines *lines);
/* Puts the numbers of the last n records, one column after the other, so that each is in the cache.
 */
void draft_put_numbers(struct draft *d, const struct rowlog_row *rows, size_t n);

#endif
