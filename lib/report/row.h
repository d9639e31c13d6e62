/* Spans as rows of a table, one line each, and a span in full. */
#ifndef FLATSPAN_REPORT_ROW_H
#define FLATSPAN_REPORT_ROW_H

#include "report/report.h"

#include "span/line.h"
#include "span/span.h"

/* Returns the fields that row_put() shows. */
struct field_set row_fields(void);
/* Starts the columns. Comes before row_put_head() and the rows. */
void row_begin(struct report *r);
void row_put_head(struct report *r);
/* Appends time, duration, kind, status, tokens, cost, model, name and trace; as JSON the stored
 * line without its checksum, as tab-separated values most of its members. */
void row_put(struct report *r, const struct span *s, struct str line);
/* Appends duration, model, tokens, cost and the error to a line that names the span, and ends it.
 */
void row_put_details(struct report *r, const struct span *s);
/* Appends every member of a span, one a line. */
void row_put_members(struct report *r, const struct span *s);
/* Returns a cost given in 1e-12 USD, such as $0.0123; empty when it is less than 1e-6 USD. */
struct str row_cost(struct arena *a, int64_t pico);
int64_t row_tokens(const struct span *s);

#endif
