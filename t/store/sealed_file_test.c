/*
 * Compressed files: any reader of zstd gets their lines, and damage is found.
 */
#include "sealed_scene.h"

#include "base/hash.h"
#include "shard/sealed/format.h"
#include "shard/sealed/sealed.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

static struct scene sc;

/* What `zstd -dc` does, and everything else that reads such files. */
static struct str decode_all(struct str packed)
{
	struct buf out;
	ZSTD_DStream *d = ZSTD_createDStream();
	ZSTD_inBuffer in = { packed.ptr, packed.len, 0 };
	size_t r = 0;
	buf_init(&out, scene_arena());
	while (in.pos < in.size) {
		ZSTD_outBuffer piece = { buf_reserve(&out, 1 << 16), 1 << 16, 0 };
		r = ZSTD_decompressStream(d, &piece, &in);
		ck_assert_msg(!ZSTD_isError(r), "%s", ZSTD_getErrorName(r));
		out.len += piece.pos;
	}
	ck_assert_uint_eq(r, 0);
	ZSTD_freeDStream(d);
	return buf_str(&out);
}

static void must_read_the_same(struct rng *rng, struct str lines)
{
	struct sealed_cache *cache = sealed_cache_make(scene_arena());
	struct sealed *s;
	int fd = openat(sc.dir_fd, "x", O_RDONLY);
	ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
	ck_assert_int_eq(s->size_bytes, (int64_t)lines.len);
	struct str packed = scene_file(&sc, "x");
	ck_assert(str_eq(decode_all(packed), lines));
	for (int i = 0; i < 300; i++) {
		size_t at = rng_below(rng, lines.len + 2), got;
		size_t n = rng_below(rng, i % 10 ? 5000 : lines.len + 2);
		size_t want = at >= lines.len ? 0 : n < lines.len - at ? n : lines.len - at;
		char *p = arena_text(scene_arena(), n + 1);
		enum err e = sealed_read(cache, s, fd, p, n, (int64_t)at, &got);
		ck_assert_int_eq(e, ERR_OK);
		ck_assert_uint_eq(got, want);
		ck_assert(str_eq(str_of(p, got), str_first(str_skip(lines, at), want)));
		ck_assert_uint_le(cache->frames.n_bytes, FRAME_CACHE_BYTES);
	}
	sealed_close(cache, s);
	sealed_cache_close(cache);
	close(fd);
}

START_TEST(a_sealed_file_gives_its_bytes_from_any_offset)
	{
		struct rng rng = rng_from_seed();
		scene_open(&sc);
		for (size_t n_bytes = 0; n_bytes < 10 << 20; n_bytes = n_bytes * 50 + 1000) {
			struct str lines = some_lines(&rng, n_bytes);
			write_sealed(&sc, "x", lines);
			must_read_the_same(&rng, lines);
		}
		scene_close(&sc);
	}
END_TEST

/* DuckDB, lnav, ClickHouse and `zstd -dc | jq` know nothing of flatspan. */
START_TEST(any_reader_of_zstd_gets_the_lines_of_text_that_does_not_repeat_itself)
	{
		struct rng rng = rng_from_seed();
		scene_open(&sc);
		struct str lines = some_talk(&rng, 6 << 20);
		write_sealed(&sc, "x", lines);
		struct str packed = scene_file(&sc, "x");
		ck_assert_uint_lt(packed.len, lines.len / 2);
		ck_assert(str_eq(decode_all(packed), lines));
		must_read_the_same(&rng, lines);
		/* Each frame by itself. */
		size_t n_frames = 0, n_bytes = 0;
		while (packed.len) {
			struct arena_mark mark = arena_mark(scene_arena());
			size_t n = ZSTD_findFrameCompressedSize(packed.ptr, packed.len);
			ck_assert(!ZSTD_isError(n));
			struct str part = decode_all(str_first(packed, n));
			ck_assert(str_eq(part, str_first(str_skip(lines, n_bytes), part.len)));
			n_bytes += part.len;
			packed = str_skip(packed, n);
			n_frames++;
			arena_rewind(scene_arena(), mark);
		}
		ck_assert_uint_eq(n_bytes, lines.len);
		ck_assert_uint_gt(n_frames, 40);
		scene_close(&sc);
	}
END_TEST

START_TEST(what_repeats_itself_far_apart_becomes_small)
	{
		struct rng rng = rng_from_seed();
		struct buf history, lines;
		scene_open(&sc);
		buf_init(&history, scene_arena());
		buf_init(&lines, scene_arena());
		for (int call = 0; call < 60; call++) {
			for (int i = 0; i < 4000; i++)
				buf_add_char(&history, (char)('a' + rng_below(&rng, 26)));
			buf_add(&lines, buf_str(&history));
			buf_add_char(&lines, '\n');
		}
		write_sealed(&sc, "x", buf_str(&lines));
		/* 240 KB of what does not repeat itself take 140 KB, and there are some frames. */
		ck_assert_uint_lt(scene_file(&sc, "x").len * 12, lines.len);
		struct rng again = rng;
		must_read_the_same(&again, buf_str(&lines));
		scene_close(&sc);
	}
END_TEST

START_TEST(a_file_of_a_version_from_the_future_is_an_error)
	{
		struct rng rng = rng_from_seed();
		struct sealed_cache *cache;
		struct sealed *s;
		enum { FOOT_BYTES = SEALED_HEAD_BYTES + SEALED_FOOT_BYTES };
		scene_open(&sc);
		cache = sealed_cache_make(scene_arena());
		write_sealed(&sc, "x", some_lines(&rng, 1000));
		struct str whole = scene_file(&sc, "x");
		size_t n = (size_t)get_le(whole.ptr + whole.len - SEALED_END_BYTES, 4);
		size_t table = SEALED_HEAD_BYTES + n * SEALED_ENTRY_BYTES + SEALED_END_BYTES;
		char *foot = (char *)(uintptr_t)whole.ptr + whole.len - table - FOOT_BYTES;
		for (uint64_t version = 0; version < 4; version++) {
			put_le(foot + SEALED_HEAD_BYTES + 8, version, 4);
			put_le(foot + FOOT_BYTES - 8, xxh64(str_of(foot, FOOT_BYTES - 8)), 8);
			scene_put(&sc, "x", whole);
			int fd = openat(sc.dir_fd, "x", O_RDONLY);
			enum err e = sealed_open(cache, fd, &s);
			ck_assert_int_eq(e, version == SEALED_VERSION ? ERR_OK : ERR_IO);
			if (!e)
				sealed_close(cache, s);
			close(fd);
		}
		sealed_cache_close(cache);
		scene_close(&sc);
	}
END_TEST

/* A reader of many requests opens a file once, and notices when it is another one. */
START_TEST(a_file_is_remembered_as_long_as_it_is_the_same)
	{
		struct rng rng = rng_from_seed();
		struct sealed_cache *cache;
		struct sealed *first, *again, *other;
		scene_open(&sc);
		write_sealed(&sc, "x", some_lines(&rng, 3000));
		write_sealed(&sc, "y", some_lines(&rng, 3000));
		cache = sealed_cache_make(scene_arena());
		int x = openat(sc.dir_fd, "x", O_RDONLY), y = openat(sc.dir_fd, "y", O_RDONLY);
		/* It was written a moment ago, so it may change within the same tick. */
		ck_assert_int_eq(sealed_open(cache, x, &first), ERR_OK);
		ck_assert_int_eq(sealed_open(cache, x, &again), ERR_OK);
		ck_assert_uint_ne(first->id, again->id);
		sealed_close(cache, first);
		sealed_close(cache, again);
		ck_assert_uint_eq(cache->n_files, 0);
		cache->settle_s = -1;
		ck_assert_int_eq(sealed_open(cache, x, &first), ERR_OK);
		uint64_t id = first->id;
		sealed_close(cache, first);
		ck_assert_int_eq(sealed_open(cache, x, &again), ERR_OK);
		ck_assert_int_eq(sealed_open(cache, y, &other), ERR_OK);
		ck_assert_uint_eq(again->id, id);
		ck_assert_uint_ne(other->id, id);
		sealed_close(cache, other);
		sealed_close(cache, again);
		write_sealed(&sc, "x", some_lines(&rng, 4000));
		ck_assert_int_eq(sealed_open(cache, x, &again), ERR_OK);
		ck_assert_uint_ne(again->id, id);
		ck_assert_int_gt(again->size_bytes, 3900);
		sealed_close(cache, again);
		for (int i = 0; i < 3 * SEALED_KEEP_FILES; i++) {
			char name[16];
			(void)snprintf(name, sizeof name, "f%d", i);
			write_sealed(&sc, name, some_lines(&rng, 100));
			int fd = openat(sc.dir_fd, name, O_RDONLY);
			ck_assert_int_eq(sealed_open(cache, fd, &other), ERR_OK);
			sealed_close(cache, other);
			close(fd);
		}
		ck_assert_uint_eq(cache->n_files, SEALED_KEEP_FILES);
		sealed_cache_close(cache);
		close(x);
		close(y);
		scene_close(&sc);
	}
END_TEST

static bool reads_whole(struct str lines, bool *ret_is_same)
{
	struct sealed_cache *cache = sealed_cache_make(scene_arena());
	struct sealed *s;
	bool ok = false;
	int fd = openat(sc.dir_fd, "x", O_RDONLY);
	if (sealed_open(cache, fd, &s) == ERR_OK) {
		size_t got = 0;
		char *p = arena_text(scene_arena(), (size_t)s->size_bytes + 1);
		enum err e = sealed_read(cache, s, fd, p, (size_t)s->size_bytes, 0, &got);
		ck_assert(e == ERR_OK || e == ERR_IO);
		ok = e == ERR_OK;
		*ret_is_same = str_eq(str_of(p, got), lines);
		sealed_close(cache, s);
	}
	sealed_cache_close(cache);
	close(fd);
	return ok;
}

START_TEST(a_flipped_byte_or_a_cut_is_an_error)
	{
		struct rng rng = rng_from_seed();
		scene_open(&sc);
		struct str lines = some_lines(&rng, 1000);
		write_sealed(&sc, "x", lines);
		struct str whole = scene_file(&sc, "x");
		char *p = (char *)(uintptr_t)whole.ptr;
		bool is_same = false;
		ck_assert(reads_whole(lines, &is_same) && is_same);
		for (size_t i = 0; i < whole.len; i++) {
			struct arena_mark mark = arena_mark(scene_arena());
			char was = p[i];
			p[i] = (char)(was ^ (1 << rng_below(&rng, 8)));
			scene_put(&sc, "x", whole);
			/* Some bits of a frame's header mean nothing. */
			ck_assert(!reads_whole(lines, &is_same) || is_same);
			p[i] = was;
			scene_put(&sc, "x", str_first(whole, i));
			ck_assert(!reads_whole(lines, &is_same));
			arena_rewind(scene_arena(), mark);
		}
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("sealed_file", a_sealed_file_gives_its_bytes_from_any_offset,
	any_reader_of_zstd_gets_the_lines_of_text_that_does_not_repeat_itself,
	what_repeats_itself_far_apart_becomes_small,
	a_file_of_a_version_from_the_future_is_an_error,
	a_file_is_remembered_as_long_as_it_is_the_same, a_flipped_byte_or_a_cut_is_an_error)
