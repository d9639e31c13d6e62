/*
 * Making term files: from lines, and from several term files.  Private to lib/index/terms.
 */
#ifndef FLATSPAN_INDEX_TERMS_BUILD_H
#define FLATSPAN_INDEX_TERMS_BUILD_H

#include "index/terms/file.h"

/* Builds the file of the lines from offset `from` on, about `bytes` of them. *ret_to is where the
 * range ends. ERR_NOT_FOUND: there are no lines. */
NODISCARD enum err terms_build(struct view *v, size_t shard, int64_t from, int64_t bytes,
	struct arena *a, int idx_fd, int64_t *ret_to);

/* Merges n neighbours, which ascend and stay. The fingerprints are those of the whole range. The
 * bytes are those that building the whole range would make, unless terms were left out. */
NODISCARD enum err terms_merge(struct terms *const *files, size_t n, uint64_t first_print,
	uint64_t last_print, struct arena *a, int idx_fd);

#endif
