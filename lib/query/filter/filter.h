/*
 * The rows of a block that match a query, as far as columns can tell.
 *
 *	row_filter_make(&s, &block, &query, &ids)	decides how each predicate is tested, and in
 *						which order: cheap ones first
 *	row_filter_zone(&s, zone, candidates, matches)		for each zone (INDEX_ZONE_ROWS rows)
 *
 * A candidate that the columns do not decide is read and given to query_match().  The filter
 *answers as query_match() does, with one intended exception: for parent ids, and for rows of the
 *row log, texts count as equal when their 64-bit hashes are.
 */
#ifndef FLATSPAN_QUERY_FILTER_FILTER_H
#define FLATSPAN_QUERY_FILTER_FILTER_H

#include "query/filter/search.h"
#include "query/match/match.h"
#include "query/rows/block.h"

/* The ways to test a predicate, the cheapest first. */
#define ROW_FILTER_HOW_LIST(X) \
	X(NOTHING, "never") \
	X(ROWS, "by the id table") \
	X(RANGES, "by column") \
	X(CODES, "by codes") \
	X(NUMBERS, "by unpacked column") \
	X(TAGS, "by lists of codes") \
	X(SET, "by a set of hashes") \
	X(WORDS, "by words, then on the line") \
	X(LINE, "on the line")

enum row_filter_how {
#define X(name, text) ROW_FILTER_##name,
	ROW_FILTER_HOW_LIST(X)
#undef X
		ROW_FILTER_HOW__MAX
};

/* low <= value <= high */
struct row_filter_range {
	int64_t low, high;
};

struct row_filter_test {
	enum row_filter_how how;
	const struct pred *pred;      /* NULL: the window, or roots_only */
	const char *what;             /* then, in words */
	const struct column *column;  /* NULL: no row has it */
	const struct column *started; /* NUMBERS: the value is column - started, if not negative */
	bool is_negated;              /* of rows that have the field */
	bool absent_matches;
	const struct row_filter_range *ranges; /* NUMBERS: ascending, disjoint */
	size_t n_ranges;
	const struct column_test *stored; /* RANGES, CODES: any of these */
	size_t n_stored;
	const uint64_t *bits; /* TAGS: of codes; ROWS: of the block's rows */
	bool any_empty;       /* TAGS: an empty list matches, and no other */
	const struct hash_set *set;
	struct search_term *term;     /* WORDS */
	uint32_t first_row, last_row; /* rows outside match only as absent ones do */
	/* These say which zones cannot match. */
	bool is_started, is_kind, is_status;
	int64_t from_ns, to_ns;
	uint32_t zone_codes; /* codes that match; bit INDEX_ZONE_ABSENT: absent ones */
};

struct row_filter_clause {
	struct row_filter_test *tests;
	size_t n;
	bool needs_line;
};

struct row_filter {
	struct block *block;
	struct search *search;
	struct row_filter_clause *clauses; /* cheap ones first */
	size_t n_clauses;
	bool is_empty;                  /* nothing matches */
	const struct index_zone *zones; /* NULL: unknown */
	/* The values of one zone. */
	int64_t *numbers, *starts;
};

/* Rows that the id table has for a predicate on span_id. */
struct row_filter_ids {
	const struct pred *pred;
	const struct index_segment *segment; /* NULL: live rows */
	uint32_t shard, row;
};

struct row_filter_id_list {
	struct row_filter_ids *hits;
	size_t n;
};

/* Looks up the ids a query asks for, once for all blocks. */
NODISCARD enum err row_filter_find_ids(
	struct index_set *set, const struct query *q, struct row_filter_id_list *ret);

/* Makes the filter of a block. search: of this query; NULL: words are not looked up. */
NODISCARD enum err row_filter_make(struct row_filter *s, struct block *b, const struct query *q,
	const struct row_filter_id_list *ids, struct search *search);

/* Sets the candidates, which may match, and the matches, which do. Both have ZONE_WORDS words;
 * superseded rows are in neither. */
NODISCARD enum err row_filter_zone(
	const struct row_filter *s, uint32_t zone, uint64_t *candidates, uint64_t *matches);

/* row_filter_pred.c */
NODISCARD enum err row_filter_test_make(struct row_filter_test *t, struct block *b,
	const struct pred *p, const struct row_filter_id_list *ids);
/* A test on the line may be asked of words first. */
void row_filter_test_words(struct row_filter_test *t, struct search *search);
/* True when a clause asks for traces by ids of which the block has none. Most segments have none,
 * and this tells it without a look at their columns. */
NODISCARD enum err row_filter_lacks_traces(struct block *b, const struct clause *c, bool *ret);
NODISCARD enum err row_filter_test_window(
	struct row_filter_test *t, struct block *b, const struct query *q);
NODISCARD enum err row_filter_test_roots(struct row_filter_test *t, struct block *b);

#endif
