/*
 * Tells which provider Opik shows and prices for a span of OTLP, by its aliases, its two names of
 * Google's models, Claude on Vertex AI, and hosts of APIs.
 */
#ifndef FLATSPAN_SEMCONV_OPIK_PROVIDER_H
#define FLATSPAN_SEMCONV_OPIK_PROVIDER_H

#include "base/arena.h"

/* All texts are canonical bodies; sent is the provider as it was sent. */
struct str opik_provider_of(
	struct arena *a, struct str sent, struct str model, struct str server_address);
/* True for a provider that Opik has prices for. */
bool opik_provider_is_known(struct str name);

#endif
