/*
 * Inflating request bodies: gzip (several members, RFC 1952 section 2.2) and zlib ("deflate" in
 * HTTP, RFC 9110 section 8.4.1.2; raw deflate is accepted too because some clients send it).  The
 * only file that knows zlib.h. The output is bounded by size and by ratio, so that a small bomb
 * costs little.
 *
 * And gzip of any length, piece by piece, for the command line: what is written is the same for the
 * same text at any time, and what is read is bounded by the caller, who takes as much as has room.
 */
#ifndef FLATSPAN_BASE_GZIP_H
#define FLATSPAN_BASE_GZIP_H

#include "base/buf.h"
#include "base/errors.h"

enum gzip_format { GZIP_GZIP, GZIP_ZLIB };

/* ERR_INVALID: damaged, truncated or followed by garbage. ERR_TOO_LARGE: more than limit_bytes, or
 * the ratio of limits.h. ret is appended to, and is as it was on failure. */
NODISCARD enum err gzip_inflate(
	enum gzip_format format, struct str in, size_t limit_bytes, struct buf *ret);

struct gzip_writer; /* its memory is the arena's, in blocks, until it is closed */

NODISCARD enum err gzip_writer_open(struct arena *a, struct gzip_writer **ret);
/* What comes out so far is appended to out. */
void gzip_writer_add(struct gzip_writer *w, struct str in, struct buf *out);
/* The rest, and the sum that tells a whole file from a part. */
void gzip_writer_end(struct gzip_writer *w, struct buf *out);
void gzip_writer_close(struct gzip_writer *w); /* NULL is fine */

struct gzip_reader;

NODISCARD enum err gzip_reader_open(struct arena *a, struct gzip_reader **ret);
/* Takes from the front of *in and appends up to most bytes to ret; fewer only when *in is used up.
 * ERR_INVALID: damaged. */
NODISCARD enum err gzip_reader_add(
	struct gzip_reader *r, struct str *in, size_t most, struct buf *ret);
/* Has what was taken an end? Then a further member may follow. */
bool gzip_reader_is_whole(const struct gzip_reader *r);
void gzip_reader_close(struct gzip_reader *r); /* NULL is fine */

#endif
