/*
 * Archives a day that is over: one file of compressed lines, <day>.<n>.jsonl.zst, replaces its
 * plain files (doc/shard-format.md#sealed-days).
 *
 *	seal_due(&store, workspace, now_ns, arena, &days, &n);
 *	for each of them, until result.wait_ms is 0:
 *		seal_day(&store, workspace, day, &options, &result);
 *
 * Superseded lines and unneeded tombstones are dropped, and the spans of a trace are stored next to
 * each other. No answer changes. The new file is read back and compared line by line before it gets
 * its name. The old files are removed when no reader can use them any more: the same call does it
 * when it is made again after result.wait_ms.
 *
 * A dropped tombstone is forgotten: a version that arrives later is shown even when it claims to
 * be older than the deletion.
 */
#ifndef FLATSPAN_UPKEEP_SEAL_H
#define FLATSPAN_UPKEEP_SEAL_H

#include "upkeep/maintain.h"

struct seal_options {
	int64_t now_ns;
	int lock_ms;   /* to wait for writers and other jobs */
	int settle_ms; /* MAINTAIN_SETTLE_MS */
	int grace_ms;  /* MAINTAIN_GRACE_MS */
	int level;     /* of compression, 1 to 19 */
	struct progress progress;
};

/* Sets the defaults. */
void seal_options_init(struct seal_options *o, int64_t now_ns);

struct seal_result {
	bool is_new;                       /* an archived file was made by this call */
	int part;                          /* its number, or that of the existing one */
	uint64_t n_lines;                  /* of the day's files */
	uint64_t n_sound;                  /* of these, those that can be read */
	uint64_t n_kept;                   /* and those that are in the archived file */
	uint64_t n_folded;                 /* superseded versions */
	uint64_t n_deleted;                /* tombstones that nothing needed */
	uint64_t n_bad;                    /* damaged lines: kept as they are */
	int64_t plain_bytes, sealed_bytes; /* of files */
	bool has_index; /* false: queries are slow until `flatspan index` has run */
	/* Milliseconds after which to call again, because the old files are still there. 0: nothing
	 * is left to do. */
	int wait_ms;
};

/* Archives a day. Returns ERR_NOT_FOUND when the workspace or the day does not exist, ERR_INVALID
 * when the day is not over (and settled), ERR_BUSY when another job works on it, ERR_FULL when
 * there is no space for both copies (nothing has changed), and ERR_IO when a file cannot be read or
 * written or the new file was wrong and has been removed. */
NODISCARD enum err seal_day(const struct store *s, struct str workspace, int32_t day,
	const struct seal_options *o, struct seal_result *ret);

/* Returns the days before today that have plain files, or leftovers of archiving, ascending. */
NODISCARD enum err seal_due(const struct store *s, struct str workspace, int64_t now_ns,
	struct arena *a, int32_t **ret_days, size_t *ret_n);

#endif
