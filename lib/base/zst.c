#include "base/zst.h"

/* For ZSTD_d_stableOutBuffer and ZSTD_d_forceIgnoreChecksum: numbers, no functions. */
#define ZSTD_STATIC_LINKING_ONLY
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
	LONG_BYTES = 256 << 10, /* frames from here on are searched for repeats far apart */
	/* For shorter frames: fewer and longer repeats are faster to decode and take slightly more
	 * space. */
	MATCH_MIN_BYTES = 6,
	WINDOW_LOG_MIN = 10,
	WINDOW_LOG_MAX = 27 /* what `zstd -d` takes without being told to take more */
};

struct zst_coder {
	ZSTD_CCtx *to; /* NULL: not needed yet */
	ZSTD_DCtx *from;
	ZSTD_DCtx *front; /* of zst_front_decode(), as its settings are others */
	uint64_t turn;
};

enum err zst_coder_open(struct zst_coder **ret)
{
	struct zst_coder *c = calloc(1, sizeof *c);
	if (!c)
		return ERR_NO_MEMORY;
	*ret = c;
	return ERR_OK;
}

void zst_coder_close(struct zst_coder *c)
{
	if (!c)
		return;
	(void)ZSTD_freeCCtx(c->to); /* cannot fail */
	(void)ZSTD_freeDCtx(c->from);
	(void)ZSTD_freeDCtx(c->front);
	free(c);
}

size_t zst_bound(size_t n)
{
	return ZSTD_compressBound(n);
}

static int window_log(size_t n)
{
	int log = WINDOW_LOG_MIN;
	while (log < WINDOW_LOG_MAX && (size_t)1 << log < n)
		log++;
	return log;
}

static size_t zst_set_parameter(ZSTD_CCtx *to, size_t error, ZSTD_cParameter what, int value)
{
	return ZSTD_isError(error) ? error : ZSTD_CCtx_setParameter(to, what, value);
}

enum err zst_compress(struct zst_coder *c, int level, struct str s, char *out, size_t *ret_n)
{
	if (!c->to)
		c->to = ZSTD_createCCtx();
	if (!c->to)
		return ERR_NO_MEMORY;
	size_t r = ZSTD_CCtx_reset(c->to, ZSTD_reset_session_and_parameters);
	r = zst_set_parameter(c->to, r, ZSTD_c_compressionLevel, level);
	r = zst_set_parameter(c->to, r, ZSTD_c_checksumFlag, 1);
	r = zst_set_parameter(c->to, r, ZSTD_c_contentSizeFlag, 1);
	if (s.len >= LONG_BYTES) {
		r = zst_set_parameter(c->to, r, ZSTD_c_windowLog, window_log(s.len));
		r = zst_set_parameter(c->to, r, ZSTD_c_enableLongDistanceMatching, 1);
	} else if (level > 1) { /* that has its own */
		r = zst_set_parameter(c->to, r, ZSTD_c_minMatch, MATCH_MIN_BYTES);
	}
	if (!ZSTD_isError(r))
		r = ZSTD_compress2(c->to, out, ZSTD_compressBound(s.len), s.ptr, s.len);
	if (ZSTD_isError(r))
		return ERR_NO_MEMORY; /* the only thing that can be wrong with these arguments */
	*ret_n = r;
	return ERR_OK;
}

/* ---- Decoding ---- */

uint64_t zst_frame_plain(struct str s)
{
	unsigned long long n = ZSTD_getFrameContentSize(s.ptr, s.len);
	return n == ZSTD_CONTENTSIZE_UNKNOWN || n == ZSTD_CONTENTSIZE_ERROR ? 0 : n;
}

enum err zst_frame_size(struct str s, size_t *ret_packed)
{
	size_t n = ZSTD_findFrameCompressedSize(s.ptr, s.len);
	if (ZSTD_getErrorCode(n) == ZSTD_error_srcSize_wrong)
		return ERR_NOT_FOUND;
	if (ZSTD_isError(n))
		return ERR_IO;
	*ret_packed = n;
	return ERR_OK;
}

static enum err decompress(
	struct zst_coder *c, struct str frame, ZSTD_forceIgnoreChecksum_e how, char *out, size_t n)
{
	if (!c->from)
		c->from = ZSTD_createDCtx();
	if (!c->from)
		return ERR_NO_MEMORY;
	if (ZSTD_getFrameContentSize(frame.ptr, frame.len) != n)
		return ERR_IO;
	size_t r = ZSTD_DCtx_setParameter(c->from, ZSTD_d_forceIgnoreChecksum, (int)how);
	if (!ZSTD_isError(r))
		r = ZSTD_decompressDCtx(c->from, out, n, frame.ptr, frame.len);
	return ZSTD_isError(r) || r != n ? ERR_IO : ERR_OK;
}

enum err zst_decompress(struct zst_coder *c, struct str frame, char *out, size_t n)
{
	return decompress(c, frame, ZSTD_d_validateChecksum, out, n);
}

enum err zst_decompress_only(struct zst_coder *c, struct str frame, char *out, size_t n)
{
	return decompress(c, frame, ZSTD_d_ignoreChecksum, out, n);
}

static enum err begin_front(struct zst_coder *c, struct zst_front *f)
{
	if (!c->front)
		c->front = ZSTD_createDCtx();
	if (!c->front)
		return ERR_NO_MEMORY;
	size_t r = ZSTD_DCtx_reset(c->front, ZSTD_reset_session_and_parameters);
	if (!ZSTD_isError(r))
		r = ZSTD_DCtx_setParameter(c->front, ZSTD_d_stableOutBuffer, 1);
	if (!ZSTD_isError(r))
		r = ZSTD_DCtx_setParameter(
			c->front, ZSTD_d_forceIgnoreChecksum, ZSTD_d_ignoreChecksum);
	if (ZSTD_isError(r) || ZSTD_getFrameContentSize(f->frame.ptr, f->frame.len) != f->n)
		return ERR_IO;
	f->turn = ++c->turn;
	f->n_done = f->n_read = 0;
	f->n_next = ZSTD_FRAMEHEADERSIZE_MIN(ZSTD_f_zstd1);
	return ERR_OK;
}

enum err zst_front_decode(struct zst_coder *c, struct zst_front *f, size_t until)
{
	if (until <= f->n_done)
		return ERR_OK;
	enum err e = f->turn && f->turn == c->turn ? ERR_OK : begin_front(c, f);
	ZSTD_outBuffer out = { f->out, f->n, f->n_done };
	ZSTD_inBuffer in = { f->frame.ptr, 0, f->n_read };
	while (!e && out.pos < until) {
		bool is_end = in.pos == f->frame.len;
		in.size = f->frame.len - in.pos < f->n_next ? f->frame.len : in.pos + f->n_next;
		size_t r = ZSTD_decompressStream(c->front, &out, &in);
		f->n_next = r;
		if (ZSTD_isError(r) || (out.pos < until && (is_end || r == 0)))
			e = ERR_IO;
	}
	f->n_done = out.pos;
	f->n_read = in.pos;
	if (e)
		f->turn = 0;
	return e;
}

/* ---- Request bodies ---- */

/* Returns the size that a frame states when it is the whole input; else the largest possible. */
static size_t room_for(struct str in, size_t limit_bytes)
{
	unsigned long long n = ZSTD_getFrameContentSize(in.ptr, in.len); /* unknown: huge */
	bool is_alone = ZSTD_findFrameCompressedSize(in.ptr, in.len) == in.len;
	return is_alone && n < limit_bytes ? (size_t)n : limit_bytes;
}

enum err zst_inflate(struct str in, size_t limit_bytes, struct buf *ret)
{
	if (in.len == 0)
		return ERR_INVALID;
	/* Room that is not written to is none of the system's. And it is taken first: an arena that
	 * is full leaves by its escape, and the coder is not the arena's. */
	size_t room = room_for(in, limit_bytes);
	char *out = buf_reserve(ret, room + 1);
	ZSTD_DCtx *from = ZSTD_createDCtx();
	if (!from)
		return ERR_NO_MEMORY;
	size_t n = ZSTD_decompressDCtx(from, out, room, in.ptr, in.len);
	(void)ZSTD_freeDCtx(from); /* cannot fail */
	if (ZSTD_isError(n)) {
		bool is_full = ZSTD_getErrorCode(n) == ZSTD_error_dstSize_tooSmall;
		return is_full && room == limit_bytes ? ERR_TOO_LARGE : ERR_INVALID;
	}
	ret->len += n;
	return ERR_OK;
}
