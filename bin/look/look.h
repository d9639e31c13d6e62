/* Computes and prints counts, durations, tokens and costs of the spans of a query, for the verbs
 * stats and top. */
#ifndef FLATSPAN_BIN_LOOK_LOOK_H
#define FLATSPAN_BIN_LOOK_LOOK_H

#include "cli.h"
#include "report/stats.h"

/* Prints sums of the spans of a query, or says what is wrong. Implemented in stats.c. */
enum cli_exit look_stats(struct cli *c, const struct query *q, const struct stats_options *options);

#endif
