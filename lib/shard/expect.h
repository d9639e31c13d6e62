/*
 * Lines that are going to be read: view_expect() of shard.h.  Used by shard.c only.
 */
#ifndef FLATSPAN_SHARD_EXPECT_H
#define FLATSPAN_SHARD_EXPECT_H

#include "shard/shard.h"

/* A line is about to be read: when it is the first of those that were expected and are not
 * unpacked, they are, as many as fit. */
void view_expect_more(struct view *v, struct row_ref ref);

#endif
