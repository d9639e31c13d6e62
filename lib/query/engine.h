/*
 * Answers: lists, single spans, groups, traces, sessions, and plain iteration.  All of them see
 * each span once, in its current version, deleted ones not at all, whatever the days the versions
 * stand in.
 *
 * Rows come as references; the caller fetches one after the other (engine_fetch) and renders as it
 * goes, so that a page of large bodies never stands in memory.
 */
#ifndef FLATSPAN_QUERY_ENGINE_H
#define FLATSPAN_QUERY_ENGINE_H

#include "query/match/match.h"
#include "shard/shard.h"

struct row_list {
	struct row_ref *rows; /* in the page's order, in the view's arena */
	size_t n;
	uint64_t total; /* of matching spans, cursor and limit ignored; 0 unless want_total */
	bool has_more;  /* a further row in the direction of travel */
};

/* Lists the rows of a page. Rows that compare equal come in the order of their places. */
NODISCARD enum err engine_list(struct view *v, const struct query *q, struct row_list *ret);

/* Tells that all of these are fetched next: see view_prefetch(). */
void engine_prefetch(struct view *v, const struct row_list *rows);

/* Reads a row into ret (want NULL: everything). Its texts are valid until the engine is asked for
 * anything else. *ret_line, when not NULL, is the line. ERR_NOT_FOUND: the line is gone or damaged;
 * the row is skipped by the caller. */
NODISCARD enum err engine_fetch(struct view *v, struct row_ref ref, const struct field_set *want,
	struct span *ret, struct str *ret_line);

/* Finds the current span with this span_id (source, trace_id STR_NULL: any; of several the newest
 * ingest). ret's texts are in the view's arena. Deleted spans are not found. */
NODISCARD enum err engine_get(struct view *v, struct str source, struct str trace_id,
	struct str span_id, struct span *ret, bool *ret_found);

/* Each matching span, in no order (sort, offset, limit and positions ignored), with the wanted
 * fields. each returns false to stop. The arena is rewound after each row. Where no field is wanted
 * rows that the index knows are not read: one may be damaged. */
NODISCARD enum err engine_each(struct view *v, const struct query *q, const struct field_set *want,
	bool (*each)(void *user, const struct span *s, struct row_ref ref), void *user);

/* Groups of matching spans by up to QUERY_GROUP_MAX fields (text, kind, status, tags); spans in
 * which one of them is absent or empty are left out. A span with several tags is in the group of
 * each. More than LIMIT_GROUPS: ERR_BUDGET. */
struct group_query {
	struct query spans; /* which spans; sort unused */
	enum field by[QUERY_GROUP_MAX];
	size_t n_by;
	enum { GROUP_BY_COUNT, GROUP_BY_STARTED } sort;
	bool descending;  /* ties: the group's values ascending, in the order of by */
	bool counts_only; /* first_started_ns may be anything, unless it is sorted by */
	size_t offset, limit;
};

struct group_row {
	struct str value[QUERY_GROUP_MAX]; /* canonical bodies */
	uint64_t n_spans;
	int64_t first_started_ns;
};

struct group_list {
	struct group_row *rows;
	size_t n;
	uint64_t total; /* groups in all */
};

NODISCARD enum err engine_groups(
	struct view *v, const struct group_query *q, struct group_list *ret);

/* Sums over spans. Each is shown only when some span has the value. Costs are in 1e-12 USD. */
struct rollup {
	uint64_t n_spans, n_errors;
	bool has_input_tokens, has_output_tokens, has_cached_tokens, has_total_tokens;
	int64_t input_tokens, output_tokens, cached_tokens, total_tokens;
	bool has_cost_total, has_cost_input, has_cost_output;
	__int128 cost_total, cost_input, cost_output;
};

/*
 * Traces.  A trace is (source, trace_id) with at least one root span.  The filters apply to its
 * roots; the earliest matching root (started_at, then span_id) represents it.  With rootless ones a
 * trace without a root is one too: its earliest span represents it, when that matches.  Roll-ups
 * are over all its current spans except those that repeat their children's usage (their spans and
 * errors count, their tokens and costs do not).
 */
struct trace_query {
	struct query roots; /* which roots; sort unused */
	bool descending;    /* by the root's started_at; ties: trace_id ascending, then source */
	size_t offset, limit;
	bool want_rollup;
	bool with_rootless; /* whose root is still to come, or is somebody else's */
};

struct trace_row {
	struct row_ref root;
	struct str source, trace_id; /* canonical bodies */
	int64_t started_ns;
	struct rollup rollup;
};

struct trace_list {
	struct trace_row *rows;
	size_t n;
	uint64_t total;
};

NODISCARD enum err engine_traces(
	struct view *v, const struct trace_query *q, struct trace_list *ret);
/* Calls engine_prefetch() for the roots of the traces. */
void engine_prefetch_roots(struct view *v, const struct trace_list *traces);
/* Finds the trace with this id; of several sources the one whose root started last. */
NODISCARD enum err engine_trace_get(struct view *v, struct str trace_id, bool want_rollup,
	struct trace_row *ret, bool *ret_found);
/* Each matching trace with its roll-up, in no order; the root's wanted fields. */
NODISCARD enum err engine_traces_each(struct view *v, const struct trace_query *q,
	const struct field_set *want,
	bool (*each)(void *user, const struct trace_row *row, const struct span *root), void *user);

struct session_row {
	struct str session_id;
	int64_t first_started_ns, last_ended_ns; /* last_ended_ns INT64_MIN: a span is unfinished */
	enum status status; /* error over cancelled over unknown over success */
	uint64_t n_traces;
	struct rollup rollup;
};

NODISCARD enum err engine_session_get(
	struct view *v, struct str session_id, struct session_row *ret, bool *ret_found);

struct session_query {
	struct query spans; /* which spans count */
	bool descending;    /* by first start; ties: session_id ascending */
	size_t offset, limit;
};

struct session_list {
	struct session_row *rows;
	size_t n;
	uint64_t total;
};

NODISCARD enum err engine_sessions(
	struct view *v, const struct session_query *q, struct session_list *ret);

#endif
