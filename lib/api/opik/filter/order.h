/*
 * Orders the rows of Opik's lists, newest first.
 *
 * Opik orders by id, and its ids contain a time.  A row whose shown id contains none stands at its
 * start.  So the key of a row is (opik_order_ms(), id), descending: of the trace, then the parent,
 * then the span for lists, of the row's own id for streams.
 *
 * Where all rows have ids with a time, the columns of the index have this order and no line is
 * read.
 */
#ifndef FLATSPAN_API_OPIK_FILTER_ORDER_H
#define FLATSPAN_API_OPIK_FILTER_ORDER_H

#include "api/opik/list.h"

/* Returns the milliseconds at which a row stands: those in the shown id, else its start. */
int64_t opik_order_ms(struct str shown, const struct span *s);
/* Adds the keys of a list to its query, after those that the request asks for. */
NODISCARD enum err opik_order_list(struct opik_list *l);
/* Sets the order of a stream and its cursor, l->last_id. *ret_is_end is true when the cursor is an
 * unknown id without a time: nothing comes after it. */
NODISCARD enum err opik_order_stream(struct opik_list *l, bool *ret_is_end);

#endif
