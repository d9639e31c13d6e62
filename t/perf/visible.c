/*
 * Is a span there for every question as soon as it was acknowledged, and how much slower are the
 * questions meanwhile?
 *
 *	visible HOST PORT WORKSPACE SPANS-PER-SECOND SECONDS [CONNECTIONS [SPANS-PER-REQUEST]]
 *		[<QUESTIONS]
 *
 * Writers post batches of OTLP at the rate.  The reader takes the batch that was acknowledged last
 * and asks for one of its spans, for the spans and for the trace of the batch's session, for the
 * number of all spans, which must not be less than what was acknowledged before it asked, and for
 * the newest page of traces, which must have the total of what was acknowledged; between them one
 * QUESTION in turn ("METHOD TARGET [BODY]", a line each).  Then the writers stop, and all of it is
 * asked again as long.
 *
 * Prints for each question how often it was asked under load, the median in milliseconds under load
 * and after it, and their ratio; then the rate that was reached and "missing = N".  Fails when
 * something was missing, or nothing was asked.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	TEXT_BYTES = 700,     /* of a span's input */
	SPANS_PER_TRACE = 20, /* at most */
	TIMES_MAX = 1 << 20,  /* of a question */
	QUESTIONS_MAX = 64,
	CONNECTIONS_MAX = 64,
	CHECKS = 5
};

struct text {
	char *ptr;
	size_t len, cap;
};

struct question {
	char *name, *text;
	double *times[2]; /* under load, after it */
	size_t n[2];
};

static struct sockaddr_in server;
static const char *workspace;
static unsigned per_request = 500, n_writers = 2;
static double interval_s, load_s;
static uint64_t run;
/* What the writers' processes and the reader share. */
static struct {
	atomic_uint_fast64_t next_batch, newest_batch, n_acknowledged, n_traces;
	atomic_bool is_over;
} * shared;
static struct question questions[QUESTIONS_MAX];
static size_t n_questions = CHECKS;
static uint64_t n_missing, base_spans, base_traces;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sleep_until(double t)
{
	double left = t - now_s();
	if (left > 0)
		usleep((useconds_t)(left * 1e6));
}

static void room(struct text *t, size_t n)
{
	if (t->len + n + 1 <= t->cap)
		return;
	t->cap = (t->len + n + 1) * 2;
	t->ptr = realloc(t->ptr, t->cap);
	if (!t->ptr)
		die("realloc");
}

__attribute__((format(printf, 2, 0))) static void print_list(
	struct text *t, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		die("vsnprintf");
	room(t, (size_t)n);
	t->len += (size_t)vsnprintf(t->ptr + t->len, (size_t)n + 1, format, args);
}

__attribute__((format(printf, 2, 3))) static void print(struct text *t, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	print_list(t, format, args);
	va_end(args);
}

/* ---- HTTP ---- */

static int dial(void)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static void receive(int fd, struct text *in)
{
	room(in, 1 << 16);
	ssize_t n = recv(fd, in->ptr + in->len, 1 << 16, 0);
	if (n <= 0)
		die("recv");
	in->len += (size_t)n;
	in->ptr[in->len] = '\0';
}

/* Puts the chunks from `at` on together. */
static void join_chunks(int fd, struct text *in, size_t at)
{
	size_t to = at;
	for (;;) {
		char *end;
		while (!(end = strstr(in->ptr + at, "\r\n")))
			receive(fd, in);
		size_t n = strtoul(in->ptr + at, NULL, 16);
		at = (size_t)(end + 2 - in->ptr);
		while (in->len < at + n + 2)
			receive(fd, in);
		memmove(in->ptr + to, in->ptr + at, n);
		to += n;
		at += n + 2;
		if (n == 0)
			break;
	}
	in->len = to;
	in->ptr[to] = '\0';
}

/* The status; the body stands in *in from the byte *ret_body on. */
static int exchange(int *fd, const char *out, size_t n, struct text *in, size_t *ret_body)
{
	for (size_t done = 0; done < n;) {
		ssize_t s = send(*fd, out + done, n - done, MSG_NOSIGNAL);
		if (s <= 0)
			die("send");
		done += (size_t)s;
	}
	char *end = NULL;
	in->len = 0;
	do
		receive(*fd, in);
	while (!(end = strstr(in->ptr, "\r\n\r\n")));
	*end = '\0';
	*ret_body = (size_t)(end + 4 - in->ptr);
	int status = (int)strtol(in->ptr + 9, NULL, 10);
	const char *length = strcasestr(in->ptr, "content-length: ");
	size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
	bool is_closed = strcasestr(in->ptr, "connection: close");
	if (strcasestr(in->ptr, "transfer-encoding: chunked"))
		join_chunks(*fd, in, *ret_body);
	while (length && in->len < *ret_body + body)
		receive(*fd, in);
	/* nginx ends a connection after so many requests */
	if (is_closed) {
		close(*fd);
		*fd = dial();
	}
	return status;
}

/* ---- Writers ---- */

static uint64_t span_id(uint64_t batch, unsigned i)
{
	return (run << 44 | batch << 16 | i) ^ UINT64_C(0x9e3779b97f4a7c15);
}

static void add_span(struct text *t, uint64_t batch, unsigned i, uint64_t now_ns)
{
	static const char words[] = "the tool answered with an invoice for the customer ";
	char input[TEXT_BYTES + 1];
	unsigned trace = i / SPANS_PER_TRACE;
	for (size_t k = 0; k < TEXT_BYTES; k++)
		input[k] = words[(k + i * 7) % (sizeof words - 1)];
	input[TEXT_BYTES] = '\0';
	print(t, "%s{\"traceId\":\"%016llx%016llx\",\"spanId\":\"%016llx\"", i ? "," : "",
		(unsigned long long)run << 16 | trace, (unsigned long long)batch,
		(unsigned long long)span_id(batch, i));
	if (i % SPANS_PER_TRACE)
		print(t, ",\"parentSpanId\":\"%016llx\"",
			(unsigned long long)span_id(batch, trace * SPANS_PER_TRACE));
	print(t,
		",\"name\":\"step\",\"startTimeUnixNano\":\"%llu\",\"endTimeUnixNano\":\"%llu\""
		",\"attributes\":[{\"key\":\"session.id\",\"value\":{\"stringValue\":"
		"\"visible-%llx-%llu\"}},{\"key\":\"input.value\",\"value\":{\"stringValue\":"
		"\"%s\"}}]}",
		(unsigned long long)now_ns + i, (unsigned long long)now_ns + i + 1000,
		(unsigned long long)run, (unsigned long long)batch, input);
}

static unsigned traces_of_batch(void)
{
	return (per_request + SPANS_PER_TRACE - 1) / SPANS_PER_TRACE;
}

static void acknowledge(uint64_t batch)
{
	uint_fast64_t newest = atomic_load(&shared->newest_batch);
	atomic_fetch_add(&shared->n_acknowledged, per_request);
	atomic_fetch_add(&shared->n_traces, traces_of_batch());
	while (newest < batch + 1 &&
		!atomic_compare_exchange_weak(&shared->newest_batch, &newest, batch + 1))
		;
}

static void write_batches(void)
{
	struct text body = { .ptr = NULL }, out = { .ptr = NULL }, in = { .ptr = NULL };
	int fd = dial();
	double next = now_s();
	while (!atomic_load(&shared->is_over)) {
		struct timespec t;
		size_t at;
		uint64_t batch = atomic_fetch_add(&shared->next_batch, 1);
		clock_gettime(CLOCK_REALTIME, &t);
		uint64_t now_ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
		body.len = out.len = 0;
		print(&body, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[");
		for (unsigned i = 0; i < per_request; i++)
			add_span(&body, batch, i, now_ns);
		print(&body, "]}]}]}");
		print(&out,
			"POST /apis/intake/v2/workspaces/%s/ingest/otlp/v1/traces HTTP/1.1\r\n"
			"Host: visible\r\nContent-Type: application/json\r\n"
			"Content-Length: %zu\r\n\r\n",
			workspace, body.len);
		room(&out, body.len);
		memcpy(out.ptr + out.len, body.ptr, body.len);
		out.len += body.len;
		sleep_until(next);
		int status = exchange(&fd, out.ptr, out.len, &in, &at);
		if (status / 100 != 2) {
			fprintf(stderr, "visible: %d: %.300s\n", status, in.ptr + at);
			exit(1);
		}
		acknowledge(batch);
		/* Who is late does not hurry. */
		next = next + interval_s > now_s() ? next + interval_s : now_s();
	}
	close(fd);
	free(body.ptr);
	free(out.ptr);
	free(in.ptr);
}

static void start_writer(void)
{
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		write_batches();
		_exit(0);
	}
}

/* ---- The reader ---- */

static const char *ask(
	int *fd, struct question *q, unsigned phase, struct text *in, int *ret_status)
{
	size_t at;
	double began = now_s();
	*ret_status = exchange(fd, q->text, strlen(q->text), in, &at);
	if (q->n[phase] < TIMES_MAX)
		q->times[phase][q->n[phase]++] = (now_s() - began) * 1e3;
	return in->ptr + at;
}

static void set_check(size_t i, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One of the questions that are put anew each time. */
static void set_check(size_t i, const char *name, const char *format, ...)
{
	struct text t = { .ptr = NULL };
	va_list args;
	print(&t, "GET /apis/intake/v2/workspaces/%s/", workspace);
	va_start(args, format);
	print_list(&t, format, args);
	va_end(args);
	print(&t, " HTTP/1.1\r\nHost: visible\r\n\r\n");
	free(questions[i].text);
	questions[i].text = t.ptr;
	free(questions[i].name);
	questions[i].name = strdup(name);
}

static uint64_t total_of(const char *body)
{
	const char *p = strstr(body, "\"total_results\":");
	return p ? strtoull(p + strlen("\"total_results\":"), NULL, 10) : UINT64_MAX;
}

static void missed(const char *what, uint64_t batch, const char *body)
{
	if (n_missing++ < 10)
		fprintf(stderr, "visible: batch %llu: %s: %.200s\n", (unsigned long long)batch,
			what, body);
}

static void check_batch(int *fd, uint64_t batch, unsigned phase, struct text *in)
{
	unsigned i = (unsigned)(batch * 2654435761u % per_request);
	uint64_t spans = base_spans + atomic_load(&shared->n_acknowledged);
	uint64_t traces = base_traces + atomic_load(&shared->n_traces);
	int status;
	char id[32];
	snprintf(id, sizeof id, "\"%016llx\"", (unsigned long long)span_id(batch, i));
	set_check(0, "get", "spans/%.16s", id + 1);
	set_check(1, "spans of the batch",
		"spans?filter%%5Bsession_id%%5D=visible-%llx-%llu&page_size=10",
		(unsigned long long)run, (unsigned long long)batch);
	set_check(2, "number of spans", "spans?page_size=1&mode=summary");
	set_check(3, "traces of the batch",
		"traces?filter%%5Bsession_id%%5D=visible-%llx-%llu&page_size=10",
		(unsigned long long)run, (unsigned long long)batch);
	set_check(4, "newest traces", "traces?sort=-started_at&page_size=50");
	const char *body = ask(fd, &questions[0], phase, in, &status);
	if (status != 200 || !strstr(body, id))
		missed("get", batch, body);
	body = ask(fd, &questions[1], phase, in, &status);
	if (status != 200 || total_of(body) != per_request)
		missed("list", batch, body);
	body = ask(fd, &questions[2], phase, in, &status);
	if (status != 200 || total_of(body) < spans)
		missed("total", batch,
			strstr(body, "\"pagination\"") ? strstr(body, "\"pagination\"") : body);
	body = ask(fd, &questions[3], phase, in, &status);
	if (status != 200 || total_of(body) != traces_of_batch())
		missed("traces", batch, body);
	body = ask(fd, &questions[4], phase, in, &status);
	if (status != 200 || total_of(body) < traces)
		missed("newest traces", batch, body);
}

static void read_for(int *fd, double seconds, unsigned phase, struct text *in)
{
	double end = now_s() + seconds;
	size_t turn = CHECKS;
	while (now_s() < end) {
		uint64_t newest = atomic_load(&shared->newest_batch);
		int status;
		if (newest == 0) {
			usleep(1000);
			continue;
		}
		check_batch(fd, newest - 1, phase, in);
		if (n_questions == CHECKS)
			continue;
		(void)ask(fd, &questions[turn], phase, in, &status);
		turn = turn + 1 < n_questions ? turn + 1 : CHECKS;
	}
}

static uint64_t count(int *fd, size_t check, struct text *in)
{
	int status;
	const char *body = ask(fd, &questions[check], 0, in, &status);
	uint64_t n = total_of(body);
	questions[check].n[0] = 0;
	return status == 200 && n != UINT64_MAX ? n : 0; /* no workspace yet */
}

static void read_questions(void)
{
	char *line = NULL;
	size_t cap = 0;
	while (!isatty(0) && n_questions < QUESTIONS_MAX && getline(&line, &cap, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		char *target = strchr(line, ' '), *body = target ? strchr(target + 1, ' ') : NULL;
		struct text t = { .ptr = NULL };
		if (!target)
			continue;
		questions[n_questions].name = strdup(line);
		if (body)
			*body++ = '\0';
		print(&t, "%s HTTP/1.1\r\nHost: visible\r\n", line);
		if (body)
			print(&t, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
				strlen(body));
		print(&t, "\r\n%s", body ? body : "");
		questions[n_questions++].text = t.ptr;
	}
	free(line);
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return (a > b) - (a < b);
}

static double median(double *times, size_t n)
{
	qsort(times, n, sizeof *times, by_value);
	return n ? times[n / 2] : 0;
}

static void print_questions(void)
{
	printf("%8s %9s %9s %6s\n", "asked", "load ms", "then ms", "ratio");
	for (size_t i = 0; i < n_questions; i++) {
		struct question *q = &questions[i];
		double load = median(q->times[0], q->n[0]), after = median(q->times[1], q->n[1]);
		printf("%8zu %9.3f %9.3f %6.2f  %.90s\n", q->n[0], load, after,
			after > 0 ? load / after : 0, q->name);
	}
}

int main(int argc, char **argv)
{
	struct text in = { .ptr = NULL };
	bool has_written = true;
	int status;
	if (argc < 6) {
		fprintf(stderr, "usage: visible HOST PORT WORKSPACE SPANS-PER-SECOND SECONDS"
				" [CONNECTIONS [SPANS-PER-REQUEST]] [<QUESTIONS]\n");
		return 2;
	}
	server = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10)) };
	if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
		die(argv[1]);
	workspace = argv[3];
	load_s = strtod(argv[5], NULL);
	n_writers = argc > 6 ? (unsigned)strtoul(argv[6], NULL, 10) : n_writers;
	per_request = argc > 7 ? (unsigned)strtoul(argv[7], NULL, 10) : per_request;
	if (n_writers == 0 || n_writers > CONNECTIONS_MAX || per_request == 0)
		return 2;
	interval_s = per_request * n_writers / strtod(argv[4], NULL);
	run = (uint64_t)time(NULL) & 0xfffff;
	read_questions();
	for (size_t i = 0; i < n_questions; i++)
		for (int phase = 0; phase < 2; phase++)
			if (!(questions[i].times[phase] = malloc(TIMES_MAX * sizeof(double))))
				die("malloc");
	shared = mmap(
		NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	int fd = dial();
	set_check(2, "number of spans", "spans?page_size=1&mode=summary");
	set_check(4, "newest traces", "traces?sort=-started_at&page_size=50");
	base_spans = count(&fd, 2, &in);
	base_traces = count(&fd, 4, &in);
	double began = now_s();
	for (unsigned i = 0; i < n_writers; i++)
		start_writer();
	read_for(&fd, load_s, 0, &in);
	atomic_store(&shared->is_over, true);
	double rate = (double)atomic_load(&shared->n_acknowledged) / (now_s() - began);
	for (unsigned i = 0; i < n_writers; i++)
		has_written = wait(&status) > 0 && status == 0 && has_written;
	read_for(&fd, load_s, 1, &in);
	print_questions();
	printf("%.0f spans/s, %llu in all\nmissing = %llu\n", rate,
		(unsigned long long)atomic_load(&shared->n_acknowledged),
		(unsigned long long)n_missing);
	bool is_good = has_written && n_missing == 0 && questions[0].n[0] > 0;
	for (size_t i = 0; i < n_questions; i++) {
		free(questions[i].name);
		free(questions[i].text);
		free(questions[i].times[0]);
		free(questions[i].times[1]);
	}
	free(in.ptr);
	close(fd);
	return is_good ? 0 : 1;
}
