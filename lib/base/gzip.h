/*
 * Inflates request bodies: gzip (several members, RFC 1952 section 2.2) and zlib ("deflate" in
 * HTTP, RFC 9110 section 8.4.1.2; raw deflate is accepted too because some clients send it).
 * Only gzip.c includes zlib.h. The output is bounded by size and by ratio, so that a small bomb
 * costs little.
 *
 * Also writes and reads gzip streams of any length for the command line. The same text always
 * gives the same bytes. The caller bounds what is read.
 */
#ifndef FLATSPAN_BASE_GZIP_H
#define FLATSPAN_BASE_GZIP_H

#include "base/buf.h"
#include "base/errors.h"

enum gzip_format { GZIP_GZIP, GZIP_ZLIB };

/* Appends the inflated body to ret, which is unchanged on failure. Returns ERR_INVALID when the
 * input is damaged, truncated or followed by garbage, and ERR_TOO_LARGE past limit_bytes or the
 * ratio of limits.h. */
NODISCARD enum err gzip_inflate(
	enum gzip_format format, struct str in, size_t limit_bytes, struct buf *ret);

struct gzip_writer; /* its memory is in blocks of the arena until it is closed */

NODISCARD enum err gzip_writer_open(struct arena *a, struct gzip_writer **ret);
/* Compresses in and appends the output so far to out. */
void gzip_writer_add(struct gzip_writer *w, struct str in, struct buf *out);
/* Appends the rest and the checksum that ends a complete file. */
void gzip_writer_end(struct gzip_writer *w, struct buf *out);
void gzip_writer_close(struct gzip_writer *w); /* NULL is fine */

struct gzip_reader;

NODISCARD enum err gzip_reader_open(struct arena *a, struct gzip_reader **ret);
/* Takes input from the front of *in and appends up to most bytes to ret, fewer only when *in is
 * used up. Returns ERR_INVALID when the input is damaged. */
NODISCARD enum err gzip_reader_add(
	struct gzip_reader *r, struct str *in, size_t most, struct buf *ret);
/* True when the input so far ends with a complete member. Another member may follow. */
bool gzip_reader_is_whole(const struct gzip_reader *r);
void gzip_reader_close(struct gzip_reader *r); /* NULL is fine */

#endif
