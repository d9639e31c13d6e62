/* What show shares: traces in the order of their trees; and as Markdown, for people and models to
 * read: a heading a span, bodies cut with a marker.
 */
#ifndef FLATSPAN_BIN_SHOW_H
#define FLATSPAN_BIN_SHOW_H

#include "cli.h"
#include "query/engine.h"

enum { SHOW_CUT_BYTES = 2000, SHOW_TOKENS_MAX = 1000000000 };

struct markdown {
	struct cli *cli;
	struct view *view;
	size_t cut_bytes;  /* of a body */
	size_t max_tokens; /* of all; 0: as many as it takes */
};

struct show_row {
	struct span span; /* what a row shows; texts in the arena */
	struct row_ref ref;
	size_t depth;
};

/* The spans of a trace, parents before children, those in the order of their start; 0: no such
 * trace. trace_id: a canonical body. */
NODISCARD enum err show_rows(
	struct cli *c, struct view *v, struct str trace_id, struct show_row **ret, size_t *ret_n);

/* Into the output; the bodies of rows are read. trace_id: as it was given. */
NODISCARD enum err show_markdown(
	struct markdown *m, struct str trace_id, const struct show_row *rows, size_t n);

#endif
