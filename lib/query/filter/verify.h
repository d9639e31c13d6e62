/*
 * Looking at lines: which rows that columns could not decide match a query.
 *
 * Lines that stand close together are read at once.  Where a predicate says which bytes must be in
 * a line (search.h), these are looked for in all that was read, at the speed of memory, and only
 * the lines that have them are read as spans.
 */
#ifndef FLATSPAN_QUERY_FILTER_VERIFY_H
#define FLATSPAN_QUERY_FILTER_VERIFY_H

#include "query/filter/search.h"
#include "query/match/match.h"

struct verify_clause; /* needles of which a line must have one */
struct verify_row;

struct verifier {
	struct view *view;
	const struct query *query;
	struct field_set fields; /* that query_match looks at */
	struct verify_clause *clauses;
	size_t n_clauses;
	struct buf bytes;        /* that were read at once */
	struct verify_row *rows; /* to be looked at next, of one shard */
	size_t n_rows, n_bytes;  /* and the length of their lines */
	uint64_t n_lines;        /* how many were looked at */
	int64_t deadline_ns;     /* 0: none */
};

void verifier_init(struct verifier *v, struct view *view, const struct query *q,
	struct search *search, int64_t deadline_ns);
void verifier_release(struct verifier *v);

/* Reads the lines of the rows from `first` on whose bits are in `may` and not in `sure`, and clears
 * the bits of those that do not match. ERR_BUDGET: the query has run out of time. */
NODISCARD enum err verifier_look(struct verifier *v, struct block *b, uint32_t first,
	size_t n_words, const uint64_t *sure, uint64_t *may);

#endif
