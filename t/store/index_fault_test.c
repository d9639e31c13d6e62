/*
 * Closing and merging fail at each system call, once and for ever, and die before each: what the
 * index shows stays what the lines say, the next closing leaves it whole and deletes what was left
 * over, and no descriptor is lost.  FLATSPAN_TORTURE tries every error at every call.
 */
#include "faults.h"
#include "index_scene.h"

#include "index/admin.h"
#include "index/flush.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct scene sc;

static const char dir_name[] = "2026-11-20.idx";

enum { FILES_MAX = 32 };

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

static struct made list_files(void)
{
	struct made m = { .n = 0 };
	scene_workspace(&sc);
	int fd = openat(sc.dir_fd, dir_name, O_RDONLY | O_DIRECTORY);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	for (const struct dirent *e; d && (e = readdir(d)) != NULL;) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		ck_assert_uint_lt(m.n, FILES_MAX);
		m.name[m.n] = c_str(arena_printf(scene_arena(), "%s/%s", dir_name, e->d_name));
		m.bytes[m.n] = scene_file(&sc, m.name[m.n]);
		m.n++;
	}
	if (d)
		closedir(d);
	return m;
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

static enum err close_all(void)
{
	struct index_flush how = { .all = true };
	return index_flush_day(&sc.store, STR("w"), SCENE_DAY, &how);
}

/* Seven short segments, so that the next one merges; live records; a line without one. */
static struct made make_index(void)
{
	struct random_spans r = { .rng = rng_from_seed(),
		.n_spans = 40,
		.n_traces = 5,
		.now_ns = SCENE_NOW,
		.started_ns = SCENE_NOW,
		.has_updates = true };
	scene_open(&sc);
	sc.conf.sync = CONF_SYNC_NONE;
	sc.store.index_rows = 20;
	sc.store.tidies_later = true;
	for (int i = 0; i < 7; i++) {
		append_some(&r, 6);
		ck_assert_int_eq(close_all(), ERR_OK);
	}
	append_some(&r, 6);
	struct made m = list_files();
	ck_assert_uint_eq(m.n, 9); /* and the lock */
	return m;
}

static void restore(const struct made *m)
{
	struct made now = list_files();
	for (size_t i = 0; i < now.n; i++)
		scene_remove(&sc, now.name[i]);
	for (size_t i = 0; i < m->n; i++)
		scene_put(&sc, m->name[i], m->bytes[i]);
	scene_reopen(&sc);
	sc.store.index_rows = 20;
	sc.store.tidies_later = true;
}

static void count_damage(void *user, const struct index_damage *d)
{
	unsigned *n = user;
	(void)d;
	++*n;
}

/* Whatever happened, the next one makes it whole. */
static void check_after(const char *what)
{
	unsigned n_damaged = 0;
	struct index_verified found;
	must_see_the_same(&sc, what);
	enum err e = close_all();
	ck_assert_msg(e == ERR_OK, "%s: then %s", what, err_name(e));
	must_see_the_same(&sc, what);
	e = index_verify_day(&sc.store, STR("w"), SCENE_DAY, count_damage, &n_damaged, &found);
	ck_assert_int_eq(e, ERR_OK);
	ck_assert_msg(n_damaged == 0, "%s: %u damages", what, n_damaged);
	ck_assert_msg(found.covered == found.size_bytes, "%s: not all is covered", what);
	struct made m = list_files();
	/* The lock, the live records, a segment or some. */
	ck_assert_msg(m.n >= 2 && m.n <= 10, "%s: %zu files", what, m.n);
	for (size_t i = 0; i < m.n; i++)
		ck_assert_msg(str_ends(str_from_c(m.name[i]), STR(".seg")) ||
				      str_ends(str_from_c(m.name[i]), STR(".live")) ||
				      str_ends(str_from_c(m.name[i]), STR("/lock")),
			"%s: %s is left", what, m.name[i]);
}

/* *ret_calls: how many calls there were. */
static void run(const struct made *m, int fail_at, int error, bool for_ever, int *ret_calls)
{
	char what[160];
	restore(m);
	int fds = scene_open_fds();
	faults_use();
	faults.fail_at = fail_at;
	faults.error = error;
	faults.fail_for_ever = for_ever;
	enum err e = close_all();
	*ret_calls = faults.n;
	(void)snprintf(what, sizeof what, "call %d (%s), %s%s: %s", fail_at,
		fail_at >= 0 && fail_at < faults.n ? faults.call[fail_at] : "none", strerror(error),
		for_ever ? " for ever" : "", err_name(e));
	faults_end();
	ck_assert_msg(fail_at >= 0 || e == ERR_OK, "%s", what);
	ck_assert_msg(scene_open_fds() == fds, "%s: a descriptor is lost", what);
	check_after(what);
}

START_TEST(every_call_of_closing_fails_once_and_for_ever)
	{
		static const int errors[] = { EIO, ENOSPC, EINTR, EMFILE, EACCES };
		int n_errors = sizeof errors / sizeof errors[0], n_calls, ignored;
		struct made m = make_index();
		run(&m, -1, 0, false, &n_calls);
		ck_assert_int_gt(n_calls, 50);
		ck_assert_int_lt(n_calls, FAULT_CALLS_MAX);
		for (int at = 0; at < n_calls; at += unit_few(4, 1))
			for (int i = 0; i < n_errors; i++) {
				if (!is_thorough() && i != at % n_errors)
					continue;
				struct arena_mark mark = arena_mark(scene_arena());
				bool for_ever = is_thorough() || at / n_errors % 2;
				if (is_thorough() || !for_ever)
					run(&m, at, errors[i], false, &ignored);
				if (for_ever && errors[i] != EINTR)
					run(&m, at, errors[i], true, &ignored);
				arena_rewind(scene_arena(), mark);
			}
		scene_close(&sc);
	}
END_TEST

START_TEST(dying_before_each_call_of_closing_costs_nothing_but_time)
	{
		struct made m = make_index();
		int n_calls;
		run(&m, -1, 0, false, &n_calls);
		for (int at = 0; at < n_calls; at += is_thorough() ? 1 : unit_few(13, 3)) {
			struct arena_mark mark = arena_mark(scene_arena());
			restore(&m);
			ck_assert(faults_kill(at, close_all));
			check_after(c_str(arena_printf(scene_arena(), "died before call %d", at)));
			arena_rewind(scene_arena(), mark);
		}
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("index_fault", every_call_of_closing_fails_once_and_for_ever,
	dying_before_each_call_of_closing_costs_nothing_but_time)
