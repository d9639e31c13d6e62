/*
 * Text that others wrote, made fit for a terminal: control characters (C0, DEL, C1), those that
 * turn the direction of writing around or end a line, and bytes that are no UTF-8 become `?`.
 * Widths are cells: marks take none, wide characters two (utf8_width).
 */
#ifndef FLATSPAN_REPORT_PRINTABLE_H
#define FLATSPAN_REPORT_PRINTABLE_H

#include "base/buf.h"

/* Into out, as much as has room in `most` cells (0: all of it); returns how many it takes. */
size_t printable_put(struct buf *out, struct str text, size_t most);
/* All of it, ends of lines and tabs as blanks. */
size_t printable_line(struct buf *out, struct str text);
size_t printable_width(struct str text);

#endif
