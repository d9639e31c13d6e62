/* stats: counts, durations, tokens and costs of spans, by the values of fields. */
#include "report/stats.h"
#include "look/look.h"
#include "verb.h"

enum cli_exit look_stats(struct cli *c, const struct query *q, const struct stats_options *options)
{
	struct stats t;
	struct view v;
	if (stats_read(&t, &c->report, options))
		return cli_report_failed(c);
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	if (stats_put(&t, &v, q))
		code = cli_report_failed(c);
	else if (t.n > t.limit && cli_mentions_more(c) && !cli_has(c, "follow"))
		cli_note(c, "these are %zu of %zu; --limit shows more", t.limit, t.n);
	view_close(&v);
	return code;
}

enum cli_exit verb_stats(struct cli *c)
{
	struct query q;
	int64_t limit;
	if (!cli_words(c, 0, 0) || !cli_filter(c, 0, &q) ||
		!cli_number(c, "limit", 1, STATS_GROUPS_MAX, STATS_GROUPS_MAX, &limit))
		return CLI_USAGE;
	return look_stats(c, &q,
		&(struct stats_options){ cli_value(c, "by"), cli_value(c, "sort"),
			cli_value(c, "metric"), (size_t)limit });
}
