/* Finding rows and traces of segment.h by id. */
#include "index/segment/segment.h"

#include "base/hash.h"
#include "shard/mutants.h"

/* ---- The id table ---- */

enum { ENTRY_BYTES = sizeof(uint64_t) + sizeof(uint32_t) };

struct block {
	const char *keys, *rows; /* of unaligned numbers */
	uint32_t n;
};

static uint64_t key_at(const struct block *b, uint32_t i)
{
	uint64_t v;
	memcpy(&v, b->keys + i * sizeof v, sizeof v);
	return v;
}

static uint32_t row_at(const struct block *b, uint32_t i)
{
	uint32_t v;
	memcpy(&v, b->rows + i * sizeof v, sizeof v);
	return v;
}

/* The bytes of the table without its own checksum: each block has one. */
static const struct index_chunk *ids_chunk(const struct segment *s)
{
	for (unsigned i = 0; i < s->header.n_chunks; i++)
		if (s->chunks[i].id == INDEX_CHUNK_IDS)
			return &s->chunks[i];
	return NULL;
}

static enum err load_table(struct segment *s)
{
	struct str dir;
	uint32_t n_rows = s->header.n_rows;
	uint32_t n = (n_rows + INDEX_BLOCK_IDS - 1) / INDEX_BLOCK_IDS;
	const struct index_chunk *ids = ids_chunk(s);
	if (s->dir || n == 0)
		return s->is_damaged ? ERR_UNSAFE : ERR_OK;
	enum err e = segment_chunk(s, INDEX_CHUNK_ID_DIR, 0, &dir);
	if (e)
		return e;
	if (dir.len != n * sizeof *s->dir || !ids || ids->size != (uint64_t)n_rows * ENTRY_BYTES)
		return segment_damaged(s);
	s->block_is_checked = arena_calloc(&s->memory, n / 64 + 1, sizeof(uint64_t));
	s->id_blocks = s->map.ptr + ids->offset;
	s->n_id_blocks = n;
	s->dir = (const void *)dir.ptr;
	return ERR_OK;
}

static bool rows_fit(const struct segment *s, const struct block *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		if (row_at(b, i) >= s->header.n_rows)
			return false;
	return true;
}

static enum err load_block(struct segment *s, uint32_t block, struct block *ret)
{
	uint32_t first = block * INDEX_BLOCK_IDS, left = s->header.n_rows - first;
	struct block b = { .n = left < INDEX_BLOCK_IDS ? left : INDEX_BLOCK_IDS };
	b.keys = s->id_blocks + (size_t)first * ENTRY_BYTES;
	b.rows = b.keys + b.n * sizeof(uint64_t);
	if (!bits_has(s->block_is_checked, block)) {
		uint64_t sum = hash64(str_of(b.keys, b.n * ENTRY_BYTES), INDEX_MAGIC + block);
		if ((sum != s->dir[block].checksum && !MUTANT(NOINDEXSUM)) || !rows_fit(s, &b))
			return segment_damaged(s);
		bits_set(s->block_is_checked, block);
	}
	*ret = b;
	return ERR_OK;
}

/* Where among n evenly spread numbers one should stand: keys are hashes. */
static uint32_t guess(uint64_t key, uint32_t n)
{
	return (uint32_t)((unsigned __int128)key * n >> 64);
}

/* The first block that may hold the key: the last one that begins below it, if any does. */
static uint32_t first_block(const struct segment *s, uint64_t key)
{
	uint32_t n = s->n_id_blocks, at = guess(key, n), low, high, step = 1;
	if (s->dir[at].first_key < key) {
		for (low = at; low + step < n && s->dir[low + step].first_key < key; step *= 2)
			low += step;
		high = low + step < n ? low + step : n;
	} else {
		for (high = at; high >= step && s->dir[high - step].first_key >= key; step *= 2)
			high -= step;
		low = high >= step ? high - step : 0;
	}
	/* Below low all begin before the key, from high on none does. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (s->dir[middle].first_key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

/* The first entry that is not below the key. Keys of a block are spread evenly up to the next one:
 * looking where it should be costs one line of the processor's cache, halving four or five. */
static uint32_t segment_find_first_entry(
	const struct segment *s, uint32_t block, const struct block *b, uint64_t key)
{
	uint64_t from = s->dir[block].first_key;
	uint64_t to = block + 1 < s->n_id_blocks ? s->dir[block + 1].first_key : UINT64_MAX;
	uint32_t at = 0;
	if (key >= to)
		at = b->n - 1;
	else if (key > from)
		at = (uint32_t)((double)(key - from) / (double)(to - from) * (b->n - 1));
	while (at > 0 && key_at(b, at - 1) >= key)
		at--;
	while (at < b->n && key_at(b, at) < key)
		at++;
	return at;
}

/* *probe: 0, or 1 + the entry to go on with. */
enum err segment_find_key(
	struct segment *s, uint64_t key, bool only_span, uint64_t *probe, uint32_t *ret_row)
{
	unsigned shift = only_span ? INDEX_KEY_TAG_BITS : 0;
	struct block b = { .n = 0 };
	uint64_t entry = *probe ? *probe - 1 : 0;
	*ret_row = UINT32_MAX;
	enum err e = load_table(s);
	if (e || s->n_id_blocks == 0)
		return e;
	key = key >> shift << shift;
	uint32_t block = *probe ? (uint32_t)(entry / INDEX_BLOCK_IDS) : first_block(s, key);
	for (bool is_first = *probe == 0; block < s->n_id_blocks; block++, is_first = false) {
		e = load_block(s, block, &b);
		if (e)
			return e;
		uint32_t i = is_first ? segment_find_first_entry(s, block, &b, key)
			     : *probe ? entry % INDEX_BLOCK_IDS
				      : 0;
		*probe = 0;
		if (i == b.n)
			continue;
		if (key_at(&b, i) >> shift == key >> shift) {
			*ret_row = row_at(&b, i);
			*probe = (uint64_t)block * INDEX_BLOCK_IDS + i + 2;
		}
		return ERR_OK;
	}
	return ERR_OK;
}

/* ---- The trace table ---- */

/* Returns three bits of a word. */
static uint64_t filter_bits(uint64_t hash)
{
	return UINT64_C(1) << hash % 64 | UINT64_C(1) << (hash >> 6) % 64 |
	       UINT64_C(1) << (hash >> 12) % 64;
}

static enum err make_trace_filter(struct segment *s)
{
	enum { TRACES_A_WORD = 4 };
	const struct column *hash;
	size_t n_words = 2;
	enum err e = segment_load_column(s, INDEX_TRACE_HASH, &hash);
	if (e)
		return e;
	while (n_words * TRACES_A_WORD < s->header.n_traces)
		n_words *= 2;
	uint64_t *filter = arena_calloc(&s->memory, n_words, sizeof *filter);
	unsigned shift = 64 - (unsigned)__builtin_ctzll(n_words);
	for (uint32_t i = 0; i < s->header.n_traces; i++) {
		uint64_t h = (uint64_t)column_value(hash, i);
		filter[h >> shift] |= filter_bits(h);
	}
	s->trace_filter = filter;
	s->trace_filter_shift = shift;
	return ERR_OK;
}

/* Has asking become dearer than making a filter? */
static bool wants_trace_filter(struct segment *s, size_t n_asks)
{
	enum { TRACES_AN_ASK = 64 }; /* that go into a filter while one is looked up */
	if (s->n_trace_asks + n_asks > s->header.n_traces / TRACES_AN_ASK)
		return true;
	s->n_trace_asks += (uint32_t)n_asks;
	return false;
}

enum err segment_ask_trace(struct segment *s, uint64_t hash, bool *ret_may_have)
{
	uint64_t may_have = 0;
	enum err e = segment_ask_traces(s, &hash, 1, &may_have);
	if (!e)
		*ret_may_have = may_have;
	return e;
}

/* Up to 64 hashes: the bits of those that there may be. */
static uint64_t ask_filter(const struct segment *s, const uint64_t *hashes, size_t n)
{
	uint64_t may_have = 0;
	/* What one waits for the others can wait for as well. */
	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(&s->trace_filter[hashes[i] >> s->trace_filter_shift]);
	for (size_t i = 0; i < n; i++) {
		uint64_t word = s->trace_filter[hashes[i] >> s->trace_filter_shift];
		uint64_t bits = filter_bits(hashes[i]);
		may_have |= (uint64_t)((word & bits) == bits) << i;
	}
	return may_have;
}

enum err segment_ask_traces(struct segment *s, const uint64_t *hashes, size_t n, uint64_t *may_have)
{
	bool has_filter = s->trace_filter || wants_trace_filter(s, n);
	enum err e = has_filter && !s->trace_filter ? make_trace_filter(s) : ERR_OK;
	for (size_t i = 0; !e && i < n; i += 64)
		may_have[i / 64] |= has_filter ? ask_filter(s, hashes + i, n - i < 64 ? n - i : 64)
					       : UINT64_MAX;
	return e;
}

static enum err trace_slots(struct segment *s, const uint32_t **ret, size_t *ret_n)
{
	struct str bytes;
	enum err e = segment_chunk(s, INDEX_CHUNK_TRACE_SLOTS, 0, &bytes);
	if (e)
		return e;
	size_t n = bytes.len / sizeof(uint32_t);
	if (n * sizeof(uint32_t) != bytes.len || (n & (n - 1)) || n < s->header.n_traces)
		return segment_damaged(s);
	*ret = (const void *)bytes.ptr;
	*ret_n = n;
	return ERR_OK;
}

enum err segment_probe_trace_hash(
	struct segment *s, uint64_t hash, uint64_t *probe, uint32_t *ret_row)
{
	const struct column *hashes;
	const uint32_t *slots;
	size_t n;
	*ret_row = UINT32_MAX;
	enum err e = trace_slots(s, &slots, &n);
	if (!e)
		e = segment_load_column(s, INDEX_TRACE_HASH, &hashes);
	while (!e && *probe < n) {
		uint32_t slot = slots[(hash + (*probe)++) & (n - 1)];
		if (slot == 0)
			return ERR_OK;
		if (slot > hashes->n_rows)
			return segment_damaged(s);
		if ((uint64_t)column_value(hashes, slot - 1) == hash) {
			*ret_row = slot - 1;
			return ERR_OK;
		}
	}
	return e;
}

/* *probe: how many slots were looked at. */
enum err segment_probe_trace(
	struct segment *s, struct str trace_id, uint64_t hash, uint64_t *probe, uint32_t *ret_row)
{
	struct dict ids;
	const uint32_t *slots;
	size_t n;
	*ret_row = UINT32_MAX;
	enum err e = trace_slots(s, &slots, &n);
	if (!e)
		e = segment_load_trace_ids(s, &ids);
	while (!e && *probe < n) {
		uint32_t slot = slots[(hash + (*probe)++) & (n - 1)];
		if (slot == 0)
			return ERR_OK;
		if (slot > ids.n)
			return segment_damaged(s);
		if (str_eq(dict_entry(&ids, slot - 1), trace_id)) {
			*ret_row = slot - 1;
			return ERR_OK;
		}
	}
	return e;
}

/* ---- By place ---- */

uint32_t column_first_at(const struct column *c, int64_t value)
{
	uint32_t low = 0, high = c->n_rows;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (column_value(c, middle) < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum err segment_row_at(struct segment *s, int64_t at, uint32_t *ret_row)
{
	const struct column *c;
	enum err e = segment_load_column(s, INDEX_AT, &c);
	if (e)
		return e;
	uint32_t row = column_first_at(c, at);
	*ret_row = row < c->n_rows && column_value(c, row) == at ? row : UINT32_MAX;
	return ERR_OK;
}
