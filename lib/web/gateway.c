#include "web/gateway.h"

#include "base/log.h"
#include "base/utime.h"
#include "web/listener.h"
#include "web/records.h"
#include "web/transport.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

enum {
	/* A program that cannot work ends after this many refusals, so that its successor tries
	 * again with what the operator has mended meanwhile. */
	REFUSALS = 20,
	/* accept() failing this often in a row: the socket is no good. */
	ACCEPT_FAILURES = 50,
	/* Less than libfcgi's buffer, so that an answer of this size leaves with its end. */
	HELD_MAX = 8000,
	/* Without a request for so long, the next one may as well wait for pages to be read again.
	 * A few workers that a busy client finds in turn must not get there. */
	REST_MS = 20
};

/* The state that all requests share. */
struct server {
	const struct conf *conf;
	void *app;
	const struct route_table *const *tables;
	unsigned programs;
	enum err refuse; /* answer everything with this; ERR_OK: serve */
	const struct gateway_idle *idle;
	int64_t now_ns; /* instead of the clock's; 0: the clock's */
};

/* One request and its answer. It stands in the caller's frame, because serve() comes back to itself
 * through a setjmp. */
struct exchange {
	struct arena arena;
	struct request request;
	struct response response;
	struct gateway gateway;
};

static void begin(struct exchange *x, const struct server *s)
{
	x->request = (struct request){ .arena = &x->arena,
		.conf = s->conf,
		.app = s->app,
		.now_ns = s->now_ns ? s->now_ns : utime_now(),
		.since_ns = s->now_ns ? 0 : utime_monotonic(),
		.gateway = &x->gateway };
	request_init(&x->request, &x->response);
}

/*
 * Apache's ErrorDocument and lighttpd's error-handler send the request here, as a GET, when they
 * would refuse it themselves: it is only told so, in its own dialect.  The variable is the
 * server's, no header becomes it; 200 is that of a rewritten path.
 */
static enum err refused_by_server(const struct request *r)
{
	int64_t status;
	if (!str_to_i64(gateway_variable(r->gateway, STR("REDIRECT_STATUS")), &status) ||
		status < 400)
		return ERR_OK;
	/* mod_fcgid has no better word for it, and it must not be repeated. */
	if (request_content_length(r) > (int64_t)r->conf->body_bytes)
		return ERR_TOO_LARGE;
	/* Programs that are busy, gone, or broke off: whatever it was, it may be repeated. */
	if (status >= 500 && status != 501)
		return ERR_BUSY;
	switch (status) {
	case 403:
		return ERR_FORBIDDEN;
	case 404:
		return ERR_NOT_FOUND;
	case 405:
	case 501:
		return ERR_METHOD;
	case 413:
	case 414:
	case 431:
		return ERR_TOO_LARGE;
	case 429:
		return ERR_RATE;
	default:
		return ERR_INVALID;
	}
}

static void work(struct exchange *x, const struct server *s)
{
	struct request *r = &x->request;
	struct str reason = STR_NULL;
	enum err e = request_read_target(r, &reason);
	enum err refused = refused_by_server(r);
	if (!refused)
		refused = s->refuse;
	if (refused)
		route_error(r, route_dialect(r, s->tables), refused, STR_NULL, NULL);
	else if (e)
		route_error(r, route_dialect(r, s->tables), e, reason, NULL);
	else
		route_request(r, s->tables, s->programs);
}

/* ---- Leaving a request ---- */

/* A page of a mapped file of the index that is not to be had: somebody has cut the file off, or its
 * disk fails. A request that reads it is left by the arena's escape; outside of a request the
 * signal ends the process. */
static struct {
	struct arena *arena; /* of the request; NULL: none is served */
	volatile sig_atomic_t is_lost;
} page;

static void lose_page(int signal_number)
{
	if (!page.arena) {
		(void)signal(signal_number, SIG_DFL);
		(void)raise(signal_number);
		return;
	}
	page.is_lost = 1;
	longjmp(page.arena->escape, 1);
}

/* SA_NODEFER: the signal is not blocked after the escape. */
static void guard_pages(void)
{
	struct sigaction action = { .sa_handler = lose_page, .sa_flags = SA_NODEFER };
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGBUS, &action, NULL); /* cannot fail for it */
}

/* The request wanted more memory than it may have, or a page was lost. Its arena is emptied and the
 * answer made from the bare request; what it held besides memory (descriptors, locks) goes with the
 * process. */
static void answer_in_its_place(struct exchange *x, const struct server *s)
{
	enum err e = page.is_lost ? ERR_IO : ERR_NO_MEMORY;
	page.is_lost = 0;
	arena_release(&x->arena);
	if (x->response.is_started) {
		x->response.is_cut = true;
		x->response.error = e;
		return;
	}
	arena_init(&x->arena, x->arena.limit_bytes);
	begin(x, s);
	struct str reason;
	enum err unused = request_read_target(&x->request, &reason);
	(void)unused; /* as far as it goes: the path chooses the dialect */
	route_error(&x->request, route_dialect(&x->request, s->tables), e, STR_NULL, NULL);
	response_finish(&x->response);
}

static void log_failure(const struct exchange *x)
{
	const struct request *r = &x->request;
	const struct response *res = &x->response;
	if ((res->status < 500 && !res->is_cut) || x->gateway.is_quiet)
		return;
	char status[16];
	int n = snprintf(status, sizeof status, "%d", res->status);
	struct str target = gateway_variable(&x->gateway, STR("REQUEST_URI"));
	struct log_field fields[] = {
		{ "id", r->id },
		{ "method", gateway_variable(&x->gateway, STR("REQUEST_METHOD")) },
		{ "path", str_first(target, str_index(target, '?')) },
		{ "status", str_of(status, (size_t)n) },
		{ "error", res->error ? str_from_c(err_name(res->error)) : STR("") },
		{ "answer", res->is_cut ? STR("cut") : STR("whole") },
	};
	log_event(LOG_ERROR, "request", fields, sizeof fields / sizeof fields[0]);
}

/* How much of the request is worth reading after its answer. */
static size_t left_to_drain(const struct exchange *x)
{
	const struct gateway *g = &x->gateway;
	int64_t announced = request_content_length(&x->request);
	bool has_body = announced > 0 || x->response.status >= 400 ||
			!str_is_null(gateway_variable(g, STR("HTTP_TRANSFER_ENCODING")));
	if (!has_body || (announced >= 0 && (size_t)announced <= g->n_read))
		return 0;
	if (announced >= 0 && (size_t)announced - g->n_read < LIMIT_DRAIN_BYTES)
		return (size_t)announced - g->n_read;
	return LIMIT_DRAIN_BYTES;
}

/*
 * What the request still sends, because it was refused or needs no body, is read and thrown away,
 * within a bound: closing the connection on it would reset it, and the answer would be lost on its
 * way.  Not more is read than was announced: not every server ends the stream of a CGI program.
 */
static void drain(struct exchange *x)
{
	size_t left = left_to_drain(x);
	while (left) {
		char waste[4 << 10];
		size_t n = left < sizeof waste ? left : sizeof waste;
		if (x->gateway.read(&x->gateway, waste, n) < n)
			return;
		left -= n;
	}
}

/* Returns false when the process must end. */
static bool serve(struct exchange *x, const struct server *s)
{
	arena_init(&x->arena, s->conf->arena_bytes);
	bool is_healthy = true;
	if (setjmp(x->arena.escape) == 0) {
		x->arena.has_escape = true;
		page.arena = &x->arena;
		begin(x, s);
		work(x, s);
		if (!x->response.is_cut)
			response_finish(&x->response);
	} else {
		page.arena = NULL;
		answer_in_its_place(x, s);
		is_healthy = false;
	}
	page.arena = NULL;
	log_failure(x);
	return is_healthy;
}

/* ---- CGI: one request, on standard input and output ---- */

static size_t cgi_read(struct gateway *g, char *p, size_t n)
{
	size_t got = fread(p, 1, n, g->in);
	g->n_read += got;
	return got;
}

static bool cgi_write(struct gateway *g, struct str bytes)
{
	return fwrite(bytes.ptr, 1, bytes.len, g->out) == bytes.len;
}

static int run_cgi(const struct server *s)
{
	struct exchange x;
	x.gateway = (struct gateway){ .variables = environ,
		.read = cgi_read,
		.write = cgi_write,
		.in = stdin,
		.out = stdout,
		.is_cgi = true };
	(void)serve(&x, s); /* the process ends anyway */
	bool is_flushed = fflush(stdout) == 0;
	drain(&x);
	int code = is_flushed && !x.response.is_cut ? EXIT_SUCCESS : EXIT_FAILURE;
	arena_release(&x.arena);
	if (s->idle->after_response) {
		/* The client need not wait. Both, because they may be one socket (mod_cgid). */
		(void)fclose(stdout);
		(void)fclose(stdin);
		s->idle->after_response(s->app);
		if (s->idle->release_memory)
			(void)s->idle->release_memory(s->app); /* the next one goes on */
	}
	return code;
}

/* ---- FastCGI ---- */

static size_t fcgi_read(struct gateway *g, char *p, size_t n)
{
	size_t got = 0;
	while (got < n) {
		int step = n - got < INT_MAX ? (int)(n - got) : INT_MAX;
		int k = FCGX_GetStr(p + got, step, g->in);
		if (k <= 0) {
			g->is_cut = FCGX_GetError(g->in) != 0;
			break;
		}
		got += (size_t)k;
	}
	g->n_read += got;
	return got;
}

/* An answer on its way: what is short waits for what comes behind it. */
struct fcgi_answer {
	FCGX_Request *fcgi;
	size_t n;
	char held[HELD_MAX];
};

static bool fcgi_write(struct gateway *g, struct str bytes)
{
	struct fcgi_answer *a = g->out;
	if (bytes.len <= sizeof a->held - a->n) {
		memcpy(a->held + a->n, bytes.ptr, bytes.len);
		a->n += bytes.len;
		return true;
	}
	struct str held = str_of(a->held, a->n);
	a->n = 0;
	return records_write(a->fcgi->ipcFd, a->fcgi->requestId, held, bytes);
}

/*
 * What is still held, in one piece with the end; only then the rest of the request.  nginx sends no
 * more of a body once the answer has begun and waits for the connection to end: who waited for
 * that body first would wait as long as nginx does.  A connection that ends is read by libfcgi,
 * with its own side closed.
 */
static void fcgi_end(struct exchange *x)
{
	struct fcgi_answer *a = x->gateway.out;
	FCGX_Request *r = a->fcgi;
	/* A peer that is gone shows in what follows. */
	(void)FCGX_PutStr(a->held, (int)a->n, r->out);
	if (x->response.is_cut) {
		/* Without an end record the web server knows that the answer is not whole. */
		(void)FCGX_FFlush(r->out);
		FCGX_Free(r, 1);
		return;
	}
	/* As FCGX_Finish_r does it, but for what lies between. */
	bool is_good = FCGX_FClose(r->err) == 0;
	is_good &= FCGX_FClose(r->out) == 0;
	if (r->keepConnection)
		drain(x);
	FCGX_Free(r, !is_good || !r->keepConnection || FCGX_GetError(r->in) != 0);
}

/* What a signal handler can reach, and so no part of any struct. */
static volatile sig_atomic_t is_told_to_stop;
static volatile sig_atomic_t is_serving;
static int bell_fd = -1;  /* the listener's */
static int other_fd = -1; /* something that is no listening socket */

/* This is the last request: a connection that came now would wait in a queue that nobody serves,
 * where this process is the only one to listen (mod_fcgid). The server then asks another. The
 * request being served has a descriptor of its own, and the socket itself, which other processes
 * share, stays as it is. */
static void take_no_more(void)
{
	if (other_fd >= 0)
		(void)dup2(other_fd, STDIN_FILENO); /* else the queue is lost, as it were */
}

/*
 * Finish the current request, take no further one.  A flag alone would be missed between the look
 * at it and waiting: hence the bell.  Who waits still accepts what has woken it, as nobody else was
 * woken for that.
 */
static void stop(int signal_number)
{
	(void)signal_number;
	int saved = errno;
	is_told_to_stop = 1;
	listener_ring(bell_fd);
	if (is_serving)
		take_no_more();
	errno = saved;
}

static void stop_signals(sigset_t *ret)
{
	(void)sigemptyset(ret); /* cannot fail for these */
	(void)sigaddset(ret, SIGTERM);
	(void)sigaddset(ret, SIGUSR1);
}

static void catch_signals(void)
{
	other_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	/* SA_RESTART: to libfcgi a read that a signal ended is the end of the body. */
	struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };
	stop_signals(&action.sa_mask);
	(void)sigaction(SIGTERM, &action, NULL); /* cannot fail for these */
	(void)sigaction(SIGUSR1, &action, NULL);
}

/* Returns when somebody comes. */
static void wait_idle(const struct server *s, const struct listener *l, int ms)
{
	while (!listener_wait(l, ms))
		ms = s->idle->release_memory ? s->idle->release_memory(s->app) : -1;
}

/* False: nobody was there after all, or the socket is no good.  Signals wait meanwhile: of a
 * connection that is accepted libfcgi waits for the first byte by poll(), which no flag restarts,
 * and it closes the connection when that is interrupted.  Who sends half a
 * head and no more holds the worker, until the supervisor's patience ends or the connection does.
 */
static bool take(FCGX_Request *fcgi, int *failures)
{
	sigset_t blocked, before;
	stop_signals(&blocked);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before); /* cannot fail for these */
	int r = FCGX_Accept_r(fcgi), error_number = errno;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (r == 0) {
		*failures = 0;
		return true;
	}
	if (error_number != EAGAIN && error_number != EINTR)
		++*failures;
	return false;
}

static int run_fcgi(const struct server *s)
{
	struct listener listener;
	FCGX_Request fcgi;
	if (listener_open(&listener, STDIN_FILENO) != ERR_OK)
		return EXIT_FAILURE;
	bell_fd = listener.bell_fd;
	catch_signals();
	arena_keep_memory();
	if (FCGX_Init() != 0 ||
		FCGX_InitRequest(&fcgi, STDIN_FILENO, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		return EXIT_FAILURE;
	int left = s->refuse ? REFUSALS : s->conf->requests;
	int failures = 0, rest_ms = 0;
	while (left > 0 && !is_told_to_stop) {
		wait_idle(s, &listener, rest_ms);
		rest_ms = REST_MS;
		if (!take(&fcgi, &failures)) {
			if (failures == ACCEPT_FAILURES)
				return EXIT_FAILURE;
			continue;
		}
		is_serving = 1;
		if (--left == 0 || is_told_to_stop)
			take_no_more();
		struct exchange x;
		struct fcgi_answer answer;
		answer.fcgi = &fcgi;
		answer.n = 0;
		x.gateway = (struct gateway){ .variables = fcgi.envp,
			.read = fcgi_read,
			.write = fcgi_write,
			.in = fcgi.in,
			.out = &answer };
		bool is_healthy = serve(&x, s);
		if (!is_healthy)
			take_no_more();
		fcgi_end(&x);
		arena_release(&x.arena);
		if (!is_healthy)
			break;
		if (s->idle->after_response)
			s->idle->after_response(s->app);
		is_serving = 0;
	}
	return EXIT_SUCCESS;
}

static const struct gateway_idle no_idle = { NULL, NULL };

/* True for FastCGI, where many requests come to a process, and false for CGI. libfcgi could tell,
 * but takes signals for itself when it is asked: before catch_signals() one
 * that ends a worker would be lost. */
static bool is_persistent(void)
{
	int listens = 0;
	socklen_t len = sizeof listens;
	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens;
}

static int run(const struct server *s)
{
	/* Broken pipes and full quotas are errors of the call, not reasons to die. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	guard_pages();
	return is_persistent() ? run_fcgi(s) : run_cgi(s);
}

int gateway_run(const struct conf *conf, void *app, const struct route_table *const *tables,
	unsigned programs, const struct gateway_idle *idle)
{
	struct server s = { conf, app, tables, programs, ERR_OK, idle, 0 };
	return run(&s);
}

int gateway_refuse(
	const struct conf *conf, const struct route_table *const *tables, enum err because)
{
	struct server s = { conf, NULL, tables, PROGRAM_ALL, because, &no_idle, 0 };
	return run(&s);
}

/* ---- Neither of them: a caller in this process ---- */

static size_t peer_read(struct gateway *g, char *p, size_t n)
{
	struct gateway_peer *peer = g->in;
	size_t got = peer->read(peer, p, n);
	g->is_cut = peer->is_cut;
	return got;
}

static bool peer_write(struct gateway *g, struct str bytes)
{
	struct gateway_peer *peer = g->out;
	return peer->write(peer, bytes);
}

bool gateway_serve(const struct conf *conf, void *app, const struct route_table *const *tables,
	unsigned programs, struct gateway_peer *peer, bool *ret_is_whole)
{
	struct server s = { conf, app, tables, programs, ERR_OK, &no_idle, peer->now_ns };
	struct exchange x;
	x.gateway = (struct gateway){ .variables = peer->variables,
		.read = peer_read,
		.write = peer_write,
		.in = peer,
		.out = peer,
		.is_quiet = peer->is_quiet };
	bool is_healthy = serve(&x, &s);
	drain(&x);
	*ret_is_whole = !x.response.is_cut;
	arena_release(&x.arena);
	return is_healthy;
}
