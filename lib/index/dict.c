#include "index/dict.h"

#include "json/order.h"

#include <stdlib.h>

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
	table_init(&m->texts, a, sizeof(struct dict_maker_text));
	buf_init(&m->bytes, a);
}

void dict_maker_release(struct dict_maker *m)
{
	table_release(&m->texts);
	buf_release(&m->bytes);
}

static uint32_t dict_code_of(const struct dict_maker *m, const struct dict_maker_text *t)
{
	return (uint32_t)table_number(&m->texts, t);
}

uint32_t dict_add(struct dict_maker *m, struct str text, uint64_t hash)
{
	struct table_probe p = table_probe(&m->texts, hash);
	struct dict_maker_text *t;
	while ((t = table_next(&m->texts, &p)))
		if (str_eq(str_of(m->bytes.ptr + t->at, t->len), text))
			return dict_code_of(m, t);
	t = table_add(&m->texts, hash);
	t->at = (uint32_t)m->bytes.len;
	t->len = (uint32_t)text.len;
	buf_add(&m->bytes, text);
	return dict_maker_n(m) - 1;
}

bool dict_find_hash(const struct dict_maker *m, uint64_t hash, uint32_t *ret_code)
{
	struct table_probe p = table_probe(&m->texts, hash);
	const struct dict_maker_text *t = table_next(&m->texts, &p);
	if (t)
		*ret_code = dict_code_of(m, t);
	return t != NULL;
}

/* A text that is put into order. */
struct ranked {
	uint64_t start; /* its first plain bytes, so that most comparisons look no further */
	struct str text;
	uint32_t code;
};

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
	uint32_t n = dict_maker_n(m);
	struct ranked *order = arena_block(m->arena, NULL, ((size_t)n + 1) * sizeof *order);
	uint32_t *new_code = arena_calloc(m->arena, n + 1, sizeof *new_code);
	uint32_t *at = arena_calloc(m->arena, n + 1, sizeof *at);
	char *bytes = arena_text(m->arena, m->bytes.len);
	for (uint32_t i = 0; i < n; i++) {
		struct str text = str_skip(dict_maker_text(m, i), n_front);
		order[i] = (struct ranked){ body_head(text), text, i };
	}
	if (n > 1)
		qsort(order, n, sizeof *order, compare_ranked);
	for (uint32_t i = 0; i < n; i++) {
		struct str text = order[i].text;
		new_code[order[i].code] = i;
		if (text.len)
			memcpy(bytes + at[i], text.ptr, text.len);
		at[i + 1] = at[i] + (uint32_t)text.len;
	}
	(void)arena_block(m->arena, order, 0); /* freed: there is no result */
	*ret = (struct dict){ .n = n, .at = at, .bytes = bytes };
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
