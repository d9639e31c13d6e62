/*
 * Reads UUIDs (RFC 9562) and makes new ones of version 7: 48 bits of milliseconds since 1970,
 * then random bits. Ids of one source ascend, also within a millisecond and when the clock steps
 * back, because clients sort by them.
 */
#ifndef FLATSPAN_BASE_UUID_H
#define FLATSPAN_BASE_UUID_H

#include "base/arena.h"

enum { UUID_TEXT = 36 };

/* The last id given out, kept for the life of a process; zero at first. */
struct uuid_source {
	uint64_t high, low; /* of the last one */
};

/* Writes UUID_TEXT bytes, lower case, no NUL. */
void uuid_make(struct uuid_source *s, int64_t now_ns, char *ret);
/* Returns a new UUID in the arena. */
struct str uuid_new(struct uuid_source *s, struct arena *a, int64_t now_ns);

/* Reads 8-4-4-4-12 hex digits in either case. *ret is in lower case: the same view when it is
 * already. */
bool uuid_read(struct arena *a, struct str text, struct str *ret);
/* Returns the version of a text that uuid_read() gave: 1 to 8, or any other digit that it holds. */
unsigned uuid_version(struct str uuid);

/* Returns the smallest and the greatest text that a version 7 UUID of that millisecond can have.
 * Milliseconds outside 48 bits are clamped. */
void uuid_bounds(int64_t ms, char ret_least[static UUID_TEXT], char ret_most[static UUID_TEXT]);

#endif
