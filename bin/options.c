/* Options as they were given, by whoever gave them, and the view that they lead to. */
#include "cli.h"
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

bool cli_tells_of_more(const struct cli *c)
{
	return !c->is_json || !cli_has(c, "limit");
}

bool cli_check_workspace(struct cli *c, struct str name)
{
	if (workspace_name_valid(name))
		return true;
	(void)cli_fail(c, CLI_USAGE,
		"%.*s: a workspace is named by 1 to 64 letters, digits, '.', '_' and '-', a letter "
		"or digit first, and not keys, FORMAT or MANIFEST",
		STR_ARG(str_first(name, 80)));
	return false;
}

enum cli_exit cli_workspace_error(struct cli *c, enum err e)
{
	struct str what = arena_printf(c->arena, "workspace %.*s", STR_ARG(c->workspace));
	if (e == ERR_UNSAFE)
		return cli_fail(c, CLI_IO,
			"%.*s: it, or a file in it, is a link, of somebody else, or writable by "
			"others; flatspan doctor says which",
			STR_ARG(what));
	return cli_error(c, e, what);
}

enum cli_exit cli_view(struct cli *c, struct view *ret)
{
	enum err e = view_open(&c->store, c->workspace, c->arena, ret);
	return e ? cli_workspace_error(c, e) : CLI_OK;
}
