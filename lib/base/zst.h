/*
 * Single zstd frames in memory (RFC 8878), each with its size and a checksum in it.  The only file
 * that knows zstd.h.  What a file of many frames looks like is the business of
 * shard/sealed/sealed.h.
 *
 * And request bodies, which are any number of any frames.
 */
#ifndef FLATSPAN_BASE_ZST_H
#define FLATSPAN_BASE_ZST_H

#include "base/buf.h"
#include "base/errors.h"

struct zst_coder; /* what coding needs besides the bytes; for any number of frames */

/* ERR_NO_MEMORY: there is none. */
NODISCARD enum err zst_coder_open(struct zst_coder **ret);
void zst_coder_close(struct zst_coder *c); /* NULL is fine */

/* The longest that a frame of n bytes can be. */
size_t zst_bound(size_t n);
/* level: 1 (fast) to 19 (small). Repeats are found however far apart they stand in s. out has room
 * for zst_bound(s.len). */
NODISCARD enum err zst_compress(
	struct zst_coder *c, int level, struct str s, char *out, size_t *ret_n);
/* Exactly n bytes come out of exactly this frame, and its checksum is right; else ERR_IO. */
NODISCARD enum err zst_decompress(struct zst_coder *c, struct str frame, char *out, size_t n);
/* The same without a look at the checksum: what comes out is as good as the frame. */
NODISCARD enum err zst_decompress_only(struct zst_coder *c, struct str frame, char *out, size_t n);

/* The length of what the frame at the beginning of s holds, by its head; 0: there is no frame, or
 * it does not say. */
uint64_t zst_frame_plain(struct str s);
/* The length of the frame itself. ERR_NOT_FOUND: s ends before it does. ERR_IO: there is none. */
NODISCARD enum err zst_frame_size(struct str s, size_t *ret_packed);

/* A frame that is decoded from its front only as far as it is needed, without a look at its
 * checksum. What comes out is as good as the frame. */
struct zst_front {
	struct str frame;
	char *out; /* has room for n bytes, and stays where it is */
	size_t n, n_done, n_read;
	size_t n_next; /* bytes of frame to the end of the next block: no other is decoded with it
			*/
	uint64_t turn; /* whose frame the coder is at */
};
/* At least until bytes of it are out then. ERR_IO: damaged. Begins anew when other fronts were
 * decoded since. frame must be the same bytes again. */
NODISCARD enum err zst_front_decode(struct zst_coder *c, struct zst_front *f, size_t until);

/* Bounded by its size alone: a bomb of that size is decoded in some tens of milliseconds.
 * ERR_INVALID: damaged, truncated or followed by garbage. ERR_TOO_LARGE: more than limit_bytes. ret
 * is appended to, and is as it was on failure. */
NODISCARD enum err zst_inflate(struct str in, size_t limit_bytes, struct buf *ret);

#endif
