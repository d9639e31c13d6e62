/*
 * The frame cache: each frame is decoded once while there is room, whatever was read last stays,
 * and memory goes back.
 */
#include "sealed_scene.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/utime.h"
#include "base/zst.h"
#include "shard/sealed/format.h"
#include "shard/sealed/frame.h"
#include "shard/sealed/sealed.h"

#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

/* ---- Files with frames of given lengths ---- */

/* An open file of frames as another writer may cut them. */
struct frames {
	struct str lines;
	struct sealed_cache *cache;
	struct sealed *s;
	int fd;
};

static void add_number(struct buf *to, uint64_t v, unsigned n_bytes)
{
	char bytes[8];
	put_le(bytes, v, n_bytes);
	buf_add(to, str_of(bytes, n_bytes));
}

static void add_foot(struct buf *file, struct str table, size_t n_frames, size_t n_bytes)
{
	struct buf foot;
	buf_init(&foot, scene_arena());
	add_number(&foot, SEALED_FOOT_MAGIC, 4);
	add_number(&foot, SEALED_FOOT_BYTES, 4);
	buf_add(&foot, STR(SEALED_FOOT_NAME));
	add_number(&foot, SEALED_VERSION, 4);
	add_number(&foot, n_frames, 4);
	add_number(&foot, n_bytes, 8);
	add_number(&foot, xxh64(table), 8);
	add_number(&foot, xxh64(buf_str(&foot)), 8);
	buf_add(file, buf_str(&foot));
	buf_add(file, table);
}

/* Puts n frames of these lengths, in which one line follows another without regard to where they
 * end, and opens the file. */
static struct frames put_frames(const size_t *lengths, size_t n)
{
	struct rng rng = rng_from_seed();
	struct frames f;
	struct buf file, table;
	struct zst_coder *coder;
	size_t n_bytes = 0, n_packed;
	buf_init(&file, scene_arena());
	buf_init(&table, scene_arena());
	for (size_t i = 0; i < n; i++)
		n_bytes += lengths[i];
	f.lines = some_repeats(&rng, n_bytes);
	f.lines.len = n_bytes;
	add_number(&table, SEALED_TABLE_MAGIC, 4);
	add_number(&table, (n + 1) * SEALED_ENTRY_BYTES + SEALED_END_BYTES, 4);
	ck_assert_int_eq(zst_coder_open(&coder), ERR_OK);
	for (size_t i = 0, at = 0; i < n; at += lengths[i++]) {
		struct str lines = str_first(str_skip(f.lines, at), lengths[i]);
		char *to = buf_reserve(&file, zst_bound(lines.len));
		ck_assert_int_eq(zst_compress(coder, 1, lines, to, &n_packed), ERR_OK);
		file.len += n_packed;
		add_number(&table, n_packed, 4);
		add_number(&table, lines.len, 4);
		add_number(&table, xxh64(lines) & UINT32_MAX, 4);
	}
	zst_coder_close(coder);
	add_number(&table, SEALED_HEAD_BYTES + SEALED_FOOT_BYTES, 4);
	add_number(&table, 0, 8);
	add_number(&table, n + 1, 4);
	add_number(&table, SEALED_FLAGS, 1);
	add_number(&table, SEALED_END_MAGIC, 4);
	add_foot(&file, buf_str(&table), n, n_bytes);
	scene_workspace(&sc);
	scene_put(&sc, "x", buf_str(&file));
	f.fd = openat(sc.dir_fd, "x", O_RDWR);
	f.cache = sealed_cache_make(scene_arena());
	ck_assert_int_eq(sealed_open(f.cache, f.fd, &f.s), ERR_OK);
	ck_assert_uint_eq(f.s->n_frames, n);
	return f;
}

static void close_frames(struct frames *f)
{
	sealed_close(f->cache, f->s);
	sealed_cache_close(f->cache);
	close(f->fd);
}

/* ---- Counting ---- */

static unsigned n_reads;

static ssize_t counted_pread(int fd, void *buf, size_t n, off_t at)
{
	n_reads++;
	return io_system.pread(fd, buf, n, at);
}

/* Reads n bytes and checks them. Returns how often the file was read for them. */
static unsigned read_part(struct frames *f, int64_t at, size_t n)
{
	struct arena_mark mark = arena_mark(scene_arena());
	struct io_table table = io_system;
	char *p = arena_text(scene_arena(), n + 1);
	size_t got;
	table.pread = counted_pread;
	io = &table;
	n_reads = 0;
	ck_assert_int_eq(sealed_read(f->cache, f->s, f->fd, p, n, at, &got), ERR_OK);
	io = &io_system;
	ck_assert_uint_eq(got, n);
	ck_assert(str_eq(str_of(p, n), str_first(str_skip(f->lines, (size_t)at), n)));
	ck_assert(f->cache->frames.n_bytes <= FRAME_CACHE_BYTES ||
		  f->cache->frames.newest == f->cache->frames.oldest);
	arena_rewind(scene_arena(), mark);
	return n_reads;
}

/* Reads a byte in the middle of the frame. */
static unsigned touch_frame(struct frames *f, size_t frame)
{
	return read_part(f, f->s->from[frame] + (int64_t)frame_bytes(f->s, frame) / 2, 1);
}

/* ---- What stays ---- */

START_TEST(a_frame_is_decoded_once_whatever_is_read_of_it)
	{
		enum { FRAMES = 200 };
		size_t lengths[FRAMES];
		struct rng rng = rng_from_seed();
		unsigned n = 0;
		scene_open(&sc);
		for (size_t i = 0; i < FRAMES; i++)
			lengths[i] = 21 + rng_below(&rng, 60000);
		struct frames f = put_frames(lengths, FRAMES);
		for (unsigned i = 0; i < 20 * FRAMES; i++) {
			size_t frame = rng_below(&rng, FRAMES);
			size_t skip = rng_below(&rng, lengths[frame]);
			n += read_part(&f, f.s->from[frame] + (int64_t)skip,
				rng_below(&rng, lengths[frame] - skip + 1));
		}
		ck_assert_uint_eq(n, FRAMES);
		close_frames(&f);
		scene_close(&sc);
	}
END_TEST

START_TEST(the_frame_that_was_not_used_for_longest_makes_room)
	{
		enum { FRAMES = 10, FRAME_BYTES = 1 << 20, ROOM = 7 };
		size_t lengths[FRAMES];
		scene_open(&sc);
		for (size_t i = 0; i < FRAMES; i++)
			lengths[i] = FRAME_BYTES;
		struct frames f = put_frames(lengths, FRAMES);
		for (size_t i = 0; i < ROOM; i++)
			ck_assert_uint_eq(touch_frame(&f, i), 1);
		for (size_t i = 0; i < ROOM; i++)
			ck_assert_uint_eq(touch_frame(&f, i), 0);
		ck_assert_uint_eq(touch_frame(&f, 0), 0);
		ck_assert_uint_eq(touch_frame(&f, ROOM), 1);
		ck_assert_uint_eq(touch_frame(&f, 0), 0);
		ck_assert_uint_eq(touch_frame(&f, ROOM), 0);
		ck_assert_uint_eq(touch_frame(&f, 2), 0);
		ck_assert_uint_eq(touch_frame(&f, 1), 1); /* it went, and 3 goes for it */
		ck_assert_uint_eq(touch_frame(&f, 3), 1);
		ck_assert_uint_eq(touch_frame(&f, 2), 0);
		close_frames(&f);
		scene_close(&sc);
	}
END_TEST

START_TEST(tiny_frames_count_with_what_they_need_besides)
	{
		enum { FRAMES = 3000, NEEDS = 40 };
		size_t lengths[FRAMES];
		scene_open(&sc);
		for (size_t i = 0; i < FRAMES; i++)
			lengths[i] = 1;
		struct frames f = put_frames(lengths, FRAMES);
		for (size_t i = 0; i < FRAMES; i++)
			ck_assert_uint_eq(touch_frame(&f, i), 1);
		ck_assert_uint_gt(f.cache->frames.n_bytes, (size_t)FRAMES * NEEDS);
		close_frames(&f);
		scene_close(&sc);
	}
END_TEST

START_TEST(frames_of_the_greatest_length_and_a_line_across_them_are_read)
	{
		static const size_t lengths[] = { 1000, SEALED_FRAME_MAX, SEALED_FRAME_MAX,
			SEALED_FRAME_MAX, 1000 };
		enum { FRAMES = sizeof lengths / sizeof lengths[0] };
		scene_open(&sc);
		struct frames f = put_frames(lengths, FRAMES);
		for (size_t i = 0; i < FRAMES; i++)
			(void)touch_frame(&f, i);
		(void)read_part(&f, 990, f.lines.len - 1980); /* begins and ends within frames */
		(void)read_part(&f, 0, f.lines.len);
		(void)read_part(&f, f.s->from[2] - 5, 10);
		close_frames(&f);
		scene_close(&sc);
	}
END_TEST

START_TEST(reading_a_file_through_leaves_the_cache_as_it_is)
	{
		enum { FRAMES = 400, FRAME_BYTES = 50 << 10, WINDOW_BYTES = 1 << 20 };
		size_t lengths[FRAMES];
		scene_open(&sc);
		for (size_t i = 0; i < FRAMES; i++)
			lengths[i] = FRAME_BYTES;
		struct frames f = put_frames(lengths, FRAMES);
		for (size_t i = 0; i < 20; i++)
			ck_assert_uint_eq(touch_frame(&f, i * 7), 1);
		for (size_t at = 0; at + WINDOW_BYTES <= f.lines.len; at += WINDOW_BYTES)
			(void)read_part(&f, (int64_t)at, WINDOW_BYTES);
		for (size_t i = 0; i < 20; i++)
			ck_assert_uint_eq(touch_frame(&f, i * 7), 0);
		close_frames(&f);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_damaged_frame_is_an_error_each_time_and_hides_no_other)
	{
		enum { FRAMES = 5, DAMAGED = 2, FRAME_BYTES = 100000 };
		static const size_t lengths[FRAMES] = { FRAME_BYTES, FRAME_BYTES, FRAME_BYTES,
			FRAME_BYTES, FRAME_BYTES };
		char *all;
		size_t got;
		scene_open(&sc);
		struct frames f = put_frames(lengths, FRAMES);
		all = arena_text(scene_arena(), f.lines.len);
		ck_assert_int_eq(pwrite(f.fd, "damaged", 7, f.s->at[DAMAGED] + 500), 7);
		for (int again = 0; again < 2; again++)
			for (size_t i = 0; i < FRAMES; i++) {
				char byte;
				enum err e = sealed_read(f.cache, f.s, f.fd, &byte, 1,
					(int64_t)i * FRAME_BYTES + 7, &got);
				ck_assert_int_eq(e, i == DAMAGED ? ERR_IO : ERR_OK);
				ck_assert(i == DAMAGED || byte == f.lines.ptr[i * FRAME_BYTES + 7]);
			}
		ck_assert_int_eq(
			sealed_read(f.cache, f.s, f.fd, all, f.lines.len, 0, &got), ERR_IO);
		close_frames(&f);
		scene_close(&sc);
	}
END_TEST

/* Two files of one process have frames with the same numbers. */
START_TEST(frames_of_another_file_are_others)
	{
		static const size_t lengths[] = { 5000, 5000 };
		char x[100], y[100];
		size_t got;
		struct sealed *other;
		struct rng rng = rng_from_seed();
		scene_open(&sc);
		struct frames f = put_frames(lengths, 2);
		struct str talk = some_talk(&rng, 8000);
		write_sealed(&sc, "y", talk);
		int fd = openat(sc.dir_fd, "y", O_RDONLY);
		ck_assert_int_eq(sealed_open(f.cache, fd, &other), ERR_OK);
		for (int again = 0; again < 2; again++) {
			ck_assert_int_eq(
				sealed_read(f.cache, f.s, f.fd, x, sizeof x, 0, &got), ERR_OK);
			ck_assert_int_eq(
				sealed_read(f.cache, other, fd, y, sizeof y, 0, &got), ERR_OK);
			ck_assert(str_starts(f.lines, str_of(x, sizeof x)));
			ck_assert(str_starts(talk, str_of(y, sizeof y)));
		}
		sealed_close(f.cache, other);
		close_frames(&f);
		close(fd);
		scene_close(&sc);
	}
END_TEST

START_TEST(all_memory_goes_back_two_seconds_after_the_last_use)
	{
		static const size_t lengths[] = { 4 << 20, 3 << 20, 20000, 100 };
		static const int64_t ms = NS_PER_MS;
		scene_open(&sc);
		struct frames f = put_frames(lengths, 4);
		size_t bytes = f.cache->memory.used_bytes;
		ck_assert_int_eq(sealed_cache_idle(f.cache, 1), -1); /* there is nothing */
		for (size_t i = 0; i < 4; i++)
			(void)touch_frame(&f, i);
		ck_assert_uint_gt(f.cache->memory.used_bytes, bytes + (7 << 20));
		ck_assert_int_eq(sealed_cache_idle(f.cache, 10 * ms), FRAME_CACHE_IDLE_MS);
		ck_assert_int_eq(sealed_cache_idle(f.cache, 11 * ms), FRAME_CACHE_IDLE_MS - 1);
		ck_assert_uint_eq(touch_frame(&f, 3), 0);
		ck_assert_int_eq(sealed_cache_idle(f.cache, 12 * ms), FRAME_CACHE_IDLE_MS);
		ck_assert_int_eq(
			sealed_cache_idle(f.cache, (12 + FRAME_CACHE_IDLE_MS) * ms - 1), 1);
		ck_assert_uint_gt(f.cache->memory.used_bytes, bytes + (7 << 20));
		ck_assert_int_eq(sealed_cache_idle(f.cache, (12 + FRAME_CACHE_IDLE_MS) * ms), -1);
		ck_assert_uint_eq(f.cache->memory.used_bytes, bytes);
		ck_assert_uint_eq(touch_frame(&f, 0), 1);
		close_frames(&f);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("frame_cache", a_frame_is_decoded_once_whatever_is_read_of_it,
	the_frame_that_was_not_used_for_longest_makes_room,
	tiny_frames_count_with_what_they_need_besides,
	frames_of_the_greatest_length_and_a_line_across_them_are_read,
	reading_a_file_through_leaves_the_cache_as_it_is,
	a_damaged_frame_is_an_error_each_time_and_hides_no_other, frames_of_another_file_are_others,
	all_memory_goes_back_two_seconds_after_the_last_use)
