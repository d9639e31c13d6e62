/* The price file: which members are prices, and under which names they are found. */
#include "unit.h"
#include "web/prices.h"

static struct prices read(const char *text)
{
	struct prices p = { .n_places = 0 };
	ck_assert_int_eq(prices_read(test_arena(), str_from_c(text), &p), ERR_OK);
	return p;
}

static const struct price *find(const struct prices *p, const char *model, const char *provider)
{
	return prices_find(p, str_from_c(model), str_from_c(provider));
}

START_TEST(a_model_is_found_by_name_and_provider)
	{
		struct prices p = read("{\"a\":{\"litellm_provider\":\"openai\",\"input_cost_per_"
				       "token\":1e-6},\"x/y/a\":{\"litellm_provider\":\"gemini\","
				       "\"output_cost_per_token\":2}}");
		ck_assert_str_is(find(&p, "a", "openai")->input, STR("1e-6"));
		ck_assert(str_is_null(find(&p, "a", "openai")->output));
		ck_assert_str_is(find(&p, "a", "google_ai")->output, STR("2"));
		ck_assert_ptr_nonnull(find(&p, "a", ""));
		ck_assert_ptr_null(find(&p, "a", "azure"));
		ck_assert_ptr_null(find(&p, "x/y/a", ""));
		ck_assert_ptr_null(find(&p, "", ""));
	}
END_TEST

START_TEST(of_one_name_twice_the_first_counts)
	{
		struct prices p = read("{\"a\":{\"input_cost_per_token\":1},\"b/a\":{\"input_cost_"
				       "per_token\":2}}");
		ck_assert_str_is(find(&p, "a", "")->input, STR("1"));
	}
END_TEST

START_TEST(what_has_no_price_of_tokens_is_no_model)
	{
		struct prices p =
			read("{\"a\":{\"input_cost_per_pixel\":1},\"b\":5,\"c\":{\"input_"
			     "cost_per_token\":\"1\"},\"d\":{\"input_cost_per_token\":-1},"
			     "\"e/\":{\"input_cost_per_token\":1}}");
		ck_assert_ptr_null(find(&p, "a", ""));
		ck_assert_ptr_null(find(&p, "b", ""));
		ck_assert_ptr_null(find(&p, "c", ""));
		ck_assert_ptr_null(find(&p, "d", ""));
	}
END_TEST

START_TEST(many_models_are_all_found)
	{
		enum { MODELS = 3000 };
		struct buf b;
		buf_init(&b, test_arena());
		buf_add_char(&b, '{');
		for (int i = 0; i < MODELS; i++)
			buf_printf(
				&b, "%s\"m%d\":{\"input_cost_per_token\":%d}", i ? "," : "", i, i);
		buf_add_char(&b, '}');
		struct prices p;
		ck_assert_int_eq(prices_read(test_arena(), buf_str(&b), &p), ERR_OK);
		for (int i = 0; i < MODELS; i++) {
			const struct price *one =
				prices_find(&p, arena_printf(test_arena(), "m%d", i), STR(""));
			ck_assert_ptr_nonnull(one);
			ck_assert_str_is(one->input, arena_printf(test_arena(), "%d", i));
		}
		ck_assert_ptr_null(find(&p, "m3000", ""));
	}
END_TEST

START_TEST(what_is_no_json_object_is_refused)
	{
		struct prices p;
		ck_assert_int_eq(prices_read(test_arena(), STR("[]"), &p), ERR_INVALID);
		ck_assert_int_eq(prices_read(test_arena(), STR("{\"a\":"), &p), ERR_INVALID);
		ck_assert_int_eq(prices_read(test_arena(), STR(""), &p), ERR_INVALID);
		p = read("{}");
		ck_assert_ptr_null(find(&p, "a", ""));
	}
END_TEST

START_TEST(without_a_file_there_are_no_prices)
	{
		struct prices p = { .n_places = 1 };
		struct conf c = { .prices = STR("") };
		ck_assert_int_eq(prices_load(&c, test_arena(), &p), ERR_OK);
		ck_assert_ptr_null(find(&p, "a", ""));
		c.prices = STR("/nonexistent/prices.json");
		ck_assert_int_eq(prices_load(&c, test_arena(), &p), ERR_NOT_FOUND);
	}
END_TEST

UNIT_MAIN("prices", a_model_is_found_by_name_and_provider, of_one_name_twice_the_first_counts,
	what_has_no_price_of_tokens_is_no_model, many_models_are_all_found,
	what_is_no_json_object_is_refused, without_a_file_there_are_no_prices)
