/*
 * Rows of a page by a first sort key that is a text: page.h.
 *
 * The picked rows of each code are counted; the texts, each as heavy as its rows, are put into
 * order as far as the page needs; and only the rows of those texts are gathered.
 */
#include "query/page/page.h"
#include "query/page/sort.h"

enum { NO_CODE = UINT32_MAX };

struct weighed {
	uint64_t start;  /* the first bytes, so that most comparisons look no further */
	struct str text; /* STR_NULL: absent */
	uint32_t block, code;
	uint64_t n_rows;
};

struct by_text {
	struct pager *pager;
	struct weighed *texts; /* a block */
	size_t n, cap;
	int64_t *codes;     /* of a zone */
	uint64_t n_skipped; /* rows ahead of all of these texts */
};

static int compare_ascending(const struct weighed *a, const struct weighed *b)
{
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return str_cmp(a->text, b->text);
}

static int compare(const void *x, const void *y, void *user)
{
	const struct weighed *a = x, *b = y;
	const bool *descending = user;
	bool no_a = str_is_null(a->text), no_b = str_is_null(b->text);
	if (no_a || no_b)
		return no_a - no_b;
	int order = compare_ascending(a, b);
	return *descending ? -order : order;
}

static uint64_t weigh(const void *x, void *user)
{
	(void)user;
	return ((const struct weighed *)x)->n_rows;
}

static uint64_t start_of(struct str text)
{
	unsigned char bytes[sizeof(uint64_t)] = { 0 };
	uint64_t v = 0;
	if (text.len)
		memcpy(bytes, text.ptr, text.len < sizeof bytes ? text.len : sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		v = v << 8 | bytes[i];
	return v;
}

static void add(struct by_text *s, struct str text, uint32_t block, uint32_t code, uint64_t n_rows)
{
	if (n_rows == 0)
		return;
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 64;
		s->texts = arena_block(s->pager->arena, s->texts, s->cap * sizeof *s->texts);
	}
	s->texts[s->n++] = (struct weighed){ start_of(text), text, block, code, n_rows };
}

/* The codes of the picked rows, zone by zone; those of rows without one are NO_CODE. */
static inline __attribute__((always_inline)) void each_code(struct by_text *s,
	const struct block *b, const struct page_key *key,
	void (*take)(void *user, uint32_t row, uint32_t code), void *user)
{
	for (uint32_t first = 0; first < b->n_rows; first += INDEX_ZONE_ROWS) {
		uint32_t left = b->n_rows - first,
			 n = left < INDEX_ZONE_ROWS ? left : INDEX_ZONE_ROWS;
		bool is_read = false;
		for (size_t w = 0; w < bits_words(n); w++)
			for (uint64_t in = block_picked(b, first / BITS + w); in; in &= in - 1) {
				if (!is_read)
					column_read(key->column, first, n, NO_CODE, s->codes);
				is_read = true;
				uint32_t i = bits_row(w, in);
				take(user, first + i, (uint32_t)s->codes[i]);
			}
	}
}

struct counts {
	uint32_t *of_code;
	uint64_t n_absent;
};

static inline void count_code(void *user, uint32_t row, uint32_t code)
{
	struct counts *c = user;
	(void)row;
	if (code == NO_CODE)
		c->n_absent++;
	else
		c->of_code[code]++;
}

/* Of texts in order that stand nowhere else: all those that only have rows [0, from) need not be
 * read. *ret: how many of them. */
static enum err skip_texts(struct by_text *s, uint32_t block, struct page_key *key,
	const uint32_t *n_of_code, uint64_t from, uint32_t *ret)
{
	struct pager *p = s->pager;
	uint32_t n = key->texts->n, i = 0;
	bool from_end = p->query->sort[0].descending;
	struct str text, other;
	for (; i < n; i++) {
		uint32_t n_rows = n_of_code[from_end ? n - 1 - i : i];
		if (s->n_skipped + n_rows > from)
			break;
		s->n_skipped += n_rows;
	}
	*ret = i;
	if (i == n)
		return ERR_OK;
	enum err e = page_code_text(p, block, key, from_end ? n - 1 - i : i, &text);
	while (!e && i-- > 0) { /* of one text all codes */
		uint32_t code = from_end ? n - 1 - i : i;
		if (n_of_code[code] == 0)
			continue;
		e = page_code_text(p, block, key, code, &other);
		if (e || !str_eq(text, other))
			break;
		s->n_skipped -= n_of_code[code];
		*ret = i;
	}
	return e;
}

/* Puts in the texts of a block, from the front of the order, as many as rows [0, to) can have; of
 * the only block, those that rows [from, to) can have. */
static enum err weigh_texts(struct by_text *s, uint32_t block, struct page_key *key,
	const uint32_t *n_of_code, uint64_t from, uint64_t to)
{
	struct pager *p = s->pager;
	uint32_t n = key->texts->n, first = 0;
	bool is_sorted = key->texts->is_sorted;
	bool from_end = is_sorted && p->query->sort[0].descending;
	struct str text, last = STR_NULL;
	if (is_sorted && from) {
		enum err e = skip_texts(s, block, key, n_of_code, from, &first);
		if (e)
			return e;
	}
	uint64_t n_rows = s->n_skipped;
	for (uint32_t i = first; i < n; i++) {
		uint32_t code = from_end ? n - 1 - i : i;
		if (n_of_code[code] == 0)
			continue;
		enum err e = page_code_text(p, block, key, code, &text);
		if (e)
			return e;
		/* Of one text all codes, as it is in the order once. */
		if (is_sorted && n_rows >= to && !str_eq(text, last))
			break;
		add(s, text, block, code, n_of_code[code]);
		n_rows += n_of_code[code];
		last = text;
	}
	return ERR_OK;
}

static enum err weigh_block(struct by_text *s, uint32_t block, uint64_t from, uint64_t to)
{
	struct pager *p = s->pager;
	struct page_key *key;
	struct counts counts = { .n_absent = 0 };
	enum err e = page_key(p, block, 0, &key);
	if (e)
		return e;
	size_t size = ((size_t)key->texts->n + 1) * sizeof *counts.of_code;
	counts.of_code = arena_block(p->arena, NULL, size);
	memset(counts.of_code, 0, size);
	each_code(s, &p->stock->blocks[block], key, count_code, &counts);
	if (counts.n_absent && p->query->sort[0].absent_is_zero)
		from = 0; /* these may be ahead of all */
	e = weigh_texts(s, block, key, counts.of_code, from, to);
	(void)arena_block(p->arena, counts.of_code, 0); /* freed: there is no result */
	add(s, p->query->sort[0].absent_is_zero ? STR("") : STR_NULL, block, NO_CODE,
		counts.n_absent);
	return e;
}

struct gathering {
	struct pager *pager;
	uint32_t block;
	const uint64_t *place; /* [code + 1]: 1 + where the text stands in the order; 0: not in */
	struct page_items *items;
};

static inline void gather_row(void *user, uint32_t row, uint32_t code)
{
	struct gathering *g = user;
	uint64_t at = g->place[(uint32_t)(code + 1)];
	if (at)
		page_add(g->pager, g->items,
			(struct page_item){ .key = at, .block = g->block & INT32_MAX, .row = row });
}

static enum err gather_block(
	struct by_text *s, uint32_t block, const uint64_t *place, struct page_items *ret)
{
	struct gathering g = { s->pager, block, place, ret };
	struct page_key *key;
	enum err e = page_key(s->pager, block, 0, &key);
	if (!e)
		each_code(s, &s->pager->stock->blocks[block], key, gather_row, &g);
	return e;
}

/* From here on `start` is where a text stands in the order, from 1 on. */
static void number_texts(struct weighed *first, size_t n, bool descending)
{
	uint64_t at = 1;
	for (size_t i = 0; i < n; i++) {
		bool is_next = i + 1 < n && compare(&first[i], &first[i + 1], &descending);
		first[i].start = at;
		at += is_next;
	}
}

static enum err gather(
	struct by_text *s, const struct weighed *first, size_t n, struct page_items *ret)
{
	struct pager *p = s->pager;
	enum err e = ERR_OK;
	for (uint32_t block = 0; !e && block < p->stock->n_blocks; block++) {
		struct page_key *key;
		uint64_t *place = NULL;
		for (size_t i = 0; !e && i < n; i++) {
			if (first[i].block != block)
				continue;
			e = page_key(p, block, 0, &key);
			if (!e && !place) {
				size_t size = ((size_t)key->texts->n + 1) * sizeof *place;
				place = arena_block(p->arena, NULL, size);
				memset(place, 0, size);
			}
			if (!e)
				place[(uint32_t)(first[i].code + 1)] = first[i].start;
		}
		if (!place)
			continue;
		if (!e)
			e = gather_block(s, block, place, ret);
		(void)arena_block(p->arena, place, 0); /* freed: there is no result */
	}
	return e;
}

enum err page_by_text(struct pager *p, uint64_t from, uint64_t to, struct page_items *ret)
{
	struct by_text s = { .pager = p };
	bool descending = p->query->sort[0].descending;
	size_t n_blocks = 0;
	enum err e = ERR_OK;
	for (uint32_t block = 0; block < p->stock->n_blocks; block++)
		n_blocks += p->stock->blocks[block].n_picked > 0;
	s.codes = arena_calloc(p->arena, INDEX_ZONE_ROWS, sizeof *s.codes);
	for (uint32_t block = 0; !e && block < p->stock->n_blocks; block++)
		if (p->stock->blocks[block].n_picked)
			e = weigh_block(&s, block, n_blocks == 1 ? from : 0, to);
	from -= s.n_skipped;
	to -= s.n_skipped;
	if (!e && s.n) {
		size_t first = 0, end;
		uint64_t n_ahead = 0, n;
		sort_window(s.texts, s.n, sizeof *s.texts, from, to, compare, weigh, &descending);
		while (first < s.n && n_ahead + s.texts[first].n_rows <= from)
			n_ahead += s.texts[first++].n_rows;
		/* A text may stand in several blocks: all of it or nothing. */
		while (first && first < s.n &&
			compare(&s.texts[first - 1], &s.texts[first], &descending) == 0)
			n_ahead -= s.texts[--first].n_rows;
		for (end = first, n = n_ahead; end < s.n && n < to; end++)
			n += s.texts[end].n_rows;
		while (end > first && end < s.n &&
			compare(&s.texts[end - 1], &s.texts[end], &descending) == 0)
			end++;
		ret->n_ahead = s.n_skipped + n_ahead;
		number_texts(s.texts + first, end - first, descending);
		e = gather(&s, s.texts + first, end - first, ret);
	}
	if (s.texts)
		s.texts = arena_block(p->arena, s.texts, 0);
	return e;
}
