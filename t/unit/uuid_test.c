#include "unit.h"

#include "base/utime.h"
#include "base/uuid.h"

/* 2026-11-20T22:54:59.518Z, whose UUIDs begin with 01a1fb2b-93be-7. */
#define NOW (INT64_C(0x01a1fb2b93be) * NS_PER_MS)

START_TEST(a_new_uuid_says_its_time_version_and_variant)
	{
		struct uuid_source s = { 0 };
		struct str u = uuid_new(&s, test_arena(), NOW), read;
		ck_assert(str_starts(u, STR("01a1fb2b-93be-7")));
		ck_assert_uint_eq(u.len, UUID_TEXT);
		ck_assert(uuid_read(test_arena(), u, &read));
		ck_assert_ptr_eq(read.ptr, u.ptr);
		ck_assert_uint_eq(uuid_version(u), 7);
		ck_assert(memchr("89ab", u.ptr[19], 4) != NULL);
	}
END_TEST

START_TEST(uuids_of_one_source_ascend_whatever_the_clock_says)
	{
		struct uuid_source s = { 0 };
		struct str last = STR("");
		for (int i = 0; i < 5000; i++) {
			struct str u = uuid_new(&s, test_arena(), NOW - i % 7 * NS_PER_S);
			ck_assert_int_lt(str_cmp(last, u), 0);
			last = u;
		}
	}
END_TEST

START_TEST(uuids_of_two_sources_differ)
	{
		struct uuid_source s = { 0 }, t = { 0 };
		ck_assert(
			!str_eq(uuid_new(&s, test_arena(), NOW), uuid_new(&t, test_arena(), NOW)));
	}
END_TEST

START_TEST(a_millisecond_that_is_full_runs_into_the_next)
	{
		/* All bits behind the time set: version, 12 bits, variant, 62 bits. */
		struct uuid_source s = { UINT64_C(0x01a1fb2b93be7fff),
			UINT64_C(0xbfffffffffffffff) };
		struct str u = uuid_new(&s, test_arena(), NOW);
		ck_assert(str_starts(u, STR("01a1fb2b-93bf-7000-8")));
	}
END_TEST

START_TEST(a_uuid_is_read_in_either_case)
	{
		struct str read;
		ck_assert(uuid_read(
			test_arena(), STR("01A1FB2B-93be-7149-BEC9-ccf9d85afb57"), &read));
		ck_assert_str_is(read, STR("01a1fb2b-93be-7149-bec9-ccf9d85afb57"));
		ck_assert_uint_eq(uuid_version(read), 7);
	}
END_TEST

START_TEST(what_is_no_uuid_is_refused)
	{
		static const char *const texts[] = { "", "01a1fb2b",
			"01a1fb2b93be7149bec9ccf9d85afb57", "01a1fb2b-93be-7149-bec9-ccf9d85afb5",
			"01a1fb2b-93be-7149-bec9-ccf9d85afb577",
			"01a1fb2b-93be-7149-bec9_ccf9d85afb57",
			"g1a1fb2b-93be-7149-bec9-ccf9d85afb57" };
		struct str read;
		for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
			ck_assert(!uuid_read(test_arena(), str_from_c(texts[i]), &read));
	}
END_TEST

START_TEST(bounds_hold_all_of_a_millisecond)
	{
		char least[UUID_TEXT], most[UUID_TEXT];
		uuid_bounds(INT64_C(0x01a1fb2b93be), least, most);
		ck_assert_str_is(
			str_of(least, UUID_TEXT), STR("01a1fb2b-93be-7000-8000-000000000000"));
		ck_assert_str_is(
			str_of(most, UUID_TEXT), STR("01a1fb2b-93be-7fff-bfff-ffffffffffff"));
		uuid_bounds(-1, least, most);
		ck_assert(str_starts(str_of(least, UUID_TEXT), STR("00000000-0000-7")));
		uuid_bounds(INT64_MAX, least, most);
		ck_assert(str_starts(str_of(least, UUID_TEXT), STR("ffffffff-ffff-7")));
	}
END_TEST

UNIT_MAIN("uuid", a_new_uuid_says_its_time_version_and_variant,
	uuids_of_one_source_ascend_whatever_the_clock_says, uuids_of_two_sources_differ,
	a_millisecond_that_is_full_runs_into_the_next, a_uuid_is_read_in_either_case,
	what_is_no_uuid_is_refused, bounds_hold_all_of_a_millisecond)
