/*
 * Sealed days: what is sealed is what was there, whoever dies in between, and damage hides nothing
 * else.
 */
#include "days_scene.h"

#include "base/hash.h"
#include "base/helper.h"
#include "base/io.h"
#include "faults.h"
#include "index/flush.h"
#include "index/set.h"
#include "shard/check.h"
#include "shard/sealed/format.h"
#include "shard/sealed/sealed.h"
#include "upkeep/rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

/* When a rest is over that began at 1. */
#define REST_NS (1 + (int64_t)SEALED_REST_MS * NS_PER_MS)

static struct scene sc;

static const char *sealed_name(int32_t day, int part)
{
	char *name = arena_text(scene_arena(), STORE_NAME_MAX);
	store_file_name(STORE_FILE_SEALED, day, part, name);
	return name;
}

/* ---- The file ---- */

/* Lines of all lengths, some of which say the same again. */
static struct str some_lines(struct rng *rng, size_t n_bytes)
{
	struct buf b;
	buf_init(&b, scene_arena());
	while (b.len < n_bytes) {
		size_t n = rng_below(rng, rng_below(rng, 10) ? 300 : n_bytes / 5);
		bool repeats = b.len > 2 * n && rng_below(rng, 2);
		size_t from = repeats ? rng_below(rng, b.len - n) : 0;
		for (size_t i = 0; i < n; i++) {
			char c = repeats ? b.ptr[from + i] : (char)('a' + rng_below(rng, 26));
			buf_add_char(&b, c == '\n' ? ' ' : c);
		}
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}

static void write_sealed(const char *name, struct str lines)
{
	struct sealed_writer w;
	scene_workspace(&sc);
	int fd = openat(sc.dir_fd, name, O_RDWR | O_CREAT | O_TRUNC, 0640);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(sealed_writer_open(&w, scene_arena(), fd, 1), ERR_OK);
	for (size_t n = 0; !str_is_null(lines) && lines.len; n++) {
		struct str line = str_first(lines, str_index(lines, '\n') + 1);
		lines = str_skip(lines, line.len);
		if (n % 7 == 0)
			sealed_writer_hint(&w);
		ck_assert_int_eq(sealed_writer_add(&w, line), ERR_OK);
	}
	ck_assert_int_eq(sealed_writer_finish(&w), ERR_OK);
	sealed_writer_close(&w);
	close(fd);
}

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

/* Lines of words that return, and of numbers that do not. */
static struct str some_talk(struct rng *rng, size_t n_bytes)
{
	struct buf b;
	buf_init(&b, scene_arena());
	while (b.len < n_bytes) {
		for (size_t i = 0, n = 20 + rng_below(rng, 300); i < n; i++) {
			struct rng word = { rng_below(rng, 500) + 1 };
			for (size_t k = 3 + rng_below(&word, 7); k; k--)
				buf_add_char(&b, (char)('a' + rng_below(&word, 26)));
			buf_printf(&b, " %u ", (unsigned)rng_below(rng, 1000));
		}
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}

/* Lines each of which repeats the one before and goes on. */
static struct str some_repeats(struct rng *rng, size_t n_bytes)
{
	struct buf history, b;
	buf_init(&history, scene_arena());
	buf_init(&b, scene_arena());
	while (b.len < n_bytes) {
		for (size_t i = 0; i < 500; i++)
			buf_add_char(&history, (char)('a' + rng_below(rng, 26)));
		buf_add(&b, buf_str(&history));
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
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
		bool is_checked;
		enum err e =
			i % 3 ? sealed_read_line(cache, s, fd, p, n, (int64_t)at, &got, &is_checked)
			      : sealed_read(cache, s, fd, p, n, (int64_t)at, &got);
		ck_assert_int_eq(e, ERR_OK);
		ck_assert_uint_eq(got, want);
		ck_assert(str_eq(str_of(p, got), str_first(str_skip(lines, at), want)));
		ck_assert_uint_le(cache->n_bytes, SEALED_CACHE_BYTES + (size_t)SEALED_FRAME_MAX);
		if (i % 50 == 0)
			sealed_cache_trim(cache);
		ck_assert(i % 50 || cache->n_bytes <= SEALED_CACHE_BYTES);
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
			write_sealed("x", lines);
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
		write_sealed("x", lines);
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

/* Of each frame that was written: how many bytes of lines it holds, at most and at least. */
static void measure_frames(const struct sealed_writer *w, size_t *ret_most, size_t *ret_least)
{
	*ret_most = 0;
	*ret_least = SIZE_MAX;
	for (size_t at = 0; at < w->table.len; at += SEALED_ENTRY_BYTES) {
		size_t n = (size_t)get_le(w->table.ptr + at + 4, 4);
		*ret_most = n > *ret_most ? n : *ret_most;
		*ret_least = n < *ret_least ? n : *ret_least;
	}
}

START_TEST(frames_are_short_where_nothing_is_gained_and_longer_after_many)
	{
		enum { ENOUGH_BYTES = 13 << 20, MANY = 50000 };
		static const size_t shortest[] = { 6 << 10, 8 * 6 << 10 };
		struct rng rng = rng_from_seed();
		scene_open(&sc);
		struct str lines = some_talk(&rng, ENOUGH_BYTES);
		scene_workspace(&sc);
		for (uint32_t i = 0; i < 2; i++) {
			struct sealed_writer w;
			size_t most, least;
			struct str left = lines;
			int fd = openat(sc.dir_fd, "x", O_RDWR | O_CREAT | O_TRUNC, 0640);
			ck_assert_int_eq(sealed_writer_open(&w, scene_arena(), fd, 1), ERR_OK);
			w.n_entries = i * MANY;
			while (left.len) {
				struct str line = str_first(left, str_index(left, '\n') + 1);
				left = str_skip(left, line.len);
				ck_assert_int_eq(sealed_writer_add(&w, line), ERR_OK);
			}
			measure_frames(&w, &most, &least);
			ck_assert_uint_le(most, (i ? shortest[i] : 24 << 10) * 5 / 4);
			ck_assert_uint_ge(least, shortest[i] / 2);
			ck_assert(i || least < 12 << 10); /* they were halved, and again */
			sealed_writer_close(&w);
			close(fd);
		}
		scene_close(&sc);
	}
END_TEST

static void add_letters(struct rng *rng, struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_add_char(b, (char)('a' + rng_below(rng, 26)));
}

/* Chats with one system prompt; those whose prompts take nearly all of them; and those that would
 * not be five times smaller else. */
START_TEST(frames_of_lines_with_a_beginning_in_common_are_a_little_longer)
	{
		enum { LINES = 400 };
		static const struct {
			size_t prompt, text, least, most;
		} chats[] = { { 4000, 800, 30 << 10, 50 << 10 }, { 4000, 60, 60 << 10, 4 << 20 },
			{ 10000, 2000, 60 << 10, 100 << 10 } };
		struct rng rng = rng_from_seed();
		scene_open(&sc);
		scene_workspace(&sc);
		for (size_t i = 0; i < sizeof chats / sizeof chats[0]; i++) {
			struct sealed_writer w;
			struct buf prompt, line;
			size_t most, least;
			int fd = openat(sc.dir_fd, "x", O_RDWR | O_CREAT | O_TRUNC, 0640);
			buf_init(&prompt, scene_arena());
			buf_init(&line, scene_arena());
			add_letters(&rng, &prompt, chats[i].prompt);
			ck_assert_int_eq(sealed_writer_open(&w, scene_arena(), fd, 1), ERR_OK);
			for (unsigned k = 0; k < LINES; k++) {
				buf_reset(&line);
				buf_add(&line, buf_str(&prompt));
				add_letters(&rng, &line, chats[i].text);
				buf_add_char(&line, '\n');
				ck_assert_int_eq(sealed_writer_add(&w, buf_str(&line)), ERR_OK);
			}
			ck_assert_int_eq(sealed_writer_finish(&w), ERR_OK);
			w.table.len -= 3 * SEALED_ENTRY_BYTES; /* the foot, and the last ones */
			measure_frames(&w, &most, &least);
			ck_assert_uint_ge(least, chats[i].least);
			ck_assert_uint_le(most, chats[i].most);
			sealed_writer_close(&w);
			close(fd);
		}
		scene_close(&sc);
	}
END_TEST

/* A page of rows that are far apart costs no frame each when it is asked for again. */
START_TEST(of_a_short_frame_the_lines_that_were_wanted_are_remembered)
	{
		struct rng rng = rng_from_seed();
		struct sealed_cache *cache;
		struct sealed *s;
		enum { LINES = 40, STEP = 150 << 10, LINE_BYTES = 900 };
		char line[LINE_BYTES];
		size_t got;
		bool is_checked;
		scene_open(&sc);
		cache = sealed_cache_make(scene_arena());
		struct str lines = some_talk(&rng, LINES * STEP + LINE_BYTES);
		write_sealed("x", lines);
		int fd = openat(sc.dir_fd, "x", O_RDONLY);
		int none = openat(sc.dir_fd, "x", O_WRONLY);
		ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
		for (int again = 0; again < 2; again++)
			for (int64_t i = 0; i < LINES; i++) {
				ck_assert_int_eq(sealed_read_line(cache, s, again ? none : fd, line,
							 LINE_BYTES, i * STEP, &got, &is_checked),
					ERR_OK);
				ck_assert(!is_checked);
				ck_assert(str_eq(str_of(line, got),
					str_first(str_skip(lines, (size_t)i * STEP), LINE_BYTES)));
			}
		ck_assert_uint_eq(cache->n_bytes, (size_t)LINES * LINE_BYTES);
		sealed_close(cache, s);
		sealed_cache_close(cache);
		close(fd);
		close(none);
		scene_close(&sc);
	}
END_TEST

static void expect(struct sealed_cache *cache, struct sealed *s, int fd,
	const struct sealed_line *lines, size_t n, struct helper *helper)
{
	sealed_expect(cache, s, fd, lines, n);
	sealed_expect_start(cache, helper);
}

static bool reads_line(struct sealed_cache *cache, struct sealed *s, int fd,
	struct sealed_line line, struct str lines)
{
	char *p = arena_text(scene_arena(), line.n);
	bool is_checked;
	size_t got;
	if (sealed_read_line(cache, s, fd, p, line.n, line.at, &got, &is_checked))
		return false;
	ck_assert(str_eq(str_of(p, got), str_first(str_skip(lines, (size_t)line.at), line.n)));
	return true;
}

/* How often each frame of a file is read; the reader must be the only one at it. */
static struct {
	const struct sealed *s;
	int fd;
	unsigned *n_reads; /* of each frame */
	const struct io_table *before;
	struct io_table table;
} frames_read;

static ssize_t counted_pread(int fd, void *buf, size_t n, off_t at)
{
	for (size_t i = 0; fd == frames_read.fd && i < frames_read.s->n_frames; i++)
		frames_read.n_reads[i] += frames_read.s->at[i] == at;
	return frames_read.before->pread(fd, buf, n, at);
}

static void count_frames(const struct sealed *s, int fd)
{
	frames_read.s = s;
	frames_read.fd = fd;
	frames_read.n_reads = arena_calloc(scene_arena(), s->n_frames, sizeof(unsigned));
	frames_read.before = io;
	frames_read.table = *io;
	frames_read.table.pread = counted_pread;
	io = &frames_read.table;
}

/* How often the one that was read most was. */
static unsigned frames_counted(void)
{
	unsigned most = 0;
	io = frames_read.before;
	for (size_t i = 0; i < frames_read.s->n_frames; i++)
		most = frames_read.n_reads[i] > most ? frames_read.n_reads[i] : most;
	return most;
}

/* is_apart: as if their frames were too many to keep. */
static struct sealed_room room_for(const struct sealed_cache *cache, const struct sealed *s,
	const struct sealed_line *lines, size_t n, bool is_apart)
{
	struct sealed_room room = { 0 };
	sealed_expect_room(cache, s, lines, n, &room);
	if (is_apart)
		room.whole = SEALED_CACHE_BYTES + 1;
	return room;
}

static bool is_in_one_frame(const struct sealed *s, struct sealed_line line)
{
	for (size_t i = 1; i < s->n_frames; i++)
		if (s->from[i] > line.at && s->from[i] < line.at + (int64_t)line.n)
			return false;
	return true;
}

/* Rows of a page, which come in any order: each frame is decoded once, and what was expected is
 * what is there, also where it does not fit or is not where it was said to be. */
START_TEST(lines_that_are_expected_are_read_without_their_frames)
	{
		enum { N = 60, ROOM = 1 << 20 };
		struct rng rng = rng_from_seed();
		scene_open(&sc);
		struct helper *helper = helper_start();
		ck_assert_ptr_nonnull(helper);
		for (int turn = 0; turn < 8; turn++) {
			int round = turn % 4;
			struct helper *who = turn < 4 ? NULL : helper;
			struct sealed_cache *cache = sealed_cache_make(scene_arena());
			struct sealed *s;
			struct sealed_line expected[N];
			size_t got, n = 0, n_bytes = 0;
			bool is_apart = round >= 2;
			/* Frames of megabytes, that are kept; short ones; those of megabytes of
			 * which only the lines are, and these without any room. */
			struct str lines =
				round == 1 ? some_talk(&rng, 3 << 20) : some_repeats(&rng, 6 << 20);
			write_sealed("x", lines);
			int fd = openat(sc.dir_fd, "x", O_RDONLY);
			int none = openat(sc.dir_fd, "x", O_WRONLY);
			ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
			for (size_t at = 0; at < lines.len && n < N;) {
				size_t len = str_index(str_skip(lines, at), '\n') + 1;
				expected[n] = (struct sealed_line){ (int64_t)at, len, N - n };
				if (rng_below(&rng, 3) == 0 && is_in_one_frame(s, expected[n])) {
					n++;
					n_bytes += len;
				}
				at += len;
			}
			struct sealed_room room = room_for(cache, s, expected, n, is_apart);
			size_t n_ahead = round == 2 ? room.lines : 0;
			ck_assert_uint_le(room.lines, n_bytes);
			ck_assert((room.lines > 0) == (round != 1));
			ck_assert_uint_gt(room.whole + room.own, room.lines);
			ck_assert_uint_eq(room.n_missing, n);
			if (round == 3)
				room.lines = 0;
			sealed_expect_begin(cache, room);
			expect(cache, s, fd, expected, n, who);
			ck_assert_uint_le(cache->n_bytes, n_bytes);
			ck_assert_uint_eq(cache->n_ahead, 0); /* until one is needed */
			if (!who)
				count_frames(s, fd);
			for (size_t k = n; k-- > 0;)
				ck_assert(reads_line(cache, s, fd, expected[k], lines));
			if (!who && round != 3)
				ck_assert_uint_eq(frames_counted(), 1);
			else if (!who)
				(void)frames_counted();
			ck_assert_uint_eq(cache->n_ahead, n_ahead);
			ck_assert_uint_le(cache->n_bytes, SEALED_CACHE_BYTES);
			ck_assert(is_apart || cache->n_bytes > 0);
			room = room_for(cache, s, expected, n, is_apart);
			ck_assert((room.n_missing > 0) == (round == 3));
			for (size_t k = 0; k < n && round != 3; k++)
				ck_assert(reads_line(cache, s, none, expected[k], lines));
			for (size_t k = 0; k < n; k++) {
				struct sealed_line line = expected[rng_below(&rng, n)];
				char *p = arena_text(scene_arena(), line.n);
				ck_assert(reads_line(cache, s, fd, line, lines));
				ck_assert_int_eq(
					sealed_read(cache, s, fd, p, line.n, line.at, &got),
					ERR_OK);
				ck_assert(str_eq(str_of(p, got),
					str_first(str_skip(lines, (size_t)line.at), line.n)));
			}
			/* What is said about other files or none does no harm. */
			expected[0].at = INT64_MAX - 5;
			expected[1].n = ROOM;
			expected[2].n = 0;
			sealed_expect_begin(cache, room_for(cache, s, expected, n, is_apart));
			expect(cache, s, fd, expected, n, who);
			expect(cache, s, none, expected, n, who);
			for (size_t k = n; k-- > 3;)
				ck_assert(reads_line(cache, s, fd, expected[k], lines));
			/* From one request to the next it is kept, what is in the room until that
			 * is needed; little of that when none comes. */
			sealed_cache_trim(cache);
			ck_assert_uint_le(cache->n_bytes + cache->n_ahead, SEALED_CACHE_BYTES);
			n_ahead = cache->n_ahead;
			ck_assert((n_ahead > 0) == is_apart);
			struct sealed_room other = { .n_missing = 1, .whole = SIZE_MAX };
			other.lines = SEALED_AHEAD_BYTES - n_ahead;
			sealed_expect_begin(cache, other);
			ck_assert_uint_eq(cache->n_ahead, n_ahead);
			other.lines = SEALED_AHEAD_BYTES;
			other.n_missing = 0;
			sealed_expect_begin(cache, other);
			ck_assert_uint_eq(cache->n_ahead, n_ahead);
			other.n_missing = 1;
			sealed_expect_begin(cache, other);
			ck_assert_uint_eq(cache->n_ahead, 0);
			expect(cache, s, fd, expected, n, who);
			for (size_t k = n; k-- > 3;)
				ck_assert(reads_line(cache, s, fd, expected[k], lines));
			ck_assert((cache->n_ahead > 0) == (round != 1));
			int ms = sealed_cache_rest(cache, 1);
			ck_assert(ms == -1 || ms == SEALED_REST_MS);
			ck_assert_int_eq(sealed_cache_rest(cache, REST_NS), -1);
			ck_assert_uint_eq(cache->n_ahead, 0);
			ck_assert_ptr_null(cache->ahead);
			ck_assert_uint_eq(cache->n_spares, 0);
			ck_assert(reads_line(cache, s, fd, expected[n - 1], lines));
			sealed_close(cache, s);
			sealed_cache_close(cache);
			close(fd);
			close(none);
		}
		helper_stop(helper);
		scene_close(&sc);
	}
END_TEST

/* How many, and how long the longest frame is. */
static size_t long_frames(const struct sealed *s, size_t *ret_most)
{
	size_t n = 0;
	*ret_most = 0;
	for (size_t i = 0; i < s->n_frames; i++) {
		size_t bytes = (size_t)(s->from[i + 1] - s->from[i]);
		*ret_most = bytes > *ret_most ? bytes : *ret_most;
		n += bytes > 1 << 20;
	}
	return n;
}

/* Pages that follow one another, newest first: a frame that is in two of them is decoded once, and
 * so is what is asked again in turns. */
START_TEST(pages_that_are_asked_one_after_the_other_decode_each_long_frame_once)
	{
		enum { N = 400, A_PAGE = 23 };
		struct rng rng = rng_from_seed();
		struct sealed_line all[N];
		struct sealed *s, *other;
		size_t n = 0, n_long, most;
		scene_open(&sc);
		struct sealed_cache *cache = sealed_cache_make(scene_arena());
		struct str lines = some_repeats(&rng, 14 << 20);
		write_sealed("x", lines);
		int fd = openat(sc.dir_fd, "x", O_RDONLY);
		struct str talk = some_talk(&rng, 1 << 20);
		write_sealed("y", talk);
		int other_fd = openat(sc.dir_fd, "y", O_RDONLY);
		ck_assert_int_eq(sealed_open(cache, other_fd, &other), ERR_OK);
		ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
		for (size_t at = 0, len; at < lines.len; at += len) {
			len = str_index(str_skip(lines, at), '\n') + 1;
			all[n] = (struct sealed_line){ (int64_t)at, len, N - n };
			if (is_in_one_frame(s, all[n]))
				ck_assert_uint_lt(n++, N);
		}
		n_long = long_frames(s, &most);
		ck_assert_uint_gt(n_long, 2);
		ck_assert_uint_gt(n, 3 * A_PAGE);
		count_frames(s, fd);
		for (size_t end = n; end > 0; end -= end < A_PAGE ? end : A_PAGE) {
			size_t first = end < A_PAGE ? 0 : end - A_PAGE;
			for (int again = 0; again < 2; again++) {
				sealed_expect_begin(
					cache, room_for(cache, s, all + first, end - first, false));
				expect(cache, s, fd, all + first, end - first, NULL);
				struct sealed_line elsewhere = { .at = (int64_t)(end * 1000),
					.n = 10 };
				ck_assert(reads_line(cache, other, other_fd, elsewhere, talk));
				for (size_t k = end; k-- > first;)
					ck_assert(reads_line(cache, s, fd, all[k], lines));
				sealed_cache_trim(cache);
				ck_assert_uint_le(
					cache->n_bytes + cache->n_ahead, SEALED_CACHE_BYTES);
				ck_assert_uint_le(
					cache->n_bytes + cache->n_spares * SEALED_ROOM_BYTES,
					SEALED_CACHE_BYTES + SEALED_ROOM_BYTES);
			}
		}
		ck_assert_uint_eq(frames_counted(), 1);
		sealed_close(cache, s);
		sealed_close(cache, other);
		sealed_cache_close(cache);
		close(fd);
		close(other_fd);
		scene_close(&sc);
	}
END_TEST

/* As if so much of an earlier page were ahead. */
static void fill_ahead(struct sealed_cache *cache, size_t n)
{
	struct sealed_room room = { .n_missing = 1, .lines = 1, .whole = SIZE_MAX };
	sealed_expect_begin(cache, room);
	ck_assert_ptr_nonnull(cache->ahead);
	cache->n_ahead = cache->ahead_touched = n;
}

/* As many lines as there are, or n. */
static size_t list_lines(
	const struct sealed *s, struct str lines, struct sealed_line *ret, size_t most)
{
	size_t n = 0;
	for (size_t at = 0, len; at < lines.len && n < most; at += len) {
		len = str_index(str_skip(lines, at), '\n') + 1;
		ret[n] = (struct sealed_line){ (int64_t)at, len, n };
		n += is_in_one_frame(s, ret[n]);
	}
	return n;
}

/* How many frames were read since count_frames(). */
static size_t frames_touched(void)
{
	size_t n = 0;
	for (size_t i = 0; i < frames_read.s->n_frames; i++)
		n += frames_read.n_reads[i] > 0;
	return n;
}

/* While a reader waits for somebody else: what it reads next first, and no more than there is room
 * for. */
START_TEST(long_frames_are_decoded_by_steps_in_the_order_in_which_they_are_read)
	{
		enum { N = 400, LINES = 60, STEP = 37 };
		struct rng rng = rng_from_seed();
		struct sealed_line all[N], page[LINES], by_rank[LINES];
		struct sealed *s;
		size_t most, n_long, n_steps = 0;
		scene_open(&sc);
		struct sealed_cache *cache = sealed_cache_make(scene_arena());
		struct str lines = some_repeats(&rng, 18 << 20);
		write_sealed("x", lines);
		int fd = openat(sc.dir_fd, "x", O_RDONLY);
		int none = openat(sc.dir_fd, "x", O_WRONLY);
		ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
		size_t n = list_lines(s, lines, all, N);
		for (size_t i = 0; i < LINES; i++) {
			page[i] = all[i * n / LINES];
			page[i].rank = i * STEP % LINES;
			by_rank[page[i].rank] = page[i];
		}
		n_long = long_frames(s, &most);
		ck_assert_uint_gt(n_long, 3);
		ck_assert(!sealed_expect_step(cache));
		sealed_expect_begin(cache, room_for(cache, s, page, LINES, false));
		expect(cache, s, fd, page, LINES, NULL);
		count_frames(s, fd);
		while (sealed_expect_step(cache))
			n_steps++;
		ck_assert_uint_ge(frames_touched(), n_long);
		ck_assert_uint_eq(frames_counted(), 1);
		ck_assert_uint_gt(n_steps, 4 * n_long); /* each is short */
		for (size_t i = 0; i < LINES; i++)
			ck_assert(reads_line(cache, s, none, by_rank[i], lines));
		/* The file may be closed: nothing is done behind its back. */
		sealed_cache_trim(cache);
		sealed_cache_rest(cache, 1);
		sealed_cache_rest(cache, REST_NS);
		sealed_expect_begin(cache, room_for(cache, s, page, LINES, false));
		expect(cache, s, fd, page, LINES, NULL);
		sealed_expect_end(cache);
		ck_assert(!sealed_expect_step(cache));
		/* Where they do not stay one is ahead; who stayed makes room for the lines at once.
		 */
		for (size_t i = 0; i < LINES; i++)
			ck_assert(reads_line(cache, s, fd, by_rank[i], lines));
		ck_assert_uint_gt(cache->n_bytes, SEALED_CACHE_BYTES - SEALED_AHEAD_BYTES);
		struct sealed_room apart = { .n_missing = 1, .lines = SEALED_AHEAD_BYTES };
		apart.whole = SIZE_MAX / 2;
		sealed_expect_begin(cache, apart);
		ck_assert_uint_le(cache->n_bytes, SEALED_CACHE_BYTES - SEALED_AHEAD_BYTES);
		sealed_cache_trim(cache);
		sealed_cache_rest(cache, 1);
		sealed_cache_rest(cache, REST_NS);
		sealed_expect_begin(cache, room_for(cache, s, page, LINES, true));
		expect(cache, s, fd, page, LINES, NULL);
		count_frames(s, fd);
		for (size_t i = 0; i < LINES; i++) {
			size_t before = frames_touched();
			while (sealed_expect_step(cache))
				;
			ck_assert_uint_le(frames_touched(), before + 1);
			ck_assert(i || frames_touched() == 1);
			ck_assert(reads_line(cache, s, fd, by_rank[i], lines));
			ck_assert_uint_le(cache->n_bytes, 2 * most + (2 << 20));
		}
		ck_assert_uint_ge(frames_touched(), n_long);
		ck_assert_uint_eq(frames_counted(), 1);
		sealed_close(cache, s);
		sealed_cache_close(cache);
		close(fd);
		close(none);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_step_in_a_damaged_frame_is_told_to_its_reader_and_hides_no_other)
	{
		enum { N = 400 };
		struct rng rng = rng_from_seed();
		struct sealed_line page[N];
		struct sealed *s;
		size_t n_good = 0, n_bad = 0, damaged = 1;
		scene_open(&sc);
		struct sealed_cache *cache = sealed_cache_make(scene_arena());
		struct str lines = some_repeats(&rng, 18 << 20);
		write_sealed("x", lines);
		int fd = openat(sc.dir_fd, "x", O_RDWR);
		ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
		ck_assert_int_eq(pwrite(fd, "damaged", 7, s->at[damaged] + 5), 7);
		size_t n = list_lines(s, lines, page, N);
		sealed_expect_begin(cache, room_for(cache, s, page, n, false));
		expect(cache, s, fd, page, n, NULL);
		while (sealed_expect_step(cache))
			;
		for (size_t i = 0; i < n; i++) {
			bool is_in_damaged =
				page[i].at >= s->from[damaged] && page[i].at < s->from[damaged + 1];
			bool is_good = reads_line(cache, s, fd, page[i], lines);
			ck_assert(is_good != is_in_damaged);
			n_good += is_good;
			n_bad += !is_good;
		}
		ck_assert_uint_gt(n_good, 0);
		ck_assert_uint_gt(n_bad, 0);
		sealed_close(cache, s);
		sealed_cache_close(cache);
		close(fd);
		scene_close(&sc);
	}
END_TEST

/* As if so much were ahead that one frame fits beside it. */
enum { NO_ROOM = SEALED_CACHE_BYTES - (4 << 20) };

START_TEST(what_is_ahead_of_an_earlier_page_leaves_room_for_this_one)
	{
		enum { N = 400, LINE_BYTES = 44 << 10, STEP = 7, LONG_STEP = 3 };
		struct rng rng = rng_from_seed();
		struct sealed_line page[N];
		struct sealed *s;
		struct buf prose;
		scene_open(&sc);
		struct sealed_cache *cache = sealed_cache_make(scene_arena());
		buf_init(&prose, scene_arena());
		for (size_t i = 0; i < N; i++) {
			add_letters(&rng, &prose, LINE_BYTES - 1);
			buf_add_char(&prose, '\n');
		}
		write_sealed("x", buf_str(&prose));
		int fd = openat(sc.dir_fd, "x", O_RDONLY);
		ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
		size_t n = list_lines(s, buf_str(&prose), page, N);
		ck_assert_uint_gt(n, N / 4 * 3);
		/* Lines of short frames, in no order: they would not fit beside that. */
		fill_ahead(cache, SEALED_AHEAD_BYTES);
		struct sealed_room room = room_for(cache, s, page, n, true);
		ck_assert_uint_gt(room.own, SEALED_CACHE_BYTES - SEALED_AHEAD_BYTES);
		sealed_expect_begin(cache, room);
		ck_assert_uint_eq(cache->n_ahead, 0);
		expect(cache, s, fd, page, n, NULL);
		count_frames(s, fd);
		for (size_t k = 0; k < n; k++)
			ck_assert(reads_line(cache, s, fd, page[k * STEP % n], buf_str(&prose)));
		ck_assert_uint_eq(frames_counted(), 1);
		/* If nobody says how many they are they are read all the same, with or without
		 * room. */
		for (int again = 0; again < 2; again++) {
			sealed_cache_trim(cache);
			ck_assert_int_eq(sealed_cache_rest(cache, 1), SEALED_REST_MS);
			ck_assert_int_eq(sealed_cache_rest(cache, REST_NS), -1);
			fill_ahead(cache, SEALED_AHEAD_BYTES);
			expect(cache, s, fd, page, n, NULL);
			if (again) { /* this page is broken off, the next one is told right */
				sealed_expect_begin(cache, room_for(cache, s, page, n, true));
				ck_assert_uint_eq(cache->n_ahead, 0);
				expect(cache, s, fd, page, n, NULL);
			}
			for (size_t k = 0; k < n; k++)
				ck_assert(reads_line(
					cache, s, fd, page[k * STEP % n], buf_str(&prose)));
			ck_assert_uint_le(cache->n_bytes, SEALED_CACHE_BYTES - cache->n_ahead);
		}
		sealed_close(cache, s);
		close(fd);
		/* Lines of long frames that go while they are read. */
		struct str lines = some_repeats(&rng, 18 << 20);
		write_sealed("y", lines);
		fd = openat(sc.dir_fd, "y", O_RDONLY);
		ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
		n = list_lines(s, lines, page, N);
		fill_ahead(cache, 0);
		cache->ahead_touched = SEALED_AHEAD_BYTES;
		sealed_expect_begin(cache, room_for(cache, s, page, n, false));
		ck_assert_ptr_null(cache->ahead);
		ck_assert_uint_eq(cache->ahead_touched, 0);
		expect(cache, s, fd, page, n, NULL);
		for (size_t k = 0; k < n; k++) {
			size_t number = k * LONG_STEP % n;
			/* Then and now there is no room for two. */
			cache->n_ahead = k % 50 < 20 ? 0 : NO_ROOM;
			ck_assert(reads_line(cache, s, fd, page[number], lines));
		}
		/* And from one request to the next. */
		cache->n_ahead = 0;
		for (size_t k = 0; k < n; k++)
			ck_assert(reads_line(cache, s, fd, page[k], lines));
		ck_assert_uint_gt(cache->n_bytes, SEALED_CACHE_BYTES - SEALED_AHEAD_BYTES);
		cache->n_ahead = SEALED_AHEAD_BYTES;
		sealed_cache_trim(cache);
		ck_assert_uint_le(cache->n_bytes, SEALED_CACHE_BYTES - SEALED_AHEAD_BYTES);
		sealed_close(cache, s);
		sealed_cache_close(cache);
		close(fd);
		scene_close(&sc);
	}
END_TEST

/* A page without bodies, then with them, of frames that are too many to keep. */
START_TEST(lines_whose_heads_are_known_are_taken_out_of_their_frames_once)
	{
		enum { N = 400, STEP = 8, HEAD_BYTES = 200 };
		struct rng rng = rng_from_seed();
		struct sealed_line page[N], heads[N];
		struct sealed *s;
		size_t most, n_long;
		scene_open(&sc);
		struct sealed_cache *cache = sealed_cache_make(scene_arena());
		struct str lines = some_repeats(&rng, 14 << 20);
		write_sealed("x", lines);
		int fd = openat(sc.dir_fd, "x", O_RDONLY);
		ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
		int none = openat(sc.dir_fd, "x", O_WRONLY);
		size_t n_all = list_lines(s, lines, page, N), n = n_all / STEP;
		struct sealed_line other = page[(n_all / 2) | 1];
		for (size_t k = 0; k < n; k++)
			page[k] = page[k * STEP];
		for (size_t k = 0; k < n; k++) {
			heads[k] = page[k];
			heads[k].n = page[k].n < HEAD_BYTES ? page[k].n : HEAD_BYTES;
		}
		n_long = long_frames(s, &most);
		ck_assert_uint_gt(n_long, 2);
		for (int whole = 0; whole < 2; whole++) {
			const struct sealed_line *of = whole ? page : heads;
			sealed_expect_begin(cache, room_for(cache, s, of, n, true));
			expect(cache, s, fd, of, n, NULL);
			for (size_t k = 0; k < n; k++)
				ck_assert(reads_line(cache, s, fd, of[k], lines));
			/* The last frame stays, as the next page may begin there. */
			ck_assert_uint_gt(cache->n_bytes, most / 2);
			ck_assert_uint_lt(cache->n_bytes, most + (2 << 20));
		}
		/* What makes room for itself leaves what none is gained by. */
		cache->n_ahead = NO_ROOM;
		ck_assert(reads_line(cache, s, fd, other, lines));
		ck_assert_uint_le(cache->n_bytes, SEALED_CACHE_BYTES - NO_ROOM);
		for (size_t k = 0; k < n; k++)
			if (page[k].n > 16 << 10)
				ck_assert(reads_line(cache, s, none, page[k], lines));
		sealed_close(cache, s);
		sealed_cache_close(cache);
		close(fd);
		close(none);
		scene_close(&sc);
	}
END_TEST

/* What a person looks at again seconds later; and not more than a process at rest may have. */
START_TEST(lines_that_were_read_last_are_kept_over_a_pause)
	{
		enum { STEP = 2, N = 400 };
		struct rng rng = rng_from_seed();
		struct sealed_line expected[N];
		struct sealed *s;
		scene_open(&sc);
		struct str lines = some_repeats(&rng, 14 << 20);
		write_sealed("x", lines);
		int fd = openat(sc.dir_fd, "x", O_RDONLY);
		int none = openat(sc.dir_fd, "x", O_WRONLY);
		size_t n = 0, n_bytes = 0, k = 0;
		for (size_t at = 0, len; at < lines.len && n < N; at += len) {
			len = str_index(str_skip(lines, at), '\n') + 1;
			if (k++ % STEP) {
				expected[n] = (struct sealed_line){ (int64_t)at, len, N - n };
				n++;
			}
			n_bytes += k % STEP ? 0 : len;
		}
		ck_assert_uint_gt(n_bytes, SEALED_REST_BYTES);
		for (int turn = 0; turn < 4; turn++) {
			bool is_apart = turn >= 2, is_little = turn % 2;
			struct sealed_cache *cache = sealed_cache_make(scene_arena());
			size_t first = is_little ? n * 9 / 10 : 0, n_kept = 0, sum = 0;
			ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
			sealed_expect_begin(
				cache, room_for(cache, s, expected + first, n - first, is_apart));
			expect(cache, s, fd, expected + first, n - first, NULL);
			for (k = first; k < n; k++)
				ck_assert(reads_line(cache, s, fd, expected[k], lines));
			/* One by itself leaves its frame, for which there is no room. */
			if (is_little)
				ck_assert(reads_line(cache, s, fd, expected[first - 9], lines));
			ck_assert(!is_little || cache->n_bytes > SEALED_REST_BYTES);
			sealed_cache_trim(cache);
			size_t had = cache->n_bytes + cache->n_ahead;
			ck_assert_int_eq(sealed_cache_rest(cache, 1), SEALED_REST_MS);
			/* Other requests do not keep it, what they use of it does. */
			sealed_cache_trim(cache);
			ck_assert_int_eq(
				sealed_cache_rest(cache, NS_PER_MS + 1), SEALED_REST_MS - 1);
			ck_assert(reads_line(cache, s, none, expected[n - 1], lines));
			ck_assert_int_eq(sealed_cache_rest(cache, NS_PER_MS + 1), SEALED_REST_MS);
			ck_assert_int_eq(sealed_cache_rest(cache, REST_NS), 1);
			ck_assert_uint_eq(cache->n_bytes + cache->n_ahead, had);
			ck_assert_int_eq(sealed_cache_rest(cache, REST_NS + NS_PER_MS), -1);
			ck_assert_uint_eq(cache->n_ahead, 0);
			ck_assert_ptr_null(cache->ahead);
			ck_assert_uint_le(cache->n_bytes, SEALED_REST_BYTES);
			ck_assert_int_eq(sealed_cache_rest(cache, REST_NS + NS_PER_MS), -1);
			for (k = n;
				k-- > first && reads_line(cache, s, none, expected[k], lines);) {
				sum += expected[k].n;
				n_kept++;
			}
			ck_assert(!is_little || n_kept == n - first);
			ck_assert(is_little || (n_kept && n_kept < n));
			ck_assert_uint_eq(cache->n_bytes, sum);
			ck_assert(is_little || sum > SEALED_REST_BYTES / 4 * 3);
			for (k = 0; k < n; k++)
				ck_assert(reads_line(cache, s, fd, expected[k], lines));
			sealed_close(cache, s);
			sealed_cache_close(cache);
		}
		close(fd);
		close(none);
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
		write_sealed("x", some_lines(&rng, 1000));
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
		write_sealed("x", some_lines(&rng, 3000));
		write_sealed("y", some_lines(&rng, 3000));
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
		write_sealed("x", some_lines(&rng, 4000));
		ck_assert_int_eq(sealed_open(cache, x, &again), ERR_OK);
		ck_assert_uint_ne(again->id, id);
		ck_assert_int_gt(again->size_bytes, 3900);
		sealed_close(cache, again);
		for (int i = 0; i < 3 * SEALED_KEEP_FILES; i++) {
			char name[16];
			(void)snprintf(name, sizeof name, "f%d", i);
			write_sealed(name, some_lines(&rng, 100));
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
		write_sealed("x", buf_str(&lines));
		/* 240 KB of what does not repeat itself take 140 KB, and there are some frames. */
		ck_assert_uint_lt(scene_file(&sc, "x").len * 12, lines.len);
		struct rng again = rng;
		must_read_the_same(&again, buf_str(&lines));
		scene_close(&sc);
	}
END_TEST

/* Who reads a session's calls, in whatever order, needs all frames that it is in. */
START_TEST(a_session_is_in_as_few_frames_as_may_be)
	{
		enum { MOST = 4 << 20, TURN_BYTES = 6000, CALLS = 4, SESSIONS = 8 };
		static const size_t sizes[SESSIONS] = { 700 << 10, 6 << 20, 3 << 20, 9 << 20,
			2 << 20, 1 << 20, 3900 << 10, 5 << 20 };
		size_t begin[SESSIONS + 1];
		struct rng rng = rng_from_seed();
		struct sealed_writer w;
		struct sealed *s;
		scene_open(&sc);
		scene_workspace(&sc);
		int fd = openat(sc.dir_fd, "x", O_RDWR | O_CREAT, 0640);
		ck_assert_int_eq(sealed_writer_open(&w, scene_arena(), fd, 1), ERR_OK);
		size_t at = 0;
		for (size_t i = 0; i < SESSIONS; i++) {
			struct buf history;
			buf_init(&history, scene_arena());
			begin[i] = at;
			sealed_writer_hint(&w);
			while (at < begin[i] + sizes[i]) {
				add_letters(&rng, &history, TURN_BYTES);
				for (int call = 0; call < CALLS; call++) { /* and its tools */
					size_t n = call ? 200 : history.len;
					struct str line = str_first(buf_str(&history), n);
					ck_assert_int_eq(sealed_writer_add(&w, line), ERR_OK);
					ck_assert_int_eq(sealed_writer_add(&w, STR("\n")), ERR_OK);
					at += n + 1;
				}
			}
		}
		begin[SESSIONS] = at;
		ck_assert_int_eq(sealed_writer_finish(&w), ERR_OK);
		ck_assert_int_gt((int64_t)at, w.out_bytes * 15);
		sealed_writer_close(&w);
		struct sealed_cache *cache = sealed_cache_make(scene_arena());
		ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
		for (size_t i = 0; i < SESSIONS; i++) {
			size_t n = 0, bytes = begin[i + 1] - begin[i];
			for (size_t k = 0; k < s->n_frames; k++)
				n += s->from[k] < (int64_t)begin[i + 1] &&
				     s->from[k + 1] > (int64_t)begin[i];
			ck_assert_uint_eq(n, (bytes + MOST - 1) / MOST);
		}
		sealed_close(cache, s);
		sealed_cache_close(cache);
		close(fd);
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
		write_sealed("x", lines);
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

/* ---- Sealing ---- */

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

static enum err seal_first_day(void)
{
	struct seal_options o;
	struct seal_result result;
	seal_options_init(&o, SCENE_NOW + 3 * NS_PER_DAY);
	o.grace_ms = 0;
	o.level = 1;
	o.lock_ms = 100;
	return seal_day(&sc.store, STR("w"), SCENE_DAY, &o, &result);
}

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
			ck_assert_int_eq(seal_first_day(), ERR_OK);
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
	ck_assert_int_ne(seal_first_day(), ERR_OK);
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
				ck_assert_int_eq(seal_first_day(), ERR_OK);
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
		ck_assert_int_eq(seal_first_day(), ERR_OK);
		pid_t pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0)
			_exit(index_in_little_memory());
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		ck_assert_int_eq(seal_first_day(), ERR_OK); /* nobody holds a lock */
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
		ck_assert_int_eq(seal_first_day(), ERR_FULL);
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

START_TEST(a_damaged_sealed_day_loses_what_is_damaged_and_hides_no_other)
	{
		scene_open(&sc);
		for (unsigned i = 0; i < 50; i++)
			scene_must_append(&sc, i, SCENE_NOW);
		scene_must_append(&sc, 99, SCENE_NOW + NS_PER_DAY);
		scene_seal(&sc, SCENE_DAY);
		struct str bytes = scene_file(&sc, sealed_name(SCENE_DAY, 1));
		((char *)(uintptr_t)bytes.ptr)[bytes.len / 3] ^= 1;
		scene_put(&sc, sealed_name(SCENE_DAY, 1), bytes);
		struct view v;
		struct str line;
		struct span s;
		bool found;
		struct row_ref ref = { .at = 0 };
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(view_read_line_at(&v, &ref, &line), ERR_OK);
		v.shards[0].is_strict = true;
		ck_assert_int_eq(view_read_line_at(&v, &ref, &line), ERR_IO);
		v.shards[0].is_strict = false;
		ref.shard = 1;
		ck_assert_int_eq(view_read_line_at(&v, &ref, &line), ERR_OK);
		unsigned n_found = 0;
		for (unsigned i = 0; i < 50; i++) { /* what is not touched is there */
			ck_assert_int_eq(lookup_span(&v, STR("test"), STR("t1"), scene_id(i), &s,
						 &ref, &found),
				ERR_OK);
			n_found += found;
		}
		ck_assert_uint_lt(n_found, 50);
		ck_assert(v.shards[0].is_damaged && !v.shards[1].is_damaged);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

/* Lines with outputs of so many bytes, much like one another and in themselves. */
static void write_long_lines(unsigned n, size_t output_bytes, struct buf *ret)
{
	enum { PERIOD = 64 << 10 };
	struct rng rng = rng_from_seed();
	for (unsigned i = 0; i < n; i++)
		scene_must_append(&sc, i, SCENE_NOW);
	struct scene_lines before = scene_read(&sc);
	ck_assert_uint_eq(before.n, n);
	char *body = arena_text(scene_arena(), output_bytes);
	for (size_t k = 0; k < output_bytes; k++)
		body[k] = k < PERIOD ? (char)('a' + rng_below(&rng, 26)) : body[k - PERIOD];
	body[0] = body[output_bytes - 1] = '"';
	buf_init(ret, scene_arena());
	for (unsigned i = 0; i < n; i++) {
		struct span s = before.spans[i];
		span_set_text(&s, FIELD_OUTPUT, str_of(body, output_bytes));
		line_write(ret, &s);
	}
}

START_TEST(a_page_longer_than_what_is_kept_ahead_is_unpacked_in_parts)
	{
		/* Three in a frame, of which one is wanted. */
		enum { STEP = 3, LINES = 16, OTHERS = 7, LINE_BYTES = 1300 << 10 };
		const struct row_ref *next = NULL;
		unsigned n_parts = 0;
		struct buf lines;
		struct view v;
		scene_open(&sc);
		write_long_lines(STEP * LINES, LINE_BYTES, &lines);
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&lines));
		scene_seal(&sc, SCENE_DAY);
		sc.store.sealed->settle_s = -1; /* else the file may still change */
		/* They were sealed in their order, the last is shown first. */
		struct row_ref refs[LINES], others[LINES];
		for (size_t i = STEP * LINES, at = 0, len; i-- > 0; at += len + 1) {
			len = str_index(str_skip(buf_str(&lines), at), '\n');
			struct row_ref ref = { .at = (int64_t)at, .len = (uint32_t)len };
			*(i % STEP ? &others[i / STEP] : &refs[i / STEP]) = ref;
		}
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		view_expect(&v, refs, LINES, NULL);
		for (unsigned i = 0; i < LINES; i++) {
			struct str line;
			ck_assert_int_eq(view_read_line(&v, refs[i], &line), ERR_OK);
			ck_assert(str_eq(
				line, str_first(str_skip(buf_str(&lines), (size_t)refs[i].at),
					      refs[i].len)));
			ck_assert_uint_gt(sc.store.sealed->n_ahead, 0);
			ck_assert_uint_le(sc.store.sealed->n_ahead, SEALED_AHEAD_BYTES);
			n_parts += v.expected.refs != next;
			next = v.expected.refs;
		}
		ck_assert_uint_eq(n_parts, 2);
		ck_assert_uint_eq(v.expected.n, 0);
		view_close(&v);
		/* The last part is there for the next request, until there is a pause. */
		size_t n_ahead = sc.store.sealed->n_ahead;
		ck_assert_uint_ge(n_ahead, 3 * (size_t)LINE_BYTES);
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		view_expect(&v, refs + LINES - 3, 3, NULL);
		for (unsigned i = LINES - 3; i < LINES; i++) {
			struct str line;
			ck_assert_int_eq(view_read_line(&v, refs[i], &line), ERR_OK);
		}
		ck_assert_uint_eq(sc.store.sealed->n_ahead, n_ahead);
		view_close(&v);
		/* A page whose frames fit, but not beside that. */
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		view_expect(&v, others, OTHERS, NULL);
		ck_assert_uint_eq(sc.store.sealed->n_ahead, 0);
		for (unsigned i = 0; i < OTHERS; i++) {
			struct str line;
			ck_assert_int_eq(view_read_line(&v, others[i], &line), ERR_OK);
			ck_assert(str_eq(
				line, str_first(str_skip(buf_str(&lines), (size_t)others[i].at),
					      others[i].len)));
		}
		ck_assert_uint_gt(sc.store.sealed->n_bytes, OTHERS * (size_t)LINE_BYTES * STEP);
		ck_assert_uint_le(sc.store.sealed->n_bytes, SEALED_CACHE_BYTES);
		view_close(&v);
		ck_assert_int_eq(sealed_cache_rest(sc.store.sealed, 1), SEALED_REST_MS);
		ck_assert_int_eq(sealed_cache_rest(sc.store.sealed, REST_NS), -1);
		ck_assert_uint_eq(sc.store.sealed->n_ahead, 0);
		scene_close(&sc);
	}
END_TEST

/* The sealed file of the day with a bit flipped somewhere in its first n bytes, which is returned;
 * is_good: as it is. */
static size_t put_damaged(struct rng *rng, struct str file, size_t n, bool is_good)
{
	char *p = (char *)(uintptr_t)file.ptr;
	size_t at = is_good ? 0 : rng_below(rng, n);
	char was = p[at];
	p[at] = (char)(is_good ? was : was ^ 1 << rng_below(rng, 8));
	scene_put(&sc, sealed_name(SCENE_DAY, 1), file);
	p[at] = was;
	return at;
}

/* Lines are believed for their own seals; if one is not right, the file tells whether it is
 * damaged, or holds a line that was damaged before. */
START_TEST(damage_in_a_long_frame_hides_damaged_lines_only_and_is_told)
	{
		struct rng rng = rng_from_seed();
		enum { LINES = 40, LINE_BYTES = 40000 };
		unsigned n_errors = 0;
		struct buf lines;
		scene_open(&sc);
		write_long_lines(LINES, LINE_BYTES, &lines);
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&lines));
		scene_seal(&sc, SCENE_DAY);
		struct str bytes = scene_file(&sc, sealed_name(SCENE_DAY, 1));
		size_t line_len = str_index(buf_str(&lines), '\n');
		for (unsigned i = 0; i < 200; i++) {
			struct arena_mark mark = arena_mark(scene_arena());
			size_t at = put_damaged(&rng, bytes, bytes.len - 200, i == 0);
			struct view v;
			struct span s;
			struct row_ref ref = { .len = (uint32_t)line_len };
			ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
			for (int k = 0; k < 2; k++) {
				struct row_ref both[] = { ref, ref };
				if (i % 2)
					view_expect(&v, both, 2, NULL);
				enum err e = view_read_span(&v, ref, NULL, &s, NULL);
				n_errors += e == ERR_NOT_FOUND;
				ck_assert_msg(e == ERR_NOT_FOUND || e == ERR_OK, "byte %zu: %s", at,
					err_name(e));
				ck_assert(!e || v.shards[0].is_damaged);
				ck_assert(i || !e);
				ck_assert(e || span_text(&s, FIELD_OUTPUT).len == LINE_BYTES);
			}
			ck_assert(i || sc.store.sealed->n_bytes > 512 << 10);
			view_close(&v);
			arena_rewind(scene_arena(), mark);
		}
		ck_assert_uint_gt(n_errors, 100);
		scene_close(&sc);
	}
END_TEST

/* The same of a page of lines in many frames, which two decode or one. */
START_TEST(damage_in_a_short_frame_hides_damaged_lines_only_and_is_told)
	{
		struct rng rng = rng_from_seed();
		enum { LINES = 120, OUTPUT_BYTES = 2000 };
		unsigned n_errors = 0;
		struct buf lines;
		struct row_ref refs[LINES];
		struct helper *helper = helper_start();
		scene_open(&sc);
		for (unsigned i = 0; i < LINES; i++)
			scene_must_append(&sc, i, SCENE_NOW);
		struct scene_lines before = scene_read(&sc);
		buf_init(&lines, scene_arena());
		for (unsigned i = 0; i < LINES; i++) {
			char *body = arena_text(scene_arena(), OUTPUT_BYTES);
			for (size_t k = 0; k < OUTPUT_BYTES; k++)
				body[k] = (char)('a' + rng_below(&rng, 26));
			body[0] = body[OUTPUT_BYTES - 1] = '"';
			span_set_text(&before.spans[i], FIELD_OUTPUT, str_of(body, OUTPUT_BYTES));
			size_t at = lines.len;
			line_write(&lines, &before.spans[i]);
			refs[i] = (struct row_ref){ .at = (int64_t)at,
				.len = (uint32_t)(lines.len - at - 1) };
		}
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&lines));
		scene_seal(&sc, SCENE_DAY);
		struct str bytes = scene_file(&sc, sealed_name(SCENE_DAY, 1));
		for (unsigned i = 0; i < 200; i++) {
			struct arena_mark mark = arena_mark(scene_arena());
			size_t at = put_damaged(&rng, bytes, bytes.len - 1000, i == 0);
			struct view v;
			struct span s;
			unsigned n_bad = 0;
			ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
			sc.store.helper = i % 4 == 3 ? helper : NULL;
			if (i % 2)
				view_expect(&v, refs, LINES, NULL);
			for (unsigned k = 0; k < LINES; k++) {
				struct str line,
					want = str_skip(buf_str(&lines), (size_t)refs[k].at);
				enum err e = view_read_span(&v, refs[k], NULL, &s, &line);
				n_bad += e == ERR_NOT_FOUND;
				ck_assert_msg(e == ERR_NOT_FOUND || e == ERR_OK, "byte %zu: %s", at,
					err_name(e));
				ck_assert(!e || v.shards[0].is_damaged);
				ck_assert(e || str_eq(line, str_first(want, refs[k].len)));
			}
			ck_assert(i || !n_bad);
			ck_assert_uint_lt(n_bad, LINES / 2);
			n_errors += n_bad > 0;
			view_close(&v);
			arena_rewind(scene_arena(), mark);
		}
		ck_assert_uint_gt(n_errors, 150);
		sc.store.helper = NULL;
		helper_stop(helper);
		scene_close(&sc);
	}
END_TEST

/* Lines of spans in frames that are cut anywhere. */
static struct str put_cut_frames(struct rng *rng, unsigned n)
{
	enum { OUTPUT_BYTES = 4000 };
	struct sealed_writer w;
	struct buf lines;
	buf_init(&lines, scene_arena());
	for (unsigned i = 0; i < n; i++) {
		struct span s = scene_span(i, SCENE_NOW, 0);
		char *body = arena_text(scene_arena(), OUTPUT_BYTES);
		for (size_t k = 0; k < OUTPUT_BYTES; k++)
			body[k] = (char)('a' + rng_below(rng, 26));
		body[0] = body[OUTPUT_BYTES - 1] = '"';
		span_set_text(&s, FIELD_OUTPUT, str_of(body, OUTPUT_BYTES));
		line_write(&lines, &s);
	}
	scene_workspace(&sc);
	int fd = openat(sc.dir_fd, sealed_name(SCENE_DAY, 1), O_RDWR | O_CREAT, 0640);
	ck_assert_int_eq(sealed_writer_open(&w, scene_arena(), fd, 1), ERR_OK);
	for (struct str left = buf_str(&lines); left.len;) {
		struct str piece = str_first(left, 1 + rng_below(rng, OUTPUT_BYTES));
		left = str_skip(left, piece.len);
		sealed_writer_hint(&w);
		ck_assert_int_eq(sealed_writer_add(&w, piece), ERR_OK);
	}
	ck_assert_int_eq(sealed_writer_finish(&w), ERR_OK);
	sealed_writer_close(&w);
	close(fd);
	return buf_str(&lines);
}

/* What was told of a file. */
struct told {
	struct str lines; /* in it */
	struct shard_damage damage;
	unsigned n_damages, n_lines;
	int64_t next; /* where the line begins that is told next, if it is sound */
};

/* Goes behind the lines that have a part in the damaged frame. */
static void skip_damaged(struct told *t)
{
	const struct shard_damage *d = &t->damage;
	while (t->n_damages && t->next < d->to && (size_t)t->next < t->lines.len) {
		struct str left = str_skip(t->lines, (size_t)t->next);
		int64_t end = t->next + (int64_t)str_index(left, '\n') + 1;
		if (end <= d->from)
			break;
		t->next = end;
	}
}

static void be_told_line(void *user, int64_t at, struct str text, enum line_state state)
{
	struct told *t = user;
	ck_assert(str_starts(str_skip(t->lines, (size_t)at), text));
	skip_damaged(t);
	ck_assert_int_eq(state, LINE_OK);
	ck_assert_int_eq(at, t->next);
	t->n_lines++;
	t->next += (int64_t)str_index(str_skip(t->lines, (size_t)at), '\n') + 1;
}

static void be_told_damage(void *user, const struct shard_damage *d)
{
	struct told *t = user;
	t->damage = *d;
	t->n_damages++;
}

static struct told check_day(struct str lines)
{
	struct told t = { .lines = lines };
	struct shard_checker c = { be_told_line, be_told_damage, &t };
	struct view v;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	ck_assert_int_eq(shard_check(&v, 0, &c), ERR_OK);
	view_close(&v);
	if (t.damage.is_table)
		return t;
	skip_damaged(&t);
	ck_assert_int_eq(t.next, (int64_t)lines.len);
	return t;
}

START_TEST(checking_tells_the_damaged_frame_and_all_lines_beside_it)
	{
		struct rng rng = rng_from_seed();
		enum { LINES = 60, RUNS = 200 };
		unsigned n_damaged = 0;
		scene_open(&sc);
		struct str lines = put_cut_frames(&rng, LINES);
		struct str bytes = scene_file(&sc, sealed_name(SCENE_DAY, 1));
		ck_assert_uint_eq(check_day(lines).n_lines, LINES);
		for (unsigned i = 0; i < RUNS; i++) {
			struct arena_mark mark = arena_mark(scene_arena());
			(void)put_damaged(&rng, bytes, bytes.len - 2000, false);
			struct told t = check_day(lines);
			ck_assert_uint_le(t.n_damages, 1);
			ck_assert(!t.damage.is_table);
			ck_assert_uint_gt(t.n_lines, LINES / 2);
			n_damaged += t.n_damages;
			arena_rewind(scene_arena(), mark);
		}
		/* Some bits of a frame's header mean nothing. */
		ck_assert_uint_gt(n_damaged, RUNS * 9 / 10);
		scene_close(&sc);
	}
END_TEST

/* As if somebody had taken away the rights to it. */
static int openat_nothing(int dir, const char *name, int flags, mode_t mode)
{
	(void)dir, (void)name, (void)flags, (void)mode;
	errno = EACCES;
	return -1;
}

START_TEST(checking_tells_a_damaged_table_from_a_file_that_we_may_not_read)
	{
		struct rng rng = rng_from_seed();
		struct shard_checker c = { be_told_line, be_told_damage, NULL };
		struct io_table table = io_system;
		struct view v;
		scene_open(&sc);
		struct str lines = put_cut_frames(&rng, 10);
		struct str bytes = scene_file(&sc, sealed_name(SCENE_DAY, 1));
		for (size_t n = 1; n < 100; n++) {
			char *p = (char *)(uintptr_t)bytes.ptr + bytes.len - n;
			*p ^= 1;
			scene_put(&sc, sealed_name(SCENE_DAY, 1), bytes);
			struct told t = check_day(lines);
			ck_assert(t.n_damages == 1 && t.damage.is_table);
			ck_assert_uint_eq(t.n_lines, 10);
			*p ^= 1;
		}
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		table.openat = openat_nothing;
		io = &table;
		ck_assert_int_eq(shard_check(&v, 0, &c), ERR_IO);
		io = &io_system;
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

/* ---- Dying and failing ---- */

static int count_calls(void)
{
	faults_use();
	ck_assert_int_eq(seal_first_day(), ERR_OK);
	int n = faults.n;
	faults_end();
	return n;
}

static void begin_small(struct rng *rng)
{
	scene_open(&sc);
	sc.store.shard_bytes = 8000;
	struct random_spans r = make_days(&sc, rng, 8);
	rng->state = r.rng.state;
}

/* The call fails, once or with all behind it; or the process dies there. */
enum trouble { ONCE, FOR_EVER, DEATH, TROUBLES };

static void seal_with(enum trouble what, int at)
{
	if (what == DEATH) {
		pid_t pid = fork();
		if (pid == 0) {
			faults_use();
			faults.die_at = at;
			enum err e = seal_first_day();
			(void)e;
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
		return;
	}
	faults_use();
	faults.fail_at = at;
	faults.fail_for_ever = what == FOR_EVER;
	enum err e = seal_first_day();
	(void)e; /* it may have succeeded: some calls may fail */
	faults_end();
}

static void try_trouble(struct rng *rng, enum trouble what, int at)
{
	struct rng same = *rng;
	char when[80];
	(void)snprintf(when, sizeof when, "trouble %d at call %d", what, at);
	begin_small(&same);
	struct answer before = days_answer(&sc);
	int fds = scene_open_fds();
	seal_with(what, at);
	ck_assert_int_eq(scene_open_fds(), fds);
	must_answer_the_same(&sc, &before, when);
	must_see_the_same(&sc, when);
	ck_assert_int_eq(seal_first_day(), ERR_OK);
	must_answer_the_same(&sc, &before, when);
	must_see_the_same(&sc, when);
	ck_assert(!scene_has(&sc, "2026-11-20.jsonl"));
	scene_close(&sc);
}

START_TEST(whatever_fails_or_dies_nothing_is_lost_or_doubled)
	{
		struct rng rng = rng_from_seed(), same = rng;
		int step = getenv("FLATSPAN_TORTURE") ? 1 : unit_few(47, 23);
		begin_small(&same);
		int n = count_calls();
		scene_close(&sc);
		ck_assert_int_gt(n, 50);
		for (enum trouble what = ONCE; what < TROUBLES; what++)
			for (int at = (int)rng_below(&rng, (size_t)step); at < n; at += step)
				try_trouble(&rng, what, at);
	}
END_TEST

START_TEST(a_power_cut_at_any_call_loses_nothing)
	{
		struct rng rng = rng_from_seed(), same = rng;
		int step = getenv("FLATSPAN_TORTURE") ? 1 : unit_few(61, 31);
		begin_small(&same);
		int n = count_calls();
		scene_close(&sc);
		for (int at = 0; at < n + step; at += step) {
			same = rng;
			begin_small(&same);
			struct answer before = days_answer(&sc);
			faults_use();
			faults.fail_at = at;
			faults.fail_for_ever = true;
			enum err e = seal_first_day();
			(void)e;
			disk_power_cut((unsigned)at);
			faults_end();
			scene_reopen(&sc);
			must_answer_the_same(&sc, &before, "after a power cut");
			ck_assert_int_eq(seal_first_day(), ERR_OK);
			must_answer_the_same(&sc, &before, "after it");
			scene_close(&sc);
		}
	}
END_TEST

UNIT_MAIN("sealed", a_sealed_file_gives_its_bytes_from_any_offset,
	any_reader_of_zstd_gets_the_lines_of_text_that_does_not_repeat_itself,
	frames_are_short_where_nothing_is_gained_and_longer_after_many,
	frames_of_lines_with_a_beginning_in_common_are_a_little_longer,
	of_a_short_frame_the_lines_that_were_wanted_are_remembered,
	lines_that_are_expected_are_read_without_their_frames,
	pages_that_are_asked_one_after_the_other_decode_each_long_frame_once,
	long_frames_are_decoded_by_steps_in_the_order_in_which_they_are_read,
	a_step_in_a_damaged_frame_is_told_to_its_reader_and_hides_no_other,
	what_is_ahead_of_an_earlier_page_leaves_room_for_this_one,
	lines_whose_heads_are_known_are_taken_out_of_their_frames_once,
	lines_that_were_read_last_are_kept_over_a_pause,
	a_file_of_a_version_from_the_future_is_an_error,
	a_file_is_remembered_as_long_as_it_is_the_same, what_repeats_itself_far_apart_becomes_small,
	a_session_is_in_as_few_frames_as_may_be, a_flipped_byte_or_a_cut_is_an_error,
	sealing_changes_no_answer, later_days_find_the_rows_of_a_sealed_day,
	later_days_find_them_also_when_old_files_stay,
	an_index_that_memory_does_not_do_for_leaves_no_file_open,
	a_sealed_day_is_one_line_a_span_and_its_trace_together,
	the_traces_of_a_session_stand_together_in_a_sealed_day,
	a_tombstone_stays_while_another_day_has_the_span, a_day_that_is_not_over_is_not_sealed,
	the_old_files_stay_as_long_as_readers_may_need_them,
	a_view_that_comes_too_late_for_the_old_file_sees_the_new_one_or_begins_again,
	a_disk_that_is_nearly_full_keeps_its_plain_days,
	a_day_written_to_again_is_read_with_both_and_sealed_again,
	a_damaged_sealed_day_loses_what_is_damaged_and_hides_no_other,
	a_page_longer_than_what_is_kept_ahead_is_unpacked_in_parts,
	damage_in_a_long_frame_hides_damaged_lines_only_and_is_told,
	damage_in_a_short_frame_hides_damaged_lines_only_and_is_told,
	checking_tells_the_damaged_frame_and_all_lines_beside_it,
	checking_tells_a_damaged_table_from_a_file_that_we_may_not_read,
	whatever_fails_or_dies_nothing_is_lost_or_doubled, a_power_cut_at_any_call_loses_nothing)
