/* The price file: which members are prices, and under which names they are found. */
#include "span/price.h"
#include "unit.h"

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
				       "token\":1e-6},\"x/a\":{\"litellm_provider\":\"gemini\","
				       "\"output_cost_per_token\":2}}");
		ck_assert_str_is(find(&p, "a", "openai")->base.input, STR("1e-6"));
		ck_assert(str_is_null(find(&p, "a", "openai")->base.output));
		ck_assert_str_is(find(&p, "a", "google_ai")->base.output, STR("2"));
		ck_assert_ptr_nonnull(find(&p, "a", ""));
		ck_assert_ptr_null(find(&p, "a", "azure"));
		ck_assert_ptr_null(find(&p, "x/a", ""));
		ck_assert_ptr_null(find(&p, "", ""));
	}
END_TEST

START_TEST(of_one_name_twice_the_first_counts)
	{
		struct prices p = read("{\"a\":{\"input_cost_per_token\":1},\"b/a\":{\"input_cost_"
				       "per_token\":2}}");
		ck_assert_str_is(find(&p, "a", "")->base.input, STR("1"));
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
			ck_assert_str_is(one->base.input, arena_printf(test_arena(), "%d", i));
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

START_TEST(so_many_models_are_read_and_one_more_is_too_many)
	{
		for (int more = 0; more < 2; more++) {
			struct buf b;
			struct prices p;
			buf_init(&b, test_arena());
			buf_add(&b, STR("{\"sample_spec\":1"));
			for (int i = 0; i < PRICES_MODELS_MAX + more; i++)
				buf_printf(&b, ",\"m%d\":{\"input_cost_per_token\":1}", i);
			buf_add_char(&b, '}');
			ck_assert_int_eq(prices_read(test_arena(), buf_str(&b), &p),
				more ? ERR_TOO_LARGE : ERR_OK);
		}
	}
END_TEST

START_TEST(without_a_file_there_are_those_built_in_and_none_is_none)
	{
		struct price_file f = { .is_open = false };
		const struct prices *p;
		struct conf c = { .prices = STR("") };
		ck_assert_int_eq(price_file_look(&f, &c, &p), ERR_OK);
		ck_assert_ptr_null(find(p, "a", ""));
		ck_assert_ptr_nonnull(find(p, "gpt-5.4", "openai"));
		c.prices = STR("none");
		ck_assert_int_eq(price_file_look(&f, &c, &p), ERR_OK);
		ck_assert_ptr_null(find(p, "gpt-5.4", "openai"));
		c.prices = STR("/nonexistent/prices.json");
		ck_assert_int_eq(price_file_look(&f, &c, &p), ERR_NOT_FOUND);
		price_file_close(&f);
	}
END_TEST

static void put_file(const char *path, const char *text)
{
	char *aside = arena_copy_c(test_arena(), arena_printf(test_arena(), "%s.new", path));
	FILE *f = fopen(aside, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(rename(aside, path), 0);
}

START_TEST(a_file_that_was_replaced_is_read_anew_and_else_not)
	{
		char dir[] = "/tmp/fs-prices-XXXXXX";
		ck_assert_ptr_nonnull(mkdtemp(dir));
		char *path = arena_copy_c(test_arena(), arena_printf(test_arena(), "%s/p", dir));
		struct conf c = { .prices = str_from_c(path) };
		struct price_file f = { .is_open = false };
		const struct prices *p;
		put_file(path, "{\"a\":{\"input_cost_per_token\":1}}");
		ck_assert_int_eq(price_file_look(&f, &c, &p), ERR_OK);
		const struct price *a = find(p, "a", "");
		ck_assert_ptr_nonnull(a);
		ck_assert_int_eq(price_file_look(&f, &c, &p), ERR_OK);
		ck_assert_ptr_eq(find(p, "a", ""), a);
		put_file(path, "{\"b\":{\"input_cost_per_token\":1}}");
		ck_assert_int_eq(price_file_look(&f, &c, &p), ERR_OK);
		ck_assert_ptr_null(find(p, "a", ""));
		ck_assert_ptr_nonnull(find(p, "b", ""));
		put_file(path, "[]");
		ck_assert_int_eq(price_file_look(&f, &c, &p), ERR_INVALID);
		price_file_close(&f);
		ck_assert_int_eq(remove(path), 0);
		ck_assert_int_eq(remove(dir), 0);
	}
END_TEST

START_TEST(at_least_sixty_current_models_are_built_in)
	{
		static const char *const models[][2] = { { "claude-opus-5", "anthropic" },
			{ "gpt-6-sol", "openai" }, { "gemini-3.8-flash", "google_ai" },
			{ "mistral-large-2512", "mistral" }, { "grok-4.6", "xai" },
			{ "gpt-oss-20b", "groq" }, { "kimi-k3", "moonshot" },
			{ "sonar-pro", "perplexity" }, { "amazon.nova-pro-v1:0", "bedrock" } };
		struct price_file f = { .is_open = false };
		struct conf c = { .prices = STR("") };
		const struct prices *p;
		size_t n = 0;
		ck_assert_int_eq(price_file_look(&f, &c, &p), ERR_OK);
		for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
			ck_assert_ptr_nonnull(find(p, models[i][0], models[i][1]));
		for (size_t i = 0; i < p->n_places; i++)
			n += p->table[i].model.len > 0;
		ck_assert_uint_ge(n, 60);
		price_file_close(&f);
	}
END_TEST

UNIT_MAIN("prices", at_least_sixty_current_models_are_built_in,
	a_model_is_found_by_name_and_provider, of_one_name_twice_the_first_counts,
	what_has_no_price_of_tokens_is_no_model, many_models_are_all_found,
	what_is_no_json_object_is_refused, so_many_models_are_read_and_one_more_is_too_many,
	without_a_file_there_are_those_built_in_and_none_is_none,
	a_file_that_was_replaced_is_read_anew_and_else_not)
