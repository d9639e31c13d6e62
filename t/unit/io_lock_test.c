/* Waiting for locks, and what that leaves of the alarm. */
#include "io_scene.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 120 };

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Another process that holds the lock of "file" until something is written to, or the last writer
 * of, its pipe goes. */
struct holder {
	pid_t pid;
	int tell_fd;
};

static struct holder holder_start(void)
{
	int ready[2], go[2];
	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(go), 0);
	struct holder h = { .pid = fork(), .tell_fd = go[1] };
	ck_assert_int_ge(h.pid, 0);
	char c;
	if (h.pid == 0) {
		close(go[1]);
		int fd = openat(scene, "file", O_RDWR);
		if (flock(fd, LOCK_EX) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(go[0], &c, 1) < 0);
	}
	close(go[0]);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return h;
}

static void holder_end(struct holder h)
{
	int status;
	close(h.tell_fd);
	ck_assert_int_eq(waitpid(h.pid, &status, 0), h.pid);
	ck_assert_int_eq(status, 0);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int signal_number)
{
	(void)signal_number;
	alarms++;
}

START_TEST(a_lock_that_is_held_is_waited_for_until_the_deadline)
	{
		open_scene();
		struct holder h = holder_start();
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_OK);
		ck_assert_int_eq(io_lock(fd, 0), ERR_BUSY);
		ck_assert_int_eq(io_lock(fd, -1), ERR_BUSY);
		int64_t started = now_ms();
		ck_assert_int_eq(io_lock(fd, WAIT_MS), ERR_BUSY);
		int64_t took = now_ms() - started;
		ck_assert_int_ge(took, WAIT_MS - 1);
		ck_assert_int_lt(took, 20 * WAIT_MS); /* a loaded machine is not a failure */
		ck_assert_int_eq(io_lock(fd, 1), ERR_BUSY);
		holder_end(h);
		ck_assert_int_eq(io_lock(fd, 0), ERR_OK);
		close(fd);
		close_scene();
	}
END_TEST

START_TEST(a_lock_that_is_released_while_waiting_is_obtained)
	{
		open_scene();
		struct holder h = holder_start();
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_OK);
		use_test_table();
		calls.tell_fd = h.tell_fd;
		ck_assert_int_eq(io_lock(fd, 30000), ERR_OK);
		holder_end(h);
		int other;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &other), ERR_OK);
		ck_assert_int_eq(io_lock(other, 0), ERR_BUSY);
		close(fd);
		ck_assert_int_eq(io_lock(other, 0), ERR_OK);
		close(other);
		close_scene();
	}
END_TEST

START_TEST(a_lock_that_fails_while_waiting_says_why)
	{
		open_scene();
		struct holder h = holder_start();
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_OK);
		use_test_table();
		calls.fail_at = 1;
		calls.error = ENOLCK;
		ck_assert_int_eq(io_lock(fd, 30000), ERR_IO);
		struct itimerval timer;
		ck_assert_int_eq(getitimer(ITIMER_REAL, &timer), 0);
		ck_assert(timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0);
		holder_end(h);
		close(fd);
		close_scene();
	}
END_TEST

START_TEST(a_lock_of_a_file_without_a_name_is_not_had)
	{
		open_scene();
		struct holder h = holder_start();
		int fd, other;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_OK);
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &other), ERR_OK);
		ck_assert_int_eq(unlinkat(scene, "file", 0), 0);
		use_test_table();
		calls.tell_fd = h.tell_fd;
		ck_assert_int_eq(io_lock(fd, 30000), ERR_BUSY);
		holder_end(h);
		ck_assert_int_eq(io_lock(fd, 0), ERR_BUSY);
		/* Nor is it kept. */
		ck_assert_int_eq(flock(other, LOCK_EX | LOCK_NB), 0);
		close(fd);
		close(other);
		close_scene();
	}
END_TEST

START_TEST(waiting_puts_the_alarm_back_as_it_was)
	{
		open_scene();
		struct sigaction mine = { .sa_handler = count_alarm, .sa_flags = SA_RESTART },
				 after;
		ck_assert_int_eq(sigaction(SIGALRM, &mine, NULL), 0);
		struct itimerval timer = { .it_value.tv_sec = 1000, .it_interval.tv_sec = 7 }, left;
		ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
		/* A mask inherited from who started us must not disarm the deadline. */
		sigset_t blocked, mask;
		sigemptyset(&blocked);
		sigaddset(&blocked, SIGALRM);
		ck_assert_int_eq(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
		struct holder h = holder_start();
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_OK);
		ck_assert_int_eq(io_lock(fd, WAIT_MS), ERR_BUSY);
		ck_assert_int_eq(sigaction(SIGALRM, NULL, &after), 0);
		ck_assert(after.sa_handler == count_alarm && (after.sa_flags & SA_RESTART));
		ck_assert_int_eq(getitimer(ITIMER_REAL, &left), 0);
		ck_assert_int_gt(left.it_value.tv_sec, 900);
		ck_assert_int_lt(left.it_value.tv_sec, 1000);
		ck_assert_int_eq(left.it_interval.tv_sec, 7);
		ck_assert_int_eq(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
		ck_assert(sigismember(&mask, SIGALRM));
		ck_assert_int_eq(alarms, 0);
		/* One that ran out meanwhile goes off afterwards. */
		timer = (struct itimerval){ .it_value.tv_usec = 1000 };
		ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
		ck_assert_int_eq(io_lock(fd, WAIT_MS), ERR_BUSY);
		sigdelset(&mask, SIGALRM);
		while (!alarms)
			sigsuspend(&mask);
		ck_assert_int_eq(alarms, 1);
		/* One that was pending is not lost. */
		ck_assert_int_eq(raise(SIGALRM), 0);
		ck_assert_int_eq(io_lock(fd, WAIT_MS), ERR_BUSY);
		ck_assert_int_eq(alarms, 1);
		sigsuspend(&mask);
		ck_assert_int_eq(alarms, 2);
		holder_end(h);
		close(fd);
		close_scene();
	}
END_TEST

UNIT_MAIN("io locks", a_lock_that_is_held_is_waited_for_until_the_deadline,
	a_lock_that_is_released_while_waiting_is_obtained, a_lock_that_fails_while_waiting_says_why,
	a_lock_of_a_file_without_a_name_is_not_had, waiting_puts_the_alarm_back_as_it_was)
