/*
 * Pruning: removing the oldest days of a workspace, by age and by size.
 *
 * Whole days go, with their notes and their index; today never does.  Pinned traces (settings.h)
 * stay, with what is said about them: a day that holds some is written anew as a sealed file with
 * nothing else, and a file of notes with those about them alone.  What the settings say at the
 * moment a file goes is what counts, also when they were changed after the first look.  Readers
 * that are at it see the day with or without a file of it, as they always may.  Killed at any point
 * it leaves days that are there, gone or partly gone, and the next call goes on.
 */
#ifndef FLATSPAN_UPKEEP_PRUNE_H
#define FLATSPAN_UPKEEP_PRUNE_H

#include "store/settings.h"
#include "upkeep/maintain.h"

struct prune_options {
	int64_t now_ns;
	bool dry_run; /* only tell */
	int lock_ms, grace_ms;
	/* Of each day that goes or is reduced to its pins, before that; once more, or for nothing,
	 * when the settings were changed meanwhile. NULL: nobody listens. */
	void (*day)(void *user, int32_t day, int64_t size_bytes, bool has_pins);
	/* Of each day that cannot be read or written and stays: pins may be in it. NULL: nobody
	 * listens. */
	void (*failed)(void *user, int32_t day, enum err e);
	void *user;
};

void prune_options_init(struct prune_options *o, int64_t now_ns);

struct prune_result {
	uint64_t n_days, n_reduced;      /* that are gone; that hold only pinned traces now */
	int64_t freed_bytes, kept_bytes; /* of data files */
	enum err failed;                 /* ERR_IO: such a day was left; the others have gone */
	/* Files that were replaced are still there: to be called again then. 0: none are. */
	int wait_ms;
};

/* As settings_read(); ERR_BUSY also when the settings change all the time. */
NODISCARD enum err prune_days(const struct store *s, struct str workspace,
	const struct prune_options *o, struct prune_result *ret);

#endif
