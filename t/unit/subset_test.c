/* Lists of numbers, written in few bits and read back. */
#include "unit.h"

#include "index/terms/subset.h"
#include "random.h"

#include <math.h>

enum { OF_MAX = 20000 }; /* many codes are taken several at a time */

struct list {
	uint32_t members[OF_MAX];
	uint32_t n, of;
};

static void random_list(struct rng *r, struct list *l)
{
	size_t share = rng_below(r, 1001), run = 0;
	bool is_in = false, has_runs = rng_below(r, 3) == 0;
	l->of = (uint32_t)rng_below(r, rng_below(r, 4) ? rng_below(r, 2) ? 70 : 3000 : OF_MAX);
	l->n = 0;
	for (uint32_t i = 0; i < l->of; i++) {
		if (!has_runs || run-- == 0) {
			is_in = rng_below(r, 1000) < share;
			run = rng_below(r, 300);
		}
		if (is_in)
			l->members[l->n++] = i;
	}
}

/* Where nothing behind the end, but the slack, may be read. */
static struct str tight(struct arena *a, struct buf *b)
{
	char *p = arena_block(a, NULL, b->len + SUBSET_SLACK);
	if (b->len)
		memcpy(p, b->ptr, b->len);
	memset(p + b->len, 0xff, SUBSET_SLACK);
	return str_of(p, b->len);
}

START_TEST(what_is_read_is_what_was_written)
	{
		struct rng r = rng_from_seed();
		struct list l, next;
		for (int i = 0; i < 3000; i += unit_step()) {
			struct buf out;
			uint32_t back[OF_MAX + 1];
			uint64_t bits[OF_MAX / 64 + 1] = { 0 };
			random_list(&r, &l);
			random_list(&r, &next);
			buf_init(&out, test_arena());
			subset_put(&out, l.members, l.n, l.of);
			subset_put(&out, next.members, next.n, next.of);
			struct str left = tight(test_arena(), &out), same = left;
			back[l.n] = 12345;
			ck_assert(subset_take(&left, l.n, l.of, back));
			ck_assert_uint_eq(back[l.n], 12345);
			ck_assert(l.n == 0 || memcmp(back, l.members, l.n * sizeof back[0]) == 0);
			ck_assert(subset_take_bits(&same, l.n, l.of, bits));
			ck_assert_ptr_eq(same.ptr, left.ptr);
			uint32_t n = 0;
			for (size_t k = 0; k < sizeof bits / sizeof bits[0]; k++)
				for (uint64_t v = bits[k]; v; v &= v - 1, n++)
					back[n] = (uint32_t)(k * 64) + (uint32_t)__builtin_ctzll(v);
			ck_assert_uint_eq(n, l.n);
			ck_assert(l.n == 0 || memcmp(back, l.members, l.n * sizeof back[0]) == 0);
			ck_assert(subset_take(&left, next.n, next.of, back));
			ck_assert_uint_eq(left.len, 0);
			(void)arena_block(test_arena(), (char *)(uintptr_t)(left.ptr - out.len), 0);
			buf_release(&out);
		}
	}
END_TEST

START_TEST(any_bytes_give_numbers_below_the_bound_or_nothing)
	{
		struct rng r = rng_from_seed();
		enum { OF_MORE = 20000, BYTES_MAX = 4000 };
		static uint32_t back[OF_MORE + 1];
		char bytes[BYTES_MAX + SUBSET_SLACK];
		for (int i = 0; i < 20000; i += unit_step()) {
			bool is_long = rng_below(&r, 20) == 0;
			uint32_t most = is_long ? OF_MORE : rng_below(&r, 2) ? 3000 : 64;
			uint32_t of = (uint32_t)rng_below(&r, most);
			uint32_t n = (uint32_t)rng_below(&r, of + 2);
			uint64_t bits[OF_MORE / 64 + 1] = { 0 };
			bool has_zeros = rng_below(&r, 2);
			for (size_t k = 0; k < (is_long ? sizeof bytes : 401 + SUBSET_SLACK); k++)
				bytes[k] = (char)(has_zeros && rng_below(&r, 8) ? 0 : rng_next(&r));
			size_t len = rng_below(&r, is_long ? BYTES_MAX + 1 : 401);
			struct str s = str_of(bytes, len), same = s;
			bool ok = subset_take(&s, n, of, back);
			ck_assert_int_eq(subset_take_bits(&same, n, of, bits), ok);
			ck_assert(ok || n);
			bool are_fine = true;
			for (uint32_t k = 0; ok && k < n; k++)
				are_fine = are_fine && back[k] < of &&
					   (k == 0 || back[k] > back[k - 1]) &&
					   (bits[back[k] / 64] >> back[k] % 64 & 1);
			ck_assert(are_fine);
			ck_assert_uint_le(s.len, len);
		}
	}
END_TEST

/* Of 2,000 in 20,000 each code has three plain bits. The table of windows takes twelve codes of
 * zero, then none: a long code, whose plain bits would stand behind the end. What follows are codes
 * that fit. */
START_TEST(a_code_that_goes_beyond_the_end_is_refused_and_nothing_behind_it_is_read)
	{
		static const char list[] = "\x11\x11\x11\x11\x11\x11\x00\x80";
		enum { N = 2000, OF = 20000 };
		static uint32_t back[N + 1];
		uint64_t bits[OF / 64 + 2] = { 0 };
		struct buf b;
		buf_init(&b, test_arena());
		buf_add(&b, str_of(list, sizeof list - 1));
		struct str s = tight(test_arena(), &b), same = s;
		ck_assert(!subset_take(&s, N, OF, back));
		ck_assert(!subset_take_bits(&same, N, OF, bits));
		(void)arena_block(test_arena(), (char *)(uintptr_t)s.ptr, 0);
	}
END_TEST

/* Bits of a list whose members are there with that chance each, by the least that there is. */
static double entropy(double p)
{
	return -(p * log2(p) + (1 - p) * log2(1 - p));
}

START_TEST(lists_take_little_more_than_they_must)
	{
		static const double shares[] = { 0.001, 0.01, 0.1, 0.3, 0.5, 0.9, 0.99 };
		struct rng r = rng_from_seed();
		enum { OF = 200000 };
		uint32_t *members = malloc(OF * sizeof *members);
		ck_assert_ptr_nonnull(members);
		for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
			struct buf out;
			uint32_t n = 0;
			for (uint32_t k = 0; k < OF; k++)
				if ((double)rng_below(&r, 1000000) < shares[i] * 1e6)
					members[n++] = k;
			buf_init(&out, test_arena());
			subset_put(&out, members, n, OF);
			ck_assert_double_lt((double)out.len * 8, entropy(shares[i]) * OF * 1.15);
			buf_release(&out);
		}
		free(members);
	}
END_TEST

UNIT_MAIN("subset", what_is_read_is_what_was_written,
	any_bytes_give_numbers_below_the_bound_or_nothing,
	a_code_that_goes_beyond_the_end_is_refused_and_nothing_behind_it_is_read,
	lists_take_little_more_than_they_must)
