/*
 * Which term files a shard has.  Private to lib/index/terms.
 */
#ifndef FLATSPAN_INDEX_TERMS_LIST_H
#define FLATSPAN_INDEX_TERMS_LIST_H

#include "index/terms/file.h"

struct terms_names {
	struct arena *arena;
	struct terms_name *names; /* ascending; of two with the same start the longer first */
	size_t n;
	int part;
};

/* Lists the names of all term files of a shard, usable or not, in the arena. */
NODISCARD enum err terms_names_list(
	int idx_fd, const struct shard *s, struct arena *a, struct terms_names *ret);

/* Opens those that are usable: terms_open() with an open directory. */
NODISCARD enum err terms_list_open(
	struct view *v, size_t shard, int idx_fd, struct terms_list *ret);

#endif
