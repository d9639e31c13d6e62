#include "upkeep/compact.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/set.h"
#include "upkeep/rewrite.h"

enum { ARENA_BYTES = 1 << 30 };

static struct rewrite rewrite_of(
	const struct store *s, struct str workspace, int32_t day, const struct seal_options *o)
{
	return (struct rewrite){ .store = s,
		.workspace = workspace,
		.day = day,
		.lock_ms = o->lock_ms,
		.grace_ms = o->grace_ms,
		.level = o->level,
		.progress = o->progress };
}

struct compacting {
	struct arena arena;
	int32_t day;
	bool is_resolved;
	uint64_t n_dropped;
};

/* The index knows which rows no query may see. */
static enum err drop_hidden(void *user, struct view *v, const struct span *s, struct row_ref ref,
	enum rewrite_fate *ret)
{
	struct compacting *c = user;
	uint32_t row;
	enum err e = c->is_resolved ? ERR_OK : index_resolve(v->index);
	(void)s;
	if (e)
		return e == ERR_UNSAFE ? ERR_BUSY : e; /* damaged: it is gone in the next try */
	c->is_resolved = true;
	struct index_segment *segment = index_segment_at(v->index, ref.shard, ref.at);
	if (!segment)
		return ERR_OK;
	e = segment_row_at(segment->segment, ref.at, &row);
	if (e)
		return e == ERR_UNSAFE ? ERR_BUSY : e;
	if (row != UINT32_MAX && segment->hidden && segment->hidden[row / 64] >> row % 64 & 1) {
		*ret = REWRITE_DROP;
		c->n_dropped++;
	}
	return ERR_OK;
}

/* ---- What it was dropped for ---- */

static enum err sync_shard(struct view *v, size_t shard)
{
	char name[STORE_NAME_MAX];
	struct stat st;
	enum err e = shard_open(v, shard);
	const struct shard *s = &v->shards[shard];
	if (e || s->is_sealed || s->fd < 0) /* sealed, or pruned, just now */
		return e;
	e = io_fdatasync(s->fd);
	if (e)
		return e;
	/* Where somebody's sync failed, ours says nothing: what was lost can be read all the same.
	 */
	store_file_name(STORE_FILE_SUSPECT, s->day, s->part, name);
	e = io_stat(v->dir_fd, name, &st);
	return e == ERR_NOT_FOUND ? ERR_OK : e ? e : ERR_IO;
}

/* A later day's line hides others from when it is written, and that is before it is on the disk: a
 * power cut would take it, after what it replaced is gone. Sealed files are on the disk, and names
 * are since the sum was (7 of rewrite.h), also where writers sync nothing. */
static enum err sync_later_days(void *user, struct view *v, int *ret_lock_fd)
{
	const struct compacting *c = user;
	enum err e = ERR_OK;
	(void)ret_lock_fd;
	if (c->n_dropped == 0)
		return ERR_OK;
	for (size_t i = 0; !e && i < v->n_shards; i++)
		if (v->shards[i].day > c->day && !v->shards[i].is_sealed)
			e = sync_shard(v, i);
	return e;
}

/* Sets *ret to whether the index has rows of that day that later days supersede. */
static enum err find_superseded(struct view *v, int32_t day, bool *ret)
{
	struct index_set set;
	enum err e = index_open(v, &set);
	if (!e)
		e = index_resolve(&set);
	*ret = false;
	for (size_t i = 0; !e && i < v->n_shards; i++) {
		if (v->shards[i].day != day)
			continue;
		if (set.of[i].covered < v->shards[i].size_bytes)
			e = ERR_CONF;
		for (size_t k = 0; k < set.of[i].n_segments; k++)
			*ret = *ret || set.of[i].segments[k].n_hidden_late > 0;
		*ret = *ret || !v->shards[i].is_sealed;
	}
	return e;
}

static enum err compact_visit(struct compacting *c, const struct store *s, struct str workspace,
	int32_t day, bool *ret_has_superseded)
{
	struct view v;
	if (setjmp(c->arena.escape))
		return ERR_NO_MEMORY;
	c->arena.has_escape = true;
	enum err e = view_open(s, workspace, &c->arena, &v);
	if (e)
		return e;
	e = find_superseded(&v, day, ret_has_superseded);
	view_close(&v);
	return e == ERR_UNSAFE ? ERR_BUSY : e;
}

static bool compact_is_due(int32_t day, const struct seal_options *o)
{
	return utime_day(o->now_ns - o->settle_ms * NS_PER_MS) > day;
}

enum err compact_day(const struct store *s, struct str workspace, int32_t day,
	const struct seal_options *o, struct compact_result *ret)
{
	struct rewrite r = rewrite_of(s, workspace, day, o);
	struct rewrite_result done;
	struct compacting c = { .day = day };
	if (!compact_is_due(day, o))
		return ERR_INVALID;
	arena_init(&c.arena, ARENA_BYTES);
	enum err e = compact_visit(&c, s, workspace, day, &r.must_rewrite);
	arena_release(&c.arena);
	if (e)
		return e;
	r.decide = drop_hidden;
	r.may_publish = sync_later_days;
	r.user = &c;
	e = rewrite_day(&r, &done);
	if (e)
		return e;
	*ret = (struct compact_result){ .is_new = done.is_new,
		.n_dropped = done.n_dropped + done.n_folded + done.n_deleted,
		.before_bytes = done.is_new ? done.plain_bytes : done.sealed_bytes,
		.after_bytes = done.sealed_bytes,
		.wait_ms = done.wait_ms };
	return ERR_OK;
}
