#include "base/utime.h"

#include <time.h>

enum {
	SECONDS_PER_DAY = 86400,
	DATE_LEN = 10, /* YYYY-MM-DD */
	CLOCK_LEN = 5, /* HH:MM */
	NANO_DIGITS = 9,
	MILLI_DIGITS = 3,
	DAYS_PER_ERA = 146097, /* 400 years of the Gregorian calendar */
	DAYS_TO_1970 = 719468, /* from 0000-03-01 */
	FIRST_DAY = -106751,   /* 1677-09-22: the first and the last day */
	LAST_DAY = 106750,     /* 2262-04-10: that int64 nanoseconds hold whole */
	DAY_0000 = -719528,    /* 0000-01-01: four digits of a year begin */
	DAY_9999 = 2932896     /* 9999-12-31: and end */
};

/* pydantic's watershed between seconds and milliseconds since 1970. */
#define MOST_SECONDS UINT64_C(20000000000)
/* The last millisecond of the year 9999. */
#define MOST_MS UINT64_C(253402300799999)

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;
	(void)clock_gettime(id, &t); /* cannot fail: both clocks exist wherever this builds */
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t utime_now(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int64_t utime_monotonic(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t utime_processor(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t utime_booted(void)
{
	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
}

static int64_t divide_down(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int32_t utime_day(int64_t ns)
{
	return (int32_t)divide_down(ns, NS_PER_DAY);
}

/*
 * Days and civil dates.  A year is taken to begin on 1 March, so that the leap day is its last and
 * the months have the regular lengths (153 * month + 2) / 5; 400 such years are an era of constant
 * length.
 */
int32_t utime_day_from_date(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

void utime_date_from_day(int32_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int z = days + DAYS_TO_1970;
	int era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int day_of_era = z - era * DAYS_PER_ERA;
	int year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int shifted_month = (5 * day_of_year + 2) / 153;
	*ret_day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
	*ret_month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
	*ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

int utime_days_in_month(int year, int month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && is_leap);
}

/* ---- Reading ---- */

/* Returns two digits as a number; negative when they are not digits. */
static int pair(const char *p)
{
	unsigned tens = (unsigned char)p[0] - (unsigned)'0';
	unsigned ones = (unsigned char)p[1] - (unsigned)'0';
	return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : -1;
}

static bool read_date(struct str s, int32_t *ret_day)
{
	if (s.len < DATE_LEN || s.ptr[4] != '-' || s.ptr[7] != '-')
		return false;
	int century = pair(s.ptr), year = pair(s.ptr + 2), month = pair(s.ptr + 5),
	    day = pair(s.ptr + 8);
	if ((century | year | month | day) < 0)
		return false;
	year += century * 100;
	if (month < 1 || month > 12 || day < 1 || day > utime_days_in_month(year, month))
		return false;
	*ret_day = utime_day_from_date(year, month, day);
	return true;
}

/* The digits of a decimal fraction as units of 10^-places; more digits are cut. Takes them from
 * *rest; there must be one at least. */
static bool read_fraction(struct str *rest, int places, int64_t *ret)
{
	int64_t v = 0;
	size_t n = 0;
	for (; n < rest->len && ascii_is_digit(rest->ptr[n]); n++)
		if (places > 0) {
			v = v * 10 + (rest->ptr[n] - '0');
			places--;
		}
	if (n == 0)
		return false;
	for (; places > 0; places--)
		v *= 10;
	*rest = str_skip(*rest, n);
	*ret = v;
	return true;
}

/* Reads HH:MM:SS with an optional fraction; lax: also HH:MM, and the comma of ISO 8601. */
static bool read_clock(struct str *rest, bool is_lax, int64_t *ret_seconds, int64_t *ret_ns)
{
	if (rest->len < CLOCK_LEN || rest->ptr[2] != ':')
		return false;
	int hour = pair(rest->ptr), minute = pair(rest->ptr + 3), second = 0;
	*rest = str_skip(*rest, CLOCK_LEN);
	*ret_ns = 0;
	if (rest->len >= 3 && rest->ptr[0] == ':') {
		second = pair(rest->ptr + 1);
		*rest = str_skip(*rest, 3);
		if (rest->len && (rest->ptr[0] == '.' || (is_lax && rest->ptr[0] == ','))) {
			*rest = str_skip(*rest, 1);
			if (!read_fraction(rest, NANO_DIGITS, ret_ns))
				return false;
		}
	} else if (!is_lax) {
		return false;
	}
	/* 24:00 and the second 60 are refused, as pydantic does: no time_t has a place for them. */
	if ((hour | minute | second) < 0 || hour > 23 || minute > 59 || second > 59)
		return false;
	*ret_seconds = hour * 3600 + minute * 60 + second;
	return true;
}

/* Reads an offset that is all of s: Z, +hh:mm; lax: also +hhmm, +hh. */
static bool read_offset(struct str s, bool is_lax, int64_t *ret_seconds)
{
	if (s.len == 1 && (s.ptr[0] == 'Z' || s.ptr[0] == 'z')) {
		*ret_seconds = 0;
		return true;
	}
	bool has_colon = s.len == 6 && s.ptr[3] == ':';
	/* A '+' that somebody forgot to escape in a URL arrives as a blank. */
	bool has_sign = s.len && (s.ptr[0] == '+' || s.ptr[0] == '-' ||
					 (is_lax && has_colon && s.ptr[0] == ' '));
	if (!has_sign || !(has_colon || (is_lax && (s.len == 5 || s.len == 3))))
		return false;
	int hour = pair(s.ptr + 1), minute = s.len == 3 ? 0 : pair(s.ptr + s.len - 2);
	if ((hour | minute) < 0 || hour > 23 || minute > 59)
		return false;
	*ret_seconds = (hour * 3600 + minute * 60) * (s.ptr[0] == '-' ? -1 : 1);
	return true;
}

/* The forms that a text may have besides RFC 3339; each includes the former. */
enum form { FORM_STRICT, FORM_LAX, FORM_BOUND };

/* 0 <= ns < NS_PER_S. */
static bool join(int64_t seconds, int64_t ns, enum form form, int64_t *ret_ns)
{
	int64_t v;
	bool is_past = seconds < 0;
	if (is_past) { /* the whole seconds alone may lie just below the first nanosecond */
		seconds++;
		ns -= NS_PER_S;
	}
	if (__builtin_mul_overflow(seconds, NS_PER_S, &v) || __builtin_add_overflow(v, ns, &v)) {
		if (form != FORM_BOUND)
			return false;
		v = is_past ? UTIME_BOUND_MIN : INT64_MAX;
	}
	*ret_ns = v;
	return true;
}

/* The form of stored lines, 2026-11-21T13:45:00.123456789Z, when all of it is as usual. */
static bool parse_usual(struct str s, int64_t *ret_ns)
{
	enum { LEN_MIN = 20, LEN_MAX = 30 };
	static const int32_t rest_of[NANO_DIGITS + 1] = { 1000000000, 100000000, 10000000, 1000000,
		100000, 10000, 1000, 100, 10, 1 };
	const char *p = s.ptr;
	if (s.len < LEN_MIN || s.len == LEN_MIN + 1 || s.len > LEN_MAX || p[4] != '-' ||
		p[7] != '-' || p[10] != 'T' || p[13] != ':' || p[16] != ':' || p[s.len - 1] != 'Z')
		return false;
	int century = pair(p), year = pair(p + 2), month = pair(p + 5), day = pair(p + 8),
	    hour = pair(p + 11), minute = pair(p + 14), second = pair(p + 17);
	if ((century | year | month | day | hour | minute | second) < 0)
		return false;
	year += century * 100;
	/* Years that surely fit, and days that each month has. */
	if (year < 1700 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 28 ||
		hour > 23 || minute > 59 || second > 59)
		return false;
	int32_t ns = 0;
	if (s.len > LEN_MIN) {
		size_t n_digits = s.len - LEN_MIN - 1;
		if (p[19] != '.')
			return false;
		for (size_t i = 0; i < n_digits; i++) {
			if (!ascii_is_digit(p[20 + i]))
				return false;
			ns = ns * 10 + (p[20 + i] - '0');
		}
		ns *= rest_of[n_digits];
	}
	int64_t seconds = (int64_t)utime_day_from_date(year, month, day) * SECONDS_PER_DAY +
			  hour * 3600 + minute * 60 + second;
	*ret_ns = seconds * NS_PER_S + ns;
	return true;
}

static bool utime_parse_text(struct str s, enum form form, int64_t *ret_ns)
{
	bool is_lax = form != FORM_STRICT;
	int32_t day;
	int64_t seconds = 0, ns = 0, offset = 0;
	if (!read_date(s, &day))
		return false;
	s = str_skip(s, DATE_LEN);
	if (s.len || !is_lax) {
		if (s.len == 0 || !(s.ptr[0] == 'T' || s.ptr[0] == 't' || s.ptr[0] == ' ' ||
					  (is_lax && s.ptr[0] == '_')))
			return false;
		s = str_skip(s, 1);
		if (!read_clock(&s, is_lax, &seconds, &ns))
			return false;
		if ((s.len || !is_lax) && !read_offset(s, is_lax, &offset))
			return false;
	}
	return join((int64_t)day * SECONDS_PER_DAY + seconds - offset, ns, form, ret_ns);
}

/* Reads seconds or, above the watershed, milliseconds since 1970. It uses integers, so the result
 * is exact. */
static bool parse_number(struct str s, enum form form, int64_t *ret_ns)
{
	bool is_negative = s.len && s.ptr[0] == '-';
	if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'))
		s = str_skip(s, 1);
	size_t point = str_index(s, '.');
	uint64_t whole;
	if (!str_to_u64(str_first(s, point), &whole))
		return false;
	bool is_ms = whole > MOST_SECONDS;
	int64_t ns = 0, v;
	if (point < s.len) {
		struct str fraction = str_skip(s, point + 1);
		if (!read_fraction(
			    &fraction, is_ms ? NANO_DIGITS - MILLI_DIGITS : NANO_DIGITS, &ns) ||
			fraction.len)
			return false;
	}
	if (__builtin_mul_overflow(whole, is_ms ? NS_PER_MS : NS_PER_S, &v) ||
		__builtin_add_overflow(v, ns, &v)) {
		if (form != FORM_BOUND || whole > MOST_MS)
			return false;
		v = INT64_MAX;
	}
	*ret_ns = is_negative ? -v : v;
	return true;
}

bool utime_parse(struct str s, int64_t *ret_ns)
{
	return parse_usual(s, ret_ns) || utime_parse_text(s, FORM_STRICT, ret_ns);
}

static bool parse_form(struct str s, enum form form, int64_t *ret_ns)
{
	bool is_date = s.len > 4 && s.ptr[4] == '-';
	return is_date ? utime_parse_text(s, form, ret_ns) : parse_number(s, form, ret_ns);
}

bool utime_parse_lax(struct str s, int64_t *ret_ns)
{
	return parse_form(s, FORM_LAX, ret_ns);
}

bool utime_parse_bound(struct str s, int64_t *ret_ns)
{
	return parse_form(s, FORM_BOUND, ret_ns);
}

bool utime_has_offset(struct str s)
{
	if (s.len < DATE_LEN || s.ptr[4] != '-')
		return false;
	s = str_skip(s, DATE_LEN + 1 + CLOCK_LEN); /* the blank before a time is no lost '+' */
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == 'Z' || s.ptr[i] == 'z' || s.ptr[i] == '+' || s.ptr[i] == '-' ||
			s.ptr[i] == ' ')
			return true;
	return false;
}

bool utime_parse_day(struct str s, int32_t *ret_day)
{
	int32_t day;
	if (s.len != DATE_LEN || !read_date(s, &day) || day < FIRST_DAY || day > LAST_DAY)
		return false;
	*ret_day = day;
	return true;
}

/* ---- Writing ---- */

/* 0 <= v <= 99 */
static inline char *put_pair(char *p, int v)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	memcpy(p, pairs + (size_t)v * 2, 2);
	return p + 2;
}

void utime_format_day(int32_t day, char *ret)
{
	int year, month, day_of_month;
	utime_date_from_day(day < DAY_0000   ? DAY_0000
			    : day > DAY_9999 ? DAY_9999
					     : day,
		&year, &month, &day_of_month);
	put_pair(ret, year / 100);
	put_pair(ret + 2, year % 100);
	ret[4] = '-';
	put_pair(ret + 5, month);
	ret[7] = '-';
	put_pair(ret + 8, day_of_month);
}

/* The point and the first n digits of nine, for which there is room. */
static char *put_fraction(char *p, int32_t ns, int n)
{
	int us = ns / NS_PER_US, rest = ns % NS_PER_US;
	*p++ = '.';
	put_pair(p, us / 10000);
	put_pair(p + 2, us / 100 % 100);
	put_pair(p + 4, us % 100);
	put_pair(p + 6, rest / 10);
	p[NANO_DIGITS - 1] = (char)('0' + rest % 10);
	return p + n;
}

/* n_digits of the fraction; 0: none. */
static size_t format(int64_t ns, int n_digits, char *ret)
{
	int64_t seconds = divide_down(ns, NS_PER_S);
	int32_t day = (int32_t)divide_down(seconds, SECONDS_PER_DAY);
	int second = (int)(seconds - (int64_t)day * SECONDS_PER_DAY);
	char *p = ret + DATE_LEN;
	utime_format_day(day, ret);
	*p++ = 'T';
	p = put_pair(p, second / 3600);
	*p++ = ':';
	p = put_pair(p, second / 60 % 60);
	*p++ = ':';
	p = put_pair(p, second % 60);
	if (n_digits)
		p = put_fraction(
			p, (int32_t)((uint64_t)ns - (uint64_t)seconds * NS_PER_S), n_digits);
	*p++ = 'Z';
	return (size_t)(p - ret);
}

size_t utime_format(int64_t ns, char *ret)
{
	return format(ns,
		ns % NS_PER_S == 0    ? 0
		: ns % NS_PER_MS == 0 ? 3
		: ns % NS_PER_US == 0 ? 6
				      : 9,
		ret);
}

size_t utime_format_us(int64_t ns, char *ret)
{
	return format(ns, divide_down(ns, NS_PER_US) % (NS_PER_S / NS_PER_US) == 0 ? 0 : 6, ret);
}
