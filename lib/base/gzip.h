/*
 * Inflating request bodies: gzip (several members, RFC 1952 section 2.2) and zlib ("deflate" in
 * HTTP, RFC 9110 section 8.4.1.2; raw deflate is accepted too because some clients send it).  The
 * only file that knows zlib.h. The output is bounded by size and by ratio, so that a small bomb
 * costs little.
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

#endif
