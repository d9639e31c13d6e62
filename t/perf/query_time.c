/*
 * How long the engine takes for a query, without HTTP: the median of many, each on a view of its
 * own, as a request has it.  For finding out where the time goes (perf record, callgrind).
 *
 *	query_time ROOT WORKSPACE [ROUNDS [NAME]]
 *
 * The data is that of gen_spans.
 */
#include "base/conf.h"
#include "base/utime.h"
#include "query/engine.h"
#include "query/explain.h"

#include <stdio.h>
#include <stdlib.h>

/* 2026-01-05T00:00:00Z: gen_spans begins there. */
#define FIRST_NS (INT64_C(20458) * NS_PER_DAY)
enum { ROUNDS = 200, PAGE = 100, TRACES = 50 };

struct bench {
	struct store store;
	struct arena arena;
	struct view view;
	struct str workspace;
	uint64_t answer; /* a number to look at: rows, or a total */
	struct str span_id, trace_id;
};

static void must(enum err e, const char *what)
{
	if (e) {
		fprintf(stderr, "query_time: %s: %s\n", what, err_name(e));
		exit(2);
	}
}

static struct query newest(size_t offset, size_t limit)
{
	struct query q;
	query_init(&q);
	q.sort[0] = (struct sort_key){ .field = FIELD_STARTED_AT, .descending = true };
	q.sort[1] = (struct sort_key){ .field = FIELD_TRACE_ID };
	q.sort[2] = (struct sort_key){ .field = FIELD_SPAN_ID };
	q.sort[3] = (struct sort_key){ .field = FIELD_SOURCE };
	q.n_sort = 4;
	q.offset = offset;
	q.limit = limit;
	q.want_total = true;
	return q;
}

static void list(struct bench *b, const struct query *q, bool fetch)
{
	struct row_list rows;
	must(engine_list(&b->view, q, &rows), "list");
	for (size_t i = 0; fetch && i < rows.n; i++) {
		struct arena_mark m = arena_mark(&b->arena);
		struct span s;
		must(engine_fetch(&b->view, rows.rows[i], NULL, &s, NULL), "fetch");
		arena_rewind(&b->arena, m);
	}
	b->answer = rows.total;
}

static void two_days(struct query *q)
{
	q->from_ns = FIRST_NS + 3 * NS_PER_DAY;
	q->to_ns = FIRST_NS + 5 * NS_PER_DAY;
}

static void open_view(struct bench *b)
{
	b->answer = b->view.n_shards;
}

static void get(struct bench *b)
{
	struct span s;
	bool found;
	must(engine_get(&b->view, STR_NULL, STR_NULL, b->span_id, &s, &found), "get");
	b->answer = found;
}

static void get_none(struct bench *b)
{
	struct span s;
	bool found;
	must(engine_get(&b->view, STR_NULL, STR_NULL, STR("0000"), &s, &found), "get");
	b->answer = found;
}

static void errors_of_llms(struct bench *b, bool fetch)
{
	struct query q = newest(0, PAGE);
	int64_t error = STATUS_ERROR, llm = KIND_LLM;
	struct pred preds[] = {
		{ .field = FIELD_STATUS, .op = OP_EQ, .numbers = &error, .n_values = 1 },
		{ .field = FIELD_KIND, .op = OP_EQ, .numbers = &llm, .n_values = 1 }
	};
	struct clause clauses[] = { { &preds[0], 1 }, { &preds[1], 1 } };
	two_days(&q);
	q.clauses = clauses;
	q.n_clauses = 2;
	list(b, &q, fetch);
}

static void filtered(struct bench *b)
{
	errors_of_llms(b, false);
}

static void filtered_fetched(struct bench *b)
{
	errors_of_llms(b, true);
}

static void filtered_text(struct bench *b)
{
	struct query q = newest(0, PAGE);
	struct str part = STR("gpt");
	struct pred pred = {
		.field = FIELD_MODEL, .op = OP_CONTAINS, .texts = &part, .n_values = 1
	};
	struct clause clause = { &pred, 1 };
	q.clauses = &clause;
	q.n_clauses = 1;
	list(b, &q, false);
}

static void newest_page(struct bench *b)
{
	struct query q = newest(0, PAGE);
	list(b, &q, false);
}

static void newest_fetched(struct bench *b)
{
	struct query q = newest(0, PAGE);
	list(b, &q, true);
}

static void deep_page(struct bench *b)
{
	struct query q = newest(999 * PAGE, PAGE);
	list(b, &q, false);
}

static void costliest(struct bench *b)
{
	struct query q = newest(0, PAGE);
	q.sort[0].field = FIELD_COST_TOTAL_USD;
	list(b, &q, false);
}

static void by_trace_id(struct bench *b)
{
	struct query q = newest(0, PAGE);
	q.sort[0] = (struct sort_key){ .field = FIELD_TRACE_ID, .descending = true };
	q.sort[1] = (struct sort_key){ .field = FIELD_PARENT_SPAN_ID, .descending = true };
	q.sort[2] = (struct sort_key){ .field = FIELD_SPAN_ID, .descending = true };
	q.n_sort = 3;
	list(b, &q, false);
}

static void spans_of_trace(struct bench *b, bool fetch)
{
	struct query q = newest(0, 1000);
	struct pred pred = {
		.field = FIELD_TRACE_ID, .op = OP_EQ, .texts = &b->trace_id, .n_values = 1
	};
	struct clause clause = { &pred, 1 };
	q.clauses = &clause;
	q.n_clauses = 1;
	list(b, &q, fetch);
}

static void of_trace(struct bench *b)
{
	spans_of_trace(b, false);
}

static void of_trace_fetched(struct bench *b)
{
	spans_of_trace(b, true);
}

static void traces(struct bench *b)
{
	struct trace_query q = { .descending = true, .limit = TRACES, .want_rollup = true };
	struct trace_list l;
	query_init(&q.roots);
	must(engine_traces(&b->view, &q, &l), "traces");
	b->answer = l.total;
}

static void traces_of_days(struct bench *b)
{
	struct trace_query q = { .descending = true, .limit = TRACES, .want_rollup = true };
	struct trace_list l;
	query_init(&q.roots);
	two_days(&q.roots);
	must(engine_traces(&b->view, &q, &l), "traces");
	b->answer = l.total;
}

static void trace_get(struct bench *b)
{
	struct trace_row row;
	bool found;
	must(engine_trace_get(&b->view, b->trace_id, true, &row, &found), "trace");
	b->answer = row.rollup.n_spans;
}

static void groups(struct bench *b, bool of_day, size_t n_by, const enum field *by)
{
	struct group_query q = {
		.n_by = n_by, .descending = true, .counts_only = true, .limit = 10
	};
	struct group_list l;
	query_init(&q.spans);
	if (of_day) {
		q.spans.from_ns = FIRST_NS + 3 * NS_PER_DAY;
		q.spans.to_ns = FIRST_NS + 4 * NS_PER_DAY - 1;
	}
	for (size_t i = 0; i < n_by; i++)
		q.by[i] = by[i];
	must(engine_groups(&b->view, &q, &l), "groups");
	b->answer = l.total;
}

static void groups_trace(struct bench *b)
{
	groups(b, false, 1, (enum field[]){ FIELD_TRACE_ID });
}

static void groups_session(struct bench *b)
{
	groups(b, false, 1, (enum field[]){ FIELD_SESSION_ID });
}

static void groups_session_trace(struct bench *b)
{
	groups(b, true, 2, (enum field[]){ FIELD_SESSION_ID, FIELD_TRACE_ID });
}

static void groups_model(struct bench *b)
{
	groups(b, false, 1, (enum field[]){ FIELD_MODEL });
}

static void sessions(struct bench *b)
{
	struct session_query q = { .descending = true, .limit = TRACES };
	struct session_list l;
	query_init(&q.spans);
	must(engine_sessions(&b->view, &q, &l), "sessions");
	b->answer = l.total;
}

static const struct {
	const char *name;
	void (*run)(struct bench *b);
} benches[] = {
	{ "open", open_view },
	{ "get", get },
	{ "get-none", get_none },
	{ "filtered", filtered },
	{ "filtered-fetched", filtered_fetched },
	{ "filtered-text", filtered_text },
	{ "newest", newest_page },
	{ "newest-fetched", newest_fetched },
	{ "page-1000", deep_page },
	{ "costliest", costliest },
	{ "by-trace-id", by_trace_id },
	{ "of-trace", of_trace },
	{ "of-trace-fetched", of_trace_fetched },
	{ "traces", traces },
	{ "traces-of-days", traces_of_days },
	{ "trace", trace_get },
	{ "groups-trace", groups_trace },
	{ "groups-session", groups_session },
	{ "groups-day-session-trace", groups_session_trace },
	{ "groups-model", groups_model },
	{ "sessions", sessions },
};

static int by_size(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

static int64_t run_once(struct bench *b, void (*run)(struct bench *b))
{
	int64_t began_ns = utime_monotonic();
	arena_init(&b->arena, (size_t)1 << 30);
	must(view_open(&b->store, b->workspace, &b->arena, &b->view), "view");
	run(b);
	view_close(&b->view);
	arena_release(&b->arena);
	return utime_monotonic() - began_ns;
}

static void measure(struct bench *b, size_t i, size_t rounds)
{
	int64_t *ns = calloc(rounds, sizeof *ns);
	if (!ns)
		exit(2);
	int64_t first_ns = run_once(b, benches[i].run);
	for (size_t k = 0; k < rounds; k++)
		ns[k] = run_once(b, benches[i].run);
	qsort(ns, rounds, sizeof *ns, by_size);
	printf("%-26s %9.1f us  (first %.1f, best %.1f)  %llu\n", benches[i].name,
		(double)ns[rounds / 2] / 1e3, (double)first_ns / 1e3, (double)ns[0] / 1e3,
		(unsigned long long)b->answer);
	free(ns);
}

/* The ids that are asked for are those of the newest span. */
static void find_ids(struct bench *b)
{
	struct query q = newest(0, 1);
	struct row_list rows;
	struct span s;
	struct arena ids;
	arena_init(&ids, (size_t)1 << 20);
	arena_init(&b->arena, (size_t)1 << 30);
	must(view_open(&b->store, b->workspace, &b->arena, &b->view), "view");
	must(engine_list(&b->view, &q, &rows), "list");
	if (rows.n == 0)
		must(ERR_NOT_FOUND, "spans");
	must(engine_fetch(&b->view, rows.rows[0], NULL, &s, NULL), "fetch");
	b->span_id = arena_copy(&ids, span_text(&s, FIELD_SPAN_ID));
	b->trace_id = arena_copy(&ids, span_text(&s, FIELD_TRACE_ID));
	view_close(&b->view);
	arena_release(&b->arena);
}

int main(int argc, char **argv)
{
	struct conf conf;
	struct bench b = { .answer = 0 };
	uint64_t rounds = ROUNDS;
	if (argc < 3 || argc > 5 || (argc > 3 && !str_to_u64(str_from_c(argv[3]), &rounds)) ||
		rounds == 0) {
		fprintf(stderr, "usage: query_time ROOT WORKSPACE [ROUNDS [NAME]]\n");
		return 2;
	}
	conf_defaults(&conf);
	conf.root = str_from_c(argv[1]);
	b.workspace = str_from_c(argv[2]);
	must(store_open(&b.store, &conf), argv[1]);
	find_ids(&b);
	for (size_t i = 0; i < sizeof benches / sizeof benches[0]; i++)
		if (argc < 5 || str_eq(str_from_c(argv[4]), str_from_c(benches[i].name)))
			measure(&b, i, rounds);
	store_close(&b.store);
	return 0;
}
