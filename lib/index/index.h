/*
 * The index of a view: what of each shard is known without reading its lines.
 *
 * Bytes [0, covered) of a shard are in segments, and after these in the row log; lines from covered
 * on are for the caller to read.  The index is a cache: what is missing, damaged, of another shard,
 * of another format or of the future is as if it were not there, and covered is smaller.  Callers
 * must confirm every row against its line; only counts and sums may be used directly.
 *
 *	struct index_set set;
 *	do {
 *		e = index_open(view, &set);
 *		if (!e)
 *			e = index_resolve(&set);
 *		for each shard: for each of set.of[i].segments, .log, lines from .covered on
 *			... index_supersede(&set, &span, ref, &is_hidden) for each of these lines
 *... } while (e == ERR_UNSAFE);
 *
 * ERR_UNSAFE, from any function here, means that a chunk was found damaged when it was first used:
 * its segment was dropped, will not come back, and all that was taken from the set is void.  Begin
 * again (a segment less each time, so it ends); other errors are the caller's to pass on.
 *
 * Rows are in the order of arrival.  All of a set lives in the view's arena or in the process's
 * cache, and is good until the view is closed or index_open is called again.
 *
 * Used by the query engine, lookup.c and the builder of the index itself.
 */
#ifndef FLATSPAN_INDEX_INDEX_H
#define FLATSPAN_INDEX_INDEX_H

#include "base/bitmap.h"
#include "index/rowlog/row.h"
#include "shard/shard.h"

struct segment; /* immutable; segment.h */

/* A closed segment as one view sees it. */
struct index_segment {
	struct segment *segment;
	uint32_t shard;   /* of view.shards */
	int64_t from, to; /* bytes of the shard */
	uint32_t n_rows, n_traces, n_links;
	uint32_t flags; /* enum index_flag */
	/* The rows no query may see: those superseded by rows of this or of another segment, of the
	 * row log, of lines passed to index_supersede; and tombstones.  NULL: none.  A bit a row,
	 * in whole words, zeros behind the last row. From index_resolve on. */
	const uint64_t *hidden;
	bool owns_hidden;
	uint32_t n_hidden;
	/* How many of n_hidden the segment itself did not know when it was built: its trace
	 * table counts them still. 0: the trace table is right. */
	uint32_t n_hidden_late;
};

/* The index of one shard. */
struct index {
	struct index_segment *segments; /* ascending, without gaps, from byte 0 */
	size_t n_segments;
	const struct rowlog_row *log; /* ascending, without gaps, after the last segment */
	size_t n_log;
	uint64_t *log_superseded; /* the same of the row log; NULL: none */
	int64_t covered;          /* lines from here on are the caller's to read */
	/* Lines in [0, covered) that are no rows. */
	uint64_t n_torn, n_rot, n_zero;
};

struct index_set {
	struct view *view;
	struct index *of;           /* one a shard, in the view's order */
	uint64_t seed;              /* of all hashes of texts below */
	bool is_on;                 /* false: switched off, nothing is covered */
	bool trusts_growth;         /* a shard that is the same file and longer has what it had */
	struct index_shard *shards; /* index_set.h */
	struct table *versions;     /* versions.h */
};

/* Opens the index of every shard of the view and takes the shards' sizes: before any line is read
 * through the view, so that all speak of the same moment. With `index = no` nothing is covered. */
NODISCARD enum err index_open(struct view *v, struct index_set *ret);
/* Lets go of it: view_close does. */
void index_end(struct view *v);
/* Finds out which rows are hidden. */
NODISCARD enum err index_resolve(struct index_set *set);
/* Takes a line from `covered` on: hides what it supersedes, and *ret_is_hidden says whether
 * something else supersedes it. Lines that are passed are not compared with each other: that is the
 * caller's, and a hidden line takes part in it like any other (what beats it beats those it beats,
 * but is said to beat only the best of them), as tombstones do. */
NODISCARD enum err index_supersede(
	struct index_set *set, const struct span *s, struct row_ref ref, bool *ret_is_hidden);

/* ---- Columns ---- */

/*
 * The values of a column, packed: only rows that have the field have a value.
 *
 *	present == NULL		every row has it: values[row]
 *	else			bit `row` of present; the values of word w begin at
 *				column_rank(c, w)
 *
 *	value = base + scale * stored + (relative ? that column's value of the row : 0)
 *
 * with unsigned stored values of 0 (constant), 1, 2, 4 or 8 bytes; sums wrap, as hashes do.  Codes
 * have base 0 and scale 1.  INDEX_SLACK bytes behind the last value may be read.
 *
 * DICT columns hold codes: entries of the dictionary ascend in the order of their plain texts, so
 * that codes compare as texts do.  tags hold lists.
 */
enum column_state {
	COLUMN_ABSENT, /* no row has it: n_present is 0, nothing else is set */
	COLUMN_KNOWN,
	COLUMN_UNKNOWN /* rows may have it, the column cannot say: read the lines. n_present is set
			*/
};

struct column {
	enum column_state state;
	uint32_t n_rows, n_present;
	unsigned width;
	int64_t base, scale;
	int64_t min, max; /* of all present values (codes: of codes) */
	const void *values;
	const uint64_t *present;
	const uint32_t *rank;          /* present rows before each INDEX_RANK_ROWS */
	const struct column *relative; /* present in all rows */
	uint32_t n_entries;            /* DICT and TAGS */
	const uint32_t *lists;         /* TAGS: the codes of the p-th present row are values
					* lists[p] … lists[p + 1] - 1, in the array's order; codes and
					* `width` are of the elements */
};

/* c: of a field that has a column and is not span_id (its rows are found by index_find) nor
 * trace_id (INDEX_TRACE), or an enum index_column_id. parent_span_id: hashes by index_hash. The
 * column stays loaded: asking again costs nothing. */
NODISCARD enum err segment_column(struct index_segment *s, unsigned c, const struct column **ret);
/* The smallest and greatest value without loading the column; false: no row has it, or unknown. */
bool segment_bounds(const struct index_segment *s, unsigned c, int64_t *ret_min, int64_t *ret_max);
enum column_state segment_column_state(const struct index_segment *s, unsigned c);
/* True when every row has it. The column is one of rows with bounds and is not loaded. */
bool segment_column_is_full(const struct index_segment *s, unsigned c);

static inline bool column_has(const struct column *c, uint32_t row)
{
	return c->n_present && (!c->present || bits_has(c->present, row));
}

/* Present rows before the word: where its values begin. */
uint32_t column_rank(const struct column *c, uint32_t word);

/* Where the value of a row that has one stands among the values. */
static inline uint32_t column_place(const struct column *c, uint32_t row)
{
	uint64_t below = (UINT64_C(1) << row % 64) - 1;
	if (!c->present)
		return row;
	return column_rank(c, row / 64) +
	       (uint32_t)__builtin_popcountll(c->present[row / 64] & below);
}

static inline uint64_t column_stored(const struct column *c, uint32_t place)
{
	switch (c->width) {
	case 1:
		return ((const uint8_t *)c->values)[place];
	case 2:
		return ((const uint16_t *)c->values)[place];
	case 4:
		return ((const uint32_t *)c->values)[place];
	case 8:
		return ((const uint64_t *)c->values)[place];
	default:
		return 0;
	}
}

/* The value of a row that has one. */
static inline int64_t column_value(const struct column *c, uint32_t row)
{
	uint64_t v =
		(uint64_t)c->base + (uint64_t)c->scale * column_stored(c, column_place(c, row));
	if (c->relative)
		v += (uint64_t)c->relative->base +
		     (uint64_t)c->relative->scale * column_stored(c->relative, row);
	return (int64_t)v;
}

/* The first row whose value is not less, of a column that ascends and has all values; n_rows: none.
 */
uint32_t column_first_at(const struct column *c, int64_t value);

/* A dictionary: entries 0 … n - 1 ascend in the order of plain texts. */
struct dict {
	uint32_t n;
	const uint32_t *at; /* n + 1 */
	const char *bytes;
};

NODISCARD enum err segment_dict(struct index_segment *s, unsigned c, struct dict *ret);

/* A canonical body. */
static inline struct str dict_entry(const struct dict *d, uint32_t code)
{
	return str_of(d->bytes + d->at[code], d->at[code + 1] - d->at[code]);
}

/* False: no row has it; *ret_code is then the first entry behind it. */
bool dict_find(const struct dict *d, struct str body, uint32_t *ret_code);

/* ---- Rows ---- */

NODISCARD enum err segment_row_ref(struct index_segment *s, uint32_t row, struct row_ref *ret);
/* min and max start, kinds and statuses of each INDEX_ZONE_ROWS rows. */
NODISCARD enum err segment_zones(
	struct index_segment *s, const struct index_zone **ret, uint32_t *ret_n);

/* ---- Traces: the columns INDEX_TRACE_*, n_traces rows each ---- */

/* The trace_ids, as a dictionary in the order of the trace table (dict_find does not work). */
NODISCARD enum err segment_trace_ids(struct index_segment *s, struct dict *ret);
/* The rows of the trace table with this trace_id, one a source, one after the other; UINT32_MAX: no
 * more. hash: index_hash of it. *probe is 0 at first. */
NODISCARD enum err segment_find_trace(struct index_segment *s, struct str trace_id, uint64_t hash,
	uint64_t *probe, uint32_t *ret_row);

/* Finds all trace_ids with this hash likewise. */
NODISCARD enum err segment_find_trace_hash(
	struct index_segment *s, uint64_t hash, uint64_t *probe, uint32_t *ret_row);

/* Returns the row of the span that stands for a trace: its earliest root or, when it has no root in
 * this segment, its earliest span. Spans are ordered by started_at (absent: 0), then by span_id.
 * UINT32_MAX: all rows of the trace are superseded or deleted. The table was written at flush: when
 * n_hidden_late is not 0, the row may be one that is superseded by now. */
NODISCARD enum err segment_trace_first(
	struct index_segment *s, uint32_t trace, uint32_t *ret_row, bool *ret_is_root);

/* Sets the bits of those of n hashes of trace_ids that some trace may have; whose bits stay as they
 * are, it has not. For many, segment after segment: each one's filter is in the cache then, and no
 * look waits for another one. */
NODISCARD enum err segment_may_have_traces(
	struct index_segment *s, const uint64_t *hashes, size_t n, uint64_t *may_have);

/* ---- The row log ---- */

/* Returns the values of a field that records keep, one a row, and their bounds; NULL when some row
 * does not have it, or the row log is empty. */
const int64_t *index_log_values(const struct index_set *set, size_t shard, enum field f,
	int64_t *ret_min, int64_t *ret_max);

/* ---- Finding by id ---- */

/* The hash of a text: of parent_span_id, INDEX_TRACE_HASH and values of records. */
uint64_t index_hash(const struct index_set *set, struct str body);

/* A row that may have the wanted span_id (and trace_id and source, when both were given): the line
 * tells. When it does not, `segment_confirm` tells a collision of hashes from damage. */
struct index_hit {
	struct row_ref ref;
	struct index_segment *segment; /* NULL: a row of the row log */
	uint32_t row;                  /* of the segment, or of log[] */
};

/* Calls each for every row [0, covered) of the shard that may have the id, in no order, until it
 * returns an error. Rows that lose to a row of their own segment are left out, other hidden ones
 * are not, nor are tombstones. trace_id and source: STR_NULL both for any. */
NODISCARD enum err index_find(struct index_set *set, size_t shard, struct str source,
	struct str trace_id, struct str span_id,
	enum err (*each)(void *user, const struct index_hit *hit), void *user);

/* A row whose line is not what the id table promised: ERR_UNSAFE when the places of lines are
 * damaged, else the line was another one with the same hash. */
NODISCARD enum err segment_confirm(struct index_segment *s);
#endif
