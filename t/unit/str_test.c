#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

START_TEST(cut_gives_every_part_also_empty_ones)
	{
		struct str rest = STR("a,,b,");
		ck_assert_str_is(str_cut(&rest, ','), STR("a"));
		ck_assert_str_is(str_cut(&rest, ','), STR(""));
		ck_assert_str_is(str_cut(&rest, ','), STR("b"));
		ck_assert(!str_is_null(rest));
		ck_assert_str_is(str_cut(&rest, ','), STR(""));
		ck_assert(str_is_null(rest));
	}
END_TEST

START_TEST(integers_are_read_whole_or_not_at_all)
	{
		int64_t i;
		uint64_t u;
		ck_assert(str_to_i64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
		ck_assert(str_to_i64(STR("9223372036854775807"), &i) && i == INT64_MAX);
		ck_assert(!str_to_i64(STR("9223372036854775808"), &i));
		ck_assert(!str_to_i64(STR("-9223372036854775809"), &i));
		ck_assert(str_to_u64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
		ck_assert(!str_to_u64(STR("18446744073709551616"), &u));
		static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1a", "--1", "0x1",
			"1.0" };
		for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++)
			ck_assert_msg(!str_to_i64(str_from_c(bad[n]), &i), "%s", bad[n]);
		ck_assert(str_to_u64_hex(STR("fFffffffffffffff"), &u) && u == UINT64_MAX);
		ck_assert(!str_to_u64_hex(STR("10000000000000000"), &u));
		ck_assert(!str_to_u64_hex(STR("g"), &u));
	}
END_TEST

START_TEST(doubles_are_those_of_the_library)
	{
		static const char *const texts[] = { "0", "0.1", "0.0", "1", "12.5", "0.000001",
			"999999999999999", "0.99999999999999", "99999999999.9999", "1234567.89",
			"0.00000000000001", "123456789012345", "1234567890123456", "0.3",
			"9007199254740993", "0.1234567890123456789", "1e22", "-0.1", "-0" };
		for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++) {
			double d, want = strtod(texts[n], NULL);
			ck_assert_msg(str_to_double(str_from_c(texts[n]), &d), "%s", texts[n]);
			ck_assert_msg(memcmp(&d, &want, sizeof d) == 0, "%s", texts[n]);
		}
		/* and a great many of few digits */
		for (unsigned i = 0; i < 100000; i += (unsigned)unit_step()) {
			char text[32];
			double d;
			snprintf(text, sizeof text, "%u.%0*u", i * 7919 % 100003, (int)(i % 9) + 1,
				i);
			ck_assert(str_to_double(str_from_c(text), &d));
			ck_assert_msg(d == strtod(text, NULL), "%s", text);
		}
	}
END_TEST

START_TEST(doubles_follow_the_json_grammar)
	{
		double d;
		ck_assert(str_to_double(STR("-0.5e+2"), &d) && d == -50);
		static const char *const bad[] = { "", "-", ".5", "5.", "01", "1e", "1e+", "nan",
			"inf", "0x1p3", "1e400", "1 " };
		for (size_t n = 0; n < sizeof bad / sizeof bad[0]; n++)
			ck_assert_msg(!str_to_double(str_from_c(bad[n]), &d), "%s", bad[n]);
	}
END_TEST

START_TEST(comparing_ignores_case_only_when_asked)
	{
		ck_assert(str_eq_nocase(STR("AbC"), STR("aBc")));
		ck_assert(!str_eq(STR("AbC"), STR("abc")));
		ck_assert(str_cmp(STR("ab"), STR("abc")) < 0);
		ck_assert(str_cmp(STR("b"), STR("abc")) > 0);
		ck_assert(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")));
		ck_assert(str_starts_nocase(STR("ABC"), STR("ab")));
		ck_assert(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
		ck_assert_uint_eq(str_find(STR("hay needle"), STR("needle")), 4);
		ck_assert_uint_eq(str_find(STR("hay"), STR("needle")), 3);
		ck_assert_str_is(str_trim(STR(" \t a b\r\n")), STR("a b"));
	}
END_TEST

START_TEST(rewinding_an_arena_gives_the_memory_back)
	{
		struct arena *a = test_arena();
		char *kept = arena_text(a, 10);
		memcpy(kept, "0123456789", 10);
		struct arena_mark m = arena_mark(a);
		for (int i = 0; i < 100; i++) {
			memset(arena_alloc(a, 100000), 1, 100000);
			arena_rewind(a, m);
		}
		ck_assert_uint_lt(a->used_bytes, 200000);
		ck_assert_str_is(str_of(kept, 10), STR("0123456789"));
		char *zeroed = arena_alloc(a, 64);
		for (int i = 0; i < 64; i++)
			ck_assert_int_eq(zeroed[i], 0);
	}
END_TEST

START_TEST(what_was_reserved_is_taken_again_and_again_without_more_memory)
	{
		struct arena *a = test_arena();
		arena_reserve(a, 300, 1000);
		size_t used = a->used_bytes;
		struct arena_mark m = arena_mark(a);
		char *first = NULL;
		for (int i = 0; i < 100; i++) {
			char *room = arena_room(a, 150, 1000), *zeroed = arena_alloc(a, 140000);
			ck_assert_uint_eq((uintptr_t)room % 16, 0);
			ck_assert(!first || room == first);
			ck_assert_int_eq(zeroed[0] | zeroed[139999], 0);
			memset(room, 1, 150000);
			memset(zeroed, 1, 140000);
			first = room;
			arena_rewind(a, m);
		}
		ck_assert_uint_eq(a->used_bytes, used);
	}
END_TEST

START_TEST(an_arena_past_its_limit_leaves_by_the_escape)
	{
		struct arena *a = test_arena();
		a->limit_bytes = 1 << 20;
		if (setjmp(a->escape) == 0) {
			a->has_escape = true;
			(void)arena_alloc(a, (1 << 20) + 1);
			ck_abort_msg("the limit was passed");
		}
		if (setjmp(a->escape) == 0) {
			struct buf b;
			buf_init(&b, a);
			for (;;)
				buf_add(&b, STR("0123456789abcdef"));
		}
		ck_assert_uint_le(a->used_bytes, 1 << 20);
		arena_release(a);
		ck_assert_uint_eq(a->used_bytes, 0);
	}
END_TEST

START_TEST(an_arena_closes_what_it_holds_and_only_that)
	{
		struct arena a;
		int fds[3];
		arena_init(&a, 1 << 20);
		for (int i = 0; i < 3; i++) {
			fds[i] = dup(STDOUT_FILENO);
			ck_assert_int_ge(fds[i], 0);
			arena_hold(&a, fds[i]);
		}
		struct arena_mark m = arena_mark(&a);
		(void)arena_alloc(&a, 100000);
		arena_rewind(&a, m);
		arena_let_go(&a, fds[1]);
		arena_release(&a);
		ck_assert_int_lt(fcntl(fds[0], F_GETFD), 0);
		ck_assert_int_ge(fcntl(fds[1], F_GETFD), 0);
		ck_assert_int_lt(fcntl(fds[2], F_GETFD), 0);
		arena_release(&a);
		close(fds[1]);
	}
END_TEST

START_TEST(a_buf_grows_and_prints_numbers)
	{
		struct buf b;
		buf_init(&b, test_arena());
		buf_add_i64(&b, INT64_MIN);
		buf_add_char(&b, ' ');
		buf_add_u64(&b, UINT64_MAX);
		buf_add_char(&b, ' ');
		buf_add_hex(&b, STR("\x01\xaf"));
		buf_printf(&b, " %d", 7);
		ck_assert_str_is(
			buf_str(&b), STR("-9223372036854775808 18446744073709551615 01af 7"));
		buf_release(&b);
		ck_assert_uint_eq(b.len, 0);
		buf_add(&b, STR("x"));
		ck_assert_str_is(buf_str(&b), STR("x"));
	}
END_TEST

UNIT_MAIN("str, arena, buf", cut_gives_every_part_also_empty_ones,
	integers_are_read_whole_or_not_at_all, doubles_are_those_of_the_library,
	doubles_follow_the_json_grammar, comparing_ignores_case_only_when_asked,
	what_was_reserved_is_taken_again_and_again_without_more_memory,
	rewinding_an_arena_gives_the_memory_back, an_arena_past_its_limit_leaves_by_the_escape,
	an_arena_closes_what_it_holds_and_only_that, a_buf_grows_and_prints_numbers)
