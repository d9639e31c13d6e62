/* Updating the term files of a day: terms.h. */
#include "index/terms/build.h"
#include "index/terms/cursor.h"
#include "index/terms/list.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/cache.h"
#include "index/format.h"
#include "index/merge.h"
#include "index/segment/build.h"
#include "shard/task.h"

#include <fcntl.h>

enum {
	MERGE_FACTOR = 8, /* files of one size become one of the next */
	MERGE_MAX = 128,  /* files at once */
	MEMORY_BYTES = 512 << 20
};

struct terms_updater {
	struct view_task task; /* first; not of terms_update_shard() */
	struct arena *arena;
	struct view *view;
	struct terms_updating how;
	int idx_fd, lock_fd;
	int32_t day;
	int64_t n_bytes; /* of lines that were read */
};

static bool updater_shard_grows(const struct terms_updater *u, size_t shard)
{
	return !u->view->shards[shard].is_sealed && shard == u->view->n_shards - 1;
}

/* Where the files that leave no gap after the start of the shard end. */
static int64_t list_covers_to(const struct terms_list *l)
{
	int64_t to = 0;
	for (size_t i = 0; i < l->n && terms_from(l->files[i]) == to; i++)
		to = terms_to(l->files[i]);
	return to;
}

/* The fewest bytes of lines that are worth a file. */
static int64_t updater_least_bytes(const struct terms_updater *u, size_t shard)
{
	enum { SHARE = 32 };
	int64_t bytes = u->view->store->terms_bytes;
	return u->how.all ? 1 : updater_shard_grows(u, shard) ? bytes : bytes / SHARE + 1;
}

/* Looks without the lock. */
static enum err updater_has_work(struct terms_updater *u, size_t shard, bool *ret)
{
	struct terms_list l;
	enum err e = shard_open(u->view, shard);
	if (e)
		return e;
	terms_open(u->view, shard, &l);
	int64_t left = u->view->shards[shard].size_bytes - list_covers_to(&l);
	*ret = left >= updater_least_bytes(u, shard) || (u->how.all && l.n);
	terms_close(&l);
	return ERR_OK;
}

static enum err updater_build(struct terms_updater *u, size_t shard)
{
	struct terms_list l;
	enum err e = terms_list_open(u->view, shard, u->idx_fd, &l);
	int64_t bytes = u->view->store->terms_bytes;
	int64_t at = list_covers_to(&l), size = u->view->shards[shard].size_bytes;
	terms_close(&l);
	while (!e && size - at >= updater_least_bytes(u, shard)) {
		int64_t from = at, left = size - at;
		if (u->how.max_bytes && u->n_bytes >= u->how.max_bytes)
			break;
		/* A short rest is not worth a file of its own. */
		e = terms_build(u->view, shard, from, left < bytes + bytes / 2 ? left : bytes,
			u->arena, u->idx_fd, &at);
		u->n_bytes += at - from;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* ---- Merging ---- */

static int64_t updater_bytes_of(const struct terms *t)
{
	return terms_to(t) - terms_from(t);
}

/* The size class of a file: classes grow by a factor. */
static unsigned updater_class_of(const struct terms_updater *u, const struct terms *t)
{
	unsigned class = 0;
	int64_t limit = u->view->store->terms_bytes * 2;
	for (; updater_bytes_of(t) > limit; limit *= MERGE_FACTOR)
		class ++;
	return class;
}

/* How many of the last of n neighbours are to become one. */
static size_t updater_count_to_merge(
	const struct terms_updater *u, size_t shard, const struct terms_list *l, size_t n)
{
	size_t some = 0;
	int64_t total = 0;
	if (n < 2)
		return 0;
	if (!updater_shard_grows(u, shard) && u->how.all)
		return n < MERGE_MAX ? n : MERGE_MAX;
	unsigned class = updater_class_of(u, l->files[n - 1]);
	if (class && u->how.max_bytes)
		return 0;
	while (some < n && some < MERGE_MAX) {
		const struct terms *t = l->files[n - 1 - some];
		bool is_large =
			u->how.all ? updater_class_of(u, t) > 0 && updater_bytes_of(t) / 2 > total
				   : updater_class_of(u, t) > class;
		if (is_large)
			break;
		total += updater_bytes_of(t);
		some++;
	}
	return some >= (u->how.all ? 2 : MERGE_FACTOR) ? some : 0;
}

static bool are_neighbours(const struct terms *t, const struct terms *next)
{
	return terms_to(t) == terms_from(next) && t->header.mark_bits == next->header.mark_bits;
}

static enum err updater_merge(struct terms_updater *u, size_t shard, bool *ret_more)
{
	struct terms_list l;
	size_t n = 0;
	*ret_more = false;
	enum err e = terms_list_open(u->view, shard, u->idx_fd, &l);
	while (!e && n < l.n && (n == 0 || are_neighbours(l.files[n - 1], l.files[n])))
		n++;
	size_t some = e ? 0 : updater_count_to_merge(u, shard, &l, n);
	if (some) {
		struct terms *const *first = l.files + (n - some);
		struct index_header range = { .from = terms_from(first[0]),
			.to = terms_to(first[some - 1]) };
		e = segment_prints(u->view, shard, &range);
		if (!e)
			e = terms_merge(first, some, range.first_print, range.last_print, u->arena,
				u->idx_fd);
		*ret_more = !e && some < n;
	}
	terms_close(&l);
	return e;
}

/* ---- Cleaning ---- */

/* The names of earlier formats, which nothing reads. */
static bool remove_earlier_format(void *user, const char *file)
{
	const struct terms_updater *u = user;
	struct str name = str_from_c(file);
	if (str_ends(name, STR(".voc")) || str_eq(name, STR("words.lock")))
		(void)io->unlinkat(u->idx_fd, file, 0); /* the next update tries again */
	return true;
}

/* Removes files that a longer one replaces, or that are not usable. */
static void updater_clean(struct terms_updater *u, size_t shard)
{
	struct terms_names l;
	struct terms_list good;
	char file[TERMS_NAME_MAX];
	enum err e = terms_list_open(u->view, shard, u->idx_fd, &good);
	if (!e)
		e = terms_names_list(u->idx_fd, &u->view->shards[shard], u->arena, &l);
	for (size_t i = 0, k = 0; !e && i < l.n; i++) {
		while (k < good.n && terms_from(good.files[k]) < l.names[i].from)
			k++;
		if (k < good.n && terms_from(good.files[k]) == l.names[i].from &&
			terms_to(good.files[k]) == l.names[i].to)
			continue;
		terms_name_put(&l.names[i], file);
		(void)io->unlinkat(u->idx_fd, file, 0); /* the next update tries again */
	}
	terms_close(&good);
	if (!e)
		e = io_list(u->idx_fd, remove_earlier_format, u);
	(void)e; /* what is left does no harm */
}

/* Removes files whose pages are damaged, which a search would find out only when it reads them. */
static enum err updater_drop_damaged(struct terms_updater *u, size_t shard)
{
	struct terms_list l;
	char file[TERMS_NAME_MAX];
	const char *reason;
	enum err e = terms_list_open(u->view, shard, u->idx_fd, &l);
	for (size_t i = 0; !e && i < l.n; i++) {
		const struct terms_header *h = &l.files[i]->header;
		const struct terms_name name = { h->day, h->part, h->from, h->to };
		if (terms_check(l.files[i], &reason) == ERR_OK)
			continue;
		terms_name_put(&name, file);
		(void)io->unlinkat(u->idx_fd, file, 0); /* as if absent anyway */
	}
	terms_close(&l);
	return e;
}

/* ---- A shard, a day ---- */

static enum err updater_do_shard(struct terms_updater *u, size_t shard)
{
	bool more = true;
	enum err e = u->how.all ? updater_drop_damaged(u, shard) : ERR_OK;
	if (!e)
		e = updater_build(u, shard);
	for (int i = 0; !e && more && i < TERMS_FILES_MAX; i++) {
		e = updater_merge(u, shard, &more);
		updater_clean(u, shard);
	}
	return e;
}

static enum err updater_lock(struct terms_updater *u)
{
	int fd;
	enum err e = io_open_file(u->idx_fd, "terms.lock", O_RDWR | O_CREAT, &fd);
	if (e)
		return e;
	arena_hold(u->arena, fd);
	u->lock_fd = fd;
	return io_lock(fd, u->how.wait_ms);
}

static enum err updater_open_index(struct terms_updater *u)
{
	char name[STORE_NAME_MAX];
	store_file_name(STORE_FILE_INDEX, u->day, 0, name);
	enum err e = io_make_dir(u->view->dir_fd, name);
	if (!e)
		e = io_open_dir(u->view->dir_fd, name, &u->idx_fd);
	return e ? e : updater_lock(u);
}

static enum err updater_do_day(struct view_task *t)
{
	struct terms_updater *u = (struct terms_updater *)t;
	u->arena = &t->arena;
	u->view = &t->view;
	bool is_open = false, has = false;
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < u->view->n_shards; i++) {
		if (u->view->shards[i].day != u->day)
			continue;
		e = updater_has_work(u, i, &has);
		if (!e && has && !is_open) {
			e = updater_open_index(u);
			is_open = true;
		}
		if (!e && has)
			e = updater_do_shard(u, i);
	}
	return e;
}

static void updater_unlock(struct terms_updater *u)
{
	if (u->lock_fd >= 0) {
		arena_let_go(u->arena, u->lock_fd);
		io_drop(u->lock_fd);
	}
	if (u->idx_fd >= 0)
		io_drop(u->idx_fd);
}

static void updater_end(struct view_task *t)
{
	struct terms_updater *u = (struct terms_updater *)t;
	if (u->idx_fd >= 0)
		index_drop_gone(&t->view, u->day, u->idx_fd);
	updater_unlock(u);
}

enum err terms_update(const struct store *s, struct str workspace, int32_t day,
	const struct terms_updating *how, int64_t *ret_bytes)
{
	struct terms_updater u = { .task = { .run = updater_do_day, .end = updater_end },
		.how = *how,
		.idx_fd = -1,
		.lock_fd = -1,
		.day = day };
	if (!s->may_write || !s->conf->index)
		return ERR_CONF;
	enum err e = view_task_do(&u.task, s, workspace, MEMORY_BYTES);
	if (!e && ret_bytes)
		*ret_bytes = u.n_bytes;
	return e;
}

enum err terms_update_shard(struct view *v, size_t shard, int idx_fd, int wait_ms)
{
	struct terms_updater u = { .arena = v->arena,
		.view = v,
		.how = { .all = true, .wait_ms = wait_ms },
		.idx_fd = idx_fd,
		.lock_fd = -1,
		.day = v->shards[shard].day };
	enum err e = updater_lock(&u);
	if (!e)
		e = updater_do_shard(&u, shard);
	u.idx_fd = -1; /* the caller's */
	updater_unlock(&u);
	return e;
}

static const struct terms_updating one_file = { .max_bytes = 1 };

bool terms_update_once(const struct store *s, struct str workspace, int32_t day)
{
	int64_t n_bytes = 0;
	return terms_update(s, workspace, day, &one_file, &n_bytes) == ERR_OK && n_bytes > 0;
}

void terms_update_in_share(const struct store *s, struct str workspace, int32_t day, int share)
{
	/* While others need the processor, the share is that many times less. */
	enum { FIRST_WAIT_S = 60, BUSY_WAIT_S = 10, DISTURBED = 16 };
	struct index_cache *c = index_cache_of(s);
	int64_t began_ns = utime_monotonic(), used_ns = utime_processor();
	/* A short import is not delayed. */
	if (c->terms_after_ns == 0)
		c->terms_after_ns = began_ns + FIRST_WAIT_S * NS_PER_S;
	if (began_ns < c->terms_after_ns)
		return;
	enum err e = terms_update(s, workspace, day, &one_file, NULL);
	int64_t now_ns = utime_monotonic();
	int64_t took_ns = now_ns - began_ns;
	bool was_disturbed = utime_processor() - used_ns < took_ns - took_ns / 4;
	c->terms_after_ns = now_ns + took_ns * (share - 1) * (was_disturbed ? DISTURBED : 1);
	/* Another process builds: while many lines come, one at a time is enough. */
	if (e == ERR_BUSY)
		c->terms_after_ns = now_ns + BUSY_WAIT_S * NS_PER_S;
}
