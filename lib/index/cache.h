/*
 * What a process remembers of indexes between requests: mapped segments, records read so far,
 * which files a day's index has, the seed.  Every use is checked against the files; all of it may
 * be forgotten.
 *
 * A segment or row log that a view uses is held until the view is closed.
 */
#ifndef FLATSPAN_INDEX_CACHE_H
#define FLATSPAN_INDEX_CACHE_H

#include "base/limits.h"
#include "index/rowlog/rowlog.h"
#include "index/segment/segment.h"

struct index_file {
	int part;
	int64_t from, to;
	ino_t ino;               /* as the directory has it */
	struct segment *segment; /* NULL: not opened yet */
	bool is_bad;             /* it was, and is no good */
	struct stat file;        /* of a bad one */
};

/* Reads the name <part>-<from>-<to>.seg; false when it is another one. */
bool index_file_parse(struct str name, struct index_file *ret);

struct index_log {
	int part;
	struct rowlog *log;
};

/* The index directory of a day. */
struct index_day {
	dev_t dev;
	ino_t ino;
	struct timespec changed;
	bool is_settled; /* the listing cannot be out of date while `changed` stays */
	bool is_listed;
	/* Bit p: part p has a row log; the last bit: some part from 63 on. */
	uint64_t log_parts;
	uint64_t last_use;
	struct index_file *files; /* ascending by part, from; of one start the longest first */
	size_t n_files, cap_files;
	struct index_log *logs;
	size_t n_logs, cap_logs;
};

/* A day that wants closing: index_close.h. */
struct index_pending {
	char workspace[LIMIT_WORKSPACE_BYTES];
	size_t workspace_len;
	int32_t day;
	bool is_urgent; /* wait for the process that flushes it */
	bool is_merged; /* and wants words */
};
enum { INDEX_PENDING_MAX = 8 };
struct index_todo {
	struct index_pending of[INDEX_PENDING_MAX];
	size_t n;
};

/* What records were appended to last, left open for the next time. */
struct index_kept {
	int idx_fd, log_fd; /* -1: none */
	dev_t dev;          /* of the directory */
	ino_t ino;
	int part;
	struct rowlog_header header;
	int64_t flushed_to;
	uint64_t n_flushed; /* of its records: those of lines before flushed_to */
	int64_t flushed_ns; /* when flushed_to was first seen */
};
void index_kept_drop(struct index_kept *k);

struct index_cache {
	struct arena *arena;
	struct index_kept kept;
	uint64_t seed;
	bool has_seed;
	struct stat seed_file;
	uint64_t clock;
	struct index_day **days;
	size_t n_days, cap_days;
	size_t last_day; /* of days: where the next one is looked for first */
	size_t n_segments;
	struct segment **retired; /* whose files are gone, in use still */
	size_t n_retired, cap_retired;
	struct rowlog **retired_logs;
	size_t n_retired_logs, cap_retired_logs;
	struct index_todo to_flush, to_merge;
	long n_preempted, n_preempted_before; /* at the end of this request and of the one before */
	int64_t catch_up_after_ns; /* utime_monotonic(): not before that, others need the processor
				    */
	int64_t terms_after_ns; /* terms_update_in_share() does nothing before (utime_monotonic) */
};

/* The cache of a store, made when it is first needed. store_close() closes it. */
struct index_cache *index_cache_of(const struct store *s);

/* The seed of the store, made when there is none yet. False: none to be had. */
bool index_cache_seed(const struct store *s, uint64_t *ret);

/* The day's index directory as it is now; NULL: there is none. must_list: whatever is remembered.
 * *idx_fd: the directory, opened if that was needed; -1: not. It is the caller's to close. Good
 * until the next call for this day. */
struct index_day *index_cache_day(struct view *v, int32_t day, bool must_list, int *idx_fd);

/* The segment of a file, opened, and of this shard as it is; NULL: it is no good. Held until it is
 * put. *idx_fd as above. */
struct segment *index_cache_segment(struct view *v, size_t shard, const struct stat *shard_file,
	struct index_file *f, int *idx_fd);
/* The last of those that follow one another, before they are believed: when the file has only grown
 * since they were opened, and the bytes are right there, they are before it. */
bool index_cache_is_bound(
	struct view *v, size_t shard, const struct stat *shard_file, struct segment *s);
void index_cache_put_segment(struct index_cache *c, struct segment *s);

/* Returns the row log of a shard; NULL: none. Held until it is put. */
struct rowlog *index_cache_log(struct view *v, size_t shard, struct index_day *d, int *idx_fd);
void index_cache_put_log(struct index_cache *c, struct rowlog *l);

/* Gives memory back when much of it was touched; after segments were put. */
void index_cache_trim(struct index_cache *c);
/* Gives all of it back that comes again when it is touched. */
void index_cache_rest(struct index_cache *c);

#endif
