/* Reads the options and words of a command. Declared in cli.h. */
#include "cli.h"
#include "report/filter.h"
#include "report/value.h"
#include "verbs.h"

const struct cli_option cli_options[] = {
#define X(name, letter, value, help) { name, letter, value, help },
	CLI_OPTION_LIST(X)
#undef X
};
const size_t cli_n_options = sizeof cli_options / sizeof cli_options[0];

bool cli_has(const struct cli *c, const char *name)
{
	return !str_is_null(cli_value(c, name));
}

struct str cli_value(const struct cli *c, const char *name)
{
	for (size_t i = c->n_set; i-- > 0;)
		if (strcmp(c->set[i].option->name, name) == 0)
			return c->set[i].option->value ? c->set[i].value : STR("");
	return STR_NULL;
}

static struct str cli_shown(struct str s)
{
	return str_first(s, 60);
}

bool cli_number(struct cli *c, const char *name, int64_t least, int64_t most, int64_t otherwise,
	int64_t *ret)
{
	struct str s = cli_value(c, name);
	int64_t n = otherwise;
	if (!str_is_null(s) && (!str_to_i64(s, &n) || n < least || n > most)) {
		(void)cli_fail(c, CLI_USAGE, "--%s: must be a number from %lld to %lld, not %.*s",
			name, (long long)least, (long long)most, STR_ARG(cli_shown(s)));
		return false;
	}
	*ret = n;
	return true;
}

bool cli_size(struct cli *c, const char *name, uint64_t otherwise, uint64_t *ret)
{
	struct str s = cli_value(c, name);
	uint64_t n = otherwise;
	if (!str_is_null(s) && !value_read_size(s, &n)) {
		(void)cli_fail(c, CLI_USAGE, "--%s: must be a size such as 64M, not %.*s", name,
			STR_ARG(cli_shown(s)));
		return false;
	}
	*ret = n;
	return true;
}

bool cli_words(struct cli *c, size_t least, size_t most)
{
	if (c->n_words >= least && c->n_words <= most)
		return true;
	(void)cli_fail(c, CLI_USAGE, "usage: flatspan %s%s%s", c->verb->name,
		*c->verb->words ? " " : "", c->verb->words);
	return false;
}

bool cli_filter(struct cli *c, size_t room, struct query *ret)
{
	struct str *where = arena_calloc(c->arena, c->n_set + 1, sizeof *where);
	struct filter f = { .since = cli_value(c, "since"),
		.until = cli_value(c, "until"),
		.kind = cli_value(c, "kind"),
		.only_errors = cli_has(c, "errors"),
		.where = where };
	for (size_t i = 0; i < c->n_set; i++)
		if (strcmp(c->set[i].option->name, "where") == 0)
			where[f.n_where++] = c->set[i].value;
	if (filter_read(&c->report, &f, room, ret) == ERR_OK)
		return true;
	(void)cli_report_failed(c);
	return false;
}

bool cli_mentions_more(const struct cli *c)
{
	return c->report.form == REPORT_TEXT || !cli_has(c, "limit");
}

bool cli_check_workspace(struct cli *c, struct str name)
{
	if (workspace_name_valid(name))
		return true;
	(void)cli_fail(c, CLI_USAGE,
		"%.*s: a workspace name has 1 to 64 letters, digits, '.', '_' and '-', begins with a letter or digit, and is not keys, FORMAT or MANIFEST",
		STR_ARG(str_first(name, 80)));
	return false;
}

enum cli_exit cli_workspace_error(struct cli *c, enum err e)
{
	(void)report_fail_workspace(&c->report, e, c->workspace);
	return cli_report_failed(c);
}

enum cli_exit cli_view(struct cli *c, struct view *ret)
{
	enum err e = view_open(&c->store, c->workspace, c->arena, ret);
	return e ? cli_workspace_error(c, e) : CLI_OK;
}
