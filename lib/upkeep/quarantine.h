/*
 * A day of which something is damaged is written anew from what is sound, and its old files are put
 * aside (aside.h).
 */
#ifndef FLATSPAN_UPKEEP_QUARANTINE_H
#define FLATSPAN_UPKEEP_QUARANTINE_H

#include "upkeep/seal.h"

struct quarantine_result {
	uint64_t n_kept; /* lines that were sound: they are in the day's new file */
	uint64_t n_bad;  /* damaged ones, which are only in the files put aside */
	size_t n_files;  /* that were put aside */
};

/* Makes a sealed file of all that is sound of the day and puts the files aside that it replaces:
 * of notes nothing is moved. Dying on the way loses nothing, and the next call goes on.
 * ERR_NOT_FOUND: there is no such day. ERR_INVALID: it is not over. ERR_CONFLICT: nothing of it is
 * damaged. Others as of seal_day(). */
NODISCARD enum err quarantine_day(const struct store *s, struct str workspace, int32_t day,
	const struct seal_options *o, struct quarantine_result *ret);

#endif
