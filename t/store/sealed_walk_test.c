/*
 * Sealed files without their table, and what is lost of them.
 */
#include "scene.h"

#include "base/io.h"
#include "random.h"
#include "shard/sealed/format.h"
#include "shard/sealed/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

enum { LINES = 80, LINE_BYTES = 1500 };

/* Text that does not pack, so that there are several frames. */
static struct str make_lines(struct rng *rng)
{
	char *p = arena_text(scene_arena(), (size_t)LINES * LINE_BYTES);
	for (size_t i = 0; i < (size_t)LINES * LINE_BYTES; i++)
		p[i] = (i + 1) % LINE_BYTES ? (char)('a' + rng_below(rng, 26)) : '\n';
	return str_of(p, (size_t)LINES * LINE_BYTES);
}

static struct str make_file(struct str lines)
{
	struct sealed_writer w;
	scene_workspace(&sc);
	int fd = openat(sc.dir_fd, "x", O_RDWR | O_CREAT | O_TRUNC, 0640);
	ck_assert_int_eq(sealed_writer_open(&w, scene_arena(), fd, 1), ERR_OK);
	for (size_t i = 0; i < LINES; i++)
		ck_assert_int_eq(sealed_writer_add(&w,
					 str_first(str_skip(lines, i * LINE_BYTES), LINE_BYTES)),
			ERR_OK);
	ck_assert_int_eq(sealed_writer_finish(&w), ERR_OK);
	sealed_writer_close(&w);
	close(fd);
	return scene_file(&sc, "x");
}

/* What can be had of these bytes as a file; how the file was found in *ret_is_worn and *ret_print.
 */
static struct str read_file(struct str bytes, bool *ret_is_worn, uint64_t *ret_print)
{
	struct sealed_cache *cache = sealed_cache_make(scene_arena());
	struct sealed *s;
	size_t n = 0;
	scene_put(&sc, "x", bytes);
	int fd = openat(sc.dir_fd, "x", O_RDONLY);
	if (sealed_open(cache, fd, &s) != ERR_OK)
		ck_assert_int_eq(sealed_open_damaged(cache, fd, &s), ERR_OK);
	char *p = arena_text(scene_arena(), (size_t)s->size_bytes + 1);
	ck_assert_int_eq(sealed_salvage(cache, s, fd, p, (size_t)s->size_bytes, 0, &n), ERR_OK);
	ck_assert_int_eq((int64_t)n, s->size_bytes);
	*ret_is_worn = s->is_worn;
	*ret_print = s->print;
	sealed_close(cache, s);
	sealed_cache_close(cache);
	close(fd);
	return str_of(p, n);
}

static size_t table_bytes(struct str file)
{
	size_t n = (size_t)get_le(file.ptr + file.len - SEALED_END_BYTES, 4);
	return 2 * SEALED_HEAD_BYTES + SEALED_FOOT_BYTES + n * SEALED_ENTRY_BYTES +
	       SEALED_END_BYTES;
}

static struct str flip(struct str file, size_t at)
{
	char *p = (char *)(uintptr_t)file.ptr + at;
	*p = (char)(*p ^ 1);
	return file;
}

/* How many lines are there as they were, at any place. */
static size_t count_sound(struct str got, struct str lines)
{
	size_t n = 0;
	for (size_t i = 0; i < LINES; i++)
		n += str_find(got, str_first(str_skip(lines, i * LINE_BYTES), LINE_BYTES)) <
		     got.len;
	return n;
}

START_TEST(without_its_table_a_file_gives_all_its_lines)
	{
		struct rng rng = rng_from_seed();
		bool is_worn;
		uint64_t print, print_then;
		scene_open(&sc);
		struct str lines = make_lines(&rng), file = make_file(lines);
		ck_assert(str_eq(read_file(file, &is_worn, &print), lines));
		ck_assert(!is_worn);
		size_t n = table_bytes(file);
		for (size_t back = 1; back <= n; back++) {
			struct arena_mark mark = arena_mark(scene_arena());
			struct str got =
				read_file(flip(file, file.len - back), &is_worn, &print_then);
			(void)flip(file, file.len - back);
			ck_assert_msg(str_eq(got, lines) && !is_worn && print_then == print,
				"%zu bytes before the end", back);
			arena_rewind(scene_arena(), mark);
		}
		scene_close(&sc);
	}
END_TEST

/* A bit anywhere, in a file whose table is damaged as well. */
START_TEST(what_is_lost_of_a_file_is_its_damaged_frames)
	{
		struct rng rng = rng_from_seed();
		enum { RUNS = 200, OF_A_FRAME = 8 };
		bool is_worn;
		uint64_t print;
		size_t n_least = LINES;
		scene_open(&sc);
		struct str lines = make_lines(&rng), file = make_file(lines);
		size_t n_frames = file.len - table_bytes(file);
		(void)flip(file, file.len - 1);
		for (unsigned i = 0; i < RUNS; i++) {
			struct arena_mark mark = arena_mark(scene_arena());
			size_t at = rng_below(&rng, n_frames);
			struct str got = read_file(flip(file, at), &is_worn, &print);
			(void)flip(file, at);
			size_t n = count_sound(got, lines);
			ck_assert_msg(n == LINES || is_worn, "byte %zu", at);
			ck_assert_int_eq(got.ptr[got.len - 1], '\n');
			n_least = n < n_least ? n : n_least;
			arena_rewind(scene_arena(), mark);
		}
		ck_assert_uint_lt(n_least, LINES);
		ck_assert_uint_ge(n_least, LINES - OF_A_FRAME);
		scene_close(&sc);
	}
END_TEST

static ssize_t pread_fails(int fd, void *buf, size_t n, off_t at)
{
	(void)fd, (void)buf, (void)n, (void)at;
	errno = EIO;
	return -1;
}

/* It may read the next time. */
START_TEST(a_disk_that_does_not_read_is_an_error_and_no_damage)
	{
		struct rng rng = rng_from_seed();
		struct io_table table = io_system;
		struct sealed *s;
		char bytes[100];
		size_t n;
		scene_open(&sc);
		struct sealed_cache *cache = sealed_cache_make(scene_arena());
		(void)make_file(make_lines(&rng));
		int fd = openat(sc.dir_fd, "x", O_RDONLY);
		table.pread = pread_fails;
		io = &table;
		ck_assert_int_eq(sealed_open_damaged(cache, fd, &s), ERR_IO);
		io = &io_system;
		ck_assert_int_eq(sealed_open(cache, fd, &s), ERR_OK);
		io = &table;
		ck_assert_int_eq(sealed_salvage(cache, s, fd, bytes, sizeof bytes, 0, &n), ERR_IO);
		ck_assert(!s->is_worn);
		io = &io_system;
		sealed_close(cache, s);
		sealed_cache_close(cache);
		close(fd);
		scene_close(&sc);
	}
END_TEST

START_TEST(of_a_file_that_was_cut_what_stands_before_is_there)
	{
		struct rng rng = rng_from_seed();
		enum { RUNS = 60, STEPS = 5 };
		bool is_worn;
		uint64_t print;
		size_t last = 0;
		scene_open(&sc);
		struct str lines = make_lines(&rng), file = make_file(lines);
		for (unsigned i = 0; i <= RUNS; i++) {
			struct arena_mark mark = arena_mark(scene_arena());
			size_t n = (file.len - table_bytes(file)) * i / RUNS;
			size_t got =
				count_sound(read_file(str_first(file, n), &is_worn, &print), lines);
			ck_assert(is_worn && got >= last);
			last = got;
			arena_rewind(scene_arena(), mark);
		}
		ck_assert_uint_eq(last, LINES);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("sealed_walk", without_its_table_a_file_gives_all_its_lines,
	what_is_lost_of_a_file_is_its_damaged_frames,
	a_disk_that_does_not_read_is_an_error_and_no_damage,
	of_a_file_that_was_cut_what_stands_before_is_there)
