/*
 * The engine against the brute-force oracle: random workspaces, random queries of every kind.
 *
 *	FLATSPAN_SEED=N		begin with workspace N (default 1)
 *	FLATSPAN_ROUNDS=N	so many workspaces (default: what takes some seconds)
 *	FLATSPAN_LARGE=1	such as fill zones and several segments: a minute each
 *
 * Each workspace has its own seed, which a failure names: FLATSPAN_SEED=that FLATSPAN_ROUNDS=1
 * brings it back alone.
 */
#include "corpus.h"

#include "base/utime.h"
#include "query/explain.h"

#include <inttypes.h>

enum { ROUNDS = 50, QUERIES_PER_ROUND = 30 };

struct test {
	uint64_t seed;
	unsigned query; /* its number in the workspace */
	const char *kind, *how;
	struct rng rng;
	struct corpus corpus;
	struct view view;
	const struct query *asked; /* for the report */
};

static void give_up(const struct test *t, const char *what)
{
	fprintf(stderr, "query %u, %s, %s: %s\n", t->query, t->kind, t->how, what);
	if (t->asked)
		ask_print(stderr, t->asked);
	if (t->asked && t->view.arena) {
		struct buf how;
		buf_init(&how, t->corpus.arena);
		if (query_explain((struct view *)(uintptr_t)&t->view, t->asked, &how) == ERR_OK)
			fprintf(stderr, "%.*s", STR_ARG(buf_str(&how)));
	}
	ck_abort_msg("%zu lines, %zu current; again: FLATSPAN_SEED=%" PRIu64 " FLATSPAN_ROUNDS=1",
		t->corpus.n, t->corpus.n_current, t->seed);
}

static void must(const struct test *t, enum err e)
{
	if (e != ERR_OK)
		give_up(t, err_name(e));
}

#define AGREE(t, what, got, want) \
	do { \
		if ((got) != (want)) { \
			fprintf(stderr, "%s: %" PRId64 ", should be %" PRId64 "\n", what, \
				(int64_t)(got), (int64_t)(want)); \
			give_up(t, "the engine is wrong"); \
		} \
	} while (0)

/* Without _prev, which sealing may take from an older version. */
static struct str line_of(struct arena *a, const struct span *s)
{
	struct span span = *s;
	struct buf b;
	buf_init(&b, a);
	span.prev_day = SPAN_NO_DAY;
	line_write(&b, &span);
	return buf_str(&b);
}

static void agree_on_text(const struct test *t, const char *what, struct str got, struct str want)
{
	if (str_eq(got, want))
		return;
	fprintf(stderr, "%s: %.*s\nshould be %.*s\n", what, STR_ARG(got), STR_ARG(want));
	give_up(t, "the engine is wrong");
}

/* The stored line behind a row against the one that should be there. */
static void agree_on_row(struct test *t, struct row_ref ref, size_t line)
{
	struct span got;
	struct arena_mark m = arena_mark(t->corpus.arena);
	must(t, engine_fetch(&t->view, ref, NULL, &got, NULL));
	agree_on_text(t, "row", line_of(t->corpus.arena, &got),
		line_of(t->corpus.arena, &t->corpus.lines[line]));
	arena_rewind(t->corpus.arena, m);
}

static void agree_on_rollup(struct test *t, const struct rollup *got, const struct rollup *want)
{
	AGREE(t, "spans", got->n_spans, want->n_spans);
	AGREE(t, "errors", got->n_errors, want->n_errors);
#define SUM(name) \
	AGREE(t, "has " #name, got->has_##name, want->has_##name); \
	AGREE(t, #name, got->name, want->name); \
	AGREE(t, #name " / 2^64", (int64_t)((__int128)got->name >> 64), \
		(int64_t)((__int128)want->name >> 64))
	SUM(input_tokens);
	SUM(output_tokens);
	SUM(cached_tokens);
	SUM(total_tokens);
	SUM(cost_total);
	SUM(cost_input);
	SUM(cost_output);
#undef SUM
}

static void agree_on_rows(
	struct test *t, const struct row_list *got, const struct oracle_rows *want)
{
	AGREE(t, "rows", got->n, want->n);
	AGREE(t, "total", got->total, want->total);
	AGREE(t, "has_more", got->has_more, want->has_more);
	for (size_t i = 0; i < want->n; i++)
		agree_on_row(t, got->rows[i], want->lines[i]);
}

/* Of rows that no key tells apart the place decides, which sealing changes. Whoever pages through a
 * list sorts to the end. */
static bool is_total_order(const struct query *q)
{
	return q->n_sort && q->sort[q->n_sort - 1].field == FIELD_SOURCE;
}

static void check_list(struct test *t)
{
	struct query q = ask_list(&t->rng, &t->corpus);
	struct row_list got;
	t->asked = &q;
	struct oracle_rows want = oracle_list(&t->corpus, &q);
	must(t, engine_list(&t->view, &q, &got));
	if (is_total_order(&q)) {
		agree_on_rows(t, &got, &want);
	} else {
		AGREE(t, "rows", got.n, want.n);
		AGREE(t, "total", got.total, want.total);
		AGREE(t, "has_more", got.has_more, want.has_more);
	}
	t->asked = NULL;
}

/* Forward by cursors and back again: every row once, in one order. */
static void check_walk(struct test *t)
{
	struct query q = ask_list(&t->rng, &t->corpus);
	struct row_list page;
	struct position at;
	struct span s;
	q.n_sort = 0;
	q.sort[q.n_sort++] =
		(struct sort_key){ .field = FIELD_NAME, .descending = rng_below(&t->rng, 2) };
	q.sort[q.n_sort++] = (struct sort_key){ .field = FIELD_TRACE_ID };
	q.sort[q.n_sort++] = (struct sort_key){ .field = FIELD_SPAN_ID, .descending = true };
	q.sort[q.n_sort++] = (struct sort_key){ .field = FIELD_SOURCE };
	q.offset = 0;
	q.limit = SIZE_MAX;
	q.after = q.before = NULL;
	t->asked = &q;
	struct oracle_rows want = oracle_list(&t->corpus, &q);
	bool is_backward = rng_below(&t->rng, 2);
	q.limit = 1 + rng_below(&t->rng, 9) + want.n / 12;
	if (is_backward && want.n) {
		query_position(&q, &t->corpus.lines[want.lines[want.n - 1]], t->corpus.arena, &at);
		q.before = &at;
		want.n--; /* the bound itself is not seen again */
	}
	for (size_t seen = 0; seen < want.n || (!is_backward && seen == 0);) {
		must(t, engine_list(&t->view, &q, &page));
		size_t left = want.n - seen, n = q.limit < left ? q.limit : left;
		AGREE(t, "rows", page.n, n);
		AGREE(t, "has_more", page.has_more, left > n);
		AGREE(t, "total", page.total, want.total);
		size_t first = is_backward ? left - n : seen;
		for (size_t i = 0; i < n; i++)
			agree_on_row(t, page.rows[i], want.lines[first + i]);
		if (n == 0)
			break;
		size_t edge = is_backward ? first : first + n - 1;
		must(t, engine_fetch(&t->view, page.rows[is_backward ? 0 : n - 1], NULL, &s, NULL));
		query_position(&q, &t->corpus.lines[want.lines[edge]], t->corpus.arena, &at);
		*(is_backward ? &q.before : &q.after) = &at;
		seen += n;
	}
	t->asked = NULL;
}

struct seen {
	struct row_ref *refs;
	size_t n, cap;
};

static bool see(void *user, const struct span *s, struct row_ref ref)
{
	struct seen *seen = user;
	(void)s;
	if (seen->n < seen->cap)
		seen->refs[seen->n] = ref;
	seen->n++;
	return true;
}

static int by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* The same lines, in whatever order they come. */
static void agree_on_set(struct test *t, const struct row_ref *refs, const struct oracle_rows *want)
{
	struct str *texts[2];
	for (int k = 0; k < 2; k++) {
		texts[k] = arena_calloc(t->corpus.arena, want->n + 1, sizeof(struct str));
		for (size_t i = 0; i < want->n; i++) {
			struct span s;
			if (k)
				s = t->corpus.lines[want->lines[i]];
			else
				must(t, engine_fetch(&t->view, refs[i], NULL, &s, NULL));
			texts[k][i] = line_of(t->corpus.arena, &s);
		}
		if (want->n)
			qsort(texts[k], want->n, sizeof(struct str), by_text);
	}
	for (size_t i = 0; i < want->n; i++)
		agree_on_text(t, "row", texts[0][i], texts[1][i]);
}

static void check_each(struct test *t)
{
	struct query q = ask_list(&t->rng, &t->corpus);
	t->asked = &q;
	struct oracle_rows want = oracle_match(&t->corpus, &q);
	struct seen seen = { .cap = t->corpus.n };
	seen.refs = arena_calloc(t->corpus.arena, seen.cap, sizeof *seen.refs);
	must(t, engine_each(&t->view, &q, &field_set_all, see, &seen));
	AGREE(t, "rows", seen.n, want.n);
	agree_on_set(t, seen.refs, &want);
	t->asked = NULL;
}

static void random_page(struct test *t, size_t *ret_offset, size_t *ret_limit)
{
	static const size_t limits[] = { 0, 1, 3, 10, SIZE_MAX };
	*ret_offset = rng_below(&t->rng, 3) ? 0 : rng_below(&t->rng, 12);
	*ret_limit = limits[rng_below(&t->rng, 5)];
}

static void check_groups(struct test *t)
{
	static const enum field fields[] = { FIELD_TRACE_ID, FIELD_SESSION_ID, FIELD_SOURCE,
		FIELD_KIND, FIELD_STATUS, FIELD_MODEL, FIELD_TAGS, FIELD_NAME };
	struct group_query q = { .spans = ask_filter(&t->rng, &t->corpus) };
	struct group_list got;
	q.n_by = 1 + rng_below(&t->rng, QUERY_GROUP_MAX);
	for (size_t i = 0; i < q.n_by; i++)
		q.by[i] = fields[rng_below(&t->rng, 8)];
	/* These are counted by trace, where all rows of one are of one session. */
	if (rng_below(&t->rng, 4) == 0) {
		size_t session = rng_below(&t->rng, 2);
		q.n_by = 2;
		q.by[session] = FIELD_SESSION_ID;
		q.by[1 - session] = FIELD_TRACE_ID;
	}
	q.sort = rng_below(&t->rng, 2) ? GROUP_BY_COUNT : GROUP_BY_STARTED;
	q.descending = rng_below(&t->rng, 2);
	q.counts_only = rng_below(&t->rng, 2);
	/* All rows of a block are counted another way, and by its traces where they know. */
	if (rng_below(&t->rng, 3) == 0) {
		query_init(&q.spans);
		if (rng_below(&t->rng, 2)) {
			q.n_by = 1;
			q.by[0] = fields[rng_below(&t->rng, 2)];
		}
	}
	random_page(t, &q.offset, &q.limit);
	t->asked = &q.spans;
	struct group_list want = oracle_groups(&t->corpus, &q);
	must(t, engine_groups(&t->view, &q, &got));
	AGREE(t, "groups", got.n, want.n);
	AGREE(t, "total", got.total, want.total);
	for (size_t i = 0; i < want.n; i++) {
		for (size_t j = 0; j < q.n_by; j++)
			agree_on_text(t, "value", got.rows[i].value[j], want.rows[i].value[j]);
		AGREE(t, "spans", got.rows[i].n_spans, want.rows[i].n_spans);
		if (!q.counts_only || q.sort == GROUP_BY_STARTED)
			AGREE(t, "start", got.rows[i].first_started_ns,
				want.rows[i].first_started_ns);
	}
	t->asked = NULL;
}

static void agree_on_trace(
	struct test *t, const struct trace_row *got, const struct oracle_trace *want)
{
	agree_on_text(t, "trace", got->trace_id, want->trace_id);
	agree_on_text(t, "source", got->source, want->source);
	AGREE(t, "start", got->started_ns, want->started_ns);
	agree_on_row(t, got->root, want->root);
	agree_on_rollup(t, &got->rollup, &want->rollup);
}

static struct trace_query ask_traces(struct test *t)
{
	struct trace_query q = { .roots = ask_filter(&t->rng, &t->corpus) };
	if (rng_below(&t->rng, 3) == 0)
		query_init(&q.roots);
	q.descending = rng_below(&t->rng, 2);
	q.want_rollup = rng_below(&t->rng, 3);
	q.with_rootless = rng_below(&t->rng, 2);
	random_page(t, &q.offset, &q.limit);
	return q;
}

static void check_traces(struct test *t)
{
	struct trace_query q = ask_traces(t);
	struct trace_list got;
	t->asked = &q.roots;
	struct oracle_traces want = oracle_traces(&t->corpus, &q);
	must(t, engine_traces(&t->view, &q, &got));
	AGREE(t, "traces", got.n, want.n);
	AGREE(t, "total", got.total, want.total);
	for (size_t i = 0; i < want.n; i++)
		agree_on_trace(t, &got.rows[i], &want.rows[i]);
	t->asked = NULL;
}

static void check_trace_get(struct test *t)
{
	struct str id = ask_id(&t->rng, &t->corpus, FIELD_TRACE_ID);
	struct trace_query q = { .descending = true, .limit = SIZE_MAX, .want_rollup = true };
	struct trace_row got;
	bool found;
	query_init(&q.roots);
	struct oracle_traces all = oracle_traces(&t->corpus, &q);
	size_t i = 0;
	while (i < all.n && !str_eq(all.rows[i].trace_id, id))
		i++;
	must(t, engine_trace_get(&t->view, id, true, &got, &found));
	AGREE(t, "found", found, i < all.n);
	if (found)
		agree_on_trace(t, &got, &all.rows[i]);
}

struct seen_traces {
	struct test *test;
	const struct oracle_traces *want;
	size_t n;
};

static bool see_trace(void *user, const struct trace_row *row, const struct span *root)
{
	struct seen_traces *seen = user;
	struct test *t = seen->test;
	for (size_t i = 0; i < seen->want->n; i++) {
		const struct oracle_trace *want = &seen->want->rows[i];
		if (!str_eq(want->trace_id, row->trace_id) || !str_eq(want->source, row->source))
			continue;
		agree_on_text(t, "root", line_of(t->corpus.arena, root),
			line_of(t->corpus.arena, &t->corpus.lines[want->root]));
		agree_on_trace(t, row, want);
		seen->n++;
		return true;
	}
	give_up(t, "a trace that is not there");
	return false;
}

static void check_traces_each(struct test *t)
{
	struct trace_query q = ask_traces(t);
	t->asked = &q.roots;
	q.offset = 0;
	q.limit = SIZE_MAX;
	struct oracle_traces want = oracle_traces(&t->corpus, &q);
	struct seen_traces seen = { t, &want, 0 };
	must(t, engine_traces_each(&t->view, &q, NULL, see_trace, &seen));
	AGREE(t, "traces", seen.n, want.n);
	t->asked = NULL;
}

static void agree_on_session(
	struct test *t, const struct session_row *got, const struct session_row *want)
{
	agree_on_text(t, "session", got->session_id, want->session_id);
	AGREE(t, "start", got->first_started_ns, want->first_started_ns);
	AGREE(t, "end", got->last_ended_ns, want->last_ended_ns);
	AGREE(t, "status", got->status, want->status);
	AGREE(t, "traces", got->n_traces, want->n_traces);
	agree_on_rollup(t, &got->rollup, &want->rollup);
}

static void check_sessions(struct test *t)
{
	struct session_query q = { .spans = ask_filter(&t->rng, &t->corpus) };
	struct session_list got;
	q.descending = rng_below(&t->rng, 2);
	random_page(t, &q.offset, &q.limit);
	t->asked = &q.spans;
	struct session_list want = oracle_sessions(&t->corpus, &q);
	must(t, engine_sessions(&t->view, &q, &got));
	AGREE(t, "sessions", got.n, want.n);
	AGREE(t, "total", got.total, want.total);
	for (size_t i = 0; i < want.n; i++)
		agree_on_session(t, &got.rows[i], &want.rows[i]);
	t->asked = NULL;
}

static void check_session_get(struct test *t)
{
	struct str id = ask_id(&t->rng, &t->corpus, FIELD_SESSION_ID);
	struct session_query q = { .limit = SIZE_MAX };
	struct session_row got;
	bool found;
	query_init(&q.spans);
	struct session_list all = oracle_sessions(&t->corpus, &q);
	size_t i = 0;
	while (i < all.n && !str_eq(all.rows[i].session_id, id))
		i++;
	must(t, engine_session_get(&t->view, id, &got, &found));
	AGREE(t, "found", found, i < all.n);
	if (found)
		agree_on_session(t, &got, &all.rows[i]);
}

/* The current line of the span's identity. */
static size_t identity_line(struct test *t, const struct span *s)
{
	size_t line = 0;
	if (!oracle_get(&t->corpus, span_text(s, FIELD_SOURCE), span_text(s, FIELD_TRACE_ID),
		    span_text(s, FIELD_SPAN_ID), &line))
		give_up(t, "there is no such span");
	return line;
}

static void check_get(struct test *t)
{
	struct span got;
	bool found;
	size_t line = 0;
	const struct span *s =
		t->corpus.n ? &t->corpus.lines[rng_below(&t->rng, t->corpus.n)] : NULL;
	struct str span_id = s ? span_text(s, FIELD_SPAN_ID) : STR("s1");
	struct str trace_id = s && rng_below(&t->rng, 2) ? span_text(s, FIELD_TRACE_ID) : STR_NULL;
	struct str source = s && rng_below(&t->rng, 2) ? span_text(s, FIELD_SOURCE) : STR_NULL;
	bool want = oracle_get(&t->corpus, source, trace_id, span_id, &line);
	must(t, engine_get(&t->view, source, trace_id, span_id, &got, &found));
	AGREE(t, "found", found, want);
	if (!found)
		return;
	const struct span *other = &t->corpus.lines[line];
	/* Of two spans with one id and one time the place decides, which sealing changes. */
	if (span_version(&got) == span_version(other) && !span_same_identity(&got, other))
		other = &t->corpus.lines[identity_line(t, &got)];
	agree_on_text(t, "span", line_of(t->corpus.arena, &got), line_of(t->corpus.arena, other));
}

static const struct {
	const char *name;
	void (*check)(struct test *t);
} kinds[] = {
	{ "list", check_list },
	{ "list", check_list },
	{ "list", check_list },
	{ "walk", check_walk },
	{ "each", check_each },
	{ "groups", check_groups },
	{ "traces", check_traces },
	{ "trace get", check_trace_get },
	{ "traces each", check_traces_each },
	{ "sessions", check_sessions },
	{ "session get", check_session_get },
	{ "get", check_get },
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* The same questions with the index as it is, without one, and with one that was damaged. */
static void ask_all(struct test *t, struct scene *sc, const char *how)
{
	struct rng first = t->rng;
	t->how = how;
	for (t->query = 0; t->query < QUERIES_PER_ROUND; t->query++) {
		struct arena_mark m = arena_mark(t->corpus.arena);
		t->kind = kinds[t->query % KINDS].name;
		must(t, view_open(&sc->store, STR("w"), t->corpus.arena, &t->view));
		kinds[t->query % KINDS].check(t);
		view_close(&t->view);
		arena_rewind(t->corpus.arena, m);
	}
	t->rng = first;
}

static void run_workspace(uint64_t seed, const struct corpus_shape *shape)
{
	struct scene sc;
	struct arena arena;
	struct test t = { .seed = seed, .rng = { seed } };
	arena_init(&arena, (size_t)1 << 30);
	scene_open(&sc);
	corpus_make(&t.corpus, shape, &t.rng, &sc, &arena);
	corpus_resolve(&t.corpus);
	ask_all(&t, &sc, "with its index");
	sc.conf.index = false;
	ask_all(&t, &sc, "without an index");
	sc.conf.index = true;
	corpus_damage_index(&sc, &t.rng);
	scene_reopen(&sc); /* a process does not look twice at what it has checked */
	ask_all(&t, &sc, "with a damaged index");
	arena_release(&arena);
	scene_close(&sc);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t v;
	if (!text)
		return otherwise;
	if (!str_to_u64(str_from_c(text), &v)) {
		fprintf(stderr, "%s: not a number: %s\n", name, text);
		exit(EXIT_FAILURE);
	}
	return v;
}

START_TEST(the_engine_agrees_with_the_oracle)
	{
		uint64_t seed = number_from("FLATSPAN_SEED", 1);
		uint64_t rounds =
			number_from("FLATSPAN_ROUNDS", (uint64_t)unit_few(ROUNDS / 4, ROUNDS));
		bool is_large = number_from("FLATSPAN_LARGE", 0);
		printf("seed %" PRIu64 ", %" PRIu64 " workspaces, %d queries each\n", seed, rounds,
			QUERIES_PER_ROUND);
		fflush(stdout);
		for (uint64_t i = 0; i < rounds; i++)
			run_workspace(seed + i, is_large         ? &corpus_large
						: (seed + i) % 3 ? &corpus_small
								 : &corpus_once);
	}
END_TEST

int main(void)
{
	Suite *s = suite_create("oracle");
	TCase *c = tcase_create("oracle");
	tcase_set_timeout(c, 0); /* FLATSPAN_ROUNDS may ask for any time */
	tcase_add_test(c, the_engine_agrees_with_the_oracle);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
