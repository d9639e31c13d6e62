/*
 * Appending: what stands in the files afterwards, and which rule made it so.
 */
#include "faults.h"
#include "scene.h"

#include "base/io.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
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

static struct timespec seconds_ago(int n)
{
	return (struct timespec){ .tv_sec = utime_now() / NS_PER_S - n, .tv_nsec = 123456789 };
}

static void set_changed(struct timespec t)
{
	const struct timespec times[2] = { t, t };
	scene_workspace(&sc);
	ck_assert_int_eq(utimensat(sc.dir_fd, "2026-11-20.idx", times, 0), 0);
	ck_assert_int_eq(futimens(sc.dir_fd, times), 0);
}

START_TEST(a_listing_is_kept_while_the_directory_is_as_it_was)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		set_changed(seconds_ago(60));
		scene_must_append(&sc, 2, SCENE_NOW); /* lists it */
		faults_use();
		scene_must_append(&sc, 3, SCENE_NOW);
		ck_assert_int_eq(faults_count("openat ."), 0);
		ck_assert_int_le(faults.n, 32); /* all that a single span takes */
		faults_end();
		scene_put_sealed(&sc, "2026-11-20.jsonl.zst");
		scene_must_append(&sc, 4, SCENE_NOW);
		ck_assert(scene_has(&sc, "2026-11-21.jsonl"));
		scene_close(&sc);
	}
END_TEST

START_TEST(a_listing_made_just_after_a_change_is_not_kept)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		struct timespec t = seconds_ago(1);
		set_changed(t);
		scene_must_append(&sc, 2, SCENE_NOW);
		/* A further change, within one tick of the file system's clock. */
		scene_put_sealed(&sc, "2026-11-20.jsonl.zst");
		set_changed(t);
		scene_must_append(&sc, 3, SCENE_NOW);
		ck_assert(scene_has(&sc, "2026-11-21.jsonl"));
		scene_close(&sc);
	}
END_TEST

START_TEST(more_workspaces_than_are_remembered_keep_apart)
	{
		enum { WORKSPACES = 20 };
		scene_open(&sc);
		for (unsigned turn = 0; turn < 3; turn++)
			for (unsigned i = 0; i < WORKSPACES; i++) {
				struct span s = scene_span(i, SCENE_NOW, 5);
				ck_assert_int_eq(store_append(&sc.store,
							 arena_printf(scene_arena(), "w%u", i),
							 true, scene_arena(), &s, 1,
							 SCENE_NOW + (int64_t)turn * NS_PER_DAY),
					ERR_OK);
				ck_assert_int_eq(s.prev_day,
					turn ? SCENE_DAY + (int32_t)turn - 1 : SPAN_NO_DAY);
			}
		scene_close(&sc);
	}
END_TEST

START_TEST(a_limit_on_the_size_of_files_is_a_full_disk)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		size_t size = scene_file(&sc, shard).len;
		pid_t pid = fork();
		if (pid == 0) {
			(void)signal(SIGXFSZ, SIG_IGN); /* as the gateway does */
			const struct rlimit limit = { .rlim_cur = size + 50,
				.rlim_max = size + 50 };
			if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
				_exit(2);
			_exit(scene_append(&sc, 2, SCENE_NOW) != ERR_FULL);
		}
		int status;
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		ck_assert_uint_eq(scene_file(&sc, shard).len, size + 50);
		scene_must_append(&sc, 3, SCENE_NOW);
		ck_assert_uint_eq(scene_count(&sc, 1), 1);
		ck_assert_uint_eq(scene_count(&sc, 3), 1);
		scene_close(&sc);
	}
END_TEST

static void remove_workspace(void *user)
{
	(void)user;
	scene_remove_tree(sc.store.root_fd, "w");
}

START_TEST(a_workspace_removed_while_we_wait_is_no_place_to_write)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		int fds = scene_open_fds();
		faults_use();
		faults.hook_at = "flock 2026-11-20.lock";
		faults.hook = remove_workspace;
		ck_assert_int_eq(scene_append(&sc, 2, SCENE_NOW), ERR_IO);
		faults_end();
		ck_assert_int_eq(scene_open_fds(), fds);
		scene_must_append(&sc, 3, SCENE_NOW); /* into a new one */
		ck_assert_uint_eq(scene_read(&sc).n, 1);
		scene_close(&sc);
	}
END_TEST

/* False when the arena ran out. */
static bool append_within(size_t arena_bytes)
{
	struct arena small;
	struct span s[3];
	volatile bool is_done = false;
	for (unsigned i = 0; i < 3; i++)
		s[i] = scene_span(1 + i, SCENE_NOW, 9000);
	arena_init(&small, arena_bytes);
	if (setjmp(small.escape) == 0) {
		small.has_escape = true;
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, &small, s, 3, SCENE_NOW), ERR_OK);
		is_done = true;
	}
	arena_release(&small);
	return is_done;
}

START_TEST(an_arena_that_runs_out_leaves_no_lock_and_no_line)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW - NS_PER_DAY);
		scene_must_append(&sc, 9, SCENE_NOW);
		scene_workspace(&sc);
		int lock = openat(sc.dir_fd, "2026-11-20.lock", O_RDWR);
		ck_assert_int_ge(lock, 0);
		unsigned failed = 0;
		for (size_t n = 0; !append_within(n); n += 1500, failed++) {
			ck_assert_int_eq(flock(lock, LOCK_EX | LOCK_NB), 0);
			ck_assert_int_eq(flock(lock, LOCK_UN), 0);
			ck_assert_uint_eq(scene_read(&sc).n, 2);
		}
		ck_assert_uint_gt(failed, 10);
		ck_assert_uint_eq(scene_read(&sc).n, 5);
		close(lock);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("append", an_appended_span_is_read_back, an_unknown_workspace_is_made_only_when_asked,
	a_version_of_an_earlier_day_is_named, a_transaction_sees_what_is_stored_and_what_it_added,
	an_aborted_transaction_leaves_nothing_and_no_lock,
	a_listing_is_kept_while_the_directory_is_as_it_was,
	a_listing_made_just_after_a_change_is_not_kept,
	more_workspaces_than_are_remembered_keep_apart, a_limit_on_the_size_of_files_is_a_full_disk,
	a_workspace_removed_while_we_wait_is_no_place_to_write,
	an_arena_that_runs_out_leaves_no_lock_and_no_line)
