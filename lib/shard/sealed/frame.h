/*
 * Frames of a sealed file as they stand in it.  For the other sealed*.c and shard_check.c.
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

/* With room for so many frames, in a block. */
struct sealed *sealed_make(size_t n_frames, struct arena *a);
/* Of a file whose table is damaged: what walking from frame to frame finds. */
NODISCARD enum err sealed_walk(int fd, struct arena *a, struct sealed **ret);
/* The seek table of these entries, the last of which is the foot's. */
void sealed_put_table(struct str entries, struct buf *ret);

/* The packed frame into `to`, emptied. A damaged one may look like any other until it is decoded.
 */
NODISCARD enum err frame_fetch(const struct sealed *s, int fd, size_t frame, struct buf *to);
/* The frame in which the byte stands, which is not behind the last one. */
size_t frame_find(const struct sealed *s, int64_t at);
/* The frame that the line stands in, all of it; false: there is none. */
bool frame_of_line(const struct sealed *s, struct sealed_line line, size_t *ret);

#endif
