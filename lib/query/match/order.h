/*
 * Sort orders as bytes.
 *
 * query_compare (match.h) says what the order of two positions is.  A list keeps many of them and
 * compares each row with the last, so it keeps positions as keys: bytes whose memcmp order, the
 * shorter first, is that order.
 *
 *	value	absent: 01; else 00 and
 *	number	8 bytes, big-endian, sign bit flipped
 *	text	the plain text, 00 as 00 ff, then 00 00
 *	descending values (not the first byte) are inverted
 */
#ifndef FLATSPAN_QUERY_MATCH_ORDER_H
#define FLATSPAN_QUERY_MATCH_ORDER_H

#include "query/match/match.h"

/* Appends the key. a: for texts with escapes. */
void order_key(const struct query *q, const struct position *p, struct arena *a, struct buf *out);

/* Returns a DEC in 1e-12 units; one beyond their range is the last in it. False when it is no
 * number. */
bool order_dec(struct str dec, int64_t *ret);
/* Returns a double as an integer of the same order. */
int64_t order_double(double d);

#endif
