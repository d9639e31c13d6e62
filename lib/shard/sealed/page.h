/*
 * The lines of a page that stand in short frames: decoded in the order in which they are read,
 * while they are, by the one who reads them and a helper ahead of him.
 *
 * Each frame is a part that one of the two takes; which one is known, and whether it is done.  Who
 * needs a line whose frame somebody is at takes another frame meanwhile.  A line's piece is there
 * from the start, its bytes are when its part is done.
 *
 * For sealed_read.c and sealed_pieces.c; what others call is in sealed.h.
 */
#ifndef FLATSPAN_SHARD_SEALED_PAGE_H
#define FLATSPAN_SHARD_SEALED_PAGE_H

#include "shard/sealed/sealed.h"

/* Until the bytes of a piece (p->part) are there. False: they cannot be had, and it is gone. */
NODISCARD bool page_wait(struct sealed_cache *c, struct sealed_piece *p);
/* Gives back memory; nothing is expected. */
void page_rest(struct sealed_cache *c);

#endif
