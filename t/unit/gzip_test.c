#include "base/gzip.h"
#include "base/limits.h"
#include "unit.h"

#include <zlib.h>

enum { GZIP_BITS = 31, ZLIB_BITS = 15, RAW_BITS = -15, NO_LIMIT = 1 << 30 };

static struct str deflated(struct str plain, int window_bits, int level)
{
	z_stream z = { 0 };
	ck_assert_int_eq(
		deflateInit2(&z, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	size_t cap = deflateBound(&z, plain.len);
	char *out = arena_text(test_arena(), cap);
	z.next_in = (unsigned char *)plain.ptr;
	z.avail_in = (unsigned)plain.len;
	z.next_out = (unsigned char *)out;
	z.avail_out = (unsigned)cap;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t n = cap - z.avail_out;
	deflateEnd(&z);
	return str_of(out, n);
}

static struct str repeated(struct str s, size_t times)
{
	char *p = arena_text(test_arena(), s.len * times);
	for (size_t i = 0; i < times; i++)
		memcpy(p + i * s.len, s.ptr, s.len);
	return str_of(p, s.len * times);
}

static struct str zeros(size_t n)
{
	char *p = arena_text(test_arena(), n);
	memset(p, 0, n);
	return str_of(p, n);
}

/* Bytes that do not shrink, the same each time. */
static struct str noise(size_t n)
{
	char *p = arena_text(test_arena(), n);
	uint64_t x = 0x9e3779b97f4a7c15;
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		p[i] = (char)(x >> 32);
	}
	return str_of(p, n);
}

/* What it inflates to behind a prefix, which must be there before and after; STR_NULL and the error
 * otherwise. */
static struct str inflated(enum gzip_format format, struct str in, size_t limit, enum err *ret_err)
{
	/* A copy of its own, so that a read past its end is seen by ASan. */
	char *copy = malloc(in.len ? in.len : 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, in.ptr, in.len);
	struct buf b;
	buf_init(&b, test_arena());
	buf_add(&b, STR("kept"));
	*ret_err = gzip_inflate(format, str_of(copy, in.len), limit, &b);
	free(copy);
	ck_assert(str_starts(buf_str(&b), STR("kept")));
	ck_assert(*ret_err == ERR_OK || b.len == 4);
	struct str out = *ret_err ? STR_NULL : arena_copy(test_arena(), str_skip(buf_str(&b), 4));
	buf_release(&b);
	return out;
}

static void ck_inflates(enum gzip_format format, struct str in, struct str want)
{
	enum err e;
	struct str got = inflated(format, in, NO_LIMIT, &e);
	ck_assert_int_eq(e, ERR_OK);
	ck_assert_uint_eq(got.len, want.len);
	ck_assert(str_eq(got, want));
}

static enum err error_of(enum gzip_format format, struct str in, size_t limit)
{
	enum err e;
	(void)inflated(format, in, limit, &e); /* only the error is asked for */
	return e;
}

static struct str sample(void)
{
	return repeated(STR("{\"name\":\"chat\",\"n\":12345}\n"), 40);
}

START_TEST(each_wrapper_is_taken_off)
	{
		struct str plain[] = { STR(""), STR("x"), sample(), noise(300000), zeros(1 << 20) };
		for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
			for (int level = 0; level <= 9; level += 3) {
				ck_inflates(
					GZIP_GZIP, deflated(plain[i], GZIP_BITS, level), plain[i]);
				ck_inflates(
					GZIP_ZLIB, deflated(plain[i], ZLIB_BITS, level), plain[i]);
				ck_inflates(
					GZIP_ZLIB, deflated(plain[i], RAW_BITS, level), plain[i]);
			}
	}
END_TEST

START_TEST(small_windows_are_read)
	{
		for (int bits = 9; bits <= 15; bits++) {
			ck_inflates(GZIP_ZLIB, deflated(sample(), bits, 6), sample());
			ck_inflates(GZIP_GZIP, deflated(sample(), bits + 16, 6), sample());
		}
	}
END_TEST

START_TEST(one_wrapper_is_not_the_other)
	{
		ck_assert_int_eq(error_of(GZIP_GZIP, deflated(sample(), ZLIB_BITS, 6), NO_LIMIT),
			ERR_INVALID);
		ck_assert_int_eq(error_of(GZIP_GZIP, deflated(sample(), RAW_BITS, 6), NO_LIMIT),
			ERR_INVALID);
		ck_assert_int_eq(error_of(GZIP_ZLIB, deflated(sample(), GZIP_BITS, 6), NO_LIMIT),
			ERR_INVALID);
		ck_assert_int_eq(error_of(GZIP_GZIP, sample(), NO_LIMIT), ERR_INVALID);
		ck_assert_int_eq(error_of(GZIP_ZLIB, sample(), NO_LIMIT), ERR_INVALID);
	}
END_TEST

START_TEST(what_only_begins_like_zlib_is_raw_deflate)
	{
		/* Stored blocks whose padding makes their first byte one of zlib's: no multiple of
		 * 31, and a window zlib does not have. */
		ck_inflates(GZIP_ZLIB,
			STR("\x08\x01\x00\xfe\xff"
			    "x\x03\x00"),
			STR("x"));
		struct str text = STR("0123456789abcdefghijklmnopqr");
		struct str block = test_joined(STR("\x88\x1c\x00\xe3\xff"), text);
		ck_inflates(GZIP_ZLIB, test_joined(block, STR("\x03\x00")), text);
		/* And multiples of 31 that are of another method. */
		int seen = 0;
		for (size_t n = 1; n < 400; n++) {
			struct str raw = deflated(noise(n), RAW_BITS, 6);
			seen += ((unsigned char)raw.ptr[0] << 8 | (unsigned char)raw.ptr[1]) % 31 ==
				0;
			ck_inflates(GZIP_ZLIB, raw, noise(n));
		}
		ck_assert_int_gt(seen, 0);
	}
END_TEST

START_TEST(a_header_with_every_optional_field_is_read)
	{
		/* RFC 1952 section 2.3: text, header CRC, extra field, name, comment. */
		z_stream z = { 0 };
		gz_header h = { .text = 1,
			.extra = (unsigned char *)"abcd",
			.extra_len = 4,
			.name = (unsigned char *)"n",
			.comment = (unsigned char *)"c",
			.hcrc = 1 };
		char out[256];
		ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, GZIP_BITS, 8, 0), Z_OK);
		ck_assert_int_eq(deflateSetHeader(&z, &h), Z_OK);
		z.next_in = (unsigned char *)"hello";
		z.avail_in = 5;
		z.next_out = (unsigned char *)out;
		z.avail_out = sizeof out;
		ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
		struct str all = str_of(out, sizeof out - z.avail_out);
		deflateEnd(&z);
		ck_inflates(GZIP_GZIP, all, STR("hello"));
	}
END_TEST

START_TEST(members_of_gzip_follow_one_another)
	{
		struct str one = deflated(STR("one "), GZIP_BITS, 6);
		struct str none = deflated(STR(""), GZIP_BITS, 6);
		struct str two = deflated(STR("two"), GZIP_BITS, 0);
		ck_inflates(GZIP_GZIP, test_joined(test_joined(one, none), test_joined(two, none)),
			STR("one two"));
		ck_inflates(GZIP_GZIP, repeated(one, 1000), repeated(STR("one "), 1000));
		/* Neither other wrapper has members. */
		struct str z = deflated(STR("one"), ZLIB_BITS, 6);
		ck_assert_int_eq(error_of(GZIP_ZLIB, test_joined(z, z), NO_LIMIT), ERR_INVALID);
		struct str raw = deflated(STR("one"), RAW_BITS, 6);
		ck_assert_int_eq(error_of(GZIP_ZLIB, test_joined(raw, raw), NO_LIMIT), ERR_INVALID);
	}
END_TEST

START_TEST(garbage_behind_the_end_is_refused)
	{
		static const int bits[] = { GZIP_BITS, ZLIB_BITS, RAW_BITS };
		for (size_t i = 0; i < 3; i++) {
			struct str all = deflated(sample(), bits[i], 6);
			enum gzip_format format = bits[i] == GZIP_BITS ? GZIP_GZIP : GZIP_ZLIB;
			ck_assert_int_eq(error_of(format, test_joined(all, STR("x")), NO_LIMIT),
				ERR_INVALID);
			ck_assert_int_eq(error_of(format, test_joined(all, STR("\0")), NO_LIMIT),
				ERR_INVALID);
			ck_assert_int_eq(
				error_of(format, test_joined(all, STR("\x1f\x8b\x08")), NO_LIMIT),
				ERR_INVALID);
			ck_assert_int_eq(error_of(format, test_joined(all, zeros(100)), NO_LIMIT),
				ERR_INVALID);
		}
	}
END_TEST

START_TEST(a_body_cut_anywhere_is_refused)
	{
		static const int bits[] = { GZIP_BITS, ZLIB_BITS, RAW_BITS };
		for (size_t i = 0; i < 3; i++)
			for (int level = 0; level <= 6; level += 6) {
				struct str all = deflated(sample(), bits[i], level);
				enum gzip_format format =
					bits[i] == GZIP_BITS ? GZIP_GZIP : GZIP_ZLIB;
				for (size_t n = 0; n < all.len; n += (size_t)unit_few(3, 1))
					ck_assert_msg(error_of(format, str_first(all, n),
							      NO_LIMIT) == ERR_INVALID,
						"window bits %d, level %d, cut at %zu", bits[i],
						level, n);
			}
	}
END_TEST

START_TEST(a_flipped_bit_never_gives_other_bytes)
	{
		static const int bits[] = { GZIP_BITS, ZLIB_BITS };
		for (size_t i = 0; i < 2; i++) {
			struct str all = deflated(sample(), bits[i], 6);
			char *bad = arena_text(test_arena(), all.len);
			memcpy(bad, all.ptr, all.len);
			int refused = 0, tried = 0;
			for (size_t bit = 0; bit < all.len * 8; bit += (size_t)unit_few(7, 1)) {
				bad[bit / 8] ^= (char)(1 << bit % 8);
				enum err e;
				struct str got = inflated(i == 0 ? GZIP_GZIP : GZIP_ZLIB,
					str_of(bad, all.len), NO_LIMIT, &e);
				/* The header's time, padding, or a copy from as good a place. */
				ck_assert_msg(
					e == ERR_INVALID || (e == ERR_OK && str_eq(got, sample())),
					"wrapper %zu, bit %zu: %s", i, bit, err_name(e));
				tried++;
				refused += e == ERR_INVALID;
				bad[bit / 8] ^= (char)(1 << bit % 8);
			}
			ck_assert_int_gt(refused * 8, tried * 6);
		}
	}
END_TEST

START_TEST(the_size_limit_holds_to_the_byte)
	{
		static const size_t sizes[] = { 1, 100, 65535, 65536, 65537, 131072, 300000 };
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			size_t n = sizes[i];
			struct str plain = noise(n);
			struct str gzip = deflated(plain, GZIP_BITS, 6);
			struct str raw = deflated(plain, RAW_BITS, 6);
			enum err e;
			ck_assert(str_eq(inflated(GZIP_GZIP, gzip, n, &e), plain));
			ck_assert_int_eq(error_of(GZIP_ZLIB, raw, n), ERR_OK);
			ck_assert_int_eq(error_of(GZIP_GZIP, gzip, n - 1), ERR_TOO_LARGE);
			ck_assert_int_eq(error_of(GZIP_ZLIB, raw, n - 1), ERR_TOO_LARGE);
			ck_assert_int_eq(error_of(GZIP_GZIP, gzip, SIZE_MAX), ERR_OK);
			/* All members count together. */
			ck_assert_int_eq(
				error_of(GZIP_GZIP, test_joined(gzip, gzip), 2 * n), ERR_OK);
			ck_assert_int_eq(error_of(GZIP_GZIP, test_joined(gzip, gzip), 2 * n - 1),
				ERR_TOO_LARGE);
		}
		ck_assert_int_eq(error_of(GZIP_GZIP, deflated(STR(""), GZIP_BITS, 6), 0), ERR_OK);
	}
END_TEST

START_TEST(the_ratio_limit_begins_behind_the_first_mebibyte)
	{
		ck_assert_int_eq(
			error_of(GZIP_GZIP, deflated(zeros(MIB), GZIP_BITS, 9), NO_LIMIT), ERR_OK);
		ck_assert_int_eq(
			error_of(GZIP_GZIP, deflated(zeros(MIB + 1), GZIP_BITS, 9), NO_LIMIT),
			ERR_TOO_LARGE);
	}
END_TEST

START_TEST(the_ratio_limit_holds_to_the_last_step)
	{
		/* Noise, then zeros: the ratio is greatest at the end. Halve the distance between a
		 * number of zeros that is allowed and one that is not until they are neighbours.
		 * The checksum may not have been read when the ratio is looked at: up to a
		 * hundredth is given for it. */
		struct str head = noise(2000);
		size_t allowed = MIB, refused = 4 * MIB;
		struct arena_mark mark = arena_mark(test_arena());
		while (refused - allowed > 1) {
			size_t n = allowed + (refused - allowed) / 2;
			struct str in = deflated(test_joined(head, zeros(n)), ZLIB_BITS, 9);
			size_t limit = in.len * LIMIT_INFLATE_RATIO, size = head.len + n;
			enum err e = error_of(GZIP_ZLIB, in, NO_LIMIT);
			ck_assert(size <= limit || e == ERR_TOO_LARGE);
			ck_assert(size > limit - limit / 100 || e == ERR_OK);
			*(e ? &refused : &allowed) = n;
			arena_rewind(test_arena(), mark);
		}
		ck_assert(allowed > MIB && refused < 4 * MIB);
	}
END_TEST

/* Deflate of a gibibyte of zeros: one block of a mebibyte, which needs nothing before it, and again
 * and again. */
static struct str bomb(void)
{
	z_stream z = { 0 };
	struct str mebibyte = zeros(MIB);
	char *out = arena_text(test_arena(), 4096);
	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, RAW_BITS, 8, 0), Z_OK);
	z.next_in = (unsigned char *)mebibyte.ptr;
	z.avail_in = (unsigned)mebibyte.len;
	z.next_out = (unsigned char *)out;
	z.avail_out = 4096;
	ck_assert_int_eq(deflate(&z, Z_FULL_FLUSH), Z_OK);
	ck_assert_uint_gt(z.avail_out, 0);
	struct str block = str_of(out, 4096 - z.avail_out);
	deflateEnd(&z);
	return test_joined(repeated(block, 1024), STR("\x03\x00"));
}

START_TEST(a_gibibyte_of_zeros_costs_little)
	{
		struct str raw = bomb();
		ck_assert_uint_lt(raw.len, 2 * MIB);
		struct buf b;
		buf_init(&b, test_arena());
		size_t before = test_arena()->used_bytes;
		ck_assert_int_eq(gzip_inflate(GZIP_ZLIB, raw, NO_LIMIT, &b), ERR_TOO_LARGE);
		ck_assert_uint_eq(b.len, 0);
		ck_assert_uint_le(test_arena()->used_bytes - before, 2 * MIB);
		/* Nor in pieces: many members, each of which alone is small enough. */
		struct str member = deflated(zeros(MIB), GZIP_BITS, 9);
		struct str members = repeated(member, 1024);
		before = test_arena()->used_bytes;
		ck_assert_int_eq(gzip_inflate(GZIP_GZIP, members, NO_LIMIT, &b), ERR_TOO_LARGE);
		ck_assert_uint_le(test_arena()->used_bytes - before, 2 * MIB);
	}
END_TEST

START_TEST(what_zlib_holds_is_given_back)
	{
		struct str all = deflated(sample(), GZIP_BITS, 6);
		struct buf b;
		buf_init(&b, test_arena());
		size_t before = test_arena()->used_bytes;
		ck_assert_int_eq(gzip_inflate(GZIP_GZIP, all, NO_LIMIT, &b), ERR_OK);
		buf_release(&b);
		ck_assert_uint_eq(test_arena()->used_bytes, before);
		ck_assert_int_eq(gzip_inflate(GZIP_GZIP, sample(), NO_LIMIT, &b), ERR_INVALID);
		buf_release(&b);
		ck_assert_uint_eq(test_arena()->used_bytes, before);
	}
END_TEST

START_TEST(an_arena_too_small_is_left_by_its_escape_without_a_leak)
	{
		struct str all = deflated(noise(1 << 20), GZIP_BITS, 6);
		/* Too small for zlib's own, for the first step, for the whole. */
		static const size_t limits[] = { 1 << 10, 40 << 10, 500 << 10 };
		for (size_t i = 0; i < 3; i++) {
			struct arena a;
			arena_init(&a, limits[i]);
			struct buf b;
			buf_init(&b, &a);
			if (setjmp(a.escape) == 0) {
				a.has_escape = true;
				(void)!gzip_inflate(GZIP_GZIP, all, NO_LIMIT, &b);
				ck_abort_msg("the limit was passed");
			}
			ck_assert_uint_eq(b.len, 0);
			arena_release(&a); /* LeakSanitizer tells what is not in it */
		}
	}
END_TEST

/* The text packed in pieces of so many bytes. */
static struct str packed_by(struct str text, size_t piece)
{
	struct gzip_writer *w;
	struct buf b;
	buf_init(&b, test_arena());
	ck_assert_int_eq(gzip_writer_open(test_arena(), &w), ERR_OK);
	for (; text.len; text = str_skip(text, piece))
		gzip_writer_add(w, str_first(text, piece), &b);
	gzip_writer_end(w, &b);
	gzip_writer_close(w);
	return buf_str(&b);
}

/* The same of unpacking, most bytes at once; is_whole: did it end where a member ends? */
static enum err unpack_by(
	struct str packed, size_t piece, size_t most, struct buf *ret, bool *ret_whole)
{
	struct gzip_reader *r;
	enum err e = ERR_OK;
	ck_assert_int_eq(gzip_reader_open(test_arena(), &r), ERR_OK);
	while (packed.len && !e) {
		struct str in = str_first(packed, piece);
		size_t before = in.len;
		while (!e) {
			size_t had = ret->len;
			e = gzip_reader_add(r, &in, most, ret);
			ck_assert_uint_le(ret->len - had, most);
			if (ret->len - had < most) {
				ck_assert(e || in.len == 0);
				break;
			}
		}
		packed = str_skip(packed, before);
	}
	*ret_whole = gzip_reader_is_whole(r);
	gzip_reader_close(r);
	return e;
}

START_TEST(what_is_written_in_pieces_reads_in_pieces)
	{
		static const size_t sizes[] = { 0, 1, 100, 65536, 300000 };
		static const size_t pieces[] = { 1, 7, 4096, 1 << 20 };
		for (size_t i = 0; i < 5; i++)
			for (size_t k = i > 3 ? (size_t)unit_few(2, 1) : 0; k < 4; k++) {
				struct str text = noise(sizes[i]);
				struct str packed = packed_by(text, pieces[k]);
				struct buf b;
				bool is_whole;
				buf_init(&b, test_arena());
				ck_assert_int_eq(
					gzip_inflate(GZIP_GZIP, packed, NO_LIMIT, &b), ERR_OK);
				ck_assert_str_is(buf_str(&b), text);
				buf_reset(&b);
				ck_assert_int_eq(
					unpack_by(packed, pieces[3 - k], 1000, &b, &is_whole),
					ERR_OK);
				ck_assert(is_whole);
				ck_assert_str_is(buf_str(&b), text);
				buf_release(&b);
			}
	}
END_TEST

START_TEST(a_reader_knows_a_whole_from_a_part)
	{
		struct str one = packed_by(sample(), 100);
		struct buf two, b;
		bool is_whole;
		buf_init(&two, test_arena());
		buf_init(&b, test_arena());
		buf_add(&two, one);
		buf_add(&two, one);
		for (size_t n = 0; n <= two.len; n++) {
			buf_reset(&b);
			ck_assert_int_eq(
				unpack_by(str_first(buf_str(&two), n), 64, 4096, &b, &is_whole),
				ERR_OK);
			ck_assert_int_eq(is_whole, n == 0 || n == one.len || n == two.len);
		}
		ck_assert_uint_eq(b.len, 2 * sample().len);
		buf_add_char(&two, 'x');
		buf_add_char(&two, 'x');
		ck_assert_int_eq(unpack_by(buf_str(&two), 64, 4096, &b, &is_whole), ERR_INVALID);
	}
END_TEST

START_TEST(what_was_read_in_pieces_is_given_back)
	{
		struct str packed = packed_by(noise(100000), 4096);
		size_t before = test_arena()->used_bytes;
		struct buf b;
		bool is_whole;
		buf_init(&b, test_arena());
		ck_assert_int_eq(unpack_by(packed, 512, 4096, &b, &is_whole), ERR_OK);
		ck_assert_int_eq(
			unpack_by(str_first(packed, 500), 512, 4096, &b, &is_whole), ERR_OK);
		buf_release(&b);
		ck_assert_uint_eq(test_arena()->used_bytes, before);
		gzip_writer_close(NULL);
		gzip_reader_close(NULL);
	}
END_TEST

UNIT_MAIN("gzip", each_wrapper_is_taken_off, small_windows_are_read, one_wrapper_is_not_the_other,
	what_only_begins_like_zlib_is_raw_deflate, a_header_with_every_optional_field_is_read,
	members_of_gzip_follow_one_another, garbage_behind_the_end_is_refused,
	a_body_cut_anywhere_is_refused, a_flipped_bit_never_gives_other_bytes,
	the_size_limit_holds_to_the_byte, the_ratio_limit_begins_behind_the_first_mebibyte,
	the_ratio_limit_holds_to_the_last_step, a_gibibyte_of_zeros_costs_little,
	what_zlib_holds_is_given_back, an_arena_too_small_is_left_by_its_escape_without_a_leak,
	what_is_written_in_pieces_reads_in_pieces, a_reader_knows_a_whole_from_a_part,
	what_was_read_in_pieces_is_given_back)
