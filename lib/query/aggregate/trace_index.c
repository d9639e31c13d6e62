#include "query/aggregate/trace_index.h"

#include "query/aggregate/trace_rootless.h"

/* ---- Sums ---- */

static enum err add_in_block(struct block *b, struct str trace_id, uint64_t hash,
	uint64_t source_hash, struct rollup *ret)
{
	uint64_t probe = 0, other;
	uint32_t trace;
	for (;;) {
		enum err e = block_find_trace(b, trace_id, hash, &probe, &trace);
		if (e || trace == UINT32_MAX)
			return e;
		e = block_trace_source_hash(b, trace, &other);
		if (!e && other == source_hash)
			e = rollup_add_trace(ret, b, trace);
		if (e)
			return e;
	}
}

/* Returns the trace of a root, and its hash. */
static enum err trace_of_root(
	struct snapshot *s, struct block_row root, uint32_t *ret_trace, uint64_t *ret_hash)
{
	struct block_traces traces;
	enum err e = block_traces(&s->blocks[root.block], &traces);
	if (e)
		return e;
	*ret_trace = (uint32_t)column_value(traces.codes, root.row);
	*ret_hash = (uint64_t)column_value(traces.hash, *ret_trace);
	return ERR_OK;
}

/* Traces of a page that may stand in several blocks. */
struct trace_sums {
	struct snapshot *snapshot;
	struct trace_row **rows;
	uint64_t *hashes; /* of the trace_ids */
};

static enum err trace_add_place(void *user, uint32_t number, uint32_t block)
{
	const struct trace_sums *t = user;
	struct trace_row *row = t->rows[number];
	return add_in_block(&t->snapshot->blocks[block], row->trace_id, t->hashes[number],
		index_hash(&t->snapshot->source.set, row->source), &row->rollup);
}

/* Sums up n traces, each into its row. */
static enum err trace_sum_up(struct snapshot *s, const struct shared_traces *shared,
	const struct block_row *roots, size_t n, struct trace_row *rows)
{
	struct arena *a = s->view->arena;
	struct trace_sums sums = { s, arena_room(a, n, sizeof *sums.rows),
		arena_room(a, n, sizeof *sums.hashes) };
	uint64_t hash;
	uint32_t n_shared = 0, trace;
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < n; i++) {
		e = trace_of_root(s, roots[i], &trace, &hash);
		if (!e && shared_has(shared, hash)) {
			sums.rows[n_shared] = &rows[i];
			sums.hashes[n_shared++] = hash;
		} else if (!e) {
			e = rollup_add_trace(&rows[i].rollup, &s->blocks[roots[i].block], trace);
		}
	}
	return e ? e : shared_each_place(s, sums.hashes, n_shared, trace_add_place, &sums);
}

/* ---- Lists ---- */

static enum err trace_make_row(struct snapshot *s, struct block_row root, struct trace_row *ret)
{
	struct block *b = &s->blocks[root.block];
	struct arena *a = s->view->arena;
	struct trace_row row = { .started_ns = 0 };
	uint64_t hash;
	uint32_t trace;
	enum err e = trace_of_root(s, root, &trace, &hash);
	if (!e)
		e = block_trace_id(b, trace, &row.trace_id);
	if (!e)
		e = block_trace_source(b, trace, &row.source);
	if (!e)
		e = block_ref(b, root.row, &row.root);
	if (!e)
		e = trace_root_started(b, root.row, &row.started_ns);
	if (e)
		return e;
	row.trace_id = arena_copy(a, row.trace_id);
	row.source = arena_copy(a, row.source);
	*ret = row;
	return ERR_OK;
}

static enum err trace_make_rows(struct snapshot *s, const struct shared_traces *shared,
	const struct block_row *roots, size_t n, bool want_rollup, struct trace_row *rows)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < n; i++)
		e = trace_make_row(s, roots[i], &rows[i]);
	return !e && want_rollup ? trace_sum_up(s, shared, roots, n, rows) : e;
}

/* Returns the order of traces: by start, where an absent one counts as 0, then by trace_id, then by
 * source. */
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

/* Selects one row for each trace. */
static enum err select_first(struct snapshot *s, const struct trace_query *q, bool is_page,
	struct shared_traces *ret_shared)
{
	struct rootless rootless = { .n = 0 };
	enum err e = q->with_rootless ? rootless_find(s, &q->roots, &rootless) : ERR_OK;
	if (!e)
		e = is_page ? traces_select_for_page(s, &q->roots, ret_shared)
			    : traces_select_roots(s, &q->roots, ret_shared);
	return e ? e : rootless_select(s, &rootless);
}

enum err traces_select(struct snapshot *s, const struct trace_query *q, struct trace_list *ret)
{
	struct shared_traces shared;
	struct query order = order_of(q);
	struct trace_list l = { .rows = NULL };
	struct block_row *roots;
	bool has_more;
	enum err e = select_first(s, q, true, &shared);
	if (e)
		return e;
	l.total = snapshot_count(s);
	size_t from = q->offset < l.total ? q->offset : l.total;
	l.n = q->limit < l.total - from ? q->limit : l.total - from;
	e = page_select(s, &order, from, from + l.n, &roots, &l.n, &has_more);
	l.rows = arena_calloc(s->view->arena, l.n, sizeof *l.rows);
	if (!e)
		e = trace_make_rows(s, &shared, roots, l.n, q->want_rollup, l.rows);
	if (!e)
		*ret = l;
	return e;
}

enum err traces_select_all(struct snapshot *s, const struct trace_query *q, struct trace_list *ret)
{
	enum { CHUNK = 256 }; /* between two looks at the clock */
	struct block_row *roots;
	struct shared_traces shared;
	struct trace_list l = { .rows = NULL };
	uint32_t row;
	enum err e = select_first(s, q, false, &shared);
	if (e)
		return e;
	l.total = snapshot_count(s);
	roots = arena_room(s->view->arena, l.total, sizeof *roots);
	for (size_t i = 0; i < s->n_blocks; i++) {
		const struct block *b = &s->blocks[i];
		BLOCK_EACH_SELECTED(b, row)
		roots[l.n++] = (struct block_row){ (uint32_t)i, row };
	}
	l.rows = arena_calloc(s->view->arena, l.n, sizeof *l.rows);
	for (size_t at = 0, n; !e && at < l.n; at += n) {
		n = l.n - at < CHUNK ? l.n - at : CHUNK;
		e = snapshot_is_late(s) ? ERR_BUDGET
					: trace_make_rows(s, &shared, roots + at, n, q->want_rollup,
						  l.rows + at);
	}
	if (!e)
		*ret = l;
	return e;
}
