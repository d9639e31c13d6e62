/*
 * What of a workspace cannot be read or understood, by name: for health, metrics, doctor and cron.
 */
#ifndef FLATSPAN_STORE_DAMAGE_H
#define FLATSPAN_STORE_DAMAGE_H

#include "shard/root.h"

struct damage {
	struct str name; /* "2026-11-20", "workspace.json" */
	int32_t day;     /* INT32_MIN: it is a file of no day */
	bool is_missing; /* lines of it are not shown; false: the file is mended while it is read */
};

struct damages {
	struct damage *list; /* in the arena; days ascend */
	size_t n;
};

/* Opens all days, but decodes nothing: a damaged frame is known once somebody has met it, a reader
 * of this process or the maker of the index. */
NODISCARD enum err damage_list(
	const struct store *s, struct str workspace, struct arena *a, struct damages *ret);

#endif
