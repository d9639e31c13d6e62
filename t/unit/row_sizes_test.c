/* Lists of rows, written by the sizes of the rows and read back. */
#include "unit.h"

#include "base/cpu.h"
#include "index/terms/row_sizes.h"
#include "index/terms/subset.h"
#include "random.h"

enum { ROWS_MAX = 3000, WORDS_MAX = ROWS_MAX / 64 + 1 };

/* Large rows are more often in the list. */
struct list {
	uint8_t sizes[ROWS_MAX];
	uint32_t rows[ROWS_MAX], n, n_rows;
};

static void random_list(struct rng *r, struct list *l)
{
	size_t n_sizes = 1 + rng_below(r, ROW_SIZES), often = rng_below(r, ROW_SIZES);
	size_t one_in = rng_below(r, 2) ? 1 : 1 + rng_below(r, 40);
	l->n = 0;
	l->n_rows = 1 + (uint32_t)rng_below(r, rng_below(r, 2) ? 130 : ROWS_MAX);
	for (uint32_t i = 0; i < l->n_rows; i++) {
		l->sizes[i] = (uint8_t)rng_below(r, n_sizes);
		if (rng_below(r, one_in) == 0 &&
			rng_below(r, ROW_SIZES) <= (l->sizes[i] + often) % ROW_SIZES)
			l->rows[l->n++] = i;
	}
}

/* Aligned, with nothing behind it but what may be looked at. */
static char *tight(const struct buf *b)
{
	char *p = arena_block(test_arena(), NULL, b->len + SUBSET_SLACK);
	memset(p + b->len, 0xff, SUBSET_SLACK);
	return b->len ? memcpy(p, b->ptr, b->len) : p;
}

static uint64_t *tight_room(uint32_t n_rows)
{
	return arena_block(test_arena(), NULL, row_list_room(n_rows) * sizeof(uint64_t));
}

START_TEST(what_is_read_is_what_was_written)
	{
		struct rng r = rng_from_seed();
		struct list l;
		for (int i = 0; i < 1000; i += unit_step()) {
			struct row_sizes written, read;
			struct buf file, list;
			uint8_t sizes[ROWS_MAX];
			uint32_t room[ROWS_MAX];
			uint64_t bits[WORDS_MAX] = { 0 }, want[WORDS_MAX] = { 0 };
			random_list(&r, &l);
			buf_init(&file, test_arena());
			buf_init(&list, test_arena());
			row_sizes_make(&written, test_arena(), l.sizes, l.n_rows);
			row_sizes_put(&written, &file);
			ck_assert_uint_eq(file.len, row_sizes_bytes(l.n_rows));
			ck_assert(row_sizes_take(&read, tight(&file), l.n_rows));
			row_sizes_each(&read, sizes);
			ck_assert_mem_eq(sizes, l.sizes, l.n_rows);
			row_list_put(&list, &written, l.rows, l.n, room);
			struct str left = str_of(tight(&list), list.len), same = left;
			uint64_t *space = tight_room(l.n_rows);
			ck_assert(row_list_take(&left, l.n, &read, space, bits));
			ck_assert_uint_eq(left.len, 0);
			for (uint32_t k = 0; k < l.n; k++)
				want[l.rows[k] / 64] |= UINT64_C(1) << l.rows[k] % 64;
			ck_assert_mem_eq(bits, want, sizeof bits);
			/* And each row by itself, when they are few. */
			ck_assert(row_sizes_list(&written, test_arena()));
			memset(bits, 0, sizeof bits);
			ck_assert(row_list_take(&same, l.n, &written, space, bits));
			ck_assert_uint_eq(same.len, 0);
			ck_assert_mem_eq(bits, want, sizeof bits);
			(void)arena_block(test_arena(), space, 0);
			row_sizes_release(&written, test_arena());
		}
	}
END_TEST

START_TEST(any_bytes_give_rows_that_there_are_or_nothing)
	{
		struct rng r = rng_from_seed();
		struct list l;
		for (int i = 0; i < 3000; i += unit_step()) {
			struct row_sizes s;
			struct buf file;
			uint64_t bits[WORDS_MAX + 1] = { 0 };
			char bytes[100 + SUBSET_SLACK];
			random_list(&r, &l);
			buf_init(&file, test_arena());
			row_sizes_make(&s, test_arena(), l.sizes, l.n_rows);
			row_sizes_put(&s, &file);
			row_sizes_release(&s, test_arena());
			/* Sizes that do not go with how many have each, too. */
			if (rng_below(&r, 2)) {
				size_t at = rng_below(&r, file.len - sizeof s.n_of);
				file.ptr[sizeof s.n_of + at] = (char)rng_next(&r);
			}
			ck_assert(row_sizes_take(&s, tight(&file), l.n_rows));
			if (rng_below(&r, 2) && !row_sizes_list(&s, test_arena()))
				continue;
			uint64_t *space = tight_room(l.n_rows);
			for (size_t k = 0; k < sizeof bytes; k++)
				bytes[k] = (char)(rng_next(&r) & 0x7f);
			struct str left = str_of(bytes, rng_below(&r, 101));
			uint32_t most = rng_below(&r, 2) ? l.n_rows : l.n_rows / 8;
			uint32_t n = (uint32_t)rng_below(&r, most + 1);
			if (!row_list_take(&left, n, &s, space, bits))
				continue;
			uint32_t last = l.n_rows / 64;
			ck_assert_uint_eq(bits[last] >> l.n_rows % 64, 0);
			for (uint32_t w = last + 1; w <= WORDS_MAX; w++)
				ck_assert_uint_eq(bits[w], 0);
		}
	}
END_TEST

START_TEST(sizes_of_more_rows_than_there_are_do_not_pass)
	{
		struct row_sizes s;
		struct buf file;
		const uint8_t sizes[3] = { 1, 2, 2 };
		uint32_t more = 2;
		buf_init(&file, test_arena());
		row_sizes_make(&s, test_arena(), sizes, 3);
		row_sizes_put(&s, &file);
		row_sizes_release(&s, test_arena());
		memcpy(file.ptr + sizeof more, &more, sizeof more);
		ck_assert(!row_sizes_take(&s, tight(&file), 3));
	}
END_TEST

START_TEST(rows_of_a_size_that_are_not_as_many_as_is_said_are_not_listed)
	{
		struct row_sizes s, read;
		struct buf file;
		const uint8_t sizes[3] = { 1, 2, 2 };
		uint32_t swapped[2] = { 2, 1 };
		buf_init(&file, test_arena());
		row_sizes_make(&s, test_arena(), sizes, 3);
		row_sizes_put(&s, &file);
		row_sizes_release(&s, test_arena());
		memcpy(file.ptr + sizeof swapped[0], swapped, sizeof swapped);
		ck_assert(row_sizes_take(&read, tight(&file), 3));
		ck_assert(!row_sizes_list(&read, test_arena()));
		ck_assert_ptr_null(read.rows);
	}
END_TEST

START_TEST(rows_of_more_words_are_larger)
	{
		ck_assert_uint_eq(row_size_of(0), 0);
		ck_assert_uint_eq(row_size_of(31), 0);
		ck_assert_uint_eq(row_size_of(32), 1);
		ck_assert_uint_eq(row_size_of(63), 1);
		ck_assert_uint_eq(row_size_of(64), 2);
		ck_assert_uint_eq(row_size_of(2047), ROW_SIZES - 2);
		ck_assert_uint_eq(row_size_of(2048), ROW_SIZES - 1);
		ck_assert_uint_eq(row_size_of(UINT32_MAX), ROW_SIZES - 1);
	}
END_TEST

START_TEST(variants_put_bits_to_the_same_places)
	{
#ifdef __x86_64__
		struct rng r = rng_from_seed();
		for (int i = 0; cpu_has_bmi2() && i < 3000; i += unit_step()) {
			enum { WORDS = 9, ROWS = WORDS * 64 };
			uint64_t from[ROW_SIZES][WORDS + 1], plain[WORDS], fast[WORDS];
			uint8_t sizes[ROWS];
			uint32_t n = (uint32_t)rng_below(&r, ROWS + 1);
			struct row_sizes s;
			struct row_parts l = { .n = 0 };
			for (uint32_t k = 0; k < n; k++)
				sizes[k] =
					(uint8_t)(rng_below(&r, 2) ? 3 : rng_below(&r, ROW_SIZES));
			for (size_t w = 0; w < WORDS; w++)
				plain[w] = fast[w] = rng_below(&r, 2) ? 0 : rng_next(&r);
			for (unsigned k = 0; k < ROW_SIZES; k++) {
				for (size_t w = 0; w <= WORDS; w++)
					from[k][w] = rng_next(&r);
				if (rng_below(&r, 3) == 0)
					continue;
				l.size[l.n] = k;
				l.bits[l.n++] = from[k];
			}
			row_sizes_make(&s, test_arena(), sizes, n);
			s.n_of[rng_below(&r, ROW_SIZES)] += (uint32_t)(rng_below(&r, 10) == 0);
			bool ok = row_spread_plain(&l, &s, plain);
			ck_assert(ok == row_spread_bmi2(&l, &s, fast));
			ck_assert(!ok || memcmp(plain, fast, sizeof plain) == 0);
			row_sizes_release(&s, test_arena());
		}
#endif
	}
END_TEST

UNIT_MAIN("row_sizes", what_is_read_is_what_was_written,
	any_bytes_give_rows_that_there_are_or_nothing,
	sizes_of_more_rows_than_there_are_do_not_pass,
	rows_of_a_size_that_are_not_as_many_as_is_said_are_not_listed,
	rows_of_more_words_are_larger, variants_put_bits_to_the_same_places)
