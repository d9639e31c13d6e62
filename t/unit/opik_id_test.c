/* Hex ids as UUIDs of version 7, and back. */
#include "random.h"
#include "semconv/opik_id.h"
#include "unit.h"

#include "base/uuid.h"

static const struct {
	const char *id, *shown;
} pairs[] = {
	{ "b7ad6b7169203331", "80000000-0000-700b-87ad-6b7169203331" },
	{ "0000000000000000", "80000000-0000-7000-8000-000000000000" },
	{ "ffffffffffffffff", "80000000-0000-700f-8fff-ffffffffffff" },
	{ "0af7651916cd43dd8448eb211c80319c", "8af76519-16cd-73dd-8448-eb211c80319c" },
	{ "0af7651916cd43dd3448eb211c80319c", "8af76519-16cd-73dd-b448-eb211c80319c" },
	{ "019c0000000070008000000000000001", "019c0000-0000-7000-8000-000000000001" },
	{ "03ffffffffff7fffbfffffffffffffff", "03ffffff-ffff-7fff-bfff-ffffffffffff" },
	/* Of another version, variant or time. */
	{ "019c0000000040008000000000000001", "819c0000-0000-7000-8000-000000000001" },
	{ "019c000000007000c000000000000001", "819c0000-0000-7000-8000-000000000001" },
	{ "009c0000000070008000000000000001", "809c0000-0000-7000-8000-000000000001" },
	{ "049c0000000070008000000000000001", "849c0000-0000-7000-8000-000000000001" },
	/* No hex ids. */
	{ "019c0000-0000-7000-8000-000000000001", "019c0000-0000-7000-8000-000000000001" },
	{ "B7AD6B7169203331", "B7AD6B7169203331" },
	{ "b7ad6b716920333", "b7ad6b716920333" },
	{ "b7ad6b716920333g", "b7ad6b716920333g" },
	{ "b7ad6b71692033310", "b7ad6b71692033310" },
	{ "span-1", "span-1" },
	{ "", "" },
};

static bool is_among(struct str id, const struct str *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(ids[i], id))
			return true;
	return false;
}

START_TEST(hex_ids_are_shown_as_uuids_and_nothing_else_is)
	{
		for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
			struct str shown = opik_id_shown(test_arena(), str_from_c(pairs[i].id));
			ck_assert_msg(str_eq(shown, str_from_c(pairs[i].shown)), "%s: %.*s",
				pairs[i].id, STR_ARG(shown));
		}
	}
END_TEST

START_TEST(ids_of_spans_are_read_back_from_their_uuids)
	{
		struct arena *a = test_arena();
		struct rng rng = rng_from_seed();
		for (unsigned i = 0; i < 10000; i += (unsigned)unit_step()) {
			struct str id = arena_printf(
					   a, "%016llx", (unsigned long long)rng_next(&rng)),
				   got;
			struct str shown = opik_id_shown(a, id);
			ck_assert_uint_eq(shown.len, UUID_TEXT);
			ck_assert_uint_eq(uuid_version(shown), 7);
			ck_assert(opik_id_param(a, shown, &got) && str_eq(got, id));
			ck_assert(str_eq(opik_id_of_uuid(a, shown), id));
			ck_assert(opik_id_same(a, id, shown));
		}
	}
END_TEST

START_TEST(ids_of_traces_are_among_those_shown_alike)
	{
		struct arena *a = test_arena();
		struct rng rng = rng_from_seed();
		for (unsigned i = 0; i < 1000; i += (unsigned)unit_step()) {
			struct str *ids, got;
			struct str id = arena_printf(a, "%016llx%016llx",
				(unsigned long long)rng_next(&rng),
				(unsigned long long)rng_next(&rng));
			struct str shown = opik_id_shown(a, id);
			ck_assert_uint_eq(shown.len, UUID_TEXT);
			ck_assert_uint_eq(uuid_version(shown), 7);
			ck_assert(opik_id_param(a, shown, &got) && str_eq(got, shown));
			size_t n = opik_trace_ids(a, shown, &ids);
			ck_assert(is_among(id, ids, n) && str_eq(ids[0], shown));
			for (size_t k = 0; k < n; k++)
				ck_assert(str_eq(opik_id_shown(a, ids[k]), shown) &&
					  !is_among(ids[k], ids, k));
		}
	}
END_TEST

START_TEST(only_uuids_that_are_made_so_stand_for_many)
	{
		static const struct {
			const char *id;
			size_t n;
			bool is_made;
		} cases[] = {
			/* Those with a first bit of 0 and a time of today are shown otherwise. */
			{ "819c0000-0000-7000-8000-000000000001", 128, true },
			{ "8af76519-16cd-73dd-8448-eb211c80319c", 129, true },
			{ "019c0000-0000-7000-8000-000000000001", 2, false },
			{ "0af76519-16cd-73dd-8448-eb211c80319c", 1, false },
			{ "8af76519-16cd-43dd-8448-eb211c80319c", 1, false },
			{ "8af76519-16cd-73dd-c448-eb211c80319c", 1, false },
			{ "8af7651916cd73dd8448eb211c80319c", 1, false },
			{ "b7ad6b7169203331", 129, false },
			{ "span-1", 1, false },
		};
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct str *ids, id = str_from_c(cases[i].id);
			ck_assert_uint_eq(opik_trace_ids(test_arena(), id, &ids), cases[i].n);
			ck_assert(opik_id_is_made(id) == cases[i].is_made);
		}
	}
END_TEST

START_TEST(ids_are_read_in_either_case_and_nothing_else_is)
	{
		struct arena *a = test_arena();
		struct str id;
		ck_assert(opik_id_param(a, STR("B7AD6b7169203331"), &id));
		ck_assert(str_eq(id, STR("b7ad6b7169203331")));
		ck_assert(opik_id_param(a, STR("80000000-0000-700B-87AD-6b7169203331"), &id));
		ck_assert(str_eq(id, STR("b7ad6b7169203331")));
		static const char *const bad[] = { "", "b7ad6b716920333", "b7ad6b716920333g",
			"0af7651916cd43dd8448eb211c80319", "0af7651916cd43dd8448eb211c80319c0",
			"80000000-0000-700b-87ad-6b716920333",
			"80000000-0000-700b-87ad_6b7169203331" };
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
			ck_assert_msg(!opik_id_param(a, str_from_c(bad[i]), &id), "%s", bad[i]);
	}
END_TEST

START_TEST(ids_of_opiks_path_have_the_start_of_their_trace)
	{
		static const struct {
			enum field field;
			const char *id, *shown;
		} ids[] = { { FIELD_TRACE_ID, "5b8efff798038103d269b633813fc60c",
				    "019b76da-a800-7c4b-aaa2-e4ea076c6c6d" },
			{ FIELD_SPAN_ID, "eee19b7ec3c1b174",
				"019b76da-a800-7284-b6af-5fa6ee032c97" },
			{ FIELD_PARENT_SPAN_ID, "eee19b7ec3c1b173",
				"019b76da-a800-77bc-aaa7-d0f6c1746db5" },
			{ FIELD_TRACE_ID, "019c0000000070008000000000000001",
				"019c0000-0000-7000-8000-000000000001" },
			{ FIELD_SPAN_ID, "not hex", "not hex" } };
		for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
			struct span s;
			int64_t ms;
			span_init(&s);
			span_set_i64(&s, FIELD_OPIK_MS, INT64_C(1767225600000));
			span_set_text(&s, ids[i].field, str_from_c(ids[i].id));
			ck_assert_str_is(opik_id_shown_in(test_arena(), &s, ids[i].field),
				str_from_c(ids[i].shown));
			ck_assert(opik_id_is_in(
				test_arena(), &s, ids[i].field, str_from_c(ids[i].shown)));
			if (i < 3)
				ck_assert(opik_id_time(str_from_c(ids[i].shown), &ms) &&
					  ms == INT64_C(1767225600000));
		}
	}
END_TEST

UNIT_MAIN("opik_id", ids_of_opiks_path_have_the_start_of_their_trace,
	hex_ids_are_shown_as_uuids_and_nothing_else_is, ids_of_spans_are_read_back_from_their_uuids,
	ids_of_traces_are_among_those_shown_alike, only_uuids_that_are_made_so_stand_for_many,
	ids_are_read_in_either_case_and_nothing_else_is)
