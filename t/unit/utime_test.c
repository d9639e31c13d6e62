#include "base/utime.h"
#include "unit.h"

#include <time.h>

#define NS_MIN_TEXT "1677-09-21T00:12:43.145224192Z"
#define NS_MAX_TEXT "2262-04-11T23:47:16.854775807Z"

static int64_t ns_of(const char *text)
{
	int64_t ns;
	ck_assert_msg(utime_parse(str_from_c(text), &ns), "refused: %s", text);
	return ns;
}

static struct str text_of(int64_t ns)
{
	char *text = arena_text(test_arena(), UTIME_TEXT_MAX);
	return str_of(text, utime_format(ns, text));
}

static struct str text_us_of(int64_t ns)
{
	char *text = arena_text(test_arena(), UTIME_TEXT_MAX);
	return str_of(text, utime_format_us(ns, text));
}

/* splitmix64, from a fixed seed: a failure comes back. */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

START_TEST(known_times_have_their_numbers)
	{
		static const struct {
			const char *text;
			int64_t ns;
		} cases[] = {
			{ "1970-01-01T00:00:00Z", 0 },
			{ "1970-01-01T00:00:00.000000001Z", 1 },
			{ "1969-12-31T23:59:59.999999999Z", -1 },
			{ "2026-11-21T13:45:00Z", INT64_C(1795268700) * NS_PER_S },
			{ "2000-02-29T12:00:00.5Z", INT64_C(951825600500) * NS_PER_MS },
			{ "1900-03-01T00:00:00Z", INT64_C(-2203891200) * NS_PER_S },
			{ NS_MIN_TEXT, INT64_MIN },
			{ NS_MAX_TEXT, INT64_MAX },
			{ "2026-11-21t13:45:00z", INT64_C(1795268700) * NS_PER_S },
			{ "2026-11-21 15:15:00+01:30", INT64_C(1795268700) * NS_PER_S },
			{ "2026-11-20T13:46:00-23:59", INT64_C(1795268700) * NS_PER_S },
			{ "2026-11-21T13:45:00-00:00", INT64_C(1795268700) * NS_PER_S },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			ck_assert_msg(ns_of(cases[i].text) == cases[i].ns, "%s", cases[i].text);
	}
END_TEST

START_TEST(what_is_no_time_is_refused_and_changes_nothing)
	{
		static const char *const bad[] = { "", "Z", "2026", "2026-11-21", "2026-11-21T",
			"2026-11-21T13:45Z", "2026-11-21T13:45:00", "2026-11-21T13:45:00+0100",
			"2026-11-21T13:45:00+01", "2026-11-21T13:45:00 01:00",
			"2026-11-21_13:45:00Z", "2026-11-21T24:00:00Z", "2026-11-21T23:60:00Z",
			"2026-11-21T23:59:60Z", "2026-11-21T13:45:00.Z", "2026-11-21T13:45:00,5Z",
			"2026-11-21T13:45:00.5", "2026-11-21T13:45:00.5ZZ",
			"2026-11-21T13:45:00+24:00", "2026-11-21T13:45:00+01:60",
			"2026-11-21T13:45:00+1:00", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
			"2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z",
			"2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
			"2026/11/21T13:45:00Z", "26-11-21T13:45:00Z", "+2026-11-21T13:45:00Z",
			"2026-11-21T1345:00Z", "2026-11-21T13-45:00Z", "2026-11-21T13:4x:00Z",
			" 2026-11-21T13:45:00Z", "2026-11-21T13:45:00Z ", "2026-11-21T-1:45:00Z",
			"1795268700", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
			/* one past each bound */
			"1677-09-21T00:12:43.145224191Z", "2262-04-11T23:47:16.854775808Z",
			"2262-04-11T23:47:17Z", "1677-09-21T00:12:42.9Z",
			/* the bounds themselves, moved out by an offset */
			"2262-04-11T23:47:16.854775807-00:01",
			"1677-09-21T00:12:43.145224192+00:01" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			int64_t ns = 42;
			ck_assert_msg(
				!utime_parse(str_from_c(bad[i]), &ns) && ns == 42, "%s", bad[i]);
		}
	}
END_TEST

START_TEST(every_prefix_of_a_time_is_read_within_its_bounds)
	{
		static const char whole[] = "2026-11-21T13:45:00.123456789+01:00";
		for (size_t n = 0; n < sizeof whole - 1; n++) {
			char *exact = malloc(n + 1); /* so that ASan sees a byte too far */
			int64_t ns;
			memcpy(exact, whole, n);
			ck_assert(!utime_parse(str_of(exact, n), &ns));
			(void)utime_parse_lax(str_of(exact, n), &ns); /* some are times, none may
									 read on */
			(void)utime_has_offset(str_of(exact, n));
			free(exact);
		}
	}
END_TEST

START_TEST(fractions_of_any_length_are_cut_after_nanoseconds)
	{
		struct buf b;
		buf_init(&b, test_arena());
		for (int n = 1; n <= 40; n++) {
			int64_t want = 0, ns;
			buf_reset(&b);
			buf_add(&b, STR("1970-01-01T00:00:00."));
			for (int i = 1; i <= n; i++)
				buf_add_char(&b, (char)('0' + i % 10));
			buf_add_char(&b, 'Z');
			for (int i = 1; i <= 9; i++)
				want = want * 10 + (i <= n ? i % 10 : 0);
			ck_assert(utime_parse(buf_str(&b), &ns));
			ck_assert_int_eq(ns, want);
		}
		/* Cut, not rounded: towards the past before 1970 too. */
		ck_assert_int_eq(ns_of("1969-12-31T23:59:59.9999999999Z"), -1);
	}
END_TEST

START_TEST(writing_uses_as_many_digits_as_needed)
	{
		ck_assert_str_is(text_of(0), STR("1970-01-01T00:00:00Z"));
		ck_assert_str_is(text_of(1), STR("1970-01-01T00:00:00.000000001Z"));
		ck_assert_str_is(text_of(1000), STR("1970-01-01T00:00:00.000001Z"));
		ck_assert_str_is(text_of(1000000), STR("1970-01-01T00:00:00.001Z"));
		ck_assert_str_is(text_of(-1), STR("1969-12-31T23:59:59.999999999Z"));
		ck_assert_str_is(text_of(-1000000), STR("1969-12-31T23:59:59.999Z"));
		ck_assert_str_is(text_of(INT64_MIN), STR(NS_MIN_TEXT));
		ck_assert_str_is(text_of(INT64_MAX), STR(NS_MAX_TEXT));
	}
END_TEST

START_TEST(microseconds_are_all_written_or_none)
	{
		ck_assert_str_is(text_us_of(0), STR("1970-01-01T00:00:00Z"));
		ck_assert_str_is(text_us_of(999), STR("1970-01-01T00:00:00Z"));
		ck_assert_str_is(text_us_of(1000), STR("1970-01-01T00:00:00.000001Z"));
		ck_assert_str_is(text_us_of(500 * NS_PER_MS), STR("1970-01-01T00:00:00.500000Z"));
		ck_assert_str_is(text_us_of(-1), STR("1969-12-31T23:59:59.999999Z"));
		ck_assert_str_is(text_us_of(INT64_MAX), STR("2262-04-11T23:47:16.854775Z"));
		ck_assert_str_is(text_us_of(INT64_MIN), STR("1677-09-21T00:12:43.145224Z"));
	}
END_TEST

START_TEST(random_times_come_back_and_agree_with_the_c_library)
	{
		uint64_t state = 20261121;
		for (int i = 0; i < 200000; i += unit_step()) {
			int64_t ns = (int64_t)random_next(&state), again;
			if (i % 2) /* half of them within 70 years of 1970 */
				ns /= 4;
			if (i % 3 == 0) /* and some of them whole */
				ns = ns / NS_PER_S * NS_PER_S;
			char text[UTIME_TEXT_MAX], c_text[64];
			size_t len = utime_format(ns, text);
			ck_assert_uint_le(len, UTIME_TEXT_MAX);
			ck_assert(utime_parse(str_of(text, len), &again));
			ck_assert_int_eq(again, ns);
			/* The usual form is read in a way of its own. */
			text[10] = 't';
			ck_assert(utime_parse(str_of(text, len), &again));
			ck_assert_int_eq(again, ns);
			text[10] = 'T';

			time_t seconds = (time_t)(ns / NS_PER_S - (ns % NS_PER_S < 0));
			struct tm tm;
			gmtime_r(&seconds, &tm);
			strftime(c_text, sizeof c_text, "%Y-%m-%dT%H:%M:%S", &tm);
			ck_assert_str_is(str_of(text, 19), str_from_c(c_text));

			len = utime_format_us(ns, text);
			ck_assert(utime_parse(str_of(text, len), &again));
			ck_assert_int_le(again, ns);
			ck_assert_int_lt(ns - again, NS_PER_US);
		}
	}
END_TEST

START_TEST(every_day_of_the_range_comes_back)
	{
		int32_t first, last;
		char text[10], before[10] = "";
		ck_assert(utime_parse_day(STR("1677-09-22"), &first));
		ck_assert(utime_parse_day(STR("2262-04-10"), &last));
		ck_assert_int_eq(last - first, 106750 + 106751);
		for (int32_t day = first; day <= last; day += unit_step()) {
			int32_t again;
			utime_format_day(day, text);
			ck_assert(memcmp(before, text, 10) < 0); /* names sort as days do */
			ck_assert(utime_parse_day(str_of(text, 10), &again));
			ck_assert_int_eq(again, day);
			ck_assert_int_eq(utime_day(day * NS_PER_DAY), day);
			ck_assert_int_eq(utime_day(day * NS_PER_DAY - 1), day - 1);
			ck_assert_int_eq(utime_day(day * NS_PER_DAY + (NS_PER_DAY - 1)), day);
			memcpy(before, text, 10);
		}
	}
END_TEST

START_TEST(a_day_is_ten_bytes_in_the_range_of_times)
	{
		static const char *const bad[] = { "", "1970-01-1", "1970-01-01T", "1970-1-001",
			"1970-01-32", "1970-02-29", "1970x01x01", "1677-09-21", "2262-04-11",
			"0000-01-01", "9999-12-31", "-970-01-01" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			int32_t day = 42;
			ck_assert_msg(!utime_parse_day(str_from_c(bad[i]), &day) && day == 42, "%s",
				bad[i]);
		}
		int32_t day;
		ck_assert(utime_parse_day(STR("1970-01-01"), &day) && day == 0);
		ck_assert(utime_parse_day(STR("1969-12-31"), &day) && day == -1);
		ck_assert(utime_parse_day(STR("2024-02-29"), &day) && day == 19782);
	}
END_TEST

START_TEST(days_beyond_four_digit_years_stay_ten_bytes)
	{
		char text[10];
		utime_format_day(INT32_MIN, text);
		ck_assert_str_is(str_of(text, 10), STR("0000-01-01"));
		utime_format_day(INT32_MAX, text);
		ck_assert_str_is(str_of(text, 10), STR("9999-12-31"));
		utime_format_day(-719162, text);
		ck_assert_str_is(str_of(text, 10), STR("0001-01-01"));
	}
END_TEST

START_TEST(lax_takes_what_pydantic_takes)
	{
		static const struct {
			const char *text;
			int64_t ns;
		} cases[] = {
			{ "2026-11-21", INT64_C(1795219200) * NS_PER_S },
			{ "2026-11-21T13:45:00", INT64_C(1795268700) * NS_PER_S },
			{ "2026-11-21 13:45", INT64_C(1795268700) * NS_PER_S },
			{ "2026-11-21_13:45Z", INT64_C(1795268700) * NS_PER_S },
			{ "2026-11-21T13:45+0100", INT64_C(1795265100) * NS_PER_S },
			{ "2026-11-21T13:45:00+01", INT64_C(1795265100) * NS_PER_S },
			{ "2026-11-21T13:45:00-01:30", INT64_C(1795274100) * NS_PER_S },
			{ "2026-11-21T13:45:00 01:30", INT64_C(1795263300) * NS_PER_S },
			{ "2026-11-21T13:45:00,25z", INT64_C(1795268700250) * NS_PER_MS },
			{ "2026-11-21T13:45:00.5", INT64_C(1795268700500) * NS_PER_MS },
			{ "0", 0 },
			{ "1795268700", INT64_C(1795268700) * NS_PER_S },
			{ "+1795268700", INT64_C(1795268700) * NS_PER_S },
			{ "1795268700.123456789123", INT64_C(1795268700123456789) },
			{ "1795268700123", INT64_C(1795268700123) * NS_PER_MS },
			{ "1795268700123.4567891", INT64_C(1795268700123456789) },
			{ "-1.5", INT64_C(-1500) * NS_PER_MS },
			{ "-20000000001", INT64_C(-20000000001) * NS_PER_MS },
			{ "20000000001", INT64_C(20000000001) * NS_PER_MS },
			{ "9223372036.854775807", INT64_MAX },
			{ "20260101", INT64_C(20260101) * NS_PER_S }, /* a number, not a date */
			{ NS_MIN_TEXT, INT64_MIN },
			{ NS_MAX_TEXT, INT64_MAX },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			int64_t ns;
			ck_assert_msg(utime_parse_lax(str_from_c(cases[i].text), &ns) &&
					      ns == cases[i].ns,
				"%s", cases[i].text);
		}
	}
END_TEST

START_TEST(lax_has_its_bounds_too)
	{
		static const char *const bad[] = { "", "-", "+", ".5", "1.", "1.5x", "1e9", "nan",
			"0x10", " 1", "1 ", "--1", "2026-11-21T", "2026-11-21T13",
			"2026-11-21T1345", "2026-11-21T13:45:", "2026-11-21T13:45:0",
			"2026-11-21T13:45:00.", "2026-11-21T24:00", "2026-11-21T13:45:60",
			"2026-11-21T13:45:00 0100", "2026-11-21T13:45:00 01", "2026-11-21T13:45+1",
			"2026-11-21T13:45+01:0", "2026-11-21T13:45+01:000", "2026-11-21T13:45+24",
			"2026-11-21Z", "2026-02-30", "20000000000", /* in the year 2603 */
			"9223372036.854775808", "9223372036854.775808", "9223372036855",
			"18446744073709551616", "-18446744073709551615", "2262-04-12",
			"1677-09-21" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			int64_t ns = 42;
			ck_assert_msg(!utime_parse_lax(str_from_c(bad[i]), &ns) && ns == 42, "%s",
				bad[i]);
		}
	}
END_TEST

START_TEST(bounds_beyond_the_ends_are_the_ends)
	{
		static const struct {
			const char *text;
			int64_t ns;
		} cases[] = {
			{ "9999-12-31T23:59:59.999Z", INT64_MAX },
			{ "9999-12-31", INT64_MAX },
			{ "2262-04-12", INT64_MAX },
			{ NS_MAX_TEXT, INT64_MAX },
			{ "20000000000", INT64_MAX },
			{ "253402300799999", INT64_MAX },
			{ "0001-01-01T00:00:00Z", UTIME_BOUND_MIN },
			{ "1677-09-21", UTIME_BOUND_MIN },
			{ "-253402300799999", UTIME_BOUND_MIN },
			{ "2026-11-21T13:45", INT64_C(1795268700) * NS_PER_S },
			{ "1795268700.5", INT64_C(1795268700500) * NS_PER_MS },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			int64_t ns;
			ck_assert_msg(utime_parse_bound(str_from_c(cases[i].text), &ns) &&
					      ns == cases[i].ns,
				"%s", cases[i].text);
		}
		static const char *const bad[] = { "", "9999-12-32", "10000-01-01",
			"253402300800000", "18446744073709551616", "9999-12-31T24:00Z" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			int64_t ns = 42;
			ck_assert_msg(!utime_parse_bound(str_from_c(bad[i]), &ns) && ns == 42, "%s",
				bad[i]);
		}
	}
END_TEST

START_TEST(an_offset_is_seen_only_behind_the_time)
	{
		ck_assert(utime_has_offset(STR("2026-11-21T13:45:00Z")));
		ck_assert(utime_has_offset(STR("2026-11-21 13:45:00.5-01:00")));
		ck_assert(utime_has_offset(STR("2026-11-21T13:45+01")));
		ck_assert(utime_has_offset(STR("2026-11-21T13:45z")));
		ck_assert(utime_has_offset(STR("2026-11-21T13:45:00 01:00")));
		ck_assert(!utime_has_offset(STR("2026-11-21 13:45:00.5")));
		ck_assert(!utime_has_offset(STR("2026-11-21T13:45")));
		ck_assert(!utime_has_offset(STR("2026-11-21")));
		ck_assert(!utime_has_offset(STR("-1795268700.123456789")));
		ck_assert(!utime_has_offset(STR("")));
	}
END_TEST

START_TEST(the_clocks_run)
	{
		int64_t now = utime_now(), then = utime_monotonic();
		ck_assert_int_gt(now, ns_of("2026-01-01T00:00:00Z"));
		ck_assert_int_ge(utime_monotonic(), then);
	}
END_TEST

UNIT_MAIN("utime", known_times_have_their_numbers, what_is_no_time_is_refused_and_changes_nothing,
	every_prefix_of_a_time_is_read_within_its_bounds,
	fractions_of_any_length_are_cut_after_nanoseconds, writing_uses_as_many_digits_as_needed,
	microseconds_are_all_written_or_none, random_times_come_back_and_agree_with_the_c_library,
	every_day_of_the_range_comes_back, a_day_is_ten_bytes_in_the_range_of_times,
	days_beyond_four_digit_years_stay_ten_bytes, lax_takes_what_pydantic_takes,
	lax_has_its_bounds_too, bounds_beyond_the_ends_are_the_ends,
	an_offset_is_seen_only_behind_the_time, the_clocks_run)
