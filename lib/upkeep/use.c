#include "upkeep/use.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/tree.h"

#include <stdlib.h>

const char *const use_names[USE__MAX] = { "lines", "sealed", "notes", "index", "other" };

static struct day_use *use_day_of(struct use *u, int32_t day)
{
	for (size_t i = u->n; i-- > 0;)
		if (u->days[i].day == day)
			return &u->days[i];
	if (u->n == u->cap) {
		u->cap = u->cap ? 2 * u->cap : 64;
		u->days = arena_block(u->arena, u->days, u->cap * sizeof *u->days);
	}
	u->days[u->n] = (struct day_use){ .day = day };
	return &u->days[u->n++];
}

static enum use_of use_of_file(enum store_file kind)
{
	switch (kind) {
	case STORE_FILE_SHARD:
		return USE_LINES;
	case STORE_FILE_SEALED:
		return USE_SEALED;
	case STORE_FILE_NOTES:
		return USE_NOTES;
	case STORE_FILE_INDEX:
		return USE_INDEX;
	case STORE_FILE_LOCK:
	case STORE_FILE_SUSPECT:
		break;
	}
	return USE_OTHER;
}

static bool use_add_file(void *user, const char *name)
{
	struct use *u = user;
	struct stat st;
	enum store_file kind;
	int32_t day;
	int part;
	struct str s = str_from_c(name);
	if (io_stat(u->dir_fd, name, &st) != ERR_OK)
		return true;
	int64_t bytes = st.st_size;
	enum use_of of = USE_OTHER;
	if (S_ISDIR(st.st_mode) && tree_bytes(u->dir_fd, name, &bytes) != ERR_OK)
		return true;
	if (store_parse_name(s, &kind, &day, &part))
		of = use_of_file(kind);
	else if (!utime_parse_day(str_first(s, 10), &day))
		day = INT32_MIN;
	use_day_of(u, day)->bytes[of] += bytes;
	return true;
}

static int by_day(const void *x, const void *y)
{
	const struct day_use *a = x, *b = y;
	return (a->day > b->day) - (a->day < b->day);
}

enum err use_measure(const struct store *s, struct str workspace, struct arena *a, struct use *ret)
{
	*ret = (struct use){ .arena = a };
	enum err e = workspace_open(s, workspace, false, &ret->dir_fd);
	if (e)
		return e;
	e = io_list(ret->dir_fd, use_add_file, ret);
	io_drop(ret->dir_fd);
	if (e)
		use_release(ret);
	else if (ret->n)
		qsort(ret->days, ret->n, sizeof *ret->days, by_day);
	return e;
}

void use_release(struct use *u)
{
	if (u->days)
		arena_block(u->arena, u->days, 0);
	*u = (struct use){ .arena = u->arena };
}

struct day_use use_sum(const struct use *u)
{
	struct day_use sum = { .day = INT32_MIN };
	for (size_t i = 0; i < u->n; i++)
		for (unsigned k = 0; k < USE__MAX; k++)
			sum.bytes[k] += u->days[i].bytes[k];
	return sum;
}

int64_t use_bytes(const struct day_use *d)
{
	int64_t sum = 0;
	for (unsigned k = 0; k < USE__MAX; k++)
		sum += d->bytes[k];
	return sum;
}
