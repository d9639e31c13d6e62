/*
 * Building and merging term files alone fails at each system call, once and for ever, and is killed
 * before each: searches find what reading all lines finds, and who makes them the next time leaves
 * one file, with the same bytes as if nothing had happened, and nothing else.  FLATSPAN_TORTURE
 * tries every error at every call (make check-index).
 */
#include "faults.h"
#include "scene.h"

#include "index/flush.h"
#include "index/terms/terms.h"
#include "query/engine.h"
#include "query/match/text.h"
#include "random.h"
#include "json/write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { LINES = 60, FILES_MAX = 64, NEEDLES = 10, PIECE_BYTES = 3000 };

static struct scene sc;
static struct scene_lines lines;

static const char shard_name[] = "2026-11-20.jsonl", dir_name[] = "2026-11-20.idx";

static bool is_thorough(void)
{
	return getenv("FLATSPAN_TORTURE") != NULL;
}

/* ---- Files ---- */

struct made {
	const char *name[FILES_MAX];
	struct str bytes[FILES_MAX];
	size_t n;
};

static bool is_terms(const char *name)
{
	return str_ends(str_from_c(name), STR(".terms"));
}

static struct made list_files(void)
{
	struct made m = { .n = 0 };
	int fd = openat(sc.dir_fd, dir_name, O_RDONLY | O_DIRECTORY);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		ck_assert_uint_lt(m.n, FILES_MAX);
		m.name[m.n] = arena_copy_c(
			scene_arena(), arena_printf(scene_arena(), "%s/%s", dir_name, e->d_name));
		m.bytes[m.n] = scene_file(&sc, m.name[m.n]);
		m.n++;
	}
	closedir(d);
	return m;
}

static void set_sizes(void)
{
	sc.store.terms_mark_bits = 10;
	sc.store.terms_bytes = PIECE_BYTES;
}

static void restore(const struct made *m)
{
	struct made now = list_files();
	for (size_t i = 0; i < now.n; i++)
		scene_remove(&sc, now.name[i]);
	for (size_t i = 0; i < m->n; i++)
		scene_put(&sc, m->name[i], m->bytes[i]);
	scene_reopen(&sc);
	set_sizes();
}

/* ---- What happens ---- */

static struct str text_of(struct rng *r, unsigned n)
{
	static const char *const words[] = { "alpha", "beta", "Gamma", "42", "caf\xc3\xa9",
		"deadbeef", "one-two" };
	struct buf b;
	buf_init(&b, scene_arena());
	buf_printf(&b, "line%u", n);
	for (size_t i = rng_below(r, 12); i; i--)
		buf_printf(&b, " %s", words[rng_below(r, sizeof words / sizeof words[0])]);
	for (size_t i = rng_below(r, 12); i; i--)
		buf_printf(&b, " word%zu", rng_below(r, 60));
	return buf_str(&b);
}

static struct str random_shard(unsigned from, unsigned to)
{
	struct rng r = rng_from_seed();
	struct buf file;
	buf_init(&file, scene_arena());
	for (unsigned n = from; n < to; n++) {
		struct span s = scene_span(n, SCENE_NOW + (int64_t)n, 1);
		span_set_text(&s, FIELD_NAME, json_encode(scene_arena(), text_of(&r, n)));
		span_set_text(&s, FIELD_INPUT,
			arena_printf(scene_arena(), "\"%.*s\"", STR_ARG(text_of(&r, n + LINES))));
		line_write(&file, &s);
	}
	return buf_str(&file);
}

static enum err make_all(void)
{
	struct terms_updating how = { .all = true };
	return terms_update(&sc.store, STR("w"), SCENE_DAY, &how, NULL);
}

/* Term files of pieces, lines that none covers, a larger one of several; the shard is not the last
 * one, so that all become one. */
static struct made make_pieces(void)
{
	struct terms_updating little = { .max_bytes = 1 };
	struct index_flush closing = { .all = true };
	scene_open(&sc);
	scene_workspace(&sc);
	sc.conf.sync = CONF_SYNC_NONE;
	set_sizes();
	struct str all = random_shard(0, LINES);
	scene_put(&sc, shard_name, all);
	scene_put(&sc, "2026-11-21.jsonl", random_shard(LINES, LINES + 1));
	ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), SCENE_DAY, &closing), ERR_OK);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(
			terms_update(&sc.store, STR("w"), SCENE_DAY, &little, NULL), ERR_OK);
	lines = scene_read(&sc);
	ck_assert_uint_eq(lines.n, LINES + 1);
	struct made m = list_files();
	size_t n_terms = 0;
	for (size_t i = 0; i < m.n; i++)
		n_terms += is_terms(m.name[i]);
	ck_assert_uint_ge(n_terms, 3);
	return m;
}

/* ---- What has to be ---- */

static struct str needle(unsigned i)
{
	static const char *const parts[] = { "alph", "gamma", "caf\xc3\xa9", "one two", "beef",
		"absent", "word1" };
	enum { N_PARTS = sizeof parts / sizeof parts[0] };
	if (i < N_PARTS)
		return str_from_c(parts[i]);
	return arena_printf(scene_arena(), "line%u", (i - N_PARTS) * 17);
}

static void check_search(const char *what, struct view *v, struct str text, enum text_mode mode)
{
	struct pred pred = { .field = QUERY_ANY_TEXT,
		.op = OP_TEXT,
		.text_mode = mode,
		.texts = &text,
		.n_values = 1 };
	struct clause clause = { &pred, 1 };
	struct row_list got;
	struct query q;
	size_t n = 0;
	query_init(&q);
	q.clauses = &clause;
	q.n_clauses = 1;
	q.sort[0] = (struct sort_key){ .field = FIELD_STARTED_AT };
	q.n_sort = 1;
	q.limit = SIZE_MAX;
	q.want_total = true;
	enum err e = engine_list(v, &q, &got);
	ck_assert_msg(e == ERR_OK, "%s: %s", what, err_name(e));
	/* Starts ascend with the lines. */
	for (size_t i = 0; i < lines.n; i++)
		if (query_match(&q, &lines.spans[i], scene_arena())) {
			ck_assert_msg(n < got.n && got.rows[n].at == lines.refs[i].at,
				"%s: line %zu lacks %.*s", what, i, STR_ARG(text));
			n++;
		}
	ck_assert_msg(got.n == n && got.total == n, "%s: %zu have %.*s, not %zu", what, got.n,
		STR_ARG(text), n);
}

static void check_answers(const char *what)
{
	struct arena arena;
	struct view v;
	int fds = scene_open_fds();
	arena_init(&arena, (size_t)64 << 20);
	ck_assert_int_eq(view_open(&sc.store, STR("w"), &arena, &v), ERR_OK);
	for (unsigned i = 0; i < NEEDLES; i++) {
		check_search(what, &v, needle(i), TEXT_SUBSTRING);
		check_search(what, &v, needle(i), TEXT_WORD);
	}
	view_close(&v);
	arena_release(&arena);
	ck_assert_msg(scene_open_fds() == fds, "%s: searches leave files open", what);
}

/* Whatever happened, the next one makes it whole. */
static void check_after(const char *what, const struct made *whole)
{
	check_answers(what);
	enum err e = make_all();
	ck_assert_msg(e == ERR_OK, "%s: then %s", what, err_name(e));
	struct made now = list_files();
	ck_assert_msg(now.n == whole->n, "%s: %zu files, not %zu", what, now.n, whole->n);
	for (size_t i = 0; i < now.n; i++) {
		size_t k = 0;
		while (k < whole->n && strcmp(now.name[i], whole->name[k]) != 0)
			k++;
		ck_assert_msg(k < whole->n, "%s: %s is left", what, now.name[i]);
		ck_assert_msg(str_eq(now.bytes[i], whole->bytes[k]), "%s: %s has other bytes", what,
			now.name[i]);
	}
	check_answers(what);
}

/* What one that nothing happens to makes, and how many calls it takes. */
static struct made make_whole(const struct made *pieces, int *ret_calls)
{
	size_t n_terms = 0;
	restore(pieces);
	faults_use();
	ck_assert_int_eq(make_all(), ERR_OK);
	*ret_calls = faults.n;
	faults_end();
	struct made whole = list_files();
	for (size_t i = 0; i < whole.n; i++)
		n_terms += is_terms(whole.name[i]);
	ck_assert_uint_eq(n_terms, 1);
	ck_assert_int_gt(*ret_calls, 50);
	ck_assert_int_lt(*ret_calls, FAULT_CALLS_MAX);
	check_after("nothing", &whole);
	return whole;
}

static void fail_at(
	const struct made *pieces, const struct made *whole, int at, int error, bool for_ever)
{
	char what[160];
	struct arena_mark mark = arena_mark(scene_arena());
	restore(pieces);
	int fds = scene_open_fds();
	faults_use();
	faults.fail_at = at;
	faults.error = error;
	faults.fail_for_ever = for_ever;
	enum err e = make_all();
	(void)snprintf(what, sizeof what, "call %d (%s), %s%s: %s", at,
		at < faults.n ? faults.call[at] : "none", strerror(error),
		for_ever ? " for ever" : "", err_name(e));
	faults_end();
	ck_assert_msg(scene_open_fds() == fds, "%s: a descriptor is lost", what);
	check_after(what, whole);
	arena_rewind(scene_arena(), mark);
}

START_TEST(every_call_of_building_terms_fails_once_and_for_ever)
	{
		static const int errors[] = { EIO, ENOSPC, EINTR, EMFILE, EACCES };
		enum { N_ERRORS = sizeof errors / sizeof errors[0] };
		int n_calls;
		struct made pieces = make_pieces(), whole = make_whole(&pieces, &n_calls);
		for (int at = 0; at < n_calls; at += is_thorough() ? 1 : unit_few(18, 6))
			for (int i = 0; i < N_ERRORS; i++) {
				bool for_ever = at / N_ERRORS % 2; /* when not both */
				if (!is_thorough() && i != at % N_ERRORS)
					continue;
				if (is_thorough() || !for_ever)
					fail_at(&pieces, &whole, at, errors[i], false);
				if ((is_thorough() || for_ever) && errors[i] != EINTR)
					fail_at(&pieces, &whole, at, errors[i], true);
			}
		scene_close(&sc);
	}
END_TEST

START_TEST(being_killed_before_each_call_of_building_terms_costs_nothing_but_time)
	{
		int n_calls;
		struct made pieces = make_pieces(), whole = make_whole(&pieces, &n_calls);
		for (int at = 0; at < n_calls; at += is_thorough() ? 1 : unit_few(37, 11)) {
			struct arena_mark mark = arena_mark(scene_arena());
			restore(&pieces);
			ck_assert(faults_kill(at, make_all));
			check_after(
				arena_copy_c(scene_arena(),
					arena_printf(scene_arena(), "killed before call %d", at)),
				&whole);
			arena_rewind(scene_arena(), mark);
		}
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("terms_fault", every_call_of_building_terms_fails_once_and_for_ever,
	being_killed_before_each_call_of_building_terms_costs_nothing_but_time)
