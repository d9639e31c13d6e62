#include "web.h"
#include "web/params.h"

static struct problems problems;

static int64_t page_of(const char *target)
{
	struct fake f;
	struct str reason;
	ck_assert_int_eq(fake_get(&f, target, &reason), ERR_OK);
	problems = (struct problems){ .arena = test_arena() };
	return param_int(&f.request, STR("page"), 7, 1, 1000, &problems);
}

static void check_problem(const char *type, const char *msg, const char *input, const char *ctx)
{
	ck_assert_uint_eq(problems.n, 1);
	const struct problem *p = &problems.list[0];
	ck_assert_str_is(p->type, str_from_c(type));
	ck_assert_str_is(p->loc, STR("[\"query\",\"page\"]"));
	ck_assert_str_is(p->msg, str_from_c(msg));
	ck_assert_str_is(p->input, str_from_c(input));
	if (ctx)
		ck_assert_str_is(p->ctx, str_from_c(ctx));
	else
		ck_assert(str_is_null(p->ctx));
}

START_TEST(integers_are_read_as_pydantic_reads_them)
	{
		static const struct {
			const char *target;
			int64_t value;
		} good[] = { { "/", 7 }, { "/?page=1", 1 }, { "/?page=1000", 1000 },
			{ "/?page=%20+5+", 5 }, { "/?page=%2B6", 6 }, { "/?page=1_0_0", 100 },
			{ "/?page=3.000", 3 }, { "/?page=x&page=9", 9 }, { "/?page=0012", 12 } };
		for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
			ck_assert_msg(
				page_of(good[i].target) == good[i].value, "%s", good[i].target);
			ck_assert_uint_eq(problems.n, 0);
		}
	}
END_TEST

START_TEST(what_is_no_integer_is_a_problem_that_says_so)
	{
		static const char *const bad[] = { "", "abc", "-", "1.5", "1.", ".0", "_1", "1_",
			"1__0", "--1", "1e3", "0x1", "1%002", "99999999999999999999x" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			struct str target = arena_printf(test_arena(), "/?page=%s", bad[i]);
			ck_assert_int_eq(page_of(arena_copy_c(test_arena(), target)), 7);
			ck_assert_msg(problems.n == 1, "%s", bad[i]);
			ck_assert_str_is(problems.list[0].type, STR("int_parsing"));
		}
		page_of("/?page=a%22b%0a");
		check_problem("int_parsing",
			"Input should be a valid integer, unable to parse string as an integer",
			"\"a\\\"b\\n\"", NULL);
	}
END_TEST

START_TEST(bounds_are_kept_and_named)
	{
		page_of("/?page=0");
		check_problem("greater_than_equal", "Input should be greater than or equal to 1",
			"\"0\"", "{\"ge\":1}");
		page_of("/?page=1001");
		check_problem("less_than_equal", "Input should be less than or equal to 1000",
			"\"1001\"", "{\"le\":1000}");
		page_of("/?page=99999999999999999999");
		ck_assert_str_is(problems.list[0].type, STR("less_than_equal"));
		page_of("/?page=-99999999999999999999");
		ck_assert_str_is(problems.list[0].type, STR("greater_than_equal"));
	}
END_TEST

START_TEST(a_choice_is_one_of_its_values_or_a_problem)
	{
		const struct str values[] = { STR("a"), STR("b"), STR("c") };
		struct fake f;
		struct str reason;
		struct problems p = { .arena = test_arena() };
		ck_assert_int_eq(fake_get(&f, "/?page=b", &reason), ERR_OK);
		ck_assert_uint_eq(
			param_choice(&f.request, STR("page"), values, 3, 0, STR("enum"), &p), 1);
		ck_assert_uint_eq(
			param_choice(&f.request, STR("other"), values, 3, 2, STR("enum"), &p), 2);
		ck_assert_uint_eq(p.n, 0);
		ck_assert_int_eq(fake_get(&f, "/?page=B", &reason), ERR_OK);
		problems = (struct problems){ .arena = test_arena() };
		ck_assert_uint_eq(param_choice(&f.request, STR("page"), values, 3, 0,
					  STR("literal_error"), &problems),
			0);
		check_problem("literal_error", "Input should be 'a', 'b' or 'c'", "\"B\"",
			"{\"expected\":\"'a', 'b' or 'c'\"}");
		ck_assert_str_is(choice_text(test_arena(), values, 2), STR("'a' or 'b'"));
		ck_assert_str_is(choice_text(test_arena(), values, 1), STR("'a'"));
	}
END_TEST

START_TEST(problems_past_the_limit_are_not_kept)
	{
		struct problems p = { .arena = test_arena() };
		for (int i = 0; i <= LIMIT_PROBLEMS; i++)
			problem_add(&p, STR("t"), STR("[]"), STR("m"), STR_NULL, STR_NULL);
		ck_assert_uint_eq(p.n, LIMIT_PROBLEMS);
	}
END_TEST

UNIT_MAIN("params", integers_are_read_as_pydantic_reads_them,
	what_is_no_integer_is_a_problem_that_says_so, bounds_are_kept_and_named,
	a_choice_is_one_of_its_values_or_a_problem, problems_past_the_limit_are_not_kept)
