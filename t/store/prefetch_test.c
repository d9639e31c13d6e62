/*
 * Rows of compressed days that are going to be read: each frame is decoded once, and what is read
 * is what the file says.
 */
#include "sealed_scene.h"

#include "base/io.h"
#include "shard/sealed/sealed.h"

#include <unistd.h>

static struct scene sc;

enum { LINES = 30, A_FRAME = 3, LINE_BYTES = 1300 << 10, FIT = 9 };

static struct row_ref refs[LINES];
static struct buf lines;

/* A compressed day of lines that are much longer than what the cache keeps, three in a frame. */
static void put_day(void)
{
	scene_open(&sc);
	write_long_lines(&sc, LINES, LINE_BYTES, &lines);
	scene_put(&sc, "2026-11-20.jsonl", buf_str(&lines));
	scene_seal(&sc, SCENE_DAY);
	sc.store.sealed->settle_s = -1; /* else the file may still change */
	for (size_t i = 0, at = 0; i < LINES; at += refs[i++].len + 1)
		refs[i] = (struct row_ref){ .at = (int64_t)at,
			.len = (uint32_t)str_index(str_skip(buf_str(&lines), at), '\n') };
}

static unsigned n_reads;

static ssize_t counted_pread(int fd, void *buf, size_t n, off_t at)
{
	n_reads += n > 1000; /* not of the table */
	return io_system.pread(fd, buf, n, at);
}

static void must_read(struct view *v, struct row_ref ref)
{
	struct str line;
	ck_assert_int_eq(view_read_line(v, ref, &line), ERR_OK);
	ck_assert(str_eq(line, str_first(str_skip(buf_str(&lines), (size_t)ref.at), ref.len)));
}

/* Rows of as many frames, which are more than the cache keeps, in no order. */
START_TEST(rows_far_apart_cost_each_frame_once)
	{
		struct row_ref page[FIT];
		struct io_table table = io_system;
		struct view v;
		put_day();
		for (size_t i = 0; i < FIT; i++)
			page[i] = refs[i * 5 % FIT * A_FRAME];
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(shard_open(&v, 0), ERR_OK);
		ck_assert_uint_ge(v.shards[0].sealed->n_frames, LINES / A_FRAME);
		table.pread = counted_pread;
		io = &table;
		n_reads = 0;
		view_prefetch(&v, page, FIT);
		ck_assert_uint_eq(n_reads, FIT);
		for (int again = 0; again < 2; again++)
			for (size_t i = 0; i < FIT; i++)
				must_read(&v, page[i]);
		ck_assert_uint_eq(n_reads, FIT);
		io = &io_system;
		ck_assert_uint_le(sc.store.sealed->frames.n_bytes, FRAME_CACHE_BYTES);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(rows_beyond_what_is_prefetched_are_read_all_the_same)
	{
		struct row_ref page[LINES];
		struct view v;
		put_day();
		for (size_t i = 0; i < LINES; i++)
			page[i] = refs[i * 7 % LINES];
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		view_prefetch(&v, page, LINES);
		for (size_t i = 0; i < LINES; i++)
			must_read(&v, page[i]);
		view_prefetch(&v, refs, 2 * A_FRAME); /* the cache does for these */
		ck_assert_uint_eq(v.n_ahead, 0);
		must_read(&v, refs[0]);
		view_prefetch(&v, page, 1);
		must_read(&v, page[7]);
		view_prefetch(&v, page, 0);
		must_read(&v, page[0]);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_damaged_frame_hides_its_own_rows_only)
	{
		enum { DAMAGED = 5 };
		struct row_ref page[FIT + 1];
		struct view v;
		unsigned n_bad = 0;
		put_day();
		for (size_t i = 0; i < FIT; i++)
			page[i] = refs[i * 5 % FIT * A_FRAME];
		page[FIT] = (struct row_ref){ .at = INT64_MAX - 5, .len = 10 };
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(shard_open(&v, 0), ERR_OK);
		const struct sealed *s = v.shards[0].sealed;
		int64_t at = s->at[DAMAGED] + 100;
		struct str file = scene_file(&sc, sealed_name(SCENE_DAY, 1));
		((char *)(uintptr_t)file.ptr)[at] ^= 1;
		view_close(&v);
		scene_put(&sc, sealed_name(SCENE_DAY, 1), file);
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		view_prefetch(&v, page, FIT + 1);
		ck_assert_uint_gt(v.n_ahead, 0);
		for (size_t i = 0; i < FIT; i++) {
			struct str line;
			struct span span;
			enum err e = view_read_span(&v, page[i], NULL, &span, &line);
			ck_assert(e == ERR_OK || e == ERR_NOT_FOUND);
			n_bad += e != ERR_OK;
		}
		ck_assert_uint_eq(n_bad, 1);
		struct str line;
		ck_assert_int_eq(view_read_line(&v, page[FIT], &line), ERR_NOT_FOUND);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("prefetch", rows_far_apart_cost_each_frame_once,
	rows_beyond_what_is_prefetched_are_read_all_the_same,
	a_damaged_frame_hides_its_own_rows_only)
