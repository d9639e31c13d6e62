/*
 * Work on a workspace with a view and memory of its own, outside of a request.
 *
 *	struct thing { struct view_task task; ... };		the task comes first
 *	struct thing t = { .task = { .run = thing_run, .end = thing_end } };
 *	e = view_task_do(&t.task, store, workspace, memory_bytes);
 */
#ifndef FLATSPAN_SHARD_TASK_H
#define FLATSPAN_SHARD_TASK_H

#include "shard/shard.h"

struct view_task {
	struct arena arena;
	struct view view;
	/* Does the work. It is left in the middle when memory runs out. */
	enum err (*run)(struct view_task *t);
	/* Is called afterwards while the view is still open; NULL: nothing. */
	void (*end)(struct view_task *t);
	bool has_view;
};

/* Opens the view, does the work, and closes the view. Returns what run returned. ERR_NO_MEMORY: the
 * work needed more than memory_bytes. */
NODISCARD enum err view_task_do(
	struct view_task *t, const struct store *s, struct str workspace, size_t memory_bytes);

#endif
