/*
 * The estimated cost of an Opik span.  A cost that the client gives (0 too) is the cost.  Otherwise
 * it is what the price file (setting `prices`) says of model, provider and usage, or else what
 * metadata.cost says; then COST_DETAILS names the version of this reckoning, so that it can be told
 * from a given one and done again.
 */
#ifndef FLATSPAN_API_OPIK_COST_H
#define FLATSPAN_API_OPIK_COST_H

#include "span/span.h"
#include "web/prices.h"

/* Prices, read when the first span needs them. */
struct opik_prices {
	const struct conf *conf;
	struct prices prices;
	bool is_read;
};

void opik_cost(struct span *s, struct arena *a, struct opik_prices *p);

#endif
