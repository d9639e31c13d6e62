/*
 * Which rows of a word file have many words, and lists of rows that are shorter for knowing it.
 *
 * A text of ten thousand words has nearly every frequent word, one of ten nearly none.  So rows are
 * told apart by their size: less than 32 different words, twice as many, and so on up to 2,048 and
 * more.  A list of rows is written size by size, each a subset (subset.h) of the rows of that size,
 * which takes a fifth less than a subset of all rows.
 *
 *	number, subset	for each size that rows have, small ones first: how many rows of the list
 *			have it, and which of those rows, counted from the first that has it
 *
 * In a file: of each size how many rows have it (uint32_t), then ROW_SIZE_BITS bitmaps, each of all
 * rows in whole words of 64, that have the bits of each row's size, the lowest first.
 */
#ifndef FLATSPAN_INDEX_TERMS_ROW_SIZES_H
#define FLATSPAN_INDEX_TERMS_ROW_SIZES_H

#include "base/buf.h"

enum { ROW_SIZE_BITS = 3, ROW_SIZES = 1 << ROW_SIZE_BITS };

struct row_sizes {
	uint32_t n_rows;
	uint32_t n_of[ROW_SIZES];
	const uint64_t *planes; /* the bitmaps */
	/* To write with: of each row how many ahead of it have its size << ROW_SIZE_BITS | its
	 * size. NULL: only to read with. */
	uint32_t *numbers;
	/* To read many short lists with: the rows of the first size, then those of the next ….
	 * NULL: such lists are read as all others. */
	uint32_t *rows;
};

/* Of a row with so many different words. */
unsigned row_size_of(uint32_t n_words);

/* sizes: of each row. In blocks of the arena, to be released. */
void row_sizes_make(struct row_sizes *s, struct arena *a, const uint8_t *sizes, uint32_t n_rows);
void row_sizes_release(struct row_sizes *s, struct arena *a);

/* In a file: the bytes of so many rows; into so many; out of those, which stay the caller's and are
 * aligned for uint64_t. False: they are damaged. */
size_t row_sizes_bytes(uint32_t n_rows);
void row_sizes_put(const struct row_sizes *s, struct buf *out);
bool row_sizes_take(struct row_sizes *s, const void *bytes, uint32_t n_rows);
/* Of each row. */
void row_sizes_each(const struct row_sizes *s, uint8_t *ret);
/* Makes `rows`, a block of the arena. False: they are damaged. */
bool row_sizes_list(struct row_sizes *s, struct arena *a);

/* rows: ascending; room for n numbers is in `room`. */
void row_list_put(struct buf *out, const struct row_sizes *s, const uint32_t *rows, uint32_t n,
	uint32_t *room);
/* Takes one off, and adds it to the bits of ret, in whole words of 64; room: for so many words.
 * False: damaged. */
bool row_list_take(struct str *list, uint32_t n_list, const struct row_sizes *s, uint64_t *room,
	uint64_t *ret);
size_t row_list_room(uint32_t n_rows);

/* A list that was taken apart: of these sizes the n-th bit says of the n-th row that has it. Behind
 * the last bit stands a word more. */
struct row_parts {
	unsigned n, size[ROW_SIZES];
	const uint64_t *bits[ROW_SIZES];
};

/* Adds the rows to ret. False: not as many rows have a size as should. The variants do the same. */
bool row_spread_plain(const struct row_parts *l, const struct row_sizes *s, uint64_t *ret);
#ifdef __x86_64__
bool row_spread_bmi2(const struct row_parts *l, const struct row_sizes *s, uint64_t *ret);
#endif

#endif
