#include "query/match/text.h"
#include "json/order.h"
#include "json/read.h"

#include "random.h"
#include "unit.h"

/* What the kernel is to find, in the simplest way. */
static size_t find_simply(struct str hay, struct str needle, size_t from)
{
	for (size_t i = from; i < hay.len && needle.len <= hay.len - i; i++)
		if (str_eq_nocase(str_first(str_skip(hay, i), needle.len), needle))
			return i;
	return hay.len;
}

/* Bytes that a copy of exactly this size holds: reading past it is an error under ASan. */
static struct str tight(struct str s)
{
	char *p = malloc(s.len ? s.len : 1);
	ck_assert_ptr_nonnull(p);
	memcpy(p, s.ptr, s.len);
	return str_of(p, s.len);
}

static struct str random_text(struct rng *r, char *into, size_t len, const char *letters)
{
	size_t n = strlen(letters);
	for (size_t i = 0; i < len; i++)
		into[i] = letters[rng_below(r, n)];
	return str_of(into, len);
}

static void check_kernels(struct str hay, struct str needle, size_t from)
{
	struct text_needle n;
	text_needle_init(&n, needle);
	size_t want = find_simply(hay, needle, from), got;
	for (unsigned k = 0; k < TEXT_KERNEL__MAX; k++)
		if (text_find_by((enum text_kernel)k, &n, hay, from, &got))
			ck_assert_msg(got == want,
				"kernel %u: %zu, want %zu: \"%.*s\" in \"%.*s\" from %zu", k, got,
				want, STR_ARG(needle), STR_ARG(hay), from);
	ck_assert_uint_eq(text_find(&n, hay, from), want);
}

START_TEST(all_kernels_find_the_same_first_place)
	{
		struct rng r = rng_from_seed();
		char hay[700], needle[40];
		for (int i = 0; i < 20000; i += unit_step()) {
			struct str h = tight(
				random_text(&r, hay, rng_below(&r, sizeof hay), "aAbB \\\"z"));
			struct str n = random_text(
				&r, needle, 1 + rng_below(&r, i % 2 ? 3 : 30), "ab \\\"z");
			if (i % 3 == 0 && h.len > n.len)
				memcpy((char *)(uintptr_t)h.ptr + rng_below(&r, h.len - n.len + 1),
					n.ptr, n.len);
			check_kernels(h, n, h.len ? rng_below(&r, h.len + 1) : 0);
			free((char *)(uintptr_t)h.ptr);
		}
	}
END_TEST

START_TEST(a_needle_at_any_place_of_any_length_is_found)
	{
		char hay[400];
		for (size_t len = 1; len < 70; len++)
			for (size_t at = 0; at + len <= sizeof hay; at += 7) {
				memset(hay, '-', sizeof hay);
				memset(hay + at, 'Q', len);
				char needle[70];
				memset(needle, 'q', len);
				struct text_needle n;
				text_needle_init(&n, str_of(needle, len));
				ck_assert_uint_eq(text_find(&n, str_of(hay, sizeof hay), 0), at);
			}
	}
END_TEST

START_TEST(only_ascii_letters_fold)
	{
		struct text_needle n;
		text_needle_init(&n, STR("@[`{"));
		ck_assert_uint_eq(text_find(&n, STR("@[`{"), 0), 0);
		/* The same bytes with bit 5 turned. */
		ck_assert_uint_eq(text_find(&n, STR("`{@["), 0), 4);
		text_needle_init(&n, STR("\xc3\xa9"));
		ck_assert_uint_eq(text_find(&n, STR("\xc3\x89"), 0), 2);
		ck_assert_uint_eq(text_find(&n, STR("x\xc3\xa9"), 0), 1);
	}
END_TEST

START_TEST(the_rarest_two_bytes_are_the_probes)
	{
		struct text_needle n;
		text_needle_init(&n, STR("ee exq e"));
		ck_assert((n.probe[0] == 5 && n.probe[1] == 4));
		text_needle_init(&n, STR("e"));
		ck_assert(n.probe[0] == 0 && n.probe[1] == 0);
	}
END_TEST

static struct str encode(struct str plain)
{
	return json_encode(test_arena(), plain);
}

static bool contains_simply(struct str plain, struct str part, bool fold)
{
	for (size_t i = 0; i <= plain.len && part.len <= plain.len - i; i++) {
		struct str here = str_first(str_skip(plain, i), part.len);
		if (fold ? str_eq_nocase(here, part) : str_eq(here, part))
			return true;
	}
	return false;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

/* Letters that make escapes and what looks like their parts. */
static const char tricky[] = "\\\"\n\x1f\x01nNuU0011fF tb";

START_TEST(searching_a_body_is_searching_its_plain_text)
	{
		struct rng r = rng_from_seed();
		struct arena *a = test_arena();
		char x[60], y[6];
		for (int i = 0; i < 30000; i += unit_step()) {
			struct arena_mark m = arena_mark(a);
			struct str plain = random_text(&r, x, rng_below(&r, sizeof x), tricky);
			struct str part = random_text(&r, y, rng_below(&r, sizeof y), tricky);
			struct str body = encode(plain), needle = encode(part);
			bool starts = str_starts(plain, part), ends = str_ends(plain, part);
			for (int fold = 0; fold < 2; fold++) {
				ck_assert_msg(text_contains(a, body, needle, fold) ==
						      contains_simply(plain, part, fold),
					"\"%.*s\" in \"%.*s\", fold %d", STR_ARG(needle),
					STR_ARG(body), fold);
				if (fold) {
					starts = str_starts_nocase(plain, part);
					ends = part.len <= plain.len &&
					       str_eq_nocase(
						       str_skip(plain, plain.len - part.len), part);
				}
				ck_assert_int_eq(text_starts(body, needle, fold), starts);
				ck_assert_int_eq(text_ends(body, needle, fold), ends);
			}
			ck_assert_int_eq(
				text_matches(body, false, text_fold(a, needle), TEXT_SUBSTRING),
				contains_simply(plain, part, true));
			arena_rewind(a, m);
		}
	}
END_TEST

START_TEST(bodies_are_ordered_as_their_plain_texts)
	{
		struct rng r = rng_from_seed();
		struct arena *a = test_arena();
		char x[6], y[6];
		for (int i = 0; i < 30000; i += unit_step()) {
			struct arena_mark m = arena_mark(a);
			struct str px = random_text(&r, x, rng_below(&r, sizeof x), tricky);
			struct str py = random_text(&r, y, rng_below(&r, sizeof y), tricky);
			struct str bx = encode(px), by = encode(py);
			ck_assert_int_eq(sign(body_order(bx, by)), sign(str_cmp(px, py)));
			ck_assert_int_eq(sign(body_order_nocase(bx, by)),
				sign(str_cmp(text_fold(a, px), text_fold(a, py))));
			arena_rewind(a, m);
		}
	}
END_TEST

START_TEST(a_smaller_head_is_of_a_smaller_text)
	{
		struct rng r = rng_from_seed();
		struct arena *a = test_arena();
		char x[12] = "", y[12] = "";
		int n_equal = 0;
		for (int i = 0; i < 30000; i += unit_step()) {
			struct arena_mark m = arena_mark(a);
			struct str px = random_text(&r, x, rng_below(&r, sizeof x), tricky);
			struct str py = random_text(&r, y, rng_below(&r, sizeof y), tricky);
			if (i % 2)
				memcpy(y, x, sizeof y / 2);
			struct str bx = tight(encode(px)), by = tight(encode(py));
			uint64_t hx = body_head(bx), hy = body_head(by);
			n_equal += hx == hy;
			if (hx != hy)
				ck_assert_int_eq(sign(body_order(bx, by)), hx < hy ? -1 : 1);
			if (str_eq(str_first(px, 8), str_first(py, 8)))
				ck_assert_uint_eq(hx, hy);
			free((char *)(uintptr_t)bx.ptr);
			free((char *)(uintptr_t)by.ptr);
			arena_rewind(a, m);
		}
		ck_assert_int_gt(n_equal * unit_step(), 10);
		ck_assert_uint_lt(body_head(STR("a")), body_head(STR("a\\u0001")));
		ck_assert_uint_lt(body_head(STR("12345678")), body_head(STR("\xc3\xa9")));
	}
END_TEST

/* Words of a plain text in lower case, each followed by a blank. */
static struct str words(struct str plain)
{
	struct buf b;
	buf_init(&b, test_arena());
	buf_add_char(&b, ' ');
	for (size_t i = 0; i < plain.len; i++) {
		char c = ascii_lower(plain.ptr[i]);
		bool is_word = (c & 0x80) || ascii_is_digit(c) || (c >= 'a' && c <= 'z');
		if (is_word)
			buf_add_char(&b, c);
		if (!is_word && b.ptr[b.len - 1] != ' ')
			buf_add_char(&b, ' ');
	}
	if (b.ptr[b.len - 1] != ' ')
		buf_add_char(&b, ' ');
	return buf_str(&b);
}

static struct str random_tokens(struct rng *r, size_t n)
{
	static const char *const tokens[] = { "a", "B", "n", " ", "-", "\\", "\n", "\x1f",
		"\xc3\xa9" };
	struct buf b;
	buf_init(&b, test_arena());
	for (size_t i = 0; i < n; i++)
		buf_add(&b, str_from_c(tokens[rng_below(r, sizeof tokens / sizeof tokens[0])]));
	return buf_str(&b);
}

START_TEST(a_phrase_is_found_by_its_words)
	{
		struct rng r = rng_from_seed();
		for (int i = 0; i < 20000; i += unit_step()) {
			struct str plain = random_tokens(&r, rng_below(&r, 40));
			struct str part = random_tokens(&r, rng_below(&r, 8));
			struct str in = words(plain), want = words(part);
			struct str needle = text_fold(test_arena(), encode(part));
			ck_assert_msg(text_matches(encode(plain), false, needle, TEXT_WORD) ==
					      (want.len == 1 || str_find(in, want) < in.len),
				"\"%.*s\" in \"%.*s\"", STR_ARG(needle), STR_ARG(plain));
		}
	}
END_TEST

/* clang-format off */
static const struct free_text {
	const char *hay;
	bool is_json;
	const char *needle;
	enum text_mode mode;
	bool want;
} free_texts[] = {
	{ "The Quick\\nbrown fox", false, "quick",		TEXT_WORD,	true },
	{ "The Quick\\nbrown fox", false, "brown",		TEXT_WORD,	true },
	{ "The Quick\\nbrown fox", false, "quic",		TEXT_WORD,	false },
	{ "The Quick\\nbrown fox", false, "uick",		TEXT_WORD,	false },
	{ "The Quick\\nbrown fox", false, "quick brown",	TEXT_WORD,	true },
	{ "The Quick\\nbrown fox", false, "quick fox",		TEXT_WORD,	false },
	{ "The Quick\\nbrown fox", false, "nbrown",		TEXT_SUBSTRING,	false },
	{ "The Quick\\nbrown fox", false, "k\\nb",		TEXT_SUBSTRING,	true },
	{ "a-b",		   false, "b",			TEXT_WORD,	true },
	{ "na\xc3\xafve",	   false, "na",			TEXT_WORD,	false },
	{ "b ab abc ab",	   false, "ab",			TEXT_WORD,	true },
	{ "abab",		   false, "ab",			TEXT_WORD,	false },
	{ "a a b",		   false, "a b",		TEXT_WORD,	true },
	{ "ab",			   false, "a b",		TEXT_WORD,	false },
	{ "x",			   false, "--",			TEXT_WORD,	true },
	{ "{\"role\":\"user\",\"n\":404}", true, "role",	TEXT_LITERAL,	true },
	{ "{\"role\":\"user\",\"n\":404}", true, "404",		TEXT_LITERAL,	false },
	{ "{\"role\":\"user\",\"n\":404}", true, "404",		TEXT_SUBSTRING,	true },
	{ "{\"n\":404,\"s\":\"a 404\"}", true,	"404",		TEXT_LITERAL,	true },
	{ "{\"s\":\"\\\\\",\"n\":404}",	true,	"404",		TEXT_LITERAL,	false },
	{ "{\"s\":\"\\\"\",\"n\":404}",	true,	"404",		TEXT_LITERAL,	false },
	{ "{\"s\":\"\\\"404\"}",	true,	"404",		TEXT_LITERAL,	true },
	{ "[true,\"untrue\"]",		true,	"true",		TEXT_LITERAL,	true },
	{ "[true,\"x\"]",		true,	"true",		TEXT_LITERAL,	false },
	{ "[true,\"x\"]",		true,	"true,",	TEXT_SUBSTRING,	true },
	{ "404",			false,	"404",		TEXT_LITERAL,	true },
	{ "{\"a\":\"b\"}",		true,	"\\\"a\\\"",	TEXT_LITERAL,	false },
	{ "\"say \\\"hi\\\"\"",		true,	"\\\"hi\\\"",	TEXT_LITERAL,	true },
	{ "{\"a\":\"x\",\"b\":\"y\"}",	true,	"a x b",	TEXT_WORD,	true },
	{ "",				false,	"",		TEXT_SUBSTRING,	true },
	{ "",				false,	"a",		TEXT_SUBSTRING,	false },
};
/* clang-format on */

START_TEST(the_modes_of_free_text_differ_as_documented)
	{
		for (size_t i = 0; i < sizeof free_texts / sizeof free_texts[0]; i++) {
			const struct free_text *f = &free_texts[i];
			ck_assert_msg(text_matches(str_from_c(f->hay), f->is_json,
					      str_from_c(f->needle), f->mode) == f->want,
				"case %zu: %s in %s", i, f->needle, f->hay);
		}
	}
END_TEST

UNIT_MAIN("text", all_kernels_find_the_same_first_place,
	a_needle_at_any_place_of_any_length_is_found, only_ascii_letters_fold,
	the_rarest_two_bytes_are_the_probes, searching_a_body_is_searching_its_plain_text,
	bodies_are_ordered_as_their_plain_texts, a_smaller_head_is_of_a_smaller_text,
	a_phrase_is_found_by_its_words, the_modes_of_free_text_differ_as_documented)
