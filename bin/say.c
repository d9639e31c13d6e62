/* Output of a verb: data on standard output, messages and progress on standard error. Declared in
 * cli.h. */
#include "cli.h"
#include "report/columns.h"
#include "report/printable.h"

#include "base/io.h"
#include "base/utime.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { FLUSH_BYTES = 64 << 10, PROGRESS_EVERY_MS = 100, ONCE_BYTES = 256 << 10 };

static void put_error(struct str s)
{
	enum err e = io_write_all(STDERR_FILENO, s);
	(void)e; /* there is nowhere else to report it */
}

/* True when the line was printed before and each is printed once. line: with its newline. */
static bool is_said_again(const struct cli *c, struct str line)
{
	struct str rest = c->once ? buf_str(c->once) : STR("");
	while (rest.len) {
		size_t n = str_index(rest, '\n') + 1;
		if (str_eq(str_first(rest, n), line))
			return true;
		rest = str_skip(rest, n);
	}
	if (c->once && c->once->len < ONCE_BYTES)
		buf_add(c->once, line);
	return false;
}

__attribute__((format(printf, 2, 0))) static void cli_say(
	struct cli *c, const char *format, va_list args)
{
	struct buf raw, b;
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	if (n < 0) {
		va_end(again);
		return;
	}
	buf_init(&raw, c->arena);
	buf_init(&b, c->arena);
	(void)vsnprintf(buf_reserve(&raw, (size_t)n + 1), (size_t)n + 1, format, again);
	va_end(again);
	raw.len = (size_t)n;
	if (c->said) {
		(void)printable_put(c->said, buf_str(&raw), 0);
		buf_add_char(c->said, '\n');
		buf_release(&raw);
		return;
	}
	buf_add(&b, STR("flatspan"));
	if (c->verb) {
		buf_add_char(&b, ' ');
		buf_add(&b, str_from_c(c->verb->name));
	}
	buf_add(&b, STR(": "));
	(void)printable_put(&b, buf_str(&raw), 0);
	buf_add_char(&b, '\n');
	if (!is_said_again(c, buf_str(&b))) {
		cli_progress_end(c);
		put_error(buf_str(&b));
	}
	buf_release(&raw);
	buf_release(&b);
}

enum cli_exit cli_fail(struct cli *c, enum cli_exit code, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	cli_say(c, format, args);
	va_end(args);
	return code;
}

void cli_note(struct cli *c, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	cli_say(c, format, args);
	va_end(args);
}

enum cli_exit cli_exit_of(enum err e)
{
	switch (e) {
	case ERR_OK:
		return CLI_OK;
	case ERR_INVALID:
	case ERR_UNPROCESSABLE:
	case ERR_METHOD:
		return CLI_USAGE;
	case ERR_NOT_FOUND:
		return CLI_NOT_FOUND;
	case ERR_UNAUTHORIZED:
	case ERR_FORBIDDEN:
		return CLI_AUTH;
	case ERR_BUSY:
	case ERR_FULL:
	case ERR_READ_ONLY:
	case ERR_IO:
	case ERR_UNSAFE:
		return CLI_IO;
	default:
		return CLI_FAILED;
	}
}

enum cli_exit cli_report_failed(struct cli *c)
{
	const struct report_error *e = &c->report.error;
	if (!e->option)
		return cli_fail(c, cli_exit_of(e->kind), "%.*s", STR_ARG(e->message));
	return cli_fail(c, cli_exit_of(e->kind), "--%s: %.*s", e->option, STR_ARG(e->message));
}

enum cli_exit cli_error(struct cli *c, enum err e, struct str what)
{
	(void)report_fail_about(&c->report, e, what);
	return cli_report_failed(c);
}

/* ---- Progress ---- */

static bool shows_progress(void)
{
	return isatty(STDERR_FILENO) == 1;
}

void cli_progress(struct cli *c, const char *format, ...)
{
	int64_t now_ms = utime_monotonic() / NS_PER_MS;
	if (c->said || now_ms - c->progress_ms < PROGRESS_EVERY_MS || !shows_progress())
		return;
	char line[160];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (n < 0)
		return;
	c->progress_ms = now_ms;
	c->has_progress = true;
	put_error(STR("\r\033[K"));
	put_error(str_from_c(line));
}

void cli_progress_end(struct cli *c)
{
	if (c->has_progress)
		put_error(STR("\r\033[K"));
	c->has_progress = false;
}

/* ---- Data ---- */

bool cli_flush(struct cli *c)
{
	columns_put(&c->report);
	if (!c->is_broken && c->report.out.len) {
		cli_progress_end(c);
		struct str bytes = buf_str(&c->report.out);
		enum err e = c->sink ? c->sink->write(c->sink, bytes)
				     : io_write_all(STDOUT_FILENO, bytes);
		if (e) {
			c->is_broken = true;
			/* A reader that has enough (head) needs no message. */
			if (errno != EPIPE)
				cli_note(c, "%s: %s", c->sink ? c->sink->name : "standard output",
					strerror(errno));
		}
	}
	buf_reset(&c->report.out);
	return !c->is_broken;
}

bool cli_flush_if_large(struct cli *c)
{
	return c->said || c->report.out.len < FLUSH_BYTES ? !c->is_broken : cli_flush(c);
}

struct arena *cli_use_arena(struct cli *c, struct arena *a)
{
	struct arena *before = c->arena;
	c->arena = c->report.arena = a;
	return before;
}

size_t cli_terminal_cells(void)
{
	struct winsize size = { .ws_col = 0 };
	return isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0
		       ? size.ws_col
		       : 0;
}

struct str cli_shell_word(struct cli *c, struct str word, bool is_of_crontab)
{
	struct buf b;
	bool is_plain = true;
	for (size_t i = 0; i < word.len; i++) {
		char ch = word.ptr[i], small = ascii_lower(ch);
		bool is_name = (small >= 'a' && small <= 'z') || (ch >= '0' && ch <= '9');
		is_plain = is_plain && (is_name || (ch && strchr("/._-+,:@=", ch)));
	}
	if (is_plain)
		return word;
	buf_init(&b, c->arena);
	buf_add_char(&b, '\'');
	for (size_t i = 0; i < word.len; i++)
		if (word.ptr[i] == '\'')
			buf_add(&b, STR("'\\''"));
		else if (is_of_crontab &&
			 word.ptr[i] ==
				 '%') /* the shell does not remove a backslash between quotes */
			buf_add(&b, STR("'\\%'"));
		else
			buf_add_char(&b, word.ptr[i]);
	buf_add_char(&b, '\'');
	return buf_str(&b);
}

struct str cli_bytes(struct cli *c, uint64_t n)
{
	static const char units[] = "BKMGTPE";
	size_t unit = 0;
	uint64_t rest = 0;
	while (n >= 1024) {
		rest = n % 1024;
		n /= 1024;
		unit++;
	}
	if (unit == 0 || n >= 100)
		return arena_printf(c->arena, "%llu%c", (unsigned long long)n, units[unit]);
	return arena_printf(c->arena, "%llu.%llu%c", (unsigned long long)n,
		(unsigned long long)(rest * 10 / 1024), units[unit]);
}

void cli_json_end(struct cli *c, struct json_writer *w)
{
	report_json_end(&c->report, w);
	(void)cli_flush_if_large(c);
}
