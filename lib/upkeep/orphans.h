/*
 * Notes about spans that go for good: they go as well.
 *
 *	orphans_open(&o, arena)
 *	orphans_read(&o, &view)			what there are notes about, once
 *	orphans_see_shard(&o, &view, i, …)	each shard of the workspace, in the order of arrival
 *	orphans_find(&o, &view, &n, &n_staying)	then: how many lines of notes go, and do not
 *	orphans_remove(&o, store, workspace, dir_fd, lock_ms, &n)
 *
 * A note goes when a version of what it is about goes and nothing of that is left: of a span no
 * current version, of a trace or a session no span.  Its file is written anew without it, under the
 * lock of the day, and renamed; today's too.  Whoever dies in between has done nothing, or all of
 * that file.
 */
#ifndef FLATSPAN_UPKEEP_ORPHANS_H
#define FLATSPAN_UPKEEP_ORPHANS_H

#include "span/span.h"
#include "store/notes.h"

enum span_fate { SPAN_STAYS, SPAN_GOES, SPAN_IS_DELETED };

/* Rows of one size that begin with a hash, found by it. */
struct orphan_table {
	struct arena *arena;
	size_t row_bytes, n, cap;
	char *rows;      /* a block */
	uint32_t *slots; /* a block: row number + 1 */
};

struct orphans {
	struct arena *arena;
	struct orphan_table targets, spans;
	struct buf files; /* struct orphan_file each */
	/* Of one day only, when the caller sets these: all notes that arrived on it go but those
	 * that keeps() wants and those about what stays. */
	int32_t day;
	bool (*keeps)(void *user, const struct note *n);
	/* Before a file takes the place of the old one: an error leaves that. *ret_lock_fd: what
	 * the caller has locked until it has; -1: nothing. NULL: go on. */
	enum err (*may_replace)(void *user, int *ret_lock_fd);
	void *user;
};

void orphans_open(struct orphans *o, struct arena *a);
/* ERR_IO: notes cannot be read. */
NODISCARD enum err orphans_read(struct orphans *o, struct view *v);
/* fate() says what becomes of each span of a shard, from that offset on, that is no tombstone.
 * *n_going: counts on. */
NODISCARD enum err orphans_see_shard(struct orphans *o, struct view *v, size_t shard, int64_t from,
	enum span_fate (*fate)(const void *user, const struct span *s), const void *user,
	uint64_t *n_going);
/* More shards may be seen after it, for a find of its own. */
NODISCARD enum err orphans_find(
	struct orphans *o, struct view *v, uint64_t *ret_n, uint64_t *ret_staying);
/* Do spans that were seen since the last find keep a note that went by that? */
bool orphans_have_changed(const struct orphans *o);
/* Errors as in store_append. */
NODISCARD enum err orphans_remove(struct orphans *o, const struct store *s, struct str workspace,
	int dir_fd, int lock_ms, uint64_t *ret_n);

#endif
