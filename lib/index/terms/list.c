#include "index/terms/list.h"

#include "base/io.h"
#include "index/format.h"
#include "index/segment/build.h"

#include <stdlib.h>

enum { TERMS_NAMES_MAX = 1024 };

static bool terms_names_add(void *user, const char *file)
{
	struct terms_names *l = user;
	struct terms_name name = { .day = 0 };
	if (terms_name_parse(str_from_c(file), &name) && name.part == l->part &&
		l->n < TERMS_NAMES_MAX)
		l->names[l->n++] = name;
	return true;
}

static int compare_terms_names(const void *x, const void *y)
{
	const struct terms_name *a = x, *b = y;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->to < b->to) - (a->to > b->to);
}

enum err terms_names_list(
	int idx_fd, const struct shard *s, struct arena *a, struct terms_names *ret)
{
	*ret = (struct terms_names){ .arena = a, .part = s->part };
	ret->names = arena_calloc(a, TERMS_NAMES_MAX, sizeof *ret->names);
	enum err e = io_list(idx_fd, terms_names_add, ret);
	for (size_t i = 0; i < ret->n; i++)
		ret->names[i].day = s->day;
	if (ret->n > 1)
		qsort(ret->names, ret->n, sizeof *ret->names, compare_terms_names);
	return e;
}

/* True if the range is in the shard, and its first and last bytes are those it was built from. */
static bool terms_are_of_shard(struct view *v, size_t shard, const struct terms *t)
{
	const struct terms_header *h = &t->header;
	const struct index_header range = { .from = h->from,
		.to = h->to,
		.first_print = h->first_print,
		.last_print = h->last_print };
	return h->to <= v->shards[shard].size_bytes && segment_is_bound(v, shard, &range);
}

enum err terms_list_open(struct view *v, size_t shard, int idx_fd, struct terms_list *ret)
{
	struct terms_names l;
	char file[TERMS_NAME_MAX];
	int64_t to = 0;
	struct arena_mark mark = arena_mark(v->arena);
	enum err e = terms_names_list(idx_fd, &v->shards[shard], v->arena, &l);
	ret->n = 0;
	for (size_t i = 0; !e && i < l.n && ret->n < TERMS_FILES_MAX; i++) {
		if (l.names[i].from < to)
			continue;
		terms_name_put(&l.names[i], file);
		struct terms *t = terms_open_file(v->arena, idx_fd, file, &l.names[i]);
		if (!t)
			continue;
		/* It is in the list when the fingerprints are read, so that it is closed if that
		 * ends the request. */
		ret->files[ret->n++] = t;
		if (terms_are_of_shard(v, shard, t)) {
			to = l.names[i].to;
		} else {
			ret->n--;
			terms_close_file(t);
		}
	}
	arena_rewind(v->arena, mark);
	return e;
}

void terms_open(struct view *v, size_t shard, struct terms_list *ret)
{
	char name[STORE_NAME_MAX];
	int idx_fd;
	ret->n = 0;
	store_file_name(STORE_FILE_INDEX, v->shards[shard].day, 0, name);
	if (io_open_dir(v->dir_fd, name, &idx_fd))
		return;
	if (terms_list_open(v, shard, idx_fd, ret))
		terms_close(ret); /* as if there were none */
	io_drop(idx_fd);
}

void terms_close(struct terms_list *l)
{
	while (l->n)
		terms_close_file(l->files[--l->n]);
}
