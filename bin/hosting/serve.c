/*
 * serve: an HTTP server for development, so that nothing else is needed.  It listens on this
 * machine only: a real web server is needed for the network.
 *
 * A parent holds the socket and workers accept from it; a worker that ends is replaced.
 */
#include "hosting/http.h"
#include "mcp/http.h"
#include "verb.h"

#include "api/api.h"
#include "base/io.h"
#include "base/utime.h"
#include "index/flush.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 128, WORKERS_MAX = 64, DEFAULT_WORKERS = 4, PAUSE_MS = 500 };
enum { EXIT_NO_SANDBOX = 3 }; /* the exit code of a worker */

#define DEFAULT_ADDRESS "127.0.0.1:4318" /* the default of OpenTelemetry's exporters */

static volatile sig_atomic_t is_stopping;

static void serve_stop(int signal_number)
{
	(void)signal_number;
	is_stopping = 1;
}

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Reads "127.0.0.1:4318", "[::1]:4318" or ":4318". Accepts only addresses of this machine. */
static bool read_address(struct cli *c, struct str text, union address *ret, socklen_t *ret_len)
{
	size_t colon = text.len;
	uint64_t port;
	while (colon && text.ptr[colon - 1] != ':')
		colon--;
	struct str host = colon ? str_first(text, colon - 1) : STR("");
	bool is_good = colon && str_to_u64(str_skip(text, colon), &port) && port <= UINT16_MAX;
	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		host = str_of(host.ptr + 1, host.len - 2);
	if (host.len == 0 || str_eq(host, STR("localhost")))
		host = STR("127.0.0.1");
	char *name = arena_copy_c(c->arena, host);
	*ret = (union address){ 0 };
	if (is_good && inet_pton(AF_INET, name, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons((uint16_t)port);
		*ret_len = sizeof ret->v4;
		is_good = ntohl(ret->v4.sin_addr.s_addr) >> 24 == 127;
	} else if (is_good && inet_pton(AF_INET6, name, &ret->v6.sin6_addr) == 1) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons((uint16_t)port);
		*ret_len = sizeof ret->v6;
		is_good = IN6_IS_ADDR_LOOPBACK(&ret->v6.sin6_addr);
	} else {
		is_good = false;
	}
	if (!is_good)
		(void)cli_fail(c, CLI_USAGE,
			"--listen: must be an address of this machine such as " DEFAULT_ADDRESS
			" or [::1]:4318, not %.*s; others are reached through a web server",
			STR_ARG(str_first(text, 60)));
	return is_good;
}

static struct str host_text(struct arena *a, const union address *x)
{
	char text[INET6_ADDRSTRLEN];
	bool is_v4 = x->any.sa_family == AF_INET;
	const void *from = is_v4 ? (const void *)&x->v4.sin_addr : (const void *)&x->v6.sin6_addr;
	if (!inet_ntop(x->any.sa_family, from, text, sizeof text))
		return STR("");
	return arena_copy(a, str_from_c(text));
}

static enum cli_exit serve_open_socket(struct cli *c, struct str text, int *ret_fd)
{
	union address x;
	socklen_t len;
	int one = 1, wait_s = HTTP_TIMEOUT_MS / 1000;
	if (!read_address(c, text, &x, &len))
		return CLI_USAGE;
	/* Several workers wake up for one connection; those that are too late must not wait. */
	int fd = socket(x.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return cli_fail(c, CLI_IO, "cannot create a socket");
	/* Browsers open connections before they need them; only one that sends gets a worker. Both
	 * options are optional. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &wait_s, sizeof wait_s);
	if (bind(fd, &x.any, len) < 0 || listen(fd, BACKLOG) < 0 ||
		getsockname(fd, &x.any, &len) < 0) {
		int why = errno;
		io_drop(fd);
		return cli_fail(c, CLI_IO, "%.*s: %s", STR_ARG(text),
			why == EADDRINUSE ? "the address is in use" : "cannot listen there");
	}
	bool is_v4 = x.any.sa_family == AF_INET;
	buf_printf(&c->report.out, "flatspan listens on http://%s%.*s%s:%u\n", is_v4 ? "" : "[",
		STR_ARG(host_text(c->arena, &x)), is_v4 ? "" : "]",
		(unsigned)ntohs(is_v4 ? x.v4.sin_port : x.v6.sin6_port));
	*ret_fd = fd;
	return CLI_OK;
}

/* ---- A worker ---- */

/* While connections wait, ppoll() returns without delivering signals. */
static bool shall_stop(void)
{
	sigset_t pending;
	sigemptyset(&pending);
	(void)sigpending(&pending); /* cannot fail */
	return is_stopping || sigismember(&pending, SIGTERM) == 1 ||
	       sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGHUP) == 1;
}

static int serve_work(struct cli *c, int listen_fd)
{
	const struct conf *conf = &c->conf;
	struct app app = { .conf = conf };
	struct http *http;
	struct arena a;
	sigset_t none;
	sigemptyset(&none);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (store_open(&app.store, conf) != ERR_OK)
		return EXIT_FAILURE;
	app.store.tidies_later = true;
	struct arena memory;
	arena_init(&memory, sizeof *http + MIB);
	if (!api_sandbox(&app, &memory, PROGRAM_ALL))
		return EXIT_NO_SANDBOX;
	http = arena_alloc(&memory, sizeof *http);
	bool is_healthy = true;
	for (int left = conf->requests; left > 0 && is_healthy && !shall_stop(); left--) {
		/* A signal between the check of the flag and accept() would be missed, so ppoll()
		 * waits for both. */
		struct pollfd p = { .fd = listen_fd, .events = POLLIN };
		union address peer;
		socklen_t len = sizeof peer;
		if (ppoll(&p, 1, NULL, &none) <= 0)
			continue;
		int fd = accept4(listen_fd, &peer.any, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			continue;
		arena_init(&a, 2 * MIB);
		is_healthy = http_serve(http, fd, host_text(&a, &peer), &a, conf, &app, mcp_tables);
		arena_release(&a);
		io_drop(fd);
		(void)index_maintain(&app.store, INDEX_ALL_AT_ONCE); /* no client waits for it */
	}
	price_file_close(&app.prices);
	store_close(&app.store);
	arena_release(&memory);
	return EXIT_SUCCESS;
}

/* ---- The parent ---- */

static pid_t serve_start(struct cli *c, int listen_fd)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(serve_work(c, listen_fd));
	return pid;
}

static void serve_catch_signals(sigset_t *ret_before)
{
	struct sigaction action = { .sa_handler = serve_stop };
	sigset_t ours;
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGHUP);
	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGTERM, &action, NULL); /* cannot fail for these */
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	sigaddset(&ours, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &ours, ret_before);
}

/* Starts workers that are missing. False when one is still missing. */
static bool serve_fill(struct cli *c, int listen_fd, pid_t *pids, size_t n)
{
	bool is_whole = true;
	for (size_t i = 0; i < n; i++) {
		if (pids[i] <= 0)
			pids[i] = serve_start(c, listen_fd);
		is_whole = is_whole && pids[i] > 0;
	}
	return is_whole;
}

/* False when there is no sandbox, so that no worker can run. */
static bool watch(struct cli *c, int listen_fd, pid_t *pids, size_t n)
{
	bool is_refused = false;
	sigset_t all;
	sigemptyset(&all);
	sigaddset(&all, SIGTERM);
	sigaddset(&all, SIGINT);
	sigaddset(&all, SIGHUP);
	sigaddset(&all, SIGCHLD);
	for (size_t i = 0; i < n; i++)
		pids[i] = 0;
	while (!is_refused) {
		/* When no process can be started now, one may be later. */
		struct timespec pause = { .tv_nsec = PAUSE_MS * NS_PER_MS };
		bool is_whole = serve_fill(c, listen_fd, pids, n);
		int s = sigtimedwait(&all, NULL, is_whole ? NULL : &pause);
		if (s > 0 && s != SIGCHLD)
			break;
		pid_t pid;
		int status;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			/* Workers that fail at once must not keep the machine busy. */
			if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_SANDBOX)
				is_refused = true;
			else if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
				(void)poll(NULL, 0, PAUSE_MS);
			for (size_t i = 0; i < n; i++)
				if (pids[i] == pid)
					pids[i] = 0;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (pids[i] > 0)
			(void)kill(pids[i], SIGTERM);
	for (size_t i = 0; i < n; i++)
		if (pids[i] > 0)
			(void)waitpid(pids[i], NULL, 0);
	return !is_refused;
}

enum cli_exit verb_serve(struct cli *c)
{
	pid_t pids[WORKERS_MAX];
	struct str address = cli_value(c, "listen");
	int64_t n;
	int fd;
	sigset_t before;
	if (!cli_words(c, 0, 0) || !cli_number(c, "workers", 1, WORKERS_MAX, DEFAULT_WORKERS, &n))
		return CLI_USAGE;
	if (str_is_null(address))
		address = STR(DEFAULT_ADDRESS);
	enum cli_exit code = serve_open_socket(c, address, &fd);
	if (code)
		return code;
	serve_catch_signals(&before);
	if (cli_flush(c) && !watch(c, fd, pids, (size_t)n))
		code = cli_fail(
			c, CLI_FAILED, "sandbox = require: the kernel does not support all of it");
	io_drop(fd);
	return code;
}
