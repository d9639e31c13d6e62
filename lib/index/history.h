/*
 * What came before: which rows of the day have the identity of a new one, and which traces have
 * been seen.  For the builder of segments.
 */
#ifndef FLATSPAN_INDEX_HISTORY_H
#define FLATSPAN_INDEX_HISTORY_H

#include "index/segment/build.h"
#include "index/set.h"

/* The history of a segment that begins at `from`. */
struct history {
	struct segment_history to_build; /* its user is this struct */
	struct index_set *set;
	size_t shard;
	int64_t from;
};

NODISCARD enum err history_init(
	struct history *h, struct index_set *set, size_t shard, int64_t from);

#endif
