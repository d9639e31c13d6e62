/*
 * Starting the row log of a part again, after what has been flushed.
 */
#ifndef FLATSPAN_INDEX_ROWLOG_CATCH_UP_H
#define FLATSPAN_INDEX_ROWLOG_CATCH_UP_H

#include "index/set.h"

/* The caller holds the index lock of the day. Nothing is done when the records are good and begin
 * where the segments end; nor, if it may be postponed, while they are not too many. Takes
 * the writers' lock for a moment. */
NODISCARD enum err rowlog_restart(struct view *v, size_t shard, bool postpones, int idx_fd);

#endif
