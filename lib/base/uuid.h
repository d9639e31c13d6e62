/*
 * UUIDs (RFC 9562) as text, and new ones of version 7: 48 bits of milliseconds since 1970, then
 * random bits.  Ids of one source ascend, also within a millisecond and when the clock steps back,
 * because clients sort by them.
 */
#ifndef FLATSPAN_BASE_UUID_H
#define FLATSPAN_BASE_UUID_H

#include "base/arena.h"

enum { UUID_TEXT = 36 };

/* What has been given out, for the life of a process; zero at first. */
struct uuid_source {
	uint64_t high, low; /* of the last one */
};

/* Writes UUID_TEXT bytes, lower case, no NUL. */
void uuid_make(struct uuid_source *s, int64_t now_ns, char *ret);
/* The same in the arena. */
struct str uuid_new(struct uuid_source *s, struct arena *a, int64_t now_ns);

/* 8-4-4-4-12 hex digits in either case; *ret in lower case: the same view when it is so already. */
bool uuid_read(struct arena *a, struct str text, struct str *ret);
/* Of a text that uuid_read gave: 1 to 8, or whatever stands there. */
unsigned uuid_version(struct str uuid);

/* The smallest and the greatest text a version 7 UUID of that millisecond can have. Milliseconds
 * outside 48 bits are held to its ends. */
void uuid_bounds(int64_t ms, char ret_least[static UUID_TEXT], char ret_most[static UUID_TEXT]);

#endif
