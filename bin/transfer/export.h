/* What export writes, to one place or to a file a day. */
#ifndef FLATSPAN_BIN_TRANSFER_EXPORT_H
#define FLATSPAN_BIN_TRANSFER_EXPORT_H

#include "cli.h"
#include "query/query.h"

/* The row as a line into c->out. A damaged one is left out and counted by the view. ERR_IO: what it
 * stands in cannot be read. */
NODISCARD enum err export_row(struct cli *c, struct view *v, struct row_ref ref);
/* --hive: q is widened to whole days. */
enum cli_exit export_hive(struct cli *c, struct view *v, struct query *q);

#endif
