#include "query/filter/snapshot.h"

#include "query/filter/verify.h"

#include "base/utime.h"

enum {
	LINES_PER_LOOK = 256, /* between two looks at the clock */
	TRIES = 8             /* with a damaged segment less each time; then without any */
};

bool stock_is_late(const struct stock *s)
{
	return s->deadline_ns && utime_monotonic() > s->deadline_ns;
}

/* ---- Opening ---- */

static enum err open_rows(struct stock *s, struct view *v, int64_t deadline_ns, bool with_index)
{
	*s = (struct stock){ .view = v, .deadline_ns = deadline_ns };
	enum err e = source_open(&s->source, v, deadline_ns, with_index);
	s->blocks = s->source.blocks;
	s->n_blocks = s->source.n_blocks;
	return e;
}

enum err stock_open(struct stock *s, struct view *v, int64_t deadline_ns)
{
	return open_rows(s, v, deadline_ns, true);
}

void stock_close(struct stock *s)
{
	source_close(&s->source);
}

enum err stock_answer(struct view *v, int64_t deadline_ns,
	enum err (*answer)(struct stock *s, void *user), void *user)
{
	struct stock *s = arena_alloc(v->arena, sizeof *s);
	uint64_t bad[] = { v->n_torn, v->n_rot, v->n_zero };
	enum err e = ERR_UNSAFE;
	for (int i = 0; e == ERR_UNSAFE && i <= TRIES; i++) {
		struct arena_mark mark = arena_mark(v->arena);
		v->n_torn = bad[0];
		v->n_rot = bad[1];
		v->n_zero = bad[2];
		e = open_rows(s, v, deadline_ns, i < TRIES);
		s->is_again = i > 0;
		if (!e)
			e = answer(s, user);
		stock_close(s);
		if (e == ERR_UNSAFE)
			arena_rewind(v->arena, mark);
	}
	return e;
}

/* ---- Picking ---- */

struct picking {
	struct stock *stock;
	const struct query *query;
	struct verifier verifier;
	bool has_asked_ahead;
};

static enum err pick_zone(
	struct picking *p, const struct sieve *sieve, uint32_t zone, uint64_t *picked)
{
	uint64_t may[ZONE_WORDS], sure[ZONE_WORDS];
	struct block *b = sieve->block;
	size_t first = (size_t)zone * ZONE_WORDS, left = bits_words(b->n_rows) - first;
	size_t n = left < ZONE_WORDS ? left : ZONE_WORDS;
	enum err e = sieve_zone(sieve, zone, may, sure);
	if (!e)
		e = verifier_look(&p->verifier, b, zone * INDEX_ZONE_ROWS, n, sure, may);
	if (e)
		return e;
	if (stock_is_late(p->stock))
		return ERR_BUDGET;
	memcpy(picked + first, may, n * sizeof *may);
	b->n_picked += (uint32_t)bits_count(picked + first, n);
	return ERR_OK;
}

/* Nothing to look at but whether the rows have the field. */
static bool is_presence(const struct sieve *sieve)
{
	const struct sieve_test *t = sieve->clauses[0].tests;
	return sieve->n_clauses == 1 && sieve->clauses[0].n == 1 && t->how == SIEVE_RANGES &&
	       t->n_stored == 0 && t->first_row == 0 && t->last_row == UINT32_MAX;
}

static void pick_by_presence(const struct sieve *sieve, uint64_t *picked)
{
	struct block *b = sieve->block;
	const struct sieve_test *t = sieve->clauses[0].tests;
	const uint64_t *present = t->column->present;
	uint64_t absent = column_is_full(t->column) ? 0 : UINT64_MAX;
	size_t n = bits_words(b->n_rows);
	for (size_t w = 0; w < n; w++) {
		uint64_t has = present ? present[w] : ~absent;
		uint64_t in = (t->is_negated ? has : 0) | (t->absent_matches ? ~has : 0);
		picked[w] = block_current(b, w) & in;
	}
	b->n_picked = (uint32_t)bits_count(picked, n);
}

/* The rows that may meet a clause, and those that surely do; room: for as many of both. */
static enum err ask_words(struct search *s, struct block *b, const struct sieve_clause *c,
	uint64_t *may, uint64_t *sure, uint64_t *room)
{
	size_t n = bits_words(b->n_rows);
	enum err e = search_rows(s, c->tests[0].term, b, 0, b->n_rows, may, sure);
	for (size_t i = 1; !e && i < c->n; i++) {
		if (counted_was_asked(c, i))
			continue;
		e = search_rows(s, c->tests[i].term, b, 0, b->n_rows, room, room + n);
		for (size_t w = 0; w < n; w++) {
			may[w] |= room[w];
			sure[w] |= room[n + w];
		}
	}
	return e;
}

/* A single word that can be counted everywhere but here is not looked up everywhere. */
static bool is_worth_asking_ahead(const struct stock *s, const struct sieve *sieve)
{
	const struct sieve_clause *c = &sieve->clauses[0];
	if (!s->view->store->helper)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (!s->may_count || sieve->n_clauses > 1 || !search_can_count(c->tests[i].term))
			return true;
	return false;
}

/* Of the block and those behind it, so many in all. */
static enum err ask_ahead(struct picking *p, const struct sieve *sieves, size_t n)
{
	const struct stock *s = p->stock;
	struct arena *a = s->view->arena;
	size_t n_asks = 0;
	enum err e = ERR_OK;
	if (p->has_asked_ahead || !is_worth_asking_ahead(s, sieves))
		return ERR_OK;
	p->has_asked_ahead = true;
	for (size_t i = 0; !e && i < n; i++) {
		if (counted_asks_the_same(sieves, &sieves[i]))
			e = search_expect(sieves->search, sieves[i].block);
		if (!e && stock_is_late(s))
			e = ERR_BUDGET;
	}
	for (size_t i = 0; i < sieves->n_clauses; i++)
		n_asks += sieves->clauses[i].n;
	struct search_ask *asks = arena_calloc(a, n_asks, sizeof *asks), *to = asks;
	for (size_t i = 0; i < sieves->n_clauses; i++)
		for (size_t k = 0; k < sieves->clauses[i].n; k++)
			*to++ = (struct search_ask){ sieves->clauses[i].tests[k].term, i };
	if (!e)
		e = search_ahead(sieves->search, asks, n_asks, s->deadline_ns);
	return !e && stock_is_late(s) ? ERR_BUDGET : e;
}

/* What the columns do not narrow is asked of all rows at once. */
static enum err pick_by_words(struct picking *p, const struct sieve *sieve, uint64_t *picked)
{
	enum { SURE, MAY_MEET, SURE_TO_MEET, ROOM, LISTS = ROOM + 2 };
	struct block *b = sieve->block;
	size_t n = bits_words(b->n_rows);
	uint64_t *all = arena_calloc(p->stock->view->arena, LISTS * n, sizeof *all), *list[LISTS];
	enum err e = ERR_OK;
	for (size_t i = 0; i < LISTS; i++)
		list[i] = all + i * n;
	for (size_t w = 0; w < n; w++)
		list[SURE][w] = picked[w] = block_current(b, w);
	for (size_t i = 0; !e && i < sieve->n_clauses && bits_count(picked, n); i++) {
		e = ask_words(sieve->search, b, &sieve->clauses[i], list[MAY_MEET],
			list[SURE_TO_MEET], list[ROOM]);
		for (size_t w = 0; w < n; w++) {
			picked[w] &= list[MAY_MEET][w];
			list[SURE][w] &= list[SURE_TO_MEET][w];
		}
	}
	if (!e)
		e = verifier_look(&p->verifier, b, 0, n, list[SURE], picked);
	b->n_picked = (uint32_t)bits_count(picked, n);
	return e;
}

/* The block of the first of n sieves. */
static enum err pick_block(struct picking *p, const struct sieve *sieve, size_t n)
{
	struct block *b = sieve->block;
	enum err e = ERR_OK;
	if (sieve->is_empty)
		return ERR_OK;
	if (sieve->n_clauses == 0) {
		b->n_picked = b->n_rows - b->n_hidden;
		return ERR_OK;
	}
	uint64_t *picked =
		arena_calloc(p->stock->view->arena, bits_words(b->n_rows), sizeof *picked);
	b->picked = picked;
	if (counted_asks_only_words(sieve)) {
		e = ask_ahead(p, sieve, n);
		return e ? e : pick_by_words(p, sieve, picked);
	}
	if (is_presence(sieve))
		pick_by_presence(sieve, picked);
	else
		for (uint32_t z = 0; !e && z < (b->n_rows + INDEX_ZONE_ROWS - 1) / INDEX_ZONE_ROWS;
			z++)
			e = pick_zone(p, sieve, z, picked);
	return e;
}

static bool add_line(void *user, const struct span *span, struct row_ref ref)
{
	struct picking *p = user;
	struct stock *s = p->stock;
	bool matches = query_match(p->query, span, s->view->arena);
	if (matches || s->needs_all_lines)
		block_add_line(&s->blocks[s->n_blocks - 1], span, ref, matches);
	return true;
}

static enum err pick_lines(struct picking *p, const struct field_set *need)
{
	struct stock *s = p->stock;
	struct field_set all = *need, want;
	if (source_n_lines(&s->source) == 0)
		return ERR_OK;
	if (field_set_has(need, FIELD_TRACE_ID)) /* a trace has both */
		field_set_add(&all, FIELD_SOURCE);
	for (size_t i = 0; i < FIELD_WORDS; i++)
		want.word[i] = all.word[i] | p->verifier.fields.word[i];
	block_of_lines(&s->blocks[s->n_blocks++], &s->source.set, &all);
	enum err e = source_each_line(&s->source, p->query, &want, add_line, p);
	block_end_lines(&s->blocks[s->n_blocks - 1]);
	return e;
}

static enum err pick_blocks(struct picking *p, struct sieve *sieves, size_t n_sieves)
{
	struct stock *s = p->stock;
	enum err e = ERR_OK;
	for (size_t i = 0, n; !e && i < n_sieves; i += n) {
		n = 0;
		if (s->may_count)
			e = counted_find(&s->source.set, &sieves[i], &n);
		if (!e && n == 0) {
			e = pick_block(p, &sieves[i], n_sieves - i);
			n = 1;
		}
		if (!e && stock_is_late(s))
			e = ERR_BUDGET;
	}
	return e;
}

static enum err pick_all(struct picking *p, const struct field_set *need)
{
	struct stock *s = p->stock;
	struct sieve_id_list ids = { .n = 0 };
	struct sieve *sieves = arena_calloc(s->view->arena, s->n_blocks, sizeof *sieves);
	size_t n = 0;
	enum err e = s->n_blocks ? sieve_find_ids(&s->source.set, p->query, &ids) : ERR_OK;
	for (size_t i = 0; !e && i < s->n_blocks; i++) {
		if (s->skips_segments && s->blocks[i].segment)
			continue;
		/* That may look at all texts of the block. */
		e = sieve_make(&sieves[n++], &s->blocks[i], p->query, &ids, s->search);
		if (!e && stock_is_late(s))
			e = ERR_BUDGET;
	}
	if (!e)
		e = pick_blocks(p, sieves, n);
	return e ? e : pick_lines(p, need);
}

enum err stock_pick(struct stock *s, const struct query *q, const struct field_set *need)
{
	struct picking p = { .stock = s, .query = q };
	if (q->n_clauses && s->searched != q->clauses) {
		s->search = arena_alloc(s->view->arena, sizeof *s->search);
		s->searched = q->clauses;
		search_init(s->search, &s->source.set, q);
	}
	verifier_init(&p.verifier, s->view, q, s->search, s->deadline_ns);
	enum err e = pick_all(&p, need);
	s->n_verified += p.verifier.n_lines;
	verifier_release(&p.verifier);
	return e;
}

void stock_unpick(struct stock *s)
{
	if (s->n_blocks && s->blocks[s->n_blocks - 1].kind == BLOCK_LINES)
		s->n_blocks--;
	for (size_t i = 0; i < s->n_blocks; i++) {
		s->blocks[i].picked = NULL;
		s->blocks[i].picks_roots = false;
		s->blocks[i].counted = NULL;
		s->blocks[i].n_picked = 0;
	}
}

uint64_t stock_count(const struct stock *s)
{
	uint64_t n = 0;
	for (size_t i = 0; i < s->n_blocks; i++)
		n += s->blocks[i].n_picked;
	return n;
}

/* Everything that says where the picked rows stand, and is asked when their lines are read, so that
 * nothing can fail later. */
static enum err load_places(struct stock *s)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		if (s->blocks[i].segment && s->blocks[i].n_picked)
			e = segment_confirm(s->blocks[i].segment);
	return e;
}

static enum err each_in_block(struct stock *s, struct block *b, const struct field_set *want,
	row_fn *take, void *user, bool *ret_more)
{
	struct row_ref ref;
	struct span span;
	bool is_there = true, reads = !field_set_is_empty(want);
	span_init(&span);
	for (size_t w = 0; b->n_picked && w < bits_words(b->n_rows); w++)
		for (uint64_t left = block_picked(b, w); left; left &= left - 1) {
			uint32_t row = bits_row(w, left);
			if (row % LINES_PER_LOOK == 0 && stock_is_late(s))
				return ERR_BUDGET;
			enum err e = block_ref(b, row, &ref);
			if (!e && reads)
				e = block_read(b, row, want, &span, &is_there);
			if (e)
				return e;
			/* The index had it whole: nobody else has counted it. */
			s->view->n_rot += !is_there;
			struct arena_mark mark = arena_mark(s->view->arena);
			*ret_more = !is_there || take(user, &span, ref);
			arena_rewind(s->view->arena, mark);
			if (!*ret_more)
				return ERR_OK;
		}
	return ERR_OK;
}

enum err stock_each(struct stock *s, const struct field_set *want, row_fn *take, void *user)
{
	enum err e = load_places(s);
	bool more = true;
	for (size_t i = 0; !e && more && i < s->n_blocks; i++)
		e = each_in_block(s, &s->blocks[i], want, take, user, &more);
	return e;
}
