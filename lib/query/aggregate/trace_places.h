/*
 * In which blocks traces may stand, for many of them at once.
 *
 * Most traces stand in one block of many.  Each segment is asked for all of them before the next
 * one is: trace after trace, every look would be at memory that all the others have displaced.
 *
 *	struct trace_places places;
 *	trace_places_find(stock, hashes, n, &places)
 *	for (uint32_t k = places.first[i]; k < places.first[i + 1]; k++)
 *		... block_find_trace(&stock->blocks[places.blocks[k]], ...)
 */
#ifndef FLATSPAN_QUERY_AGGREGATE_TRACE_PLACES_H
#define FLATSPAN_QUERY_AGGREGATE_TRACE_PLACES_H

#include "query/rows/snapshot.h"

/* In the view's arena. */
struct trace_places {
	const uint32_t *first;  /* n + 1: where the blocks of each begin */
	const uint32_t *blocks; /* of each ascending; those that are no segment always */
};

/* hashes: index_hash of the trace_ids. */
NODISCARD enum err trace_places_find(
	struct stock *s, const uint64_t *hashes, uint32_t n, struct trace_places *ret);

#endif
