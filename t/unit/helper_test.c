/* Work that two threads share: each part is done once, and nobody goes on before all are. */
#include "base/helper.h"
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { PARTS_MAX = 3000 };

struct job {
	pthread_t caller;
	unsigned char done[PARTS_MAX]; /* by how many */
	atomic_int at_it[HELPER__SEATS];
	atomic_int n_of[HELPER__SEATS];
	atomic_int n_wrong;
	atomic_bool waits; /* the caller's first part takes until the thread has done one */
};

static void do_part(void *user, size_t part, enum helper_seat seat)
{
	struct job *j = user;
	bool is_caller = pthread_equal(pthread_self(), j->caller);
	j->n_wrong += (seat == HELPER_CALLER) != is_caller;
	j->n_wrong += atomic_fetch_add(&j->at_it[seat], 1) != 0;
	while (is_caller && atomic_load(&j->waits) && !atomic_load(&j->n_of[HELPER_THREAD]))
		sched_yield();
	j->done[part]++;
	atomic_fetch_add(&j->n_of[seat], 1);
	j->n_wrong += atomic_fetch_sub(&j->at_it[seat], 1) != 1;
}

static void share(struct helper *h, size_t n, bool waits, struct job *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->caller = pthread_self();
	atomic_store(&ret->waits, waits);
	helper_share(h, n, do_part, ret);
	size_t n_wrong = 0;
	for (size_t i = 0; i < PARTS_MAX; i++)
		n_wrong += ret->done[i] != (i < n);
	ck_assert_uint_eq(n_wrong, 0);
	ck_assert_int_eq(ret->n_wrong, 0);
	ck_assert_int_eq(ret->n_of[HELPER_CALLER] + ret->n_of[HELPER_THREAD], (int)n);
}

START_TEST(each_part_is_done_once_by_one_of_the_two)
	{
		struct helper *h = helper_start();
		static struct job j;
		ck_assert_ptr_nonnull(h);
		for (size_t n = 0; n < PARTS_MAX; n = n * 5 / 4 + 1)
			for (int round = 0; round < 20; round++)
				share(h, n, false, &j);
		helper_stop(h);
	}
END_TEST

START_TEST(the_thread_does_some_of_them)
	{
		struct helper *h = helper_start();
		static struct job j;
		ck_assert_ptr_nonnull(h);
		for (int round = 0; round < 100; round++) {
			share(h, 2 + (size_t)round, true, &j);
			ck_assert_int_ge(j.n_of[HELPER_THREAD], 1);
		}
		helper_stop(h);
	}
END_TEST

static size_t next_part;

static void in_order(void *user, size_t part, enum helper_seat seat)
{
	(void)user;
	ck_assert_int_eq(seat, HELPER_CALLER);
	ck_assert_uint_eq(part, next_part++);
}

START_TEST(without_a_helper_and_for_one_part_the_caller_does_them_in_order)
	{
		next_part = 0;
		helper_share(NULL, 100, in_order, NULL);
		ck_assert_uint_eq(next_part, 100);
		struct helper *h = helper_start();
		next_part = 0;
		helper_share(h, 1, in_order, NULL);
		ck_assert_uint_eq(next_part, 1);
		helper_stop(h);
		helper_stop(NULL);
	}
END_TEST

static void do_all(void *user, size_t part, enum helper_seat seat)
{
	struct job *j = user;
	j->n_wrong += part != 0 || pthread_equal(pthread_self(), j->caller);
	for (size_t i = 0; i < PARTS_MAX; i++)
		j->done[i]++;
	atomic_fetch_add(&j->n_of[seat], 1);
}

START_TEST(a_task_is_the_threads_alone_and_over_at_its_end_or_never_begun)
	{
		enum { TASKS = 2000 };
		static struct job j, shared;
		struct helper *h = helper_start();
		unsigned n_done = 0;
		ck_assert_ptr_nonnull(h);
		memset(&j, 0, sizeof j);
		j.caller = pthread_self();
		for (unsigned i = 0; i < TASKS; i++) {
			unsigned char before = j.done[PARTS_MAX - 1];
			helper_begin(h, do_all, &j);
			for (unsigned k = i % 50; k > 0; k--)
				sched_yield();
			if (i % 3 == 1) /* ends it */
				share(h, 2, false, &shared);
			if (i % 3 != 2) /* else the next one does */
				helper_end(h);
			else if (++i < TASKS)
				helper_begin(h, do_all, &j);
			helper_end(h);
			helper_end(h);
			helper_end(NULL);
			n_done += (unsigned char)(j.done[PARTS_MAX - 1] - before);
			ck_assert_uint_eq(j.done[0], j.done[PARTS_MAX - 1]);
		}
		ck_assert_int_eq(j.n_wrong, 0);
		ck_assert_int_eq(j.n_of[HELPER_CALLER], 0);
		ck_assert_int_eq(j.n_of[HELPER_THREAD], (int)n_done);
		ck_assert_uint_gt(n_done, 0);
		helper_begin(h, do_all, &j);
		helper_stop(h); /* also with one that nobody ended */
	}
END_TEST

static pthread_t main_thread;
static volatile sig_atomic_t n_signals, n_elsewhere;

static void note_signal(int signal_number)
{
	(void)signal_number;
	n_signals++;
	n_elsewhere += !pthread_equal(pthread_self(), main_thread);
}

/* What interrupts a wait for a lock, or tells a worker to end, has to reach the main thread. */
START_TEST(signals_are_the_main_threads)
	{
		enum { N = 200 };
		sigset_t usr1, before;
		struct sigaction action = { .sa_handler = note_signal };
		struct helper *h = helper_start();
		main_thread = pthread_self();
		sigaction(SIGUSR1, &action, NULL);
		sigemptyset(&usr1);
		sigaddset(&usr1, SIGUSR1);
		for (int i = 0; i < N; i++) {
			/* Blocked here: one that the other thread could take, it would. */
			sigprocmask(SIG_BLOCK, &usr1, &before);
			kill(getpid(), SIGUSR1);
			sched_yield();
			sigprocmask(SIG_SETMASK, &before, NULL);
		}
		helper_stop(h);
		ck_assert_int_eq(n_signals, N);
		ck_assert_int_eq(n_elsewhere, 0);
	}
END_TEST

UNIT_MAIN("helper", each_part_is_done_once_by_one_of_the_two, the_thread_does_some_of_them,
	without_a_helper_and_for_one_part_the_caller_does_them_in_order,
	a_task_is_the_threads_alone_and_over_at_its_end_or_never_begun,
	signals_are_the_main_threads)
