/*
 * Rows printed with aligned columns.  Rows are held back until there are enough to choose the
 * widths of columns; later rows only widen them.
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
	bool is_text[TABLE_COLUMNS]; /* the column has a cell that is not a number */
	size_t n_rows;               /* rows that are held back */
	struct buf cells;            /* their cells, each with a tab after it */
};

/* Begins a table. names: of the columns, separated by spaces. */
void table_begin(struct table *t, struct arena *a, struct str names);
/* Adds a cell, row by row. Characters that are unsafe for a terminal become `?`, and an end of a
 * line a space. */
void table_cell(struct table *t, struct str text, bool is_number);
/* True when enough rows are held back to be put. */
bool table_is_large(const struct table *t);
/* Appends the rows that are held back. room: the width of a row; 0: no limit. */
void table_put(struct table *t, struct buf *out, size_t room);

#endif
