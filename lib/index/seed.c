/* The seed of the store's text hashes: ROOT/.seed, 16 hex digits, made by the first process that
 * needs it.
 */
#include "index/cache.h"

#include "base/io.h"
#include "base/utime.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>

static const char seed_name[] = ".seed";
enum { SEED_DIGITS = 16, TEMP_NAME_MAX = 40 };

enum seed_state { SEED_GOOD, SEED_ABSENT, SEED_BAD, SEED_UNREADABLE };

static enum seed_state read_seed(int root_fd, uint64_t *ret, struct stat *ret_file)
{
	char text[SEED_DIGITS + 2];
	size_t got;
	int fd;
	enum err e = io_open_file(root_fd, seed_name, O_RDONLY, &fd);
	if (e)
		return e == ERR_NOT_FOUND ? SEED_ABSENT : SEED_UNREADABLE;
	enum seed_state state = SEED_UNREADABLE;
	if (io->fstat(fd, ret_file) == 0 && io_pread(fd, text, sizeof text, 0, &got) == ERR_OK)
		state = got == SEED_DIGITS + 1 && text[SEED_DIGITS] == '\n' &&
					str_to_u64_hex(str_of(text, SEED_DIGITS), ret)
				? SEED_GOOD
				: SEED_BAD;
	io_drop(fd);
	return state;
}

static void format_seed(char ret[static SEED_DIGITS + 2])
{
	uint64_t seed;
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
		seed = (uint64_t)utime_now(); /* early at boot: better than none */
	(void)snprintf(ret, SEED_DIGITS + 2, "%016llx\n", (unsigned long long)seed);
}

/* When several processes make one at the same time, the first wins: a link, unlike a rename,
 * does not replace. */
static void make_seed(int root_fd)
{
	char temp_name[TEMP_NAME_MAX], text[SEED_DIGITS + 2];
	int fd;
	(void)snprintf(temp_name, sizeof temp_name, ".seed.%llx.tmp",
		(unsigned long long)utime_monotonic());
	format_seed(text);
	if (io_open_file(root_fd, temp_name, O_WRONLY | O_CREAT | O_EXCL, &fd))
		return;
	/* Not synced: what a power cut leaves of it is made again. */
	bool ok = io_write_all(fd, str_of(text, SEED_DIGITS + 1)) == ERR_OK;
	if (io_close(fd) == ERR_OK && ok)
		(void)io->linkat(root_fd, temp_name, root_fd, seed_name, 0); /* read again */
	(void)io->unlinkat(root_fd, temp_name, 0); /* what stays is a small file */
}

/* One that is no good is as none: all that was made with it is made again. */
static void remove_bad(int root_fd, const struct stat *bad)
{
	struct stat now;
	if (io_stat(root_fd, seed_name, &now) == ERR_OK && now.st_ino == bad->st_ino)
		(void)io->unlinkat(root_fd, seed_name, 0); /* what stays is read below */
}

/* Somebody may have deleted it together with the rest of the index, and others made a new one. */
static bool is_current(const struct index_cache *c, int root_fd)
{
	struct stat now;
	return c->has_seed && io_stat(root_fd, seed_name, &now) == ERR_OK &&
	       now.st_ino == c->seed_file.st_ino && now.st_dev == c->seed_file.st_dev &&
	       now.st_mtim.tv_sec == c->seed_file.st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == c->seed_file.st_mtim.tv_nsec;
}

bool index_cache_seed(const struct store *s, uint64_t *ret)
{
	struct index_cache *c = index_cache_of(s);
	if (!is_current(c, s->root_fd)) {
		enum seed_state state = read_seed(s->root_fd, &c->seed, &c->seed_file);
		if (state == SEED_BAD && s->may_write)
			remove_bad(s->root_fd, &c->seed_file);
		if ((state == SEED_BAD || state == SEED_ABSENT) && s->may_write) {
			make_seed(s->root_fd);
			state = read_seed(s->root_fd, &c->seed, &c->seed_file);
		}
		c->has_seed = state == SEED_GOOD;
	}
	*ret = c->seed;
	return c->has_seed;
}
