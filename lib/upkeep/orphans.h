/*
 * Removes the notes about spans that are erased or pruned.
 *
 *	orphans_open(&o, arena)
 *	orphans_read(&o, &view)			what there are notes about, once
 *	orphans_see_shard(&o, &view, i, …)	each shard of the workspace, in the order of arrival
 *	orphans_find(&o, &view, &n, &n_staying)	then: how many lines of notes go, and do not
 *	orphans_remove(&o, store, workspace, dir_fd, lock_ms, &n)
 *
 * A note goes when a version of its target goes and nothing of the target is left: no current
 * version of a span, no span of a trace or a session. Its file, also today's, is rewritten without
 * it under the lock of the day and renamed. A process that dies has replaced the file or not.
 */
#ifndef FLATSPAN_UPKEEP_ORPHANS_H
#define FLATSPAN_UPKEEP_ORPHANS_H

#include "span/span.h"
#include "store/notes.h"

enum span_fate { SPAN_STAYS, SPAN_GOES, SPAN_IS_DELETED };

/* A table of rows of one size that begin with their hash. */
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
	/* With these set, only notes of one day are considered: all notes that arrived on it go,
	 * except those that keeps() wants and those about what stays. */
	int32_t day;
	bool (*keeps)(void *user, const struct note *n);
	/* Called before a file is replaced; an error keeps the old file. *ret_lock_fd is a lock
	 * that the caller holds until the file is replaced; -1: none. May be NULL. */
	enum err (*may_replace)(void *user, int *ret_lock_fd);
	void *user;
};

void orphans_open(struct orphans *o, struct arena *a);
/* Reads the notes of the workspace. Returns ERR_IO when they cannot be read. */
NODISCARD enum err orphans_read(struct orphans *o, struct view *v);
/* Passes over the spans of a shard from that offset on. fate() decides each span that is not a
 * tombstone. *n_going is increased. */
NODISCARD enum err orphans_see_shard(struct orphans *o, struct view *v, size_t shard, int64_t from,
	enum span_fate (*fate)(const void *user, const struct span *s), const void *user,
	uint64_t *n_going);
/* Counts the lines of notes that go and that stay. The caller may pass over more shards and call it
 * again. */
NODISCARD enum err orphans_find(
	struct orphans *o, struct view *v, uint64_t *ret_n, uint64_t *ret_staying);
/* True when spans that were seen since the last orphans_find() keep a note that it counted as
 * going. */
bool orphans_have_changed(const struct orphans *o);
/* Removes the notes. Errors as of store_append(). */
NODISCARD enum err orphans_remove(struct orphans *o, const struct store *s, struct str workspace,
	int dir_fd, int lock_ms, uint64_t *ret_n);

#endif
