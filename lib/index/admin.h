/*
 * Looking after the index of a day: building it, checking it, printing it.  For the command line;
 * servers keep it by themselves (index_close.h).  All of it is safe beside running servers.
 *
 * The index is a cache: what is damaged costs time and never an answer.  Building makes it again,
 * and the same lines give the same bytes.
 */
#ifndef FLATSPAN_INDEX_ADMIN_H
#define FLATSPAN_INDEX_ADMIN_H

#include "shard/root.h"

/* ---- Building ---- */

struct index_building {
	int wait_ms; /* for another process that is at it */
	/* Called after each segment: bytes [0, covered) of that part are in segments. The day may
	 * be an earlier one that has to be built first. NULL: not. */
	void (*progress)(void *user, int32_t day, int part, int64_t covered, int64_t size_bytes);
	void *user;
};

/* Closes all lines of the day that no segment covers, merges segments into as few as may be, and
 * builds the term files likewise.
 * A day that is not there is done. ERR_BUSY: another process is at it; ERR_CONF: `index = no`, or a
 * store that we may not write. */
NODISCARD enum err index_build_day(
	const struct store *s, struct str workspace, int32_t day, const struct index_building *how);

/* ---- Checking ---- */

/* What is wrong, and where. */
struct index_damage {
	const char *file;  /* "2026-11-21.idx/0-0-1048576.seg" */
	const char *chunk; /* "head", "values of model", "id table", "record 17" and so on */
	int64_t offset;    /* of the chunk in the file */
	const char *what;  /* a sentence */
};

struct index_verified {
	uint32_t n_segments, n_damaged; /* files that are segments, row logs or words; damages */
	uint64_t n_rows, n_log;         /* of sound segments; sound records */
	int64_t size_bytes, covered;    /* of all parts: lines, and those in segments or records */
	uint64_t n_believed;            /* rows of those that readers have */
};

/* Reads every byte of the day's index, also of files that no reader uses any more. Reports each
 * damage; that is no error of this function. An index that is not there has none. */
NODISCARD enum err index_verify_day(const struct store *s, struct str workspace, int32_t day,
	void (*report)(void *user, const struct index_damage *d), void *user,
	struct index_verified *ret);

/* ---- Printing ---- */

/* All that the index of the day says, as text for diff(1), a piece at a time. Files that readers do
 * not believe are left out; where a damage shows later, the line ends with "damaged" and what
 * follows in that part is left out. */
NODISCARD enum err index_dump(const struct store *s, struct str workspace, int32_t day,
	enum err (*write)(void *user, struct str text), void *user);

#endif
