/* Spans as rows of a table, one line each. */
#ifndef FLATSPAN_BIN_ROW_H
#define FLATSPAN_BIN_ROW_H

#include "cli.h"
#include "span/span.h"

/* The fields that row_put shows. */
struct field_set row_fields(void);
/* Ahead of rows, and of their head. */
void row_begin(struct cli *c);
void row_put_head(struct cli *c);
/* time, duration, kind, status, tokens, cost, model, name, trace; of JSON the line as it is stored,
 * without its seal, of --tsv most of what stands in it. */
void row_put(struct cli *c, const struct span *s, struct str line);
/* What comes behind the ids: duration, tokens, model and what went wrong, for trees. */
void row_put_details(struct cli *c, const struct span *s);
/* A cost in 1e-12 USD, such as $0.0123; empty for less than that of a millionth. */
struct str row_cost(struct cli *c, int64_t pico);
int64_t row_tokens(const struct span *s);

#endif
