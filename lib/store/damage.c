#include "store/damage.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/utime.h"
#include "index/index.h"
#include "shard/sealed/sealed.h"
#include "store/settings.h"
#include "json/read.h"

#include <fcntl.h>

enum { FILE_MAX = 64 << 20 };

static struct damage *damage_add(struct damages *d, struct damage one)
{
	d->list[d->n] = one;
	return &d->list[d->n++];
}

/* ---- Days ---- */

/* True when lines of the shard are known to be missing. */
static bool is_missing(struct view *v, size_t shard, const struct index_set *set)
{
	const struct index *ix = set ? &set->of[shard] : NULL;
	enum err e = shard_open(v, shard);
	(void)e; /* what cannot be opened is told by those who need it */
	return v->shards[shard].is_damaged || (ix && ix->n_rot + ix->n_zero);
}

static void look_at_days(struct view *v, struct damages *ret)
{
	struct index_set opened;
	const struct index_set *set = index_open(v, &opened) ? NULL : &opened;
	char day[10];
	for (size_t i = 0; i < v->n_shards; i++) {
		const struct shard *s = &v->shards[i];
		bool misses = is_missing(v, i, set);
		bool is_walked = s->sealed && s->sealed->is_walked;
		struct damage *last = ret->n ? &ret->list[ret->n - 1] : NULL;
		if (!misses && !is_walked)
			continue;
		if (!last || last->day != s->day) {
			utime_format_day(s->day, day);
			last = damage_add(ret, (struct damage){ .name = arena_copy(v->arena,
									str_of(day, sizeof day)),
						       .day = s->day });
		}
		last->is_missing = last->is_missing || misses;
	}
}

/* ---- Other files ---- */

static bool is_object(struct str text)
{
	struct json_error error;
	return json_check(text, LIMIT_DEPTH, &error) && json_open(text).type == JSON_OBJECT;
}

static bool is_sound(int dir_fd, const char *name, struct arena *a)
{
	int fd;
	int64_t size;
	size_t n = 0;
	enum err e = io_open_file(dir_fd, name, O_RDONLY, &fd);
	if (e)
		return e == ERR_NOT_FOUND;
	e = io_size(fd, &size);
	if (!e && size > FILE_MAX)
		e = ERR_TOO_LARGE;
	char *text = e ? NULL : arena_block(a, NULL, (size_t)size + 1);
	if (!e)
		e = io_pread(fd, text, (size_t)size, 0, &n);
	io_drop(fd);
	bool is_good = !e && is_object(str_of(text, n));
	arena_block(a, text, 0);
	return is_good;
}

static void look_at_files(
	const struct store *s, struct str workspace, const struct view *v, struct damages *ret)
{
	static const char *const names[] = { "projects.json", "erase.json" };
	struct settings settings;
	if (settings_read(s, workspace, v->arena, &settings) == ERR_CONF)
		damage_add(ret, (struct damage){ .name = STR("workspace.json"), .day = INT32_MIN });
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!is_sound(v->dir_fd, names[i], v->arena))
			damage_add(ret,
				(struct damage){ .name = str_from_c(names[i]), .day = INT32_MIN });
}

enum err damage_list(
	const struct store *s, struct str workspace, struct arena *a, struct damages *ret)
{
	enum { FILES = 3 };
	struct view v;
	enum err e = view_open(s, workspace, a, &v);
	if (e)
		return e;
	ret->n = 0;
	ret->list = arena_calloc(a, v.n_shards + FILES, sizeof *ret->list);
	look_at_days(&v, ret);
	look_at_files(s, workspace, &v, ret);
	view_close(&v);
	return ERR_OK;
}
