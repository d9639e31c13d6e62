/* Spans as rows of a table, one line each. */
#ifndef FLATSPAN_BIN_ROW_H
#define FLATSPAN_BIN_ROW_H

#include "cli.h"
#include "span/span.h"

/* The fields that row_put shows. */
struct field_set row_fields(void);
/* time, duration, kind, model, tokens, cost, status, name; and the ids where there is room. */
void row_put(struct cli *c, const struct span *s);
void row_put_head(struct cli *c);
/* The line as it is stored, without its seal: what jq wants; of --tsv the columns that
 * row_begin() names ahead of the first. */
void row_put_line(struct cli *c, struct str line);
void row_begin(struct cli *c);
/* What comes behind the ids: duration, tokens, model and what went wrong, for trees. */
void row_put_details(struct cli *c, const struct span *s);
/* A cost in 1e-12 USD, such as $0.0123; empty for less than that of a millionth. */
struct str row_cost(struct cli *c, int64_t pico);
int64_t row_tokens(const struct span *s);

#endif
