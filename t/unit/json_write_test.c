#include "base/limits.h"
#include "json/read.h"
#include "json/write.h"

#include "random.h"
#include "unit.h"

#include <float.h>
#include <math.h>

static struct json_writer start(struct buf *b)
{
	struct json_writer w;
	buf_init(b, test_arena());
	json_writer_init(&w, b);
	return w;
}

START_TEST(commas_and_colons_put_themselves)
	{
		struct buf b;
		struct json_writer w = start(&b);
		json_object(&w);
		json_key(&w, STR("list"));
		json_array(&w);
		json_null(&w);
		json_bool(&w, true);
		json_bool(&w, false);
		json_i64(&w, INT64_MIN);
		json_u64(&w, UINT64_MAX);
		json_array(&w);
		json_end(&w);
		json_object(&w);
		json_end(&w);
		json_end(&w);
		json_key_text(&w, STR("a \"key\"\n"));
		json_double(&w, 1.5);
		json_key_body(&w, STR("b\\n"));
		json_body_value(&w, STR("c\\n"));
		json_key(&w, STR("raw"));
		json_raw(&w, STR("{\"x\":1.50}"));
		json_end(&w);
		ck_assert_str_is(buf_str(&b),
			STR("{\"list\":[null,true,false,-9223372036854775808,18446744073709551615,"
			    "[],{}],\"a \\\"key\\\"\\n\":1.5,\"b\\n\":\"c\\n\",\"raw\":{\"x\":1.50}}"));
	}
END_TEST

START_TEST(members_are_written_in_one_call)
	{
		struct buf b;
		struct json_writer w = start(&b);
		json_object(&w);
		json_member_text(&w, STR("t"), STR("tab\t"));
		json_member_body(&w, STR("b"), STR("tab\\t"));
		json_member_i64(&w, STR("i"), -7);
		json_member_double(&w, STR("d"), 7);
		json_member_bool(&w, STR("y"), true);
		json_member_raw(&w, STR("r"), STR("[1]"));
		json_end(&w);
		ck_assert_str_is(buf_str(&b),
			STR("{\"t\":\"tab\\t\",\"b\":\"tab\\t\",\"i\":-7,\"d\":7.0,\"y\":true,\"r\":[1]}"));
	}
END_TEST

START_TEST(a_value_becomes_the_text_of_a_string)
	{
		struct buf b;
		struct json_writer w = start(&b);
		json_raw_as_text(&w, STR("{\"a\":\"x\\n\xc3\xa9\"}"));
		ck_assert_str_is(buf_str(&b), STR("\"{\\\"a\\\":\\\"x\\\\n\xc3\xa9\\\"}\""));
		struct str text = json_decode(test_arena(), json_body(json_open(buf_str(&b))));
		ck_assert_str_is(text, STR("{\"a\":\"x\\n\xc3\xa9\"}"));
	}
END_TEST

START_TEST(a_single_value_needs_no_container)
	{
		struct buf b;
		struct json_writer w = start(&b);
		json_text(&w, STR(""));
		ck_assert_str_is(buf_str(&b), STR("\"\""));
		/* No text is an empty one. */
		w = start(&b);
		json_text(&w, STR_NULL);
		ck_assert_str_is(buf_str(&b), STR("\"\""));
	}
END_TEST

START_TEST(containers_nest_up_to_the_depth_of_the_writer)
	{
		struct buf b;
		struct json_error e;
		struct json_writer w = start(&b);
		for (int i = 0; i < JSON_WRITER_DEPTH; i++)
			json_array(&w);
		for (int i = 0; i < JSON_WRITER_DEPTH; i++)
			json_end(&w);
		ck_assert(json_check(buf_str(&b), JSON_WRITER_DEPTH, &e));
		ck_assert(!json_check(buf_str(&b), JSON_WRITER_DEPTH - 1, &e));
	}
END_TEST

START_TEST(escaping_gives_the_canonical_body)
	{
		struct buf b;
		for (unsigned c = 0; c < 0x80; c++) {
			char text[] = { 'a', (char)c, 'b' };
			struct str s = str_of(text, sizeof text);
			buf_init(&b, test_arena());
			json_escape(&b, s);
			ck_assert_str_is(buf_str(&b), json_encode(test_arena(), s));
			ck_assert_ptr_eq(json_canonical_body(test_arena(), buf_str(&b)).ptr, b.ptr);
			ck_assert_str_is(json_decode(test_arena(), buf_str(&b)), s);
			buf_release(&b);
		}
		buf_init(&b, test_arena());
		json_escape(&b, STR("\xff\xe6\xbc!\xc3\xa9"));
		ck_assert_str_is(buf_str(&b), STR("\xef\xbf\xbd\xef\xbf\xbd!\xc3\xa9"));
	}
END_TEST

START_TEST(long_texts_are_escaped_like_short_ones)
	{
		struct rng r = rng_from_seed();
		for (int round = 0; round < 60; round++) {
			struct buf whole, parts;
			size_t len = rng_below(&r, 20000);
			char *text = arena_text(test_arena(), len);
			size_t every = 1 + rng_below(&r, 100);
			for (size_t i = 0; i < len; i++)
				text[i] = rng_below(&r, every) ? 'x' : (char)rng_below(&r, 0x80);
			buf_init(&whole, test_arena());
			buf_init(&parts, test_arena());
			json_escape(&whole, str_of(text, len));
			for (size_t i = 0; i < len; i++)
				json_escape(&parts, str_of(text + i, 1));
			ck_assert(str_eq(buf_str(&whole), buf_str(&parts)));
			ck_assert(str_eq(
				json_encode(test_arena(), str_of(text, len)), buf_str(&parts)));
			buf_release(&whole);
			buf_release(&parts);
		}
	}
END_TEST

static struct str double_text(double v)
{
	char text[JSON_DOUBLE_MAX];
	return arena_copy(test_arena(), str_of(text, json_double_text(v, text)));
}

START_TEST(doubles_look_as_in_python)
	{
		static const struct {
			double v;
			const char *want;
		} table[] = {
			{ 0.0, "0.0" },
			{ -0.0, "-0.0" },
			{ 7, "7.0" },
			{ -12.5, "-12.5" },
			{ 0.1, "0.1" },
			{ 0.035, "0.035" },
			{ 1.0 / 3, "0.3333333333333333" },
			{ 0.1 + 0.2, "0.30000000000000004" },
			{ 100, "100.0" },
			{ 123456789012345680.0, "1.2345678901234568e+17" },
			{ 1e15, "1000000000000000.0" },
			{ 1e16, "1e+16" },
			{ 9999999999999998.0, "9999999999999998.0" },
			{ 1e22, "1e+22" },
			{ 1e100, "1e+100" },
			{ 1.5e300, "1.5e+300" },
			{ 0.0001, "0.0001" },
			{ 0.00012345, "0.00012345" },
			{ 0.00001, "1e-05" },
			{ 1.25e-7, "1.25e-07" },
			{ 5e-324, "5e-324" },
			{ -1e-323, "-1e-323" },
			{ 2.2250738585072014e-308, "2.2250738585072014e-308" },
			{ DBL_MAX, "1.7976931348623157e+308" },
			{ 9007199254740993.0, "9007199254740992.0" },
			{ 299792458, "299792458.0" },
			{ 0x1p-24, "5.960464477539063e-08" },
			{ 0x1p-44, "5.684341886080802e-14" },
			{ 0x1p89, "6.189700196426902e+26" },
		};
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
			ck_assert_str_is(double_text(table[i].v), str_from_c(table[i].want));
	}
END_TEST

START_TEST(infinities_and_nan_are_null)
	{
		struct buf b;
		struct json_writer w = start(&b);
		json_array(&w);
		json_double(&w, INFINITY);
		json_double(&w, -INFINITY);
		json_double(&w, NAN);
		json_end(&w);
		ck_assert_str_is(buf_str(&b), STR("[null,null,null]"));
	}
END_TEST

/* Fewest digits that read back, by trying all. */
static int fewest_digits(double v)
{
	char text[64];
	int digits = 1;
	for (; digits < DBL_DECIMAL_DIG; digits++) {
		snprintf(text, sizeof text, "%.*e", digits - 1, v);
		if (strtod(text, NULL) == v)
			break;
	}
	return digits;
}

static int count_digits(struct str s)
{
	int n = 0, zeros = 0;
	if (str_ends(s, STR(".0")))
		s.len -= 2;
	for (size_t i = 0; i < s.len && s.ptr[i] != 'e'; i++) {
		if (!ascii_is_digit(s.ptr[i]) || (n == 0 && s.ptr[i] == '0'))
			continue;
		n++;
		zeros = s.ptr[i] == '0' ? zeros + 1 : 0;
	}
	return n - zeros ? n - zeros : 1;
}

START_TEST(powers_of_two_read_back_from_few_digits)
	{
		for (int e = -1074; e < 1024; e++) {
			double v = ldexp(1, e), again;
			struct str text = double_text(v);
			ck_assert_msg(str_to_double(text, &again) && again == v, "2^%d is not %.*s",
				e, STR_ARG(text));
			ck_assert_int_le(count_digits(text), fewest_digits(v));
		}
	}
END_TEST

START_TEST(random_doubles_read_back_from_the_fewest_digits)
	{
		struct rng r = rng_from_seed();
		struct arena_mark mark = arena_mark(test_arena());
		for (int i = 0; i < 20000; i++) {
			uint64_t bits = rng_next(&r);
			double v, again;
			memcpy(&v, &bits, sizeof v);
			if (i % 4 == 1)
				v = (double)(int64_t)bits / 1e6;
			else if (i % 4 == 2)
				v = (double)(bits % 1000000) / 1e4;
			else if (i % 4 == 3)
				v = (double)(bits >> (bits & 63));
			if (!isfinite(v))
				continue;
			struct str text = double_text(v);
			ck_assert_msg(str_to_double(text, &again) && again == v,
				"%.*s is not %.17g", STR_ARG(text), v);
			ck_assert_msg(count_digits(text) == fewest_digits(v),
				"%.*s is long for %.17g", STR_ARG(text), v);
			arena_rewind(test_arena(), mark);
		}
	}
END_TEST

START_TEST(a_number_known_to_be_a_doubles_text_is_it)
	{
		static const char *const are[] = { "0.0", "-0.0", "1.0", "0.1", "0.0001", "-12.345",
			"123456789012.125", "99999999999999.9" };
		static const char *const are_not[] = { "", "-", "1", "1.", ".5", "01.5", "1.50",
			"0.00001", "0.0000", "1e3", "1.5e3", "1.2.3", "0.1234567890123456", "--1.5",
			"1.-5" };
		struct rng r = rng_from_seed();
		for (size_t i = 0; i < sizeof are / sizeof are[0]; i++)
			ck_assert_msg(json_is_double_text(str_from_c(are[i])), "%s", are[i]);
		for (size_t i = 0; i < sizeof are_not / sizeof are_not[0]; i++)
			ck_assert_msg(
				!json_is_double_text(str_from_c(are_not[i])), "%s", are_not[i]);
		for (int i = 0; i < 20000; i++) {
			char digits[64];
			int places = (int)(rng_next(&r) % 12);
			uint64_t n = rng_next(&r) >> (rng_next(&r) & 63);
			int len = snprintf(digits, sizeof digits, "%.*f", places, (double)n / 4096);
			struct str text = str_of(digits, (size_t)len);
			if (json_is_double_text(text))
				ck_assert_str_is(double_text(strtod(digits, NULL)), text);
		}
	}
END_TEST

UNIT_MAIN("json_write", commas_and_colons_put_themselves, members_are_written_in_one_call,
	a_value_becomes_the_text_of_a_string, a_single_value_needs_no_container,
	containers_nest_up_to_the_depth_of_the_writer, escaping_gives_the_canonical_body,
	long_texts_are_escaped_like_short_ones, doubles_look_as_in_python,
	infinities_and_nan_are_null, powers_of_two_read_back_from_few_digits,
	random_doubles_read_back_from_the_fewest_digits, a_number_known_to_be_a_doubles_text_is_it)
