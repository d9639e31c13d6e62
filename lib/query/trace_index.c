#include "query/trace_index.h"

/* ---- Sums ---- */

static enum err add_shared(struct stock *s, struct str trace_id, uint64_t hash,
	uint64_t source_hash, struct rollup *ret)
{
	for (size_t i = 0; i < s->n_blocks; i++) {
		struct block *b = &s->blocks[i];
		uint64_t probe = 0, other;
		uint32_t trace;
		for (;;) {
			enum err e = block_find_trace(b, trace_id, hash, &probe, &trace);
			if (!e && trace == UINT32_MAX)
				break;
			if (!e)
				e = block_trace_source_hash(b, trace, &other);
			if (!e && other == source_hash)
				e = rollup_add_trace(ret, b, trace);
			if (e)
				return e;
		}
	}
	return ERR_OK;
}

enum err traces_sum_up(struct stock *s, const struct shared_traces *shared, struct block_row root,
	struct rollup *ret)
{
	struct block *b = &s->blocks[root.block];
	struct block_traces traces;
	struct str trace_id;
	uint64_t source_hash;
	enum err e = block_traces(b, &traces);
	if (e)
		return e;
	uint32_t trace = (uint32_t)column_value(traces.codes, root.row);
	uint64_t hash = (uint64_t)column_value(traces.hash, trace);
	if (!shared_has(shared, hash))
		return rollup_add_trace(ret, b, trace);
	e = block_trace_id(b, trace, &trace_id);
	if (!e)
		e = block_trace_source_hash(b, trace, &source_hash);
	return e ? e : add_shared(s, trace_id, hash, source_hash, ret);
}

/* ---- Lists ---- */

static enum err make_row(struct stock *s, const struct shared_traces *shared, struct block_row root,
	bool want_rollup, struct trace_row *ret)
{
	struct block *b = &s->blocks[root.block];
	struct arena *a = s->view->arena;
	struct block_traces traces;
	struct trace_row row = { .started_ns = 0 };
	enum err e = block_traces(b, &traces);
	if (e)
		return e;
	uint32_t trace = (uint32_t)column_value(traces.codes, root.row);
	e = block_trace_id(b, trace, &row.trace_id);
	if (!e)
		e = block_trace_source(b, trace, &row.source);
	if (!e)
		e = block_ref(b, root.row, &row.root);
	if (!e)
		e = trace_root_started(b, root.row, &row.started_ns);
	if (!e && want_rollup)
		e = traces_sum_up(s, shared, root, &row.rollup);
	if (e)
		return e;
	row.trace_id = arena_copy(a, row.trace_id);
	row.source = arena_copy(a, row.source);
	*ret = row;
	return ERR_OK;
}

/* By start, where none counts as 0; then trace_id, then source. */
static struct query order_of(const struct trace_query *q)
{
	struct query order;
	query_init(&order);
	order.sort[0] = (struct sort_key){
		.field = FIELD_STARTED_AT, .descending = q->descending, .absent_is_zero = true
	};
	order.sort[1] = (struct sort_key){ .field = FIELD_TRACE_ID };
	order.sort[2] = (struct sort_key){ .field = FIELD_SOURCE };
	order.n_sort = 3;
	return order;
}

enum err traces_by_index(struct stock *s, const struct trace_query *q, struct trace_list *ret)
{
	struct shared_traces shared;
	struct query order = order_of(q);
	struct trace_list l = { .rows = NULL };
	struct block_row *roots;
	enum err e = traces_pick_for_page(s, &q->roots, &shared);
	if (e)
		return e;
	l.total = stock_count(s);
	size_t from = q->offset < l.total ? q->offset : l.total;
	l.n = q->limit < l.total - from ? q->limit : l.total - from;
	e = page_select(s, &order, from, from + l.n, &roots, &l.n);
	l.rows = arena_calloc(s->view->arena, l.n, sizeof *l.rows);
	for (size_t i = 0; !e && i < l.n; i++)
		e = make_row(s, &shared, roots[i], q->want_rollup, &l.rows[i]);
	if (!e)
		*ret = l;
	return e;
}

enum err all_traces_by_index(struct stock *s, const struct trace_query *q, struct trace_list *ret)
{
	struct shared_traces shared;
	struct trace_list l = { .rows = NULL };
	uint32_t row;
	enum err e = traces_pick(s, &q->roots, &shared);
	if (e)
		return e;
	l.total = stock_count(s);
	l.rows = arena_calloc(s->view->arena, l.total, sizeof *l.rows);
	for (size_t i = 0; i < s->n_blocks; i++) {
		const struct block *b = &s->blocks[i];
		BLOCK_EACH_PICKED(b, row)
		{
			struct block_row root = { (uint32_t)i, row };
			if (stock_is_late(s))
				return ERR_BUDGET;
			e = make_row(s, &shared, root, q->want_rollup, &l.rows[l.n]);
			if (e)
				return e;
			l.n++;
		}
	}
	*ret = l;
	return ERR_OK;
}
