/*
 * The rules of writing (doc/shard-format.md#writing), each by what happens without it.
 */
#include "faults.h"
#include "scene.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scene sc;

static const char shard[] = "2026-11-20.jsonl", lock[] = "2026-11-20.lock";

static void watch(void)
{
	faults_use();
	faults_name(sc.store.root_fd, "ROOT");
}

static int must_find(const char *text, int from)
{
	int at = faults_find(text, from);
	if (at < 0)
		for (int i = 0; i < faults.n; i++)
			fprintf(stderr, "%d %s\n", i, faults.call[i]);
	ck_assert_msg(at >= 0, "no \"%s\" after call %d", text, from);
	return at;
}

/* ---- The order of the calls ---- */

START_TEST(the_file_is_opened_and_written_under_the_lock_and_synced_after_it)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		watch();
		scene_must_append(&sc, 2, SCENE_NOW);
		int at = must_find("flock 2026-11-20.lock", 0);
		ck_assert_int_eq(faults_find("openat 2026-11-20.jsonl", 0),
			must_find("openat 2026-11-20.jsonl", at));
		at = must_find("openat 2026-11-20.jsonl", at);
		at = must_find("write 2026-11-20.jsonl", at);
		at = must_find("fstat 2026-11-20.jsonl", at);
		at = must_find("close 2026-11-20.lock", at);
		at = must_find("fdatasync 2026-11-20.jsonl", at);
		must_find("close 2026-11-20.jsonl", at);
		ck_assert_int_eq(faults_count("write 2026-11-20.jsonl"), 1);
		ck_assert_int_eq(faults_count("write "), 2); /* and a live record */
		ck_assert_int_eq(faults_count("fdatasync "), 1);
		ck_assert_int_eq(faults_count("fsync "), 0);
		scene_close(&sc);
	}
END_TEST

START_TEST(the_path_is_synced_before_the_first_byte)
	{
		scene_open(&sc);
		watch();
		scene_must_append(&sc, 1, SCENE_NOW);
		int at = must_find("openat 2026-11-20.jsonl", 0);
		int dir = must_find("fsync w", at), root = must_find("fsync ROOT", at);
		int first = must_find("write 2026-11-20.jsonl", 0);
		ck_assert_int_lt(dir, first);
		ck_assert_int_lt(root, first);
		/* Also when somebody else made the file and died. */
		scene_put(&sc, "2026-11-21.jsonl", STR(""));
		watch();
		scene_must_append(&sc, 2, SCENE_NOW + NS_PER_DAY);
		ck_assert_int_lt(must_find("fsync w", 0), must_find("write 2026-11-21", 0));
		scene_close(&sc);
	}
END_TEST

START_TEST(a_single_span_takes_few_calls)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		watch();
		scene_must_append(&sc, 2, SCENE_NOW);
		/* The directories have just changed, so they are listed again: four times two
		 * calls. */
		for (int i = 0; i < faults.n; i++)
			if (faults.n > 42)
				fprintf(stderr, "%s\n", faults.call[i]);
		ck_assert_int_le(faults.n, 42);
		scene_close(&sc);
	}
END_TEST

START_TEST(without_sync_nothing_is_synced)
	{
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		watch();
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_int_eq(faults_count("fdatasync"), 0);
		ck_assert_int_eq(faults_count("fsync"), 0);
		scene_close(&sc);
	}
END_TEST

/* ---- What is refused ---- */

START_TEST(a_lock_that_is_held_makes_us_busy_until_it_is_free)
	{
		scene_open(&sc);
		sc.conf.lock_ms = 60;
		struct scene_holder h = scene_hold(&sc, SCENE_DAY);
		int fds = scene_open_fds();
		ck_assert_int_eq(scene_append(&sc, 1, SCENE_NOW), ERR_BUSY);
		ck_assert_int_eq(scene_open_fds(), fds);
		scene_release(h);
		ck_assert_uint_eq(scene_read(&sc).n, 0);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_disk_that_is_nearly_full_takes_nothing_more)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		struct str before = scene_file(&sc, shard);
		sc.conf.free_bytes = 1 << 20;
		watch();
		faults.free_bytes = 1 << 20;
		ck_assert_int_eq(scene_append(&sc, 2, SCENE_NOW), ERR_FULL);
		ck_assert_int_eq(faults_count("write"), 0);
		faults.free_bytes = (1 << 20) + 65536;
		scene_must_append(&sc, 2, SCENE_NOW);
		faults_end();
		ck_assert(str_starts(scene_file(&sc, shard), before));
		scene_close(&sc);
	}
END_TEST

static void append_without_lock(void *user)
{
	(void)user;
	int fd = openat(sc.dir_fd, shard, O_WRONLY | O_APPEND);
	ck_assert_int_eq(write(fd, "x\n", 2), 2);
	close(fd);
}

START_TEST(a_writer_that_ignores_the_lock_is_noticed)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_workspace(&sc);
		watch();
		faults.hook_at = "write 2026-11-20.jsonl";
		faults.hook = append_without_lock;
		ck_assert_int_eq(scene_append(&sc, 2, SCENE_NOW), ERR_IO);
		faults_end();
		scene_must_append(&sc, 3, SCENE_NOW);
		ck_assert_uint_eq(scene_count(&sc, 1), 1);
		ck_assert_uint_eq(scene_count(&sc, 3), 1);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_line_may_be_as_long_as_the_limit_and_no_longer)
	{
		scene_open(&sc);
		struct span s = scene_span(1, SCENE_NOW, 500);
		struct buf line;
		buf_init(&line, scene_arena());
		line_write(&line, &s);
		sc.store.line_bytes = line.len - 1;
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, SCENE_NOW),
			ERR_OK);
		s = scene_span(2, SCENE_NOW, 501);
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, SCENE_NOW),
			ERR_TOO_LARGE);
		ck_assert_uint_eq(scene_read(&sc).n, 1);
		ck_assert_uint_eq(scene_count(&sc, 1), 1);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_text_that_would_break_its_line_is_refused)
	{
		scene_open(&sc);
		struct span s = scene_span(1, SCENE_NOW, 5);
		span_set_text(&s, FIELD_NAME, STR("two\nlines"));
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, SCENE_NOW),
			ERR_INVALID);
		ck_assert_uint_eq(scene_read(&sc).n, 0);
		scene_close(&sc);
	}
END_TEST

/* ---- Healing, segments, suspicion ---- */

START_TEST(a_torn_tail_is_closed_off_and_costs_only_itself)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		struct str whole = scene_file(&sc, shard);
		scene_put(&sc, shard,
			arena_printf(scene_arena(), "%.*s{\"span_id\":\"s00", STR_ARG(whole)));
		ck_assert_uint_eq(scene_read(&sc).n, 1);
		ck_assert_uint_eq(scene_read(&sc).n_torn, 0);
		scene_must_append(&sc, 2, SCENE_NOW);
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 2);
		ck_assert_uint_eq(lines.n_torn, 1);
		ck_assert_uint_eq(scene_count(&sc, 2), 1);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_full_segment_is_continued_in_the_next)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		int64_t size = (int64_t)scene_file(&sc, shard).len;
		sc.store.shard_bytes = size + 1;
		scene_must_append(&sc, 2, SCENE_NOW); /* one byte short of full */
		ck_assert(!scene_has(&sc, "2026-11-20.1.jsonl"));
		scene_must_append(&sc, 3, SCENE_NOW);
		ck_assert(scene_has(&sc, "2026-11-20.1.jsonl"));
		sc.store.shard_bytes = size;
		for (unsigned n = 4; n < 14; n++)
			scene_must_append(&sc, n, SCENE_NOW);
		ck_assert(scene_has(&sc, "2026-11-20.11.jsonl"));
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 13);
		for (unsigned n = 1; n < 14; n++) /* in the order of their arrival */
			ck_assert_str_is(
				span_text(&lines.spans[n - 1], FIELD_SPAN_ID), scene_id(n));
		scene_close(&sc);
	}
END_TEST

/* Lets a call fail in the next append. Another span tells which one it is: a new one, as another
 * version of one that is there makes other calls. */
static void fail_next(const char *text, int error)
{
	static const unsigned first = 900;
	struct scene_lines lines = scene_read(&sc);
	watch();
	scene_must_append(&sc, first + (unsigned)lines.n, SCENE_NOW);
	int at = must_find(text, 0);
	watch();
	faults.fail_at = at;
	faults.error = error;
}

START_TEST(after_a_failed_sync_the_next_append_takes_a_new_segment)
	{
		static const char *const calls[] = { "fdatasync 2026-11-20.jsonl",
			"close 2026-11-20.jsonl" };
		for (int i = 0; i < 2; i++) {
			scene_open(&sc);
			scene_must_append(&sc, 1, SCENE_NOW);
			fail_next(calls[i], EIO);
			ck_assert_int_eq(scene_append(&sc, 2, SCENE_NOW), ERR_IO);
			ck_assert_int_le(faults_count("fdatasync"), 1); /* never again */
			faults_end();
			ck_assert(scene_has(&sc, "2026-11-20.suspect"));
			struct str before = scene_file(&sc, shard);
			scene_must_append(&sc, 3, SCENE_NOW);
			ck_assert_str_is(scene_file(&sc, shard), before);
			ck_assert(scene_has(&sc, "2026-11-20.1.jsonl"));
			scene_must_append(&sc, 4, SCENE_NOW);
			ck_assert(!scene_has(&sc, "2026-11-20.2.jsonl"));
			/* And once more. */
			fail_next("fdatasync 2026-11-20.1.jsonl", ENOSPC);
			ck_assert_int_eq(scene_append(&sc, 5, SCENE_NOW), ERR_FULL);
			faults_end();
			ck_assert(scene_has(&sc, "2026-11-20.1.suspect"));
			scene_must_append(&sc, 6, SCENE_NOW);
			ck_assert(scene_has(&sc, "2026-11-20.2.jsonl"));
			scene_close(&sc);
		}
	}
END_TEST

static void rename_shard(void *user)
{
	(void)user;
	ck_assert_int_eq(renameat(sc.dir_fd, shard, sc.dir_fd, "moved"), 0);
}

START_TEST(a_file_renamed_before_we_have_the_lock_gets_nothing)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_workspace(&sc);
		struct str before = scene_file(&sc, shard);
		watch();
		faults.hook_at = "flock 2026-11-20.lock";
		faults.hook = rename_shard;
		scene_must_append(&sc, 2, SCENE_NOW);
		faults_end();
		ck_assert_str_is(scene_file(&sc, "moved"), before);
		ck_assert_uint_eq(scene_read(&sc).n, 1);
		ck_assert_uint_eq(scene_count(&sc, 2), 1);
		scene_close(&sc);
	}
END_TEST

static void unlink_lock(void *user)
{
	(void)user;
	ck_assert_int_eq(unlinkat(sc.dir_fd, lock, 0), 0);
}

START_TEST(a_lock_file_that_was_removed_locks_nothing)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_workspace(&sc);
		watch();
		faults.hook_at = "flock 2026-11-20.lock";
		faults.hook = unlink_lock;
		scene_must_append(&sc, 2, SCENE_NOW);
		ck_assert_int_eq(faults_count("openat 2026-11-20.lock"), 2);
		ck_assert_int_gt(must_find("openat 2026-11-20.jsonl", 0),
			must_find("flock 2026-11-20.lock",
				must_find("flock 2026-11-20.lock", 0) + 1));
		faults_end();
		ck_assert_uint_eq(scene_read(&sc).n, 2);
		scene_close(&sc);
	}
END_TEST

/* ---- Days ---- */

START_TEST(the_day_is_that_of_the_arrival)
	{
		scene_open(&sc);
		int64_t midnight = (int64_t)(SCENE_DAY + 1) * NS_PER_DAY;
		struct span s = scene_span(1, 0, 5);
		ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1,
					 midnight - NS_PER_S),
			ERR_OK);
		ck_assert(scene_has(&sc, shard));
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, midnight),
			ERR_OK);
		ck_assert(scene_has(&sc, "2026-11-21.jsonl"));
		scene_close(&sc);
	}
END_TEST

START_TEST(a_clock_that_jumps_writes_on_the_day_it_shows)
	{
		static const struct {
			const char *time, *file;
		} clocks[] = { { "2026-11-20T12:00:00Z", "2026-11-20.jsonl" },
			{ "2026-11-18T12:00:00Z", "2026-11-18.jsonl" },
			{ "1970-01-01T00:00:01Z", "1970-01-01.jsonl" },
			{ "1969-12-31T23:59:59Z", "1969-12-31.jsonl" },
			{ "2038-01-19T03:14:08Z", "2038-01-19.jsonl" },
			{ "2099-12-31T23:59:58Z", "2099-12-31.jsonl" },
			{ "2026-11-20T12:00:00Z", "2026-11-20.jsonl" } };
		scene_open(&sc);
		for (unsigned i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
			int64_t now;
			ck_assert(utime_parse(str_from_c(clocks[i].time), &now));
			scene_must_append(&sc, i, now);
			ck_assert_msg(scene_has(&sc, clocks[i].file), "%s", clocks[i].file);
			ck_assert_uint_eq(scene_read(&sc).n, i + 1);
		}
		scene_close(&sc);
	}
END_TEST

START_TEST(a_sealed_day_is_never_written_again)
	{
		scene_open(&sc);
		scene_put_sealed(&sc, "2026-11-22.jsonl.zst");
		scene_put_sealed(&sc, "2026-11-19.jsonl.zst");
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert(!scene_has(&sc, shard));
		ck_assert(!scene_has(&sc, "2026-11-22.jsonl"));
		ck_assert(scene_has(&sc, "2026-11-23.jsonl"));
		scene_must_append(&sc, 2, SCENE_NOW + 4 * NS_PER_DAY);
		ck_assert(scene_has(&sc, "2026-11-24.jsonl"));
		scene_close(&sc);
	}
END_TEST

static void seal_today(void *user)
{
	(void)user;
	scene_seal(&sc, SCENE_DAY);
}

START_TEST(a_day_that_is_sealed_while_we_wait_is_left_alone)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_workspace(&sc);
		watch();
		faults.hook_at = "flock 2026-11-20.lock";
		faults.hook = seal_today;
		scene_must_append(&sc, 1, SCENE_NOW);
		faults_end();
		ck_assert(!scene_has(&sc, shard));
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 2);
		/* What was today when it began is now an earlier day. */
		ck_assert_int_eq(lines.spans[1].prev_day, SCENE_DAY);
		scene_close(&sc);
	}
END_TEST

enum { WAIT_MS = 40 };

static void wait_a_little(void *user)
{
	(void)user;
	usleep((WAIT_MS + 5) * 1000);
}

START_TEST(waiting_past_midnight_writes_on_the_new_day)
	{
		scene_open(&sc);
		int64_t midnight = (int64_t)(SCENE_DAY + 1) * NS_PER_DAY;
		scene_must_append(&sc, 1, midnight - NS_PER_S);
		struct str before = scene_file(&sc, shard);
		watch();
		faults.hook_at = "flock 2026-11-20.lock";
		faults.hook = wait_a_little;
		scene_must_append(&sc, 1, midnight - WAIT_MS * NS_PER_MS);
		ck_assert_ptr_null(faults.hook_at);
		faults_end();
		ck_assert_str_is(scene_file(&sc, shard), before);
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 2);
		ck_assert_int_eq(lines.spans[1].prev_day, SCENE_DAY);
		/* A transaction too. */
		struct append t;
		struct span s = scene_span(2, midnight, 5);
		int64_t late = midnight + NS_PER_DAY;
		watch();
		faults.hook_at = "flock 2026-11-21.lock";
		faults.hook = wait_a_little;
		ck_assert_int_eq(append_begin(&t, &sc.store, STR("w"), true, scene_arena(),
					 late - WAIT_MS * NS_PER_MS),
			ERR_OK);
		append_add(&t, &s);
		ck_assert_int_eq(append_commit(&t), ERR_OK);
		faults_end();
		ck_assert(scene_has(&sc, "2026-11-22.jsonl"));
		scene_close(&sc);
	}
END_TEST

/* A writer of yesterday that is just at its write. */
static void straggle(void *user)
{
	struct buf line;
	struct span s = scene_span(7, SCENE_NOW, 5);
	(void)user;
	buf_init(&line, scene_arena());
	line_write(&line, &s);
	int fd = openat(sc.dir_fd, shard, O_WRONLY | O_APPEND);
	ck_assert_int_eq(write(fd, line.ptr, line.len), (ssize_t)line.len);
	close(fd);
}

START_TEST(a_writer_still_at_yesterdays_file_is_waited_for)
	{
		scene_open(&sc);
		int64_t midnight = (int64_t)(SCENE_DAY + 1) * NS_PER_DAY;
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_workspace(&sc);
		watch();
		faults.hook_at = "flock 2026-11-20.lock";
		faults.hook = straggle;
		scene_must_append(&sc, 7, midnight + NS_PER_S);
		ck_assert_ptr_null(faults.hook_at);
		faults_end();
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 3);
		ck_assert_int_eq(lines.spans[2].prev_day, SCENE_DAY);
		/* Later in the day nobody can be there any more. */
		watch();
		scene_must_append(&sc, 8, midnight + NS_PER_DAY / 2);
		ck_assert_int_eq(faults_count("openat 2026-11-20.lock"), 0);
		scene_close(&sc);
	}
END_TEST

/* What an update is made from must not be older than what is just being written. */
START_TEST(an_update_sees_what_a_writer_of_yesterday_was_still_writing)
	{
		struct append t;
		struct span old;
		bool found = false;
		scene_open(&sc);
		struct span now = scene_span(7, SCENE_NOW, 9);
		int64_t midnight = (int64_t)(SCENE_DAY + 1) * NS_PER_DAY;
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_workspace(&sc);
		watch();
		faults.hook_at = "flock 2026-11-20.lock";
		faults.hook = straggle;
		ck_assert_int_eq(append_begin(&t, &sc.store, STR("w"), true, scene_arena(),
					 midnight + NS_PER_S),
			ERR_OK);
		ck_assert_int_eq(append_find(&t, now.value[FIELD_SOURCE].text,
					 now.value[FIELD_TRACE_ID].text,
					 now.value[FIELD_SPAN_ID].text, &old, &found),
			ERR_OK);
		ck_assert(found);
		append_add(&t, &now);
		ck_assert_int_eq(append_commit(&t), ERR_OK);
		ck_assert_ptr_null(faults.hook_at);
		faults_end();
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 3);
		ck_assert_int_eq(lines.spans[2].prev_day, SCENE_DAY);
		scene_close(&sc);
	}
END_TEST

/* ---- Many writers ---- */

enum { WRITERS = 4, TURNS = 25 };

static void wait_for_all(const pid_t *pids)
{
	for (int i = 0; i < WRITERS; i++) {
		int status;
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
}

static bool increment(unsigned id)
{
	struct append t;
	struct span s;
	bool found;
	int64_t n;
	if (append_begin(&t, &sc.store, STR("w"), true, scene_arena(), SCENE_NOW) ||
		append_find(&t, STR_NULL, STR_NULL, scene_id(id), &s, &found) || !found)
		return false;
	n = span_i64(&s, FIELD_INPUT_TOKENS, 0) + 1;
	span_set_i64(&s, FIELD_INPUT_TOKENS, n);
	span_set_i64(&s, FIELD_UPDATED_AT, SCENE_NOW + n);
	append_add(&t, &s);
	return append_commit(&t) == ERR_OK;
}

START_TEST(no_update_is_lost_between_processes)
	{
		scene_open(&sc);
		sc.conf.lock_ms = 30000;
		scene_must_append(&sc, 1, SCENE_NOW);
		pid_t pids[WRITERS];
		for (int i = 0; i < WRITERS; i++) {
			pids[i] = fork();
			if (pids[i] == 0) {
				bool ok = true;
				for (int n = 0; ok && n < TURNS; n++)
					ok = increment(1);
				_exit(!ok);
			}
		}
		wait_for_all(pids);
		struct view v;
		struct span s;
		struct row_ref ref;
		bool found;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(
			lookup_span(&v, STR_NULL, STR_NULL, scene_id(1), &s, &ref, &found), ERR_OK);
		ck_assert(found);
		ck_assert_int_eq(span_i64(&s, FIELD_INPUT_TOKENS, 0), WRITERS * TURNS);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(short_writes_of_many_processes_do_not_mix)
	{
		scene_open(&sc);
		sc.conf.lock_ms = 30000;
		pid_t pids[WRITERS];
		for (unsigned i = 0; i < WRITERS; i++) {
			pids[i] = fork();
			if (pids[i] == 0) {
				watch();
				faults.short_every = 2;
				bool ok = true;
				for (unsigned n = 0; ok && n < TURNS; n++) {
					struct span s = scene_span(i * TURNS + n, SCENE_NOW, 5000);
					ok = store_append(&sc.store, STR("w"), true, scene_arena(),
						     &s, 1, SCENE_NOW) == ERR_OK;
				}
				_exit(!ok);
			}
		}
		wait_for_all(pids);
		struct scene_lines lines = scene_read(&sc);
		ck_assert_msg(lines.n == WRITERS * TURNS, "%zu spans are lost",
			WRITERS * TURNS - lines.n);
		ck_assert_uint_eq(lines.n_torn + lines.n_rot + lines.n_zero, 0);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("protocol", the_file_is_opened_and_written_under_the_lock_and_synced_after_it,
	the_path_is_synced_before_the_first_byte, a_single_span_takes_few_calls,
	without_sync_nothing_is_synced, a_lock_that_is_held_makes_us_busy_until_it_is_free,
	a_disk_that_is_nearly_full_takes_nothing_more, a_writer_that_ignores_the_lock_is_noticed,
	a_line_may_be_as_long_as_the_limit_and_no_longer,
	a_text_that_would_break_its_line_is_refused,
	a_torn_tail_is_closed_off_and_costs_only_itself, a_full_segment_is_continued_in_the_next,
	after_a_failed_sync_the_next_append_takes_a_new_segment,
	a_file_renamed_before_we_have_the_lock_gets_nothing,
	a_lock_file_that_was_removed_locks_nothing, the_day_is_that_of_the_arrival,
	a_clock_that_jumps_writes_on_the_day_it_shows, a_sealed_day_is_never_written_again,
	a_day_that_is_sealed_while_we_wait_is_left_alone,
	waiting_past_midnight_writes_on_the_new_day,
	a_writer_still_at_yesterdays_file_is_waited_for,
	an_update_sees_what_a_writer_of_yesterday_was_still_writing,
	no_update_is_lost_between_processes, short_writes_of_many_processes_do_not_mix)
