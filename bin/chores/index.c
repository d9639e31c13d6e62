/* index: rebuilds the index of days. dump-index: prints it. */
#include "chores/chore.h"
#include "chores/verify.h"
#include "verb.h"

#include "base/utime.h"
#include "index/admin.h"

enum { WAIT_MS = 30000 };

static void show_progress(void *user, int32_t day, int part, int64_t covered, int64_t size_bytes)
{
	char text[10];
	utime_format_day(day, text);
	(void)part;
	cli_progress(user, "%.10s: %lld%%", text,
		(long long)(size_bytes ? covered * 100 / size_bytes : 100));
}

static void index_build(struct chore *ch, int32_t day)
{
	struct cli *c = ch->cli;
	struct index_building how = { .wait_ms = WAIT_MS, .progress = show_progress, .user = c };
	if (cli_has(c, "dry-run")) {
		chore_put_day(ch, day);
		return;
	}
	enum err e = index_build_day(&c->store, ch->workspace, day, &how);
	if (e == ERR_CONF && c->conf.index)
		chore_fail(ch, cli_fail(c, CLI_IO, "%.*s: cannot read .seed of the data directory",
				       STR_ARG(chore_name(ch, day))));
	else if (e == ERR_CONF)
		chore_fail(ch, cli_fail(c, CLI_FAILED, "%.*s: the settings say index = no",
				       STR_ARG(chore_name(ch, day))));
	else if (e)
		chore_fail(ch, cli_error(c, e, chore_name(ch, day)));
}

enum cli_exit verb_index(struct cli *c)
{
	return chore_days(c, index_build, NULL);
}

struct dump {
	struct cli *cli;
	bool has_some;
};

static enum err index_put_result(void *user, struct str text)
{
	struct dump *d = user;
	struct cli *c = d->cli;
	d->has_some |= text.len > 0;
	buf_add(&c->report.out, text);
	/* Stop when nobody reads the output any more. */
	return cli_flush_if_large(c) ? ERR_OK : ERR_IO;
}

enum cli_exit verb_dump_index(struct cli *c)
{
	int32_t day;
	if (!cli_words(c, 1, 1))
		return CLI_USAGE;
	if (c->report.form != REPORT_TEXT)
		return cli_fail(c, CLI_USAGE, "dump-index prints text, for diff(1), and no JSON");
	if (!utime_parse_day(c->words[0], &day))
		return cli_fail(c, CLI_USAGE, "%.*s: not a date (YYYY-MM-DD)",
			STR_ARG(str_first(c->words[0], 60)));
	struct dump d = { .cli = c };
	struct str what = arena_printf(
		c->arena, "index of %.*s %.*s", STR_ARG(c->workspace), STR_ARG(c->words[0]));
	enum err e = index_dump(&c->store, c->workspace, day, index_put_result, &d);
	if (!e && !d.has_some)
		e = ERR_NOT_FOUND;
	if (c->is_broken)
		return CLI_OK;
	if (e)
		return cli_error(c, e, what);
	/* A damaged index is not printed: diff(1) of two equal texts would say that all is well. */
	struct chore ch = { .cli = c, .workspace = c->workspace };
	struct index_verified index;
	return verify_index(&ch, day, &index);
}
