/*
 * Text that others wrote, made safe for a terminal: control characters (C0, DEL, C1), characters
 * that change the direction of writing or end a line, and bytes that are not UTF-8 become `?`.
 * Widths are in cells: a mark takes none, a wide character two (utf8_width).
 */
#ifndef FLATSPAN_REPORT_PRINTABLE_H
#define FLATSPAN_REPORT_PRINTABLE_H

#include "base/buf.h"

/* Appends as much of the text as fits into `most` cells (0: all of it), and returns its width. out:
 * NULL to measure only. */
size_t printable_put(struct buf *out, struct str text, size_t most);
/* Appends all of the text, with a space for each end of a line and each tab, and returns its width.
 */
size_t printable_line(struct buf *out, struct str text);
size_t printable_width(struct str text);

#endif
