/* What show shares: traces in the order of their trees; and as Markdown, for people and models to
 * read: a heading a span, bodies cut with a marker.
 */
#ifndef FLATSPAN_BIN_SHOW_H
#define FLATSPAN_BIN_SHOW_H

#include "cli.h"
#include "query/engine.h"

enum { SHOW_CUT_BYTES = 2000 };

struct markdown {
	struct cli *cli;
	struct view *view;
	size_t cut_bytes; /* of a body */
	enum err error;   /* of reading; what follows is left out */
};

struct show_row {
	struct span span; /* what a row shows; texts in the arena */
	size_t depth;
};

/* The spans of a trace, parents before children, those in the order of their start; 0: no such
 * trace. trace_id: a canonical body. */
NODISCARD enum err show_rows(
	struct cli *c, struct view *v, struct str trace_id, struct show_row **ret, size_t *ret_n);

void show_markdown_head(struct markdown *m, struct str trace_id, size_t n_spans);
/* row: the span with what a row shows; its bodies are read at ref. */
void show_markdown(struct markdown *m, const struct span *row, struct row_ref ref, size_t depth);

#endif
