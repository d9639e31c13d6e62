#define ZLIB_CONST /* next_in is const then */

#include "base/gzip.h"

#include "base/limits.h"

#include <limits.h>
#include <zlib.h>

enum {
	STEP_BYTES = 64 << 10, /* of output between two looks at the limits */
	WINDOW_BITS = 15,      /* the largest, which reads all */
	GZIP_WRAPPED = 16      /* added to the window bits: a gzip wrapper, not a zlib one */
};

/* An arena that is full leaves by its escape, through zlib; what zlib holds must be the arena's. */
static void *zlib_alloc(void *user, unsigned n, unsigned size)
{
	size_t bytes;
	if (__builtin_mul_overflow((size_t)n, (size_t)size, &bytes))
		return Z_NULL;
	return arena_block(user, NULL, bytes);
}

static void zlib_free(void *user, void *ptr)
{
	(void)arena_block(user, ptr, 0);
}

/* RFC 1950 section 2.2: method 8, a window zlib has, and a multiple of 31.  A deflate stream does
 * not begin so: it would be a stored block with padding that is not zero. */
static bool has_zlib_header(struct str in)
{
	if (in.len < 2)
		return false;
	unsigned cmf = (unsigned char)in.ptr[0], flg = (unsigned char)in.ptr[1];
	return (cmf & 15) == Z_DEFLATED && cmf >> 4 <= WINDOW_BITS - 8 &&
	       (cmf << 8 | flg) % 31 == 0;
}

static int window_bits(enum gzip_format format, struct str in)
{
	if (format == GZIP_GZIP)
		return WINDOW_BITS + GZIP_WRAPPED;
	return has_zlib_header(in) ? WINDOW_BITS : -WINDOW_BITS;
}

static bool is_bomb(size_t produced, size_t consumed)
{
	/* produced > consumed * LIMIT_INFLATE_RATIO, which could overflow */
	return produced > MIB && (produced - 1) / LIMIT_INFLATE_RATIO >= consumed;
}

/* Inflates all of in behind the bytes of ret, whose length stays as it is. */
static enum err inflate_behind(z_stream *z, enum gzip_format format, struct str in,
	size_t limit_bytes, struct buf *ret, size_t *ret_produced)
{
	size_t produced = 0, consumed = 0;
	for (;;) {
		/* One byte more than allowed, to see whether there is one. */
		size_t left = limit_bytes - produced;
		unsigned room = left < STEP_BYTES ? (unsigned)left + 1 : STEP_BYTES;
		unsigned given = in.len < UINT_MAX ? (unsigned)in.len : UINT_MAX;
		z->next_in = (const unsigned char *)in.ptr;
		z->avail_in = given;
		z->next_out = (unsigned char *)buf_reserve(ret, produced + room) + produced;
		z->avail_out = room;
		int r = inflate(z, Z_NO_FLUSH);
		in = str_skip(in, given - z->avail_in);
		consumed += given - z->avail_in;
		produced += room - z->avail_out;
		if (produced > limit_bytes || is_bomb(produced, consumed))
			return ERR_TOO_LARGE;
		if (r == Z_OK)
			continue;
		if (r != Z_STREAM_END) /* Z_BUF_ERROR: there is no more input */
			return ERR_INVALID;
		if (in.len == 0)
			break;
		if (format != GZIP_GZIP)
			return ERR_INVALID;
		(void)inflateReset(z); /* the state is a good one: it just worked */
	}
	*ret_produced = produced;
	return ERR_OK;
}

enum err gzip_inflate(enum gzip_format format, struct str in, size_t limit_bytes, struct buf *ret)
{
	if (in.len == 0)
		return ERR_INVALID;
	z_stream z = { .zalloc = zlib_alloc, .zfree = zlib_free, .opaque = ret->arena };
	if (inflateInit2(&z, window_bits(format, in)) != Z_OK)
		return ERR_NO_MEMORY;
	size_t produced;
	enum err e = inflate_behind(&z, format, in, limit_bytes, ret, &produced);
	(void)inflateEnd(&z); /* nothing is pending that could be wrong */
	if (!e)
		ret->len += produced;
	return e;
}

/* ---- Piece by piece ---- */

struct gzip_writer {
	z_stream z;
};

enum err gzip_writer_open(struct arena *a, struct gzip_writer **ret)
{
	enum {
		LEVEL = 4, /* of spans 5 % larger than zlib's default, in two fifths of the time */
		MEMORY_LEVEL = 8 /* the default: 256 KiB */
	};
	struct gzip_writer *w = arena_block(a, NULL, sizeof *w);
	*w = (struct gzip_writer){ .z = { .zalloc = zlib_alloc, .zfree = zlib_free, .opaque = a } };
	if (deflateInit2(&w->z, LEVEL, Z_DEFLATED, WINDOW_BITS + GZIP_WRAPPED, MEMORY_LEVEL,
		    Z_DEFAULT_STRATEGY) != Z_OK) {
		(void)arena_block(a, w, 0);
		return ERR_NO_MEMORY;
	}
	*ret = w;
	return ERR_OK;
}

/* With room for the output deflate() cannot fail. */
static void deflate_all(struct gzip_writer *w, struct str in, int flush, struct buf *out)
{
	do {
		unsigned given = in.len < UINT_MAX ? (unsigned)in.len : UINT_MAX;
		w->z.next_in = (const unsigned char *)in.ptr;
		w->z.avail_in = given;
		do {
			w->z.next_out = (unsigned char *)buf_reserve(out, STEP_BYTES);
			w->z.avail_out = STEP_BYTES;
			(void)deflate(&w->z, given == in.len ? flush : Z_NO_FLUSH);
			out->len += STEP_BYTES - w->z.avail_out;
		} while (w->z.avail_out == 0);
		in = str_skip(in, given);
	} while (in.len);
}

void gzip_writer_add(struct gzip_writer *w, struct str in, struct buf *out)
{
	if (in.len)
		deflate_all(w, in, Z_NO_FLUSH, out);
}

void gzip_writer_end(struct gzip_writer *w, struct buf *out)
{
	deflate_all(w, STR(""), Z_FINISH, out);
}

void gzip_writer_close(struct gzip_writer *w)
{
	if (!w)
		return;
	(void)deflateEnd(&w->z); /* what it still holds is not wanted */
	(void)arena_block(w->z.opaque, w, 0);
}

struct gzip_reader {
	z_stream z;
	bool is_inside; /* a member that has not ended */
};

enum err gzip_reader_open(struct arena *a, struct gzip_reader **ret)
{
	struct gzip_reader *r = arena_block(a, NULL, sizeof *r);
	*r = (struct gzip_reader){ .z = { .zalloc = zlib_alloc, .zfree = zlib_free, .opaque = a } };
	if (inflateInit2(&r->z, WINDOW_BITS + GZIP_WRAPPED) != Z_OK) {
		(void)arena_block(a, r, 0);
		return ERR_NO_MEMORY;
	}
	*ret = r;
	return ERR_OK;
}

enum err gzip_reader_add(struct gzip_reader *r, struct str *in, size_t most, struct buf *ret)
{
	while (most) {
		unsigned room = most < STEP_BYTES ? (unsigned)most : STEP_BYTES;
		unsigned given = in->len < UINT_MAX ? (unsigned)in->len : UINT_MAX;
		r->z.next_in = (const unsigned char *)in->ptr;
		r->z.avail_in = given;
		r->z.next_out = (unsigned char *)buf_reserve(ret, room);
		r->z.avail_out = room;
		int code = inflate(&r->z, Z_NO_FLUSH);
		unsigned taken = given - r->z.avail_in, made = room - r->z.avail_out;
		*in = str_skip(*in, taken);
		ret->len += made;
		most -= made;
		if (taken)
			r->is_inside = true;
		if (code == Z_STREAM_END) {
			r->is_inside = false;
			(void)inflateReset(&r->z); /* the state is a good one: it just worked */
		} else if (code == Z_BUF_ERROR) {
			break; /* it wants more */
		} else if (code != Z_OK) {
			return ERR_INVALID;
		}
		if (!in->len && made < room)
			break;
	}
	return ERR_OK;
}

bool gzip_reader_is_whole(const struct gzip_reader *r)
{
	return !r->is_inside;
}

void gzip_reader_close(struct gzip_reader *r)
{
	if (!r)
		return;
	(void)inflateEnd(&r->z); /* nothing is pending that could be wrong */
	(void)arena_block(r->z.opaque, r, 0);
}
