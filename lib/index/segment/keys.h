/*
 * Putting the entries of an id table into their order: by key, then row.  Keys are hashes, so that
 * their upper bits tell where about an entry will stand: each is put there at once, and only
 * neighbours are compared.
 *
 *	segment_keys_begin(&k, arena, n)
 *	segment_keys_count(&k, key)		each
 *	segment_keys_place(&k)
 *	segment_keys_put(&k, key, row)		each, with ascending rows
 *	segment_keys_finish(&k)			k.keys and k.rows are what is wanted
 */
#ifndef FLATSPAN_INDEX_SEGMENT_KEYS_H
#define FLATSPAN_INDEX_SEGMENT_KEYS_H

#include "base/arena.h"

struct segment_keys {
	struct arena *arena;
	uint64_t *keys; /* n of each, in the arena */
	uint32_t *rows;
	uint32_t n, n_buckets;
	unsigned shift; /* of a key: what is left is the number of its bucket */
	uint32_t *at;   /* a block: of each bucket how many, then where the next one goes */
};

void segment_keys_begin(struct segment_keys *k, struct arena *a, uint32_t n);

static inline void segment_keys_count(struct segment_keys *k, uint64_t key)
{
	k->at[key >> k->shift]++;
}

void segment_keys_place(struct segment_keys *k);

static inline void segment_keys_put(struct segment_keys *k, uint64_t key, uint32_t row)
{
	uint32_t at = k->at[key >> k->shift]++;
	k->keys[at] = key;
	k->rows[at] = row;
}

void segment_keys_finish(struct segment_keys *k);

#endif
