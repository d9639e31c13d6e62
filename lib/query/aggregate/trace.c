/* Traces of engine.h. */
#include "query/aggregate/trace_index.h"
#include "query/match/text.h"
#include "query/rows/rows.h"

#include <stdlib.h>

/* A trace with a matching root: the earliest one so far. */
struct trace {
	uint64_t hash;
	struct str source, trace_id, span_id; /* in keep */
	int64_t started_ns;
	struct row_ref root;
	struct trace_row *row; /* in the arena, while its spans are summed up */
	/* Of rootless ones. */
	bool has_root, is_asked_for;
};

struct tracing {
	struct view *view;
	struct table traces;
	struct keep keep;
	struct rows rows;
};

static void tracing_init(struct tracing *t, struct view *v, int64_t deadline_ns)
{
	*t = (struct tracing){ .view = v };
	table_init(&t->traces, v->arena, sizeof(struct trace));
	keep_init(&t->keep, v->arena);
	rows_open(&t->rows, v, deadline_ns);
}

static void tracing_release(struct tracing *t)
{
	rows_close(&t->rows);
	keep_release(&t->keep);
	table_release(&t->traces);
}

static struct trace *find(const struct table *traces, uint64_t hash, const struct span *s)
{
	struct table_probe p = table_probe(traces, hash);
	struct trace *t;
	while ((t = table_next(traces, &p)))
		if (str_eq(t->trace_id, span_text(s, FIELD_TRACE_ID)) &&
			str_eq(t->source, span_text(s, FIELD_SOURCE)))
			return t;
	return NULL;
}

static uint64_t hash_of(const struct span *s)
{
	return trace_hash(span_text(s, FIELD_SOURCE), span_text(s, FIELD_TRACE_ID), 0);
}

static bool is_earlier(const struct span *s, const struct trace *t)
{
	int64_t started_ns = span_i64(s, FIELD_STARTED_AT, 0);
	if (started_ns != t->started_ns)
		return started_ns < t->started_ns;
	return text_compare(span_text(s, FIELD_SPAN_ID), t->span_id, false) < 0;
}

/* *ret_is_first: the span stands for the trace so far. */
static struct trace *take_into(struct table *traces, struct keep *keep, const struct span *s,
	struct row_ref ref, bool *ret_is_first)
{
	uint64_t hash = hash_of(s);
	struct trace *t = find(traces, hash, s);
	*ret_is_first = !t || is_earlier(s, t);
	if (!*ret_is_first)
		return t;
	if (!t) {
		t = table_add(traces, hash);
		t->source = keep_copy(keep, span_text(s, FIELD_SOURCE));
		t->trace_id = keep_copy(keep, span_text(s, FIELD_TRACE_ID));
	}
	t->span_id = keep_copy(keep, span_text(s, FIELD_SPAN_ID));
	t->started_ns = span_i64(s, FIELD_STARTED_AT, 0);
	t->root = ref;
	return t;
}

static bool take_root(void *user, const struct span *s, struct row_ref ref)
{
	struct tracing *all = user;
	bool is_first;
	(void)take_into(&all->traces, &all->keep, s, ref, &is_first);
	return true;
}

static struct field_set fields_of_trace(void)
{
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_SOURCE);
	field_set_add(&want, FIELD_TRACE_ID);
	field_set_add(&want, FIELD_SPAN_ID);
	field_set_add(&want, FIELD_STARTED_AT);
	return want;
}

static enum err find_traces(struct tracing *t, const struct query *roots)
{
	struct query q = *roots;
	struct field_set want = fields_of_trace();
	q.roots_only = true;
	q.n_sort = 0;
	return rows_each(&t->rows, &q, &want, take_root, t);
}

struct any_traces {
	struct tracing *tracing;
	const struct query *query;
	struct table traces; /* with a root or without */
};

static bool take_any(void *user, const struct span *s, struct row_ref ref)
{
	struct any_traces *any = user;
	struct tracing *all = any->tracing;
	bool is_first;
	struct trace *t = take_into(&any->traces, &all->keep, s, ref, &is_first);
	t->has_root = t->has_root || span_is_root(s);
	if (is_first)
		t->is_asked_for = query_match(any->query, s, all->view->arena);
	return true;
}

/* Whether a trace has no root only all of its spans tell, whatever the filters. */
static enum err find_rootless(struct tracing *t, const struct query *q)
{
	struct query all, of_any = *q;
	struct any_traces any = { .tracing = t, .query = &of_any };
	struct field_set want = fields_of_trace(), asked = query_fields(q);
	for (size_t i = 0; i < FIELD_WORDS; i++)
		want.word[i] |= asked.word[i];
	field_set_add(&want, FIELD_PARENT_SPAN_ID);
	of_any.roots_only = false;
	query_init(&all);
	table_init(&any.traces, t->view->arena, sizeof(struct trace));
	enum err e = rows_each(&t->rows, &all, &want, take_any, &any);
	for (size_t i = 0; !e && i < any.traces.n; i++) {
		const struct trace *trace = table_row(&any.traces, i);
		if (!trace->has_root && trace->is_asked_for)
			memcpy(table_add(&t->traces, trace->hash), trace, sizeof *trace);
	}
	table_release(&any.traces);
	return e;
}

static bool take_span(void *user, const struct span *s, struct row_ref ref)
{
	const struct table *traces = user;
	const struct trace *t = find(traces, hash_of(s), s);
	(void)ref;
	if (t)
		rollup_add(&t->row->rollup, s);
	return true;
}

static int hash_order(const void *x, const void *y)
{
	uint64_t a, b;
	memcpy(&a, x, sizeof a);
	memcpy(&b, y, sizeof b);
	return (a > b) - (a < b);
}

/* Sums over all spans of the traces of the table. */
static enum err sum_up(struct tracing *t, struct table *traces)
{
	struct arena *a = t->view->arena;
	uint64_t *ids = arena_calloc(a, traces->n, sizeof *ids);
	for (size_t i = 0; i < traces->n; i++) {
		const struct trace *trace = table_row(traces, i);
		ids[i] = pred_text_hash(trace->trace_id);
	}
	if (traces->n)
		qsort(ids, traces->n, sizeof *ids, hash_order);
	struct pred in_traces = { .field = FIELD_TRACE_ID,
		.op = OP_IN_SET,
		.absent_is_zero = true,
		.set = { ids, traces->n } };
	struct clause clause = { &in_traces, 1 };
	struct query q;
	struct field_set want = rollup_fields();
	query_init(&q);
	q.clauses = &clause;
	q.n_clauses = 1;
	return rows_each(&t->rows, &q, &want, take_span, traces);
}

/* Makes rows in the arena of n traces from the given one on, with their sums if wanted. */
static enum err make_rows(
	struct tracing *t, size_t from, size_t n, bool want_rollup, struct trace_row **ret)
{
	struct arena *a = t->view->arena;
	struct trace_row *rows = arena_calloc(a, n, sizeof *rows);
	struct table page;
	enum err e = ERR_OK;
	table_init(&page, a, sizeof(struct trace));
	for (size_t i = 0; i < n; i++) {
		struct trace *trace = table_row(&t->traces, from + i);
		rows[i].root = trace->root;
		rows[i].source = arena_copy(a, trace->source);
		rows[i].trace_id = arena_copy(a, trace->trace_id);
		rows[i].started_ns = trace->started_ns;
		trace->row = &rows[i];
		if (want_rollup)
			memcpy(table_add(&page, trace->hash), trace, sizeof *trace);
	}
	if (page.n)
		e = sum_up(t, &page);
	table_release(&page);
	if (e == ERR_OK)
		*ret = rows;
	return e;
}

static int in_order(const void *x, const void *y, void *user)
{
	const struct trace *a = x, *b = y;
	const bool *descending = user;
	int order = (a->started_ns > b->started_ns) - (a->started_ns < b->started_ns);
	if (*descending)
		order = -order;
	if (order == 0)
		order = text_compare(a->trace_id, b->trace_id, false);
	return order ? order : text_compare(a->source, b->source, false);
}

static void sort_traces(struct tracing *t, bool descending)
{
	table_freeze(&t->traces);
	if (t->traces.n)
		qsort_r(t->traces.rows, t->traces.n, sizeof(struct trace), in_order, &descending);
}

struct asked {
	const struct trace_query *query;
	bool all; /* in no order, whatever the page */
	struct trace_list *ret;
};

static enum err by_lines(struct view *v, void *user)
{
	struct asked *asked = user;
	const struct trace_query *q = asked->query;
	struct tracing t;
	struct trace_list list = { .rows = NULL };
	tracing_init(&t, v, q->roots.deadline_ns);
	enum err e = find_traces(&t, &q->roots);
	if (e == ERR_OK && q->with_rootless)
		e = find_rootless(&t, &q->roots);
	if (e == ERR_OK) {
		size_t n = t.traces.n, from = q->offset < n ? q->offset : n;
		list.total = n;
		list.n = q->limit < n - from ? q->limit : n - from;
		if (asked->all) {
			from = 0;
			list.n = n;
		}
		sort_traces(&t, q->descending);
		e = make_rows(&t, from, list.n, q->want_rollup, &list.rows);
	}
	tracing_release(&t);
	if (e == ERR_OK)
		*asked->ret = list;
	return e;
}

static enum err by_index(struct stock *s, void *user)
{
	struct asked *asked = user;
	return asked->all ? all_traces_by_index(s, asked->query, asked->ret)
			  : traces_by_index(s, asked->query, asked->ret);
}

enum err engine_traces(struct view *v, const struct trace_query *q, struct trace_list *ret)
{
	struct asked asked = { q, false, ret };
	return stock_answer(v, q->roots.deadline_ns, by_index, by_lines, &asked);
}

enum err engine_trace_get(struct view *v, struct str trace_id, bool want_rollup,
	struct trace_row *ret, bool *ret_found)
{
	struct pred is_trace = {
		.field = FIELD_TRACE_ID, .op = OP_EQ, .texts = &trace_id, .n_values = 1
	};
	struct clause clause = { &is_trace, 1 };
	struct trace_query q = { .descending = true, .limit = 1, .want_rollup = want_rollup };
	struct trace_list list;
	query_init(&q.roots);
	q.roots.clauses = &clause;
	q.roots.n_clauses = 1;
	enum err e = engine_traces(v, &q, &list);
	if (e != ERR_OK)
		return e;
	*ret_found = list.n > 0;
	if (list.n)
		*ret = list.rows[0];
	return ERR_OK;
}

enum err engine_traces_each(struct view *v, const struct trace_query *q,
	const struct field_set *want,
	bool (*each)(void *user, const struct trace_row *row, const struct span *root), void *user)
{
	struct trace_list list;
	struct asked asked = { q, true, &list };
	struct span root;
	enum err e = stock_answer(v, q->roots.deadline_ns, by_index, by_lines, &asked);
	for (size_t i = 0; e == ERR_OK && i < list.n; i++) {
		struct arena_mark mark = arena_mark(v->arena);
		bool more = true;
		enum err fetched = engine_fetch(v, list.rows[i].root, want, &root, NULL);
		if (fetched == ERR_OK)
			more = each(user, &list.rows[i], &root);
		else if (fetched != ERR_NOT_FOUND)
			e = fetched;
		arena_rewind(v->arena, mark);
		if (!more)
			break;
	}
	return e;
}
