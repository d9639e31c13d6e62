/*
 * The roots that stand for the traces of a query: trace_index.h.
 *
 * Each block selects its roots; of a trace with several roots, in one block or in more, only the
 * earliest stays selected.
 */
#include "query/aggregate/trace_index.h"
#include "json/order.h"

struct choosing {
	struct snapshot *snapshot;
	struct shared_traces shared;
	struct table best;
	uint64_t **selected; /* of each block, its own to change; NULL: not yet */
	bool has_filter;     /* else all roots are selected */
};

enum err trace_root_started(struct block *b, uint32_t row, int64_t *ret)
{
	const struct column *c;
	enum err e = block_column(b, FIELD_STARTED_AT, &c);
	if (!e)
		*ret = column_has(c, row) ? column_value(c, row) : 0;
	return e;
}

static enum err read_span_id(struct snapshot *s, struct block_row at, struct str *ret)
{
	struct field_set want = { { 0 } };
	struct span span;
	bool is_there;
	field_set_add(&want, FIELD_SPAN_ID);
	enum err e = block_read(&s->blocks[at.block], at.row, &want, &span, &is_there);
	struct str id = !e && is_there ? span_text(&span, FIELD_SPAN_ID) : STR_NULL;
	*ret = str_is_null(id) ? STR("") : arena_copy(s->view->arena, id);
	return e;
}

enum err trace_is_earlier(struct snapshot *s, struct block_row x, struct block_row y, bool *ret)
{
	struct str x_id, y_id;
	int64_t x_ns, y_ns;
	enum err e = trace_root_started(&s->blocks[x.block], x.row, &x_ns);
	if (!e)
		e = trace_root_started(&s->blocks[y.block], y.row, &y_ns);
	if (!e && x_ns != y_ns)
		*ret = x_ns < y_ns;
	if (e || x_ns != y_ns)
		return e;
	e = read_span_id(s, x, &x_id);
	if (!e)
		e = read_span_id(s, y, &y_id);
	if (!e)
		*ret = body_order(x_id, y_id) < 0;
	return e;
}

enum err trace_own_selected(struct snapshot *s, uint32_t block, uint64_t **bits)
{
	struct block *b = &s->blocks[block];
	size_t n = bits_words(b->n_rows);
	if (*bits)
		return ERR_OK;
	enum err e = block_load_selected(b);
	if (e)
		return e;
	*bits = arena_calloc(s->view->arena, n, sizeof **bits);
	for (size_t w = 0; w < n; w++)
		(*bits)[w] = block_selected(b, w);
	b->selected = *bits;
	return ERR_OK;
}

struct trace_best *trace_best_of(struct table *t, uint64_t id_hash, uint64_t source_hash)
{
	uint64_t hash = id_hash ^ (source_hash << 32 | source_hash >> 32);
	struct table_probe p = table_probe(t, hash);
	struct trace_best *best;
	while ((best = table_next(t, &p)))
		if (best->id_hash == id_hash && best->source_hash == source_hash)
			return best;
	best = table_add(t, hash);
	best->id_hash = id_hash;
	best->source_hash = source_hash;
	best->row.block = UINT32_MAX;
	return best;
}

static enum err roots_drop(struct choosing *c, struct block_row at)
{
	enum err e = trace_own_selected(c->snapshot, at.block, &c->selected[at.block]);
	if (e)
		return e;
	bits_clear(c->selected[at.block], at.row);
	c->snapshot->blocks[at.block].n_selected--;
	return ERR_OK;
}

/* Keeps the earlier of a root and the best one so far, and drops the other. The same root again
 * changes nothing. */
static enum err roots_choose(struct choosing *c, struct trace_best *best, struct block_row at)
{
	bool is_best = best->row.block == at.block && best->row.row == at.row;
	bool wins = best->row.block == UINT32_MAX;
	if (is_best || (c->selected[at.block] && !bits_has(c->selected[at.block], at.row)))
		return ERR_OK;
	enum err e = wins ? ERR_OK : trace_is_earlier(c->snapshot, at, best->row, &wins);
	if (e)
		return e;
	struct block_row loser = wins ? best->row : at;
	if (wins)
		best->row = at;
	return loser.block == UINT32_MAX ? ERR_OK : roots_drop(c, loser);
}

static enum err choose_in_trace(
	struct choosing *c, uint32_t block, const struct block_traces *traces, uint32_t trace)
{
	struct block *b = &c->snapshot->blocks[block];
	struct trace_best *best = NULL;
	uint64_t source_hash;
	uint32_t first = (uint32_t)column_value(traces->first_row, trace);
	uint32_t last = (uint32_t)column_value(traces->last_row, trace);
	for (uint32_t w = first / BITS; w <= last / BITS; w++)
		for (uint64_t left = block_selected(b, w); left; left &= left - 1) {
			uint32_t row = bits_row(w, left);
			if ((uint32_t)column_value(traces->codes, row) != trace)
				continue;
			enum err e =
				best ? ERR_OK : block_trace_source_hash(b, trace, &source_hash);
			if (e)
				return e;
			if (!best)
				best = trace_best_of(&c->best,
					(uint64_t)column_value(traces->hash, trace), source_hash);
			e = roots_choose(c, best, (struct block_row){ block, row });
			if (e)
				return e;
		}
	return ERR_OK;
}

/* Returns the column of how many roots traces have; NULL when none has several, as in most
 * segments. */
static enum err several_roots(struct block *b, const struct column **ret)
{
	int64_t min, max;
	*ret = NULL;
	if (!b->segment || !segment_bounds(b->segment, INDEX_TRACE_N_ROOTS, &min, &max) || max < 2)
		return ERR_OK;
	return segment_column(b->segment, INDEX_TRACE_N_ROOTS, ret);
}

/* Sets the bits of those traces of a column of hashes that may stand in other blocks too. */
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

static enum err choose_in_block(struct choosing *c, uint32_t block)
{
	struct block *b = &c->snapshot->blocks[block];
	struct block_traces traces;
	const struct column *n_roots;
	enum err e = block_traces(b, &traces);
	if (!e)
		e = several_roots(b, &n_roots);
	if (!e && n_roots && !c->has_filter && b->segment->n_hidden_late == 0) {
		n_roots = NULL;
		b->selects_roots = true;
		e = block_load_selected(b);
	}
	if (e)
		return e;
	size_t n_words = bits_words(traces.n);
	uint64_t *look = arena_calloc(c->snapshot->view->arena, n_words, sizeof *look);
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

enum err traces_select_roots(
	struct snapshot *s, const struct query *roots, struct shared_traces *ret_shared)
{
	struct choosing c = { .snapshot = s };
	c.has_filter = roots->n_clauses || roots->from_ns != INT64_MIN || roots->to_ns != INT64_MAX;
	struct query q = *roots;
	struct field_set need = rollup_fields();
	field_set_add(&need, FIELD_STARTED_AT);
	q.roots_only = true;
	q.n_sort = 0;
	enum err e = snapshot_select(s, &q, &need);
	if (!e)
		e = shared_find(s, &c.shared);
	if (e)
		return e;
	table_init(&c.best, s->view->arena, sizeof(struct trace_best));
	c.selected = arena_calloc(s->view->arena, s->n_blocks, sizeof *c.selected);
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		if (s->blocks[i].n_selected)
			e = choose_in_block(&c, (uint32_t)i);
	table_release(&c.best);
	if (!e)
		*ret_shared = c.shared;
	return e;
}

/* ---- All traces: without a look at most of them ---- */

bool trace_table_knows_roots(const struct block *b)
{
	return (b->segment->flags & INDEX_WHOLE_HISTORY) && b->segment->n_hidden_late == 0 &&
	       segment_column_state(b->segment, INDEX_TRACE_ROOT) != COLUMN_UNKNOWN;
}

bool traces_know_roots(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_blocks; i++)
		if (s->blocks[i].segment && !trace_table_knows_roots(&s->blocks[i]))
			return false;
	return true;
}

static enum err select_later(struct block *b)
{
	const struct column *root;
	enum err e = segment_column(b->segment, INDEX_TRACE_ROOT, &root);
	if (e)
		return e;
	b->n_selected = root->n_present;
	b->selects_roots = root->n_present > 0;
	return ERR_OK;
}

/* Chooses the root of a trace in a segment, when it has one there. */
static enum err choose_piece(
	struct choosing *c, uint32_t block, uint32_t trace, uint64_t id_hash, uint64_t source_hash)
{
	struct block *b = &c->snapshot->blocks[block];
	const struct column *root;
	uint64_t other;
	enum err e = segment_column(b->segment, INDEX_TRACE_ROOT, &root);
	if (e || !column_has(root, trace))
		return e;
	e = block_trace_source_hash(b, trace, &other);
	if (e || other != source_hash)
		return e;
	return roots_choose(c, trace_best_of(&c->best, id_hash, source_hash),
		(struct block_row){ block, (uint32_t)column_value(root, trace) });
}

/* Chooses among the roots of a trace in a segment. *ret_first: the trace begins in this segment. */
static enum err choose_in_segment(
	struct choosing *c, uint32_t block, uint64_t id_hash, uint64_t source_hash, bool *ret_first)
{
	struct block *b = &c->snapshot->blocks[block];
	const struct column *earlier;
	uint64_t probe = 0;
	uint32_t trace;
	*ret_first = false;
	for (;;) {
		enum err e = segment_find_trace_hash(b->segment, id_hash, &probe, &trace);
		if (e || trace == UINT32_MAX)
			return e;
		e = choose_piece(c, block, trace, id_hash, source_hash);
		if (!e)
			e = segment_column(b->segment, INDEX_TRACE_EARLIER, &earlier);
		if (e)
			return e;
		*ret_first = *ret_first || !column_has(earlier, trace);
	}
}

/* Chooses among the parts of a trace in the segments before `end`, from the last to the one in
 * which the trace begins. */
static enum err choose_before(
	struct choosing *c, size_t end, uint64_t id_hash, uint64_t source_hash)
{
	bool is_first = false;
	enum err e = ERR_OK;
	for (size_t i = end; !e && !is_first && i-- > 0;)
		if (c->snapshot->blocks[i].segment)
			e = choose_in_segment(c, (uint32_t)i, id_hash, source_hash, &is_first);
	return e;
}

/* Chooses the roots of traces that began in an earlier segment and have a root in this one. */
static enum err choose_later_pieces(struct choosing *c, uint32_t block)
{
	struct block *b = &c->snapshot->blocks[block];
	/* block_traces() would load the codes of rows, which are not needed. */
	const struct column *earlier, *root, *hashes;
	uint32_t n_traces = b->segment->n_traces;
	uint64_t source_hash;
	enum err e = ERR_OK;
	if (b->n_selected == 0 ||
		segment_column_state(b->segment, INDEX_TRACE_EARLIER) == COLUMN_ABSENT)
		return ERR_OK;
	e = segment_column(b->segment, INDEX_TRACE_EARLIER, &earlier);
	if (!e)
		e = segment_column(b->segment, INDEX_TRACE_ROOT, &root);
	if (!e)
		e = segment_column(b->segment, INDEX_TRACE_HASH, &hashes);
	for (size_t w = 0; !e && w < bits_words(n_traces); w++) {
		uint64_t all = bits_of_word(n_traces, w);
		uint64_t left = (earlier->present ? earlier->present[w] : all) &
				(root->present ? root->present[w] : all);
		for (; !e && left; left &= left - 1) {
			uint32_t trace = bits_row(w, left);
			uint64_t hash = (uint64_t)column_value(hashes, trace);
			e = block_trace_source_hash(b, trace, &source_hash);
			if (!e)
				e = choose_piece(c, block, trace, hash, source_hash);
			if (!e)
				e = choose_before(c, block, hash, source_hash);
		}
	}
	return e;
}

/* Traces whose roots were found: their hashes. */
struct rooted {
	struct choosing *choosing;
	uint64_t *id_hash, *source_hash;
	uint32_t n;
};

static enum err choose_at(void *user, uint32_t number, uint32_t block)
{
	const struct rooted *r = user;
	bool is_first;
	if (!r->choosing->snapshot->blocks[block].segment)
		return ERR_OK;
	return choose_in_segment(
		r->choosing, block, r->id_hash[number], r->source_hash[number], &is_first);
}

/* Chooses the roots of live rows and of lines, whose traces may be anywhere. */
static enum err choose_everywhere(struct choosing *c, uint32_t block)
{
	struct block *b = &c->snapshot->blocks[block];
	struct block_traces traces;
	struct arena *a = c->snapshot->view->arena;
	struct rooted new = { .choosing = c };
	uint64_t source_hash;
	uint32_t row;
	enum err e = block_traces(b, &traces);
	if (e)
		return e;
	new.id_hash = arena_room(a, b->n_selected, sizeof *new.id_hash);
	new.source_hash = arena_room(a, b->n_selected, sizeof *new.source_hash);
	BLOCK_EACH_SELECTED(b, row)
	{
		uint32_t trace = (uint32_t)column_value(traces.codes, row);
		uint64_t hash = (uint64_t)column_value(traces.hash, trace);
		e = block_trace_source_hash(b, trace, &source_hash);
		if (e)
			return e;
		struct trace_best *best = trace_best_of(&c->best, hash, source_hash);
		if (best->row.block == UINT32_MAX) {
			new.id_hash[new.n] = hash;
			new.source_hash[new.n++] = source_hash;
		}
		e = roots_choose(c, best, (struct block_row){ block, row });
		if (e)
			return e;
	}
	return shared_each_place(c->snapshot, new.id_hash, new.n, choose_at, &new);
}

static enum err roots_select_all(struct snapshot *s, const struct query *q,
	const struct field_set *need, struct shared_traces *ret_shared)
{
	struct choosing c = { .snapshot = s };
	s->skips_segments = true;
	enum err e = snapshot_select(s, q, need);
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		if (s->blocks[i].segment)
			e = select_later(&s->blocks[i]);
	if (!e)
		e = shared_find(s, &c.shared);
	if (e)
		return e;
	table_init(&c.best, s->view->arena, sizeof(struct trace_best));
	c.selected = arena_calloc(s->view->arena, s->n_blocks, sizeof *c.selected);
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		e = s->blocks[i].segment ? choose_later_pieces(&c, (uint32_t)i)
					 : choose_everywhere(&c, (uint32_t)i);
	table_release(&c.best);
	if (!e)
		*ret_shared = c.shared;
	return e;
}

enum err traces_select_for_page(
	struct snapshot *s, const struct query *roots, struct shared_traces *ret_shared)
{
	bool has_filter =
		roots->n_clauses || roots->from_ns != INT64_MIN || roots->to_ns != INT64_MAX;
	struct query q = *roots;
	struct field_set need = rollup_fields();
	if (has_filter || !traces_know_roots(s))
		return traces_select_roots(s, roots, ret_shared);
	field_set_add(&need, FIELD_STARTED_AT);
	q.roots_only = true;
	q.n_sort = 0;
	return roots_select_all(s, &q, &need, ret_shared);
}
