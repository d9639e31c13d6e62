/*
 * Text predicates without reading lines: what a line that matches must have in it, and by the word
 * files of a shard (store/words.h) in which blocks of the shard such lines can be.
 *
 * All of it only narrows: what is left has to be looked at with pred_match.
 */
#ifndef FLATSPAN_QUERY_SEARCH_H
#define FLATSPAN_QUERY_SEARCH_H

#include "base/text_find.h"
#include "query/block.h"
#include "query/query.h"
#include "store/words.h"

/* One of these parts must stand in the text. */
struct search_part {
	struct words_part *any;
	size_t n;
};

/* What a line that the predicate matches has in it. */
struct search_term {
	const struct pred *pred;
	struct text_needle needle; /* these bytes, in either case */
	struct search_part *parts; /* and these words, all of them; whole ones first */
	size_t n_parts;
	bool is_phrase;             /* OP_TEXT of words, one or several */
	bool is_covered;            /* in fields that word files know */
	struct search_areas *areas; /* of each shard; NULL: not asked for yet */
};

/* A part of a shard, [from, to), that a word file covers. */
struct search_area {
	int64_t from, to;
	uint32_t first_block, n_blocks;
	unsigned block_bits;
	const uint64_t *blocks; /* bit i: a line that begins in block first_block + i may match */
};

struct search_areas {
	bool is_known;
	struct search_area *areas; /* ascending */
	size_t n;
};

struct search {
	struct index_set *set;
	struct search_term *terms;
	size_t n_terms;
	uint64_t n_files; /* that were asked */
};

/* For the predicates of the query. */
void search_init(struct search *s, struct index_set *set, const struct query *q);

/* What is known of a predicate; NULL: nothing. */
struct search_term *search_term_of(struct search *s, const struct pred *p);

/* Takes from rows [first, first + n) of a block, as bits, those whose lines cannot match. Needs
 * INDEX_AT of the block; term->is_covered. */
NODISCARD enum err search_narrow(struct search *s, struct search_term *term, struct block *b,
	uint32_t first, uint32_t n, uint64_t *rows);

/* For tests: what is known of one predicate. False: nothing. */
bool search_term_make(struct search_term *t, const struct pred *p, struct arena *a);

#endif
