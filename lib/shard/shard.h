/*
 * Reading shards: a view of one workspace as it was at one moment.
 *
 * No locks.  The size of each file is taken once, when it is first opened: that is the snapshot;
 * what grows afterwards does not exist for this view, and neither does what stands after the last
 * newline below it (a reader beside a writer sees half a write).  Bad lines are counted and skipped
 * by the caller's scan.  A file that cannot be read is an error (ERR_IO), never an empty list.  A
 * sealed file that can be read and is damaged is no error: its sound lines are there, and what does
 * not decode is one bad line a frame, in the way that file systems leave zeros where they lost a
 * block.  A caller that rewrites a day, or proves it, sets shard.is_strict.
 *
 * A sealed day is one shard, its lines packed (sealed.h); offsets are those of the lines, and
 * nobody above needs to know.  It takes the place of all parts of its day with smaller numbers:
 * they are not seen, whether they are still there or not.  A view that began before a day was
 * sealed goes on with the old files, which stay for a while; one that comes too late for that hears
 * ERR_BUSY and begins again.
 *
 * Used by the query engine, the writers that must see the current version of a span, and the
 * command line.
 */
#ifndef FLATSPAN_SHARD_SHARD_H
#define FLATSPAN_SHARD_SHARD_H

#include "base/buf.h"
#include "shard/root.h"
#include "span/line.h"

#include <sys/stat.h>

struct index_set;  /* index.h */
struct prefetched; /* lines.c */
struct sealed;     /* sealed.h */

struct shard {
	int32_t day;
	int part;           /* -1: another shard of the view has taken its place */
	int fd;             /* -1 until opened, and when it was closed for another one's sake */
	int64_t size_bytes; /* of the snapshot's lines, up to the last newline; -1 until opened */
	bool is_sealed;
	bool is_damaged;       /* a reader of this view has met damage in it, or the index tells */
	bool is_strict;        /* the caller's: frames that are damaged are ERR_IO */
	bool is_pinned;        /* fd is the opener's, and the file has no name yet */
	struct sealed *sealed; /* when it was opened */
};

/* Files of one view that are open at once: below the 1,024 a process may have. */
enum { VIEW_OPEN_MAX = 256 };

struct view {
	const struct store *store;
	struct arena *arena;
	int dir_fd;            /* of the workspace */
	bool is_borrowed;      /* dir_fd is the opener's to close */
	enum store_file files; /* STORE_FILE_SHARD, or STORE_FILE_NOTES: what shards are */
	struct str workspace;
	struct shard *shards; /* ascending by (day, part) */
	size_t n_shards;
	int32_t today; /* shards of days before it do not grow; of the newest shard until set */
	size_t n_open; /* of shards, at most VIEW_OPEN_MAX */
	/* of lines read through this view: see view_count() */
	uint64_t n_torn, n_rot, n_zero;
	struct buf line;          /* view_read_line's */
	struct prefetched *ahead; /* n_ahead lines that view_prefetch() has read; NULL: none */
	size_t n_ahead;
	struct index_set *index; /* NULL: not opened */
	void (*index_release)(struct view *v);
};

/* ERR_NOT_FOUND: no such workspace. */
NODISCARD enum err view_open(
	const struct store *s, struct str workspace, struct arena *a, struct view *ret);
/* Opens a view of a directory that is open already and stays the caller's. */
NODISCARD enum err view_open_dir(
	const struct store *s, struct str workspace, int dir_fd, struct arena *a, struct view *ret);
/* The notes of the view's workspace, whose files are laid out and read as shards are. The view must
 * stay open as long. */
NODISCARD enum err view_open_notes(const struct view *v, struct view *ret);
void view_close(struct view *v);

static inline void view_count(struct view *v, enum line_state state)
{
	v->n_torn += state == LINE_TORN;
	v->n_rot += state == LINE_ROT;
	v->n_zero += state == LINE_ZERO;
}

/* Shows the view another day: one sealed file that has no name yet, in the place of all shards of
 * its day. fd stays the caller's and must outlive the view. */
NODISCARD enum err view_put_sealed(struct view *v, int32_t day, int part, int fd);

/* Opens the shard's file and takes its size, if that was not done before. A file that was pruned in
 * between is empty. Opening one may close another: use shards[].fd only right after this. */
NODISCARD enum err shard_open(struct view *v, size_t shard);
/* Writes the name of the shard's file; name has STORE_NAME_MAX bytes. */
void shard_file_name(const struct view *v, size_t shard, char *name);
/* What is there under the shard's name; of a pinned one, its file. ERR_NOT_FOUND */
NODISCARD enum err shard_stat(const struct view *v, size_t shard, struct stat *ret);
/* Bytes [at, at + n) of the lines, fewer only at the end of the file: of a plain one, of what it is
 * now, not of the snapshot. ERR_IO: cannot be read, or is strict and damaged. */
NODISCARD enum err shard_read(
	struct view *v, size_t shard, void *buf, size_t n, int64_t at, size_t *ret_n);

/* Where a line is. */
struct row_ref {
	uint32_t shard; /* index into view.shards */
	uint32_t len;   /* without the newline */
	int64_t at;
};

/* Reads one line into the view's buffer (valid until the next call). ERR_NOT_FOUND: no line stands
 * there, because somebody cut the file or the reference comes from elsewhere. */
NODISCARD enum err view_read_line(struct view *v, struct row_ref ref, struct str *ret_line);
/* The span of a line, as line_read() does it, with its seal checked; ret_line, when not NULL, is
 * the line. Good until the next call. ERR_NOT_FOUND: there is none, or it is damaged. */
NODISCARD enum err view_read_span(struct view *v, struct row_ref ref, const struct field_set *want,
	struct span *ret, struct str *ret_line);
/* The caller is going to read these rows, in whatever order. Where they stand in more frames of
 * compressed days than the frame cache keeps, reads them in the order of their files, so that each
 * frame is decoded once, and keeps 16 MiB of lines for view_read_span() and view_read_line() until
 * the next call. */
void view_prefetch(struct view *v, const struct row_ref *refs, size_t n);
/* Frees what was prefetched. Called by view_close(). */
void view_drop_prefetched(struct view *v);
/* view_read_line() when only the start is known: ref->len is set. */
NODISCARD enum err view_read_line_at(struct view *v, struct row_ref *ref, struct str *ret_line);

/* Forward scan of whole lines in [from, to) of a shard, by large preads. */
struct shard_reader {
	struct view *view;
	size_t shard;
	int64_t at, end; /* of the next line; end of the range */
	struct buf buf;  /* holds [buf_at, buf_at + buf.len) */
	int64_t buf_at;
};

/* to -1: to the end of the snapshot. The shard is opened when needed. */
NODISCARD enum err shard_reader_open(
	struct view *v, size_t shard, int64_t from, int64_t to, struct shard_reader *ret);
/* The next line, good or bad (without newline), valid until the next call. *ret_more false at the
 * end. Lines longer than LIMIT_LINE_BYTES are skipped and counted as torn. */
NODISCARD enum err shard_reader_next(
	struct shard_reader *r, struct str *ret_line, struct row_ref *ret_ref, bool *ret_more);
void shard_reader_close(struct shard_reader *r);

#endif
