/*
 * Which segments of a part are merged when, and which files of an index are not needed any more.
 * The caller holds the index lock of the day.
 */
#ifndef FLATSPAN_INDEX_MERGE_H
#define FLATSPAN_INDEX_MERGE_H

#include "index/set.h"

enum {
	MERGE_SOON = 8, /* of a size: worth merging */
	MERGE_NOW = 32, /* also when there is other work */
};

/* Merges neighbours until there are few: while a part grows, those of one size as soon as they are
 * that many; else into as few as may be, and thoroughly: however much memory that takes. */
struct index_merging {
	bool is_growing, thoroughly;
	unsigned at_least; /* while it grows */
};
NODISCARD enum err index_merge(
	struct view *v, size_t shard, const struct index_merging *how, int idx_fd);
/* Deletes what no reader will look for: segments that others took in, damaged ones, files of
 * processes that died; and the row log, when the part grows no more. */
void index_clean(struct view *v, size_t shard, int idx_fd, bool is_over);
/* To be called after making files of the day's index. Of shards whose files are gone by now,
 * because the day was written again, it removes all of that: the process that removed the shards
 * may have done it before these files had their names, and what was erased must not stay in them.
 */
void index_drop_gone(const struct view *v, int32_t day, int idx_fd);

#endif
