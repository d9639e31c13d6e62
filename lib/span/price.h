/*
 * Reads the price file (setting `prices`), which says what a token of a model costs.  It is JSON in
 * the form that LiteLLM publishes as model_prices_and_context_window.json: an object with a member
 * for each model,
 *
 *	"openai/gpt-4o": { "litellm_provider": "openai", "input_cost_per_token": 2.5e-6,
 *		"output_cost_per_token": 1e-5, "cache_read_input_token_cost": 1.25e-6,
 *		"cache_creation_input_token_cost": 0 }
 *
 * Each price may have other values for long prompts ("input_cost_per_token_above_200k_tokens"), and
 * reasoning may have its own ("output_cost_per_reasoning_token").  The part of a name before its
 * first slash is ignored, and providers are renamed to Opik's names.  Other members, and models
 * without prices of tokens, are skipped.  semconv/cost.h computes what the tokens of a span cost.
 *
 * Without the setting the prices are those that are built in; with `prices = none` there are none.
 */
#ifndef FLATSPAN_SPAN_PRICE_H
#define FLATSPAN_SPAN_PRICE_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/errors.h"

#include <sys/stat.h>

/* Views into the file's text. Prices are JSON numbers in dollars per token, STR_NULL when absent.
 */
struct price_rates {
	struct str input, output, cache_read, cache_write;
};

enum { PRICE_TIERS = 3 }; /* above 128k, 200k and 272k tokens */
extern const int64_t price_tier_tokens[PRICE_TIERS];

struct price {
	struct str model, provider;
	struct price_rates base, above[PRICE_TIERS];
	struct str reasoning;
};

struct prices {
	struct price *table; /* open addressing by model; a free slot has no model */
	size_t n_places;     /* a power of two, or 0 without prices */
};

enum { PRICES_MODELS_MAX = 100000 /* LiteLLM's file has 3,000 */ };

/* Returns ERR_INVALID when the text is not a JSON object, ERR_TOO_LARGE when it has more models. */
NODISCARD enum err prices_read(struct arena *a, struct str text, struct prices *ret);

/* A cache of the file. It is read again only when its inode, size or times have changed. The caller
 * must set it to zero first. */
struct price_file {
	struct prices prices;
	struct arena memory; /* holds the prices */
	struct stat seen;
	bool is_open, is_read;
	bool is_default; /* those built in */
};

/* Returns the prices of the file that the setting names, or those that are built in. They are valid
 * until the next call. */
NODISCARD enum err price_file_look(
	struct price_file *f, const struct conf *c, const struct prices **ret);
void price_file_close(struct price_file *f);

/* True when the setting says that there are no prices. */
bool prices_are_off(const struct conf *c);
/* Returns NULL when the file does not have the model. The provider is in Opik's words; an empty one
 * matches any. */
const struct price *prices_find(const struct prices *p, struct str model, struct str provider);
/* Returns the provider in Opik's words. */
struct str prices_provider(struct str name);

#endif
