#include "index/terms/collect.h"

#include "index/terms/file.h"

#include <stdlib.h>

enum {
	SLOTS_FIRST = 1 << 16,
	ID_ANY = 0,
	ID_LONG = 1,
	ID_JOINED = 2,
	IDS_MAX = 1 << 28,
	FIELD_BITS = 4,
	/* Bytes of different terms that are kept: that many, and one in NEW_SHARE bytes of text.
	 * Text of nothing but new terms (images in base64) is not worth more. */
	FREE_BYTES = 2 << 20,
	NEW_SHARE = 24,
	NUMBER_BYTES = 8,
	SHORT_BYTES = 2 * NUMBER_BYTES
};
_Static_assert((TERM_IN_ANY >> FIELD_BITS) == 0, "fields fit beside a row");
_Static_assert(TERMS_ROWS_MAX <= 1 << (32 - FIELD_BITS), "rows fit beside fields");

static const uint64_t multiplier = UINT64_C(0x9e3779b97f4a7c15);

static inline uint64_t collector_hash(struct collector_key key)
{
	uint64_t both = key.low ^ (key.high ^ key.high >> 31) * multiplier;
	return (both ^ both >> 29) * multiplier;
}

static inline uint32_t table_slot(const struct collector_table *t, uint64_t hash)
{
	return (uint32_t)(hash >> t->shift);
}

static inline bool slot_has(const struct collector_slot *s, struct collector_key key)
{
	return s->key.low == key.low && s->key.high == key.high;
}

static void table_grow(struct arena *a, struct collector_table *t)
{
	struct collector_slot *old = t->slots;
	uint32_t n_old = t->n;
	t->n = t->n ? t->n * 2 : SLOTS_FIRST;
	t->shift = 64 - (unsigned)__builtin_ctz(t->n);
	t->slots = arena_block(a, NULL, t->n * sizeof *t->slots);
	memset(t->slots, 0, t->n * sizeof *t->slots);
	for (uint32_t i = 0; i < n_old; i++) {
		if (!old[i].key.low)
			continue;
		uint32_t s = table_slot(t, collector_hash(old[i].key));
		while (t->slots[s].key.low)
			s = (s + 1) & (t->n - 1);
		t->slots[s] = old[i];
	}
	if (old)
		(void)arena_block(a, old, 0); /* freed: there is no result */
}

static uint32_t collector_add_term(struct collector *c, const char *p, size_t len)
{
	if (c->n_terms == c->cap_terms) {
		c->cap_terms = c->cap_terms ? c->cap_terms * 2 : SLOTS_FIRST / 2;
		c->terms = arena_block(c->arena, c->terms, c->cap_terms * sizeof *c->terms);
	}
	c->terms[c->n_terms] =
		(struct collected_term){ .at = (uint32_t)c->texts.len, .len = (uint8_t)len };
	buf_add(&c->texts, str_of(p, len));
	return c->n_terms++;
}

static uint32_t count_numbers(const struct buf *numbers)
{
	return (uint32_t)(numbers->len / sizeof(uint32_t));
}

/* *last: the term's last posting, which may be of this row. Whether it is cannot be predicted, so
 * there is no branch on it. */
static inline void put_posting(struct collector *c, uint32_t term, uint32_t fields, uint32_t *last)
{
	uint32_t *next = (void *)buf_room(&c->postings, sizeof *next);
	uint32_t *postings = (void *)c->postings.ptr;
	bool is_new = *last <= c->row_first;
	uint32_t *to = is_new ? next : &postings[*last - 1];
	*next = term << FIELD_BITS;
	*to |= fields;
	*last = (uint32_t)(to - postings) + 1;
	c->postings.len += is_new * sizeof *next;
}

static void put_special(struct collector *c, uint32_t id, uint32_t fields)
{
	put_posting(c, id, fields, &c->last[id]);
}

static bool has_room_for_terms(const struct collector *c)
{
	return c->texts.len < FREE_BYTES + c->text_bytes / NEW_SHARE && c->n_terms < IDS_MAX;
}

static void put_new_term(struct collector *c, struct collector_table *t,
	struct collector_slot *slot, struct collector_key key, struct str text, uint32_t fields)
{
	if (!has_room_for_terms(c)) {
		put_special(c, ID_ANY, fields);
		return;
	}
	*slot = (struct collector_slot){ .key = key,
		.term = collector_add_term(c, text.ptr, text.len) };
	put_posting(c, slot->term, fields, &slot->last);
	if (++t->n_used * 2 > t->n)
		table_grow(c->arena, t);
}

/* ---- Short tokens ---- */

static size_t key_length(struct collector_key key)
{
	return key.high ? SHORT_BYTES - (size_t)__builtin_clzll(key.high) / 8
			: NUMBER_BYTES - (size_t)__builtin_clzll(key.low) / 8;
}

static void put_waiting(struct collector *c)
{
	struct collector_table *t = &c->shorts;
	for (const struct collector_token *w = c->waiting; w < c->waiting + c->n_waiting; w++) {
		uint32_t s = table_slot(t, w->hash);
		while (t->slots[s].key.low && !slot_has(&t->slots[s], w->key))
			s = (s + 1) & (t->n - 1);
		struct collector_slot *slot = &t->slots[s];
		if (slot->key.low)
			put_posting(c, slot->term, w->fields, &slot->last);
		else
			put_new_term(c, t, slot, w->key,
				str_of((const char *)&w->key, key_length(w->key)), w->fields);
	}
	c->n_waiting = 0;
}

static inline void put_short(struct collector *c, struct collector_key key)
{
	struct collector_token *w = &c->waiting[c->n_waiting++];
	*w = (struct collector_token){ key, collector_hash(key), c->fields };
	__builtin_prefetch(&c->shorts.slots[table_slot(&c->shorts, w->hash)]);
	if (c->n_waiting == COLLECTOR_WAITING)
		put_waiting(c);
}

/* ---- Long tokens ---- */

static uint64_t hash_long(const uint64_t *padded, size_t n_numbers, size_t len)
{
	uint64_t h = len;
	for (size_t i = 0; i < n_numbers; i++) {
		h = (h ^ padded[i]) * multiplier;
		h ^= h >> 32;
	}
	return h ? h : 1;
}

/* Upper-case letters lack this bit; other ASCII letters, digits and TERM_JOINED_PREFIX have it. */
static const uint64_t lower_bit = UINT64_C(0x2020202020202020);

static void put_long(struct collector *c, const char *p, size_t len)
{
	uint64_t padded[(TERM_MAX_BYTES + NUMBER_BYTES - 1) / NUMBER_BYTES];
	if (len > TERM_MAX_BYTES) {
		put_special(c, ID_LONG, c->fields);
		return;
	}
	size_t last = (len - 1) / NUMBER_BYTES, rest = len - last * NUMBER_BYTES;
	struct collector_table *t = &c->longs;
	padded[last] = 0;
	memcpy(padded, p, len);
	for (size_t i = 0; i < last; i++)
		padded[i] |= lower_bit;
	padded[last] |= lower_bit >> (NUMBER_BYTES - rest) * 8;
	struct collector_key key = { .low = hash_long(padded, last + 1, len) };
	uint32_t s = table_slot(t, collector_hash(key));
	for (; t->slots[s].key.low; s = (s + 1) & (t->n - 1)) {
		const struct collected_term *e = &c->terms[t->slots[s].term];
		if (slot_has(&t->slots[s], key) && e->len == len &&
			memcmp(c->texts.ptr + e->at, padded, len) == 0)
			break;
	}
	struct collector_slot *slot = &t->slots[s];
	if (slot->key.low)
		put_posting(c, slot->term, c->fields, &slot->last);
	else
		put_new_term(c, t, slot, key, str_of((const char *)padded, len), c->fields);
}

/* ---- Texts ---- */

/* The first len of 16 bytes, in lower case. */
static inline struct collector_key short_key(const char *bytes, size_t len)
{
	static const char ones[2 * SHORT_BYTES] = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
		-1, -1, -1, -1 };
	struct collector_key key, mask;
	memcpy(&key, bytes, sizeof key);
	memcpy(&mask, ones + SHORT_BYTES - len, sizeof mask);
	return (struct collector_key){ (key.low | lower_bit) & mask.low,
		(key.high | lower_bit) & mask.high };
}

/* A run of letters and digits. `end` is where the readable bytes end. */
static inline void put_run(struct collector *c, struct str run, const char *end)
{
	if (run.len > SHORT_BYTES) {
		put_long(c, run.ptr, run.len);
	} else if (end - run.ptr >= SHORT_BYTES) {
		put_short(c, short_key(run.ptr, run.len));
	} else {
		char bytes[SHORT_BYTES] = { 0 };
		memcpy(bytes, run.ptr, run.len);
		put_short(c, short_key(bytes, run.len));
	}
}

static void put_character(struct collector *c, struct str character)
{
	struct collector_key key = { 0, 0 };
	memcpy(&key, character.ptr, character.len);
	put_short(c, key);
}

/* A run next to a character beyond ASCII: where that counts as a letter, the run is no word. */
static void put_joined(struct collector *c, struct str run)
{
	char text[TERM_MAX_BYTES] = { TERM_JOINED_PREFIX };
	if (run.len >= sizeof text) {
		put_special(c, ID_JOINED, c->fields);
		return;
	}
	memcpy(text + 1, run.ptr, run.len);
	put_run(c, str_of(text, run.len + 1), text + sizeof text);
}

void collector_add(struct collector *c, struct str text, unsigned fields)
{
	const char *end = text.ptr + text.len;
	struct str token;
	size_t at = 0;
	c->fields = fields;
	while (token_next(text, &at, &token)) {
		if (!token_is_letters(token)) {
			put_character(c, token);
			continue;
		}
		put_run(c, token, end);
		if ((token.ptr > text.ptr && token.ptr[-1] & 0x80) ||
			(at < text.len && text.ptr[at] & 0x80))
			put_joined(c, token);
	}
	c->text_bytes += text.len;
}

void collector_end_row(struct collector *c)
{
	put_waiting(c);
	c->row_first = count_numbers(&c->postings);
	buf_add(&c->ends, str_of((const char *)&c->row_first, sizeof c->row_first));
}

uint32_t collector_n_rows(const struct collector *c)
{
	return count_numbers(&c->ends);
}

struct str collector_text(const struct collector *c, const struct collected_term *t)
{
	return str_of(c->texts.ptr + t->at, t->len);
}

/* ---- Sorting ---- */

/* From postings row after row to postings term after term. */
static void sort_postings(struct collector *c)
{
	const uint32_t *postings = (const void *)c->postings.ptr, *ends = (const void *)c->ends.ptr;
	uint32_t n = count_numbers(&c->postings), n_rows = collector_n_rows(c), sum = 0;
	c->sorted = arena_block(c->arena, NULL, ((size_t)n + 1) * sizeof *c->sorted);
	for (uint32_t i = 0; i < n; i++)
		c->terms[postings[i] >> FIELD_BITS].n++;
	for (uint32_t i = 0; i < c->n_terms; i++) {
		c->terms[i].first = sum;
		sum += c->terms[i].n;
	}
	for (uint32_t i = 0, row = 0; row < n_rows; row++)
		for (; i < ends[row]; i++)
			c->sorted[c->terms[postings[i] >> FIELD_BITS].first++] =
				row << FIELD_BITS | (postings[i] & TERM_IN_ANY);
	for (uint32_t i = 0; i < c->n_terms; i++)
		c->terms[i].first -= c->terms[i].n;
}

struct sort_item {
	uint64_t key; /* terms_key() */
	uint32_t term;
	bool is_hex;
};

static int collect_compare_items(const void *x, const void *y, void *user)
{
	const struct collector *c = user;
	const struct sort_item *p = x, *q = y;
	if (p->is_hex != q->is_hex)
		return p->is_hex ? 1 : -1;
	if (p->key != q->key)
		return p->key < q->key ? -1 : 1;
	return str_cmp(
		collector_text(c, &c->terms[p->term]), collector_text(c, &c->terms[q->term]));
}

static void sort_terms(struct collector *c)
{
	size_t room = (size_t)c->n_terms + 1;
	struct sort_item *items = arena_block(c->arena, NULL, room * sizeof *items);
	c->order = arena_block(c->arena, NULL, room * sizeof *c->order);
	for (uint32_t i = 0; i < c->n_terms; i++) {
		struct str text = collector_text(c, &c->terms[i]);
		c->terms[i].is_hex = terms_is_hex(text);
		if (c->terms[i].n) /* special entries may have none */
			items[c->n_order++] =
				(struct sort_item){ terms_key(text), i, c->terms[i].is_hex };
	}
	qsort_r(items, c->n_order, sizeof *items, collect_compare_items, c);
	for (uint32_t i = 0; i < c->n_order; i++)
		c->order[i] = items[i].term;
	(void)arena_block(c->arena, items, 0); /* freed: there is no result */
}

void collector_sort(struct collector *c)
{
	sort_postings(c);
	sort_terms(c);
}

void collector_postings(
	const struct collector *c, const struct collected_term *t, struct postings_buf *ret)
{
	postings_buf_reset(ret);
	for (unsigned list = 0; list < POSTINGS_LISTS; list++) {
		uint32_t *rows = (void *)buf_room(&ret->rows[list], t->n * sizeof *rows), n = 0;
		for (uint32_t i = 0; i < t->n; i++) {
			rows[n] = c->sorted[t->first + i] >> FIELD_BITS;
			n += c->sorted[t->first + i] >> list & 1;
		}
		ret->rows[list].len = n * sizeof *rows;
	}
	for (uint32_t i = 0; i < t->n; i++)
		ret->n_texts += (c->sorted[t->first + i] & TERM_IN_TEXTS) != 0;
}

/* ---- Beginning and end ---- */

void collector_init(struct collector *c, struct arena *a)
{
	*c = (struct collector){ .arena = a };
	buf_init(&c->texts, a);
	buf_init(&c->postings, a);
	buf_init(&c->ends, a);
	(void)collector_add_term(c, TERM_ANY.ptr, 1);    /* ID_ANY */
	(void)collector_add_term(c, TERM_LONG.ptr, 1);   /* ID_LONG */
	(void)collector_add_term(c, TERM_JOINED.ptr, 1); /* ID_JOINED */
	table_grow(a, &c->shorts);
	table_grow(a, &c->longs);
}

static void collector_drop(struct collector *c, void *block)
{
	if (block)
		(void)arena_block(c->arena, block, 0); /* freed: there is no result */
}

void collector_release(struct collector *c)
{
	buf_release(&c->texts);
	buf_release(&c->postings);
	buf_release(&c->ends);
	collector_drop(c, c->terms);
	collector_drop(c, c->shorts.slots);
	collector_drop(c, c->longs.slots);
	collector_drop(c, c->sorted);
	collector_drop(c, c->order);
}
