/*
 * The engine's rules that random queries do not reach: budgets, memory, damage, stopping, and small
 * examples that show what is meant.
 */
#include "query/engine.h"

#include "base/utime.h"
#include "faults.h"
#include "index/flush.h"
#include "scene.h"

#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

/* A span of trace "t", source "s". */
static struct span span(const char *id)
{
	struct span s;
	span_init(&s);
	span_set_text(&s, FIELD_SPAN_ID, str_from_c(id));
	span_set_text(&s, FIELD_TRACE_ID, STR("t"));
	span_set_text(&s, FIELD_SOURCE, STR("s"));
	span_set_i64(&s, FIELD_STARTED_AT, SCENE_NOW);
	span_set_i64(&s, FIELD_INGESTED_AT, SCENE_NOW);
	return s;
}

/* Spans as the day's shard of a new workspace. */
static void put_spans(struct view *v, const struct span *spans, size_t n)
{
	struct buf b;
	scene_open(&sc);
	scene_workspace(&sc);
	buf_init(&b, scene_arena());
	for (size_t i = 0; i < n; i++)
		line_write(&b, &spans[i]);
	scene_put(&sc, "2026-11-20.jsonl", buf_str(&b));
	ck_assert_int_eq(view_open(&sc.store, STR("w"), test_arena(), v), ERR_OK);
}

static void put_many(struct view *v, size_t n)
{
	struct buf b;
	scene_open(&sc);
	scene_workspace(&sc);
	buf_init(&b, scene_arena());
	for (size_t i = 0; i < n; i++) {
		char id[24];
		(void)snprintf(id, sizeof id, "%zu", i);
		struct span s = span(id);
		line_write(&b, &s);
	}
	scene_put(&sc, "2026-11-20.jsonl", buf_str(&b));
	ck_assert_int_eq(view_open(&sc.store, STR("w"), test_arena(), v), ERR_OK);
}

static void finish(struct view *v)
{
	view_close(v);
	scene_close(&sc);
}

static struct query by_id(size_t limit)
{
	struct query q;
	query_init(&q);
	q.sort[0].field = FIELD_SPAN_ID;
	q.n_sort = 1;
	q.limit = limit;
	q.want_total = true;
	return q;
}

static struct str id_at(struct view *v, struct row_ref ref)
{
	struct span s;
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_SPAN_ID);
	ck_assert_int_eq(engine_fetch(v, ref, &want, &s, NULL), ERR_OK);
	return span_text(&s, FIELD_SPAN_ID);
}

START_TEST(an_empty_workspace_has_empty_answers)
	{
		struct view v;
		struct query q = by_id(10);
		struct row_list rows;
		struct span s;
		struct trace_row trace;
		struct session_row session;
		bool found = true;
		put_spans(&v, NULL, 0);
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert(rows.n == 0 && rows.total == 0 && !rows.has_more);
		struct group_query groups = { .spans = q, .by = { FIELD_NAME }, .n_by = 1 };
		struct group_list group_list;
		ck_assert_int_eq(engine_groups(&v, &groups, &group_list), ERR_OK);
		ck_assert(group_list.n == 0 && group_list.total == 0);
		ck_assert_int_eq(engine_get(&v, STR_NULL, STR_NULL, STR("x"), &s, &found), ERR_OK);
		ck_assert(!found);
		found = true;
		ck_assert_int_eq(engine_trace_get(&v, STR("t"), true, &trace, &found), ERR_OK);
		ck_assert(!found);
		found = true;
		ck_assert_int_eq(engine_session_get(&v, STR("x"), &session, &found), ERR_OK);
		ck_assert(!found);
		finish(&v);
	}
END_TEST

START_TEST(the_newest_version_counts_wherever_it_stands)
	{
		struct view v;
		struct span spans[] = { span("a"), span("a"), span("a"), span("b"), span("b") };
		struct query q = by_id(10);
		struct row_list rows;
		struct span s;
		span_set_text(&spans[0], FIELD_NAME, STR("first"));
		span_set_text(&spans[1], FIELD_NAME, STR("newest"));
		span_set_i64(&spans[1], FIELD_UPDATED_AT, SCENE_NOW + 2);
		span_set_text(&spans[2], FIELD_NAME, STR("late"));
		span_set_i64(&spans[2], FIELD_UPDATED_AT, SCENE_NOW + 1);
		/* Of equal versions the later one counts, here a tombstone. */
		spans[4].is_deleted = true;
		put_spans(&v, spans, 5);
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert_uint_eq(rows.total, 1);
		ck_assert_int_eq(engine_fetch(&v, rows.rows[0], NULL, &s, NULL), ERR_OK);
		ck_assert_str_is(span_text(&s, FIELD_NAME), STR("newest"));
		finish(&v);
	}
END_TEST

START_TEST(pages_tell_whether_there_are_more)
	{
		struct view v;
		struct span spans[] = { span("a"), span("b"), span("c"), span("d") };
		struct row_list rows;
		put_spans(&v, spans, 4);
		struct query q = by_id(3);
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert(rows.n == 3 && rows.total == 4 && rows.has_more);
		q.offset = 1;
		q.want_total = false;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert(rows.n == 3 && rows.total == 0 && !rows.has_more);
		q.offset = 4;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert(rows.n == 0 && !rows.has_more);
		q.offset = 0;
		q.limit = 0;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert(rows.n == 0 && rows.has_more);
		q.offset = SIZE_MAX;
		q.limit = SIZE_MAX;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert(rows.n == 0 && !rows.has_more);
		finish(&v);
	}
END_TEST

START_TEST(a_page_before_a_position_ends_there)
	{
		struct view v;
		struct span spans[] = { span("a"), span("b"), span("c"), span("d"), span("e") };
		struct position d = { .value[0].text = STR("d") },
				a = { .value[0].text = STR("a") };
		struct row_list rows;
		put_spans(&v, spans, 5);
		struct query q = by_id(2);
		q.before = &d;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert(rows.n == 2 && rows.total == 5 && rows.has_more);
		ck_assert_str_is(id_at(&v, rows.rows[0]), STR("b"));
		ck_assert_str_is(id_at(&v, rows.rows[1]), STR("c"));
		q.after = &a;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert(rows.n == 2 && !rows.has_more);
		q.before = NULL;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert(rows.n == 2 && rows.has_more);
		ck_assert_str_is(id_at(&v, rows.rows[0]), STR("b"));
		finish(&v);
	}
END_TEST

enum { MANY = 2000 };

static bool count_rows(void *user, const struct span *s, struct row_ref ref)
{
	size_t *n = user;
	(void)s;
	(void)ref;
	return ++*n < 7;
}

START_TEST(iteration_stops_when_told)
	{
		struct view v;
		struct query q;
		struct field_set none = { { 0 } };
		size_t n = 0;
		put_many(&v, MANY);
		query_init(&q);
		ck_assert_int_eq(engine_each(&v, &q, &none, count_rows, &n), ERR_OK);
		ck_assert_uint_eq(n, 7);
		finish(&v);
	}
END_TEST

START_TEST(a_query_past_its_deadline_says_so)
	{
		struct view v;
		struct row_list rows = { .n = 77 };
		put_many(&v, MANY);
		struct query q = by_id(10);
		q.deadline_ns = 1;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_BUDGET);
		ck_assert_uint_eq(rows.n, 77);
		q.deadline_ns = utime_monotonic() + 100 * NS_PER_S;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert_uint_eq(rows.total, MANY);
		finish(&v);
	}
END_TEST

START_TEST(a_scan_needs_little_memory_a_span)
	{
		struct view v;
		struct query q = by_id(10);
		struct row_list rows;
		enum { SPANS = 20000, FIXED_BYTES = 2 << 20, BYTES_A_SPAN = 72 };
		put_many(&v, SPANS);
		test_arena()->limit_bytes =
			test_arena()->used_bytes + FIXED_BYTES + (size_t)SPANS * BYTES_A_SPAN;
		if (setjmp(test_arena()->escape))
			ck_abort_msg("more than %d bytes a span", BYTES_A_SPAN);
		test_arena()->has_escape = true;
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert_uint_eq(rows.total, SPANS);
		test_arena()->has_escape = false;
		finish(&v);
	}
END_TEST

START_TEST(memory_past_the_limit_leaves_by_the_escape)
	{
		struct view v;
		struct query q = by_id(10);
		struct row_list rows;
		put_many(&v, 50000);
		test_arena()->limit_bytes = test_arena()->used_bytes + (1 << 20);
		if (setjmp(test_arena()->escape) == 0) {
			test_arena()->has_escape = true;
			ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
			ck_abort_msg("the limit was passed");
		}
		test_arena()->has_escape = false;
		finish(&v);
	}
END_TEST

START_TEST(a_row_whose_line_is_damaged_is_not_found)
	{
		struct view v;
		struct span s, spans[] = { span("a"), span("b") };
		struct query q = by_id(10);
		struct row_list rows;
		put_spans(&v, spans, 2);
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		struct str file = arena_copy(scene_arena(), scene_file(&sc, "2026-11-20.jsonl"));
		((char *)(uintptr_t)file.ptr)[rows.rows[1].at + 12] ^= 1;
		view_close(&v);
		scene_put(&sc, "2026-11-20.jsonl", file);
		ck_assert_int_eq(view_open(&sc.store, STR("w"), test_arena(), &v), ERR_OK);
		ck_assert_int_eq(engine_fetch(&v, rows.rows[0], NULL, &s, NULL), ERR_OK);
		ck_assert_int_eq(engine_fetch(&v, rows.rows[1], NULL, &s, NULL), ERR_NOT_FOUND);
		struct row_ref beyond = { .shard = 0, .len = 10, .at = 1 << 20 };
		ck_assert_int_eq(engine_fetch(&v, beyond, NULL, &s, NULL), ERR_NOT_FOUND);
		ck_assert_uint_eq(v.n_rot, 2);
		ck_assert(v.shards[0].is_damaged);
		ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
		ck_assert_uint_eq(rows.total, 1);
		ck_assert_uint_eq(v.n_rot, 3);
		finish(&v);
	}
END_TEST

START_TEST(sums_leave_out_what_repeats_and_what_nobody_has)
	{
		struct view v;
		struct span spans[] = { span("root"), span("a"), span("b") };
		struct trace_row t;
		bool found;
		span_set_i64(&spans[0], FIELD_REPEATS_USAGE, true);
		span_set_i64(&spans[0], FIELD_INPUT_TOKENS, 100);
		span_set_i64(&spans[0], FIELD_CACHED_TOKENS, 100);
		span_set_text(&spans[0], FIELD_COST_TOTAL_USD, STR("5"));
		span_set_i64(&spans[0], FIELD_STATUS, STATUS_ERROR);
		for (int i = 1; i < 3; i++) {
			span_set_text(&spans[i], FIELD_PARENT_SPAN_ID, STR("root"));
			span_set_i64(&spans[i], FIELD_INPUT_TOKENS, 30);
			span_set_text(&spans[i], FIELD_COST_TOTAL_USD, STR("0.1"));
		}
		span_set_i64(&spans[2], FIELD_OUTPUT_TOKENS, 0);
		put_spans(&v, spans, 3);
		ck_assert_int_eq(engine_trace_get(&v, STR("t"), true, &t, &found), ERR_OK);
		ck_assert(found);
		ck_assert_uint_eq(t.rollup.n_spans, 3);
		ck_assert_uint_eq(t.rollup.n_errors, 1);
		ck_assert(t.rollup.has_input_tokens && t.rollup.input_tokens == 60);
		ck_assert(t.rollup.has_output_tokens && t.rollup.output_tokens == 0);
		ck_assert(!t.rollup.has_cached_tokens && !t.rollup.has_total_tokens);
		ck_assert(t.rollup.has_cost_total && t.rollup.cost_total == 200000000000);
		ck_assert(!t.rollup.has_cost_input);
		finish(&v);
	}
END_TEST

START_TEST(costs_add_up_past_64_bits)
	{
		struct view v;
		struct span spans[] = { span("root"), span("a"), span("b") };
		struct trace_row t;
		bool found;
		for (int i = 0; i < 3; i++) {
			span_set_text(&spans[i], FIELD_COST_TOTAL_USD, STR("9000000"));
			span_set_i64(&spans[i], FIELD_TOTAL_TOKENS, INT64_MAX / 2);
			if (i)
				span_set_text(&spans[i], FIELD_PARENT_SPAN_ID, STR("root"));
		}
		put_spans(&v, spans, 3);
		ck_assert_int_eq(engine_trace_get(&v, STR("t"), true, &t, &found), ERR_OK);
		ck_assert(t.rollup.cost_total == (__int128)27000000 * 1000000000000);
		ck_assert_int_eq(t.rollup.total_tokens, INT64_MAX);
		finish(&v);
	}
END_TEST

START_TEST(a_later_root_shows_when_only_it_matches)
	{
		struct view v;
		struct span spans[] = { span("r1"), span("r2"), span("c") };
		struct trace_list list;
		int64_t error = STATUS_ERROR;
		span_set_i64(&spans[1], FIELD_STARTED_AT, SCENE_NOW + 5);
		span_set_i64(&spans[1], FIELD_STATUS, STATUS_ERROR);
		span_set_i64(&spans[2], FIELD_STATUS, STATUS_ERROR);
		span_set_text(&spans[2], FIELD_PARENT_SPAN_ID, STR("r1"));
		put_spans(&v, spans, 3);
		struct pred p = {
			.field = FIELD_STATUS, .op = OP_EQ, .numbers = &error, .n_values = 1
		};
		struct clause clause = { &p, 1 };
		struct trace_query q = { .limit = 10, .want_rollup = true };
		query_init(&q.roots);
		ck_assert_int_eq(engine_traces(&v, &q, &list), ERR_OK);
		ck_assert_uint_eq(list.n, 1);
		ck_assert_str_is(id_at(&v, list.rows[0].root), STR("r1"));
		q.roots.clauses = &clause;
		q.roots.n_clauses = 1;
		ck_assert_int_eq(engine_traces(&v, &q, &list), ERR_OK);
		ck_assert_uint_eq(list.n, 1);
		ck_assert_str_is(id_at(&v, list.rows[0].root), STR("r2"));
		ck_assert_int_eq(list.rows[0].started_ns, SCENE_NOW + 5);
		ck_assert_uint_eq(list.rows[0].rollup.n_spans, 3);
		finish(&v);
	}
END_TEST

START_TEST(a_trace_without_a_root_is_none)
	{
		struct view v;
		struct span spans[] = { span("a") };
		struct trace_row t;
		bool found = true;
		span_set_text(&spans[0], FIELD_PARENT_SPAN_ID, STR("gone"));
		put_spans(&v, spans, 1);
		ck_assert_int_eq(engine_trace_get(&v, STR("t"), false, &t, &found), ERR_OK);
		ck_assert(!found);
		finish(&v);
	}
END_TEST

/* A span with n tags, all different. */
static void put_tags(struct view *v, size_t n)
{
	struct span s = span("a");
	struct buf tags, line;
	scene_open(&sc);
	scene_workspace(&sc);
	buf_init(&tags, scene_arena());
	for (size_t i = 0; i < n; i++) {
		buf_add(&tags, i ? STR(",\"") : STR("[\""));
		buf_add_u64(&tags, i);
		buf_add_char(&tags, '"');
	}
	buf_add_char(&tags, ']');
	span_set_text(&s, FIELD_TAGS, buf_str(&tags));
	buf_init(&line, scene_arena());
	line_write(&line, &s);
	scene_put(&sc, "2026-11-20.jsonl", buf_str(&line));
	ck_assert_int_eq(view_open(&sc.store, STR("w"), test_arena(), v), ERR_OK);
}

START_TEST(groups_past_the_limit_are_refused_not_cut)
	{
		struct view v;
		struct group_query q = { .by = { FIELD_TAGS }, .n_by = 1, .limit = 1 };
		struct group_list list;
		query_init(&q.spans);
		put_tags(&v, LIMIT_GROUPS);
		ck_assert_int_eq(engine_groups(&v, &q, &list), ERR_OK);
		ck_assert_uint_eq(list.total, LIMIT_GROUPS);
		finish(&v);
		arena_release(test_arena());
		put_tags(&v, LIMIT_GROUPS + 1);
		ck_assert_int_eq(engine_groups(&v, &q, &list), ERR_BUDGET);
		finish(&v);
	}
END_TEST

/* ---- Over several days ---- */

static void close_day(int32_t day)
{
	struct index_flush how = { .all = true };
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), day, &how), ERR_OK);
}

/* A root or a span below it, 10 tokens. */
static void append_to_trace(const char *trace, const char *id, bool is_root, int64_t now_ns)
{
	struct span s = span(id);
	span_set_text(&s, FIELD_TRACE_ID, str_from_c(trace));
	span_set_i64(&s, FIELD_STARTED_AT, now_ns);
	span_set_i64(&s, FIELD_INPUT_TOKENS, 10);
	if (!is_root)
		span_set_text(&s, FIELD_PARENT_SPAN_ID, STR("root"));
	span_set_i64(&s, FIELD_INGESTED_AT, now_ns);
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, now_ns), ERR_OK);
}

/* "whole" on each day; "long" begins on the first and goes on in records of today; "new" is of
 * today, "late" has its root there. */
static void put_days(unsigned n_whole)
{
	scene_open(&sc);
	scene_workspace(&sc);
	sc.conf.sync = CONF_SYNC_NONE;
	for (int day = -2; day < 0; day++) {
		int64_t now_ns = SCENE_NOW + day * NS_PER_DAY;
		char id[32], trace[32];
		for (unsigned i = 0; i < n_whole; i++) {
			(void)snprintf(id, sizeof id, "w%d-%u", day, i);
			(void)snprintf(trace, sizeof trace, "whole%d-%u", day, i);
			append_to_trace(trace, id, true, now_ns);
		}
		append_to_trace("long", day == -2 ? "root" : "a", day == -2, now_ns);
		append_to_trace("late", day == -2 ? "b" : "c", false, now_ns);
		close_day(SCENE_DAY + day);
	}
	append_to_trace("long", "d", false, SCENE_NOW);
	append_to_trace("late", "e", true, SCENE_NOW + 1);
	append_to_trace("new", "f", true, SCENE_NOW + 2);
	append_to_trace("new", "g", false, SCENE_NOW + 3);
	scene_reopen(&sc);
}

static void must_sum_up(const struct trace_row *row, const char *trace, uint64_t n_spans)
{
	ck_assert_str_is(row->trace_id, str_from_c(trace));
	ck_assert_uint_eq(row->rollup.n_spans, n_spans);
	ck_assert_int_eq(row->rollup.input_tokens, (int64_t)n_spans * 10);
}

START_TEST(traces_are_summed_up_wherever_their_spans_stand)
	{
		enum { WHOLE = 300 }; /* more than are asked for without a filter */
		struct trace_list list;
		struct view v;
		put_days(WHOLE);
		for (int i = 0; i < 3; i++) {
			struct trace_query q = {
				.limit = 1000, .want_rollup = true, .descending = true
			};
			query_init(&q.roots);
			ck_assert_int_eq(view_open(&sc.store, STR("w"), test_arena(), &v), ERR_OK);
			ck_assert_int_eq(engine_traces(&v, &q, &list), ERR_OK);
			ck_assert_uint_eq(list.total, 2 * WHOLE + 3);
			must_sum_up(&list.rows[0], "new", 2);
			must_sum_up(&list.rows[1], "late", 3);
			size_t n = 0;
			for (size_t k = 2; k < list.n; k++) {
				bool is_long = str_eq(list.rows[k].trace_id, STR("long"));
				ck_assert_uint_eq(list.rows[k].rollup.n_spans, is_long ? 3 : 1);
				n += is_long;
			}
			ck_assert_uint_eq(n, 1);
			view_close(&v);
			arena_release(test_arena());
		}
		scene_close(&sc);
	}
END_TEST

START_TEST(a_trace_is_found_by_its_id_on_any_day)
	{
		static const struct {
			const char *id;
			uint64_t n_spans;
		} cases[] = { { "new", 2 }, { "late", 3 }, { "long", 3 }, { "whole-2-7", 1 },
			{ "whole-1-0", 1 }, { "whole-1-9", 0 } };
		struct trace_row row;
		struct view v;
		bool found;
		put_days(9);
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct str id = str_from_c(cases[i].id);
			ck_assert_int_eq(view_open(&sc.store, STR("w"), test_arena(), &v), ERR_OK);
			ck_assert_int_eq(engine_trace_get(&v, id, true, &row, &found), ERR_OK);
			ck_assert_int_eq(found, cases[i].n_spans > 0);
			if (found)
				must_sum_up(&row, cases[i].id, cases[i].n_spans);
			view_close(&v);
			arena_release(test_arena());
		}
		scene_close(&sc);
	}
END_TEST

START_TEST(a_day_that_the_index_covers_is_looked_at_once_and_not_opened)
	{
		struct query q = by_id(0);
		struct row_list rows;
		struct view v;
		put_days(3);
		for (int i = 0; i < 2; i++) { /* the first time it is compared with its index */
			ck_assert_int_eq(view_open(&sc.store, STR("w"), test_arena(), &v), ERR_OK);
			faults_use();
			ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
			ck_assert_uint_eq(rows.total, 2 * 5 + 4);
			if (i > 0) {
				ck_assert_int_eq(faults_count("fstatat 2026-11-19.jsonl"), 1);
				ck_assert_int_eq(faults_count("openat 2026-11-19.jsonl"), 0);
			}
			faults_end();
			view_close(&v);
			arena_release(test_arena());
		}
		scene_close(&sc);
	}
END_TEST

/* Spans of one trace below six parents, of which two are none and an empty one. */
static void put_children(unsigned n)
{
	static const char *const parents[] = { NULL, "p", "\\u00e9", "a b", "", "parent" };
	struct buf b;
	scene_open(&sc);
	scene_workspace(&sc);
	buf_init(&b, scene_arena());
	for (unsigned i = 0; i < n; i++) {
		const char *parent = parents[i * 7 % 6];
		char id[24];
		(void)snprintf(id, sizeof id, "%08u", i * 37 % n);
		struct span s = span(id);
		if (parent)
			span_set_text(&s, FIELD_PARENT_SPAN_ID, str_from_c(parent));
		line_write(&b, &s);
	}
	scene_put(&sc, "2026-11-20.jsonl", buf_str(&b));
}

/* The rows of a page in Opik's order, as plain texts. */
static struct str children(size_t offset, size_t limit, int *ret_n_read)
{
	struct query q = by_id(limit);
	struct row_list rows;
	struct view v;
	struct buf b;
	q.offset = offset;
	q.sort[0] = (struct sort_key){ .field = FIELD_TRACE_ID, .descending = true };
	q.sort[1] = (struct sort_key){
		.field = FIELD_PARENT_SPAN_ID, .descending = true, .absent_is_zero = true
	};
	q.sort[2] = (struct sort_key){ .field = FIELD_SPAN_ID, .descending = true };
	q.n_sort = 3;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), test_arena(), &v), ERR_OK);
	faults_use();
	ck_assert_int_eq(engine_list(&v, &q, &rows), ERR_OK);
	*ret_n_read = faults_count("pread 2026-11-20.jsonl");
	faults_end();
	buf_init(&b, scene_arena());
	for (size_t i = 0; i < rows.n; i++) {
		struct span s;
		if (engine_fetch(&v, rows.rows[i], NULL, &s, NULL) != ERR_OK) {
			buf_add(&b, STR("damaged\n"));
			continue;
		}
		buf_add(&b, json_decode(scene_arena(), span_text(&s, FIELD_PARENT_SPAN_ID)));
		buf_add_char(&b, '/');
		buf_add(&b, span_text(&s, FIELD_SPAN_ID));
		buf_add_char(&b, '\n');
	}
	view_close(&v);
	return buf_str(&b);
}

START_TEST(of_rows_with_one_parent_the_line_of_one_tells_its_text)
	{
		enum { N = 300, PARENTS = 5, FROM = 70, ROWS = 150 };
		int n_read;
		put_children(N);
		struct str all = children(0, N, &n_read); /* no index is there yet */
		close_day(SCENE_DAY);
		scene_reopen(&sc);
		(void)children(0, 1, &n_read); /* compares it with the lines */
		ck_assert_str_is(children(0, N, &n_read), all);
		ck_assert_int_gt(n_read, 0);
		ck_assert_int_le(n_read, PARENTS);
		struct str part = all, some;
		for (size_t i = 0; i < FROM; i++)
			(void)str_cut(&part, '\n');
		some = children(FROM, ROWS, &n_read);
		ck_assert(some.len > ROWS && str_starts(part, some));
		/* The line that was asked is damaged: another one of that parent tells. */
		ck_assert(str_starts(all, STR("\xc3\xa9/")));
		struct str file = arena_copy(scene_arena(), scene_file(&sc, "2026-11-20.jsonl"));
		size_t at = str_find(file, STR("\\u00e9"));
		ck_assert_uint_lt(at, file.len);
		((char *)(uintptr_t)file.ptr)[at + 5] ^= 1;
		int fd = openat(sc.dir_fd, "2026-11-20.jsonl", O_WRONLY);
		ck_assert_int_eq(pwrite(fd, file.ptr + at, 8, (off_t)at), 8);
		close(fd);
		(void)children(0, 1, &n_read);
		struct str left = children(0, N, &n_read);
		ck_assert_int_le(n_read, PARENTS + 1);
		size_t n_damaged = 0;
		while (left.len) {
			struct str row = str_cut(&left, '\n'), was = str_cut(&all, '\n');
			n_damaged += str_eq(row, STR("damaged"));
			ck_assert(str_eq(row, was) || str_eq(row, STR("damaged")));
		}
		ck_assert_uint_eq(n_damaged, 1);
		ck_assert_uint_eq(all.len, 0);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("engine", an_empty_workspace_has_empty_answers,
	the_newest_version_counts_wherever_it_stands, pages_tell_whether_there_are_more,
	a_page_before_a_position_ends_there, iteration_stops_when_told,
	a_query_past_its_deadline_says_so, a_scan_needs_little_memory_a_span,
	memory_past_the_limit_leaves_by_the_escape, a_row_whose_line_is_damaged_is_not_found,
	sums_leave_out_what_repeats_and_what_nobody_has, costs_add_up_past_64_bits,
	a_later_root_shows_when_only_it_matches, a_trace_without_a_root_is_none,
	groups_past_the_limit_are_refused_not_cut, traces_are_summed_up_wherever_their_spans_stand,
	a_trace_is_found_by_its_id_on_any_day,
	a_day_that_the_index_covers_is_looked_at_once_and_not_opened,
	of_rows_with_one_parent_the_line_of_one_tells_its_text)
