/*
 * The row log: a record a span, made by whoever appends, fails at it or dies of it, and started
 * again after a flush.
 */
#include "faults.h"
#include "index_scene.h"

#include "base/io.h"
#include "index/admin.h"
#include "index/flush.h"
#include "index/rowlog/row.h"
#include "query/engine.h"

#include <errno.h>

static struct scene sc;

static const char log_file[] = "2026-11-20.idx/0.live";

/* Returns a span with more fields than scene_span() sets; records have no room for the last two. */
static struct span wide_span(unsigned n)
{
	struct span s = scene_span(n, SCENE_NOW, 20);
	span_set_text(&s, FIELD_MODEL, STR("a model"));
	span_set_i64(&s, FIELD_TOTAL_TOKENS, 1000 + n);
	span_set_i64(&s, FIELD_STATUS, STATUS_ERROR);
	span_set_text(&s, FIELD_SESSION_ID, STR("a session"));
	span_set_text(&s, FIELD_DATASET_NAME, n % 2 ? STR("odd") : STR("even"));
	span_set_text(&s, FIELD_PROMPT_VERSION, STR("7"));
	return s;
}

static enum err append_wide_to(struct store *s, unsigned n)
{
	struct span span = wide_span(n);
	return store_append(s, STR("w"), true, scene_arena(), &span, 1, SCENE_NOW);
}

static void must_append_wide(unsigned n)
{
	ck_assert_int_eq(append_wide_to(&sc.store, n), ERR_OK);
}

static size_t log_bytes(size_t n)
{
	return sizeof(struct rowlog_header) + n * sizeof(struct rowlog_row);
}

static struct rowlog_row record(size_t i)
{
	struct rowlog_row r;
	struct str bytes = scene_file(&sc, log_file);
	ck_assert_uint_ge(bytes.len, log_bytes(i + 1));
	memcpy(&r, bytes.ptr + log_bytes(i), sizeof r);
	return r;
}

/* No damage, and so many records that cover all lines. */
static void must_have_records(uint64_t n)
{
	struct index_verified found;
	ck_assert_int_eq(
		index_verify_day(&sc.store, STR("w"), SCENE_DAY, NULL, NULL, &found), ERR_OK);
	ck_assert_uint_eq(found.n_damaged, 0);
	ck_assert_uint_eq(found.n_log, n);
	ck_assert_int_eq(found.covered, found.size_bytes);
}

START_TEST(all_records_have_one_width)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		must_append_wide(2);
		scene_must_append(&sc, 3, SCENE_NOW);
		ck_assert_uint_eq(scene_file(&sc, log_file).len, log_bytes(3));
		must_have_records(3);
		must_see_the_same(&sc, "records of all widths");
		scene_close(&sc);
	}
END_TEST

START_TEST(a_version_of_a_row_in_a_segment_is_linked)
	{
		const struct index_flush how = { .all = true };
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
		scene_must_append(&sc, 4, SCENE_NOW);
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_uint_eq(record(0).flags & ROWLOG_LINKED, 0);
		ck_assert_uint_eq(record(1).flags & ROWLOG_LINKED, ROWLOG_LINKED);
		must_have_records(2);
		must_see_the_same(&sc, "a link");
		scene_close(&sc);
	}
END_TEST

static bool count_span(void *user, const struct span *s, struct row_ref ref)
{
	(void)s;
	(void)ref;
	++*(uint64_t *)user;
	return true;
}

/* Returns how many spans have that dataset. */
static uint64_t count_of_dataset(struct str name)
{
	static const struct field_set nothing = { { 0 } };
	struct pred is = {
		.field = FIELD_DATASET_NAME, .op = OP_EQ, .texts = &name, .n_values = 1
	};
	struct clause clause = { &is, 1 };
	struct query q;
	struct view v;
	uint64_t n = 0;
	query_init(&q);
	q.clauses = &clause;
	q.n_clauses = 1;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	ck_assert_int_eq(engine_each(&v, &q, &nothing, count_span, &n), ERR_OK);
	view_close(&v);
	return n;
}

START_TEST(fields_that_records_have_no_room_for_are_read_from_the_lines)
	{
		const struct index_flush how = { .all = true };
		ck_assert(!rowlog_keeps(FIELD_DATASET_NAME));
		scene_open(&sc);
		for (unsigned n = 1; n <= 5; n++)
			must_append_wide(n);
		scene_must_append(&sc, 6, SCENE_NOW);
		must_have_records(6);
		for (int is_flushed = 0; is_flushed < 2; is_flushed++) {
			ck_assert_uint_eq(count_of_dataset(STR("odd")), 3);
			ck_assert_uint_eq(count_of_dataset(STR("even")), 2);
			ck_assert_uint_eq(count_of_dataset(STR("7")), 0);
			ck_assert_int_eq(
				index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
		}
		must_have_records(0);
		scene_close(&sc);
	}
END_TEST

START_TEST(two_writers_append_to_one_log)
	{
		struct store other;
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_int_eq(store_open(&other, &sc.conf), ERR_OK);
		ck_assert_int_eq(append_wide_to(&other, 2), ERR_OK);
		scene_must_append(&sc, 3, SCENE_NOW);
		must_append_wide(4);
		ck_assert_int_eq(append_wide_to(&other, 5), ERR_OK);
		must_have_records(5);
		must_see_the_same(&sc, "two writers");
		store_close(&other);
		scene_close(&sc);
	}
END_TEST

START_TEST(records_after_a_damaged_one_are_not_believed)
	{
		const struct index_flush how = { .all = true };
		scene_open(&sc);
		for (unsigned n = 1; n <= 3; n++)
			scene_must_append(&sc, n, SCENE_NOW);
		struct str bytes = arena_copy(scene_arena(), scene_file(&sc, log_file));
		char *p = (char *)(uintptr_t)bytes.ptr + log_bytes(1) +
			  offsetof(struct rowlog_row, identity);
		*p = (char)(*p ^ 1);
		scene_put(&sc, log_file, bytes);
		scene_reopen(&sc);
		must_append_wide(4);
		must_see_the_same(&sc, "damaged records");
		ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
		must_see_the_same(&sc, "and flushed");
		must_append_wide(5);
		must_see_the_same(&sc, "and one more");
		must_have_records(1);
		scene_close(&sc);
	}
END_TEST

/* ---- Records that are made from lines ---- */

/* Lines without records come while the file is started anew. */
static void append_without_index(void *user)
{
	struct conf conf = sc.conf;
	struct store other;
	(void)user;
	conf.index = false;
	ck_assert_int_eq(store_open(&other, &conf), ERR_OK);
	for (unsigned n = 10; n < 14; n++) {
		struct span s = n % 2 ? wide_span(n) : scene_span(n, SCENE_NOW, 20);
		ck_assert_int_eq(
			store_append(&other, STR("w"), true, scene_arena(), &s, 1, SCENE_NOW),
			ERR_OK);
	}
	store_close(&other);
}

START_TEST(lines_that_come_during_a_flush_get_records)
	{
		const struct index_flush how = { .all = true };
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		faults_use();
		faults.hook_at = "renameat";
		faults.hook = append_without_index;
		ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
		ck_assert_ptr_null(faults.hook_at);
		faults_end();
		must_have_records(4);
		must_see_the_same(&sc, "records from lines");
		scene_close(&sc);
	}
END_TEST

/* Appends a torn line with the lines of append_without_index() around it. */
static void append_torn(void *user)
{
	append_without_index(user);
	struct str lines = scene_file(&sc, "2026-11-20.jsonl");
	struct str torn = arena_printf(scene_arena(), "%.*s{\"span_id\":\"torn\n", STR_ARG(lines));
	scene_put(&sc, "2026-11-20.jsonl", torn);
	append_without_index(user);
}

START_TEST(a_torn_line_during_a_flush_ends_the_records)
	{
		const struct index_flush how = { .all = true };
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		faults_use();
		faults.hook_at = "renameat";
		faults.hook = append_torn;
		ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
		faults_end();
		must_see_the_same(&sc, "a torn line");
		must_append_wide(20);
		must_see_the_same(&sc, "and one more");
		ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
		must_have_records(0);
		must_see_the_same(&sc, "and flushed");
		scene_close(&sc);
	}
END_TEST

/* ---- Failing and dying ---- */

static void begin(void)
{
	scene_open(&sc);
	for (unsigned n = 1; n <= 20; n++)
		scene_must_append(&sc, n, SCENE_NOW);
}

static void go_on(int at, const char *what)
{
	char text[64];
	(void)snprintf(text, sizeof text, "%s %d", what, at);
	must_see_the_same(&sc, text);
	scene_reopen(&sc);
	must_see_the_same(&sc, text);
	must_append_wide(31);
	scene_must_append(&sc, 32, SCENE_NOW);
	must_see_the_same(&sc, text);
	(void)index_maintain(&sc.store, INDEX_ALL_AT_ONCE);
	must_append_wide(33);
	must_see_the_same(&sc, text);
	const struct index_flush how = { .all = true };
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
	must_have_records(0);
	must_see_the_same(&sc, text);
	scene_close(&sc);
}

START_TEST(whatever_fails_at_an_append_answers_stay_right)
	{
		for (int at = 0, n_calls = 1; at < n_calls; at++) {
			begin();
			faults_use();
			faults.fail_at = at;
			faults.error = at % 2 ? ENOSPC : EIO;
			(void)append_wide_to(&sc.store, 30);
			n_calls = faults.n;
			faults_end();
			go_on(at, "failed at call");
		}
	}
END_TEST

static enum err append_one(void)
{
	return append_wide_to(&sc.store, 30);
}

START_TEST(whoever_dies_at_an_append_leaves_what_was_there)
	{
		bool died = true;
		for (int at = 0; died; at++) {
			begin();
			died = faults_kill(at, append_one);
			go_on(at, "died at call");
		}
	}
END_TEST

UNIT_MAIN("rowlog", all_records_have_one_width, a_version_of_a_row_in_a_segment_is_linked,
	fields_that_records_have_no_room_for_are_read_from_the_lines, two_writers_append_to_one_log,
	records_after_a_damaged_one_are_not_believed, lines_that_come_during_a_flush_get_records,
	a_torn_line_during_a_flush_ends_the_records, whatever_fails_at_an_append_answers_stay_right,
	whoever_dies_at_an_append_leaves_what_was_there)
