/*
 * The trace table of a segment in the making: one row a (source, trace_id), summed up column by
 * column, so that closing and merging make the same table from the same rows.
 *
 *	traces_init(&t, arena, n_rows, n_traces, trace_of, hidden);
 *	traces_feed(&t, field, &raw);		each column once, parent_span_id and repeats_usage
 *						first, started_at also when no row has it
 *	traces_write(&t, writer, ...);
 */
#ifndef FLATSPAN_INDEX_SEGMENT_TRACES_H
#define FLATSPAN_INDEX_SEGMENT_TRACES_H

#include "index/segment/write.h"

enum { TRACE_SUMS = INDEX_TRACE_COST_OUTPUT - INDEX_TRACE_INPUT_TOKENS + 1 };

/* A span that comes first in its trace: by started_at, then by span_id. */
struct trace_first {
	uint32_t row; /* UINT32_MAX: none */
	int64_t started_ns;
};

/* Reads the span_id of a row from its line, into the arena. */
typedef enum err trace_span_id_fn(void *user, uint32_t row, struct arena *a, struct str *ret);

struct traces {
	struct arena *arena;
	uint32_t n_rows, n_traces;
	const uint32_t *trace_of;  /* of each row */
	const uint64_t *hidden;    /* NULL: none */
	uint64_t empty_parent;     /* the hash of "" */
	uint64_t *roots, *repeats; /* bitmaps of rows */
	bool has_parents;          /* else all rows are roots */
	trace_span_id_fn *span_id;
	void *user;
	enum err error;
	uint32_t *first_row, *last_row, *n_spans, *n_errors, *n_roots, *n_ended;
	int64_t *source, *session;               /* codes; -1: none */
	uint64_t *seen_session, *mixed_sessions; /* bitmaps */
	struct trace_first *root;                /* among the roots */
	struct trace_first *earliest;            /* among all, of traces without a root */
	int64_t *first_started, *last_ended;
	uint64_t *has_started;
	int64_t *sums[TRACE_SUMS];
	uint64_t *has_sum[TRACE_SUMS];
	bool is_unknown[TRACE_SUMS]; /* a sum left the range of int64 */
};

void traces_init(struct traces *t, struct arena *a, uint32_t n_rows, uint32_t n_traces,
	const uint32_t *trace_of, const uint64_t *hidden, uint64_t empty_parent);
void traces_feed(struct traces *t, enum field f, const struct raw_column *raw);
/* hashes: of the trace_ids; earlier: bitmap of INDEX_TRACE_EARLIER. */
void traces_write(struct traces *t, struct segment_writer *w, const int64_t *hashes,
	const uint64_t *earlier, uint32_t n_sources, uint32_t n_sessions);

#endif
