/*
 * The set of traces that may stand in more than one block, or more than once in one.  All other
 * traces are whole where they are: they are counted and summed up within their block.
 */
#ifndef FLATSPAN_QUERY_AGGREGATE_SHARED_H
#define FLATSPAN_QUERY_AGGREGATE_SHARED_H

#include "query/filter/snapshot.h"

struct shared_traces {
	uint64_t *slots; /* hashes of trace_ids */
	size_t n_slots;  /* a power of two */
	size_t n;
	bool has_zero;   /* 0 marks a free slot */
	uint64_t *first; /* a bitmap by the upper bits of each hash: it rejects most other traces */
	unsigned first_shift;
};

NODISCARD enum err shared_find(struct snapshot *s, struct shared_traces *ret);

/*
 * Calls each for every block in which one of n traces may stand; number is its place in hashes.
 * Each segment is asked for all of them before the next one is: trace after trace, every look would
 * be at memory that all the others have displaced.
 */
typedef enum err shared_fn(void *user, uint32_t number, uint32_t block);
NODISCARD enum err shared_each_place(
	struct snapshot *s, const uint64_t *hashes, uint32_t n, shared_fn *each, void *user);

static inline bool shared_is_empty(const struct shared_traces *t)
{
	return t->n == 0 && !t->has_zero;
}

static inline bool shared_has(const struct shared_traces *t, uint64_t hash)
{
	size_t at = hash & (t->n_slots - 1);
	if (!bits_has(t->first, hash >> t->first_shift))
		return false;
	if (hash == 0)
		return t->has_zero;
	while (t->slots[at] && t->slots[at] != hash)
		at = (at + 1) & (t->n_slots - 1);
	return t->slots[at] != 0;
}

#endif
