/*
 * Frames of a sealed file, by their numbers.  For the files of this folder and shard/check.c.
 */
#ifndef FLATSPAN_SHARD_SEALED_FRAME_H
#define FLATSPAN_SHARD_SEALED_FRAME_H

#include "shard/sealed/sealed.h"

static inline size_t frame_bytes(const struct sealed *s, size_t frame)
{
	return (size_t)(s->from[frame + 1] - s->from[frame]);
}

static inline size_t packed_bytes(const struct sealed *s, size_t frame)
{
	return (size_t)(s->at[frame + 1] - s->at[frame]);
}

/* Returns an object with room for that many frames, in a block of the arena. */
struct sealed *sealed_make(size_t n_frames, struct arena *a);
/* Finds the frames of a file whose table is damaged, by walking from frame to frame. */
NODISCARD enum err sealed_walk(int fd, struct arena *a, struct sealed **ret);
/* Appends the seek table of these entries, the last of which is the foot's. */
void sealed_put_table(struct str entries, struct buf *ret);

/* Returns the frame that the byte `at` of the lines stands in; the last one for bytes after it. */
size_t frame_find(const struct sealed *s, int64_t at);
#endif
