/*
 * Removes the oldest days of a workspace, by age and by size.
 *
 * Whole days go, with their notes and their index; today never does.  Pinned traces (settings.h)
 * stay with their notes: a day that holds some is rewritten as an archived file with nothing else,
 * and its notes with those about pinned traces alone. The settings at the moment when a file is
 * removed decide, also when they were changed during the call. Concurrent readers see the day with
 * or without a file of it. A process that dies leaves days complete, gone or partly gone, and the
 * next call continues.
 */
#ifndef FLATSPAN_UPKEEP_PRUNE_H
#define FLATSPAN_UPKEEP_PRUNE_H

#include "store/settings.h"
#include "upkeep/maintain.h"

struct prune_options {
	int64_t now_ns;
	bool dry_run; /* removes nothing */
	int lock_ms, grace_ms;
	/* Called for each day that goes or is reduced to its pins, before that; called again, or
	 * for nothing, when the settings change meanwhile. May be NULL. */
	void (*day)(void *user, int32_t day, int64_t size_bytes, bool has_pins);
	/* Called for each day that cannot be read or written and stays, because it may hold pins.
	 * May be NULL. */
	void (*failed)(void *user, int32_t day, enum err e);
	void *user;
};

void prune_options_init(struct prune_options *o, int64_t now_ns);

struct prune_result {
	uint64_t n_days, n_reduced;      /* that are gone; that hold only pinned traces now */
	int64_t freed_bytes, kept_bytes; /* of data files */
	enum err failed;                 /* ERR_IO: such a day was left; the others have gone */
	/* Milliseconds after which to call again, because replaced files are still there. 0: none
	 * are. */
	int wait_ms;
};

/* Prunes a workspace. Errors as of settings_read(); ERR_BUSY also when the settings change all the
 * time. */
NODISCARD enum err prune_days(const struct store *s, struct str workspace,
	const struct prune_options *o, struct prune_result *ret);

#endif
