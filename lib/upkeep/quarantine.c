#include "upkeep/quarantine.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/check.h"
#include "shard/days.h"
#include "store/aside.h"
#include "upkeep/rewrite.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

enum { ARENA_BYTES = 512 << 20 };

/* One of the day's files that its newest sealed one replaces, with its sum. */
static enum err move_replaced(int dir_fd, const struct day_file *f, struct quarantine_result *ret)
{
	char name[STORE_NAME_MAX], sum[STORE_NAME_MAX + sizeof ".sha256"];
	store_file_name(f->kind, f->day, f->part, name);
	enum err e = aside_move(dir_fd, name);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	ret->n_files++;
	(void)snprintf(sum, sizeof sum, "%s.sha256", name);
	e = f->kind == STORE_FILE_SEALED ? aside_move(dir_fd, sum) : ERR_OK;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err move_all(const struct store *s, int dir_fd, int32_t day, int part, struct arena *a,
	struct quarantine_result *ret)
{
	struct day_file *files;
	size_t n;
	enum err e = days_list(s, dir_fd, a, &files, &n);
	for (size_t i = 0; !e && i < n; i++)
		if (files[i].day == day && files[i].part < part &&
			(files[i].kind == STORE_FILE_SEALED || files[i].kind == STORE_FILE_SHARD))
			e = move_replaced(dir_fd, &files[i], ret);
	return e;
}

/* Under the day's lock, which cron has while it removes what was replaced. */
static enum err move_locked(const struct store *s, struct str workspace, int32_t day, int part,
	int lock_ms, struct quarantine_result *ret)
{
	char name[STORE_NAME_MAX];
	struct arena a;
	int dir_fd, lock_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e;
	store_file_name(STORE_FILE_LOCK, day, 0, name);
	e = io_open_file(dir_fd, name, O_RDWR | O_CREAT, &lock_fd);
	if (!e) {
		arena_init(&a, ARENA_BYTES);
		e = io_lock(lock_fd, lock_ms);
		if (!e)
			e = move_all(s, dir_fd, day, part, &a, ret);
		io_drop(lock_fd); /* unlocks */
		arena_release(&a);
	}
	io_drop(dir_fd);
	return e;
}

/* ---- Is it damaged? ---- */

static void quarantine_see_line(void *user, int64_t at, struct str text, enum line_state state)
{
	uint64_t *n = user;
	(void)at;
	(void)text;
	*n += state != LINE_OK && state != LINE_TORN;
}

static void quarantine_see_damage(void *user, const struct shard_damage *d)
{
	uint64_t *n = user;
	(void)d;
	++*n;
}

static enum err count_damage(
	const struct store *s, struct str workspace, int32_t day, struct arena *a, uint64_t *ret_n)
{
	const struct shard_checker c = { quarantine_see_line, quarantine_see_damage, ret_n };
	struct view v;
	enum err e = view_open(s, workspace, a, &v);
	if (e)
		return e;
	bool is_there = false;
	for (size_t i = 0; !e && i < v.n_shards; i++)
		if (v.shards[i].day == day) {
			is_there = true;
			e = shard_check(&v, i, &c);
		}
	view_close(&v);
	return !e && !is_there ? ERR_NOT_FOUND : e;
}

enum err quarantine_day(const struct store *s, struct str workspace, int32_t day,
	const struct seal_options *o, struct quarantine_result *ret)
{
	const struct rewrite r = { .store = s,
		.workspace = workspace,
		.day = day,
		.lock_ms = o->lock_ms,
		.grace_ms = INT_MAX, /* what is replaced is moved, not removed */
		.level = o->level,
		.progress = o->progress,
		.must_rewrite = true,
		.drops_damaged = true };
	struct rewrite_result done;
	struct arena a;
	uint64_t n_damaged = 0;
	if (utime_day(o->now_ns - o->settle_ms * NS_PER_MS) <= day)
		return ERR_INVALID;
	arena_init(&a, ARENA_BYTES);
	enum err e = count_damage(s, workspace, day, &a, &n_damaged);
	arena_release(&a);
	if (!e && n_damaged == 0)
		e = ERR_CONFLICT;
	if (!e)
		e = rewrite_day(&r, &done);
	if (e)
		return e;
	*ret = (struct quarantine_result){ .n_kept = done.n_kept,
		.n_bad = done.n_lines - done.n_sound };
	return move_locked(s, workspace, day, done.part, o->lock_ms, ret);
}
