/* explain: says how the index answers a list of spans. */
#include "report/filter.h"
#include "verb.h"

#include "query/explain.h"

enum { DEFAULT_ROWS = 20, MOST_ROWS = 1000000 };

enum cli_exit verb_explain(struct cli *c)
{
	struct query q;
	struct view v;
	int64_t limit;
	if (!cli_words(c, 0, 0) || !cli_filter(c, 0, &q) ||
		!cli_number(c, "limit", 1, MOST_ROWS, DEFAULT_ROWS, &limit))
		return CLI_USAGE;
	q.limit = (size_t)limit;
	filter_sort(&q, FIELD_STARTED_AT);
	enum cli_exit code = cli_view(c, &v);
	if (code)
		return code;
	struct buf text;
	buf_init(&text, c->arena);
	enum err e = query_explain(&v, &q, c->report.form != REPORT_TEXT ? &text : &c->report.out);
	view_close(&v);
	if (e)
		return cli_error(c, e, STR("the query"));
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		struct str rest = buf_str(&text);
		json_key(&w, STR("plan"));
		json_array(&w);
		while (rest.len)
			json_text(&w, str_cut(&rest, '\n'));
		json_end(&w);
		cli_json_end(c, &w);
	}
	return CLI_OK;
}
