#include "report/filter.h"
#include "report/value.h"

#include "base/utime.h"
#include "query/engine.h"
#include "query/match/match.h"
#include "query/match/text.h"

#include <stdlib.h>

enum { LONGEST_GUESS = 32 };

struct condition {
	const char *option; /* the option that holds it */
	struct str field, value;
	enum op op;
};

/* Spaces belong to the value, except for the first one in a condition spelled `model = gpt-4o`. */
static struct str filter_value_after(struct str field, struct str rest)
{
	bool is_spaced = field.len && field.ptr[field.len - 1] == ' ';
	return is_spaced && str_starts(rest, STR(" ")) ? str_skip(rest, 1) : rest;
}

/* Splits a condition at the first operator in it, of two at one place at the longer one. */
static bool filter_split(struct str s, struct condition *ret)
{
	static const struct {
		struct str sign;
		enum op op;
	} signs[] = { { { "!=", 2 }, OP_NE }, { { "<=", 2 }, OP_LE }, { { ">=", 2 }, OP_GE },
		{ { "=", 1 }, OP_EQ }, { { "<", 1 }, OP_LT }, { { ">", 1 }, OP_GT },
		{ { "~", 1 }, OP_CONTAINS } };
	for (size_t i = 1; i < s.len; i++)
		for (size_t k = 0; k < sizeof signs / sizeof signs[0]; k++)
			if (str_starts(str_skip(s, i), signs[k].sign)) {
				ret->field = str_trim(str_first(s, i));
				ret->value = filter_value_after(
					str_first(s, i), str_skip(s, i + signs[k].sign.len));
				ret->op = signs[k].op;
				return true;
			}
	return false;
}

/* Returns how many letters must change to make y of x, for "did you mean". */
static size_t filter_distance(struct str x, struct str y)
{
	size_t row[LONGEST_GUESS + 1];
	if (x.len > LONGEST_GUESS || y.len > LONGEST_GUESS)
		return LONGEST_GUESS;
	for (size_t j = 0; j <= y.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= x.len; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= y.len; j++) {
			size_t best = corner + (x.ptr[i - 1] != y.ptr[j - 1]);
			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[y.len];
}

/* Returns how different a name is from what was asked for. A name that begins or ends with it is
 * similar, whatever its length. */
static size_t filter_difference(struct str asked, struct str name)
{
	bool is_part = asked.len > 2 && (str_starts(name, asked) || str_ends(name, asked));
	return is_part ? 1 : filter_distance(asked, name);
}

struct str filter_guess(struct arena *a, struct str name, unsigned may, struct str further)
{
	struct str asked = text_fold(a, name), best = further;
	size_t least = filter_difference(asked, best);
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		size_t d = filter_difference(asked, field_info[f].member);
		if ((field_info[f].may & may) && d < least) {
			least = d;
			best = field_info[f].member;
		}
	}
	/* A name of which more than half differs is not a guess. */
	return 2 * least <= name.len ? best : STR_NULL;
}

static bool filter_unknown_field(struct report *r, struct str name)
{
	struct str guess = filter_guess(r->arena, name, MAY_F, STR("duration"));
	if (str_is_null(guess))
		report_fail_option(
			r, "where", "there is no field %.*s", STR_ARG(str_first(name, 60)));
	else
		report_fail_option(r, "where", "there is no field %.*s; did you mean %.*s?",
			STR_ARG(str_first(name, 60)), STR_ARG(guess));
	return false;
}

static bool filter_bad_value(struct report *r, const struct condition *x, const char *wanted)
{
	report_fail_option(r, x->option, "%.*s is %s, not %.*s", STR_ARG(x->field), wanted,
		STR_ARG(str_first(x->value, 60)));
	return false;
}

static void filter_set_number(struct report *r, struct pred *p, int64_t n)
{
	int64_t *values = arena_alloc(r->arena, sizeof *values);
	*values = n;
	p->numbers = values;
	p->n_values = 1;
}

static void filter_set_text(struct report *r, struct pred *p, struct str body)
{
	struct str *values = arena_alloc(r->arena, sizeof *values);
	*values = body;
	p->texts = values;
	p->n_values = 1;
}

static struct str filter_upper(struct arena *a, struct str s)
{
	char *text = arena_text(a, s.len);
	for (size_t i = 0; i < s.len; i++)
		text[i] = ascii_upper(s.ptr[i]);
	return str_of(text, s.len);
}

/* Reads a duration as it is printed: 500ms, 2s or 14.9s. */
static bool filter_read_duration(struct str s, int64_t *ret)
{
	static const struct {
		struct str unit;
		int64_t ns;
	} units[] = { { { "ms", 2 }, NS_PER_MS }, { { "s", 1 }, NS_PER_S },
		{ { "m", 1 }, 60 * NS_PER_S }, { { "h", 1 }, 3600 * NS_PER_S } };
	double n;
	if (!str_ends(s, STR("ms")) && value_read_duration(s, ret))
		return true;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (!str_ends(s, units[i].unit))
			continue;
		s.len -= units[i].unit.len;
		if (!str_to_double(s, &n) || n < 0 || n * (double)units[i].ns > 9e18)
			return false;
		*ret = (int64_t)(n * (double)units[i].ns + 0.5);
		return true;
	}
	return false;
}

static bool filter_read_number(struct report *r, const struct condition *x, struct pred *p)
{
	enum kind kind;
	enum status status;
	int64_t n = 0;
	if (p->field == QUERY_DURATION) {
		if (!filter_read_duration(x->value, &n))
			return filter_bad_value(r, x, "a time such as 500ms or 2s");
		filter_set_number(r, p, n);
		return true;
	}
	switch (field_info[p->field].type) {
	case FIELD_TYPE_KIND:
		if (!kind_from_name(filter_upper(r->arena, x->value), &kind))
			return filter_bad_value(r, x, "LLM, CHAIN, TOOL, AGENT, RETRIEVER, ...");
		n = kind;
		break;
	case FIELD_TYPE_STATUS:
		if (!status_from_name(text_fold(r->arena, x->value), &status))
			return filter_bad_value(
				r, x, "one of success, error, cancelled and unknown");
		n = status;
		break;
	case FIELD_TYPE_TIME:
		if (!utime_parse_lax(x->value, &n))
			return filter_bad_value(r, x, "a time such as 2026-11-21T13:45:00Z");
		break;
	case FIELD_TYPE_DEC:
		if (!dec_to_pico(x->value, &n))
			return filter_bad_value(r, x, "a number");
		break;
	default:
		if (!str_to_i64(x->value, &n))
			return filter_bad_value(r, x, "a whole number");
	}
	filter_set_number(r, p, n);
	return true;
}

static bool filter_read_condition(
	struct report *r, const char *option, struct str text, struct pred *ret)
{
	struct condition x = { .option = option };
	struct pred p = { .field = QUERY_DURATION };
	if (!filter_split(text, &x)) {
		report_fail_option(r, option, "must be like model=gpt-4o, not %.*s",
			STR_ARG(str_first(text, 60)));
		return false;
	}
	if (!str_eq(x.field, STR("duration"))) {
		p.field = field_from_member(x.field);
		if (p.field == FIELD__MAX || !(field_info[p.field].may & MAY_F))
			return filter_unknown_field(r, x.field);
	}
	p.op = x.op;
	enum field_type type =
		p.field == QUERY_DURATION ? FIELD_TYPE_I64 : field_info[p.field].type;
	bool is_text = type == FIELD_TYPE_STR || type == FIELD_TYPE_TEXT || type == FIELD_TYPE_JSON;
	if (x.op == OP_CONTAINS && !is_text) {
		report_fail_option(r, option, "%.*s is not a text, so ~ cannot be used",
			STR_ARG(str_first(x.field, 60)));
		return false;
	}
	if (is_text) {
		p.fold = x.op == OP_CONTAINS;
		struct str body = json_encode(r->arena, x.value);
		filter_set_text(r, &p, p.fold ? text_fold(r->arena, body) : body);
		/* For a list, = asks whether it holds the value. */
		if (p.field == FIELD_TAGS && (x.op == OP_EQ || x.op == OP_NE))
			p.op = x.op == OP_EQ ? OP_HAS : OP_HAS_NOT;
	} else {
		x.value = str_trim(x.value);
		if (!filter_read_number(r, &x, &p))
			return false;
	}
	*ret = p;
	return true;
}

struct str filter_content(struct str condition)
{
	struct condition x;
	if (!filter_split(condition, &x))
		return STR("");
	enum field f = field_from_member(x.field);
	bool is_body = f != FIELD__MAX &&
		       (field_info[f].may & MAY_T || field_info[f].type == FIELD_TYPE_TEXT ||
			       field_info[f].type == FIELD_TYPE_JSON);
	return is_body || x.op == OP_CONTAINS ? x.value : STR("");
}

void filter_add(struct query *q, struct arena *a, struct pred p)
{
	struct pred *kept = arena_alloc(a, sizeof *kept);
	*kept = p;
	/* filter_read() made the array, so it may be written. */
	struct clause *clauses = (struct clause *)(uintptr_t)q->clauses;
	clauses[q->n_clauses++] = (struct clause){ kept, 1 };
}

struct pred filter_equals(struct arena *a, enum field f, struct str body)
{
	struct str *values = arena_alloc(a, sizeof *values);
	*values = body;
	return (struct pred){ .field = f, .op = OP_EQ, .texts = values, .n_values = 1 };
}

void filter_sort(struct query *q, enum field time)
{
	q->sort[0] = (struct sort_key){ .field = time, .descending = true };
	q->sort[1] = (struct sort_key){ .field = FIELD_SPAN_ID };
	q->sort[2] = (struct sort_key){ .field = FIELD_TRACE_ID };
	q->sort[3] = (struct sort_key){ .field = FIELD_SOURCE };
	q->n_sort = 4;
}

struct gathering {
	struct buf hashes;
	enum field field;
};

static bool filter_gather(void *user, const struct span *s, struct row_ref ref)
{
	struct gathering *g = user;
	struct str text = span_text(s, g->field);
	uint64_t hash = pred_text_hash(text);
	(void)ref;
	if (text.len)
		buf_add(&g->hashes, str_of((const char *)&hash, sizeof hash));
	return true;
}

static int filter_by_hash(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

/* Sets ret to a clause: the text of a field equals that of one of these spans. */
static enum err filter_same_as(
	struct view *v, const struct query *spans, enum field field, struct clause *ret)
{
	struct gathering g = { .field = field };
	struct field_set want = { { 0 } };
	field_set_add(&want, field);
	buf_init(&g.hashes, v->arena);
	enum err e = engine_each(v, spans, &want, filter_gather, &g);
	if (e)
		return e;
	struct pred *p = arena_alloc(v->arena, sizeof *p);
	uint64_t *values = (uint64_t *)(void *)g.hashes.ptr;
	size_t n = g.hashes.len / sizeof *values;
	if (n > 1)
		qsort(values, n, sizeof *values, filter_by_hash);
	*p = (struct pred){ .field = field, .op = OP_IN_SET, .set = { values, n } };
	*ret = (struct clause){ p, 1 };
	return ERR_OK;
}

enum err filter_traces(struct view *v, struct query *q)
{
	struct query spans = *q;
	if (q->n_clauses == 0)
		return ERR_OK;
	struct clause *c = arena_alloc(v->arena, sizeof *c);
	spans.to_ns = INT64_MAX; /* a trace may go on after its root began */
	enum err e = filter_same_as(v, &spans, FIELD_TRACE_ID, c);
	if (e)
		return e;
	q->clauses = c;
	q->n_clauses = 1;
	return ERR_OK;
}

/* Returns the clause that a span began or ended at this time or later. A span without an end counts
 * at its start: whether it still runs is unknown, and many never end. */
static struct clause filter_lasted_until(struct arena *a, const int64_t *ns)
{
	struct pred *p = arena_calloc(a, 2, sizeof *p);
	p[0] = (struct pred){
		.field = FIELD_STARTED_AT, .op = OP_GE, .numbers = ns, .n_values = 1
	};
	p[1] = (struct pred){ .field = FIELD_ENDED_AT, .op = OP_GE, .numbers = ns, .n_values = 1 };
	return (struct clause){ p, 2 };
}

enum err filter_sessions(struct view *v, struct query *q)
{
	enum { MOST_MORE = 2 };
	struct query late = *q, early = *q;
	struct clause *clauses = arena_calloc(v->arena, q->n_clauses + MOST_MORE, sizeof *clauses);
	int64_t *from_ns = arena_alloc(v->arena, sizeof *from_ns);
	size_t n = q->n_clauses;
	enum err e = ERR_OK;
	*from_ns = q->from_ns;
	if (n)
		memcpy(clauses, q->clauses, n * sizeof *clauses);
	if (q->from_ns != INT64_MIN) {
		late.from_ns = INT64_MIN;
		late.to_ns = INT64_MAX;
		clauses[n] = filter_lasted_until(v->arena, from_ns);
		late.clauses = clauses;
		late.n_clauses = n + 1;
		e = filter_same_as(v, &late, FIELD_SESSION_ID, &clauses[n]);
		n += e == ERR_OK;
	}
	if (!e && q->to_ns != INT64_MAX) {
		early.from_ns = INT64_MIN;
		early.clauses = clauses;
		early.n_clauses = n;
		e = filter_same_as(v, &early, FIELD_SESSION_ID, &clauses[n]);
		n += e == ERR_OK;
	}
	if (e)
		return e;
	q->clauses = clauses;
	q->n_clauses = n;
	q->from_ns = INT64_MIN;
	q->to_ns = INT64_MAX;
	return ERR_OK;
}

static bool filter_read_time(
	struct report *r, const char *option, struct str text, int64_t otherwise, int64_t *ret_ns)
{
	*ret_ns = otherwise;
	if (str_is_null(text) || value_read_time(text, utime_now(), ret_ns))
		return true;
	report_fail_option(r, option,
		"must be a time such as 2026-11-21, 2026-11-21T13:45:00Z or 2h (ago), not %.*s",
		STR_ARG(str_first(text, 60)));
	return false;
}

static bool filter_add_condition(
	struct report *r, const char *option, struct str text, struct query *q)
{
	struct pred p;
	if (!filter_read_condition(r, option, text, &p))
		return false;
	filter_add(q, r->arena, p);
	return true;
}

enum err filter_read(struct report *r, const struct filter *f, size_t room, struct query *ret)
{
	enum { KIND_AND_ERRORS = 2 };
	struct query q;
	query_init(&q);
	q.clauses = arena_calloc(r->arena, f->n_where + KIND_AND_ERRORS + room, sizeof *q.clauses);
	if (!filter_read_time(r, "since", f->since, INT64_MIN, &q.from_ns) ||
		!filter_read_time(r, "until", f->until, INT64_MAX, &q.to_ns))
		return ERR_INVALID;
	/* When two windows meet, a span that begins there belongs to the second alone. */
	if (!str_is_null(f->until) && q.to_ns > INT64_MIN)
		q.to_ns--;
	if (!str_is_null(f->kind) &&
		!filter_add_condition(
			r, "kind", arena_printf(r->arena, "kind=%.*s", STR_ARG(f->kind)), &q))
		return ERR_INVALID;
	if (f->only_errors && !filter_add_condition(r, "errors", STR("status=error"), &q))
		return ERR_INVALID;
	for (size_t i = 0; i < f->n_where; i++)
		if (!filter_add_condition(r, "where", f->where[i], &q))
			return ERR_INVALID;
	*ret = q;
	return ERR_OK;
}
