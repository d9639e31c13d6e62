/*
 * Time as int64 nanoseconds since 1970-01-01T00:00:00Z, 1677 to 2262: reading clocks, parsing
 * and formatting. There are no leap seconds, time zones, locales or floating point. The clock is
 * read in one place (utime_now), so that tests can pass a time in.
 */
#ifndef FLATSPAN_BASE_UTIME_H
#define FLATSPAN_BASE_UTIME_H

#include "base/buf.h"

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_DAY (86400 * NS_PER_S)

int64_t utime_now(void);       /* the real-time clock */
int64_t utime_monotonic(void); /* for deadlines */
int64_t utime_processor(void); /* that this process has used */
/* Returns when the machine was started, by its real-time clock as it is now: the result moves when
 * that clock is set. */
int64_t utime_booted(void);

/* Parses RFC 3339 strictly: date, T or t or blank, time, a fraction of any length cut after
 * nanoseconds, Z or an offset. */
bool utime_parse(struct str s, int64_t *ret_ns);
/* Parses what pydantic's lax mode takes: the above, and also without an offset (UTC), date only
 * (midnight), without seconds, offsets as +hh:mm, +hhmm and +hh, and numbers of seconds or (above
 * 2e10) milliseconds since 1970 with a fraction. Also takes a blank for the + of +hh:mm, which an
 * unescaped + in a URL becomes. */
bool utime_parse_lax(struct str s, int64_t *ret_ns);
/* Parses like utime_parse_lax(), for bounds of searches: a time outside 1677 to 2262 (such as
 * 9999-12-31 for "no end") becomes the nearest time inside, never INT64_MIN, which means that there
 * is no bound. */
#define UTIME_BOUND_MIN (-INT64_MAX)
bool utime_parse_bound(struct str s, int64_t *ret_ns);
/* True when the text names its offset (Z or +hh:mm); for fields that must. */
bool utime_has_offset(struct str s);

/* Longest text of the writers below. They write no NUL. */
enum { UTIME_TEXT_MAX = 35 };

/* Writes 2026-11-21T13:45:00Z with as many of .fff .ffffff .fffffffff as are needed to be exact.
 * Returns the length. */
size_t utime_format(int64_t ns, char *ret);
/* Writes NeMo's form: cut to microseconds as in 2026-11-21T13:45:00.000001Z, without a fraction
 * when it is zero. Returns the length. */
size_t utime_format_us(int64_t ns, char *ret);
/* Writes the day as YYYY-MM-DD, 10 bytes. day counts from 1970 and is clamped to the years 0000 to
 * 9999. */
void utime_format_day(int32_t day, char *ret);
/* Parses a day that int64 nanoseconds hold completely, 1677-09-22 to 2262-04-10, so that day *
 * NS_PER_DAY and the midnight after it do not overflow. */
bool utime_parse_day(struct str s, int32_t *ret_day);

/* Returns the day of a time, rounded towards the past, also before 1970. */
int32_t utime_day(int64_t ns);

/* Converts between days since 1970 and dates; month 1 to 12, day from 1. */
int32_t utime_day_from_date(int year, int month, int day);
void utime_date_from_day(int32_t day, int *ret_year, int *ret_month, int *ret_day);
int utime_days_in_month(int year, int month);

#endif
