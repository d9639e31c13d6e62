/*
 * The frame cache: whole decoded frames of compressed files, the least recently used of which make
 * room for others.
 *
 * Keeps at most FRAME_CACHE_BYTES, or one frame that is longer, and gives all of them back
 * FRAME_CACHE_IDLE_MS after the last use.  The checksum of a frame is compared when it is decoded.
 * A frame is known by its file's sealed.id and its number; where lines begin and end is the
 * caller's business.
 */
#ifndef FLATSPAN_SHARD_SEALED_FRAME_CACHE_H
#define FLATSPAN_SHARD_SEALED_FRAME_CACHE_H

#include "base/buf.h"
#include "base/errors.h"

struct cached_frame;
struct sealed; /* sealed.h */
struct zst_coder;

enum {
	FRAME_CACHE_BYTES = 8 << 20, /* a longer frame is kept alone */
	FRAME_CACHE_BUCKETS = 4096,
	FRAME_CACHE_IDLE_MS = 2000
};

struct frame_cache {
	struct arena *memory;    /* the owner's, for everything below */
	struct zst_coder *coder; /* NULL until a frame is decoded */
	struct buf packed;       /* the frame that was decoded last, as it stands in the file */
	struct cached_frame **buckets; /* FRAME_CACHE_BUCKETS; NULL while there are no frames */
	struct cached_frame *newest, *oldest; /* by their last use */
	size_t n_bytes;                       /* of frames, with what they need besides */
	int64_t idle_since_ns;                /* monotonic; 0: used since the last look at it */
};

void frame_cache_init(struct frame_cache *c, struct arena *memory);
/* Gives everything back. The cache can be used again. */
void frame_cache_release(struct frame_cache *c);

/* Gives a frame's bytes, which stay there until the next call. ERR_IO: it is damaged, or the file
 * cannot be read. */
NODISCARD enum err frame_cache_get(
	struct frame_cache *c, const struct sealed *s, int fd, size_t frame, struct str *ret);
/* Copies all of a frame to `to`. A frame that is not in the cache is decoded there and not kept, so
 * that a scan of a file leaves the cache as it is. */
NODISCARD enum err frame_cache_copy(
	struct frame_cache *c, const struct sealed *s, int fd, size_t frame, char *to);
/* Gives everything back once nothing was used for FRAME_CACHE_IDLE_MS. Returns in how many
 * milliseconds it wants to be called again; -1: nothing is left. */
int frame_cache_idle(struct frame_cache *c, int64_t now_ns);

#endif
