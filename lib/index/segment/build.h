/*
 * Closing: a segment from the lines of a byte range of a shard.
 */
#ifndef FLATSPAN_INDEX_SEGMENT_BUILD_H
#define FLATSPAN_INDEX_SEGMENT_BUILD_H

#include "index/segment/make.h"

/* A row whose earlier versions are looked for. */
struct segment_row {
	uint64_t key, identity;
	/* No other part of the day has the identity, nor has the row's own part before this offset:
	 * its record says so. -1: not known. */
	int64_t unique_until;
};

/* What arrived before. */
struct segment_history {
	void *user;
	/* *ret: true when the day may have a row of that identity that arrived before the segment.
	 */
	enum err (*has_earlier)(void *user, const struct segment_row *row, bool *ret);
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
	const struct rowlog_row *rows;
	size_t n;
};

/* Makes the segment of [from, to) of a shard, or of as much of it as the limits allow: *ret_to is
 * where it ends. to: -1 for the end of the snapshot. history: NULL when nothing came before.
 * records: NULL for none. The arena is the view's; what is used of it is given back. */
NODISCARD enum err segment_build(struct view *v, size_t shard, int64_t from, int64_t to,
	const struct segment_limits *limits, uint64_t seed, const struct segment_history *history,
	const struct segment_records *records, int idx_fd, int64_t *ret_to);

/* The order of a segment's links, for qsort. */
int segment_compare_links(const void *x, const void *y);

/* Computes the hash of up to INDEX_PRINT_BYTES of the shard from `at`, not past `end`. */
NODISCARD enum err segment_print(
	struct view *v, size_t shard, int64_t at, int64_t end, uint64_t *ret);

/* Sets both prints of the header's range. */
NODISCARD enum err segment_prints(struct view *v, size_t shard, struct index_header *h);
/* True when the header's prints are those of the shard's bytes: the file is the one of which the
 * index was made, or was damaged since. */
bool segment_is_bound(struct view *v, size_t shard, const struct index_header *h);
NODISCARD enum err segment_read_span_id(
	struct view *v, struct row_ref ref, struct arena *a, struct str *ret);

/* The number a column holds for a field that is no text. */
int64_t segment_number(const struct span *s, enum field f);

#endif
