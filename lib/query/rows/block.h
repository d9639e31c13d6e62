/*
 * A block is a set of rows that can be asked by column: a segment, the live rows of a shard, or the
 * current lines that the index does not cover, read into columns for one query.  Lists, groups,
 * traces and sessions are made from blocks of any kind.
 *
 *	block_column(&b, FIELD_STATUS, &column)		numbers: index/index.h says how to read them
 *	block_texts(&b, FIELD_NAME, &texts)		the distinct texts of a field, by code
 *	block_traces(&b, &traces)			the traces, by code
 *
 * What is read stays with the block, in the view's arena: asking again costs nothing, and nobody
 * may rewind the arena to before the first call.  ERR_UNSAFE is that of index.h.
 */
#ifndef FLATSPAN_QUERY_ROWS_BLOCK_H
#define FLATSPAN_QUERY_ROWS_BLOCK_H

#include "query/rows/column.h"

enum block_kind { BLOCK_SEGMENT, BLOCK_LIVE, BLOCK_LINES };

/* The columns of a block that is no segment. */
struct block_made;
/* Rows of which only the number is known: query/filter/counted.h. */
struct block_counted;

struct block {
	enum block_kind kind;
	uint32_t n_rows;
	struct index_set *set;
	struct index_segment *segment; /* or */
	struct block_made *made;
	const uint64_t *superseded; /* superseded rows and tombstones; NULL: none */
	uint32_t n_superseded;
	/* The rows that match the query. NULL: all that are current, unless n_selected is 0. */
	const uint64_t *selected;
	uint32_t n_selected;
	/* True when the rows that stand for the traces of the segment are selected, n_selected of
	 * them; block_load_selected() finds out which. */
	bool selects_roots;
	/* The first of these blocks has the number of all as n_selected, the others 0, until
	 * block_load_selected of the first. NULL: not counted. */
	struct block_counted *counted;
};

/* Returns the rows of a word that are current; block_selected(): those that are selected. */
static inline uint64_t block_current(const struct block *b, size_t word)
{
	uint64_t rows = bits_of_word(b->n_rows, word);
	return b->superseded ? rows & ~b->superseded[word] : rows;
}

static inline uint64_t block_selected(const struct block *b, size_t word)
{
	if (b->n_selected == 0)
		return 0;
	return b->selected ? b->selected[word] : block_current(b, word);
}

/* for (each selected row, ascending) */
#define BLOCK_EACH_SELECTED(b, row) \
	for (size_t word_ = 0; (b)->n_selected && word_ < bits_words((b)->n_rows); word_++) \
		for (uint64_t left_ = block_selected(b, word_); \
			left_ && ((row) = bits_row(word_, left_), true); left_ &= left_ - 1)

/* ---- Numbers ---- */

/* Returns a column. c: a field that is no text, or INDEX_IDENTITY or INDEX_SPAN_ORDER; and
 * FIELD_PARENT_SPAN_ID, whose values are hashes (index_hash). A block of lines has only the fields
 * that were asked for. */
NODISCARD enum err block_column(struct block *b, unsigned c, const struct column **ret);
/* Returns the state of a column without loading anything, as in index.h. */
enum column_state block_column_state(struct block *b, unsigned c);
bool block_bounds(struct block *b, unsigned c, int64_t *ret_min, int64_t *ret_max);
/* True when every row has a value of a column with bounds. */
bool block_is_full(struct block *b, unsigned c);

/* ---- Texts ---- */

/* The distinct texts of a STR field, by code. */
struct block_texts {
	unsigned field;
	uint32_t n;
	bool is_sorted;             /* codes ascend as the plain texts do */
	const struct column *codes; /* of the rows that have the field */
	struct dict dict;           /* of a segment */
	struct str *known;          /* of others: what has been read; STR_NULL: not yet */
	const uint32_t *row;        /* a row that has it */
};

NODISCARD enum err block_texts(struct block *b, unsigned field, struct block_texts **ret);
/* Returns the texts without the codes of rows, for where those of traces are enough: the codes are
 * most of what a segment has to check and to hold in memory. codes is NULL until
 * block_text_codes(), unless it is there already. */
NODISCARD enum err block_texts_alone(struct block *b, unsigned field, struct block_texts **ret);
NODISCARD enum err block_text_codes(struct block *b, struct block_texts *t);
/* Returns the text of a code, a canonical body. For live rows it is read from a line that has it,
 * and is empty when that line is gone or damaged. */
NODISCARD enum err block_text(
	struct block *b, struct block_texts *t, uint32_t code, struct str *ret);
/* index_hash of it. */
NODISCARD enum err block_text_hash(
	struct block *b, struct block_texts *t, uint32_t code, uint64_t *ret);
/* Sets the bits of the codes that have that text (of live rows: that hash). */
NODISCARD enum err block_find_text(
	struct block *b, struct block_texts *t, struct str body, uint64_t *codes);

/* ---- Traces ---- */

/* The traces of a block: a row of a table for each (source, trace_id), by code. */
struct block_traces {
	uint32_t n;
	const struct column *codes; /* of each row */
	const struct column *hash;  /* by code: index_hash of the trace_id */
	const struct column *first_row, *last_row;
};

NODISCARD enum err block_traces(struct block *b, struct block_traces *ret);
/* hash alone. */
NODISCARD enum err block_trace_hashes(struct block *b, const struct column **ret);
NODISCARD enum err block_trace_id(struct block *b, uint32_t trace, struct str *ret);
/* Returns index_hash of the source of a trace; of an empty text when it has none. */
NODISCARD enum err block_trace_source_hash(struct block *b, uint32_t trace, uint64_t *ret);
/* Empty when it has none. */
NODISCARD enum err block_trace_source(struct block *b, uint32_t trace, struct str *ret);
/* Finds the traces with this trace_id, one for each source, one a call; UINT32_MAX: no more. hash:
 * index_hash of it. *probe is 0 at first. */
NODISCARD enum err block_find_trace(
	struct block *b, struct str trace_id, uint64_t hash, uint64_t *probe, uint32_t *ret_trace);

/* ---- Rows ---- */

/* Returns the records of live rows; NULL for other blocks. For few rows they are cheaper than
 * columns. */
const struct rowlog_row *block_records(const struct block *b);

/* Returns the place of the row's line. */
NODISCARD enum err block_ref(struct block *b, uint32_t row, struct row_ref *ret);
/* Reads fields of the row's line; texts are valid until the next line of the view is read. false:
 * the line is gone or damaged. */
NODISCARD enum err block_read(struct block *b, uint32_t row, const struct field_set *want,
	struct span *ret, bool *ret_is_there);

/* ---- Making them ---- */

void block_of_segment(struct block *ret, struct index_set *set, struct index_segment *s);
void block_of_records(struct block *ret, struct index_set *set, size_t shard);

/* Lines are added one after the other, each with the fields it was read with; then it is a block.
 * need: all fields that columns and texts will be asked of, FIELD_TRACE_ID and FIELD_SOURCE for
 * traces. */
void block_of_lines(struct block *ret, struct index_set *set, const struct field_set *need);
void block_add_line(struct block *b, const struct span *s, struct row_ref ref, bool is_selected);
void block_end_lines(struct block *b);

#endif
