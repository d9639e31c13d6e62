/*
 * A trace as Markdown, for people and models to read: a heading a span, with inputs and outputs,
 * which are cut where they are long.
 *
 *	markdown_begin(&m, trace_id)
 *	while (!markdown_next(&m, &has_more) && has_more)
 */
#ifndef FLATSPAN_REPORT_MARKDOWN_H
#define FLATSPAN_REPORT_MARKDOWN_H

#include "report/fit.h"
#include "report/report.h"
#include "report/tree.h"

enum { MARKDOWN_CUT_BYTES = 2000, MARKDOWN_TOKENS_MAX = 1000000000 };

struct markdown {
	struct report *report;
	struct view *view;
	const struct tree *tree; /* arranged */
	size_t cut_bytes;        /* of an input or output */
	size_t max_tokens;       /* of the whole text; 0: no limit */
	/* Private to markdown.c. */
	struct fit fit;
	size_t at, n_left_out;
};

/* Chooses what fits and appends the title. trace_id: as it was given. */
NODISCARD enum err markdown_begin(struct markdown *m, struct str trace_id);
/* Appends the next span, reading its input and output. */
NODISCARD enum err markdown_next(struct markdown *m, bool *ret_has_more);

#endif
