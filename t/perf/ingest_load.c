/*
 * Load for OTLP ingest: connections that each post one request after the other for a time, every
 * span with an id of its own, and count what was acknowledged.
 *
 *	ingest_load HOST PORT PATH CONNECTIONS SPANS-PER-REQUEST BYTES-PER-SPAN SECONDS
 *
 * Prints requests and spans a second, the 50th and 99th percentile of the time to an answer, and
 * how many answers were not 200.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

enum { LATENCIES_MAX = 1 << 20 };

struct bytes {
	unsigned char *ptr;
	size_t len, cap;
};

/* A process for each connection, in memory that all share. */
struct worker {
	unsigned number;
	uint64_t n_requests, n_bad;
	size_t n_latencies;
	uint32_t latency_us[LATENCIES_MAX];
};

static struct sockaddr_in server;
static const char *host, *path;
static unsigned n_spans, span_bytes, seconds;
static uint64_t run;

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add(struct bytes *b, const void *p, size_t n)
{
	if (b->len + n > b->cap) {
		b->cap = (b->len + n) * 2;
		b->ptr = realloc(b->ptr, b->cap);
		if (!b->ptr)
			exit(2);
	}
	memcpy(b->ptr + b->len, p, n);
	b->len += n;
}

static void add_varint(struct bytes *b, uint64_t v)
{
	do {
		unsigned char c = (unsigned char)(v & 127);
		v >>= 7;
		c |= v ? 128 : 0;
		add(b, &c, 1);
	} while (v);
}

static void add_field(struct bytes *b, unsigned number, const void *p, size_t n)
{
	add_varint(b, number << 3 | 2);
	add_varint(b, n);
	add(b, p, n);
}

static void add_fixed64(struct bytes *b, unsigned number, uint64_t v)
{
	add_varint(b, number << 3 | 1);
	add(b, &v, sizeof v);
}

static void add_text(struct bytes *span, const char *key, const char *value, size_t n)
{
	struct bytes any = { 0 }, pair = { 0 };
	add_field(&any, 1, value, n);
	add_field(&pair, 1, key, strlen(key));
	add_field(&pair, 2, any.ptr, any.len);
	add_field(span, 9, pair.ptr, pair.len);
	free(any.ptr);
	free(pair.ptr);
}

static void add_number(struct bytes *span, const char *key, uint64_t v)
{
	struct bytes any = { 0 }, pair = { 0 };
	add_varint(&any, 3 << 3);
	add_varint(&any, v);
	add_field(&pair, 1, key, strlen(key));
	add_field(&pair, 2, any.ptr, any.len);
	add_field(span, 9, pair.ptr, pair.len);
	free(any.ptr);
	free(pair.ptr);
}

/* Words of a small vocabulary, so that the text looks like text. */
static void words(char *p, size_t n, uint64_t seed)
{
	static const char *const list[] = { "the ", "tool ", "answered ", "with ", "an ",
		"invoice ", "for ", "customer ", "and ", "model ", "asked ", "again ", "about ",
		"delivery " };
	size_t at = 0;
	while (at < n) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		const char *w = list[(seed >> 33) % (sizeof list / sizeof list[0])];
		size_t len = strlen(w) < n - at ? strlen(w) : n - at;
		memcpy(p + at, w, len);
		at += len;
	}
}

static void add_span(struct bytes *scope_spans, uint64_t seed)
{
	static const unsigned char zeros[16];
	struct bytes span = { 0 };
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	uint64_t start = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	size_t text = span_bytes > 320 ? span_bytes - 320 : 16;
	char *buf = malloc(text);
	if (!buf)
		exit(2);
	words(buf, text, seed);
	add_field(&span, 1, zeros, 16); /* patched for each request */
	add_field(&span, 2, zeros, 8);
	add_field(&span, 5, "chat gpt", 8);
	add_fixed64(&span, 7, start);
	add_fixed64(&span, 8, start + 1234567);
	add_text(&span, "openinference.span.kind", "LLM", 3);
	add_text(&span, "gen_ai.request.model", "gpt-4o-mini", 11);
	add_text(&span, "gen_ai.provider.name", "openai", 6);
	add_number(&span, "gen_ai.usage.input_tokens", 100 + seed % 1000);
	add_number(&span, "gen_ai.usage.output_tokens", seed % 300);
	add_text(&span, "session.id", "session-under-load", 18);
	add_text(&span, "input.value", buf, text * 2 / 3);
	add_text(&span, "output.value", buf + text * 2 / 3, text - text * 2 / 3);
	add_field(scope_spans, 2, span.ptr, span.len);
	free(span.ptr);
	free(buf);
}

/* The request body, and where each span's ids stand in it. */
static struct bytes make_body(uint64_t seed, size_t *id_at)
{
	struct bytes scope = { 0 }, resource = { 0 }, body = { 0 };
	static const unsigned char head[] = { 10, 16 }; /* field 1, 16 bytes */
	for (unsigned i = 0; i < n_spans; i++)
		add_span(&scope, seed + i);
	add_field(&resource, 2, scope.ptr, scope.len);
	add_field(&body, 1, resource.ptr, resource.len);
	size_t at = 0;
	for (unsigned i = 0; i < n_spans; i++) {
		const unsigned char *p;
		static const unsigned char zeros[16];
		for (;; at++) {
			p = body.ptr + at;
			if (memcmp(p, head, 2) == 0 && memcmp(p + 2, zeros, 16) == 0)
				break;
		}
		id_at[i] = at + 2;
		at += 28;
	}
	free(scope.ptr);
	free(resource.ptr);
	return body;
}

static void patch_ids(struct bytes *body, const size_t *id_at, uint64_t request, unsigned worker)
{
	for (unsigned i = 0; i < n_spans; i++) {
		uint64_t trace[2] = { run, (uint64_t)worker << 48 | (request * n_spans + i) / 20 };
		uint64_t span =
			((uint64_t)(worker + 1) << 48 | (request * n_spans + i)) ^ run << 20;
		memcpy(body->ptr + id_at[i], trace, 16);
		memcpy(body->ptr + id_at[i] + 18, &span, 8);
	}
}

static int dial(void)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server) < 0) {
		perror("connect");
		exit(2);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static bool send_all(int fd, const void *p, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t r = send(fd, (const char *)p + done, n - done, MSG_NOSIGNAL);
		if (r <= 0)
			return false;
		done += (size_t)r;
	}
	return true;
}

/* The status of one answer; reads to the end of its body. 0: the connection is gone. */
static int read_answer(int fd, bool *ret_close)
{
	char buf[16384];
	size_t n = 0;
	for (;;) {
		ssize_t r = recv(fd, buf + n, sizeof buf - 1 - n, 0);
		if (r <= 0)
			return 0;
		n += (size_t)r;
		buf[n] = '\0';
		char *end = strstr(buf, "\r\n\r\n");
		if (!end)
			continue;
		char *length = strcasestr(buf, "content-length: ");
		bool chunked = strcasestr(buf, "transfer-encoding: chunked") != NULL;
		size_t body = n - (size_t)(end + 4 - buf);
		size_t want = length ? strtoul(length + 16, NULL, 10) : 0;
		if (chunked ? !strstr(end, "0\r\n\r\n") : body < want)
			continue;
		*ret_close = strcasestr(buf, "connection: close") != NULL;
		return (int)strtol(buf + 9, NULL, 10);
	}
}

static void work(struct worker *w)
{
	size_t *id_at = calloc(n_spans, sizeof *id_at);
	if (!id_at)
		exit(2);
	struct bytes body = make_body(w->number * 1000003u, id_at);
	char head[512];
	int head_len = snprintf(head, sizeof head,
		"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-protobuf\r\n"
		"Content-Length: %zu\r\n\r\n",
		path, host, body.len);
	int fd = dial();
	double end = now_s() + seconds;
	while (now_s() < end) {
		bool close_it = false;
		patch_ids(&body, id_at, w->n_requests, w->number);
		double t = now_s();
		int status = 0;
		if (send_all(fd, head, (size_t)head_len) && send_all(fd, body.ptr, body.len))
			status = read_answer(fd, &close_it);
		if (w->n_latencies < LATENCIES_MAX)
			w->latency_us[w->n_latencies++] = (uint32_t)((now_s() - t) * 1e6);
		w->n_requests++;
		if (status != 200)
			w->n_bad++;
		if (status == 0 || close_it) {
			close(fd);
			fd = dial();
		}
	}
	close(fd);
	free(body.ptr);
	free(id_at);
}

static int by_value(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	if (argc != 8) {
		fprintf(stderr,
			"usage: ingest_load HOST PORT PATH CONNECTIONS SPANS BYTES SECONDS\n");
		return 2;
	}
	host = argv[1];
	path = argv[3];
	server = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10)) };
	if (inet_pton(AF_INET, host, &server.sin_addr) != 1)
		return 2;
	unsigned n = (unsigned)strtoul(argv[4], NULL, 10);
	n_spans = (unsigned)strtoul(argv[5], NULL, 10);
	span_bytes = (unsigned)strtoul(argv[6], NULL, 10);
	seconds = (unsigned)strtoul(argv[7], NULL, 10);
	run = (uint64_t)time(NULL) << 20 | (uint64_t)(getpid() & 0xfffff);
	if (n == 0 || n_spans == 0)
		return 2;
	struct worker *workers = mmap(NULL, n * sizeof *workers, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (workers == MAP_FAILED)
		return 2;
	double start = now_s();
	for (unsigned i = 0; i < n; i++) {
		workers[i].number = i;
		pid_t pid = fork();
		if (pid < 0)
			return 2;
		if (pid == 0) {
			work(&workers[i]);
			return 0;
		}
	}
	for (unsigned i = 0; i < n; i++) {
		int status;
		if (wait(&status) < 0 || status != 0)
			return 2;
	}
	uint64_t requests = 0, bad = 0;
	size_t n_all = 0;
	for (unsigned i = 0; i < n; i++) {
		requests += workers[i].n_requests;
		bad += workers[i].n_bad;
		n_all += workers[i].n_latencies;
	}
	double took = now_s() - start;
	uint32_t *all = malloc(sizeof *all * (n_all + 1));
	if (!all)
		return 2;
	n_all = 0;
	for (unsigned i = 0; i < n; i++) {
		memcpy(all + n_all, workers[i].latency_us, workers[i].n_latencies * sizeof *all);
		n_all += workers[i].n_latencies;
	}
	qsort(all, n_all, sizeof *all, by_value);
	uint64_t good = requests - bad;
	printf("c=%u spans/request=%u: %.0f requests/s %.0f spans/s p50 %.2f ms p99 %.2f ms not-200 %llu\n",
		n, n_spans, (double)good / took, (double)good * n_spans / took,
		n_all ? all[n_all / 2] / 1e3 : 0, n_all ? all[n_all * 99 / 100] / 1e3 : 0,
		(unsigned long long)bad);
	free(all);
	return bad ? 1 : 0;
}
