#include "api/opik_cost.h"

#include "api/opik_sums.h"
#include "base/json_read.h"
#include "base/log.h"

/* ---- Which price ---- */

/* A price file that cannot be read is as if it were not there: spans matter more. */
static const struct prices *read_prices(struct opik_prices *p, struct arena *a)
{
	if (p->is_read)
		return &p->prices;
	p->is_read = true;
	enum err e = prices_load(p->conf, a, &p->prices);
	if (e) {
		struct log_field fields[] = { { "error", str_from_c(err_name(e)) },
			{ "file", p->conf->prices } };
		log_event(LOG_ERROR, "price file refused", fields, 2);
	}
	return &p->prices;
}

/* claude-3.5-Sonnet → claude-3-5-sonnet */
static struct str normal_name(struct arena *a, struct str model)
{
	char *text = arena_text(a, model.len);
	for (size_t i = 0; i < model.len; i++)
		text[i] = model.ptr[i] == '.' ? '-' : ascii_lower(model.ptr[i]);
	return str_of(text, model.len);
}

/* Without -YYYY-MM-DD. */
static struct str undated(struct str model)
{
	static const char form[] = "-dddd-dd-dd";
	const size_t len = sizeof form - 1;
	if (model.len <= len)
		return model;
	struct str end = str_skip(model, model.len - len);
	for (size_t i = 0; i < len; i++)
		if (form[i] == '-' ? end.ptr[i] != '-' : !ascii_is_digit(end.ptr[i]))
			return model;
	return str_first(model, model.len - len);
}

/* Without :N, the version of a model on Bedrock. */
static struct str unversioned(struct str model)
{
	size_t n = model.len;
	while (n && ascii_is_digit(model.ptr[n - 1]))
		n--;
	return n && n < model.len && model.ptr[n - 1] == ':' ? str_first(model, n - 1) : model;
}

static const struct price *find_price(
	const struct prices *p, struct arena *a, struct str model, struct str provider)
{
	struct str normal = normal_name(a, model);
	const struct str names[] = { model, normal, undated(model), undated(normal),
		unversioned(model), unversioned(normal) };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct price *found = prices_find(p, names[i], provider);
		if (found)
			return found;
	}
	return NULL;
}

/* ---- What the tokens cost ---- */

enum { NAMES_MAX = 4 };

/* The first of these that usage has; 0: none. */
static int64_t count_of(struct json usage, const char *const names[NAMES_MAX])
{
	int64_t n;
	for (size_t i = 0; i < NAMES_MAX && names[i]; i++)
		if (json_to_i64(json_get(usage, str_from_c(names[i])), &n))
			return n > 0 ? n : 0;
	return 0;
}

/* How providers count: is what was read from the cache part of the input, or beside it? */
static const struct counting {
	const char *providers[NAMES_MAX];
	const char *input[NAMES_MAX], *output[NAMES_MAX], *cached[NAMES_MAX], *written[NAMES_MAX];
	bool cached_is_beside;
} countings[] = {
	{ { "openai", "azure", "xai" }, { "original_usage.prompt_tokens", "prompt_tokens" },
		{ "original_usage.completion_tokens", "completion_tokens" },
		{ "original_usage.prompt_tokens_details.cached_tokens",
			"original_usage.input_tokens_details.cached_tokens",
			"cache_read_input_tokens" },
		{ NULL }, false },
	{ { "anthropic", "anthropic_vertexai", "bedrock" },
		{ "original_usage.input_tokens", "original_usage.inputTokens", "prompt_tokens" },
		{ "original_usage.output_tokens", "original_usage.outputTokens",
			"completion_tokens" },
		{ "original_usage.cache_read_input_tokens", "original_usage.cacheReadInputTokens",
			"cache_read_input_tokens" },
		{ "original_usage.cache_creation_input_tokens",
			"original_usage.cacheWriteInputTokens", "cache_creation_input_tokens" },
		true },
	{ { "google_ai", "google_vertexai" },
		{ "original_usage.prompt_token_count", "prompt_tokens" },
		{ "original_usage.candidates_token_count", "completion_tokens" },
		{ "original_usage.cached_content_token_count" }, { NULL }, false },
	/* Any other: what was cached costs as much. */
	{ { NULL }, { "prompt_tokens" }, { "completion_tokens" }, { NULL }, { NULL }, false },
};

static const struct counting *counting_of(struct str provider)
{
	const size_t others = sizeof countings / sizeof countings[0] - 1;
	for (size_t i = 0; i < others; i++)
		for (size_t k = 0; k < NAMES_MAX && countings[i].providers[k]; k++)
			if (str_eq(provider, str_from_c(countings[i].providers[k])))
				return &countings[i];
	return &countings[others];
}

/* Of tokens at a price, in 1e-12 dollars. */
static __int128 price_of(int64_t tokens, struct str price)
{
	int64_t pico;
	return !str_is_null(price) && dec_to_pico(price, &pico) ? (__int128)tokens * pico : 0;
}

static __int128 price_usage(const struct price *p, struct json usage)
{
	const struct counting *c = counting_of(p->provider);
	int64_t input = count_of(usage, c->input), cached = count_of(usage, c->cached);
	struct str cache_read = str_is_null(p->cache_read) ? p->input : p->cache_read;
	struct str cache_write = str_is_null(p->cache_write) ? p->input : p->cache_write;
	if (!c->cached_is_beside)
		input = input > cached ? input - cached : 0;
	return price_of(input, p->input) + price_of(cached, cache_read) +
	       price_of(count_of(usage, c->written), cache_write) +
	       price_of(count_of(usage, c->output), p->output);
}

static struct str cost_of_tokens(const struct span *s, struct arena *a, struct opik_prices *p)
{
	struct json usage = json_open(span_text(s, FIELD_USAGE_DETAILS));
	struct str model = span_text(s, FIELD_MODEL);
	if (!p->conf->prices.len || !span_has(s, FIELD_USAGE_DETAILS))
		return STR_NULL;
	if (!model.len) {
		struct json named = json_get(json_open(span_text(s, FIELD_METADATA)), STR("model"));
		model = json_canonical_body(a, json_body(named));
	}
	struct str provider = prices_provider(span_text(s, FIELD_PROVIDER));
	const struct price *price = find_price(read_prices(p, a), a, model, provider);
	__int128 pico = price ? price_usage(price, usage) : 0;
	return pico > 0 ? opik_cost_text(a, pico) : STR_NULL;
}

/* metadata.cost: {"currency":"USD","total_cost":n} */
static struct str cost_of_metadata(const struct span *s)
{
	double d;
	struct json cost = json_get(json_open(span_text(s, FIELD_METADATA)), STR("cost"));
	struct json total = json_get(cost, STR("total_cost"));
	struct json currency = json_get(cost, STR("currency"));
	if (total.type != JSON_NUMBER || !json_body_is(json_body(currency), STR("USD")) ||
		!json_to_double(total, &d) || d <= 0)
		return STR_NULL;
	return total.raw;
}

void opik_cost(struct span *s, struct arena *a, struct opik_prices *p)
{
	if (span_has(s, FIELD_COST_TOTAL_USD) && !span_has(s, FIELD_COST_DETAILS))
		return;
	span_unset(s, FIELD_COST_TOTAL_USD);
	span_unset(s, FIELD_COST_DETAILS);
	struct str cost = cost_of_tokens(s, a, p);
	if (str_is_null(cost))
		cost = cost_of_metadata(s);
	if (str_is_null(cost))
		return;
	span_set_text(s, FIELD_COST_TOTAL_USD, cost);
	span_set_text(s, FIELD_COST_DETAILS, STR("{\"version\":\"1.1\"}"));
}
