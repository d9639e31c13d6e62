/* sort_window and sort_first against a full sort. */
#include "query/sort.h"

#include "random.h"
#include "unit.h"

struct item {
	uint32_t key, weight, number;
};

static int compare(const void *x, const void *y, void *user)
{
	const struct item *a = x, *b = y;
	(void)user;
	return (a->key > b->key) - (a->key < b->key);
}

static int compare_keys(const void *x, const void *y)
{
	return compare(x, y, NULL);
}

static uint64_t weight(const void *x, void *user)
{
	(void)user;
	return ((const struct item *)x)->weight;
}

static uint64_t sum(const struct item *items, size_t n, bool is_weighted)
{
	uint64_t w = 0;
	for (size_t i = 0; i < n; i++)
		w += is_weighted ? items[i].weight : 1;
	return w;
}

/* The keys in the window are those of a full sort, and no item is lost. */
static void check(struct rng *r, size_t n, size_t keys, bool is_weighted)
{
	struct item *items = calloc(n + 1, sizeof *items), *want = calloc(n + 1, sizeof *want);
	bool *seen = calloc(n + 1, sizeof *seen);
	for (size_t i = 0; i < n; i++)
		items[i] = (struct item){ (uint32_t)rng_below(r, keys),
			1 + (uint32_t)rng_below(r, 9), (uint32_t)i };
	memcpy(want, items, n * sizeof *items);
	if (n)
		qsort(want, n, sizeof *want, compare_keys);
	uint64_t total = sum(items, n, is_weighted);
	uint64_t from = rng_below(r, total + 2), to = from + rng_below(r, total + 2);
	sort_window(items, n, sizeof *items, from, to, compare, is_weighted ? weight : NULL, NULL);
	uint64_t at = 0;
	for (size_t i = 0; i < n; i++) {
		ck_assert(!seen[items[i].number]);
		seen[items[i].number] = true;
		uint64_t w = is_weighted ? items[i].weight : 1;
		if (at < to && at + w > from)
			ck_assert_uint_eq(items[i].key, want[i].key);
		at += w;
	}
	/* Ahead and behind are separated by key too. */
	for (size_t i = 0, k = 0; i < n; i++) {
		uint64_t before = sum(items, i, is_weighted);
		if (before < from || before >= to)
			continue;
		for (k = 0; k < i; k++)
			ck_assert_uint_le(items[k].key, items[i].key);
		for (k = i + 1; k < n; k++)
			ck_assert_uint_ge(items[k].key, items[i].key);
		break;
	}
	free(items);
	free(want);
	free(seen);
}

START_TEST(a_window_is_that_of_a_full_sort)
	{
		struct rng r = rng_from_seed();
		for (unsigned round = 0; round < 400; round += (unsigned)unit_step())
			check(&r, rng_below(&r, 300), 1 + rng_below(&r, 400), false);
	}
END_TEST

START_TEST(items_may_weigh_more_than_one_rank)
	{
		struct rng r = rng_from_seed();
		for (unsigned round = 0; round < 400; round += (unsigned)unit_step())
			check(&r, rng_below(&r, 300), 1 + rng_below(&r, 400), true);
	}
END_TEST

/* The first ones are those of a full sort, and no item is lost. */
static void check_first(struct rng *r, size_t n, size_t keys, size_t to)
{
	struct item *items = calloc(n + 1, sizeof *items), *want = calloc(n + 1, sizeof *want);
	bool *seen = calloc(n + 1, sizeof *seen);
	for (size_t i = 0; i < n; i++)
		items[i] = (struct item){ (uint32_t)rng_below(r, keys), 0, (uint32_t)i };
	memcpy(want, items, n * sizeof *items);
	qsort(want, n, sizeof *want, compare_keys);
	size_t from = rng_below(r, to + 1);
	sort_first(items, n, sizeof *items, from, to, compare, NULL);
	size_t n_wrong = 0;
	for (size_t i = 0; i < n; i++) {
		n_wrong += seen[items[i].number];
		seen[items[i].number] = true;
		if (i >= from && i < to)
			n_wrong += items[i].key != want[i].key;
		else if (i >= to && to)
			n_wrong += items[i].key < want[to - 1].key;
		else if (to > from)
			n_wrong += items[i].key > want[from].key;
	}
	ck_assert_uint_eq(n_wrong, 0);
	free(items);
	free(want);
	free(seen);
}

START_TEST(the_first_are_those_of_a_full_sort)
	{
		struct rng r = rng_from_seed();
		for (unsigned round = 0; round < 100; round += (unsigned)unit_few(5, 1)) {
			size_t n = 1 + rng_below(&r, 4000);
			size_t few = n / SORT_HEAP_SHARE < SORT_HEAP_MAX ? n / SORT_HEAP_SHARE
									 : SORT_HEAP_MAX;
			check_first(&r, n, 1 + rng_below(&r, 5000), rng_below(&r, few + 1));
			check_first(&r, n, 1 + rng_below(&r, 5000), few);
			check_first(&r, n, 1 + rng_below(&r, 5000), few + 1);
			check_first(&r, n, 1 + rng_below(&r, 5000), n);
		}
	}
END_TEST

START_TEST(equal_items_cost_no_time)
	{
		enum { N = 100000 };
		struct item *items = calloc(N, sizeof *items);
		sort_window(items, N, sizeof *items, 0, N, compare, NULL, NULL);
		for (size_t i = 0; i < N; i++)
			ck_assert_uint_eq(items[i].key, 0);
		free(items);
	}
END_TEST

UNIT_MAIN("sort", a_window_is_that_of_a_full_sort, items_may_weigh_more_than_one_rank,
	the_first_are_those_of_a_full_sort, equal_items_cost_no_time)
