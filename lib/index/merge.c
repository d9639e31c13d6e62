#include "index/merge.h"

#include "base/io.h"
#include "index/segment/make.h"
#include "index/segment/merge.h"

#include <stdio.h>

enum {
	FACTOR = 8, /* a size is so much larger than the one before */
	SIZES_MAX = 8,
	ROWS_MAX_LARGE = 4 << 20, /* of one segment: 350 MB, and as much memory to make it */
	ROWS_MAX = 512 << 10,     /* in processes that serve clients */
	ROWS_MAX_NOW = 256 << 10  /* while requests come: half the memory */
};
/* Ids and dictionaries of one segment. */
#define TEXT_MAX_BYTES ((uint64_t)256 << 20)

/* 0 up to three times what is closed at once, then a size more for each factor. */
static unsigned size_of(const struct view *v, uint32_t n_rows)
{
	unsigned size = 0;
	for (uint64_t limit = (uint64_t)v->store->index_rows * 3;
		n_rows > limit && size < SIZES_MAX; limit *= FACTOR)
		size++;
	return size;
}

static uint64_t text_bytes(const struct segment *s)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < s->header.n_chunks; i++)
		if (s->chunks[i].id == INDEX_CHUNK_DICT || s->chunks[i].id == INDEX_CHUNK_TRACE_IDS)
			n += s->chunks[i].size;
	return n;
}

/* Neighbours [first, first + n) of a shard's segments. */
struct run {
	size_t first, n;
};

static bool fits(const struct index *ix, struct run r, uint64_t rows_max)
{
	uint64_t rows = 0, text = 0;
	for (size_t i = 0; i < r.n; i++) {
		rows += ix->segments[r.first + i].n_rows;
		text += text_bytes(ix->segments[r.first + i].segment);
	}
	return rows <= rows_max && text <= TEXT_MAX_BYTES;
}

/* Returns the last segments, when they are many of one size. */
static struct run find_many(const struct view *v, const struct index *ix, unsigned at_least)
{
	struct run r = { .first = ix->n_segments, .n = 0 };
	unsigned size = ix->n_segments ? size_of(v, ix->segments[ix->n_segments - 1].n_rows) : 0;
	while (r.first > 0 && size_of(v, ix->segments[r.first - 1].n_rows) <= size) {
		r.first--;
		r.n++;
	}
	uint64_t rows_max = at_least == MERGE_NOW ? ROWS_MAX_NOW : ROWS_MAX;
	/* What fills a segment need not wait for more. */
	if (r.n < at_least && fits(ix, r, rows_max))
		r.n = 0;
	if (r.n > SEGMENT_MERGE_MAX)
		r.n = SEGMENT_MERGE_MAX;
	while (r.n && !fits(ix, r, rows_max))
		r.n--;
	if (r.n < MERGE_SOON)
		r.n = 0;
	return r;
}

/* The first neighbours that may become one. */
static struct run find_any(const struct index *ix, uint64_t rows_max)
{
	struct run r = { .n = 0 };
	for (r.first = 0; r.first + 1 < ix->n_segments; r.first++) {
		for (r.n = 2; r.first + r.n <= ix->n_segments && r.n <= SEGMENT_MERGE_MAX &&
			      fits(ix, r, rows_max);
			r.n++)
			;
		if (--r.n >= 2)
			return r;
	}
	r.n = 0;
	return r;
}

static enum err merge_run(
	struct view *v, size_t shard, const struct index *ix, struct run r, int idx_fd)
{
	struct segment *segments[SEGMENT_MERGE_MAX] = { NULL };
	for (size_t i = 0; i < r.n; i++)
		segments[i] = ix->segments[r.first + i].segment;
	/* It takes some 40 MB: what the process has of the row log and other segments can go. */
	index_cache_rest(index_cache_of(v->store));
	enum err e = segment_merge(v, shard, segments, r.n, idx_fd);
	if (e)
		return e;
	for (size_t i = 0; i < r.n; i++) {
		char name[SEGMENT_NAME_MAX];
		const struct index_header *h = &segments[i]->header;
		segment_name(h->part, h->from, h->to, name);
		(void)io->unlinkat(idx_fd, name, 0); /* what stays is cleaned later */
	}
	return ERR_OK;
}

enum err index_merge(struct view *v, size_t shard, const struct index_merging *how, int idx_fd)
{
	uint64_t rows_max = how->thoroughly ? ROWS_MAX_LARGE : ROWS_MAX;
	for (;;) {
		struct index_set *set = index_begin(v);
		enum err e = index_open_segments(set, shard);
		if (e)
			return e;
		const struct index *ix = &set->of[shard];
		struct run r =
			how->is_growing ? find_many(v, ix, how->at_least) : find_any(ix, rows_max);
		if (r.n == 0)
			return ERR_OK;
		e = merge_run(v, shard, ix, r, idx_fd);
		/* A damaged one is dropped when the index is opened again, and made again by the
		 * next one who closes. */
		if (e)
			return e == ERR_UNSAFE ? ERR_OK : e;
	}
}

/* ---- Cleaning ---- */

enum { NAME_BYTES = 80, NAMES_MAX = 1024 };

struct cleaning {
	const struct index *ix;
	int part;
	bool is_over;
	int64_t size_bytes; /* of the shard */
	char (*names)[NAME_BYTES];
	size_t n;
};

static bool is_needed(const struct cleaning *c, struct str name)
{
	char wanted[SEGMENT_NAME_MAX];
	for (size_t i = 0; i < c->ix->n_segments; i++) {
		segment_name(c->part, c->ix->segments[i].from, c->ix->segments[i].to, wanted);
		if (str_eq(name, str_from_c(wanted)))
			return true;
	}
	return false;
}

/* Is it a file of this part, or of nobody, that may go? */
static bool is_waste(const struct cleaning *c, struct str name)
{
	char prefix[STORE_NAME_MAX], log[STORE_NAME_MAX];
	(void)snprintf(prefix, sizeof prefix, "%d-", c->part);
	rowlog_file_name(c->part, log);
	if (str_starts(name, str_from_c(prefix)) && str_ends(name, STR(".seg")))
		return !is_needed(c, name);
	if (str_eq(name, str_from_c(log)))
		return c->is_over && index_flushed_to(c->ix) >= c->size_bytes;
	return str_eq(name, str_from_c(SEGMENT_TEMP_NAME)) || str_ends(name, STR(".tmp")) ||
	       str_starts(name, STR("ids."));
}

static bool note_waste(void *user, const char *name)
{
	struct cleaning *c = user;
	struct str s = str_from_c(name);
	if (s.len < NAME_BYTES && is_waste(c, s)) {
		memcpy(c->names[c->n], s.ptr, s.len);
		c->names[c->n++][s.len] = '\0';
	}
	return c->n < NAMES_MAX;
}

struct gone_part {
	int idx_fd;
	char prefix[STORE_NAME_MAX]; /* its number */
};

static bool index_merge_drop_file(void *user, const char *name)
{
	const struct gone_part *g = user;
	struct str s = str_from_c(name), rest = str_skip(s, str_from_c(g->prefix).len);
	if (str_starts(s, str_from_c(g->prefix)) &&
		(str_starts(rest, STR("-")) || str_starts(rest, STR("."))))
		(void)io->unlinkat(g->idx_fd, name, 0); /* nobody looks at it */
	return true;
}

void index_drop_gone(const struct view *v, int32_t day, int idx_fd)
{
	for (size_t i = index_first_shard(v, day); i < v->n_shards && v->shards[i].day == day;
		i++) {
		struct gone_part g = { .idx_fd = idx_fd };
		struct stat st;
		if (v->shards[i].part < 0 || shard_stat(v, i, &st) != ERR_NOT_FOUND)
			continue;
		(void)snprintf(g.prefix, sizeof g.prefix, "%d", v->shards[i].part); /* it fits */
		enum err e = io_list(idx_fd, index_merge_drop_file, &g);
		(void)e; /* the index goes with the day */
	}
}

void index_clean(struct view *v, size_t shard, int idx_fd, bool is_over)
{
	struct index_set *set = index_begin(v);
	struct arena_mark mark = arena_mark(v->arena);
	struct cleaning c = {
		.ix = &set->of[shard], .part = v->shards[shard].part, .is_over = is_over
	};
	c.names = arena_calloc(v->arena, NAMES_MAX, sizeof *c.names);
	c.size_bytes = v->shards[shard].size_bytes;
	if (index_open_segments(set, shard) == ERR_OK && io_list(idx_fd, note_waste, &c) == ERR_OK)
		for (size_t i = 0; i < c.n; i++)
			(void)io->unlinkat(idx_fd, c.names[i], 0); /* the next one tries again */
	arena_rewind(v->arena, mark);
}
