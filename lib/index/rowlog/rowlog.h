/*
 * The row log of a part, as readers have it: a record for each line after the last segment.
 *
 * append.c adds records, restart.c starts the file again after a flush.
 */
#ifndef FLATSPAN_INDEX_ROWLOG_ROWLOG_H
#define FLATSPAN_INDEX_ROWLOG_ROWLOG_H

#include "index/index.h"
#include "index/rowlog/row.h"

#include <sys/stat.h>

enum {
	ROWLOG_ROWS_MAX = 131072, /* of one file; what is behind is read from the lines */
	/* A file of that many is started again: what comes until the next flush has room. */
	ROWLOG_ROWS_LONG = 65536,
	/* From that many rows that are not flushed, the process that finds them waits for a flush.
	 */
	ROWLOG_ROWS_URGENT = 40960,
	ROWLOG_ROWS_FULL = 114688, /* closed or not: likewise */
	/* Whom a process looks at from the time it opens the file: what is behind is read from the
	 * lines, until it opens it again, as it does when ROWLOG_ROWS_PASSED were flushed since. */
	ROWLOG_ROWS_SEEN = 65536,
	ROWLOG_ROWS_PASSED = 24576,
	ROWLOG_ROWS_WORDS = ROWLOG_ROWS_SEEN / 64
};
_Static_assert(ROWLOG_ROWS_LONG + ROWLOG_ROWS_URGENT <= ROWLOG_ROWS_FULL &&
		       ROWLOG_ROWS_FULL < ROWLOG_ROWS_MAX,
	"a file that is not started again would be full before the next flush");
_Static_assert(ROWLOG_ROWS_PASSED + ROWLOG_ROWS_URGENT <= ROWLOG_ROWS_SEEN,
	"who waits would not see what waits");

/* A field of the rows, as far as somebody asked for it. */
struct rowlog_values {
	int64_t *values; /* a block with room for all rows: they never move */
	size_t n;
	int64_t min, max;
	bool has_gaps; /* some row does not have it: no values */
};

/* The records of one part, as far as they were looked at and found good. */
struct rowlog {
	struct arena memory;
	dev_t dev;
	ino_t ino;
	struct rowlog_header header;
	struct str map;                /* the file, as long as it can become */
	const struct rowlog_row *rows; /* in the mapping: they never move */
	size_t n;
	/* Records of lines that were in segments when the file was opened are not looked at: their
	 * number, and where the line of the first of `rows` may begin. */
	size_t n_skipped;
	int64_t from;
	int64_t known_to;                   /* the least of theirs */
	uint64_t linked[ROWLOG_ROWS_WORDS]; /* bitmap: those with ROWLOG_LINKED or prev_day */
	uint32_t last_checksum;             /* of the last of them, when it was looked at */
	bool is_ended;                      /* the record behind the last one is no good */
	size_t n_passed;                    /* of closed lines: their memory was given back */
	struct rowlog_values values[FIELD__MAX];
	/* The first n_ranked rows are in hidden and winners, which are made when needed. */
	size_t n_ranked;
	uint64_t *hidden;  /* bitmap: tombstones, and rows that lose to another one of these */
	uint32_t *winners; /* hash table of the rows that do not: 1 + row */
	/* Hash table of the first n_slotted rows by key: 1 + row. */
	size_t n_slotted;
	uint32_t *slots;
	bool was_asked;
	unsigned n_users;
	bool is_retired; /* another file has its name, or it is better opened again */
};

void rowlog_file_name(int part, char ret[static STORE_NAME_MAX]);

/* The header of a file whose records begin at `from`. fd, size: of the shard, not empty. */
NODISCARD enum err rowlog_make_header(int32_t day, int part, int fd, int64_t size, int64_t from,
	uint64_t seed, struct rowlog_header *ret);
/* True when the header is of this format and whole. */
bool rowlog_header_is_sound(const struct rowlog_header *h);
/* Since these records were begun the machine has not failed: what is in the records is in the lines
 * as well.  After a power cut records can be there whose lines are not, as neither was synced. */
bool rowlog_is_of_this_boot(const struct rowlog_header *h);
/* What the line that ends here, with its newline, says of itself. */
uint32_t rowlog_line_checksum(struct str line);
/* True when the header is sound and of this shard. */
bool rowlog_header_fits(const struct rowlog_header *h, struct view *v, size_t shard, uint64_t seed);

/* True when the line of the record ends as the record says. Lines are written before records, and a
 * record stands only behind good ones, so that a look at the last one tells that all are of this
 * shard. */
bool rowlog_row_is_bound(struct view *v, size_t shard, const struct rowlog_row *r);

/* Opens the row log of a shard; NULL when there is none that is good. flushed_to: where the
 * segments that are there end. */
struct rowlog *rowlog_open(
	struct view *v, size_t shard, int idx_fd, uint64_t seed, int64_t flushed_to);
/* Reads what was added. Where much of that is closed, it is retired, for the file to be opened
 * again. flushed_to: as above; 0 when what was looked at so far is still needed. */
void rowlog_update(struct rowlog *l, struct view *v, size_t shard, int idx_fd, int64_t flushed_to);
void rowlog_close(struct rowlog *l);
/* Much of what it looked at is closed by now, and would be skipped if it were opened again. */
bool rowlog_is_worn(const struct rowlog *l, int64_t flushed_to);
/* Gives memory back that comes again when it is used: all, or that of the first n records. */
void rowlog_forget(struct rowlog *l);
void rowlog_pass(struct rowlog *l, size_t n);

/* The bitmap of rows that lose to another one of these, or are tombstones. */
const uint64_t *rowlog_superseded(struct rowlog *l);
/* The values of a field that is kept, one a row, and bounds of theirs; NULL when some row does
 * not have it. */
const int64_t *rowlog_values(struct rowlog *l, enum field f, int64_t *ret_min, int64_t *ret_max);
/* The rows with that key (only_span: with its part that is of the span_id), one a call; SIZE_MAX:
 * no more. *probe is 0 at first. */
size_t rowlog_find_key(struct rowlog *l, uint64_t key, bool only_span, size_t *probe);

#endif
