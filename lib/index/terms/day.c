/* The word files of a shard, and keeping those of a day: words.h. */
#include "index/terms/file.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/cache.h"
#include "index/format.h"
#include "index/merge.h"
#include "index/segment/build.h"

#include <fcntl.h>
#include <stdlib.h>

enum {
	FACTOR = 8,               /* of a size, that become one of the next */
	MERGE_MAX = 128,          /* files at once */
	MEMORY_BYTES = 512 << 20, /* of making */
	NAMES_MAX = 1024
};

/* ---- Listing ---- */

struct listing {
	struct arena *arena;
	struct words_want *names; /* ascending; of two that begin together the longer first */
	size_t n;
	int part;
};

static bool add_name(void *user, const char *name)
{
	struct listing *l = user;
	struct words_want w = { .day = 0 };
	if (words_parse_name(str_from_c(name), &w) && w.part == l->part && l->n < NAMES_MAX)
		l->names[l->n++] = w;
	return true;
}

static int by_place(const void *x, const void *y)
{
	const struct words_want *a = x, *b = y;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->to < b->to) - (a->to > b->to);
}

static enum err list_names(int idx_fd, const struct shard *s, struct arena *a, struct listing *ret)
{
	*ret = (struct listing){ .arena = a, .part = s->part };
	ret->names = arena_calloc(a, NAMES_MAX, sizeof *ret->names);
	enum err e = io_list(idx_fd, add_name, ret);
	for (size_t i = 0; i < ret->n; i++)
		ret->names[i].day = s->day;
	if (ret->n > 1)
		qsort(ret->names, ret->n, sizeof *ret->names, by_place);
	return e;
}

/* Are the first and the last bytes of the range those it was made from? */
static bool is_bound(struct view *v, size_t shard, const struct words *w)
{
	const struct words_header *h = &w->header;
	struct index_header range = { .from = h->from, .to = h->to };
	return h->to <= v->shards[shard].size_bytes && segment_prints(v, shard, &range) == ERR_OK &&
	       range.first_print == h->first_print && range.last_print == h->last_print;
}

static enum err open_files(struct view *v, size_t shard, int idx_fd, struct words_list *ret)
{
	struct listing l;
	char name[WORDS_NAME_MAX];
	int64_t to = 0;
	struct arena_mark mark = arena_mark(v->arena);
	enum err e = list_names(idx_fd, &v->shards[shard], v->arena, &l);
	ret->n = 0;
	for (size_t i = 0; !e && i < l.n && ret->n < WORDS_FILES_MAX; i++) {
		if (l.names[i].from < to)
			continue;
		words_name(&l.names[i], name);
		struct words *w = words_open_file(v->arena, idx_fd, name, &l.names[i]);
		if (!w)
			continue;
		ret->files[ret->n++] = w;
		to = l.names[i].to;
		if (is_bound(v, shard, w))
			continue;
		words_close_file(w);
		ret->n--;
		to = ret->n ? ret->files[ret->n - 1]->header.to : 0;
	}
	arena_rewind(v->arena, mark);
	return e;
}

/* What cannot be looked at is not there. */
void words_open(struct view *v, size_t shard, struct words_list *ret)
{
	char name[STORE_NAME_MAX];
	int idx_fd;
	ret->n = 0;
	store_file_name(STORE_FILE_INDEX, v->shards[shard].day, 0, name);
	if (io_open_dir(v->dir_fd, name, &idx_fd))
		return;
	if (open_files(v, shard, idx_fd, ret))
		words_close(ret);
	io_drop(idx_fd);
}

void words_close(struct words_list *l)
{
	while (l->n)
		words_close_file(l->files[--l->n]);
}

/* ---- Making ---- */

struct maker {
	struct arena *arena;
	struct view *view;
	struct words_making how;
	int idx_fd, lock_fd;
	int32_t day;
	int64_t n_bytes; /* of text that was read */
};

static bool is_growing(const struct maker *m, size_t shard)
{
	return !m->view->shards[shard].is_sealed && shard == m->view->n_shards - 1;
}

/* From the beginning on, without a gap. */
static int64_t covered_to(const struct words_list *l)
{
	int64_t to = 0;
	for (size_t i = 0; i < l->n && l->files[i]->header.from == to; i++)
		to = l->files[i]->header.to;
	return to;
}

/* Bytes that are worth it. */
static int64_t least_bytes(const struct maker *m, size_t shard)
{
	enum { SHARE = 32 };
	int64_t piece = m->view->store->words_bytes;
	return m->how.all ? 1 : is_growing(m, shard) ? piece : piece / SHARE + 1;
}

/* Looked for without the lock. */
static enum err has_work(struct maker *m, size_t shard, bool *ret)
{
	struct words_list l;
	enum err e = shard_open(m->view, shard);
	if (e)
		return e;
	words_open(m->view, shard, &l);
	int64_t left = m->view->shards[shard].size_bytes - covered_to(&l);
	*ret = left >= least_bytes(m, shard) || (m->how.all && l.n);
	words_close(&l);
	return ERR_OK;
}

static enum err build_pieces(struct maker *m, size_t shard)
{
	struct words_list l;
	enum err e = open_files(m->view, shard, m->idx_fd, &l);
	int64_t piece = m->view->store->words_bytes;
	int64_t at = covered_to(&l), size = m->view->shards[shard].size_bytes;
	words_close(&l);
	while (!e && size - at >= least_bytes(m, shard)) {
		if (m->how.max_bytes && m->n_bytes >= m->how.max_bytes)
			break;
		/* What is little says less of its words: it goes with what stands before it. */
		int64_t left = size - at, bytes = left < piece + piece / 2 ? left : piece;
		bool is_whole = bytes == size && !is_growing(m, shard);
		const struct words_piece p = { at, bytes,
			is_whole ? WORDS_SHARE : WORDS_SHARE_OF_PART };
		e = words_build(m->view, shard, &p, m->arena, m->idx_fd, &at);
		m->n_bytes += at - p.from;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static int64_t bytes_of(const struct words *w)
{
	return w->header.to - w->header.from;
}

/* The sizes of files grow by a factor. */
static unsigned size_of(const struct maker *m, const struct words *w)
{
	unsigned size = 0;
	for (int64_t limit = m->view->store->words_bytes * 2; bytes_of(w) > limit; limit *= FACTOR)
		size++;
	return size;
}

/* The last files of neighbours [0, n) that are to become one: how many. */
static size_t count_to_merge(
	const struct maker *m, size_t shard, const struct words_list *l, size_t n)
{
	size_t some = 0;
	int64_t total = 0;
	if (n < 2)
		return 0;
	if (!is_growing(m, shard) && m->how.all)
		return n < MERGE_MAX ? n : MERGE_MAX;
	unsigned size = size_of(m, l->files[n - 1]);
	if (size && m->how.max_bytes)
		return 0;
	while (some < n && some < MERGE_MAX) {
		const struct words *w = l->files[n - 1 - some];
		bool is_large = m->how.all ? size_of(m, w) > 0 && bytes_of(w) / 2 > total
					   : size_of(m, w) > size;
		if (is_large)
			break;
		total += bytes_of(w);
		some++;
	}
	return some >= (m->how.all ? 2 : FACTOR) ? some : 0;
}

static bool are_neighbours(const struct words *w, const struct words *next)
{
	return w->header.to == next->header.from && w->header.block_bits == next->header.block_bits;
}

static uint64_t text_bytes_of(struct words *const *files, size_t n)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < n; i++)
		bytes += files[i]->header.text_bytes;
	return bytes;
}

static enum err merge_files(struct maker *m, size_t shard, bool *ret_more)
{
	struct words_list l;
	size_t n = 0;
	*ret_more = false;
	enum err e = open_files(m->view, shard, m->idx_fd, &l);
	while (!e && n < l.n && (n == 0 || are_neighbours(l.files[n - 1], l.files[n])))
		n++;
	size_t some = e ? 0 : count_to_merge(m, shard, &l, n);
	if (some) {
		struct words *const *first = l.files + (n - some);
		struct index_header range = { .from = first[0]->header.from,
			.to = first[some - 1]->header.to };
		e = segment_prints(m->view, shard, &range);
		const struct words_merged to = { range.first_print, range.last_print,
			words_most_bytes(m->view->store, text_bytes_of(first, some), WORDS_SHARE) };
		if (!e)
			e = words_merge(first, some, &to, m->arena, m->idx_fd);
		*ret_more = !e && some < n;
	}
	words_close(&l);
	return e;
}

/* Files that a longer one holds, or that do not fit. */
static void clean(struct maker *m, size_t shard)
{
	struct listing l;
	struct words_list good;
	char name[WORDS_NAME_MAX];
	enum err e = open_files(m->view, shard, m->idx_fd, &good);
	if (!e)
		e = list_names(m->idx_fd, &m->view->shards[shard], m->arena, &l);
	for (size_t i = 0, k = 0; !e && i < l.n; i++) {
		while (k < good.n && good.files[k]->header.from < l.names[i].from)
			k++;
		if (k < good.n && good.files[k]->header.from == l.names[i].from &&
			good.files[k]->header.to == l.names[i].to)
			continue;
		words_name(&l.names[i], name);
		(void)io->unlinkat(m->idx_fd, name, 0); /* the next one tries again */
	}
	words_close(&good);
}

/* What readers would find out when they come to it. */
static enum err drop_damaged(struct maker *m, size_t shard)
{
	struct words_list l;
	char name[WORDS_NAME_MAX];
	const char *reason;
	enum err e = open_files(m->view, shard, m->idx_fd, &l);
	for (size_t i = 0; !e && i < l.n; i++) {
		const struct words_header *h = &l.files[i]->header;
		struct words_want want = { h->day, h->part, h->from, h->to };
		if (words_check(l.files[i], &reason) == ERR_OK)
			continue;
		words_name(&want, name);
		(void)io->unlinkat(m->idx_fd, name, 0); /* as if absent anyway */
	}
	words_close(&l);
	return e;
}

static enum err make_shard(struct maker *m, size_t shard)
{
	bool more = true;
	enum err e = m->how.all ? drop_damaged(m, shard) : ERR_OK;
	if (!e)
		e = build_pieces(m, shard);
	for (int i = 0; !e && more && i < WORDS_FILES_MAX; i++) {
		e = merge_files(m, shard, &more);
		clean(m, shard);
	}
	return e;
}

static enum err lock(struct maker *m)
{
	int fd;
	enum err e = io_open_file(m->idx_fd, "words.lock", O_RDWR | O_CREAT, &fd);
	if (e)
		return e;
	arena_hold(m->arena, fd);
	m->lock_fd = fd;
	return io_lock(fd, m->how.wait_ms);
}

static enum err open_idx(struct maker *m)
{
	char name[STORE_NAME_MAX];
	store_file_name(STORE_FILE_INDEX, m->day, 0, name);
	enum err e = io_make_dir(m->view->dir_fd, name);
	if (!e)
		e = io_open_dir(m->view->dir_fd, name, &m->idx_fd);
	return e ? e : lock(m);
}

static enum err make_day(struct maker *m)
{
	bool is_open = false, has = false;
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < m->view->n_shards; i++) {
		if (m->view->shards[i].day != m->day)
			continue;
		e = has_work(m, i, &has);
		if (!e && has && !is_open) {
			e = open_idx(m);
			is_open = true;
		}
		if (!e && has)
			e = make_shard(m, i);
	}
	return e;
}

/* A function of its own, so that no local variable lives across the jump. */
static enum err make_guarded(
	struct maker *m, const struct store *s, struct str workspace, struct view *view)
{
	if (setjmp(m->arena->escape))
		return ERR_NO_MEMORY;
	m->arena->has_escape = true;
	enum err e = view_open(s, workspace, m->arena, view);
	if (e)
		return e;
	m->view = view;
	return make_day(m);
}

static void let_go(struct maker *m)
{
	if (m->lock_fd >= 0) {
		arena_let_go(m->arena, m->lock_fd);
		io_drop(m->lock_fd); /* unlocks */
	}
	if (m->idx_fd >= 0)
		io_drop(m->idx_fd);
}

enum err words_make(const struct store *s, struct str workspace, int32_t day,
	const struct words_making *how, int64_t *ret_bytes)
{
	struct arena arena;
	struct view view;
	struct maker m = { .arena = &arena, .how = *how, .idx_fd = -1, .lock_fd = -1, .day = day };
	if (!s->may_write || !s->conf->index)
		return ERR_CONF;
	arena_init(&arena, MEMORY_BYTES);
	enum err e = make_guarded(&m, s, workspace, &view);
	if (m.view && m.idx_fd >= 0)
		index_drop_gone(m.view, day, m.idx_fd);
	if (m.view)
		view_close(m.view);
	let_go(&m);
	arena_release(&arena);
	if (!e && ret_bytes)
		*ret_bytes = m.n_bytes;
	return e;
}

enum err words_make_shard(struct view *v, size_t shard, int idx_fd, int wait_ms)
{
	struct maker m = { .arena = v->arena,
		.view = v,
		.how = { .all = true, .wait_ms = wait_ms },
		.idx_fd = idx_fd,
		.lock_fd = -1,
		.day = v->shards[shard].day };
	enum err e = lock(&m);
	if (!e)
		e = make_shard(&m, shard);
	m.idx_fd = -1; /* the caller's */
	let_go(&m);
	return e;
}

static const struct words_making one_piece = { .max_bytes = 1 };

bool words_catch_up(const struct store *s, struct str workspace, int32_t day)
{
	int64_t n_bytes = 0;
	return words_make(s, workspace, day, &one_piece, &n_bytes) == ERR_OK && n_bytes > 0;
}

void words_tidy(const struct store *s, struct str workspace, int32_t day, int share)
{
	/* While others need the processor, words take so much less of it than their share. */
	enum { FIRST_WAIT_S = 60, BUSY_WAIT_S = 10, DISTURBED = 16 };
	struct index_cache *c = index_cache_of(s);
	int64_t began_ns = utime_monotonic(), used_ns = utime_processor();
	/* What comes all at once is not delayed. */
	if (c->words_after_ns == 0)
		c->words_after_ns = began_ns + FIRST_WAIT_S * NS_PER_S;
	if (began_ns < c->words_after_ns)
		return;
	enum err e = words_make(s, workspace, day, &one_piece, NULL);
	int64_t now_ns = utime_monotonic();
	int64_t took_ns = now_ns - began_ns;
	bool was_disturbed = utime_processor() - used_ns < took_ns - took_ns / 4;
	c->words_after_ns = now_ns + took_ns * (share - 1) * (was_disturbed ? DISTURBED : 1);
	/* Another process is at it: while much comes, one at a time is enough. */
	if (e == ERR_BUSY)
		c->words_after_ns = now_ns + BUSY_WAIT_S * NS_PER_S;
}
