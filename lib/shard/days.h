/*
 * Which days a workspace has files of: the one directory listing that everything in lib/store
 * begins with, and its cache.
 *
 * A listing of a year of days takes longer than the append it is made for, so the last one of each
 * of a few workspaces is kept in the process.  It is used only when it cannot be out of date: same
 * directory, same modification time, and that time well past when the listing was made (a change
 * within the same tick of the file system's clock would not show).
 */
#ifndef FLATSPAN_SHARD_DAYS_H
#define FLATSPAN_SHARD_DAYS_H

#include "shard/root.h"

/* A shard, notes, a sealed day or a mark of suspicion. */
struct day_file {
	int32_t day;
	int part;
	enum store_file kind;
};

/* What a writer must know of a day. */
struct day_state {
	int32_t newest_sealed; /* of all days; INT32_MIN: none */
	int last_part;         /* the highest segment of this day; -1: none yet */
	int last_notes;        /* the same of its notes */
	int last_suspect;      /* the highest segment with a failed sync; -1: none */
};

struct store_cache *store_cache_make(struct arena *a);

/* Ascending by (day, part, kind), in the arena. */
NODISCARD enum err days_list(const struct store *s, int dir_fd, struct arena *a,
	struct day_file **ret_files, size_t *ret_n);
/* Allocates nothing from an arena: it is called under the lock. */
NODISCARD enum err days_state(
	const struct store *s, int dir_fd, int32_t day, struct day_state *ret);

/* Chooses the past days to be looked at `today` and moves them to the front; returns their number.
 * The days must be ascending, each once. At least one is chosen, and one or two where the days
 * follow one another. A caller that asks every day has looked at each within as many days as there
 * are, also when each day a new one comes and the oldest goes. */
size_t days_choose(int32_t *days, size_t n, int32_t today);

#endif
