#include "transfer/input.h"

#include "base/utime.h"

#include <errno.h>
#include <sys/stat.h>

enum { STEP = 1 << 20 };

static bool is_stdin(const char *name)
{
	return !name || strcmp(name, "-") == 0;
}

enum err input_open(struct input *in, struct arena *a, const char *name)
{
	*in = (struct input){ .file = is_stdin(name) ? stdin : fopen(name, "rbe"),
		.name = is_stdin(name) ? STR("standard input") : str_from_c(name) };
	buf_init(&in->buf, a);
	buf_init(&in->packed, a);
	if (in->file)
		return ERR_OK;
	return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

bool input_is_file(const char *name)
{
	struct stat st;
	int failed = is_stdin(name) ? fstat(fileno(stdin), &st) : stat(name, &st);
	return !failed && S_ISREG(st.st_mode);
}

bool input_is_dir(const struct input *in)
{
	struct stat st;
	return fstat(fileno(in->file), &st) == 0 && S_ISDIR(st.st_mode);
}

static enum err input_read_file(struct input *in, struct buf *into)
{
	size_t n = fread(buf_reserve(into, STEP), 1, STEP, in->file);
	into->len += n;
	in->is_file_at_end = n < STEP;
	return n < STEP && ferror(in->file) ? ERR_IO : ERR_OK;
}

/* Unpacks up to STEP bytes; none only at the end. */
static enum err unpack_more(struct input *in)
{
	size_t before = in->buf.len;
	for (;;) {
		struct str left = buf_str(&in->packed);
		enum err e = gzip_reader_add(in->gzip, &left, STEP, &in->buf);
		if (e) {
			in->is_damaged = true;
			return e;
		}
		if (left.len)
			memmove(in->packed.ptr, left.ptr, left.len);
		in->packed.len = left.len;
		if (in->buf.len > before)
			return ERR_OK;
		if (in->is_file_at_end)
			break;
		e = input_read_file(in, &in->packed);
		if (e)
			return e;
	}
	in->is_at_end = true;
	in->is_damaged = !gzip_reader_is_whole(in->gzip);
	return in->is_damaged ? ERR_INVALID : ERR_OK;
}

/* Reads bytes; the first ones say whether the file is compressed. */
static enum err input_read_bytes(struct input *in)
{
	if (in->gzip)
		return unpack_more(in);
	enum err e = input_read_file(in, &in->buf);
	in->is_at_end = in->is_file_at_end;
	if (e || in->bytes || !str_starts(buf_str(&in->buf), STR("\x1f\x8b")))
		return e;
	e = gzip_reader_open(in->buf.arena, &in->gzip);
	if (e)
		return e;
	buf_add(&in->packed, buf_str(&in->buf));
	buf_reset(&in->buf);
	in->is_at_end = false;
	return unpack_more(in);
}

/* Reads more bytes, after discarding those that were used. */
static enum err read_more(struct input *in)
{
	if (in->at) {
		memmove(in->buf.ptr, in->buf.ptr + in->at, in->buf.len - in->at);
		in->buf.len -= in->at;
		in->at = 0;
	}
	size_t before = in->buf.len;
	enum err e = input_read_bytes(in);
	size_t n = in->buf.len - before;
	/* A UTF-8 byte order mark at the beginning, as Windows writes it, is not part of the text.
	 */
	if (in->bytes == 0 && str_starts(buf_str(&in->buf), STR("\xef\xbb\xbf"))) {
		in->buf.len -= 3;
		memmove(in->buf.ptr, in->buf.ptr + 3, in->buf.len);
	}
	in->bytes += n;
	return e;
}

enum err input_line(struct input *in, size_t limit_bytes, struct str *ret_line, bool *ret_more)
{
	size_t seen = 0; /* up to here there is no newline */
	for (;;) {
		struct str rest = str_skip(buf_str(&in->buf), in->at);
		size_t n = seen + str_index(str_skip(rest, seen), '\n');
		if (n > limit_bytes)
			return ERR_TOO_LARGE;
		if (n < rest.len || (in->is_at_end && rest.len)) {
			*ret_line = str_first(rest, n);
			*ret_more = true;
			in->at += n < rest.len ? n + 1 : n;
			in->line_number++;
			return ERR_OK;
		}
		if (in->is_at_end) {
			*ret_more = false;
			return ERR_OK;
		}
		seen = rest.len;
		enum err e = read_more(in);
		if (e)
			return e;
	}
}

enum err input_all(struct input *in, size_t limit_bytes, struct str *ret_text)
{
	while (!in->is_at_end) {
		enum err e = read_more(in);
		if (e)
			return e;
		if (in->buf.len > limit_bytes)
			return ERR_TOO_LARGE;
	}
	*ret_text = str_skip(buf_str(&in->buf), in->at);
	return ERR_OK;
}

void input_rewind(struct input *in)
{
	in->at = 0;
	in->line_number = 0;
}

int64_t input_time(const struct input *in)
{
	struct stat st;
	if (fstat(fileno(in->file), &st) < 0 || !S_ISREG(st.st_mode))
		return utime_day(utime_now()) * NS_PER_DAY;
	return st.st_mtime * NS_PER_S;
}

void input_close(struct input *in)
{
	if (in->file && in->file != stdin)
		(void)fclose(in->file); /* it was only read */
	in->file = NULL;
	gzip_reader_close(in->gzip);
	in->gzip = NULL;
	buf_release(&in->packed);
	buf_release(&in->buf);
}
