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
#include "base/zst.h"

#include <sys/stat.h>

struct helper; /* base/helper.h */

enum {
	/* Of lines in one frame: what a reader has to have room for, and decodes for one line. */
	SEALED_FRAME_MAX = 16 << 20,
	/* Frames of one file: writers lengthen them in time. */
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

/* What was decoded: a long frame from its front, or a line. */
struct sealed_piece {
	uint64_t file; /* sealed.id */
	int64_t from;  /* in its lines: what it is found by */
	size_t frame, n;
	char *bytes;
	bool is_line;           /* all of it is there */
	bool is_checked;        /* so it is, and the checksum of its frame is right */
	bool is_ahead;          /* bytes are in sealed_cache.ahead */
	uint32_t inside;        /* the slot, + 1, of the long frame whose bytes they are; 0: none */
	uint32_t part;          /* of the page that is being decoded, + 1; 0: bytes are there */
	struct zst_front front; /* of a frame that is not: what is there */
	/* Slots + 1; 0: none. */
	uint32_t next;         /* in its bucket, or of the free ones */
	uint32_t older, newer; /* by their last use */
};

/* A line and its newline. */
struct sealed_line {
	int64_t at;
	size_t n;
	size_t rank; /* lines are read in this order */
};

/* One that is expected, in a long frame that is decoded when the first of its lines is needed, or
 * before. */
struct sealed_later {
	uint64_t file; /* sealed.id */
	size_t frame;
	struct sealed_line line;
	struct sealed *s; /* this and the next: until the file may be closed */
	int fd;
};

/* Such a frame. */
struct sealed_step {
	struct sealed *s;
	int fd;
	size_t frame, until; /* so much of it is needed */
	size_t rank;         /* of the line that is read first */
};

enum {
	SEALED_PIECES = 2048,
	/* Lines that are expected at once: pieces for the others stay. */
	SEALED_EXPECT_MAX = SEALED_PIECES / 4,
	/* Of lines of long frames that are decoded before they are asked for. */
	SEALED_AHEAD_BYTES = 16 << 20,
	/* Of those, of other lines and of frames, and still from one request to the next: who asks
	 * for some pages in turns has them decoded once, and who reads long sessions, 100 calls at
	 * a time by ids, finds the frames in which the next 100 stand. Lines of a long frame that
	 * are being taken out of it may be more. */
	SEALED_CACHE_BYTES = SEALED_AHEAD_BYTES + (16 << 20),
	/* Memory for a long frame, of which so many are kept beside what is in use. */
	SEALED_ROOM_BYTES = 4 << 20,
	SEALED_SPARES = SEALED_CACHE_BYTES / SEALED_ROOM_BYTES,
	/* And while none is at hand: with the tables below a worker stays below 8 MB then. */
	SEALED_REST_BYTES = 5 << 19,
	/* For so long after it was used last more than that stays: who reads a page before asking
	 * again, or in turns with others, has it decoded once as well. */
	SEALED_REST_MS = 2000,
	SEALED_KEEP_FILES = 8,
	SEALED_KEEP_TABLES = 2 << 20
};

/* What a process remembers of sealed files: their tables, and what was decoded last. All of it may
 * be forgotten. */
struct sealed_cache {
	struct arena memory;
	struct sealed_page *page;  /* lines that are being decoded, sealed_page.h; NULL: none yet */
	struct zst_coder *coder;   /* NULL: not needed yet */
	struct zst_coder *helpers; /* the same for one who helps */
	struct sealed **files;     /* a block */
	size_t n_files, cap_files;
	struct sealed_piece *pieces; /* SEALED_PIECES; NULL: none yet */
	uint32_t *buckets;           /* SEALED_PIECES, each slot + 1 */
	uint32_t free, oldest, newest;
	size_t n_bytes;
	uint64_t clock, last_id;
	char *spares[SEALED_SPARES]; /* memory of long frames, for the next ones */
	size_t n_spares;
	char *ahead; /* SEALED_AHEAD_BYTES for lines of long frames that are expected; NULL: none */
	size_t n_ahead, ahead_touched; /* now, and at most since there is that block */
	struct sealed_later *later;    /* SEALED_EXPECT_MAX; NULL: not needed yet */
	size_t n_later;
	struct sealed_step *steps; /* as many; their frames in the order in which they are needed */
	size_t n_steps, next_step; /* 0: they are only decoded when they are */
	size_t n_steps_used;       /* of whose frames lines were taken */
	bool keeps_frames;         /* those of the page fit: nothing has to be ahead */
	struct buf packed;         /* a frame as it stands in the file */
	uint64_t packed_file;
	size_t packed_frame;
	struct buf plain; /* the lines of a short one */
	uint64_t plain_file;
	size_t plain_frame;
	bool plain_is_checked;    /* its checksum is right */
	int settle_s;             /* tests make it small */
	int64_t resting_since_ns; /* monotonic; 0: something was used since */
};

/* In the arena, that must outlive it. */
struct sealed_cache *sealed_cache_make(struct arena *a);
void sealed_cache_close(struct sealed_cache *c);
/* A request is over: forgets what the next one is not likely to need. */
void sealed_cache_trim(struct sealed_cache *c);
/* No request is at hand: gives back memory that many are served with, at once or, when that is
 * much, later: in how many ms it wants to be called again, if none comes; -1: nothing is left. The
 * lines that were read last stay, so that a page that somebody looks at again is not decoded again.
 * now_ns: monotonic. */
int sealed_cache_rest(struct sealed_cache *c, int64_t now_ns);

/* Reads foot and table, unless they are remembered. The same file opened twice may be one object.
 * ERR_IO: damaged, or no such file. */
NODISCARD enum err sealed_open(struct sealed_cache *c, int fd, struct sealed **ret);
/* The same of a file whose foot or table is damaged, which reads all of it. */
NODISCARD enum err sealed_open_damaged(struct sealed_cache *c, int fd, struct sealed **ret);
void sealed_close(struct sealed_cache *c, struct sealed *s);
/* Lines [at, at + n) of the file, fewer only at its end. ERR_IO: damaged. */
NODISCARD enum err sealed_read(struct sealed_cache *c, struct sealed *s, int fd, void *buf,
	size_t n, int64_t at, size_t *ret_n);

/* The same of a line. Long frames are decoded up to its end only, and the checksum of none is
 * looked at. Then *ret_is_checked is false: when the line's seal is not right, sealed_read() tells
 * whether the file is damaged. */
NODISCARD enum err sealed_read_line(struct sealed_cache *c, struct sealed *s, int fd, void *buf,
	size_t n, int64_t at, size_t *ret_n, bool *ret_is_checked);

/* What sealed_read() finds damaged, as far as it can be decoded; what cannot are zeros with a
 * newline at the end of the frame, so that it is one bad line. Sets is_worn. ERR_IO: the disk says
 * so. */
NODISCARD enum err sealed_salvage(struct sealed_cache *c, struct sealed *s, int fd, void *buf,
	size_t n, int64_t at, size_t *ret_n);

/*
 * The caller is going to read these lines of some files.  Nothing that has to be done, but frames
 * in which several of them stand are decoded once: a long one when the first of its lines is read,
 * so that what was made of other frames' can be on its way; those that are short while he reads, by
 * a helper ahead of him.  What cannot be read is left to sealed_read_line().
 *
 *	sealed_expect_room(c, s, lines, n, &room)	for each file; room is zero before the first
 *	sealed_expect_begin(c, room)
 *	sealed_expect(c, s, fd, lines, n)	for each file; lines ascending by `at`
 *	sealed_expect_start(c, helper)		NULL: without one
 *	sealed_expect_step(c)			any number of times
 *	sealed_expect_end(c)			before a file or its descriptor is closed
 *
 * At most SEALED_EXPECT_MAX lines are taken, of less than SEALED_AHEAD_BYTES in all.  Begin forgets
 * what was expected before and is not there yet, and what is ahead, unless there is room for both.
 * The files stay open until the end.
 */
struct sealed_room {
	size_t n_missing; /* lines that are not there */
	size_t own;       /* bytes of lines that have memory of their own, or will have it */
	size_t lines;     /* bytes of the others, long ones in long frames, but those ahead */
	size_t whole;     /* bytes of the long frames in which lines stand that have none */
	bool is_further;  /* of the page before, which is too long to be expected at once */
};
void sealed_expect_room(const struct sealed_cache *c, const struct sealed *s,
	const struct sealed_line *lines, size_t n, struct sealed_room *ret);
void sealed_expect_begin(struct sealed_cache *c, struct sealed_room room);
void sealed_expect(struct sealed_cache *c, struct sealed *s, int fd,
	const struct sealed_line *lines, size_t n);
void sealed_expect_start(struct sealed_cache *c, struct helper *helper);
/* Decodes some more of the next long frame, for some tens of microseconds, while its reader waits
 * for somebody else anyhow. False: nothing is left to be done, or not now. */
bool sealed_expect_step(struct sealed_cache *c);
void sealed_expect_end(struct sealed_cache *c);

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
	size_t same, same_left;      /* how long short frames are, for so many more bytes */
	bool may_grow;               /* the frame that was measured: it is not large packed */
};

NODISCARD enum err sealed_writer_open(struct sealed_writer *w, struct arena *a, int fd, int level);
NODISCARD enum err sealed_writer_add(struct sealed_writer *w, struct str line);
void sealed_writer_hint(struct sealed_writer *w);
NODISCARD enum err sealed_writer_finish(struct sealed_writer *w);
void sealed_writer_close(struct sealed_writer *w);

#endif
