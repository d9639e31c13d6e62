/*
 * What chunks and columns of a segment are called in reports and dumps.
 */
#ifndef FLATSPAN_INDEX_NAMES_H
#define FLATSPAN_INDEX_NAMES_H

#include "index/format.h"

#include "base/str.h"

/* "model", "trace.n_spans"; "?" for one that is not known. */
struct str index_column_name(unsigned column);
/* "values", "id table"; "?" for one that is not known. */
struct str index_chunk_name(unsigned id);
/* Parses <part>-<from>-<to> and the suffix, the name of a file about bytes [from, to) of a part. */
bool index_name_parse(
	struct str name, struct str suffix, int *ret_part, int64_t *ret_from, int64_t *ret_to);
/* True when a chunk of this kind belongs to a column. */
bool index_chunk_is_of_column(unsigned id);

#endif
