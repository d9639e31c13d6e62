#include "base/utf8.h"

#include "random.h"
#include "unit.h"

#define BAD "\xef\xbf\xbd"

START_TEST(every_code_point_is_valid_and_nothing_else_is)
	{
		char text[4];
		for (uint32_t c = 0; c <= 0x10ffff; c++) {
			if (c >= 0xd800 && c <= 0xdfff)
				continue;
			size_t want = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
			size_t n = utf8_encode(c, text);
			/* Not ck_assert: a million of them take half a minute. */
			if (n != want || !utf8_valid(str_of(text, n)))
				ck_abort_msg("U+%04X is not valid", c);
			if (utf8_valid_prefix(str_of(text, n - 1)))
				ck_abort_msg("U+%04X is valid when cut", c);
		}
	}
END_TEST

/* Another way to say it: a character is what comes back when its bits are encoded again. */
static size_t prefix_by_encoding(const unsigned char *b, size_t len)
{
	size_t at = 0;
	while (at < len) {
		size_t n = b[at] < 0x80 ? 1 : b[at] < 0xe0 ? 2 : b[at] < 0xf0 ? 3 : 4;
		uint32_t c = b[at] & (n == 1 ? 0x7f : 0xff >> (n + 1));
		char again[4];
		if (n > len - at)
			break;
		for (size_t i = 1; i < n; i++)
			c = c << 6 | (b[at + i] & 0x3f);
		if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || utf8_encode(c, again) != n ||
			memcmp(again, b + at, n) != 0)
			break;
		at += n;
	}
	return at;
}

START_TEST(bytes_are_valid_when_encoding_brings_them_back)
	{
		struct rng r = rng_from_seed();
		for (uint32_t i = 0; i < 1 << 21; i++) {
			/* All pairs, then random bytes, most of them no ASCII. */
			uint64_t bits =
				i < 1 << 16 ? i : rng_next(&r) | 0x8080808080808080 << i % 32;
			unsigned char b[8];
			memcpy(b, &bits, sizeof b);
			size_t len = i < 1 << 16 ? 2 : sizeof b, want = prefix_by_encoding(b, len);
			size_t got = utf8_valid_prefix(str_of((char *)b, len));
			if (got != want)
				ck_abort_msg("%016llx: %zu, want %zu", (unsigned long long)bits,
					got, want);
		}
	}
END_TEST

START_TEST(the_valid_prefix_ends_before_the_first_bad_character)
	{
		static const struct {
			struct str text;
			size_t want;
		} table[] = {
			{ STR(""), 0 },
			{ STR("plain"), 5 },
			{ STR("h\xc3\xa9llo"), 6 },
			{ STR("a\xc3"), 1 },
			{ STR("a\xc3\x28"), 1 },
			{ STR("\xf0\x9f\x98\x80"), 4 },
			{ STR("\xf0\x9f\x98"), 0 },
			{ STR("\xed\xa0\x80"), 0 },     /* a surrogate */
			{ STR("\xc0\x80"), 0 },         /* overlong NUL */
			{ STR("\xe0\x80\xaf"), 0 },     /* overlong '/' */
			{ STR("\xf0\x8f\xbf\xbf"), 0 }, /* overlong U+FFFF */
			{ STR("\xf4\x8f\xbf\xbf"), 4 }, /* U+10FFFF */
			{ STR("\xf4\x90\x80\x80"), 0 }, /* one past it */
			{ STR("\xf5\x80\x80\x80"), 0 },
			{ STR("0123456789012345678901234567890123456789\xff"), 40 },
		};
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
			ck_assert_msg(utf8_valid_prefix(table[i].text) == table[i].want,
				"row %zu: %zu", i, utf8_valid_prefix(table[i].text));
	}
END_TEST

START_TEST(each_maximal_bad_part_becomes_one_replacement_character)
	{
		static const struct {
			struct str text, want;
		} table[] = {
			/* The Unicode Standard, tables 3-8 to 3-11. */
			{ STR("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"),
				STR(BAD BAD BAD BAD BAD BAD BAD BAD "A") },
			{ STR("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41"),
				STR(BAD BAD BAD BAD BAD BAD BAD BAD "A") },
			{ STR("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42"),
				STR(BAD BAD BAD BAD BAD "A" BAD BAD "B") },
			{ STR("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"), STR(BAD BAD BAD BAD "A") },
			{ STR("\xf0\x9f\x98"), STR(BAD) },
			{ STR("ok \xc3\xa9 \xff end"), STR("ok \xc3\xa9 " BAD " end") },
		};
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
			ck_assert_str_is(utf8_repair(test_arena(), table[i].text), table[i].want);
	}
END_TEST

START_TEST(repairing_valid_text_gives_the_same_view)
	{
		struct str s = STR("na\xc3\xafve");
		ck_assert_ptr_eq(utf8_repair(test_arena(), s).ptr, s.ptr);
		ck_assert_uint_eq(test_arena()->used_bytes, 0);
	}
END_TEST

START_TEST(characters_are_counted_and_cut_whole)
	{
		struct str s = STR("a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80z");
		ck_assert_uint_eq(utf8_length(s), 5);
		ck_assert_uint_eq(utf8_length(STR("")), 0);
		static const size_t bytes[] = { 0, 1, 3, 6, 10, 11, 11 };
		for (size_t n = 0; n < sizeof bytes / sizeof bytes[0]; n++)
			ck_assert_str_is(utf8_first(s, n), str_first(s, bytes[n]));
	}
END_TEST

START_TEST(what_is_decoded_encodes_to_the_same)
	{
		char text[4];
		for (uint32_t c = 0; c <= 0x10ffff; c++) {
			if (c >= 0xd800 && c <= 0xdfff)
				continue;
			size_t n = utf8_encode(c, text);
			if (utf8_decode(str_of(text, n)) != c)
				ck_abort_msg("U+%04X becomes another", c);
		}
	}
END_TEST

START_TEST(marks_take_no_cell_and_wide_characters_two)
	{
		static const struct {
			uint32_t first, last;
			unsigned width;
		} table[] = {
			{ 0x20, 0x2ff, 1 },        /* up to the first mark */
			{ 0x300, 0x36f, 0 },       /* combining marks */
			{ 0x400, 0x482, 1 },       /* Cyrillic */
			{ 0x1100, 0x115f, 2 },     /* Hangul that leads */
			{ 0x1160, 0x11ff, 0 },     /* and joins */
			{ 0x200b, 0x200d, 0 },     /* zero width */
			{ 0x3041, 0x3096, 2 },     /* Hiragana */
			{ 0x4e00, 0x9fff, 2 },     /* Han */
			{ 0xac00, 0xd7a3, 2 },     /* Hangul */
			{ 0xfe0f, 0xfe0f, 0 },     /* a selector */
			{ 0xff01, 0xff5e, 2 },     /* fullwidth */
			{ 0xff61, 0xffdc, 1 },     /* halfwidth */
			{ 0x1f389, 0x1f389, 2 },   /* an emoji */
			{ 0x20000, 0x2a6df, 2 },   /* Han */
			{ 0xe0100, 0xe01ef, 0 },   /* selectors */
			{ 0x10ffff, 0x10ffff, 1 }, /* past the tables */
		};
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
			for (uint32_t c = table[i].first; c <= table[i].last; c++)
				if (utf8_width(c) != table[i].width)
					ck_abort_msg("U+%04X takes %u", c, utf8_width(c));
	}
END_TEST

UNIT_MAIN("utf8", every_code_point_is_valid_and_nothing_else_is,
	bytes_are_valid_when_encoding_brings_them_back,
	the_valid_prefix_ends_before_the_first_bad_character,
	each_maximal_bad_part_becomes_one_replacement_character,
	repairing_valid_text_gives_the_same_view, characters_are_counted_and_cut_whole,
	what_is_decoded_encodes_to_the_same, marks_take_no_cell_and_wide_characters_two)
