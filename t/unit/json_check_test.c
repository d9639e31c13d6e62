#include "base/limits.h"
#include "json/read.h"

#include "unit.h"

static const struct json_error no_error = { 0, 0, "accepted" };

static struct json_error check(struct str text, unsigned depth)
{
	struct json_error e = no_error;
	/* A copy of the exact size, so that a sanitizer sees a read past the end. */
	char *copy = malloc(text.len ? text.len : 1);
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	bool accepted = json_check(str_of(copy, text.len), depth, &e);
	ck_assert(accepted == (e.message == no_error.message));
	free(copy);
	if (str_is_null(text))
		ck_assert(!json_check(text, depth, &e));
	return e;
}

#define accepts(text) \
	do { \
		struct json_error e_ = check(text, LIMIT_DEPTH); \
		ck_assert_msg(e_.message == no_error.message, "%s at %zu: %.*s", e_.message, \
			e_.offset, STR_ARG(text)); \
	} while (0)

START_TEST(every_form_of_the_grammar_is_accepted)
	{
		static const struct str table[] = {
			STR("null"),
			STR("true"),
			STR("false"),
			STR("0"),
			STR("-0"),
			STR("12"),
			STR("-1.5"),
			STR("0.0"),
			STR("1e0"),
			STR("1E+05"),
			STR("10.25e-3"),
			STR("\"\""),
			STR("\"a\""),
			STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
			STR("\"\\u0000\\uABCD\\uabcd\""),
			STR("\"\x7f\""),
			STR("\"h\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x98\x80\""),
			STR("[]"),
			STR("{}"),
			STR("[[],{}]"),
			STR("{\"\":{}}"),
			STR("{\"a\":1,\"a\":2}"),
			STR(" \t\r\n[ 1 , { \"a\" : \"b\" , \"c\" : [ ] } ]\n\r\t "),
			/* Lone surrogates and NUL are let in. */
			STR("\"\\ud800\""),
			STR("\"\\udc00\\ud800\""),
			STR("{\"\\u0000\":0}"),
		};
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
			accepts(table[i]);
	}
END_TEST

/* Offsets are in bytes; those in characters differ where the text before has more than ASCII. */
static const struct {
	struct str text;
	const char *message;
	size_t offset, offset_chars;
} refused[] = {
	{ STR(""), "Expecting value", 0, 0 },
	{ { NULL, 0 }, "Expecting value", 0, 0 },
	{ STR("  "), "Expecting value", 2, 2 },
	{ STR("nul"), "Expecting value", 0, 0 },
	{ STR("nulL"), "Expecting value", 0, 0 },
	{ STR("True"), "Expecting value", 0, 0 },
	{ STR("fals"), "Expecting value", 0, 0 },
	{ STR("'a'"), "Expecting value", 0, 0 },
	{ STR("-"), "Expecting value", 0, 0 },
	{ STR("[-]"), "Expecting value", 1, 1 },
	{ STR("+1"), "Expecting value", 0, 0 },
	{ STR(".5"), "Expecting value", 0, 0 },
	/* Python lets these three pass. */
	{ STR("NaN"), "Expecting value", 0, 0 },
	{ STR("[Infinity]"), "Expecting value", 1, 1 },
	{ STR("[1, -Infinity]"), "Expecting value", 4, 4 },
	{ STR("["), "Expecting value", 1, 1 },
	{ STR("[ "), "Expecting value", 2, 2 },
	{ STR("[1,"), "Expecting value", 3, 3 },
	{ STR("[1,]"), "Expecting value", 3, 3 },
	{ STR("[,1]"), "Expecting value", 1, 1 },
	{ STR("{\"a\":}"), "Expecting value", 5, 5 },
	{ STR("{\"a\":"), "Expecting value", 5, 5 },
	{ STR("{\"a\":,"), "Expecting value", 5, 5 },
	{ STR("\xc3\xa9"), "Expecting value", 0, 0 },
	{ STR("{"), "Expecting property name enclosed in double quotes", 1, 1 },
	{ STR("{1:2}"), "Expecting property name enclosed in double quotes", 1, 1 },
	{ STR("{'a':2}"), "Expecting property name enclosed in double quotes", 1, 1 },
	{ STR("{,}"), "Expecting property name enclosed in double quotes", 1, 1 },
	{ STR("{\"a\":1,}"), "Expecting property name enclosed in double quotes", 7, 7 },
	{ STR("{\"a\":1 , }"), "Expecting property name enclosed in double quotes", 9, 9 },
	{ STR("{\"a\":1,"), "Expecting property name enclosed in double quotes", 7, 7 },
	{ STR("{\"a\"}"), "Expecting ':' delimiter", 4, 4 },
	{ STR("{\"a\" 1}"), "Expecting ':' delimiter", 5, 5 },
	{ STR("{\"a\""), "Expecting ':' delimiter", 4, 4 },
	{ STR("{\"\xc3\xa9\",1}"), "Expecting ':' delimiter", 5, 4 },
	{ STR("[1 2]"), "Expecting ',' delimiter", 3, 3 },
	{ STR("[1"), "Expecting ',' delimiter", 2, 2 },
	{ STR("[1}"), "Expecting ',' delimiter", 2, 2 },
	{ STR("{\"a\":1]"), "Expecting ',' delimiter", 6, 6 },
	{ STR("{\"a\":1 \"b\":2}"), "Expecting ',' delimiter", 7, 7 },
	{ STR("{\"a\":1"), "Expecting ',' delimiter", 6, 6 },
	{ STR("[01]"), "Expecting ',' delimiter", 2, 2 },
	{ STR("[1.]"), "Expecting ',' delimiter", 2, 2 },
	{ STR("[1e]"), "Expecting ',' delimiter", 2, 2 },
	{ STR("[1e+]"), "Expecting ',' delimiter", 2, 2 },
	{ STR("[-01]"), "Expecting ',' delimiter", 3, 3 },
	{ STR("[0x1]"), "Expecting ',' delimiter", 2, 2 },
	{ STR("[\"\xf0\x9f\x98\x80\xc3\xa9\" x]"), "Expecting ',' delimiter", 10, 6 },
	{ STR("\"a\nb\""), "Invalid control character at", 2, 2 },
	{ STR("\"\xc3\xa9\x1f\""), "Invalid control character at", 3, 2 },
	{ STR("\"\0\""), "Invalid control character at", 1, 1 },
	{ STR("\"a\tb"), "Invalid control character at", 2, 2 },
	{ STR("\"abc"), "Unterminated string starting at", 0, 0 },
	{ STR("[\"a\", \"b"), "Unterminated string starting at", 6, 6 },
	{ STR("\""), "Unterminated string starting at", 0, 0 },
	{ STR("\"a\\"), "Unterminated string starting at", 0, 0 },
	{ STR("\"a\\\""), "Unterminated string starting at", 0, 0 },
	{ STR("{\"a"), "Unterminated string starting at", 1, 1 },
	{ STR("\"a\\x\""), "Invalid \\escape", 2, 2 },
	{ STR("\"\\'\""), "Invalid \\escape", 1, 1 },
	{ STR("\"\xc3\xa9\\U1234\""), "Invalid \\escape", 3, 2 },
	{ STR("\"\\\n\""), "Invalid \\escape", 1, 1 },
	{ STR("\"\\u12g4\""), "Invalid \\uXXXX escape", 2, 2 },
	{ STR("\"\\u123\""), "Invalid \\uXXXX escape", 2, 2 },
	{ STR("\"\\u"), "Invalid \\uXXXX escape", 2, 2 },
	{ STR("\"\\u1234"), "Invalid \\uXXXX escape", 2, 2 },
	{ STR("\"\\u1234x"), "Unterminated string starting at", 0, 0 },
	{ STR("\"\\ud83d\\u12\""), "Invalid \\uXXXX escape", 8, 8 },
	{ STR("\"\\u 123\""), "Invalid \\uXXXX escape", 2, 2 },
	{ STR("\"\\u-123\""), "Invalid \\uXXXX escape", 2, 2 },
	{ STR("{} {}"), "Extra data", 3, 3 },
	{ STR("1 2"), "Extra data", 2, 2 },
	{ STR("01"), "Extra data", 1, 1 },
	{ STR("1."), "Extra data", 1, 1 },
	{ STR("1.e5"), "Extra data", 1, 1 },
	{ STR("[]]"), "Extra data", 2, 2 },
	{ STR("nullx"), "Extra data", 4, 4 },
	{ STR("\"\xc3\xa9\"\0"), "Extra data", 4, 3 },
	{ STR("\xef\xbb\xbf{}"), "Unexpected UTF-8 BOM (decode using utf-8-sig)", 0, 0 },
	/* What Python has no words for, because it decodes first. */
	{ STR("\"a\xff\""), "Invalid UTF-8", 2, 2 },
	{ STR("\"\xc3\xa9\xc3\""), "Invalid UTF-8", 3, 2 },
	{ STR("\"\xed\xa0\x80\""), "Invalid UTF-8", 1, 1 },
	{ STR("\"\xf0\x9f\x98"), "Invalid UTF-8", 1, 1 },
	{ STR("[\xff]"), "Invalid UTF-8", 1, 1 },
	{ STR("{}\x80"), "Invalid UTF-8", 2, 2 },
};

START_TEST(refusals_say_what_python_says_and_where)
	{
		for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
			struct json_error e = check(refused[i].text, LIMIT_DEPTH);
			ck_assert_msg(strcmp(e.message, refused[i].message) == 0,
				"%.*s: \"%s\", want \"%s\"", STR_ARG(refused[i].text), e.message,
				refused[i].message);
			ck_assert_msg(e.offset == refused[i].offset, "%.*s: at %zu, want %zu",
				STR_ARG(refused[i].text), e.offset, refused[i].offset);
			ck_assert_msg(e.offset_chars == refused[i].offset_chars,
				"%.*s: at character %zu, want %zu", STR_ARG(refused[i].text),
				e.offset_chars, refused[i].offset_chars);
		}
	}
END_TEST

/* n times open, what stands inside, n times close. */
static struct str nested(const char *open, size_t n, const char *inside, const char *close)
{
	struct buf b;
	buf_init(&b, test_arena());
	for (size_t i = 0; i < n; i++)
		buf_add(&b, str_from_c(open));
	buf_add(&b, str_from_c(inside));
	for (size_t i = 0; i < n; i++)
		buf_add(&b, str_from_c(close));
	return buf_str(&b);
}

START_TEST(depth_is_allowed_up_to_the_limit_and_not_past_it)
	{
		accepts(nested("[", LIMIT_DEPTH, "", "]"));
		struct json_error e = check(nested("[", LIMIT_DEPTH + 1, "", "]"), LIMIT_DEPTH);
		ck_assert_str_eq(e.message, "Too deeply nested");
		ck_assert_uint_eq(e.offset, LIMIT_DEPTH);
		e = check(nested("{\"a\":[", 51, "", "]}"), LIMIT_DEPTH);
		ck_assert_str_eq(e.message, "Too deeply nested");
		ck_assert_uint_eq(e.offset, 6 * (LIMIT_DEPTH / 2));
		ck_assert_ptr_eq(check(STR("1"), 0).message, no_error.message);
		ck_assert_str_eq(check(STR("[]"), 0).message, "Too deeply nested");
		/* Siblings do not add up. */
		accepts(nested("[[],", 99, "0", "]"));
		ck_assert_ptr_eq(
			check(nested("[", JSON_DEPTH_MAX, "", "]"), JSON_DEPTH_MAX).message,
			no_error.message);
		ck_assert_str_eq(
			check(nested("[", JSON_DEPTH_MAX + 1, "", "]"), UINT32_MAX).message,
			"Too deeply nested");
	}
END_TEST

START_TEST(brackets_must_match_their_kind_at_every_depth)
	{
		struct str good = nested("[{\"a\":", 50, "0", "}]");
		accepts(good);
		for (size_t at = good.len - 100; at < good.len; at++) {
			char *text = arena_copy_c(test_arena(), good);
			text[at] = text[at] == '}' ? ']' : '}';
			struct json_error e = check(str_of(text, good.len), LIMIT_DEPTH);
			ck_assert_uint_eq(e.offset, at);
			ck_assert_str_eq(e.message, "Expecting ',' delimiter");
		}
	}
END_TEST

START_TEST(a_million_brackets_are_refused_without_recursion)
	{
		struct json_error e = check(nested("[", 1000000, "", ""), LIMIT_DEPTH);
		ck_assert_str_eq(e.message, "Too deeply nested");
		e = check(nested("{\"\":", 1000000, "", ""), UINT32_MAX);
		ck_assert_str_eq(e.message, "Too deeply nested");
	}
END_TEST

START_TEST(numbers_are_allowed_up_to_the_limit_and_not_past_it)
	{
		accepts(nested("7", LIMIT_NUMBER_BYTES, "", ""));
		struct json_error e =
			check(nested("7", LIMIT_NUMBER_BYTES + 1, "", ""), LIMIT_DEPTH);
		ck_assert_str_eq(e.message, "Number is too long");
		ck_assert_uint_eq(e.offset, 0);
	}
END_TEST

START_TEST(every_truncation_of_a_text_is_refused)
	{
		struct str text = STR("{\"a\": [1, -2.5e+3, true, null, \"x\\u00e9\\n\xc3\xa9\"],"
				      " \"b\": {\"c\": {}, \"d\": \"\\ud83d\\ude00\"}, \"e\": []}");
		accepts(text);
		for (size_t n = 0; n < text.len; n++) {
			struct json_error e = check(str_first(text, n), LIMIT_DEPTH);
			ck_assert_msg(e.message != no_error.message, "accepted at %zu", n);
			ck_assert_uint_le(e.offset, n);
		}
	}
END_TEST

START_TEST(strings_are_checked_across_every_block_boundary)
	{
		/* Kernels work in blocks: the same defect at every position of a long string. */
		enum { LEN = 200 };
		char text[LEN];
		memset(text, 'x', sizeof text);
		text[0] = text[LEN - 1] = '"';
		struct str s = str_of(text, LEN);
		for (size_t at = 1; at < LEN - 1; at++) {
			text[at] = '\n';
			ck_assert_uint_eq(check(s, LIMIT_DEPTH).offset, at);
			text[at] = '\x80';
			ck_assert_uint_eq(check(s, LIMIT_DEPTH).offset, at);
			text[at] = '"';
			if (at < LEN - 2)
				ck_assert_str_eq(check(s, LIMIT_DEPTH).message, "Extra data");
			text[at] = '\\';
			text[at + 1] = at + 1 < LEN - 1 ? 'n' : '"';
			ck_assert_ptr_eq(check(s, LIMIT_DEPTH).message,
				at + 1 < LEN - 1 ? no_error.message
						 : check(STR("\"\\\""), LIMIT_DEPTH).message);
			text[at] = 'x';
			text[at + 1] = at + 1 < LEN - 1 ? 'x' : '"';
		}
	}
END_TEST

UNIT_MAIN("json_check", every_form_of_the_grammar_is_accepted,
	refusals_say_what_python_says_and_where, depth_is_allowed_up_to_the_limit_and_not_past_it,
	brackets_must_match_their_kind_at_every_depth,
	a_million_brackets_are_refused_without_recursion,
	numbers_are_allowed_up_to_the_limit_and_not_past_it, every_truncation_of_a_text_is_refused,
	strings_are_checked_across_every_block_boundary)
