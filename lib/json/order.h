/*
 * The order of plain texts, from their bodies (json/read.h).
 */
#ifndef FLATSPAN_JSON_ORDER_H
#define FLATSPAN_JSON_ORDER_H

#include "base/str.h"

/* Compares plain texts byte by byte, the shorter first: <0, 0, >0. Bodies that mean the same are in
 * the order of their own bytes. */
int body_order(struct str x, struct str y);

/* Compares plain texts without regard to the case of ASCII letters. */
int body_order_nocase(struct str x, struct str y);

/* Returns the first eight bytes of the plain text as a number that ascends with them: of two texts
 * whose heads differ the one with the smaller head comes first. */
uint64_t body_head(struct str body);

#endif
