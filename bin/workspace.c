/* workspace: adds, lists, changes and removes workspaces. pin: keeps traces. */
#include "chores/tend.h"
#include "report/columns.h"
#include "report/filter.h"
#include "report/value.h"
#include "verb.h"

#include "base/io.h"
#include "base/utime.h"
#include "query/engine.h"
#include "shard/days.h"
#include "shard/tree.h"
#include "store/settings.h"

#include <fcntl.h>
#include <unistd.h>

static struct str named(struct cli *c)
{
	return arena_printf(c->arena, "workspace %.*s", STR_ARG(str_first(c->words[1], 80)));
}

/* Adds a trace to the list of traces that are never pruned, or removes it from there. */
static void set_pin(struct cli *c, struct settings *s, struct str trace, bool is_pinned)
{
	struct str id = json_encode(c->arena, trace);
	struct str *list = arena_calloc(c->arena, s->n_pinned + 1, sizeof *list);
	size_t n = 0;
	for (size_t i = 0; i < s->n_pinned; i++)
		if (!str_eq(s->pinned[i], id))
			list[n++] = s->pinned[i];
	if (is_pinned)
		list[n++] = id;
	s->pinned = list;
	s->n_pinned = n;
}

static bool workspace_is_regex(struct cli *c, const struct mask_rules *rules)
{
	struct mask m;
	if (mask_init(&m, NULL, rules, c->arena) != ERR_OK)
		return false;
	mask_release(&m);
	return true;
}

/* Sets `name=value` in s. False after saying what is wrong. */
static bool set_one(struct cli *c, struct settings *s, struct str word)
{
	struct str value = word, name = str_cut(&value, '=');
	uint64_t n = 0;
	int64_t ns = 0;
	bool is_good = !str_is_null(value);
	const char *must = "like keep=90d (or forever), max_size=2G (or none), pin=TRACE";
	if (str_eq(name, STR("keep"))) {
		is_good = is_good &&
			  (str_eq(value, STR("forever")) || value_read_duration(value, &ns)) &&
			  ns % NS_PER_DAY == 0;
		s->keep_days = ns / NS_PER_DAY;
	} else if (str_eq(name, STR("max_size"))) {
		is_good = is_good && (str_eq(value, STR("none")) || value_read_size(value, &n));
		s->keep_bytes = (int64_t)n;
	} else if (str_eq(name, STR("pin")) || str_eq(name, STR("unpin"))) {
		is_good = is_good && value.len;
		if (is_good)
			set_pin(c, s, value, str_eq(name, STR("pin")));
	} else if (str_eq(name, STR("mask_keys"))) {
		must = "names separated by commas, or empty";
		s->mask.keys = is_good ? value : STR("");
	} else if (str_eq(name, STR("mask_regex"))) {
		must = "a POSIX extended regular expression, or empty";
		s->mask.regex = is_good ? value : STR("");
		is_good = is_good && workspace_is_regex(c, &s->mask);
	} else if (str_eq(name, STR("content"))) {
		must = "full, hash or none";
		is_good = is_good && settings_read_content(value, &s->mask.content);
	} else {
		(void)cli_fail(c, CLI_USAGE,
			"there is no setting %.*s; there are keep=90d, max_size=2G, pin=TRACE, unpin=TRACE, mask_keys=NAMES, mask_regex=EXPRESSION and content=none",
			STR_ARG(str_first(name, 60)));
		return false;
	}
	if (!is_good)
		(void)cli_fail(
			c, CLI_USAGE, "%.*s: must be %s", STR_ARG(str_first(word, 80)), must);
	return is_good;
}

struct setting {
	struct cli *cli;
	enum cli_exit code;
};

/* Sets an option as a setting: `--keep 90d` is `keep=90d`. */
static bool set_option(struct cli *c, struct settings *s, const char *option, const char *name)
{
	struct str value = cli_value(c, option);
	return str_is_null(value) ||
	       set_one(c, s, arena_printf(c->arena, "%s=%.*s", name, STR_ARG(value)));
}

static bool set_all(void *user, struct settings *s)
{
	struct setting *g = user;
	struct cli *c = g->cli;
	bool is_good = set_option(c, s, "keep", "keep") && set_option(c, s, "max-size", "max_size");
	for (size_t i = 2; i < c->n_words && is_good; i++)
		is_good = set_one(c, s, c->words[i]);
	if (!is_good)
		g->code = CLI_USAGE;
	return is_good;
}

static enum cli_exit change_settings(struct cli *c)
{
	struct setting g = { c, CLI_OK };
	enum err e = settings_change(&c->store, c->words[1], c->arena, set_all, &g);
	if (e == ERR_CONF)
		return settings_error(c, e, c->words[1]);
	return e ? cli_error(c, e, named(c)) : g.code;
}

static enum cli_exit workspace_run_add(struct cli *c)
{
	struct settings none = { 0 };
	struct setting g = { c, CLI_OK };
	bool exists;
	int fd;
	if (!cli_check_workspace(c, c->words[1]))
		return CLI_USAGE;
	enum err e = workspace_exists(&c->store, c->words[1], &exists);
	if (e)
		return cli_error(c, e, named(c));
	if (exists)
		return cli_fail(c, CLI_FAILED, "%.*s already exists", STR_ARG(named(c)));
	/* Check the settings first: after a failure, the corrected command would find that the
	 * workspace exists. */
	if (!set_all(&g, &none))
		return g.code;
	e = workspace_open(&c->store, c->words[1], true, &fd);
	if (e)
		return cli_error(c, e, named(c));
	io_drop(fd);
	/* Also without settings: a backup copies files, and would not hold an empty directory. */
	return change_settings(c);
}

struct usage {
	struct cli *cli;
	int dir_fd;
	int64_t bytes, n_days;
	enum err error;
};

static bool count_file(void *user, const char *name)
{
	struct usage *u = user;
	struct stat st;
	if (io_stat(u->dir_fd, name, &st) == ERR_OK && S_ISREG(st.st_mode))
		u->bytes += st.st_size;
	return true;
}

/* Counts the days that hold spans. */
static enum err count_days(struct usage *u)
{
	struct day_file *files;
	size_t n;
	int32_t last = INT32_MIN;
	struct cli *c = u->cli;
	enum err e = days_list(&c->store, u->dir_fd, c->arena, &files, &n);
	for (size_t i = 0; !e && i < n; i++) {
		bool is_data =
			files[i].kind == STORE_FILE_SHARD || files[i].kind == STORE_FILE_SEALED;
		u->n_days += is_data && files[i].day != last;
		last = is_data ? files[i].day : last;
	}
	return e;
}

static enum cli_exit list_one(struct cli *c, struct str name)
{
	struct usage u = { .cli = c };
	struct settings s;
	enum err e = workspace_open(&c->store, name, false, &u.dir_fd);
	if (e)
		return e == ERR_NOT_FOUND ? CLI_OK
					  : cli_error(c, e, name); /* it was just removed */
	e = io_list(u.dir_fd, count_file, &u);
	if (!e)
		e = count_days(&u);
	io_drop(u.dir_fd);
	if (!e)
		e = settings_read(&c->store, name, c->arena, &s);
	if (e)
		return settings_error(c, e, name);
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("name"), name);
		json_member_i64(&w, STR("days"), u.n_days);
		json_member_i64(&w, STR("bytes"), u.bytes);
		if (s.keep_days)
			json_member_i64(&w, STR("keep_days"), s.keep_days);
		if (s.keep_bytes)
			json_member_i64(&w, STR("keep_bytes"), s.keep_bytes);
		if (s.n_pinned)
			json_member_i64(&w, STR("pinned"), (int64_t)s.n_pinned);
		if (s.mask.keys.len)
			json_member_text(&w, STR("mask_keys"), s.mask.keys);
		if (s.mask.regex.len)
			json_member_text(&w, STR("mask_regex"), s.mask.regex);
		if (s.mask.content != CONF_CONTENT_FULL)
			json_member_text(&w, STR("content"), settings_content_word(s.mask.content));
		cli_json_end(c, &w);
		return CLI_OK;
	}
	report_put_whole(&c->report, name, 24);
	buf_printf(&c->report.out, " %5lld days %8.*s", (long long)u.n_days,
		STR_ARG(cli_bytes(c, (uint64_t)u.bytes)));
	if (s.keep_days)
		buf_printf(&c->report.out, "  keep=%lldd", (long long)s.keep_days);
	if (s.keep_bytes)
		buf_printf(&c->report.out, "  max_size=%.*s",
			STR_ARG(cli_bytes(c, (uint64_t)s.keep_bytes)));
	if (s.n_pinned)
		buf_printf(&c->report.out, "  %zu pinned", s.n_pinned);
	if (s.mask.keys.len || s.mask.regex.len || s.mask.content != CONF_CONTENT_FULL)
		buf_add(&c->report.out, STR("  masks"));
	buf_add_char(&c->report.out, '\n');
	return CLI_OK;
}

static enum cli_exit workspace_run_list(struct cli *c)
{
	struct str *names;
	size_t n;
	enum cli_exit code = CLI_OK;
	enum err e = workspace_list(&c->store, c->arena, &names, &n);
	if (e)
		return cli_error(c, e, STR("the data directory"));
	columns_begin(&c->report,
		STR("name days bytes keep_days keep_bytes pinned mask_keys mask_regex content"));
	for (size_t i = 0; i < n; i++) {
		enum cli_exit one = list_one(c, names[i]);
		code = one ? one : code;
	}
	return code;
}

/* Removes a workspace. It is renamed in one step, so that a half-removed one is not a workspace any
 * more, and a second run finishes it. */
static enum cli_exit remove_workspace(struct cli *c)
{
	struct str name = c->words[1];
	bool exists;
	enum err e = workspace_exists(&c->store, name, &exists);
	if (e || !exists)
		return cli_error(c, e ? e : ERR_NOT_FOUND, named(c));
	if (cli_has(c, "dry-run")) {
		cli_note(c, "%.*s and everything in it would be removed", STR_ARG(named(c)));
		return CLI_OK;
	}
	char *to = arena_copy_c(c->arena,
		arena_printf(c->arena, ".removed.%.*s.%ld", STR_ARG(name), (long)getpid()));
	if (io->renameat(c->store.root_fd, arena_copy_c(c->arena, name), c->store.root_fd, to) < 0)
		return cli_error(c, ERR_IO, named(c));
	e = io_fsync(c->store.root_fd);
	if (!e)
		e = tree_remove(c->store.root_fd, to);
	return e ? cli_error(c, e, named(c)) : CLI_OK;
}

enum cli_exit verb_workspace(struct cli *c)
{
	size_t least = cli_has(c, "keep") || cli_has(c, "max-size") ? 2 : 3;
	const struct {
		const char *name;
		size_t least, most;
		enum cli_exit (*run)(struct cli *c);
	} actions[] = { { "add", 2, 16, workspace_run_add }, { "list", 1, 1, workspace_run_list },
		{ "set", least, 16, change_settings }, { "remove", 2, 2, remove_workspace } };
	bool sets =
		c->n_words && (str_eq(c->words[0], STR("add")) || str_eq(c->words[0], STR("set")));
	if (least == 2 && c->n_words && !sets)
		return cli_fail(c, CLI_USAGE, "--keep and --max-size are for add and set");
	for (size_t i = 0; c->n_words && i < sizeof actions / sizeof actions[0]; i++)
		if (str_eq(c->words[0], str_from_c(actions[i].name)))
			return cli_words(c, actions[i].least, actions[i].most) ? actions[i].run(c)
									       : CLI_USAGE;
	(void)cli_words(c, SIZE_MAX, SIZE_MAX);
	return CLI_USAGE;
}

/* ---- pin ---- */

static enum err workspace_has_trace(struct cli *c, struct view *v, struct str trace, bool *ret)
{
	struct query q;
	struct row_list rows;
	query_init(&q);
	q.clauses = arena_calloc(c->arena, 1, sizeof *q.clauses);
	filter_add(&q, c->arena,
		filter_equals(c->arena, FIELD_TRACE_ID, json_encode(c->arena, trace)));
	filter_sort(&q, FIELD_STARTED_AT);
	q.limit = 1;
	enum err e = engine_list(v, &q, &rows);
	*ret = !e && rows.n;
	return e;
}

static bool pin_all(void *user, struct settings *s)
{
	struct cli *c = user;
	for (size_t i = 0; i < c->n_words; i++)
		set_pin(c, s, c->words[i], true);
	return true;
}

/* A mistyped pin would only be noticed when the trace is gone. */
enum cli_exit verb_pin(struct cli *c)
{
	struct view v;
	bool exists = true;
	enum err e = ERR_OK;
	if (!cli_words(c, 1, SIZE_MAX))
		return CLI_USAGE;
	enum cli_exit code = cli_view(c, &v);
	bool is_open = code == CLI_OK;
	for (size_t i = 0; code == CLI_OK && i < c->n_words; i++) {
		e = workspace_has_trace(c, &v, c->words[i], &exists);
		if (e)
			code = cli_error(c, e, STR("the trace"));
		else if (!exists)
			code = cli_fail(c, CLI_NOT_FOUND,
				"there is no trace %.*s in workspace %.*s",
				STR_ARG(str_first(c->words[i], 80)), STR_ARG(c->workspace));
	}
	if (is_open)
		view_close(&v);
	if (code)
		return code;
	e = settings_change(&c->store, c->workspace, c->arena, pin_all, c);
	return e ? settings_error(c, e, c->workspace) : CLI_OK;
}
