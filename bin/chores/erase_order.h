/*
 * What erasing has left to do: ROOT/<workspace>/erase.json, an object that lists orders.
 *
 *	{"orders":[{"day":"2026-11-23","options":[{"user":"ann"},{"label":"a request"}]}]}
 *
 * An order is an erasure, by its options on the command line, of what arrived up to that day, to be
 * completed when the day is over.  Two with the same options are one.  It holds what was asked for
 * in plain words, because it is asked again; when it is done it goes.
 */
#ifndef FLATSPAN_BIN_CHORES_ERASE_ORDER_H
#define FLATSPAN_BIN_CHORES_ERASE_ORDER_H

#include "cli.h"

struct erase_order {
	int32_t day;
	struct str options; /* canonical JSON */
};

/* ERR_CONF: the file is not as it should be. */
NODISCARD enum err erase_orders_read(const struct store *s, struct str workspace, struct arena *a,
	struct erase_order **ret, size_t *ret_n);
/* Durable when it returns. ERR_TOO_LARGE: there are too many (LIMIT_ERASE_BYTES). */
NODISCARD enum err erase_order_add(
	const struct store *s, struct str workspace, struct arena *a, struct erase_order order);
NODISCARD enum err erase_order_remove(
	const struct store *s, struct str workspace, struct arena *a, struct erase_order order);

/* Options as they are written, and back; false: there is one that this program does not know. */
struct str erase_options_write(struct arena *a, const struct cli_set *set, size_t n);
bool erase_options_read(struct arena *a, struct str options, struct cli_set **ret, size_t *ret_n);

#endif
