/*
 * Finding spans by id, with and without an index: whatever becomes of it, the answers are the same.
 */
#include "faults.h"
#include "index_scene.h"
#include "scene.h"

#include "index/flush.h"
#include "index/set.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

static enum err append_span(struct span *s, int64_t now_ns)
{
	return store_append(&sc.store, STR("w"), true, scene_arena(), s, 1, now_ns);
}

/* What lookup_span finds; STR_NULL: nothing. The name tells versions apart. */
static struct str found_name(struct str source, struct str trace_id, struct str span_id)
{
	struct view v;
	struct span s;
	struct row_ref ref;
	bool found;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	ck_assert_int_eq(lookup_span(&v, source, trace_id, span_id, &s, &ref, &found), ERR_OK);
	view_close(&v);
	if (!found)
		return STR_NULL;
	return s.is_deleted ? STR("deleted") : span_text(&s, FIELD_NAME);
}

/* The first file of a day's index whose name begins and ends so; STR_NULL: there is none. */
static struct str index_file(const char *dir, const char *begin, const char *end)
{
	struct str found = STR_NULL;
	scene_workspace(&sc);
	int fd = openat(sc.dir_fd, dir, O_RDONLY | O_DIRECTORY);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	for (const struct dirent *e; d && (e = readdir(d)) != NULL;)
		if (str_starts(str_from_c(e->d_name), str_from_c(begin)) &&
			str_ends(str_from_c(e->d_name), str_from_c(end)))
			found = arena_printf(scene_arena(), "%s/%s", dir, e->d_name);
	if (d)
		closedir(d);
	return found;
}

static void close_day(int32_t day)
{
	struct index_flush how = { .all = true };
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), day, &how), ERR_OK);
}

static struct span version(unsigned n, const char *name, int64_t updated_ns)
{
	struct span s = scene_span(n, SCENE_NOW - 3 * NS_PER_DAY, 5);
	span_set_text(&s, FIELD_NAME, str_from_c(name));
	span_set_i64(&s, FIELD_UPDATED_AT, updated_ns);
	return s;
}

START_TEST(the_newest_version_wins_across_days)
	{
		for (int index = 0; index < 2; index++) {
			scene_open(&sc);
			sc.conf.index = index;
			struct span a = version(1, "a", SCENE_NOW - 3 * NS_PER_DAY);
			struct span b = version(1, "b", SCENE_NOW - NS_PER_DAY);
			struct span c = version(1, "c", SCENE_NOW);
			struct span old = version(1, "old", SCENE_NOW - 2 * NS_PER_DAY);
			struct span other = version(2, "other", SCENE_NOW);
			struct str id = scene_id(1);
			ck_assert_int_eq(append_span(&a, SCENE_NOW - 3 * NS_PER_DAY), ERR_OK);
			ck_assert_str_is(found_name(STR_NULL, STR_NULL, id), STR("a"));
			ck_assert_int_eq(append_span(&b, SCENE_NOW - NS_PER_DAY), ERR_OK);
			ck_assert_int_eq(b.prev_day, SCENE_DAY - 3);
			ck_assert_str_is(found_name(STR("test"), STR("t1"), id), STR("b"));
			ck_assert_int_eq(append_span(&other, SCENE_NOW), ERR_OK);
			ck_assert_str_is(found_name(STR("test"), STR("t1"), id), STR("b"));
			ck_assert_int_eq(append_span(&c, SCENE_NOW), ERR_OK);
			ck_assert_int_eq(c.prev_day, SCENE_DAY - 1);
			ck_assert_str_is(found_name(STR("test"), STR("t1"), id), STR("c"));
			/* A later arrival of an older version changes nothing. */
			ck_assert_int_eq(append_span(&old, SCENE_NOW + NS_PER_DAY), ERR_OK);
			ck_assert_int_eq(old.prev_day, SCENE_DAY);
			ck_assert_str_is(found_name(STR("test"), STR("t1"), id), STR("c"));
			ck_assert_str_is(found_name(STR_NULL, STR_NULL, id), STR("c"));
			ck_assert(str_is_null(found_name(STR("x"), STR("t1"), id)));
			ck_assert(str_is_null(found_name(STR("test"), STR("t2"), id)));
			ck_assert(str_is_null(found_name(STR_NULL, STR_NULL, scene_id(3))));
			scene_close(&sc);
		}
	}
END_TEST

START_TEST(of_equal_versions_the_later_arrival_wins)
	{
		scene_open(&sc);
		struct span pair[2] = { version(1, "a", SCENE_NOW), version(1, "b", SCENE_NOW) };
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, scene_arena(), pair, 2, SCENE_NOW),
			ERR_OK);
		ck_assert_str_is(found_name(STR_NULL, STR_NULL, scene_id(1)), STR("b"));
		struct span c = version(1, "c", SCENE_NOW);
		sc.store.shard_bytes = 1; /* in a further segment */
		ck_assert_int_eq(append_span(&c, SCENE_NOW), ERR_OK);
		ck_assert_str_is(found_name(STR_NULL, STR_NULL, scene_id(1)), STR("c"));
		struct span d = version(1, "d", SCENE_NOW);
		ck_assert_int_eq(append_span(&d, SCENE_NOW + NS_PER_DAY), ERR_OK);
		ck_assert_str_is(found_name(STR("test"), STR("t1"), scene_id(1)), STR("d"));
		scene_close(&sc);
	}
END_TEST

START_TEST(a_tombstone_is_the_current_version_but_not_before_a_living_span)
	{
		scene_open(&sc);
		struct span a = version(1, "a", SCENE_NOW), b = version(1, "b", SCENE_NOW + 5);
		span_set_text(&b, FIELD_TRACE_ID, STR("t2"));
		ck_assert_int_eq(append_span(&b, SCENE_NOW), ERR_OK);
		ck_assert_int_eq(append_span(&a, SCENE_NOW), ERR_OK);
		ck_assert_str_is(found_name(STR_NULL, STR_NULL, scene_id(1)), STR("b"));
		b.is_deleted = true;
		span_set_i64(&b, FIELD_UPDATED_AT, SCENE_NOW + 9);
		ck_assert_int_eq(append_span(&b, SCENE_NOW + NS_PER_DAY), ERR_OK);
		ck_assert_int_eq(b.prev_day, SCENE_DAY);
		ck_assert_str_is(found_name(STR_NULL, STR("t2"), scene_id(1)), STR("deleted"));
		ck_assert_str_is(found_name(STR_NULL, STR_NULL, scene_id(1)), STR("a"));
		a.is_deleted = true;
		span_set_i64(&a, FIELD_UPDATED_AT, SCENE_NOW + 10);
		ck_assert_int_eq(append_span(&a, SCENE_NOW + NS_PER_DAY), ERR_OK);
		ck_assert_str_is(found_name(STR_NULL, STR_NULL, scene_id(1)), STR("deleted"));
		scene_close(&sc);
	}
END_TEST

START_TEST(earlier_days_are_searched_from_the_day_before_the_start)
	{
		scene_open(&sc);
		struct span s = scene_span(1, SCENE_NOW, 5);
		ck_assert_int_eq(lookup_since(&s), SCENE_DAY - 1);
		span_set_text(&s, FIELD_SPAN_ID, STR("019a9e21-2c00-7abc-8def-0123456789ab"));
		int64_t made = INT64_C(0x019a9e212c00) * NS_PER_MS; /* 2025-11-19 */
		ck_assert_int_eq(lookup_since(&s), SCENE_DAY - 1);
		span_set_i64(&s, FIELD_STARTED_AT, 0);
		ck_assert_int_eq(lookup_since(&s), utime_day(made) - 1);
		span_set_text(&s, FIELD_SPAN_ID, STR("019a9e212c007abc8def0123456789ab"));
		ck_assert_int_eq(lookup_since(&s), utime_day(made) - 1);
		span_unset(&s, FIELD_STARTED_AT);
		ck_assert_int_eq(lookup_since(&s), utime_day(made) - 1);
		span_set_text(&s, FIELD_SPAN_ID, STR("019a9e21-2c00-4abc-8def-0123456789ab"));
		ck_assert_int_eq(lookup_since(&s), INT32_MIN);
		span_set_text(&s, FIELD_SPAN_ID, STR("ffffffff-ffff-7abc-8def-0123456789ab"));
		ck_assert_int_eq(lookup_since(&s), INT32_MIN);
		span_set_text(&s, FIELD_SPAN_ID, STR("7777777777777777"));
		ck_assert_int_eq(lookup_since(&s), INT32_MIN);

		/* So a row from before is not looked for, and yesterday's always is. */
		scene_must_append(&sc, 1, SCENE_NOW - 5 * NS_PER_DAY);
		scene_must_append(&sc, 2, SCENE_NOW - NS_PER_DAY);
		struct span late = scene_span(1, SCENE_NOW - 3 * NS_PER_DAY, 5);
		struct span ahead = scene_span(2, SCENE_NOW + 90 * NS_PER_DAY, 5);
		struct view v;
		ck_assert_int_eq(append_span(&late, SCENE_NOW), ERR_OK);
		ck_assert_int_eq(late.prev_day, SPAN_NO_DAY);
		ck_assert_int_eq(append_span(&ahead, SCENE_NOW), ERR_OK);
		ck_assert_int_eq(ahead.prev_day, SCENE_DAY - 1);
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		struct span early = scene_span(1, SCENE_NOW - 4 * NS_PER_DAY, 5);
		ck_assert_int_eq(lookup_prev_days(&v, &early, 1, SCENE_DAY), ERR_OK);
		ck_assert_int_eq(early.prev_day, SCENE_DAY - 5);
		ck_assert_int_eq(lookup_prev_days(&v, &late, 1, SCENE_DAY), ERR_OK);
		ck_assert_int_eq(late.prev_day, SPAN_NO_DAY);
		ck_assert_int_eq(lookup_prev_days(&v, &late, 1, SCENE_DAY + 1), ERR_OK);
		ck_assert_int_eq(late.prev_day, SCENE_DAY);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

/* As an API makes it of the version that is there: the day of that stays known. */
START_TEST(an_update_that_moves_the_start_names_the_day_it_first_arrived_on)
	{
		enum { DAYS_LATER = 5 };
		int64_t now = SCENE_NOW + DAYS_LATER * NS_PER_DAY;
		scene_open(&sc);
		struct span first = scene_span(1, SCENE_NOW, 5), later;
		ck_assert_int_eq(append_span(&first, SCENE_NOW), ERR_OK);
		later = first;
		span_set_text(&later, FIELD_NAME, STR("later"));
		span_set_i64(&later, FIELD_STARTED_AT, now - NS_PER_DAY / 24);
		span_set_i64(&later, FIELD_UPDATED_AT, now);
		ck_assert_int_eq(lookup_since(&later), SCENE_DAY);
		ck_assert_int_eq(append_span(&later, now), ERR_OK);
		ck_assert_int_eq(later.prev_day, SCENE_DAY);
		must_see_the_same(&sc, "with a later start");
		/* A new span says when it arrived as well, and that is today. */
		span_set_i64(&later, FIELD_INGESTED_AT, now);
		ck_assert_int_eq(lookup_since(&later), SCENE_DAY + DAYS_LATER - 1);
		scene_close(&sc);
	}
END_TEST

/* ---- The cache ---- */

enum { DAYS = 3, PER_DAY = 700, IDS = 1500, ASKED = 149, STEP = IDS / ASKED };

/* Returns how many of the ids that could be asked for lie between one and the next. */
static unsigned asked_stride(void)
{
	return (unsigned)unit_few(4, 1);
}

/* Three days of spans, some ids on several days and in several traces. */
static void fill(void)
{
	for (int d = 0; d < DAYS; d++) {
		struct span spans[PER_DAY];
		int64_t now = SCENE_NOW + (d - DAYS) * NS_PER_DAY;
		for (unsigned i = 0; i < PER_DAY; i++) {
			unsigned n = (i * 7919 + (unsigned)d * 104729) % IDS;
			spans[i] = scene_span(n, now, 5);
			if (n % 3 == 0)
				span_set_text(&spans[i], FIELD_TRACE_ID,
					arena_printf(scene_arena(), "t%u", i % 4));
			span_set_text(
				&spans[i], FIELD_NAME, arena_printf(scene_arena(), "d%d.%u", d, i));
			span_set_i64(&spans[i], FIELD_UPDATED_AT, now + i);
		}
		sc.store.shard_bytes = d == 1 ? 1 : 1 << 30; /* several segments */
		for (unsigned at = 0; at < PER_DAY; at += 175)
			ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(),
						 spans + at, 175, now),
				ERR_OK);
	}
	sc.store.shard_bytes = 1 << 30;
}

struct answers {
	struct str any[ASKED], whole[ASKED];
	int32_t prev[ASKED];
};

static struct answers *ask_all(void)
{
	struct answers *a = arena_alloc(scene_arena(), sizeof *a);
	struct view v;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	v.today = SCENE_DAY;
	for (unsigned n = 0; n < ASKED; n += asked_stride()) {
		struct span s = scene_span(n * STEP, SCENE_NOW - 2 * NS_PER_DAY, 5), found;
		struct row_ref ref;
		bool is_found;
		ck_assert_int_eq(lookup_span(&v, STR_NULL, STR_NULL, scene_id(n * STEP), &found,
					 &ref, &is_found),
			ERR_OK);
		a->any[n] = is_found ? span_text(&found, FIELD_NAME) : STR_NULL;
		ck_assert_int_eq(lookup_span(&v, STR("test"), STR("t1"), scene_id(n * STEP), &found,
					 &ref, &is_found),
			ERR_OK);
		a->whole[n] = is_found ? span_text(&found, FIELD_NAME) : STR_NULL;
		ck_assert_int_eq(lookup_prev_days(&v, &s, 1, SCENE_DAY), ERR_OK);
		a->prev[n] = s.prev_day;
	}
	view_close(&v);
	return a;
}

static void must_be_equal(const struct answers *x, const struct answers *y, const char *when)
{
	for (unsigned n = 0; n < ASKED; n += asked_stride()) {
		ck_assert_msg(str_eq(x->any[n], y->any[n]), "%s: id %u", when, n);
		ck_assert_msg(str_eq(x->whole[n], y->whole[n]), "%s: whole id %u", when, n);
		ck_assert_msg(x->prev[n] == y->prev[n], "%s: day of id %u", when, n);
	}
}

START_TEST(the_index_changes_no_answer)
	{
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		fill();
		sc.conf.index = false;
		struct answers *scanned = ask_all();
		unsigned found = 0, absent = 0, prev = 0;
		for (unsigned n = 0; n < ASKED; n += asked_stride()) {
			found += !str_is_null(scanned->any[n]);
			absent += str_is_null(scanned->whole[n]);
			prev += scanned->prev[n] != SPAN_NO_DAY;
		}
		unsigned of = asked_stride();
		ck_assert(found > 90 / of && absent > 10 / of && prev > 50 / of);
		sc.conf.index = true;
		must_be_equal(scanned, ask_all(), "as it was written");
		for (int32_t day = SCENE_DAY - 4; day <= SCENE_DAY; day++)
			close_day(day);
		must_be_equal(scanned, ask_all(), "closed");
		ck_assert(!str_is_null(index_file("2026-11-19.idx", "0-0-", ".seg")));
		ck_assert(!str_is_null(index_file("2026-11-18.idx", "3-0-", ".seg")));
		scene_reopen(&sc);
		must_be_equal(scanned, ask_all(), "in another process");
		scene_close(&sc);
	}
END_TEST

START_TEST(the_index_is_used_where_there_is_one)
	{
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		for (unsigned n = 0; n < 3000; n += 100) {
			struct span s = scene_span(n, SCENE_NOW - NS_PER_DAY, 100);
			ck_assert_int_eq(append_span(&s, SCENE_NOW - NS_PER_DAY), ERR_OK);
		}
		scene_must_append(&sc, 100, SCENE_NOW);
		scene_reopen(&sc);
		faults_use();
		struct span s = scene_span(100, SCENE_NOW, 5);
		ck_assert_int_eq(append_span(&s, SCENE_NOW), ERR_OK);
		ck_assert_int_eq(s.prev_day, SCENE_DAY - 1);
		/* Its end, the two prints, the line; nothing is scanned. */
		ck_assert_int_eq(faults_count("pread 2026-11-19.jsonl"), 4);
		ck_assert_int_eq(faults_count("mmap 0-0-"), 1);
		faults_end();
		scene_close(&sc);
	}
END_TEST

START_TEST(a_deleted_index_is_built_again)
	{
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		fill();
		close_day(SCENE_DAY - 1);
		struct answers *a = ask_all();
		struct str name = index_file("2026-11-19.idx", "0-0-", ".seg");
		const char *file = arena_copy_c(scene_arena(), name);
		struct str bytes = scene_file(&sc, file);
		scene_remove(&sc, file);
		must_be_equal(a, ask_all(), "deleted");
		close_day(SCENE_DAY - 1);
		ck_assert(str_eq(scene_file(&sc, file), bytes));
		must_be_equal(a, ask_all(), "built again");
		/* Where it cannot be written, it is done without. */
		scene_remove_tree(sc.dir_fd, "2026-11-19.idx");
		scene_put(&sc, "2026-11-19.idx", STR("in the way"));
		must_be_equal(a, ask_all(), "in the way");
		struct span s = scene_span(3, SCENE_NOW, 5);
		ck_assert_int_eq(append_span(&s, SCENE_NOW), ERR_OK);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_past_day_without_an_index_gets_one_when_writers_need_it)
	{
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		sc.conf.index = false;
		for (unsigned n = 0; n < 40; n++) {
			struct span s = scene_span(n, SCENE_NOW - NS_PER_DAY, 4000);
			ck_assert_int_eq(append_span(&s, SCENE_NOW - NS_PER_DAY), ERR_OK);
		}
		sc.conf.index = true;
		struct span s = scene_span(7, SCENE_NOW, 5);
		ck_assert_int_eq(append_span(&s, SCENE_NOW), ERR_OK);
		ck_assert_int_eq(s.prev_day, SCENE_DAY - 1);
		ck_assert(!str_is_null(index_file("2026-11-19.idx", "0-0-", ".seg")));
		scene_close(&sc);
	}
END_TEST

START_TEST(a_damaged_index_changes_no_answer)
	{
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		for (unsigned n = 0; n < 300; n++) {
			struct span s = scene_span(n * 3, SCENE_NOW - NS_PER_DAY, 5);
			ck_assert_int_eq(append_span(&s, SCENE_NOW - NS_PER_DAY), ERR_OK);
		}
		scene_must_append(&sc, 1, SCENE_NOW);
		const char *name =
			arena_copy_c(scene_arena(), index_file("2026-11-19.idx", "0-0-", ".seg"));
		struct str whole = scene_file(&sc, name);
		unsigned state = 1;
		for (int turn = 0; turn < unit_few(40, 200); turn++) {
			struct arena_mark m = arena_mark(scene_arena());
			char *p = arena_text(scene_arena(), whole.len);
			size_t len = whole.len;
			memcpy(p, whole.ptr, len);
			state = state * 1103515245 + 12345;
			size_t at = state / 8 % len;
			if (turn % 4 == 0)
				len = at; /* cut */
			else if (turn % 4 == 1)
				memset(p + at, 0, len - at);
			else
				p[at] = (char)(p[at] ^ 1 << state % 8);
			scene_put(&sc, name, str_of(p, len));
			scene_reopen(&sc);
			for (unsigned n = 0; n < 900; n += 97) {
				struct span s = scene_span(n, SCENE_NOW, 5);
				struct view v;
				ck_assert_int_eq(
					view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
				ck_assert_int_eq(lookup_prev_days(&v, &s, 1, SCENE_DAY), ERR_OK);
				view_close(&v);
				ck_assert_msg(
					s.prev_day == (n % 3 == 0 ? SCENE_DAY - 1 : SPAN_NO_DAY),
					"turn %d, at %zu, id %u", turn, at, n);
			}
			arena_rewind(scene_arena(), m);
		}
		scene_close(&sc);
	}
END_TEST

START_TEST(an_index_of_another_file_is_not_believed)
	{
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		scene_must_append(&sc, 11, SCENE_NOW - NS_PER_DAY);
		scene_must_append(&sc, 99, SCENE_NOW);
		ck_assert(!str_is_null(index_file("2026-11-19.idx", "0-0-", ".seg")));
		/* The same length, other ids: as from a backup of another day. */
		struct buf other;
		buf_init(&other, scene_arena());
		struct span s = scene_span(12, SCENE_NOW - NS_PER_DAY, 20);
		line_write(&other, &s);
		ck_assert_uint_eq(other.len, scene_file(&sc, "2026-11-19.jsonl").len);
		scene_put(&sc, "2026-11-19.jsonl", buf_str(&other));
		for (unsigned n = 11; n < 13; n++) {
			s = scene_span(n, SCENE_NOW, 5);
			ck_assert_int_eq(append_span(&s, SCENE_NOW), ERR_OK);
			ck_assert_int_eq(s.prev_day, n == 12 ? SCENE_DAY - 1 : SPAN_NO_DAY);
		}
		/* Shorter than what it covers. */
		scene_put(&sc, "2026-11-19.jsonl", STR(""));
		s = scene_span(12, SCENE_NOW, 5);
		ck_assert_int_eq(append_span(&s, SCENE_NOW), ERR_OK);
		ck_assert_int_eq(s.prev_day, SPAN_NO_DAY);
		scene_close(&sc);
	}
END_TEST

static void must_find_all(unsigned n_spans)
{
	for (unsigned n = 0; n < n_spans + 20; n++) {
		struct view v;
		struct span s;
		struct row_ref ref;
		bool found;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(
			lookup_span(&v, STR_NULL, STR_NULL, scene_id(n), &s, &ref, &found), ERR_OK);
		ck_assert_msg(found == (n < n_spans), "id %u", n);
		view_close(&v);
	}
}

START_TEST(a_growing_shard_is_covered_by_segments_and_live_rows)
	{
		enum { SPANS = 400 };
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		sc.store.index_rows = 30;
		for (unsigned n = 0; n < SPANS; n++)
			scene_must_append(&sc, n, SCENE_NOW);
		struct view v;
		struct index_set set;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(index_open(&v, &set), ERR_OK);
		ck_assert_int_eq(set.of[0].covered, v.shards[0].size_bytes);
		ck_assert_uint_ge(set.of[0].n_segments, 2); /* eight of them have become one */
		ck_assert_uint_le(set.of[0].n_segments, 8);
		ck_assert_uint_lt(set.of[0].n_log, 30);
		ck_assert_uint_gt(set.of[0].n_log, 0);
		int64_t second = set.of[0].segments[1].from;
		view_close(&v);
		must_find_all(SPANS);
		/* One in the middle is gone: what is behind it is scanned, and closed anew. */
		struct str name = index_file("2026-11-20.idx",
			arena_copy_c(scene_arena(),
				arena_printf(scene_arena(), "0-%lld-", (long long)second)),
			".seg");
		scene_remove(&sc, arena_copy_c(scene_arena(), name));
		must_find_all(SPANS);
		struct span s = scene_span(5, SCENE_NOW, 5);
		ck_assert_int_eq(append_span(&s, SCENE_NOW + NS_PER_DAY), ERR_OK);
		ck_assert_int_eq(s.prev_day, SCENE_DAY);
		s = scene_span(SPANS - 1, SCENE_NOW, 5);
		ck_assert_int_eq(append_span(&s, SCENE_NOW + NS_PER_DAY), ERR_OK);
		ck_assert_int_eq(s.prev_day, SCENE_DAY);
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(index_open(&v, &set), ERR_OK);
		ck_assert_uint_eq(set.of[0].n_segments, 1); /* the day is over */
		ck_assert_int_eq(set.of[0].segments[0].to, v.shards[0].size_bytes);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(damaged_lines_are_neither_indexed_nor_found)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW - NS_PER_DAY);
		scene_must_append(&sc, 2, SCENE_NOW - NS_PER_DAY);
		struct str text = scene_file(&sc, "2026-11-19.jsonl");
		size_t first = str_index(text, '\n');
		/* Rot before the cache is built. */
		char *p = arena_text(scene_arena(), text.len);
		memcpy(p, text.ptr, text.len);
		p[first - 30] ^= 1;
		scene_put(&sc, "2026-11-19.jsonl", str_of(p, text.len));
		struct span s = scene_span(1, SCENE_NOW, 5);
		ck_assert_int_eq(append_span(&s, SCENE_NOW), ERR_OK);
		ck_assert_int_eq(s.prev_day, SPAN_NO_DAY);
		/* And after it: the middle of the second line, which no print covers. */
		p[first + 60] ^= 1;
		int fd = openat(sc.dir_fd, "2026-11-19.jsonl", O_WRONLY);
		ck_assert_int_eq(write(fd, p, text.len), (ssize_t)text.len);
		close(fd);
		s = scene_span(2, SCENE_NOW, 5);
		ck_assert_int_eq(append_span(&s, SCENE_NOW), ERR_OK);
		ck_assert_int_eq(s.prev_day, SPAN_NO_DAY);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("lookup", the_newest_version_wins_across_days, of_equal_versions_the_later_arrival_wins,
	a_tombstone_is_the_current_version_but_not_before_a_living_span,
	earlier_days_are_searched_from_the_day_before_the_start,
	an_update_that_moves_the_start_names_the_day_it_first_arrived_on,
	the_index_changes_no_answer, the_index_is_used_where_there_is_one,
	a_deleted_index_is_built_again, a_past_day_without_an_index_gets_one_when_writers_need_it,
	a_damaged_index_changes_no_answer, an_index_of_another_file_is_not_believed,
	a_growing_shard_is_covered_by_segments_and_live_rows,
	damaged_lines_are_neither_indexed_nor_found)
