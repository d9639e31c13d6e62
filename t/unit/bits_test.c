/* The loops of bits.h against their plain meaning, on values at all the edges. */
#include "query/rows/bits.h"

#include "random.h"
#include "unit.h"

enum { N_MAX = 700, ROUNDS = 300 };

static const unsigned widths[] = { 1, 2, 4, 8 };

static uint64_t max_of(unsigned width)
{
	return width == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * width) - 1;
}

static uint64_t random_value(struct rng *r, uint64_t max)
{
	switch (rng_below(r, 4)) {
	case 0:
		return rng_below(r, 5) & max;
	case 1:
		return max - rng_below(r, 5);
	case 2:
		return (max / 2 + rng_below(r, 5)) & max;
	default:
		return rng_next(r) & max;
	}
}

/* Values in memory that ends with them, so that a sanitizer sees every byte too many. */
static char *random_values(struct rng *r, unsigned width, size_t n, uint64_t max)
{
	char *values = malloc(n * width + 1);
	for (size_t i = 0; i < n; i++) {
		uint64_t v = random_value(r, max);
		memcpy(values + 1 + i * width, &v, width);
	}
	return values;
}

static uint64_t value_at(const char *values, unsigned width, size_t i)
{
	uint64_t v = 0;
	memcpy(&v, values + 1 + i * width, width);
	return v;
}

static void check_words(const uint64_t *got, const uint64_t *want, size_t n)
{
	for (size_t w = 0; w < bits_words(n); w++)
		ck_assert_msg(got[w] == want[w], "word %zu of %zu rows: %016llx, want %016llx", w,
			n, (unsigned long long)got[w], (unsigned long long)want[w]);
}

static void check_range(struct rng *r, unsigned width)
{
	size_t n = 1 + rng_below(r, N_MAX);
	uint64_t max = max_of(width), got[N_MAX / BITS + 2], want[N_MAX / BITS + 2] = { 0 };
	char *values = random_values(r, width, n, max);
	/* Bounds that no value of that width reaches too, and empty ranges. */
	uint64_t low = random_value(r, rng_below(r, 5) ? max : UINT64_MAX);
	uint64_t high = random_value(r, rng_below(r, 5) ? max : UINT64_MAX);
	for (size_t i = 0; i < n; i++)
		if (value_at(values, width, i) >= low && value_at(values, width, i) <= high)
			bits_set(want, i);
	bits_range(values + 1, width, n, low, high, got);
	check_words(got, want, n);
	free(values);
}

START_TEST(a_range_is_the_values_between_two_bounds)
	{
		struct rng r = rng_from_seed();
		for (unsigned w = 0; w < 4; w++)
			for (unsigned round = 0; round < ROUNDS; round += (unsigned)unit_step())
				check_range(&r, widths[w]);
	}
END_TEST

static void check_member(struct rng *r, unsigned width)
{
	enum { CODES = 1000 };
	size_t n = 1 + rng_below(r, N_MAX), n_codes = width == 1 ? 256 : 1 + rng_below(r, CODES);
	uint64_t set[CODES / BITS + 1] = { 0 };
	uint64_t got[N_MAX / BITS + 2], want[N_MAX / BITS + 2] = { 0 };
	char *values = malloc(n * width + 1);
	for (size_t i = 0; i < n_codes; i++)
		if (rng_below(r, 2))
			bits_set(set, i);
	for (size_t i = 0; i < n; i++) {
		uint64_t v = rng_below(r, n_codes);
		memcpy(values + 1 + i * width, &v, width);
		if (bits_has(set, v))
			bits_set(want, i);
	}
	bits_member(values + 1, width, n, set, got);
	check_words(got, want, n);
	free(values);
}

START_TEST(members_are_the_values_whose_bit_is_set)
	{
		struct rng r = rng_from_seed();
		for (unsigned w = 0; w < 4; w++)
			for (unsigned round = 0; round < ROUNDS; round += (unsigned)unit_step())
				check_member(&r, widths[w]);
	}
END_TEST

static void check_spread(struct rng *r)
{
	size_t n_words = 1 + rng_below(r, N_MAX / BITS), n_present = 0;
	uint64_t present[N_MAX / BITS + 1], got[N_MAX / BITS + 1];
	uint64_t want[N_MAX / BITS + 1] = { 0 };
	for (size_t w = 0; w < n_words; w++) {
		unsigned fill = (unsigned)rng_below(r, 4);
		present[w] = fill == 0 ? 0 : fill == 1 ? UINT64_MAX : rng_next(r);
		n_present += (size_t)__builtin_popcountll(present[w]);
	}
	uint64_t *packed = calloc(bits_words(n_present) + !n_present, sizeof *packed);
	for (size_t i = 0, at = 0; i < n_words * BITS; i++) {
		if (!bits_has(present, i))
			continue;
		if (rng_below(r, 2)) {
			bits_set(packed, at);
			bits_set(want, i);
		}
		at++;
	}
	bits_spread(packed, present, n_words, got);
	check_words(got, want, n_words * BITS);
	free(packed);
}

START_TEST(packed_bits_spread_over_the_rows_that_are_there)
	{
		struct rng r = rng_from_seed();
		for (unsigned round = 0; round < ROUNDS; round += (unsigned)unit_step())
			check_spread(&r);
	}
END_TEST

static void check_unpack(struct rng *r, unsigned width)
{
	size_t n = rng_below(r, N_MAX);
	char *values = random_values(r, width, n, max_of(width));
	int64_t *got = calloc(n + 1, sizeof *got);
	int64_t base = (int64_t)rng_next(r) >> rng_below(r, 64);
	int64_t scale = (int64_t)(rng_next(r) >> rng_below(r, 64));
	bits_unpack(values + 1, width, n, base, scale, got);
	for (size_t i = 0; i < n; i++) {
		uint64_t want = (uint64_t)base + (uint64_t)scale * value_at(values, width, i);
		ck_assert_msg((uint64_t)got[i] == want, "value %zu", i);
	}
	free(got);
	free(values);
}

START_TEST(values_are_unpacked_from_a_base_and_a_scale)
	{
		struct rng r = rng_from_seed();
		for (unsigned w = 0; w < 4; w++)
			for (unsigned round = 0; round < ROUNDS; round += (unsigned)unit_step())
				check_unpack(&r, widths[w]);
	}
END_TEST

START_TEST(bits_are_counted_and_cut_at_the_last_row)
	{
		uint64_t bits[2] = { UINT64_MAX, 5 };
		ck_assert_uint_eq(bits_count(bits, 2), 66);
		ck_assert_uint_eq(bits_words(64), 1);
		ck_assert_uint_eq(bits_words(65), 2);
		ck_assert_uint_eq(bits_of_word(65, 0), UINT64_MAX);
		ck_assert_uint_eq(bits_of_word(65, 1), 1);
		ck_assert_uint_eq(bits_of_word(128, 1), UINT64_MAX);
	}
END_TEST

UNIT_MAIN("bits", a_range_is_the_values_between_two_bounds, members_are_the_values_whose_bit_is_set,
	packed_bits_spread_over_the_rows_that_are_there,
	values_are_unpacked_from_a_base_and_a_scale, bits_are_counted_and_cut_at_the_last_row)
