/*
 * What is remembered of sealed files' lines (struct sealed_piece): found by where it begins, and
 * forgotten when it was not used for long.  For sealed_read.c; what sealed.h says of a cache at
 * rest is done here, too.
 */
#ifndef FLATSPAN_SHARD_SEALED_PIECES_H
#define FLATSPAN_SHARD_SEALED_PIECES_H

#include "shard/sealed/sealed.h"

enum {
	/* From here on a frame is decoded only as far as a line of it is needed. */
	SEALED_LONG_FRAME = 512 << 10,
	/* Of long frames, lines and heads below that are remembered as those of others. */
	SEALED_LONG_LINE = 16 << 10
};

/* Its bytes are its own. */
static inline bool piece_has_memory(const struct sealed_piece *p)
{
	return !p->is_ahead && !p->inside;
}

/* How much of a long frame of n bytes is decoded when it is needed up to `end`. Of one that stays
 * all of it, if that is most: the next page is likely to need the rest, and would have to begin
 * anew when another frame was decoded since. */
static inline size_t frame_until(const struct sealed_cache *c, size_t n, size_t end)
{
	return c->keeps_frames && end > n / 2 ? n : end;
}

/* One that begins at `from` and holds what stands at `at`. is_line: also a line that was not
 * compared with the checksum of its frame. NULL: there is none. */
struct sealed_piece *piece_find(const struct sealed_cache *c, const struct sealed *s, int64_t from,
	int64_t at, bool is_line);
/* The front of a long frame. */
struct sealed_piece *piece_find_frame(
	const struct sealed_cache *c, const struct sealed *s, size_t frame);
/* A line, all of it, that may still be being decoded. */
struct sealed_piece *piece_find_line(
	const struct sealed_cache *c, const struct sealed *s, struct sealed_line line);
/* It was used. */
void piece_touch(struct sealed_cache *c, struct sealed_piece *p);
void piece_drop(struct sealed_cache *c, struct sealed_piece *p);
/* Those that are ahead, and their memory. */
void ahead_drop(struct sealed_cache *c);
void ahead_release(struct sealed_cache *c);
/* All but so many bytes of what was used last, and memory for frames that are not there. */
void pieces_shrink(struct sealed_cache *c, size_t n_bytes);
/* Those that are inside of others, which stay. */
void pieces_drop_inside(struct sealed_cache *c);

/* Lines [from, from + n), at bytes that somebody else owns. */
struct sealed_piece *piece_put(struct sealed_cache *c, const struct sealed *s, size_t frame,
	int64_t from, size_t n, char *bytes);
/* The same with room of their own, for which others may go. */
struct sealed_piece *piece_add(
	struct sealed_cache *c, const struct sealed *s, size_t frame, int64_t from, size_t n);
/* A line of a long frame, as long as that is there. */
void piece_add_inside(struct sealed_cache *c, const struct sealed *s,
	const struct sealed_piece *frame, struct sealed_line line);
/* A copy of a line. is_checked: its frame's checksum is right. */
void piece_add_line(struct sealed_cache *c, const struct sealed *s, size_t frame, int64_t at,
	struct str line, bool is_checked);

#endif
