#include "base/limits.h"
#include "json/read.h"

#include "unit.h"

#define BAD "\xef\xbf\xbd"

static struct json value(const char *text)
{
	return json_open(str_from_c(text));
}

START_TEST(a_text_opens_as_its_value_without_the_blanks)
	{
		static const struct {
			const char *text, *raw;
			enum json_type type;
		} table[] = {
			{ " null ", "null", JSON_NULL },
			{ "true\n", "true", JSON_TRUE },
			{ "\tfalse", "false", JSON_FALSE },
			{ " -1.5e3 ", "-1.5e3", JSON_NUMBER },
			{ " \"a b\" ", "\"a b\"", JSON_STRING },
			{ " [ 1 ] ", "[ 1 ]", JSON_ARRAY },
			{ "{\"a\": 1} ", "{\"a\": 1}", JSON_OBJECT },
			{ "[1, 2]x", "[1, 2]", JSON_ARRAY },
		};
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
			struct json v = value(table[i].text);
			ck_assert_str_is(v.raw, str_from_c(table[i].raw));
			ck_assert_int_eq(v.type, table[i].type);
		}
	}
END_TEST

START_TEST(what_has_no_value_opens_as_nothing)
	{
		static const char *const table[] = { "", "  ", "}", "x", ",", "\"", "\"a",
			"\"a\\\"", "[", "[1", "{\"a\":" };
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
			ck_assert_msg(value(table[i]).type == JSON_NONE, "%s", table[i]);
		ck_assert_int_eq(json_open(STR_NULL).type, JSON_NONE);
	}
END_TEST

/* The members or elements as "key=value;". */
static struct str listed(struct json_iter it)
{
	struct buf b;
	buf_init(&b, test_arena());
	while (json_next(&it)) {
		buf_add(&b, it.key);
		buf_add_char(&b, '=');
		buf_add(&b, it.value.raw);
		buf_add_char(&b, ';');
	}
	ck_assert(!json_next(&it));
	return buf_str(&b);
}

START_TEST(members_and_elements_come_in_order_as_they_were_sent)
	{
		struct json v =
			value("{\"a\" : 1 ,\"b\\n\":\"x,}]\\\"\" , \"\":[1,[2,\"]\"],{\"k\":{}}],"
			      "\n\"n\":null}");
		ck_assert_str_is(listed(json_members(v)),
			STR("a=1;b\\n=\"x,}]\\\"\";=[1,[2,\"]\"],{\"k\":{}}];n=null;"));
		struct json list = json_get(v, STR(""));
		ck_assert_str_is(listed(json_elements(list)), STR("=1;=[2,\"]\"];={\"k\":{}};"));
		ck_assert_str_is(listed(json_elements(value("[ ]"))), STR(""));
		ck_assert_str_is(listed(json_members(value("{ }"))), STR(""));
	}
END_TEST

START_TEST(only_objects_have_members_and_only_arrays_elements)
	{
		static const char *const table[] = { "null", "true", "1", "\"abc\"", "[1,2]", "" };
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
			ck_assert_str_is(listed(json_members(value(table[i]))), STR(""));
		ck_assert_str_is(listed(json_elements(value("{\"a\":1}"))), STR(""));
		ck_assert_str_is(
			listed(json_elements((struct json){ JSON_NONE, STR_NULL })), STR(""));
	}
END_TEST

START_TEST(walking_what_is_no_json_stops_inside_the_text)
	{
		static const char *const table[] = { "{\"a\"}", "{\"a\":}", "{\"a\":1 2}", "{a:1}",
			"{\"a\":[}", "{\"a\":\"}", "{\"a\\\"}", "[,,]", "[\"]", "[[]", "{\"a\":1,}",
			"{\"a\" }", "{\"a\":1}}", "[1]]" };
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
			/* On the heap, where a sanitizer knows the end. */
			size_t len = strlen(table[i]);
			char *copy = malloc(len);
			memcpy(copy, table[i], len);
			struct json v = json_open(str_of(copy, len));
			struct json_iter members = json_members(v), elements = json_elements(v);
			while (json_next(&members))
				ck_assert(members.value.raw.ptr + members.value.raw.len <=
					  copy + len);
			while (json_next(&elements))
				ck_assert(elements.value.raw.ptr + elements.value.raw.len <=
					  copy + len);
			free(copy);
		}
	}
END_TEST

START_TEST(the_last_of_several_members_with_one_key_is_found)
	{
		struct json v = value("{\"a\":1,\"b\":2,\"\\u0061\":3,\"aa\":4}");
		ck_assert_str_is(json_get(v, STR("a")).raw, STR("3"));
		ck_assert_str_is(json_get(v, STR("b")).raw, STR("2"));
		ck_assert_int_eq(json_get(v, STR("c")).type, JSON_NONE);
		ck_assert_int_eq(json_get(v, STR("")).type, JSON_NONE);
		ck_assert_int_eq(json_get(value("[1]"), STR("a")).type, JSON_NONE);
	}
END_TEST

START_TEST(keys_are_found_by_what_their_escapes_mean)
	{
		struct json v =
			value("{\"\\u00e9\\n\":1,\"a\\\\n\":2,\"\\ud83d\\ude00\":3,\"x\":4}");
		ck_assert_str_is(json_get(v, STR("\xc3\xa9\n")).raw, STR("1"));
		ck_assert_str_is(json_get(v, STR("a\\n")).raw, STR("2"));
		ck_assert_str_is(json_get(v, STR("\xf0\x9f\x98\x80")).raw, STR("3"));
		/* The spelling is not the text. */
		ck_assert_int_eq(json_get(v, STR("a\\\\n")).type, JSON_NONE);
		ck_assert_int_eq(json_get(v, STR("\\u00e9\\n")).type, JSON_NONE);
	}
END_TEST

START_TEST(a_body_is_the_text_it_spells_and_no_other)
	{
		ck_assert(json_body_is(STR(""), STR("")));
		ck_assert(json_body_is(STR("abc"), STR("abc")));
		ck_assert(json_body_is(STR("\\u0061bc"), STR("abc")));
		ck_assert(json_body_is(STR("\\ud800"), STR(BAD)));
		ck_assert(!json_body_is(STR("abc"), STR("ab")));
		ck_assert(!json_body_is(STR("ab"), STR("abc")));
		ck_assert(!json_body_is(STR("abd"), STR("abc")));
		ck_assert(!json_body_is(STR("a\\n"), STR("a\\n")));
		ck_assert(!json_body_is(STR("\\u0061b"), STR("abc")));
		ck_assert(!json_body_is(STR("\\u0061bcd"), STR("abc")));
	}
END_TEST

static const struct {
	struct str body, text, canonical;
} bodies[] = {
	{ STR(""), STR(""), STR("") },
	{ STR("plain"), STR("plain"), STR("plain") },
	{ STR("\\\"\\\\\\b\\f\\n\\r\\t"), STR("\"\\\b\f\n\r\t"), STR("\\\"\\\\\\b\\f\\n\\r\\t") },
	{ STR("a\\/b"), STR("a/b"), STR("a/b") },
	{ STR("\\u000a\\u000A\\u0008\\u0009\\u000c\\u000d"), STR("\n\n\b\t\f\r"),
		STR("\\n\\n\\b\\t\\f\\r") },
	{ STR("\\u0022\\u005c\\u002F"), STR("\"\\/"), STR("\\\"\\\\/") },
	{ STR("\\u0000\\u001f\\u001F\\u000b"), STR("\0\x1f\x1f\x0b"),
		STR("\\u0000\\u001f\\u001f\\u000b") },
	{ STR("\\u0041\\u007f\\u0080"), STR("A\x7f\xc2\x80"), STR("A\x7f\xc2\x80") },
	{ STR("\\u00e9\\u00E9\xc3\xa9"), STR("\xc3\xa9\xc3\xa9\xc3\xa9"),
		STR("\xc3\xa9\xc3\xa9\xc3\xa9") },
	{ STR("\\uFFFF"), STR("\xef\xbf\xbf"), STR("\xef\xbf\xbf") },
	{ STR("\\ud83d\\ude00"), STR("\xf0\x9f\x98\x80"), STR("\xf0\x9f\x98\x80") },
	{ STR("\\uDBFF\\uDFFF"), STR("\xf4\x8f\xbf\xbf"), STR("\xf4\x8f\xbf\xbf") },
	{ STR("\\ud83d!"), STR(BAD "!"), STR(BAD "!") },
	{ STR("\\ud83d"), STR(BAD), STR(BAD) },
	{ STR("\\ude00\\ud83d"), STR(BAD BAD), STR(BAD BAD) },
	{ STR("\\ud83d\\ud83d\\ude00"), STR(BAD "\xf0\x9f\x98\x80"), STR(BAD "\xf0\x9f\x98\x80") },
	{ STR("\\ud83d\\n"), STR(BAD "\n"), STR(BAD "\\n") },
	{ STR("\\ud83d\\u0041"), STR(BAD "A"), STR(BAD "A") },
	{ STR("{\\\"a\\\":\\\"\\\\u00e9\\\"}"), STR("{\"a\":\"\\u00e9\"}"),
		STR("{\\\"a\\\":\\\"\\\\u00e9\\\"}") },
};

START_TEST(bodies_are_decoded_and_made_canonical)
	{
		struct arena *a = test_arena();
		for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
			struct str body = bodies[i].body, want = bodies[i].canonical;
			ck_assert_str_is(json_decode(a, body), bodies[i].text);
			ck_assert(json_body_is(body, bodies[i].text));
			ck_assert_str_is(json_canonical_body(a, body), want);
			ck_assert_str_is(json_encode(a, bodies[i].text), want);
			/* Canonical already: the same view. */
			ck_assert_ptr_eq(json_canonical_body(a, want).ptr, want.ptr);
			if (str_eq(body, want))
				ck_assert_ptr_eq(json_canonical_body(a, body).ptr, body.ptr);
		}
		ck_assert_uint_eq(json_decode(a, STR_NULL).len, 0);
		ck_assert_uint_eq(json_encode(a, STR_NULL).len, 0);
		ck_assert_uint_eq(json_canonical_body(a, STR_NULL).len, 0);
		ck_assert_uint_eq(json_canonical(a, STR_NULL).len, 0);
		ck_assert(json_body_is(STR_NULL, STR("")));
		struct str plain = STR("no escape");
		ck_assert_ptr_eq(json_decode(a, plain).ptr, plain.ptr);
		ck_assert_ptr_eq(json_encode(a, plain).ptr, plain.ptr);
	}
END_TEST

START_TEST(every_code_unit_escape_means_its_character)
	{
		struct arena *a = test_arena();
		struct arena_mark mark = arena_mark(a);
		for (unsigned c = 0; c < 0x10000; c++) {
			struct str lower = arena_printf(a, "\\u%04x", c);
			struct str upper = arena_printf(a, "\\u%04X", c);
			struct str text = json_decode(a, lower);
			bool is_surrogate = c >= 0xd800 && c <= 0xdfff;
			if (!str_eq(json_decode(a, upper), text))
				ck_abort_msg("%x differs in upper case", c);
			if (is_surrogate && !str_eq(text, STR(BAD)))
				ck_abort_msg("%x is not bad", c);
			struct str canonical = json_encode(a, text);
			if (!str_eq(json_canonical_body(a, lower), canonical) ||
				!str_eq(json_canonical_body(a, upper), canonical))
				ck_abort_msg("%x has two canonical forms", c);
			arena_rewind(a, mark);
		}
	}
END_TEST

START_TEST(bad_utf8_is_encoded_as_replacement_characters)
	{
		struct arena *a = test_arena();
		ck_assert_str_is(json_encode(a, STR("a\xff\"")), STR("a" BAD "\\\""));
		ck_assert_str_is(json_encode(a, STR("\xf0\x9f\x98")), STR(BAD));
		ck_assert_str_is(json_encode(a, STR("\xed\xa0\x80")), STR(BAD BAD BAD));
	}
END_TEST

START_TEST(values_lose_their_blanks_and_keep_their_numbers)
	{
		static const struct {
			const char *value, *want;
		} table[] = {
			{ "1.0", "1.0" },
			{ " { \"a\" : [ 1.50 , -0 , 1E+2 ] }\n", "{\"a\":[1.50,-0,1E+2]}" },
			{ "{\"a b\":\"c  d\"}", "{\"a b\":\"c  d\"}" },
			{ "[\"\\u0041\",\"x\"]", "[\"A\",\"x\"]" },
			{ "{\"\\u0041\":null}", "{\"A\":null}" },
			{ "[ ]", "[]" },
			{ "\"\\/\"", "\"/\"" },
			{ "[\"a\\\\\", \"b\"]", "[\"a\\\\\",\"b\"]" },
			{ "[true,\tfalse,\rnull]", "[true,false,null]" },
		};
		struct arena *a = test_arena();
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
			struct str v = str_from_c(table[i].value), want = str_from_c(table[i].want);
			ck_assert_str_is(json_canonical(a, v), want);
			ck_assert_ptr_eq(json_canonical(a, want).ptr, want.ptr);
		}
	}
END_TEST

START_TEST(integers_are_read_from_every_integral_spelling)
	{
		static const struct {
			const char *text;
			int64_t want;
		} table[] = {
			{ "0", 0 },
			{ "-0", 0 },
			{ "-0.0e5", 0 },
			{ "0e999999999999999999999", 0 },
			{ "12", 12 },
			{ "3.0", 3 },
			{ "3e2", 300 },
			{ "-1.50e1", -15 },
			{ "1200e-2", 12 },
			{ "0.00012e+5", 12 },
			{ "9223372036854775807", INT64_MAX },
			{ "-9223372036854775808", INT64_MIN },
			{ "9223372036854775807.000", INT64_MAX },
			{ "-92233720368547758080E-1", INT64_MIN },
			{ "9.223372036854775807e18", INT64_MAX },
			{ "9007199254740993.0", 9007199254740993 },
		};
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
			int64_t got = -77;
			ck_assert_msg(json_to_i64(value(table[i].text), &got), "%s", table[i].text);
			ck_assert_msg(
				got == table[i].want, "%s: %lld", table[i].text, (long long)got);
		}
	}
END_TEST

START_TEST(what_is_no_integer_in_range_leaves_the_result_alone)
	{
		static const char *const table[] = { "1.5", "1e-1", "9223372036854775808",
			"-9223372036854775809", "9.3e18", "1e19", "1e400", "1e9223372036854775807",
			"1e99999999999999999999", "0.1e-99999999999999999999", "\"1\"", "null",
			"[1]", "" };
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
			int64_t got = -77;
			ck_assert_msg(!json_to_i64(value(table[i]), &got), "%s", table[i]);
			ck_assert_int_eq(got, -77);
		}
	}
END_TEST

START_TEST(doubles_are_finite_numbers)
	{
		double d = -77;
		ck_assert(json_to_double(value("0.1"), &d) && d == 0.1);
		ck_assert(json_to_double(value("-25e-1"), &d) && d == -2.5);
		ck_assert(json_to_double(value("1.7976931348623157e308"), &d) && d > 1e308);
		ck_assert(json_to_double(value("1e-400"), &d) && d == 0);
		d = -77;
		ck_assert(!json_to_double(value("1e400"), &d));
		ck_assert(!json_to_double(value("\"1\""), &d));
		ck_assert(!json_to_double(value("true"), &d));
		ck_assert(d == -77);
	}
END_TEST

START_TEST(equality_is_of_values_not_of_spellings)
	{
		static const struct {
			const char *x, *y;
			bool want;
		} table[] = {
			{ "null", "null", true },
			{ "null", "false", false },
			{ "1", "1.0", true },
			{ "1", "10e-1", true },
			{ "-0", "0.0", true },
			{ "100", "1e2", true },
			{ "0.1", "0.10000000000000000001", false },
			{ "9007199254740993", "9007199254740992", false },
			{ "1", "-1", false },
			{ "1e400", "10e399", true },
			{ "1e400", "1e401", false },
			{ "1", "\"1\"", false },
			{ "\"A\"", "\"\\u0041\"", true },
			{ "\"\\ud800\"", "\"\\udc01\"", true }, /* both U+FFFD */
			{ "\"a\"", "\"b\"", false },
			{ "[1,2]", "[ 1.0 , 2 ]", true },
			{ "[1,2]", "[2,1]", false },
			{ "[1,2]", "[1]", false },
			{ "[1]", "[1,2]", false },
			{ "[]", "{}", false },
			{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true },
			{ "{\"a\":1,\"b\":2}", "{\"a\":1}", false },
			{ "{\"a\":1}", "{\"b\":1}", false },
			{ "{\"a\":9,\"\\u0061\":1}", "{\"a\":1}", true },
			{ "{\"a\":1,\"a\":9}", "{\"a\":1}", false },
			{ "{\"a\":[{\"b\":[]}]}", "{\"a\":[{\"b\":[null]}]}", false },
		};
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
			struct json x = value(table[i].x), y = value(table[i].y);
			ck_assert_msg(json_equal(test_arena(), x, y) == table[i].want, "%s == %s",
				table[i].x, table[i].y);
			ck_assert_msg(json_equal(test_arena(), y, x) == table[i].want, "%s == %s",
				table[i].y, table[i].x);
		}
	}
END_TEST

START_TEST(objects_of_very_many_keys_are_compared_in_time)
	{
		struct buf x, y;
		enum { KEYS = 200000 };
		buf_init(&x, test_arena());
		buf_init(&y, test_arena());
		buf_add_char(&x, '{');
		buf_add_char(&y, '{');
		for (int i = 0; i < KEYS; i++) {
			buf_printf(&x, "%s\"%d\":%d", i ? "," : "", i, i);
			buf_printf(&y, "%s\"%d\":%d", i ? "," : "", KEYS - 1 - i, KEYS - 1 - i);
		}
		buf_add_char(&x, '}');
		buf_add_char(&y, '}');
		ck_assert(json_equal(test_arena(), json_open(buf_str(&x)), json_open(buf_str(&y))));
	}
END_TEST

UNIT_MAIN("json_read", a_text_opens_as_its_value_without_the_blanks,
	what_has_no_value_opens_as_nothing, members_and_elements_come_in_order_as_they_were_sent,
	only_objects_have_members_and_only_arrays_elements,
	walking_what_is_no_json_stops_inside_the_text,
	the_last_of_several_members_with_one_key_is_found,
	keys_are_found_by_what_their_escapes_mean, a_body_is_the_text_it_spells_and_no_other,
	bodies_are_decoded_and_made_canonical, every_code_unit_escape_means_its_character,
	bad_utf8_is_encoded_as_replacement_characters,
	values_lose_their_blanks_and_keep_their_numbers,
	integers_are_read_from_every_integral_spelling,
	what_is_no_integer_in_range_leaves_the_result_alone, doubles_are_finite_numbers,
	equality_is_of_values_not_of_spellings, objects_of_very_many_keys_are_compared_in_time)
