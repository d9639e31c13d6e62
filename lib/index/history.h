/*
 * What came before: which rows of a workspace have the identity of a new one, and which traces have
 * been seen.  For those who write the index: appending, closing.
 */
#ifndef FLATSPAN_INDEX_HISTORY_H
#define FLATSPAN_INDEX_HISTORY_H

#include "index/segment/build.h"
#include "index/set.h"

/* Whose other versions are looked for. */
struct history_ask {
	size_t own;       /* the shard of its part; view.n_shards: it is not there yet */
	int32_t day;      /* of that part */
	int32_t since;    /* lookup_since() of the span */
	bool is_new;      /* no closed segment of the day has its key */
	int64_t known_to; /* none of its own part has it that ends there or before */
	const struct live_layout *layout;
	const struct live_row *row;
};

/* Finds the current row with the record's identity outside of the live records of its own part.
 * *ret_has_lines: somewhere are lines that the index does not cover, so that this may be wrong. */
NODISCARD enum err history_find_other(struct index_set *set, const struct history_ask *ask,
	struct live_other *ret, bool *ret_has_lines);

/* The history of a segment that begins at `from`. */
struct history {
	struct segment_history to_build; /* its user is this struct */
	struct index_set *set;
	size_t shard;
	int64_t from;
	struct segment_rival *rivals; /* a block */
	size_t *rival_shards;
	size_t n, cap;
	/* A day that has to be closed first, because ERR_BUSY; SPAN_NO_DAY: none. */
	int32_t needs_day;
};

NODISCARD enum err history_init(
	struct history *h, struct index_set *set, size_t shard, int64_t from);
void history_release(struct history *h);

#endif
