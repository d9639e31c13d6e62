/* The seed of the store's text hashes: ROOT/.seed, 16 hex digits, made by whoever needs it first.
 */
#include "store/index_cache.h"

#include "base/io.h"
#include "base/utime.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>

static const char seed_name[] = ".seed";
enum { SEED_DIGITS = 16, TEMP_NAME_MAX = 40 };

static bool read_seed(int root_fd, uint64_t *ret)
{
	char text[SEED_DIGITS + 1];
	size_t got;
	int fd;
	if (io_open_file(root_fd, seed_name, O_RDONLY, &fd))
		return false;
	bool ok = io_pread(fd, text, sizeof text, 0, &got) == ERR_OK && got == sizeof text &&
		  text[SEED_DIGITS] == '\n' && str_to_u64_hex(str_of(text, SEED_DIGITS), ret);
	io_drop(fd);
	return ok;
}

static void format_seed(char ret[static SEED_DIGITS + 2])
{
	uint64_t seed;
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
		seed = (uint64_t)utime_now(); /* early at boot: better than none */
	(void)snprintf(ret, SEED_DIGITS + 2, "%016llx\n", (unsigned long long)seed);
}

/* Of several processes that make one at the same time, the first wins: a link, unlike a rename,
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
	bool ok = io_write_all(fd, str_of(text, SEED_DIGITS + 1)) == ERR_OK;
	if (io_close(fd) == ERR_OK && ok)
		(void)io->linkat(root_fd, temp_name, root_fd, seed_name, 0); /* read below */
	(void)io->unlinkat(root_fd, temp_name, 0); /* what stays is a small file */
}

bool index_cache_seed(const struct store *s, uint64_t *ret)
{
	struct index_cache *c = s->index;
	if (!c->has_seed)
		c->has_seed = read_seed(s->root_fd, &c->seed);
	if (!c->has_seed && s->may_write) {
		make_seed(s->root_fd);
		c->has_seed = read_seed(s->root_fd, &c->seed);
	}
	*ret = c->seed;
	return c->has_seed;
}
