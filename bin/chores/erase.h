/* Erasing what stands in days that are not over: it is hidden, and an order is left
 * (erase_order.h). */
#ifndef FLATSPAN_BIN_CHORES_ERASE_H
#define FLATSPAN_BIN_CHORES_ERASE_H

#include "chores/chore.h"
#include "query/query.h"

/* Deletes, as the APIs do, all spans that match and can be seen in c->workspace: their lines stay.
 */
NODISCARD enum err erase_hide(struct cli *c, const struct query *q, uint64_t *ret_n);

/* Completes the orders of the workspace whose days are over. Returns how long files that were
 * replaced must stay yet, in ms. */
int erase_ordered(struct chore *ch);

#endif
