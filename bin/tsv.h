/*
 * Rows as tab-separated values, for spreadsheets, awk and cut: what --json prints as an object a
 * line, a column a member.  Members that are no column are left out, absent ones are empty.
 *
 * In texts a tab is \t, a newline \n, a carriage return \r, a backslash \\, and what else is no
 * character \u and four digits, so that a row is a line and no cell ends early.
 */
#ifndef FLATSPAN_BIN_TSV_H
#define FLATSPAN_BIN_TSV_H

#include "cli.h"

/* Prints the names of the columns, when --tsv was given; each object that is printed from then on
 * becomes a row. columns: with blanks between them; it lives as long as rows are printed. */
void tsv_begin(struct cli *c, struct str columns);
/* The object that stands at the end of the output, from there on, with its newline. */
void tsv_row(struct cli *c, size_t start);

#endif
