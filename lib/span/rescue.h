/*
 * Finds undamaged lines inside of a damaged line: two lines become one when the newline between
 * them is lost, and a torn line may be followed by a complete one.
 */
#ifndef FLATSPAN_SPAN_RESCUE_H
#define FLATSPAN_SPAN_RESCUE_H

#include "base/str.h"

/* Returns the next undamaged line in *left, of a span or a note, with a matching checksum and
 * without its newline; *left is then the text after it. The contents of an undamaged line are not
 * searched, because a line inside of it is data. Returns false when there is none, or none after
 * the first LIMIT_RESCUE_TRIES positions that look like the start of a line. */
bool line_rescue(struct str *left, struct str *ret_line);

#endif
