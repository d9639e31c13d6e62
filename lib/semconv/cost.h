/*
 * Computes what a span cost from its tokens and the price file (setting `prices`), when the client
 * did not give a cost.
 *
 * Every path that writes spans calls pricing_apply() after span_normalise() and before the spans
 * are appended.
 *
 * A given cost (a total, a part of one, or details, also 0) is never changed.  A computed cost is a
 * total, and COST_DETAILS names the version of the computation.  So a reader can tell it from a
 * given cost, and it can be computed again.
 *
 * No cost is computed for spans of Scale's API, because its clients read back what they wrote and
 * would find the cost in their metadata.  None is computed for the spans of a trajectory (ATIF)
 * that gives a cost anywhere, because the cost of its root may cover all steps.
 */
#ifndef FLATSPAN_SEMCONV_COST_H
#define FLATSPAN_SEMCONV_COST_H

#include "span/price.h"
#include "span/span.h"

/* The prices that one request uses. The file is read when the first span needs a price. */
struct pricing {
	const struct conf *conf;
	struct price_file *file; /* cache that outlives the request; the caller owns it */
	/* True for writes of Opik's API: a computed cost is computed again, because an update may
	 * have changed the tokens, and metadata.cost is used where there is no price. */
	bool is_opik;
	const struct prices *prices;
	bool is_read, is_broken;
};

/* True when the client gave the cost. */
bool cost_is_given(const struct span *s);
/* True when pricing_apply() set the cost. */
bool cost_is_computed(const struct span *s);
/* Removes a computed cost. */
void cost_unset(struct span *s);

/* Sets the cost of the spans that have none and whose price is known. Spans of a trajectory must be
 * passed in one call. A price file that cannot be read is logged once per request and counts as
 * empty, but costs that were computed before stay. */
void pricing_apply(struct pricing *p, struct arena *a, struct span *spans, size_t n);

#endif
