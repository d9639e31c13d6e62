/* Sets the order of Opik's lists: the field that the request names, and for rows that are equal in
 * it newest first. */
#ifndef FLATSPAN_API_OPIK_FILTER_SORT_H
#define FLATSPAN_API_OPIK_FILTER_SORT_H

#include "api/opik/list.h"

/* Sets the query's order from l->sort_field. An unknown field changes nothing. */
NODISCARD enum err opik_sort(struct opik_list *l);
/* Writes "sortable_by" and "sortableBy" of a page. */
void opik_render_sortable(struct json_writer *w, enum opik_of of);

#endif
