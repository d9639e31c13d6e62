/* Requests by curl(1), for https. Its options are in a file without a name, not among its
 * arguments, which everybody on the machine can see. Declared in fetch.h. */
#include "doctor/fetch.h"

#include "base/io.h"
#include "base/utime.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BODY_FD = 3, NOT_FOUND = 127, ANSWER_MAX = 64 << 20 };

/* The file of the body is opened by name: /dev/fd/3. */
struct files {
	int config, body, answer, said;
};

static int anonymous_file(struct str content)
{
	int fd = memfd_create("flatspan", MFD_CLOEXEC);
	if (fd >= 0 && (io_write_all(fd, content) != ERR_OK || lseek(fd, 0, SEEK_SET) < 0)) {
		io_drop(fd);
		return -1;
	}
	return fd;
}

static struct str content_of(struct cli *c, int fd)
{
	int64_t size;
	size_t n = 0;
	if (io_size(fd, &size) != ERR_OK || size > ANSWER_MAX)
		return STR("");
	char *text = arena_text(c->arena, (size_t)size + 1);
	if (io_pread(fd, text, (size_t)size, 0, &n) != ERR_OK)
		return STR("");
	return str_of(text, n);
}

/* The values come from fetch_read_url(), fetch_read_key() and from here, so they have no quote and
 * no backslash. */
static struct str config_of(struct cli *c, const struct fetch_url *url, const struct fetch *what)
{
	struct buf b;
	buf_init(&b, c->arena);
	buf_printf(&b, "url = \"https://%.*s%.*s\"\nrequest = \"%s\"\n", STR_ARG(url->authority),
		STR_ARG(what->target), what->method);
	buf_printf(&b, "max-time = %d\nconnect-timeout = 10\n", FETCH_REQUEST_MS / 1000);
	/* The answer is printed as it arrives, so that it is parsed like one by http. */
	buf_add(&b, STR("silent\nshow-error\ninclude\nraw\nhttp1.1\npath-as-is\n"
			"suppress-connect-headers\nuser-agent = \"flatspan\"\n"
			"header = \"Accept:\"\nheader = \"Expect:\"\n"));
	for (size_t i = 0; i < FETCH_HEADERS_MAX && !str_is_null(what->headers[i]); i++)
		buf_printf(&b, "header = \"%.*s\"\n", STR_ARG(what->headers[i]));
	if (what->is_chunked)
		buf_add(&b, STR("header = \"Transfer-Encoding: chunked\"\n"));
	if (!str_is_null(what->body))
		buf_printf(&b, "data-binary = \"@/dev/fd/%d\"\n", BODY_FD);
	return buf_str(&b);
}

_Noreturn static void become_curl(const struct files *f)
{
	/* Our descriptors may be 3 already, and a duplicate onto itself would keep close-on-exec.
	 */
	int body = dup(f->body), answer = dup(f->answer), said = dup(f->said);
	if (body >= 0 && answer >= 0 && said >= 0 && dup2(f->config, STDIN_FILENO) >= 0 &&
		dup2(answer, STDOUT_FILENO) >= 0 && dup2(said, STDERR_FILENO) >= 0 &&
		dup2(body, BODY_FD) >= 0)
		(void)execlp("curl", "curl", "-q", "-K", "-", (char *)NULL);
	_exit(NOT_FOUND);
}

/* Returns the exit code of curl; -1 when it could not be started. */
static int run_curl(const struct files *f)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		become_curl(f);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool fetch_curl_read_answer(
	struct cli *c, const struct files *f, int code, struct fetch_answer *ret)
{
	struct str text = content_of(c, f->answer), said = content_of(c, f->said);
	struct fetch_answer a = { .trouble = STR_NULL };
	enum fetch_state state = fetch_parse(c, text, true, &a);
	if (code == NOT_FOUND) {
		ret->trouble = STR("https needs curl, which is not installed");
		return false;
	}
	if (!a.status) {
		said = str_trim(str_cut(&said, '\n'));
		ret->trouble = said.len ? arena_copy(c->arena, said) : STR("curl got no answer");
		return false;
	}
	a.is_whole = state == FETCH_WHOLE && code == 0;
	*ret = a;
	return true;
}

bool fetch_by_curl(struct cli *c, const struct fetch_url *url, const struct fetch *what,
	struct fetch_answer *ret)
{
	struct files f = { anonymous_file(config_of(c, url, what)), anonymous_file(what->body),
		anonymous_file(STR("")), anonymous_file(STR("")) };
	bool is_good = f.config >= 0 && f.body >= 0 && f.answer >= 0 && f.said >= 0;
	int64_t began_ns = utime_monotonic();
	if (is_good)
		is_good = fetch_curl_read_answer(c, &f, run_curl(&f), ret);
	else
		ret->trouble = STR("no memory for the request");
	if (is_good)
		ret->took_ns = utime_monotonic() - began_ns;
	const int all[] = { f.config, f.body, f.answer, f.said };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i] >= 0)
			io_drop(all[i]);
	return is_good;
}
