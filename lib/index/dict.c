#include "index/dict.h"

#include "base/utf8.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 64, REPLACEMENT = 0xfffd };

/* ---- The order ---- */

/* A body read as plain bytes. */
struct plain {
	struct str rest;
	char queue[4]; /* of an escape of several bytes */
	unsigned n_queue, at_queue;
};

static bool read_unit(struct str *s, uint32_t *ret)
{
	uint64_t unit;
	if (s->len < 6 || s->ptr[0] != '\\' || s->ptr[1] != 'u' ||
		!str_to_u64_hex(str_of(s->ptr + 2, 4), &unit))
		return false;
	*ret = (uint32_t)unit;
	return true;
}

/* The code point of a \u escape, a pair of them where they belong together. */
static uint32_t read_escape(struct str *s)
{
	uint32_t high, low;
	if (!read_unit(s, &high)) {
		*s = str_skip(*s, 2);
		return REPLACEMENT;
	}
	*s = str_skip(*s, 6);
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || !read_unit(s, &low) || low < 0xdc00 || low > 0xdfff)
		return REPLACEMENT;
	*s = str_skip(*s, 6);
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static int short_escape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return (unsigned char)c;
	}
}

/* The next byte; -1 at the end. */
static int next_byte(struct plain *p)
{
	if (p->at_queue < p->n_queue)
		return (unsigned char)p->queue[p->at_queue++];
	if (p->rest.len == 0)
		return -1;
	char c = p->rest.ptr[0];
	if (c != '\\' || p->rest.len == 1) {
		p->rest = str_skip(p->rest, 1);
		return (unsigned char)c;
	}
	if (p->rest.ptr[1] != 'u') {
		c = p->rest.ptr[1];
		p->rest = str_skip(p->rest, 2);
		return short_escape(c);
	}
	p->n_queue = (unsigned)utf8_encode(read_escape(&p->rest), p->queue);
	p->at_queue = 1;
	return (unsigned char)p->queue[0];
}

int body_order(struct str x, struct str y)
{
	size_t n = x.len < y.len ? x.len : y.len, same = 0;
	while (same < n && x.ptr[same] == y.ptr[same] && x.ptr[same] != '\\')
		same++;
	bool is_plain =
		(same == x.len || x.ptr[same] != '\\') && (same == y.len || y.ptr[same] != '\\');
	if (is_plain)
		return str_cmp(str_skip(x, same), str_skip(y, same));
	struct plain p = { .rest = str_skip(x, same) }, q = { .rest = str_skip(y, same) };
	int a, b;
	do {
		a = next_byte(&p);
		b = next_byte(&q);
	} while (a == b && a >= 0);
	return a != b ? a - b : str_cmp(x, y);
}

bool dict_find(const struct dict *d, struct str body, uint32_t *ret_code)
{
	uint32_t low = 0, high = d->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = body_order(dict_entry(d, middle), body);
		if (order == 0) {
			*ret_code = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_code = low;
	return false;
}

/* ---- Making ---- */

void dict_maker_init(struct dict_maker *m, struct arena *a)
{
	*m = (struct dict_maker){ .arena = a };
	buf_init(&m->bytes, a);
}

void dict_maker_release(struct dict_maker *m)
{
	if (m->cap) {
		arena_block(m->arena, m->at, 0);
		arena_block(m->arena, m->hashes, 0);
		arena_block(m->arena, m->slots, 0);
	}
	buf_release(&m->bytes);
	m->n = m->cap = m->n_slots = 0;
}

static void put_slot(struct dict_maker *m, uint32_t code)
{
	uint32_t i = (uint32_t)m->hashes[code] & (m->n_slots - 1);
	while (m->slots[i])
		i = (i + 1) & (m->n_slots - 1);
	m->slots[i] = code + 1;
}

static void grow(struct dict_maker *m)
{
	m->n_slots = m->n_slots ? m->n_slots * 2 : FIRST_SLOTS;
	m->cap = m->n_slots / 2;
	m->at = arena_block(m->arena, m->at, (m->cap + 1) * sizeof *m->at);
	m->hashes = arena_block(m->arena, m->hashes, m->cap * sizeof *m->hashes);
	m->slots = arena_block(m->arena, m->slots, m->n_slots * sizeof *m->slots);
	memset(m->slots, 0, m->n_slots * sizeof *m->slots);
	for (uint32_t i = 0; i < m->n; i++)
		put_slot(m, i);
	m->at[0] = 0;
}

uint32_t dict_add(struct dict_maker *m, struct str text, uint64_t hash)
{
	if (m->n == m->cap)
		grow(m);
	uint32_t i = (uint32_t)hash & (m->n_slots - 1);
	for (; m->slots[i]; i = (i + 1) & (m->n_slots - 1)) {
		uint32_t code = m->slots[i] - 1;
		if (m->hashes[code] == hash && str_eq(dict_maker_text(m, code), text))
			return code;
	}
	buf_add(&m->bytes, text);
	m->hashes[m->n] = hash;
	m->at[m->n + 1] = (uint32_t)m->bytes.len;
	m->slots[i] = m->n + 1;
	return m->n++;
}

bool dict_find_hash(const struct dict_maker *m, uint64_t hash, uint32_t *ret_code)
{
	if (m->n == 0)
		return false;
	for (uint32_t i = (uint32_t)hash & (m->n_slots - 1); m->slots[i];
		i = (i + 1) & (m->n_slots - 1))
		if (m->hashes[m->slots[i] - 1] == hash) {
			*ret_code = m->slots[i] - 1;
			return true;
		}
	return false;
}

/* A text that is put into order. */
struct ranked {
	uint64_t start; /* its first plain bytes, so that most comparisons look no further */
	struct str text;
	uint32_t code;
};

static uint64_t start_of(struct str text)
{
	struct plain p = { .rest = text };
	uint64_t v = 0;
	for (size_t i = 0; i < sizeof v; i++) {
		int c = next_byte(&p);
		v = v << 8 | (c < 0 ? 0 : (unsigned)c);
	}
	return v;
}

static int compare_ranked(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	int order = body_order(a->text, b->text);
	return order ? order : (a->code > b->code) - (a->code < b->code);
}

void dict_finish(
	const struct dict_maker *m, size_t n_front, struct dict *ret, uint32_t **ret_new_code)
{
	struct ranked *order = arena_block(m->arena, NULL, ((size_t)m->n + 1) * sizeof *order);
	uint32_t *new_code = arena_calloc(m->arena, m->n + 1, sizeof *new_code);
	uint32_t *at = arena_calloc(m->arena, m->n + 1, sizeof *at);
	char *bytes = arena_text(m->arena, m->bytes.len);
	for (uint32_t i = 0; i < m->n; i++) {
		struct str text = str_skip(dict_maker_text(m, i), n_front);
		order[i] = (struct ranked){ start_of(text), text, i };
	}
	if (m->n > 1)
		qsort(order, m->n, sizeof *order, compare_ranked);
	for (uint32_t i = 0; i < m->n; i++) {
		struct str text = order[i].text;
		new_code[order[i].code] = i;
		if (text.len)
			memcpy(bytes + at[i], text.ptr, text.len);
		at[i + 1] = at[i] + (uint32_t)text.len;
	}
	(void)arena_block(m->arena, order, 0); /* freed: there is no result */
	*ret = (struct dict){ .n = m->n, .at = at, .bytes = bytes };
	*ret_new_code = new_code;
}

/* ---- Uniting ---- */

/* The smallest text not taken yet. */
static bool next_text(const struct dict *dicts, const uint32_t *next, size_t n, struct str *ret)
{
	bool found = false;
	for (size_t i = 0; i < n; i++) {
		if (next[i] == dicts[i].n)
			continue;
		struct str text = dict_entry(&dicts[i], next[i]);
		if (!found || body_order(text, *ret) < 0)
			*ret = text;
		found = true;
	}
	return found;
}

void dict_unite(const struct dict *dicts, size_t n, struct arena *a, struct dict *ret,
	uint32_t **ret_new_code)
{
	uint32_t *next = arena_calloc(a, n, sizeof *next);
	size_t n_texts = 0, n_bytes = 0;
	for (size_t i = 0; i < n; i++) {
		ret_new_code[i] = arena_calloc(a, dicts[i].n, sizeof *ret_new_code[i]);
		n_texts += dicts[i].n;
		n_bytes += dicts[i].n ? dicts[i].at[dicts[i].n] : 0;
	}
	uint32_t *at = arena_calloc(a, n_texts + 1, sizeof *at), code = 0;
	char *bytes = arena_text(a, n_bytes);
	struct str text;
	while (next_text(dicts, next, n, &text)) {
		if (text.len)
			memcpy(bytes + at[code], text.ptr, text.len);
		at[code + 1] = at[code] + (uint32_t)text.len;
		for (size_t i = 0; i < n; i++)
			if (next[i] < dicts[i].n && str_eq(dict_entry(&dicts[i], next[i]), text))
				ret_new_code[i][next[i]++] = code;
		code++;
	}
	*ret = (struct dict){ .n = code, .at = at, .bytes = bytes };
}
