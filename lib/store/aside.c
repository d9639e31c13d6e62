#include "store/aside.h"

#include "base/io.h"

#include <errno.h>
#include <stdio.h>

enum { NAME_BYTES = 96, NAMES_MAX = 1000 };

static enum err move_to(int dir_fd, int to_fd, const char *name)
{
	char to[NAME_BYTES];
	struct stat st;
	(void)snprintf(to, sizeof to, "%s", name);
	for (int i = 1; i < NAMES_MAX && io_stat(to_fd, to, &st) != ERR_NOT_FOUND; i++)
		(void)snprintf(to, sizeof to, "%s.%d", name, i);
	if (io->renameat(dir_fd, name, to_fd, to) < 0)
		return io_error(errno);
	enum err e = io_fsync(to_fd);
	return e ? e : io_fsync(dir_fd);
}

enum err aside_move(int dir_fd, const char *name)
{
	int to_fd;
	enum err e = io_make_dir(dir_fd, ASIDE_DIR);
	if (!e)
		e = io_open_dir(dir_fd, ASIDE_DIR, &to_fd);
	if (e)
		return e;
	e = move_to(dir_fd, to_fd, name);
	io_drop(to_fd);
	return e;
}
