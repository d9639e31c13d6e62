/* Making a word file from lines: words_file.h. */
#include "store/words_cut.h"
#include "store/words_file.h"

#include "store/index_format.h"
#include "store/segment_build.h"

#include <stdlib.h>

enum {
	SLOTS_FIRST = 1 << 16,
	ID_ANY = 0, /* of WORDS_ANY */
	ID_LONG = 1,
	/* Bytes of distinct words that are kept: so many, and one in so many of the text. What is
	 * nothing but new words (pictures in base64) is not worth it. */
	WORDS_FREE_BYTES = 2 << 20,
	WORDS_SHARE = 24
};

/* A word. */
struct entry {
	uint32_t at; /* in the texts */
	uint32_t n_blocks;
	uint8_t len;
};

/* Of words of up to eight bytes the key is those bytes, zeros behind; of longer ones their hash.
 * A key is never 0, that is an empty slot. */
struct slot {
	uint64_t key;
	uint32_t id;
	uint32_t last_block; /* + 1 */
};

struct slots {
	struct slot *slots;
	uint32_t n, n_used;
	unsigned shift;
};

/* Short words wait a little, until the memory they are looked up in has come. */
enum { WAITING_MAX = 64, SHORT_BYTES = 8 };

struct words_builder {
	struct arena *arena;
	struct buf texts; /* of all words */
	struct entry *entries;
	uint32_t n_entries, cap_entries;
	struct slots shorts, longs;
	struct buf postings; /* uint32_t: word ids, a block after the other */
	struct buf ends; /* uint32_t: of each block, how many postings there are up to its end */
	uint32_t block;  /* the current one, of those of the file */
	uint32_t last_blocks[2]; /* + 1, of ID_ANY and ID_LONG */
	uint64_t text_bytes;
	uint64_t waiting[WAITING_MAX];
	size_t n_waiting;
};

static const uint64_t multiplier = UINT64_C(0x9e3779b97f4a7c15);

static uint32_t slot_of(const struct slots *t, uint64_t key)
{
	return (uint32_t)((key ^ key >> 29) * multiplier >> t->shift);
}

static void grow(struct words_builder *b, struct slots *t)
{
	struct slot *old = t->slots;
	uint32_t n_old = t->n;
	t->n = t->n ? t->n * 2 : SLOTS_FIRST;
	t->shift = 64 - (unsigned)__builtin_ctz(t->n);
	t->slots = arena_block(b->arena, NULL, t->n * sizeof *t->slots);
	memset(t->slots, 0, t->n * sizeof *t->slots);
	for (uint32_t i = 0; i < n_old; i++) {
		if (!old[i].key)
			continue;
		uint32_t s = slot_of(t, old[i].key);
		while (t->slots[s].key)
			s = (s + 1) & (t->n - 1);
		t->slots[s] = old[i];
	}
	if (old)
		(void)arena_block(b->arena, old, 0); /* freed: there is no result */
}

static uint32_t add_entry(struct words_builder *b, const char *p, size_t len)
{
	if (b->n_entries == b->cap_entries) {
		b->cap_entries = b->cap_entries ? b->cap_entries * 2 : SLOTS_FIRST / 2;
		b->entries = arena_block(b->arena, b->entries, b->cap_entries * sizeof *b->entries);
	}
	b->entries[b->n_entries] =
		(struct entry){ .at = (uint32_t)b->texts.len, .len = (uint8_t)len };
	buf_add(&b->texts, str_of(p, len));
	return b->n_entries++;
}

static void put_posting(struct words_builder *b, uint32_t id)
{
	buf_add(&b->postings, str_of((const char *)&id, sizeof id));
}

/* One of the two that are no words. */
static void put_special(struct words_builder *b, uint32_t id)
{
	if (b->last_blocks[id] == b->block + 1)
		return;
	b->last_blocks[id] = b->block + 1;
	put_posting(b, id);
}

static bool may_grow(const struct words_builder *b)
{
	return b->texts.len < WORDS_FREE_BYTES + b->text_bytes / WORDS_SHARE;
}

/* The slot is empty, or the word's. */
static void put_at(struct words_builder *b, struct slots *t, uint32_t s, uint64_t key,
	const char *p, size_t len)
{
	struct slot *slot = &t->slots[s];
	if (!slot->key) {
		if (!may_grow(b)) {
			put_special(b, ID_ANY);
			return;
		}
		*slot = (struct slot){ .key = key, .id = add_entry(b, p, len) };
		t->n_used++;
	}
	if (slot->last_block == b->block + 1)
		return;
	slot->last_block = b->block + 1;
	put_posting(b, slot->id);
	if (t->n_used * 2 > t->n)
		grow(b, t);
}

static void put_short(struct words_builder *b, uint64_t key)
{
	struct slots *t = &b->shorts;
	uint32_t s = slot_of(t, key);
	while (t->slots[s].key && t->slots[s].key != key)
		s = (s + 1) & (t->n - 1);
	size_t len = SHORT_BYTES - (size_t)__builtin_clzll(key) / 8;
	put_at(b, t, s, key, (const char *)&key, len);
}

static void put_waiting(struct words_builder *b)
{
	for (size_t i = 0; i < b->n_waiting; i++)
		put_short(b, b->waiting[i]);
	b->n_waiting = 0;
}

static inline void wait_for(struct words_builder *b, uint64_t key)
{
	__builtin_prefetch(&b->shorts.slots[slot_of(&b->shorts, key)]);
	b->waiting[b->n_waiting++] = key;
	if (b->n_waiting == WAITING_MAX)
		put_waiting(b);
}

static uint64_t long_key(const uint64_t *padded, size_t n_numbers, size_t len)
{
	uint64_t h = len;
	for (size_t i = 0; i < n_numbers; i++) {
		h = (h ^ padded[i]) * multiplier;
		h ^= h >> 32;
	}
	return h ? h : 1;
}

/* In lower case: of letters and digits of ASCII, only upper-case letters lack this bit. */
static const uint64_t lower_bit = UINT64_C(0x2020202020202020);

static void put_long(struct words_builder *b, const char *p, size_t len)
{
	uint64_t padded[(WORD_MAX_BYTES + SHORT_BYTES - 1) / SHORT_BYTES];
	size_t last = (len - 1) / SHORT_BYTES, rest = len - last * SHORT_BYTES;
	struct slots *t = &b->longs;
	padded[last] = 0;
	memcpy(padded, p, len);
	for (size_t i = 0; i < last; i++)
		padded[i] |= lower_bit;
	padded[last] |= lower_bit >> (SHORT_BYTES - rest) * 8;
	uint64_t key = long_key(padded, last + 1, len);
	uint32_t s = slot_of(t, key);
	for (; t->slots[s].key; s = (s + 1) & (t->n - 1)) {
		const struct entry *e = &b->entries[t->slots[s].id];
		if (t->slots[s].key == key && e->len == len &&
			memcmp(b->texts.ptr + e->at, padded, len) == 0)
			break;
	}
	put_at(b, t, s, key, (const char *)padded, len);
}

static inline void put_letters(struct words_builder *b, struct str text, size_t from, size_t len)
{
	const char *p = text.ptr + from;
	uint64_t key = 0;
	if (len <= SHORT_BYTES) {
		if (text.len - from >= SHORT_BYTES)
			memcpy(&key, p, sizeof key);
		else
			memcpy(&key, p, len);
		key = (key | lower_bit) & (UINT64_MAX >> (SHORT_BYTES - len) * 8);
		wait_for(b, key);
	} else if (len <= WORD_MAX_BYTES) {
		put_long(b, p, len);
	} else {
		put_special(b, ID_LONG);
	}
}

static inline void put_high(struct words_builder *b, struct str word)
{
	uint64_t key = 0;
	memcpy(&key, word.ptr, word.len);
	wait_for(b, key);
}

static void put_text(struct words_builder *b, struct str text)
{
	WORDS_CUT(text, put_letters, put_high, b);
	b->text_bytes += text.len;
}

static void end_blocks(struct words_builder *b, uint32_t next)
{
	if (b->block < next)
		put_waiting(b);
	for (; b->block < next; b->block++) {
		uint32_t n = (uint32_t)(b->postings.len / sizeof(uint32_t));
		buf_add(&b->ends, str_of((const char *)&n, sizeof n));
	}
}

static enum err read_lines(struct words_builder *b, struct view *v, size_t shard, int64_t from,
	int64_t bytes, int64_t *ret_to)
{
	struct field_set want = words_fields();
	unsigned bits = v->store->words_block_bits;
	struct shard_reader r;
	struct row_ref ref;
	struct span span;
	struct str line;
	bool more;
	uint64_t torn = v->n_torn;
	enum err e = shard_reader_open(v, shard, from, -1, &r);
	if (e)
		return e;
	while (r.at - from < bytes) {
		e = shard_reader_next(&r, &line, &ref, &more);
		if (e || !more)
			break;
		if (line_read(line, &want, false, &span) != LINE_OK)
			continue;
		end_blocks(b, (uint32_t)((ref.at >> bits) - (from >> bits)));
		for (unsigned f = 0; f < FIELD__MAX; f++)
			if (field_set_has(&want, (enum field)f) && span_has(&span, (enum field)f))
				put_text(b, span.value[f].text);
	}
	v->n_torn = torn; /* whoever answers counts them */
	*ret_to = r.at;
	shard_reader_close(&r);
	return e;
}

/* ---- Writing ---- */

static struct str text_of(const struct words_builder *b, const struct entry *e)
{
	return str_of(b->texts.ptr + e->at, e->len);
}

/* The first bytes, the first of them on top: they compare as text. */
static uint64_t key_of(struct str text)
{
	uint64_t v = 0;
	memcpy(&v, text.ptr, text.len < sizeof v ? text.len : sizeof v);
	return __builtin_bswap64(v);
}

/* What an order is made of: small, so that sorting moves little. */
struct place {
	uint64_t key;
	uint32_t id;
	bool is_hex;
};

static int by_text(const void *x, const void *y, void *user)
{
	const struct words_builder *b = user;
	const struct place *p = x, *q = y;
	if (p->is_hex != q->is_hex)
		return p->is_hex ? 1 : -1;
	if (p->key != q->key)
		return p->key < q->key ? -1 : 1;
	return str_cmp(text_of(b, &b->entries[p->id]), text_of(b, &b->entries[q->id]));
}

/* The blocks of each word, one word after the other: from `first[id]` on. */
static uint32_t *by_word(struct words_builder *b, uint32_t *first)
{
	const uint32_t *ids = (const void *)b->postings.ptr, *ends = (const void *)b->ends.ptr;
	size_t n = b->postings.len / sizeof *ids;
	uint32_t *blocks = arena_block(b->arena, NULL, (n + 1) * sizeof *blocks), sum = 0;
	for (size_t i = 0; i < n; i++)
		b->entries[ids[i]].n_blocks++;
	for (uint32_t i = 0; i < b->n_entries; i++) {
		first[i] = sum;
		sum += b->entries[i].n_blocks;
	}
	for (size_t i = 0, block = 0; i < n; i++) {
		while (i >= ends[block])
			block++;
		blocks[first[ids[i]]++] = (uint32_t)block;
	}
	for (uint32_t i = 0; i < b->n_entries; i++)
		first[i] -= b->entries[i].n_blocks;
	return blocks;
}

static void write_words(struct words_builder *b, struct words_writer *w)
{
	struct place *order = arena_block(b->arena, NULL, b->n_entries * sizeof *order);
	uint32_t *first = arena_block(b->arena, NULL, b->n_entries * sizeof *first);
	uint32_t *blocks = by_word(b, first);
	for (uint32_t i = 0; i < b->n_entries; i++)
		order[i] = (struct place){ key_of(text_of(b, &b->entries[i])), i,
			words_is_hex(text_of(b, &b->entries[i])) };
	qsort_r(order, b->n_entries, sizeof *order, by_text, b);
	for (uint32_t i = 0; i < b->n_entries; i++) {
		const struct entry *e = &b->entries[order[i].id];
		if (e->n_blocks)
			words_writer_add(
				w, text_of(b, e), blocks + first[order[i].id], e->n_blocks);
	}
	(void)arena_block(b->arena, order, 0); /* freed: there is no result */
	(void)arena_block(b->arena, first, 0);
	(void)arena_block(b->arena, blocks, 0);
}

static void init(struct words_builder *b, struct arena *a)
{
	*b = (struct words_builder){ .arena = a };
	buf_init(&b->texts, a);
	buf_init(&b->postings, a);
	buf_init(&b->ends, a);
	(void)add_entry(b, WORDS_ANY.ptr, 1);  /* ID_ANY */
	(void)add_entry(b, WORDS_LONG.ptr, 1); /* ID_LONG */
	grow(b, &b->shorts);
	grow(b, &b->longs);
}

static void release(struct words_builder *b)
{
	buf_release(&b->texts);
	buf_release(&b->postings);
	buf_release(&b->ends);
	b->entries = arena_block(b->arena, b->entries, 0);
	b->shorts.slots = arena_block(b->arena, b->shorts.slots, 0);
	b->longs.slots = arena_block(b->arena, b->longs.slots, 0);
}

static enum err prints(struct view *v, size_t shard, struct words_header *h)
{
	struct index_header range = { .from = h->from, .to = h->to };
	enum err e = segment_prints(v, shard, &range);
	h->first_print = range.first_print;
	h->last_print = range.last_print;
	return e;
}

enum err words_build(struct view *v, size_t shard, int64_t from, int64_t bytes, struct arena *a,
	int idx_fd, int64_t *ret_to)
{
	struct words_builder b;
	struct words_writer w;
	struct words_header h = { .day = v->shards[shard].day,
		.part = v->shards[shard].part,
		.from = from,
		.block_bits = v->store->words_block_bits };
	init(&b, a);
	enum err e = read_lines(&b, v, shard, from, bytes, &h.to);
	if (!e && h.to == from)
		e = ERR_NOT_FOUND;
	if (!e)
		e = prints(v, shard, &h);
	if (!e) {
		end_blocks(&b, b.block + 1);
		h.text_bytes = b.text_bytes;
		words_writer_open(&w, a, idx_fd);
		write_words(&b, &w);
		e = words_writer_publish(&w, &h);
	}
	release(&b);
	if (!e)
		*ret_to = h.to;
	return e;
}
