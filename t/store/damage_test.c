/*
 * Damaged shards: whatever stands in them, the sound lines are read, nothing else is, and the next
 * append works.
 */
#include "scene.h"

#include "base/io.h"

#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

static const char shard[] = "2026-11-20.jsonl";

/* The bytes of the lines of spans first … last. */
static struct str lines_of(unsigned first, unsigned last, size_t output_bytes)
{
	struct buf out;
	buf_init(&out, scene_arena());
	for (unsigned n = first; n <= last; n++) {
		struct span s = scene_span(n, SCENE_NOW, output_bytes + n);
		line_write(&out, &s);
	}
	return buf_str(&out);
}

/* Whether every span that was read was written so: none is made of pieces. */
static bool all_are_true(const struct scene_lines *lines, size_t output_bytes)
{
	for (size_t i = 0; i < lines->n; i++) {
		uint64_t n;
		struct str id = span_text(&lines->spans[i], FIELD_SPAN_ID);
		struct str output = span_text(&lines->spans[i], FIELD_OUTPUT);
		if (id.len != 8 || !str_to_u64(str_skip(id, 1), &n))
			return false;
		if (output.len != output_bytes + n + 2)
			return false;
		for (size_t k = 1; k < output.len - 1; k++)
			if (output.ptr[k] != 'a' + (char)(n % 26))
				return false;
	}
	return true;
}

static size_t count_id(const struct scene_lines *lines, unsigned n)
{
	size_t found = 0;
	for (size_t i = 0; i < lines->n; i++)
		found += str_eq(span_text(&lines->spans[i], FIELD_SPAN_ID), scene_id(n));
	return found;
}

enum tail {
	TAIL_CUT,     /* the file ends there */
	TAIL_ZEROS,   /* it has its length, but no more bytes */
	TAIL_GARBAGE, /* bytes of another file */
	TAIL_HOLE,    /* a block in the middle is missing */
	TAIL_STALE,   /* a block of an old line of this shard */
	TAIL_NEWLINE, /* garbage that ends like a line */
	TAIL__MAX
};

/* What a crash left of the batch behind `whole`: sound up to k, then the tail. */
static struct str torn(struct str whole, struct str batch, size_t k, enum tail tail)
{
	char *p = arena_text(scene_arena(), whole.len + batch.len);
	char *q = p + whole.len + k;
	size_t left = batch.len - k;
	memcpy(p, whole.ptr, whole.len);
	memcpy(p + whole.len, batch.ptr, batch.len);
	switch (tail) {
	case TAIL_CUT:
		left = 0;
		break;
	case TAIL_ZEROS:
		memset(q, 0, left);
		break;
	case TAIL_GARBAGE:
	case TAIL_NEWLINE:
		for (size_t i = 0; i < left; i++)
			q[i] = (char)(i * 37 + k * 11 + 1);
		if (tail == TAIL_NEWLINE && left)
			q[left - 1] = '\n';
		break;
	case TAIL_HOLE:
		memset(q, 0, left / 2);
		break;
	case TAIL_STALE:
		for (size_t i = 0; i < left; i++)
			q[i] = whole.ptr[i % whole.len];
		break;
	case TAIL__MAX:
		break;
	}
	return str_of(p, whole.len + k + left);
}

START_TEST(every_torn_tail_costs_only_itself_and_is_healed)
	{
		enum { OUTPUT = 40 };
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		struct str whole = lines_of(1, 2, OUTPUT), batch = lines_of(3, 5, OUTPUT);
		struct span more = scene_span(6, SCENE_NOW, OUTPUT + 6);
		for (size_t k = 0; k < batch.len; k += (size_t)unit_few(7, 1))
			for (int tail = 0; tail < TAIL__MAX; tail++) {
				struct arena_mark m = arena_mark(scene_arena());
				scene_put(&sc, shard, torn(whole, batch, k, (enum tail)tail));
				for (int healed = 0; healed < 2; healed++) {
					struct scene_lines lines = scene_read(&sc);
					ck_assert_msg(all_are_true(&lines, OUTPUT) &&
							      count_id(&lines, 1) &&
							      count_id(&lines, 2),
						"cut %zu, tail %d, healed %d", k, tail, healed);
					ck_assert_uint_eq(count_id(&lines, 6), (size_t)healed);
					if (healed)
						break;
					ck_assert_int_eq(
						store_append(&sc.store, STR("w"), true,
							scene_arena(), &more, 1, SCENE_NOW),
						ERR_OK);
				}
				arena_rewind(scene_arena(), m);
			}
		scene_close(&sc);
	}
END_TEST

START_TEST(every_flipped_bit_costs_at_most_two_lines)
	{
		enum { LINES = 8, OUTPUT = 10 };
		scene_open(&sc);
		struct str whole = lines_of(1, LINES, OUTPUT);
		unsigned two = 0;
		for (size_t bit = 0; bit < whole.len * 8; bit++) {
			if (bit % (size_t)unit_few(7, 1) && whole.ptr[bit / 8] != '\n')
				continue;
			struct arena_mark m = arena_mark(scene_arena());
			char *p = arena_text(scene_arena(), whole.len);
			memcpy(p, whole.ptr, whole.len);
			p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
			scene_put(&sc, shard, str_of(p, whole.len));
			struct scene_lines lines = scene_read(&sc);
			ck_assert_msg(all_are_true(&lines, OUTPUT), "bit %zu", bit);
			ck_assert_msg(lines.n >= LINES - 2, "bit %zu: %zu lines", bit, lines.n);
			two += lines.n == LINES - 2;
			arena_rewind(scene_arena(), m);
		}
		/* Two are lost where the newline between them is. */
		ck_assert_uint_eq(two, 8 * (LINES - 1));
		scene_close(&sc);
	}
END_TEST

START_TEST(damage_is_told_apart)
	{
		scene_open(&sc);
		struct str whole = lines_of(1, 3, 30);
		size_t line_bytes = str_index(whole, '\n');
		char *p = arena_text(scene_arena(), whole.len);
		memcpy(p, whole.ptr, whole.len);
		p[line_bytes - 40] ^= 1;
		scene_put(&sc, shard, str_of(p, whole.len));
		struct scene_lines lines = scene_read(&sc);
		ck_assert(lines.n == 2 && lines.n_rot == 1 && lines.n_torn == 0);
		p[line_bytes - 40] = '\0';
		scene_put(&sc, shard, str_of(p, whole.len));
		lines = scene_read(&sc);
		ck_assert(lines.n == 2 && lines.n_zero == 1 && lines.n_rot == 0);
		memset(p + line_bytes - 40, '\n', 40);
		scene_put(&sc, shard, str_of(p, whole.len));
		lines = scene_read(&sc);
		ck_assert(lines.n == 2 && lines.n_torn == 41 && lines.n_rot == 0);
		scene_close(&sc);
	}
END_TEST

START_TEST(what_stands_behind_the_last_newline_is_not_there)
	{
		enum { MANY = 200000 };
		scene_open(&sc);
		struct str whole = lines_of(1, 2, 30), half = lines_of(3, 3, 30);
		half.len -= 1; /* sealed, but not ended */
		struct buf bytes;
		buf_init(&bytes, scene_arena());
		buf_add(&bytes, whole);
		buf_add(&bytes, half);
		scene_put(&sc, shard, buf_str(&bytes));
		ck_assert_uint_eq(scene_read(&sc).n, 2);
		/* Also when it is longer than one look back. */
		bytes.len = whole.len;
		for (int i = 0; i < MANY; i++)
			buf_add_char(&bytes, 'x');
		scene_put(&sc, shard, buf_str(&bytes));
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 2);
		ck_assert_uint_eq(lines.n_torn, 0);
		/* And when there is no newline at all. */
		scene_put(&sc, shard, str_skip(buf_str(&bytes), whole.len));
		ck_assert_uint_eq(scene_read(&sc).n, 0);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_line_longer_than_any_is_stepped_over)
	{
		scene_open(&sc);
		struct buf bytes;
		buf_init(&bytes, scene_arena());
		buf_add(&bytes, lines_of(1, 1, 10));
		for (int i = 0; i < 3000000; i++)
			buf_add_char(&bytes, 'x');
		buf_add_char(&bytes, '\n');
		buf_add(&bytes, lines_of(2, 2, 10));
		scene_put(&sc, shard, buf_str(&bytes));
		sc.store.line_bytes = 1000000;
		size_t used = scene_arena()->used_bytes;
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 2);
		ck_assert_uint_eq(lines.n_torn, 1);
		ck_assert_uint_lt(scene_arena()->used_bytes, used + 2000000);
		sc.store.line_bytes = 4000000;
		lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 2);
		ck_assert_uint_eq(lines.n_torn, 1);
		scene_close(&sc);
	}
END_TEST

START_TEST(lines_longer_than_a_read_are_whole)
	{
		scene_open(&sc);
		for (unsigned n = 1; n < 8; n++) {
			struct span s = scene_span(n, SCENE_NOW, (n % 4) * 300000 + n);
			ck_assert_int_eq(store_append(&sc.store, STR("w"), true, scene_arena(), &s,
						 1, SCENE_NOW),
				ERR_OK);
		}
		struct scene_lines lines = scene_read(&sc);
		ck_assert_uint_eq(lines.n, 7);
		struct view v;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		for (unsigned n = 1; n < 8; n++) {
			struct str line;
			struct span s;
			struct row_ref ref = lines.refs[n - 1];
			ck_assert_int_eq(view_read_line(&v, ref, &line), ERR_OK);
			ck_assert_int_eq(line_read(line, NULL, false, &s), LINE_OK);
			ck_assert_str_is(span_text(&s, FIELD_SPAN_ID), scene_id(n));
			uint32_t len = ref.len;
			ref.len = 0;
			ck_assert_int_eq(view_read_line_at(&v, &ref, &line), ERR_OK);
			ck_assert_uint_eq(ref.len, len);
			ck_assert_int_eq(line_read(line, NULL, false, &s), LINE_OK);
		}
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_reference_to_no_line_is_not_found)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		struct row_ref good = scene_read(&sc).refs[0];
		struct row_ref bad[] = { good, good, good, good, good, good };
		bad[0].shard = 1;
		bad[1].len += 1;
		bad[2].len -= 1;
		bad[3].at = INT64_MAX;
		bad[4].at = -1;
		bad[5].len = UINT32_MAX;
		struct view v;
		struct str line;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
			ck_assert_int_eq(view_read_line(&v, bad[i], &line), ERR_NOT_FOUND);
		ck_assert_int_eq(view_read_line(&v, good, &line), ERR_OK);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_view_does_not_see_what_came_later)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW);
		struct view v;
		struct shard_reader r;
		struct str line;
		struct row_ref ref;
		bool more;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(shard_open(&v, 0), ERR_OK);
		scene_must_append(&sc, 2, SCENE_NOW);
		ck_assert_int_eq(shard_reader_open(&v, 0, 0, -1, &r), ERR_OK);
		ck_assert_int_eq(shard_reader_next(&r, &line, &ref, &more), ERR_OK);
		ck_assert(more);
		ck_assert_int_eq(shard_reader_next(&r, &line, &ref, &more), ERR_OK);
		ck_assert(!more);
		shard_reader_close(&r);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(a_shard_that_was_pruned_or_cut_meanwhile_is_shorter_and_no_error)
	{
		scene_open(&sc);
		scene_must_append(&sc, 1, SCENE_NOW - NS_PER_DAY);
		scene_must_append(&sc, 2, SCENE_NOW);
		struct view v;
		struct shard_reader r;
		struct str line;
		struct row_ref ref;
		bool more;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		ck_assert_int_eq(shard_open(&v, 1), ERR_OK);
		scene_remove(&sc, "2026-11-19.jsonl");
		int fd = openat(sc.dir_fd, shard, O_WRONLY | O_TRUNC);
		close(fd);
		for (size_t i = 0; i < 2; i++) {
			ck_assert_int_eq(shard_reader_open(&v, i, 0, -1, &r), ERR_OK);
			ck_assert_int_eq(shard_reader_next(&r, &line, &ref, &more), ERR_OK);
			ck_assert(!more);
			shard_reader_close(&r);
		}
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

START_TEST(more_shards_than_descriptors_are_read)
	{
		enum { DAYS = VIEW_OPEN_MAX + 300 };
		scene_open(&sc);
		sc.conf.sync = CONF_SYNC_NONE;
		for (unsigned n = 0; n < DAYS; n++) {
			char name[STORE_NAME_MAX];
			store_file_name(STORE_FILE_SHARD, SCENE_DAY + (int32_t)n, 0, name);
			scene_put(&sc, name, lines_of(n, n, 10));
		}
		int fds = scene_open_fds();
		struct view v;
		ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
		for (int turn = 0; turn < 2; turn++)
			for (uint32_t i = 0; i < DAYS; i++) {
				struct row_ref ref = { .shard = i };
				struct str line;
				struct span s;
				ck_assert_int_eq(view_read_line_at(&v, &ref, &line), ERR_OK);
				ck_assert_int_eq(line_read(line, NULL, false, &s), LINE_OK);
				ck_assert_str_is(span_text(&s, FIELD_SPAN_ID), scene_id(i));
				ck_assert_int_le(scene_open_fds(), fds + VIEW_OPEN_MAX + 1);
			}
		view_close(&v);
		ck_assert_int_eq(scene_open_fds(), fds);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("damage", every_torn_tail_costs_only_itself_and_is_healed,
	every_flipped_bit_costs_at_most_two_lines, damage_is_told_apart,
	what_stands_behind_the_last_newline_is_not_there, a_line_longer_than_any_is_stepped_over,
	lines_longer_than_a_read_are_whole, a_reference_to_no_line_is_not_found,
	a_view_does_not_see_what_came_later,
	a_shard_that_was_pruned_or_cut_meanwhile_is_shorter_and_no_error,
	more_shards_than_descriptors_are_read)
