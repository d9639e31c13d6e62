/*
 * Which keys may stand in the id table of a segment: a Bloom filter that is a chunk of it.  Of a
 * new span there mostly is no other version, and a span that is looked for stands in one segment of
 * many; the filter says so with one look, where the id table takes several.  All processes share
 * its pages.
 *
 *	struct segment_ask ask = segment_ask_of(key);
 *	segment_filter_ask(segment, &ask, 1)
 *	if (ask.may_have) ... segment_find_key()
 *
 * It knows keys by their part that is of the span_id: spans that have only that in common are rare,
 * and so it answers as well who knows no more.
 */
#ifndef FLATSPAN_INDEX_SEGMENT_BLOOM_H
#define FLATSPAN_INDEX_SEGMENT_BLOOM_H

#include "index/segment/segment.h"

/* A key as a filter is asked for it. */
struct segment_ask {
	uint64_t bits;  /* of its word, all have to be set */
	uint32_t place; /* of its word, as a fraction of all words */
	bool may_have;  /* some segment that was asked may have it */
};

struct segment_ask segment_ask_of(uint64_t key);

/* Sets may_have of the keys that may stand in the segment; the others stay as they are. A segment
 * without a filter, or that was asked too little for reading it, may have all. */
NODISCARD enum err segment_filter_ask(struct segment *s, struct segment_ask *asks, size_t n);
/* Reads it, before anybody asks. */
NODISCARD enum err segment_filter_load(struct segment *s);

/* The chunk's bytes, in the arena. */
struct str segment_filter_make(struct arena *a, const uint64_t *keys, uint32_t n);

#endif
