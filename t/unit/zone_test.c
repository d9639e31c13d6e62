#include "base/utime.h"
#include "base/zone.h"
#include "unit.h"

#include <unistd.h>

static void put_number(struct buf *b, int64_t v, unsigned bytes)
{
	while (bytes-- > 0)
		buf_add_char(b, (char)((uint64_t)v >> 8 * bytes));
}

static void put_header(struct buf *b, unsigned n_times, unsigned n_kinds)
{
	buf_add(b, STR("TZif2"));
	for (unsigned i = 0; i < 15; i++)
		buf_add_char(b, '\0');
	const unsigned counts[] = { 0, 0, 0, n_times, n_kinds, 0 };
	for (size_t i = 0; i < 6; i++)
		put_number(b, counts[i], 4);
}

/* A file of a zone that was an hour ahead until 2000 and half an hour behind until 2001. */
static struct str file_of(const char *footer)
{
	static const struct {
		int64_t at_s;
		char kind;
	} times[] = { { 946684800, 1 }, { 978307200, 2 } };
	static const int32_t kinds[] = { 3600, -1800, 0 };
	struct buf b;
	buf_init(&b, test_arena());
	put_header(&b, 0, 0);
	put_header(&b, 2, 3);
	for (size_t i = 0; i < 2; i++)
		put_number(&b, times[i].at_s, 8);
	for (size_t i = 0; i < 2; i++)
		buf_add_char(&b, times[i].kind);
	for (size_t i = 0; i < 3; i++) {
		put_number(&b, kinds[i], 4);
		put_number(&b, 0, 2);
	}
	buf_printf(&b, "\n%s\n", footer);
	return buf_str(&b);
}

static int64_t seconds_of(const char *text)
{
	int64_t ns;
	ck_assert_msg(utime_parse(str_from_c(text), &ns), "%s", text);
	return ns / NS_PER_S;
}

static int offset_at(const struct zone *z, const char *text)
{
	return zone_offset(z, seconds_of(text));
}

START_TEST(what_happened_is_told_by_the_file)
	{
		struct zone z;
		ck_assert(zone_read(file_of(""), &z));
		ck_assert_int_eq(offset_at(&z, "1970-01-01T00:00:00Z"), 3600);
		ck_assert_int_eq(offset_at(&z, "1999-12-31T23:59:59Z"), 3600);
		ck_assert_int_eq(offset_at(&z, "2000-01-01T00:00:00Z"), -1800);
		ck_assert_int_eq(offset_at(&z, "2000-12-31T23:59:59Z"), -1800);
		ck_assert_int_eq(offset_at(&z, "2030-01-01T00:00:00Z"), 0);
	}
END_TEST

START_TEST(what_goes_on_is_told_by_its_rule)
	{
		static const struct {
			const char *footer, *at;
			int offset;
		} cases[] = {
			{ "EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -5 * 3600 },
			{ "EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -4 * 3600 },
			{ "EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -4 * 3600 },
			{ "EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -5 * 3600 },
			{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600 },
			{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200 },
			{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200 },
			{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600 },
			/* south of the equator */
			{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 11 * 3600 },
			{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z", 10 * 3600 },
			{ "<+0330>-3:30", "2026-07-01T00:00:00Z", 3 * 3600 + 1800 },
			/* summer an offset of its own, days of the year */
			{ "LHST-10:30LHDT-11,J60,300/-1:30:30", "2024-03-01T15:30:00Z", 11 * 3600 },
			{ "LHST-10:30LHDT-11,J60,300/-1:30:30", "2024-02-29T14:00:00Z",
				10 * 3600 + 1800 },
			{ "LHST-10:30LHDT-11,J60,300/-1:30:30", "2024-10-26T11:29:30Z",
				10 * 3600 + 1800 },
			{ "LHST-10:30LHDT-11,J60,300/-1:30:30", "2024-10-26T11:29:29Z", 11 * 3600 },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct zone z;
			ck_assert_msg(
				zone_read(file_of(cases[i].footer), &z), "%s", cases[i].footer);
			ck_assert_msg(offset_at(&z, cases[i].at) == cases[i].offset, "%s at %s: %d",
				cases[i].footer, cases[i].at, offset_at(&z, cases[i].at));
		}
	}
END_TEST

START_TEST(a_reading_of_the_clock_has_its_moment)
	{
		static const struct {
			const char *local, *utc;
		} cases[] = {
			{ "2026-03-08T00:00:00Z", "2026-03-08T05:00:00Z" },
			{ "2026-03-09T00:00:00Z", "2026-03-09T04:00:00Z" },
			/* skipped */
			{ "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z" },
			/* twice: the first */
			{ "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z" },
		};
		struct zone z;
		ck_assert(zone_read(file_of("EST5EDT,M3.2.0,M11.1.0"), &z));
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			ck_assert_int_eq(zone_to_utc(&z, seconds_of(cases[i].local)),
				seconds_of(cases[i].utc));
	}
END_TEST

START_TEST(utc_needs_no_file)
	{
		struct zone z;
		ck_assert(zone_open(test_arena(), STR("UTC"), &z));
		ck_assert_int_eq(zone_offset(&z, 0), 0);
		ck_assert_int_eq(zone_to_utc(&z, 12345), 12345);
	}
END_TEST

START_TEST(unknown_and_odd_names_are_no_zones)
	{
		static const char *const names[] = { "", "Not/AZone", "PST8PDT7", "../UTC",
			"/etc/passwd", "America", "America/", "America//New_York", ".", "tzdata.zi",
			"Europe/./Berlin", "+VERSION", "zone1970.tab" };
		struct zone z;
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			ck_assert_msg(
				!zone_open(test_arena(), str_from_c(names[i]), &z), "%s", names[i]);
	}
END_TEST

START_TEST(the_systems_own_files_are_read)
	{
		struct zone z;
		if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
			return; /* a host without them knows UTC only */
		ck_assert(zone_open(test_arena(), STR("Europe/Berlin"), &z));
		ck_assert_int_eq(offset_at(&z, "2026-01-15T00:00:00Z"), 3600);
		ck_assert_int_eq(offset_at(&z, "2026-07-15T00:00:00Z"), 7200);
		ck_assert_int_eq(offset_at(&z, "2099-07-15T00:00:00Z"), 7200);
		ck_assert_int_eq(offset_at(&z, "1945-06-15T00:00:00Z"), 10800);
	}
END_TEST

START_TEST(a_cut_file_is_no_zone)
	{
		struct zone z;
		struct str file = file_of("EST5EDT,M3.2.0,M11.1.0");
		size_t footer = str_find(file, STR("\nEST"));
		for (size_t n = 0; n < footer; n++)
			ck_assert(!zone_read(arena_copy(test_arena(), str_first(file, n)), &z));
	}
END_TEST

START_TEST(a_footer_that_is_none_is_refused)
	{
		static const char *const footers[] = { "E5", "EST", "EST5EDT", "EST5EDT,M3.2.0",
			"EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M0.2.0,M11.1.0",
			"EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0",
			"EST5EDT,M3.2.0,M11.1.0,", "EST5EDT,366,1", "<+03", "EST5:60", "EST168" };
		struct zone z;
		for (size_t i = 0; i < sizeof footers / sizeof footers[0]; i++)
			ck_assert_msg(!zone_read(file_of(footers[i]), &z), "%s", footers[i]);
	}
END_TEST

UNIT_MAIN("zone", what_happened_is_told_by_the_file, what_goes_on_is_told_by_its_rule,
	a_reading_of_the_clock_has_its_moment, utc_needs_no_file,
	unknown_and_odd_names_are_no_zones, the_systems_own_files_are_read, a_cut_file_is_no_zone,
	a_footer_that_is_none_is_refused)
