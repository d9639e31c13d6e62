/*
 * Looking at lines: which rows that columns could not decide match a query.
 *
 * Lines that stand close together are read at once.  Where a predicate says which bytes must be in
 * a line (search.h), these are looked for in all that was read, at the speed of memory, and only
 * the lines that have them are read as spans.  Where there are many, the process's helper looks at
 * some of them.
 */
#ifndef FLATSPAN_QUERY_FILTER_VERIFY_H
#define FLATSPAN_QUERY_FILTER_VERIFY_H

#include "base/helper.h"
#include "query/filter/search.h"
#include "query/match/match.h"

struct verify_clause; /* needles of which a line must have one */
struct verify_row;
struct verify_part; /* rows next to each other */

/* What one who looks has to itself. */
struct verify_seat {
	struct arena *arena; /* the view's, or: */
	struct arena own;
	struct buf bytes;
	uint64_t *n_asked, *n_passed; /* lines, by each clause */
	uint64_t n_lines, n_parsed;
};

struct verifier {
	struct view *view;
	const struct query *query;
	struct field_set fields; /* that query_match looks at */
	struct verify_clause *clauses;
	size_t n_clauses;
	struct helper *helper;                       /* NULL: none */
	struct verify_seat seats[HELPER__SEATS + 1]; /* the last for one who looks alone */
	struct verify_row *rows; /* to be looked at next: they fill n_parts parts */
	struct verify_part *parts;
	size_t n_rows, n_parts, most_parts;
	uint64_t n_lines, n_parsed; /* how many were looked at, and read as spans */
	int64_t deadline_ns;        /* 0: none */
};

void verifier_init(struct verifier *v, struct view *view, const struct query *q,
	struct search *search, int64_t deadline_ns);
void verifier_release(struct verifier *v);

/* Of rows [first, …) of a block, as bits: those of `may` that are not `sure` and do not match are
 * taken from it. ERR_BUDGET: it is late. */
NODISCARD enum err verifier_look(struct verifier *v, struct block *b, uint32_t first,
	size_t n_words, const uint64_t *sure, uint64_t *may);

#endif
