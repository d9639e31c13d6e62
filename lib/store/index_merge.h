/*
 * Which segments of a part are merged when, and which files of an index are not needed any more.
 * The caller holds the index lock of the day.
 */
#ifndef FLATSPAN_STORE_INDEX_MERGE_H
#define FLATSPAN_STORE_INDEX_MERGE_H

#include "store/index_set.h"

/* Merges neighbours until there are few: while a part grows, eight of a size at a time; else into
 * as few as may be, and thoroughly: however much memory that takes. */
NODISCARD enum err index_merge(
	struct view *v, size_t shard, bool is_growing, bool thoroughly, int idx_fd);
/* Deletes what no reader will look for: segments that others took in, damaged ones, files of
 * processes that died; and the live records, when the part grows no more. */
void index_clean(struct view *v, size_t shard, int idx_fd, bool is_over);

#endif
