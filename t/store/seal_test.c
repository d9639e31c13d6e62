/*
 * Sealing a day: what is sealed is what was there, and readers see it once.
 */
#include "days_scene.h"
#include "sealed_scene.h"

#include "base/io.h"
#include "faults.h"
#include "index/flush.h"
#include "upkeep/rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scene sc;

START_TEST(sealing_changes_no_answer)
	{
		struct rng rng = rng_from_seed();
		for (int run = 0; run < 4; run++) {
			scene_open(&sc);
			sc.conf.sync = CONF_SYNC_NONE;
			sc.conf.index = run % 2;
			sc.store.shard_bytes = 20000; /* days of several parts */
			struct random_spans r = make_days(&sc, &rng, 40);
			struct answer before = days_answer(&sc);
			for (int day = 0; day < 3; day++) {
				int first = run / 2 ? 2 - day : day;
				scene_seal(&sc, SCENE_DAY + first);
				must_answer_the_same(&sc, &before, "after sealing");
				must_see_the_same(&sc, "after sealing");
			}
			ck_assert_uint_lt(scene_read(&sc).n, 240);
			rng = r.rng;
			scene_close(&sc);
		}
	}
END_TEST

static int hold_index(const char *name)
{
	scene_workspace(&sc);
	int dir = openat(sc.dir_fd, name, O_RDONLY | O_DIRECTORY);
	int fd = openat(dir, "lock", O_RDWR | O_CREAT, 0640);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	close(dir);
	return fd;
}

static void open_closed_days(struct rng *rng)
{
	struct index_flush how = { .all = true };
	scene_open(&sc);
	make_days(&sc, rng, 40);
	for (int day = 0; day < 3; day++)
		ck_assert_int_eq(
			index_flush_day(&sc.store, STR("w"), SCENE_DAY + day, &how), ERR_OK);
}

START_TEST(later_days_find_the_rows_of_a_sealed_day)
	{
		struct rng rng = rng_from_seed();
		for (int is_held = 0; is_held < 2; is_held++) {
			open_closed_days(&rng);
			struct answer before = days_answer(&sc);
			int fd = is_held ? hold_index("2026-11-21.idx") : -1;
			ck_assert_int_eq(seal_first_day(&sc), ERR_OK);
			must_see_the_same(&sc, "with later days");
			must_answer_the_same(&sc, &before, "with later days");
			if (is_held)
				close(fd);
			scene_close(&sc);
		}
	}
END_TEST

/* What the sealed file replaces cannot be removed. */
static int keep_plain_files(int dir, const char *name, int flags)
{
	if (str_ends(str_from_c(name), STR(".jsonl"))) {
		errno = EPERM;
		return -1;
	}
	return io_system.unlinkat(dir, name, flags);
}

static void fail_to_seal_first_day(void)
{
	struct io_table table = io_system;
	table.unlinkat = keep_plain_files;
	io = &table;
	ck_assert_int_ne(seal_first_day(&sc), ERR_OK);
	io = &io_system;
	ck_assert(scene_has(&sc, "2026-11-20.jsonl"));
	ck_assert(scene_has(&sc, sealed_name(SCENE_DAY, 1)));
}

START_TEST(later_days_find_them_also_when_old_files_stay)
	{
		struct rng rng = rng_from_seed();
		for (int is_held = 0; is_held < 2; is_held++) {
			open_closed_days(&rng);
			struct answer before = days_answer(&sc);
			int fd = is_held ? hold_index("2026-11-21.idx") : -1;
			fail_to_seal_first_day();
			must_answer_the_same(&sc, &before, "with both files");
			if (is_held) {
				close(fd);
				ck_assert_int_eq(seal_first_day(&sc), ERR_OK);
				ck_assert(!scene_has(&sc, "2026-11-20.jsonl"));
			}
			must_answer_the_same(&sc, &before, "with later days");
			scene_close(&sc);
		}
	}
END_TEST

static int n_open_files(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

struct short_of_memory {
	struct arena arena;
	struct view view;
	bool has_view, is_whole;
};

/* A function of its own, so that no local variable lives across the jump. */
static void index_guarded(struct short_of_memory *m)
{
	if (setjmp(m->arena.escape))
		return;
	m->arena.has_escape = true;
	if (view_open(&sc.store, STR("w"), &m->arena, &m->view))
		return;
	m->has_view = true;
	m->is_whole = rewrite_index(&m->view, 0, 100);
}

/* False: it ran out of memory. */
static bool index_with(size_t limit_bytes)
{
	struct short_of_memory m = { .has_view = false };
	arena_init(&m.arena, limit_bytes);
	index_guarded(&m);
	if (m.has_view)
		view_close(&m.view);
	arena_release(&m.arena);
	return m.is_whole;
}

/* In a process of its own: what compresses words is not given back. */
static int index_in_little_memory(void)
{
	unsigned n_short = 0;
	int n_before = n_open_files();
	for (size_t limit = 32 << 10;; limit += limit / 32) {
		bool is_whole = index_with(limit);
		if (n_open_files() != n_before)
			return 1;
		n_short += !is_whole;
		if (is_whole)
			break;
	}
	return n_short > 10 ? 0 : 2;
}

START_TEST(an_index_that_memory_does_not_do_for_leaves_no_file_open)
	{
		struct rng rng = rng_from_seed();
		int status;
		scene_open(&sc);
		make_days(&sc, &rng, 40);
		ck_assert_int_eq(seal_first_day(&sc), ERR_OK);
		pid_t pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0)
			_exit(index_in_little_memory());
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		ck_assert_int_eq(seal_first_day(&sc), ERR_OK); /* nobody holds a lock */
		scene_close(&sc);
	}
END_TEST

START_TEST(a_sealed_day_is_one_line_a_span_and_its_trace_together)
	{
		scene_open(&sc);
		for (unsigned i = 0; i < 40; i++) {
			struct span s =
				scene_span(i % 20, SCENE_NOW + (int64_t)(i % 20) * NS_PER_S, 30);
			span_set_text(&s, FIELD_TRACE_ID, i % 2 ? STR("odd") : STR("even"));
			span_set_i64(&s, FIELD_UPDATED_AT, SCENE_NOW + i);
			ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(), &s,
						 1, SCENE_NOW),
				ERR_OK);
		}
		scene_seal(&sc, SCENE_DAY);
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 20);
		for (unsigned i = 0; i < 20; i++) {
			unsigned n = i < 10 ? i * 2 : (i - 10) * 2 + 1;
			ck_assert(str_eq(span_text(&lines.spans[i], FIELD_SPAN_ID), scene_id(n)));
			ck_assert_int_eq(
				lines.spans[i].value[FIELD_UPDATED_AT].i64, SCENE_NOW + 20 + n);
		}
		ck_assert(!scene_has(&sc, "2026-11-20.jsonl"));
		ck_assert(scene_has(&sc, sealed_name(SCENE_DAY, 1)));
		scene_close(&sc);
	}
END_TEST

/* A chat whose turns are traces of their own repeats what was said before: that packs well only
 * side by side.  Not every span says what session it is of. */
START_TEST(the_traces_of_a_session_stand_together_in_a_sealed_day)
	{
		enum { TRACES = 6, SPANS = 3 };
		static const unsigned order[TRACES] = { 0, 3, 1, 4, 2, 5 };
		scene_open(&sc);
		for (unsigned i = 0; i < TRACES * SPANS; i++) {
			unsigned trace = i % TRACES, step = i / TRACES;
			int64_t at = SCENE_NOW + (int64_t)i * NS_PER_S;
			struct span s = scene_span(i, at, 30);
			span_set_text(
				&s, FIELD_TRACE_ID, arena_printf(scene_arena(), "trace%u", trace));
			/* Traces 0, 3 and 1, 4 are sessions, the others have none. */
			if (step == 1 && trace != 2 && trace != 5)
				span_set_text(
					&s, FIELD_SESSION_ID, trace % 3 ? STR("b") : STR("a"));
			ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(), &s,
						 1, SCENE_NOW),
				ERR_OK);
		}
		scene_seal(&sc, SCENE_DAY);
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, TRACES * SPANS);
		for (unsigned i = 0; i < lines.n; i++)
			ck_assert(str_eq(span_text(&lines.spans[i], FIELD_SPAN_ID),
				scene_id(order[i / SPANS] + i % SPANS * TRACES)));
		scene_close(&sc);
	}
END_TEST

static void delete_span(unsigned n, int64_t now_ns)
{
	struct span s;
	span_init(&s);
	s.is_deleted = true;
	span_set_text(&s, FIELD_SPAN_ID, scene_id(n));
	span_set_text(&s, FIELD_TRACE_ID, STR("t1"));
	span_set_text(&s, FIELD_SOURCE, STR("test"));
	span_set_i64(&s, FIELD_INGESTED_AT, now_ns);
	span_set_i64(&s, FIELD_UPDATED_AT, now_ns);
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, now_ns), ERR_OK);
}

START_TEST(a_tombstone_stays_while_another_day_has_the_span)
	{
		int64_t next = SCENE_NOW + NS_PER_DAY;
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_must_append(&sc, 2, next);
		delete_span(1, next + 1);
		delete_span(2, next + 1);
		scene_seal(&sc, SCENE_DAY + 1);
		ck_assert_uint_eq(scene_count(&sc, 1), 2);
		ck_assert_uint_eq(scene_count(&sc, 2), 0);
		ck_assert_uint_eq(days_answer(&sc).n, 0);
		scene_seal(&sc, SCENE_DAY);
		ck_assert_uint_eq(days_answer(&sc).n, 0);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_day_that_is_not_over_is_not_sealed)
	{
		struct seal_options o;
		struct seal_result result;
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		int64_t over = (SCENE_DAY + 1) * NS_PER_DAY + MAINTAIN_SETTLE_MS * NS_PER_MS;
		seal_options_init(&o, over - 1);
		ck_assert_int_eq(
			seal_day(&sc.store, STR("w"), SCENE_DAY, &o, &result), ERR_INVALID);
		o.now_ns = over;
		ck_assert_int_eq(seal_day(&sc.store, STR("w"), SCENE_DAY, &o, &result), ERR_OK);
		ck_assert(result.is_new);
		ck_assert_int_eq(
			seal_day(&sc.store, STR("w"), SCENE_DAY - 1, &o, &result), ERR_NOT_FOUND);
		scene_close(&sc);
	}
END_TEST

START_TEST(the_old_files_stay_as_long_as_readers_may_need_them)
	{
		struct seal_options o;
		struct seal_result result;
		struct view v;
		struct row_ref ref = { .at = 0 };
		struct str line;
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		seal_options_init(&o, SCENE_NOW + 2 * NS_PER_DAY);
		ck_assert_int_eq(seal_day(&sc.store, STR("w"), SCENE_DAY, &o, &result), ERR_OK);
		ck_assert_int_gt(result.wait_ms, 0);
		ck_assert(scene_has(&sc, "2026-11-20.jsonl"));
		ck_assert_uint_eq(scene_read(&sc).n, 1); /* not both */
		ck_assert_int_eq(view_read_line_at(&v, &ref, &line), ERR_OK);
		ck_assert(!v.shards[0].is_sealed);
		o.grace_ms = 0;
		ck_assert_int_eq(seal_day(&sc.store, STR("w"), SCENE_DAY, &o, &result), ERR_OK);
		ck_assert(!result.is_new);
		ck_assert_int_eq(result.wait_ms, 0);
		ck_assert(!scene_has(&sc, "2026-11-20.jsonl"));
		ck_assert_int_eq(view_read_line_at(&v, &ref, &line), ERR_OK);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_view_that_comes_too_late_for_the_old_file_sees_the_new_one_or_begins_again)
	{
		struct view unused, used;
		struct row_ref ref = { .at = 0 };
		struct str line;
		scene_open(&sc);
		sc.store.shard_bytes = 1;
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_must_append(&sc, 2, SCENE_NOW); /* in a part of its own */
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &unused), ERR_OK);
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &used), ERR_OK);
		ck_assert_int_eq(view_read_line_at(&used, &ref, &line), ERR_OK);
		scene_seal(&sc, SCENE_DAY);
		for (uint32_t i = 0; i < unused.n_shards; i++)
			ck_assert_int_eq(shard_open(&unused, i), ERR_OK);
		ck_assert(unused.shards[0].is_sealed);
		ck_assert_int_eq(unused.shards[1].size_bytes, 0);
		ref.at = 0;
		ck_assert_int_eq(view_read_line_at(&unused, &ref, &line), ERR_OK);
		ck_assert_int_eq(shard_open(&used, 1), ERR_BUSY);
		view_close(&unused);
		view_close(&used);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_disk_that_is_nearly_full_keeps_its_plain_days)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		sc.conf.free_bytes = 1 << 20;
		faults_use();
		faults.free_bytes = (1 << 20) - 4096;
		ck_assert_int_eq(seal_first_day(&sc), ERR_FULL);
		faults_end();
		ck_assert(scene_has(&sc, "2026-11-20.jsonl"));
		ck_assert(!scene_has(&sc, ".2026-11-20.1.jsonl.zst.tmp"));
		ck_assert_uint_eq(scene_read(&sc).n, 1);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_day_written_to_again_is_read_with_both_and_sealed_again)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_must_append(&sc, 2, SCENE_NOW + NS_PER_DAY);
		scene_seal(&sc, SCENE_DAY);
		struct str later = scene_file(&sc, "2026-11-21.jsonl");
		scene_put(&sc, "2026-11-20.2.jsonl", later);
		scene_remove(&sc, "2026-11-21.jsonl");
		ck_assert_uint_eq(scene_read(&sc).n, 2);
		scene_seal(&sc, SCENE_DAY);
		ck_assert_uint_eq(scene_read(&sc).n, 2);
		ck_assert(scene_has(&sc, sealed_name(SCENE_DAY, 3)));
		ck_assert(!scene_has(&sc, sealed_name(SCENE_DAY, 1)));
		ck_assert(!scene_has(&sc, "2026-11-20.2.jsonl"));
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("seal", sealing_changes_no_answer, later_days_find_the_rows_of_a_sealed_day,
	later_days_find_them_also_when_old_files_stay,
	an_index_that_memory_does_not_do_for_leaves_no_file_open,
	a_sealed_day_is_one_line_a_span_and_its_trace_together,
	the_traces_of_a_session_stand_together_in_a_sealed_day,
	a_tombstone_stays_while_another_day_has_the_span, a_day_that_is_not_over_is_not_sealed,
	the_old_files_stay_as_long_as_readers_may_need_them,
	a_view_that_comes_too_late_for_the_old_file_sees_the_new_one_or_begins_again,
	a_disk_that_is_nearly_full_keeps_its_plain_days,
	a_day_written_to_again_is_read_with_both_and_sealed_again)
