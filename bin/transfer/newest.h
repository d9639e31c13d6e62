/*
 * Finds the newest version of each span among many lines in any order.  All of them are read twice,
 * because the last one may be the oldest.  It takes 24 bytes a span, whatever the lines hold.
 *
 *	newest_init(&n, arena)
 *	newest_add(&n, span)	each of them
 *	newest_take(&n, span)	each of them again, in the same order: true for the newest
 *	newest_pass(&n, span)	lines that are read once: true when none before is newer
 */
#ifndef FLATSPAN_BIN_TRANSFER_NEWEST_H
#define FLATSPAN_BIN_TRANSFER_NEWEST_H

#include "base/arena.h"
#include "span/span.h"

struct newest_slot {
	uint64_t hash;  /* of the identity; 0: free */
	uint32_t check; /* more bits of the hash, because identities are not compared */
	uint32_t n;     /* lines of this version */
	int64_t version;
};

struct newest {
	struct arena *arena;
	uint64_t seed;
	struct newest_slot *slots; /* allocated as a block */
	size_t n, cap;             /* cap: a power of two */
};

void newest_init(struct newest *t, struct arena *a);
void newest_add(struct newest *t, const struct span *s);
bool newest_pass(struct newest *t, const struct span *s);
/* True for the last of equal versions. Also true for a span that was not there when lines were
 * added, and is not older. */
bool newest_take(struct newest *t, const struct span *s);

#endif
