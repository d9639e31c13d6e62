#include "base/log.h"
#include "base/utf8.h"
#include "base/utime.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 4096, /* PIPE_BUF of Linux: one write to a pipe stays in one piece */
	VALUE_MAX_BYTES = 256
};

/* The end of a line, also of a line that leaves fields out. */
#define END_CUT ",\"cut\":true}\n"
#define END_WHOLE "}\n"

static const char *const level_names[] = {
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
	bool is_full; /* something did not fit; what follows is dropped */
};

static void log_put(struct line *l, struct str s)
{
	if (s.len > sizeof l->text - sizeof END_CUT - l->len)
		l->is_full = true;
	if (l->is_full || s.len == 0)
		return;
	memcpy(l->text + l->len, s.ptr, s.len);
	l->len += s.len;
}

static void put_unit(struct line *l, unsigned code_unit)
{
	char text[sizeof "\\uffff"];
	(void)snprintf(text, sizeof text, "\\u%04x", code_unit & 0xffff); /* always fits */
	log_put(l, str_of(text, sizeof text - 1));
}

/* Controls are written as \uXXXX, U+0080 to U+009F too: terminals obey them. */
static void put_valid(struct line *l, struct str s)
{
	size_t done = 0;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		unsigned char next = i + 1 < s.len ? (unsigned char)s.ptr[i + 1] : 0;
		bool is_high_control = c == 0xc2 && next < 0xa0;
		if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\' && !is_high_control)
			continue;
		log_put(l, str_of(s.ptr + done, i - done));
		if (is_high_control)
			i++;
		put_unit(l, is_high_control ? next : c);
		done = i + 1;
	}
	log_put(l, str_skip(s, done));
}

/* Writes any bytes as a JSON string; invalid UTF-8 becomes U+FFFD. */
static void put_text(struct line *l, struct str s)
{
	log_put(l, STR("\""));
	while (s.len) {
		size_t n = utf8_valid_prefix(s);
		put_valid(l, str_first(s, n));
		if (n < s.len)
			put_unit(l, 0xfffd);
		s = str_skip(s, n + 1);
	}
	log_put(l, STR("\""));
}

static void log_put_value(struct line *l, struct str s)
{
	size_t n = VALUE_MAX_BYTES;
	if (s.len <= n) {
		put_text(l, s);
		return;
	}
	/* Not within a character; one that is longer than four bytes is none. */
	while (n > VALUE_MAX_BYTES - 4 && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	put_text(l, str_first(s, n));
	if (!l->is_full)
		l->len--;                  /* the closing quote */
	log_put(l, STR("\xe2\x80\xa6\"")); /* an ellipsis */
}

/* A member, or nothing of it. */
static bool put_member(struct line *l, const char *key, struct str value)
{
	size_t before = l->len;
	log_put(l, l->len ? STR(",") : STR("{"));
	put_text(l, str_from_c(key));
	log_put(l, STR(":"));
	log_put_value(l, value);
	if (!l->is_full)
		return true;
	l->is_full = false;
	l->len = before;
	return false;
}

void log_event(
	enum log_level level, const char *event, const struct log_field *fields, size_t n_fields)
{
	struct line l = { .len = 0 };
	char time[UTIME_TEXT_MAX], pid[24];
	int64_t now = utime_now();
	bool is_whole = true;
	(void)put_member(&l, "time", str_of(time, utime_format(now - now % NS_PER_MS, time)));
	(void)put_member(&l, "level", str_from_c(level_names[level]));
	(void)snprintf(pid, sizeof pid, "%ld", (long)getpid()); /* always fits */
	(void)put_member(&l, "pid", str_from_c(pid));
	(void)put_member(&l, "event", str_from_c(event)); /* these four always fit */
	for (size_t i = 0; i < n_fields; i++)
		if (!put_member(&l, fields[i].key, fields[i].value))
			is_whole = false;
	struct str end = is_whole ? STR(END_WHOLE) : STR(END_CUT);
	memcpy(l.text + l.len, end.ptr, end.len); /* log_put() kept room for it */
	l.len += end.len;
	ssize_t n;
	do
		n = write(STDERR_FILENO, l.text, l.len);
	while (n < 0 && errno == EINTR);
	/* Any other failure is ignored: there is no place left to say it. */
}
