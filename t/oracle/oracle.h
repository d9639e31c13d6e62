/*
 * The brute-force oracle: answers to queries in the most obvious way, to hold the engine against.
 *
 * All lines of a workspace are in memory as spans, in the order of their arrival.  The oracle and
 * the engine share what a predicate means and how positions compare (match.h, tested by itself) and
 * nothing else: versions, windows, clauses, order, pages, groups and sums are done here again, with
 * loops over everything.
 */
#ifndef FLATSPAN_T_ORACLE_H
#define FLATSPAN_T_ORACLE_H

#include "query/engine.h"

struct corpus {
	struct span *lines; /* in the order of arrival; texts in the arena */
	size_t n;
	size_t *current; /* numbers of the lines that are current versions, ascending */
	size_t n_current;
	struct arena *arena;
};

/* Fills in current. */
void corpus_resolve(struct corpus *c);

/* Lines that match, in no order but that of arrival. */
struct oracle_rows {
	size_t *lines;
	size_t n;
	uint64_t total;
	bool has_more;
};

struct oracle_rows oracle_match(const struct corpus *c, const struct query *q);
struct oracle_rows oracle_list(const struct corpus *c, const struct query *q);
struct group_list oracle_groups(const struct corpus *c, const struct group_query *q);

struct oracle_trace {
	size_t root; /* the line */
	struct str source, trace_id;
	int64_t started_ns;
	struct rollup rollup;
};

struct oracle_traces {
	struct oracle_trace *rows;
	size_t n;
	uint64_t total;
};

struct oracle_traces oracle_traces(const struct corpus *c, const struct trace_query *q);
struct session_list oracle_sessions(const struct corpus *c, const struct session_query *q);
/* The line; false when there is none. STR_NULL: any. */
bool oracle_get(const struct corpus *c, struct str source, struct str trace_id, struct str span_id,
	size_t *ret_line);

#endif
