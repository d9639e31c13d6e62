/* help and version. */
#include "verb.h"

#include <config.h>

enum { OPTION_COLUMN = 24, VERB_COLUMN = 12 };

static void put_padded(struct cli *c, size_t start, size_t width)
{
	do
		buf_add_char(&c->report.out, ' ');
	while (c->report.out.len - start < width);
}

static void help_put_option(struct cli *c, struct str name)
{
	for (size_t i = 0; i < cli_n_options; i++) {
		const struct cli_option *o = &cli_options[i];
		if (!str_eq(name, str_from_c(o->name)))
			continue;
		size_t start = c->report.out.len;
		if (o->letter)
			buf_printf(&c->report.out, "  -%c, --%s", o->letter, o->name);
		else
			buf_printf(&c->report.out, "      --%s", o->name);
		if (o->value)
			buf_printf(&c->report.out, " %s", o->value);
		put_padded(c, start, OPTION_COLUMN);
		buf_printf(&c->report.out, "%s\n", o->help);
	}
}

static void put_options(struct cli *c, struct str names)
{
	while (names.len)
		help_put_option(c, str_cut(&names, ' '));
}

static enum cli_exit help_on(struct cli *c, const struct verb *v)
{
	buf_printf(&c->report.out, "Usage: flatspan %s%s%s [OPTION...]\n\n%s.\n\n", v->name,
		*v->words ? " " : "", v->words, v->summary);
	put_options(c, str_from_c(v->options));
	put_options(c, STR(CLI_COMMON_OPTIONS));
	return CLI_OK;
}

static void help_on_all(struct cli *c)
{
	buf_add(&c->report.out, STR("Usage: flatspan VERB [WORD...] [OPTION...]\n\n"));
	for (size_t i = 0; i < cli_n_verbs; i++) {
		size_t start = c->report.out.len;
		buf_printf(&c->report.out, "  %s", cli_verbs[i].name);
		put_padded(c, start, VERB_COLUMN);
		buf_printf(&c->report.out, "%s\n", cli_verbs[i].summary);
	}
	buf_add_char(&c->report.out, '\n');
	put_options(c, STR(CLI_COMMON_OPTIONS));
	buf_add(&c->report.out,
		STR("\nExit status: 0 success, 1 failure, 2 wrong usage, 3 not found, 4 not allowed, 5 network or\nstorage error, 6 done, but the effect could not be confirmed.\n"));
}

enum cli_exit verb_help(struct cli *c)
{
	if (!cli_words(c, 0, 1))
		return CLI_USAGE;
	if (c->n_words == 0) {
		help_on_all(c);
		return CLI_OK;
	}
	const struct verb *v = verb_find(c->words[0]);
	if (!v)
		return cli_fail(c, CLI_USAGE, "there is no command %.*s", STR_ARG(c->words[0]));
	return help_on(c, v);
}

enum cli_exit verb_version(struct cli *c)
{
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("version"), STR(PACKAGE_VERSION));
		cli_json_end(c, &w);
		return CLI_OK;
	}
	buf_add(&c->report.out, STR("flatspan " PACKAGE_VERSION "\n"));
	return CLI_OK;
}
