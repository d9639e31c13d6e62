/*
 * What term files say of a term, file by file: of search.h, for its own use.
 */
#ifndef FLATSPAN_QUERY_FILTER_SEARCH_AREA_H
#define FLATSPAN_QUERY_FILTER_SEARCH_AREA_H

#include "query/filter/search.h"

/* Whatever is looked for, a file is checked once. */
NODISCARD enum err search_file_of(
	struct search *s, size_t shard, size_t file, const struct search_file **ret);

/* And asked once for a term. */
NODISCARD enum err search_area_of(struct search *s, struct search_term *t, size_t shard,
	size_t file, const struct search_area **ret);

#endif
