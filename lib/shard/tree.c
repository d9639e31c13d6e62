#include "shard/tree.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>

/* Ours are flat: a workspace holds files and index directories, which hold files. */
enum { DEPTH_MAX = 8 };

struct walk {
	int dir_fd, depth;
	bool is_removing;
	int64_t bytes;
	enum err error;
};

static enum err walk_into(
	int dir_fd, const char *name, int depth, bool is_removing, int64_t *ret_bytes);

static bool see(void *user, const char *name)
{
	struct walk *w = user;
	struct stat st;
	int64_t bytes = 0;
	enum err e = io_stat(w->dir_fd, name, &st);
	if (!e && S_ISDIR(st.st_mode))
		e = walk_into(w->dir_fd, name, w->depth + 1, w->is_removing, &bytes);
	else if (!e && w->is_removing && io->unlinkat(w->dir_fd, name, 0) < 0 && errno != ENOENT)
		e = ERR_IO;
	else if (!e && S_ISREG(st.st_mode))
		bytes = st.st_size;
	w->bytes += bytes;
	w->error = e == ERR_NOT_FOUND ? ERR_OK : e;
	return w->error == ERR_OK;
}

static enum err walk_into(
	int dir_fd, const char *name, int depth, bool is_removing, int64_t *ret_bytes)
{
	struct walk w = { .depth = depth, .is_removing = is_removing };
	if (depth > DEPTH_MAX)
		return ERR_UNSAFE;
	enum err e = io_open_dir(dir_fd, name, &w.dir_fd);
	if (e)
		return e;
	e = io_list(w.dir_fd, see, &w);
	io_drop(w.dir_fd);
	if (!e)
		e = w.error;
	if (!e && is_removing && io->unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		e = ERR_IO;
	*ret_bytes = w.bytes;
	return e;
}

enum err tree_remove(int dir_fd, const char *name)
{
	int64_t bytes;
	enum err e = walk_into(dir_fd, name, 0, true, &bytes);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err tree_bytes(int dir_fd, const char *name, int64_t *ret_bytes)
{
	return walk_into(dir_fd, name, 0, false, ret_bytes);
}
