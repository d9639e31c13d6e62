/*
 * Hash tables and string pools: data that is gathered while rows are read.
 *
 * Such data cannot live in the arena itself, which is rewound after each row.  It lives in blocks:
 * the rows of a table, and texts in a struct string_pool.
 *
 *	struct thing { uint64_t hash; ... };		the hash comes first
 *	table_init(&t, arena, sizeof(struct thing));
 *	struct table_probe p = table_probe(&t, hash);
 *	while ((thing = table_next(&t, &p)) && !same(thing, ...))
 *		;
 *	if (!thing)
 *		thing = table_add(&t, hash);		moves rows: older pointers become invalid
 *
 * Rows stay in the order in which they were added, table_row(&t, 0) first. A row needs its size and
 * 5 to 11 bytes, and half of that again while the table grows.
 */
#ifndef FLATSPAN_BASE_TABLE_H
#define FLATSPAN_BASE_TABLE_H

#include "base/arena.h"

struct table {
	struct arena *arena;
	size_t row_size;
	char *rows; /* a block */
	size_t n, cap;
	uint32_t *slots; /* a block: row number + 1, 0: free */
	size_t n_slots;  /* a power of two */
};

void table_init(struct table *t, struct arena *a, size_t row_size);
void table_release(struct table *t);

static inline void *table_row(const struct table *t, size_t i)
{
	return t->rows + i * t->row_size;
}

/* Returns the number of a row. */
static inline size_t table_number(const struct table *t, const void *row)
{
	return (size_t)((const char *)row - t->rows) / t->row_size;
}

struct table_probe {
	uint64_t hash;
	size_t at;
};

static inline struct table_probe table_probe(const struct table *t, uint64_t hash)
{
	return (struct table_probe){ hash, t->n_slots ? hash & (t->n_slots - 1) : 0 };
}

/* Returns the next row with that hash, or NULL. */
void *table_next(const struct table *t, struct table_probe *p);
/* Adds a row that is zero except for its hash. */
void *table_add(struct table *t, uint64_t hash);
/* Ends adding and finding. The rows stay, and may be moved and removed. */
void table_freeze(struct table *t);

struct string_pool {
	struct arena *arena;
	char *chunk; /* a block; the first word of each names the one before */
	size_t used, size;
};

void string_pool_init(struct string_pool *k, struct arena *a);
void string_pool_release(struct string_pool *k);
/* Returns n bytes that are not aligned. */
char *string_pool_bytes(struct string_pool *k, size_t n);
struct str string_pool_copy(struct string_pool *k, struct str s);

#endif
