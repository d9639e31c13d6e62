/*
 * Reading a term file from front to back.  Private to lib/index.
 */
#ifndef FLATSPAN_INDEX_TERMS_CURSOR_H
#define FLATSPAN_INDEX_TERMS_CURSOR_H

#include "base/bitmap.h"
#include "index/terms/file.h"

struct terms_cursor {
	struct terms *terms;
	uint32_t page; /* the next one */
	struct str left, postings_left;
	struct str term; /* the current one; empty: the end */
	uint64_t key;    /* of the current term, terms_key() */
	bool is_hex;
	struct postings_buf postings;
};

void terms_cursor_init(struct terms_cursor *c, struct terms *t);
/* Moves to the next term. ERR_UNSAFE: damaged. */
NODISCARD enum err terms_cursor_next(struct terms_cursor *c);
void terms_cursor_release(struct terms_cursor *c);

/* Reads and checks all of the file. ERR_UNSAFE: it is damaged, *ret_reason says how. */
NODISCARD enum err terms_check(struct terms *t, const char **ret_reason);

#endif
