/*
 * Damaged compressed days: damage is told, and hides nothing else.
 */
#include "sealed_scene.h"

#include "base/io.h"
#include "index/lookup.h"
#include "shard/check.h"
#include "shard/sealed/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

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

START_TEST(damage_in_a_long_frame_hides_damaged_lines_only_and_is_told)
	{
		struct rng rng = rng_from_seed();
		enum { LINES = 40, LINE_BYTES = 40000 };
		unsigned n_errors = 0;
		struct buf lines;
		scene_open(&sc);
		write_long_lines(&sc, LINES, LINE_BYTES, &lines);
		scene_put(&sc, "2026-11-20.jsonl", buf_str(&lines));
		scene_seal(&sc, SCENE_DAY);
		struct str bytes = scene_file(&sc, sealed_name(SCENE_DAY, 1));
		size_t line_len = str_index(buf_str(&lines), '\n');
		for (unsigned i = 0; i < 200; i++) {
			struct arena_mark mark = arena_mark(scene_arena());
			size_t at = put_damaged(&sc, &rng, bytes, bytes.len - 200, i == 0);
			struct view v;
			struct span s;
			struct row_ref ref = { .len = (uint32_t)line_len };
			ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
			for (int k = 0; k < 2; k++) {
				enum err e = view_read_span(&v, ref, NULL, &s, NULL);
				n_errors += e == ERR_NOT_FOUND;
				ck_assert_msg(e == ERR_NOT_FOUND || e == ERR_OK, "byte %zu: %s", at,
					err_name(e));
				ck_assert(!e || v.shards[0].is_damaged);
				ck_assert(i || !e);
				ck_assert(e || span_text(&s, FIELD_OUTPUT).len == LINE_BYTES);
			}
			ck_assert(i || sc.store.sealed->frames.n_bytes > 512 << 10);
			view_close(&v);
			arena_rewind(scene_arena(), mark);
		}
		ck_assert_uint_gt(n_errors, 100);
		scene_close(&sc);
	}
END_TEST

START_TEST(damage_in_a_short_frame_hides_damaged_lines_only_and_is_told)
	{
		struct rng rng = rng_from_seed();
		enum { LINES = 120, OUTPUT_BYTES = 2000 };
		unsigned n_errors = 0;
		struct buf lines;
		struct row_ref refs[LINES];
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
			size_t at = put_damaged(&sc, &rng, bytes, bytes.len - 1000, i == 0);
			struct view v;
			struct span s;
			unsigned n_bad = 0;
			ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
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
			(void)put_damaged(&sc, &rng, bytes, bytes.len - 2000, false);
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

UNIT_MAIN("sealed_damage", a_damaged_sealed_day_loses_what_is_damaged_and_hides_no_other,
	damage_in_a_long_frame_hides_damaged_lines_only_and_is_told,
	damage_in_a_short_frame_hides_damaged_lines_only_and_is_told,
	checking_tells_the_damaged_frame_and_all_lines_beside_it,
	checking_tells_a_damaged_table_from_a_file_that_we_may_not_read)
