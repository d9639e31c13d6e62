/* Computed costs: which spans get one, and when one is computed again. */
#include "semconv/cost.h"
#include "unit.h"

static struct conf conf;
static struct prices prices;

/* gpt costs 1e-6 dollars a token in and 2e-6 a token out. */
static struct pricing pricing(bool is_opik)
{
	conf.prices = STR("prices.json");
	ck_assert_int_eq(prices_read(test_arena(),
				 STR("{\"gpt\":{\"input_cost_per_token\":1e-6,\"output_cost_per_"
				     "token\":2e-6}}"),
				 &prices),
		ERR_OK);
	return (struct pricing){
		.conf = &conf, .is_opik = is_opik, .prices = &prices, .is_read = true
	};
}

static struct span span_of(const char *source, int64_t input, int64_t output)
{
	struct span s;
	span_init(&s);
	span_set_text(&s, FIELD_SOURCE, str_from_c(source));
	span_set_text(&s, FIELD_MODEL, STR("gpt"));
	span_set_i64(&s, FIELD_INPUT_TOKENS, input);
	span_set_i64(&s, FIELD_OUTPUT_TOKENS, output);
	return s;
}

START_TEST(tokens_of_a_known_model_cost_what_the_file_says)
	{
		struct pricing p = pricing(false);
		struct span s = span_of("otel", 10, 5);
		pricing_apply(&p, test_arena(), &s, 1);
		ck_assert_str_is(span_text(&s, FIELD_COST_TOTAL_USD), STR("0.00002"));
		ck_assert(cost_is_computed(&s) && !cost_is_given(&s));
	}
END_TEST

START_TEST(a_given_cost_stays_also_when_it_is_0)
	{
		struct pricing p = pricing(true);
		struct span s = span_of("opik", 10, 5);
		span_set_text(&s, FIELD_COST_TOTAL_USD, STR("0"));
		pricing_apply(&p, test_arena(), &s, 1);
		ck_assert_str_is(span_text(&s, FIELD_COST_TOTAL_USD), STR("0"));
		ck_assert(cost_is_given(&s));
	}
END_TEST

START_TEST(a_span_without_a_price_or_deleted_or_of_scale_gets_none)
	{
		struct pricing p = pricing(false);
		struct span s[3] = { span_of("otel", 10, 5), span_of("otel", 10, 5),
			span_of("scale", 10, 5) };
		span_set_text(&s[0], FIELD_MODEL, STR("other"));
		s[1].is_deleted = true;
		pricing_apply(&p, test_arena(), s, 3);
		for (size_t i = 0; i < 3; i++)
			ck_assert(!span_has(&s[i], FIELD_COST_TOTAL_USD));
	}
END_TEST

START_TEST(a_cost_in_a_trajectory_leaves_its_other_spans_without)
	{
		struct pricing p = pricing(false);
		struct span s[3] = { span_of("atif", 10, 5), span_of("atif", 10, 5),
			span_of("otel", 10, 5) };
		span_set_text(&s[1], FIELD_COST_TOTAL_USD, STR("1"));
		pricing_apply(&p, test_arena(), s, 3);
		ck_assert(!span_has(&s[0], FIELD_COST_TOTAL_USD));
		ck_assert(cost_is_given(&s[1]));
		ck_assert(cost_is_computed(&s[2]));
	}
END_TEST

START_TEST(only_opik_computes_a_computed_cost_again)
	{
		for (int is_opik = 0; is_opik < 2; is_opik++) {
			struct pricing p = pricing(is_opik);
			struct span s = span_of("opik", 10, 5);
			pricing_apply(&p, test_arena(), &s, 1);
			span_set_i64(&s, FIELD_INPUT_TOKENS, 20);
			pricing_apply(&p, test_arena(), &s, 1);
			ck_assert_str_is(span_text(&s, FIELD_COST_TOTAL_USD),
				is_opik ? STR("0.00003") : STR("0.00002"));
		}
	}
END_TEST

START_TEST(only_opik_takes_the_cost_of_the_metadata)
	{
		for (int is_opik = 0; is_opik < 2; is_opik++) {
			struct pricing p = pricing(is_opik);
			struct span s = span_of("opik", 10, 5);
			span_set_text(&s, FIELD_MODEL, STR("other"));
			span_set_text(&s, FIELD_METADATA,
				STR("{\"cost\":{\"currency\":\"USD\",\"total_cost\":0.5}}"));
			pricing_apply(&p, test_arena(), &s, 1);
			ck_assert(span_has(&s, FIELD_COST_TOTAL_USD) == (is_opik != 0));
		}
	}
END_TEST

START_TEST(a_computed_cost_stays_while_the_file_cannot_be_read)
	{
		static const struct prices none = { .n_places = 0 };
		struct pricing p = pricing(true);
		struct span s = span_of("opik", 10, 5);
		pricing_apply(&p, test_arena(), &s, 1);
		p.prices = &none;
		p.is_broken = true;
		pricing_apply(&p, test_arena(), &s, 1);
		ck_assert_str_is(span_text(&s, FIELD_COST_TOTAL_USD), STR("0.00002"));
		p.is_broken = false;
		pricing_apply(&p, test_arena(), &s, 1);
		ck_assert(!span_has(&s, FIELD_COST_TOTAL_USD));
		ck_assert(!cost_is_computed(&s));
	}
END_TEST

UNIT_MAIN("cost", tokens_of_a_known_model_cost_what_the_file_says,
	a_given_cost_stays_also_when_it_is_0,
	a_span_without_a_price_or_deleted_or_of_scale_gets_none,
	a_cost_in_a_trajectory_leaves_its_other_spans_without,
	only_opik_computes_a_computed_cost_again, only_opik_takes_the_cost_of_the_metadata,
	a_computed_cost_stays_while_the_file_cannot_be_read)
