#include "base/hash.h"
#include "unit.h"

static struct str repeat(const char *unit, size_t unit_len, size_t times)
{
	char *p = arena_text(test_arena(), unit_len * times + 1);
	for (size_t i = 0; i < times; i++)
		memcpy(p + i * unit_len, unit, unit_len);
	return str_of(p, unit_len * times);
}

/* i * step + start as byte i. */
static struct str ramp(size_t n, int start, int step)
{
	char *p = arena_text(test_arena(), n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(start + (int)i * step);
	return str_of(p, n);
}

/* The definition of the remainder, a bit at a time. */
static uint32_t crc32c_by_definition(struct str s)
{
	uint32_t crc = ~0u;
	for (size_t i = 0; i < s.len; i++) {
		crc ^= (unsigned char)s.ptr[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
	}
	return ~crc;
}

START_TEST(crc32c_gives_the_values_of_rfc_3720)
	{
		static const unsigned char read_command[48] = { 0x01, 0xc0, [16] = 0x14, 0, 0, 0, 0,
			0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, [40] = 0x02 };
		const struct {
			struct str bytes;
			uint32_t crc;
		} cases[] = {
			{ repeat("\x00", 1, 32), 0x8a9136aa },
			{ repeat("\xff", 1, 32), 0x62a8ab43 },
			{ ramp(32, 0, 1), 0x46dd794e },
			{ ramp(32, 31, -1), 0x113fdb5c },
			{ str_of((const char *)read_command, sizeof read_command), 0xd9963a56 },
			{ STR("123456789"), 0xe3069283 },
			{ STR(""), 0 },
			{ STR_NULL, 0 },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			ck_assert_uint_eq(crc32c(0, cases[i].bytes), cases[i].crc);
			crc32c_fn *variant;
			for (unsigned v = 0; (variant = crc32c_variant(v)); v++)
				ck_assert_uint_eq(variant(0, cases[i].bytes), cases[i].crc);
		}
	}
END_TEST

/* Those of the machine, and the one that is chosen. */
static void compare_crc32c(uint32_t crc, struct str s, uint32_t want)
{
	crc32c_fn *variant;
	for (unsigned i = 0; (variant = crc32c_variant(i)); i++)
		if (variant(crc, s) != want)
			ck_abort_msg("variant %u is wrong about %zu bytes", i, s.len);
	ck_assert_uint_eq(crc32c(crc, s), want);
}

START_TEST(all_variants_agree_with_the_definition_at_every_length_and_alignment)
	{
		struct str all = ramp(600, 7, 151);
		for (size_t start = 0; start < 16; start++)
			for (size_t len = 0; len < 300; len++) {
				struct str s = str_of(all.ptr + start, len);
				compare_crc32c(0, s, crc32c_by_definition(s));
			}
	}
END_TEST

START_TEST(long_texts_have_the_remainder_of_the_definition)
	{
		struct str all = ramp(8000, 11, 37);
		for (size_t len = 300; len < all.len; len += len < 2000 ? 1 : 61) {
			struct str s = str_of(all.ptr + len % 8, len - 8);
			compare_crc32c(~0u, s, crc32c_variant(0)(~0u, s));
			compare_crc32c(0, s, crc32c_variant(0)(0, s));
		}
		ck_assert_uint_eq(crc32c(0, all), crc32c_by_definition(all));
	}
END_TEST

START_TEST(crc32c_goes_on_where_it_was_cut)
	{
		struct str all = ramp(1200, 3, 89);
		uint32_t want = crc32c_by_definition(all);
		for (size_t cut = 0; cut <= all.len; cut++) {
			struct str head = str_first(all, cut), tail = str_skip(all, cut);
			crc32c_fn *variant;
			for (unsigned i = 0; (variant = crc32c_variant(i)); i++)
				compare_crc32c(variant(0, head), tail, want);
		}
	}
END_TEST

START_TEST(hash64_is_xxh3_and_stays_so)
	{
		/* Values of XXH3 0.8: they stand in index files, so they may never change. */
		ck_assert_uint_eq(hash64(STR(""), 0), UINT64_C(0x2d06800538d394c2));
		ck_assert_uint_eq(hash64(STR_NULL, 0), UINT64_C(0x2d06800538d394c2));
		ck_assert_uint_eq(hash64(STR("a"), 0), UINT64_C(0xe6c632b61e964e1f));
		ck_assert_uint_eq(hash64(STR("abc"), 0), UINT64_C(0x78af5f94892f3950));
		ck_assert_uint_ne(hash64(STR("abc"), 1), hash64(STR("abc"), 0));
		ck_assert_uint_ne(hash64(STR("abc\0"), 0), hash64(STR("abc"), 0));
	}
END_TEST

START_TEST(sha256_gives_the_values_of_fips_180)
	{
		static const char million[] = "a";
		const struct {
			struct str bytes;
			const char *hex;
		} cases[] = {
			{ STR(""), "e3b0c44298fc1c149afbf4c8996fb924"
				   "27ae41e4649b934ca495991b7852b855" },
			{ STR_NULL, "e3b0c44298fc1c149afbf4c8996fb924"
				    "27ae41e4649b934ca495991b7852b855" },
			{ STR("abc"), "ba7816bf8f01cfea414140de5dae2223"
				      "b00361a396177a9cb410ff61f20015ad" },
			{ STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
				"248d6a61d20638b8e5c026930c3e6039"
				"a33ce45964ff2167f6ecedd419db06c1" },
			{ STR("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
			      "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
				"cf5b16a778af8380036ce59e7b049237"
				"0b249b11e8f07a51afac45037afee9d1" },
			{ repeat(million, 1, 1000000), "cdc76e5c9914fb9281a1c7e284d73e67"
						       "f1809a48a497200e046d39ccc7112cd0" },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			unsigned char digest[SHA256_BYTES];
			struct buf hex;
			buf_init(&hex, test_arena());
			sha256(cases[i].bytes, digest);
			buf_add_hex(&hex, str_of((const char *)digest, sizeof digest));
			ck_assert_str_is(buf_str(&hex), str_from_c(cases[i].hex));
		}
	}
END_TEST

START_TEST(secrets_differ_by_any_bit)
	{
		unsigned char a[SHA256_BYTES], b[SHA256_BYTES];
		sha256(STR("a key"), a);
		memcpy(b, a, sizeof b);
		ck_assert(secret_equal(a, b, sizeof a));
		for (size_t i = 0; i < sizeof a; i++)
			for (int bit = 0; bit < 8; bit++) {
				b[i] ^= (unsigned char)(1 << bit);
				ck_assert(!secret_equal(a, b, sizeof a));
				b[i] ^= (unsigned char)(1 << bit);
			}
		ck_assert(secret_equal(a, b, 0));
	}
END_TEST

UNIT_MAIN("hash", crc32c_gives_the_values_of_rfc_3720,
	all_variants_agree_with_the_definition_at_every_length_and_alignment,
	long_texts_have_the_remainder_of_the_definition, crc32c_goes_on_where_it_was_cut,
	hash64_is_xxh3_and_stays_so, sha256_gives_the_values_of_fips_180, secrets_differ_by_any_bit)
