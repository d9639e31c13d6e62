#include "base/zst.h"

#include <stdlib.h>
#include <zstd.h>

enum {
	LONG_BYTES = 256 << 10, /* frames from here on are searched for repeats far apart */
	WINDOW_LOG_MIN = 10,
	WINDOW_LOG_MAX = 27 /* what `zstd -d` takes without being told to take more */
};

struct zst_coder {
	ZSTD_CCtx *to; /* NULL: not needed yet */
	ZSTD_DCtx *from;
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

static size_t set(ZSTD_CCtx *to, size_t error, ZSTD_cParameter what, int value)
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
	r = set(c->to, r, ZSTD_c_compressionLevel, level);
	r = set(c->to, r, ZSTD_c_checksumFlag, 1);
	r = set(c->to, r, ZSTD_c_contentSizeFlag, 1);
	if (s.len >= LONG_BYTES) {
		r = set(c->to, r, ZSTD_c_windowLog, window_log(s.len));
		r = set(c->to, r, ZSTD_c_enableLongDistanceMatching, 1);
	}
	if (!ZSTD_isError(r))
		r = ZSTD_compress2(c->to, out, ZSTD_compressBound(s.len), s.ptr, s.len);
	if (ZSTD_isError(r))
		return ERR_NO_MEMORY; /* the only thing that can be wrong with these arguments */
	*ret_n = r;
	return ERR_OK;
}

enum err zst_decompress(struct zst_coder *c, struct str frame, char *out, size_t n)
{
	if (!c->from)
		c->from = ZSTD_createDCtx();
	if (!c->from)
		return ERR_NO_MEMORY;
	if (ZSTD_getFrameContentSize(frame.ptr, frame.len) != n)
		return ERR_IO;
	size_t r = ZSTD_decompressDCtx(c->from, out, n, frame.ptr, frame.len);
	return ZSTD_isError(r) || r != n ? ERR_IO : ERR_OK;
}
