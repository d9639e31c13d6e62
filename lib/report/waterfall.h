/*
 * A waterfall shows when in its trace a span ran, as a bar of block characters before its line:
 *
 *	│0               1.20s│
 *	│█████████████████████│ AGENT run  1.20s
 *	│▐████▌               │ ├─ LLM ask  310ms
 *	│        ▐┄┄┄┄┄┄┄┄┄┄┄┄│ └─ TOOL wait  -		it has no end
 *
 * A bar is at least half a cell wide.
 */
#ifndef FLATSPAN_REPORT_WATERFALL_H
#define FLATSPAN_REPORT_WATERFALL_H

#include "report/report.h"

#include "span/span.h"

struct waterfall {
	size_t cells; /* the width of a bar; 0: there are no bars */
	bool has_any;
	int64_t from_ns, to_ns; /* of all spans */
};

/* Returns the width of a bar for a terminal of this width; 0 stands for no terminal. */
size_t waterfall_cells(size_t terminal_cells);
/* Every span must be added before the first bar is put. */
void waterfall_add(struct waterfall *w, const struct span *s);
void waterfall_put_head(const struct waterfall *w, struct report *r);
/* Appends the bar of a span and a space. */
void waterfall_put(const struct waterfall *w, struct report *r, const struct span *s);

#endif
