/*
 * Rows that are printed with their columns aligned.  Some are held back until it is known how wide
 * columns are; later ones widen them at most.
 *
 * On a terminal wide columns are cut so that a row fits, and then the row itself.
 */
#ifndef FLATSPAN_REPORT_TABLE_H
#define FLATSPAN_REPORT_TABLE_H

#include "base/buf.h"

enum { TABLE_COLUMNS = 24 };

struct table {
	size_t n_columns, at;
	size_t width[TABLE_COLUMNS]; /* of the widest cell so far */
	bool is_text[TABLE_COLUMNS]; /* something that is no number stands in it */
	size_t n_rows;               /* held back */
	struct buf cells;            /* theirs, a tab behind each; none holds one */
};

/* names: of the columns, with blanks between. */
void table_begin(struct table *t, struct arena *a, struct str names);
/* Cell by cell, row by row. What is unfit for a terminal becomes `?`, an end of a line a blank. */
void table_cell(struct table *t, struct str text, bool is_number);
/* Are enough of them held back? */
bool table_is_large(const struct table *t);
/* Prints those that are. room: cells of a row, 0: as many as it takes. */
void table_put(struct table *t, struct buf *out, size_t room);

#endif
