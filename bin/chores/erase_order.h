/*
 * Orders for erasing later: ROOT/<workspace>/erase.json, an object that lists them.
 *
 *	{"orders":[{"day":"2026-11-23","options":[{"user":"ann"},{"label":"a request"}]}]}
 *
 * An order is an erasure, by its options on the command line, of what arrived up to that day; it is
 * completed when the day is over.  Two orders with equal options are one.  It holds the request in
 * plain words, because it is run again, and is removed when it is done.
 */
#ifndef FLATSPAN_BIN_CHORES_ERASE_ORDER_H
#define FLATSPAN_BIN_CHORES_ERASE_ORDER_H

#include "cli.h"

struct erase_order {
	int32_t day;
	struct str options; /* canonical JSON */
};

/* Reads the orders. ERR_CONF: the file is invalid. */
NODISCARD enum err erase_orders_read(const struct store *s, struct str workspace, struct arena *a,
	struct erase_order **ret, size_t *ret_n);
/* Adds an order, which is durable on return. ERR_TOO_LARGE: there are too many (LIMIT_ERASE_BYTES).
 */
NODISCARD enum err erase_order_add(
	const struct store *s, struct str workspace, struct arena *a, struct erase_order order);
NODISCARD enum err erase_order_remove(
	const struct store *s, struct str workspace, struct arena *a, struct erase_order order);

/* Write options as JSON, and read them. False: this program does not know one of them. */
struct str erase_options_write(struct arena *a, const struct cli_set *set, size_t n);
bool erase_options_read(struct arena *a, struct str options, struct cli_set **ret, size_t *ret_n);

#endif
