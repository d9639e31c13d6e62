/*
 * Which spans a workspace holds: found once by reading it, so that an import of many spans looks
 * none of them up.
 */
#ifndef FLATSPAN_BIN_TRANSFER_KNOWN_H
#define FLATSPAN_BIN_TRANSFER_KNOWN_H

#include "cli.h"

struct known_slot {
	uint64_t hash; /* of the identity; 0: free */
	struct row_ref ref;
	bool is_new; /* stored since: ref says nothing */
};

struct known {
	struct cli *cli;
	struct view view;
	bool has_view;
	struct known_slot *slots; /* a block */
	size_t n, cap;            /* cap: a power of two */
};

/* A workspace that is not there holds nothing. */
NODISCARD enum err known_open(struct known *k, struct cli *c);
void known_close(struct known *k);
/* The current version of that span; its texts are in `a`. */
NODISCARD enum err known_find(
	struct known *k, struct arena *a, const struct span *s, struct span *ret, bool *ret_found);
/* Was it stored, or is it going to be, since this was opened? Then it must be on the disk before
 * known_find() is asked for it. */
bool known_is_new(const struct known *k, const struct span *s);
/* It is going to be stored. */
void known_add(struct known *k, const struct span *s);

#endif
