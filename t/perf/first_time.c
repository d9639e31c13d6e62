/*
 * What the first request of a fresh process costs beside later ones, and what the process then has
 * resident; or what a request costs as plain CGI.
 *
 *	first_time fcgi PROGRAM CONF ROUNDS <REQUESTS
 *	first_time cgi  PROGRAM CONF ROUNDS <REQUESTS
 *
 * REQUESTS has a request a line, "NAME TARGET", all of them GET.  fcgi: for each of them ROUNDS
 * processes are started one after the other; each is asked WARM times once it waits for requests,
 * by FastCGI without a web server between.  Prints the name, the medians of the first and of the
 * later requests in milliseconds, their ratio, and kilobytes resident after the last: all, those
 * of its own, and the most there were of all.  cgi: a process a request; prints the name, the
 * median from its start to its end and that of its processor time.  PROGRAM that does nothing is
 * the floor of that.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM = 40, ROUNDS_MAX = 1000, SETTLE_MS = 150, VARIABLES = 10 };

/* FastCGI: the types of records used here. */
enum { FCGI_BEGIN = 1, FCGI_END = 3, FCGI_PARAMS = 4, FCGI_STDIN = 5, FCGI_STDOUT = 6 };

extern char **environ;

static char conf_variable[4096];

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

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return (a > b) - (a < b);
}

static double median(double *times, size_t n)
{
	qsort(times, n, sizeof *times, by_value);
	return times[n / 2];
}

/* "NAME=value" each, NULL at the end; in memory that is used again by the next call. */
static char **variables(const char *target)
{
	static char text[3][8192];
	static char *list[VARIABLES];
	const char *query = strchr(target, '?');
	snprintf(text[0], sizeof text[0], "REQUEST_URI=%s", target);
	snprintf(text[1], sizeof text[1], "QUERY_STRING=%s", query ? query + 1 : "");
	snprintf(text[2], sizeof text[2], "SERVER_PORT=%d", 80);
	char *all[VARIABLES] = { text[0], text[1], text[2], (char *)"REQUEST_METHOD=GET",
		(char *)"SERVER_PROTOCOL=HTTP/1.1", (char *)"REMOTE_ADDR=127.0.0.1",
		(char *)"SERVER_ADDR=127.0.0.1", (char *)"HTTP_HOST=localhost", NULL };
	memcpy(list, all, sizeof all);
	return list;
}

/* ---- FastCGI ---- */

struct out {
	unsigned char bytes[64 << 10];
	size_t n;
};

static void add_record(struct out *o, unsigned type, const void *content, size_t n)
{
	unsigned char head[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(n >> 8),
		(unsigned char)n, 0, 0 };
	memcpy(o->bytes + o->n, head, sizeof head);
	if (n)
		memcpy(o->bytes + o->n + sizeof head, content, n);
	o->n += sizeof head + n;
}

static void add_length(unsigned char *p, size_t *n, size_t len)
{
	if (len > 127) {
		p[(*n)++] = (unsigned char)(len >> 24 | 128);
		p[(*n)++] = (unsigned char)(len >> 16);
		p[(*n)++] = (unsigned char)(len >> 8);
	}
	p[(*n)++] = (unsigned char)len;
}

static void make_request(struct out *o, const char *target)
{
	static const unsigned char begin[8] = { 0, 1 };
	unsigned char params[32 << 10];
	size_t n = 0;
	o->n = 0;
	add_record(o, FCGI_BEGIN, begin, sizeof begin);
	for (char **v = variables(target); *v; v++) {
		size_t name = (size_t)(strchr(*v, '=') - *v), value = strlen(*v) - name - 1;
		add_length(params, &n, name);
		add_length(params, &n, value);
		memcpy(params + n, *v, name);
		memcpy(params + n + name, *v + name + 1, value);
		n += name + value;
	}
	add_record(o, FCGI_PARAMS, params, n);
	add_record(o, FCGI_PARAMS, NULL, 0);
	add_record(o, FCGI_STDIN, NULL, 0);
}

static void read_all(int fd, unsigned char *p, size_t n)
{
	while (n) {
		ssize_t r = read(fd, p, n);
		if (r <= 0)
			die("the program ended");
		p += r;
		n -= (size_t)r;
	}
}

static void check_status(const unsigned char *content, size_t n)
{
	if (n < 11 || memcmp(content, "Status: 200", 11) != 0) {
		fprintf(stderr, "first_time: %.*s\n", n < 100 ? (int)n : 100, content);
		exit(1);
	}
}

static void ask(const struct sockaddr_un *to, const struct out *o)
{
	static unsigned char content[(64 << 10) + 256];
	unsigned char head[8];
	bool is_first = true;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof *to) < 0)
		die("connect");
	if (write(fd, o->bytes, o->n) != (ssize_t)o->n)
		die("write");
	do {
		read_all(fd, head, sizeof head);
		size_t n = (size_t)head[4] << 8 | head[5];
		read_all(fd, content, n + head[6]);
		if (head[1] == FCGI_STDOUT && is_first)
			check_status(content, n);
		is_first = false;
	} while (head[1] != FCGI_END);
	close(fd);
}

static pid_t start(const char *program, int stdin_fd, int stdout_fd, char **env)
{
	posix_spawn_file_actions_t actions;
	char *argv[] = { (char *)program, NULL };
	pid_t pid;
	posix_spawn_file_actions_init(&actions);
	if (stdin_fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, stdin_fd, STDIN_FILENO);
	if (stdout_fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);
	errno = posix_spawn(&pid, program, &actions, NULL, argv, env);
	if (errno)
		die(program);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static long kilobytes(pid_t pid, const char *name)
{
	char path[64], line[256];
	long n = -1;
	snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, name, strlen(name)) == 0)
			n = strtol(line + strlen(name) + 1, NULL, 10);
	if (f)
		fclose(f);
	return n;
}

static void time_fcgi(const char *program, size_t rounds, const char *name, const char *target)
{
	static double first[ROUNDS_MAX], warm[ROUNDS_MAX * WARM];
	static struct out request;
	size_t n_warm = 0;
	long rss = 0, anon = 0, most = 0;
	make_request(&request, target);
	for (size_t i = 0; i < rounds; i++) {
		struct sockaddr_un at = { .sun_family = AF_UNIX };
		char *env[] = { conf_variable, NULL };
		snprintf(at.sun_path, sizeof at.sun_path, "/tmp/first_time.%ld", (long)getpid());
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		unlink(at.sun_path);
		if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 8) < 0)
			die("socket");
		pid_t pid = start(program, fd, -1, env);
		poll(NULL, 0, SETTLE_MS);
		double t = now_ms();
		ask(&at, &request);
		first[i] = now_ms() - t;
		for (int k = 0; k < WARM; k++) {
			t = now_ms();
			ask(&at, &request);
			warm[n_warm++] = now_ms() - t;
		}
		poll(NULL, 0, SETTLE_MS);
		rss = kilobytes(pid, "VmRSS");
		anon = kilobytes(pid, "RssAnon");
		most = kilobytes(pid, "VmHWM");
		kill(pid, SIGTERM);
		close(fd);
		waitpid(pid, NULL, 0);
		unlink(at.sun_path);
	}
	double f = median(first, rounds), w = median(warm, n_warm);
	printf("%-20s %8.3f %8.3f %6.1f %8ld %8ld %8ld\n", name, f, w, f / w, rss, anon, most);
}

/* ---- CGI ---- */

static double milliseconds(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static void time_cgi(const char *program, size_t rounds, const char *name, const char *target)
{
	static double times[ROUNDS_MAX], work[ROUNDS_MAX];
	static char waste[1 << 20];
	char *env[VARIABLES + 3];
	size_t n = 0;
	env[n++] = conf_variable;
	env[n++] = (char *)"GATEWAY_INTERFACE=CGI/1.1";
	for (char **v = variables(target); *v; v++)
		env[n++] = *v;
	env[n] = NULL;
	for (size_t i = 0; i < rounds; i++) {
		int fds[2];
		if (pipe2(fds, O_CLOEXEC) < 0)
			die("pipe");
		double t = now_ms();
		pid_t pid = start(program, -1, fds[1], env);
		close(fds[1]);
		while (read(fds[0], waste, sizeof waste) > 0)
			continue;
		struct rusage used;
		wait4(pid, NULL, 0, &used);
		times[i] = now_ms() - t;
		work[i] = milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
		close(fds[0]);
	}
	printf("%-20s %8.3f %8.3f\n", name, median(times, rounds), median(work, rounds));
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t cap = 0;
	if (argc != 5 || (strcmp(argv[1], "fcgi") != 0 && strcmp(argv[1], "cgi") != 0)) {
		fprintf(stderr, "usage: first_time fcgi|cgi PROGRAM CONF ROUNDS <REQUESTS\n");
		return 2;
	}
	size_t rounds = strtoul(argv[4], NULL, 10);
	if (rounds == 0 || rounds > ROUNDS_MAX)
		rounds = 20;
	snprintf(conf_variable, sizeof conf_variable, "FLATSPAN_CONF=%s", argv[3]);
	while (getline(&line, &cap, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		char *target = strchr(line, ' ');
		if (!target)
			continue;
		*target++ = '\0';
		if (argv[1][0] == 'f')
			time_fcgi(argv[2], rounds, line, target);
		else
			time_cgi(argv[2], rounds, line, target);
	}
	free(line);
	return 0;
}
