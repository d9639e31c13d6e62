#include "index/cache.h"

#include "base/array.h"
#include "base/io.h"
#include "base/utime.h"
#include "index/names.h"
#include "index/segment/build.h"
#include "shard/mutants.h"

#include <errno.h>
#include <stdlib.h>

enum {
	DAYS_MAX = 1024,
	SEGMENTS_MAX = 4096,
	FILES_MAX = 4096, /* of a day: what is behind is not looked at */
	/* The coarsest clocks of file systems tick every two seconds. */
	SETTLED_S = 3,
	SETTLED_FINE_MS = 100,
	TOUCHED_MAX_BYTES = 20 << 20
};

static void cache_close(struct index_cache *c);

struct index_cache *index_cache_of(const struct store *s)
{
	struct index_slot *slot = s->index;
	if (!slot->cache) {
		struct index_cache *c = arena_alloc(slot->memory, sizeof *c);
		c->arena = slot->memory;
		c->kept.idx_fd = c->kept.log_fd = -1;
		*slot = (struct index_slot){ slot->memory, c, cache_close };
	}
	return slot->cache;
}

void index_kept_drop(struct index_kept *k)
{
	if (k->log_fd >= 0)
		io_drop(k->log_fd);
	if (k->idx_fd >= 0)
		io_drop(k->idx_fd);
	k->log_fd = k->idx_fd = -1;
}

/* ---- Letting go ---- */

static void retire_segment(struct index_cache *c, struct segment *s)
{
	c->n_segments--;
	if (s->n_users == 0) {
		segment_close(s);
		return;
	}
	ARRAY_PUSH(c->arena, c->retired, c->n_retired, c->cap_retired, s);
}

static void cache_retire_log(struct index_cache *c, struct rowlog *l)
{
	if (l->n_users == 0) {
		rowlog_close(l);
		return;
	}
	ARRAY_PUSH(c->arena, c->retired_logs, c->n_retired_logs, c->cap_retired_logs, l);
}

void index_cache_put_segment(struct index_cache *c, struct segment *s)
{
	if (--s->n_users)
		return;
	for (size_t i = 0; i < c->n_retired; i++)
		if (c->retired[i] == s) {
			c->retired[i] = c->retired[--c->n_retired];
			segment_close(s);
			return;
		}
}

void index_cache_put_log(struct index_cache *c, struct rowlog *l)
{
	if (--l->n_users)
		return;
	for (size_t i = 0; i < c->n_retired_logs; i++)
		if (c->retired_logs[i] == l) {
			c->retired_logs[i] = c->retired_logs[--c->n_retired_logs];
			rowlog_close(l);
			return;
		}
}

static void cache_forget_logs(struct index_cache *c, struct index_day *d)
{
	for (size_t i = 0; i < d->n_logs; i++)
		if (d->logs[i].log)
			cache_retire_log(c, d->logs[i].log);
	d->n_logs = 0;
}

static void forget_files(struct index_cache *c, struct index_day *d)
{
	for (size_t i = 0; i < d->n_files; i++)
		if (d->files[i].segment)
			retire_segment(c, d->files[i].segment);
	cache_forget_logs(c, d);
	d->n_files = 0;
	d->is_listed = false;
}

static void drop_day(struct index_cache *c, size_t i)
{
	struct index_day *d = c->days[i];
	forget_files(c, d);
	if (d->files)
		arena_block(c->arena, d->files, 0);
	if (d->logs)
		arena_block(c->arena, d->logs, 0);
	arena_block(c->arena, d, 0);
	c->days[i] = c->days[--c->n_days];
}

static void drop_oldest_day(struct index_cache *c)
{
	size_t oldest = 0;
	for (size_t i = 1; i < c->n_days; i++)
		if (c->days[i]->last_use < c->days[oldest]->last_use)
			oldest = i;
	drop_day(c, oldest);
}

static void cache_close(struct index_cache *c)
{
	index_kept_drop(&c->kept);
	while (c->n_days)
		drop_day(c, c->n_days - 1);
	while (c->n_retired)
		segment_close(c->retired[--c->n_retired]);
	while (c->n_retired_logs)
		rowlog_close(c->retired_logs[--c->n_retired_logs]);
}

void index_cache_trim(struct index_cache *c)
{
	size_t touched = 0;
	for (size_t d = 0; d < c->n_days; d++)
		for (size_t i = 0; i < c->days[d]->n_files; i++)
			if (c->days[d]->files[i].segment)
				touched += c->days[d]->files[i].segment->touched_bytes;
	if (touched > TOUCHED_MAX_BYTES)
		index_cache_rest(c);
}

void index_cache_rest(struct index_cache *c)
{
	for (size_t d = 0; d < c->n_days; d++) {
		const struct index_day *day = c->days[d];
		for (size_t i = 0; i < day->n_files; i++)
			if (day->files[i].segment)
				segment_forget(day->files[i].segment);
		for (size_t i = 0; i < day->n_logs; i++)
			if (day->logs[i].log)
				rowlog_forget(day->logs[i].log);
	}
}

/* ---- Days ---- */

/* Callers that ask for all days do so in the order in which the days stand here, or in the opposite
 * one: the neighbours of the last one are looked at first. */
static struct index_day *find_day(struct index_cache *c, const struct stat *st)
{
	for (size_t i = 0; i < c->n_days; i++) {
		size_t step = i % 2 ? i / 2 + 1 : c->n_days - i / 2;
		size_t at = (c->last_day + step) % c->n_days;
		if (c->days[at]->ino == st->st_ino && c->days[at]->dev == st->st_dev) {
			c->last_day = at;
			return c->days[at];
		}
	}
	return NULL;
}

static struct index_day *add_day(struct index_cache *c, const struct stat *st)
{
	while (c->n_days >= DAYS_MAX || (c->n_days && c->n_segments > SEGMENTS_MAX))
		drop_oldest_day(c);
	struct index_day *d = arena_block(c->arena, NULL, sizeof *d);
	*d = (struct index_day){ .dev = st->st_dev, .ino = st->st_ino };
	ARRAY_PUSH(c->arena, c->days, c->n_days, c->cap_days, d);
	return d;
}

bool index_file_parse(struct str name, struct index_file *ret)
{
	*ret = (struct index_file){ .part = 0 };
	return index_name_parse(name, STR(".seg"), &ret->part, &ret->from, &ret->to);
}

struct listing {
	struct index_cache *cache;
	struct index_file *files;
	size_t n, cap;
	uint64_t log_parts;
};

/* Returns the part's bit in index_day.log_parts. */
static uint64_t bit_of_part(int64_t part)
{
	return UINT64_C(1) << (part < 63 ? part : 63);
}

static uint64_t cache_log_part(struct str name)
{
	int64_t part;
	if (!str_ends(name, STR(".live")) || !str_to_i64(str_first(name, name.len - 5), &part) ||
		part < 0)
		return 0;
	return bit_of_part(part);
}

static bool cache_add_file(void *user, const char *name, ino_t ino)
{
	struct listing *l = user;
	struct index_file f;
	l->log_parts |= cache_log_part(str_from_c(name));
	if (!index_file_parse(str_from_c(name), &f))
		return true;
	f.ino = ino;
	ARRAY_PUSH(l->cache->arena, l->files, l->n, l->cap, f);
	return l->n < FILES_MAX;
}

static int cache_compare_files(const void *x, const void *y)
{
	const struct index_file *a = x, *b = y;
	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to > b->to ? -1 : a->to < b->to;
}

static bool cache_is_same_file(const struct stat *x, const struct stat *y)
{
	return x->st_ino == y->st_ino && x->st_dev == y->st_dev && x->st_size == y->st_size &&
	       x->st_mtim.tv_sec == y->st_mtim.tv_sec && x->st_mtim.tv_nsec == y->st_mtim.tv_nsec;
}

/* Takes over what is known of a file that was listed before, if it is still the same. */
static void take_over(struct index_file *f, struct index_file *old, int idx_fd)
{
	struct stat st;
	char name[SEGMENT_NAME_MAX];
	segment_name(f->part, f->from, f->to, name);
	if (!old->segment && !old->is_bad)
		return;
	/* As long as it is mapped no other file can have its inode, and it never changes. */
	bool is_mapped =
		old->segment && !old->segment->is_damaged && f->ino == old->segment->file.st_ino;
	if (!is_mapped &&
		(io_stat(idx_fd, name, &st) ||
			!cache_is_same_file(&st, old->segment ? &old->segment->file : &old->file)))
		return;
	*f = *old;
	old->segment = NULL;
}

static bool list(struct index_cache *c, struct index_day *d, int idx_fd)
{
	struct listing l = { .cache = c };
	if (io_list_inodes(idx_fd, cache_add_file, &l))
		return false;
	if (l.n > 1)
		qsort(l.files, l.n, sizeof *l.files, cache_compare_files);
	for (size_t i = 0, k = 0; i < l.n; i++) {
		while (k < d->n_files && cache_compare_files(&d->files[k], &l.files[i]) < 0)
			k++;
		if (k < d->n_files && cache_compare_files(&d->files[k], &l.files[i]) == 0)
			take_over(&l.files[i], &d->files[k], idx_fd);
	}
	for (size_t k = 0; k < d->n_files; k++)
		if (d->files[k].segment)
			retire_segment(c, d->files[k].segment);
	if (d->files)
		arena_block(c->arena, d->files, 0);
	d->files = l.files;
	d->n_files = l.n;
	d->cap_files = l.cap;
	d->log_parts = l.log_parts;
	if (!l.log_parts)
		cache_forget_logs(c, d);
	return true;
}

/* Opens the directory when it is not open yet. */
static bool cache_open_dir(const struct view *v, int32_t day, int *idx_fd)
{
	char name[STORE_NAME_MAX];
	store_file_name(STORE_FILE_INDEX, day, 0, name);
	return *idx_fd >= 0 || io_open_dir(v->dir_fd, name, idx_fd) == ERR_OK;
}

/* No later change can have the same time. File systems that keep more digits than milliseconds set
 * them at each tick of the kernel, every 10 ms at least. */
static bool cache_is_settled(const struct stat *st)
{
	bool is_fine = st->st_mtim.tv_nsec % NS_PER_MS != 0;
	int64_t age_ns = utime_now() - (st->st_mtim.tv_sec * NS_PER_S + st->st_mtim.tv_nsec);
	return age_ns > (is_fine ? SETTLED_FINE_MS * NS_PER_MS : SETTLED_S * NS_PER_S);
}

struct index_day *index_cache_day(struct view *v, int32_t day, bool must_list, int *idx_fd)
{
	struct index_cache *c = index_cache_of(v->store);
	char name[STORE_NAME_MAX];
	struct stat st;
	store_file_name(STORE_FILE_INDEX, day, 0, name);
	if (io_stat(v->dir_fd, name, &st) || !S_ISDIR(st.st_mode))
		return NULL;
	struct index_day *d = find_day(c, &st);
	if (!d)
		d = add_day(c, &st);
	d->last_use = ++c->clock;
	if (d->is_listed && d->is_settled && !must_list && d->changed.tv_sec == st.st_mtim.tv_sec &&
		d->changed.tv_nsec == st.st_mtim.tv_nsec)
		return d;
	d->changed = st.st_mtim;
	d->is_settled = cache_is_settled(&st);
	d->is_listed = cache_open_dir(v, day, idx_fd) && list(c, d, *idx_fd);
	return d->is_listed ? d : NULL;
}

/* ---- Files ---- */

static bool has_grown(const struct stat *was, const struct stat *is)
{
	return was->st_ino == is->st_ino && was->st_dev == is->st_dev && was->st_size > 0 &&
	       was->st_size <= is->st_size;
}

/* Are the first and the last bytes of the range those it was made from? */
static bool is_bound(
	struct view *v, size_t shard, const struct stat *file, struct segment *s, bool is_last)
{
	const struct index_header *h = &s->header;
	bool is_sealed = v->shards[shard].is_sealed;
	if (!is_sealed && h->to > file->st_size)
		return false;
	if (cache_is_same_file(&s->shard, file) || MUTANT(NOINDEXPRINT))
		return true;
	/* A caller that opens all of them looks at the last one. */
	if (!is_last && !is_sealed && has_grown(&s->shard, file))
		return true;
	if (!segment_is_bound(v, shard, h))
		return false;
	s->shard = *file;
	s->shard_bytes = is_sealed ? v->shards[shard].size_bytes : -1;
	return true;
}

/* A damaged file is deleted, to be made again, if it is still the one that was looked at. */
static void remove_damaged(
	const struct view *v, int32_t day, struct index_cache *c, struct index_file *f, int *idx_fd)
{
	struct stat st;
	char name[SEGMENT_NAME_MAX];
	segment_name(f->part, f->from, f->to, name);
	if (v->store->may_write && cache_open_dir(v, day, idx_fd) && !io_stat(*idx_fd, name, &st) &&
		cache_is_same_file(&st, &f->segment->file))
		(void)io->unlinkat(*idx_fd, name, 0); /* it is as if absent anyway */
	f->file = f->segment->file;
	f->is_bad = true;
	retire_segment(c, f->segment);
	f->segment = NULL;
}

struct segment *index_cache_segment(struct view *v, size_t shard, const struct stat *shard_file,
	struct index_file *f, int *idx_fd)
{
	struct index_cache *c = index_cache_of(v->store);
	int32_t day = v->shards[shard].day;
	char name[SEGMENT_NAME_MAX];
	if (f->segment && f->segment->is_damaged)
		remove_damaged(v, day, c, f, idx_fd);
	if (f->is_bad || (f->segment && f->segment->header.seed != v->index->seed))
		return NULL;
	if (!f->segment) {
		struct segment_want want = { .day = day,
			.part = f->part,
			.from = f->from,
			.to = f->to,
			.seed = v->index->seed };
		if (!cache_open_dir(v, day, idx_fd))
			return NULL;
		const char *problem;
		segment_name(f->part, f->from, f->to, name);
		f->segment = segment_open(*idx_fd, name, &want, &problem);
		if (!f->segment) {
			/* What could not be read may be the next time. */
			f->is_bad = problem && io_stat(*idx_fd, name, &f->file) == ERR_OK;
			return NULL;
		}
		c->n_segments++;
	}
	if (!is_bound(v, shard, shard_file, f->segment, false))
		return NULL;
	f->segment->n_users++;
	return f->segment;
}

bool index_cache_is_bound(
	struct view *v, size_t shard, const struct stat *shard_file, struct segment *s)
{
	return is_bound(v, shard, shard_file, s, true);
}

static struct index_log *cache_log_of_part(struct index_cache *c, struct index_day *d, int part)
{
	for (size_t i = 0; i < d->n_logs; i++)
		if (d->logs[i].part == part)
			return &d->logs[i];
	ARRAY_PUSH(c->arena, d->logs, d->n_logs, d->cap_logs, (struct index_log){ .part = part });
	return &d->logs[d->n_logs - 1];
}

/* Where the segments of a part end, by the names of their files. */
static int64_t listed_to(const struct index_day *d, int part)
{
	int64_t to = 0;
	for (size_t i = 0; i < d->n_files; i++)
		if (d->files[i].part == part && d->files[i].from == to && !d->files[i].is_bad)
			to = d->files[i].to;
	return to;
}

struct rowlog *index_cache_log(struct view *v, size_t shard, struct index_day *d, int *idx_fd)
{
	struct index_cache *c = index_cache_of(v->store);
	if (d->is_settled && !(d->log_parts & bit_of_part(v->shards[shard].part)))
		return NULL;
	struct index_log *entry = cache_log_of_part(c, d, v->shards[shard].part);
	if (!cache_open_dir(v, v->shards[shard].day, idx_fd))
		return NULL;
	int64_t to = listed_to(d, v->shards[shard].part);
	if (entry->log) {
		rowlog_update(entry->log, v, shard, *idx_fd, to);
		/* A segment that it was opened behind may have turned out to be damaged. */
		if (entry->log->is_retired || entry->log->from > to ||
			rowlog_is_worn(entry->log, to)) {
			cache_retire_log(c, entry->log);
			entry->log = NULL;
		}
	}
	if (!entry->log)
		entry->log = rowlog_open(v, shard, *idx_fd, v->index->seed, to);
	if (!entry->log || entry->log->header.seed != v->index->seed)
		return NULL;
	entry->log->n_users++;
	return entry->log;
}
