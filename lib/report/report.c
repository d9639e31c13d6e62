#include "report/report.h"
#include "report/columns.h"
#include "report/printable.h"

#include "base/utime.h"
#include "json/read.h"

#include <stdarg.h>
#include <stdio.h>

void report_init(struct report *r, struct arena *a, enum report_form form)
{
	*r = (struct report){ .arena = a, .form = form };
	buf_init(&r->out, a);
}

/* ---- Errors ---- */

__attribute__((format(printf, 4, 0))) static enum err report_set_error(
	struct report *r, enum err kind, const char *option, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	size_t len = n < 0 ? 0 : (size_t)n;
	char *text = arena_text(r->arena, len + 1);
	(void)vsnprintf(text, len + 1, format, again);
	va_end(again);
	r->error = (struct report_error){ kind, option, str_of(text, len) };
	return kind;
}

enum err report_fail(struct report *r, enum err kind, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	enum err e = report_set_error(r, kind, NULL, format, args);
	va_end(args);
	return e;
}

enum err report_fail_option(struct report *r, const char *option, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	enum err e = report_set_error(r, ERR_INVALID, option, format, args);
	va_end(args);
	return e;
}

enum err report_fail_about(struct report *r, enum err e, struct str what)
{
	struct str why =
		e == ERR_NOT_FOUND ? STR("it does not exist")
		: e == ERR_INVALID ? STR("not a valid name")
		: e == ERR_IO      ? STR("it cannot be read or written")
		: e == ERR_UNSAFE
			? STR("it is a link, belongs to another user, or is writable by others")
		: e == ERR_CONF ? STR("not a flatspan file, or of a later version")
				: str_from_c(err_sentence(e));
	return report_fail(r, e, "%.*s: %.*s", STR_ARG(what), STR_ARG(why));
}

enum err report_fail_workspace(struct report *r, enum err e, struct str workspace)
{
	if (e == ERR_UNSAFE)
		return report_fail(r, e,
			"workspace %.*s: it, or a file in it, is a link, belongs to another user, or is writable by others; `flatspan doctor` says which",
			STR_ARG(workspace));
	return report_fail_about(
		r, e, arena_printf(r->arena, "workspace %.*s", STR_ARG(workspace)));
}

/* ---- Text ---- */

void report_put(struct report *r, struct str text, size_t width, bool pad)
{
	size_t n = printable_put(&r->out, text, width);
	for (; pad && n < width; n++)
		buf_add_char(&r->out, ' ');
}

void report_put_whole(struct report *r, struct str text, size_t width)
{
	report_put(r, text, printable_width(text) > width ? 0 : width, true);
}

void report_put_body(struct report *r, struct str body, size_t width, bool pad)
{
	struct arena_mark mark = arena_mark(r->arena);
	struct str text = json_decode(r->arena, str_first(body, width ? width * 16 : body.len));
	char *line = arena_text(r->arena, text.len);
	for (size_t i = 0; i < text.len; i++) {
		char ch = text.ptr[i];
		line[i] = ch == '\n' || ch == '\t' || ch == '\r' ? ' ' : ch;
	}
	report_put(r, str_of(line, text.len), width, pad);
	arena_rewind(r->arena, mark);
}

struct str report_duration(struct arena *a, int64_t ns)
{
	double s = (double)ns / (double)NS_PER_S;
	if (ns < 10 * NS_PER_MS)
		return arena_printf(a, "%.2fms", s * 1e3);
	if (ns < NS_PER_S)
		return arena_printf(a, "%.0fms", s * 1e3);
	if (ns < 60 * NS_PER_S)
		return arena_printf(a, "%.2fs", s);
	if (ns < 3600 * NS_PER_S)
		return arena_printf(a, "%lldm%02llds", (long long)(ns / NS_PER_S / 60),
			(long long)(ns / NS_PER_S % 60));
	return arena_printf(a, "%lldh%02lldm", (long long)(ns / NS_PER_S / 3600),
		(long long)(ns / NS_PER_S / 60 % 60));
}

struct str report_time(struct arena *a, int64_t ns)
{
	char text[UTIME_TEXT_MAX + 1];
	size_t n = utime_format(ns - (ns % NS_PER_S + NS_PER_S) % NS_PER_S, text);
	if (n > 10)
		text[10] = ' ';
	return arena_copy(a, str_of(text, n && text[n - 1] == 'Z' ? n - 1 : n));
}

/* ---- Objects ---- */

struct json_writer report_json(struct report *r)
{
	struct json_writer w;
	r->row_start = r->out.len;
	json_writer_init(&w, &r->out);
	json_object(&w);
	return w;
}

void report_json_end(struct report *r, struct json_writer *w)
{
	json_end(w);
	buf_add_char(&r->out, '\n');
	if (r->columns.len)
		columns_row(r, r->row_start);
}
