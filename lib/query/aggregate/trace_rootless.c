#include "query/aggregate/trace_rootless.h"

#include "query/aggregate/trace_index.h"
#include "query/aggregate/trace_places.h"
#include "query/match/text.h"

/* What is known of the traces of a block. */
struct pieces {
	uint32_t n;
	uint64_t *rooted; /* which have a root here; NULL: not found out yet */
	uint32_t *
		first; /* the row of the earliest span, UINT32_MAX: all are hidden; NULL likewise */
	struct block_traces traces; /* with first */
};

/* A trace that has no root where it was found. */
struct candidate {
	uint64_t hash; /* of trace_id and source */
	uint64_t id_hash, source_hash;
	struct block_row row;
	int64_t started_ns;
	bool has_root;
};

struct finding {
	struct stock *stock;
	const struct query *query;
	struct shared_traces shared;
	struct pieces *pieces; /* of each block */
	struct table candidates;
};

/* ---- A block ---- */

static uint64_t *no_bits(struct finding *f, size_t n)
{
	return arena_calloc(f->stock->view->arena, bits_words(n) + 1, sizeof(uint64_t));
}

/* Of a table that knows: its rows need not be looked at. */
static enum err read_rooted(struct finding *f, struct block *b, struct pieces *p)
{
	const struct column *root;
	enum err e = segment_column(b->segment, INDEX_TRACE_ROOT, &root);
	if (e)
		return e;
	p->n = b->segment->n_traces;
	p->rooted = no_bits(f, p->n);
	for (uint32_t i = 0; i < p->n; i++)
		if (column_has(root, i))
			bits_set(p->rooted, i);
	return ERR_OK;
}

static enum err find_rooted(struct finding *f, uint32_t block)
{
	struct block *b = &f->stock->blocks[block];
	struct pieces *p = &f->pieces[block];
	struct block_traces traces;
	uint32_t row;
	if (b->picks_roots)
		return read_rooted(f, b, p);
	enum err e = block_traces(b, &traces);
	if (e)
		return e;
	p->n = traces.n;
	p->rooted = no_bits(f, p->n);
	BLOCK_EACH_PICKED(b, row)
	{
		bits_set(p->rooted, (size_t)column_value(traces.codes, row));
	}
	return ERR_OK;
}

static enum err read_span_id(struct finding *f, struct block_row at, struct str *ret)
{
	struct field_set want = { { 0 } };
	struct span span;
	bool is_there;
	field_set_add(&want, FIELD_SPAN_ID);
	enum err e = block_read(&f->stock->blocks[at.block], at.row, &want, &span, &is_there);
	struct str id = !e && is_there ? span_text(&span, FIELD_SPAN_ID) : STR_NULL;
	*ret = str_is_null(id) ? STR("") : arena_copy(f->stock->view->arena, id);
	return e;
}

/* Of two spans of a trace. */
static enum err is_earlier(struct finding *f, struct block_row x, struct block_row y, bool *ret)
{
	int64_t x_ns, y_ns;
	struct str x_id, y_id;
	enum err e = trace_root_started(&f->stock->blocks[x.block], x.row, &x_ns);
	if (!e)
		e = trace_root_started(&f->stock->blocks[y.block], y.row, &y_ns);
	if (!e && x_ns != y_ns)
		*ret = x_ns < y_ns;
	if (e || x_ns != y_ns)
		return e;
	e = read_span_id(f, x, &x_id);
	if (!e)
		e = read_span_id(f, y, &y_id);
	if (!e)
		*ret = text_compare(x_id, y_id, false) < 0;
	return e;
}

/* Of two spans that stand in one block. */
static enum err is_earlier_here(struct finding *f, uint32_t block, const struct column *started,
	uint32_t x, uint32_t y, bool *ret)
{
	int64_t x_ns = column_has(started, x) ? column_value(started, x) : 0;
	int64_t y_ns = column_has(started, y) ? column_value(started, y) : 0;
	*ret = x_ns < y_ns;
	return x_ns != y_ns ? ERR_OK
			    : is_earlier(f, (struct block_row){ block, x },
				      (struct block_row){ block, y }, ret);
}

/* Of traces that have no root here; of the others it is not asked. */
static enum err find_first(struct finding *f, uint32_t block)
{
	struct block *b = &f->stock->blocks[block];
	struct pieces *p = &f->pieces[block];
	const struct column *started;
	uint32_t *first = arena_room(f->stock->view->arena, p->n, sizeof *first);
	memset(first, 0xff, p->n * sizeof *first);
	enum err e = block_traces(b, &p->traces);
	if (!e)
		e = block_column(b, FIELD_STARTED_AT, &started);
	for (size_t w = 0; !e && w < bits_words(b->n_rows); w++)
		for (uint64_t left = block_current(b, w); !e && left; left &= left - 1) {
			uint32_t row = bits_row(w, left);
			size_t trace = (size_t)column_value(p->traces.codes, row);
			bool wins = first[trace] == UINT32_MAX;
			if (bits_has(p->rooted, trace))
				continue;
			if (!wins)
				e = is_earlier_here(f, block, started, row, first[trace], &wins);
			if (!e && wins)
				first[trace] = row;
		}
	if (!e)
		p->first = first;
	return e;
}

static enum err know_block(struct finding *f, uint32_t block)
{
	struct pieces *p = &f->pieces[block];
	enum err e = p->rooted ? ERR_OK : find_rooted(f, block);
	return e || p->first ? e : find_first(f, block);
}

/* ---- Candidates ---- */

static struct candidate *find_or_add(struct finding *f, uint64_t id_hash, uint64_t source_hash)
{
	uint64_t hash = id_hash ^ (source_hash << 32 | source_hash >> 32);
	struct table_probe p = table_probe(&f->candidates, hash);
	struct candidate *c;
	while ((c = table_next(&f->candidates, &p)))
		if (c->id_hash == id_hash && c->source_hash == source_hash)
			return c;
	c = table_add(&f->candidates, hash);
	c->id_hash = id_hash;
	c->source_hash = source_hash;
	c->row.block = UINT32_MAX;
	return c;
}

static enum err add_candidate(struct finding *f, uint32_t block, uint32_t trace)
{
	struct block *b = &f->stock->blocks[block];
	const struct pieces *p = &f->pieces[block];
	uint64_t source_hash;
	if (p->first[trace] == UINT32_MAX)
		return ERR_OK;
	enum err e = block_trace_source_hash(b, trace, &source_hash);
	if (e)
		return e;
	struct candidate *c =
		find_or_add(f, (uint64_t)column_value(p->traces.hash, trace), source_hash);
	if (c->row.block == UINT32_MAX)
		c->row = (struct block_row){ block, p->first[trace] };
	return ERR_OK;
}

/* Is a trace that begins within the window to be found elsewhere? */
static bool is_outside(const struct finding *f, struct block *b)
{
	int64_t min, max;
	return block_bounds(b, FIELD_STARTED_AT, &min, &max) &&
	       (max < f->query->from_ns || min > f->query->to_ns);
}

static enum err add_of_block(struct finding *f, uint32_t block)
{
	struct pieces *p = &f->pieces[block];
	if (f->stock->blocks[block].n_rows == 0 || is_outside(f, &f->stock->blocks[block]))
		return ERR_OK;
	enum err e = find_rooted(f, block);
	for (size_t w = 0; !e && w < bits_words(p->n); w++)
		for (uint64_t left = bits_of_word(p->n, w) & ~p->rooted[w]; !e && left;
			left &= left - 1) {
			e = know_block(f, block);
			if (!e)
				e = add_candidate(f, block, bits_row(w, left));
		}
	return e;
}

/* The pieces of a candidate in one block. */
static enum err look_in(struct finding *f, struct candidate *c, struct str trace_id, uint32_t block)
{
	struct block *b = &f->stock->blocks[block];
	const struct pieces *p = &f->pieces[block];
	uint64_t probe = 0, source_hash;
	uint32_t trace;
	enum err e = b->n_rows ? know_block(f, block) : ERR_OK;
	while (!e && b->n_rows && !c->has_root) {
		bool wins = false;
		e = block_find_trace(b, trace_id, c->id_hash, &probe, &trace);
		if (e || trace == UINT32_MAX)
			return e;
		e = block_trace_source_hash(b, trace, &source_hash);
		if (e || source_hash != c->source_hash)
			continue;
		struct block_row row = { block, p->first[trace] };
		c->has_root = bits_has(p->rooted, trace);
		if (!c->has_root && row.row != UINT32_MAX)
			e = is_earlier(f, row, c->row, &wins);
		if (!e && wins)
			c->row = row;
	}
	return e;
}

static enum err look_elsewhere(
	struct finding *f, struct candidate *c, const struct trace_places *places, uint32_t i)
{
	struct block *b = &f->stock->blocks[c->row.block];
	struct block_traces traces = f->pieces[c->row.block].traces;
	struct str trace_id;
	enum err e = block_trace_id(b, (uint32_t)column_value(traces.codes, c->row.row), &trace_id);
	if (e)
		return e;
	trace_id = arena_copy(f->stock->view->arena, trace_id);
	for (uint32_t k = places->first[i]; !e && k < places->first[i + 1]; k++)
		e = look_in(f, c, trace_id, places->blocks[k]);
	return e;
}

/* Of those that may have pieces in other blocks. */
static enum err settle_shared(struct finding *f)
{
	struct arena *a = f->stock->view->arena;
	uint64_t *hashes = arena_room(a, f->candidates.n, sizeof *hashes);
	struct trace_places places;
	uint32_t n = 0;
	for (size_t i = 0; i < f->candidates.n; i++) {
		const struct candidate *c = table_row(&f->candidates, i);
		if (shared_has(&f->shared, c->id_hash))
			hashes[n++] = c->id_hash;
	}
	enum err e = trace_places_find(f->stock, hashes, n, &places);
	n = 0;
	for (size_t i = 0; !e && i < f->candidates.n; i++) {
		struct candidate *c = table_row(&f->candidates, i);
		if (shared_has(&f->shared, c->id_hash))
			e = look_elsewhere(f, c, &places, n++);
		if (!e && stock_is_late(f->stock))
			e = ERR_BUDGET;
	}
	return e;
}

static bool asks_nothing(const struct query *q)
{
	return q->n_clauses == 0 && q->from_ns == INT64_MIN && q->to_ns == INT64_MAX;
}

/* Which of the candidates' rows are asked for the columns say of all at once: there may be as many
 * as spans, and each line stands in another frame of a sealed day. */
static enum err pick_asked_for(struct finding *f)
{
	struct field_set nothing = { { 0 } };
	struct stock *s = f->stock;
	stock_unpick(s);
	enum err e = stock_pick(s, f->query, &nothing);
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		e = block_load_picked(&s->blocks[i]);
	return e;
}

static enum err take_asked_for(struct finding *f, struct rootless *ret)
{
	struct rootless r = { .n = 0 };
	bool takes_all = asks_nothing(f->query);
	if (f->candidates.n == 0)
		return ERR_OK;
	enum err e = takes_all ? ERR_OK : pick_asked_for(f);
	if (e)
		return e;
	r.rows = arena_room(f->stock->view->arena, f->candidates.n, sizeof *r.rows);
	for (size_t i = 0; i < f->candidates.n; i++) {
		const struct candidate *c = table_row(&f->candidates, i);
		const struct block *b = &f->stock->blocks[c->row.block];
		bool is_picked = block_picked(b, c->row.row / 64) >> c->row.row % 64 & 1;
		if (!c->has_root && (takes_all || is_picked))
			r.rows[r.n++] = c->row;
	}
	*ret = r;
	return ERR_OK;
}

/* ---- All ---- */

static enum err pick_roots(struct stock *s)
{
	struct field_set need = rollup_fields();
	struct query roots;
	query_init(&roots);
	roots.roots_only = true;
	field_set_add(&need, FIELD_STARTED_AT);
	/* Those of segments that know them need not be picked. */
	bool knows = traces_know_roots(s);
	s->skips_segments = knows;
	enum err e = stock_pick(s, &roots, &need);
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		if (knows && s->blocks[i].segment)
			s->blocks[i].picks_roots = true;
	return e;
}

enum err rootless_find(struct stock *s, const struct query *q, struct rootless *ret)
{
	struct query of_any = *q;
	struct finding f = { .stock = s, .query = &of_any };
	struct rootless r = { .n = 0 };
	of_any.roots_only = false;
	enum err e = pick_roots(s);
	if (!e)
		e = shared_find(s, &f.shared);
	if (e)
		return e;
	f.pieces = arena_calloc(s->view->arena, s->n_blocks + 1, sizeof *f.pieces);
	table_init(&f.candidates, s->view->arena, sizeof(struct candidate));
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		e = stock_is_late(s) ? ERR_BUDGET : add_of_block(&f, (uint32_t)i);
	if (!e)
		e = settle_shared(&f);
	s->skips_segments = false;
	if (!e)
		e = take_asked_for(&f, &r);
	table_release(&f.candidates);
	stock_unpick(s);
	if (!e)
		*ret = r;
	return e;
}

enum err rootless_pick(struct stock *s, const struct rootless *r)
{
	struct arena *a = s->view->arena;
	uint64_t **picked = arena_calloc(a, s->n_blocks + 1, sizeof *picked); /* ours to change */
	for (size_t i = 0; i < r->n; i++) {
		struct block *b = &s->blocks[r->rows[i].block];
		uint64_t **mine = &picked[r->rows[i].block];
		if (!*mine) {
			size_t n = bits_words(b->n_rows);
			enum err e = block_load_picked(b);
			if (e)
				return e;
			*mine = arena_calloc(a, n, sizeof **mine);
			for (size_t w = 0; w < n; w++)
				(*mine)[w] = block_picked(b, w);
			b->picked = *mine;
		}
		bits_set(*mine, r->rows[i].row);
		b->n_picked++;
	}
	return ERR_OK;
}
