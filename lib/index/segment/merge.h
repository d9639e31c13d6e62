/*
 * Merging: one segment from several that follow one another, from their columns, without reading
 * lines (but for roots of one trace that started at the same time).  What comes out is, byte for
 * byte, what closing the whole range from its lines makes.
 */
#ifndef FLATSPAN_INDEX_SEGMENT_MERGE_H
#define FLATSPAN_INDEX_SEGMENT_MERGE_H

#include "index/segment/segment.h"

enum { SEGMENT_MERGE_MAX = 32 };

/* n from 2 to SEGMENT_MERGE_MAX. ERR_UNSAFE: one of them is damaged. The view's arena is used and
 * given back. */
NODISCARD enum err segment_merge(
	struct view *v, size_t shard, struct segment *const *segments, size_t n, int idx_fd);

#endif
