/* routes: prints what the APIs serve and which role of a key it needs, from the route tables. */
#include "report/columns.h"
#include "verb.h"

#include "api/api.h"
#include "web/auth.h"

static const char *program_name(unsigned programs)
{
	static const char *const names[] = { "spans", "groups", "traces", "ingest", "notes",
		"admin" };
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		if (programs & 1U << i)
			return names[i];
	return "";
}

static const char *workspace_name(const struct route *r)
{
	return r->workspace == WORKSPACE_PATH     ? "path"
	       : r->workspace == WORKSPACE_HEADER ? "header"
						  : "none";
}

static void put_route(struct cli *c, const struct route *r)
{
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("method"), str_from_c(r->method));
		json_member_text(&w, STR("path"), str_from_c(r->pattern));
		json_member_text(&w, STR("role"), str_from_c(role_name(r->needs)));
		json_member_text(&w, STR("workspace"), str_from_c(workspace_name(r)));
		json_member_text(&w, STR("program"), str_from_c(program_name(r->program)));
		json_member_text(&w, STR("dialect"), str_from_c(r->dialect->name));
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->report.out, "%-7s %-7s %-7s %s\n", r->method, role_name(r->needs),
		program_name(r->program), r->pattern);
}

enum cli_exit verb_routes(struct cli *c)
{
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	columns_begin(&c->report, STR("method path role workspace program dialect"));
	if (c->report.form == REPORT_TEXT)
		buf_printf(
			&c->report.out, "%-7s %-7s %-7s %s\n", "METHOD", "ROLE", "PROGRAM", "PATH");
	for (const struct route_table *const *t = api_tables; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++)
			put_route(c, &(*t)->rows[i]);
	return CLI_OK;
}
