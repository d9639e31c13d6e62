/*
 * Lists the damaged files of a workspace, for health, metrics, doctor and cron.
 */
#ifndef FLATSPAN_STORE_DAMAGE_H
#define FLATSPAN_STORE_DAMAGE_H

#include "shard/root.h"

struct damage {
	struct str name; /* "2026-11-20", "workspace.json" */
	int32_t day;     /* INT32_MIN: it is a file of no day */
	bool is_missing; /* some of its lines are not shown; false: the file is repaired while it is
			    read */
};

struct damages {
	struct damage *list; /* in the arena; days ascend */
	size_t n;
};

/* Opens all days but decompresses nothing: a damaged frame is known once a reader of this process,
 * or the builder of the index, has met it. */
NODISCARD enum err damage_list(
	const struct store *s, struct str workspace, struct arena *a, struct damages *ret);

#endif
