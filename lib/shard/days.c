#include "shard/days.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/mutants.h"

#include <errno.h>
#include <stdlib.h>

enum {
	CACHE_SLOTS = 8,     /* workspaces one process remembers */
	CACHE_FILES = 16384, /* of one workspace: more than ten years of days */
	FIRST_FILES = 512,   /* room in the first try */
	/* The coarsest clocks of file systems (128-byte inodes of ext4) tick once a second. */
	SETTLED_S = 2
};

struct slot {
	dev_t dev;
	ino_t ino;
	struct timespec changed;
	bool is_settled;
	struct day_file *files; /* in the store's memory, grown when needed */
	size_t n, cap;
};

struct store_cache {
	struct arena *arena;
	struct slot slots[CACHE_SLOTS];
	unsigned next; /* the slot to be replaced next */
};

struct store_cache *store_cache_make(struct arena *a)
{
	struct store_cache *c = arena_alloc(a, sizeof *c);
	c->arena = a;
	return c;
}

static bool is_same(const struct slot *slot, const struct stat *st)
{
	return slot->is_settled && slot->ino == st->st_ino && slot->dev == st->st_dev &&
	       slot->changed.tv_sec == st->st_mtim.tv_sec &&
	       slot->changed.tv_nsec == st->st_mtim.tv_nsec;
}

static const struct slot *find_slot(const struct store_cache *c, const struct stat *st)
{
	for (unsigned i = 0; i < CACHE_SLOTS; i++)
		if (is_same(&c->slots[i], st))
			return &c->slots[i];
	return NULL;
}

/* st: of the directory before it was listed. */
static void keep(
	struct store_cache *c, const struct stat *st, const struct day_file *files, size_t n)
{
	if (n > CACHE_FILES)
		return;
	struct slot *slot = NULL;
	for (unsigned i = 0; i < CACHE_SLOTS && !slot; i++)
		if (c->slots[i].ino == st->st_ino && c->slots[i].dev == st->st_dev)
			slot = &c->slots[i];
	if (!slot)
		slot = &c->slots[c->next++ % CACHE_SLOTS];
	if (slot->cap < n) {
		slot->cap = n + n / 2;
		slot->files = arena_block(c->arena, slot->files, slot->cap * sizeof *files);
	}
	slot->dev = st->st_dev;
	slot->ino = st->st_ino;
	slot->changed = st->st_mtim;
	slot->is_settled =
		utime_now() / NS_PER_S - st->st_mtim.tv_sec > SETTLED_S || MUTANT(NOSETTLE);
	slot->n = n;
	if (n)
		memcpy(slot->files, files, n * sizeof *files);
}

static bool parse_file(const char *name, struct day_file *ret)
{
	struct day_file f;
	if (!store_parse_name(str_from_c(name), &f.kind, &f.day, &f.part))
		return false;
	if (f.kind != STORE_FILE_SHARD && f.kind != STORE_FILE_NOTES &&
		f.kind != STORE_FILE_SEALED && f.kind != STORE_FILE_SUSPECT)
		return false;
	*ret = f;
	return true;
}

struct file_list {
	struct day_file *files;
	size_t n, cap;
	bool is_full;
};

static bool days_add_file(void *user, const char *name)
{
	struct file_list *list = user;
	struct day_file f;
	if (!parse_file(name, &f))
		return true;
	list->is_full = list->n == list->cap;
	if (!list->is_full)
		list->files[list->n++] = f;
	return !list->is_full;
}

static int days_compare_files(const void *x, const void *y)
{
	const struct day_file *a = x, *b = y;
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

enum err days_list(const struct store *s, int dir_fd, struct arena *a, struct day_file **ret_files,
	size_t *ret_n)
{
	struct stat st;
	if (io->fstat(dir_fd, &st) < 0)
		return io_error(errno);
	const struct slot *slot = find_slot(s->cache, &st);
	if (slot) {
		struct day_file *files = arena_calloc(a, slot->n, sizeof *files);
		if (slot->n)
			memcpy(files, slot->files, slot->n * sizeof *files);
		*ret_files = files;
		*ret_n = slot->n;
		return ERR_OK;
	}
	struct file_list list = { .cap = FIRST_FILES };
	for (;; list.cap *= 2) {
		/* Here and not while the directory is open: memory may run out. */
		list.files = arena_calloc(a, list.cap, sizeof *list.files);
		list.n = 0;
		list.is_full = false;
		enum err e = io_list(dir_fd, days_add_file, &list);
		if (e)
			return e;
		if (!list.is_full)
			break;
	}
	struct day_file *files = list.files;
	size_t n = list.n;
	if (n > 1)
		qsort(files, n, sizeof *files, days_compare_files);
	keep(s->cache, &st, files, n);
	*ret_files = files;
	*ret_n = n;
	return ERR_OK;
}

struct state_of {
	int32_t day;
	struct day_state state;
};

static void note_file(struct state_of *of, const struct day_file *f)
{
	struct day_state *state = &of->state;
	if (f->kind == STORE_FILE_SEALED && f->day > state->newest_sealed)
		state->newest_sealed = f->day;
	if (f->day != of->day)
		return;
	if (f->kind == STORE_FILE_SHARD && f->part > state->last_part)
		state->last_part = f->part;
	if (f->kind == STORE_FILE_NOTES && f->part > state->last_notes)
		state->last_notes = f->part;
	if (f->kind == STORE_FILE_SUSPECT && f->part > state->last_suspect)
		state->last_suspect = f->part;
}

static bool days_note_name(void *user, const char *name)
{
	struct day_file f;
	if (parse_file(name, &f))
		note_file(user, &f);
	return true;
}

enum err days_state(const struct store *s, int dir_fd, int32_t day, struct day_state *ret)
{
	struct state_of of = { .day = day,
		.state = { .newest_sealed = INT32_MIN,
			.last_part = -1,
			.last_notes = -1,
			.last_suspect = -1 } };
	struct stat st;
	if (io->fstat(dir_fd, &st) < 0)
		return io_error(errno);
	const struct slot *slot = find_slot(s->cache, &st);
	if (slot) {
		for (size_t i = 0; i < slot->n; i++)
			note_file(&of, &slot->files[i]);
	} else {
		enum err e = io_list(dir_fd, days_note_name, &of);
		if (e)
			return e;
	}
	*ret = of.state;
	return ERR_OK;
}

/* A day's place among the others would not do: it moves as the oldest go, and by the same each day
 * half of them never have their turn. */
size_t days_choose(int32_t *days, size_t n, int32_t today)
{
	uint32_t period = 1;
	size_t n_chosen = 0;
	if (n == 0)
		return 0;
	int32_t other = days[(uint32_t)today % n];
	while (period <= n / 2)
		period *= 2;
	for (size_t i = 0; i < n; i++)
		if (((uint32_t)days[i] + (uint32_t)today) % period == 0)
			days[n_chosen++] = days[i];
	if (n_chosen == 0)
		days[n_chosen++] = other;
	return n_chosen;
}
