/*
 * The bytes of a sealed day, <day>.<n>.jsonl.zst: lines in zstd frames, each of which decodes by
 * itself, and a seek table (zstd's seekable format, contrib/seekable_format in its sources), so
 *that a line is read without what stands before it and `zstd -dc` gives all of them.
 *
 *	+---------+---------+ - - +---------+------------+
 *	| frame   | frame   |     | foot    | seek table |
 *	+---------+---------+ - - +---------+------------+
 *
 * Frames need not end where lines do.  The foot is a skippable frame of ours that says whether the
 * seek table is right.  Offsets are of the lines as if they stood in a plain file.  The file never
 * changes after it has its name.
 *
 * Reading is used by shard.c only, writing by rewrite.c.
 */
#ifndef FLATSPAN_STORE_SEALED_H
#define FLATSPAN_STORE_SEALED_H

#include "base/buf.h"
#include "base/errors.h"
#include "base/zst.h"

enum {
	/* Of lines in one frame: what a reader has to have room for, and decodes for one line. */
	SEALED_FRAME_MAX = 16 << 20,
	/* Frames of one file: 64 GiB of lines in frames of 128 KiB. */
	SEALED_FRAMES_MAX = 1 << 19
};

/* ---- Reading ---- */

struct sealed {
	size_t n_frames;
	int64_t size_bytes; /* of all lines */
	uint64_t print;     /* of the seek table: two files with one print hold the same */
	uint32_t *checksum; /* n_frames; low half of the XXH64 of a frame's lines */
	int64_t *at;        /* n_frames + 1: where frames begin in the file */
	int64_t *from;      /* n_frames + 1: and in the lines */
};

/* Reads foot and table into a block of the arena (arena_block), that sealed_close frees. ERR_IO:
 * damaged, or no such file. */
NODISCARD enum err sealed_open(int fd, struct arena *a, struct sealed **ret);
void sealed_close(struct sealed *s, struct arena *a);

/* The frames decoded last, of any files of one reader. */
struct sealed_frame {
	const struct sealed *file;
	size_t frame;
	char *bytes; /* NULL: a free slot */
	size_t n;
	uint64_t last_use;
};
enum {
	SEALED_SLOTS = 128,
	SEALED_CACHE_BYTES = 12 << 20 /* and one frame */
};
struct sealed_cache {
	struct arena *arena;
	struct zst_coder *coder;
	struct sealed_frame slots[SEALED_SLOTS];
	size_t n_bytes;
	uint64_t clock;
	struct buf packed;
};

/* In a block of the arena. ERR_NO_MEMORY */
NODISCARD enum err sealed_cache_make(struct arena *a, struct sealed_cache **ret);
/* NULL is fine. */
void sealed_cache_free(struct sealed_cache *c);
/* Lines [at, at + n) of the file, fewer only at its end. ERR_IO: damaged. */
NODISCARD enum err sealed_read(struct sealed_cache *c, const struct sealed *s, int fd, void *buf,
	size_t n, int64_t at, size_t *ret_n);

/* ---- Writing ---- */

/*
 *	sealed_writer_open(&w, arena, fd, level);
 *	sealed_writer_add(&w, line)		with its newline; any number of times
 *	sealed_writer_hint(&w)			a good place to cut: something new begins
 *	sealed_writer_finish(&w)		the rest, foot and table; not synced
 *	sealed_writer_close(&w)			always
 *
 * How long frames become is decided by what it gains: a frame is lengthened while that makes the
 * file clearly smaller, as it does where each call of a session repeats the whole history, and kept
 * short where it does not, so that reading one line stays cheap.
 */
struct sealed_writer {
	struct arena *arena;
	int fd, level;
	struct zst_coder *coder;
	struct buf lines; /* not written yet, from `begin` on */
	size_t begin;
	struct buf hints;  /* size_t each: offsets in lines */
	struct buf packed; /* the frame being made */
	struct buf table;  /* its entries */
	uint32_t n_entries;
	int64_t in_bytes, out_bytes; /* of lines taken; of the file so far */
};

NODISCARD enum err sealed_writer_open(struct sealed_writer *w, struct arena *a, int fd, int level);
NODISCARD enum err sealed_writer_add(struct sealed_writer *w, struct str line);
void sealed_writer_hint(struct sealed_writer *w);
NODISCARD enum err sealed_writer_finish(struct sealed_writer *w);
void sealed_writer_close(struct sealed_writer *w);

#endif
