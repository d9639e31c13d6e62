/*
 * Measures the disk space of a workspace by day and kind of file.
 */
#ifndef FLATSPAN_UPKEEP_USE_H
#define FLATSPAN_UPKEEP_USE_H

#include "shard/root.h"

enum use_of { USE_LINES, USE_SEALED, USE_NOTES, USE_INDEX, USE_OTHER, USE__MAX };

extern const char *const use_names[USE__MAX];

/* Bytes of the files of a day. */
struct day_use {
	int32_t day; /* INT32_MIN: of no day */
	int64_t bytes[USE__MAX];
};

struct use {
	struct day_use *days; /* ascending, in a block of the arena */
	size_t n, cap;
	struct arena *arena;
	int dir_fd;
};

/* Measures a workspace. Returns ERR_NOT_FOUND or ERR_INVALID when it does not exist. Files that
 * disappear meanwhile are left out. */
NODISCARD enum err use_measure(
	const struct store *s, struct str workspace, struct arena *a, struct use *ret);
void use_release(struct use *u);
/* Returns the sum of all days. */
struct day_use use_sum(const struct use *u);
int64_t use_bytes(const struct day_use *d);

#endif
