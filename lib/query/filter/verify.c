#include "query/filter/verify.h"

#include "base/limits.h"
#include "base/utime.h"
#include "query/match/text.h"

enum {
	ROWS_MAX = 4096,
	CHUNK_BYTES = 256 << 10, /* with the gaps; a line may be longer */
	GAP_BYTES = 4 << 10      /* reading so much more is cheaper than another call */
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
	v->clauses = arena_calloc(view->arena, q->n_clauses, sizeof *v->clauses);
	for (size_t i = 0; i < q->n_clauses; i++) {
		struct verify_clause c = { .n = 0 };
		if (!read_clause(&c, &q->clauses[i], search, view->arena))
			continue;
		v->clauses[v->n_clauses++] = c;
		if (comes_first(&c, &v->clauses[0]))
			put_first(v, v->n_clauses - 1);
	}
	buf_init(&v->bytes, view->arena);
}

void verifier_release(struct verifier *v)
{
	if (v->rows)
		v->rows = arena_block(v->view->arena, v->rows, 0);
	buf_release(&v->bytes);
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

static bool has_all(struct verifier *v, size_t from, struct str line)
{
	for (size_t i = from; i < v->n_clauses; i++) {
		struct verify_clause *c = &v->clauses[i];
		bool has = has_one(c, line);
		c->n_asked += i > 0; /* the first is counted where it is looked for at once */
		c->n_passed += i > 0 && has;
		if (!has)
			return false;
	}
	return true;
}

static bool line_matches(struct verifier *v, struct str line)
{
	struct span span;
	struct arena *a = v->view->arena;
	struct arena_mark mark = arena_mark(a);
	bool ok = line_read(line, &v->fields, false, &span) == LINE_OK &&
		  query_match(v->query, &span, a);
	arena_rewind(a, mark);
	return ok;
}

static enum err look_at(struct verifier *v, const struct chunk *c)
{
	size_t got, hit = 0;
	bool at_once = v->n_clauses && v->clauses[0].n == 1;
	const struct search_term *term = at_once ? v->clauses[0].terms[0] : NULL;
	size_t n_known = at_once && !term->is_phrase;
	struct verify_row *rows = v->rows + c->first;
	buf_reset(&v->bytes);
	char *to = buf_reserve(&v->bytes, c->n_bytes);
	enum err e = shard_read(v->view, rows->ref.shard, to, c->n_bytes, c->at, &got);
	if (e)
		return e;
	struct str all = str_of(to, got);
	v->n_lines += c->n_rows;
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
			v->clauses[0].n_asked++;
			v->clauses[0].n_passed += hit < end;
		}
		r->matches = ok && has_all(v, n_known, line) && line_matches(v, line);
	}
	return ERR_OK;
}

static bool is_late(const struct verifier *v)
{
	return v->deadline_ns && utime_monotonic() > v->deadline_ns;
}

static enum err look_at_rows(struct verifier *v)
{
	struct chunk c = { .first = 0 };
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < v->n_rows; i++) {
		if (extend(&c, v->rows, v->rows[i].ref))
			continue;
		e = look_at(v, &c);
		c = (struct chunk){ .first = i };
		(void)extend(&c, v->rows, v->rows[i].ref); /* the first always fits */
	}
	return e ? e : look_at(v, &c);
}

/* Clears the bits of the rows that do not match. */
static enum err verifier_look_at_batch(struct verifier *v, uint64_t *may)
{
	if (!v->n_rows)
		return ERR_OK;
	enum err e = look_at_rows(v);
	if (e)
		return e;
	for (size_t i = 0; i < v->n_rows; i++)
		if (!v->rows[i].matches)
			bits_clear(may, v->rows[i].bit);
	learn(v);
	v->n_rows = v->n_bytes = 0;
	return is_late(v) ? ERR_BUDGET : ERR_OK;
}

/* Returns false when the row has no room beside those that are there. */
static bool add_row(struct verifier *v, struct row_ref ref, uint32_t bit)
{
	if (!v->rows) /* most queries need none */
		v->rows = arena_block(v->view->arena, NULL, ROWS_MAX * sizeof *v->rows);
	if (v->n_rows && (v->n_rows == ROWS_MAX || v->rows[0].ref.shard != ref.shard ||
				 v->n_bytes + ref.len > v->view->store->part_bytes))
		return false;
	v->rows[v->n_rows++] = (struct verify_row){ .bit = bit, .ref = ref };
	v->n_bytes += ref.len;
	return true;
}

enum err verifier_look(struct verifier *v, struct block *b, uint32_t first, size_t n_words,
	const uint64_t *sure, uint64_t *may)
{
	struct row_ref ref;
	enum err e = ERR_OK;
	v->n_rows = v->n_bytes = 0; /* of a call that failed */
	for (size_t w = 0; w < n_words; w++)
		for (uint64_t left = may[w] & ~sure[w]; !e && left; left &= left - 1) {
			uint32_t bit = bits_row(w, left);
			e = block_ref(b, first + bit, &ref);
			if (e || add_row(v, ref, bit))
				continue;
			e = verifier_look_at_batch(v, may);
			if (!e)
				(void)add_row(v, ref, bit); /* the first always fits */
		}
	return e ? e : verifier_look_at_batch(v, may);
}
