/*
 * Postings: in which rows a term stands, a list of rows for each kind of field.
 *
 * The postings of a term begin with a number:
 *
 *	…1	the term stands in one row: row << 5 | fields << 1 | 1
 *	…0	bytes << 1: how many bytes follow
 *		byte	which lists follow (enum term_fields)
 *		number	rows that have the term in TERM_IN_TEXTS, if several of these lists follow
 *		lists	each: the number of its rows; the number of its bytes, unless it is the
 *			last list; blocks of POSTINGS_BLOCK rows, the last block has fewer
 *
 * A block is a byte that says how it is coded, the number of rows between the block before and its
 * first row, and the other rows of the block:
 *
 *	0 … 27	Rice codes of the gaps between rows with that parameter: the upper bits of the
 *		gap as that many zeros and a one, then its low bits
 *	BITMAP	the last row less the first row as a number, and a bit for each row between
 *	RUN	the rows follow each other, nothing is stored
 *
 * Numbers have 7 bits a byte, low bits first; the top bit is set if another byte follows.  Bits
 * fill bytes from the low end.
 */
#ifndef FLATSPAN_INDEX_TERMS_POSTINGS_H
#define FLATSPAN_INDEX_TERMS_POSTINGS_H

#include "base/buf.h"

enum {
	POSTINGS_BLOCK = 128,
	POSTINGS_RICE_MAX = 27,
	POSTINGS_BITMAP = 62,
	POSTINGS_RUN = 63,
	POSTINGS_LISTS = 4,
	POSTINGS_SLACK = 8 /* readable bytes that the reading functions need after the end */
};

/* The kinds of fields that have a list of their own. Bit i stands for list i. */
enum term_fields {
	TERM_IN_NAME = 1, /* name or metadata */
	TERM_IN_OTHER = 2,
	TERM_IN_INPUT = 4,
	TERM_IN_OUTPUT = 8,
	TERM_IN_TEXTS = TERM_IN_NAME | TERM_IN_INPUT | TERM_IN_OUTPUT,
	TERM_IN_ANY = TERM_IN_TEXTS | TERM_IN_OTHER
};

/* Rows ascend in each list. n_texts is the number of rows in any list of TERM_IN_TEXTS. */
struct postings {
	const uint32_t *rows[POSTINGS_LISTS];
	uint32_t n[POSTINGS_LISTS];
	uint32_t n_texts;
};

/* Postings that grow: arrays of uint32_t. */
struct postings_buf {
	struct buf rows[POSTINGS_LISTS];
	uint32_t n_texts;
};

void postings_buf_init(struct postings_buf *b, struct arena *a);
void postings_buf_release(struct postings_buf *b);
void postings_buf_reset(struct postings_buf *b);
struct postings postings_buf_view(const struct postings_buf *b);

/* Appends the coded postings, of which at least one list has a row. */
void postings_put(struct buf *out, const struct postings *p);

/* Takes the postings of one term off the front. False: damaged. */
bool postings_skip(struct str *postings, struct str *ret_one);

/* Appends the rows to the lists. Adds the number of rows in texts. False: damaged. */
bool postings_read(struct str one, uint32_t n_rows, struct postings_buf *ret);

/* Sets the bits of the rows that have the term in one of these fields. False: damaged. */
bool postings_find(struct str one, uint32_t n_rows, unsigned fields, uint64_t *rows);

/* Sets *ret to how many rows have the term in one of these fields. False if the postings are
 * damaged, or do not say it without being decoded. */
bool postings_count(struct str one, uint32_t n_rows, unsigned fields, uint32_t *ret);

#endif
