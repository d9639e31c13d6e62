/*
 * Traces and sessions of engine.h from blocks.
 */
#ifndef FLATSPAN_QUERY_AGGREGATE_TRACE_INDEX_H
#define FLATSPAN_QUERY_AGGREGATE_TRACE_INDEX_H

#include "query/aggregate/shared.h"
#include "query/engine.h"
#include "query/page/page.h"

/* True when the tables of all segments know the roots of their traces in the current versions. */
bool traces_know_roots(const struct snapshot *s);
/* Selects the roots that stand for the traces of a query, one row a trace (trace_roots.c). */
NODISCARD enum err traces_select_roots(
	struct snapshot *s, const struct query *roots, struct shared_traces *ret_shared);
/* Selects the same rows for a page by started_at; blocks may be left to block_load_selected(). */
NODISCARD enum err traces_select_for_page(
	struct snapshot *s, const struct query *roots, struct shared_traces *ret_shared);
/* The first span of a trace so far. */
struct trace_best {
	uint64_t hash; /* of trace_id and source */
	uint64_t id_hash, source_hash;
	struct block_row row; /* block UINT32_MAX: none */
	bool has_root;        /* for trace_rootless.c */
};
/* Finds or adds the trace. */
struct trace_best *trace_best_of(struct table *t, uint64_t id_hash, uint64_t source_hash);
/* True when x comes first: by started_at (absent: 0), then by span_id. */
NODISCARD enum err trace_is_earlier(
	struct snapshot *s, struct block_row x, struct block_row y, bool *ret);
/* Makes a copy of what is selected in a block that the caller may change, *bits unless it is there.
 */
NODISCARD enum err trace_own_selected(struct snapshot *s, uint32_t block, uint64_t **bits);
/* True when the table of a segment is right about the roots of its traces. */
bool trace_table_knows_roots(const struct block *b);
/* Returns when a row began; 0 when it has no start. */
NODISCARD enum err trace_root_started(struct block *b, uint32_t row, int64_t *ret);

/* Sums from columns (rollup_index.c): struct rollup of engine.h. */
enum { ROLLUP_COLUMNS = 9 };
struct rollup_columns {
	const struct rowlog_row *live; /* or, when there are none: columns */
	const struct column *of[ROLLUP_COLUMNS];
};
/* Returns the fields that sums are made of. */
struct field_set rollup_fields(void);
NODISCARD enum err rollup_open(struct rollup_columns *c, struct block *b);
/* Adds a row; returns its status. */
enum status rollup_add_row(struct rollup *r, const struct rollup_columns *c, uint32_t row);
/* Adds the current rows of a trace in one block. */
NODISCARD enum err rollup_add_trace(struct rollup *r, struct block *b, uint32_t trace);

NODISCARD enum err traces_select(
	struct snapshot *s, const struct trace_query *q, struct trace_list *ret);
/* Returns all traces of the query, in no order. */
NODISCARD enum err traces_select_all(
	struct snapshot *s, const struct trace_query *q, struct trace_list *ret);

enum status session_worse(enum status x, enum status y); /* session.c */
/* Selects the sessions of a query (session_index.c). */
NODISCARD enum err sessions_select(
	struct snapshot *s, const struct session_query *q, struct session_list *ret);

#endif
