#include "semconv/cost.h"

#include "base/log.h"
#include "json/read.h"

#define COMPUTED_DETAILS "{\"version\":\"1.1\"}"

/* ---- Given or computed ---- */

bool cost_is_computed(const struct span *s)
{
	return str_eq(span_text(s, FIELD_COST_DETAILS), STR(COMPUTED_DETAILS));
}

bool cost_is_given(const struct span *s)
{
	static const enum field amounts[] = { FIELD_COST_TOTAL_USD, FIELD_COST_INPUT_USD,
		FIELD_COST_OUTPUT_USD };
	struct str details = span_text(s, FIELD_COST_DETAILS);
	if (cost_is_computed(s))
		return false;
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
		if (span_has(s, amounts[i]))
			return true;
	return details.len && !str_eq(details, STR("{}")) && !str_eq(details, STR("null"));
}

void cost_unset(struct span *s)
{
	span_unset(s, FIELD_COST_TOTAL_USD);
	span_unset(s, FIELD_COST_DETAILS);
}

static void cost_set(struct span *s, struct str usd)
{
	span_set_text(s, FIELD_COST_TOTAL_USD, usd);
	span_set_text(s, FIELD_COST_DETAILS, STR(COMPUTED_DETAILS));
}

/* ---- Which price ---- */

/* Returns no prices when the file cannot be read: the spans must be stored all the same. */
static const struct prices *pricing_prices(struct pricing *p)
{
	static const struct prices none = { .n_places = 0 };
	if (p->is_read)
		return p->prices;
	p->is_read = true;
	p->prices = &none;
	enum err e = price_file_look(p->file, p->conf, &p->prices);
	p->is_broken = e != ERR_OK;
	if (e) {
		struct log_field fields[] = { { "error", str_from_c(err_name(e)) },
			{ "file", p->conf->prices } };
		log_event(LOG_ERROR, "price file refused", fields, 2);
	}
	return p->prices;
}

static struct str lower(struct arena *a, struct str s)
{
	char *text = arena_text(a, s.len);
	for (size_t i = 0; i < s.len; i++)
		text[i] = ascii_lower(s.ptr[i]);
	return str_of(text, s.len);
}

/* Makes claude-3-5-sonnet of claude-3.5-Sonnet. */
static struct str normal_name(struct arena *a, struct str model)
{
	char *text = arena_text(a, model.len);
	for (size_t i = 0; i < model.len; i++)
		text[i] = model.ptr[i] == '.' ? '-' : ascii_lower(model.ptr[i]);
	return str_of(text, model.len);
}

/* Returns the name without a date at its end: -YYYY-MM-DD. */
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

/* Returns the name without the version of a model on Bedrock at its end: `:1`. */
static struct str unversioned(struct str model)
{
	size_t n = model.len;
	while (n && ascii_is_digit(model.ptr[n - 1]))
		n--;
	return n && n < model.len && model.ptr[n - 1] == ':' ? str_first(model, n - 1) : model;
}

/* Returns the name without -YYYYMMDD, @YYYYMMDD or -latest at its end, which names a model that a
 * short file lists once. */
static struct str unpinned(struct str model)
{
	enum { DATE_DIGITS = 8 };
	if (str_ends(model, STR("-latest")))
		return str_first(model, model.len - strlen("-latest"));
	size_t n = model.len;
	while (n && model.len - n < DATE_DIGITS && ascii_is_digit(model.ptr[n - 1]))
		n--;
	bool is_date = model.len - n == DATE_DIGITS && n > 1 &&
		       (model.ptr[n - 1] == '-' || model.ptr[n - 1] == '@');
	return is_date ? str_first(model, n - 1) : model;
}

static const struct price *find_named(
	const struct prices *p, struct arena *a, struct str model, struct str provider)
{
	struct str normal = normal_name(a, model);
	const struct str names[] = { model, normal, undated(model), undated(normal),
		unversioned(model), unversioned(normal), unpinned(model), unpinned(normal) };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct price *found = prices_find(p, names[i], provider);
		if (found)
			return found;
	}
	return NULL;
}

/* Routers send a model as provider/model: last, that provider is asked. */
static const struct price *find_price(
	const struct prices *p, struct arena *a, struct str model, struct str provider)
{
	const struct price *found = find_named(p, a, model, provider);
	size_t slash = str_index(model, '/');
	if (found || slash == 0 || slash == model.len)
		return found;
	struct str rest = str_skip(model, slash + 1);
	found = find_named(p, a, rest, provider);
	return found ? found
		     : find_named(p, a, rest, prices_provider(lower(a, str_first(model, slash))));
}

/* ---- What the tokens cost ---- */

struct counts {
	int64_t input, output, cached, written, reasoning;
	bool cache_is_extra; /* input does not include the tokens read from or written to the cache
			      */
};

enum { NAMES_MAX = 6 };

/* A larger count is ignored, so that no sum overflows. */
#define COUNT_MAX (INT64_C(1) << 53)

static int64_t sane_count(int64_t n)
{
	return n > 0 && n <= COUNT_MAX ? n : 0;
}

/* Returns the first count that usage has, else 0. */
static int64_t cost_count_of(struct json usage, const char *const names[NAMES_MAX])
{
	int64_t n;
	for (size_t i = 0; i < NAMES_MAX && names[i]; i++)
		if (json_to_i64(json_get(usage, str_from_c(names[i])), &n))
			return sane_count(n);
	return 0;
}

/* Names of the counts in the usage that Opik's clients send, by provider. */
static const struct counting {
	const char *providers[NAMES_MAX];
	const char *input[NAMES_MAX], *output[NAMES_MAX], *cached[NAMES_MAX], *written[NAMES_MAX];
	bool cache_is_extra;
} countings[] = {
	{ { "openai", "azure", "xai", "deepseek", "fireworks_ai", "moonshot" },
		{ "original_usage.prompt_tokens", "prompt_tokens", "original_usage.input_tokens" },
		{ "original_usage.completion_tokens", "completion_tokens",
			"original_usage.output_tokens" },
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
		{ "original_usage.cached_content_token_count", "cache_read_input_tokens" },
		{ NULL }, false },
	/* Other providers: cached tokens cost as much as others. */
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

static struct counts opik_counts(struct json usage, const struct price *price)
{
	static const char *const reasoning[NAMES_MAX] = {
		"original_usage.completion_tokens_details.reasoning_tokens",
		"completion_tokens_details.reasoning_tokens", "reasoning_tokens"
	};
	const struct counting *c = counting_of(price->provider);
	/* Without prices of the cache its tokens are not looked at. */
	if (str_is_null(price->base.cache_read) && str_is_null(price->base.cache_write))
		return (struct counts){ .input = cost_count_of(usage, c->input),
			.output = cost_count_of(usage, c->output),
			.reasoning = cost_count_of(usage, reasoning) };
	return (struct counts){ .input = cost_count_of(usage, c->input),
		.output = cost_count_of(usage, c->output),
		.cached = cost_count_of(usage, c->cached),
		.written = cost_count_of(usage, c->written),
		.reasoning = cost_count_of(usage, reasoning),
		.cache_is_extra = c->cache_is_extra };
}

static bool is_opik_usage(struct json usage)
{
	for (struct json_iter it = json_members(usage); json_next(&it);)
		if (str_eq(it.key, STR("prompt_tokens")) ||
			str_eq(it.key, STR("completion_tokens")) ||
			str_starts(it.key, STR("original_usage.")))
			return true;
	return false;
}

static int64_t tokens(const struct span *s, enum field f)
{
	return sane_count(span_i64(s, f, 0));
}

/* The token fields hold totals (doc/shard-format.md), which include the cache.  Some clients send
 * counts without the cache; then the cached tokens may exceed the input.  Langfuse's events never
 * include it. */
static struct counts plain_counts(const struct span *s, struct json usage)
{
	static const char *const written[NAMES_MAX] = { "prompt_details.cache_write",
		"cache_creation_input_tokens", "input_cache_creation",
		"input_cache_creation_tokens" };
	struct counts n = { .input = tokens(s, FIELD_INPUT_TOKENS),
		.output = tokens(s, FIELD_OUTPUT_TOKENS),
		.cached = tokens(s, FIELD_CACHED_TOKENS),
		.written = cost_count_of(usage, written) };
	static const char *const reasoning[NAMES_MAX] = { "completion_details.reasoning" };
	n.reasoning = cost_count_of(usage, reasoning);
	n.cache_is_extra = str_eq(span_text(s, FIELD_SOURCE), STR("langfuse")) ||
			   n.cached + n.written > n.input;
	return n;
}

/* Returns the price of n tokens in 1e-12 dollars. */
static __int128 price_of(int64_t n, struct str price)
{
	int64_t pico;
	return !str_is_null(price) && dec_to_pico(price, &pico) ? (__int128)n * pico : 0;
}

/* Returns the rates of a prompt: those of the highest bound that it exceeds. */
static struct price_rates rates_of(const struct price *p, int64_t prompt)
{
	struct price_rates r = p->base;
	for (size_t i = 0; i < PRICE_TIERS && prompt > price_tier_tokens[i]; i++) {
		const struct price_rates *above = &p->above[i];
		r.input = str_is_null(above->input) ? r.input : above->input;
		r.output = str_is_null(above->output) ? r.output : above->output;
		r.cache_read = str_is_null(above->cache_read) ? r.cache_read : above->cache_read;
		r.cache_write =
			str_is_null(above->cache_write) ? r.cache_write : above->cache_write;
	}
	return r;
}

static __int128 price_counts(const struct price *p, const struct counts *n)
{
	int64_t cache = n->cached + n->written, input = n->input, output = n->output, thought = 0;
	struct price_rates r = rates_of(p, n->cache_is_extra ? input + cache : input);
	struct str cache_read = str_is_null(r.cache_read) ? r.input : r.cache_read;
	struct str cache_write = str_is_null(r.cache_write) ? r.input : r.cache_write;
	if (!n->cache_is_extra)
		input = input > cache ? input - cache : 0;
	if (!str_is_null(p->reasoning))
		thought = n->reasoning < output ? n->reasoning : output;
	return price_of(input, r.input) + price_of(n->cached, cache_read) +
	       price_of(n->written, cache_write) + price_of(output - thought, r.output) +
	       price_of(thought, p->reasoning);
}

static bool cost_has_tokens(const struct span *s)
{
	return span_has(s, FIELD_USAGE_DETAILS) || span_has(s, FIELD_INPUT_TOKENS) ||
	       span_has(s, FIELD_OUTPUT_TOKENS);
}

/* Returns STR_NULL when no price is known. */
static struct str cost_of_tokens(struct pricing *p, struct arena *a, const struct span *s)
{
	struct json usage = json_open(span_text(s, FIELD_USAGE_DETAILS));
	struct str model = span_text(s, FIELD_MODEL);
	if (prices_are_off(p->conf) || !cost_has_tokens(s))
		return STR_NULL;
	if (!model.len) {
		struct json named = json_get(json_open(span_text(s, FIELD_METADATA)), STR("model"));
		model = json_canonical_body(a, json_body(named));
	}
	if (!model.len)
		return STR_NULL;
	struct str provider = prices_provider(lower(a, span_text(s, FIELD_PROVIDER)));
	const struct price *price = find_price(pricing_prices(p), a, model, provider);
	if (!price)
		return STR_NULL;
	struct counts n = is_opik_usage(usage) ? opik_counts(usage, price) : plain_counts(s, usage);
	__int128 pico = price_counts(price, &n);
	return pico > 0 ? dec_from_pico(a, pico) : STR_NULL;
}

/* metadata.cost of Opik's clients: {"currency":"USD","total_cost":n} */
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

/* ---- Spans ---- */

static bool is_from(const struct span *s, const char *source)
{
	return str_eq(span_text(s, FIELD_SOURCE), str_from_c(source));
}

static void price_opik(struct pricing *p, struct arena *a, struct span *s)
{
	struct str cost = STR_NULL;
	if (cost_is_computed(s)) {
		(void)pricing_prices(p); /* for is_broken */
		if (p->is_broken)
			return;
		cost_unset(s);
	}
	if (!is_from(s, "scale"))
		cost = cost_of_tokens(p, a, s);
	if (str_is_null(cost))
		cost = cost_of_metadata(s);
	if (!str_is_null(cost))
		cost_set(s, cost);
}

static void price_other(struct pricing *p, struct arena *a, struct span *s)
{
	if (cost_is_computed(s) || is_from(s, "scale"))
		return;
	struct str cost = cost_of_tokens(p, a, s);
	if (!str_is_null(cost))
		cost_set(s, cost);
}

void pricing_apply(struct pricing *p, struct arena *a, struct span *spans, size_t n)
{
	bool has_given = false; /* a span of a trajectory has */
	for (size_t i = 0; i < n && !has_given; i++)
		has_given = is_from(&spans[i], "atif") && cost_is_given(&spans[i]);
	for (size_t i = 0; i < n; i++) {
		struct span *s = &spans[i];
		if (s->is_deleted || cost_is_given(s) || (has_given && is_from(s, "atif")))
			continue;
		if (p->is_opik)
			price_opik(p, a, s);
		else
			price_other(p, a, s);
	}
}
