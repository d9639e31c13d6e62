/* Random queries of corpus.h: most values come from the lines, so that most queries find some. */
#include "corpus.h"

#include "query/match/text.h"

#include <inttypes.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define PICK(r, array) ((array)[rng_below((r), COUNT(array))])

enum { PREDS_MAX = 3, CLAUSES_MAX = 3, VALUES_MAX = 4 };

static const char *const words[] = { "", "a", "A", "alpha", "ALPHA", "b", "beta", "x", "10", "2",
	"1.0", "404", "say \"hi\"", "\n", "n", "\\", "alpha beta", "role", "\"a\":", "{", "true",
	"caf\xc3\xa9" };
static const char *const paths[] = { "$.a", "a", "$.b.c", "$.b[1]", "b[2].k", "$.\"a b\"", "[0]",
	"$.content", "$.none", "$..bad", "$" };
static const char *const json_values[] = { "1", "1.0", "\"x\"", "\"10\"", "null", "[]", "{\"k\":3}",
	"\"two\"", "404", "\"a\"" };

static const struct span *random_line(struct rng *r, const struct corpus *c)
{
	return c->n ? &c->lines[rng_below(r, c->n)] : NULL;
}

struct str ask_id(struct rng *r, const struct corpus *c, enum field f)
{
	const struct span *s = random_line(r, c);
	return s && span_has(s, f) && rng_below(r, 8) ? s->value[f].text : STR("t1");
}

static bool is_text_field(unsigned field)
{
	if (field >= FIELD__MAX)
		return false;
	enum field_type t = field_info[field].type;
	return t == FIELD_TYPE_STR || t == FIELD_TYPE_TEXT || t == FIELD_TYPE_JSON ||
	       t == FIELD_TYPE_DEC;
}

/* None of a field that has a number. */
static struct str text_in(const struct span *s, unsigned field)
{
	return s && is_text_field(field) ? span_text(s, (enum field)field) : STR_NULL;
}

/* A value as the field's text has it. */
static struct str random_text(struct rng *r, const struct corpus *c, const struct pred *p)
{
	const struct span *s = random_line(r, c);
	struct str text = text_in(s, p->field);
	if (p->op == OP_JSON_EQ)
		return str_from_c(PICK(r, json_values));
	if (str_is_null(text) || rng_below(r, 2))
		return json_encode(c->arena, str_from_c(PICK(r, words)));
	if (p->field < FIELD__MAX && field_info[p->field].type == FIELD_TYPE_JSON)
		text = json_encode(c->arena, text);
	return text;
}

static int64_t random_number(struct rng *r, const struct corpus *c, unsigned field)
{
	const struct span *s = random_line(r, c);
	int64_t v = 0;
	if (s && field == QUERY_DURATION)
		(void)span_duration(s, &v);
	else if (s && span_has(s, (enum field)field)) {
		enum field_type t = field_info[field].type;
		if (t == FIELD_TYPE_DEC)
			(void)dec_to_pico(s->value[field].text, &v);
		else if (t >= FIELD_TYPE_KIND && t <= FIELD_TYPE_I64)
			v = s->value[field].i64;
	}
	return v + (int64_t)rng_below(r, 3) - 1;
}

static int by_number(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

static struct hash_set random_set(struct rng *r, const struct corpus *c, unsigned field)
{
	size_t n = rng_below(r, 20);
	uint64_t *hashes = arena_calloc(c->arena, n, sizeof *hashes);
	for (size_t i = 0; i < n; i++) {
		const struct span *s = random_line(r, c);
		if (!s)
			hashes[i] = rng_next(r);
		else if (field == QUERY_IDENTITY)
			hashes[i] = span_identity_hash(s);
		else if (field == QUERY_TRACE_SPAN)
			hashes[i] = pred_trace_span_hash(
				span_text(s, FIELD_TRACE_ID), span_text(s, FIELD_SPAN_ID));
		else if (field < FIELD__MAX)
			hashes[i] = pred_text_hash(text_in(s, field));
	}
	if (n)
		qsort(hashes, n, sizeof *hashes, by_number);
	return (struct hash_set){ hashes, n };
}

/* Fields that decide much are asked for more often. */
static unsigned random_field(struct rng *r)
{
	static const unsigned often[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SESSION_ID,
		FIELD_KIND, FIELD_STATUS, FIELD_STARTED_AT, FIELD_NAME, FIELD_MODEL, FIELD_METADATA,
		FIELD_INPUT, FIELD_TAGS, FIELD_COST_TOTAL_USD, FIELD_INPUT_TOKENS, QUERY_DURATION,
		QUERY_ANY_TEXT, QUERY_IDENTITY, QUERY_TRACE_SPAN };
	return rng_below(r, 2) ? PICK(r, often) : (unsigned)rng_below(r, QUERY__MAX);
}

static void random_pred(struct rng *r, const struct corpus *c, struct pred *p)
{
	*p = (struct pred){ .field = random_field(r), .op = (enum op)rng_below(r, OP__MAX) };
	if (p->field == QUERY_ANY_TEXT)
		p->op = OP_TEXT;
	if (p->field == QUERY_IDENTITY || p->field == QUERY_TRACE_SPAN)
		p->op = rng_below(r, 2) ? OP_IN_SET : OP_NOT_IN_SET;
	p->fold = rng_below(r, 2);
	p->absent_is_zero = rng_below(r, 3) == 0;
	p->text_mode = (enum text_mode)rng_below(r, 3);
	bool is_json = p->field < FIELD__MAX && field_info[p->field].type == FIELD_TYPE_JSON;
	if (is_json && rng_below(r, 3))
		p->path = str_from_c(PICK(r, paths));
	if (p->path.len && rng_below(r, 3) == 0)
		p->fallback = FIELD_ATTRIBUTES;
	p->numeric = is_text_field(p->field) && rng_below(r, 5) == 0;
	bool is_list = p->op == OP_IN || p->op == OP_NOT_IN || p->op == OP_JSON_EQ;
	p->n_values = is_list ? rng_below(r, VALUES_MAX + 1) : 1;
	struct str *texts = arena_calloc(c->arena, VALUES_MAX, sizeof *texts);
	int64_t *numbers = arena_calloc(c->arena, VALUES_MAX, sizeof *numbers);
	for (size_t i = 0; i < p->n_values; i++) {
		texts[i] = random_text(r, c, p);
		numbers[i] = random_number(r, c, p->field);
		if (p->op == OP_TEXT)
			texts[i] = text_fold(c->arena, texts[i]);
	}
	bool is_number = !is_text_field(p->field) ||
			 (p->field < FIELD__MAX && field_info[p->field].type == FIELD_TYPE_DEC);
	p->texts = texts;
	p->numbers = is_number ? numbers : NULL;
	if (p->op == OP_IN_SET || p->op == OP_NOT_IN_SET)
		p->set = random_set(r, c, p->field);
}

struct query ask_filter(struct rng *r, const struct corpus *c)
{
	struct query q;
	query_init(&q);
	struct clause *clauses = arena_calloc(c->arena, CLAUSES_MAX, sizeof *clauses);
	q.n_clauses = rng_below(r, 3) ? rng_below(r, CLAUSES_MAX) : 0;
	for (size_t i = 0; i < q.n_clauses; i++) {
		struct pred *preds = arena_calloc(c->arena, PREDS_MAX, sizeof *preds);
		clauses[i] = (struct clause){ preds, 1 + rng_below(r, PREDS_MAX) };
		for (size_t j = 0; j < clauses[i].n; j++)
			random_pred(r, c, &preds[j]);
	}
	q.clauses = clauses;
	q.roots_only = rng_below(r, 8) == 0;
	if (rng_below(r, 4) == 0)
		q.from_ns = random_number(r, c, FIELD_STARTED_AT);
	if (rng_below(r, 4) == 0)
		q.to_ns = random_number(r, c, FIELD_STARTED_AT);
	return q;
}

static void random_sort(struct rng *r, struct query *q)
{
	static const unsigned fields[] = { FIELD_STARTED_AT, FIELD_ENDED_AT, FIELD_NAME,
		FIELD_MODEL, FIELD_KIND, FIELD_INPUT_TOKENS, FIELD_COST_TOTAL_USD, FIELD_METADATA,
		FIELD_INPUT, FIELD_TAGS, FIELD_TTFT_MS, FIELD_PARENT_SPAN_ID, QUERY_DURATION };
	static const unsigned ties[] = { FIELD_TRACE_ID, FIELD_SPAN_ID, FIELD_SOURCE };
	static const unsigned opik[] = { FIELD_TRACE_ID, FIELD_PARENT_SPAN_ID, FIELD_SPAN_ID,
		FIELD_SOURCE };
	bool descending = rng_below(r, 2);
	if (rng_below(r, 6) == 0) { /* as streams are, whose cursor is an id */
		q->sort[0] = (struct sort_key){ .field = FIELD_SPAN_ID, .descending = descending };
		q->n_sort = 1;
		return;
	}
	if (rng_below(r, 6) == 0) {
		for (size_t i = 0; i < COUNT(opik); i++)
			q->sort[q->n_sort++] = (struct sort_key){ .field = opik[i],
				.descending = descending,
				.absent_is_zero = i == 1 && rng_below(r, 3) };
		return;
	}
	q->n_sort = rng_below(r, QUERY_SORT_MAX - COUNT(ties) + 1);
	for (size_t i = 0; i < q->n_sort; i++) {
		unsigned field = PICK(r, fields);
		bool is_json = field < FIELD__MAX && field_info[field].type == FIELD_TYPE_JSON;
		q->sort[i] = (struct sort_key){ .field = field,
			.descending = rng_below(r, 2),
			.absent_is_zero = rng_below(r, 3) == 0,
			.path = is_json && rng_below(r, 2) ? str_from_c(PICK(r, paths)) : STR_NULL,
			.numeric = is_json && rng_below(r, 2) };
	}
	if (rng_below(r, 5))
		for (size_t i = 0; i < COUNT(ties); i++)
			q->sort[q->n_sort++] =
				(struct sort_key){ .field = ties[i], .descending = descending };
}

static const struct position *random_position(
	struct rng *r, const struct corpus *c, const struct query *q)
{
	const struct span *s = random_line(r, c);
	struct position *p = arena_alloc(c->arena, sizeof *p);
	if (!s)
		return NULL;
	query_position(q, s, c->arena, p);
	return p;
}

struct query ask_list(struct rng *r, const struct corpus *c)
{
	static const size_t limits[] = { 0, 1, 2, 5, 20, 1000, SIZE_MAX };
	struct query q = ask_filter(r, c);
	random_sort(r, &q);
	q.limit = PICK(r, limits);
	if (rng_below(r, 2))
		q.offset = rng_below(r, 30);
	if (rng_below(r, 4) == 0)
		q.after = random_position(r, c, &q);
	if (rng_below(r, 4) == 0)
		q.before = random_position(r, c, &q);
	q.want_total = rng_below(r, 2);
	return q;
}

static const char *field_name(unsigned field)
{
	static const char *const others[] = { "duration", "any_text", "identity", "trace_span" };
	return field < FIELD__MAX ? field_info[field].member.ptr : others[field - FIELD__MAX];
}

static void print_pred(FILE *to, const struct pred *p)
{
	static const char *const signs[] = {
#define X(name, sign) sign,
		OP_LIST(X)
#undef X
	};
	fprintf(to, "%s%s%.*s %s%s%s%s", field_name(p->field), p->path.len ? " at " : "",
		STR_ARG(p->path), signs[p->op], p->fold ? " (fold)" : "",
		p->absent_is_zero ? " (absent is zero)" : "", p->numeric ? " (numeric)" : "");
	if (p->op == OP_TEXT)
		fprintf(to, " (mode %d)", p->text_mode);
	for (size_t i = 0; i < p->n_values; i++)
		if (p->numbers)
			fprintf(to, " %" PRId64, p->numbers[i]);
		else
			fprintf(to, " `%.*s`", STR_ARG(p->texts[i]));
	if (p->set.n)
		fprintf(to, " (set of %zu)", p->set.n);
}

static void print_position(
	FILE *to, const char *name, const struct query *q, const struct position *p)
{
	if (!p)
		return;
	fprintf(to, "  %s", name);
	for (size_t i = 0; i < q->n_sort; i++)
		if (p->value[i].is_absent)
			fprintf(to, " absent");
		else
			fprintf(to, " (%" PRId64 " `%.*s`)", p->value[i].number,
				STR_ARG(p->value[i].text));
	fprintf(to, "\n");
}

void ask_print(FILE *to, const struct query *q)
{
	for (size_t i = 0; i < q->n_clauses; i++) {
		fprintf(to, "  %s ", i ? "and" : "where");
		for (size_t j = 0; j < q->clauses[i].n; j++) {
			if (j)
				fprintf(to, " or ");
			print_pred(to, &q->clauses[i].preds[j]);
		}
		fprintf(to, "\n");
	}
	fprintf(to, "  from %" PRId64 " to %" PRId64 "%s\n", q->from_ns, q->to_ns,
		q->roots_only ? ", roots only" : "");
	for (size_t i = 0; i < q->n_sort; i++)
		fprintf(to, "  by %s%s%.*s%s%s%s\n", field_name(q->sort[i].field),
			q->sort[i].path.len ? " at " : "", STR_ARG(q->sort[i].path),
			q->sort[i].descending ? " descending" : "",
			q->sort[i].absent_is_zero ? " (absent is zero)" : "",
			q->sort[i].numeric ? " (numeric)" : "");
	fprintf(to, "  offset %zu limit %zu%s\n", q->offset, q->limit,
		q->want_total ? " with total" : "");
	print_position(to, "after", q, q->after);
	print_position(to, "before", q, q->before);
}
