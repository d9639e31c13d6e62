/* prune: removes the oldest days. compact: removes lines of past days that later ones replace or
 * delete. */
#include "chores/tend.h"
#include "chores/chore.h"
#include "verb.h"

#include "base/utime.h"
#include "store/settings.h"
#include "upkeep/compact.h"
#include "upkeep/prune.h"

/* ---- prune ---- */

struct pruning {
	struct chore *chore;
	bool is_quiet, is_dry;
};

static void say_day(void *user, int32_t day, int64_t size_bytes, bool has_pins)
{
	const struct pruning *p = user;
	struct cli *c = p->chore->cli;
	if (p->is_quiet)
		return;
	if (c->report.form != REPORT_TEXT) {
		char text[10];
		utime_format_day(day, text);
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("workspace"), p->chore->workspace);
		json_member_text(&w, STR("day"), str_of(text, sizeof text));
		json_member_i64(&w, STR("bytes"), size_bytes);
		json_member_bool(&w, STR("has_pins"), has_pins);
		json_member_bool(&w, STR("dry_run"), p->is_dry);
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->report.out, "%.*s: %.*s%s%s\n", STR_ARG(chore_name(p->chore, day)),
		STR_ARG(cli_bytes(c, (uint64_t)size_bytes)),
		p->is_dry ? " would be removed" : " goes",
		has_pins ? ", except for pinned traces" : "");
}

static void say_failed(void *user, int32_t day, enum err e)
{
	struct chore *ch = ((const struct pruning *)user)->chore;
	chore_fail(ch, cli_error(ch->cli, e, chore_name(ch, day)));
}

enum cli_exit settings_error(struct cli *c, enum err e, struct str workspace)
{
	struct settings s;
	if (e == ERR_CONF && settings_read(&c->store, workspace, c->arena, &s) == ERR_CONF)
		return cli_fail(c, CLI_FAILED, "%.*s: workspace.json is invalid; correct it",
			STR_ARG(workspace));
	return cli_error(c, e, workspace);
}

void prune_workspace(struct chore *ch, bool is_quiet)
{
	struct cli *c = ch->cli;
	struct prune_options o;
	struct prune_result r;
	struct pruning p = { ch, is_quiet, !is_quiet && cli_has(c, "dry-run") };
	prune_options_init(&o, utime_now());
	o.dry_run = p.is_dry;
	o.day = say_day;
	o.failed = say_failed;
	o.user = &p;
	enum err e = prune_days(&c->store, ch->workspace, &o, &r);
	if (e && e != ERR_NOT_FOUND) /* it was just removed */
		chore_fail(ch, settings_error(c, e, ch->workspace));
}

static void tend_prune(struct chore *ch)
{
	prune_workspace(ch, false);
}

enum cli_exit verb_prune(struct cli *c)
{
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	return chore_workspaces(c, tend_prune, NULL);
}

/* ---- compact ---- */

static void tend_show(void *user, uint64_t done, uint64_t total)
{
	cli_progress(user, "%llu%%", (unsigned long long)(total ? done * 100 / total : 100));
}

struct seal_options tend_options(struct cli *c)
{
	struct seal_options o;
	seal_options_init(&o, utime_now());
	o.progress.report = tend_show;
	o.progress.user = c;
	return o;
}

static void compact(struct chore *ch, int32_t day)
{
	struct cli *c = ch->cli;
	struct seal_options o = tend_options(c);
	struct compact_result r = { 0 };
	if (day >= utime_day(utime_now()))
		return; /* only for days that are over */
	enum err e = compact_day(&c->store, ch->workspace, day, &o, &r);
	if (e == ERR_INVALID)
		return; /* the day was over only just now */
	if (e == ERR_CONF)
		chore_fail(
			ch, cli_fail(c, CLI_FAILED, "%.*s has no index; `flatspan index` makes one",
				    STR_ARG(chore_name(ch, day))));
	else if (e)
		chore_fail(ch, cli_error(c, e, chore_name(ch, day)));
	else if (r.is_new)
		buf_printf(&c->report.out, "%.*s: %llu versions gone, %.*s become %.*s\n",
			STR_ARG(chore_name(ch, day)), (unsigned long long)r.n_dropped,
			STR_ARG(cli_bytes(c, (uint64_t)r.before_bytes)),
			STR_ARG(cli_bytes(c, (uint64_t)r.after_bytes)));
}

enum cli_exit verb_compact(struct cli *c)
{
	return chore_days(c, compact, NULL);
}
