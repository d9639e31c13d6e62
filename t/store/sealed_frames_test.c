/*
 * Where the lines of a compressed file are cut into frames.
 */
#include "sealed_scene.h"

#include "shard/sealed/format.h"
#include "shard/sealed/sealed.h"

#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

/* Counts the bytes of lines in the frames that were written: the most and the least in a frame. */
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

/* A reader of a session's calls needs all frames that hold it, so it should be in few. */
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

UNIT_MAIN("sealed_frames", frames_are_short_where_nothing_is_gained_and_longer_after_many,
	frames_of_lines_with_a_beginning_in_common_are_a_little_longer,
	a_session_is_in_as_few_frames_as_may_be)
