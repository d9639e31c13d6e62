/*
 * Damage to the index, at every byte of every file (make check: at some of them, FLATSPAN_TORTURE:
 * at all): what it shows stays what the lines say, index_verify_day names it, and building makes
 * the bytes that were there.
 */
#include "index_scene.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/admin.h"
#include "index/segment/write.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

enum { FILES_MAX = 16, IDS = 12 };

/* The index as it was made. */
struct made {
	const char *name[FILES_MAX];
	struct str bytes[FILES_MAX];
	size_t n;
};

static bool is_thorough(void)
{
	return getenv("FLATSPAN_TORTURE") != NULL;
}

static const char *c_str(struct str s)
{
	return arena_copy_c(scene_arena(), s);
}

static void list_files(int32_t day, struct made *ret)
{
	char dir[STORE_NAME_MAX];
	store_file_name(STORE_FILE_INDEX, day, 0, dir);
	scene_workspace(&sc);
	int fd = openat(sc.dir_fd, dir, O_RDONLY | O_DIRECTORY);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	for (const struct dirent *e; d && (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, "lock") == 0 ||
			strcmp(e->d_name, "terms.lock") == 0)
			continue;
		ck_assert_uint_lt(ret->n, FILES_MAX);
		ret->name[ret->n] = c_str(arena_printf(scene_arena(), "%s/%s", dir, e->d_name));
		ret->bytes[ret->n] = scene_file(&sc, ret->name[ret->n]);
		ret->n++;
	}
	if (d)
		closedir(d);
}

static void build(int32_t day)
{
	struct index_building how = { .wait_ms = 0 };
	ck_assert_int_eq(index_build_day(&sc.store, STR("w"), day, &how), ERR_OK);
}

static void append_some(struct random_spans *r, size_t n)
{
	struct span *spans = arena_calloc(scene_arena(), n, sizeof *spans);
	for (size_t i = 0; i < n; i++)
		spans[i] = random_span(r);
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), spans, n, r->now_ns),
		ERR_OK);
}

/* Two days, versions of one span on both, tombstones; the second with live records. */
static struct made make_index(void)
{
	struct made m = { .n = 0 };
	struct random_spans r = { .rng = rng_from_seed(),
		.n_spans = 30,
		.n_traces = 5,
		.now_ns = SCENE_NOW,
		.started_ns = SCENE_NOW,
		.has_updates = true };
	scene_open(&sc);
	sc.conf.sync = CONF_SYNC_NONE;
	append_some(&r, 35);
	build(SCENE_DAY);
	r.now_ns += NS_PER_DAY;
	append_some(&r, 35);
	build(SCENE_DAY);
	build(SCENE_DAY + 1);
	append_some(&r, 5);
	append_some(&r, 4);
	must_see_the_same(&sc, "whole");
	list_files(SCENE_DAY, &m);
	list_files(SCENE_DAY + 1, &m);
	ck_assert_uint_eq(m.n, 5);
	return m;
}

static void restore(const struct made *m)
{
	for (size_t i = 0; i < m->n; i++)
		scene_put(&sc, m->name[i], m->bytes[i]);
	scene_reopen(&sc);
}

/* ---- What can be found ---- */

struct answers {
	bool found[IDS];
	int64_t version[IDS];
};

static struct answers ask(void)
{
	struct answers a = { .found = { false } };
	struct view v;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), &v), ERR_OK);
	for (unsigned i = 0; i < IDS; i++) {
		struct span s;
		struct row_ref ref;
		struct str id = arena_printf(scene_arena(), "s%06u", i);
		ck_assert_int_eq(
			lookup_span(&v, STR_NULL, STR_NULL, id, &s, &ref, &a.found[i]), ERR_OK);
		a.version[i] = a.found[i] ? span_version(&s) : 0;
	}
	view_close(&v);
	return a;
}

static void must_answer(const struct answers *want, const char *what)
{
	struct answers got = ask();
	for (unsigned i = 0; i < IDS; i++)
		ck_assert_msg(got.found[i] == want->found[i] && got.version[i] == want->version[i],
			"%s: another answer for id %u", what, i);
}

/* ---- What is reported ---- */

struct reports {
	unsigned n;
	const char *file, *chunk; /* of the last one */
	int64_t offset;
};

static void note_damage(void *user, const struct index_damage *d)
{
	struct reports *r = user;
	ck_assert_uint_gt(strlen(d->what), 0);
	r->n++;
	r->file = c_str(str_from_c(d->file));
	r->chunk = c_str(str_from_c(d->chunk));
	r->offset = d->offset;
}

static struct reports verify(void)
{
	struct reports r = { .n = 0 };
	struct index_verified found;
	for (int32_t day = SCENE_DAY; day <= SCENE_DAY + 1; day++)
		ck_assert_int_eq(
			index_verify_day(&sc.store, STR("w"), day, note_damage, &r, &found),
			ERR_OK);
	return r;
}

START_TEST(a_sound_index_has_no_damage_and_covers_all)
	{
		struct made m = make_index();
		struct index_verified found;
		ck_assert_uint_eq(verify().n, 0);
		ck_assert_int_eq(
			index_verify_day(&sc.store, STR("w"), SCENE_DAY + 1, NULL, NULL, &found),
			ERR_OK);
		ck_assert_uint_eq(found.n_segments, 3);
		ck_assert_uint_eq(found.n_rows, 35);
		ck_assert_uint_eq(found.n_log, 9);
		ck_assert_int_gt(found.size_bytes, 0);
		ck_assert_int_eq(found.covered, found.size_bytes);
		(void)m;
		scene_close(&sc);
	}
END_TEST

/* The damaged bytes in the place of the file's: first who looks, as that may delete it. */
static void try_damage(const struct made *m, const struct answers *want, size_t file,
	struct str bytes, int64_t at, const char *what)
{
	scene_put(&sc, m->name[file], bytes);
	scene_reopen(&sc);
	struct reports r = verify();
	ck_assert_msg(r.n > 0, "%s: not reported", what);
	ck_assert_msg(strcmp(r.file, m->name[file]) == 0, "%s: reported of %s", what, r.file);
	if (at >= 0 && strcmp(r.chunk, "head") != 0)
		ck_assert_msg(r.offset <= at, "%s: reported at %lld, in %s", what,
			(long long)r.offset, r.chunk);
	must_see_the_same(&sc, what);
	must_answer(want, what);
	restore(m);
}

START_TEST(every_flipped_byte_is_named_and_changes_no_answer)
	{
		struct made m = make_index();
		struct answers want = ask();
		size_t step = is_thorough() ? 1 : (size_t)unit_few(797, 199);
		for (size_t file = 0; file < m.n; file++)
			for (size_t at = file; at < m.bytes[file].len; at += step) {
				struct arena_mark mark = arena_mark(scene_arena());
				struct str bytes = arena_copy(scene_arena(), m.bytes[file]);
				char *p = (char *)(uintptr_t)bytes.ptr;
				p[at] = (char)(p[at] ^ (1 + at % 255));
				try_damage(&m, &want, file, bytes, (int64_t)at,
					c_str(arena_printf(
						scene_arena(), "%s: byte %zu", m.name[file], at)));
				arena_rewind(scene_arena(), mark);
			}
		ck_assert_uint_eq(verify().n, 0);
		scene_close(&sc);
	}
END_TEST

/* True when the row log ends after a record: it is as good as if no more had been written yet. */
static bool ends_between_records(const struct made *m, size_t file, size_t len)
{
	size_t head = sizeof(struct rowlog_header);
	return str_ends(str_from_c(m->name[file]), STR(".live")) && len >= head &&
	       (len - head) % sizeof(struct rowlog_row) == 0;
}

START_TEST(every_truncation_is_named_and_changes_no_answer)
	{
		struct made m = make_index();
		struct answers want = ask();
		size_t step = is_thorough() ? 1 : (size_t)unit_few(1499, 499);
		for (size_t file = 0; file < m.n; file++)
			for (size_t len = 0; len < m.bytes[file].len; len += step) {
				if (ends_between_records(&m, file, len))
					continue;
				struct arena_mark mark = arena_mark(scene_arena());
				try_damage(&m, &want, file, str_first(m.bytes[file], len), -1,
					c_str(arena_printf(scene_arena(), "%s: cut to %zu",
						m.name[file], len)));
				arena_rewind(scene_arena(), mark);
			}
		scene_close(&sc);
	}
END_TEST

/* ---- Sound files that are not for us ---- */

static size_t find_file(const struct made *m, const char *begin, const char *end)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_starts(str_from_c(m->name[i]), str_from_c(begin)) &&
			str_ends(str_from_c(m->name[i]), str_from_c(end)))
			return i;
	ck_abort_msg("there is no such file");
	return 0;
}

START_TEST(a_segment_of_another_shard_is_not_believed)
	{
		struct made m = make_index();
		struct answers want = ask();
		size_t old = find_file(&m, "2026-11-20.idx", ".seg");
		size_t new = find_file(&m, "2026-11-21.idx", ".seg");
		try_damage(&m, &want, old, m.bytes[new], -1, "of the day after");
		try_damage(&m, &want, new, m.bytes[old], -1, "of the day before");
		scene_close(&sc);
	}
END_TEST

/* As a newer version would write it: sound, but not to be read by us. */
START_TEST(a_segment_from_the_future_is_not_believed)
	{
		struct made m = make_index();
		struct answers want = ask();
		size_t file = find_file(&m, "2026-11-20.idx", ".seg");
		struct str bytes = arena_copy(scene_arena(), m.bytes[file]);
		char *p = (char *)(uintptr_t)bytes.ptr;
		struct index_header h;
		memcpy(&h, p + bytes.len - sizeof h, sizeof h);
		h.incompat |= 1u << 7;
		h.checksum = segment_head_checksum(
			str_of(p + bytes.len - h.head_bytes, h.head_bytes - sizeof h), &h);
		memcpy(p + bytes.len - sizeof h, &h, sizeof h);
		try_damage(&m, &want, file, bytes, -1, "an unknown incompat bit");
		scene_close(&sc);
	}
END_TEST

/* As the format before this one began: its magic number is all that is known of it. */
START_TEST(an_index_of_an_older_format_is_ignored_and_made_again)
	{
		static const uint64_t old_magic = UINT64_C(0x31676573736c6600);
		struct made m = make_index();
		struct answers want = ask();
		for (size_t file = 0; file < m.n; file++) {
			size_t len = strlen(m.name[file]), n = m.bytes[file].len;
			struct str bytes = arena_copy(scene_arena(), m.bytes[file]);
			char *p = (char *)(uintptr_t)bytes.ptr;
			if (strcmp(m.name[file] + len - 4, ".seg") == 0)
				memcpy(p + n - sizeof(struct index_header), &old_magic,
					sizeof old_magic);
			else if (strcmp(m.name[file] + len - 5, ".live") == 0)
				memcpy(p, "flssive4", 8);
			scene_put(&sc, m.name[file], bytes);
		}
		scene_reopen(&sc);
		must_see_the_same(&sc, "of an older format");
		must_answer(&want, "of an older format");
		build(SCENE_DAY);
		build(SCENE_DAY + 1);
		struct index_verified found;
		ck_assert_uint_eq(verify().n, 0);
		ck_assert_int_eq(
			index_verify_day(&sc.store, STR("w"), SCENE_DAY + 1, NULL, NULL, &found),
			ERR_OK);
		ck_assert_int_eq(found.covered, found.size_bytes);
		must_answer(&want, "made again");
		scene_close(&sc);
	}
END_TEST

START_TEST(what_a_process_left_that_died_is_deleted_by_the_next_one)
	{
		struct made m = make_index();
		size_t file = find_file(&m, "2026-11-21.idx", ".seg");
		struct str half = str_first(m.bytes[file], m.bytes[file].len / 2);
		scene_put(&sc, "2026-11-21.idx/.new", half);
		scene_put(&sc, "2026-11-21.idx/0.live.tmp", half);
		scene_put(&sc, "2026-11-21.idx/0-0-99.seg", half);
		scene_put(&sc, "2026-11-21.idx/ids.0.0", half);
		scene_reopen(&sc);
		must_see_the_same(&sc, "beside half-written files");
		build(SCENE_DAY + 1);
		must_see_the_same(&sc, "after the next closing");
		ck_assert(!scene_has(&sc, "2026-11-21.idx/.new"));
		ck_assert(!scene_has(&sc, "2026-11-21.idx/0.live.tmp"));
		ck_assert(!scene_has(&sc, "2026-11-21.idx/0-0-99.seg"));
		ck_assert(!scene_has(&sc, "2026-11-21.idx/ids.0.0"));
		ck_assert_uint_eq(verify().n, 0);
		scene_close(&sc);
	}
END_TEST

/* Whoever checks does so beside those who keep the index. */
static const char *to_be_merged_away;

static void note_and_merge_away(void *user, const struct index_damage *d)
{
	note_damage(user, d);
	ck_assert_int_eq(unlinkat(sc.dir_fd, to_be_merged_away, 0), 0);
}

START_TEST(what_is_gone_before_it_was_checked_is_no_damage)
	{
		struct made m = make_index();
		struct reports r = { .n = 0 };
		struct index_verified found;
		size_t segment = find_file(&m, "2026-11-20.idx", ".seg");
		size_t words = find_file(&m, "2026-11-20.idx", ".terms");
		scene_put(&sc, m.name[segment], STR("x"));
		scene_put(&sc, m.name[words], STR("x"));
		scene_workspace(&sc);
		to_be_merged_away = m.name[words];
		ck_assert_int_eq(index_verify_day(&sc.store, STR("w"), SCENE_DAY,
					 note_and_merge_away, &r, &found),
			ERR_OK);
		ck_assert_uint_eq(r.n, 1);
		ck_assert_str_eq(r.file, m.name[segment]);
		ck_assert_uint_eq(found.n_segments, 1);
		scene_close(&sc);
	}
END_TEST

/* ---- Building again ---- */

static void must_be_made_again(const struct made *m, const char *what)
{
	scene_reopen(&sc);
	build(SCENE_DAY);
	build(SCENE_DAY + 1);
	for (size_t i = 0; i < m->n; i++)
		if (str_ends(str_from_c(m->name[i]), STR(".seg")))
			ck_assert_msg(str_eq(scene_file(&sc, m->name[i]), m->bytes[i]),
				"%s: %s is another one", what, m->name[i]);
}

START_TEST(building_again_makes_the_same_bytes)
	{
		struct made m = make_index(), whole = { .n = 0 };
		build(SCENE_DAY + 1);
		list_files(SCENE_DAY, &whole);
		scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
		scene_remove_tree(sc.dir_fd, "2026-11-21.idx");
		scene_reopen(&sc);
		build(SCENE_DAY);
		build(SCENE_DAY + 1);
		list_files(SCENE_DAY + 1, &whole);
		for (int i = 0; i < 2; i++) {
			scene_remove_tree(sc.dir_fd, "2026-11-20.idx");
			scene_remove_tree(sc.dir_fd, "2026-11-21.idx");
			must_be_made_again(&whole, "deleted");
		}
		for (size_t file = 0; file < whole.n; file++) {
			struct str bytes = arena_copy(scene_arena(), whole.bytes[file]);
			char *p = (char *)(uintptr_t)bytes.ptr;
			p[bytes.len / 3] ^= 1;
			scene_put(&sc, whole.name[file], bytes);
			scene_reopen(&sc);
			must_see_the_same(&sc, "damaged once more");
			must_be_made_again(&whole, "damaged");
		}
		(void)m;
		scene_close(&sc);
	}
END_TEST

/* ---- Printing ---- */

static enum err add_text(void *user, struct str text)
{
	buf_add(user, text);
	return ERR_OK;
}

START_TEST(a_dump_has_a_line_for_each_row_and_record)
	{
		struct made m = make_index();
		struct buf text;
		unsigned rows = 0, records = 0, traces = 0, damaged = 0;
		buf_init(&text, scene_arena());
		ck_assert_int_eq(
			index_dump(&sc.store, STR("w"), SCENE_DAY + 1, add_text, &text), ERR_OK);
		struct str rest = buf_str(&text);
		while (rest.len) {
			struct str line = str_cut(&rest, '\n');
			rows += str_starts(line, STR("row ")) &&
				str_find(line, STR(" started_at=20")) < line.len;
			records += str_starts(line, STR("record "));
			traces += str_starts(line, STR("trace "));
			damaged += str_ends(line, STR(" damaged"));
		}
		ck_assert_uint_ge(rows, 30);
		ck_assert_uint_eq(records, 9);
		ck_assert_uint_ge(traces, 5);
		ck_assert_uint_eq(damaged, 0);
		(void)m;
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("index_damage", a_sound_index_has_no_damage_and_covers_all,
	every_flipped_byte_is_named_and_changes_no_answer,
	every_truncation_is_named_and_changes_no_answer, a_segment_of_another_shard_is_not_believed,
	a_segment_from_the_future_is_not_believed,
	an_index_of_an_older_format_is_ignored_and_made_again,
	what_a_process_left_that_died_is_deleted_by_the_next_one,
	what_is_gone_before_it_was_checked_is_no_damage, building_again_makes_the_same_bytes,
	a_dump_has_a_line_for_each_row_and_record)
