/* Makes the tests of predicates on the columns of a block: filter.h. */
#include "query/filter/filter.h"

#include "base/array.h"
#include "query/match/order.h"

#include <stdlib.h>

/* A test by this many ranges beats unpacking the values or looking codes up. */
enum { RANGES_MAX = 4 };

static struct arena *predicate_arena_of(const struct block *b)
{
	return b->set->view->arena;
}

static bool matches_absent(const struct pred *p, struct arena *a)
{
	struct span none;
	span_init(&none);
	return pred_match(p, &none, a);
}

static void predicate_init(struct row_filter_test *t, const struct pred *p, const struct block *b)
{
	*t = (struct row_filter_test){ .how = ROW_FILTER_LINE, .pred = p, .last_row = UINT32_MAX };
	t->absent_matches = p && matches_absent(p, predicate_arena_of(b));
}

/* ---- Numbers ---- */

static int by_low(const void *x, const void *y)
{
	const struct row_filter_range *a = x, *b = y;
	return (a->low > b->low) - (a->low < b->low);
}

static void predicate_put_range(
	struct row_filter_range *ranges, size_t *n, int64_t low, int64_t high)
{
	if (low <= high)
		ranges[(*n)++] = (struct row_filter_range){ low, high };
}

/* Makes the ranges of values that match, among those that are there. */
static void number_ranges(struct row_filter_test *t, struct arena *a)
{
	const struct pred *p = t->pred;
	struct row_filter_range *r = arena_calloc(a, p->n_values + 1, sizeof *r);
	size_t n = 0;
	int64_t v = p->n_values ? pred_number(p, 0) : 0;
	t->is_negated = p->op == OP_NE || p->op == OP_NOT_IN;
	switch (p->op) {
	case OP_NE:
	case OP_NOT_IN:
	case OP_EQ:
	case OP_IN:
		for (size_t i = 0; i < p->n_values; i++)
			predicate_put_range(r, &n, pred_number(p, i), pred_number(p, i));
		if (n > 1)
			qsort(r, n, sizeof *r, by_low);
		break;
	case OP_LT:
		if (p->n_values && v > INT64_MIN)
			predicate_put_range(r, &n, INT64_MIN, v - 1);
		break;
	case OP_LE:
		if (p->n_values)
			predicate_put_range(r, &n, INT64_MIN, v);
		break;
	case OP_GT:
		if (p->n_values && v < INT64_MAX)
			predicate_put_range(r, &n, v + 1, INT64_MAX);
		break;
	case OP_GE:
		if (p->n_values)
			predicate_put_range(r, &n, v, INT64_MAX);
		break;
	case OP_NOT_EMPTY:
		predicate_put_range(r, &n, INT64_MIN, INT64_MAX);
		break;
	default:
		break; /* none */
	}
	t->ranges = r;
	t->n_ranges = n;
}

/* Drops ranges that no value of the column is in, and replaces one that all are in by "all". */
static void clip_ranges(struct row_filter_test *t, struct arena *a, int64_t min, int64_t max)
{
	struct row_filter_range *r = arena_calloc(a, t->n_ranges, sizeof *r);
	size_t n = 0;
	for (size_t i = 0; i < t->n_ranges; i++) {
		if (t->ranges[i].low > max || t->ranges[i].high < min)
			continue;
		r[n] = t->ranges[i];
		if (r[n].low <= min && r[n].high >= max) {
			t->n_ranges = 0;
			t->is_negated = !t->is_negated;
			return;
		}
		n++;
	}
	t->ranges = r;
	t->n_ranges = n;
}

/* Translates ranges of values into ranges of what is stored. */
static void store_ranges(struct row_filter_test *t, struct arena *a)
{
	struct column_test *stored = arena_calloc(a, t->n_ranges, sizeof *stored);
	for (size_t i = 0; i < t->n_ranges; i++) {
		struct column_test *s = &stored[t->n_stored];
		column_stored_range(t->column, t->ranges[i].low, t->ranges[i].high, &s->stored_low,
			&s->stored_high);
		t->n_stored += s->stored_low <= s->stored_high;
	}
	t->stored = stored;
}

static bool holds_all(const struct row_filter_test *t)
{
	return t->is_negated && t->n_ranges == 0;
}

/* Loads the column when its bounds do not tell everything. */
static enum err test_ranges(struct row_filter_test *t, struct block *b, unsigned c)
{
	int64_t min, max;
	bool none = t->n_ranges == 0 && !t->is_negated;
	t->how = ROW_FILTER_NOTHING;
	if (block_column_state(b, c) == COLUMN_UNKNOWN) {
		t->how = ROW_FILTER_LINE;
		return ERR_OK;
	}
	if (!block_bounds(b, c, &min, &max))
		return ERR_OK;
	clip_ranges(t, predicate_arena_of(b), min, max);
	none = none || (t->n_ranges == 0 && !t->is_negated);
	if (none && !t->absent_matches)
		return ERR_OK;
	enum err e = block_column(b, c, &t->column);
	if (e)
		return e;
	bool is_plain = !t->column->relative && t->n_ranges <= RANGES_MAX;
	t->how = is_plain || holds_all(t) || none ? ROW_FILTER_RANGES : ROW_FILTER_NUMBERS;
	if (t->how == ROW_FILTER_RANGES && t->n_ranges)
		store_ranges(t, predicate_arena_of(b));
	return ERR_OK;
}

/* Says which zones cannot match, when the test is a simple one. */
static void use_zones(struct row_filter_test *t, const struct block *b, unsigned field)
{
	if (!b->segment || t->how != ROW_FILTER_RANGES)
		return;
	t->is_kind = field == FIELD_KIND;
	t->is_status = field == FIELD_STATUS;
	for (unsigned v = 0; v < INDEX_ZONE_ABSENT; v++) {
		bool in = false;
		for (size_t i = 0; i < t->n_ranges; i++)
			in = in || (v >= t->ranges[i].low && v <= t->ranges[i].high);
		t->zone_codes |= (uint32_t)(in != t->is_negated) << v;
	}
	t->zone_codes |= (uint32_t)t->absent_matches << INDEX_ZONE_ABSENT;
}

static enum err test_number(struct row_filter_test *t, struct block *b, unsigned c)
{
	number_ranges(t, predicate_arena_of(b));
	bool is_one = t->n_ranges == 1 && !t->is_negated;
	if (is_one && c == FIELD_STARTED_AT) {
		t->from_ns = t->ranges[0].low;
		t->to_ns = t->ranges[0].high;
	}
	enum err e = test_ranges(t, b, c);
	if (!e && (c == FIELD_KIND || c == FIELD_STATUS))
		use_zones(t, b, c);
	if (!e)
		t->is_started = is_one && c == FIELD_STARTED_AT && t->how == ROW_FILTER_RANGES;
	return e;
}

enum err row_filter_test_window(struct row_filter_test *t, struct block *b, const struct query *q)
{
	struct row_filter_range window = { q->from_ns, q->to_ns };
	predicate_init(t, NULL, b);
	t->what = "started_at in the window";
	t->ranges = &window;
	t->n_ranges = q->from_ns <= q->to_ns;
	t->from_ns = q->from_ns;
	t->to_ns = q->to_ns;
	enum err e = test_ranges(t, b, FIELD_STARTED_AT);
	t->is_started = !e && t->how == ROW_FILTER_RANGES && t->column->n_present;
	return e;
}

/* ended_at − started_at: stored as that where every row has begun. A negative one counts as absent.
 */
static enum err test_duration(struct row_filter_test *t, struct block *b)
{
	const struct column *ended, *started;
	enum err e = block_column(b, FIELD_ENDED_AT, &ended);
	if (!e)
		e = block_column(b, FIELD_STARTED_AT, &started);
	if (e)
		return e;
	t->how = ROW_FILTER_NOTHING;
	if (ended->n_present == 0 || started->n_present == 0)
		return ERR_OK;
	if (!column_is_full(started)) {
		/* Rows with an end and no start are too rare to be excluded here. */
		t->how = ROW_FILTER_LINE;
		return ERR_OK;
	}
	number_ranges(t, predicate_arena_of(b));
	t->column = ended;
	t->started = started;
	t->how = ROW_FILTER_NUMBERS;
	return ERR_OK;
}

/* ---- Texts ---- */

/* Tests the text of each code on its own. */
static enum err match_texts(
	const struct pred *p, struct block *b, struct block_texts *t, uint64_t *codes)
{
	struct span s;
	struct str text;
	span_init(&s);
	for (uint32_t i = 0; i < t->n; i++) {
		enum err e = block_text(b, t, i, &text);
		if (e)
			return e;
		struct arena_mark mark = arena_mark(predicate_arena_of(b));
		span_set_text(&s, (enum field)t->field, text);
		if (pred_match(p, &s, predicate_arena_of(b)))
			bits_set(codes, i);
		arena_rewind(predicate_arena_of(b), mark);
	}
	return ERR_OK;
}

static bool is_lookup(const struct pred *p)
{
	return (p->op == OP_EQ || p->op == OP_IN || p->op == OP_NE || p->op == OP_NOT_IN) &&
	       !p->fold && !p->numeric;
}

/* Sets the bits of the codes that match; is_negated: of those that do not. */
static enum err find_codes(struct row_filter_test *t, struct block *b, struct block_texts *texts)
{
	const struct pred *p = t->pred;
	uint64_t *codes = arena_calloc(predicate_arena_of(b), bits_words(texts->n), sizeof *codes);
	enum err e = ERR_OK;
	t->bits = codes;
	if (p->op == OP_EMPTY || p->op == OP_NOT_EMPTY) {
		t->is_negated = p->op == OP_NOT_EMPTY;
		return block_find_text(b, texts, STR(""), codes);
	}
	if (!is_lookup(p))
		return match_texts(p, b, texts, codes);
	t->is_negated = p->op == OP_NE || p->op == OP_NOT_IN;
	for (size_t i = 0; !e && i < p->n_values; i++)
		e = block_find_text(b, texts, p->texts[i], codes);
	return e;
}

/* Makes ranges of runs of codes; false when there are too many. */
static bool code_ranges(struct row_filter_test *t, uint32_t n, struct arena *a)
{
	struct column_test *stored = arena_calloc(a, RANGES_MAX, sizeof *stored);
	size_t n_stored = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (!bits_has(t->bits, i))
			continue;
		if (n_stored && stored[n_stored - 1].stored_high + 1 == i) {
			stored[n_stored - 1].stored_high = i;
			continue;
		}
		if (n_stored == RANGES_MAX)
			return false;
		stored[n_stored].stored_low = stored[n_stored].stored_high = i;
		n_stored++;
	}
	t->stored = stored;
	t->n_stored = n_stored;
	return true;
}

static void code_set(struct row_filter_test *t, struct arena *a)
{
	struct column_test *set = arena_alloc(a, sizeof *set);
	set->codes = t->bits;
	t->stored = set;
	t->n_stored = 1;
}

/* Narrows the test to the rows between the first and the last one of the traces whose bits are set.
 */
static enum err bound_traces(struct row_filter_test *t, struct block *b)
{
	struct block_traces traces;
	enum err e = block_traces(b, &traces);
	if (e)
		return e;
	t->first_row = UINT32_MAX;
	t->last_row = 0;
	for (uint32_t i = 0; i < traces.n; i++) {
		if (!bits_has(t->bits, i))
			continue;
		uint32_t first = (uint32_t)column_value(traces.first_row, i);
		uint32_t last = (uint32_t)column_value(traces.last_row, i);
		t->first_row = first < t->first_row ? first : t->first_row;
		t->last_row = last > t->last_row ? last : t->last_row;
	}
	return ERR_OK;
}

static enum err test_text(struct row_filter_test *t, struct block *b, unsigned field)
{
	struct block_texts *texts;
	struct arena *a = predicate_arena_of(b);
	enum err e = block_texts(b, field, &texts);
	t->how = ROW_FILTER_NOTHING;
	if (!e && texts->n)
		e = find_codes(t, b, texts);
	if (e || texts->n == 0)
		return e;
	t->column = texts->codes;
	size_t n = bits_count(t->bits, bits_words(texts->n));
	if (n == texts->n) { /* all: as no range, negated */
		t->is_negated = !t->is_negated;
		t->bits = arena_calloc(a, bits_words(texts->n), sizeof *t->bits);
		n = 0;
	}
	bool none = n == 0 && !t->is_negated;
	if (none && !t->absent_matches)
		return ERR_OK;
	t->how = ROW_FILTER_RANGES;
	if (n && !code_ranges(t, texts->n, a)) {
		t->how = ROW_FILTER_CODES;
		code_set(t, a);
	}
	return field == FIELD_TRACE_ID && n && !t->is_negated ? bound_traces(t, b) : ERR_OK;
}

enum err row_filter_lacks_traces(struct block *b, const struct clause *c, bool *ret)
{
	const struct pred *p = &c->preds[0];
	uint32_t trace = UINT32_MAX;
	bool is_id = c->n == 1 && b->segment && p->field == FIELD_TRACE_ID && is_lookup(p) &&
		     str_is_null(p->path) && (p->op == OP_EQ || p->op == OP_IN);
	enum err e = ERR_OK;
	if (!is_id || matches_absent(p, predicate_arena_of(b))) {
		*ret = false;
		return ERR_OK;
	}
	for (size_t i = 0; !e && trace == UINT32_MAX && i < p->n_values; i++) {
		uint64_t probe = 0, hash = index_hash(b->set, p->texts[i]);
		e = block_find_trace(b, p->texts[i], hash, &probe, &trace);
	}
	if (!e)
		*ret = trace == UINT32_MAX;
	return e;
}

/* ---- Ids ---- */

static bool asks_ids(const struct pred *p)
{
	return p->field == FIELD_SPAN_ID && is_lookup(p);
}

/* Confirms what the id table finds, which has parts of hashes only. */
static enum err test_span_id(
	struct row_filter_test *t, struct block *b, const struct row_filter_id_list *ids)
{
	size_t n = 0;
	uint64_t *rows;
	if (!asks_ids(t->pred))
		return ERR_OK; /* on the line */
	rows = arena_calloc(predicate_arena_of(b), bits_words(b->n_rows), sizeof *rows);
	for (size_t i = 0; i < ids->n; i++) {
		const struct row_filter_ids *hit = &ids->hits[i];
		struct row_ref ref;
		if (hit->pred != t->pred || hit->segment != b->segment || hit->row >= b->n_rows)
			continue;
		enum err e = block_ref(b, hit->row, &ref);
		if (e)
			return e;
		if (ref.shard != hit->shard)
			continue;
		bits_set(rows, hit->row);
		n++;
	}
	t->bits = rows;
	t->is_negated = t->pred->op == OP_NE || t->pred->op == OP_NOT_IN;
	t->how = n || t->is_negated || t->absent_matches ? ROW_FILTER_ROWS : ROW_FILTER_NOTHING;
	return ERR_OK;
}

struct finding {
	struct arena *arena;
	const struct pred *pred;
	struct row_filter_id_list *list;
	size_t cap;
};

static enum err note_hit(void *user, const struct index_hit *hit)
{
	struct finding *f = user;
	struct row_filter_id_list *l = f->list;
	ARRAY_PUSH(f->arena, l->hits, l->n, f->cap,
		(struct row_filter_ids){ f->pred, hit->segment, hit->ref.shard, hit->row });
	return ERR_OK;
}

enum err row_filter_find_ids(
	struct index_set *set, const struct query *q, struct row_filter_id_list *ret)
{
	struct finding f = { .arena = set->view->arena, .list = ret };
	enum err e = ERR_OK;
	*ret = (struct row_filter_id_list){ .n = 0 };
	for (size_t i = 0; i < q->n_clauses; i++)
		for (size_t j = 0; j < q->clauses[i].n; j++) {
			f.pred = &q->clauses[i].preds[j];
			if (!asks_ids(f.pred))
				continue;
			for (size_t v = 0; !e && v < f.pred->n_values; v++)
				for (size_t s = 0; !e && s < set->view->n_shards; s++)
					e = index_find(set, s, STR_NULL, STR_NULL, f.pred->texts[v],
						note_hit, &f);
		}
	return e;
}

/* Tests hashes of texts, which tell equal from not equal and empty from not empty. */
static enum err test_parent(struct row_filter_test *t, struct block *b)
{
	const struct pred *p = t->pred;
	bool is_empty = p->op == OP_EMPTY || p->op == OP_NOT_EMPTY;
	if (!is_empty && !is_lookup(p))
		return ERR_OK; /* on the line */
	size_t n = is_empty ? 1 : p->n_values;
	struct row_filter_range *r = arena_calloc(predicate_arena_of(b), n, sizeof *r);
	for (size_t i = 0; i < n; i++) {
		struct str text = is_empty ? STR("") : p->texts[i];
		r[i].low = r[i].high = (int64_t)index_hash(b->set, text);
	}
	if (n > 1)
		qsort(r, n, sizeof *r, by_low);
	t->ranges = r;
	t->n_ranges = n;
	t->is_negated = p->op == OP_NE || p->op == OP_NOT_IN || p->op == OP_NOT_EMPTY;
	return test_ranges(t, b, FIELD_PARENT_SPAN_ID);
}

enum err row_filter_test_roots(struct row_filter_test *t, struct block *b)
{
	struct row_filter_range *r = arena_alloc(predicate_arena_of(b), sizeof *r);
	predicate_init(t, NULL, b);
	r->low = r->high = (int64_t)index_hash(b->set, STR(""));
	t->what = "no parent_span_id";
	t->ranges = r;
	t->n_ranges = 1;
	if (b->segment && !(b->segment->flags & INDEX_EMPTY_PARENTS))
		t->n_ranges = 0;
	t->absent_matches = true;
	return test_ranges(t, b, FIELD_PARENT_SPAN_ID);
}

/* ---- Tags ---- */

/* Makes a tag's text a value of another field, so that pred_match() says what equal means. */
static struct pred element_pred(const struct pred *p)
{
	struct pred one = *p;
	one.field = FIELD_NAME;
	one.numeric = one.absent_is_zero = false;
	one.op = p->op == OP_HAS || p->op == OP_HAS_NOT ? OP_IN : OP_CONTAINS;
	return one;
}

static enum err test_tags(struct row_filter_test *t, struct block *b)
{
	const struct pred *p = t->pred;
	bool is_empty = p->op == OP_EMPTY || p->op == OP_NOT_EMPTY;
	bool is_list = p->op == OP_HAS || p->op == OP_HAS_NOT || p->op == OP_CONTAINS ||
		       p->op == OP_NOT_CONTAINS;
	struct block_texts texts = { .field = FIELD_NAME };
	if (!b->segment || !str_is_null(p->path) || (!is_empty && !is_list) ||
		block_column_state(b, FIELD_TAGS) == COLUMN_UNKNOWN)
		return ERR_OK; /* on the line */
	enum err e = block_column(b, FIELD_TAGS, &t->column);
	if (e)
		return e;
	t->how = t->column->n_present ? ROW_FILTER_TAGS : ROW_FILTER_NOTHING;
	t->any_empty = is_empty;
	t->is_negated = p->op == OP_HAS_NOT || p->op == OP_NOT_CONTAINS || p->op == OP_NOT_EMPTY;
	if (is_empty || t->column->n_entries == 0)
		return ERR_OK;
	struct pred *one = arena_alloc(predicate_arena_of(b), sizeof *one);
	*one = element_pred(p);
	e = segment_dict(b->segment, FIELD_TAGS, &texts.dict);
	texts.n = texts.dict.n;
	uint64_t *codes = arena_calloc(predicate_arena_of(b), bits_words(texts.n), sizeof *codes);
	t->bits = codes;
	return e ? e : match_texts(one, b, &texts, codes);
}

/* ---- All ---- */

static enum err test_identity(struct row_filter_test *t, struct block *b)
{
	const struct pred *p = t->pred;
	t->how = ROW_FILTER_NOTHING;
	t->absent_matches = false;
	if (p->op != OP_IN_SET && p->op != OP_NOT_IN_SET)
		return ERR_OK;
	t->how = ROW_FILTER_SET;
	t->set = &p->set;
	t->is_negated = p->op == OP_NOT_IN_SET;
	return block_column(b, INDEX_IDENTITY, &t->column);
}

static enum err test_field(struct row_filter_test *t, struct block *b, enum field f,
	const struct row_filter_id_list *ids)
{
	switch (field_info[f].column) {
	case COLUMN_DICT:
		return test_text(t, b, f);
	case COLUMN_CODE:
	case COLUMN_I64:
	case COLUMN_PICO:
		return test_number(t, b, f);
	case COLUMN_TAGS:
		return test_tags(t, b);
	case COLUMN_HASH:
		if (f == FIELD_SPAN_ID)
			return test_span_id(t, b, ids);
		return f == FIELD_TRACE_ID ? test_text(t, b, f) : test_parent(t, b);
	case COLUMN_NONE:
		break;
	}
	return ERR_OK; /* on the line */
}

enum err row_filter_test_make(struct row_filter_test *t, struct block *b, const struct pred *p,
	const struct row_filter_id_list *ids)
{
	predicate_init(t, p, b);
	if (p->field == QUERY_DURATION)
		return test_duration(t, b);
	if (p->field == QUERY_IDENTITY)
		return test_identity(t, b);
	return p->field < FIELD__MAX ? test_field(t, b, (enum field)p->field, ids) : ERR_OK;
}

void row_filter_test_words(struct row_filter_test *t, struct search *search)
{
	struct search_term *term = t->how == ROW_FILTER_LINE && t->pred && !t->absent_matches
					   ? search_term_of(search, t->pred)
					   : NULL;
	if (!term || !term->is_covered)
		return;
	t->how = ROW_FILTER_WORDS;
	t->term = term;
}
