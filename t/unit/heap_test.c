/* What a heap keeps against a full sort. */
#include "query/page/heap.h"

#include "random.h"
#include "unit.h"

struct item {
	uint32_t key, number;
};

static size_t n_compared;

static int item_compare(void *x, void *y, void *user)
{
	const struct item *a = x, *b = y;
	(void)user;
	n_compared++;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static int item_order(const void *x, const void *y)
{
	return item_compare((void *)(uintptr_t)x, (void *)(uintptr_t)y, NULL);
}

static void check(struct rng *r, size_t n, size_t limit, size_t n_keys)
{
	struct arena *a = test_arena();
	struct item *all = arena_calloc(a, n + 1, sizeof *all);
	struct heap h;
	heap_init(&h, a, sizeof *all, limit, item_compare, NULL);
	for (size_t i = 0; i < n; i++) {
		struct item item = { (uint32_t)rng_below(r, n_keys), (uint32_t)i };
		const struct item *last = heap_last(&h);
		bool is_among = limit && (!last || item_compare(&item, h.items, NULL) < 0);
		ck_assert(heap_put(&h, &item) == is_among);
		all[i] = item;
	}
	if (n)
		qsort(all, n, sizeof *all, item_order);
	size_t kept = limit < n ? limit : n, from = (size_t)rng_below(r, kept + 2);
	const struct item *got = heap_finish(&h, from);
	ck_assert_uint_eq(h.n, kept);
	for (size_t i = from; i < kept; i++)
		ck_assert_uint_eq(got[i - from].number, all[i].number);
	heap_release(&h);
}

START_TEST(the_first_ones_are_those_of_a_full_sort)
	{
		struct rng r = { 7 };
		for (int i = 0; i < 2000; i++)
			check(&r, (size_t)rng_below(&r, 300), (size_t)rng_below(&r, 120),
				1 + (size_t)rng_below(&r, 40));
		check(&r, 5000, SIZE_MAX, 1000);
		check(&r, 5000, 0, 1000);
	}
END_TEST

/* The last one that is kept gives its place to a lesser one without another comparison. */
START_TEST(a_lesser_item_replaces_the_last)
	{
		struct heap h;
		heap_init(&h, test_arena(), sizeof(struct item), 2, item_compare, NULL);
		for (uint32_t i = 0; i < 2; i++) {
			ck_assert_ptr_null(heap_last(&h));
			ck_assert(heap_put(&h, &(struct item){ 10 + i, i }));
		}
		ck_assert_uint_eq(((struct item *)heap_last(&h))->key, 11);
		heap_replace_last(&h, &(struct item){ 3, 2 });
		const struct item *got = heap_finish(&h, 0);
		ck_assert_uint_eq(got[0].key, 3);
		ck_assert_uint_eq(got[1].key, 10);
		heap_release(&h);
	}
END_TEST

/* Most items cost one comparison, whatever is kept. */
START_TEST(what_comes_too_late_costs_one_comparison)
	{
		enum { LIMIT = 100, ITEMS = 100000 };
		struct heap h;
		heap_init(&h, test_arena(), sizeof(struct item), LIMIT, item_compare, NULL);
		n_compared = 0;
		for (uint32_t i = 0; i < ITEMS; i++)
			(void)heap_put(&h, &(struct item){ i, i });
		ck_assert_uint_lt(n_compared, ITEMS + 20 * LIMIT);
		heap_release(&h);
	}
END_TEST

UNIT_MAIN("heap", the_first_ones_are_those_of_a_full_sort, a_lesser_item_replaces_the_last,
	what_comes_too_late_costs_one_comparison)
