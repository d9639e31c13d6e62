/*
 * Sound lines inside of what reads as one that is damaged: two are one when the newline between
 * them is lost, and what was torn off may stand in front of a whole one.
 */
#ifndef FLATSPAN_SPAN_RESCUE_H
#define FLATSPAN_SPAN_RESCUE_H

#include "base/str.h"

/* The next sound line in *left, of a span or a note, with a seal that fits and without a newline;
 * *left is then what stands behind it. What a sound line holds is not looked into: a line as an
 * object within another one is content. False: there is none, or not behind the first
 * LIMIT_RESCUE_TRIES places that look like the beginning of one. */
bool line_rescue(struct str *left, struct str *ret_line);

#endif
