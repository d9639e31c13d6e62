/*
 * Text predicates without reading lines: what a line that matches must have in it, and by the term
 * files of a shard (index/terms/terms.h) which rows can be such lines.
 *
 * A row that may match has to be looked at with pred_match, unless it surely matches: the text is
 * a run of letters and digits, in any case, and a term of the row in one of the asked fields
 * contains it.
 */
#ifndef FLATSPAN_QUERY_FILTER_SEARCH_H
#define FLATSPAN_QUERY_FILTER_SEARCH_H

#include "base/text_find.h"
#include "index/terms/terms.h"
#include "query/query.h"
#include "query/rows/block.h"

/* One of these parts must stand in the text. */
struct search_part {
	struct term_pattern *any;
	size_t n;
};

/* What a line that the predicate matches has in it. */
struct search_term {
	const struct pred *pred;
	struct text_needle needle; /* these bytes, in either case */
	struct search_part *parts; /* and these words, all of them; whole ones first */
	size_t n_parts;
	bool is_phrase;  /* OP_TEXT of words, one or several */
	bool is_covered; /* in fields that term files know */
	bool is_of_ids;  /* in span_id, of which is only known which bytes it never has */
	bool is_bounded; /* sure only where no letters stand next to characters beyond ASCII */
	bool is_sure;    /* rows that have the terms match */
	unsigned fields; /* enum term_fields: where a term has to stand */
	struct search_area **areas; /* of each shard each term file's; NULL: not asked for yet */
};

/* Rows of a shard that a term file covers, counted from the shard's first. */
struct search_area {
	bool is_known; /* the file was asked */
	uint64_t first;
	uint32_t n;                 /* 0: it says nothing */
	const uint64_t *may, *sure; /* bit i: row first + i; what is sure may be, too */
};

/* A term file and the index of its shard. */
struct search_file {
	bool is_known, agrees; /* the rows of the one are those of the other */
	uint64_t first;        /* its first row */
};

struct search {
	struct index_set *set;
	struct search_term *terms;
	size_t n_terms;
	struct search_file **files; /* of each shard each term file; NULL: not asked for yet */
};

/* For the predicates of the query. */
void search_init(struct search *s, struct index_set *set, const struct query *q);

/* What is known of a predicate; NULL: nothing. */
struct search_term *search_term_of(struct search *s, const struct pred *p);

/* Sets the bits of rows [first, first + n) of a block that may match and, among them, of those that
 * do. The term must be covered (term->is_covered). */
NODISCARD enum err search_rows(struct search *s, struct search_term *term, struct block *b,
	uint32_t first, uint32_t n, uint64_t *may, uint64_t *sure);

/* True when both look for the same in the same fields. */
bool search_is_same(const struct search_term *x, const struct search_term *y);

/* The term file that begins with the first row of the block, and whose rows the index counts as it
 * does: its number among those of *ret_shard, and how many rows it has; 0: there is none. */
NODISCARD enum err search_file_at(struct search *s, struct block *b, size_t *ret_shard,
	size_t *ret_file, uint32_t *ret_n_rows);
/* True when a term file may have the number of rows of the term. */
bool search_can_count(const struct search_term *t);
/* Returns how many rows of the file match. *ret_known is false when the file does not say. */
NODISCARD enum err search_count(struct search *s, const struct search_term *term, size_t shard,
	size_t file, uint32_t *ret_n, bool *ret_known);

/* For tests: what is known of one predicate. False: nothing. */
bool search_term_make(struct search_term *t, const struct pred *p, struct arena *a);

#endif
