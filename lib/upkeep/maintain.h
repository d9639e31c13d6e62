/*
 * What the chores of a store share (seal.h, compact.h, prune.h, backup.h): telling how far they
 * are, and waiting for others.
 *
 * All of them may be killed at any system call and run again: what was done is found done, what was
 * half done is begun anew or finished, and nothing is lost or doubled in between.  All of them run
 * beside readers, writers and each other.
 */
#ifndef FLATSPAN_UPKEEP_MAINTAIN_H
#define FLATSPAN_UPKEEP_MAINTAIN_H

#include "shard/root.h"

struct progress {
	/* NULL: nobody listens. done and total are bytes of lines; done never exceeds total. */
	void (*report)(void *user, uint64_t done, uint64_t total);
	void *user;
};

static inline void progress_report(const struct progress *p, uint64_t done, uint64_t total)
{
	if (p->report)
		p->report(p->user, done < total ? done : total, total);
}

/* So long files stay that readers may still be using, after others have taken their places. */
#define MAINTAIN_GRACE_MS 30000
/* So long after its midnight a day is left to writers that are late. */
#define MAINTAIN_SETTLE_MS 600000

#endif
