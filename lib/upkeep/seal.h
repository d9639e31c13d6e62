/*
 * Sealing: a day that is over becomes one file of compressed lines, <day>.<n>.jsonl.zst, which
 * takes the place of its plain files (doc/shard-format.md#sealed-days).
 *
 *	seal_due(&store, workspace, now_ns, arena, &days, &n);
 *	for each of them, until result.wait_ms is 0:
 *		seal_day(&store, workspace, day, &options, &result);
 *
 * Superseded lines go, and tombstones that nothing needs any more; spans of one trace stand side by
 * side.  Every answer stays as it was.  The new file is read back and compared line by line before
 * it gets its name; the old ones go only when no reader can be using them any more, which the same
 * call does when it is made again after result.wait_ms.
 *
 * Deletions that were folded away are forgotten: a version of the span that arrives after that and
 * claims to be older than its deletion is shown.
 */
#ifndef FLATSPAN_UPKEEP_SEAL_H
#define FLATSPAN_UPKEEP_SEAL_H

#include "upkeep/maintain.h"

struct seal_options {
	int64_t now_ns;
	int lock_ms;   /* to wait for writers and other chores at this day */
	int settle_ms; /* MAINTAIN_SETTLE_MS */
	int grace_ms;  /* MAINTAIN_GRACE_MS */
	int level;     /* of compression, 1 to 19 */
	struct progress progress;
};

/* The defaults. */
void seal_options_init(struct seal_options *o, int64_t now_ns);

struct seal_result {
	bool is_new;                       /* a sealed file was made by this call */
	int part;                          /* its number; of the one that was there */
	uint64_t n_lines;                  /* of the day's files */
	uint64_t n_sound;                  /* of these, those that can be read */
	uint64_t n_kept;                   /* and those that are in the sealed one */
	uint64_t n_folded;                 /* superseded versions */
	uint64_t n_deleted;                /* tombstones that nothing needed */
	uint64_t n_bad;                    /* damaged lines: kept as they are */
	int64_t plain_bytes, sealed_bytes; /* of files */
	bool has_index; /* false: answers are right and slow until `flatspan index` has run */
	/* The old files are still there: to be called again then. 0: nothing is left to do. */
	int wait_ms;
};

/* ERR_NOT_FOUND: no such workspace, or no such day. ERR_INVALID: the day is not over (and settled).
 * ERR_BUSY: somebody is at it. ERR_FULL: no space for both; nothing has changed. ERR_IO: cannot be
 * read or written, or the new file was not as it should be and is gone again. */
NODISCARD enum err seal_day(const struct store *s, struct str workspace, int32_t day,
	const struct seal_options *o, struct seal_result *ret);

/* The days before today that have plain files, or leftovers of sealing, ascending. */
NODISCARD enum err seal_due(const struct store *s, struct str workspace, int64_t now_ns,
	struct arena *a, int32_t **ret_days, size_t *ret_n);

#endif
