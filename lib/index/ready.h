/*
 * Getting a process ready while nobody asks it anything: indexes are opened and looked through, so
 * that the first request finds checked what it needs.  What has been checked stays so, the pages
 * are given back.
 *
 *	index_ready_init(&r, &store);
 *	while (index_ready_step(&r) && nobody waits)
 *		;
 *	before other work: index_ready_pause(&r);
 *
 * The default workspace comes first, of each the newest shards; there is a bound to all of it.
 * Nothing depends on its having been done.
 */
#ifndef FLATSPAN_INDEX_READY_H
#define FLATSPAN_INDEX_READY_H

#include "index/index.h"

struct index_ready {
	const struct store *store;
	uint64_t left_bytes; /* that may still be looked at */
	bool is_done;
	/* From here on undefined unless is_open. */
	bool is_open;
	struct arena memory;
	struct str *names;
	size_t n_names, name; /* the one of the view is name - 1 */
	bool has_view;
	struct view view;
	struct index_set *set;
	size_t shard, segment; /* looked at: those behind are done */
	unsigned chunk;
};

void index_ready_init(struct index_ready *r, const struct store *s);
/* A step of some milliseconds at most. False: nothing is left to be done. */
bool index_ready_step(struct index_ready *r);
/* Lets go of everything; the next step begins anew, and passes over what was done before. */
void index_ready_pause(struct index_ready *r);

#endif
