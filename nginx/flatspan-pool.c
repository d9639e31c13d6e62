/*
 * Keeps FastCGI workers running on one or several Unix sockets.
 *
 *	flatspan-pool -s SOCKET [-n N] [-m MODE] [-b BACKLOG] -- PROGRAM [ARGUMENT...]
 *		[-- -s SOCKET ...]
 *
 * A pool is a listening socket, which this process makes and holds, and N workers that accept from
 * it as their descriptor 0.  A worker that ends is replaced; one that ends within its first second
 * is replaced after a pause, which doubles each time, so that a broken program does not keep the
 * machine busy.  The socket stays open, so that clients wait in its queue and are not refused.
 *
 *	SIGTERM, SIGINT	tells the workers to finish, waits for them, removes the sockets, ends
 *	SIGHUP		replaces all workers, one of each pool at a time: for a new program
 *			or setting
 *
 * A socket that systemd made and passed on (LISTEN_FDS) serves as the SOCKET with its path, and is
 * left to systemd at the end.
 *
 * It reads no configuration, opens no other file and does not speak HTTP.
 */
#include "base/log.h"
#include "base/utime.h"

#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	POOLS_MAX = 16,
	WORKERS_MAX = 64,
	DEFAULT_WORKERS = 2,
	DEFAULT_MODE = 0660,
	/* Connections that wait while all workers are busy; nginx answers further ones with 503 at
	   once. */
	DEFAULT_BACKLOG = 511,
	BACKLOG_MAX = 65535,
	QUICK_DEATH_MS = 1000, /* a worker that ends sooner has failed */
	FIRST_PAUSE_MS = 100,
	LONGEST_PAUSE_MS = 5000,
	PATIENCE_MS = 30000, /* how long a worker may take to finish its request, longer than any
				request */
	EXIT_USAGE = 2
};

struct worker {
	pid_t pid; /* 0: none */
	int64_t started_ms, start_at_ms;
	int64_t pause_ms; /* before the next start, if this one dies quickly */
	int64_t stop_ms;  /* when it was asked to end; 0: never */
	bool is_stale;    /* it is to be replaced */
};

struct pool {
	const char *socket;
	char **command; /* NULL-terminated */
	int n_workers, mode, backlog;
	int listen_fd;
	bool is_given; /* another process made the socket, and removes it */
	struct worker workers[WORKERS_MAX];
};

struct supervisor {
	struct pool pools[POOLS_MAX];
	int n_pools;
	bool is_stopping;
	pid_t pid;
	sigset_t signals; /* blocked, and received by sigtimedwait() */
};

static int64_t now_ms(void)
{
	return utime_monotonic() / NS_PER_MS;
}

static void pool_say(
	enum log_level level, const char *event, const struct pool *p, const char *detail)
{
	struct log_field fields[] = { { "socket", str_from_c(p->socket) },
		{ "detail", str_from_c(detail) } };
	log_event(level, event, fields, sizeof fields / sizeof fields[0]);
}

/* ---- the command line ---- */

static bool read_number(const char *text, unsigned base, int most, int *ret)
{
	int v = 0;
	for (struct str s = str_from_c(text); s.len; s = str_skip(s, 1)) {
		int digit = s.ptr[0] - '0';
		if (digit < 0 || digit >= (int)base || v > most)
			return false;
		v = v * (int)base + digit;
	}
	if (!text[0] || v > most)
		return false;
	*ret = v;
	return true;
}

static bool read_option(const char *option, const char *value, struct pool *p)
{
	if (strcmp(option, "-s") == 0) {
		p->socket = value;
		return value[0] != '\0';
	}
	if (strcmp(option, "-n") == 0)
		return read_number(value, 10, WORKERS_MAX, &p->n_workers) && p->n_workers > 0;
	if (strcmp(option, "-m") == 0)
		return read_number(value, 8, 0777, &p->mode);
	return strcmp(option, "-b") == 0 && read_number(value, 10, BACKLOG_MAX, &p->backlog);
}

static bool pool_refuse(const char *option, const char *value)
{
	(void)fprintf(stderr, "flatspan-pool: %s %s: -n is 1 to %d, -m octal, -b up to %d\n",
		option, value, WORKERS_MAX, BACKLOG_MAX);
	return false;
}

/* Reads a pool from argv; *at moves after it. */
static bool read_pool(char **argv, int *at, struct pool *ret)
{
	struct pool p = { .n_workers = DEFAULT_WORKERS,
		.mode = DEFAULT_MODE,
		.backlog = DEFAULT_BACKLOG,
		.listen_fd = -1 };
	int i = *at;
	for (; argv[i] && strcmp(argv[i], "--") != 0; i += 2)
		if (!argv[i + 1] || !read_option(argv[i], argv[i + 1], &p))
			return pool_refuse(argv[i], argv[i + 1] ? argv[i + 1] : "");
	if (!p.socket || !argv[i] || !argv[i + 1])
		return false;
	p.command = &argv[++i];
	while (argv[i] && strcmp(argv[i], "--") != 0)
		i++;
	if (p.command == &argv[i])
		return false;
	if (argv[i])
		argv[i++] = NULL; /* this ends the command */
	*at = i;
	*ret = p;
	return true;
}

static bool pool_read_arguments(struct supervisor *s, char **argv)
{
	int at = 1;
	do {
		if (s->n_pools == POOLS_MAX || !read_pool(argv, &at, &s->pools[s->n_pools]))
			return false;
		s->n_pools++;
	} while (argv[at]);
	return true;
}

/* ---- sockets ---- */

/* Makes sure that descriptors 0 to 2 exist, so that no later one takes their place. */
static bool have_standard_files(void)
{
	int fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = open("/dev/null", O_RDWR);
	return fd > STDERR_FILENO && close(fd) == 0;
}

/* Removes a socket that nobody serves any more, which a crash left. */
static bool remove_left_over(const struct sockaddr_un *address)
{
	struct stat st;
	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT;
	if (!S_ISSOCK(st.st_mode))
		return false;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_served =
		fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
				   errno == EAGAIN);
	if (fd >= 0)
		close(fd);
	return !is_served && unlink(address->sun_path) == 0;
}

enum { FIRST_GIVEN = 3 }; /* sd_listen_fds(3) */

/* Returns how many sockets systemd passed to this process, and closes them on exec from now on. */
static int count_given(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int number, n;
	if (!pid || !count || !read_number(pid, 10, INT_MAX / 16, &number) || number != getpid() ||
		!read_number(count, 10, POOLS_MAX, &n))
		n = 0;
	for (int i = 0; i < n; i++)
		(void)fcntl(FIRST_GIVEN + i, F_SETFD,
			FD_CLOEXEC); /* otherwise a worker would hold it */
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return n;
}

/* Closes what the caller left open, such as its lock or its log, so that no worker holds it. */
static void close_inherited(int n_given)
{
	/* A kernel before 5.9 lacks the call, and then they stay open. */
	(void)close_range((unsigned)(FIRST_GIVEN + n_given), UINT_MAX, 0);
}

/* Returns the passed socket that is bound to this path; -1 when there is none. */
static int find_given(const char *path, int n_given)
{
	for (int fd = FIRST_GIVEN; fd < FIRST_GIVEN + n_given; fd++) {
		struct sockaddr_un address = { .sun_family = AF_UNSPEC };
		socklen_t len = sizeof address;
		if (getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
			address.sun_family == AF_UNIX &&
			strncmp(address.sun_path, path, sizeof address.sun_path) == 0)
			return fd;
	}
	return -1;
}

static bool pool_open_socket(struct pool *p, int n_given)
{
	p->listen_fd = find_given(p->socket, n_given);
	p->is_given = p->listen_fd >= 0;
	if (p->is_given)
		return true;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(p->socket) >= sizeof address.sun_path) {
		pool_say(LOG_ERROR, "socket", p, "the path is too long");
		return false;
	}
	memcpy(address.sun_path, p->socket, strlen(p->socket));
	if (!remove_left_over(&address)) {
		pool_say(LOG_ERROR, "socket", p, "in use, or not a socket");
		return false;
	}
	p->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* It is made with its final mode, so that nobody connects before. */
	mode_t old = umask((mode_t)~p->mode & 0777);
	bool is_bound = p->listen_fd >= 0 &&
			bind(p->listen_fd, (const struct sockaddr *)&address, sizeof address) == 0;
	(void)umask(old);
	if (is_bound && listen(p->listen_fd, p->backlog) == 0)
		return true;
	pool_say(LOG_ERROR, "socket", p, strerror(errno));
	if (is_bound)
		(void)unlink(p->socket);
	return false;
}

/* ---- workers ---- */

static _Noreturn void become_worker(const struct supervisor *s, const struct pool *p)
{
	/* A worker ends with its supervisor; the check covers an end before prctl(). */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != s->pid)
		_exit(EXIT_SUCCESS);
	(void)sigprocmask(SIG_UNBLOCK, &s->signals, NULL);
	if (dup2(p->listen_fd, STDIN_FILENO) == STDIN_FILENO &&
		dup2(STDERR_FILENO, STDOUT_FILENO) == STDOUT_FILENO)
		execv(p->command[0], p->command);
	pool_say(LOG_ERROR, "cannot start the worker", p, strerror(errno));
	_exit(127);
}

static void pool_start(const struct supervisor *s, const struct pool *p, struct worker *w)
{
	int64_t now = now_ms();
	pid_t pid = fork();
	if (pid == 0)
		become_worker(s, p);
	if (pid < 0) {
		pool_say(LOG_ERROR, "cannot start the worker", p, strerror(errno));
		w->start_at_ms = now + LONGEST_PAUSE_MS;
		return;
	}
	*w = (struct worker){ .pid = pid, .started_ms = now, .pause_ms = w->pause_ms };
}

static void pool_tell(struct worker *w, int signal_number)
{
	(void)kill(w->pid, signal_number); /* it may have ended just now */
	if (!w->stop_ms)
		w->stop_ms = now_ms();
}

static void note_end(const struct pool *p, struct worker *w, int status)
{
	int64_t now = now_ms();
	bool is_failure = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	bool is_quick = now - w->started_ms < QUICK_DEATH_MS;
	if (is_failure && !w->stop_ms) {
		char detail[64];
		(void)snprintf(detail, sizeof detail, "%s %d after %lld ms",
			WIFSIGNALED(status) ? "signal" : "exit code",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
			(long long)(now - w->started_ms)); /* it fits */
		pool_say(LOG_WARN, "worker ended", p, detail);
	}
	int64_t pause = is_quick && !w->stop_ms ? w->pause_ms : 0;
	w->pause_ms = pause == 0 ? FIRST_PAUSE_MS : pause * 2;
	if (w->pause_ms > LONGEST_PAUSE_MS)
		w->pause_ms = LONGEST_PAUSE_MS;
	w->pid = 0;
	w->start_at_ms = now + pause;
}

static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int p = 0; p < s->n_pools; p++)
			for (int i = 0; i < s->pools[p].n_workers; i++)
				if (s->pools[p].workers[i].pid == pid)
					note_end(&s->pools[p], &s->pools[p].workers[i], status);
}

/* Starts, replaces and hurries workers. Returns after how many milliseconds to look again; -1 when
 * only an event can change something. */
static int64_t tend(struct supervisor *s, struct pool *p, int *ret_alive)
{
	int64_t now = now_ms(), next = INT64_MAX;
	struct worker *stale = NULL;
	bool one_is_leaving = false;
	for (int i = 0; i < p->n_workers; i++) {
		struct worker *w = &p->workers[i];
		if (!w->pid && !s->is_stopping && w->start_at_ms <= now)
			pool_start(s, p, w);
		if (!w->pid) {
			next = !s->is_stopping && w->start_at_ms < next ? w->start_at_ms : next;
			continue;
		}
		(*ret_alive)++;
		if (s->is_stopping && !w->stop_ms)
			pool_tell(w, SIGTERM);
		if (w->stop_ms && now - w->stop_ms >= PATIENCE_MS) {
			pool_tell(w, SIGKILL);
			w->stop_ms = now;
		}
		if (w->stop_ms) {
			one_is_leaving = true;
			next = w->stop_ms + PATIENCE_MS < next ? w->stop_ms + PATIENCE_MS : next;
		} else if (w->is_stale && !stale) {
			stale = w;
		}
	}
	if (stale && !one_is_leaving) {
		pool_tell(stale, SIGTERM);
		next = stale->stop_ms + PATIENCE_MS < next ? stale->stop_ms + PATIENCE_MS : next;
	}
	return next == INT64_MAX ? -1 : next > now ? next - now : 1;
}

static void mark_stale(struct supervisor *s)
{
	for (int p = 0; p < s->n_pools; p++)
		for (int i = 0; i < s->pools[p].n_workers; i++)
			s->pools[p].workers[i].is_stale = s->pools[p].workers[i].pid != 0;
}

static void supervise(struct supervisor *s)
{
	for (;;) {
		int alive = 0;
		int64_t wait_ms = -1;
		for (int p = 0; p < s->n_pools; p++) {
			int64_t next = tend(s, &s->pools[p], &alive);
			if (next >= 0 && (wait_ms < 0 || next < wait_ms))
				wait_ms = next;
		}
		if (s->is_stopping && alive == 0)
			return;
		struct timespec t = { .tv_sec = wait_ms / 1000,
			.tv_nsec = wait_ms % 1000 * NS_PER_MS };
		int signal_number = sigtimedwait(&s->signals, NULL, wait_ms < 0 ? NULL : &t);
		if (signal_number == SIGTERM || signal_number == SIGINT)
			s->is_stopping = true;
		if (signal_number == SIGHUP)
			mark_stale(s);
		reap(s);
	}
}

static void pool_put_usage(FILE *to)
{
	(void)fputs("usage: flatspan-pool -s SOCKET [-n WORKERS] [-m MODE] [-b BACKLOG] "
		    "-- PROGRAM [ARGUMENT...] [-- -s SOCKET ...]\n",
		to);
}

int main(int argc, char **argv)
{
	static struct supervisor s; /* too large for a stack */
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		pool_put_usage(stdout);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		(void)puts("flatspan-pool " PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	if (argc < 2 || !pool_read_arguments(&s, argv)) {
		pool_put_usage(stderr);
		return EXIT_USAGE;
	}
	if (!have_standard_files())
		return EXIT_FAILURE;
	s.pid = getpid();
	sigemptyset(&s.signals);
	sigaddset(&s.signals, SIGTERM);
	sigaddset(&s.signals, SIGINT);
	sigaddset(&s.signals, SIGHUP);
	sigaddset(&s.signals, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &s.signals, NULL);
	int n_given = count_given(), n_open = 0;
	close_inherited(n_given);
	while (n_open < s.n_pools && pool_open_socket(&s.pools[n_open], n_given))
		n_open++;
	if (n_open == s.n_pools)
		supervise(&s);
	for (int p = 0; p < n_open; p++)
		if (!s.pools[p].is_given)
			(void)unlink(s.pools[p].socket);
	return n_open == s.n_pools ? EXIT_SUCCESS : EXIT_FAILURE;
}
