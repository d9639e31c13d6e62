/* What later days know of the places of rows, after a day was written anew: index_moved.c finds
 * them by identity, but at the cost of a look through that day in every query. */
#include "upkeep/rewrite.h"

#include "index/flush.h"
#include "index/history.h"

enum {
	MEMORY_BYTES = 1 << 30,
	ROWS_MAX = 2 << 20 /* of a segment that is made anew: what memory does for */
};

static enum err has_moved_kill(struct view *v, struct index_segment *s, bool *ret)
{
	const struct index_kill *kills;
	uint32_t n;
	*ret = false;
	if (s->n_kills == 0)
		return ERR_OK;
	enum err e = segment_load_kills(s->segment, &kills, &n);
	for (uint32_t i = 0; !e && i < n && !*ret; i++)
		*ret = index_has_moved(v, &kills[i].loser) || index_has_moved(v, &kills[i].winner);
	return e;
}

/* The first segment of an opened shard from `at` on that names a place in a replaced file; NULL:
 * none. */
static enum err find_stale(
	struct index_set *set, size_t shard, int64_t at, struct index_segment **ret)
{
	struct index *ix = &set->of[shard];
	*ret = NULL;
	for (size_t i = 0; i < ix->n_segments; i++) {
		bool has_moved;
		if (ix->segments[i].from < at)
			continue;
		enum err e = has_moved_kill(set->view, &ix->segments[i], &has_moved);
		if (e)
			return e;
		if (has_moved && ix->segments[i].n_rows <= ROWS_MAX) {
			*ret = &ix->segments[i];
			return ERR_OK;
		}
	}
	return ERR_OK;
}

/* From its lines, into a file of the same name. */
static enum err make_anew(struct view *v, size_t shard, const struct index_segment *s, int idx_fd)
{
	const struct segment_limits limits = {
		.rows = s->n_rows + 1, .bytes = INT64_MAX, .text_bytes = SIZE_MAX
	};
	int64_t from = s->from, to = s->to, got;
	struct history h;
	struct index_set *set = index_begin(v); /* s is void */
	enum err e = history_init(&h, set, shard, from);
	if (!e)
		e = segment_build(
			v, shard, from, to, &limits, set->seed, &h.to_build, NULL, idx_fd, &got);
	history_release(&h);
	return e;
}

static enum err heal_segments(struct view *v, size_t shard, int idx_fd)
{
	int64_t at = 0;
	for (;;) {
		struct index_segment *s;
		struct index_set *set = index_begin(v);
		enum err e = index_open_segments(set, shard);
		if (!e)
			e = find_stale(set, shard, at, &s);
		if (e || !s)
			return e;
		at = s->to;
		e = make_anew(v, shard, s, idx_fd);
		if (e)
			return e;
	}
}

static enum err heal_locked(struct view *v, size_t shard, int lock_ms)
{
	struct rewrite_lock lock;
	enum err e = rewrite_lock_index(v, v->shards[shard].day, lock_ms, &lock);
	if (!e)
		e = heal_segments(v, shard, lock.idx_fd);
	rewrite_unlock_index(v, &lock);
	return e;
}

/* Its live records are closed when one of them names such a place. */
static bool has_moved_live(struct index_set *set, size_t shard)
{
	const struct index *ix = &set->of[shard];
	for (size_t i = 0; i < ix->n_live; i++) {
		const struct live_row *r = live_row_at(ix->live, i);
		if (!(r->flags & LIVE_OTHER))
			continue;
		struct index_place other = live_row_other(ix->live.layout, r);
		if (index_has_moved(set->view, &other))
			return true;
	}
	return false;
}

static enum err heal_shard(struct view *v, size_t shard, int lock_ms, bool *ret_wants_close)
{
	struct index_segment *stale;
	struct index_set *set = index_begin(v);
	enum err e = index_open_shard(set, shard);
	if (!e)
		e = find_stale(set, shard, 0, &stale);
	if (e)
		return e;
	*ret_wants_close = has_moved_live(set, shard);
	return stale ? heal_locked(v, shard, lock_ms) : ERR_OK;
}

struct healing {
	const struct rewrite *how;
	struct arena arena;
	struct view view;
	bool has_view;
};

static enum err heal_days(struct healing *h)
{
	const struct rewrite *r = h->how;
	struct view *v = &h->view;
	enum err e = view_open(r->store, r->workspace, &h->arena, v);
	if (e)
		return e;
	h->has_view = true;
	for (size_t i = 0; !e && i < v->n_shards; i++) {
		const struct index_closing how = { .all = true, .wait_ms = r->lock_ms };
		bool wants_close = false;
		if (v->shards[i].day <= r->day)
			continue;
		e = heal_shard(v, i, r->lock_ms, &wants_close);
		if (!e && wants_close)
			e = index_close_day(r->store, r->workspace, v->shards[i].day, &how);
	}
	return e;
}

/* A function of its own, so that no local variable lives across the jump. */
static enum err heal_guarded(struct healing *h)
{
	if (setjmp(h->arena.escape))
		return ERR_NO_MEMORY;
	h->arena.has_escape = true;
	return heal_days(h);
}

void rewrite_heal(const struct rewrite *r)
{
	struct healing h = { .how = r };
	if (!r->store->conf->index)
		return;
	arena_init(&h.arena, MEMORY_BYTES);
	enum err e = heal_guarded(&h);
	(void)e; /* what is left is found by identity */
	if (h.has_view)
		view_close(&h.view);
	arena_release(&h.arena);
}
