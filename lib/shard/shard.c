#include "shard/shard.h"

#include "base/io.h"
#include "shard/days.h"
#include "shard/mutants.h"
#include "shard/sealed/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

enum {
	TAIL_BYTES = 512,     /* the last byte is nearly always a newline */
	BACK_BYTES = 4 << 10, /* steps back to a newline after that; more would be zeroed in vain */
	SCAN_BYTES = 256 << 10 /* measured: larger reads scan no faster */
};

/* ---- Which files ---- */

/* The number of the sealed file that stands for the day of files[first]; -1: none. */
static int sealed_part(const struct day_file *files, size_t n, size_t first)
{
	int part = -1;
	for (size_t i = first; i < n && files[i].day == files[first].day; i++)
		if (files[i].kind == STORE_FILE_SEALED)
			part = files[i].part;
	return part;
}

static void list_shards(struct view *v, const struct day_file *files, size_t n)
{
	bool has_sealed = v->files == STORE_FILE_SHARD;
	int sealed = -1;
	for (size_t i = 0; i < n; i++) {
		const struct day_file *f = &files[i];
		if (has_sealed && (i == 0 || f->day != files[i - 1].day))
			sealed = sealed_part(files, n, i);
		bool is_seal = has_sealed && f->kind == STORE_FILE_SEALED && f->part == sealed;
		if (is_seal || (f->kind == v->files && f->part > sealed))
			v->shards[v->n_shards++] = (struct shard){ .day = f->day,
				.part = f->part,
				.fd = -1,
				.size_bytes = -1,
				.is_sealed = is_seal };
	}
}

static enum err shard_open_files(const struct store *s, struct str workspace, int dir_fd,
	enum store_file kind, struct arena *a, struct view *ret)
{
	struct day_file *files;
	size_t n;
	enum err e = days_list(s, dir_fd, a, &files, &n);
	if (e)
		return e;
	struct view v = { .store = s,
		.arena = a,
		.dir_fd = dir_fd,
		.is_borrowed = true,
		.files = kind,
		.workspace = workspace };
	v.shards = arena_calloc(a, n, sizeof *v.shards);
	list_shards(&v, files, n);
	v.today = v.n_shards ? v.shards[v.n_shards - 1].day : INT32_MIN;
	buf_init(&v.line, a);
	*ret = v;
	return ERR_OK;
}

enum err view_open_dir(
	const struct store *s, struct str workspace, int dir_fd, struct arena *a, struct view *ret)
{
	return shard_open_files(s, workspace, dir_fd, STORE_FILE_SHARD, a, ret);
}

enum err view_open_notes(const struct view *v, struct view *ret)
{
	return shard_open_files(v->store, v->workspace, v->dir_fd, STORE_FILE_NOTES, v->arena, ret);
}

enum err view_open(const struct store *s, struct str workspace, struct arena *a, struct view *ret)
{
	int dir_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e;
	e = view_open_dir(s, workspace, dir_fd, a, ret);
	if (e)
		io_drop(dir_fd);
	else
		ret->is_borrowed = false;
	return e;
}

void view_close(struct view *v)
{
	if (v->index)
		v->index_release(v);
	for (size_t i = 0; i < v->n_shards; i++) {
		if (v->shards[i].fd >= 0 && !v->shards[i].is_pinned)
			io_drop(v->shards[i].fd);
		if (v->shards[i].sealed)
			sealed_close(v->store->sealed, v->shards[i].sealed);
	}
	buf_release(&v->line);
	view_drop_prefetched(v);
	if (!v->is_borrowed)
		io_drop(v->dir_fd);
	v->n_shards = v->n_open = 0;
	v->dir_fd = -1;
}

/* Where the last line below size ends. */
static enum err whole_lines(int fd, int64_t size, int64_t *ret_size)
{
	char bytes[BACK_BYTES];
	size_t step = TAIL_BYTES;
	while (size > 0) {
		size_t n = (int64_t)step < size ? step : (size_t)size, got;
		enum err e = io_pread(fd, bytes, n, size - (int64_t)n, &got);
		if (e)
			return e;
		const char *newline = memrchr(bytes, '\n', got);
		if (newline) {
			*ret_size = size - (int64_t)n + (newline - bytes) + 1;
			return ERR_OK;
		}
		size -= (int64_t)n;
		step = BACK_BYTES;
	}
	*ret_size = 0;
	return ERR_OK;
}

/* Closes the open shard that comes next after `shard`, in a circle. */
static void close_another(struct view *v, size_t shard)
{
	for (size_t n = 1; n < v->n_shards; n++) {
		struct shard *s = &v->shards[(shard + n) % v->n_shards];
		if (s->fd < 0 || s->is_pinned)
			continue;
		io_drop(s->fd);
		s->fd = -1;
		v->n_open--;
		return;
	}
}

void shard_file_name(const struct view *v, size_t shard, char *name)
{
	const struct shard *s = &v->shards[shard];
	store_file_name(s->is_sealed ? STORE_FILE_SEALED : v->files, s->day, s->part, name);
}

/* The sealed file that has taken the place of this shard's since the view was opened; -1: none. */
static enum err find_successor(const struct view *v, const struct shard *s, int *ret_part)
{
	struct day_file *files;
	size_t n;
	struct arena_mark mark = arena_mark(v->arena);
	enum err e = days_list(v->store, v->dir_fd, v->arena, &files, &n);
	if (e)
		return e;
	*ret_part = -1;
	for (size_t i = 0; i < n; i++)
		if (files[i].day == s->day && files[i].kind == STORE_FILE_SEALED &&
			files[i].part > s->part)
			*ret_part = files[i].part;
	arena_rewind(v->arena, mark);
	return ERR_OK;
}

/* The file is gone: pruned, so that the shard is empty, or sealed, so that the view sees the sealed
 * one instead, if nothing of the day was used yet. */
static enum err replace_gone(struct view *v, size_t shard)
{
	struct shard *s = &v->shards[shard], *first = NULL;
	int part = -1;
	enum err e = v->files == STORE_FILE_SHARD ? find_successor(v, s, &part) : ERR_OK;
	if (e)
		return e;
	if (part < 0) {
		s->size_bytes = 0;
		return ERR_OK;
	}
	for (size_t i = 0; i < v->n_shards; i++)
		if (v->shards[i].day == s->day && v->shards[i].size_bytes > 0)
			return ERR_BUSY;
	for (size_t i = 0; i < v->n_shards; i++) {
		struct shard *other = &v->shards[i];
		if (other->day != s->day || other->part >= part)
			continue;
		other->part = first ? -1 : part;
		other->is_sealed = !first;
		other->size_bytes = first ? 0 : -1;
		if (!first)
			first = other;
	}
	return shard_open(v, shard);
}

/* A damaged table is made again from the frames. */
static enum err take_sealed(struct view *v, struct shard *s, int fd)
{
	struct sealed_cache *c = v->store->sealed;
	enum err e = s->sealed ? ERR_OK : sealed_open(c, fd, &s->sealed);
	if (e == ERR_IO)
		e = sealed_open_damaged(c, fd, &s->sealed);
	if (!e && s->size_bytes < 0)
		s->size_bytes = s->sealed->size_bytes;
	s->is_damaged = s->is_damaged || (!e && s->sealed->is_worn);
	return e;
}

static enum err take_plain(struct shard *s, int fd)
{
	int64_t size;
	if (s->size_bytes >= 0)
		return ERR_OK;
	enum err e = io_size(fd, &size);
	if (!e && !MUTANT(NOSNAPSHOT))
		e = whole_lines(fd, size, &size);
	if (!e)
		s->size_bytes = size;
	return e;
}

enum err shard_open(struct view *v, size_t shard)
{
	struct shard *s = &v->shards[shard];
	if (s->fd >= 0 || s->size_bytes == 0)
		return ERR_OK;
	char name[STORE_NAME_MAX];
	int fd;
	if (v->n_open >= VIEW_OPEN_MAX)
		close_another(v, shard);
	shard_file_name(v, shard, name);
	enum err e = io_open_file(v->dir_fd, name, O_RDONLY, &fd);
	if (e == ERR_NOT_FOUND)
		return replace_gone(v, shard);
	if (e)
		return e;
	e = s->is_sealed ? take_sealed(v, s, fd) : take_plain(s, fd);
	if (e) {
		io_drop(fd);
		return e;
	}
	s->fd = fd;
	v->n_open++;
	return ERR_OK;
}

enum err view_put_sealed(struct view *v, int32_t day, int part, int fd)
{
	struct shard *shards = arena_calloc(v->arena, v->n_shards + 1, sizeof *shards);
	struct shard new = { .day = day,
		.part = part,
		.fd = fd,
		.size_bytes = -1,
		.is_sealed = true,
		.is_pinned = true };
	size_t n = 0, i = 0;
	enum err e = take_sealed(v, &new, fd);
	if (e)
		return e;
	while (i < v->n_shards && v->shards[i].day < day)
		shards[n++] = v->shards[i++];
	shards[n++] = new;
	for (; i < v->n_shards; i++) {
		struct shard *s = &v->shards[i];
		if (s->day > day)
			shards[n++] = *s;
		if (s->day == day && s->fd >= 0) {
			io_drop(s->fd);
			v->n_open--;
		}
		if (s->day == day && s->sealed)
			sealed_close(v->store->sealed, s->sealed);
	}
	v->shards = shards;
	v->n_shards = n;
	if (day > v->today)
		v->today = day;
	return ERR_OK;
}

enum err shard_stat(const struct view *v, size_t shard, struct stat *ret)
{
	char name[STORE_NAME_MAX];
	const struct shard *s = &v->shards[shard];
	if (s->is_pinned)
		return io->fstat(s->fd, ret) < 0 ? io_error(errno) : ERR_OK;
	shard_file_name(v, shard, name);
	return io_stat(v->dir_fd, name, ret);
}

enum err shard_read(struct view *v, size_t shard, void *buf, size_t n, int64_t at, size_t *ret_n)
{
	struct shard *s = &v->shards[shard];
	enum err e = shard_open(v, shard);
	if (e)
		return e;
	if (s->fd < 0) { /* it was empty, or is gone */
		*ret_n = 0;
		return ERR_OK;
	}
	if (!s->is_sealed)
		return io_pread(s->fd, buf, n, at, ret_n);
	e = sealed_read(v->store->sealed, s->sealed, s->fd, buf, n, at, ret_n);
	if (e != ERR_IO || s->is_strict)
		return e;
	s->is_damaged = true;
	return sealed_salvage(v->store->sealed, s->sealed, s->fd, buf, n, at, ret_n);
}

enum err shard_reader_open(
	struct view *v, size_t shard, int64_t from, int64_t to, struct shard_reader *ret)
{
	enum err e = shard_open(v, shard);
	if (e)
		return e;
	int64_t size = v->shards[shard].size_bytes;
	struct shard_reader r = { .view = v, .shard = shard };
	r.end = to < 0 || to > size ? size : to;
	r.at = from < 0 ? 0 : from > r.end ? r.end : from;
	r.buf_at = r.at;
	buf_init(&r.buf, v->arena);
	*ret = r;
	return ERR_OK;
}

void shard_reader_close(struct shard_reader *r)
{
	buf_release(&r->buf);
}

/* Reads on behind what the buffer holds; what stands before `at` is dropped first. *ret_more false
 * when nothing more is there. */
static enum err fill(struct shard_reader *r, bool *ret_more)
{
	size_t used = (size_t)(r->at - r->buf_at), got;
	if (used >= r->buf.len)
		r->buf.len = 0;
	else if (used) {
		r->buf.len -= used;
		memmove(r->buf.ptr, r->buf.ptr + used, r->buf.len);
	}
	r->buf_at = r->at;
	int64_t from = r->buf_at + (int64_t)r->buf.len, left = r->end - from;
	/* Long lines are read by doubling, up to what a line may have. */
	size_t want = r->buf.len > SCAN_BYTES ? r->buf.len : SCAN_BYTES;
	size_t room = r->view->store->line_bytes - r->buf.len + SCAN_BYTES;
	if (want > room)
		want = room;
	size_t n = (int64_t)want < left ? want : (size_t)left;
	if (n == 0) {
		*ret_more = false;
		return ERR_OK;
	}
	char *p = buf_reserve(&r->buf, n);
	enum err e = shard_read(r->view, r->shard, p, n, from, &got);
	if (e)
		return e;
	r->buf.len += got;
	*ret_more = got > 0; /* none: somebody cut the file; what is gone does not exist */
	return ERR_OK;
}

/* Goes behind a line that is longer than any of ours can be, without holding it. */
static enum err skip_long_line(struct shard_reader *r)
{
	bool more = true;
	r->view->n_torn++;
	while (more) {
		size_t from = (size_t)(r->at - r->buf_at);
		const char *newline = memchr(r->buf.ptr + from, '\n', r->buf.len - from);
		if (newline) {
			r->at = r->buf_at + (newline - r->buf.ptr) + 1;
			return ERR_OK;
		}
		r->at = r->buf_at + (int64_t)r->buf.len;
		r->buf.len = 0;
		r->buf_at = r->at;
		enum err e = fill(r, &more);
		if (e)
			return e;
	}
	return ERR_OK;
}

enum err shard_reader_next(
	struct shard_reader *r, struct str *ret_line, struct row_ref *ret_ref, bool *ret_more)
{
	size_t searched = 0;
	for (;;) {
		size_t from = (size_t)(r->at - r->buf_at);
		size_t have = r->buf.len - from;
		const char *line = have ? r->buf.ptr + from : NULL;
		const char *newline =
			have > searched ? memchr(line + searched, '\n', have - searched) : NULL;
		size_t len = newline ? (size_t)(newline - line) : have;
		bool more = true;
		if (len > r->view->store->line_bytes) {
			enum err e = skip_long_line(r);
			if (e)
				return e;
			searched = 0;
			continue;
		}
		if (newline) {
			*ret_line = str_of(line, len);
			*ret_ref = (struct row_ref){
				.shard = (uint32_t)r->shard, .len = (uint32_t)len, .at = r->at
			};
			*ret_more = true;
			r->at += (int64_t)len + 1;
			return ERR_OK;
		}
		searched = have;
		enum err e = fill(r, &more);
		if (e)
			return e;
		if (!more) {
			*ret_more = false;
			return ERR_OK;
		}
	}
}
