/*
 * What maintenance jobs share (seal.h, compact.h, prune.h, backup.h): progress reports and waiting
 * times.
 *
 * Each job may be killed at any system call and run again: finished work is recognised, unfinished
 * work is repeated or completed, and nothing is lost or duplicated. Jobs run while other processes
 * read, write and maintain.
 */
#ifndef FLATSPAN_UPKEEP_MAINTAIN_H
#define FLATSPAN_UPKEEP_MAINTAIN_H

#include "shard/root.h"

struct progress {
	/* May be NULL. done and total are bytes of lines; done never exceeds total. */
	void (*report)(void *user, uint64_t done, uint64_t total);
	void *user;
};

static inline void progress_report(const struct progress *p, uint64_t done, uint64_t total)
{
	if (p->report)
		p->report(p->user, done < total ? done : total, total);
}

/* How long replaced files are kept for readers that may still use them. */
#define MAINTAIN_GRACE_MS 30000
/* How long after its midnight a day still accepts late writers. */
#define MAINTAIN_SETTLE_MS 600000

#endif
