/*
 * Compresses and decompresses single zstd frames in memory (RFC 8878), each with its size and a
 * checksum, and inflates request bodies, which hold any number of frames. Only zst.c includes
 * zstd.h. shard/sealed/sealed.h describes the files of many frames.
 */
#ifndef FLATSPAN_BASE_ZST_H
#define FLATSPAN_BASE_ZST_H

#include "base/buf.h"
#include "base/errors.h"

struct zst_coder; /* what coding needs besides the bytes; for any number of frames */

/* Returns ERR_NO_MEMORY when there is none. */
NODISCARD enum err zst_coder_open(struct zst_coder **ret);
void zst_coder_close(struct zst_coder *c); /* NULL is fine */

/* Returns the largest size of a frame that holds n bytes. */
size_t zst_bound(size_t n);
/* Compresses s with level 1 (fast) to 19 (small). Repetitions are found at any distance in s. out
 * must have room for zst_bound(s.len). */
NODISCARD enum err zst_compress(
	struct zst_coder *c, int level, struct str s, char *out, size_t *ret_n);
/* Decompresses a frame that holds exactly n bytes and checks its checksum; else returns ERR_IO. */
NODISCARD enum err zst_decompress(struct zst_coder *c, struct str frame, char *out, size_t n);
/* Decompresses without checking the checksum. */
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
/* At least until bytes of it are out then. ERR_IO: damaged. Starts again when other fronts were
 * decoded since. frame must be the same bytes again. */
NODISCARD enum err zst_front_decode(struct zst_coder *c, struct zst_front *f, size_t until);

/* Appends the inflated input to ret, which is unchanged on failure. Returns ERR_INVALID when the
 * input is damaged, truncated or followed by garbage, and ERR_TOO_LARGE past limit_bytes. A bomb is
 * bounded by its size alone. */
NODISCARD enum err zst_inflate(struct str in, size_t limit_bytes, struct buf *ret);

#endif
