#include "base/utime.h"
#include "web.h"
#include "web/gateway.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The gateway in a process of its own, as a server starts it: CGI with pipes, FastCGI with a
 * listening socket as descriptor 0, spoken to by hand (FastCGI specification, section 3.3).
 */

enum { FCGI_BEGIN = 1, FCGI_END = 3, FCGI_PARAMS = 4, FCGI_STDIN = 5, FCGI_STDOUT = 6 };

/* ---- what is served ---- */

static void hello(struct request *r)
{
	r->response->type = CONTENT_TEXT;
	buf_add(&r->response->body, STR("hello"));
}

static void echo(struct request *r)
{
	struct str body, reason;
	enum err e = request_body(r, 1000, &body, &reason);
	r->response->status = err_status(e);
	buf_add(&r->response->body, e ? reason : body);
}

/* What time it is to the handler of a body. */
static void tell_time(struct request *r)
{
	struct str body, reason;
	ck_assert_int_eq(request_body(r, 1000, &body, &reason), ERR_OK);
	buf_printf(&r->response->body, "%lld", (long long)r->now_ns);
}

/* Would a further connection be taken? */
static void tell_whether_it_listens(struct request *r)
{
	int listens = 0;
	socklen_t len = sizeof listens;
	if (getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0)
		listens = 0;
	buf_add(&r->response->body, listens ? STR("yes") : STR("no"));
}

static void stop_meanwhile(struct request *r)
{
	raise(SIGTERM);
	buf_add(&r->response->body, STR("still answered"));
}

static void tell_who_it_is(struct request *r)
{
	buf_printf(&r->response->body, "%d", (int)getpid());
}

static void devour(struct request *r)
{
	buf_add(&r->response->body, STR("half an ans"));
	for (;;)
		(void)arena_alloc(r->arena, 1 << 16);
}

static void stream(struct request *r)
{
	char *row = arena_text(r->arena, 100000);
	memset(row, 'r', 100000);
	for (int i = 0; i < 10; i++) {
		buf_add(&r->response->body, str_of(row, 100000));
		response_flush_if_large(r->response);
	}
}

/* So many bytes that each place can be told: ?n */
static char byte_at(size_t i)
{
	return (char)('a' + (i ^ i >> 8 ^ i >> 16) % 26);
}

static void sized(struct request *r)
{
	uint64_t n = 0;
	(void)str_to_u64(r->n_params ? r->params[0].name : STR("0"), &n);
	char *p = buf_reserve(&r->response->body, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = byte_at(i);
	r->response->body.len = n;
}

static const struct dialect plain;

static void stream_and_fail(struct request *r)
{
	stream(r);
	route_error(r, &plain, ERR_IO, STR_NULL, NULL);
}

static void stream_and_devour(struct request *r)
{
	stream(r);
	devour(r);
}

/* Reads behind the end of a file that is cut off meanwhile. */
static void lose_page(struct request *r)
{
	enum { BYTES = 1 << 16 };
	char name[] = "/tmp/flatspan-page-XXXXXX";
	int fd = mkstemp(name);
	volatile const char *p = MAP_FAILED;
	if (fd >= 0 && unlink(name) == 0 && ftruncate(fd, BYTES) == 0)
		p = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED || ftruncate(fd, 0) != 0)
		_exit(EXIT_FAILURE);
	buf_add(&r->response->body, STR("half an ans"));
	buf_add_char(&r->response->body, p[BYTES / 2]);
}

static void stream_and_lose_page(struct request *r)
{
	stream(r);
	lose_page(r);
}

static void print_error(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	(void)problems;
	r->response->status = err_status(e);
	buf_printf(&r->response->body, "error %s %.*s", err_name(e), STR_ARG(detail));
}

static const struct dialect plain = { "plain", print_error };

/* clang-format off */
static const struct route rows[] = {
	{ "GET",  "/hello",             PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, hello,             &plain },
	{ "POST", "/echo",              PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, echo,              &plain },
	{ "POST", "/time",              PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, tell_time,         &plain },
	{ "GET",  "/listens",           PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, tell_whether_it_listens, &plain },
	{ "GET",  "/sized",             PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, sized,             &plain },
	{ "GET",  "/stop",              PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, stop_meanwhile,    &plain },
	{ "GET",  "/who",               PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, tell_who_it_is,    &plain },
	{ "GET",  "/devour",            PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, devour,            &plain },
	{ "GET",  "/stream",            PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, stream,            &plain },
	{ "GET",  "/stream-and-fail",   PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, stream_and_fail,   &plain },
	{ "GET",  "/stream-and-devour", PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, stream_and_devour, &plain },
	{ "GET",  "/lose-page",         PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, lose_page,         &plain },
	{ "GET",  "/stream-and-lose-page", PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, stream_and_lose_page, &plain },
};
/* clang-format on */
static const struct route_table table = { rows, sizeof rows / sizeof rows[0] };
static const struct route_table *const tables[] = { &table, NULL };

/* When it is open, what is done after a request waits here until the test has seen the answer. */
static int go[2] = { -1, -1 };

static void after(void *app)
{
	char c;
	(void)app;
	if (go[0] >= 0 && read(go[0], &c, 1) != 1)
		_exit(EXIT_FAILURE);
}

/* When it is open, the worker writes down here what it does while nobody waits. */
static int diary[2] = { -1, -1 };

static void note_down(char what)
{
	if (diary[1] >= 0 && write(diary[1], &what, 1) != 1)
		_exit(EXIT_FAILURE);
}

/* In two, a millisecond apart. */
static int release_memory(void *app)
{
	static unsigned n;
	(void)app;
	note_down('r');
	return n++ % 2 ? -1 : 1;
}

static int requests_each = 3;

static int serve(enum err refuse)
{
	struct conf conf;
	conf_defaults(&conf);
	conf.requests = requests_each;
	conf.arena_bytes = 4 << 20;
	if (refuse)
		return gateway_refuse(&conf, tables, refuse);
	static const struct gateway_idle idle = { after, release_memory };
	return gateway_run(&conf, NULL, tables, PROGRAM_ALL, &idle);
}

/* ---- CGI ---- */

/* The answer is read to its end, as a web server does, before the program is let go on. */
static void let_go(void)
{
	if (go[1] >= 0)
		ck_assert_int_eq(write(go[1], "x", 1), 1);
}

static int cgi_left; /* bytes of the body that the last program did not read */

static struct str cgi(const char *const *variables, struct str body, int *ret_code)
{
	int in[2], out[2];
	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]); /* the last one is standard output */
		extern char **environ;
		environ = (char **)(uintptr_t)variables;
		exit(serve(ERR_OK));
	}
	close(out[1]);
	ck_assert_int_eq(write(in[1], body.ptr, body.len), (ssize_t)body.len);
	close(in[1]);
	struct buf b;
	buf_init(&b, test_arena());
	ssize_t n;
	while ((n = read(out[0], buf_reserve(&b, 65536), 65536)) > 0)
		b.len += (size_t)n;
	close(out[0]);
	let_go();
	int status;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(ioctl(in[0], FIONREAD, &cgi_left), 0);
	close(in[0]);
	*ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return buf_str(&b);
}

#define WITH(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool has(struct str text, const char *part)
{
	return str_find(text, str_from_c(part)) < text.len;
}

START_TEST(a_cgi_program_answers_once_and_ends)
	{
		int code;
		struct str out =
			cgi(WITH("REQUEST_METHOD=GET", "REQUEST_URI=/hello?x=1"), STR(""), &code);
		ck_assert_int_eq(code, 0);
		ck_assert(str_starts(out, STR("Status: 200 OK\r\n")));
		ck_assert(str_ends(out, STR("\r\n\r\nhello")));
		out = cgi(WITH("REQUEST_METHOD=HEAD", "REQUEST_URI=/hello"), STR(""), &code);
		ck_assert(has(out, "Content-Length: 5\r\n"));
		ck_assert(str_ends(out, STR("\r\n\r\n")));
	}
END_TEST

START_TEST(a_cgi_body_is_read_with_and_without_its_length)
	{
		int code;
		struct str out =
			cgi(WITH("REQUEST_METHOD=POST", "REQUEST_URI=/echo", "CONTENT_LENGTH=3"),
				STR("abcdef"), &code);
		ck_assert(str_ends(out, STR("\r\n\r\nabc")));
		out = cgi(WITH("REQUEST_METHOD=POST", "REQUEST_URI=/echo"), STR("abcdef"), &code);
		ck_assert(str_ends(out, STR("\r\n\r\nabcdef")));
		out = cgi(WITH("REQUEST_METHOD=POST", "REQUEST_URI=/echo", "CONTENT_LENGTH=7"),
			STR("abcdef"), &code);
		ck_assert(str_starts(out, STR("Status: 400 ")));
	}
END_TEST

START_TEST(a_cgi_body_that_nobody_wants_is_read_all_the_same)
	{
		int code;
		char *body = arena_text(test_arena(), 50000);
		memset(body, 'b', 50000);
		(void)cgi(WITH("REQUEST_METHOD=GET", "REQUEST_URI=/hello", "CONTENT_LENGTH=50000"),
			str_of(body, 50000), &code);
		ck_assert_int_eq(code, 0);
		ck_assert_int_eq(cgi_left, 0);
		(void)cgi(WITH("REQUEST_METHOD=GET", "REQUEST_URI=/hello",
				  "HTTP_TRANSFER_ENCODING=chunked"),
			str_of(body, 50000), &code);
		ck_assert_int_eq(cgi_left, 0);
		(void)cgi(WITH("REQUEST_METHOD=POST", "REQUEST_URI=/nothing"), str_of(body, 50000),
			&code);
		ck_assert_int_eq(cgi_left, 0);
	}
END_TEST

START_TEST(a_request_that_makes_no_sense_is_refused)
	{
		int code;
		struct str out =
			cgi(WITH("REQUEST_METHOD=GET", "REQUEST_URI=//hello"), STR(""), &code);
		ck_assert(str_starts(out, STR("Status: 400 ")));
		ck_assert(has(out, "error INVALID The path is not in its canonical form."));
		out = cgi(WITH("X=nothing at all"), STR(""), &code);
		ck_assert(str_starts(out, STR("Status: 400 ")));
	}
END_TEST

START_TEST(what_a_server_refuses_is_told_in_the_form_of_the_request)
	{
		static const struct {
			const char *status, *answer;
		} refusals[] = {
			{ "REDIRECT_STATUS=400", "400 INVALID" },
			{ "REDIRECT_STATUS=403", "403 FORBIDDEN" },
			{ "REDIRECT_STATUS=404", "404 NOT_FOUND" },
			{ "REDIRECT_STATUS=413", "413 TOO_LARGE" },
			{ "REDIRECT_STATUS=431", "413 TOO_LARGE" },
			{ "REDIRECT_STATUS=500", "503 BUSY" },
			{ "REDIRECT_STATUS=501", "405 METHOD" },
			{ "REDIRECT_STATUS=502", "503 BUSY" },
			{ "REDIRECT_STATUS=503", "503 BUSY" },
			{ "REDIRECT_STATUS=504", "503 BUSY" },
		};
		int code;
		for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
			struct str out = cgi(WITH("REQUEST_METHOD=GET", "REQUEST_URI=/hello",
						     refusals[i].status),
				STR(""), &code);
			struct str want = str_from_c(refusals[i].answer);
			ck_assert(str_starts(str_skip(out, 8), str_first(want, 3)));
			ck_assert(has(out,
				arena_copy_c(test_arena(), arena_printf(test_arena(), "error %.*s",
								   STR_ARG(str_skip(want, 4))))));
		}
		struct str out =
			cgi(WITH("REQUEST_METHOD=GET", "REQUEST_URI=/hello", "REDIRECT_STATUS=200"),
				STR(""), &code);
		ck_assert(str_ends(out, STR("\r\n\r\nhello")));
		out = cgi(WITH("REQUEST_METHOD=GET", "REQUEST_URI=/hello",
				  "HTTP_REDIRECT_STATUS=503"),
			STR(""), &code);
		ck_assert(str_ends(out, STR("\r\n\r\nhello")));
	}
END_TEST

START_TEST(a_cgi_answer_that_cannot_be_finished_ends_with_a_failure)
	{
		int code;
		struct str out = cgi(
			WITH("REQUEST_METHOD=GET", "REQUEST_URI=/stream-and-fail"), STR(""), &code);
		ck_assert(str_starts(out, STR("Status: 200 ")));
		ck_assert_int_ne(code, 0);
	}
END_TEST

START_TEST(the_client_of_a_cgi_program_does_not_wait_for_what_comes_after)
	{
		int code;
		ck_assert_int_eq(pipe(go), 0);
		struct str out =
			cgi(WITH("REQUEST_METHOD=GET", "REQUEST_URI=/hello"), STR(""), &code);
		ck_assert_int_eq(code, 0);
		ck_assert(str_ends(out, STR("hello")));
		close(go[0]);
		close(go[1]);
		go[0] = go[1] = -1;
	}
END_TEST

/* ---- FastCGI ---- */

struct worker {
	pid_t pid;
	int listen_fd;
	struct sockaddr_un address;
	socklen_t address_len;
};

static struct worker worker;

/* A worker of that socket. */
static pid_t start_one(enum err refuse)
{
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(worker.listen_fd, 0);
		exit(serve(refuse));
	}
	return pid;
}

static void start(enum err refuse)
{
	worker.listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	worker.address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	/* Without a name the kernel gives an abstract one of its own. */
	ck_assert_int_eq(bind(worker.listen_fd, (struct sockaddr *)&worker.address,
				 sizeof worker.address.sun_family),
		0);
	worker.address_len = sizeof worker.address;
	ck_assert_int_eq(getsockname(worker.listen_fd, (struct sockaddr *)&worker.address,
				 &worker.address_len),
		0);
	ck_assert_int_eq(listen(worker.listen_fd, 8), 0);
	worker.pid = start_one(refuse);
}

/* The exit code; a worker that does not end by itself fails the test by its time limit. */
static int wait_for_end(void)
{
	int status;
	ck_assert_int_eq(waitpid(worker.pid, &status, 0), worker.pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void stop(void)
{
	kill(worker.pid, SIGTERM);
	ck_assert_int_eq(wait_for_end(), 0);
	close(worker.listen_fd);
}

static void add_record(struct buf *b, int type, struct str content)
{
	const char header[8] = { 1, (char)type, 0, 1, (char)(content.len >> 8), (char)content.len,
		0, 0 };
	buf_add(b, str_of(header, sizeof header));
	buf_add(b, content);
}

static struct str make_request(const char *const *variables, struct str body)
{
	struct buf b, params;
	buf_init(&b, test_arena());
	buf_init(&params, test_arena());
	add_record(&b, FCGI_BEGIN, str_of("\0\1\0\0\0\0\0\0", 8));
	for (; *variables; variables++) {
		struct str value = str_from_c(*variables), name = str_cut(&value, '=');
		buf_add_char(&params, (char)name.len);
		buf_add_char(&params, (char)value.len);
		buf_add(&params, name);
		buf_add(&params, value);
	}
	add_record(&b, FCGI_PARAMS, buf_str(&params));
	add_record(&b, FCGI_PARAMS, STR(""));
	if (body.len)
		add_record(&b, FCGI_STDIN, body);
	add_record(&b, FCGI_STDIN, STR(""));
	return buf_str(&b);
}

static void send_bytes(int fd, struct str bytes)
{
	ck_assert_int_eq(write(fd, bytes.ptr, bytes.len), (ssize_t)bytes.len);
}

static int connect_to_worker(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&worker.address, worker.address_len), 0);
	return fd;
}

static int send_request(const char *const *variables, struct str body)
{
	int fd = connect_to_worker();
	send_bytes(fd, make_request(variables, body));
	return fd;
}

/* What stands in the STDOUT records; whether an end record followed. */
static struct str receive(int fd, bool *ret_is_ended)
{
	struct buf in, out;
	buf_init(&in, test_arena());
	buf_init(&out, test_arena());
	ssize_t n;
	while ((n = read(fd, buf_reserve(&in, 65536), 65536)) > 0)
		in.len += (size_t)n;
	close(fd);
	*ret_is_ended = false;
	for (struct str rest = buf_str(&in); rest.len >= 8;) {
		size_t len = (size_t)(unsigned char)rest.ptr[4] << 8 | (unsigned char)rest.ptr[5];
		size_t padding = (unsigned char)rest.ptr[6];
		if (rest.ptr[1] == FCGI_STDOUT)
			buf_add(&out, str_first(str_skip(rest, 8), len));
		if (rest.ptr[1] == FCGI_END)
			*ret_is_ended = true;
		rest = str_skip(rest, 8 + len + padding);
	}
	return buf_str(&out);
}

static struct str fcgi(const char *const *variables, struct str body)
{
	bool is_ended;
	struct str out = receive(send_request(variables, body), &is_ended);
	ck_assert(is_ended);
	return out;
}

static struct str fcgi_get(const char *path)
{
	struct str uri = arena_printf(test_arena(), "REQUEST_URI=%s", path);
	return fcgi(WITH("REQUEST_METHOD=GET", arena_copy_c(test_arena(), uri)), STR(""));
}

START_TEST(a_fastcgi_worker_serves_its_number_of_requests_and_ends)
	{
		start(ERR_OK);
		for (int i = 0; i < 3; i++)
			ck_assert(str_ends(fcgi_get("/hello"), STR("\r\n\r\nhello")));
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
	}
END_TEST

START_TEST(the_client_of_a_worker_does_not_wait_for_what_comes_after)
	{
		ck_assert_int_eq(pipe(go), 0);
		start(ERR_OK);
		for (int i = 0; i < 3; i++) {
			ck_assert(str_ends(fcgi_get("/hello"), STR("\r\n\r\nhello")));
			ck_assert_int_eq(write(go[1], "x", 1), 1);
		}
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
		close(go[0]);
		close(go[1]);
		go[0] = go[1] = -1;
	}
END_TEST

static char next_entry(void)
{
	char what;
	ck_assert_int_eq(read(diary[0], &what, 1), 1);
	return what;
}

START_TEST(a_worker_gives_memory_back_when_no_request_comes)
	{
		ck_assert_int_eq(pipe(diary), 0);
		start(ERR_OK);
		for (const char *p = "rr"; *p; p++)
			ck_assert_int_eq(next_entry(), *p);
		ck_assert(str_ends(fcgi_get("/hello"), STR("\r\n\r\nhello")));
		ck_assert_int_eq(next_entry(), 'r');
		ck_assert_int_eq(next_entry(), 'r');
		stop();
		close(diary[0]);
		close(diary[1]);
		diary[0] = diary[1] = -1;
	}
END_TEST

START_TEST(with_its_last_request_a_worker_takes_no_more)
	{
		start(ERR_OK);
		ck_assert(str_ends(fcgi_get("/listens"), STR("\r\n\r\nyes")));
		ck_assert(str_ends(fcgi_get("/listens"), STR("\r\n\r\nyes")));
		ck_assert(str_ends(fcgi_get("/listens"), STR("\r\n\r\nno")));
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
	}
END_TEST

START_TEST(a_fastcgi_body_is_read_and_a_short_one_refused)
	{
		start(ERR_OK);
		struct str out =
			fcgi(WITH("REQUEST_METHOD=POST", "REQUEST_URI=/echo", "CONTENT_LENGTH=3"),
				STR("abc"));
		ck_assert(str_ends(out, STR("\r\n\r\nabc")));
		out = fcgi(WITH("REQUEST_METHOD=POST", "REQUEST_URI=/echo", "CONTENT_LENGTH=-1"),
			STR("abcdef"));
		ck_assert(str_ends(out, STR("\r\n\r\nabcdef")));
		out = fcgi(WITH("REQUEST_METHOD=POST", "REQUEST_URI=/echo", "CONTENT_LENGTH=99"),
			STR("abc"));
		ck_assert(str_starts(out, STR("Status: 400 ")));
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
	}
END_TEST

START_TEST(a_waiting_worker_ends_when_told_and_leaves_the_socket_to_others)
	{
		start(ERR_OK);
		ck_assert(str_ends(fcgi_get("/hello"), STR("hello")));
		kill(worker.pid, SIGUSR1);
		ck_assert_int_eq(wait_for_end(), 0);
		worker.pid = start_one(ERR_OK);
		ck_assert(str_ends(fcgi_get("/hello"), STR("hello")));
		stop();
	}
END_TEST

START_TEST(a_working_worker_finishes_its_answer_first)
	{
		start(ERR_OK);
		ck_assert(str_ends(fcgi_get("/stop"), STR("\r\n\r\nstill answered")));
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
	}
END_TEST

enum { CREW = 4 };

static pid_t crew[CREW];

/* Its client gone, a worker sleeps nowhere but where it waits for the next one; or it has ended. */
static void until_it_waits(pid_t pid)
{
	char path[64], line[256], state = 0;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	while (state != 'S' && state != 'Z') {
		FILE *f = fopen(path, "r");
		ck_assert_ptr_nonnull(f);
		ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
		fclose(f);
		state = strrchr(line, ')')[2];
		sched_yield();
	}
}

static void start_crew(void)
{
	requests_each = 1000;
	start(ERR_OK);
	crew[0] = worker.pid;
	for (int i = 1; i < CREW; i++)
		crew[i] = start_one(ERR_OK);
	for (int i = 0; i < CREW; i++)
		until_it_waits(crew[i]);
	requests_each = 3;
}

static void stop_crew(void)
{
	for (int i = 0; i < CREW; i++) {
		worker.pid = crew[i];
		until_it_waits(crew[i]); /* a new one does not listen to signals at once */
		kill(crew[i], SIGTERM);
		ck_assert_int_eq(wait_for_end(), 0);
	}
	close(worker.listen_fd);
}

/* Which of them has answered. */
static int who(void)
{
	struct str answer = fcgi_get("/who");
	answer = str_skip(answer, str_find(answer, STR("\r\n\r\n")) + 4);
	int64_t pid;
	ck_assert(str_to_i64(answer, &pid));
	for (int i = 0; i < CREW; i++)
		if (crew[i] == pid)
			return i;
	ck_abort_msg("%d is none of them", (int)pid);
}

START_TEST(a_client_that_comes_again_and_again_finds_the_same_worker)
	{
		start_crew();
		int first = who();
		for (int i = 0; i < 200; i++) {
			until_it_waits(crew[first]);
			ck_assert_int_eq(who(), first);
		}
		stop_crew();
	}
END_TEST

START_TEST(when_the_worker_that_served_all_is_killed_another_goes_on)
	{
		start_crew();
		int first = who();
		kill(crew[first], SIGKILL);
		ck_assert_int_eq(waitpid(crew[first], NULL, 0), crew[first]);
		int second = who();
		ck_assert_int_ne(second, first);
		for (int i = 0; i < 50; i++) {
			until_it_waits(crew[second]);
			ck_assert_int_eq(who(), second);
		}
		crew[first] = start_one(ERR_OK);
		stop_crew();
	}
END_TEST

START_TEST(a_connection_that_came_while_all_were_killed_is_their_successors)
	{
		start_crew();
		for (int i = 0; i < CREW; i++) {
			kill(crew[i], SIGSTOP);
			ck_assert_int_eq(waitpid(crew[i], NULL, WUNTRACED), crew[i]);
		}
		int fd = send_request(WITH("REQUEST_METHOD=GET", "REQUEST_URI=/hello"), STR(""));
		for (int i = 0; i < CREW; i++) {
			kill(crew[i], SIGKILL);
			ck_assert_int_eq(waitpid(crew[i], NULL, 0), crew[i]);
			crew[i] = start_one(ERR_OK);
		}
		bool is_ended;
		ck_assert(str_ends(receive(fd, &is_ended), STR("hello")));
		ck_assert(is_ended);
		stop_crew();
	}
END_TEST

START_TEST(workers_that_are_told_to_end_lose_no_connection)
	{
		enum { CLIENTS = 12 };
		int fd[CLIENTS];
		bool is_ended;
		start_crew();
		for (int i = 0; i < CLIENTS; i++) {
			fd[i] = send_request(
				WITH("REQUEST_METHOD=GET", "REQUEST_URI=/hello"), STR(""));
			if (i % 4 == 0)
				kill(crew[i / 4], SIGTERM);
		}
		for (int i = 0; i < CLIENTS; i++) {
			ck_assert(str_ends(receive(fd[i], &is_ended), STR("hello")));
			ck_assert(is_ended);
		}
		stop_crew();
	}
END_TEST

static int descriptors_of(pid_t pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	int n = 0;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Sends all but so much, and returns when a worker has it. */
static int begin_request(struct str request, size_t sent)
{
	until_it_waits(worker.pid);
	int n = descriptors_of(worker.pid), fd = connect_to_worker();
	if (sent)
		send_bytes(fd, str_first(request, sent));
	while (descriptors_of(worker.pid) == n)
		sched_yield();
	until_it_waits(worker.pid);
	return fd;
}

/* libfcgi waits for the first byte, for the rest of the head and for the body, each elsewhere. */
START_TEST(a_request_that_comes_slowly_is_served_by_a_worker_told_to_end)
	{
		struct str request = make_request(
			WITH("REQUEST_METHOD=POST", "REQUEST_URI=/echo", "CONTENT_LENGTH=3"),
			STR("abc"));
		const size_t sent[] = { 0, 4, 30, request.len - 19, request.len - 9 };
		for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
			bool is_ended;
			start(ERR_OK);
			ck_assert(str_ends(fcgi_get("/hello"), STR("hello")));
			int fd = begin_request(request, sent[i]);
			kill(worker.pid, SIGTERM);
			usleep(20000);
			send_bytes(fd, str_skip(request, sent[i]));
			ck_assert(str_ends(receive(fd, &is_ended), STR("\r\n\r\nabc")));
			ck_assert(is_ended);
			ck_assert_int_eq(wait_for_end(), 0);
			close(worker.listen_fd);
		}
	}
END_TEST

/* Over midnight too, which decides about the file that its spans go to. */
START_TEST(what_is_done_with_a_body_is_done_when_it_has_come)
	{
		struct str request = make_request(
			WITH("REQUEST_METHOD=POST", "REQUEST_URI=/time", "CONTENT_LENGTH=3"),
			STR("abc"));
		bool is_ended;
		int64_t told;
		start(ERR_OK);
		int fd = begin_request(request, request.len - 19);
		int64_t before = utime_now();
		send_bytes(fd, str_skip(request, request.len - 19));
		struct str out = receive(fd, &is_ended);
		int64_t after = utime_now();
		ck_assert(str_to_i64(str_skip(out, str_find(out, STR("\r\n\r\n")) + 4), &told));
		ck_assert_int_ge(told, before);
		ck_assert_int_le(told, after + NS_PER_MS); /* the clock may be slowed down */
		stop();
	}
END_TEST

START_TEST(a_request_past_its_memory_is_answered_and_the_worker_ends)
	{
		start(ERR_OK);
		struct str out = fcgi_get("/devour");
		ck_assert(str_starts(out, STR("Status: 503 ")));
		ck_assert(has(out, "Retry-After: 1\r\n"));
		ck_assert(str_ends(out, STR("\r\n\r\nerror NO_MEMORY ")));
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
	}
END_TEST

START_TEST(a_request_that_reads_a_lost_page_is_answered_and_the_worker_ends)
	{
		int code;
		start(ERR_OK);
		ck_assert(str_ends(fcgi_get("/hello"), STR("\r\n\r\nhello")));
		struct str out = fcgi_get("/lose-page");
		ck_assert(str_starts(out, STR("Status: 503 ")));
		ck_assert(has(out, "Retry-After: "));
		ck_assert(str_ends(out, STR("\r\n\r\nerror IO ")));
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
		out = cgi(WITH("REQUEST_METHOD=GET", "REQUEST_URI=/lose-page"), STR(""), &code);
		ck_assert_int_eq(code, 0);
		ck_assert(str_starts(out, STR("Status: 503 ")));
		ck_assert(str_ends(out, STR("\r\n\r\nerror IO ")));
		start(ERR_OK);
		bool is_ended;
		int fd = send_request(
			WITH("REQUEST_METHOD=GET", "REQUEST_URI=/stream-and-lose-page"), STR(""));
		ck_assert(str_starts(receive(fd, &is_ended), STR("Status: 200 ")));
		ck_assert(!is_ended);
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
	}
END_TEST

START_TEST(a_long_answer_arrives_whole_or_is_seen_to_be_cut)
	{
		start(ERR_OK);
		struct str out = fcgi_get("/stream");
		ck_assert_uint_eq(out.len - str_find(out, STR("\r\n\r\n")) - 4, 1000000);
		static const char *const cut[] = { "REQUEST_URI=/stream-and-fail",
			"REQUEST_URI=/stream-and-devour" };
		for (size_t i = 0; i < 2; i++) {
			bool is_ended;
			int fd = send_request(WITH("REQUEST_METHOD=GET", cut[i]), STR(""));
			out = receive(fd, &is_ended);
			ck_assert(str_starts(out, STR("Status: 200 ")));
			ck_assert(!is_ended);
		}
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
	}
END_TEST

/* An answer goes with its end, or in records of up to 65,528 bytes, of which the first holds the
 * header block as well. */
START_TEST(answers_of_all_sizes_arrive_as_they_are)
	{
		static const size_t sizes[] = { 0, 1, 7000, 7400, 7500, 7600, 7700, 7800, 8000,
			8001, 65000, 65100, 65200, 65528, 65529, 131055, 131056, 2000003 };
		for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
			size_t n = sizes[k];
			if (k % 3 == 0)
				start(ERR_OK);
			struct str out = fcgi_get(arena_copy_c(
				test_arena(), arena_printf(test_arena(), "/sized?%zu", n)));
			struct str body = str_skip(out, str_find(out, STR("\r\n\r\n")) + 4);
			ck_assert_uint_eq(body.len, n);
			for (size_t i = 0; i < n; i++)
				if (body.ptr[i] != byte_at(i))
					ck_abort_msg("byte %zu of %zu", i, n);
			if (k % 3 == 2) {
				ck_assert_int_eq(wait_for_end(), 0);
				close(worker.listen_fd);
			}
		}
	}
END_TEST

START_TEST(a_program_that_cannot_work_says_so_to_everyone)
	{
		start(ERR_CONF);
		struct str out = fcgi_get("/hello");
		ck_assert(str_starts(out, STR("Status: 503 ")));
		ck_assert(has(out, "Retry-After: 30\r\n"));
		ck_assert(str_ends(out, STR("\r\n\r\nerror CONF ")));
		for (int i = 1; i < 20; i++)
			ck_assert(str_ends(fcgi_get("//"), STR("error CONF ")));
		ck_assert_int_eq(wait_for_end(), 0);
		close(worker.listen_fd);
	}
END_TEST

UNIT_MAIN("gateway", a_cgi_program_answers_once_and_ends,
	a_cgi_body_is_read_with_and_without_its_length,
	a_cgi_body_that_nobody_wants_is_read_all_the_same, a_request_that_makes_no_sense_is_refused,
	what_a_server_refuses_is_told_in_the_form_of_the_request,
	a_cgi_answer_that_cannot_be_finished_ends_with_a_failure,
	the_client_of_a_cgi_program_does_not_wait_for_what_comes_after,
	the_client_of_a_worker_does_not_wait_for_what_comes_after,
	a_worker_gives_memory_back_when_no_request_comes,
	with_its_last_request_a_worker_takes_no_more,
	a_fastcgi_worker_serves_its_number_of_requests_and_ends,
	a_fastcgi_body_is_read_and_a_short_one_refused,
	a_waiting_worker_ends_when_told_and_leaves_the_socket_to_others,
	a_working_worker_finishes_its_answer_first,
	a_client_that_comes_again_and_again_finds_the_same_worker,
	when_the_worker_that_served_all_is_killed_another_goes_on,
	a_connection_that_came_while_all_were_killed_is_their_successors,
	workers_that_are_told_to_end_lose_no_connection,
	a_request_that_comes_slowly_is_served_by_a_worker_told_to_end,
	what_is_done_with_a_body_is_done_when_it_has_come,
	a_request_past_its_memory_is_answered_and_the_worker_ends,
	a_request_that_reads_a_lost_page_is_answered_and_the_worker_ends,
	a_long_answer_arrives_whole_or_is_seen_to_be_cut, answers_of_all_sizes_arrive_as_they_are,
	a_program_that_cannot_work_says_so_to_everyone)
