/* du: prints the disk space that workspaces, or the days of one, use. */
#include "report/columns.h"
#include "verb.h"

#include "base/utime.h"
#include "upkeep/use.h"

static void du_put_row(struct cli *c, struct str workspace, const struct day_use *d)
{
	char day[10] = "-";
	int64_t total = use_bytes(d);
	size_t day_len = 1;
	if (d->day != INT32_MIN) {
		utime_format_day(d->day, day);
		day_len = sizeof day;
	}
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("workspace"), workspace);
		if (d->day != INT32_MIN)
			json_member_text(&w, STR("day"), str_of(day, day_len));
		for (unsigned i = 0; i < USE__MAX; i++)
			json_member_i64(&w, str_from_c(use_names[i]), d->bytes[i]);
		json_member_i64(&w, STR("total"), total);
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->report.out, "%7.*s  %-10.*s", STR_ARG(cli_bytes(c, (uint64_t)total)),
		(int)day_len, day);
	for (unsigned i = 0; i < USE__MAX; i++)
		if (d->bytes[i])
			buf_printf(&c->report.out, "  %s %.*s", use_names[i],
				STR_ARG(cli_bytes(c, (uint64_t)d->bytes[i])));
	buf_add_char(&c->report.out, '\n');
	(void)cli_flush_if_large(c);
}

static enum cli_exit du_measure(struct cli *c, struct str workspace, struct use *u)
{
	enum err e = use_measure(&c->store, workspace, c->arena, u);
	return e ? cli_error(c, e, arena_printf(c->arena, "workspace %.*s", STR_ARG(workspace)))
		 : CLI_OK;
}

static enum cli_exit of_workspace(struct cli *c)
{
	struct use u;
	enum cli_exit code = du_measure(c, c->workspace, &u);
	if (code)
		return code;
	for (size_t i = 0; i < u.n; i++)
		du_put_row(c, c->workspace, &u.days[i]);
	use_release(&u);
	return CLI_OK;
}

static enum cli_exit of_all(struct cli *c)
{
	struct str *list;
	size_t n;
	enum err e = workspace_list(&c->store, c->arena, &list, &n);
	if (e)
		return cli_error(c, e, STR("the data directory"));
	enum cli_exit code = CLI_OK;
	for (size_t i = 0; i < n; i++) {
		struct use u;
		enum cli_exit one = du_measure(c, list[i], &u);
		if (one) {
			code = one;
			continue;
		}
		struct day_use sum = use_sum(&u);
		use_release(&u);
		if (c->report.form != REPORT_TEXT) {
			du_put_row(c, list[i], &sum);
			continue;
		}
		buf_printf(&c->report.out, "%7.*s  ",
			STR_ARG(cli_bytes(c, (uint64_t)use_bytes(&sum))));
		report_put(&c->report, list[i], 0, false);
		buf_add_char(&c->report.out, '\n');
	}
	return code;
}

enum cli_exit verb_du(struct cli *c)
{
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	columns_begin(&c->report, STR("workspace day lines sealed notes index other total"));
	return cli_has(c, "workspace") ? of_workspace(c) : of_all(c);
}
