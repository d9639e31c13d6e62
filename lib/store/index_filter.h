/*
 * Which keys may stand in the closed segments of a shard: a Bloom filter that a process keeps.  Of
 * a new span there mostly is no other version, and a span that is looked for stands in one shard of
 * many; the filter says so with one look, where each segment would take several.
 *
 * It knows keys by their part that is of the span_id: spans that have only that in common are rare,
 * and so it answers as well who knows no more.
 *
 * It is made when asking has become dearer than making it: a process that appends once and ends
 * does not read what many have stored.
 */
#ifndef FLATSPAN_STORE_INDEX_FILTER_H
#define FLATSPAN_STORE_INDEX_FILTER_H

#include "store/index_set.h"

/* *ret_from: rows with this key stand in closed segments of the shard, which is open in the set,
 * from there on only; INT64_MAX: in none. */
NODISCARD enum err index_filter_ask(
	struct index_set *set, size_t shard, uint64_t key, int64_t *ret_from);

/* It will soon be asked for this key: its place is fetched from memory meanwhile. */
void index_filter_expect(const struct index_set *set, size_t shard, uint64_t key);

/* Makes it, unless it is large, before anybody asks. */
void index_filter_prepare(struct index_set *set, size_t shard);

/* Of a shard's file and its closed segments; held until it is put. NULL: there are too many. */
struct index_filter *index_filter_take(struct index_cache *c, const struct stat *shard_file,
	uint64_t seed, const struct index *ix);
void index_filter_put(struct index_filter *f);

#endif
