/*
 * Writing a closed segment, chunk by chunk, to a file beside its place.
 *
 *	segment_writer_open(&w, arena, idx_fd);
 *	segment_writer_chunk(&w, id, column, bytes);
 *	segment_writer_column(&w, id, &raw, ...);
 *	e = segment_writer_publish(&w, &header, name);		or segment_writer_drop(&w);
 *
 * The first error stays and the last step tells it, so that the steps between need no checks.  The
 * same calls make the same bytes.
 */
#ifndef FLATSPAN_INDEX_SEGMENT_WRITE_H
#define FLATSPAN_INDEX_SEGMENT_WRITE_H

#include "index/format.h"

#include "base/buf.h"
#include "base/errors.h"

/* A column before it is encoded: values of the present rows only. */
struct raw_column {
	uint32_t n_rows, n_present;
	const uint64_t *present; /* NULL: all rows */
	const int64_t *values;   /* n_present; tags: of all lists one behind the other */
	const uint32_t *lists;   /* tags: n_present + 1 */
	bool is_unknown;         /* tags that are no lists of strings: no values */
};

static inline bool raw_has(const struct raw_column *c, uint32_t row)
{
	return c->n_present && (!c->present || (c->present[row / 64] >> row % 64 & 1));
}

/* How the values are to be stored. */
enum raw_kind {
	RAW_NUMBER,
	RAW_CODE, /* as they are, from 0 to n_entries - 1 */
	RAW_HASH  /* as they are */
};

struct segment_writer {
	struct arena *arena;
	enum err error;
	int idx_fd, fd;
	uint64_t written; /* bytes, those in `out` too */
	struct buf out;
	struct index_chunk chunks[INDEX_CHUNKS_MAX];
	struct index_column columns[INDEX_COLUMNS_MAX];
	uint16_t n_chunks, n_columns;
};

void segment_writer_open(struct segment_writer *w, struct arena *a, int idx_fd);
void segment_writer_chunk(struct segment_writer *w, unsigned id, unsigned column, struct str bytes);
/* A column that no row has is left out. relative: the raw column of relative_id, of all rows; or
 * NULL. n_entries: of the dictionary, or 0. */
void segment_writer_column(struct segment_writer *w, unsigned id, const struct raw_column *raw,
	enum raw_kind kind, const struct raw_column *relative, unsigned relative_id,
	uint32_t n_entries);
/* Completes the header and renames the file to its name. */
NODISCARD enum err segment_writer_publish(
	struct segment_writer *w, struct index_header *header, const char *name);
void segment_writer_drop(struct segment_writer *w);

uint64_t segment_head_checksum(struct str tables, const struct index_header *h);

/* The name of what is not finished: one, as the index lock is held by its writer. */
#define SEGMENT_TEMP_NAME ".new"

#endif
