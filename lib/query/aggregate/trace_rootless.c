#include "query/aggregate/trace_rootless.h"

#include "base/array.h"
#include "query/aggregate/trace_index.h"

/* The spans that stand for the traces of a block that has no table. */
struct firsts {
	uint64_t *rooted; /* traces with a root here; NULL: not read yet */
	uint32_t *row;    /* of the other ones: the earliest span; UINT32_MAX: none */
};

struct finding {
	struct snapshot *snapshot;
	const struct query *query;
	struct shared_traces shared;
	struct firsts *firsts; /* of each block */
	struct table traces;   /* struct trace_best: those that may stand in several blocks */
	struct str *ids;       /* of each of them */
	struct rootless found;
	size_t cap;
};

/* ---- A block ---- */

/* Sets the bits of the rows that are roots: no parent, or an empty one. */
static enum err find_roots(struct block *b, uint64_t *ret)
{
	const struct column *c;
	struct block_texts *texts = NULL;
	uint64_t none = index_hash(b->set, STR(""));
	struct str text;
	bool has_texts = b->kind == BLOCK_LINES;
	enum err e = has_texts ? block_texts(b, FIELD_PARENT_SPAN_ID, &texts)
			       : block_column(b, FIELD_PARENT_SPAN_ID, &c);
	if (!e && has_texts)
		c = texts->codes;
	for (uint32_t row = 0; !e && row < b->n_rows; row++) {
		bool is_root = !column_has(c, row);
		if (!is_root && !has_texts)
			is_root = (uint64_t)column_value(c, row) == none;
		if (!is_root && has_texts) {
			e = block_text(b, texts, (uint32_t)column_value(c, row), &text);
			is_root = !e && text.len == 0;
		}
		if (is_root)
			bits_set(ret, row);
	}
	return e;
}

static enum err rootless_read_rows(
	struct finding *f, uint32_t block, const struct block_traces *traces)
{
	struct arena *a = f->snapshot->view->arena;
	struct block *b = &f->snapshot->blocks[block];
	struct firsts *first = &f->firsts[block];
	uint64_t *roots = arena_calloc(a, bits_words(b->n_rows) + 1, sizeof *roots);
	first->rooted = arena_calloc(a, bits_words(traces->n) + 1, sizeof *first->rooted);
	first->row = arena_room(a, traces->n, sizeof *first->row);
	memset(first->row, 0xff, traces->n * sizeof *first->row);
	enum err e = find_roots(b, roots);
	for (size_t w = 0; !e && w < bits_words(b->n_rows); w++)
		for (uint64_t left = block_current(b, w) & roots[w]; left; left &= left - 1)
			bits_set(first->rooted,
				(size_t)column_value(traces->codes, bits_row(w, left)));
	for (size_t w = 0; !e && w < bits_words(b->n_rows); w++)
		for (uint64_t left = block_current(b, w); !e && left; left &= left - 1) {
			struct block_row row = { block, bits_row(w, left) };
			size_t trace = (size_t)column_value(traces->codes, row.row);
			struct block_row best = { block, first->row[trace] };
			bool wins = best.row == UINT32_MAX;
			if (bits_has(first->rooted, trace))
				continue;
			if (!wins)
				e = trace_is_earlier(f->snapshot, row, best, &wins);
			if (!e && wins)
				first->row[trace] = row.row;
		}
	return e;
}

/* Returns whether a trace has a root in a block, else its earliest span; UINT32_MAX: none. */
static enum err rootless_first_of(
	struct finding *f, uint32_t block, uint32_t trace, uint32_t *ret_row, bool *ret_has_root)
{
	struct block *b = &f->snapshot->blocks[block];
	struct firsts *first = &f->firsts[block];
	struct block_traces traces;
	enum err e = ERR_OK;
	if (b->segment && trace_table_knows_roots(b))
		return segment_trace_first(b->segment, trace, ret_row, ret_has_root);
	if (!first->rooted) {
		e = block_traces(b, &traces);
		if (!e)
			e = rootless_read_rows(f, block, &traces);
	}
	if (e)
		return e;
	*ret_has_root = bits_has(first->rooted, trace);
	*ret_row = first->row[trace];
	return ERR_OK;
}

/* ---- All blocks ---- */

static void rootless_add_row(struct finding *f, struct block_row row)
{
	ARRAY_PUSH(f->snapshot->view->arena, f->found.rows, f->found.n, f->cap, row);
}

static enum err rootless_add_trace(
	struct finding *f, uint32_t block, uint32_t trace, uint64_t id_hash)
{
	struct block *b = &f->snapshot->blocks[block];
	struct block_row row = { block, UINT32_MAX };
	uint64_t source_hash;
	bool has_root;
	enum err e = rootless_first_of(f, block, trace, &row.row, &has_root);
	if (e || has_root || row.row == UINT32_MAX)
		return e;
	if (!shared_has(&f->shared, id_hash)) {
		rootless_add_row(f, row);
		return ERR_OK;
	}
	e = block_trace_source_hash(b, trace, &source_hash);
	struct trace_best *best = e ? NULL : trace_best_of(&f->traces, id_hash, source_hash);
	if (best && best->row.block == UINT32_MAX)
		best->row = row;
	return e;
}

/* True when every trace that begins in the window is in another block as well. */
static bool is_outside_window(const struct finding *f, struct block *b)
{
	int64_t min, max;
	return block_bounds(b, FIELD_STARTED_AT, &min, &max) &&
	       (max < f->query->from_ns || min > f->query->to_ns);
}

static enum err rootless_add_block(struct finding *f, uint32_t block)
{
	struct block *b = &f->snapshot->blocks[block];
	const struct column *hash;
	if (b->n_rows == 0 || is_outside_window(f, b))
		return ERR_OK;
	if (b->segment && trace_table_knows_roots(b) &&
		segment_column_state(b->segment, INDEX_TRACE_EARLIEST) == COLUMN_ABSENT)
		return ERR_OK;
	enum err e = block_trace_hashes(b, &hash);
	for (uint32_t i = 0; !e && i < hash->n_rows; i++)
		e = rootless_add_trace(f, block, i, (uint64_t)column_value(hash, i));
	return e;
}

/* ---- Traces that may stand in several blocks ---- */

static enum err look_in(void *user, uint32_t number, uint32_t block)
{
	struct finding *f = user;
	struct trace_best *best = table_row(&f->traces, number);
	struct block *b = &f->snapshot->blocks[block];
	struct block_row row = { block, 0 };
	uint64_t probe = 0, source_hash;
	uint32_t trace;
	enum err e = ERR_OK;
	while (!e && b->n_rows && !best->has_root) {
		bool wins = false;
		e = block_find_trace(b, f->ids[number], best->id_hash, &probe, &trace);
		if (e || trace == UINT32_MAX)
			return e;
		e = block_trace_source_hash(b, trace, &source_hash);
		if (e || source_hash != best->source_hash)
			continue;
		e = rootless_first_of(f, block, trace, &row.row, &best->has_root);
		if (!e && !best->has_root && row.row != UINT32_MAX &&
			(row.block != best->row.block || row.row != best->row.row))
			e = trace_is_earlier(f->snapshot, row, best->row, &wins);
		if (!e && wins)
			best->row = row;
	}
	return e;
}

static enum err rootless_id_of(struct finding *f, const struct trace_best *best, struct str *ret)
{
	struct block *b = &f->snapshot->blocks[best->row.block];
	struct block_traces traces;
	enum err e = block_traces(b, &traces);
	if (!e)
		e = block_trace_id(b, (uint32_t)column_value(traces.codes, best->row.row), ret);
	if (!e)
		*ret = arena_copy(f->snapshot->view->arena, *ret);
	return e;
}

static enum err add_shared(struct finding *f)
{
	struct arena *a = f->snapshot->view->arena;
	uint32_t n = (uint32_t)f->traces.n;
	uint64_t *hashes = arena_room(a, n, sizeof *hashes);
	f->ids = arena_calloc(a, n, sizeof *f->ids);
	enum err e = ERR_OK;
	for (uint32_t i = 0; !e && i < n; i++) {
		const struct trace_best *best = table_row(&f->traces, i);
		hashes[i] = best->id_hash;
		e = rootless_id_of(f, best, &f->ids[i]);
	}
	if (!e)
		e = shared_each_place(f->snapshot, hashes, n, look_in, f);
	for (uint32_t i = 0; !e && i < n; i++) {
		const struct trace_best *best = table_row(&f->traces, i);
		if (!best->has_root)
			rootless_add_row(f, best->row);
	}
	return e;
}

static bool asks_nothing(const struct query *q)
{
	return q->n_clauses == 0 && q->from_ns == INT64_MIN && q->to_ns == INT64_MAX;
}

/* Keeps the rows that match the query. Columns say it of all at once: there may be as many as
 * spans, and each line stands in another frame of a compressed day. */
static enum err keep_matching(struct snapshot *s, const struct query *q, struct rootless *r)
{
	struct field_set nothing = { { 0 } };
	size_t n = 0;
	if (r->n == 0 || asks_nothing(q))
		return ERR_OK;
	enum err e = snapshot_select(s, q, &nothing);
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		e = block_load_selected(&s->blocks[i]);
	for (size_t i = 0; !e && i < r->n; i++) {
		struct block_row at = r->rows[i];
		if (block_selected(&s->blocks[at.block], at.row / BITS) >> at.row % BITS & 1)
			r->rows[n++] = at;
	}
	r->n = n;
	snapshot_deselect(s);
	return e;
}

enum err rootless_find(struct snapshot *s, const struct query *q, struct rootless *ret)
{
	struct query any, of_any = *q;
	struct finding f = { .snapshot = s, .query = q };
	struct field_set need = rollup_fields();
	query_init(&any);
	of_any.roots_only = false;
	field_set_add(&need, FIELD_STARTED_AT);
	field_set_add(&need, FIELD_PARENT_SPAN_ID);
	enum err e = snapshot_select(s, &any, &need);
	if (!e)
		e = shared_find(s, &f.shared);
	if (e)
		return e;
	f.firsts = arena_calloc(s->view->arena, s->n_blocks + 1, sizeof *f.firsts);
	table_init(&f.traces, s->view->arena, sizeof(struct trace_best));
	for (uint32_t i = 0; !e && i < s->n_blocks; i++)
		e = snapshot_is_late(s) ? ERR_BUDGET : rootless_add_block(&f, i);
	if (!e)
		e = add_shared(&f);
	table_release(&f.traces);
	snapshot_deselect(s);
	if (!e)
		e = keep_matching(s, &of_any, &f.found);
	if (!e)
		*ret = f.found;
	return e;
}

enum err rootless_select(struct snapshot *s, const struct rootless *r)
{
	uint64_t **selected = arena_calloc(s->view->arena, s->n_blocks + 1, sizeof *selected);
	for (size_t i = 0; i < r->n; i++) {
		uint32_t block = r->rows[i].block;
		enum err e = trace_own_selected(s, block, &selected[block]);
		if (e)
			return e;
		bits_set(selected[block], r->rows[i].row);
		s->blocks[block].n_selected++;
	}
	return ERR_OK;
}
