/*
 * When in its trace a span ran, as a bar of block characters ahead of its line:
 *
 *	│0               1.20s│
 *	│█████████████████████│ AGENT run  1.20s
 *	│▐████▌               │ ├─ LLM ask  310ms
 *	│        ▐┄┄┄┄┄┄┄┄┄┄┄┄│ └─ TOOL wait  -		it has no end
 *
 * Half a cell is the least that is shown.
 */
#ifndef FLATSPAN_BIN_WATERFALL_H
#define FLATSPAN_BIN_WATERFALL_H

#include "cli.h"
#include "span/span.h"

struct waterfall {
	size_t cells; /* of a bar; 0: there are none */
	bool has_any;
	int64_t from_ns, to_ns; /* of all spans */
};

/* As wide as the terminal allows, or where there is none, as is usual. */
size_t waterfall_cells(void);
/* Every span is added before the first bar is put. */
void waterfall_add(struct waterfall *w, const struct span *s);
void waterfall_put_head(const struct waterfall *w, struct cli *c);
/* The bar and a blank. */
void waterfall_put(const struct waterfall *w, struct cli *c, const struct span *s);

#endif
