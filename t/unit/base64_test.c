#include "unit.h"

#include "base/base64.h"

static struct str written(struct str bytes)
{
	struct buf b;
	buf_init(&b, test_arena());
	base64url_write(&b, bytes);
	return buf_str(&b);
}

START_TEST(the_vectors_of_the_standard_read_and_write)
	{
		static const struct {
			const char *bytes, *padded, *plain;
		} vectors[] = { { "", "", "" }, { "f", "Zg==", "Zg" }, { "fo", "Zm8=", "Zm8" },
			{ "foo", "Zm9v", "Zm9v" }, { "foob", "Zm9vYg==", "Zm9vYg" },
			{ "fooba", "Zm9vYmE=", "Zm9vYmE" }, { "foobar", "Zm9vYmFy", "Zm9vYmFy" } };
		for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
			struct str bytes = str_from_c(vectors[i].bytes), read;
			struct str padded = str_from_c(vectors[i].padded),
				   plain = str_from_c(vectors[i].plain);
			ck_assert(base64_read(test_arena(), padded, &read));
			ck_assert(str_eq(read, bytes));
			ck_assert(base64_read(test_arena(), plain, &read));
			ck_assert(str_eq(read, bytes));
			ck_assert(str_eq(written(bytes), plain));
		}
	}
END_TEST

START_TEST(both_alphabets_are_read_and_that_of_urls_is_written)
	{
		struct str bytes = str_of("\xfb\xff\xbe\0", 4), read;
		ck_assert(base64_read(test_arena(), STR("+/++AA=="), &read));
		ck_assert(str_eq(read, bytes));
		ck_assert(base64_read(test_arena(), STR("-_--AA"), &read));
		ck_assert(str_eq(read, bytes));
		ck_assert(str_eq(written(bytes), STR("-_--AA")));
	}
END_TEST

START_TEST(every_byte_at_every_place_comes_back)
	{
		char bytes[7];
		for (size_t n = 0; n <= sizeof bytes; n++)
			for (int c = 0; c < 256; c++) {
				struct str read;
				for (size_t i = 0; i < n; i++)
					bytes[i] = (char)(c + (int)i * 85);
				struct str text = written(str_of(bytes, n));
				ck_assert(base64_read(test_arena(), text, &read));
				ck_assert(str_eq(read, str_of(bytes, n)));
			}
	}
END_TEST

START_TEST(what_is_no_base64_is_refused)
	{
		static const char *const bad[] = { "Z", "Zm9vY", "Zm 9", "Zm9v\n", "Zm=9", "Zm9.",
			"\xc3\xa4"
			"aa" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			struct str read = STR("untouched");
			ck_assert(!base64_read(test_arena(), str_from_c(bad[i]), &read));
			ck_assert(str_eq(read, STR("untouched")));
		}
		struct str read;
		ck_assert(!base64_read(test_arena(), str_of("Zg\0=", 4), &read));
	}
END_TEST

UNIT_MAIN("base64", the_vectors_of_the_standard_read_and_write,
	both_alphabets_are_read_and_that_of_urls_is_written, every_byte_at_every_place_comes_back,
	what_is_no_base64_is_refused)
