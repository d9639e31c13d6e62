/* Scale's cursors and names. */
#include "api/scale/cursor.h"
#include "api/scale/scale.h"

#include "unit.h"

static struct scale_cursor cursor(enum scale_sort sort, int64_t value)
{
	return (struct scale_cursor){ .sort = sort,
		.value = value,
		.trace_id = STR("t\\\"1"),
		.span_id = STR("caf\xc3\xa9"),
		.source = STR("scale") };
}

START_TEST(a_cursor_is_read_as_it_was_written)
	{
		static const int64_t values[] = { 0, 1, -1, INT64_MAX, INT64_MIN };
		for (unsigned s = 0; s < SCALE_SORT__MAX; s++)
			for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
				struct scale_cursor c = cursor((enum scale_sort)s, values[i]), d;
				struct str text = scale_cursor_text(test_arena(), &c);
				ck_assert(scale_cursor_read(test_arena(), text, &d));
				ck_assert_int_eq(d.sort, c.sort);
				ck_assert_int_eq(d.value, c.value);
				ck_assert_str_is(d.trace_id, c.trace_id);
				ck_assert_str_is(d.span_id, c.span_id);
				ck_assert_str_is(d.source, c.source);
			}
	}
END_TEST

START_TEST(a_cursor_may_have_empty_parts)
	{
		struct scale_cursor c = { .sort = SCALE_SORT_START,
			.trace_id = STR(""),
			.span_id = STR(""),
			.source = STR("") };
		struct str text = scale_cursor_text(test_arena(), &c);
		ck_assert(scale_cursor_read(test_arena(), text, &c));
		ck_assert_uint_eq(c.source.len, 0);
	}
END_TEST

START_TEST(a_cursor_is_made_for_urls)
	{
		struct scale_cursor c = cursor(SCALE_SORT_DURATION, -7);
		struct str text = scale_cursor_text(test_arena(), &c);
		for (size_t i = 0; i < text.len; i++)
			ck_assert_msg(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					     "0123456789-_.",
					      text.ptr[i]) != NULL,
				"%c", text.ptr[i]);
	}
END_TEST

/* Each byte another one, cut at each place, and longer. */
START_TEST(a_cursor_that_was_touched_is_none)
	{
		struct scale_cursor c = cursor(SCALE_SORT_START, 1772323200000000000), d;
		struct str text = scale_cursor_text(test_arena(), &c);
		for (size_t i = 0; i < text.len; i++) {
			struct str bad = arena_copy(test_arena(), text);
			((char *)(uintptr_t)bad.ptr)[i] = bad.ptr[i] == 'A' ? 'B' : 'A';
			ck_assert_msg(!scale_cursor_read(test_arena(), bad, &d), "byte %zu", i);
			ck_assert(!scale_cursor_read(test_arena(), str_first(text, i), &d));
		}
		struct str longer = arena_printf(test_arena(), "%.*sAAAA", STR_ARG(text));
		ck_assert(!scale_cursor_read(test_arena(), longer, &d));
	}
END_TEST

START_TEST(ids_are_no_cursors)
	{
		static const char *const ids[] = { "", "c1", "c1.", "c1.AAAA", "c1.====", "c1.A",
			"0af76519-16cd-43dd-8448-eb211c80319c", "00f067aa0ba902b7" };
		struct scale_cursor c;
		for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
			ck_assert(!scale_cursor_read(test_arena(), str_from_c(ids[i]), &c));
	}
END_TEST

START_TEST(every_type_has_a_name_and_every_kind_a_type)
	{
		ck_assert_int_eq(SCALE_TYPE__MAX, 26);
		for (unsigned t = 0; t < SCALE_TYPE__MAX; t++)
			ck_assert_int_eq(scale_type_from_name(scale_type_names[t]), t);
		ck_assert_int_eq(scale_type_from_name(STR("completion")), SCALE_TYPE__MAX);
		/* A kind that a type stands for is that type's. */
		for (unsigned k = 0; k < KIND__MAX; k++) {
			enum scale_type t = scale_kind_type((enum kind)k);
			bool is_lost = k == KIND_CHAIN || k == KIND_TOOL || k == KIND_EMBEDDING;
			ck_assert_msg(
				is_lost == (scale_type_kind(t) != (enum kind)k), "kind %u", k);
		}
	}
END_TEST

START_TEST(statuses_go_there_and_back)
	{
		for (unsigned s = 0; s < SCALE_STATUS__MAX; s++)
			ck_assert_int_eq(
				scale_status_of(scale_status_ours((enum scale_status)s)), s);
		ck_assert_int_eq(scale_status_of(STATUS_UNKNOWN), SCALE_SUCCESS);
	}
END_TEST

UNIT_MAIN("scale", a_cursor_is_read_as_it_was_written, a_cursor_may_have_empty_parts,
	a_cursor_is_made_for_urls, a_cursor_that_was_touched_is_none, ids_are_no_cursors,
	every_type_has_a_name_and_every_kind_a_type, statuses_go_there_and_back)
