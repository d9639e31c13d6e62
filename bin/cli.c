#include "cli.h"
#include "verb.h"
#include "verbs.h"

#include "base/io.h"
#include "base/utime.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The command line serves no requests, so a verb may use as much memory as the machine has. */
#define ARENA_BYTES ((size_t)1 << 40)

const struct verb cli_verbs[] = {
#define X(function, name, words, options, needs, summary) \
	{ name, words, options, summary, CLI_NEEDS_##needs, verb_##function },
	CLI_VERB_LIST(X)
#undef X
};
const size_t cli_n_verbs = sizeof cli_verbs / sizeof cli_verbs[0];

static bool is_word_of(struct str list, struct str word)
{
	while (!str_is_null(list))
		if (str_eq(str_cut(&list, ' '), word))
			return true;
	return false;
}

/* `reindex` is an alias of index: both rebuild what is missing or damaged from the lines. */
static const struct verb *find_verb(struct str name)
{
	if (str_eq(name, STR("reindex")))
		name = STR("index");
	for (size_t i = 0; i < cli_n_verbs; i++)
		if (str_eq(name, str_from_c(cli_verbs[i].name)))
			return &cli_verbs[i];
	return NULL;
}

const struct verb *verb_find(struct str name)
{
	return find_verb(name);
}

static const struct cli_option *cli_find_option(struct str name, char letter)
{
	if (!letter &&
		str_eq(name, STR("filter"))) /* an alias, for people who know other programs */
		name = STR("where");
	for (size_t i = 0; i < cli_n_options; i++)
		if (letter ? cli_options[i].letter == letter
			   : str_eq(name, str_from_c(cli_options[i].name)))
			return &cli_options[i];
	return NULL;
}

/* ---- Reading the arguments ---- */

struct reader {
	int argc, at;
	char **argv;
	bool only_words; /* after -- */
};

static bool cli_take_value(
	struct cli *c, struct reader *r, const struct cli_option *o, struct str attached)
{
	struct str value = attached;
	if (o->value && str_is_null(attached)) {
		if (r->at == r->argc) {
			(void)cli_fail(c, CLI_USAGE, "--%s needs a value: %s", o->name, o->value);
			return false;
		}
		value = str_from_c(r->argv[r->at++]);
	} else if (!o->value && !str_is_null(attached)) {
		(void)cli_fail(c, CLI_USAGE, "--%s takes no value", o->name);
		return false;
	}
	c->set[c->n_set++] = (struct cli_set){ o, value };
	return true;
}

static bool cli_take_long(struct cli *c, struct reader *r, struct str arg)
{
	struct str value = str_skip(arg, 2), name = str_cut(&value, '=');
	const struct cli_option *o = cli_find_option(name, 0);
	if (!o) {
		(void)cli_fail(
			c, CLI_USAGE, "there is no option --%.*s", STR_ARG(str_first(name, 60)));
		return false;
	}
	return cli_take_value(c, r, o, value);
}

/* Reads -f, -n 5, -n5 or -fn5. */
static bool cli_take_short(struct cli *c, struct reader *r, struct str arg)
{
	for (size_t i = 1; i < arg.len; i++) {
		const struct cli_option *o = cli_find_option(STR_NULL, arg.ptr[i]);
		struct str rest = str_skip(arg, i + 1);
		if (!o) {
			(void)cli_fail(c, CLI_USAGE, "there is no option -%.*s",
				STR_ARG(str_first(str_skip(arg, i), 60)));
			return false;
		}
		if (o->value)
			return cli_take_value(c, r, o, rest.len ? rest : STR_NULL);
		if (!cli_take_value(c, r, o, STR_NULL))
			return false;
	}
	return true;
}

/* Reads options, which may stand anywhere; the first other argument is the verb. */
static bool cli_read_arguments(struct cli *c, int argc, char **argv)
{
	struct reader r = { .argc = argc, .at = 1, .argv = argv };
	size_t n_letters = 0; /* of all arguments: each may be an option */
	for (int i = 1; i < argc; i++)
		n_letters += strlen(argv[i]);
	c->set = arena_calloc(c->arena, n_letters + 1, sizeof *c->set);
	c->words = arena_calloc(c->arena, (size_t)argc + 1, sizeof *c->words);
	while (r.at < argc) {
		struct str arg = str_from_c(argv[r.at++]);
		bool is_good = true;
		if (r.only_words || arg.len < 2 || arg.ptr[0] != '-')
			c->words[c->n_words++] = arg;
		else if (str_eq(arg, STR("--")))
			r.only_words = true;
		else
			is_good = arg.ptr[1] == '-' ? cli_take_long(c, &r, arg)
						    : cli_take_short(c, &r, arg);
		if (!is_good)
			return false;
	}
	return true;
}

static bool cli_check_options(struct cli *c)
{
	for (size_t i = 0; i < c->n_set; i++) {
		struct str name = str_from_c(c->set[i].option->name);
		if (is_word_of(STR(CLI_COMMON_OPTIONS), name) ||
			is_word_of(str_from_c(c->verb->options), name))
			continue;
		(void)cli_fail(c, CLI_USAGE,
			"there is no option --%.*s here; see `flatspan help %s`", STR_ARG(name),
			c->verb->name);
		return false;
	}
	return true;
}

/* Returns the form that the last such option names, so that an option overrides an alias. */
static enum report_form form_of(const struct cli *c)
{
	static const struct {
		const char *name;
		enum report_form form;
	} forms[] = { { "json", REPORT_JSON }, { "ndjson", REPORT_JSON }, { "tsv", REPORT_TSV },
		{ "table", REPORT_TABLE } };
	for (size_t i = c->n_set; i-- > 0;)
		for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++)
			if (strcmp(c->set[i].option->name, forms[k].name) == 0)
				return forms[k].form;
	return REPORT_TEXT;
}

/* ---- The environment of a verb ---- */

/* Returns CLI_NOT_FOUND when the settings file is missing, to tell this from a wrong one. */
static enum cli_exit exit_of_settings(struct cli *c, struct str path)
{
	struct stat st;
	bool is_missing = !str_is_null(path) && stat(arena_copy_c(c->arena, path), &st) < 0 &&
			  errno == ENOENT;
	return is_missing ? CLI_NOT_FOUND : CLI_FAILED;
}

static enum cli_exit cli_read_settings(struct cli *c)
{
	struct str message = STR_NULL, path = cli_value(c, "conf"), root = cli_value(c, "root");
	enum err e = str_is_null(path) ? conf_load(&c->conf, c->arena, c->program, &message)
				       : conf_load_file(&c->conf, c->arena, path, &message);
	if (e)
		return cli_fail(c, exit_of_settings(c, path), "%.*s", STR_ARG(message));
	if (!str_is_null(root))
		c->conf.root = root;
	c->workspace = cli_has(c, "workspace") ? cli_value(c, "workspace") : c->conf.workspace;
	return cli_check_workspace(c, c->workspace) ? CLI_OK : CLI_USAGE;
}

bool cli_become_owner(struct cli *c, struct str dir)
{
	struct stat st;
	if (geteuid() != 0 || stat(arena_copy_c(c->arena, dir), &st) < 0 || st.st_uid == 0)
		return true; /* the caller finds out what is wrong when it opens the directory */
	/* The group of the data is sufficient. A static binary cannot look up further groups. */
	if (setgroups(1, &st.st_gid) == 0 && setgid(st.st_gid) == 0 && setuid(st.st_uid) == 0)
		return true;
	(void)cli_fail(c, CLI_FAILED, "cannot become the owner of %.*s", STR_ARG(dir));
	return false;
}

enum cli_exit cli_find_store(struct cli *c, enum err *ret)
{
	struct stat st;
	const char *root = arena_copy_c(c->arena, c->conf.root);
	/* A read must not create an empty data directory when its name is mistyped. */
	if (stat(root, &st) < 0)
		return cli_fail(c, errno == ENOENT ? CLI_NOT_FOUND : CLI_IO,
			"cannot read the data directory %s; `flatspan init` creates one", root);
	if (!cli_become_owner(c, c->conf.root))
		return CLI_FAILED;
	*ret = store_open(&c->store, &c->conf);
	c->has_store = *ret == ERR_OK;
	return CLI_OK;
}

enum cli_exit cli_open_store(struct cli *c)
{
	enum err e;
	enum cli_exit code = cli_find_store(c, &e);
	if (code == CLI_OK && e)
		return cli_error(c, e,
			arena_printf(c->arena, "the data directory %.*s", STR_ARG(c->conf.root)));
	return code;
}

static enum cli_exit put_version(struct cli *c)
{
	c->report.form = form_of(c);
	c->n_words = 0;
	return verb_version(c);
}

static enum cli_exit run_verb(struct cli *c)
{
	enum cli_exit code = CLI_OK;
	if (!cli_check_options(c))
		return CLI_USAGE;
	if (cli_has(c, "help")) {
		c->words[0] = str_from_c(c->verb->name);
		c->n_words = 1;
		return verb_help(c);
	}
	if (cli_has(c, "version"))
		return put_version(c);
	c->report.form = form_of(c);
	if (c->verb->needs >= CLI_NEEDS_CONF)
		code = cli_read_settings(c);
	if (code == CLI_OK && c->verb->needs == CLI_NEEDS_STORE)
		code = cli_open_store(c);
	return code == CLI_OK ? c->verb->run(c) : code;
}

static enum cli_exit cli_run(struct cli *c, int argc, char **argv)
{
	if (!cli_read_arguments(c, argc, argv))
		return CLI_USAGE;
	if (c->n_words == 0) {
		if (cli_has(c, "help"))
			return verb_help(c);
		if (cli_has(c, "version"))
			return put_version(c);
		return cli_fail(c, CLI_USAGE, "missing command; see `flatspan help`");
	}
	struct str name = c->words[0];
	c->verb = find_verb(name);
	if (!c->verb)
		return cli_fail(c, CLI_USAGE, "there is no command %.*s; see `flatspan help`",
			STR_ARG(str_first(name, 60)));
	c->words++;
	c->n_words--;
	return run_verb(c);
}

int cli_main(int argc, char **argv)
{
	struct arena a;
	arena_init(&a, ARENA_BYTES);
	struct cli c = { .arena = &a, .program = argc > 0 ? argv[0] : "" };
	report_init(&c.report, &a, REPORT_TEXT);
	c.report.cells = cli_terminal_cells();
	conf_defaults(&c.conf);
	(void)umask(0027);
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }); /* a core dump would hold prompts */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	enum cli_exit code = cli_run(&c, argc, argv);
	cli_progress_end(&c);
	/* Also replaces code 1 of diff and grep when their output could not be written. */
	if (!cli_flush(&c) && (code == CLI_OK || code == CLI_FAILED))
		code = CLI_IO;
	if (c.has_store)
		store_close(&c.store);
	arena_release(&a);
	return code;
}
