/*
 * What a span cost when nobody said it: the one place where tokens become dollars, whatever the
 * span came by.
 *
 * A cost that is told (a total, a part of one, details; 0 too) stays as it is.  Otherwise the total
 * is what the price file (setting `prices`) says of model, provider and tokens, and COST_DETAILS
 * names the version of this reckoning, so that it can be told from a given one and done again.
 *
 * Not reckoned: spans of Scale's API, whose clients read back what they wrote and would find the
 * cost among their metadata; trajectories (ATIF) that tell a cost anywhere, since the one of the
 * root may be that of all steps.
 */
#ifndef FLATSPAN_SEMCONV_COST_H
#define FLATSPAN_SEMCONV_COST_H

#include "span/price.h"
#include "span/span.h"

/* Prices, looked at when the first span of a request needs them. */
struct costs {
	const struct conf *conf;
	struct price_file *file; /* as it was read last, maybe for another request */
	const struct prices *prices;
	bool is_read, is_broken;
};

/* Was it given, and not reckoned here? */
bool cost_is_told(const struct span *s);
/* Was it reckoned here? */
bool cost_is_reckoned(const struct span *s);
/* False: there is a price file, and it cannot be read. */
bool costs_are_known(struct costs *c);
/* Spans that come together: of a trajectory all of them. Those with a cost, told or reckoned, stay
 * as they are. */
void costs_complete(struct costs *c, struct arena *a, struct span *spans, size_t n);
/* The cost is this, which nobody told. */
void cost_set(struct span *s, struct str usd);
void cost_unset(struct span *s);

#endif
