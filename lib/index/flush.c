#include "index/flush.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/admin.h"
#include "index/history.h"
#include "index/merge.h"
#include "index/rowlog/restart.h"
#include "index/terms/terms.h"
#include "shard/days.h"
#include "shard/task.h"

#include <fcntl.h>
#include <sys/resource.h>

enum {
	MEMORY_BYTES = 1 << 30, /* most of it while large segments merge */
	TRIES = 4,
	URGENT_WAIT_MS = 1000,
	/* While others are at work, one part in that many of a worker's time goes to what can wait.
	 */
	BUSY_SHARE = 400,
	/* While others need the processor, what can wait is tried again after so long. */
	AGAIN_MS = 1000,
	AGAIN_MAX_MS = 10000,
	/* Between the lines of somebody who sends without a pause, and the clock of the file
	 * system. */
	JUST_NOW_MS = 20,
	ALONE_SHARE = 40
};

/* A segment of 64 Ki rows takes some 30 MB while it is made. */
static const struct segment_limits flush_limits = {
	.rows = 64 << 10, .bytes = (int64_t)512 << 20, .text_bytes = 32 << 20
};

struct flusher {
	struct view_task task; /* first */
	struct index_set *set;
	struct index_flush how;
	int idx_fd, lock_fd;
	int32_t day;
	bool is_done; /* by another process that was waited for */
};

/* ---- Flushing ---- */

/* True for the part that writers append to. */
static bool flush_is_growing(const struct flusher *c, size_t shard)
{
	return shard == c->task.view.n_shards - 1 && !c->task.view.shards[shard].is_sealed;
}

static bool flush_is_due(const struct flusher *c, size_t shard)
{
	const struct index *ix = &c->set->of[shard];
	const struct shard *s = &c->task.view.shards[shard];
	const struct store *store = c->task.view.store;
	if (c->how.all || !flush_is_growing(c, shard))
		return s->size_bytes > index_flushed_to(ix);
	int64_t open_bytes = s->size_bytes - index_flushed_to(ix);
	return ix->covered < s->size_bytes || ix->n_log >= store->index_rows ||
	       open_bytes >= store->index_bytes;
}

/* Returns the records of what is flushed. A thorough build reads the lines instead. */
static struct segment_records flush_records(const struct flusher *c, size_t shard, int64_t at)
{
	const struct index *ix = &c->set->of[shard];
	const struct rowlog *l = c->set->shards[shard].log;
	struct segment_records none = { .n = 0 };
	if (c->how.thoroughly || ix->n_log == 0 || ix->log[0].at != at ||
		!rowlog_is_of_this_boot(&l->header))
		return none;
	return (struct segment_records){ .rows = ix->log, .n = ix->n_log };
}

static enum err flush_build(struct flusher *c, size_t shard, struct history *h, int64_t *at)
{
	enum err e = index_open_shard(c->set, shard);
	if (!e)
		e = history_init(h, c->set, shard, *at);
	if (e)
		return e;
	struct segment_records records = flush_records(c, shard, *at);
	return segment_build(&c->task.view, shard, *at, -1, &flush_limits, c->set->seed,
		&h->to_build, records.n ? &records : NULL, c->idx_fd, at);
}

static enum err flush_segment(struct flusher *c, size_t shard, int64_t *at)
{
	struct history h;
	int64_t to = *at;
	c->set = index_begin(&c->task.view);
	enum err e = flush_build(c, shard, &h, &to);
	if (e)
		return e;
	*at = to;
	const struct shard *s = &c->task.view.shards[shard];
	if (c->how.progress)
		c->how.progress(c->how.user, s->day, s->part, to, s->size_bytes);
	return ERR_OK;
}

/* A writer may have been between its lines and its records: what it has written by now covers the
 * size that was taken then. */
static enum err flush_look_again(struct flusher *c, size_t shard)
{
	enum err e = index_open_shard(c->set, shard);
	if (e || !flush_is_growing(c, shard) ||
		c->set->of[shard].covered >= c->task.view.shards[shard].size_bytes)
		return e;
	c->set = index_begin(&c->task.view);
	return index_open_shard(c->set, shard);
}

/* ERR_UNSAFE: there was damage that nobody had met yet. */
static enum err flush_check(const struct flusher *c, size_t shard)
{
	const struct index *ix = &c->set->of[shard];
	enum err e = ERR_OK;
	for (size_t i = 0; c->how.thoroughly && i < ix->n_segments; i++) {
		struct segment *s = ix->segments[i].segment;
		if (!segment_is_whole(s))
			e = segment_damaged(s);
	}
	return e;
}

/* Begins again when a segment turns out to be damaged: it is gone then. */
static enum err flush_range(struct flusher *c, size_t shard)
{
	enum err e = ERR_UNSAFE;
	for (int i = 0; e == ERR_UNSAFE && i < TRIES; i++) {
		c->set = index_begin(&c->task.view);
		e = flush_look_again(c, shard);
		if (!e)
			e = flush_check(c, shard);
		if (e || !flush_is_due(c, shard))
			continue;
		int64_t at = index_flushed_to(&c->set->of[shard]);
		while (!e && at < c->task.view.shards[shard].size_bytes)
			e = flush_segment(c, shard, &at);
	}
	return e;
}

static enum err flush_shard(struct flusher *c, size_t shard)
{
	enum err e = flush_range(c, shard);
	if (!e && flush_is_growing(c, shard))
		e = rowlog_restart(&c->task.view, shard, c->how.postpones, c->idx_fd);
	return e;
}

static enum err flush_merge(struct flusher *c, size_t shard)
{
	const struct index_merging merging = { .is_growing = c->how.postpones ||
							     flush_is_growing(c, shard),
		.thoroughly = c->how.thoroughly,
		.at_least = c->how.postpones ? MERGE_NOW : MERGE_SOON };
	enum err e = index_merge(&c->task.view, shard, &merging, c->idx_fd);
	if (!e && !c->how.postpones)
		index_clean(&c->task.view, shard, c->idx_fd, !flush_is_growing(c, shard));
	return e;
}

static enum err flush_lock(struct flusher *c)
{
	char name[STORE_NAME_MAX];
	store_file_name(STORE_FILE_INDEX, c->day, 0, name);
	enum err e = io_make_dir(c->task.view.dir_fd, name);
	if (!e)
		e = io_open_dir(c->task.view.dir_fd, name, &c->idx_fd);
	if (!e)
		e = io_open_file(c->idx_fd, "lock", O_RDWR | O_CREAT, &c->lock_fd);
	if (e)
		return e;
	e = io_lock(c->lock_fd, 0);
	if (e != ERR_BUSY || c->how.wait_ms <= 0)
		return e;
	e = io_lock(c->lock_fd, c->how.wait_ms);
	/* What came since is noticed with the next lines. Of ten that waited each would read as
	 * many records to find that out as the one read that has closed them. */
	c->is_done = !e && !c->how.all;
	return e;
}

static enum err flush_parts(struct flusher *c)
{
	size_t first = index_first_shard(&c->task.view, c->day);
	enum err e = first < c->task.view.n_shards && c->task.view.shards[first].day == c->day
			     ? flush_lock(c)
			     : ERR_NOT_FOUND;
	size_t end = index_first_shard(&c->task.view, c->day + 1);
	for (size_t i = first; !e && !c->is_done && i < end; i++)
		e = flush_shard(c, i);
	/* Last, because merging may take long: writers have room for records again. */
	for (size_t i = first; !e && !c->is_done && i < end; i++)
		e = flush_merge(c, i);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err flush_day(struct view_task *t)
{
	struct flusher *c = (struct flusher *)t;
	c->set = index_begin(&c->task.view);
	return c->set->is_on ? flush_parts(c) : ERR_CONF;
}

static void flush_end(struct view_task *t)
{
	struct flusher *c = (struct flusher *)t;
	if (c->idx_fd >= 0)
		index_drop_gone(&c->task.view, c->day, c->idx_fd);
	if (c->lock_fd >= 0)
		io_drop(c->lock_fd); /* unlocks */
	if (c->idx_fd >= 0)
		io_drop(c->idx_fd);
}

enum err index_flush_day(
	const struct store *s, struct str workspace, int32_t day, const struct index_flush *how)
{
	struct flusher c = { .task = { .run = flush_day, .end = flush_end },
		.how = *how,
		.idx_fd = -1,
		.lock_fd = -1,
		.day = day };
	if (!s->may_write || !s->conf->index)
		return ERR_CONF;
	return view_task_do(&c.task, s, workspace, MEMORY_BYTES);
}

enum err index_build_day(
	const struct store *s, struct str workspace, int32_t day, const struct index_building *how)
{
	struct index_flush flush = { .all = true,
		.thoroughly = true,
		.wait_ms = how->wait_ms,
		.progress = how->progress,
		.user = how->user };
	const struct terms_updating terms = { .all = true, .wait_ms = how->wait_ms };
	enum err e = index_flush_day(s, workspace, day, &flush);
	if (!e)
		e = terms_update(s, workspace, day, &terms, NULL);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* ---- What is wanted ---- */

static struct str name_of(const struct index_pending *p)
{
	return str_of(p->workspace, p->workspace_len);
}

static void add_pending(struct index_todo *todo, const struct index_pending *p)
{
	for (size_t i = 0; i < todo->n; i++)
		if (todo->of[i].day == p->day && str_eq(name_of(&todo->of[i]), name_of(p))) {
			todo->of[i].is_urgent = todo->of[i].is_urgent || p->is_urgent;
			todo->of[i].is_merged = todo->of[i].is_merged && p->is_merged;
			return;
		}
	/* What does not fit is noticed again. */
	if (todo->n < INDEX_PENDING_MAX)
		todo->of[todo->n++] = *p;
}

void index_want(
	const struct store *s, struct str workspace, int32_t day, enum index_urgency urgency)
{
	struct index_cache *c = index_cache_of(s);
	struct index_pending p = { .day = day, .is_urgent = urgency == INDEX_URGENT };
	if (workspace.len > sizeof p.workspace)
		return;
	memcpy(p.workspace, workspace.ptr, workspace.len);
	p.workspace_len = workspace.len;
	if (urgency != INDEX_IDLE)
		add_pending(&c->to_flush, &p);
	else if (s->tidies_later) /* else nobody asks what is left */
		add_pending(&c->to_merge, &p);
}

/* What fails is tried again when it is noticed again. */
static enum err flush_wanted(const struct store *s, const struct index_pending *p, bool postpones)
{
	const struct index_flush how = { .postpones = postpones,
		.wait_ms = p->is_urgent ? URGENT_WAIT_MS : 0 };
	return index_flush_day(s, name_of(p), p->day, &how);
}

static void maintain_all(const struct store *s)
{
	struct index_todo *todo = &index_cache_of(s)->to_flush;
	while (todo->n) {
		struct index_pending p = todo->of[--todo->n];
		if (flush_wanted(s, &p, false) == ERR_OK)
			terms_update_in_share(s, name_of(&p), p.day, ALONE_SHARE);
	}
}

/* Others were waiting for the processor when the last request was served. */
static bool is_busy(const struct index_cache *c)
{
	return c->n_preempted != c->n_preempted_before;
}

static void note_preemptions(struct index_cache *c)
{
	struct rusage used;
	c->n_preempted_before = c->n_preempted;
	if (getrusage(RUSAGE_SELF, &used) == 0)
		c->n_preempted = used.ru_nivcsw;
}

static void maintain_soon(const struct store *s)
{
	struct index_todo *todo = &index_cache_of(s)->to_flush;
	while (todo->n) {
		struct index_pending p = todo->of[--todo->n];
		if (flush_wanted(s, &p, true))
			continue;
		terms_update_in_share(s, name_of(&p), p.day, BUSY_SHARE);
		p.is_urgent = false;
		add_pending(&index_cache_of(s)->to_merge, &p);
	}
	if (index_cache_of(s)->to_merge.n)
		note_preemptions(index_cache_of(s));
}

/* A step that had to share its processor: others have work that matters more. */
static bool was_disturbed(int64_t wall_ns, int64_t processor_ns)
{
	return processor_ns < wall_ns - wall_ns / 4;
}

/* One of the steps below. False: nothing is left. */
static bool maintain_step(const struct store *s, struct index_todo *todo)
{
	struct index_pending *p = &todo->of[todo->n - 1];
	bool is_left = true;
	if (!p->is_merged)
		is_left = p->is_merged = flush_wanted(s, p, false) == ERR_OK;
	else
		is_left = terms_update_once(s, name_of(p), p->day);
	todo->n -= !is_left;
	return todo->n > 0;
}

/* Lines of that day came a moment ago. What cannot be told is not so. */
static bool has_just_grown(const struct store *s, const struct index_pending *p)
{
	struct day_state state;
	struct stat st;
	char name[STORE_NAME_MAX];
	int fd;
	if (workspace_open(s, name_of(p), false, &fd))
		return false;
	bool is_known = days_state(s, fd, p->day, &state) == ERR_OK && state.last_part >= 0;
	if (is_known) {
		store_file_name(STORE_FILE_SHARD, p->day, state.last_part, name);
		is_known = io_stat(fd, name, &st) == ERR_OK;
	}
	io_drop(fd);
	if (!is_known)
		return false;
	int64_t age_ns = utime_now() - st.st_mtim.tv_sec * NS_PER_S - st.st_mtim.tv_nsec;
	return age_ns >= 0 && age_ns < JUST_NOW_MS * NS_PER_MS;
}

static int maintain_idle(const struct store *s)
{
	struct index_cache *c = index_cache_of(s);
	int64_t began_ns = utime_monotonic(), used_ns = utime_processor();
	if (!c->to_merge.n)
		return -1;
	if (has_just_grown(s, &c->to_merge.of[c->to_merge.n - 1]))
		return AGAIN_MS;
	if (began_ns < c->catch_up_after_ns)
		return (int)((c->catch_up_after_ns - began_ns) / NS_PER_MS) + 1;
	if (is_busy(c)) { /* until no request has come for longer than that */
		c->n_preempted_before = c->n_preempted;
		return AGAIN_MS;
	}
	bool is_left = maintain_step(s, &c->to_merge);
	int64_t took_ns = utime_monotonic() - began_ns, wait_ms = took_ns / NS_PER_MS * BUSY_SHARE;
	if (!is_left)
		return -1;
	if (!was_disturbed(took_ns, utime_processor() - used_ns))
		return 0;
	wait_ms = wait_ms < AGAIN_MAX_MS ? wait_ms : AGAIN_MAX_MS;
	c->catch_up_after_ns = began_ns + took_ns + wait_ms * NS_PER_MS;
	return (int)wait_ms;
}

int index_maintain(const struct store *s, enum index_urgency urgency)
{
	if (urgency == INDEX_IDLE)
		return maintain_idle(s);
	if (urgency == INDEX_ALL_AT_ONCE)
		maintain_all(s);
	else
		maintain_soon(s);
	return index_cache_of(s)->to_merge.n ? 0 : -1;
}
