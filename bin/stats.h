/* What stats and top share: sums of spans in groups. */
#ifndef FLATSPAN_BIN_STATS_H
#define FLATSPAN_BIN_STATS_H

#include "cli.h"
#include "query/query.h"

struct stats_wish {
	struct str by;      /* fields with commas; STR_NULL: all is one group */
	struct str order;   /* "cost" and so on, the most first; STR_NULL: by names */
	struct str metrics; /* "cost,p95" and so on; STR_NULL: all */
	size_t limit;       /* groups that are printed */
};

/* Prints, or says what is wrong. */
enum cli_exit stats_print(struct cli *c, const struct query *q, const struct stats_wish *wish);

#endif
