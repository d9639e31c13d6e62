/*
 * Taking out of past days what nobody may or can see any more.
 *
 * compact_day: versions that later days supersede or delete.  erase_spans: spans that somebody
 * asked to have removed for good, all versions in all days.  Both write a day anew as a sealed
 * file, by the steps of rewrite.h, and so are as safe as sealing: no other answer changes, and
 * whoever dies in between has done nothing or all of that day.  The old file goes a while later,
 * when the same call is made again (wait_ms).
 *
 * Where an earlier day holds a version of a span that goes, a tombstone stays in its place.
 */
#ifndef FLATSPAN_UPKEEP_COMPACT_H
#define FLATSPAN_UPKEEP_COMPACT_H

#include "span/span.h"
#include "upkeep/seal.h"

struct compact_result {
	bool is_new;        /* false: there was nothing to take out, and the day is as it was */
	uint64_t n_dropped; /* versions that are gone from the day */
	int64_t before_bytes, after_bytes;
	int wait_ms;
};

/* Of a day before today. Works by the day's index: ERR_CONF when there is none that covers it. */
NODISCARD enum err compact_day(const struct store *s, struct str workspace, int32_t day,
	const struct seal_options *o, struct compact_result *ret);

/* A day that was written anew. */
struct erased_day {
	int32_t day;
	int part;                          /* of its new file */
	uint64_t n_erased;                 /* versions */
	int64_t before_bytes, after_bytes; /* of its files */
};

struct erase_request {
	/* Of any version of any span that is not a tombstone. user: this and the others' below. */
	bool (*is_wanted)(void *user, const struct span *s);
	void *user;
	/* For the audit: what was asked for, and who did. Plain text. */
	struct str what, by;
	int32_t last_day; /* nothing of later days is looked for; 0: of any */
	/* Told once when versions stand in days that are not settled, the newest of which is `day`:
	 * it may hide their spans, and says how many. NULL: nobody does. */
	enum err (*pending)(void *user, int32_t day, uint64_t *ret_n_hidden);
	/* Told each day, when its new file has its name; NULL: nobody listens. */
	void (*day)(void *user, const struct erased_day *d);
	/* Told each day that could not be read or written; NULL: nobody listens. */
	void (*failed)(void *user, int32_t day, enum err e);
};

struct erase_result {
	uint64_t n_days;   /* that were written anew */
	uint64_t n_erased; /* versions in them */
	uint64_t n_notes;  /* lines of notes about what is gone */
	/* Versions in today's files, or in days not settled yet, those too that came while it was
	 * at work: call again. */
	uint64_t n_pending;
	uint64_t n_hidden; /* spans, of those */
	/* What the first day ended with that could not be read or written; ERR_OK: none. */
	enum err failed;
	int wait_ms;
};

/* Each call that finds something leaves a line in ROOT/<workspace>/audit.jsonl before the first day
 * is written, and one when all is done.  Notes go with what they are about (orphans.h), of today's
 * spans too.
 *
 * What is wrong with a day does not keep the others from their turn; but where one cannot be read
 * (ERR_IO), nobody knows which notes go, and without their spans nobody ever would, so that no day
 * that is over is written.  What is pending is told in any case. */
NODISCARD enum err erase_spans(const struct store *s, struct str workspace,
	const struct erase_request *what, const struct seal_options *o, struct erase_result *ret);

#endif
