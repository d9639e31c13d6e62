/*
 * The bytes of a sealed day, <day>.<n>.jsonl.zst: lines in zstd frames, each of which decodes by
 * itself, and a seek table (zstd's seekable format, contrib/seekable_format in its sources), so
 * that a line is read without what stands before it and `zstd -dc` gives all of them.
 *
 *	+---------+---------+ - - +---------+------------+
 *	| frame   | frame   |     | foot    | seek table |
 *	+---------+---------+ - - +---------+------------+
 *
 * Frames need not end where lines do.  The foot is a skippable frame of ours that says whether the
 * seek table is right.  Offsets are of the lines as if they stood in a plain file.  The file never
 * changes after it has its name.
 *
 * Reading is used by shard.c only (and its cache is the store's), writing by rewrite.c.
 */
#ifndef FLATSPAN_SHARD_SEALED_SEALED_H
#define FLATSPAN_SHARD_SEALED_SEALED_H

#include "base/buf.h"
#include "base/errors.h"
#include "shard/sealed/frame_cache.h"

#include <sys/stat.h>

struct zst_coder;

enum {
	/* Bytes of lines in one frame, at most: a reader needs as much memory, and decodes them
	 * for one line. */
	SEALED_FRAME_MAX = 16 << 20,
	/* Frames of one file, at most: writers make them longer in time. */
	SEALED_FRAMES_MAX = 1 << 19
};

/* ---- Reading ---- */

struct sealed {
	uint64_t id; /* of this opening: no other one of the process has it */
	size_t n_frames;
	int64_t size_bytes; /* of all lines */
	uint64_t print;     /* of the seek table: two files with one print hold the same */
	uint32_t *checksum; /* n_frames; low half of the XXH64 of a frame's lines */
	int64_t *at;        /* n_frames + 1: where frames begin in the file */
	int64_t *from;      /* n_frames + 1: and in the lines */
	bool is_walked;     /* foot or table are damaged: this is what the frames say */
	bool is_worn; /* not all of the lines can be had: a frame is damaged, or was not found */
	/* Which file that was; is_settled: it cannot have changed while all of this is the same. */
	dev_t dev;
	ino_t ino;
	off_t file_bytes;
	struct timespec modified, changed;
	bool is_settled;
	size_t memory_bytes;
	unsigned n_users; /* 0: kept for the next one */
	uint64_t last_use;
};

enum {
	/* Files that nobody uses at the moment and that are still known: how many, and how much
	 * their tables may take. */
	SEALED_KEEP_FILES = 8,
	SEALED_KEEP_TABLES = 2 << 20
};

/* What a process remembers of sealed files: their tables, and the frames that were read last. All
 * of it may be forgotten. */
struct sealed_cache {
	struct arena memory;
	struct frame_cache frames;
	struct sealed **files; /* a block */
	size_t n_files, cap_files;
	uint64_t clock, last_id;
	int settle_s; /* tests make it small */
};

/* In the arena, that must outlive it. */
struct sealed_cache *sealed_cache_make(struct arena *a);
void sealed_cache_close(struct sealed_cache *c);
/* Gives the frames' memory back some time after their last use. Returns in how many milliseconds it
 * wants to be called again; -1: there is nothing left to give. now_ns: monotonic. */
int sealed_cache_idle(struct sealed_cache *c, int64_t now_ns);

/* Reads foot and table, unless they are remembered. The same file opened twice may be one object.
 * ERR_IO: damaged, or no such file. */
NODISCARD enum err sealed_open(struct sealed_cache *c, int fd, struct sealed **ret);
/* Opens a file whose foot or table is damaged by reading all of it. */
NODISCARD enum err sealed_open_damaged(struct sealed_cache *c, int fd, struct sealed **ret);
void sealed_close(struct sealed_cache *c, struct sealed *s);
/* Reads bytes [at, at + n) of the lines, fewer only at their end. ERR_IO: a frame in which they
 * stand is damaged, or the file cannot be read. */
NODISCARD enum err sealed_read(struct sealed_cache *c, const struct sealed *s, int fd, char *buf,
	size_t n, int64_t at, size_t *ret_n);

/* Reads what sealed_read() finds damaged, as far as it can be decoded. What cannot are zeros with a
 * newline at the end of the frame, so that it is one bad line. Sets is_worn. ERR_IO: the disk
 * cannot read the file. */
NODISCARD enum err sealed_salvage(struct sealed_cache *c, struct sealed *s, int fd, void *buf,
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
 * file clearly smaller, as it does where each call of a session repeats the whole history.
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
	size_t same, same_left;      /* how long short frames are, and for how many more bytes */
	bool may_grow;               /* the frame that was measured: it is not large packed */
};

NODISCARD enum err sealed_writer_open(struct sealed_writer *w, struct arena *a, int fd, int level);
NODISCARD enum err sealed_writer_add(struct sealed_writer *w, struct str line);
void sealed_writer_hint(struct sealed_writer *w);
NODISCARD enum err sealed_writer_finish(struct sealed_writer *w);
void sealed_writer_close(struct sealed_writer *w);

#endif
