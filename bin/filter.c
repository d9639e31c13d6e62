#include "filter.h"

#include "base/utime.h"
#include "query/engine.h"
#include "query/match/match.h"
#include "query/match/text.h"

#include <stdlib.h>

enum { LONGEST_GUESS = 32 };

struct condition {
	struct str field, value;
	enum op op;
};

/* Blanks are the value's own, but for one where the condition is spelled `model = gpt-4o`. */
static struct str value_behind(struct str field, struct str rest)
{
	bool is_spaced = field.len && field.ptr[field.len - 1] == ' ';
	return is_spaced && str_starts(rest, STR(" ")) ? str_skip(rest, 1) : rest;
}

/* The earliest operator that stands in the text, the longer one of two at one place. */
static bool split(struct str s, struct condition *ret)
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
				ret->value = value_behind(
					str_first(s, i), str_skip(s, i + signs[k].sign.len));
				ret->op = signs[k].op;
				return true;
			}
	return false;
}

/* How many letters must change: for "did you mean". */
static size_t distance(struct str x, struct str y)
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

/* How far a name is from what was asked for: one that begins with it or ends so is near, whatever
 * its length. */
static size_t farness(struct str asked, struct str name)
{
	bool is_part = asked.len > 2 && (str_starts(name, asked) || str_ends(name, asked));
	return is_part ? 1 : distance(asked, name);
}

struct str filter_guess(struct cli *c, struct str name, unsigned may, struct str further)
{
	struct str asked = text_fold(c->arena, name), best = further;
	size_t least = farness(asked, best);
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		size_t d = farness(asked, field_info[f].member);
		if ((field_info[f].may & may) && d < least) {
			least = d;
			best = field_info[f].member;
		}
	}
	/* One of which more than half is different is no guess. */
	return 2 * least <= name.len ? best : STR_NULL;
}

static bool unknown_field(struct cli *c, struct str name)
{
	struct str guess = filter_guess(c, name, MAY_F, STR("duration"));
	bool has_guess = !str_is_null(guess);
	(void)cli_fail(c, CLI_USAGE, "--where: there is no field %.*s%s%.*s%s",
		STR_ARG(str_first(name, 60)), has_guess ? "; did you mean " : "", STR_ARG(guess),
		has_guess ? "?" : "");
	return false;
}

static bool bad_value(struct cli *c, const struct condition *x, const char *wanted)
{
	bool is_kind = str_eq(x->field, STR("kind")) && cli_has(c, "kind");
	(void)cli_fail(c, CLI_USAGE, "--%s: %.*s is %s, not %.*s", is_kind ? "kind" : "where",
		STR_ARG(x->field), wanted, STR_ARG(str_first(x->value, 60)));
	return false;
}

static void set_number(struct cli *c, struct pred *p, int64_t n)
{
	int64_t *values = arena_alloc(c->arena, sizeof *values);
	*values = n;
	p->numbers = values;
	p->n_values = 1;
}

static void set_text(struct cli *c, struct pred *p, struct str body)
{
	struct str *values = arena_alloc(c->arena, sizeof *values);
	*values = body;
	p->texts = values;
	p->n_values = 1;
}

static struct str upper(struct arena *a, struct str s)
{
	char *text = arena_text(a, s.len);
	for (size_t i = 0; i < s.len; i++)
		text[i] = ascii_upper(s.ptr[i]);
	return str_of(text, s.len);
}

/* 500ms, 2s, and 14.9s, as durations are shown. */
static bool read_duration(struct str s, int64_t *ret)
{
	static const struct {
		struct str unit;
		int64_t ns;
	} units[] = { { { "ms", 2 }, NS_PER_MS }, { { "s", 1 }, NS_PER_S },
		{ { "m", 1 }, 60 * NS_PER_S }, { { "h", 1 }, 3600 * NS_PER_S } };
	double n;
	if (!str_ends(s, STR("ms")) && cli_read_duration(s, ret))
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

static bool read_number(struct cli *c, const struct condition *x, struct pred *p)
{
	enum kind kind;
	enum status status;
	int64_t n = 0;
	if (p->field == QUERY_DURATION) {
		if (!read_duration(x->value, &n))
			return bad_value(c, x, "a time such as 500ms or 2s");
		set_number(c, p, n);
		return true;
	}
	switch (field_info[p->field].type) {
	case FIELD_TYPE_KIND:
		if (!kind_from_name(upper(c->arena, x->value), &kind))
			return bad_value(c, x, "LLM, CHAIN, TOOL, AGENT, RETRIEVER, ...");
		n = kind;
		break;
	case FIELD_TYPE_STATUS:
		if (!status_from_name(text_fold(c->arena, x->value), &status))
			return bad_value(c, x, "success, error, cancelled or unknown");
		n = status;
		break;
	case FIELD_TYPE_TIME:
		if (!utime_parse_lax(x->value, &n))
			return bad_value(c, x, "a time such as 2026-11-21T13:45:00Z");
		break;
	case FIELD_TYPE_DEC:
		if (!dec_to_pico(x->value, &n))
			return bad_value(c, x, "a number");
		break;
	default:
		if (!str_to_i64(x->value, &n))
			return bad_value(c, x, "a whole number");
	}
	set_number(c, p, n);
	return true;
}

static bool read_condition(struct cli *c, struct str text, struct pred *ret)
{
	struct condition x;
	struct pred p = { .field = QUERY_DURATION };
	if (!split(text, &x)) {
		(void)cli_fail(c, CLI_USAGE, "--where: must be like model=gpt-4o, not %.*s",
			STR_ARG(str_first(text, 60)));
		return false;
	}
	if (!str_eq(x.field, STR("duration"))) {
		p.field = field_from_member(x.field);
		if (p.field == FIELD__MAX || !(field_info[p.field].may & MAY_F))
			return unknown_field(c, x.field);
	}
	p.op = x.op;
	enum field_type type =
		p.field == QUERY_DURATION ? FIELD_TYPE_I64 : field_info[p.field].type;
	bool is_text = type == FIELD_TYPE_STR || type == FIELD_TYPE_TEXT || type == FIELD_TYPE_JSON;
	if (x.op == OP_CONTAINS && !is_text)
		return bad_value(c, &x, "no text, so ~ cannot be asked");
	if (is_text) {
		p.fold = x.op == OP_CONTAINS;
		struct str body = json_encode(c->arena, x.value);
		set_text(c, &p, p.fold ? text_fold(c->arena, body) : body);
		/* A list has a value or not: it is never one. */
		if (p.field == FIELD_TAGS && (x.op == OP_EQ || x.op == OP_NE))
			p.op = x.op == OP_EQ ? OP_HAS : OP_HAS_NOT;
	} else {
		x.value = str_trim(x.value);
		if (!read_number(c, &x, &p))
			return false;
	}
	*ret = p;
	return true;
}

struct str filter_content(struct str condition)
{
	struct condition x;
	if (!split(condition, &x))
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
	/* The array is ours: filter_read() has made it. */
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

static bool gather(void *user, const struct span *s, struct row_ref ref)
{
	struct gathering *g = user;
	struct str text = span_text(s, g->field);
	uint64_t hash = pred_text_hash(text);
	(void)ref;
	if (text.len)
		buf_add(&g->hashes, str_of((const char *)&hash, sizeof hash));
	return true;
}

static int by_hash(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

/* The spans whose text is that of one of these spans. */
static enum err same_as(
	struct view *v, const struct query *spans, enum field field, struct clause *ret)
{
	struct gathering g = { .field = field };
	struct field_set want = { { 0 } };
	field_set_add(&want, field);
	buf_init(&g.hashes, v->arena);
	enum err e = engine_each(v, spans, &want, gather, &g);
	if (e)
		return e;
	struct pred *p = arena_alloc(v->arena, sizeof *p);
	uint64_t *values = (uint64_t *)(void *)g.hashes.ptr;
	size_t n = g.hashes.len / sizeof *values;
	if (n > 1)
		qsort(values, n, sizeof *values, by_hash);
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
	spans.to_ns = INT64_MAX; /* a trace goes on after it began */
	enum err e = same_as(v, &spans, FIELD_TRACE_ID, c);
	if (e)
		return e;
	q->clauses = c;
	q->n_clauses = 1;
	return ERR_OK;
}

/* It began or ended at that time or later. What has no end is of the moment it began: nobody knows
 * whether it still runs, and much never ends. */
static struct clause lasted_until(struct arena *a, const int64_t *ns)
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
		clauses[n] = lasted_until(v->arena, from_ns);
		late.clauses = clauses;
		late.n_clauses = n + 1;
		e = same_as(v, &late, FIELD_SESSION_ID, &clauses[n]);
		n += e == ERR_OK;
	}
	if (!e && q->to_ns != INT64_MAX) {
		early.from_ns = INT64_MIN;
		early.clauses = clauses;
		early.n_clauses = n;
		e = same_as(v, &early, FIELD_SESSION_ID, &clauses[n]);
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

bool filter_read(struct cli *c, size_t room, struct query *ret)
{
	struct query q;
	struct pred p;
	query_init(&q);
	q.clauses = arena_calloc(c->arena, c->n_set + 2 + room, sizeof *q.clauses);
	if (!cli_time(c, "since", INT64_MIN, &q.from_ns) ||
		!cli_time(c, "until", INT64_MAX, &q.to_ns))
		return false;
	/* Of two lengths of time that meet, what begins there belongs to the second alone. */
	if (cli_has(c, "until") && q.to_ns > INT64_MIN)
		q.to_ns--;
	if (cli_has(c, "kind")) {
		struct str kind =
			arena_printf(c->arena, "kind=%.*s", STR_ARG(cli_value(c, "kind")));
		if (!read_condition(c, kind, &p))
			return false;
		filter_add(&q, c->arena, p);
	}
	if (cli_has(c, "errors") && read_condition(c, STR("status=error"), &p))
		filter_add(&q, c->arena, p);
	for (size_t i = 0; i < c->n_set; i++) {
		if (strcmp(c->set[i].option->name, "where") != 0)
			continue;
		if (!read_condition(c, c->set[i].value, &p))
			return false;
		filter_add(&q, c->arena, p);
	}
	*ret = q;
	return true;
}
