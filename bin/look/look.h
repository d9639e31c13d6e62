/* What the verbs of this folder share: stats.c and top.c print sums. */
#ifndef FLATSPAN_BIN_LOOK_LOOK_H
#define FLATSPAN_BIN_LOOK_LOOK_H

#include "cli.h"
#include "report/stats.h"

/* Prints sums of the spans of a query, or says what is wrong. */
enum cli_exit look_stats(struct cli *c, const struct query *q, const struct stats_options *options);

#endif
