/*
 * Which line is the newest version of its span, of many lines in no order: all of them are read
 * twice, because the last one may be the oldest.  24 bytes a span, whatever the lines hold.
 *
 *	newest_init(&n, arena)
 *	newest_add(&n, span)	each of them
 *	newest_take(&n, span)	each of them once more, in the same order: is it the one?
 *	newest_pass(&n, span)	one of others that come once: is none before it newer?
 */
#ifndef FLATSPAN_BIN_TRANSFER_NEWEST_H
#define FLATSPAN_BIN_TRANSFER_NEWEST_H

#include "base/arena.h"
#include "span/span.h"

struct newest_slot {
	uint64_t hash;  /* of the identity; 0: free */
	uint32_t check; /* more of the hash, because nothing here tells two of one hash apart */
	uint32_t n;     /* lines of this version */
	int64_t version;
};

struct newest {
	struct arena *arena;
	uint64_t seed;
	struct newest_slot *slots; /* a block */
	size_t n, cap;             /* cap: a power of two */
};

void newest_init(struct newest *t, struct arena *a);
void newest_add(struct newest *t, const struct span *s);
bool newest_pass(struct newest *t, const struct span *s);
/* Of lines that say the same version the last one. Also what was not there when the lines were
 * added, and is not older. */
bool newest_take(struct newest *t, const struct span *s);

#endif
