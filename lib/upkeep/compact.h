/*
 * Removes from past days the versions that are superseded, deleted or to be erased.
 *
 * compact_day() removes versions that later days supersede or delete. erase_spans() removes all
 * versions of spans that are to be erased for good, in all days. Both rewrite a day as an archived
 * file by the steps of rewrite.h: no other answer changes, and a process that dies has rewritten
 * the day completely or not at all. The old file is removed when the same call is made again after
 * wait_ms.
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

/* Compacts a day before today, by its index. Returns ERR_CONF when no index covers the day. */
NODISCARD enum err compact_day(const struct store *s, struct str workspace, int32_t day,
	const struct seal_options *o, struct compact_result *ret);

/* A day that was rewritten. */
struct erased_day {
	int32_t day;
	int part;                          /* of its new file */
	uint64_t n_erased;                 /* versions */
	int64_t before_bytes, after_bytes; /* of its files */
};

struct erase_request {
	/* True for the spans to erase. Called for every version that is not a tombstone. user is
	 * passed to this and the callbacks below. */
	bool (*is_wanted)(void *user, const struct span *s);
	void *user;
	/* For the audit: what is erased and who asked for it, in plain text. */
	struct str what, by;
	int32_t last_day; /* later days are not searched; 0: all days are */
	/* Called once when versions are in days that are not settled, the newest of which is `day`:
	 * it may hide their spans, and sets their number. May be NULL. */
	enum err (*pending)(void *user, int32_t day, uint64_t *ret_n_hidden);
	/* Called for each day when its new file has its name. May be NULL. */
	void (*day)(void *user, const struct erased_day *d);
	/* Called for each day that could not be read or written. May be NULL. */
	void (*failed)(void *user, int32_t day, enum err e);
};

struct erase_result {
	uint64_t n_days;   /* that were rewritten */
	uint64_t n_erased; /* versions in them */
	uint64_t n_notes;  /* lines of notes about what is gone, and of documents made from it */
	/* Versions in today's files or in other days that are not settled, also those that arrived
	 * meanwhile: the caller must call again. */
	uint64_t n_pending;
	uint64_t n_hidden; /* spans, of those */
	/* The error of the first day that could not be read or written; ERR_OK: none. */
	enum err failed;
	int wait_ms;
};

/* Erases spans, and the notes about them (orphans.h), also about spans of today. Each call that
 * finds something appends a line to ROOT/<workspace>/audit.jsonl before the first day is rewritten,
 * and one at the end. // An error in one day does not stop the others. But when a day cannot be
 * read (ERR_IO), it is not known which notes must go, so no past day is rewritten. *ret counts what
 * is pending in any case. */
NODISCARD enum err erase_spans(const struct store *s, struct str workspace,
	const struct erase_request *what, const struct seal_options *o, struct erase_result *ret);

#endif
