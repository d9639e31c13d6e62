/*
 * Any bytes as a compressed body, of every format.  What is in the buffer stays, and is all there
 * is on failure; the output keeps to the limit, to the byte; and what inflates does not do so with
 * a byte less or one more.
 */
#include "base/gzip.h"
#include "base/limits.h"
#include "base/zst.h"

#include "fuzz.h"

static const size_t limit_bytes = 4 * MIB;

enum format { FORMAT_GZIP, FORMAT_ZLIB, FORMAT_ZSTD };

/* The bytes inflated, and in *ret_err how it went. */
static size_t inflated(
	struct arena *a, enum format format, struct str in, size_t limit, enum err *ret_err)
{
	struct buf b;
	buf_init(&b, a);
	buf_add(&b, STR("kept"));
	*ret_err = format == FORMAT_ZSTD
			   ? zst_inflate(in, limit, &b)
			   : gzip_inflate(
				     format == FORMAT_GZIP ? GZIP_GZIP : GZIP_ZLIB, in, limit, &b);
	MUST(str_starts(buf_str(&b), STR("kept")));
	size_t n = b.len - 4;
	MUST(n <= limit);
	MUST(*ret_err == ERR_OK || n == 0);
	MUST(*ret_err == ERR_OK || *ret_err == ERR_INVALID || *ret_err == ERR_TOO_LARGE);
	buf_release(&b);
	return n;
}

static enum err error_of(struct arena *a, enum format format, struct str in, size_t limit)
{
	enum err e;
	(void)inflated(a, format, in, limit, &e); /* only the error is asked for */
	return e;
}

static void see_format(struct arena *a, enum format format, struct str in)
{
	enum err e;
	size_t n = inflated(a, format, in, limit_bytes, &e);
	MUST(a->used_bytes < 2 * limit_bytes);
	if (e)
		return;
	MUST(format == FORMAT_ZSTD || n <= MIB || n / LIMIT_INFLATE_RATIO <= in.len);
	MUST(error_of(a, format, in, n) == ERR_OK);
	MUST(n == 0 || error_of(a, format, in, n - 1) == ERR_TOO_LARGE);
	MUST(error_of(a, format, str_first(in, in.len - 1), limit_bytes) == ERR_INVALID);
	char *longer = arena_text(a, in.len + 1);
	memcpy(longer, in.ptr, in.len);
	longer[in.len] = 'x';
	MUST(error_of(a, format, str_of(longer, in.len + 1), limit_bytes) == ERR_INVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct str in = str_of((const char *)data, size);
	arena_init(&a, (size_t)1 << 30);
	for (enum format f = FORMAT_GZIP; f <= FORMAT_ZSTD; f++)
		see_format(&a, f, in);
	arena_release(&a);
	return 0;
}
