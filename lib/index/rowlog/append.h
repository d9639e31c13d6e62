/*
 * The writers' part of the index: a record of the row log for each line.
 *
 *	index_append_rows(&x, view, n, day)		room for n records
 *	index_append_row(&x, i, &spans[i])		makes it, while the texts are in the cache
 *	index_append_begin(&x, view, &batch)		before the lines are written; looks for
 *							other versions
 *	index_append_lines(&x, ...)			right behind the lines, under the lock
 *	index_append_end(&x, store, workspace)		always, when the lock is not held any more
 *
 * None of it can fail the append: what goes wrong here leaves lines that are read as lines until
 * they are closed.
 */
#ifndef FLATSPAN_INDEX_ROWLOG_APPEND_H
#define FLATSPAN_INDEX_ROWLOG_APPEND_H

#include "index/rowlog/rowlog.h"

struct index_append {
	const struct store *store;
	struct rowlog_row *rows; /* in the view's arena; NULL: no records are to be written */
	struct rowlog_memo memo;
	size_t n;
	struct str lines;         /* of the spans; without the newline that heals */
	const uint32_t *line_len; /* of each, without its newline */
	int32_t day, day_before;  /* SPAN_NO_DAY: none */
	uint64_t seed;
	/* Opened before the lock is taken: -1, none yet. */
	int idx_fd, log_fd;
	dev_t idx_dev;
	ino_t idx_ino;
	struct rowlog_header header;
	int last_part;      /* of the day, when rows were made; -1: it had none */
	int64_t flushed_to; /* of that part */
	uint64_t n_flushed; /* of the records in log_fd: those of lines before that */
	int64_t flushed_ns; /* when this process first saw that (utime_monotonic) */
	bool is_first;      /* of its day */
	bool wants_flush, wants_flush_later;
	bool is_urgent; /* there will soon be no room for records */
};

/* What an append has written, under the lock. */
struct index_written {
	int fd, part; /* of the shard */
	int64_t size_before;
	bool is_healed; /* a newline went first, to end a torn line */
};

/* What is going to be written. */
struct index_batch {
	struct str lines; /* one behind the other; they and their lengths outlive the append */
	const uint32_t *line_len; /* of each, without its newline */
};

/* Makes room for the records of n spans, which have prev_day. */
void index_append_rows(struct index_append *x, struct view *v, size_t n, int32_t day);
void index_append_row(struct index_append *x, size_t i, const struct span *s);
void index_append_begin(struct index_append *x, struct view *v, const struct index_batch *batch);
void index_append_lines(struct index_append *x, const struct index_written *w);
/* Remembers that the day has to be closed, if it has. */
void index_append_end(struct index_append *x, struct str workspace);

#endif
