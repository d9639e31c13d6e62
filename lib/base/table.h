/*
 * Hash tables and bytes that outlive a row.
 *
 * What is gathered while rows go by cannot live in the arena proper, which is rewound after each
 * row.  It lives in blocks: rows of a table, and bytes in a struct keep.
 *
 *	struct thing { uint64_t hash; ... };		the hash comes first
 *	table_init(&t, arena, sizeof(struct thing));
 *	struct table_probe p = table_probe(&t, hash);
 *	while ((thing = table_next(&t, &p)) && !same(thing, ...))
 *		;
 *	if (!thing)
 *		thing = table_add(&t, hash);		moves rows: older pointers are void
 *
 * Rows stay in the order they were added, table_row(&t, 0) first.  A row costs its size and 5 to 11
 * bytes, and while the table grows up to half of that again.
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

struct table_probe {
	uint64_t hash;
	size_t at;
};

static inline struct table_probe table_probe(const struct table *t, uint64_t hash)
{
	return (struct table_probe){ hash, t->n_slots ? hash & (t->n_slots - 1) : 0 };
}

/* The next row with that hash; NULL when there are no more. */
void *table_next(const struct table *t, struct table_probe *p);
/* A new row, zero but for its hash. */
void *table_add(struct table *t, uint64_t hash);
/* Ends adding and finding; the rows stay, and may be moved and removed. */
void table_freeze(struct table *t);

struct keep {
	struct arena *arena;
	char *chunk; /* a block; the first word of each names the one before */
	size_t used, size;
};

void keep_init(struct keep *k, struct arena *a);
void keep_release(struct keep *k);
/* n bytes, unaligned. */
char *keep_bytes(struct keep *k, size_t n);
struct str keep_copy(struct keep *k, struct str s);

#endif
