#include "base/table.h"

#include "random.h"
#include "unit.h"

struct thing {
	uint64_t hash;
	uint64_t name;
};

static struct thing *find(const struct table *t, uint64_t hash, uint64_t name)
{
	struct table_probe p = table_probe(t, hash);
	struct thing *thing;
	while ((thing = table_next(t, &p)) && thing->name != name)
		;
	return thing;
}

START_TEST(what_was_added_is_found_also_with_equal_hashes)
	{
		struct table t;
		struct rng r = rng_from_seed();
		table_init(&t, test_arena(), sizeof(struct thing));
		ck_assert_ptr_null(find(&t, 1, 1));
		for (uint64_t i = 0; i < 1500; i++) {
			struct thing *thing = table_add(&t, i % 7 ? i << 32 : 3);
			thing->name = i;
		}
		ck_assert_uint_eq(t.n, 1500);
		for (int i = 0; i < 1500; i++) {
			uint64_t name = rng_below(&r, 1500), hash = name % 7 ? name << 32 : 3;
			struct thing *thing = find(&t, hash, name);
			ck_assert_ptr_nonnull(thing);
			ck_assert_ptr_eq(thing, table_row(&t, name));
			ck_assert_ptr_null(find(&t, hash + 1, name));
			ck_assert_ptr_null(find(&t, hash, 1500));
		}
		table_release(&t);
		ck_assert_uint_eq(test_arena()->used_bytes, 0);
	}
END_TEST

START_TEST(a_frozen_table_keeps_its_rows_only)
	{
		struct table t;
		table_init(&t, test_arena(), sizeof(struct thing));
		((struct thing *)table_add(&t, 9))->name = 1;
		table_freeze(&t);
		ck_assert_uint_eq(t.n, 1);
		ck_assert_uint_eq(((struct thing *)table_row(&t, 0))->name, 1);
		ck_assert_ptr_null(find(&t, 9, 1));
		table_release(&t);
		table_release(&t);
	}
END_TEST

START_TEST(rows_of_a_large_table_stay_moderate)
	{
		enum { ROWS = 100000, ROW_BYTES = 40 };
		struct table t;
		table_init(&t, test_arena(), ROW_BYTES);
		for (uint64_t i = 0; i < ROWS; i++)
			(void)table_add(&t, i * UINT64_C(0x9e3779b97f4a7c15));
		ck_assert_uint_le(test_arena()->used_bytes, (size_t)ROWS * 72);
		table_freeze(&t);
		ck_assert_uint_le(test_arena()->used_bytes, (size_t)ROWS * 60);
	}
END_TEST

START_TEST(kept_bytes_survive_a_rewind)
	{
		struct arena *a = test_arena();
		struct string_pool k;
		struct arena_mark m = arena_mark(a);
		struct str kept[2000];
		char text[200];
		string_pool_init(&k, a);
		for (size_t i = 0; i < 2000; i++) {
			memset(text, 'a' + (int)(i % 26), sizeof text);
			kept[i] = string_pool_copy(&k, str_of(text, i % sizeof text));
		}
		char *large = string_pool_bytes(&k, 300000);
		memset(large, 'x', 300000);
		arena_rewind(a, m);
		for (size_t i = 0; i < 2000; i++) {
			ck_assert_uint_eq(kept[i].len, i % sizeof text);
			for (size_t j = 0; j < kept[i].len; j++)
				ck_assert_int_eq(kept[i].ptr[j], 'a' + (int)(i % 26));
		}
		ck_assert(str_is_null(string_pool_copy(&k, STR_NULL)));
		ck_assert(!str_is_null(string_pool_copy(&k, STR(""))));
		string_pool_release(&k);
		ck_assert_uint_eq(a->used_bytes, 0);
	}
END_TEST

UNIT_MAIN("table", what_was_added_is_found_also_with_equal_hashes,
	a_frozen_table_keeps_its_rows_only, rows_of_a_large_table_stay_moderate,
	kept_bytes_survive_a_rewind)
