/* seal: compresses each day that is over into one file. */
#include "chores/seal.h"
#include "chores/chore.h"
#include "chores/verify.h"
#include "verb.h"

#include "base/utime.h"
#include "index/admin.h"
#include "upkeep/seal.h"

static void seal_show(void *user, uint64_t done, uint64_t total)
{
	cli_progress(
		user, "sealing: %llu%%", (unsigned long long)(total ? done * 100 / total : 100));
}

static void seal_put_result(struct chore *ch, int32_t day, const struct seal_result *r)
{
	struct cli *c = ch->cli;
	if (!r->is_new)
		return;
	if (c->report.form != REPORT_TEXT) {
		char text[10];
		utime_format_day(day, text);
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("workspace"), ch->workspace);
		json_member_text(&w, STR("day"), str_of(text, sizeof text));
		json_member_i64(&w, STR("lines"), (int64_t)r->n_lines);
		json_member_i64(&w, STR("kept"), (int64_t)r->n_kept);
		json_member_i64(&w, STR("plain_bytes"), r->plain_bytes);
		json_member_i64(&w, STR("sealed_bytes"), r->sealed_bytes);
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->report.out, "%.*s: %llu lines, %.*s become %.*s\n",
		STR_ARG(chore_name(ch, day)), (unsigned long long)r->n_kept,
		STR_ARG(cli_bytes(c, (uint64_t)r->plain_bytes)),
		STR_ARG(cli_bytes(c, (uint64_t)r->sealed_bytes)));
	(void)cli_flush_if_large(c);
}

static void say_not_over(struct chore *ch, int32_t day, const struct seal_options *o)
{
	chore_fail(ch, cli_fail(ch->cli, CLI_FAILED, "%.*s: not over, or for less than %d minutes",
			       STR_ARG(chore_name(ch, day)), o->settle_ms / (60 * 1000)));
}

/* Reports lines that the index knows and the file does not have any more, before the index is
 * rebuilt from what is left. */
static void look_at_index(struct chore *ch, int32_t day, struct index_verified *ret)
{
	*ret = (struct index_verified){ .n_damaged = 0 };
	if (verify_index(ch, day, ret) != CLI_OK)
		chore_fail(ch, CLI_FAILED);
}

static void say_lines(struct chore *ch, int32_t day, const struct seal_result *r,
	const struct index_verified *index)
{
	struct str name = chore_name(ch, day);
	uint64_t n_lost = r->is_new ? verify_lost(index, r->n_sound + r->n_bad) : 0;
	if (r->n_bad)
		chore_fail(ch, cli_fail(ch->cli, CLI_FAILED,
				       "%.*s: %llu damaged lines were kept as they are",
				       STR_ARG(name), (unsigned long long)r->n_bad));
	if (n_lost)
		chore_fail(ch,
			cli_fail(ch->cli, CLI_FAILED,
				"%.*s: %llu lines that the index knew could not be read any more",
				STR_ARG(name), (unsigned long long)n_lost));
}

/* Seals one day. What it replaces is removed later, by the next call. is_named: the command names
 * this day. */
static int seal_one(struct chore *ch, int32_t day, bool is_named, bool is_quiet)
{
	struct cli *c = ch->cli;
	struct seal_options o;
	struct seal_result r = { 0 };
	struct index_verified index;
	seal_options_init(&o, utime_now());
	o.progress.report = seal_show;
	o.progress.user = c;
	look_at_index(ch, day, &index);
	enum err e = seal_day(&c->store, ch->workspace, day, &o, &r);
	if ((e == ERR_INVALID || e == ERR_NOT_FOUND) && !is_named)
		return 0; /* the day is not over or only just, or was pruned */
	if (e == ERR_INVALID) {
		say_not_over(ch, day, &o);
		return 0;
	}
	if (e) {
		chore_fail(ch, cli_error(c, e, chore_name(ch, day)));
		return 0;
	}
	say_lines(ch, day, &r, &index);
	if (r.is_new && !r.has_index && c->conf.index)
		cli_note(c, "%.*s: no index was made; `flatspan index` makes one",
			STR_ARG(chore_name(ch, day)));
	if (!is_quiet)
		seal_put_result(ch, day, &r);
	return r.wait_ms;
}

int seal_workspace(struct chore *ch, bool is_quiet)
{
	struct cli *c = ch->cli;
	int32_t *days;
	size_t n;
	int longest_ms = 0;
	enum err e = seal_due(&c->store, ch->workspace, utime_now(), c->arena, &days, &n);
	if (e) {
		if (e != ERR_NOT_FOUND) /* it was just removed */
			chore_fail(ch, cli_error(c, e, ch->workspace));
		return 0;
	}
	for (size_t i = 0; i < n && !c->is_broken; i++) {
		int wait_ms = seal_one(ch, days[i], false, is_quiet);
		longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
	}
	return longest_ms;
}

/* Lists the days that would be sealed, of the named ones or of all. */
static void seal_list_due(struct chore *ch, int32_t named, bool is_all)
{
	struct cli *c = ch->cli;
	int32_t *days;
	size_t n;
	enum err e = seal_due(&c->store, ch->workspace, utime_now(), c->arena, &days, &n);
	if (e)
		chore_fail(ch, cli_error(c, e, ch->workspace));
	for (size_t i = 0; !e && i < n; i++)
		if (is_all || days[i] == named)
			chore_put_day(ch, days[i]);
}

static void list_named(struct chore *ch, int32_t day)
{
	struct seal_options o;
	seal_options_init(&o, utime_now());
	if (utime_day(o.now_ns - o.settle_ms * NS_PER_MS) <= day)
		say_not_over(ch, day, &o);
	else
		seal_list_due(ch, day, false);
}

static void seal_list_all(struct chore *ch)
{
	seal_list_due(ch, 0, true);
}

static void seal_named(struct chore *ch, int32_t day)
{
	(void)seal_one(ch, day, true, false);
}

static void seal_all(struct chore *ch)
{
	(void)seal_workspace(ch, false);
}

enum cli_exit verb_seal(struct cli *c)
{
	if (cli_has(c, "dry-run"))
		return c->n_words ? chore_days(c, list_named, NULL)
				  : chore_workspaces(c, seal_list_all, NULL);
	return c->n_words ? chore_days(c, seal_named, NULL) : chore_workspaces(c, seal_all, NULL);
}
