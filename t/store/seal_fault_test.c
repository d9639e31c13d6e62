/*
 * Sealing a day while system calls fail, the process dies or the power is cut.
 */
#include "days_scene.h"
#include "sealed_scene.h"

#include "base/io.h"
#include "faults.h"

#include <sys/wait.h>
#include <unistd.h>

static struct scene sc;

static int count_calls(void)
{
	faults_use();
	ck_assert_int_eq(seal_first_day(&sc), ERR_OK);
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
			enum err e = seal_first_day(&sc);
			(void)e;
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
		return;
	}
	faults_use();
	faults.fail_at = at;
	faults.fail_for_ever = what == FOR_EVER;
	enum err e = seal_first_day(&sc);
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
	ck_assert_int_eq(seal_first_day(&sc), ERR_OK);
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
			enum err e = seal_first_day(&sc);
			(void)e;
			disk_power_cut((unsigned)at);
			faults_end();
			scene_reopen(&sc);
			must_answer_the_same(&sc, &before, "after a power cut");
			ck_assert_int_eq(seal_first_day(&sc), ERR_OK);
			must_answer_the_same(&sc, &before, "after it");
			scene_close(&sc);
		}
	}
END_TEST

UNIT_MAIN("seal_fault", whatever_fails_or_dies_nothing_is_lost_or_doubled,
	a_power_cut_at_any_call_loses_nothing)
