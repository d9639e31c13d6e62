/*
 * Random numbers for tests that a seed brings back.  The seed is fixed unless FLATSPAN_TEST_SEED
 * names another, and printed, so that a failure's log says which it was.
 */
#ifndef FLATSPAN_T_RANDOM_H
#define FLATSPAN_T_RANDOM_H

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

struct rng {
	uint64_t state;
};

static inline struct rng rng_from_seed(void)
{
	uint64_t seed = 20240501;
	const char *wanted = getenv("FLATSPAN_TEST_SEED");
	if (wanted && !str_to_u64(str_from_c(wanted), &seed)) {
		fprintf(stderr, "FLATSPAN_TEST_SEED: not a number: %s\n", wanted);
		exit(EXIT_FAILURE);
	}
	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	return (struct rng){ seed };
}

/* splitmix64 */
static inline uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 to n - 1 */
static inline size_t rng_below(struct rng *r, size_t n)
{
	return (size_t)(rng_next(r) % n);
}

#endif
