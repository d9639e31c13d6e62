/* Words of hexadecimal digits, packed and unpacked. */
#include "unit.h"

#include "index/terms/pack.h"
#include "random.h"

#include <stdlib.h>

enum { WORDS = 600, LEN_MAX = 255 };

static int by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* A page of them, ascending, some with much in common. */
static struct str random_page(struct rng *r, size_t n_words)
{
	static const char digits[] = "0123456789abcdef";
	struct str words[WORDS];
	struct buf page;
	size_t longest = rng_below(r, 4) ? 20 : LEN_MAX, n_digits = 1 + rng_below(r, 16);
	for (size_t i = 0; i < n_words; i++) {
		size_t len = 1 + rng_below(r, longest);
		char *p = arena_text(test_arena(), len);
		for (size_t k = 0; k < len; k++)
			p[k] = digits[rng_below(r, n_digits)];
		words[i] = str_of(p, len);
	}
	qsort(words, n_words, sizeof words[0], by_text);
	buf_init(&page, test_arena());
	buf_add_char(&page, '\n');
	for (size_t i = 0; i < n_words; i++)
		buf_printf(&page, "%.*s\n", STR_ARG(words[i]));
	return buf_str(&page);
}

/* Nothing behind the slack may be read or written. */
static struct str with_slack(struct str bytes)
{
	char *p = arena_block(test_arena(), NULL, bytes.len + WORDS_PACK_SLACK);
	memset(p, 0xff, bytes.len + WORDS_PACK_SLACK);
	if (bytes.len)
		memcpy(p, bytes.ptr, bytes.len);
	return str_of(p, bytes.len);
}

START_TEST(what_is_unpacked_is_what_was_packed)
	{
		struct rng r = rng_from_seed();
		struct words_packer p;
		words_packer_init(&p, test_arena());
		for (int i = 0; i < 500; i += unit_step()) {
			struct str page = random_page(&r, 1 + rng_below(&r, WORDS));
			struct buf packed;
			buf_init(&packed, test_arena());
			ck_assert_int_eq(words_pack(&p, page, &packed), ERR_OK);
			struct str bytes = with_slack(buf_str(&packed));
			char *back = arena_block(test_arena(), NULL, page.len + WORDS_PACK_SLACK);
			ck_assert_int_eq(words_unpack(&p, bytes, back, (uint32_t)page.len), ERR_OK);
			ck_assert_mem_eq(back, page.ptr, page.len);
			ck_assert_int_eq(
				words_unpack(&p, bytes, back, (uint32_t)page.len - 1), ERR_UNSAFE);
			(void)arena_block(test_arena(), back, 0);
			buf_release(&packed);
		}
		words_packer_release(&p);
	}
END_TEST

START_TEST(damaged_pages_give_an_error_or_other_digits)
	{
		struct rng r = rng_from_seed();
		struct words_packer p;
		words_packer_init(&p, test_arena());
		for (int i = 0; i < 2000; i += unit_step()) {
			struct str page = random_page(&r, 1 + rng_below(&r, 40));
			struct buf packed;
			buf_init(&packed, test_arena());
			ck_assert_int_eq(words_pack(&p, page, &packed), ERR_OK);
			size_t at = rng_below(&r, packed.len);
			packed.ptr[at] = (char)(packed.ptr[at] ^ (1 << rng_below(&r, 8)));
			struct str bytes = with_slack(
				str_first(buf_str(&packed), packed.len - rng_below(&r, 2)));
			char *back = arena_block(test_arena(), NULL, page.len + WORDS_PACK_SLACK);
			enum err e = words_unpack(&p, bytes, back, (uint32_t)page.len);
			ck_assert(e == ERR_UNSAFE || (e == ERR_OK && back[0] == '\n'));
			(void)arena_block(test_arena(), back, 0);
			buf_release(&packed);
		}
		words_packer_release(&p);
	}
END_TEST

START_TEST(ids_take_little_more_than_their_digits)
	{
		enum { IDS = 600, ID_BYTES = 16 };
		struct rng r = rng_from_seed();
		struct str ids[IDS];
		struct buf page, packed;
		struct words_packer p;
		for (size_t i = 0; i < IDS; i++)
			ids[i] = arena_printf(
				test_arena(), "%016llx", (unsigned long long)rng_next(&r));
		qsort(ids, IDS, sizeof ids[0], by_text);
		buf_init(&page, test_arena());
		buf_init(&packed, test_arena());
		buf_add_char(&page, '\n');
		for (size_t i = 0; i < IDS; i++)
			buf_printf(&page, "%.*s\n", STR_ARG(ids[i]));
		words_packer_init(&p, test_arena());
		ck_assert_int_eq(words_pack(&p, buf_str(&page), &packed), ERR_OK);
		ck_assert_uint_lt(packed.len, IDS * ID_BYTES / 2);
		words_packer_release(&p);
	}
END_TEST

UNIT_MAIN("words_pack", what_is_unpacked_is_what_was_packed,
	damaged_pages_give_an_error_or_other_digits, ids_take_little_more_than_their_digits)
