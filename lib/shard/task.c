#include "shard/task.h"

/* A function of its own, so that no local variable lives across the jump. */
static enum err view_task_run(struct view_task *t, const struct store *s, struct str workspace)
{
	if (setjmp(t->arena.escape))
		return ERR_NO_MEMORY;
	t->arena.has_escape = true;
	enum err e = view_open(s, workspace, &t->arena, &t->view);
	t->has_view = !e;
	return e ? e : t->run(t);
}

enum err view_task_do(
	struct view_task *t, const struct store *s, struct str workspace, size_t memory_bytes)
{
	arena_init(&t->arena, memory_bytes);
	enum err e = view_task_run(t, s, workspace);
	if (t->has_view && t->end)
		t->end(t);
	if (t->has_view)
		view_close(&t->view);
	arena_release(&t->arena);
	return e;
}
