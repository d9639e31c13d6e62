/* Exported rows, to one place or to a file a day. */
#ifndef FLATSPAN_BIN_TRANSFER_EXPORT_H
#define FLATSPAN_BIN_TRANSFER_EXPORT_H

#include "cli.h"
#include "query/query.h"

/* Makes unreadable rows of damaged sealed days an error from here on; called once the rows are
 * known. True when some rows are not even known, so the export is not complete. */
bool export_strictly(struct view *v);
/* Appends the row as a line to the report. A damaged row is left out, and counted by the view.
 * ERR_IO: its file cannot be read. */
NODISCARD enum err export_row(struct cli *c, struct view *v, struct row_ref ref);
/* Writes a file a day (--hive); q is widened to whole days. Implemented in hive.c. */
enum cli_exit export_hive(struct cli *c, struct view *v, struct query *q);

#endif
