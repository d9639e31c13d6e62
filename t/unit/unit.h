/*
 * What every unit test program shares: a main that runs one suite and comparisons that print both
 * sides.
 *
 *	START_TEST(empty_text_has_no_words) { ... } END_TEST
 *	UNIT_MAIN("words", empty_text_has_no_words, ...)
 *
 * Names are sentences.  Each program is one module's; a test that fails prints its line.
 */
#ifndef FLATSPAN_T_UNIT_H
#define FLATSPAN_T_UNIT_H

#include "base/buf.h"
#include "base/str.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ck_assert_str_is(got, want) \
	do { \
		struct str got_ = (got), want_ = (want); \
		ck_assert_msg(str_eq(got_, want_), "got \"%.*s\", want \"%.*s\"", STR_ARG(got_), \
			STR_ARG(want_)); \
	} while (0)

/* One arena a program, made before and released after each test. */
static struct arena unit_arena;

static inline void unit_setup(void)
{
	arena_init(&unit_arena, (size_t)1 << 30);
}

static inline void unit_teardown(void)
{
	arena_release(&unit_arena);
}

static inline struct arena *test_arena(void)
{
	return &unit_arena;
}

/* One behind the other, whatever bytes they are. */
static inline struct str test_joined(struct str a, struct str b)
{
	char *p = arena_text(test_arena(), a.len + b.len);
	memcpy(p, a.ptr, a.len);
	memcpy(p + a.len, b.ptr, b.len);
	return str_of(p, a.len + b.len);
}

/* Returns the stride of long loops: FLATSPAN_TEST_STEP, which `make check` and slow tools such as
 * valgrind set, or 1. */
static inline int unit_step(void)
{
	int64_t step;
	const char *text = getenv("FLATSPAN_TEST_STEP");
	return text && str_to_i64(str_from_c(text), &step) && step > 0 && step < 1000000 ? (int)step
											 : 1;
}

/* Returns `few` where long loops have a stride, and `all` where everything is tried. */
static inline int unit_few(int few, int all)
{
	return unit_step() > 1 ? few : all;
}

static inline int unit_run(const char *name, const TTest *const *tests, size_t n)
{
	Suite *s = suite_create(name);
	TCase *c = tcase_create(name);
	/* Against hanging only: tests that sync wait for a disk others may keep busy. */
	tcase_set_timeout(c, 300);
	tcase_add_checked_fixture(c, unit_setup, unit_teardown);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(c, tests[i]);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define UNIT_MAIN(name, ...) \
	int main(void) \
	{ \
		const TTest *const tests[] = { __VA_ARGS__ }; \
		return unit_run(name, tests, sizeof tests / sizeof tests[0]); \
	}

#endif
