#include "query/trace_index.h"

#include "query/text.h"

/* ---- One root a trace ---- */

/* The earliest root so far of a trace that may have several. */
struct best {
	uint64_t hash; /* of trace_id and source */
	uint64_t id_hash, source_hash;
	struct block_row row;
	int64_t started_ns;
};

struct choosing {
	struct stock *stock;
	struct shared_traces shared;
	struct table best;
	uint64_t **picked; /* of each block, its own to change; NULL: not yet */
	bool has_filter;   /* else all roots are picked */
};

static enum err started_at(struct block *b, uint32_t row, int64_t *ret)
{
	const struct column *c;
	enum err e = block_column(b, FIELD_STARTED_AT, &c);
	if (!e)
		*ret = column_has(c, row) ? column_value(c, row) : 0;
	return e;
}

static enum err read_span_id(struct choosing *c, struct block_row at, struct str *ret)
{
	struct field_set want = { { 0 } };
	struct span span;
	bool is_there;
	field_set_add(&want, FIELD_SPAN_ID);
	enum err e = block_read(&c->stock->blocks[at.block], at.row, &want, &span, &is_there);
	struct str id = !e && is_there ? span_text(&span, FIELD_SPAN_ID) : STR_NULL;
	*ret = str_is_null(id) ? STR("") : arena_copy(c->stock->view->arena, id);
	return e;
}

/* Of two roots that began at once the one with the smaller span_id. */
static enum err is_earlier(struct choosing *c, struct block_row x, struct block_row y, bool *ret)
{
	struct str id_x, id_y;
	enum err e = read_span_id(c, x, &id_x);
	if (!e)
		e = read_span_id(c, y, &id_y);
	if (!e)
		*ret = text_compare(id_x, id_y, false) < 0;
	return e;
}

static void drop(struct choosing *c, struct block_row at)
{
	struct block *b = &c->stock->blocks[at.block];
	size_t n = bits_words(b->n_rows);
	uint64_t *picked = c->picked[at.block];
	if (!picked) {
		picked = arena_calloc(c->stock->view->arena, n, sizeof *picked);
		for (size_t w = 0; w < n; w++)
			picked[w] = block_picked(b, w);
		b->picked = c->picked[at.block] = picked;
	}
	bits_clear(picked, at.row);
	b->n_picked--;
}

static struct best *find_best(struct choosing *c, uint64_t id_hash, uint64_t source_hash)
{
	uint64_t hash = id_hash ^ (source_hash << 32 | source_hash >> 32);
	struct table_probe p = table_probe(&c->best, hash);
	struct best *best;
	while ((best = table_next(&c->best, &p)))
		if (best->id_hash == id_hash && best->source_hash == source_hash)
			return best;
	best = table_add(&c->best, hash);
	best->id_hash = id_hash;
	best->source_hash = source_hash;
	best->row.block = UINT32_MAX;
	return best;
}

/* The root, or the best one so far, is dropped. */
static enum err choose(struct choosing *c, struct best *best, struct block_row at)
{
	int64_t started_ns;
	enum err e = started_at(&c->stock->blocks[at.block], at.row, &started_ns);
	if (e)
		return e;
	bool wins = best->row.block == UINT32_MAX || started_ns < best->started_ns;
	if (!wins && started_ns == best->started_ns)
		e = is_earlier(c, at, best->row, &wins);
	if (e)
		return e;
	struct block_row loser = wins ? best->row : at;
	if (wins) {
		best->row = at;
		best->started_ns = started_ns;
	}
	if (loser.block != UINT32_MAX)
		drop(c, loser);
	return ERR_OK;
}

static enum err choose_in_trace(
	struct choosing *c, uint32_t block, const struct block_traces *traces, uint32_t trace)
{
	struct block *b = &c->stock->blocks[block];
	struct best *best = NULL;
	uint64_t source_hash;
	uint32_t first = (uint32_t)column_value(traces->first_row, trace);
	uint32_t last = (uint32_t)column_value(traces->last_row, trace);
	for (uint32_t w = first / BITS; w <= last / BITS; w++)
		for (uint64_t left = block_picked(b, w); left; left &= left - 1) {
			uint32_t row = bits_row(w, left);
			if ((uint32_t)column_value(traces->codes, row) != trace)
				continue;
			enum err e =
				best ? ERR_OK : block_trace_source_hash(b, trace, &source_hash);
			if (e)
				return e;
			if (!best)
				best = find_best(c, (uint64_t)column_value(traces->hash, trace),
					source_hash);
			e = choose(c, best, (struct block_row){ block, row });
			if (e)
				return e;
		}
	return ERR_OK;
}

/* Traces with several roots here: most segments have none. */
static enum err several_roots(struct block *b, const struct column **ret)
{
	int64_t min, max;
	*ret = NULL;
	if (!b->segment || !segment_bounds(b->segment, INDEX_TRACE_N_ROOTS, &min, &max) || max < 2)
		return ERR_OK;
	return segment_column(b->segment, INDEX_TRACE_N_ROOTS, ret);
}

/* Which traces of a column of hashes may stand elsewhere too. */
static void find_shared(
	const struct shared_traces *shared, const struct column *hash, uint64_t *ret)
{
	enum { CHUNK = 1024 };
	int64_t hashes[CHUNK];
	for (uint32_t at = 0; at < hash->n_rows; at += CHUNK) {
		uint32_t n = hash->n_rows - at < CHUNK ? hash->n_rows - at : CHUNK;
		column_read(hash, at, n, 0, hashes);
		for (uint32_t i = 0; i < n; i++)
			if (shared_has(shared, (uint64_t)hashes[i]))
				bits_set(ret, at + i);
	}
}

static void add_above_one(const struct column *n_roots, uint64_t *ret)
{
	for (uint32_t i = 0; i < n_roots->n_rows; i++)
		if (column_has(n_roots, i) && column_value(n_roots, i) > 1)
			bits_set(ret, i);
}

/* Of all roots the trace table knows the one that stands for each trace. */
static enum err pick_from_table(struct choosing *c, uint32_t block)
{
	struct block *b = &c->stock->blocks[block];
	const struct column *root;
	enum err e = segment_column(b->segment, INDEX_TRACE_ROOT, &root);
	if (e)
		return e;
	uint64_t *picked =
		arena_calloc(c->stock->view->arena, bits_words(b->n_rows), sizeof *picked);
	for (uint32_t i = 0; i < root->n_rows; i++)
		if (column_has(root, i) && column_value(root, i) < b->n_rows)
			bits_set(picked, (size_t)column_value(root, i));
	b->picked = c->picked[block] = picked;
	b->n_picked = (uint32_t)bits_count(picked, bits_words(b->n_rows));
	return ERR_OK;
}

static enum err choose_in_block(struct choosing *c, uint32_t block)
{
	struct block *b = &c->stock->blocks[block];
	struct block_traces traces;
	const struct column *n_roots;
	enum err e = block_traces(b, &traces);
	if (!e)
		e = several_roots(b, &n_roots);
	if (!e && n_roots && !c->has_filter && b->segment->n_hidden_late == 0) {
		n_roots = NULL;
		e = pick_from_table(c, block);
	}
	if (e)
		return e;
	size_t n_words = bits_words(traces.n);
	uint64_t *look = arena_calloc(c->stock->view->arena, n_words, sizeof *look);
	if (b->segment)
		find_shared(&c->shared, traces.hash, look);
	else
		memset(look, 0xff, n_words * sizeof *look);
	if (n_roots)
		add_above_one(n_roots, look);
	for (size_t w = 0; !e && w < n_words; w++)
		for (uint64_t left = look[w] & bits_of_word(traces.n, w); !e && left;
			left &= left - 1)
			e = choose_in_trace(c, block, &traces, bits_row(w, left));
	return e;
}

enum err traces_pick(struct stock *s, const struct query *roots, struct shared_traces *ret_shared)
{
	struct choosing c = { .stock = s };
	c.has_filter = roots->n_clauses || roots->from_ns != INT64_MIN || roots->to_ns != INT64_MAX;
	struct query q = *roots;
	struct field_set need = rollup_fields();
	field_set_add(&need, FIELD_STARTED_AT);
	q.roots_only = true;
	q.n_sort = 0;
	enum err e = stock_pick(s, &q, &need);
	if (!e)
		e = shared_find(s, &c.shared);
	if (e)
		return e;
	table_init(&c.best, s->view->arena, sizeof(struct best));
	c.picked = arena_calloc(s->view->arena, s->n_blocks, sizeof *c.picked);
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		if (s->blocks[i].n_picked)
			e = choose_in_block(&c, (uint32_t)i);
	table_release(&c.best);
	if (!e)
		*ret_shared = c.shared;
	return e;
}

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
		e = started_at(b, root.row, &row.started_ns);
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
	enum err e = traces_pick(s, &q->roots, &shared);
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
