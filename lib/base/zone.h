/*
 * Time zones by their IANA names ("America/New_York"), for queries about local days. Times
 * inside the program have no zone; only an answer is cut by one.
 *
 * Zones come from the files of the system (RFC 8536) in /usr/share/zoneinfo; UTC needs no file.
 */
#ifndef FLATSPAN_BASE_ZONE_H
#define FLATSPAN_BASE_ZONE_H

#include "base/arena.h"

/* The start or the end of summer time: the day of a year and the time on it at which the clock
 * changes. */
struct zone_rule {
	char form;            /* 'M': the n-th weekday of a month, 'J': day 1 to 365 without leap
				 days, '0': day 0 to 365 */
	int month, week, day; /* 'M': 1 to 12, 1 to 5 (5: the last), 0 to 6; else day only */
	int32_t at_s;         /* on the clock before the change */
};

struct zone {
	/* The changes in the file: from which time on which offset is valid. Views into the file.
	 * */
	struct str times; /* 8 bytes each, seconds since 1970 */
	struct str types; /* 1 byte each */
	struct str kinds; /* 6 bytes each: offset, is summer, name */
	size_t n_times, n_kinds;
	/* The rule after the last change. */
	bool has_rule, has_summer;
	int32_t standard_s, summer_s;
	struct zone_rule begin, end; /* of summer time */
};

/* Opens a zone; the file is kept in the arena. Returns false when there is none of that name. */
bool zone_open(struct arena *a, struct str name, struct zone *ret);
/* Reads a zone from the bytes of a file. */
bool zone_read(struct str file, struct zone *ret);

/* Returns the seconds east of UTC at this moment, seconds since 1970. */
int32_t zone_offset(const struct zone *z, int64_t at_s);
/* Returns the moment at which a clock in the zone shows this (seconds since 1970 as if it were
 * UTC). Of two such moments it returns the first. A reading that the clock skips is taken as if it
 * had not changed yet. */
int64_t zone_to_utc(const struct zone *z, int64_t local_s);

#endif
