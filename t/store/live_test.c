/*
 * The file of live records has room for what its spans have; it is made wider when one comes that
 * has more, whoever does it, fails at it or dies of it.
 */
#include "faults.h"
#include "index_scene.h"

#include "base/io.h"
#include "index/admin.h"
#include "index/flush.h"

#include <errno.h>

static struct scene sc;

static const char live_file[] = "2026-11-20.idx/0.live";

enum { WIDE_VALUES = 4 };

/* Or a narrow one: the fields that scene_span() sets. */
static struct span wide_span(unsigned n)
{
	struct span s = scene_span(n, SCENE_NOW, 20);
	span_set_text(&s, FIELD_MODEL, STR("a model"));
	span_set_i64(&s, FIELD_TOTAL_TOKENS, 1000 + n);
	span_set_i64(&s, FIELD_STATUS, STATUS_ERROR);
	span_set_text(&s, FIELD_SESSION_ID, STR("a session"));
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

static struct live_header header(void)
{
	struct live_header h;
	struct str bytes = scene_file(&sc, live_file);
	ck_assert_uint_ge(bytes.len, sizeof h);
	memcpy(&h, bytes.ptr, sizeof h);
	return h;
}

/* No damage, and so many records that cover all lines. */
static void must_have_records(uint64_t n)
{
	struct index_verified found;
	ck_assert_int_eq(
		index_verify_day(&sc.store, STR("w"), SCENE_DAY, NULL, NULL, &found), ERR_OK);
	ck_assert_uint_eq(found.n_damaged, 0);
	ck_assert_uint_eq(found.n_live, n);
	ck_assert_int_eq(found.covered, found.size_bytes);
}

START_TEST(a_record_has_room_for_what_the_spans_have_and_no_more)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		struct live_header narrow = header();
		ck_assert_uint_eq(narrow.row_bytes, sizeof(struct live_row) + 5 * sizeof(uint64_t));
		ck_assert_uint_eq(narrow.extras, 0);
		ck_assert_uint_eq(scene_file(&sc, live_file).len, sizeof narrow + narrow.row_bytes);
		must_append_wide(2);
		struct live_header wide = header();
		ck_assert_uint_eq(
			wide.row_bytes, narrow.row_bytes + WIDE_VALUES * sizeof(uint64_t));
		scene_must_append(&sc, 3, SCENE_NOW);
		ck_assert_uint_eq(header().row_bytes, wide.row_bytes);
		ck_assert_uint_eq(scene_file(&sc, live_file).len, sizeof wide + 3 * wide.row_bytes);
		must_have_records(3);
		/* Another version of a closed row has to be named. */
		const struct index_closing how = { .all = true };
		ck_assert_int_eq(index_close_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
		scene_must_append(&sc, 4, SCENE_NOW);
		ck_assert_uint_eq(header().extras, 0);
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_uint_eq(header().extras, LIVE_OTHER);
		must_have_records(2);
		must_see_the_same(&sc, "wider for the place of another version");
		scene_close(&sc);
	}
END_TEST

START_TEST(who_knows_a_narrower_file_writes_to_the_wider_one)
	{
		struct store other;
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_int_eq(store_open(&other, &sc.conf), ERR_OK);
		ck_assert_int_eq(append_wide_to(&other, 2), ERR_OK);
		struct live_header wide = header();
		scene_must_append(&sc, 3, SCENE_NOW);
		must_append_wide(4);
		ck_assert_int_eq(append_wide_to(&other, 5), ERR_OK);
		struct live_header now = header();
		ck_assert_mem_eq(&wide, &now, sizeof wide);
		must_have_records(5);
		must_see_the_same(&sc, "two writers");
		store_close(&other);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_damaged_record_is_not_made_good_when_the_file_is_made_wider)
	{
		scene_open(&sc);
		for (unsigned n = 1; n <= 3; n++)
			scene_must_append(&sc, n, SCENE_NOW);
		struct str bytes = arena_copy(scene_arena(), scene_file(&sc, live_file));
		char *p = (char *)(uintptr_t)bytes.ptr + sizeof(struct live_header) +
			  header().row_bytes + offsetof(struct live_row, identity);
		*p = (char)(*p ^ 1);
		scene_put(&sc, live_file, bytes);
		scene_reopen(&sc);
		sc.store.tidies_later = true;
		must_append_wide(4);
		ck_assert_str_is(scene_file(&sc, live_file), bytes);
		must_see_the_same(&sc, "damaged records");
		index_keep_up(&sc.store);
		must_see_the_same(&sc, "and closed");
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

START_TEST(records_that_are_made_from_lines_have_room_for_all_of_them)
	{
		const struct index_closing how = { .all = true };
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		uint32_t narrow = header().row_bytes;
		faults_use();
		faults.hook_at = "renameat";
		faults.hook = append_without_index;
		ck_assert_int_eq(index_close_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
		ck_assert_ptr_null(faults.hook_at);
		faults_end();
		ck_assert_uint_eq(header().row_bytes, narrow + WIDE_VALUES * sizeof(uint64_t));
		must_have_records(4);
		must_see_the_same(&sc, "records from lines");
		scene_close(&sc);
	}
END_TEST

/* ---- Failing and dying ---- */

static void begin_narrow(void)
{
	scene_open(&sc);
	for (unsigned n = 1; n <= 20; n++) /* more than are copied at once */
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
	index_tidy(&sc.store);
	must_append_wide(33);
	must_see_the_same(&sc, text);
	const struct index_closing how = { .all = true };
	ck_assert_int_eq(index_close_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
	must_have_records(0);
	ck_assert(!scene_has(&sc, "2026-11-20.idx/0.live.tmp"));
	must_see_the_same(&sc, text);
	scene_close(&sc);
}

START_TEST(whatever_fails_while_it_is_made_wider_answers_stay_right)
	{
		for (int at = 0, n_calls = 1; at < n_calls; at++) {
			begin_narrow();
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

START_TEST(whoever_dies_while_it_is_made_wider_leaves_what_was_there)
	{
		bool died = true;
		for (int at = 0; died; at++) {
			begin_narrow();
			died = faults_kill(at, append_one);
			go_on(at, "died at call");
		}
	}
END_TEST

UNIT_MAIN("live", a_record_has_room_for_what_the_spans_have_and_no_more,
	who_knows_a_narrower_file_writes_to_the_wider_one,
	a_damaged_record_is_not_made_good_when_the_file_is_made_wider,
	records_that_are_made_from_lines_have_room_for_all_of_them,
	whatever_fails_while_it_is_made_wider_answers_stay_right,
	whoever_dies_while_it_is_made_wider_leaves_what_was_there)
