#include "query/filter/snapshot.h"

#include "query/filter/verify.h"

#include "base/utime.h"

enum {
	LINES_PER_LOOK = 256, /* between two looks at the clock */
	TRIES = 8             /* with a damaged segment less each time; then without any */
};

bool snapshot_is_late(const struct snapshot *s)
{
	return s->deadline_ns && utime_monotonic() > s->deadline_ns;
}

/* ---- Opening ---- */

static enum err open_rows(struct snapshot *s, struct view *v, int64_t deadline_ns, bool with_index)
{
	*s = (struct snapshot){ .view = v, .deadline_ns = deadline_ns };
	enum err e = source_open(&s->source, v, deadline_ns, with_index);
	s->blocks = s->source.blocks;
	s->n_blocks = s->source.n_blocks;
	return e;
}

enum err snapshot_open(struct snapshot *s, struct view *v, int64_t deadline_ns)
{
	return open_rows(s, v, deadline_ns, true);
}

void snapshot_close(struct snapshot *s)
{
	source_close(&s->source);
}

enum err snapshot_answer(struct view *v, int64_t deadline_ns,
	enum err (*answer)(struct snapshot *s, void *user), void *user)
{
	struct snapshot *s = arena_alloc(v->arena, sizeof *s);
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
		snapshot_close(s);
		if (e == ERR_UNSAFE)
			arena_rewind(v->arena, mark);
	}
	return e;
}

/* ---- Selecting ---- */

struct selecting {
	struct snapshot *snapshot;
	const struct query *query;
	struct verifier verifier;
};

static enum err select_zone(
	struct selecting *p, const struct row_filter *filter, uint32_t zone, uint64_t *selected)
{
	uint64_t candidates[ZONE_WORDS], matches[ZONE_WORDS];
	struct block *b = filter->block;
	size_t first = (size_t)zone * ZONE_WORDS, left = bits_words(b->n_rows) - first;
	size_t n = left < ZONE_WORDS ? left : ZONE_WORDS;
	enum err e = row_filter_zone(filter, zone, candidates, matches);
	if (!e)
		e = verifier_look(&p->verifier, b, zone * INDEX_ZONE_ROWS, n, matches, candidates);
	if (e)
		return e;
	if (snapshot_is_late(p->snapshot))
		return ERR_BUDGET;
	memcpy(selected + first, candidates, n * sizeof *candidates);
	b->n_selected += (uint32_t)bits_count(selected + first, n);
	return ERR_OK;
}

/* True when the only test is whether rows have the field. */
static bool is_presence(const struct row_filter *filter)
{
	const struct row_filter_test *t = filter->clauses[0].tests;
	return filter->n_clauses == 1 && filter->clauses[0].n == 1 && t->how == ROW_FILTER_RANGES &&
	       t->n_stored == 0 && t->first_row == 0 && t->last_row == UINT32_MAX;
}

static void select_by_presence(const struct row_filter *filter, uint64_t *selected)
{
	struct block *b = filter->block;
	const struct row_filter_test *t = filter->clauses[0].tests;
	const uint64_t *present = t->column->present;
	uint64_t absent = column_is_full(t->column) ? 0 : UINT64_MAX;
	size_t n = bits_words(b->n_rows);
	for (size_t w = 0; w < n; w++) {
		uint64_t has = present ? present[w] : ~absent;
		uint64_t in = (t->is_negated ? has : 0) | (t->absent_matches ? ~has : 0);
		selected[w] = block_current(b, w) & in;
	}
	b->n_selected = (uint32_t)bits_count(selected, n);
}

/* Asks the term files for the rows that may meet a clause and for those that do. room holds as many
 * bits as both. */
static enum err ask_words(struct search *s, struct block *b, const struct row_filter_clause *c,
	uint64_t *candidates, uint64_t *matches, uint64_t *room)
{
	size_t n = bits_words(b->n_rows);
	enum err e = search_rows(s, c->tests[0].term, b, 0, b->n_rows, candidates, matches);
	for (size_t i = 1; !e && i < c->n; i++) {
		if (counted_was_asked(c, i))
			continue;
		e = search_rows(s, c->tests[i].term, b, 0, b->n_rows, room, room + n);
		for (size_t w = 0; w < n; w++) {
			candidates[w] |= room[w];
			matches[w] |= room[n + w];
		}
	}
	return e;
}

/* Selects by words alone: columns narrow nothing, so the term files are asked for all rows at once.
 */
static enum err select_by_words(
	struct selecting *p, const struct row_filter *filter, uint64_t *selected)
{
	enum { MATCHES, CANDIDATES, MATCHES_CLAUSE, ROOM, LISTS = ROOM + 2 };
	struct block *b = filter->block;
	size_t n = bits_words(b->n_rows);
	uint64_t *all = arena_calloc(p->snapshot->view->arena, LISTS * n, sizeof *all),
		 *list[LISTS];
	enum err e = ERR_OK;
	for (size_t i = 0; i < LISTS; i++)
		list[i] = all + i * n;
	for (size_t w = 0; w < n; w++)
		list[MATCHES][w] = selected[w] = block_current(b, w);
	for (size_t i = 0; !e && i < filter->n_clauses && bits_count(selected, n); i++) {
		e = ask_words(filter->search, b, &filter->clauses[i], list[CANDIDATES],
			list[MATCHES_CLAUSE], list[ROOM]);
		for (size_t w = 0; w < n; w++) {
			selected[w] &= list[CANDIDATES][w];
			list[MATCHES][w] &= list[MATCHES_CLAUSE][w];
		}
	}
	if (!e)
		e = verifier_look(&p->verifier, b, 0, n, list[MATCHES], selected);
	b->n_selected = (uint32_t)bits_count(selected, n);
	return e;
}

/* Selects the rows of the block of the filter. */
static enum err select_block(struct selecting *p, const struct row_filter *filter)
{
	struct block *b = filter->block;
	enum err e = ERR_OK;
	if (filter->is_empty)
		return ERR_OK;
	if (filter->n_clauses == 0) {
		b->n_selected = b->n_rows - b->n_superseded;
		return ERR_OK;
	}
	uint64_t *selected =
		arena_calloc(p->snapshot->view->arena, bits_words(b->n_rows), sizeof *selected);
	b->selected = selected;
	if (counted_asks_only_words(filter))
		return select_by_words(p, filter, selected);
	if (is_presence(filter))
		select_by_presence(filter, selected);
	else
		for (uint32_t z = 0; !e && z < (b->n_rows + INDEX_ZONE_ROWS - 1) / INDEX_ZONE_ROWS;
			z++)
			e = select_zone(p, filter, z, selected);
	return e;
}

static bool snapshot_add_line(void *user, const struct span *span, struct row_ref ref)
{
	struct selecting *p = user;
	struct snapshot *s = p->snapshot;
	bool matches = query_match(p->query, span, s->view->arena);
	if (matches || s->needs_all_lines)
		block_add_line(&s->blocks[s->n_blocks - 1], span, ref, matches);
	return true;
}

static enum err select_lines(struct selecting *p, const struct field_set *need)
{
	struct snapshot *s = p->snapshot;
	struct field_set all = *need, want;
	if (source_n_lines(&s->source) == 0)
		return ERR_OK;
	if (field_set_has(need, FIELD_TRACE_ID)) /* a trace has both */
		field_set_add(&all, FIELD_SOURCE);
	for (size_t i = 0; i < FIELD_WORDS; i++)
		want.word[i] = all.word[i] | p->verifier.fields.word[i];
	block_of_lines(&s->blocks[s->n_blocks++], &s->source.set, &all);
	enum err e = source_each_line(&s->source, p->query, &want, snapshot_add_line, p);
	block_end_lines(&s->blocks[s->n_blocks - 1]);
	return e;
}

static enum err select_blocks(struct selecting *p, struct row_filter *filters, size_t n_filters)
{
	struct snapshot *s = p->snapshot;
	enum err e = ERR_OK;
	for (size_t i = 0, n; !e && i < n_filters; i += n) {
		n = 0;
		if (s->may_count)
			e = counted_find(&s->source.set, &filters[i], &n);
		if (!e && n == 0) {
			e = select_block(p, &filters[i]);
			n = 1;
		}
		if (!e && snapshot_is_late(s))
			e = ERR_BUDGET;
	}
	return e;
}

static enum err snapshot_select_all(struct selecting *p, const struct field_set *need)
{
	struct snapshot *s = p->snapshot;
	struct row_filter_id_list ids = { .n = 0 };
	struct row_filter *filters = arena_calloc(s->view->arena, s->n_blocks, sizeof *filters);
	size_t n = 0;
	enum err e = s->n_blocks ? row_filter_find_ids(&s->source.set, p->query, &ids) : ERR_OK;
	for (size_t i = 0; !e && i < s->n_blocks; i++) {
		if (s->skips_segments && s->blocks[i].segment)
			continue;
		/* Making a filter may look at all texts of the block. */
		e = row_filter_make(&filters[n++], &s->blocks[i], p->query, &ids, s->search);
		if (!e && snapshot_is_late(s))
			e = ERR_BUDGET;
	}
	if (!e)
		e = select_blocks(p, filters, n);
	return e ? e : select_lines(p, need);
}

enum err snapshot_select(struct snapshot *s, const struct query *q, const struct field_set *need)
{
	struct selecting p = { .snapshot = s, .query = q };
	if (q->n_clauses && s->searched != q->clauses) {
		s->search = arena_alloc(s->view->arena, sizeof *s->search);
		s->searched = q->clauses;
		search_init(s->search, &s->source.set, q);
	}
	verifier_init(&p.verifier, s->view, q, s->search, s->deadline_ns);
	enum err e = snapshot_select_all(&p, need);
	s->n_verified += p.verifier.n_lines;
	verifier_release(&p.verifier);
	return e;
}

void snapshot_deselect(struct snapshot *s)
{
	if (s->n_blocks && s->blocks[s->n_blocks - 1].kind == BLOCK_LINES)
		s->n_blocks--;
	for (size_t i = 0; i < s->n_blocks; i++) {
		s->blocks[i].selected = NULL;
		s->blocks[i].selects_roots = false;
		s->blocks[i].counted = NULL;
		s->blocks[i].n_selected = 0;
	}
}

uint64_t snapshot_count(const struct snapshot *s)
{
	uint64_t n = 0;
	for (size_t i = 0; i < s->n_blocks; i++)
		n += s->blocks[i].n_selected;
	return n;
}

/* Loads everything that says where the selected rows stand and that is asked when their lines are
 * read, so that nothing fails later. */
static enum err load_places(struct snapshot *s)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < s->n_blocks; i++)
		if (s->blocks[i].segment && s->blocks[i].n_selected)
			e = segment_confirm(s->blocks[i].segment);
	return e;
}

static enum err each_in_block(struct snapshot *s, struct block *b, const struct field_set *want,
	row_fn *take, void *user, bool *ret_more)
{
	struct row_ref ref;
	struct span span;
	bool is_there = true, reads = !field_set_is_empty(want);
	span_init(&span);
	for (size_t w = 0; b->n_selected && w < bits_words(b->n_rows); w++)
		for (uint64_t left = block_selected(b, w); left; left &= left - 1) {
			uint32_t row = bits_row(w, left);
			if (row % LINES_PER_LOOK == 0 && snapshot_is_late(s))
				return ERR_BUDGET;
			enum err e = block_ref(b, row, &ref);
			if (!e && reads)
				e = block_read(b, row, want, &span, &is_there);
			if (e)
				return e;
			/* The index had the line whole, so it is not counted yet. */
			s->view->n_rot += !is_there;
			if (!is_there)
				s->view->shards[ref.shard].is_damaged = true;
			struct arena_mark mark = arena_mark(s->view->arena);
			*ret_more = !is_there || take(user, &span, ref);
			arena_rewind(s->view->arena, mark);
			if (!*ret_more)
				return ERR_OK;
		}
	return ERR_OK;
}

enum err snapshot_each(struct snapshot *s, const struct field_set *want, row_fn *take, void *user)
{
	enum err e = load_places(s);
	bool more = true;
	for (size_t i = 0; !e && more && i < s->n_blocks; i++)
		e = each_in_block(s, &s->blocks[i], want, take, user, &more);
	return e;
}
