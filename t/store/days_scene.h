/*
 * Days of random spans for tests of what is done to past days, and what queries see of them.
 */
#ifndef FLATSPAN_T_STORE_DAYS_SCENE_H
#define FLATSPAN_T_STORE_DAYS_SCENE_H

#include "index_scene.h"

/* Three days from SCENE_DAY on whose spans have versions on all of them, and some damage. */
struct random_spans make_days(struct scene *sc, struct rng *rng, unsigned n_spans);
/* n random spans at r->now_ns. */
void append_some(struct scene *sc, struct random_spans *r, size_t n);

/* The hashes of all spans that a query may see, and how many damaged lines there are. */
struct answer {
	uint64_t *hashes;
	size_t n;
	uint64_t n_bad;
};
struct answer days_answer(struct scene *sc);
/* Fails the test when what is seen now is something else. */
void must_answer_the_same(struct scene *sc, const struct answer *before, const char *when);

#endif
