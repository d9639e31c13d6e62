/*
 * The index of a workspace through all that can happen to it: what it shows is what the lines say.
 */
#include "faults.h"
#include "index_scene.h"

#include "base/io.h"
#include "index/flush.h"
#include "index/lookup.h"
#include "index/segment/bloom.h"
#include "index/set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scene sc;

static const char *c_str(struct str s)
{
	return arena_copy_c(scene_arena(), s);
}

static struct random_spans random_spans(struct rng *rng, unsigned n_spans)
{
	return (struct random_spans){ .rng = *rng,
		.n_spans = n_spans,
		.n_traces = n_spans / 8 + 1,
		.now_ns = SCENE_NOW,
		.started_ns = SCENE_NOW,
		.has_updates = true };
}

static void append_some(struct random_spans *r, size_t n)
{
	struct span *spans = arena_calloc(scene_arena(), n, sizeof *spans);
	for (size_t i = 0; i < n; i++)
		spans[i] = random_span(r);
	enum err e = store_append(&sc.store, STR("w"), true, scene_arena(), spans, n, r->now_ns);
	ck_assert_msg(e == ERR_OK, "%s", err_name(e));
}

/* The newest shard, by somebody who knows no index; ids nobody else uses. */
static void append_foreign(struct random_spans *r, bool is_torn)
{
	struct view v;
	struct buf lines;
	struct random_spans other = *r;
	char name[STORE_NAME_MAX];
	if (view_open(&sc.store, STR("w"), scene_arena(), &v))
		return;
	if (v.n_shards == 0 || v.shards[v.n_shards - 1].is_sealed) {
		view_close(&v);
		return;
	}
	buf_init(&lines, scene_arena());
	for (size_t i = 0; i < 5; i++) {
		struct span s = random_span(&other);
		s.prev_day = SPAN_NO_DAY;
		span_set_text(&s, FIELD_SPAN_ID,
			arena_printf(scene_arena(), "foreign-%d-%zu", v.shards[v.n_shards - 1].day,
				rng_below(&other.rng, 9)));
		span_set_text(&s, FIELD_TRACE_ID, STR("foreign"));
		line_write(&lines, &s);
	}
	r->rng = other.rng;
	store_file_name(STORE_FILE_SHARD, v.shards[v.n_shards - 1].day,
		v.shards[v.n_shards - 1].part, name);
	view_close(&v);
	scene_workspace(&sc);
	int fd = openat(sc.dir_fd, name, O_WRONLY | O_APPEND);
	ck_assert_int_ge(fd, 0);
	size_t len = is_torn ? lines.len - 1 - rng_below(&r->rng, 100) : lines.len;
	ck_assert_int_eq(write(fd, lines.ptr, len), (ssize_t)len);
	close(fd);
}

static int32_t random_day(struct random_spans *r)
{
	int32_t today = utime_day(r->now_ns);
	return today - (int32_t)rng_below(&r->rng, (size_t)(today - SCENE_DAY) + 1);
}

static void close_some(struct random_spans *r)
{
	struct index_flush how = { .all = rng_below(&r->rng, 2) };
	enum err e = index_flush_day(&sc.store, STR("w"), random_day(r), &how);
	ck_assert_msg(e == ERR_OK || e == ERR_NOT_FOUND, "%s", err_name(e));
}

/* A file of a day's index, by chance; STR_NULL: there is none. */
static struct str random_file(struct random_spans *r)
{
	char dir[STORE_NAME_MAX];
	struct str found = STR_NULL;
	size_t n = 0;
	store_file_name(STORE_FILE_INDEX, random_day(r), 0, dir);
	scene_workspace(&sc);
	int fd = openat(sc.dir_fd, dir, O_RDONLY | O_DIRECTORY);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	for (const struct dirent *e; d && (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.' && rng_below(&r->rng, ++n) == 0)
			found = arena_printf(scene_arena(), "%s/%s", dir, e->d_name);
	if (d)
		closedir(d);
	return found;
}

static void delete_some(struct random_spans *r)
{
	struct str name = random_file(r);
	if (!str_is_null(name))
		scene_remove(&sc, c_str(name));
}

static void damage_some(struct random_spans *r)
{
	struct str name = random_file(r);
	if (str_is_null(name))
		return;
	struct str bytes = scene_file(&sc, c_str(name));
	if (bytes.len == 0)
		return;
	char *p = (char *)(uintptr_t)bytes.ptr;
	size_t at = rng_below(&r->rng, bytes.len);
	if (rng_below(&r->rng, 2))
		bytes.len = at;
	else
		p[at] = (char)(p[at] ^ 1 << rng_below(&r->rng, 8));
	scene_put(&sc, c_str(name), bytes);
	scene_reopen(&sc);
}

/* As somebody does who deletes all of the index; or what a power cut left of it. */
static void forget_seed(struct random_spans *r)
{
	ck_assert(unlinkat(sc.store.root_fd, ".seed", 0) == 0 || errno == ENOENT);
	if (rng_below(&r->rng, 2))
		close(openat(sc.store.root_fd, ".seed", O_WRONLY | O_CREAT, 0640));
}

static void small_limits(void)
{
	sc.store.index_rows = 20;
	sc.store.shard_bytes = 60000;
}

/* Not today, and not what nobody wrote to. */
static const char *seal_some(struct random_spans *r)
{
	int32_t day = random_day(r);
	int32_t *due;
	size_t n;
	if (seal_due(&sc.store, STR("w"), r->now_ns, scene_arena(), &due, &n))
		return "nothing to seal";
	for (size_t i = 0; i < n; i++)
		if (due[i] == day) {
			scene_seal(&sc, day);
			return "seal";
		}
	return "nothing to seal";
}

static const char *step(struct random_spans *r)
{
	switch (rng_below(&r->rng, 20)) {
	case 0:
		r->now_ns += (int64_t)rng_below(&r->rng, 3) * NS_PER_DAY / 2;
		return "time goes by";
	case 1:
		append_foreign(r, false);
		return "foreign append";
	case 2:
		append_foreign(r, true);
		return "torn append";
	case 3:
		close_some(r);
		return "close";
	case 4:
		delete_some(r);
		return "delete";
	case 5:
		damage_some(r);
		small_limits();
		return "damage";
	case 6:
		scene_reopen(&sc);
		small_limits();
		return "reopen";
	case 7:
		append_some(r, 30);
		return "append many";
	case 8:
		forget_seed(r);
		return "forget the seed";
	case 9:
		return seal_some(r);
	default:
		append_some(r, 1 + rng_below(&r->rng, 5));
		return "append";
	}
}

START_TEST(what_the_index_shows_is_what_the_lines_say)
	{
		struct rng rng = rng_from_seed();
		int n_runs = getenv("FLATSPAN_TORTURE") ? 100 : 8;
		for (int i = 0; i < n_runs; i++) {
			scene_open(&sc);
			sc.conf.sync = CONF_SYNC_NONE;
			small_limits();
			struct random_spans r =
				random_spans(&rng, 10 + (unsigned)rng_below(&rng, 200));
			struct buf story;
			buf_init(&story, scene_arena());
			for (int k = 0; k < 60; k++) {
				buf_printf(&story, "%s, ", step(&r));
				if (rng_below(&r.rng, 3) == 0)
					must_see_the_same(&sc,
						c_str(arena_printf(scene_arena(), "run %d: %.*s", i,
							STR_ARG(buf_str(&story)))));
			}
			rng = r.rng;
			scene_close(&sc);
		}
	}
END_TEST

static void close_day(int32_t day)
{
	struct index_flush how = { .all = true };
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), day, &how), ERR_OK);
}

/* A long segment, and short ones that merge behind it: a row in the long one loses to one of these,
 * which loses to a further one. */
START_TEST(what_lost_before_a_merge_has_lost_after_it)
	{
		struct rng rng = rng_from_seed();
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		sc.store.index_rows = 20;
		struct random_spans r = random_spans(&rng, 30);
		append_some(&r, 150);
		close_day(SCENE_DAY);
		for (int i = 0; i < 20; i++) {
			append_some(&r, 7);
			close_day(SCENE_DAY);
			must_see_the_same(
				&sc, c_str(arena_printf(scene_arena(), "after %d merges", i)));
		}
		scene_close(&sc);
	}
END_TEST

/* Appends, which closes now and then; or closes what there is. */
static void write_for_a_while(unsigned number)
{
	struct rng rng = { number };
	scene_reopen(&sc);
	small_limits();
	struct random_spans r = random_spans(&rng, 150);
	for (int i = 0; i < 60; i++) {
		struct arena_mark mark = arena_mark(scene_arena());
		if (rng_below(&r.rng, 8) == 0) {
			struct index_flush how = { .all = true };
			enum err e = index_flush_day(&sc.store, STR("w"), random_day(&r), &how);
			if (e && e != ERR_BUSY)
				_exit(EXIT_FAILURE);
		} else {
			append_some(&r, 1 + rng_below(&r.rng, 9));
		}
		arena_rewind(scene_arena(), mark);
	}
	_exit(EXIT_SUCCESS);
}

START_TEST(a_reader_sees_what_the_lines_say_while_others_write_and_close)
	{
		enum { WRITERS = 3 };
		pid_t pids[WRITERS];
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		sc.conf.lock_ms = 30000;
		small_limits();
		for (unsigned i = 0; i < WRITERS; i++) {
			pids[i] = fork();
			ck_assert_int_ge(pids[i], 0);
			if (pids[i] == 0)
				write_for_a_while(i + 1);
		}
		size_t n_left = WRITERS, looks = 0;
		while (n_left) {
			struct arena_mark mark = arena_mark(scene_arena());
			must_see_the_same_at_once(
				&sc, c_str(arena_printf(scene_arena(), "look %zu", ++looks)));
			arena_rewind(scene_arena(), mark);
			for (size_t i = 0; i < WRITERS; i++) {
				int status;
				if (!pids[i] || waitpid(pids[i], &status, WNOHANG) != pids[i])
					continue;
				ck_assert_int_eq(status, 0);
				pids[i] = 0;
				n_left--;
			}
		}
		must_see_the_same(&sc, "at the end");
		scene_close(&sc);
	}
END_TEST

static void close_now(void *user)
{
	(void)user;
	close_day(SCENE_DAY);
}

/* The writer has looked for other versions already: its record knows nothing of the closed rows. */
START_TEST(a_record_made_before_a_closing_hides_what_was_closed)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		scene_must_append(&sc, 2, SCENE_NOW);
		faults_use();
		faults.hook_at = "flock 2026-11-20.lock";
		faults.hook = close_now;
		scene_must_append(&sc, 1, SCENE_NOW + NS_PER_S);
		ck_assert_ptr_null(faults.hook_at);
		faults_end();
		size_t n_read;
		struct visible v = visible_by_index(&sc, &n_read);
		ck_assert_uint_eq(n_read, 0);
		ck_assert_uint_eq(v.n, 2);
		must_see_the_same(&sc, "a record from before");
		scene_close(&sc);
	}
END_TEST

static void append_version(int64_t started_ns, int64_t now_ns)
{
	struct span s = scene_span(1, started_ns, 10);
	span_set_i64(&s, FIELD_INGESTED_AT, now_ns);
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, now_ns), ERR_OK);
}

/* Of two versions that are closed together the last one began so late that its writer did not look
 * for it in the day that the one before it leads to. */
START_TEST(what_a_version_replaced_stays_hidden_when_another_replaces_that_version)
	{
		const int64_t later_ns = SCENE_NOW + 3 * NS_PER_DAY;
		for (int is_closed = 0; is_closed < 2; is_closed++) {
			size_t n_read;
			scene_open(&sc);
			append_version(SCENE_NOW, SCENE_NOW);
			append_version(SCENE_NOW, later_ns);
			must_see_the_same(&sc, "two versions");
			append_version(later_ns, later_ns + NS_PER_S);
			if (is_closed)
				close_day(utime_day(later_ns));
			struct visible v = visible_by_index(&sc, &n_read);
			ck_assert_uint_eq(v.n, 1);
			must_see_the_same(&sc, "three versions");
			scene_close(&sc);
		}
	}
END_TEST

/* Other lines in the file that was there, and none of its index. */
static void write_over(const char *name, struct str bytes)
{
	int fd = openat(sc.dir_fd, name, O_WRONLY | O_TRUNC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes.ptr, bytes.len), (ssize_t)bytes.len);
	close(fd);
	scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
}

/* A day that was pruned leaves its inode number to another file, which is soon as long. */
START_TEST(what_a_process_knows_of_a_file_is_not_said_of_the_next_one_with_its_number)
	{
		enum { OLD = 100, FIRST = 60, MORE = 100 };
		struct buf lines;
		struct span more[MORE];
		scene_open(&sc);
		scene_workspace(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		sc.store.index_rows = 20;
		for (unsigned n = 0; n < OLD; n++)
			scene_must_append(&sc, n, SCENE_NOW);
		buf_init(&lines, scene_arena());
		for (unsigned n = OLD; n < OLD + FIRST; n++) {
			struct span s = scene_span(n, SCENE_NOW, 20);
			span_set_i64(&s, FIELD_INGESTED_AT, SCENE_NOW);
			line_write(&lines, &s);
		}
		write_over("2026-11-20.jsonl", buf_str(&lines));
		close_day(SCENE_DAY);
		for (unsigned n = 0; n < MORE; n++)
			more[n] = scene_span(OLD + FIRST + n, SCENE_NOW, 20);
		ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(), more, MORE,
					 SCENE_NOW),
			ERR_OK);
		for (unsigned n = OLD; n < OLD + FIRST; n += 3)
			scene_must_append(&sc, n, SCENE_NOW + NS_PER_S);
		must_see_the_same(&sc, "another file");
		scene_close(&sc);
	}
END_TEST

static bool is_found(struct str source, struct str trace_id, unsigned n)
{
	struct view v;
	struct span s;
	struct row_ref ref;
	bool found;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	ck_assert_int_eq(lookup_span(&v, source, trace_id, scene_id(n), &s, &ref, &found), ERR_OK);
	view_close(&v);
	return found;
}

/* Of n keys that no span has, for how many is no segment looked into? */
static unsigned n_refused(unsigned n)
{
	struct view v;
	unsigned refused = 0;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	struct index_set *set = index_of_view(&v);
	ck_assert_int_eq(index_open_shard(set, 0), ERR_OK);
	ck_assert_uint_ge(set->of[0].n_segments, 2);
	for (unsigned i = 0; i < n; i++) {
		struct segment_ask ask = segment_ask_of(index_hash(set, scene_id(100000 + i)));
		for (size_t k = 0; k < set->of[0].n_segments; k++)
			ck_assert_int_eq(
				segment_filter_ask(set->of[0].segments[k].segment, &ask, 1),
				ERR_OK);
		refused += !ask.may_have;
	}
	view_close(&v);
	return refused;
}

START_TEST(segments_know_which_spans_are_not_there)
	{
		enum { LONG = 60, SHORT = 10, ABSENT = 100 };
		scene_open(&sc);
		scene_workspace(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		for (unsigned n = 0; n < LONG; n++)
			scene_must_append(&sc, n, SCENE_NOW);
		close_day(SCENE_DAY);
		for (unsigned n = LONG; n < LONG + SHORT; n++)
			scene_must_append(&sc, n, SCENE_NOW);
		close_day(SCENE_DAY);
		scene_reopen(&sc);
		ck_assert_uint_ge(n_refused(ABSENT), ABSENT * 9 / 10);
		for (unsigned n = 0; n < LONG + SHORT; n++) {
			ck_assert(is_found(STR_NULL, STR_NULL, n));
			ck_assert(is_found(STR("test"), STR("t1"), n));
		}
		ck_assert(!is_found(STR_NULL, STR_NULL, LONG + SHORT));
		ck_assert(!is_found(STR("test"), STR("t1"), LONG + SHORT));
		ck_assert(!is_found(STR("test"), STR("t2"), 1));
		scene_close(&sc);
	}
END_TEST

/* One asked for each trace, and all at once, with more behind those that are there. */
static void must_know_traces(struct index_segment *s)
{
	enum { ABSENT = 100 };
	const struct column *hash;
	ck_assert_int_eq(segment_column(s, INDEX_TRACE_HASH, &hash), ERR_OK);
	size_t n = hash->n_rows + ABSENT, n_refused = 0;
	uint64_t *hashes = arena_calloc(scene_arena(), n, sizeof *hashes);
	uint64_t *may_have = arena_calloc(scene_arena(), n / 64 + 1, sizeof *may_have);
	struct rng rng = rng_from_seed();
	for (size_t i = 0; i < n; i++)
		hashes[i] = i < hash->n_rows ? (uint64_t)column_value(hash, (uint32_t)i)
					     : rng_next(&rng);
	ck_assert_int_eq(segment_may_have_traces(s, hashes, n, may_have), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		bool one, all = may_have[i / 64] >> i % 64 & 1;
		ck_assert_int_eq(segment_ask_trace(s->segment, hashes[i], &one), ERR_OK);
		ck_assert_int_eq(one, all);
		ck_assert(all || i >= hash->n_rows);
		n_refused += !all;
	}
	ck_assert_uint_ge(n_refused, ABSENT * 9 / 10);
}

START_TEST(a_segment_says_of_many_traces_at_once_what_it_says_of_each)
	{
		struct view v;
		struct rng rng = rng_from_seed();
		struct random_spans r = random_spans(&rng, 200);
		scene_open(&sc);
		scene_workspace(&sc);
		scene_put(&sc, "2026-11-20.jsonl", random_lines(&r, 1000, false));
		close_day(SCENE_DAY);
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		struct index_set *set = index_of_view(&v);
		ck_assert_int_eq(index_open_shard(set, 0), ERR_OK);
		ck_assert_uint_ge(set->of[0].n_segments, 1);
		must_know_traces(&set->of[0].segments[0]);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

static void *mmap_without_memory(
	void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
	(void)at, (void)n, (void)protection, (void)flags, (void)fd, (void)offset;
	errno = ENOMEM;
	return MAP_FAILED;
}

static size_t n_segments(void)
{
	struct view v;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	struct index_set *set = index_of_view(&v);
	ck_assert_int_eq(index_open_shard(set, 0), ERR_OK);
	size_t n = set->of[0].n_segments;
	view_close(&v);
	return n;
}

START_TEST(a_segment_that_could_not_be_read_is_read_when_it_can_be)
	{
		struct io_table table = io_system;
		scene_open(&sc);
		scene_workspace(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		for (unsigned n = 0; n < 20; n++)
			scene_must_append(&sc, n, SCENE_NOW);
		close_day(SCENE_DAY);
		scene_reopen(&sc);
		table.mmap = mmap_without_memory;
		io = &table;
		size_t none = n_segments();
		io = &io_system;
		ck_assert_uint_eq(none, 0);
		ck_assert_uint_gt(n_segments(), 0);
		must_see_the_same(&sc, "read again");
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("index", a_segment_that_could_not_be_read_is_read_when_it_can_be,

	segments_know_which_spans_are_not_there,
	a_segment_says_of_many_traces_at_once_what_it_says_of_each,
	a_record_made_before_a_closing_hides_what_was_closed,
	what_a_version_replaced_stays_hidden_when_another_replaces_that_version,
	what_a_process_knows_of_a_file_is_not_said_of_the_next_one_with_its_number,
	a_reader_sees_what_the_lines_say_while_others_write_and_close,
	what_the_index_shows_is_what_the_lines_say, what_lost_before_a_merge_has_lost_after_it)
