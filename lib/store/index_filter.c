#include "store/index_filter.h"

enum {
	FILTERS_MAX = 4,
	KEYS_MAX = 2 << 20,     /* 4 MB: of more, each segment is looked into */
	READY_KEYS = 256 << 10, /* 512 KB: more are not read before somebody asks */
	BITS_A_KEY = 8,         /* at least; three bits a key are wrong for 1 in 20 then */
	ROWS_A_QUESTION = 64    /* asking without takes as long as adding so many */
};

struct index_filter {
	dev_t dev;
	ino_t ino;
	uint64_t seed;
	int64_t to; /* the keys of rows up to here are in it */
	/* Of the ranges that are in it, as their segments have them. */
	uint64_t first_print, last_print;
	uint64_t credit;  /* questions since */
	uint64_t *words;  /* a block; NULL: none yet */
	unsigned shift;   /* 64 less the bits of a word's number */
	uint64_t n_words; /* a power of two */
	unsigned n_users;
	uint64_t last_use;
};

/* ---- Bits ---- */

static uint64_t mix(uint64_t key)
{
	key >>= INDEX_KEY_TAG_BITS;
	key = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return key ^ key >> 29;
}

static uint64_t bits_of(uint64_t mixed)
{
	return UINT64_C(1) << (mixed & 63) | UINT64_C(1) << (mixed >> 6 & 63) |
	       UINT64_C(1) << (mixed >> 12 & 63);
}

static uint64_t *word_of(const struct index_filter *f, uint64_t mixed)
{
	return &f->words[mixed * UINT64_C(0xd6e8feb86659fd93) >> f->shift];
}

static void add_key(struct index_filter *f, uint64_t key)
{
	uint64_t mixed = mix(key);
	*word_of(f, mixed) |= bits_of(mixed);
}

static bool has_key(const struct index_filter *f, uint64_t key)
{
	uint64_t mixed = mix(key), bits = bits_of(mixed);
	return (*word_of(f, mixed) & bits) == bits;
}

/* ---- Filling ---- */

static void resize(struct index_cache *c, struct index_filter *f, uint64_t n_keys)
{
	unsigned bits = 10;
	while ((UINT64_C(64) << bits) < n_keys * BITS_A_KEY)
		bits++;
	f->n_words = UINT64_C(1) << bits;
	f->shift = 64 - bits;
	f->words = arena_block(c->arena, f->words, f->n_words * sizeof *f->words);
	memset(f->words, 0, f->n_words * sizeof *f->words);
	f->to = 0;
}

static enum err add_segment(struct index_filter *f, struct segment *s)
{
	struct str bytes;
	uint32_t n = s->header.n_rows;
	enum err e = segment_chunk(s, INDEX_CHUNK_IDS, 0, &bytes);
	if (e)
		return e;
	if (bytes.len != (size_t)n * (sizeof(uint64_t) + sizeof(uint32_t)))
		return segment_damaged(s);
	for (uint32_t first = 0; first < n; first += INDEX_BLOCK_IDS) {
		uint32_t left = n - first, k = left < INDEX_BLOCK_IDS ? left : INDEX_BLOCK_IDS;
		const char *keys = bytes.ptr + (size_t)first * 12;
		for (uint32_t i = 0; i < k; i++) {
			uint64_t key;
			memcpy(&key, keys + i * sizeof key, sizeof key);
			add_key(f, key);
		}
	}
	return ERR_OK;
}

/* The segments that end behind f->to, also those that begin before it. */
static enum err add_segments(struct index_filter *f, const struct index *ix)
{
	for (size_t i = 0; i < ix->n_segments; i++) {
		if (ix->segments[i].to <= f->to)
			continue;
		enum err e = add_segment(f, ix->segments[i].segment);
		if (e)
			return e;
		f->to = ix->segments[i].to;
		f->first_print = ix->segments[0].segment->header.first_print;
		f->last_print = ix->segments[i].segment->header.last_print;
	}
	return ERR_OK;
}

static enum err fill(struct index_cache *c, struct index_filter *f, const struct index *ix)
{
	uint64_t n_keys = 0, n_new = 0;
	for (size_t i = ix->n_segments; i-- > 0 && ix->segments[i].to > f->to;)
		n_new += ix->segments[i].n_rows;
	f->credit++;
	if (f->credit * ROWS_A_QUESTION < n_new)
		return ERR_OK;
	for (size_t i = 0; i < ix->n_segments; i++)
		n_keys += ix->segments[i].n_rows;
	bool is_full = n_keys * BITS_A_KEY > f->n_words * 64;
	if (n_keys > KEYS_MAX || (is_full && f->credit * ROWS_A_QUESTION < n_keys))
		return ERR_OK;
	f->credit = 0;
	if (is_full)
		resize(c, f, n_keys * 2);
	return add_segments(f, ix);
}

void index_filter_prepare(struct index_set *set, size_t shard)
{
	const struct index *ix = &set->of[shard];
	struct index_filter *f = set->shards[shard].filter;
	uint64_t n_keys = 0;
	for (size_t i = 0; i < ix->n_segments; i++)
		n_keys += ix->segments[i].n_rows;
	if (!f || ix->n_segments < 2 || n_keys > READY_KEYS || index_closed_to(ix) <= f->to)
		return;
	f->credit = READY_KEYS; /* as if that many had asked */
	enum err unused = fill(set->view->store->index, f, ix);
	(void)unused; /* who asks is told what is damaged */
}

enum err index_filter_ask(struct index_set *set, size_t shard, uint64_t key, int64_t *ret_from)
{
	const struct index *ix = &set->of[shard];
	struct index_filter *f = set->shards[shard].filter;
	int64_t to = index_closed_to(ix);
	*ret_from = 0;
	if (!f || ix->n_segments < 2)
		return ERR_OK;
	if (to > f->to) {
		enum err e = fill(set->view->store->index, f, ix);
		if (e)
			return e;
	}
	if (f->to > 0 && !has_key(f, key))
		*ret_from = to <= f->to ? INT64_MAX : f->to;
	return ERR_OK;
}

void index_filter_expect(const struct index_set *set, size_t shard, uint64_t key)
{
	const struct index_filter *f = set->shards[shard].filter;
	if (f && f->words)
		__builtin_prefetch(word_of(f, mix(key)));
}

/* ---- Keeping them ---- */

/* The one of the file, a free one, or one that nobody uses. */
static struct index_filter *find(
	struct index_cache *c, const struct stat *file, uint64_t seed, bool *ret_is_new)
{
	struct index_filter *oldest = NULL;
	for (size_t i = 0; i < c->n_filters; i++) {
		struct index_filter *f = c->filters[i];
		*ret_is_new = false;
		if (f->dev == file->st_dev && f->ino == file->st_ino && f->seed == seed)
			return f;
		if (f->n_users == 0 && (!oldest || f->last_use < oldest->last_use))
			oldest = f;
	}
	*ret_is_new = true;
	if (c->n_filters == FILTERS_MAX)
		return oldest;
	if (!c->filters)
		c->filters =
			arena_block(c->arena, NULL, FILTERS_MAX * sizeof(struct index_filter *));
	struct index_filter *f = arena_block(c->arena, NULL, sizeof *f);
	*f = (struct index_filter){ .words = NULL };
	c->filters[c->n_filters++] = f;
	return f;
}

/* An inode number may come again, with as many bytes as before: what was read ends with a segment
 * that is still there, or it is read again. */
static bool is_of(const struct index_filter *f, const struct index *ix)
{
	if (f->to == 0)
		return true;
	if (ix->n_segments == 0 || ix->segments[0].segment->header.first_print != f->first_print)
		return false;
	for (size_t i = ix->n_segments; i-- > 0;)
		if (ix->segments[i].to == f->to)
			return ix->segments[i].segment->header.last_print == f->last_print;
	return false;
}

struct index_filter *index_filter_take(
	struct index_cache *c, const struct stat *shard_file, uint64_t seed, const struct index *ix)
{
	bool is_new;
	struct index_filter *f = find(c, shard_file, seed, &is_new);
	if (!f)
		return NULL;
	if (is_new || !is_of(f, ix)) {
		if (f->n_users)
			return NULL;
		if (f->words)
			arena_block(c->arena, f->words, 0);
		*f = (struct index_filter){
			.dev = shard_file->st_dev, .ino = shard_file->st_ino, .seed = seed
		};
	}
	f->last_use = ++c->clock;
	f->n_users++;
	return f;
}

void index_filter_put(struct index_filter *f)
{
	f->n_users--;
}
