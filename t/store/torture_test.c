/*
 * Everything fails once, and for ever: each system call of an append, each byte of its write.  What
 * was acknowledged before is there afterwards, what is acknowledged now too, the next append works,
 * and no descriptor is lost.
 *
 * FLATSPAN_TORTURE in the environment makes it thorough (make check-torture).
 */
#include "faults.h"
#include "scene.h"

#include "index/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scene sc;

static const char shard[] = "2026-11-20.jsonl";

static bool is_thorough(void)
{
	return getenv("FLATSPAN_TORTURE") != NULL;
}

/* Span 1 is acknowledged; 2 is not there yet. */
static void set_fresh(void)
{
}

static void set_warm(void)
{
	scene_must_append(&sc, 1, SCENE_NOW);
}

static void set_torn(void)
{
	scene_must_append(&sc, 1, SCENE_NOW);
	struct str whole = scene_file(&sc, shard);
	scene_put(&sc, shard, arena_printf(scene_arena(), "%.*s{\"span_id\":\"s0", STR_ARG(whole)));
}

static void set_after_yesterday(void)
{
	scene_must_append(&sc, 1, SCENE_NOW - NS_PER_DAY);
}

static void set_after_cached_yesterday(void)
{
	scene_must_append(&sc, 1, SCENE_NOW - NS_PER_DAY);
	scene_must_append(&sc, 9, SCENE_NOW);
}

static void set_suspect(void)
{
	scene_must_append(&sc, 1, SCENE_NOW);
	scene_put(&sc, "2026-11-20.suspect", STR(""));
}

static void (*const settings[])(void) = { set_fresh, set_warm, set_torn, set_after_yesterday,
	set_after_cached_yesterday, set_suspect };
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static enum err by_one_shot(void)
{
	struct span s[2] = { scene_span(1, SCENE_NOW, 7), scene_span(2, SCENE_NOW, 7) };
	return store_append(&sc.store, STR("w"), true, scene_arena(), s, 2, SCENE_NOW);
}

static enum err by_transaction(void)
{
	struct append t;
	struct span s = scene_span(1, SCENE_NOW, 7), old;
	bool found;
	enum err e = append_begin(&t, &sc.store, STR("w"), true, scene_arena(), SCENE_NOW);
	if (e)
		return e;
	e = append_find(&t, STR("test"), STR("t1"), scene_id(1), &old, &found);
	if (e) {
		append_abort(&t);
		return e;
	}
	append_add(&t, &s);
	s = scene_span(2, SCENE_NOW, 7);
	append_add(&t, &s);
	return append_commit(&t);
}

static enum err (*const ways[])(void) = { by_one_shot, by_transaction };
enum { WAYS = sizeof ways / sizeof ways[0] };

static void name_fds(void)
{
	faults_name(sc.store.root_fd, "ROOT");
}

/* What must hold after an append of 1 and 2 that ended with e. */
static void check_after(enum err e, bool had_one, const char *what)
{
	for (int again = 0; again < 2; again++) {
		ck_assert_msg(!had_one || scene_count(&sc, 1) >= 1, "%s: 1 is lost", what);
		ck_assert_msg(e || scene_count(&sc, 2) >= 1, "%s: 2 is lost", what);
		if (again)
			break;
		e = scene_append(&sc, 3, SCENE_NOW);
		ck_assert_msg(e == ERR_OK, "%s: then %s", what, err_name(e));
		ck_assert_msg(scene_count(&sc, 3) == 1, "%s: 3 is lost", what);
		e = scene_count(&sc, 2) ? ERR_OK : ERR_IO;
	}
}

/* One run in a new scene; *ret_calls: how many calls there were. */
static void run(int setting, int way, int fail_at, int error, bool for_ever, int *ret_calls)
{
	char what[160];
	scene_open(&sc);
	faults_use(); /* also because nothing waits for the disk then */
	settings[setting]();
	scene_reopen(&sc);
	sc.store.tidies_later = true; /* index_fault_test.c does that */
	bool had_one = scene_count(&sc, 1) > 0;
	scene_workspace(&sc);
	if (setting == 0) {
		close(sc.dir_fd);
		sc.dir_fd = -1;
		ck_assert_int_eq(unlinkat(sc.store.root_fd, "w", AT_REMOVEDIR), 0);
	}
	faults_end();
	int fds = scene_open_fds();
	faults_use();
	name_fds();
	faults.fail_at = fail_at;
	faults.error = error;
	faults.fail_for_ever = for_ever;
	enum err e = ways[way]();
	*ret_calls = faults.n;
	(void)snprintf(what, sizeof what, "setting %d, way %d, call %d (%s), %s%s: %s", setting,
		way, fail_at, fail_at >= 0 && fail_at < faults.n ? faults.call[fail_at] : "none",
		strerror(error), for_ever ? " for ever" : "", err_name(e));
	ck_assert_msg(fail_at >= 0 || e == ERR_OK, "%s", what);
	faults_end();
	index_kept_drop(&index_cache_of(&sc.store)->kept); /* left open for the next append */
	ck_assert_msg(scene_open_fds() == fds, "%s: a descriptor is lost", what);
	faults_use();
	check_after(e, had_one, what);
	faults_end();
	scene_close(&sc);
}

START_TEST(every_call_fails_once_and_for_ever)
	{
		static const int errors[] = { EIO, ENOSPC, EINTR, EMFILE, EACCES, EROFS };
		int n_errors = sizeof errors / sizeof errors[0];
		for (int setting = 0; setting < SETTINGS; setting++)
			for (int way = 0; way < WAYS; way++) {
				int n_calls, ignored;
				run(setting, way, -1, 0, false, &n_calls);
				ck_assert_int_gt(n_calls, 15);
				/* Each combination begins at another call. */
				int step = unit_few(5, 1), first = (setting * WAYS + way) % step;
				for (int at = first; at < n_calls; at += step)
					for (int i = 0; i < n_errors; i++) {
						/* Otherwise two errors at each call, in turn. */
						if (!is_thorough() && i % 3 != (at + way) % 3)
							continue;
						run(setting, way, at, errors[i], false, &ignored);
						/* A signal that never stops is none. */
						if (errors[i] != EINTR)
							run(setting, way, at, errors[i], true,
								&ignored);
					}
			}
	}
END_TEST

START_TEST(every_write_is_cut_after_every_byte)
	{
		static const int errors[] = { ENOSPC, EIO, EDQUOT, EFBIG };
		for (int setting = 1; setting < 3; setting++) {
			scene_open(&sc);
			sc.conf.sync = CONF_SYNC_NONE;
			settings[setting]();
			struct str before = scene_file(&sc, shard);
			ck_assert_int_eq(by_one_shot(), ERR_OK);
			size_t n = scene_file(&sc, shard).len - before.len;
			for (size_t at = 0; at < n; at += (size_t)unit_few(7, 1))
				for (int cut = 0; cut < 3; cut++) {
					if (cut == CUT_DEATH && !is_thorough() && at % 5)
						continue; /* each is a process */
					struct arena_mark m = arena_mark(scene_arena());
					int status = 0;
					scene_put(&sc, shard, before);
					enum err e = ERR_IO;
					pid_t pid = cut == CUT_DEATH ? fork() : 0;
					if (pid == 0) {
						faults_use();
						faults.cut_after = (int64_t)at;
						faults.cut = (enum fault_cut)cut;
						faults.error = errors[at % 4];
						e = by_one_shot();
						faults_end();
						if (cut == CUT_DEATH)
							_exit(0);
					} else {
						ck_assert_int_eq(waitpid(pid, &status, 0), pid);
						ck_assert_int_eq(WEXITSTATUS(status), FAULT_DEATH);
					}
					check_after(e, true, "cut");
					ck_assert_int_eq(e, cut == CUT_SHORT        ? ERR_OK
							    : cut == CUT_DEATH      ? ERR_IO
							    : errors[at % 4] == EIO ? ERR_IO
										    : ERR_FULL);
					arena_rewind(scene_arena(), m);
				}
			scene_close(&sc);
		}
	}
END_TEST

/* ---- Reading ---- */

START_TEST(what_cannot_be_read_is_an_error_and_never_nothing)
	{
		static const int errors[] = { EIO, EMFILE, EACCES, EINTR };
		for (size_t i = 0; i < 4; i++)
			for (int index = 0; index < 2; index++)
				for (int at = (int)i % unit_few(3, 1);; at += unit_few(3, 1)) {
					struct view v;
					struct span s;
					struct row_ref ref;
					bool found = false;
					scene_open(&sc);
					sc.conf.index = index;
					sc.conf.sync = CONF_SYNC_NONE;
					scene_must_append(&sc, 1, SCENE_NOW - NS_PER_DAY);
					scene_must_append(&sc, 2, SCENE_NOW);
					int fds = scene_open_fds();
					faults_use();
					faults.fail_at = at;
					faults.error = errors[i];
					enum err e =
						view_open(&sc.store, STR("w"), scene_arena(), &v);
					if (!e) {
						e = lookup_span(&v, STR_NULL, STR_NULL, scene_id(1),
							&s, &ref, &found);
						view_close(&v);
					}
					bool hit = faults.n > at;
					ck_assert_msg(e || found, "call %d (%s): %s", at,
						hit ? faults.call[at] : "none",
						strerror(errors[i]));
					ck_assert(hit || !e);
					faults_end();
					ck_assert_int_eq(scene_open_fds(), fds);
					scene_close(&sc);
					if (!hit)
						break;
				}
	}
END_TEST

/* ---- The power goes ---- */

enum { SPANS = 12 };

/* Appends spans on two days with a fault somewhere, cuts the power, and looks for what was
 * acknowledged. seed: which fault, and what the disk keeps of the rest. */
static void live_and_die(unsigned seed)
{
	bool acked[SPANS] = { false };
	char what[96] = "no fault";
	scene_open(&sc);
	faults_use();
	name_fds();
	scene_reopen(&sc);
	name_fds();
	unsigned last = 1 + seed % SPANS;
	for (unsigned n = 0; n < last; n++) {
		int before = faults.n;
		bool is_faulty = seed % 3 == 1 && n + 2 == last;
		if (is_faulty) {
			faults.fail_at = faults.n + (int)(seed / 3 % 30);
			faults.error = seed % 2 ? EIO : ENOSPC;
		}
		acked[n] = scene_append(&sc, n, SCENE_NOW + (n >= SPANS / 2 ? NS_PER_DAY : 0)) ==
			   ERR_OK;
		if (is_faulty && faults.fail_at < faults.n)
			(void)snprintf(what, sizeof what, "%s", faults.call[faults.fail_at]);
		faults.fail_at = -1;
		ck_assert(acked[n] || is_faulty);
		ck_assert_int_gt(faults.n, before);
	}
	disk_power_cut(seed / 7);
	if (sc.dir_fd >= 0)
		close(sc.dir_fd);
	sc.dir_fd = -1;
	scene_reopen(&sc);
	for (int again = 0; again < 2; again++) {
		struct scene_lines lines = scene_read(&sc);
		bool found[SPANS + 1] = { false };
		for (size_t i = 0; i < lines.n; i++) {
			uint64_t n;
			ck_assert(str_to_u64(
				str_skip(span_text(&lines.spans[i], FIELD_SPAN_ID), 1), &n));
			ck_assert_uint_le(n, SPANS);
			found[n] = true;
		}
		for (unsigned n = 0; n < last; n++)
			ck_assert_msg(!acked[n] || found[n], "seed %u (%s): span %u is lost", seed,
				what, n);
		ck_assert(!again || found[SPANS]);
		if (!again)
			scene_must_append(&sc, SPANS, SCENE_NOW + NS_PER_DAY);
	}
	scene_close(&sc);
}

START_TEST(what_was_acknowledged_survives_a_power_cut)
	{
		unsigned n = is_thorough() ? 5000 : (unsigned)unit_few(100, 500);
		for (unsigned seed = 0; seed < n; seed++)
			live_and_die(seed);
	}
END_TEST

UNIT_MAIN("torture", every_call_fails_once_and_for_ever, every_write_is_cut_after_every_byte,
	what_cannot_be_read_is_an_error_and_never_nothing,
	what_was_acknowledged_survives_a_power_cut)
