/* prune, compact and erase: taking out of past days what nobody needs, or may see, any more. */
#include "tend.h"
#include "chore.h"
#include "filter.h"
#include "verb.h"

#include "base/hash.h"
#include "base/utime.h"
#include "query/match.h"
#include "store/compact.h"
#include "store/prune.h"
#include "store/settings.h"

/* ---- prune ---- */

struct pruning {
	struct chore *chore;
	bool is_quiet, is_dry;
};

static void tell_day(void *user, int32_t day, int64_t size_bytes, bool has_pins)
{
	const struct pruning *p = user;
	struct cli *c = p->chore->cli;
	if (p->is_quiet)
		return;
	if (c->is_json) {
		char text[10];
		utime_format_day(day, text);
		struct json_writer w = cli_json(c);
		json_member_text(&w, STR("workspace"), p->chore->workspace);
		json_member_text(&w, STR("day"), str_of(text, sizeof text));
		json_member_i64(&w, STR("bytes"), size_bytes);
		json_member_bool(&w, STR("has_pins"), has_pins);
		json_member_bool(&w, STR("dry_run"), p->is_dry);
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->out, "%.*s: %.*s%s%s\n", STR_ARG(chore_name(p->chore, day)),
		STR_ARG(cli_bytes(c, (uint64_t)size_bytes)), p->is_dry ? " would go" : " goes",
		has_pins ? ", but for pinned traces" : "");
}

enum cli_exit settings_error(struct cli *c, enum err e, struct str workspace)
{
	struct settings s;
	if (e == ERR_CONF && settings_read(&c->store, workspace, c->arena, &s) == ERR_CONF)
		return cli_fail(c, CLI_FAILED, "%.*s: workspace.json is not understood: mend it",
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
	o.day = tell_day;
	o.user = &p;
	enum err e = prune_days(&c->store, ch->workspace, &o, &r);
	if (e && e != ERR_NOT_FOUND) /* just removed */
		chore_fail(ch, settings_error(c, e, ch->workspace));
}

static void prune(struct chore *ch)
{
	prune_workspace(ch, false);
}

enum cli_exit verb_prune(struct cli *c)
{
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	return chore_workspaces(c, prune, NULL);
}

/* ---- compact ---- */

static void show(void *user, uint64_t done, uint64_t total)
{
	cli_progress(user, "%llu%%", (unsigned long long)(total ? done * 100 / total : 100));
}

static struct seal_options options(struct cli *c)
{
	struct seal_options o;
	seal_options_init(&o, utime_now());
	o.progress.report = show;
	o.progress.user = c;
	return o;
}

static void compact(struct chore *ch, int32_t day)
{
	struct cli *c = ch->cli;
	struct seal_options o = options(c);
	struct compact_result r = { 0 };
	if (day >= utime_day(utime_now()))
		return; /* only days that are over */
	enum err e = compact_day(&c->store, ch->workspace, day, &o, &r);
	if (e == ERR_INVALID)
		return; /* only just over */
	if (e == ERR_CONF)
		chore_fail(
			ch, cli_fail(c, CLI_FAILED, "%.*s has no index; flatspan index makes one",
				    STR_ARG(chore_name(ch, day))));
	else if (e)
		chore_fail(ch, cli_error(c, e, chore_name(ch, day)));
	else if (r.is_new)
		buf_printf(&c->out, "%.*s: %llu versions gone, %.*s become %.*s\n",
			STR_ARG(chore_name(ch, day)), (unsigned long long)r.n_dropped,
			STR_ARG(cli_bytes(c, (uint64_t)r.before_bytes)),
			STR_ARG(cli_bytes(c, (uint64_t)r.after_bytes)));
}

enum cli_exit verb_compact(struct cli *c)
{
	return chore_days(c, compact, NULL);
}

/* ---- erase ---- */

struct erasing {
	struct cli *cli;
	struct query query;
};

static bool is_wanted(void *user, const struct span *s)
{
	struct erasing *e = user;
	struct arena_mark mark = arena_mark(e->cli->arena);
	bool is = query_match(&e->query, s, e->cli->arena);
	arena_rewind(e->cli->arena, mark);
	return is;
}

/* A condition for the audit, which must not keep what is erased: of a value that is looked for in
 * texts, or that is one, its SHA-256. */
static void put_condition(struct buf *out, struct str text)
{
	unsigned char hash[SHA256_BYTES];
	struct str value = filter_content(text);
	buf_add(out, str_first(text, text.len - value.len));
	if (!value.len)
		return;
	buf_add(out, STR("sha256:"));
	sha256(value, hash);
	buf_add_hex(out, str_of((const char *)hash, sizeof hash));
}

/* What was asked for, in the words of the command line. */
static struct str asked(struct cli *c)
{
	static const char *const filters[] = { "where", "kind", "errors", "since", "until" };
	struct buf b;
	buf_init(&b, c->arena);
	for (size_t k = 0; k < sizeof filters / sizeof filters[0]; k++)
		for (size_t i = 0; i < c->n_set; i++) {
			if (strcmp(c->set[i].option->name, filters[k]) != 0)
				continue;
			if (b.len)
				buf_add(&b, STR(" and "));
			if (k == 0)
				put_condition(&b, c->set[i].value);
			else
				buf_printf(&b, "%s%s%.*s", filters[k],
					c->set[i].option->value ? " " : "",
					STR_ARG(c->set[i].value));
		}
	return buf_str(&b);
}

static enum cli_exit put_erased(struct cli *c, const struct erase_result *r)
{
	if (c->is_json) {
		struct json_writer w = cli_json(c);
		json_member_i64(&w, STR("days"), (int64_t)r->n_days);
		json_member_i64(&w, STR("erased"), (int64_t)r->n_erased);
		json_member_i64(&w, STR("notes"), (int64_t)r->n_notes);
		json_member_i64(&w, STR("pending"), (int64_t)r->n_pending);
		cli_json_end(c, &w);
	} else {
		buf_printf(&c->out, "%llu versions in %llu days and %llu lines of notes are gone\n",
			(unsigned long long)r->n_erased, (unsigned long long)r->n_days,
			(unsigned long long)r->n_notes);
	}
	if (r->wait_ms)
		cli_note(c,
			"the files they were in go when this is run again, or by cron, after "
			"%d s",
			(r->wait_ms + 999) / 1000);
	if (r->n_pending)
		return cli_fail(c, CLI_UNVERIFIED,
			"%llu versions stand in days that are not over: run it again later",
			(unsigned long long)r->n_pending);
	return CLI_OK;
}

enum cli_exit verb_erase(struct cli *c)
{
	struct erasing er = { .cli = c };
	struct seal_options o = options(c);
	struct erase_result r = { 0 };
	if (!cli_words(c, 0, 0) || !filter_read(c, 0, &er.query))
		return CLI_USAGE;
	if (!cli_has(c, "where"))
		return cli_fail(c, CLI_USAGE, "which spans? --where user_id=X, say");
	struct erase_request request = { .is_wanted = is_wanted,
		.user = &er,
		.what = asked(c),
		.by = cli_has(c, "label") ? cli_value(c, "label") : STR("command line") };
	enum err e = erase_spans(&c->store, c->workspace, &request, &o, &r);
	if (e)
		return cli_error(
			c, e, arena_printf(c->arena, "workspace %.*s", STR_ARG(c->workspace)));
	return put_erased(c, &r);
}
