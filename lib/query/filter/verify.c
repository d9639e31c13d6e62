#include "query/filter/verify.h"

#include "base/limits.h"
#include "base/utime.h"
#include "query/match/text.h"

enum {
	/* The two wait for each other once in so many. */
	ROWS_MAX = 32768,
	PARTS_MAX = 1024,
	CHUNK_BYTES = 256 << 10, /* with the gaps; a line may be longer */
	GAP_BYTES = 4 << 10,     /* reading so much more is cheaper than another call */
	ROW_BYTES = 8 << 10,     /* for what looking at most rows takes */
	ALONE = HELPER__SEATS
};

struct verify_clause {
	const struct search_term **terms;
	size_t n;
	uint64_t n_asked, n_passed; /* lines */
};

struct verify_row {
	uint32_t bit; /* of those that were asked for */
	bool matches;
	struct row_ref ref;
};

struct verify_part {
	size_t first, n; /* of the rows */
	size_t n_bytes;  /* of their lines */
	enum err error;
	bool is_left; /* the seat has run out of memory */
};

/* ---- What lines must have ---- */

/* Every line that has the one has the other. */
static bool implies(const struct search_term *one, const struct search_term *other)
{
	struct str text = one->needle.folded;
	if (one->is_phrase || other->is_phrase)
		return one->is_phrase && other->is_phrase &&
		       str_eq(one->pred->texts[0], other->pred->texts[0]);
	return str_find(text, other->needle.folded) < text.len;
}

static void add_term(struct verify_clause *c, const struct search_term *t)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->n; i++)
		if (implies(t, c->terms[i]))
			return;
	for (size_t i = 0; i < c->n; i++)
		if (!implies(c->terms[i], t))
			c->terms[kept++] = c->terms[i];
	c->terms[kept++] = t;
	c->n = kept;
}

/* False: a line may match without having anything. */
static bool read_clause(struct verify_clause *ret, const struct clause *from, struct search *search,
	struct arena *a)
{
	ret->terms = arena_calloc(a, from->n, sizeof(struct search_term *));
	for (size_t i = 0; i < from->n; i++) {
		const struct search_term *t = search_term_of(search, &from->preds[i]);
		struct span none;
		span_init(&none);
		if (!t || pred_match(&from->preds[i], &none, a))
			return false;
		add_term(ret, t);
	}
	return ret->n > 0;
}

/* What is looked for in all lines at once. That can be one term, and a long one is rare. */
static bool comes_first(const struct verify_clause *x, const struct verify_clause *y)
{
	if (x->n > 1 || y->n > 1)
		return x->n == 1 && y->n > 1;
	return x->terms[0]->needle.folded.len > y->terms[0]->needle.folded.len;
}

static void put_first(struct verifier *v, size_t i)
{
	struct verify_clause c = v->clauses[i];
	v->clauses[i] = v->clauses[0];
	v->clauses[0] = c;
}

/* When another term turned out to be rarer, it does. */
static void learn(struct verifier *v)
{
	enum { ENOUGH = 64 };
	for (size_t i = 1; i < v->n_clauses && v->clauses[0].n == 1; i++) {
		const struct verify_clause *x = &v->clauses[i], *y = &v->clauses[0];
		if (x->n == 1 && x->n_asked >= ENOUGH &&
			(double)x->n_passed * (double)y->n_asked <
				(double)y->n_passed * (double)x->n_asked)
			put_first(v, i);
	}
}

void verifier_init(struct verifier *v, struct view *view, const struct query *q,
	struct search *search, int64_t deadline_ns)
{
	*v = (struct verifier){
		.view = view, .query = q, .fields = query_fields(q), .deadline_ns = deadline_ns
	};
	size_t seat_bytes = helper_seat_bytes(view->arena->limit_bytes);
	v->clauses = arena_calloc(view->arena, q->n_clauses, sizeof *v->clauses);
	for (size_t i = 0; i < q->n_clauses; i++) {
		struct verify_clause c = { .n = 0 };
		if (!read_clause(&c, &q->clauses[i], search, view->arena))
			continue;
		v->clauses[v->n_clauses++] = c;
		if (comes_first(&c, &v->clauses[0]))
			put_first(v, v->n_clauses - 1);
	}
	v->most_parts = v->n_clauses > 1 ? 1 : PARTS_MAX;
	v->helper = view->store->helper;
	for (size_t i = 0; i <= ALONE; i++) {
		struct verify_seat *s = &v->seats[i];
		s->arena = i == ALONE ? view->arena : &s->own;
		arena_init(&s->own, seat_bytes); /* who needs more looks alone */
		s->n_asked = arena_calloc(view->arena, v->n_clauses, sizeof *s->n_asked);
		s->n_passed = arena_calloc(view->arena, v->n_clauses, sizeof *s->n_passed);
		buf_init(&s->bytes, s->arena);
	}
}

void verifier_release(struct verifier *v)
{
	if (v->rows)
		v->rows = arena_block(v->view->arena, v->rows, 0);
	if (v->parts)
		v->parts = arena_block(v->view->arena, v->parts, 0);
	buf_release(&v->seats[ALONE].bytes);
	for (size_t i = 0; i < ALONE; i++)
		arena_release(&v->seats[i].own);
}

/* ---- Looking ---- */

/* Rows that are read at once: rows[first] and those behind it. */
struct chunk {
	size_t first, n_rows, n_bytes;
	int64_t at;
};

/* Takes the row into the chunk when it stands close enough. */
static bool extend(struct chunk *c, const struct verify_row *rows, struct row_ref ref)
{
	int64_t end = ref.at + (int64_t)ref.len + 1;
	if (c->n_rows) {
		const struct row_ref *last = &rows[c->first + c->n_rows - 1].ref;
		int64_t last_end = last->at + (int64_t)last->len + 1;
		if (ref.at < last_end || ref.at - last_end > GAP_BYTES || end - c->at > CHUNK_BYTES)
			return false;
	} else {
		c->at = ref.at;
	}
	c->n_rows++;
	c->n_bytes = (size_t)(end - c->at);
	return true;
}

static bool has_one(const struct verify_clause *c, struct str line)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct search_term *t = c->terms[i];
		if (text_find(&t->needle, line, 0) < line.len &&
			(!t->is_phrase || text_matches(line, true, t->pred->texts[0], TEXT_WORD)))
			return true;
	}
	return false;
}

static bool has_all(
	const struct verifier *v, struct verify_seat *seat, size_t from, struct str line)
{
	for (size_t i = from; i < v->n_clauses; i++) {
		bool has = has_one(&v->clauses[i], line);
		seat->n_asked[i] += i > 0; /* the first is counted where it is looked for at once */
		seat->n_passed[i] += i > 0 && has;
		if (!has)
			return false;
	}
	return true;
}

static bool line_matches(const struct verifier *v, struct verify_seat *seat, struct str line)
{
	struct span span;
	struct arena_mark mark = arena_mark(seat->arena);
	seat->n_parsed++;
	bool ok = line_read(line, &v->fields, false, &span) == LINE_OK &&
		  query_match(v->query, &span, seat->arena);
	arena_rewind(seat->arena, mark);
	return ok;
}

static enum err look_at(const struct verifier *v, struct verify_seat *seat, const struct chunk *c)
{
	size_t got, hit = 0;
	bool at_once = v->n_clauses && v->clauses[0].n == 1;
	const struct search_term *term = at_once ? v->clauses[0].terms[0] : NULL;
	size_t n_known = at_once && !term->is_phrase;
	struct verify_row *rows = v->rows + c->first;
	buf_reset(&seat->bytes);
	char *to = buf_reserve(&seat->bytes, c->n_bytes);
	enum err e = shard_read(v->view, rows->ref.shard, to, c->n_bytes, c->at, &got);
	if (e)
		return e;
	struct str all = str_of(to, got);
	seat->n_lines += c->n_rows;
	for (size_t i = 0; i < c->n_rows; i++) {
		struct verify_row *r = &rows[i];
		size_t from = (size_t)(r->ref.at - c->at), end = from + r->ref.len;
		if (at_once && hit < from)
			hit = text_find(&term->needle, all, from);
		else if (at_once && i == 0)
			hit = text_find(&term->needle, all, 0);
		bool ok = end < got && to[end] == '\n' && (!at_once || hit < end);
		struct str line = str_of(to + from, ok ? r->ref.len : 0);
		if (at_once) {
			seat->n_asked[0]++;
			seat->n_passed[0] += hit < end;
		}
		r->matches = ok && has_all(v, seat, n_known, line) && line_matches(v, seat, line);
	}
	return ERR_OK;
}

static bool is_late(const struct verifier *v)
{
	return v->deadline_ns && utime_monotonic() > v->deadline_ns;
}

static enum err look_at_part(
	const struct verifier *v, struct verify_seat *seat, const struct verify_part *p)
{
	struct chunk c = { .first = p->first };
	enum err e = is_late(v) ? ERR_BUDGET : ERR_OK;
	for (size_t i = p->first; !e && i < p->first + p->n; i++) {
		if (extend(&c, v->rows, v->rows[i].ref))
			continue;
		e = look_at(v, seat, &c);
		c = (struct chunk){ .first = i };
		(void)extend(&c, v->rows, v->rows[i].ref); /* the first always fits */
	}
	return e ? e : look_at(v, seat, &c);
}

/* An escape must end here: the other one goes on. */
static void do_part(void *user, size_t part, enum helper_seat number)
{
	struct verifier *v = user;
	struct verify_part *p = &v->parts[part];
	struct verify_seat *seat = &v->seats[number];
	if (setjmp(seat->own.escape) != 0) {
		arena_release(&seat->own);
		buf_init(&seat->bytes, &seat->own);
		p->is_left = true;
		return;
	}
	seat->own.has_escape = true;
	if (!seat->own.chunk) /* which stays, so that no row asks the system for it */
		arena_reserve(&seat->own, 1, ROW_BYTES);
	p->error = look_at_part(v, seat, p);
	seat->own.has_escape = false;
}

static enum err look_alone(struct verifier *v)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < v->n_parts; i++)
		e = look_at_part(v, &v->seats[ALONE], &v->parts[i]);
	return e;
}

static enum err look_together(struct verifier *v)
{
	enum err e = ERR_OK;
	helper_share(v->helper, v->n_parts, do_part, v);
	for (size_t i = 0; !e && i < v->n_parts; i++) {
		const struct verify_part *p = &v->parts[i];
		e = p->is_left ? look_at_part(v, &v->seats[ALONE], p) : p->error;
	}
	return e;
}

static void add_up(struct verifier *v)
{
	for (size_t i = 0; i <= ALONE; i++) {
		struct verify_seat *s = &v->seats[i];
		for (size_t c = 0; c < v->n_clauses; c++) {
			v->clauses[c].n_asked += s->n_asked[c];
			v->clauses[c].n_passed += s->n_passed[c];
			s->n_asked[c] = s->n_passed[c] = 0;
		}
		v->n_lines += s->n_lines;
		v->n_parsed += s->n_parsed;
		s->n_lines = s->n_parsed = 0;
	}
	learn(v);
}

/* Clears the bits of the rows that do not match. What the first rows teach of several clauses is of
 * use for the others, so that these are few at first. */
static enum err look(struct verifier *v, uint64_t *may)
{
	if (!v->n_rows)
		return ERR_OK;
	size_t shard = v->rows[0].ref.shard;
	enum err e = shard_open(v->view, shard);
	if (e)
		return e;
	/* Reading a sealed shard changes what is remembered of it. */
	bool is_shared = v->helper && v->n_parts > 1 && !v->view->shards[shard].is_sealed;
	e = is_shared ? look_together(v) : look_alone(v);
	if (e)
		return e;
	for (size_t i = 0; i < v->n_rows; i++)
		if (!v->rows[i].matches)
			bits_clear(may, v->rows[i].bit);
	add_up(v);
	v->n_rows = v->n_parts = 0;
	v->most_parts = v->most_parts * 2 < PARTS_MAX ? v->most_parts * 2 : PARTS_MAX;
	return is_late(v) ? ERR_BUDGET : ERR_OK;
}

/* False: there is no room. */
static bool add_row(struct verifier *v, struct row_ref ref, uint32_t bit)
{
	struct verify_part *p = v->n_parts ? &v->parts[v->n_parts - 1] : NULL;
	if (!v->rows) { /* most queries need none */
		v->rows = arena_block(v->view->arena, NULL, ROWS_MAX * sizeof *v->rows);
		v->parts = arena_block(v->view->arena, NULL, PARTS_MAX * sizeof *v->parts);
	}
	if (v->n_rows == ROWS_MAX || (v->n_rows && v->rows[0].ref.shard != ref.shard))
		return false;
	if (!p || p->n_bytes + ref.len > v->view->store->part_bytes) {
		if (v->n_parts == v->most_parts)
			return false;
		p = &v->parts[v->n_parts++];
		*p = (struct verify_part){ .first = v->n_rows };
	}
	v->rows[v->n_rows++] = (struct verify_row){ .bit = bit, .ref = ref };
	p->n++;
	p->n_bytes += ref.len;
	return true;
}

enum err verifier_look(struct verifier *v, struct block *b, uint32_t first, size_t n_words,
	const uint64_t *sure, uint64_t *may)
{
	struct row_ref ref;
	enum err e = ERR_OK;
	v->n_rows = v->n_parts = 0; /* of a call that failed */
	for (size_t w = 0; w < n_words; w++)
		for (uint64_t left = may[w] & ~sure[w]; !e && left; left &= left - 1) {
			uint32_t bit = bits_row(w, left);
			e = block_ref(b, first + bit, &ref);
			if (e || add_row(v, ref, bit))
				continue;
			e = look(v, may);
			if (!e)
				(void)add_row(v, ref, bit); /* the first always fits */
		}
	return e ? e : look(v, may);
}
