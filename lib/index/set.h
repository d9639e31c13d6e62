/*
 * Inside the index of a view: opening it shard by shard, and finding rows by place and key.
 * For lib/store only; queries use index.h.
 */
#ifndef FLATSPAN_INDEX_SET_H
#define FLATSPAN_INDEX_SET_H

#include "index/cache.h"
#include "index/terms/terms.h"

/* What the set knows of a shard besides struct index. */
struct index_shard {
	bool has_segments, has_log;
	struct rowlog *log;       /* held */
	struct terms_list *terms; /* NULL: not opened yet */
};

/* The view's set, begun when there is none: shards are opened as they are needed. */
struct index_set *index_of_view(struct view *v);
/* A new one: what was taken from the old one is void. */
struct index_set *index_begin(struct view *v);
/* Zeroed memory that lives until it is given back, whatever is rewound. */
void *index_block(struct view *v, size_t n, size_t size);
/* Open the segments of a shard; those and its row log. */
NODISCARD enum err index_open_segments(struct index_set *set, size_t shard);
NODISCARD enum err index_open_shard(struct index_set *set, size_t shard);
/* Sets the shard's size in the view, without opening it when the index covers all of it. */
NODISCARD enum err index_take_size(struct index_set *set, size_t shard);
/* Where the closed segments of an opened shard end. */
int64_t index_flushed_to(const struct index *ix);

/* The first shard of the day or behind it. */
size_t index_first_shard(const struct view *v, int32_t day);
/* The shard of that day and part; view.n_shards: there is none. */
size_t index_shard_of(const struct view *v, int32_t day, int part);
/* The segment that covers the byte, NULL: none. */
struct index_segment *index_segment_at(struct index_set *set, size_t shard, int64_t at);
/* How many records of closed lines the process has in front of those of the shard. */
size_t index_log_skipped(const struct index_set *set, size_t shard);

/* Returns the next row of the log with that key (only_span: with the part of the key that is of the
 * span_id); SIZE_MAX when there are no more. *probe is 0 at first. */
size_t index_log_find(
	struct index_set *set, size_t shard, uint64_t key, bool only_span, size_t *probe);

#endif
