/*
 * A closed segment, mapped and checked: what index.h says about columns, dictionaries and tables,
 * below the process's cache (index_cache.h).
 *
 * The head is checked when the file is opened; a chunk, its checksum and all numbers in it that say
 * where to look, when it is first used.  What is wrong then makes the segment damaged for good.
 */
#ifndef FLATSPAN_INDEX_SEGMENT_SEGMENT_H
#define FLATSPAN_INDEX_SEGMENT_SEGMENT_H

#include "index/index.h"

#include <sys/stat.h>

struct segment {
	struct arena memory;
	struct stat file; /* when it was opened */
	struct str map;
	struct index_header header;
	const struct index_chunk *chunks;
	const struct index_column *columns;
	int16_t column_at[INDEX_COLUMN__MAX]; /* in columns; -1: no row has it */
	int16_t values_at[INDEX_COLUMN__MAX]; /* in chunks; -1: none */
	bool *chunk_is_checked;
	struct column *loaded[INDEX_COLUMN__MAX]; /* NULL: not yet */
	struct dict *dicts[INDEX_COLUMN__MAX];
	struct dict *trace_ids;
	/* The id table; dir NULL: not looked at yet. */
	const struct index_id_block *dir;
	const char *id_blocks;
	uint32_t n_id_blocks;
	uint64_t *block_is_checked; /* bitmap */
	/* Which keys there may be; NULL: not loaded yet. */
	const uint64_t *filter;
	size_t n_filter_asks;
	/* Which hashes of traces there are; NULL: not made yet. */
	uint64_t *trace_filter;
	unsigned trace_filter_shift;
	uint32_t n_trace_asks;
	bool is_damaged, hidden_is_checked;
	bool is_touched[INDEX_COLUMN__MAX]; /* columns used since the mapping was last forgotten */
	size_t touched_bytes;
	struct stat shard;   /* the file it was found to belong to, as it was then */
	int64_t shard_bytes; /* of lines in it, when it is a sealed one */
	unsigned n_users;    /* sets that hold it */
};

/* What a segment must be to be that of a name. */
struct segment_want {
	int32_t day;
	int part;
	int64_t from, to;
	uint64_t seed;
};

/* NULL: it cannot be read, or is not what it should be: *ret_problem is a sentence about that then,
 * else NULL. */
struct segment *segment_open(
	int idx_fd, const char *name, const struct segment_want *want, const char **ret_problem);
void segment_close(struct segment *s);

/* The bytes of a chunk; empty when there is none. ERR_UNSAFE: damaged. */
NODISCARD enum err segment_chunk(struct segment *s, unsigned id, unsigned column, struct str *ret);
/* True when the chunk's checksum is right, whatever was checked before. */
bool segment_chunk_is_good(const struct segment *s, const struct index_chunk *c);
/* The first byte in [from, to) of the file that is not zero; `to`: all are. Between chunks all are.
 */
uint64_t segment_skip_zeros(const struct segment *s, uint64_t from, uint64_t to);
/* True when every byte is as it was written. */
bool segment_is_whole(const struct segment *s);

NODISCARD enum err segment_load_column(struct segment *s, unsigned c, const struct column **ret);
NODISCARD enum err segment_load_dict(struct segment *s, unsigned c, struct dict *ret);
NODISCARD enum err segment_load_trace_ids(struct segment *s, struct dict *ret);
/* A bitmap of rows, zeros behind the last one; NULL: none. */
NODISCARD enum err segment_load_bitmap(struct segment *s, unsigned id, const uint64_t **ret);
/* The bitmaps of rows that lose within the segment and of tombstones, which together are the
 * n_hidden of the head. */
NODISCARD enum err segment_load_hidden(
	struct segment *s, const uint64_t **ret_superseded, const uint64_t **ret_deletes);
NODISCARD enum err segment_load_links(
	struct segment *s, const struct index_link **ret, uint32_t *ret_n);

/* Where a line stands, without checking the columns that say it: the reader of the line sees
 * whether it is the right one, and calls segment_load_column for INDEX_AT and INDEX_LEN when not.
 */
NODISCARD enum err segment_place(
	struct segment *s, uint32_t row, int64_t *ret_at, uint32_t *ret_len);

/* The row whose line begins there; UINT32_MAX: none. */
NODISCARD enum err segment_row_at(struct segment *s, int64_t at, uint32_t *ret_row);
/* The rows with that key (only_span: with its part that is of the span_id), one a call; UINT32_MAX:
 * no more. *probe is 0 at first. */
NODISCARD enum err segment_find_key(
	struct segment *s, uint64_t key, bool only_span, uint64_t *probe, uint32_t *ret_row);
/* False: no trace has this hash. True without a look until asking has become dearer than making a
 * filter: a process that asks once does not read them all. */
NODISCARD enum err segment_ask_trace(struct segment *s, uint64_t hash, bool *ret_may_have);
/* Asks for n of them at once, which do not wait for one another's memory: sets the bits of those
 * that it may have, the others stay as they are; bits behind the n may be set as well. */
NODISCARD enum err segment_ask_traces(
	struct segment *s, const uint64_t *hashes, size_t n, uint64_t *may_have);
NODISCARD enum err segment_probe_trace_hash(
	struct segment *s, uint64_t hash, uint64_t *probe, uint32_t *ret_row);
NODISCARD enum err segment_probe_trace(
	struct segment *s, struct str trace_id, uint64_t hash, uint64_t *probe, uint32_t *ret_row);

/* Gives the memory of the mapping back; it comes again when it is used. */
void segment_forget(struct segment *s);

/* Marks it damaged: ERR_UNSAFE. */
enum err segment_damaged(struct segment *s);

#endif
