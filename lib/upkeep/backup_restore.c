/* Defines restore_dir() of backup.h. */
#include "upkeep/backup.h"

#include "base/io.h"
#include "shard/check.h"
#include "store/documents.h"
#include "upkeep/backup_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

struct restoring {
	struct arena *arena;
	const struct backup_options *o;
	int from_fd, to_fd, lock_fd;
	struct manifest manifest;
	struct backup_result result;
	uint64_t total_bytes;
	struct str what; /* is wrong */
};

/* ---- Copying ---- */

static enum err copy_between(struct restoring *r, int from_dir, int to_dir, const char *name,
	const struct backup_file *f)
{
	int from_fd, to_fd;
	uint32_t crc = 0;
	enum err e = io_open_file(from_dir, name, O_RDONLY, &from_fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_IO : e;
	e = io_open_file(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, &to_fd);
	if (e) {
		io_drop(from_fd);
		return e;
	}
	e = backup_copy_range(from_fd, 0, f->size_bytes, to_fd, r->arena, &crc);
	if (!e && crc != f->crc)
		e = ERR_IO;
	if (!e)
		e = io_fsync(to_fd);
	enum err closed = io_close(to_fd);
	io_drop(from_fd);
	return e ? e : closed;
}

/* Splits a path at its last slash. */
static struct str restore_path_dir(struct str path, struct str *ret_name)
{
	size_t n = path.len;
	while (n && path.ptr[n - 1] != '/')
		n--;
	*ret_name = str_skip(path, n);
	return str_first(path, n ? n - 1 : 0);
}

static enum err restore_copy_file(struct restoring *r, const struct backup_file *f)
{
	struct str name, dir = restore_path_dir(f->path, &name);
	int from_dir, to_dir;
	enum err e = backup_open_dir(r->from_fd, dir, false, r->arena, &from_dir);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_IO : e;
	e = backup_open_dir(r->to_fd, dir, true, r->arena, &to_dir);
	if (!e) {
		e = copy_between(r, from_dir, to_dir, arena_copy_c(r->arena, name), f);
		if (!e && to_dir != r->to_fd)
			e = io_fsync(to_dir);
		if (to_dir != r->to_fd)
			io_drop(to_dir);
	}
	if (from_dir != r->from_fd)
		io_drop(from_dir);
	if (e)
		return e;
	r->result.n_files++;
	r->result.n_copied++;
	r->result.size_bytes += f->size_bytes;
	r->result.copied_bytes += f->size_bytes;
	progress_report(&r->o->progress, (uint64_t)r->result.size_bytes, r->total_bytes * 2);
	return ERR_OK;
}

static bool is_format(const struct backup_file *f)
{
	return str_eq(f->path, STR("FORMAT"));
}

/* FORMAT last: without it nobody takes the directory for data. */
static enum err copy_files(struct restoring *r)
{
	enum err e = ERR_OK;
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; !e && i < r->manifest.n; i++) {
			const struct backup_file *f = &r->manifest.files[i];
			if (is_format(f) != (turn == 1))
				continue;
			e = restore_copy_file(r, f);
			if (e)
				r->what = f->path;
		}
	return e ? e : io_fsync(r->to_fd);
}

/* ---- Proving ---- */

static void restore_see_line(void *user, int64_t at, struct str text, enum line_state state)
{
	struct restoring *r = user;
	(void)at;
	(void)text;
	r->result.n_lines += state == LINE_OK;
	r->result.n_bad += state != LINE_OK && state != LINE_TORN;
}

static void restore_see_damage(void *user, const struct shard_damage *d)
{
	struct restoring *r = user;
	(void)d;
	r->result.n_bad_frames++;
}

/* Compares a file with what was backed up. */
static enum err compare_file(struct restoring *r, int dir_fd, const char *name, struct str path)
{
	const struct backup_file *f = manifest_find(&r->manifest, path);
	int fd;
	uint32_t crc = 0;
	enum err e = f ? io_open_file(dir_fd, name, O_RDONLY, &fd) : ERR_IO;
	if (e)
		return e == ERR_NOT_FOUND ? ERR_IO : e;
	e = backup_copy_range(fd, 0, f->size_bytes, -1, r->arena, &crc);
	io_drop(fd);
	return !e && crc != f->crc ? ERR_IO : e;
}

/* A sealed file that is damaged, but as the MANIFEST has it, was so when it was backed up. */
static enum err restore_read_shard(
	struct restoring *r, struct view *v, size_t shard, struct str workspace)
{
	struct shard_checker c = {
		.line = restore_see_line, .damage = restore_see_damage, .user = r
	};
	char name[STORE_NAME_MAX];
	uint64_t n_before = r->result.n_bad_frames;
	shard_file_name(v, shard, name);
	struct str path = arena_printf(r->arena, "%.*s/%s", STR_ARG(workspace), name);
	enum err e = shard_check(v, shard, &c);
	bool is_damaged = r->result.n_bad_frames > n_before;
	if (!e && is_damaged)
		e = compare_file(r, v->dir_fd, name, path);
	if (e)
		r->what = path;
	else if (is_damaged && r->result.n_bad_files++ == 0)
		(void)snprintf(r->result.what, sizeof r->result.what, "%.*s", STR_ARG(path));
	return e;
}

static enum err read_view(struct restoring *r, struct view *v, struct str workspace)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < v->n_shards; i++)
		e = restore_read_shard(r, v, i, workspace);
	return e;
}

static enum err read_workspace(struct restoring *r, const struct store *s, struct str workspace)
{
	struct view spans, notes;
	enum err e = view_open(s, workspace, r->arena, &spans);
	if (e)
		return e;
	e = read_view(r, &spans, workspace);
	if (!e)
		e = view_open_notes(&spans, &notes);
	if (!e) {
		e = read_view(r, &notes, workspace);
		view_close(&notes);
	}
	view_close(&spans);
	return e;
}

static enum err prove(struct restoring *r, struct str path)
{
	struct conf conf;
	struct store s;
	struct str *names;
	size_t n;
	conf_defaults(&conf);
	conf.root = path;
	conf.index = false;
	enum err e = store_open(&s, &conf);
	if (e) {
		r->what = path;
		return e;
	}
	e = workspace_list(&s, r->arena, &names, &n);
	for (size_t i = 0; !e && i < n; i++) {
		e = read_workspace(r, &s, names[i]);
		progress_report(&r->o->progress, r->total_bytes + r->total_bytes * (i + 1) / n,
			r->total_bytes * 2);
	}
	store_close(&s);
	return e;
}

/* ---- The place ---- */

static const char lock_name[] = ".restoring.lock";

/* The place of a restore, and the files that an earlier restore, which died, may have made there.
 * */
struct place {
	struct restoring *r;
	struct manifest begun; /* empty: none has begun there */
	int dir_fd;            /* the current one */
	struct str workspace;  /* whose it is; STR_NULL: the root */
	bool is_taken;
};

/* A disk of its own has lost+found from the beginning; the others are a restore's. */
static bool is_no_matter(const char *name)
{
	return strcmp(name, "lost+found") == 0 || strcmp(name, RESTORING_NAME) == 0 ||
	       strcmp(name, lock_name) == 0 || str_starts(str_from_c(name), STR("..restoring."));
}

/* A file that a restore made, whole or in part: somebody else's may be longer. */
static bool is_begun(const struct place *p, struct str path, const char *name)
{
	struct stat st;
	const struct backup_file *f = manifest_find(&p->begun, path);
	return f && io_stat(p->dir_fd, name, &st) == ERR_OK && S_ISREG(st.st_mode) &&
	       st.st_size <= f->size_bytes;
}

static bool look_at_file(void *user, const char *name)
{
	struct place *p = user;
	struct place inside = *p;
	struct str path = arena_printf(p->r->arena, "%.*s/%s", STR_ARG(p->workspace), name);
	p->is_taken = !is_begun(p, path, name);
	if (!p->is_taken || strcmp(name, DOCUMENTS_DIR) != 0)
		return !p->is_taken;
	inside.workspace = path;
	if (documents_open_dir(p->dir_fd, &inside.dir_fd))
		return false;
	p->is_taken = io_list(inside.dir_fd, look_at_file, &inside) || inside.is_taken;
	io_drop(inside.dir_fd);
	return !p->is_taken;
}

static bool has_workspace(const struct manifest *m, struct str workspace)
{
	for (size_t i = 0; i < m->n; i++) {
		struct str name = m->files[i].path;
		if (str_eq(str_cut(&name, '/'), workspace) && !str_is_null(name))
			return true;
	}
	return false;
}

static bool restore_visit(void *user, const char *name)
{
	struct place *p = user;
	struct place inside = *p;
	inside.workspace = str_from_c(name);
	if (is_no_matter(name) || is_begun(p, inside.workspace, name))
		return true;
	p->is_taken = true;
	if (!has_workspace(&p->begun, inside.workspace) ||
		io_open_dir(p->dir_fd, name, &inside.dir_fd))
		return false;
	p->is_taken = io_list(inside.dir_fd, look_at_file, &inside) || inside.is_taken;
	io_drop(inside.dir_fd);
	return !p->is_taken;
}

/* Returns ERR_CONFLICT when the place holds a file that no restore has made. */
static enum err look_around(struct restoring *r, struct place *ret)
{
	struct place p = { .r = r, .dir_fd = r->to_fd };
	enum err e = manifest_read(r->to_fd, RESTORING_NAME, r->arena, &p.begun);
	if (e && e != ERR_NOT_FOUND)
		return e == ERR_CONF ? ERR_CONFLICT : e;
	e = io_list(r->to_fd, restore_visit, &p);
	if (!e && p.is_taken)
		e = ERR_CONFLICT;
	*ret = p;
	return e;
}

/* Removes a file and the directories that are empty then. */
static enum err remove_begun(struct restoring *r, struct str path)
{
	struct str name, dir = restore_path_dir(path, &name);
	int fd;
	enum err e = backup_open_dir(r->to_fd, dir, false, r->arena, &fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (io->unlinkat(fd, arena_copy_c(r->arena, name), 0) < 0 && errno != ENOENT)
		e = io_error(errno);
	if (fd != r->to_fd)
		io_drop(fd);
	while (dir.len && !e) {
		dir = restore_path_dir(dir, &name);
		if (backup_open_dir(r->to_fd, dir, false, r->arena, &fd))
			break;
		(void)io->unlinkat(fd, arena_copy_c(r->arena, name), AT_REMOVEDIR);
		if (fd != r->to_fd)
			io_drop(fd);
	}
	return e;
}

/* FORMAT first, as it came last. */
static enum err remove_all_begun(struct restoring *r, const struct manifest *begun)
{
	enum err e = ERR_OK;
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; !e && i < begun->n; i++)
			if (is_format(&begun->files[i]) == (turn == 0))
				e = remove_begun(r, begun->files[i].path);
	return e ? e : io_fsync(r->to_fd);
}

/* The place becomes ours: empty, but for what says so. */
static enum err take_place(struct restoring *r)
{
	struct place p;
	enum err e = look_around(r, &p);
	if (!e)
		e = io_open_file(r->to_fd, lock_name, O_RDWR | O_CREAT, &r->lock_fd);
	if (!e)
		e = io_lock(r->lock_fd, 0);
	if (!e)
		e = look_around(r, &p); /* another one may have been at it */
	if (!e)
		e = remove_all_begun(r, &p.begun);
	return e ? e : manifest_write(r->to_fd, RESTORING_NAME, r->arena, &r->manifest);
}

/* All is there and proven. The lock goes last: who waits for it looks again. */
static enum err leave_place(struct restoring *r)
{
	if (io->unlinkat(r->to_fd, RESTORING_NAME, 0) < 0 ||
		io->unlinkat(r->to_fd, lock_name, 0) < 0)
		return io_error(errno);
	return io_fsync(r->to_fd);
}

/* ---- All ---- */

static enum err restore_run(struct restoring *r, struct str to)
{
	enum err e = manifest_read(r->from_fd, MANIFEST_NAME, r->arena, &r->manifest);
	if (e == ERR_IO)
		r->what = STR(MANIFEST_NAME);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_CONF : e;
	for (size_t i = 0; i < r->manifest.n; i++)
		r->total_bytes += (uint64_t)r->manifest.files[i].size_bytes;
	e = store_open_dir(to, &r->to_fd);
	if (!e)
		e = take_place(r);
	if (e) {
		r->what = to;
		return e;
	}
	e = copy_files(r);
	if (e == ERR_FULL || e == ERR_READ_ONLY) /* of what is read nothing says that */
		r->what = to;
	if (!e)
		e = prove(r, to);
	if (e)
		(void)io->unlinkat(r->to_fd, "FORMAT", 0); /* the error is told anyway */
	return e ? e : leave_place(r);
}

enum err restore_dir(struct str from, struct str to, struct arena *a,
	const struct backup_options *o, struct backup_result *ret, struct str *ret_what)
{
	struct restoring r = { .arena = a, .o = o, .from_fd = -1, .to_fd = -1, .lock_fd = -1 };
	enum err e = io_open_root(arena_copy_c(a, from), &r.from_fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_CONF : e;
	e = restore_run(&r, to);
	if (r.lock_fd >= 0)
		io_drop(r.lock_fd);
	if (r.to_fd >= 0)
		io_drop(r.to_fd);
	io_drop(r.from_fd);
	if (e)
		*ret_what = r.what;
	else
		*ret = r.result;
	return e;
}
