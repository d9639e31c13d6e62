/*
 * Keeping the index: closing what has become long, merging what has become many, starting the live
 * records anew, deleting what is not needed any more.
 *
 * One process at a time does it for a day (DAY.idx/lock); writers go on meanwhile, but for a moment
 * at the end.  Whatever fails or dies leaves an index that is right and covers less.
 *
 * Whoever notices that a day needs it says so with index_want(); the work is done by index_tidy(),
 * which the program calls when no client is waiting.
 */
#ifndef FLATSPAN_INDEX_FLUSH_H
#define FLATSPAN_INDEX_FLUSH_H

#include "shard/shard.h"

/* Remembers the day, for index_tidy. is_urgent: it will wait for a process that is at it. */
void index_want(const struct store *s, struct str workspace, int32_t day, bool is_urgent);
/* The same for when there is nothing else to do. */
void index_want_later(const struct store *s, struct str workspace, int32_t day);
/* Does what is wanted, unless another process is at it: all of it. */
void index_tidy(const struct store *s);
/* The same in two parts, for programs that know when nothing else is to be done: what cannot wait,
 * and then a step of the rest. In how many ms the next one is due; negative: nothing is left. */
void index_keep_up(const struct store *s);
int index_catch_up(const struct store *s);
/* The same for one of several processes: nothing, when lines of that day came just now. Somebody
 * else is asked then, and needs the processors and the disk more. */
int index_catch_up_if_quiet(const struct store *s);

/* While much comes, closing waits for so many times the rows and bytes that are due for it. */
enum { INDEX_PATIENCE = 8 };

struct index_closing {
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

/* Closes, merges and tidies one day. ERR_BUSY: another process is at it. */
NODISCARD enum err index_close_day(
	const struct store *s, struct str workspace, int32_t day, const struct index_closing *how);

#endif
