/*
 * Rewrites a damaged day from the lines that are sound, and puts its old files aside (aside.h).
 */
#ifndef FLATSPAN_UPKEEP_QUARANTINE_H
#define FLATSPAN_UPKEEP_QUARANTINE_H

#include "upkeep/seal.h"

struct quarantine_result {
	uint64_t n_kept; /* sound lines, which are in the day's new file */
	uint64_t n_bad;  /* damaged lines, which are only in the files put aside */
	size_t n_files;  /* that were put aside */
};

/* Makes an archived file from the sound lines of the day, and puts the files aside that it
 * replaces. Notes are not moved. A process that dies loses nothing, and the next call continues.
 * Returns ERR_NOT_FOUND when there is no such day, ERR_INVALID when it is not over, ERR_CONFLICT
 * when nothing of it is damaged, and the errors of seal_day(). */
NODISCARD enum err quarantine_day(const struct store *s, struct str workspace, int32_t day,
	const struct seal_options *o, struct quarantine_result *ret);

#endif
