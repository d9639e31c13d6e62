/*
 * The price file (setting `prices`): what a token of a model costs.  JSON in the form that LiteLLM
 * publishes as model_prices_and_context_window.json: an object with a member for each model,
 *
 *	"openai/gpt-4o": { "litellm_provider": "openai", "input_cost_per_token": 2.5e-6,
 *		"output_cost_per_token": 1e-5, "cache_read_input_token_cost": 1.25e-6,
 *		"cache_creation_input_token_cost": 0 }
 *
 * What stands before the last slash of a name is no part of it; providers become Opik's names.
 * Other members, and models without prices of tokens, are skipped.  What the tokens of a span cost
 * is the caller's to reckon.
 */
#ifndef FLATSPAN_SPAN_PRICE_H
#define FLATSPAN_SPAN_PRICE_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/errors.h"

#include <sys/stat.h>

/* Views into the file's text. Prices are JSON numbers, dollars a token; STR_NULL: none. */
struct price {
	struct str model, provider;
	struct str input, output, cache_read, cache_write;
};

struct prices {
	struct price *table; /* open addressing by model; a free place has no model */
	size_t n_places;     /* a power of two, or 0: no prices */
};

enum { PRICES_MODELS_MAX = 100000 /* LiteLLM's has 3,000 */ };

/* ERR_INVALID: the text is no JSON object. ERR_TOO_LARGE: it has more models. */
NODISCARD enum err prices_read(struct arena *a, struct str text, struct prices *ret);

/* A process that lasts reads the file once: what was read is believed as long as the file is the
 * same.  Zeroes at first. */
struct price_file {
	struct prices prices;
	struct arena memory; /* theirs */
	struct stat seen;
	bool is_open, is_read;
};

/* What the file says that the setting names, now; no prices when it names none. They live until
 * the next call. */
NODISCARD enum err price_file_look(
	struct price_file *f, const struct conf *c, const struct prices **ret);
void price_file_close(struct price_file *f);

/* provider: in Opik's words; empty: any. NULL: not in the file. */
const struct price *prices_find(const struct prices *p, struct str model, struct str provider);
/* A provider in Opik's words. */
struct str prices_provider(struct str name);

#endif
