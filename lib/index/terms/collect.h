/*
 * The terms of many rows in memory, with their postings, before they are written as a term file.
 *
 *	collector_init
 *	for each row: collector_add(each of its texts), collector_end_row
 *	collector_sort, collector_postings(each term in its order)
 *	collector_release
 *
 * Private to lib/index/terms.
 */
#ifndef FLATSPAN_INDEX_TERMS_COLLECT_H
#define FLATSPAN_INDEX_TERMS_COLLECT_H

#include "index/terms/postings.h"
#include "index/terms/terms.h"

enum { COLLECTOR_WAITING = 64, COLLECTOR_SPECIALS = 3 };

struct collected_term {
	uint32_t at;       /* in the texts */
	uint32_t first, n; /* its postings, after collector_sort() */
	uint8_t len;
	bool is_hex; /* after collector_sort() */
};

/* The first 16 bytes of a term and then zeros, or the hash of a longer one. `low` is 0 in an empty
 * slot only. */
struct collector_key {
	uint64_t low, high;
};

struct collector_slot {
	struct collector_key key;
	uint32_t term;
	uint32_t last; /* its last posting, counted from 1 */
};

struct collector_table {
	struct collector_slot *slots;
	uint32_t n, n_used;
	unsigned shift;
};

/* A short token that waits until the memory it is looked up in has come. */
struct collector_token {
	struct collector_key key;
	uint64_t hash;
	uint32_t fields;
};

struct collector {
	struct arena *arena;
	struct buf texts; /* of all terms */
	struct collected_term *terms;
	uint32_t n_terms, cap_terms;
	struct collector_table shorts, longs;
	struct buf postings; /* uint32_t: term << 4 | enum term_fields, row after row */
	struct buf ends;     /* uint32_t: number of postings up to the end of each row */
	uint32_t row_first;  /* the current row's first posting */
	uint32_t fields;     /* of the text that is being cut */
	uint32_t last[COLLECTOR_SPECIALS];
	uint64_t text_bytes;
	struct collector_token waiting[COLLECTOR_WAITING];
	size_t n_waiting;
	/* After collector_sort(): */
	uint32_t *sorted; /* uint32_t: row << 4 | enum term_fields, term after term */
	uint32_t *order;  /* the terms in the order of a file */
	uint32_t n_order;
};

void collector_init(struct collector *c, struct arena *a);
void collector_release(struct collector *c);

/* Adds the terms of a text of the current row. */
void collector_add(struct collector *c, struct str text, unsigned fields);
void collector_end_row(struct collector *c);

uint32_t collector_n_rows(const struct collector *c);
struct str collector_text(const struct collector *c, const struct collected_term *t);

/* Fills sorted and order. Nothing is added afterwards. */
void collector_sort(struct collector *c);
/* Sets *ret to the postings of a term. */
void collector_postings(
	const struct collector *c, const struct collected_term *t, struct postings_buf *ret);

#endif
