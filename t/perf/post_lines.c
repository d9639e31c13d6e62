/*
 * Sends spans in the lines of a file to NeMo's direct ingest, over kept connections.
 *
 *	post_lines FILE HOST PORT WORKSPACE [CONNECTIONS [SPANS-PER-REQUEST]]
 *
 * FILE has lines as flatspan stores them (gen_spans - writes such).  Each connection is a process
 * of its own and takes its turn of the requests.  Prints the spans a second.
 */
#include "span/line.h"
#include "json/write.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SOURCES_MAX = 8 };

static const struct {
	enum field field;
	const char *name;
} attributes[] = { { FIELD_MODEL, "gen_ai.request.model" },
	{ FIELD_PROVIDER, "gen_ai.provider.name" }, { FIELD_TOOL_NAME, "gen_ai.tool.name" },
	{ FIELD_AGENT_NAME, "gen_ai.agent.name" }, { FIELD_PROMPT_NAME, "gen_ai.prompt.name" },
	{ FIELD_PROJECT, "gen_ai.project" }, { FIELD_ENVIRONMENT, "deployment.environment" },
	{ FIELD_INPUT_TOKENS, "gen_ai.usage.input_tokens" },
	{ FIELD_OUTPUT_TOKENS, "gen_ai.usage.output_tokens" },
	{ FIELD_CACHED_TOKENS, "gen_ai.usage.cached_tokens" },
	{ FIELD_TOTAL_TOKENS, "gen_ai.usage.total_tokens" },
	{ FIELD_COST_TOTAL_USD, "gen_ai.usage.cost" }, { FIELD_COST_INPUT_USD, "llm.cost.prompt" },
	{ FIELD_COST_OUTPUT_USD, "llm.cost.completion" }, { FIELD_ERROR_TYPE, "exception.type" },
	{ FIELD_ERROR_MESSAGE, "exception.message" } };

static const char *host, *port, *workspace;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void put_member(struct json_writer *w, const struct span *s, enum field f, const char *name)
{
	if (!span_has(s, f))
		return;
	json_key(w, str_from_c(name));
	switch (field_info[f].type) {
	case FIELD_TYPE_I64:
		json_i64(w, span_i64(s, f, 0));
		break;
	case FIELD_TYPE_DEC:
	case FIELD_TYPE_JSON:
		json_raw(w, span_text(s, f));
		break;
	default:
		json_body_value(w, span_text(s, f));
	}
}

static void put_time(struct json_writer *w, const struct span *s, enum field f, const char *name)
{
	char text[40];
	if (!span_has(s, f))
		return;
	int64_t ns = span_i64(s, f, 0);
	time_t sec = (time_t)(ns / 1000000000);
	struct tm tm;
	gmtime_r(&sec, &tm);
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text + n, sizeof text - n, ".%06dZ", (int)(ns % 1000000000 / 1000));
	json_member_text(w, str_from_c(name), str_from_c(text));
}

static void put_span(struct json_writer *w, const struct span *s)
{
	json_object(w);
	put_member(w, s, FIELD_SPAN_ID, "span_id");
	put_member(w, s, FIELD_TRACE_ID, "trace_id");
	put_member(w, s, FIELD_SESSION_ID, "session_id");
	put_member(w, s, FIELD_PARENT_SPAN_ID, "parent_span_id");
	put_member(w, s, FIELD_NAME, "name");
	json_member_text(w, STR("kind"), kind_name((enum kind)span_i64(s, FIELD_KIND, 0)));
	json_member_text(w, STR("status"), status_name((enum status)span_i64(s, FIELD_STATUS, 0)));
	put_time(w, s, FIELD_STARTED_AT, "started_at");
	put_time(w, s, FIELD_ENDED_AT, "ended_at");
	put_member(w, s, FIELD_INPUT, "input");
	put_member(w, s, FIELD_OUTPUT, "output");
	json_key(w, STR("attributes"));
	json_object(w);
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
		put_member(w, s, attributes[i].field, attributes[i].name);
	json_end(w);
	json_end(w);
}

static int dial(void)
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

static void post(int *fd_io, struct str body)
{
	char head[512], answer[8192];
	int fd = *fd_io;
	int n = snprintf(head, sizeof head,
		"POST /apis/intake/v2/workspaces/%s/ingest/spans HTTP/1.1\r\nHost: %s\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		workspace, host, body.len);
	if (write(fd, head, (size_t)n) != n)
		die("send");
	for (size_t done = 0; done < body.len;) {
		ssize_t r = write(fd, body.ptr + done, body.len - done);
		if (r <= 0)
			die("send");
		done += (size_t)r;
	}
	/* 201 without a body */
	size_t got = 0;
	do {
		ssize_t r = read(fd, answer + got, sizeof answer - 1 - got);
		if (r <= 0)
			die("no answer");
		got += (size_t)r;
		answer[got] = '\0';
	} while (!strstr(answer, "\r\n\r\n") && got < sizeof answer - 1);
	if (strncmp(answer + 9, "201", 3) != 0) {
		fprintf(stderr, "post_lines: %s\n", answer);
		exit(1);
	}
	/* nginx ends a connection after so many requests */
	if (strcasestr(answer, "connection: close")) {
		close(fd);
		*fd_io = dial();
	}
}

/* One request for each source among the lines: a request has one source. */
static void send_batch(int *fd_io, struct str lines, struct arena *arena)
{
	struct str sources[SOURCES_MAX];
	size_t n_sources = 1;
	sources[0] = STR_NULL;
	for (size_t i = 0; i < n_sources; i++) {
		struct buf out;
		struct json_writer w;
		size_t n = 0;
		buf_init(&out, arena);
		json_writer_init(&w, &out);
		json_object(&w);
		json_key(&w, STR("spans"));
		json_array(&w);
		for (size_t at = 0; at < lines.len;) {
			const char *line = lines.ptr + at;
			const char *end = memchr(line, '\n', lines.len - at);
			struct span s;
			at += (size_t)(end - line) + 1;
			if (line_read(str_of(line, (size_t)(end - line)), NULL, true, &s) !=
				LINE_OK)
				continue;
			struct str source = span_text(&s, FIELD_SOURCE);
			size_t k = 0;
			while (k < n_sources && !str_eq(sources[k], source))
				k++;
			if (i == 0 && !sources[0].ptr)
				sources[k = 0] = source;
			else if (k == n_sources && n_sources < SOURCES_MAX)
				sources[n_sources++] = source;
			if (k == i) {
				put_span(&w, &s);
				n++;
			}
		}
		json_end(&w);
		json_member_body(&w, STR("source"), sources[i]);
		json_end(&w);
		if (n)
			post(fd_io, buf_str(&out));
		buf_release(&out);
	}
}

static void send_turns(struct str file, unsigned mine, unsigned turns, size_t batch)
{
	int fd = dial();
	unsigned turn = 0;
	for (size_t at = 0; at < file.len; turn = (turn + 1) % turns) {
		size_t from = at;
		for (size_t n = 0; n < batch && at < file.len; n++) {
			const char *end = memchr(file.ptr + at, '\n', file.len - at);
			at = end ? (size_t)(end + 1 - file.ptr) : file.len;
		}
		if (turn != mine || file.ptr[at - 1] != '\n')
			continue;
		struct arena arena;
		arena_init(&arena, (size_t)1 << 30);
		send_batch(&fd, str_of(file.ptr + from, at - from), &arena);
		arena_release(&arena);
	}
	close(fd);
}

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr,
			"usage: post_lines FILE HOST PORT WORKSPACE [CONNECTIONS [SPANS]]\n");
		return 2;
	}
	host = argv[2];
	port = argv[3];
	workspace = argv[4];
	unsigned turns = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 4;
	size_t batch = argc > 6 ? strtoul(argv[6], NULL, 10) : 500;
	struct stat st;
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || turns == 0 || batch == 0)
		die(argv[1]);
	char *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		die(argv[1]);
	struct str file = str_of(p, (size_t)st.st_size);
	size_t n_lines = 0;
	for (const char *q = p; (q = memchr(q, '\n', (size_t)(p + st.st_size - q))); q++)
		n_lines++;
	double began = now_s();
	for (unsigned i = 0; i < turns; i++) {
		pid_t pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0) {
			send_turns(file, i, turns, batch);
			return 0;
		}
	}
	int status, bad = 0;
	while (wait(&status) > 0)
		bad |= status != 0;
	double took = now_s() - began;
	printf("%zu spans in %.1f s: %.0f spans/s\n", n_lines, took, (double)n_lines / took);
	return bad;
}
