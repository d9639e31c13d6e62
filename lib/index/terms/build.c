/* Making a word file from lines: words_file.h. */
#include "index/terms/cut.h"
#include "index/terms/file.h"

#include "index/format.h"
#include "index/segment/build.h"
#include "index/terms/choose.h"

#include <stdlib.h>

enum {
	SLOTS_FIRST = 1 << 16,
	ID_ANY = 0, /* of WORDS_ANY */
	ID_LONG = 1,
	ID_JOINED = 2,
	IDS_SPECIAL,
	IDS_MAX = 1 << 28,
	/* Bytes of distinct words that are kept: so many, and one in so many of the text. What is
	 * nothing but new words (pictures in base64) is not worth it. */
	WORDS_FREE_BYTES = 2 << 20,
	NEW_SHARE = 24
};

/* A word. */
struct entry {
	uint32_t at; /* in the texts */
	uint32_t n_places;
	uint8_t len;
	bool is_hex; /* once all words are there */
};

/* Of words of up to 16 bytes those bytes, zeros behind; of longer ones their hash in `low`. That is
 * never 0 but in an empty slot. */
struct key {
	uint64_t low, high;
};

struct slot {
	struct key key;
	uint32_t id;
	uint32_t last; /* its last posting, counted from 1 */
};

struct slots {
	struct slot *slots;
	uint32_t n, n_used;
	unsigned shift;
};

enum { WAITING_MAX = 64, NUMBER_BYTES = 8, SHORT_BYTES = 2 * NUMBER_BYTES };

/* Short words wait a little, until the memory they are looked up in has come. */
struct waiting {
	struct key key;
	uint64_t hash;
	uint32_t in;
};

struct words_builder {
	struct arena *arena;
	struct buf texts; /* of all words */
	struct entry *entries;
	uint32_t n_entries, cap_entries;
	struct slots shorts, longs;
	struct buf postings; /* uint32_t: id << 4 | enum words_in, a row after the other */
	struct buf ends;     /* uint32_t: of each row, how many postings there are up to its end */
	struct buf block_rows; /* uint32_t: of each block, how many rows begin before it */
	struct buf row_sizes;  /* uint8_t: of each row */
	uint32_t row_first;    /* the current row's first posting */
	uint32_t in;           /* the fields that are being cut */
	uint32_t last[IDS_SPECIAL];
	uint64_t text_bytes, id_bytes;
	struct waiting waiting[WAITING_MAX];
	size_t n_waiting;
};

static const uint64_t multiplier = UINT64_C(0x9e3779b97f4a7c15);

static inline uint64_t hash_of(struct key key)
{
	uint64_t both = key.low ^ (key.high ^ key.high >> 31) * multiplier;
	return (both ^ both >> 29) * multiplier;
}

static inline uint32_t slot_of(const struct slots *t, uint64_t hash)
{
	return (uint32_t)(hash >> t->shift);
}

static inline bool is_key(const struct slot *s, struct key key)
{
	return s->key.low == key.low && s->key.high == key.high;
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
		if (!old[i].key.low)
			continue;
		uint32_t s = slot_of(t, hash_of(old[i].key));
		while (t->slots[s].key.low)
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

static void put_number(struct buf *b, uint32_t v)
{
	buf_add(b, str_of((const char *)&v, sizeof v));
}

/* *last: the word's last posting, which may be of this row. Without a branch on whether it is,
 * which nobody could foresee. */
static inline void put_posting(struct words_builder *b, uint32_t id, uint32_t in, uint32_t *last)
{
	uint32_t *next = (void *)buf_room(&b->postings, sizeof *next);
	uint32_t *postings = (void *)b->postings.ptr;
	bool is_new = *last <= b->row_first;
	uint32_t *to = is_new ? next : &postings[*last - 1];
	*next = id << PLACE_BITS;
	*to |= in;
	*last = (uint32_t)(to - postings) + 1;
	b->postings.len += is_new * sizeof *next;
}

/* One of those that are no words. */
static void put_special(struct words_builder *b, uint32_t id, uint32_t in)
{
	put_posting(b, id, in, &b->last[id]);
}

static bool may_grow(const struct words_builder *b)
{
	return b->texts.len < WORDS_FREE_BYTES + b->text_bytes / NEW_SHARE &&
	       b->n_entries < IDS_MAX;
}

static void put_new(struct words_builder *b, struct slots *t, struct slot *slot, struct key key,
	const char *p, size_t len, uint32_t in)
{
	if (!may_grow(b)) {
		put_special(b, ID_ANY, in);
		return;
	}
	*slot = (struct slot){ .key = key, .id = add_entry(b, p, len) };
	put_posting(b, slot->id, in, &slot->last);
	if (++t->n_used * 2 > t->n)
		grow(b, t);
}

static size_t length_of(struct key key)
{
	return key.high ? SHORT_BYTES - (size_t)__builtin_clzll(key.high) / 8
			: NUMBER_BYTES - (size_t)__builtin_clzll(key.low) / 8;
}

static void put_waiting(struct words_builder *b)
{
	struct slots *t = &b->shorts;
	for (const struct waiting *w = b->waiting; w < b->waiting + b->n_waiting; w++) {
		uint32_t s = slot_of(t, w->hash);
		while (t->slots[s].key.low && !is_key(&t->slots[s], w->key))
			s = (s + 1) & (t->n - 1);
		struct slot *slot = &t->slots[s];
		if (slot->key.low)
			put_posting(b, slot->id, w->in, &slot->last);
		else
			put_new(b, t, slot, w->key, (const char *)&w->key, length_of(w->key),
				w->in);
	}
	b->n_waiting = 0;
}

static inline void wait_for(struct words_builder *b, struct key key)
{
	struct waiting *w = &b->waiting[b->n_waiting++];
	*w = (struct waiting){ key, hash_of(key), b->in };
	__builtin_prefetch(&b->shorts.slots[slot_of(&b->shorts, w->hash)]);
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

/* In lower case: of letters and digits of ASCII, and WORDS_JOINED_PREFIX, only upper-case letters
 * lack this bit. */
static const uint64_t lower_bit = UINT64_C(0x2020202020202020);

static void put_long(struct words_builder *b, const char *p, size_t len)
{
	uint64_t padded[(WORD_MAX_BYTES + NUMBER_BYTES - 1) / NUMBER_BYTES];
	if (len > WORD_MAX_BYTES) {
		put_special(b, ID_LONG, b->in);
		return;
	}
	size_t last = (len - 1) / NUMBER_BYTES, rest = len - last * NUMBER_BYTES;
	struct slots *t = &b->longs;
	padded[last] = 0;
	memcpy(padded, p, len);
	for (size_t i = 0; i < last; i++)
		padded[i] |= lower_bit;
	padded[last] |= lower_bit >> (NUMBER_BYTES - rest) * 8;
	struct key key = { .low = long_key(padded, last + 1, len) };
	uint32_t s = slot_of(t, hash_of(key));
	for (; t->slots[s].key.low; s = (s + 1) & (t->n - 1)) {
		const struct entry *e = &b->entries[t->slots[s].id];
		if (is_key(&t->slots[s], key) && e->len == len &&
			memcmp(b->texts.ptr + e->at, padded, len) == 0)
			break;
	}
	struct slot *slot = &t->slots[s];
	if (slot->key.low)
		put_posting(b, slot->id, b->in, &slot->last);
	else
		put_new(b, t, slot, key, (const char *)padded, len, b->in);
}

/* Of what stands in `bytes` the first len, in lower case. */
static inline struct key short_key(const char *bytes, size_t len)
{
	static const char ones[2 * SHORT_BYTES] = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
		-1, -1, -1, -1 };
	struct key key, mask;
	memcpy(&key, bytes, sizeof key);
	memcpy(&mask, ones + SHORT_BYTES - len, sizeof mask);
	return (struct key){ (key.low | lower_bit) & mask.low, (key.high | lower_bit) & mask.high };
}

static inline void put_run(struct words_builder *b, struct str text, size_t from, size_t len)
{
	const char *p = text.ptr + from;
	if (len > SHORT_BYTES) {
		put_long(b, p, len);
	} else if (text.len - from >= SHORT_BYTES) {
		wait_for(b, short_key(p, len));
	} else {
		char bytes[SHORT_BYTES] = { 0 };
		memcpy(bytes, p, len);
		wait_for(b, short_key(bytes, len));
	}
}

static inline void put_high(struct words_builder *b, struct str word)
{
	struct key key = { 0, 0 };
	memcpy(&key, word.ptr, word.len);
	wait_for(b, key);
}

/* The word stands beside a character beyond ASCII: what takes that for a letter finds no word. */
static void put_joined(struct words_builder *b, struct str word)
{
	char text[WORD_MAX_BYTES] = { WORDS_JOINED_PREFIX };
	if (word.len >= sizeof text) {
		put_special(b, ID_JOINED, b->in);
		return;
	}
	memcpy(text + 1, word.ptr, word.len);
	put_run(b, str_of(text, word.len + 1), 0, word.len + 1);
}

static inline void put_letters(struct words_builder *b, struct str text, size_t from, size_t len)
{
	size_t end = from + len;
	put_run(b, text, from, len);
	if ((from && text.ptr[from - 1] & 0x80) || (end < text.len && text.ptr[end] & 0x80))
		put_joined(b, str_of(text.ptr + from, len));
}

static void put_text(struct words_builder *b, struct str text, uint32_t in)
{
	b->in = in;
	WORDS_CUT(text, put_letters, put_high, b);
	b->text_bytes += text.len;
}

static uint32_t count(const struct buf *numbers)
{
	return (uint32_t)(numbers->len / sizeof(uint32_t));
}

/* Rows from here on are of this block, or behind it. */
static void begin_block(struct words_builder *b, uint32_t block)
{
	while (count(&b->block_rows) <= block)
		put_number(&b->block_rows, count(&b->ends));
}

static void end_row(struct words_builder *b)
{
	put_waiting(b);
	buf_add_char(&b->row_sizes, (char)row_size_of(count(&b->postings) - b->row_first));
	b->row_first = count(&b->postings);
	put_number(&b->ends, b->row_first);
}

static enum err read_lines(struct words_builder *b, struct view *v, size_t shard, int64_t from,
	int64_t bytes, int64_t *ret_to)
{
	struct field_set fields = words_fields(), want = fields;
	unsigned bits = v->store->words_block_bits;
	struct shard_reader r;
	struct row_ref ref;
	struct span span;
	struct str line;
	bool more;
	uint64_t torn = v->n_torn;
	field_set_add(&want, FIELD_SPAN_ID);
	enum err e = shard_reader_open(v, shard, from, -1, &r);
	if (e)
		return e;
	while (r.at - from < bytes && count(&b->ends) < PLACE_ROWS_MAX) {
		e = shard_reader_next(&r, &line, &ref, &more);
		if (e || !more)
			break;
		if (line_read(line, &want, false, &span) != LINE_OK)
			continue;
		begin_block(b, (uint32_t)((ref.at >> bits) - (from >> bits)));
		for (unsigned f = 0; f < FIELD__MAX; f++)
			if (field_set_has(&fields, (enum field)f) && span_has(&span, (enum field)f))
				put_text(b, span.value[f].text, words_in_field((enum field)f));
		b->id_bytes |= words_id_bytes_of(span_text(&span, FIELD_SPAN_ID));
		end_row(b);
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

/* What the words will take in the file, about. */
static uint64_t find_hex(struct words_builder *b)
{
	enum { PACKED = 2 }; /* of what is compressed, one in so many is left */
	uint64_t plain = 0, hex = 0;
	for (uint32_t i = 0; i < b->n_entries; i++) {
		struct entry *e = &b->entries[i];
		e->is_hex = words_is_hex(text_of(b, e));
		*(e->is_hex ? &hex : &plain) += e->len + 1u;
	}
	return plain + hex / PACKED;
}

/* What an order is made of: small, so that sorting moves little. */
struct place {
	uint64_t key; /* words_key() */
	uint32_t id;
};

static int by_text(const void *x, const void *y, void *user)
{
	const struct words_builder *b = user;
	const struct place *p = x, *q = y;
	if (p->key != q->key)
		return p->key < q->key ? -1 : 1;
	return str_cmp(text_of(b, &b->entries[p->id]), text_of(b, &b->entries[q->id]));
}

enum { DIGIT_BITS = 16, DIGITS = 1 << DIGIT_BITS, FIRST_SHIFT = 64 - 2 * DIGIT_BITS };

static void sort_by_digit(
	const struct place *from, struct place *to, uint32_t n, unsigned shift, uint32_t *starts)
{
	uint32_t sum = 0;
	memset(starts, 0, DIGITS * sizeof *starts);
	for (uint32_t i = 0; i < n; i++)
		starts[from[i].key >> shift & (DIGITS - 1)]++;
	for (uint32_t i = 0; i < DIGITS; i++) {
		uint32_t some = starts[i];
		starts[i] = sum;
		sum += some;
	}
	for (uint32_t i = 0; i < n; i++)
		to[starts[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

/* By the first four bytes, then those that have them in common: they are few mostly. */
static void sort(struct words_builder *b, struct place *places, uint32_t n)
{
	struct place *room = arena_block(b->arena, NULL, n * sizeof *room + 1);
	uint32_t *starts = arena_block(b->arena, NULL, DIGITS * sizeof *starts), end;
	sort_by_digit(places, room, n, FIRST_SHIFT, starts);
	sort_by_digit(room, places, n, FIRST_SHIFT + DIGIT_BITS, starts);
	for (uint32_t from = 0; from < n; from = end) {
		uint64_t first = places[from].key >> FIRST_SHIFT;
		for (end = from + 1; end < n && places[end].key >> FIRST_SHIFT == first; end++)
			;
		if (end - from > 1)
			qsort_r(places + from, end - from, sizeof *places, by_text, b);
	}
	(void)arena_block(b->arena, room, 0); /* freed: there is no result, as below */
	(void)arena_block(b->arena, starts, 0);
}

/* The words that stand anywhere, in the order of a file: plain ones first. */
static uint32_t make_order(struct words_builder *b, struct place *order)
{
	uint32_t n = 0;
	for (int is_hex = 0; is_hex <= 1; is_hex++) {
		uint32_t first = n;
		for (uint32_t i = 0; i < b->n_entries; i++) {
			const struct entry *e = &b->entries[i];
			if (e->is_hex == is_hex && e->n_places)
				order[n++] = (struct place){ words_key(text_of(b, e)), i };
		}
		sort(b, order + first, n - first);
	}
	return n;
}

/* The places of each word, one word after the other: from `first[id]` on. */
static uint32_t *by_word(struct words_builder *b, uint32_t *first)
{
	const uint32_t *postings = (const void *)b->postings.ptr, *ends = (const void *)b->ends.ptr;
	uint32_t n = count(&b->postings), n_rows = count(&b->ends), sum = 0;
	uint32_t *places = arena_block(b->arena, NULL, ((size_t)n + 1) * sizeof *places);
	for (uint32_t i = 0; i < n; i++)
		b->entries[postings[i] >> PLACE_BITS].n_places++;
	for (uint32_t i = 0; i < b->n_entries; i++) {
		first[i] = sum;
		sum += b->entries[i].n_places;
	}
	for (uint32_t i = 0, row = 0; row < n_rows; row++)
		for (; i < ends[row]; i++)
			places[first[postings[i] >> PLACE_BITS]++] =
				row << PLACE_BITS | (postings[i] & ((1 << PLACE_BITS) - 1));
	for (uint32_t i = 0; i < b->n_entries; i++)
		first[i] -= b->entries[i].n_places;
	return places;
}

static void choose(struct words_builder *b, struct words_chosen *c, int64_t file_bytes)
{
	uint32_t *first = arena_block(b->arena, NULL, b->n_entries * sizeof *first);
	uint32_t *places = by_word(b, first);
	for (uint32_t i = 0; i < b->n_entries; i++)
		words_chosen_add(c, places + first[i], b->entries[i].n_places);
	words_chosen_end(c, find_hex(b), file_bytes);
	(void)arena_block(b->arena, places, 0); /* freed: there is no result, as below */
	(void)arena_block(b->arena, first, 0);
}

static void write_words(struct words_builder *b, struct words_writer *w,
	const struct row_sizes *sizes, int64_t file_bytes)
{
	struct words_chosen chosen;
	struct buf postings;
	struct place *order = arena_block(b->arena, NULL, b->n_entries * sizeof *order);
	words_chosen_init(&chosen, b->arena, (const void *)b->block_rows.ptr,
		count(&b->block_rows) - 1, sizes, IDS_SPECIAL);
	buf_init(&postings, b->arena);
	choose(b, &chosen, file_bytes);
	uint32_t n = make_order(b, order);
	for (uint32_t i = 0; i < n; i++) {
		const struct entry *e = &b->entries[order[i].id];
		buf_reset(&postings);
		words_chosen_put(&chosen, order[i].id, &postings);
		words_writer_add(w, text_of(b, e), e->is_hex, buf_str(&postings));
	}
	buf_release(&postings);
	words_chosen_release(&chosen);
	(void)arena_block(b->arena, order, 0); /* freed: there is no result */
}

static void init(struct words_builder *b, struct arena *a)
{
	*b = (struct words_builder){ .arena = a };
	buf_init(&b->texts, a);
	buf_init(&b->postings, a);
	buf_init(&b->ends, a);
	buf_init(&b->block_rows, a);
	buf_init(&b->row_sizes, a);
	(void)add_entry(b, WORDS_ANY.ptr, 1);    /* ID_ANY */
	(void)add_entry(b, WORDS_LONG.ptr, 1);   /* ID_LONG */
	(void)add_entry(b, WORDS_JOINED.ptr, 1); /* ID_JOINED */
	grow(b, &b->shorts);
	grow(b, &b->longs);
}

static void release(struct words_builder *b)
{
	buf_release(&b->texts);
	buf_release(&b->postings);
	buf_release(&b->ends);
	buf_release(&b->block_rows);
	buf_release(&b->row_sizes);
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

enum err words_build(struct view *v, size_t shard, const struct words_piece *piece, struct arena *a,
	int idx_fd, int64_t *ret_to)
{
	struct words_builder b;
	struct words_writer w;
	struct row_sizes sizes;
	struct words_header h = { .day = v->shards[shard].day,
		.part = v->shards[shard].part,
		.from = piece->from,
		.block_bits = v->store->words_block_bits };
	init(&b, a);
	enum err e = read_lines(&b, v, shard, h.from, piece->bytes, &h.to);
	if (!e && h.to == h.from)
		e = ERR_NOT_FOUND;
	if (!e)
		e = prints(v, shard, &h);
	if (!e) {
		begin_block(&b, (uint32_t)((h.to - 1) >> h.block_bits) -
					(uint32_t)(h.from >> h.block_bits) + 1);
		h.text_bytes = b.text_bytes;
		h.id_bytes = b.id_bytes;
		row_sizes_make(&sizes, a, (const void *)b.row_sizes.ptr, count(&b.ends));
		words_writer_open(&w, a, idx_fd);
		write_words(&b, &w, &sizes,
			(int64_t)words_most_bytes(v->store, b.text_bytes, piece->share));
		e = words_writer_publish(&w, &h, (const void *)b.block_rows.ptr, &sizes);
		row_sizes_release(&sizes, a);
	}
	release(&b);
	if (!e)
		*ret_to = h.to;
	return e;
}
