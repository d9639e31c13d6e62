/*
 * Closing: a segment from the lines of a byte range of a shard.
 */
#ifndef FLATSPAN_INDEX_SEGMENT_BUILD_H
#define FLATSPAN_INDEX_SEGMENT_BUILD_H

#include "index/segment/make.h"

/* A row elsewhere that has the identity of one of ours. */
struct segment_rival {
	struct index_place place;
	int64_t version;
};

/* A row whose other versions are looked for. */
struct segment_row {
	uint64_t key, identity;
	int32_t prev_day;
	/* There is none outside of its part, nor in its part before this: its record says so. */
	int64_t alone_to; /* -1: nobody knows */
};

/* What arrived before. */
struct segment_history {
	void *user;
	/* The current row of each shard that may hold an earlier version: of this day, and of the
	 * days that the row's prev_day leads to (SPAN_NO_DAY: none). The rivals are good until the
	 * next call. */
	enum err (*rivals)(void *user, const struct segment_row *row,
		const struct segment_rival **ret, size_t *ret_n);
	enum err (*has_trace)(void *user, struct str trace_id, uint64_t hash, bool *ret);
	bool is_whole; /* has_trace knows of all that arrived before */
};

/* A segment ends behind the line that reaches one of these. */
struct segment_limits {
	uint32_t rows;
	int64_t bytes;     /* of lines */
	size_t text_bytes; /* of ids and dictionaries */
};

/* Live records of the lines from the beginning of the range on: what they say is not read again. A
 * line that is read, and is not what its record says, makes all of them void. */
struct segment_records {
	struct live_rows rows;
	size_t n;
};

/* Makes the segment of [from, to) of a shard, or of as much of it as the limits allow: *ret_to is
 * where it ends. to: -1 for the end of the snapshot. history: NULL when nothing came before.
 * records: NULL for none. The arena is the view's; what is used of it is given back. */
NODISCARD enum err segment_build(struct view *v, size_t shard, int64_t from, int64_t to,
	const struct segment_limits *limits, uint64_t seed, const struct segment_history *history,
	const struct segment_records *records, int idx_fd, int64_t *ret_to);

/* Does a row at that place win over the rival? */
bool segment_wins(
	int64_t version, const struct index_place *place, const struct segment_rival *rival);
/* The order of a segment's kills, for qsort. */
int segment_compare_kills(const void *x, const void *y);

/* Of up to INDEX_PRINT_BYTES of the shard from `at`, not past `end`. */
NODISCARD enum err segment_print(
	struct view *v, size_t shard, int64_t at, int64_t end, uint64_t *ret);

/* Sets both prints of the header's range. */
NODISCARD enum err segment_prints(struct view *v, size_t shard, struct index_header *h);
NODISCARD enum err segment_read_span_id(
	struct view *v, struct row_ref ref, struct arena *a, struct str *ret);

/* The number a column holds for a field that is no text. */
int64_t segment_number(const struct span *s, enum field f);

#endif
