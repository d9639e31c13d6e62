/*
 * Time zones by their IANA names ("America/New_York"), for those who ask what happened on a day of
 * theirs.  Nothing inside the program has a zone; only an answer is cut by one.
 *
 * What is known comes from the system's files (RFC 8536), /usr/share/zoneinfo; UTC is known without
 * them.
 */
#ifndef FLATSPAN_BASE_ZONE_H
#define FLATSPAN_BASE_ZONE_H

#include "base/arena.h"

/* One of the two days of a year on which the clock is put, at a time of that day. */
struct zone_rule {
	char form;            /* 'M': the n-th weekday of a month, 'J': day 1 to 365 without leap
				 days, '0': day 0 to 365 */
	int month, week, day; /* 'M': 1 to 12, 1 to 5 (5: the last), 0 to 6; else day only */
	int32_t at_s;         /* on the clock before it is put */
};

struct zone {
	/* What happened: from when on which offset counts. Views into the file. */
	struct str times; /* 8 bytes each, seconds since 1970 */
	struct str types; /* 1 byte each */
	struct str kinds; /* 6 bytes each: offset, is summer, name */
	size_t n_times, n_kinds;
	/* What goes on after that. */
	bool has_rule, has_summer;
	int32_t standard_s, summer_s;
	struct zone_rule begin, end; /* of summer time */
};

/* False: no such zone. The file is kept in the arena. */
bool zone_open(struct arena *a, struct str name, struct zone *ret);
/* The same of a file's bytes. */
bool zone_read(struct str file, struct zone *ret);

/* Seconds east of UTC at this moment, seconds since 1970. */
int32_t zone_offset(const struct zone *z, int64_t at_s);
/* The moment of that reading of the clock (seconds since 1970 as if it were UTC). Of two the
 * first; one that the clock skips is taken as if it had not been put yet. */
int64_t zone_to_utc(const struct zone *z, int64_t local_s);

#endif
