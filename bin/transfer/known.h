/* The spans that a workspace holds, read once, so that an import of many spans need not look up
 * each of them. */
#ifndef FLATSPAN_BIN_TRANSFER_KNOWN_H
#define FLATSPAN_BIN_TRANSFER_KNOWN_H

#include "cli.h"

struct known_slot {
	uint64_t hash; /* of the identity; 0: free */
	struct row_ref ref;
	bool is_new; /* stored since; ref is not set */
};

struct known {
	struct cli *cli;
	struct view view;
	bool has_view;
	struct known_slot *slots; /* allocated as a block */
	size_t n, cap;            /* cap: a power of two */
};

/* Reads the workspace, which holds nothing when it does not exist. */
NODISCARD enum err known_open(struct known *k, struct cli *c);
void known_close(struct known *k);
/* Finds the current version of a span, with texts in `a`. */
NODISCARD enum err known_find(
	struct known *k, struct arena *a, const struct span *s, struct span *ret, bool *ret_found);
/* True when the span was added since known_open(). It must then be on the disk before known_find()
 * is called. */
bool known_is_new(const struct known *k, const struct span *s);
/* Records that the span will be stored. */
void known_add(struct known *k, const struct span *s);

#endif
