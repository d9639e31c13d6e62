/*
 * Rows of values in columns: what --json prints as an object a line, a column a member.  Members
 * that are no column are left out, absent ones are empty.
 *
 * --tsv, for spreadsheets, awk and cut: a tab between two values.  In texts a tab is \t, a newline
 * \n, a carriage return \r, a backslash \\, and what else is no character \u and four digits, so
 * that a row is a line and no cell ends early.
 *
 * --table, for people: columns as wide as what stands in them, numbers to the right.  Nothing is
 * cut but on a terminal, whose width rows have then (table.h).
 */
#ifndef FLATSPAN_BIN_COLUMNS_H
#define FLATSPAN_BIN_COLUMNS_H

#include "cli.h"

/* Prints the names of the columns, when --tsv or --table was given; each object that is printed
 * from then on becomes a row. columns: with blanks between them; it lives as long as rows are
 * printed. */
void columns_begin(struct cli *c, struct str columns);
/* The object that stands at the end of the output, from there on, with its newline. */
void columns_row(struct cli *c, size_t start);
/* Rows of a table that are held back, into the output. */
void columns_put(struct cli *c);

#endif
