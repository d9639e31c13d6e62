#include "base/zone.h"

#include "base/io.h"
#include "base/utime.h"

#include <fcntl.h>

enum {
	NAME_MAX_BYTES = 64,
	FILE_MAX = 256 << 10, /* the largest of them has 4 KiB */
	HEADER = 44,
	SECONDS_PER_DAY = 86400,
	HOUR = 3600,
};

/* ---- The footer: a zone as POSIX's TZ has it, "EST5EDT,M3.2.0,M11.1.0" ---- */

static bool take_char(struct str *s, char c)
{
	if (s->len == 0 || s->ptr[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static bool take_number(struct str *s, int most, int *ret)
{
	int v = 0;
	size_t n = 0;
	while (n < s->len && n < 4 && ascii_is_digit(s->ptr[n]))
		v = v * 10 + (s->ptr[n++] - '0');
	*s = str_skip(*s, n);
	*ret = v;
	return n > 0 && v <= most;
}

/* "EST" or "<+0330>" */
static bool take_name(struct str *s)
{
	if (take_char(s, '<')) {
		*s = str_skip(*s, str_index(*s, '>'));
		return take_char(s, '>');
	}
	size_t n = 0;
	while (n < s->len && ascii_lower(s->ptr[n]) >= 'a' && ascii_lower(s->ptr[n]) <= 'z')
		n++;
	*s = str_skip(*s, n);
	return n >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool zone_take_time(struct str *s, int32_t *ret)
{
	int hours, minutes = 0, seconds = 0;
	bool is_negative = take_char(s, '-');
	if (!is_negative)
		(void)take_char(s, '+');
	if (!take_number(s, 167, &hours) || (take_char(s, ':') && !take_number(s, 59, &minutes)) ||
		(take_char(s, ':') && !take_number(s, 59, &seconds)))
		return false;
	*ret = hours * HOUR + minutes * 60 + seconds;
	if (is_negative)
		*ret = -*ret;
	return true;
}

static bool take_rule(struct str *s, struct zone_rule *ret)
{
	*ret = (struct zone_rule){ .form = '0', .at_s = 2 * HOUR };
	if (!take_char(s, ','))
		return false;
	if (take_char(s, 'M')) {
		ret->form = 'M';
		if (!take_number(s, 12, &ret->month) || ret->month < 1 || !take_char(s, '.') ||
			!take_number(s, 5, &ret->week) || ret->week < 1 || !take_char(s, '.') ||
			!take_number(s, 6, &ret->day))
			return false;
	} else {
		if (take_char(s, 'J'))
			ret->form = 'J';
		if (!take_number(s, 365, &ret->day))
			return false;
	}
	return !take_char(s, '/') || zone_take_time(s, &ret->at_s);
}

static bool read_footer(struct str s, struct zone *z)
{
	if (!take_name(&s) || !zone_take_time(&s, &z->standard_s))
		return false;
	z->standard_s = -z->standard_s; /* POSIX counts to the west */
	z->has_rule = true;
	if (s.len == 0)
		return true;
	if (!take_name(&s))
		return false;
	z->summer_s = z->standard_s + HOUR;
	if (s.len && s.ptr[0] != ',') {
		if (!zone_take_time(&s, &z->summer_s))
			return false;
		z->summer_s = -z->summer_s;
	}
	z->has_summer = true;
	return take_rule(&s, &z->begin) && take_rule(&s, &z->end) && s.len == 0;
}

/* Returns when the rule changes the clock in that year, as a clock shows it that is not changed. */
static int64_t rule_time(const struct zone_rule *rule, int year)
{
	int32_t day = utime_day_from_date(year, 1, 1);
	if (rule->form == 'M') {
		int32_t first = utime_day_from_date(year, rule->month, 1);
		/* 1970-01-01 was a Thursday. */
		int weekday = ((first + 4) % 7 + 7) % 7;
		int of_month = (rule->day - weekday + 7) % 7 + (rule->week - 1) * 7;
		if (of_month >= utime_days_in_month(year, rule->month))
			of_month -= 7;
		day = first + of_month;
	} else if (rule->form == 'J') {
		bool is_leap = utime_days_in_month(year, 2) == 29;
		day += rule->day - 1 + (is_leap && rule->day >= 60);
	} else {
		day += rule->day;
	}
	return (int64_t)day * SECONDS_PER_DAY + rule->at_s;
}

static int32_t offset_by_rule(const struct zone *z, int64_t at_s)
{
	int year, month, day;
	if (!z->has_summer)
		return z->standard_s;
	int64_t local_s = at_s + z->standard_s;
	int64_t days = local_s / SECONDS_PER_DAY - (local_s % SECONDS_PER_DAY < 0);
	utime_date_from_day((int32_t)days, &year, &month, &day);
	int64_t begin_s = rule_time(&z->begin, year) - z->standard_s;
	int64_t end_s = rule_time(&z->end, year) - z->summer_s;
	/* South of the equator summer goes over the turn of the year. */
	bool is_summer =
		begin_s < end_s ? at_s >= begin_s && at_s < end_s : at_s >= begin_s || at_s < end_s;
	return is_summer ? z->summer_s : z->standard_s;
}

/* ---- The file ---- */

static int64_t big_endian(struct str s, size_t at, size_t n)
{
	uint64_t v = (unsigned char)s.ptr[at] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | (unsigned char)s.ptr[at + i];
	return (int64_t)v;
}

/* The first n bytes of the rest, or false. */
static bool zone_take_bytes(struct str *rest, uint64_t n, struct str *ret)
{
	if (n > rest->len)
		return false;
	*ret = str_first(*rest, (size_t)n);
	*rest = str_skip(*rest, (size_t)n);
	return true;
}

struct counts {
	uint64_t utc, standard, leaps, times, kinds, chars;
};

static bool take_header(struct str *rest, char *ret_version, struct counts *ret)
{
	struct str header;
	if (!zone_take_bytes(rest, HEADER, &header) || !str_starts(header, STR("TZif")))
		return false;
	uint64_t *const all[] = { &ret->utc, &ret->standard, &ret->leaps, &ret->times, &ret->kinds,
		&ret->chars };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		*all[i] = (uint64_t)big_endian(header, 20 + 4 * i, 4) & UINT32_MAX;
	*ret_version = header.ptr[4];
	return true;
}

static bool take_block(
	struct str *rest, const struct counts *n, unsigned time_bytes, struct zone *z)
{
	struct str other;
	z->n_times = (size_t)n->times;
	z->n_kinds = (size_t)n->kinds;
	return zone_take_bytes(rest, n->times * time_bytes, &z->times) &&
	       zone_take_bytes(rest, n->times, &z->types) &&
	       zone_take_bytes(rest, n->kinds * 6, &z->kinds) &&
	       zone_take_bytes(
		       rest, n->chars + n->leaps * (time_bytes + 4) + n->standard + n->utc, &other);
}

bool zone_read(struct str file, struct zone *ret)
{
	struct zone z = { .has_rule = false };
	struct counts n;
	char version;
	/* The first block is for readers of 32 bits; all files have the second. */
	if (!take_header(&file, &version, &n) || version < '2' || !take_block(&file, &n, 4, &z) ||
		!take_header(&file, &version, &n) || !take_block(&file, &n, 8, &z) || !z.n_kinds)
		return false;
	for (size_t i = 0; i < z.n_times; i++)
		if ((unsigned char)z.types.ptr[i] >= z.n_kinds)
			return false;
	if (take_char(&file, '\n')) {
		struct str footer = str_first(file, str_index(file, '\n'));
		if (footer.len && !read_footer(footer, &z))
			return false;
	}
	*ret = z;
	return true;
}

/* True for a name of a zone's file: it has no dots, so that none leads elsewhere. */
static bool is_name(struct str name)
{
	bool begins = true; /* a part of the name */
	if (name.len == 0 || name.len > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i], lower = ascii_lower(c);
		bool is_letter = lower >= 'a' && lower <= 'z';
		if (begins ? !is_letter
			   : !is_letter && !ascii_is_digit(c) && c != '_' && c != '-' && c != '+' &&
					c != '/')
			return false;
		begins = c == '/';
	}
	return !begins;
}

static bool zone_read_file(struct arena *a, struct str name, struct str *ret)
{
	char *path = arena_copy_c(a, arena_printf(a, "/usr/share/zoneinfo/%.*s", STR_ARG(name)));
	struct stat st;
	size_t n = 0;
	/* The operator's links between zones are followed. */
	int fd = io->openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
	if (fd < 0)
		return false;
	bool is_read = io->fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
		       st.st_size <= FILE_MAX;
	char *text = is_read ? arena_text(a, (size_t)st.st_size) : NULL;
	is_read = is_read && io_pread(fd, text, (size_t)st.st_size, 0, &n) == ERR_OK;
	io_drop(fd);
	*ret = str_of(text, n);
	return is_read;
}

bool zone_open(struct arena *a, struct str name, struct zone *ret)
{
	struct str file;
	if (str_eq(name, STR("UTC"))) {
		*ret = (struct zone){ .has_rule = true };
		return true;
	}
	return is_name(name) && zone_read_file(a, name, &file) && zone_read(file, ret);
}

static int32_t offset_of_kind(const struct zone *z, size_t kind)
{
	return (int32_t)big_endian(z->kinds, kind * 6, 4);
}

int32_t zone_offset(const struct zone *z, int64_t at_s)
{
	size_t from = 0, to = z->n_times;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (big_endian(z->times, middle * 8, 8) <= at_s)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == z->n_times && z->has_rule)
		return offset_by_rule(z, at_s);
	return offset_of_kind(z, from ? (unsigned char)z->types.ptr[from - 1] : 0);
}

int64_t zone_to_utc(const struct zone *z, int64_t local_s)
{
	/* Offsets on both sides of any change near it: one of them is right, or neither. */
	int32_t before = zone_offset(z, local_s - SECONDS_PER_DAY);
	int32_t after = zone_offset(z, local_s + SECONDS_PER_DAY);
	if (zone_offset(z, local_s - before) == before)
		return local_s - before;
	return zone_offset(z, local_s - after) == after ? local_s - after : local_s - before;
}
