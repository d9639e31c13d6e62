/*
 * Sums of spans in groups: counts, errors, durations, tokens and costs, by the values of fields.
 *
 *	stats_read(&stats, report, &options)
 *	stats_put(&stats, view, query)
 */
#ifndef FLATSPAN_REPORT_STATS_H
#define FLATSPAN_REPORT_STATS_H

#include "report/report.h"

#include "query/query.h"
#include "shard/shard.h"

enum {
	STATS_BY_MAX = 4,
	STATS_GROUPS_MAX = 20000 /* each takes 4 KB */
};

struct stats_options {
	struct str by;      /* fields with commas; STR_NULL: all spans are one group */
	struct str order;   /* "cost" and so on, the most first; STR_NULL: by names */
	struct str metrics; /* "cost,p95" and so on; STR_NULL: all */
	size_t limit;       /* groups to put */
};

struct stats_group;

struct stats {
	struct report *report;
	unsigned by[STATS_BY_MAX];
	size_t n_by;
	unsigned metrics; /* a bit each */
	int (*compare)(const void *x, const void *y);
	size_t limit;
	/* Private to stats.c: a hash table, and its groups in the order of their first spans. */
	struct stats_group **slots, **list;
	size_t n, cap; /* n: also how many groups there are, after stats_put() */
	bool is_full;
	struct buf key;
};

/* Reads the options. ERR_INVALID: the report's error says what is wrong. */
NODISCARD enum err stats_read(
	struct stats *t, struct report *r, const struct stats_options *options);
/* Appends the groups, each as a row; on failure the report's error says why. */
NODISCARD enum err stats_put(struct stats *t, struct view *v, const struct query *q);

#endif
