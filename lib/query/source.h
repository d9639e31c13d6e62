/*
 * A row source: where the rows of a view come from.  Everything above it works on blocks and row
 * references and does not know which kind of source they have.
 *
 *	source_open(&src, view, deadline_ns, true);
 *	for (i = 0; i < src.n_blocks; i++)
 *		... src.blocks[i]			rows that can be asked by column
 *	source_each_line(&src, &query, &want, take, user);	rows that no block has
 *	source_fetch(view, ref, &want, &span, &line);	a row of either kind
 *	source_close(&src);
 *
 * Each current span is in exactly one block or is handed to source_each_line's callback once.
 * Superseded versions and tombstones are neither.
 *
 * Blocks answer a filter by themselves.  Rows without a block are matched by query_match(), so a
 * source may use the query to leave out rows, but need not.  A source without any block (no index,
 * or rows of another machine) is complete: the snapshot reads its rows into a block of lines.
 */
#ifndef FLATSPAN_QUERY_SOURCE_H
#define FLATSPAN_QUERY_SOURCE_H

#include "index/index.h"
#include "query/query.h"
#include "query/rows/scan.h"

struct block;

struct source {
	struct view *view;
	int64_t deadline_ns; /* utime_monotonic(); 0: none */
	struct index_set set;
	struct block *blocks; /* with room for one more */
	size_t n_blocks;
	struct scan lines; /* current lines that the index does not cover */
};

/* Opens the rows of a view. Without the index every row is a line. ERR_UNSAFE (index.h): a part of
 * the index is damaged and was dropped; the caller opens again. Lines that are no rows are counted
 * in the view. */
NODISCARD enum err source_open(
	struct source *s, struct view *v, int64_t deadline_ns, bool with_index);
void source_close(struct source *s);

/* Returns the number of rows that have no block. */
size_t source_n_lines(const struct source *s);
/* Calls take for each row without a block that may match the query, in an order that is the same
 * each time, with at least the wanted fields. The arena is rewound after each row. ERR_BUDGET: past
 * the deadline. */
NODISCARD enum err source_each_line(struct source *s, const struct query *q,
	const struct field_set *want, row_fn *take, void *user);

/* Tells the source which rows are fetched next. */
void source_prefetch(struct view *v, const struct row_ref *rows, size_t n);
/* Reads fields of a row (want NULL: all) into ret, whose texts are valid until the next row is
 * read. *ret_line, when not NULL, is its line. ERR_NOT_FOUND: the line is gone or damaged. */
NODISCARD enum err source_fetch(struct view *v, struct row_ref ref, const struct field_set *want,
	struct span *ret, struct str *ret_line);

#endif
