#include "upkeep/backup.h"

#include "base/io.h"
#include "base/utime.h"
#include "store/attachments.h"
#include "upkeep/backup_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

enum {
	ARENA_BYTES = 1 << 30,
	NAME_BYTES = 96,
	TRIES = 8,            /* while files are sealed or pruned under our hands */
	SAME_BYTES = 4096,    /* compared at the end of what is there already */
	BACK_BYTES = 64 << 10 /* steps back to a newline */
};

static const char lock_name[] = ".backup.lock";

/* How a file changes. */
enum change {
	CHANGE_NEVER,    /* sealed days, under a name that is used once */
	CHANGE_GROWS,    /* lines: a prefix up to a newline is consistent */
	CHANGE_REPLACED, /* small, by renaming */
	CHANGE_NOT_OURS
};

struct backing_up {
	const struct store *store;
	const struct backup_options *o;
	struct arena arena;
	int to_fd, lock_fd;
	int from_dir, to_dir; /* of the current workspace */
	struct str workspace; /* STR_NULL: the root */
	struct manifest old, new;
	size_t cap;
	uint64_t done_bytes, total_bytes;
	struct backup_result result;
	enum err removal; /* how removing from the copy went */
};

static enum change change_of(struct str name)
{
	enum store_file kind;
	int32_t day;
	int part;
	if (str_eq(name, STR("workspace.json")) || str_eq(name, STR("workspace.json.copy")) ||
		str_eq(name, STR("projects.json")) || str_eq(name, STR("erase.json")) ||
		str_ends(name, STR(".jsonl.zst.sha256")))
		return CHANGE_REPLACED;
	if (attachment_is_file(name))
		return CHANGE_REPLACED;
	if (str_eq(name, STR("audit.jsonl")) || documents_is_file(name))
		return CHANGE_GROWS;
	if (!store_parse_name(name, &kind, &day, &part))
		return CHANGE_NOT_OURS;
	switch (kind) {
	case STORE_FILE_SHARD:
	case STORE_FILE_NOTES:
		return CHANGE_GROWS;
	case STORE_FILE_SEALED:
	case STORE_FILE_SUSPECT:
		return CHANGE_NEVER;
	default:
		return CHANGE_NOT_OURS;
	}
}

/* ---- One file ---- */

struct source {
	const char *name;
	struct str path; /* in the manifest */
	int fd;
	int64_t size;
	enum change change;
};

static void backup_add_file(struct backing_up *b, struct str path, int64_t size, uint32_t crc)
{
	if (b->new.n == b->cap) {
		b->cap = b->cap * 2 + 256;
		b->new.files = arena_block(&b->arena, b->new.files, b->cap * sizeof *b->new.files);
	}
	b->new.files[b->new.n++] = (struct backup_file){ path, size, crc };
	b->result.n_files++;
	b->result.size_bytes += size;
	progress_report(&b->o->progress, b->done_bytes, b->total_bytes);
}

/* Reduces *size to the end of the last whole line. */
static enum err cut_at_newline(int fd, int64_t *size)
{
	char bytes[BACK_BYTES];
	while (*size > 0) {
		size_t n = *size < BACK_BYTES ? (size_t)*size : BACK_BYTES, got;
		enum err e = io_pread(fd, bytes, n, *size - (int64_t)n, &got);
		if (e)
			return e;
		const char *newline = memrchr(bytes, '\n', got);
		*size -= (int64_t)n;
		if (newline) {
			*size += newline - bytes + 1;
			return ERR_OK;
		}
	}
	return ERR_OK;
}

static enum err copy_whole(struct backing_up *b, const struct source *s, uint32_t *ret_crc)
{
	char temp[NAME_BYTES + 8];
	int fd;
	uint32_t crc = 0;
	(void)snprintf(temp, sizeof temp, ".%s.tmp", s->name);
	(void)io->unlinkat(b->to_dir, temp, 0); /* of one who died; O_EXCL tells if not */
	enum err e = io_open_file(b->to_dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, &fd);
	if (e)
		return e;
	e = backup_copy_range(s->fd, 0, s->size, fd, &b->arena, &crc);
	if (!e)
		e = io_fsync(fd);
	enum err closed = io_close(fd);
	if (!e)
		e = closed;
	if (!e && io->renameat(b->to_dir, temp, b->to_dir, s->name) < 0)
		e = io_error(errno);
	if (e)
		(void)io->unlinkat(b->to_dir, temp, 0); /* the first error is the one to tell */
	else
		*ret_crc = crc;
	return e;
}

/* True when the copy, which has `size` bytes of ours, ends as the file does there. */
static bool ends_alike(int from_fd, int to_fd, int64_t size)
{
	char from[SAME_BYTES], to[SAME_BYTES];
	size_t n = size < SAME_BYTES ? (size_t)size : SAME_BYTES, n_from, n_to;
	return io_pread(from_fd, from, n, size - (int64_t)n, &n_from) == ERR_OK &&
	       io_pread(to_fd, to, n, size - (int64_t)n, &n_to) == ERR_OK && n_from == n &&
	       n_to == n && memcmp(from, to, n) == 0;
}

/* What is there is what the last complete backup left: the new end is added. *ret_is_done false:
 * it is not, and all has to be copied. */
static enum err copy_end(struct backing_up *b, const struct source *s,
	const struct backup_file *old, uint32_t *ret_crc, bool *ret_is_done)
{
	int fd;
	int64_t size;
	uint32_t crc = old->crc;
	*ret_is_done = false;
	if (io_open_file(b->to_dir, s->name, O_RDWR | O_APPEND, &fd))
		return ERR_OK;
	enum err e = io_size(fd, &size);
	if (e || size != old->size_bytes || !ends_alike(s->fd, fd, size)) {
		io_drop(fd);
		return ERR_OK;
	}
	e = backup_copy_range(s->fd, size, s->size, fd, &b->arena, &crc);
	if (!e)
		e = io_fsync(fd);
	enum err closed = io_close(fd);
	if (!e)
		e = closed;
	*ret_is_done = !e;
	*ret_crc = crc;
	return e;
}

static bool backup_has_file(const struct backing_up *b, const struct source *s)
{
	struct stat st;
	return io_stat(b->to_dir, s->name, &st) == ERR_OK && st.st_size == s->size;
}

/* What the last backup had is no more: the MANIFEST says what stands there now, so that the copy
 * can be restored when this backup comes to nothing. */
static enum err note_replaced(
	struct backing_up *b, const struct source *s, const struct backup_file *old, uint32_t crc)
{
	struct backup_file *f = &b->old.files[old - b->old.files];
	if (f->size_bytes == s->size && f->crc == crc)
		return ERR_OK;
	f->size_bytes = s->size;
	f->crc = crc;
	enum err e = io_fsync(b->to_dir);
	return e ? e : manifest_write(b->to_fd, MANIFEST_NAME, &b->arena, &b->old);
}

static enum err copy_source(struct backing_up *b, const struct source *s)
{
	const struct backup_file *old = manifest_find(&b->old, s->path);
	uint32_t crc = 0;
	bool is_done = false;
	enum err e = ERR_OK;
	if (old && s->change == CHANGE_NEVER && old->size_bytes == s->size &&
		backup_has_file(b, s)) {
		backup_add_file(b, s->path, s->size, old->crc);
		return ERR_OK;
	}
	int64_t had = old ? old->size_bytes : 0;
	if (old && s->change == CHANGE_GROWS && had <= s->size)
		e = copy_end(b, s, old, &crc, &is_done);
	if (!e && !is_done) {
		had = 0;
		e = copy_whole(b, s, &crc);
		if (!e && old)
			e = note_replaced(b, s, old, crc);
	}
	if (e)
		return e;
	b->result.n_copied += s->size > had || had == 0;
	b->result.copied_bytes += s->size - had;
	b->done_bytes += (uint64_t)(s->size - had);
	backup_add_file(b, s->path, s->size, crc);
	return ERR_OK;
}

/* The first error is the one to tell. name: NULL of a workspace */
static void note_unreadable(struct backing_up *b, const char *name)
{
	if (!b->result.what[0])
		(void)snprintf(b->result.what, sizeof b->result.what, "%.*s%s%s",
			STR_ARG(b->workspace), b->workspace.len && name ? "/" : "",
			name ? name : "");
}

/* Returns ERR_NOT_FOUND when the file has disappeared meanwhile. */
static enum err backup_copy_file(struct backing_up *b, const char *name, enum change change)
{
	struct source s = { .name = name, .change = change };
	enum err e = io_open_file(b->from_dir, name, O_RDONLY, &s.fd);
	if (e && e != ERR_NOT_FOUND)
		note_unreadable(b, name);
	if (e)
		return e;
	s.path = str_is_null(b->workspace)
			 ? arena_copy(&b->arena, str_from_c(name))
			 : arena_printf(&b->arena, "%.*s/%s", STR_ARG(b->workspace), name);
	e = io_size(s.fd, &s.size);
	if (!e && change == CHANGE_GROWS)
		e = cut_at_newline(s.fd, &s.size);
	if (!e)
		e = copy_source(b, &s);
	io_drop(s.fd);
	return e == ERR_NOT_FOUND ? ERR_IO : e; /* that was about the copy */
}

/* ---- A workspace ---- */

struct names {
	struct arena *arena;
	struct buf names; /* NAME_BYTES each */
};

static bool backup_note_name(void *user, const char *name)
{
	struct names *all = user;
	struct str s = str_from_c(name);
	char entry[NAME_BYTES] = { 0 };
	if (s.len < sizeof entry && change_of(s) != CHANGE_NOT_OURS) {
		memcpy(entry, s.ptr, s.len);
		buf_add(&all->names, str_of(entry, sizeof entry));
	}
	return true;
}

static enum err list_names(struct backing_up *b, int dir_fd, struct names *ret)
{
	ret->arena = &b->arena;
	buf_init(&ret->names, &b->arena);
	return io_list(dir_fd, backup_note_name, ret);
}

static enum err copy_names(struct backing_up *b, const struct names *all)
{
	enum err e = ERR_OK;
	for (size_t at = 0; !e && at < all->names.len; at += NAME_BYTES) {
		const char *name = all->names.ptr + at;
		e = backup_copy_file(b, name, change_of(str_from_c(name)));
	}
	return e ? e : io_fsync(b->to_dir);
}

/* A file that is gone was sealed or pruned, and all is looked at again. */
static enum err copy_workspace_files(struct backing_up *b)
{
	struct backup_result before = b->result;
	size_t n = b->new.n;
	enum err e = ERR_NOT_FOUND;
	for (int i = 0; e == ERR_NOT_FOUND && i < TRIES; i++) {
		struct names all;
		b->new.n = n;
		b->result = before;
		e = list_names(b, b->from_dir, &all);
		if (!e)
			e = copy_names(b, &all);
	}
	return e == ERR_NOT_FOUND ? ERR_BUSY : e;
}

static enum err open_pair(struct backing_up *b, struct str workspace)
{
	const char *name = arena_copy_c(&b->arena, workspace);
	struct stat from, to;
	enum err e = workspace_open(b->store, workspace, false, &b->from_dir);
	if (e && e != ERR_NOT_FOUND)
		note_unreadable(b, NULL);
	if (!e)
		e = io_make_dir(b->to_fd, name);
	if (!e)
		e = io_open_dir(b->to_fd, name, &b->to_dir);
	if (!e && (io->fstat(b->from_dir, &from) < 0 || io->fstat(b->to_fd, &to) < 0))
		e = ERR_IO;
	/* A copy inside the store would be its workspace, and copied next time. */
	return !e && from.st_dev == to.st_dev && from.st_ino == to.st_ino ? ERR_UNSAFE : e;
}

static void close_pair(struct backing_up *b)
{
	if (b->from_dir >= 0)
		io_drop(b->from_dir);
	if (b->to_dir >= 0)
		io_drop(b->to_dir);
	b->from_dir = b->to_dir = -1;
}

/* The documents of a workspace are in a directory of their own. */
static enum err copy_documents(struct backing_up *b, struct str workspace)
{
	int from_fd;
	enum err e = workspace_open(b->store, workspace, false, &from_fd);
	if (e)
		return e;
	e = documents_open_dir(from_fd, &b->from_dir);
	io_drop(from_fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	b->workspace = arena_printf(&b->arena, "%.*s/%s", STR_ARG(workspace), DOCUMENTS_DIR);
	e = backup_open_dir(b->to_fd, b->workspace, true, &b->arena, &b->to_dir);
	if (!e)
		e = copy_workspace_files(b);
	close_pair(b);
	return e;
}

static enum err copy_workspace(struct backing_up *b, struct str workspace)
{
	struct backup_result before = b->result;
	size_t n = b->new.n;
	bool exists;
	b->workspace = workspace;
	enum err e = open_pair(b, workspace);
	if (!e)
		e = copy_workspace_files(b);
	close_pair(b);
	if (!e)
		e = copy_documents(b, workspace);
	if (e && e != ERR_NOT_FOUND && e != ERR_BUSY)
		return e;
	if (workspace_exists(b->store, workspace, &exists) || exists)
		return e;
	/* Removed meanwhile. No half of it is kept: what the manifest does not have goes. */
	b->new.n = n;
	b->result = before;
	return ERR_OK;
}

/* Removes the files that the new manifest does not have. */
static enum err remove_others(struct backing_up *b, struct str workspace)
{
	struct names all;
	int dir_fd;
	enum err e = backup_open_dir(b->to_fd, workspace, false, &b->arena, &dir_fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = list_names(b, dir_fd, &all);
	for (size_t at = 0; !e && at < all.names.len; at += NAME_BYTES) {
		const char *name = all.names.ptr + at;
		struct str path = arena_printf(&b->arena, "%.*s/%s", STR_ARG(workspace), name);
		if (manifest_find(&b->new, path))
			continue;
		if (io->unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
			e = io_error(errno);
		b->result.n_removed++;
	}
	io_drop(dir_fd);
	return e;
}

/* Also of workspaces that were removed: their directories go as well, once they are empty. */
static bool remove_from(void *user, const char *name)
{
	struct backing_up *b = user;
	struct str workspace = str_from_c(name);
	if (!workspace_name_valid(workspace))
		return true;
	enum err e = remove_others(
		b, arena_printf(&b->arena, "%.*s/%s", STR_ARG(workspace), DOCUMENTS_DIR));
	int dir_fd;
	if (!e && io_open_dir(b->to_fd, name, &dir_fd) == ERR_OK) {
		(void)io->unlinkat(dir_fd, DOCUMENTS_DIR, AT_REMOVEDIR); /* when it is empty */
		io_drop(dir_fd);
	}
	if (!e)
		e = remove_others(b, workspace);
	if (!e)
		(void)io->unlinkat(b->to_fd, name, AT_REMOVEDIR);
	b->removal = b->removal ? b->removal : e == ERR_UNSAFE ? ERR_OK : e; /* that is a file */
	return true;
}

/* ---- All ---- */

static void backup_measure(struct backing_up *b, struct str workspace)
{
	struct names all;
	int dir_fd;
	if (workspace_open(b->store, workspace, false, &dir_fd))
		return;
	if (list_names(b, dir_fd, &all) == ERR_OK)
		for (size_t at = 0; at < all.names.len; at += NAME_BYTES) {
			struct stat st;
			struct str path = arena_printf(
				&b->arena, "%.*s/%s", STR_ARG(workspace), all.names.ptr + at);
			const struct backup_file *old = manifest_find(&b->old, path);
			if (io_stat(dir_fd, all.names.ptr + at, &st) == ERR_OK &&
				(!old || st.st_size > old->size_bytes))
				b->total_bytes += (uint64_t)st.st_size -
						  (uint64_t)(old ? old->size_bytes : 0);
		}
	buf_release(&all.names);
	io_drop(dir_fd);
}

static enum err copy_root_files(struct backing_up *b)
{
	b->workspace = STR_NULL;
	b->from_dir = b->store->root_fd;
	b->to_dir = b->to_fd;
	enum err e = backup_copy_file(b, "FORMAT", CHANGE_REPLACED);
	if (!e)
		e = backup_copy_file(b, "keys", CHANGE_REPLACED);
	b->from_dir = b->to_dir = -1;
	return e == ERR_NOT_FOUND ? ERR_OK : e; /* no keys */
}

static enum err copy_all(struct backing_up *b)
{
	struct str *names;
	size_t n;
	enum err e = workspace_list(b->store, &b->arena, &names, &n);
	for (size_t i = 0; !e && i < n; i++)
		backup_measure(b, names[i]);
	for (size_t i = 0; !e && i < n; i++)
		e = copy_workspace(b, names[i]);
	/* Last: a copy without FORMAT is no data directory. */
	if (!e)
		e = copy_root_files(b);
	if (!e)
		e = io_fsync(b->to_fd);
	if (e)
		return e;
	manifest_sort(&b->new);
	e = manifest_write(b->to_fd, MANIFEST_NAME, &b->arena, &b->new);
	if (!e)
		e = io_list(b->to_fd, remove_from, b);
	if (!e)
		e = b->removal;
	progress_report(&b->o->progress, b->total_bytes, b->total_bytes);
	return e;
}

static bool backup_note_foreign(void *user, const char *name)
{
	bool *is_foreign = user;
	*is_foreign = name[0] != '.' && strcmp(name, "lost+found") != 0;
	return !*is_foreign;
}

/* A previous copy, or nothing; and never the store. */
static enum err check_place(struct backing_up *b)
{
	struct stat from, to;
	bool is_foreign = false;
	if (io->fstat(b->store->root_fd, &from) < 0 || io->fstat(b->to_fd, &to) < 0)
		return io_error(errno);
	if (from.st_dev == to.st_dev && from.st_ino == to.st_ino)
		return ERR_UNSAFE;
	enum err e = io_open_file(b->to_fd, lock_name, O_RDWR | O_CREAT, &b->lock_fd);
	if (!e)
		e = io_lock(b->lock_fd, 0);
	if (!e)
		e = manifest_read(b->to_fd, MANIFEST_NAME, &b->arena, &b->old);
	if (e != ERR_NOT_FOUND)
		return e;
	/* The first try may have died: then there is no FORMAT yet, or it was the last thing. */
	e = io_list(b->to_fd, backup_note_foreign, &is_foreign);
	if (!e && is_foreign && io_stat(b->to_fd, ".backup.begun", &to))
		e = ERR_CONF;
	return e ? e : io_replace_file(b->to_fd, ".backup.begun", STR(""), false);
}

static enum err backup_run(struct backing_up *b)
{
	if (setjmp(b->arena.escape))
		return ERR_NO_MEMORY;
	b->arena.has_escape = true;
	enum err e = check_place(b);
	return e ? e : copy_all(b);
}

enum err backup_dir(const struct store *s, struct str path, const struct backup_options *o,
	struct backup_result *ret)
{
	struct backing_up b = {
		.store = s, .o = o, .to_fd = -1, .lock_fd = -1, .from_dir = -1, .to_dir = -1
	};
	enum err e = store_open_dir(path, &b.to_fd);
	if (e)
		return e;
	arena_init(&b.arena, ARENA_BYTES);
	e = backup_run(&b);
	close_pair(&b);
	if (b.lock_fd >= 0)
		io_drop(b.lock_fd);
	io_drop(b.to_fd);
	arena_release(&b.arena);
	*ret = b.result;
	return e;
}
