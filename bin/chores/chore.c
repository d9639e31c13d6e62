#include "chores/chore.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/days.h"

void chore_fail(struct chore *ch, enum cli_exit code)
{
	if (ch->code == CLI_OK)
		ch->code = code;
}

struct str chore_name(const struct chore *ch, int32_t day)
{
	char text[10];
	utime_format_day(day, text);
	return arena_printf(ch->cli->arena, "%.*s %.10s", STR_ARG(ch->workspace), text);
}

void chore_put_day(struct chore *ch, int32_t day)
{
	struct cli *c = ch->cli;
	char text[10];
	if (c->report.form == REPORT_TEXT) {
		buf_printf(&c->report.out, "%.*s\n", STR_ARG(chore_name(ch, day)));
		return;
	}
	utime_format_day(day, text);
	struct json_writer w = report_json(&c->report);
	json_member_text(&w, STR("workspace"), ch->workspace);
	json_member_text(&w, STR("day"), str_of(text, sizeof text));
	cli_json_end(c, &w);
}

enum cli_exit chore_workspaces(struct cli *c, void (*each)(struct chore *ch), void *user)
{
	struct chore ch = { .cli = c, .workspace = c->workspace, .user = user };
	struct str *names = &c->workspace;
	size_t n = 1;
	bool exists = false;
	enum err e = cli_has(c, "workspace") ? workspace_exists(&c->store, c->workspace, &exists)
					     : workspace_list(&c->store, c->arena, &names, &n);
	if (cli_has(c, "workspace") && (e || !exists))
		return cli_error(c, e ? e : ERR_NOT_FOUND,
			arena_printf(c->arena, "workspace %.*s", STR_ARG(c->workspace)));
	if (e)
		return cli_error(c, e, STR("the data directory"));
	for (size_t i = 0; i < n && !c->is_broken; i++) {
		ch.workspace = names[i];
		each(&ch);
	}
	return ch.code;
}

struct days {
	struct chore chore;
	int32_t *wanted; /* NULL: all */
	bool *is_seen;   /* for each wanted day */
	size_t n_wanted;
	void (*each)(struct chore *ch, int32_t day);
};

static bool chore_is_wanted(const struct days *d, int32_t day)
{
	for (size_t i = 0; i < d->n_wanted; i++)
		if (d->wanted[i] == day)
			return true;
	return d->n_wanted == 0;
}

static void mark_seen(struct days *d, int32_t day)
{
	for (size_t i = 0; i < d->n_wanted; i++)
		d->is_seen[i] = d->is_seen[i] || d->wanted[i] == day;
}

static void each_day(struct days *d)
{
	struct cli *c = d->chore.cli;
	struct day_file *files;
	size_t n;
	int fd;
	int32_t last = INT32_MIN;
	enum err e = workspace_open(&c->store, d->chore.workspace, false, &fd);
	if (e == ERR_NOT_FOUND)
		return; /* it was just removed */
	if (!e) {
		e = days_list(&c->store, fd, c->arena, &files, &n);
		io_drop(fd);
	}
	if (e) {
		chore_fail(&d->chore, cli_error(c, e, d->chore.workspace));
		return;
	}
	for (size_t i = 0; i < n && !c->is_broken; i++) {
		bool has_lines =
			files[i].kind == STORE_FILE_SHARD || files[i].kind == STORE_FILE_SEALED;
		if (!has_lines || files[i].day == last || !chore_is_wanted(d, files[i].day))
			continue;
		last = files[i].day;
		mark_seen(d, last);
		d->each(&d->chore, last);
	}
}

static bool read_days(struct days *d)
{
	struct cli *c = d->chore.cli;
	d->wanted = arena_calloc(c->arena, c->n_words + 1, sizeof *d->wanted);
	d->is_seen = arena_calloc(c->arena, c->n_words + 1, sizeof *d->is_seen);
	for (size_t i = 0; i < c->n_words; i++)
		if (!utime_parse_day(c->words[i], &d->wanted[d->n_wanted++])) {
			(void)cli_fail(c, CLI_USAGE, "%.*s: not a date (YYYY-MM-DD)",
				STR_ARG(str_first(c->words[i], 60)));
			return false;
		}
	return true;
}

enum cli_exit chore_days(struct cli *c, void (*each)(struct chore *ch, int32_t day), void *user)
{
	struct days d = { .chore = { .cli = c, .workspace = c->workspace, .user = user },
		.each = each };
	struct str *names = &c->workspace;
	size_t n = 1;
	enum err e = ERR_OK;
	if (!read_days(&d))
		return CLI_USAGE;
	if (!cli_has(c, "workspace"))
		e = workspace_list(&c->store, c->arena, &names, &n);
	if (e)
		return cli_error(c, e, STR("the data directory"));
	for (size_t i = 0; i < n && !c->is_broken; i++) {
		bool exists;
		e = workspace_exists(&c->store, names[i], &exists);
		if (cli_has(c, "workspace") && (e || !exists))
			return cli_error(c, e ? e : ERR_NOT_FOUND,
				arena_printf(c->arena, "workspace %.*s", STR_ARG(names[i])));
		d.chore.workspace = names[i];
		each_day(&d);
	}
	for (size_t i = 0; i < d.n_wanted && !c->is_broken; i++)
		if (!d.is_seen[i])
			chore_fail(
				&d.chore, cli_fail(c, CLI_NOT_FOUND, "there are no lines of %.*s",
						  STR_ARG(c->words[i])));
	return d.chore.code;
}
