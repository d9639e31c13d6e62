/*
 * The data directory: workspaces and the files in them.  The only place where names become paths.
 *
 *	ROOT/FORMAT				"flatspan 1", then a line per extension (root.c)
 *	ROOT/<workspace>/workspace.json		settings
 *	ROOT/<workspace>/<YYYY-MM-DD>.jsonl	a shard: the spans that arrived on that UTC day
 *	ROOT/<workspace>/<YYYY-MM-DD>.<n>.jsonl	further segments of the same day (n = 1, 2, …)
 *	ROOT/<workspace>/<YYYY-MM-DD>.lock	its writers' lock, never renamed
 *	ROOT/<workspace>/<YYYY-MM-DD>.idx/	its index: a cache, may be deleted at any moment
 *	ROOT/<workspace>/<YYYY-MM-DD>.suspect	a sync of that shard failed
 *	ROOT/<workspace>/documents/		what is kept beside spans (store/documents.h)
 *	ROOT/<workspace>/<YYYY-MM-DD>[.<n>].notes.jsonl	scores, comments, annotations, results
 *
 * Workspace names are [A-Za-z0-9][A-Za-z0-9._-]{0,63} as they are; ids and everything else of a
 * request is data and never becomes a path.
 */
#ifndef FLATSPAN_SHARD_ROOT_H
#define FLATSPAN_SHARD_ROOT_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/errors.h"

struct index_cache;  /* index/cache.h */
struct mask;         /* span/mask.h */
struct sealed_cache; /* sealed.h */
struct store_cache;  /* days.c */

/* What the index keeps with a store. lib/index makes it when it is first needed; store_close()
 * releases it. */
struct index_slot {
	struct arena *memory;      /* of the store */
	struct index_cache *cache; /* NULL until then */
	void (*close)(struct index_cache *c);
};

struct store {
	int root_fd;
	const struct conf *conf;
	bool may_write; /* false: the format has an extension that writers must know and we do not
			 */
	/* LIMIT_SHARD_BYTES and LIMIT_LINE_BYTES; tests make them small. */
	int64_t shard_bytes;
	size_t line_bytes;
	/* The row log of a part is flushed to a segment when it has this many rows, or rows of
	 * this many bytes of lines. */
	uint32_t index_rows;
	int64_t index_bytes;
	/* The least time between two flushes, unless there are INDEX_PATIENCE times as many rows
	 * or bytes. */
	int64_t index_pause_ns;
	/* Bytes of lines that become a term file before it is merged with others, and how far its
	 * marks are apart (index/terms/format.h). */
	int64_t terms_bytes;
	unsigned terms_mark_bits;
	size_t part_bytes;   /* of lines that a query reads between two looks at the clock */
	bool tidies_later;   /* the program calls index_maintain() when no client is waiting */
	struct arena memory; /* of the cache, for the life of the process */
	struct store_cache *cache;
	struct index_slot *index;
	struct sealed_cache *sealed;
	struct mask *mask; /* of what is written, whatever workspace it goes to (settings.h) */
};

/* Opens conf->root, creating it (0750) and its FORMAT file when it is not there. ERR_CONF: not ours
 * or a future format, or a setting that is no good; ERR_UNSAFE: others may write to it. */
NODISCARD enum err store_open(struct store *s, const struct conf *conf);
void store_close(struct store *s);
/* A directory by its path, made (0750, durably) when only its parent is there. */
NODISCARD enum err store_open_dir(struct str path, int *ret_fd);
/* Makes and opens a directory where nothing is. A link that appears there meanwhile is not
 * followed. */
NODISCARD enum err store_make_dir(struct str path, int *ret_fd);

/* The characters and length above, and not the name of one of ROOT's own files. */
bool workspace_name_valid(struct str name);
/* ERR_NOT_FOUND when it is not there and create is not set (or creation is not allowed: the caller
 * decides); ERR_INVALID for a bad name. The directory is durable when this returns OK after
 * creating it. */
NODISCARD enum err workspace_open(const struct store *s, struct str name, bool create, int *ret_fd);
NODISCARD enum err workspace_exists(const struct store *s, struct str name, bool *ret_exists);
/* Names in ascending order, in the arena. */
NODISCARD enum err workspace_list(
	const struct store *s, struct arena *a, struct str **ret_names, size_t *ret_n);

/* File names of a day. part 0 is the first segment. */
enum store_file {
	STORE_FILE_SHARD,
	STORE_FILE_LOCK,
	STORE_FILE_INDEX,
	STORE_FILE_SUSPECT,
	STORE_FILE_NOTES,
	STORE_FILE_SEALED
};
enum { STORE_NAME_MAX = 40 };
void store_file_name(enum store_file kind, int32_t day, int part, char ret[static STORE_NAME_MAX]);
/* Reads a name back; false when it is none of ours. */
bool store_parse_name(struct str name, enum store_file *ret_kind, int32_t *ret_day, int *ret_part);

#endif
