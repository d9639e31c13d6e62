#include "base/pb.h"
#include "unit.h"

static struct pb_field only_field(struct str message)
{
	struct pb_reader r = pb_open(message);
	struct pb_field f, none;
	ck_assert(pb_next(&r, &f));
	ck_assert(!pb_next(&r, &none));
	ck_assert(!r.failed);
	ck_assert_uint_eq(pb_at(&r), message.len);
	return f;
}

/* Also that a failed reader stays so, stays where the bad field begins and hands nothing out. */
static bool is_malformed(struct str message)
{
	struct pb_reader r = pb_open(message);
	struct pb_field f;
	size_t at = 0;
	for (;;) {
		at = pb_at(&r);
		memset(&f, 0x55, sizeof f);
		struct pb_field before = f;
		if (!pb_next(&r, &f)) {
			ck_assert_mem_eq(&f, &before, sizeof f);
			break;
		}
	}
	if (r.failed) {
		ck_assert_uint_eq(pb_at(&r), at);
		ck_assert(!pb_next(&r, &f));
		ck_assert(r.failed);
	}
	return r.failed;
}

START_TEST(an_empty_message_has_no_fields)
	{
		struct pb_reader r = pb_open(STR_NULL);
		struct pb_field f;
		ck_assert(!pb_next(&r, &f));
		ck_assert(!r.failed);
		ck_assert_uint_eq(pb_at(&r), 0);
	}
END_TEST

START_TEST(every_wire_type_is_read)
	{
		struct pb_field f = only_field(STR("\x08\x96\x01"));
		ck_assert_uint_eq(f.number, 1);
		ck_assert_int_eq(f.wire, PB_VARINT);
		ck_assert_uint_eq(f.value, 150);
		f = only_field(STR("\x11\x01\x02\x03\x04\x05\x06\x07\x88"));
		ck_assert_uint_eq(f.number, 2);
		ck_assert_int_eq(f.wire, PB_FIXED64);
		ck_assert_uint_eq(f.value, 0x8807060504030201);
		f = only_field(STR("\x1a\x03"
				   "a\0c"));
		ck_assert_uint_eq(f.number, 3);
		ck_assert_int_eq(f.wire, PB_BYTES);
		ck_assert_str_is(f.bytes, STR("a\0c"));
		f = only_field(STR("\x1a\x00"));
		ck_assert_str_is(f.bytes, STR(""));
		ck_assert(!str_is_null(f.bytes));
		f = only_field(STR("\x25\x01\x02\x03\xff"));
		ck_assert_uint_eq(f.number, 4);
		ck_assert_int_eq(f.wire, PB_FIXED32);
		ck_assert_uint_eq(f.value, 0xff030201);
	}
END_TEST

START_TEST(a_double_is_the_bits_of_a_fixed64)
	{
		struct pb_field f = only_field(STR("\x21\x00\x00\x00\x00\x00\x00\xf8\xbf"));
		ck_assert_double_eq(pb_double(&f), -1.5);
	}
END_TEST

START_TEST(other_wire_types_are_malformed)
	{
		ck_assert(is_malformed(STR("\x0b\x0c"))); /* a group, well-formed in its time */
		ck_assert(is_malformed(STR("\x0c")));
		ck_assert(is_malformed(STR("\x0e\x00")));
		ck_assert(is_malformed(STR("\x0f\x00")));
	}
END_TEST

START_TEST(field_numbers_are_1_to_29_bits)
	{
		ck_assert(is_malformed(STR("\x00\x00")));
		ck_assert(is_malformed(STR("\x02\x00")));
		ck_assert_uint_eq(
			only_field(STR("\xf8\xff\xff\xff\x0f\x00")).number, (1u << 29) - 1);
		ck_assert(is_malformed(STR("\x80\x80\x80\x80\x10\x00")));
		ck_assert(is_malformed(STR("\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00")));
		/* Longer than needed is allowed. */
		ck_assert_uint_eq(only_field(STR("\x88\x80\x00\x07")).number, 1);
	}
END_TEST

START_TEST(varints_have_ten_bytes_and_64_bits_at_most)
	{
		ck_assert_uint_eq(
			only_field(STR("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")).value,
			UINT64_MAX);
		ck_assert_uint_eq(
			only_field(STR("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00")).value, 0);
		ck_assert_uint_eq(
			only_field(STR("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")).value,
			(uint64_t)1 << 63);
		ck_assert(is_malformed(STR("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02")));
		ck_assert(is_malformed(STR("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00")));
		ck_assert(is_malformed(STR("\x88\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x00")));
	}
END_TEST

START_TEST(lengths_past_the_end_are_malformed)
	{
		ck_assert(is_malformed(STR("\x0a\x02x")));
		ck_assert(is_malformed(STR("\x0a\x80\x80\x80\x80\x08x"))); /* 2^31 */
		ck_assert(is_malformed(STR("\x0a\x80\x80\x80\x80\x10x"))); /* 2^32 */
		ck_assert(is_malformed(STR("\x0a\x81\x80\x80\x80\x10x"))); /* and 1 */
		ck_assert(is_malformed(STR("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7fx")));
		ck_assert(is_malformed(
			STR("\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01x"))); /* 2^63 */
		ck_assert(is_malformed(STR("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x")));
	}
END_TEST

START_TEST(fields_come_in_any_order_and_again)
	{
		struct pb_reader r = pb_open(STR("\x10\x01"
						 "\x0a\x01x"
						 "\x10\x02"
						 "\x0a\x01y"));
		static const uint32_t numbers[] = { 2, 1, 2, 1 };
		static const size_t ends[] = { 2, 5, 7, 10 };
		struct pb_field f[4];
		for (int i = 0; i < 4; i++) {
			ck_assert(pb_next(&r, &f[i]));
			ck_assert_uint_eq(f[i].number, numbers[i]);
			ck_assert_uint_eq(pb_at(&r), ends[i]);
		}
		ck_assert_uint_eq(f[0].value, 1);
		ck_assert_uint_eq(f[2].value, 2);
		ck_assert_str_is(f[1].bytes, STR("x"));
		ck_assert_str_is(f[3].bytes, STR("y"));
		ck_assert(!pb_next(&r, &f[0]));
		ck_assert(!r.failed);
	}
END_TEST

START_TEST(a_message_cut_anywhere_ends_at_a_field_or_is_malformed)
	{
		static const struct str message = {
			"\x08\x96\x01"
			"\x11\x01\x02\x03\x04\x05\x06\x07\x08"
			"\x1a\x05hello"
			"\xa5\x06\x01\x02\x03\x04"
			"\x22\x80\x01"
			"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
			"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
			3 + 9 + 7 + 6 + 3 + 128
		};
		static const size_t ends[] = { 0, 3, 12, 19, 25, 156 };
		size_t whole = 0;
		for (size_t n = 0; n <= message.len; n++) {
			/* A copy of its own, so that a read past its end is seen by ASan. */
			char *copy = malloc(n ? n : 1);
			ck_assert_ptr_nonnull(copy);
			memcpy(copy, message.ptr, n);
			bool at_end = n == ends[whole];
			ck_assert_msg(is_malformed(str_of(copy, n)) == !at_end, "cut at %zu", n);
			whole += at_end;
			free(copy);
		}
		ck_assert_uint_eq(whole, sizeof ends / sizeof ends[0]);
	}
END_TEST

UNIT_MAIN("pb", an_empty_message_has_no_fields, every_wire_type_is_read,
	a_double_is_the_bits_of_a_fixed64, other_wire_types_are_malformed,
	field_numbers_are_1_to_29_bits, varints_have_ten_bytes_and_64_bits_at_most,
	lengths_past_the_end_are_malformed, fields_come_in_any_order_and_again,
	a_message_cut_anywhere_ends_at_a_field_or_is_malformed)
