/*
 * Keeping the index: flushing rows into segments, merging segments, starting the row log again,
 * deleting what is not needed any more.
 *
 * One process at a time does it for a day (DAY.idx/lock); writers go on meanwhile, but for a moment
 * at the end.  Whatever fails or dies leaves an index that is right and covers less.
 *
 * A writer or reader that notices that a day needs it calls index_want(); the work is done by
 * index_maintain(), which the program calls when no client is waiting.
 */
#ifndef FLATSPAN_INDEX_FLUSH_H
#define FLATSPAN_INDEX_FLUSH_H

#include "shard/shard.h"

enum index_urgency {
	INDEX_IDLE,       /* when there is nothing else to do */
	INDEX_SOON,       /* after the response */
	INDEX_URGENT,     /* likewise, and waits for a process that is at it */
	INDEX_ALL_AT_ONCE /* of index_maintain() only: everything, before the program ends */
};

/* Remembers that the day needs a flush or a merge. */
void index_want(
	const struct store *s, struct str workspace, int32_t day, enum index_urgency urgency);

/*
 * Does what is wanted, unless another process is at it.
 *
 *	INDEX_SOON	what cannot wait; the rest is then wanted as INDEX_IDLE
 *	INDEX_IDLE	a step of the rest, but nothing while others need the processors or wrote
 *			lines of that day less than 20 ms ago
 *	INDEX_ALL_AT_ONCE  everything
 *
 * Returns in how many ms the next step is due; negative when nothing is left.
 */
int index_maintain(const struct store *s, enum index_urgency urgency);

/* While much comes, a flush waits for that many times the rows and bytes that are due for it. */
enum { INDEX_PATIENCE = 8 };

struct index_flush {
	bool all; /* also what is short */
	/* Read every byte of the segments that are there, and merge into segments as large as may
	 * be: it takes time and memory. */
	bool thoroughly;
	bool postpones; /* merge only what has become too many */
	int wait_ms;    /* for another process that is at it */
	/* Called when bytes [0, covered) of a part are in segments; NULL: not. */
	void (*progress)(void *user, int32_t day, int part, int64_t covered, int64_t size_bytes);
	void *user;
};

/* Flushes one day, merges its segments and deletes what is not needed. ERR_BUSY: another process is
 * at it. */
NODISCARD enum err index_flush_day(
	const struct store *s, struct str workspace, int32_t day, const struct index_flush *how);

#endif
