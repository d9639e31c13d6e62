/* Which lines a list of traces reads: those that it shows, and few others. */
#include "scene.h"

#include "base/io.h"
#include "index/flush.h"
#include "index/index.h"
#include "query/engine.h"

static struct scene sc;

/* ---- How much is read ---- */

static size_t n_read;

static ssize_t counted_pread(int fd, void *buf, size_t n, off_t at)
{
	ssize_t got = io_system.pread(fd, buf, n, at);
	n_read += got > 0 ? (size_t)got : 0;
	return got;
}

static struct io_table counting;

static void count_reads(void)
{
	counting = io_system;
	counting.pread = counted_pread;
	io = &counting;
	n_read = 0;
}

static size_t reads_counted(void)
{
	io = &io_system;
	return n_read;
}

static void close_day(void)
{
	const struct index_flush how = { .all = true };
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
}

static void open_view(struct view *v)
{
	struct index_set set;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), v), ERR_OK);
	ck_assert_int_eq(index_open(v, &set), ERR_OK);
}

/* ---- Traces without a root ---- */

static void put_rootless(unsigned n)
{
	struct span *spans = arena_calloc(scene_arena(), n, sizeof *spans);
	for (unsigned i = 0; i < n; i++) {
		spans[i] = scene_span(i, SCENE_NOW + (int64_t)i, 1000);
		span_set_text(&spans[i], FIELD_TRACE_ID, arena_printf(scene_arena(), "t%u", i));
		span_set_text(&spans[i], FIELD_PARENT_SPAN_ID, STR("elsewhere"));
		span_set_i64(&spans[i], FIELD_STATUS, i % 3 ? STATUS_SUCCESS : STATUS_ERROR);
	}
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), spans, n, SCENE_NOW),
		ERR_OK);
}

/* There may be as many as spans. */
START_TEST(which_traces_without_a_root_are_asked_for_is_told_by_the_index)
	{
		enum { TRACES = 300, FEW_LINES = 10 * 1000 };
		static const int64_t error = STATUS_ERROR;
		struct pred is_error = {
			.field = FIELD_STATUS, .op = OP_EQ, .numbers = &error, .n_values = 1
		};
		struct clause clause = { &is_error, 1 };
		struct trace_query q = { .descending = true, .limit = 1, .with_rootless = true };
		query_init(&q.roots);
		q.roots.clauses = &clause;
		q.roots.n_clauses = 1;
		scene_open(&sc);
		put_rootless(TRACES);
		close_day();
		scene_reopen(&sc);
		struct view v;
		struct trace_list traces;
		open_view(&v);
		count_reads();
		ck_assert_int_eq(engine_traces(&v, &q, &traces), ERR_OK);
		size_t n_bytes = reads_counted();
		ck_assert_uint_eq(traces.total, TRACES / 3);
		ck_assert_str_is(traces.rows[0].trace_id, STR("t297"));
		ck_assert_uint_lt(n_bytes, FEW_LINES);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("trace_lines", which_traces_without_a_root_are_asked_for_is_told_by_the_index)
