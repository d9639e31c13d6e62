#include "index/segment/keys.h"

#include <stdlib.h>

enum {
	BUCKET_KEYS = 2, /* on average */
	INSERTED_MAX =
		32, /* more are sorted: one id in many traces, of which clients have the say */
	SHIFT_MAX = 63
};

void segment_keys_begin(struct segment_keys *k, struct arena *a, uint32_t n)
{
	unsigned bits = 1;
	while (((uint64_t)BUCKET_KEYS << bits) < n)
		bits++;
	*k = (struct segment_keys){
		.arena = a, .n = n, .n_buckets = UINT32_C(1) << bits, .shift = SHIFT_MAX + 1 - bits
	};
	k->keys = arena_calloc(a, n, sizeof *k->keys);
	k->rows = arena_calloc(a, n, sizeof *k->rows);
	k->at = arena_block(a, NULL, k->n_buckets * sizeof *k->at);
	memset(k->at, 0, k->n_buckets * sizeof *k->at);
}

void segment_keys_place(struct segment_keys *k)
{
	uint32_t at = 0;
	for (uint32_t i = 0; i < k->n_buckets; i++) {
		uint32_t n = k->at[i];
		k->at[i] = at;
		at += n;
	}
}

/* Rows ascend already where keys are equal. */
static void insert(struct segment_keys *k, uint32_t from, uint32_t to)
{
	for (uint32_t i = from + 1; i < to; i++) {
		uint64_t key = k->keys[i];
		uint32_t row = k->rows[i], at = i;
		for (; at > from && k->keys[at - 1] > key; at--) {
			k->keys[at] = k->keys[at - 1];
			k->rows[at] = k->rows[at - 1];
		}
		k->keys[at] = key;
		k->rows[at] = row;
	}
}

struct entry {
	uint64_t key;
	uint32_t row;
};

static int compare(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

static void sort(struct segment_keys *k, uint32_t from, uint32_t to)
{
	struct entry *all = arena_block(k->arena, NULL, (to - from) * sizeof *all);
	for (uint32_t i = from; i < to; i++)
		all[i - from] = (struct entry){ k->keys[i], k->rows[i] };
	qsort(all, to - from, sizeof *all, compare);
	for (uint32_t i = from; i < to; i++) {
		k->keys[i] = all[i - from].key;
		k->rows[i] = all[i - from].row;
	}
	arena_block(k->arena, all, 0);
}

void segment_keys_finish(struct segment_keys *k)
{
	/* Each bucket ends where the next entry would have gone. */
	for (uint32_t i = 0, from = 0; i < k->n_buckets; from = k->at[i++]) {
		if (k->at[i] - from > INSERTED_MAX)
			sort(k, from, k->at[i]);
		else
			insert(k, from, k->at[i]);
	}
	arena_block(k->arena, k->at, 0);
	k->at = NULL;
}
