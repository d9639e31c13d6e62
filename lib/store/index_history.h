/*
 * What came before: which rows of a workspace have the identity of a new one, and which traces have
 * been seen.  For those who write the index: appending, closing.
 */
#ifndef FLATSPAN_STORE_INDEX_HISTORY_H
#define FLATSPAN_STORE_INDEX_HISTORY_H

#include "store/index_set.h"
#include "store/segment_build.h"

/* Finds the current row with the record's identity outside of the live records of its own part, and
 * notes it in the record. own: the part's shard; view.n_shards: it is not there yet. day: of the
 * part. since: lookup_since() of the span. is_new: no closed segment of the day has its key; none
 * of its own part that ends at r->known_to or before has it in any case. *ret_has_lines: somewhere
 * are lines that the index does not cover, so that the record may be wrong. */
NODISCARD enum err history_note_other(struct index_set *set, size_t own, int32_t day, int32_t since,
	bool is_new, struct live_row *r, bool *ret_has_lines);

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
