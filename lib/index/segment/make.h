/*
 * Making a closed segment from rows, wherever they come from: lines (segment_build.c) or other
 * segments (segment_merge.c).  The same rows make the same bytes.
 */
#ifndef FLATSPAN_INDEX_SEGMENT_MAKE_H
#define FLATSPAN_INDEX_SEGMENT_MAKE_H

#include "index/index.h"
#include "index/segment/write.h"

/* A growing array in a block. */
struct segment_links {
	struct index_link *links;
	size_t n, cap;
};

struct segment_input {
	/* What the header says: seed, day, part, range, prints, counts of rows, traces and bad
	 * lines. The rest of it is filled in. */
	struct index_header header;
	const uint64_t *deletes; /* bitmap of tombstones; NULL: none */
	const uint32_t *trace_of;
	struct dict trace_ids; /* n_traces; of equal ones the first that appears is first */
	/* The id table, ascending by key, then row. */
	const uint64_t *keys;
	const uint32_t *key_rows;
	/* A field that has a column (but span_id and trace_id), or one of INDEX_ROW_COLUMN_LIST but
	 * TRACE. */
	enum err (*column)(
		struct segment_input *in, unsigned c, struct arena *a, struct raw_column *ret);
	enum err (*dict)(struct segment_input *in, unsigned c, struct arena *a, struct dict *ret);
	/* Ascending, of rows that are not superseded. *ret is empty at first. */
	enum err (*links)(
		struct segment_input *in, const uint64_t *superseded, struct segment_links *ret);
	/* Sets the bits of traces whose id occurs before the segment. *ret_is_whole:
	 * INDEX_WHOLE_HISTORY. */
	enum err (*earlier)(struct segment_input *in, uint64_t *bitmap, bool *ret_is_whole);
	enum err (*span_id)(void *in, uint32_t row, struct arena *a, struct str *ret);
};

NODISCARD enum err segment_make(
	struct segment_input *in, struct arena *a, int idx_fd, const char *name);

uint64_t segment_key(uint64_t span_hash, uint64_t trace_hash, uint64_t source_hash);
/* The texts of columns of that kind stand in a dictionary. */
bool segment_has_dict(enum field f);
/* Names of files in a day's index. */
enum { SEGMENT_NAME_MAX = 64 };
void segment_name(int part, int64_t from, int64_t to, char ret[static SEGMENT_NAME_MAX]);

#endif
