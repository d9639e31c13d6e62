#include "store/idcache.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/utime.h"
#include "store/mutants.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/*
 *	block 0		struct header, zeros
 *	block 1 …	u64 checksum of what follows, u64 rows, rows sorted by (hash, tag, at)
 *
 * In the byte order of the machine: another one sees a wrong magic number and builds its own.
 */
enum {
	BLOCK_BYTES = 4096,
	BLOCK_ROWS = (BLOCK_BYTES - 16) / 16,
	RUNS_MAX = 32, /* of one shard: LIMIT_SHARD_BYTES of the shortest lines */
	PRINT_BYTES = 64,
	LINE_MIN = 30, /* of a sealed line with a span_id, with its newline */
	NAME_BYTES = 40,
	BUILD_BYTES = 256 << 20 /* memory for building: rows, the file's bytes, the longest line */
};
#define MAGIC UINT64_C(0x31756e7264697366) /* "fsidrnu1" */
/* A row is found by 64 bits of its span id and 16 of the rest, so that a source that numbers its
 * spans 1, 2, 3 in each trace does not make every lookup a scan. */
#define AT_BITS 48
#define AT_MASK ((UINT64_C(1) << AT_BITS) - 1)

struct row {
	uint64_t hash;
	uint64_t tag_at; /* tag << AT_BITS | at */
};

struct block {
	uint64_t checksum, n_rows;
	struct row rows[BLOCK_ROWS];
};
_Static_assert(sizeof(struct block) == BLOCK_BYTES, "a block is a page");

struct header {
	uint64_t magic;
	int64_t from, to; /* bytes of the shard */
	uint64_t n_rows;
	uint64_t seed; /* random: who chooses ids cannot choose hashes */
	/* Of the first and the last PRINT_BYTES of the range: is it this file's? */
	uint64_t first_print, last_print;
	uint64_t checksum; /* of the above */
};

struct run {
	int fd;
	struct header header;
	uint64_t n_blocks;
};

struct id_cache {
	struct run runs[RUNS_MAX];
	size_t n_runs;
	uint64_t block_at; /* which block of which run is in `block`; UINT64_MAX: none */
	size_t block_run;
	struct block block;
};

static uint64_t header_checksum(const struct header *h)
{
	return hash64(str_of((const char *)h, offsetof(struct header, checksum)), MAGIC);
}

static uint64_t block_checksum(const struct block *b, uint64_t at, const struct header *h)
{
	return hash64(
		str_of((const char *)b + sizeof b->checksum, BLOCK_BYTES - sizeof b->checksum),
		h->seed + at);
}

static uint64_t tag_of(struct str source, struct str trace_id, uint64_t seed)
{
	return hash64(trace_id, hash64(source, seed)) >> AT_BITS;
}

static void run_name(int part, size_t run, char ret[static NAME_BYTES])
{
	(void)snprintf(ret, NAME_BYTES, "ids.%d.%zu", part, run);
}

/* Of up to PRINT_BYTES at `at`, not past `end`. */
static enum err print_of(const struct shard *s, int64_t at, int64_t end, uint64_t *ret)
{
	char bytes[PRINT_BYTES];
	size_t n = end - at < PRINT_BYTES ? (size_t)(end - at) : PRINT_BYTES, got;
	enum err e = io_pread(s->fd, bytes, n, at, &got);
	if (e)
		return e;
	*ret = hash64(str_of(bytes, got), MAGIC);
	return ERR_OK;
}

static enum err prints_of(
	const struct shard *s, int64_t from, int64_t to, uint64_t *ret_first, uint64_t *ret_last)
{
	enum err e = print_of(s, from, to, ret_first);
	int64_t last = to - from > PRINT_BYTES ? to - PRINT_BYTES : from;
	return e ? e : print_of(s, last, to, ret_last);
}

/* Is this the run that begins at `from`, of this shard as it is? */
static bool header_fits(const struct header *h, const struct shard *s, int64_t from, int64_t size)
{
	uint64_t first, last;
	if (h->magic != MAGIC || h->checksum != header_checksum(h) || h->from != from ||
		h->to <= from || h->to > s->size_bytes || h->n_rows > ID_CACHE_RUN_ROWS)
		return false;
	uint64_t n_blocks = (h->n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
	if (size != (int64_t)((n_blocks + 1) * BLOCK_BYTES))
		return false;
	if (prints_of(s, h->from, h->to, &first, &last))
		return false;
	return (first == h->first_print && last == h->last_print) || MUTANT(NOIDPRINT);
}

static bool open_run(
	int idx_fd, const struct shard *s, size_t number, int64_t from, struct run *ret)
{
	char name[NAME_BYTES];
	struct run r;
	size_t got;
	int64_t size;
	run_name(s->part, number, name);
	if (io_open_file(idx_fd, name, O_RDONLY, &r.fd))
		return false;
	if (io_pread(r.fd, &r.header, sizeof r.header, 0, &got) || got != sizeof r.header ||
		io_size(r.fd, &size) || !header_fits(&r.header, s, from, size)) {
		io_drop(r.fd);
		return false;
	}
	r.n_blocks = (r.header.n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
	*ret = r;
	return true;
}

static void close_runs(struct id_cache *c)
{
	while (c->n_runs)
		io_drop(c->runs[--c->n_runs].fd);
	c->block_at = UINT64_MAX;
}

int64_t id_cache_covered(const struct id_cache *c)
{
	return c->n_runs ? c->runs[c->n_runs - 1].header.to : 0;
}

static void open_runs(struct id_cache *c, const struct view *v, const struct shard *s)
{
	char name[STORE_NAME_MAX];
	int idx_fd;
	store_file_name(STORE_FILE_INDEX, s->day, 0, name);
	if (io_open_dir(v->dir_fd, name, &idx_fd))
		return;
	while (c->n_runs < RUNS_MAX && id_cache_covered(c) < s->size_bytes &&
		open_run(idx_fd, s, c->n_runs, id_cache_covered(c), &c->runs[c->n_runs]))
		c->n_runs++;
	io_drop(idx_fd);
}

struct id_cache *id_cache_open(struct view *v, size_t shard)
{
	const struct shard *s = &v->shards[shard];
	struct id_cache *c = arena_alloc(v->arena, sizeof *c);
	c->block_at = UINT64_MAX;
	if (!v->store->conf->index || shard_open(v, shard) || s->fd < 0)
		return c;
	open_runs(c, v, s);
	bool is_past = s->day < v->today;
	int64_t tail = s->size_bytes - id_cache_covered(c);
	if (tail > (is_past ? 0 : v->store->id_tail_bytes)) {
		close_runs(c);
		id_cache_build(v, shard, is_past ? v->store->conf->lock_ms : 0);
		open_runs(c, v, s);
	}
	return c;
}

void id_cache_close(struct id_cache *c)
{
	close_runs(c);
}

/* Reads and checks a block into c->block; ERR_NOT_FOUND when it is not what was written. */
static enum err load_block(struct id_cache *c, size_t run, uint64_t at)
{
	const struct run *r = &c->runs[run];
	size_t got;
	if (c->block_run == run && c->block_at == at)
		return ERR_OK;
	c->block_at = UINT64_MAX;
	if (io_pread(r->fd, &c->block, BLOCK_BYTES, (int64_t)(at + 1) * BLOCK_BYTES, &got) ||
		got != BLOCK_BYTES || c->block.n_rows == 0 || c->block.n_rows > BLOCK_ROWS ||
		(c->block.checksum != block_checksum(&c->block, at, &r->header) &&
			!MUTANT(NOIDSUM)))
		return ERR_NOT_FOUND;
	c->block_run = run;
	c->block_at = at;
	return ERR_OK;
}

static bool is_before(const struct row *row, uint64_t hash, uint64_t tag)
{
	return row->hash < hash || (row->hash == hash && row->tag_at >> AT_BITS < tag);
}

/* The first block whose last row is not before the key; hashes are spread evenly, so the first
 * guess is nearly always right or next to it. *ret == n_blocks: none. */
static enum err find_block(
	struct id_cache *c, size_t run, uint64_t hash, uint64_t tag, uint64_t *ret)
{
	uint64_t low = 0, high = c->runs[run].n_blocks, step = 1;
	uint64_t guess = (uint64_t)((unsigned __int128)hash * high >> 64);
	while (low < high) {
		if (guess < low || guess >= high)
			guess = low + (high - low) / 2;
		enum err e = load_block(c, run, guess);
		if (e)
			return e;
		const struct row *rows = c->block.rows;
		if (is_before(&rows[c->block.n_rows - 1], hash, tag)) {
			low = guess + 1;
			guess += step;
		} else {
			high = guess;
			if (is_before(&rows[0], hash, tag))
				break;
			guess -= step;
		}
		step *= 2;
	}
	*ret = high;
	return ERR_OK;
}

static enum err find_in_run(struct id_cache *c, size_t run, const struct id_key *key,
	enum err (*each)(void *user, int64_t at), void *user)
{
	const struct run *r = &c->runs[run];
	uint64_t hash = hash64(key->span_id, r->header.seed), at;
	bool is_any = str_is_null(key->source) || str_is_null(key->trace_id);
	uint64_t tag = is_any ? 0 : tag_of(key->source, key->trace_id, r->header.seed);
	enum err e = find_block(c, run, hash, tag, &at);
	for (; !e && at < r->n_blocks; at++) {
		e = load_block(c, run, at);
		for (uint64_t i = 0; !e && i < c->block.n_rows; i++) {
			struct row row = c->block.rows[i];
			if (is_before(&row, hash, tag))
				continue;
			if (row.hash != hash || (!is_any && row.tag_at >> AT_BITS != tag))
				return ERR_OK;
			e = each(user, (int64_t)(row.tag_at & AT_MASK));
		}
	}
	return e;
}

enum err id_cache_find(struct id_cache *c, const struct id_key *key,
	enum err (*each)(void *user, int64_t at), void *user)
{
	for (size_t run = 0; run < c->n_runs; run++) {
		enum err e = find_in_run(c, run, key, each, user);
		if (e)
			return e;
	}
	return ERR_OK;
}

void id_cache_drop(struct view *v, size_t shard)
{
	const struct shard *s = &v->shards[shard];
	char name[STORE_NAME_MAX];
	int idx_fd;
	if (!v->store->may_write)
		return;
	store_file_name(STORE_FILE_INDEX, s->day, 0, name);
	if (io_open_dir(v->dir_fd, name, &idx_fd))
		return;
	for (size_t run = 0; run < RUNS_MAX; run++) {
		char run_file[NAME_BYTES];
		run_name(s->part, run, run_file);
		(void)io->unlinkat(idx_fd, run_file, 0); /* what stays is found damaged again */
	}
	io_drop(idx_fd);
}

/* ---- Building ---- */

struct builder {
	struct arena arena;
	struct view view; /* the caller's, with this memory */
	size_t shard;
	int idx_fd, lock_fd;
	int wait_ms;
	struct id_cache *cache;
};

/* The rows of a run that is about to be replaced by a longer one. */
static bool load_rows(struct builder *b, size_t run, struct row *ret_rows)
{
	size_t n = 0;
	for (uint64_t at = 0; at < b->cache->runs[run].n_blocks; at++) {
		if (load_block(b->cache, run, at))
			return false;
		memcpy(ret_rows + n, b->cache->block.rows,
			b->cache->block.n_rows * sizeof *ret_rows);
		n += b->cache->block.n_rows;
	}
	return n == b->cache->runs[run].header.n_rows;
}

/* Adds the rows of lines from h->to on, and moves h->to behind them. */
static enum err scan_rows(struct builder *b, struct header *h, struct row *rows, size_t n_max)
{
	static const struct field_set identity = { { UINT64_C(1) << FIELD_SPAN_ID |
						     UINT64_C(1) << FIELD_TRACE_ID |
						     UINT64_C(1) << FIELD_SOURCE } };
	struct shard_reader r;
	struct str line;
	struct row_ref ref;
	struct span span;
	bool more;
	enum err e = shard_reader_open(&b->view, b->shard, h->to, -1, &r);
	if (e)
		return e;
	while (h->n_rows < n_max) {
		e = shard_reader_next(&r, &line, &ref, &more);
		if (e || !more)
			break;
		if (line_read(line, &identity, false, &span) != LINE_OK ||
			!span_has(&span, FIELD_SPAN_ID))
			continue;
		uint64_t tag = tag_of(
			span_text(&span, FIELD_SOURCE), span_text(&span, FIELD_TRACE_ID), h->seed);
		rows[h->n_rows++] = (struct row){
			.hash = hash64(span_text(&span, FIELD_SPAN_ID), h->seed),
			.tag_at = tag << AT_BITS | (uint64_t)ref.at,
		};
	}
	h->to = r.at;
	shard_reader_close(&r);
	return e;
}

static int compare_rows(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->tag_at < b->tag_at ? -1 : a->tag_at > b->tag_at;
}

static enum err write_run(
	struct builder *b, size_t number, const struct header *h, const struct row *rows)
{
	char name[NAME_BYTES];
	struct buf out;
	buf_init(&out, &b->arena);
	struct block *block = arena_alloc(&b->arena, sizeof *block);
	memcpy(block, h, sizeof *h);
	buf_reserve(&out, (h->n_rows / BLOCK_ROWS + 2) * BLOCK_BYTES);
	buf_add(&out, str_of((const char *)block, sizeof *block));
	for (uint64_t at = 0, i = 0; i < h->n_rows; at++, i += block->n_rows) {
		memset(block, 0, sizeof *block);
		block->n_rows = h->n_rows - i < BLOCK_ROWS ? h->n_rows - i : BLOCK_ROWS;
		memcpy(block->rows, rows + i, block->n_rows * sizeof *rows);
		block->checksum = block_checksum(block, at, h);
		buf_add(&out, str_of((const char *)block, sizeof *block));
	}
	run_name(b->view.shards[b->shard].part, number, name);
	/* Not durable: a half-written one shows by its checksums. */
	enum err e = io_replace_file(b->idx_fd, name, buf_str(&out), false);
	buf_release(&out);
	return e;
}

static uint64_t random_seed(void)
{
	uint64_t seed;
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
		seed = (uint64_t)utime_monotonic(); /* early at boot: better than none */
	return seed;
}

/* Rows there can be from h->from to the end of the shard, but not more than a run has. */
static size_t rows_bound(const struct builder *b, const struct header *h)
{
	int64_t tail = b->view.shards[b->shard].size_bytes - h->to;
	uint64_t n = h->n_rows + (uint64_t)tail / LINE_MIN + 1;
	return n < b->view.store->id_run_rows ? n : b->view.store->id_run_rows;
}

/* Sorts rows of which the first n_sorted are so already: a run grows by a little at a time. */
static void sort_rows(struct builder *b, struct row *rows, size_t n_sorted, size_t n)
{
	size_t n_new = n - n_sorted;
	struct row *new = arena_calloc(&b->arena, n_new, sizeof *new);
	if (n_new == 0)
		return;
	memcpy(new, rows + n_sorted, n_new * sizeof *new);
	qsort(new, n_new, sizeof *new, compare_rows);
	while (n_new > 0)
		if (n_sorted > 0 && compare_rows(&rows[n_sorted - 1], &new[n_new - 1]) > 0)
			rows[--n] = rows[--n_sorted];
		else
			rows[--n] = new[--n_new];
}

/* Writes the next run, or the last one anew and longer. */
static enum err build_run(struct builder *b)
{
	const struct shard *s = &b->view.shards[b->shard];
	struct arena_mark mark = arena_mark(&b->arena);
	size_t number = b->cache->n_runs;
	struct header h = { .magic = MAGIC, .seed = random_seed() };
	h.from = h.to = id_cache_covered(b->cache);
	if (number > 0 && b->cache->runs[number - 1].header.n_rows < b->view.store->id_run_rows)
		h = b->cache->runs[--number].header;
	if (number == RUNS_MAX)
		return ERR_NO_MEMORY;
	size_t n_max = rows_bound(b, &h);
	struct row *rows = arena_calloc(&b->arena, n_max, sizeof *rows);
	if (h.n_rows && !load_rows(b, number, rows)) {
		h.n_rows = 0; /* damaged: read its lines again */
		h.to = h.from;
	}
	size_t n_sorted = h.n_rows;
	enum err e = scan_rows(b, &h, rows, n_max);
	if (!e)
		e = prints_of(s, h.from, h.to, &h.first_print, &h.last_print);
	if (e)
		return e;
	sort_rows(b, rows, n_sorted, h.n_rows);
	h.checksum = header_checksum(&h);
	e = write_run(b, number, &h, rows);
	arena_rewind(&b->arena, mark);
	return e;
}

static enum err build_all(struct builder *b)
{
	const struct shard *s = &b->view.shards[b->shard];
	char name[STORE_NAME_MAX];
	store_file_name(STORE_FILE_INDEX, s->day, 0, name);
	enum err e = io_make_dir(b->view.dir_fd, name);
	if (!e)
		e = io_open_dir(b->view.dir_fd, name, &b->idx_fd);
	if (!e)
		e = io_open_file(b->idx_fd, "ids.lock", O_RDWR | O_CREAT, &b->lock_fd);
	if (!e)
		e = io_lock(b->lock_fd, b->wait_ms);
	/* Only now: another process may have built what we waited for. */
	for (int64_t before = -1; !e;) {
		close_runs(b->cache);
		open_runs(b->cache, &b->view, s);
		int64_t covered = id_cache_covered(b->cache);
		if (covered == s->size_bytes || covered <= before)
			break;
		before = covered;
		e = build_run(b);
	}
	return e;
}

/* A function of its own, so that no local variable lives across the jump. */
static void build_guarded(struct builder *b)
{
	if (setjmp(b->arena.escape) == 0) {
		b->arena.has_escape = true;
		b->cache = arena_alloc(&b->arena, sizeof *b->cache);
		(void)build_all(b); /* a cache that cannot be built is not there */
	}
}

void id_cache_build(struct view *v, size_t shard, int wait_ms)
{
	if (!v->store->may_write || shard_open(v, shard) || v->shards[shard].fd < 0)
		return;
	struct builder b = {
		.view = *v, .shard = shard, .idx_fd = -1, .lock_fd = -1, .wait_ms = wait_ms
	};
	arena_init(&b.arena, BUILD_BYTES);
	b.view.arena = &b.arena;
	buf_init(&b.view.line, &b.arena);
	build_guarded(&b);
	if (b.cache)
		close_runs(b.cache);
	if (b.lock_fd >= 0)
		io_drop(b.lock_fd); /* unlocks */
	if (b.idx_fd >= 0)
		io_drop(b.idx_fd);
	arena_release(&b.arena);
}
