/*
 * Postings: where a word stands, as word files have it (words_file.h).  For lib/store only.
 *
 * A word has a list of blocks, or one of rows, or of some lines the one and of others the other
 * (merged files, which keep what each knew).  A place is a row and in which fields of it the word
 * stands, as a number: row << 4 | enum words_in.
 *
 *	…1	in one block, the rest; as many bytes as the last block of the file takes so,
 *		the low ones first
 *	…10	in one row, the rest of the number is the place
 *	…00	so many bytes (the rest) follow:
 *
 *	number		blocks << 1, and 1 when rows follow
 *	subset		the blocks, of all blocks of the file (subset.h)
 *	number		how many rows
 *	byte		two bits for each of enum words_in, the low ones first: enum postings_state
 *	subset		the rows, of all rows of the file; of LIST_BY_SIZE or more: a list
 *			(row_sizes.h)
 *	number, subset	of each with POSTINGS_SOME, in that order: how many, and which of these
 *
 * Numbers have 7 bits a byte, the low ones first, the top bit set where more follow.
 */
#ifndef FLATSPAN_INDEX_TERMS_POSTINGS_H
#define FLATSPAN_INDEX_TERMS_POSTINGS_H

#include "base/buf.h"
#include "index/terms/row_sizes.h"
#include "index/terms/terms.h"

enum {
	PLACE_BITS = 4, /* of enum words_in */
	PLACE_ROWS_MAX = 1 << 28,
	LIST_BY_SIZE = 256, /* where it takes less */
	WORDS_INS = 4
};

/* Of the rows of a word those that have it in some fields: none, all, a list follows, not known. */
enum postings_state { POSTINGS_NONE, POSTINGS_ALL, POSTINGS_SOME, POSTINGS_UNKNOWN };

/* Of how many both lists are, and the sizes of the rows. */
struct postings_of {
	uint32_t n_blocks, n_rows;
	const struct row_sizes *sizes;
};

/* Where a word stands. */
struct postings {
	const uint32_t *blocks; /* ascending */
	const uint32_t *places; /* ascending */
	uint32_t n_blocks, n_places;
	bool knows_fields; /* the places say which stand in the input and which in the output */
};

/* The parts that postings are put together from, as bytes. */
struct postings_parts {
	uint32_t n_blocks, n_places;
	unsigned states;                 /* a byte of them */
	struct str blocks, rows, fields; /* fields: what comes of the input and the output */
};

void number_put(struct buf *out, uint64_t v);
size_t number_bytes(uint64_t v);
bool number_take(struct str *s, uint64_t *ret);

/* scratch: for numbers. The parts are appended to out, one behind the other. */
void postings_code_blocks(struct buf *out, const uint32_t *blocks, uint32_t n, uint32_t of);
void postings_code_rows(struct buf *out, struct buf *scratch, const uint32_t *places, uint32_t n,
	const struct postings_of *of, unsigned *states);
void postings_code_fields(
	struct buf *out, struct buf *scratch, const uint32_t *places, uint32_t n, unsigned *states);
#define POSTINGS_FIELDS_UNKNOWN 0xf0u /* states when there is no part `fields` */

void postings_put(struct buf *out, const struct postings_parts *p);
size_t postings_block_bytes(const struct postings_of *of);
void postings_put_block(struct buf *out, uint32_t block, const struct postings_of *of);
void postings_put_place(struct buf *out, uint32_t place);
/* All of it. */
void postings_add(struct buf *out, struct buf *scratch, const struct postings *p,
	const struct postings_of *of);

/* May the sizes of rows be needed to read them? Not for words that few rows have. */
bool postings_need_sizes(struct str one, const struct postings_of *of);
/* Takes one word's postings off; false: they are damaged. */
bool postings_skip(struct str *postings, const struct postings_of *of, struct str *ret_one);
/* False: damaged. SUBSET_SLACK bytes stand behind. Bytes are appended to blocks and places. */
bool postings_read(struct str one, const struct postings_of *of, struct buf *scratch,
	struct buf *blocks, struct buf *places, bool *ret_knows_fields);

/* What is asked of them: bits to set. */
struct postings_ask {
	unsigned may_in, sure_in;
	uint64_t *blocks, *may, *sure;
};

/* In how many rows it stands in a field of `in`. False: that is not known without the rows. */
bool postings_count(struct str one, const struct postings_of *of, unsigned in, uint32_t *ret_n);
bool postings_find(struct str one, const struct postings_of *of, struct buf *scratch,
	const struct postings_ask *ask);

#endif
