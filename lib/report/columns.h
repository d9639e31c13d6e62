/*
 * Objects as rows of columns, a column a member.  Members that are not a column are left out, and a
 * missing member is an empty cell.
 *
 * REPORT_TSV is for spreadsheets, awk and cut: a tab between two values.  In texts a tab is written
 * \t, a newline \n, a carriage return \r, a backslash \\, and any other control character \u and
 * four digits, so that a row is one line and no cell ends early.
 *
 * REPORT_TABLE is for people: columns as wide as their cells, numbers aligned to the right
 * (table.h).
 */
#ifndef FLATSPAN_REPORT_COLUMNS_H
#define FLATSPAN_REPORT_COLUMNS_H

#include "report/report.h"

/* Appends the names of the columns when the form has columns; each object that is written from then
 * on becomes a row. columns: names separated by spaces, which must live as long as the report. */
void columns_begin(struct report *r, struct str columns);
/* Turns the object that begins at offset start of the output, and ends it, into a row. */
void columns_row(struct report *r, size_t start);
/* Appends the rows of a table that are still held back. */
void columns_put(struct report *r);

#endif
