/* Around the new file of a day: its index before it has a name, and the end of what it replaces. */
#include "upkeep/rewrite.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/history.h"
#include "index/merge.h"
#include "index/terms/terms.h"
#include "shard/days.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* ---- The index ---- */

/* The limits of one segment before segments are merged. */
static const struct segment_limits piece = {
	.rows = 64 << 10, .bytes = (int64_t)512 << 20, .text_bytes = 32 << 20
};

static enum err build_piece(struct view *v, size_t shard, int idx_fd, int64_t *at)
{
	struct history h;
	int64_t to;
	struct index_set *set = index_begin(v);
	if (!set->is_on)
		return ERR_CONF;
	enum err e = history_init(&h, set, shard, *at);
	if (!e)
		e = segment_build(
			v, shard, *at, -1, &piece, set->seed, &h.to_build, NULL, idx_fd, &to);
	if (!e)
		*at = to;
	return e;
}

static enum err sweep_build(struct view *v, size_t shard, int idx_fd)
{
	int64_t at = 0;
	enum err e = ERR_OK;
	while (!e && at < v->shards[shard].size_bytes)
		e = build_piece(v, shard, idx_fd, &at);
	static const struct index_merging merging = { .thoroughly = true };
	return e ? e : index_merge(v, shard, &merging, idx_fd);
}

enum err rewrite_lock_index(struct view *v, int32_t day, int lock_ms, struct rewrite_lock *ret)
{
	char name[STORE_NAME_MAX];
	ret->idx_fd = ret->lock_fd = -1;
	store_file_name(STORE_FILE_INDEX, day, 0, name);
	enum err e = io_make_dir(v->dir_fd, name);
	if (!e)
		e = io_open_dir(v->dir_fd, name, &ret->idx_fd);
	if (e)
		return e;
	arena_hold(v->arena, ret->idx_fd);
	e = io_open_file(ret->idx_fd, "lock", O_RDWR | O_CREAT, &ret->lock_fd);
	if (e)
		return e;
	arena_hold(v->arena, ret->lock_fd);
	return io_lock(ret->lock_fd, lock_ms);
}

static void drop_held(struct view *v, int fd)
{
	if (fd < 0)
		return;
	arena_let_go(v->arena, fd);
	io_drop(fd);
}

void rewrite_unlock_index(struct view *v, const struct rewrite_lock *lock)
{
	drop_held(v, lock->lock_fd);
	drop_held(v, lock->idx_fd);
}

bool rewrite_index(struct view *v, size_t shard, int lock_ms)
{
	struct rewrite_lock lock;
	if (!v->store->conf->index)
		return false;
	enum err e = rewrite_lock_index(v, v->shards[shard].day, lock_ms, &lock);
	if (!e)
		e = sweep_build(v, shard, lock.idx_fd);
	if (!e) {
		enum err terms = terms_update_shard(v, shard, lock.idx_fd, lock_ms);
		(void)terms; /* without them text is searched in the lines */
	}
	rewrite_unlock_index(v, &lock);
	return !e;
}

/* ---- The old files ---- */

enum { NAMES_MAX = 4096, NAME_BYTES = 96 };

struct sweeping {
	int32_t day;
	int part; /* the newest sealed file; -1: none */
	bool is_index;
	char (*names)[NAME_BYTES];
	size_t n;
};

static void sweep_add_name(struct sweeping *s, struct str name)
{
	if (name.len >= NAME_BYTES || s->n == NAMES_MAX)
		return; /* the next call */
	memcpy(s->names[s->n], name.ptr, name.len);
	s->names[s->n++][name.len] = '\0';
}

/* <part>-<from>-<to>.seg and .terms, <part>.live */
static bool is_old_index(const struct sweeping *s, struct str name)
{
	size_t n = 0;
	int64_t part;
	while (n < name.len && ascii_is_digit(name.ptr[n]))
		n++;
	return str_to_i64(str_first(name, n), &part) && part < s->part && n < name.len &&
	       (name.ptr[n] == '-' || name.ptr[n] == '.');
}

static bool is_old_file(const struct sweeping *s, struct str name)
{
	enum store_file kind;
	int32_t day;
	int part;
	if (str_ends(name, STR(".sha256")))
		name.len -= STR(".sha256").len;
	return store_parse_name(name, &kind, &day, &part) && day == s->day && part < s->part &&
	       (kind == STORE_FILE_SHARD || kind == STORE_FILE_SEALED ||
		       kind == STORE_FILE_SUSPECT);
}

static bool note_old(void *user, const char *name)
{
	struct sweeping *s = user;
	struct str str = str_from_c(name);
	if (s->is_index ? is_old_index(s, str) : is_old_file(s, str))
		sweep_add_name(s, str);
	return true;
}

/* Removes the files. A file that is gone already is no error. */
static enum err remove_all(int dir_fd, const struct sweeping *s)
{
	enum err e = ERR_OK;
	for (size_t i = 0; i < s->n; i++)
		if (io->unlinkat(dir_fd, s->names[i], 0) < 0 && errno != ENOENT && !e)
			e = io_error(errno);
	return e;
}

static void sweep_index(int dir_fd, struct sweeping *s)
{
	char name[STORE_NAME_MAX];
	int idx_fd;
	store_file_name(STORE_FILE_INDEX, s->day, 0, name);
	if (io_open_dir(dir_fd, name, &idx_fd))
		return;
	s->is_index = true;
	s->n = 0;
	if (io_list(idx_fd, note_old, s) == ERR_OK)
		(void)remove_all(idx_fd, s); /* it is a cache: nobody looks at these any more */
	io_drop(idx_fd);
}

/* Sets *ret_ms to how long the old files are still needed, from the time when the new one got its
 * name. */
static enum err time_left(int dir_fd, const struct sweeping *s, int grace_ms, int *ret_ms)
{
	char name[STORE_NAME_MAX];
	struct stat st;
	store_file_name(STORE_FILE_SEALED, s->day, s->part, name);
	enum err e = io_stat(dir_fd, name, &st);
	if (e)
		return e;
	int64_t since_ns = utime_now() - st.st_ctim.tv_sec * NS_PER_S - st.st_ctim.tv_nsec;
	int64_t left_ms = grace_ms - since_ns / NS_PER_MS;
	/* A clock that was set back does not make anybody wait longer than that. */
	*ret_ms = left_ms <= 0 ? 0 : left_ms < grace_ms ? (int)left_ms : grace_ms;
	return ERR_OK;
}

static enum err find_old(const struct store *s, int dir_fd, struct arena *a, struct sweeping *ret)
{
	struct day_file *files;
	size_t n;
	enum err e = days_list(s, dir_fd, a, &files, &n);
	if (e)
		return e;
	for (size_t i = 0; i < n; i++)
		if (files[i].day == ret->day && files[i].kind == STORE_FILE_SEALED)
			ret->part = files[i].part;
	ret->names = arena_calloc(a, NAMES_MAX, sizeof *ret->names);
	return ret->part < 0 ? ERR_OK : io_list(dir_fd, note_old, ret);
}

enum err rewrite_sweep(const struct store *s, int dir_fd, int32_t day, int grace_ms,
	bool *ret_has_old, int *ret_wait_ms)
{
	enum { ARENA_BYTES = 64 << 20 };
	struct sweeping old = { .day = day, .part = -1 };
	struct arena a;
	int wait_ms = 0;
	arena_init(&a, ARENA_BYTES);
	enum err e = find_old(s, dir_fd, &a, &old);
	*ret_has_old = old.n > 0;
	if (!e && old.n)
		e = time_left(dir_fd, &old, grace_ms, &wait_ms);
	if (!e && old.n && wait_ms == 0) {
		e = remove_all(dir_fd, &old);
		if (!e)
			e = io_fsync(dir_fd);
		sweep_index(dir_fd, &old);
	}
	arena_release(&a);
	if (!e)
		*ret_wait_ms = wait_ms;
	return e;
}
