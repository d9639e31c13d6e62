/*
 * Where do these bytes stand in a text, in either case?  Over 20 GB/s in the processor's cache, so
 * that searching files is as fast as they can be read.
 *
 * Case folding is ASCII only.  The widest variant the machine has is chosen at run time.
 */
#ifndef FLATSPAN_BASE_TEXT_FIND_H
#define FLATSPAN_BASE_TEXT_FIND_H

#include "base/str.h"

/* What is looked for, ASCII letters in lower case, and the two of its bytes that are rarest in
 * ordinary text. */
struct text_needle {
	struct str folded;
	size_t probe[2];
};

void text_needle_init(struct text_needle *n, struct str folded);

/* The first place at or behind `from` where the bytes of the needle stand in either case; hay.len
 * when there is none. */
size_t text_find(const struct text_needle *n, struct str hay, size_t from);

/* The same by one of the ways to do it, for tests; false when this machine does not have it. */
enum text_kernel { TEXT_KERNEL_PLAIN, TEXT_KERNEL_SSE2, TEXT_KERNEL_AVX2, TEXT_KERNEL__MAX };
bool text_find_by(enum text_kernel k, const struct text_needle *n, struct str hay, size_t from,
	size_t *ret_at);

#endif
