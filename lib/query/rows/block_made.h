/*
 * Columns of rows that stand in no segment: rows of the row log, and lines.  For block.c only;
 * block.h says what they mean.
 *
 * Live rows know their texts by hash; a text is read from the first line that has it when somebody
 * asks.
 */
#ifndef FLATSPAN_QUERY_ROWS_BLOCK_MADE_H
#define FLATSPAN_QUERY_ROWS_BLOCK_MADE_H

#include "base/table.h"
#include "query/rows/block.h"

/* A column that grows: values of the rows that have one. */
struct made_column {
	struct column column;
	uint64_t *present; /* blocks of the arena */
	int64_t *values;
	uint32_t *rank;
	size_t n_words, cap;
};

struct made_text {
	uint64_t hash;
	uint32_t row;    /* the first that has it */
	struct str text; /* STR_NULL: not known yet */
};

struct made_trace {
	uint64_t hash; /* of both */
	uint64_t id_hash, source_hash;
	uint32_t first_row, last_row;
	struct str id, source; /* STR_NULL: not known yet */
};

enum { MADE_RECENT = 64 };

struct block_made {
	struct arena *arena;
	size_t shard;                  /* LIVE */
	const struct rowlog_row *live; /* or */
	struct row_ref *refs;          /* LINES: a block */
	uint64_t *selected;            /* a block */
	size_t cap, n_words;
	struct field_set need;
	struct string_pool keep;
	struct made_column *columns[INDEX_COLUMN__MAX]; /* codes where texts[] is set */
	struct block_texts *texts[FIELD__MAX];
	struct table *words[FIELD__MAX]; /* struct made_text, by code */
	struct table *traces;            /* struct made_trace, by code */
	/* Rows of few traces follow each other: 1 + the code last seen with some bits of its hash.
	 */
	uint32_t recent[MADE_RECENT];
	struct made_column *trace_hash, *first_row, *last_row;
	/* Traces by the hash of their id, once many are looked for: code + 1, 0: none; and of each
	 * the next one with the same. Blocks. */
	uint32_t *id_slots, *id_next;
	size_t n_id_slots; /* a power of two */
	uint32_t n_id_asks;
};

struct block_made *made_new(struct arena *a);

const struct column *made_number(struct block *b, unsigned c);
NODISCARD enum err made_texts(struct block *b, unsigned field, struct block_texts **ret);
void made_traces(struct block *b, struct block_traces *ret);
/* Returns the first trace from this one on whose id has the hash; UINT32_MAX: there is none. */
uint32_t made_find_trace(struct block *b, uint64_t id_hash, uint32_t from);

#endif
