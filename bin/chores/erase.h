/* Erasing spans in days that are not over: they are hidden, and an order is left (erase_order.h).
 */
#ifndef FLATSPAN_BIN_CHORES_ERASE_H
#define FLATSPAN_BIN_CHORES_ERASE_H

#include "chores/chore.h"
#include "query/query.h"

/* Deletes, as the APIs do, all matching spans that are visible in c->workspace; their lines stay.
 * Implemented in erase_hide.c. */
NODISCARD enum err erase_hide(struct cli *c, const struct query *q, uint64_t *ret_n);

/* Completes the orders of the workspace whose days are over. Returns how many milliseconds replaced
 * files must stay. */
int erase_ordered(struct chore *ch);

#endif
