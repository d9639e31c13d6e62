#include "base/limits.h"
#include "span/line.h"
#include "span/rescue.h"

#include "unit.h"

/* Without its newline. */
static struct str make_line(const char *id, struct str input)
{
	struct span s;
	struct buf b;
	span_init(&s);
	span_set_text(&s, FIELD_SPAN_ID, str_from_c(id));
	span_set_text(&s, FIELD_TRACE_ID, STR("t"));
	span_set_text(&s, FIELD_SOURCE, STR("otel"));
	span_set_i64(&s, FIELD_STARTED_AT, 1);
	if (input.len)
		span_set_text(&s, FIELD_INPUT, input);
	buf_init(&b, test_arena());
	line_write(&b, &s);
	return str_first(buf_str(&b), b.len - 1);
}

static struct str join(struct str x, const char *between, struct str y)
{
	return arena_printf(test_arena(), "%.*s%s%.*s", STR_ARG(x), between, STR_ARG(y));
}

/* The lines in it, each with a newline. */
static struct str rescued(struct str text)
{
	struct buf b;
	struct str line, body;
	buf_init(&b, test_arena());
	while (line_rescue(&text, &line)) {
		ck_assert_int_eq(line_check(line, &body), LINE_OK);
		buf_add(&b, line);
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}

/* What a reader of the file has: the sound lines, and those inside of others. */
static struct str readable(struct str file)
{
	struct buf b;
	struct str body;
	buf_init(&b, test_arena());
	while (file.len) {
		struct str line = str_cut(&file, '\n');
		bool is_sound = line_check(line, &body) == LINE_OK;
		buf_add(&b, is_sound ? line : rescued(line));
		if (is_sound)
			buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}

START_TEST(a_newline_that_is_lost_costs_no_line)
	{
		struct str x = make_line("x", STR("{\"a\":[1,{\"b\":\"}{\"}]}"));
		struct str y = make_line("y", STR("\"text\""));
		struct str both = join(x, "\n", join(y, "\n", STR("")));
		ck_assert_str_is(rescued(join(x, "", y)), both);
		for (unsigned bit = 0; bit < 8; bit++) {
			char between[2] = { (char)('\n' ^ 1 << bit), 0 };
			ck_assert_str_is(rescued(join(x, between, y)), both);
		}
	}
END_TEST

START_TEST(every_flipped_bit_costs_one_line_at_most)
	{
		struct str line[2] = { make_line("x", STR("{\"k\":\"v\"}")),
			make_line("y", STR("")) };
		struct str file = join(line[0], "\n", join(line[1], "\n", STR("")));
		for (size_t bit = 0; bit < 8 * file.len; bit++) {
			struct str flipped = arena_copy(test_arena(), file);
			size_t at = bit / 8, end = line[0].len;
			((char *)(uintptr_t)flipped.ptr)[at] ^= (char)(1 << bit % 8);
			if (flipped.ptr[at] == ascii_upper(file.ptr[at]))
				continue; /* digits of a seal are read in either case */
			struct str left = at == end || at == file.len - 1
						  ? file
						  : join(line[at < end], "\n", STR(""));
			ck_assert_str_is(readable(flipped), left);
		}
	}
END_TEST

START_TEST(a_line_behind_a_torn_one_is_found)
	{
		struct str x = make_line("x", STR("{\"k\":[\"v\",{\"w\":1}]}"));
		struct str y = make_line("y", STR("\"text\""));
		for (size_t n = 1; n < x.len; n++) {
			/* As the value of a member it would be content. */
			char last = x.ptr[n - 1];
			bool is_content = last == ':' || last == ',' || last == '[';
			ck_assert_str_is(rescued(join(str_first(x, n), "", y)),
				is_content ? STR("") : join(y, "\n", STR("")));
		}
		char zeros[64] = { 0 };
		struct buf b;
		buf_init(&b, test_arena());
		buf_add(&b, str_of(zeros, sizeof zeros));
		buf_add(&b, y);
		ck_assert_str_is(rescued(buf_str(&b)), join(y, "\n", STR("")));
	}
END_TEST

START_TEST(notes_and_tombstones_are_lines_too)
	{
		struct buf b;
		struct str x = make_line("x", STR(""));
		buf_init(&b, test_arena());
		buf_add(&b, STR("{\"kind\":\"score\",\"about\":\"span\",\"id\":\"n\""));
		line_seal(&b, 0);
		struct str note = arena_copy(test_arena(), str_first(buf_str(&b), b.len - 1));
		buf_reset(&b);
		buf_add(&b, STR("{\"op\":\"delete\",\"span_id\":\"d\""));
		line_seal(&b, 0);
		struct str tombstone = str_first(buf_str(&b), b.len - 1);
		ck_assert_str_is(rescued(join(note, "*", join(tombstone, "*", x))),
			join(note, "\n", join(tombstone, "\n", join(x, "\n", STR("")))));
	}
END_TEST

START_TEST(a_line_that_is_content_is_none)
	{
		struct str inner = make_line("inner", STR("\"forged\""));
		struct str as_array =
			arena_printf(test_arena(), "[%.*s,%.*s]", STR_ARG(inner), STR_ARG(inner));
		struct str texts[] = { inner, as_array,
			arena_printf(test_arena(), "{\"x\":%.*s}", STR_ARG(inner)),
			json_encode(test_arena(), inner) };
		for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
			struct str outer = arena_copy(test_arena(), make_line("outer", texts[i]));
			((char *)(uintptr_t)outer.ptr)[12] ^= 1; /* in its id */
			ck_assert_str_is(rescued(outer), STR(""));
			ck_assert_str_is(
				rescued(join(outer, "", inner)), join(inner, "\n", STR("")));
		}
		/* A whole one that holds them is found as it is. */
		struct str whole = make_line("outer", as_array);
		ck_assert_str_is(rescued(join(STR("x"), "", whole)), join(whole, "\n", STR("")));
	}
END_TEST

START_TEST(what_has_a_seal_and_is_no_json_is_none)
	{
		struct buf b;
		buf_init(&b, test_arena());
		buf_add(&b, STR("{\"span_id\":\"x\",\"input\":{"));
		line_seal(&b, 0);
		ck_assert_str_is(rescued(str_first(buf_str(&b), b.len - 1)), STR(""));
		ck_assert_str_is(rescued(STR("")), STR(""));
		ck_assert_str_is(rescued(STR("{\"span_id\":")), STR(""));
		ck_assert_str_is(rescued(STR("{\"span_id\":\"x\",\"_c\":\"0000000\"}")), STR(""));
	}
END_TEST

START_TEST(so_many_beginnings_are_tried_and_no_more)
	{
		struct buf b;
		struct str y = make_line("y", STR(""));
		buf_init(&b, test_arena());
		for (int i = 0; i < LIMIT_RESCUE_TRIES - 1; i++)
			buf_add(&b, STR("{\"span_id\":\"x\""));
		buf_add(&b, y);
		ck_assert_str_is(rescued(buf_str(&b)), join(y, "\n", STR("")));
		ck_assert_str_is(
			rescued(join(STR("{\"span_id\":\"x\""), "", buf_str(&b))), STR(""));
	}
END_TEST

UNIT_MAIN("rescue", a_newline_that_is_lost_costs_no_line, every_flipped_bit_costs_one_line_at_most,
	a_line_behind_a_torn_one_is_found, notes_and_tombstones_are_lines_too,
	a_line_that_is_content_is_none, what_has_a_seal_and_is_no_json_is_none,
	so_many_beginnings_are_tried_and_no_more)
