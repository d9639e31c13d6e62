/* Opening sealed files: foot and table, and what a process keeps of them. */
#include "shard/sealed/sealed.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/utime.h"
#include "shard/sealed/format.h"
#include "shard/sealed/frame.h"

#include <errno.h>

/* ---- Foot and table ---- */

enum { FOOT_BYTES = SEALED_HEAD_BYTES + SEALED_FOOT_BYTES };

/* What the end of the file says. */
struct ending {
	size_t n_entries; /* the foot's is the last */
	size_t table_bytes;
	int64_t foot_at;
};

static enum err read_exactly(int fd, char *to, size_t n, int64_t at)
{
	size_t got;
	enum err e = io_pread(fd, to, n, at, &got);
	return e ? e : got == n ? ERR_OK : ERR_IO;
}

static enum err read_ending(int fd, struct ending *ret)
{
	char end[SEALED_END_BYTES];
	int64_t size;
	enum err e = io_size(fd, &size);
	if (!e && size < FOOT_BYTES + SEALED_HEAD_BYTES + SEALED_END_BYTES)
		e = ERR_IO;
	if (!e)
		e = read_exactly(fd, end, sizeof end, size - SEALED_END_BYTES);
	if (e)
		return e;
	size_t n = (size_t)get_le(end, 4);
	if (get_le(end + 4, 1) != SEALED_FLAGS || get_le(end + 5, 4) != SEALED_END_MAGIC ||
		n == 0 || n > SEALED_FRAMES_MAX)
		return ERR_IO;
	ret->n_entries = n;
	ret->table_bytes = SEALED_HEAD_BYTES + n * SEALED_ENTRY_BYTES + SEALED_END_BYTES;
	ret->foot_at = size - (int64_t)ret->table_bytes - FOOT_BYTES;
	return ret->foot_at < 0 ? ERR_IO : ERR_OK;
}

static bool foot_fits(struct str foot, struct str table, size_t n_frames)
{
	const char *body = foot.ptr + SEALED_HEAD_BYTES;
	struct str checked = str_first(foot, foot.len - 8);
	return get_le(foot.ptr, 4) == SEALED_FOOT_MAGIC &&
	       get_le(foot.ptr + 4, 4) == SEALED_FOOT_BYTES &&
	       memcmp(body, SEALED_FOOT_NAME, 8) == 0 && get_le(body + 8, 4) == SEALED_VERSION &&
	       get_le(body + 12, 4) == n_frames && get_le(body + 24, 8) == xxh64(table) &&
	       get_le(body + 32, 8) == xxh64(checked);
}

static bool head_fits(struct str table)
{
	return get_le(table.ptr, 4) == SEALED_TABLE_MAGIC &&
	       get_le(table.ptr + 4, 4) == table.len - SEALED_HEAD_BYTES;
}

/* All sums are as they must be: frames follow one another up to the foot. */
static bool read_entries(struct sealed *s, struct str foot, struct str table, int64_t foot_at)
{
	const char *entry = table.ptr + SEALED_HEAD_BYTES;
	int64_t at = 0, from = 0;
	for (size_t i = 0; i < s->n_frames; i++, entry += SEALED_ENTRY_BYTES) {
		uint64_t n = get_le(entry + 4, 4);
		if (n == 0 || n > SEALED_FRAME_MAX)
			return false;
		s->at[i] = at;
		s->from[i] = from;
		s->checksum[i] = (uint32_t)get_le(entry + 8, 4);
		at += (int64_t)get_le(entry, 4);
		from += (int64_t)n;
	}
	s->at[s->n_frames] = at;
	s->from[s->n_frames] = from;
	s->size_bytes = from;
	return get_le(entry, 4) == foot.len && get_le(entry + 4, 8) == 0 && at == foot_at &&
	       get_le(foot.ptr + SEALED_HEAD_BYTES + 16, 8) == (uint64_t)from;
}

struct sealed *sealed_make(size_t n_frames, struct arena *a)
{
	size_t n_bytes = sizeof(struct sealed) + 2 * (n_frames + 1) * sizeof(int64_t) +
			 n_frames * sizeof(uint32_t);
	struct sealed *s = arena_block(a, NULL, n_bytes);
	*s = (struct sealed){ .n_frames = n_frames, .memory_bytes = n_bytes };
	s->at = (int64_t *)(void *)(s + 1);
	s->from = s->at + n_frames + 1;
	s->checksum = (uint32_t *)(void *)(s->from + n_frames + 1);
	return s;
}

static enum err read_table(int fd, struct arena *a, struct sealed **ret)
{
	struct ending end;
	enum err e = read_ending(fd, &end);
	if (e)
		return e;
	size_t n = FOOT_BYTES + end.table_bytes;
	char *bytes = arena_block(a, NULL, n);
	struct sealed *s = sealed_make(end.n_entries - 1, a);
	e = read_exactly(fd, bytes, n, end.foot_at);
	struct str foot = str_of(bytes, FOOT_BYTES);
	struct str table = str_of(bytes + FOOT_BYTES, end.table_bytes);
	if (!e && !(foot_fits(foot, table, s->n_frames) && head_fits(table) &&
			  read_entries(s, foot, table, end.foot_at)))
		e = ERR_IO;
	s->print = e ? 0 : hash64(table, SEALED_FOOT_MAGIC);
	arena_block(a, bytes, 0);
	if (e)
		arena_block(a, s, 0);
	else
		*ret = s;
	return e;
}

/* ---- What is kept ---- */

struct sealed_cache *sealed_cache_make(struct arena *a)
{
	enum { SETTLED_S = 2, MEMORY_BYTES = 1 << 30 };
	struct sealed_cache *c = arena_alloc(a, sizeof *c);
	c->settle_s = SETTLED_S;
	arena_init(&c->memory, MEMORY_BYTES);
	frame_cache_init(&c->frames, &c->memory);
	return c;
}

static void sealed_drop_file(struct sealed_cache *c, size_t i)
{
	arena_block(&c->memory, c->files[i], 0);
	c->files[i] = c->files[--c->n_files];
}

void sealed_cache_close(struct sealed_cache *c)
{
	if (!c)
		return;
	while (c->n_files)
		sealed_drop_file(c, 0);
	frame_cache_release(&c->frames);
	arena_release(&c->memory);
}

int sealed_cache_idle(struct sealed_cache *c, int64_t now_ns)
{
	return frame_cache_idle(&c->frames, now_ns);
}

static void sealed_add_file(struct sealed_cache *c, struct sealed *s)
{
	if (c->n_files == c->cap_files) {
		c->cap_files = c->cap_files * 2 + SEALED_KEEP_FILES;
		c->files = arena_block(&c->memory, c->files, c->cap_files * sizeof(void *));
	}
	c->files[c->n_files++] = s;
}

static bool is_same_time(const struct timespec *x, const struct timespec *y)
{
	return x->tv_sec == y->tv_sec && x->tv_nsec == y->tv_nsec;
}

static bool is_file(const struct sealed *s, const struct stat *st)
{
	return s->is_settled && s->ino == st->st_ino && s->dev == st->st_dev &&
	       s->file_bytes == st->st_size && is_same_time(&s->modified, &st->st_mtim) &&
	       is_same_time(&s->changed, &st->st_ctim);
}

static void set_file(struct sealed *s, const struct stat *st, int settle_s)
{
	s->dev = st->st_dev;
	s->ino = st->st_ino;
	s->file_bytes = st->st_size;
	s->modified = st->st_mtim;
	s->changed = st->st_ctim;
	s->is_settled = utime_now() / NS_PER_S - st->st_ctim.tv_sec > settle_s;
}

static enum err sealed_open_file(struct sealed_cache *c, int fd,
	enum err (*make)(int fd, struct arena *a, struct sealed **ret), struct sealed **ret)
{
	struct stat st;
	struct sealed *s = NULL;
	if (io->fstat(fd, &st) < 0)
		return io_error(errno);
	for (size_t i = 0; i < c->n_files && !s; i++)
		if (is_file(c->files[i], &st))
			s = c->files[i];
	if (!s) {
		enum err e = make(fd, &c->memory, &s);
		if (e)
			return e;
		s->id = ++c->last_id;
		set_file(s, &st, c->settle_s);
		sealed_add_file(c, s);
	}
	s->n_users++;
	s->last_use = ++c->clock;
	*ret = s;
	return ERR_OK;
}

enum err sealed_open(struct sealed_cache *c, int fd, struct sealed **ret)
{
	return sealed_open_file(c, fd, read_table, ret);
}

enum err sealed_open_damaged(struct sealed_cache *c, int fd, struct sealed **ret)
{
	return sealed_open_file(c, fd, sealed_walk, ret);
}

/* Returns the file without a user that was used longest ago, or SIZE_MAX. */
static size_t oldest_file(const struct sealed_cache *c)
{
	size_t oldest = SIZE_MAX;
	for (size_t i = 0; i < c->n_files; i++)
		if (c->files[i]->n_users == 0 &&
			(oldest == SIZE_MAX || c->files[i]->last_use < c->files[oldest]->last_use))
			oldest = i;
	return oldest;
}

static bool has_too_many_files(const struct sealed_cache *c)
{
	size_t n = 0, n_bytes = 0;
	for (size_t i = 0; i < c->n_files; i++) {
		if (c->files[i]->n_users)
			continue;
		n++;
		n_bytes += c->files[i]->memory_bytes;
	}
	return n > SEALED_KEEP_FILES || n_bytes > SEALED_KEEP_TABLES;
}

void sealed_close(struct sealed_cache *c, struct sealed *s)
{
	s->n_users--;
	for (size_t i = 0; i < c->n_files && !s->is_settled && s->n_users == 0; i++)
		if (c->files[i] == s) {
			sealed_drop_file(c, i); /* nobody could find it */
			break;
		}
	while (has_too_many_files(c))
		sealed_drop_file(c, oldest_file(c));
}
