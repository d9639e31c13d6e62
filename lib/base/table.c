#include "base/table.h"

enum { FIRST_ROWS = 16, FIRST_SLOTS = 32, CHUNK_BYTES = 64 << 10 };

void table_init(struct table *t, struct arena *a, size_t row_size)
{
	*t = (struct table){ .arena = a, .row_size = row_size };
}

void table_freeze(struct table *t)
{
	if (t->slots)
		t->slots = arena_block(t->arena, t->slots, 0);
	t->n_slots = 0;
}

void table_release(struct table *t)
{
	table_freeze(t);
	if (t->rows)
		t->rows = arena_block(t->arena, t->rows, 0);
	t->n = t->cap = 0;
}

static uint64_t table_hash_of(const struct table *t, size_t row)
{
	uint64_t hash;
	memcpy(&hash, t->rows + row * t->row_size, sizeof hash);
	return hash;
}

void *table_next(const struct table *t, struct table_probe *p)
{
	if (t->n_slots == 0)
		return NULL;
	for (;;) {
		uint32_t slot = t->slots[p->at];
		if (slot == 0)
			return NULL;
		p->at = (p->at + 1) & (t->n_slots - 1);
		if (table_hash_of(t, slot - 1) == p->hash)
			return table_row(t, slot - 1);
	}
}

static void put_slot(struct table *t, uint64_t hash, size_t row)
{
	size_t at = hash & (t->n_slots - 1);
	while (t->slots[at])
		at = (at + 1) & (t->n_slots - 1);
	t->slots[at] = (uint32_t)row + 1;
}

static void grow_slots(struct table *t)
{
	size_t n = t->n_slots ? t->n_slots * 2 : FIRST_SLOTS;
	t->slots = arena_block(t->arena, t->slots, n * sizeof *t->slots);
	t->n_slots = n;
	memset(t->slots, 0, n * sizeof *t->slots);
	for (size_t i = 0; i < t->n; i++)
		put_slot(t, table_hash_of(t, i), i);
}

static void grow_rows(struct table *t)
{
	size_t cap = t->cap ? t->cap + t->cap / 2 : FIRST_ROWS, size;
	if (cap >= UINT32_MAX || __builtin_mul_overflow(cap, t->row_size, &size))
		arena_fail(t->arena);
	t->rows = arena_block(t->arena, t->rows, size);
	t->cap = cap;
}

void *table_add(struct table *t, uint64_t hash)
{
	if (t->n == t->cap)
		grow_rows(t);
	if (t->n + 1 > t->n_slots / 4 * 3)
		grow_slots(t);
	put_slot(t, hash, t->n);
	char *row = table_row(t, t->n++);
	memset(row, 0, t->row_size);
	memcpy(row, &hash, sizeof hash);
	return row;
}

void string_pool_init(struct string_pool *k, struct arena *a)
{
	*k = (struct string_pool){ .arena = a };
}

void string_pool_release(struct string_pool *k)
{
	while (k->chunk) {
		char *before;
		memcpy(&before, k->chunk, sizeof before);
		(void)arena_block(k->arena, k->chunk, 0); /* freed: there is no result */
		k->chunk = before;
	}
	k->used = k->size = 0;
}

char *string_pool_bytes(struct string_pool *k, size_t n)
{
	if (n > k->size - k->used) {
		size_t size = n + sizeof k->chunk > CHUNK_BYTES ? n + sizeof k->chunk : CHUNK_BYTES;
		char *chunk = arena_block(k->arena, NULL, size);
		memcpy(chunk, &k->chunk, sizeof k->chunk);
		k->chunk = chunk;
		k->used = sizeof k->chunk;
		k->size = size;
	}
	char *p = k->chunk + k->used;
	k->used += n;
	return p;
}

struct str string_pool_copy(struct string_pool *k, struct str s)
{
	if (str_is_null(s))
		return s;
	char *p = string_pool_bytes(k, s.len);
	if (s.len)
		memcpy(p, s.ptr, s.len);
	return str_of(p, s.len);
}
