/*
 * Rewrites a day as an archived file; shared by seal.h, compact.h and prune.h. Private to
 * lib/upkeep.
 *
 *	1  take DAY.lock; writers never write to this day again once 8 is done
 *	2  read all lines; of the versions of a span the current one stays
 *	3  put them in order: sessions by their first start, in a session traces by theirs, in a
 *	   trace spans by start
 *	4  write .<day>.<n>.jsonl.zst.tmp, n above all numbers of the day; sync it
 *	5  read it back and compare every line
 *	6  build its index
 *	7  write <day>.<n>.jsonl.zst.sha256, for sha256sum -c; sync
 *	8  rename; sync the directory: from here on readers see the new file
 *	9  after a while, remove the files it replaces
 *
 * A process that dies before 8 has changed nothing that readers see. One that dies after 8 leaves
 * files that are not used, and the next call removes them.
 */
#ifndef FLATSPAN_UPKEEP_REWRITE_H
#define FLATSPAN_UPKEEP_REWRITE_H

#include "shard/shard.h"
#include "upkeep/maintain.h"

enum rewrite_fate {
	REWRITE_KEEP,
	/* The span's content goes. A tombstone stays where it must hide versions of earlier days.
	 * */
	REWRITE_DROP
};

struct rewrite {
	const struct store *store;
	struct str workspace;
	int32_t day;
	int lock_ms, grace_ms, level;
	struct progress progress;
	bool must_rewrite; /* also a day that is one archived file already */
	/* Takes what is sound of a damaged file and leaves damaged lines out, for callers that keep
	 * the file elsewhere. Without it damaged lines stay, and a damaged frame is ERR_IO. */
	bool drops_damaged;
	/* Decides the fate of a current version, also of a tombstone; ref is in the view. NULL: all
	 * are kept. */
	enum err (*decide)(void *user, struct view *v, const struct span *s, struct row_ref ref,
		enum rewrite_fate *ret);
	/* Called between 7 and 8, with the old day; an error keeps it. *ret_lock_fd is a lock that
	 * the caller holds until the day has its new file; -1: none. May be NULL. */
	enum err (*may_publish)(void *user, struct view *v, int *ret_lock_fd);
	void *user;
};

struct rewrite_result {
	bool is_new, has_index;
	bool has_old; /* replaced files were still there */
	int part;
	uint64_t n_lines, n_sound, n_kept, n_folded, n_deleted, n_dropped, n_bad;
	int64_t plain_bytes, sealed_bytes;
	int wait_ms;
};

NODISCARD enum err rewrite_day(const struct rewrite *r, struct rewrite_result *ret);

/* ---- Its parts ---- */

/* A line of the day. */
struct rewrite_row {
	uint64_t identity, check; /* once written: the hash of its bytes */
	uint64_t trace, session;  /* session: the trace's; its own hash where it has none */
	int64_t session_first, trace_first, started, version;
	int64_t at;
	uint32_t shard, len;
	int32_t prev_day;                  /* the newest of all versions in this day */
	bool is_bad, is_deleted, has_prev; /* has_prev: the line itself says prev_day */
};

struct rewrite_rows {
	struct rewrite_row *rows;
	size_t n;
	uint64_t n_lines, n_sound, n_folded, n_bad;
};

/* Does steps 2 and 3 for all shards of the day in the view. rows is a block. */
NODISCARD enum err rewrite_read(struct view *v, int32_t day, struct rewrite_rows *ret);

/* Does step 6. The view shows the archived file as `shard`. Returns false when the index is missing
 * or incomplete. */
bool rewrite_index(struct view *v, size_t shard, int lock_ms);

/* The directory of a day's index, which only the holder of its lock writes to. Must be unlocked
 * whether it could be locked or not; releasing the view's arena unlocks it too. */
struct rewrite_lock {
	int idx_fd, lock_fd;
};
NODISCARD enum err rewrite_lock_index(
	struct view *v, int32_t day, int lock_ms, struct rewrite_lock *ret);
void rewrite_unlock_index(struct view *v, const struct rewrite_lock *lock);

/* After 8: updates the indexes of later days, which refer to rows of this day. */
void rewrite_heal(const struct rewrite *r);

/* Does step 9: removes the files that the newest archived file of the day replaced at least
 * grace_ms ago. The caller holds DAY.lock. *ret_has_old is true when there were some, also when
 * they could not be removed. *ret_wait_ms is 0 when none are left. */
NODISCARD enum err rewrite_sweep(const struct store *s, int dir_fd, int32_t day, int grace_ms,
	bool *ret_has_old, int *ret_wait_ms);

#endif
