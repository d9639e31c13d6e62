#include "base/zst.h"

#include "base/limits.h"
#include "unit.h"

/* A frame as the command writes it: with its size and a sum. */
static struct str packed(struct str s)
{
	struct zst_coder *c;
	char *out = arena_text(test_arena(), zst_bound(s.len));
	size_t n;
	ck_assert_int_eq(zst_coder_open(&c), ERR_OK);
	ck_assert_int_eq(zst_compress(c, 3, s, out, &n), ERR_OK);
	zst_coder_close(c);
	return str_of(out, n);
}

/* What comes out, behind what was there; STR_NULL and *ret_err otherwise. */
static struct str inflated(struct str in, size_t limit_bytes, enum err *ret_err)
{
	struct buf b;
	buf_init(&b, test_arena());
	buf_add(&b, STR("kept"));
	*ret_err = zst_inflate(in, limit_bytes, &b);
	ck_assert(str_starts(buf_str(&b), STR("kept")));
	ck_assert(!*ret_err || b.len == 4);
	return *ret_err ? STR_NULL : str_skip(buf_str(&b), 4);
}

static enum err error_of(struct str in, size_t limit_bytes)
{
	enum err e;
	(void)inflated(in, limit_bytes, &e); /* only the error is asked for */
	return e;
}

static const struct str text = { "{\"resourceSpans\":[{},{},{},{},{},{},{},{},{},{},{}]}", 52 };
/* "hi" as a block that is not compressed, in a frame that does not say its size, as those that
 * write as they go do. */
static const struct str unsized = { "\x28\xb5\x2f\xfd\0\0\x11\0\0hi", 11 };
/* Four bytes for somebody else. */
static const struct str skippable = { "\x50\x2a\x4d\x18\4\0\0\0abcd", 12 };

START_TEST(frames_of_any_kind_follow_one_another)
	{
		enum err e;
		ck_assert_str_is(inflated(packed(text), 1000, &e), text);
		ck_assert_str_is(inflated(unsized, 1000, &e), STR("hi"));
		ck_assert_str_is(inflated(packed(STR("")), 1000, &e), STR(""));
		ck_assert_str_is(inflated(skippable, 1000, &e), STR(""));
		struct str all = test_joined(test_joined(unsized, skippable), packed(text));
		ck_assert_str_is(inflated(all, 1000, &e), test_joined(STR("hi"), text));
	}
END_TEST

START_TEST(the_limit_holds_to_the_byte)
	{
		struct str all = test_joined(packed(text), unsized);
		ck_assert_int_eq(error_of(packed(text), text.len), ERR_OK);
		ck_assert_int_eq(error_of(packed(text), text.len - 1), ERR_TOO_LARGE);
		ck_assert_int_eq(error_of(all, text.len + 2), ERR_OK);
		ck_assert_int_eq(error_of(all, text.len + 1), ERR_TOO_LARGE);
		ck_assert_int_eq(error_of(unsized, 1), ERR_TOO_LARGE);
		ck_assert_int_eq(error_of(unsized, 0), ERR_TOO_LARGE);
	}
END_TEST

START_TEST(what_is_damaged_cut_or_followed_by_garbage_is_refused)
	{
		struct str frame = packed(text);
		ck_assert_int_eq(error_of(STR(""), 1000), ERR_INVALID);
		ck_assert_int_eq(error_of(STR("no frame"), 1000), ERR_INVALID);
		ck_assert_int_eq(error_of(test_joined(frame, STR("x")), 1000), ERR_INVALID);
		for (size_t n = 0; n < frame.len; n++)
			ck_assert_int_eq(error_of(str_first(frame, n), 1000), ERR_INVALID);
		for (size_t i = 0; i < 8 * frame.len; i++) {
			enum err e;
			char *flipped = arena_text(test_arena(), frame.len);
			memcpy(flipped, frame.ptr, frame.len);
			flipped[i / 8] ^= (char)(1 << i % 8);
			struct str out = inflated(str_of(flipped, frame.len), 1000, &e);
			ck_assert(e || str_eq(out, text));
		}
	}
END_TEST

START_TEST(a_bomb_costs_no_more_than_the_limit)
	{
		size_t n = 64 * MIB;
		struct str zeros = str_of(arena_alloc(test_arena(), n), n);
		struct str bomb = packed(zeros);
		ck_assert_uint_lt(bomb.len, 16384);
		size_t before = test_arena()->used_bytes;
		ck_assert_int_eq(error_of(bomb, MIB), ERR_TOO_LARGE);
		ck_assert_uint_lt(test_arena()->used_bytes - before, 3 * MIB);
	}
END_TEST

START_TEST(a_frames_checksum_is_compared_unless_only_its_bytes_are_asked_for)
	{
		enum err e;
		struct zst_coder *coder;
		size_t n;
		ck_assert_int_eq(zst_coder_open(&coder), ERR_OK);
		char *frame = arena_text(test_arena(), zst_bound(text.len));
		char *out = arena_text(test_arena(), text.len);
		e = zst_compress(coder, 9, text, frame, &n);
		ck_assert_int_eq(e, ERR_OK);
		for (unsigned i = 0; i < 4;
			i++) { /* the settings of one do not stay for the next */
			bool is_whole = i < 2;
			frame[n - 1] ^= (char)(i == 2);
			struct str s = str_of(frame, n);
			memset(out, 0, text.len);
			ck_assert_int_eq(zst_decompress_only(coder, s, out, text.len), ERR_OK);
			ck_assert_str_is(str_of(out, text.len), text);
			e = zst_decompress(coder, s, out, text.len);
			ck_assert_int_eq(e, is_whole ? ERR_OK : ERR_IO);
			ck_assert_int_eq(zst_decompress_only(coder, s, out, text.len - 1), ERR_IO);
		}
		zst_coder_close(coder);
	}
END_TEST

UNIT_MAIN("zst", frames_of_any_kind_follow_one_another, the_limit_holds_to_the_byte,
	what_is_damaged_cut_or_followed_by_garbage_is_refused, a_bomb_costs_no_more_than_the_limit,
	a_frames_checksum_is_compared_unless_only_its_bytes_are_asked_for)
