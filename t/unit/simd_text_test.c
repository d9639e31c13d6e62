#include "base/simd_text.h"

#include "random.h"
#include "unit.h"

enum { LONGEST = 300, ALIGNMENTS = 64 };

typedef size_t kernel(const char *ptr, size_t len);

/* One kernel of two variants on the same bytes; ptr ends where its block ends, so that a sanitizer
 * sees a read past it. */
static void compare(kernel *plain, kernel *other, const char *name, const char *ptr, size_t len)
{
	size_t want = plain(ptr, len), got = other(ptr, len);
	if (want != got)
		ck_abort_msg("%s: %zu, want %zu of %zu in \"%.*s\"", name, got, want, len, (int)len,
			ptr);
}

/* The plain one against what is said of it, the others against the plain one. */
static void compare_escape(const struct text_kernels *k, const char *ptr, size_t len)
{
	char *to = malloc(len * TEXT_ESCAPE_MAX + TEXT_BESIDE);
	char *want = malloc(len * TEXT_ESCAPE_MAX + TEXT_BESIDE);
	size_t got = k->escape(to, ptr, len);
	size_t n = text_kernels(0)->escape(want, ptr, len);
	if (n != got || memcmp(to, want, got) != 0)
		ck_abort_msg(
			"%s: %zu escaped, want %zu, of \"%.*s\"", k->name, got, n, (int)len, ptr);
	free(to);
	free(want);
}

static void compare_all(const char *ptr, size_t len)
{
	const struct text_kernels *plain = text_kernels(0), *k;
	for (unsigned i = 1; (k = text_kernels(i)); i++) {
		compare_escape(k, ptr, len);
		compare(plain->high, k->high, k->name, ptr, len);
		compare(plain->special, k->special, k->name, ptr, len);
		compare(plain->ascii_body, k->ascii_body, k->name, ptr, len);
		compare(plain->canonical_body, k->canonical_body, k->name, ptr, len);
		compare(plain->string_end, k->string_end, k->name, ptr, len);
		compare(plain->container_end, k->container_end, k->name, ptr, len);
	}
}

START_TEST(plain_kernels_find_what_they_are_for)
	{
		const struct text_kernels *k = text_kernels(0);
		for (int c = 0; c < 256; c++) {
			char text[3] = { 'a', (char)c, 'x' };
			bool special = c == '"' || c == '\\' || c < 0x20;
			ck_assert_uint_eq(k->high(text, 3), c >= 0x80 ? 1 : 3);
			ck_assert_uint_eq(k->special(text, 3), special ? 1 : 3);
			ck_assert_uint_eq(k->ascii_body(text, 3), special || c >= 0x80 ? 1 : 3);
			ck_assert_uint_eq(k->canonical_body(text, 3), special ? 1 : 3);
			ck_assert_uint_eq(k->string_end(text, 3), c == '"' ? 1 : 3);
			char escape[4] = { 'a', '\\', (char)c, 'x' };
			bool is_canonical = c && strchr("\"\\bfnrt", c);
			ck_assert_uint_eq(k->canonical_body(escape, 4), is_canonical ? 4 : 1);
			ck_assert_uint_eq(
				k->ascii_body(escape, 4), is_canonical || c == '/' ? 4 : 1);
			ck_assert_uint_eq(k->string_end(escape, 4), 4);
			char escaped[3 * TEXT_ESCAPE_MAX + TEXT_BESIDE], want[16] = "a";
			const char *letter = c ? strchr("\"\"\\\\\bb\tt\nn\ff\rr", c) : NULL;
			if (c < 0x20 && !letter)
				(void)snprintf(want, sizeof want, "a\\u%04x", (unsigned)c);
			else if (special)
				(void)snprintf(want, sizeof want, "a\\%c", letter[1]);
			else
				want[1] = (char)c;
			want[strlen(want)] = 'x';
			size_t n = k->escape(escaped, text, 3);
			ck_assert_str_eq(arena_copy_c(test_arena(), str_of(escaped, n)), want);
		}
		ck_assert_uint_eq(k->ascii_body("a\\", 2), 1);
		ck_assert_uint_eq(k->canonical_body("\\\\\\", 3), 2);
		ck_assert_uint_eq(k->string_end("a\\\"b\\\\\"c", 8), 6);
		ck_assert_uint_eq(k->string_end("a\\", 2), 2);
		ck_assert_uint_eq(k->special("", 0), 0);
		ck_assert_uint_eq(k->container_end("}", 1), 0);
		ck_assert_uint_eq(k->container_end("[]]", 3), 2);
		ck_assert_uint_eq(k->container_end("\"]\\\"]\"{}]", 9), 8);
		ck_assert_uint_eq(k->container_end("[{}]", 4), 4);
	}
END_TEST

START_TEST(variants_agree_for_every_byte_position_length_and_alignment)
	{
		for (size_t len = 0; len <= 3 * (size_t)64; len++) {
			/* The text ends with the block, at another alignment each time. */
			char *block = malloc(len + 1), *ptr = block + 1;
			memset(ptr, 'x', len);
			compare_all(ptr, len);
			static const char hits[] = { '"', '\\', '/', 'n', '\x1f', '\0', '\x20',
				'\x21', '\x23', '\x5b', '\x5d', '\x7f', '\x80', '\xff', '{', '}' };
			for (size_t at = 0; at < len; at++) {
				ptr[at] = hits[at % sizeof hits];
				compare_all(ptr, len);
				compare_all(ptr, at);
				ptr[at] = hits[len % sizeof hits];
				compare_all(ptr, len);
				ptr[at] = 'x';
			}
			free(block);
		}
		char *block = malloc(2 * (size_t)ALIGNMENTS + LONGEST);
		memset(block, 'x', 2 * (size_t)ALIGNMENTS + LONGEST);
		for (size_t start = 0; start < ALIGNMENTS; start++)
			for (size_t at = 0; at < LONGEST; at += 7) {
				block[start + at] = '"';
				compare_all(block + start, LONGEST);
				block[start + at] = 'x';
			}
		free(block);
	}
END_TEST

START_TEST(variants_agree_on_random_text_full_of_what_they_look_for)
	{
		struct rng r = rng_from_seed();
		static const char letters[] = "\\\\\\\"\"an/\n\x80{}[]]]u";
		for (int round = 0; round < 20000; round += unit_step()) {
			size_t len = rng_below(&r, LONGEST),
			       kinds = 1 + rng_below(&r, sizeof letters - 1);
			bool is_dense = rng_below(&r, 2);
			char *ptr = malloc(len + 1);
			for (size_t i = 0; i < len; i++)
				ptr[i] = is_dense || rng_below(&r, 20) == 0
						 ? letters[rng_below(&r, kinds)]
						 : 'a';
			/* Cut at random, but always by the end of the block. */
			ptr = realloc(ptr, len ? len : 1);
			size_t from = rng_below(&r, len + 1);
			compare_all(ptr + from, len - from);
			free(ptr);
		}
	}
END_TEST

UNIT_MAIN("simd_text", plain_kernels_find_what_they_are_for,
	variants_agree_for_every_byte_position_length_and_alignment,
	variants_agree_on_random_text_full_of_what_they_look_for)
