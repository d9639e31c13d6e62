/*
 * Sort keys of rows, from columns as far as they tell.
 *
 * An item is a row and its first key as a number.  pager_compare() looks at further keys where
 * those numbers are equal, and keeps in the item what it read of the line.  A position (q->after,
 * q->before) is an item as well.  Items are compared in the direction of travel, which is against
 * the query's order when there is a q->before.
 */
#ifndef FLATSPAN_QUERY_PAGE_KEY_H
#define FLATSPAN_QUERY_PAGE_KEY_H

#include "base/table.h"
#include "query/page/page.h"

/* A sort key as one block has it. */
struct page_key {
	bool is_ready;
	const struct column *column, *started; /* started: of a duration */
	struct block_texts *texts;             /* NULL where the column has numbers or hashes */
};

struct page_item {
	uint64_t key;    /* ascends in the direction of travel; 0 when absent */
	struct str rest; /* the keys from the first PAGE_LINE on as bytes; STR_NULL: not read yet */
	uint32_t block;  /* PAGE_POSITION: row is of pager.positions */
	uint32_t row;
	bool is_absent;
};

enum { PAGE_POSITION = UINT32_MAX };

struct pager {
	struct snapshot *snapshot;
	const struct query *query;
	struct arena *arena;
	struct page_key (*keys)[QUERY_SORT_MAX]; /* a block of the snapshot */
	const struct position *positions[2];     /* after, before */
	bool is_backward;
	size_t n_columns;     /* keys that columns tell */
	struct query rest;    /* the keys from n_columns on */
	struct table parents; /* texts by hash, for PAGE_HASH */
	struct string_pool texts;
	size_t n_read;  /* lines */
	enum err error; /* of a comparison */
};

void pager_init(struct pager *p, struct snapshot *s, const struct query *q);
void pager_release(struct pager *p);

/* The columns of a key; of a text without the codes of rows. */
NODISCARD enum err pager_key(struct pager *p, uint32_t block, size_t level, struct page_key **ret);
/* A value of the first key as page_item.key. */
uint64_t pager_number(const struct pager *p, int64_t value);
/* The value of such a key. */
int64_t pager_value(const struct pager *p, uint64_t key);
uint64_t pager_head(const struct pager *p, struct str text);
/* The item of a position: 0: after, 1: before. */
struct page_item pager_position(const struct pager *p, uint32_t number);

/* Compares the first keys alone. */
static inline int pager_compare_keys(
	const struct pager *p, const struct page_item *x, const struct page_item *y)
{
	if (x->is_absent != y->is_absent)
		return x->is_absent == p->is_backward ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* heap_compare() of items. A row and an equal position are equal; two rows never are. 0 after an
 * error. */
int pager_compare(void *x, void *y, void *pager);

#endif
