/*
 * How long requests take over one kept connection, one after the other.
 *
 *	http_time HOST PORT SECONDS [EXPECTED-STATUS] <REQUESTS
 *
 * REQUESTS has a request a line, "METHOD TARGET [BODY]"; they are sent in turn, again from the
 * first, for SECONDS and at least AT_LEAST times.  The first is sent once more before, unmeasured.
 * Prints the median and the 95th percentile in milliseconds, the number of requests and the bytes
 * of the last answer's body, separated by blanks.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AT_LEAST = 5, MOST = 1 << 20, ANSWER_MAX = 256 << 20 };

struct request {
	char *text;
	size_t len;
};

static char *answer;
static size_t answer_cap = 1 << 20;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int dial(const char *host, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(port, NULL, 10)) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	if (inet_pton(AF_INET, host, &to.sin_addr) != 1 || fd < 0 ||
		connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static struct request read_request(char *line, const char *host)
{
	char *target = strchr(line, ' ');
	if (!target) {
		fprintf(stderr, "http_time: no request: %s\n", line);
		exit(2);
	}
	*target++ = '\0';
	char *body = strchr(target, ' ');
	if (body)
		*body++ = '\0';
	size_t body_len = body ? strlen(body) : 0, cap = strlen(target) + body_len + 512;
	struct request r = { .text = malloc(cap) };
	if (!r.text)
		die("malloc");
	int n = body ? snprintf(r.text, cap,
			       "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
			       "X-Selected-Account-Id: default\r\n" /* Scale's */
			       "Content-Length: %zu\r\n\r\n%s",
			       line, target, host, body_len, body)
		     : snprintf(r.text, cap, "%s %s HTTP/1.1\r\nHost: %s\r\n\r\n", line, target,
			       host);
	r.len = (size_t)n;
	return r;
}

static void receive(int fd, size_t *n)
{
	if (*n + 65536 > answer_cap) {
		answer_cap *= 2;
		answer = answer_cap <= ANSWER_MAX ? realloc(answer, answer_cap) : NULL;
		if (!answer)
			die("answer");
	}
	ssize_t r = recv(fd, answer + *n, answer_cap - 1 - *n, 0);
	if (r <= 0)
		die("recv");
	*n += (size_t)r;
	answer[*n] = '\0';
}

/* Reads chunks from *at on; the bytes of the body. */
static size_t read_chunks(int fd, size_t at, size_t *n)
{
	size_t bytes = 0;
	for (;;) {
		char *end;
		while (!(end = strstr(answer + at, "\r\n")))
			receive(fd, n);
		size_t chunk = strtoul(answer + at, NULL, 16);
		at = (size_t)(end + 2 - answer) + chunk + 2;
		while (*n < at)
			receive(fd, n);
		bytes += chunk;
		if (chunk == 0)
			return bytes;
	}
}

static int exchange(int fd, struct request r, size_t *ret_bytes, bool *ret_close)
{
	for (size_t done = 0; done < r.len;) {
		ssize_t s = send(fd, r.text + done, r.len - done, MSG_NOSIGNAL);
		if (s <= 0)
			die("send");
		done += (size_t)s;
	}
	size_t n = 0;
	char *end;
	answer[0] = '\0';
	while (!(end = strstr(answer, "\r\n\r\n")))
		receive(fd, &n);
	*end = '\0';
	size_t head = (size_t)(end + 4 - answer);
	int status = (int)strtol(answer + 9, NULL, 10);
	char *length = strcasestr(answer, "content-length: ");
	*ret_close = strcasestr(answer, "connection: close") != NULL;
	if (strcasestr(answer, "transfer-encoding: chunked")) {
		*ret_bytes = read_chunks(fd, head, &n);
	} else {
		*ret_bytes = length ? strtoul(length + 16, NULL, 10) : 0;
		while (n < head + *ret_bytes)
			receive(fd, &n);
	}
	return status;
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: http_time HOST PORT SECONDS [STATUS] <REQUESTS\n");
		return 2;
	}
	double limit_ms = strtod(argv[3], NULL) * 1e3;
	int expected = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 200;
	struct request *requests = NULL;
	size_t n_requests = 0, cap = 0, n_times = 0, bytes = 0;
	char *line = NULL;
	ssize_t len;
	while ((len = getline(&line, &cap, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		requests = realloc(requests, (n_requests + 1) * sizeof *requests);
		if (!requests)
			die("realloc");
		requests[n_requests++] = read_request(line, argv[1]);
	}
	double *times = malloc(sizeof *times * MOST);
	answer = malloc(answer_cap);
	if (!times || !answer || n_requests == 0)
		return 2;
	int fd = dial(argv[1], argv[2]);
	bool closed;
	(void)exchange(fd, requests[0], &bytes, &closed);
	double began = now_ms(), t = began;
	while (n_times < MOST && (t - began < limit_ms || n_times < AT_LEAST)) {
		int status = exchange(fd, requests[n_times % n_requests], &bytes, &closed);
		double end = now_ms();
		if (status != expected) {
			fprintf(stderr, "http_time: status %d\n", status);
			return 1;
		}
		times[n_times++] = end - t;
		/* nginx ends a connection after so many requests */
		if (closed) {
			close(fd);
			fd = dial(argv[1], argv[2]);
			end = now_ms();
		}
		t = end;
	}
	qsort(times, n_times, sizeof *times, by_value);
	printf("%.3f %.3f %zu %zu\n", times[n_times / 2], times[n_times * 95 / 100], n_times,
		bytes);
	return 0;
}
