/*
 * Dictionaries: the distinct texts of a column, in the order of their plain texts (struct dict of
 * index.h), and making them.
 *
 *	dict_maker_init(&m, arena);
 *	code = dict_add(&m, text, hash);	any number of times; codes in the order of arrival
 *	dict_finish(&m, 0, &dict, &new_code);	new_code[code]: the text's place in the order
 *
 * Everything is in blocks and memory of the arena.
 */
#ifndef FLATSPAN_INDEX_DICT_H
#define FLATSPAN_INDEX_DICT_H

#include "base/table.h"
#include "index/index.h"

struct dict_maker_text {
	uint64_t hash;
	uint32_t at, len; /* in bytes */
};

struct dict_maker {
	struct arena *arena;
	struct table texts; /* struct dict_maker_text, by code */
	struct buf bytes;
};

void dict_maker_init(struct dict_maker *m, struct arena *a);
void dict_maker_release(struct dict_maker *m);

static inline uint32_t dict_maker_n(const struct dict_maker *m)
{
	return (uint32_t)m->texts.n;
}

static inline struct str dict_maker_text(const struct dict_maker *m, uint32_t code)
{
	const struct dict_maker_text *t = table_row(&m->texts, code);
	return str_of(m->bytes.ptr + t->at, t->len);
}

/* hash: any of the text, the same for each call with it. */
uint32_t dict_add(struct dict_maker *m, struct str text, uint64_t hash);
/* The first one that was added with this hash; false: none was. */
bool dict_find_hash(const struct dict_maker *m, uint64_t hash, uint32_t *ret_code);
/* Both in the arena. Of each text without its first n_front bytes; those that are equal then stay
 * in the order of arrival. */
void dict_finish(
	const struct dict_maker *m, size_t n_front, struct dict *ret, uint32_t **ret_new_code);

/* The union of dictionaries. new_code[i][code of dicts[i]] is its place in the union. */
void dict_unite(const struct dict *dicts, size_t n, struct arena *a, struct dict *ret,
	uint32_t **ret_new_code);

#endif
