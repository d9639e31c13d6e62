/*
 * Finds a short text in a long one without regard to ASCII case, with the processor's vector
 * instructions, so that files are searched as fast as they are read. The widest variant that the
 * machine has is chosen at run time.
 */
#ifndef FLATSPAN_BASE_TEXT_FIND_H
#define FLATSPAN_BASE_TEXT_FIND_H

#include "base/str.h"

/* The text to find, ASCII letters in lower case, and the two of its bytes that are rarest in
 * ordinary text. */
struct text_needle {
	struct str folded;
	size_t probe[2];
};

void text_needle_init(struct text_needle *n, struct str folded);

/* Returns the first position at or after `from` where the needle occurs in either case, or hay.len.
 * */
size_t text_find(const struct text_needle *n, struct str hay, size_t from);

/* Does the same with one variant, for tests. Returns false when this machine does not have it. */
enum text_kernel { TEXT_KERNEL_PLAIN, TEXT_KERNEL_SSE2, TEXT_KERNEL_AVX2, TEXT_KERNEL__MAX };
bool text_find_by(enum text_kernel k, const struct text_needle *n, struct str hay, size_t from,
	size_t *ret_at);

#endif
