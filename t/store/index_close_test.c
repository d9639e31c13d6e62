/*
 * Closing from live records: the segment that the lines would make, without reading them, and only
 * while the records can be trusted.
 */
#include "faults.h"
#include "index_scene.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/admin.h"
#include "index/cache.h"
#include "index/flush.h"
#include "index/merge.h"
#include "index/rowlog/rowlog.h"
#include "index/set.h"
#include "index/terms/terms.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scene sc;

static void close_day(void)
{
	const struct index_flush how = { .all = true };
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
}

/* The segments of the first part, one name and its bytes after the other. */
static struct str segments(size_t *ret_n)
{
	struct view v;
	struct buf all;
	buf_init(&all, scene_arena());
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	struct index_set *set = index_begin(&v);
	ck_assert_int_eq(index_open_segments(set, 0), ERR_OK);
	*ret_n = set->of[0].n_segments;
	for (size_t i = 0; i < *ret_n; i++) {
		const struct index_segment *s = &set->of[0].segments[i];
		struct str name = arena_printf(scene_arena(), "2026-11-20.idx/0-%lld-%lld.seg",
			(long long)s->from, (long long)s->to);
		buf_add(&all, name);
		buf_add(&all, scene_file(&sc, arena_copy_c(scene_arena(), name)));
	}
	view_close(&v);
	return arena_copy(scene_arena(), buf_str(&all));
}

static void append(struct random_spans *r, size_t n)
{
	struct span *spans = arena_calloc(scene_arena(), n, sizeof *spans);
	for (size_t i = 0; i < n; i++)
		spans[i] = random_span(r);
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), spans, n, r->now_ns),
		ERR_OK);
}

START_TEST(records_make_the_bytes_that_lines_make)
	{
		struct rng rng = rng_from_seed();
		for (int run = 0; run < 8; run++) {
			struct random_spans r = { .rng = rng,
				.n_spans = 10 + (unsigned)rng_below(&rng, 300),
				.n_traces = 1 + (unsigned)rng_below(&rng, 40),
				.now_ns = SCENE_NOW,
				.started_ns = SCENE_NOW,
				.has_updates = run % 2 };
			size_t n;
			scene_open(&sc);
			sc.conf.sync = CONF_SYNC_NONE;
			for (int i = 0; i < 6; i++)
				append(&r, 1 + rng_below(&r.rng, 80));
			close_day();
			struct str by_records = segments(&n);
			ck_assert_uint_eq(n, 1);
			scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
			scene_reopen(&sc);
			close_day();
			ck_assert(str_eq(by_records, segments(&n)));
			ck_assert_uint_eq(n, 1);
			rng = r.rng;
			scene_close(&sc);
		}
	}
END_TEST

/* ---- Which lines are read ---- */

/* Two spans that differ in nothing that needs a text, of one trace. */
static void append_alike(size_t output_bytes)
{
	scene_open(&sc);
	for (unsigned i = 1; i <= 2; i++) {
		struct span s = scene_span(i, SCENE_NOW, output_bytes);
		span_set_text(&s, FIELD_TRACE_ID, STR("one"));
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, SCENE_NOW),
			ERR_OK);
	}
}

/* Damages the output of a line. */
static void damage_line(unsigned number)
{
	struct str bytes = arena_copy(scene_arena(), scene_file(&sc, "2026-11-20.jsonl"));
	struct str rest = bytes;
	for (unsigned i = 0; i < number; i++)
		rest = str_skip(rest, str_index(rest, '\n') + 1);
	char *p = (char *)(uintptr_t)(rest.ptr + str_index(rest, '\n') - 40);
	*p = (char)(*p ^ 1);
	scene_put(&sc, "2026-11-20.jsonl", bytes);
	scene_reopen(&sc);
}

static void must_have(uint32_t n_rows, uint32_t n_rot)
{
	struct view v;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	struct index_set *set = index_begin(&v);
	ck_assert_int_eq(index_open_segments(set, 0), ERR_OK);
	ck_assert_uint_eq(set->of[0].n_segments, 1);
	ck_assert_uint_eq(set->of[0].segments[0].n_rows, n_rows);
	ck_assert_uint_eq(set->of[0].n_rot, n_rot);
	view_close(&v);
}

START_TEST(a_line_that_its_record_tells_is_not_read)
	{
		for (size_t n = 300; n <= 30000; n *= 10) {
			append_alike(n);
			damage_line(1);
			close_day();
			must_have(2, 0);
			scene_close(&sc);
		}
	}
END_TEST

START_TEST(a_line_that_is_not_what_its_record_says_makes_all_be_read)
	{
		append_alike(300);
		damage_line(0);
		close_day();
		must_have(1, 1);
		scene_close(&sc);
	}
END_TEST

/* The shard's records with another header, and a line that only who reads it finds to be damaged.
 */
static void put_header(struct str bytes, struct rowlog_header *h)
{
	size_t from = offsetof(struct rowlog_header, checksum) + sizeof h->checksum;
	h->checksum = hash64(str_of((const char *)h + from, sizeof *h - from), ROWLOG_MAGIC);
	memcpy((char *)(uintptr_t)bytes.ptr, h, sizeof *h);
	scene_put(&sc, "2026-11-20.idx/0.live", bytes);
	damage_line(1);
	close_day();
	must_have(1, 1);
}

static struct str copy_records(struct rowlog_header *ret)
{
	struct str bytes = arena_copy(scene_arena(), scene_file(&sc, "2026-11-20.idx/0.live"));
	memcpy(ret, bytes.ptr, sizeof *ret);
	return bytes;
}

/* What was not synced may be gone after a power cut, the records of it still there. */
START_TEST(records_from_before_the_machine_was_started_are_not_believed)
	{
		struct rowlog_header h;
		append_alike(300);
		struct str bytes = copy_records(&h);
		h.booted_ns -= NS_PER_DAY;
		put_header(bytes, &h);
		scene_close(&sc);
	}
END_TEST

/* "flssive1" had other checksums, "flssive2" shorter records, "flssive3" room for every field. */
START_TEST(records_of_another_format_are_not_believed)
	{
		struct rowlog_header h;
		append_alike(300);
		struct str bytes = copy_records(&h);
		h.magic -= UINT64_C(1) << 56;
		put_header(bytes, &h);
		scene_close(&sc);
	}
END_TEST

/* Who asks for all of it wants to know what is in the lines. */
static bool has_file_of_part(const char *suffix)
{
	bool has = false;
	int fd = openat(sc.dir_fd, "2026-11-20.idx", O_RDONLY | O_DIRECTORY);
	DIR *d = fdopendir(fd);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		has = has || (str_starts(str_from_c(e->d_name), STR("0")) &&
				     str_ends(str_from_c(e->d_name), str_from_c(suffix)));
	closedir(d);
	return has;
}

static void lose_shard(void *user)
{
	(void)user;
	ck_assert_int_eq(unlinkat(sc.dir_fd, "2026-11-20.jsonl", 0), 0);
}

/* Whoever writes a day anew, to erase something, removes the old file and its index. */
START_TEST(nothing_is_left_of_a_shard_that_went_while_its_index_was_made)
	{
		const struct index_flush closing = { .all = true };
		const struct terms_updating words = { .all = true };
		static const char *const kinds[] = { ".seg", ".terms" };
		static const char *const made[] = { "openat .new", "openat .terms.new" };
		for (int i = 0; i < 4; i++) {
			const char *kind = kinds[i / 2];
			int64_t bytes;
			append_alike(300);
			scene_workspace(&sc);
			if (i / 2)
				close_day();
			faults_use();
			faults.hook_at = i % 2 ? made[i / 2] : NULL;
			faults.hook = lose_shard;
			enum err e =
				i / 2 ? terms_update(&sc.store, STR("w"), SCENE_DAY, &words, &bytes)
				      : index_flush_day(&sc.store, STR("w"), SCENE_DAY, &closing);
			ck_assert(!e || i % 2); /* it may notice */
			ck_assert_ptr_null(faults.hook_at);
			faults_end();
			ck_assert_int_eq(has_file_of_part(kind), i % 2 == 0);
			ck_assert(i % 2 == 0 || !has_file_of_part(".live"));
			scene_close(&sc);
		}
	}
END_TEST

START_TEST(building_thoroughly_reads_every_line)
	{
		const struct index_building how = { .wait_ms = 0 };
		append_alike(300);
		damage_line(1);
		ck_assert_int_eq(index_build_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
		must_have(1, 1);
		scene_close(&sc);
	}
END_TEST

static void written_at(int64_t ns)
{
	const struct timespec times[2] = { { .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S },
		{ .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S } };
	ck_assert_int_eq(utimensat(sc.dir_fd, "2026-11-20.jsonl", times, 0), 0);
}

/* Does a step of what can wait, as if nobody had written for a second. */
static int catch_up_a_step(void)
{
	written_at(utime_now() - NS_PER_S);
	return index_maintain(&sc.store, INDEX_IDLE);
}

/* Whether others used the processor meanwhile is not for this test to say: it asks until it is
 * done. */
static void catch_up(void)
{
	while (index_cache_of(&sc.store)->to_merge.n) {
		(void)index_maintain(&sc.store, INDEX_SOON);
		index_cache_of(&sc.store)->catch_up_after_ns = 0;
		(void)catch_up_a_step();
	}
}

/* A server to which requests come: what can wait does. */
static struct random_spans open_busy(unsigned n_spans, uint32_t rows)
{
	scene_open(&sc);
	scene_workspace(&sc);
	sc.conf.sync = CONF_SYNC_NONE;
	sc.store.index_rows = rows;
	sc.store.tidies_later = true;
	return (struct random_spans){ .rng = rng_from_seed(),
		.n_spans = n_spans,
		.n_traces = 10,
		.now_ns = SCENE_NOW,
		.started_ns = SCENE_NOW,
		.has_updates = true };
}

START_TEST(while_requests_come_segments_are_merged_only_when_they_are_many)
	{
		enum { FEW = 12, MANY = 60, ROWS = 4 };
		size_t n;
		struct random_spans r = open_busy(100, ROWS);
		for (size_t i = 1; i <= MANY; i++) {
			append(&r, ROWS);
			(void)index_maintain(&sc.store, INDEX_SOON);
			(void)segments(&n);
			if (i == FEW)
				ck_assert_uint_ge(n, MERGE_SOON);
			ck_assert_uint_lt(n, MERGE_NOW);
		}
		must_see_the_same(&sc, "while requests come");
		/* Others needed the processor when the last one was served. */
		index_cache_of(&sc.store)->n_preempted =
			index_cache_of(&sc.store)->n_preempted_before + 1;
		ck_assert_int_gt(catch_up_a_step(), 0);
		(void)segments(&n);
		ck_assert_uint_ge(n, MERGE_SOON);
		/* And none came until then. */
		(void)catch_up_a_step();
		(void)segments(&n);
		ck_assert_uint_lt(n, MERGE_SOON);
		catch_up();
		ck_assert_int_lt(catch_up_a_step(), 0);
		(void)segments(&n);
		ck_assert_uint_lt(n, MERGE_SOON);
		must_see_the_same(&sc, "when none come");
		scene_close(&sc);
	}
END_TEST

START_TEST(while_others_write_what_can_wait_does)
	{
		enum { TIMES = 12, ROWS = 4 };
		size_t n;
		struct random_spans r = open_busy(100, ROWS);
		int64_t now_ns;
		int wait_ms;
		do { /* until this is done in time */
			for (size_t i = 0; i < TIMES; i++) {
				append(&r, ROWS);
				(void)index_maintain(&sc.store, INDEX_SOON);
			}
			(void)segments(&n);
			now_ns = utime_now();
			written_at(now_ns);
			index_cache_of(&sc.store)->n_preempted_before =
				index_cache_of(&sc.store)->n_preempted;
			wait_ms = index_maintain(&sc.store, INDEX_IDLE);
		} while (utime_now() - now_ns >= 20 * NS_PER_MS);
		ck_assert_int_gt(wait_ms, 0);
		(void)segments(&n);
		ck_assert_uint_ge(n, MERGE_SOON);
		written_at(now_ns - NS_PER_S);
		while (index_cache_of(&sc.store)->to_merge.n) {
			index_cache_of(&sc.store)->n_preempted_before =
				index_cache_of(&sc.store)->n_preempted;
			index_cache_of(&sc.store)->catch_up_after_ns = 0;
			(void)index_maintain(&sc.store, INDEX_IDLE);
		}
		(void)segments(&n);
		ck_assert_uint_lt(n, MERGE_SOON);
		must_see_the_same(&sc, "nobody writes any more");
		scene_close(&sc);
	}
END_TEST

START_TEST(what_comes_quickly_is_closed_when_it_is_much_or_nothing_else_is_to_do)
	{
		enum { ROWS = 50 };
		size_t n;
		struct random_spans r = open_busy(1000, ROWS);
		sc.store.index_pause_ns = INT64_MAX / 4; /* nothing is old enough */
		for (unsigned i = 1; i <= INDEX_PATIENCE + 2; i++) {
			append(&r, ROWS);
			(void)index_maintain(&sc.store, INDEX_SOON);
			(void)segments(&n);
			/* The first append of a process has seen no closing, nor has the second. */
			ck_assert_uint_eq(n, i < 2 ? 0 : i < INDEX_PATIENCE + 2 ? 1 : 2);
		}
		append(&r, ROWS);
		(void)index_maintain(&sc.store, INDEX_SOON);
		(void)segments(&n);
		ck_assert_uint_eq(n, 2);
		must_see_the_same(&sc, "much is not closed");
		catch_up();
		(void)segments(&n);
		ck_assert_uint_eq(n, 3);
		must_see_the_same(&sc, "nothing else was to do");
		scene_close(&sc);
	}
END_TEST

static void append_more(void *user)
{
	append(user, 600);
}

static void let_go(void *user)
{
	ck_assert_int_eq(close(*(int *)user), 0);
}

/* The first try finds the lock taken; while the second one waits it is given back. */
static void let_go_next(void *user)
{
	faults.hook_at = "flock";
	faults.hook = let_go;
	faults.hook_user = user;
}

static void close_waiting(bool all)
{
	const struct index_flush how = { .all = all, .postpones = true, .wait_ms = 60000 };
	int fd = openat(sc.dir_fd, "2026-11-20.idx/lock", O_RDWR);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	faults_use();
	faults.hook_at = "flock";
	faults.hook = let_go_next;
	faults.hook_user = &fd;
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
	ck_assert_ptr_null(faults.hook_at);
	faults_end();
}

START_TEST(who_has_waited_for_a_closing_leaves_the_next_one_to_those_who_need_it)
	{
		enum { ROWS = 50 };
		size_t n;
		struct random_spans r = open_busy(1000, ROWS);
		append(&r, ROWS);
		close_day();
		append(&r, ROWS * 2);
		close_waiting(false);
		(void)segments(&n);
		ck_assert_uint_eq(n, 1);
		append(&r, 1);
		(void)index_maintain(&sc.store, INDEX_SOON);
		(void)segments(&n);
		ck_assert_uint_eq(n, 2);
		append(&r, 1);
		close_waiting(true);
		(void)segments(&n);
		ck_assert_uint_eq(n, 3);
		must_see_the_same(&sc, "others have closed, or this one");
		scene_close(&sc);
	}
END_TEST

/* How many live records are of lines that are closed. */
static size_t n_closed_records(void)
{
	struct view v;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	struct index_set *set = index_begin(&v);
	ck_assert_int_eq(index_open_shard(set, 0), ERR_OK);
	size_t n = index_log_skipped(set, 0);
	view_close(&v);
	return n;
}

/* As a busy server does it. */
static void close_day_later(void)
{
	const struct index_flush how = { .all = true, .postpones = true };
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
}

static void keep_up_while_more_comes(struct random_spans *r)
{
	faults_use();
	faults.hook_at = "renameat";
	faults.hook = append_more;
	faults.hook_user = r;
	(void)index_maintain(&sc.store, INDEX_SOON);
	ck_assert_ptr_null(faults.hook_at);
	faults_end();
}

/* Closes while more comes: the records of what is closed stay. Who begins their file, with the
 * first few, wants nothing yet. */
static void close_while_more_comes(struct random_spans *r, size_t few, size_t rows)
{
	append(r, few);
	append(r, rows);
	keep_up_while_more_comes(r);
	ck_assert_uint_eq(n_closed_records(), few + rows);
}

START_TEST(records_of_closed_lines_stay_while_much_comes_and_are_passed_over)
	{
		enum { ROWS = 1000, FEW = 10 };
		struct random_spans r = open_busy(700, ROWS);
		close_while_more_comes(&r, FEW, ROWS);
		must_see_the_same(&sc, "the records have stayed");
		append(&r, FEW);
		scene_reopen(&sc);
		sc.store.index_rows = ROWS;
		sc.store.tidies_later = true;
		append(&r, FEW);
		must_see_the_same(&sc, "and more came");
		append(&r, ROWS);
		(void)index_maintain(&sc.store, INDEX_SOON);
		ck_assert_uint_eq(n_closed_records(), 0);
		must_see_the_same(&sc, "and was closed");
		close_day();
		must_see_the_same(&sc, "and all is closed");
		scene_close(&sc);
	}
END_TEST

/* A process that asks for long has memory for what it looked at: it opens the file anew then. */
START_TEST(records_are_opened_again_when_many_of_them_are_closed)
	{
		enum { BATCH = 1000, FEW = 10 };
		struct random_spans r = open_busy(20000, ROWLOG_ROWS_PASSED + BATCH);
		struct span *spans = arena_calloc(scene_arena(), BATCH, sizeof *spans);
		for (unsigned n = 0; n < ROWLOG_ROWS_PASSED + BATCH; n += BATCH) {
			for (unsigned i = 0; i < BATCH; i++)
				spans[i] = scene_span(n + i, SCENE_NOW, 1);
			ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(),
						 spans, BATCH, SCENE_NOW),
				ERR_OK);
		}
		ck_assert_uint_eq(n_closed_records(), 0);
		append(&r, FEW);
		faults_use();
		faults.hook_at = "renameat";
		faults.hook = append_more;
		faults.hook_user = &r;
		close_day_later();
		faults_end();
		ck_assert_int_gt(scene_file(&sc, "2026-11-20.idx/0.live").len,
			ROWLOG_ROWS_PASSED * sizeof(struct rowlog_row));
		(void)n_closed_records();
		ck_assert_uint_eq(n_closed_records(), 0);
		append(&r, FEW);
		must_see_the_same(&sc, "records were opened again");
		scene_close(&sc);
	}
END_TEST

/* Much that a process has not looked at yet was closed by another one. */
START_TEST(records_that_were_closed_unseen_are_not_looked_at)
	{
		enum { ROWS = 3000, FEW = 10 };
		int status;
		struct random_spans r = open_busy(700, ROWS);
		append(&r, FEW);
		ck_assert_uint_eq(n_closed_records(), 0);
		pid_t pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0) {
			append(&r, ROWS);
			keep_up_while_more_comes(&r);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		ck_assert_int_gt(scene_file(&sc, "2026-11-20.idx/0.live").len,
			ROWS * sizeof(struct rowlog_row));
		ck_assert_uint_eq(n_closed_records(), 0);
		must_see_the_same(&sc, "the records were opened anew");
		append(&r, FEW);
		must_see_the_same(&sc, "and go on");
		scene_close(&sc);
	}
END_TEST

/* Flips a bit in the middle of the last segment of the first part. */
static void damage_last_segment(void)
{
	struct view v;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	struct index_set *set = index_begin(&v);
	ck_assert_int_eq(index_open_segments(set, 0), ERR_OK);
	ck_assert_uint_gt(set->of[0].n_segments, 0);
	const struct index_segment *s = &set->of[0].segments[set->of[0].n_segments - 1];
	struct str name = arena_printf(scene_arena(), "2026-11-20.idx/0-%lld-%lld.seg",
		(long long)s->from, (long long)s->to);
	view_close(&v);
	const char *path = arena_copy_c(scene_arena(), name);
	struct str bytes = arena_copy(scene_arena(), scene_file(&sc, path));
	char *p = (char *)(uintptr_t)(bytes.ptr + bytes.len / 2);
	*p = (char)(*p ^ 1);
	scene_put(&sc, path, bytes);
}

/* Who opens the records does not look at those of closed lines, until their segment is gone. */
START_TEST(records_of_closed_lines_are_skipped_and_needed_again_without_their_segment)
	{
		enum { ROWS = 1000, FEW = 10 };
		struct random_spans r = open_busy(700, ROWS);
		close_while_more_comes(&r, FEW, ROWS);
		scene_reopen(&sc);
		ck_assert_uint_eq(n_closed_records(), 0);
		must_see_the_same(&sc, "what was closed is skipped");
		damage_last_segment();
		must_see_the_same(&sc, "a segment is damaged, and another process finds out");
		must_see_the_same(&sc, "and knows it");
		scene_reopen(&sc);
		must_see_the_same(&sc, "and so does a new one");
		append(&r, FEW);
		close_day();
		must_see_the_same(&sc, "and all is closed");
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("index_close", records_are_opened_again_when_many_of_them_are_closed,
	records_that_were_closed_unseen_are_not_looked_at,
	records_of_closed_lines_are_skipped_and_needed_again_without_their_segment,
	who_has_waited_for_a_closing_leaves_the_next_one_to_those_who_need_it,
	records_of_closed_lines_stay_while_much_comes_and_are_passed_over,
	while_requests_come_segments_are_merged_only_when_they_are_many,
	while_others_write_what_can_wait_does,
	what_comes_quickly_is_closed_when_it_is_much_or_nothing_else_is_to_do,
	records_make_the_bytes_that_lines_make, a_line_that_its_record_tells_is_not_read,
	a_line_that_is_not_what_its_record_says_makes_all_be_read,
	records_from_before_the_machine_was_started_are_not_believed,
	records_of_another_format_are_not_believed, building_thoroughly_reads_every_line,
	nothing_is_left_of_a_shard_that_went_while_its_index_was_made)
