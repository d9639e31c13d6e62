/*
 * Which lines of a shard carry a span id: a small cache, so that finding a span, or an earlier
 * version of one, does not scan a day.
 *
 * DAY.idx/ids.<part>.<run> lists the rows of a byte range of DAY[.part].jsonl, sorted by a hash of
 * the span id.  The runs of a shard follow one another from byte 0; the last one is replaced by a
 * longer one as the shard grows, until it is full.  What no run covers is for the caller to scan.
 *
 * It promises nothing: a run that is missing, damaged, of another version or of another file is
 * as if it were not there, and so are all behind it.  Every block read is checked, and a row found
 * is only a place to look: the caller confirms it on the line.  All of it may be deleted at any
 * moment.  doc/shard-format.md describes the bytes.
 */
#ifndef FLATSPAN_STORE_IDCACHE_H
#define FLATSPAN_STORE_IDCACHE_H

#include "store/shard.h"

/* What is looked for. Texts are canonical bodies; source and trace_id STR_NULL: any. */
struct id_key {
	struct str source, trace_id, span_id;
};

/* Opens the runs of a shard, building them first when too much is not covered: anything at all of a
 * shard whose day is over (it is built once; others wait for it, as scanning would take as long),
 * and ID_CACHE_TAIL_BYTES of one that still grows. Never an error: without a cache covered is 0. */
struct id_cache *id_cache_open(struct view *v, size_t shard);
void id_cache_close(struct id_cache *c);
/* How many bytes of the shard the runs cover. */
int64_t id_cache_covered(const struct id_cache *c);

/* Extends the runs of a shard to its end; does nothing when another process is at it. Uses memory
 * of its own. */
void id_cache_build(struct view *v, size_t shard, int wait_ms);

/* Deletes the runs of a shard, to be built again: one of them is damaged. */
void id_cache_drop(struct view *v, size_t shard);

/* Calls each for every row that may carry the key, in no order, until it returns an error. A
 * damaged block ends it with ERR_NOT_FOUND: the caller scans instead, and drops the cache. */
NODISCARD enum err id_cache_find(struct id_cache *c, const struct id_key *key,
	enum err (*each)(void *user, int64_t at), void *user);

/* A shard that grows is covered again after so many bytes: what a lookup may have to scan. */
#define ID_CACHE_TAIL_BYTES ((int64_t)16 << 20)
/* Rows of a full run: 16 MiB to sort and write. */
#define ID_CACHE_RUN_ROWS (UINT64_C(1) << 20)

#endif
