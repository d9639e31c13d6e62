/*
 * Appending: what stands in the files afterwards, and which rule made it so.
 */
#include "scene.h"

#include "base/io.h"

#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

static const char shard[] = "2026-11-20.jsonl";

START_TEST(an_appended_span_is_read_back)
	{
		scene_open(&sc);
		struct span s = scene_span(1, SCENE_NOW, 10);
		span_set_text(&s, FIELD_NAME, STR("gr\\u00fc\\n\xc3\x9f"));
		s.extra = STR("\"x\":{\"y\":[1,2.50]}");
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, SCENE_NOW),
			ERR_OK);
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 1);
		ck_assert(span_same_identity(&lines.spans[0], &s));
		ck_assert_str_is(
			span_text(&lines.spans[0], FIELD_NAME), STR("gr\\u00fc\\n\xc3\x9f"));
		ck_assert_str_is(lines.spans[0].extra, STR("\"x\":{\"y\":[1,2.50]}"));
		ck_assert_str_is(span_text(&lines.spans[0], FIELD_OUTPUT), STR("\"bbbbbbbbbb\""));
		ck_assert(scene_has(&sc, shard) && scene_has(&sc, "2026-11-20.lock"));
		scene_close(&sc);
	}
END_TEST

START_TEST(an_unknown_workspace_is_made_only_when_asked)
	{
		scene_open(&sc);
		struct span s = scene_span(1, SCENE_NOW, 10);
		bool exists;
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), false, scene_arena(), &s, 1, SCENE_NOW),
			ERR_NOT_FOUND);
		ck_assert_int_eq(workspace_exists(&sc.store, STR("w"), &exists), ERR_OK);
		ck_assert(!exists);
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), false, scene_arena(), &s, 1, SCENE_NOW),
			ERR_OK);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_version_of_an_earlier_day_is_named)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW - NS_PER_DAY);
		struct span spans[3] = { scene_span(1, SCENE_NOW - NS_PER_DAY, 5),
			scene_span(2, SCENE_NOW, 5), scene_span(1, SCENE_NOW, 6) };
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, scene_arena(), spans, 3, SCENE_NOW),
			ERR_OK);
		ck_assert_int_eq(spans[0].prev_day, SCENE_DAY - 1);
		ck_assert_int_eq(spans[1].prev_day, SPAN_NO_DAY);
		ck_assert_int_eq(spans[2].prev_day, SCENE_DAY - 1);
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 4);
		ck_assert_int_eq(lines.spans[0].prev_day, SPAN_NO_DAY);
		ck_assert_int_eq(lines.spans[1].prev_day, SCENE_DAY - 1);
		ck_assert_int_eq(lines.spans[2].prev_day, SPAN_NO_DAY);
		/* Today once more: it still replaces the one of yesterday. */
		scene_must_append(&sc, 1, SCENE_NOW);
		lines = scene_read(&sc);
		ck_assert_int_eq(lines.spans[4].prev_day, SCENE_DAY - 1);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_transaction_sees_what_is_stored_and_what_it_added)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		struct append t;
		struct span s;
		bool found;
		ck_assert_int_eq(
			append_begin(&t, &sc.store, STR("w"), true, scene_arena(), SCENE_NOW),
			ERR_OK);
		ck_assert_int_eq(
			append_find(&t, STR_NULL, STR_NULL, scene_id(2), &s, &found), ERR_OK);
		ck_assert(!found);
		ck_assert_int_eq(
			append_find(&t, STR("test"), STR("t1"), scene_id(1), &s, &found), ERR_OK);
		ck_assert(found);
		ck_assert_str_is(span_text(&s, FIELD_OUTPUT), STR("\"bbbbbbbbbbbbbbbbbbbb\""));
		span_set_text(&s, FIELD_NAME, STR("second"));
		span_set_i64(&s, FIELD_UPDATED_AT, SCENE_NOW + 1);
		append_add(&t, &s);
		for (unsigned n = 10; n < 20; n++) {
			struct span more = scene_span(n, SCENE_NOW, 5);
			append_add(&t, &more);
		}
		ck_assert_int_eq(
			append_find(&t, STR_NULL, STR_NULL, scene_id(1), &s, &found), ERR_OK);
		ck_assert(found);
		ck_assert_str_is(span_text(&s, FIELD_NAME), STR("second"));
		ck_assert_int_eq(append_commit(&t), ERR_OK);
		ck_assert_uint_eq(scene_read(&sc).n, 12);
		struct view v;
		struct row_ref ref;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(
			lookup_span(&v, STR_NULL, STR_NULL, scene_id(1), &s, &ref, &found), ERR_OK);
		ck_assert(found);
		ck_assert_str_is(span_text(&s, FIELD_NAME), STR("second"));
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(an_aborted_transaction_leaves_nothing_and_no_lock)
	{
		scene_open(&sc);
		struct append t;
		struct span s = scene_span(1, SCENE_NOW, 5);
		int fds = scene_open_fds();
		ck_assert_int_eq(
			append_begin(&t, &sc.store, STR("w"), true, scene_arena(), SCENE_NOW),
			ERR_OK);
		append_add(&t, &s);
		append_abort(&t);
		ck_assert_int_eq(scene_open_fds(), fds);
		ck_assert_uint_eq(scene_read(&sc).n, 0);
		scene_must_append(&sc, 2, SCENE_NOW);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("append", an_appended_span_is_read_back, an_unknown_workspace_is_made_only_when_asked,
	a_version_of_an_earlier_day_is_named, a_transaction_sees_what_is_stored_and_what_it_added,
	an_aborted_transaction_leaves_nothing_and_no_lock)
