/*
 * init: sets up everything for the first trace.  It makes what is missing and leaves what is there,
 * so it may run again, and prints the next steps.
 *
 *	flatspan init			a data directory, a workspace, a key
 *	flatspan init --web DIR		also DIR of a document root, for shared hosts: the program
 *					as app.fcgi, .htaccess
 *	… --url URL --probe		and an .htaccess with what the host allows in it
 */
#include "doctor/fetch.h"
#include "hosting/web_dir.h"
#include "key.h"
#include "verb.h"

#include "base/io.h"
#include "base/utime.h"
#include "web/keys_file.h"

#include <fcntl.h>
#include <unistd.h>

static bool is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Chooses the data directory: --root, else that of settings or environment, else ~/flatspan/data,
 * outside of what is served, for a user who may not write to the default. True in this last case,
 * in which no setting names it. */
static bool choose_root(struct cli *c)
{
	struct conf defaults;
	struct str home = conf_home();
	conf_defaults(&defaults);
	const char *usual = arena_copy_c(c->arena, defaults.root);
	if (!str_eq(c->conf.root, defaults.root) || cli_has(c, "root") ||
		!str_is_null(c->conf.path) || str_is_null(home) || home.len < 2 || geteuid() == 0 ||
		faccessat(AT_FDCWD, usual, R_OK | W_OK | X_OK, AT_EACCESS) == 0)
		return false;
	c->conf.root = arena_printf(c->arena, "%.*s/flatspan/data", STR_ARG(home));
	return true;
}

/* Makes a directory and those above it. */
static enum err make_dirs(struct cli *c, struct str path)
{
	for (size_t i = 1; i <= path.len; i++) {
		struct str dir = str_first(path, i), parent = STR("."), name = dir;
		int fd;
		if (i < path.len && path.ptr[i] != '/')
			continue;
		if (is_dir(arena_copy_c(c->arena, dir)))
			continue;
		for (size_t k = i; k-- > 0;)
			if (path.ptr[k] == '/') {
				parent = k ? str_first(path, k) : STR("/");
				name = str_of(path.ptr + k + 1, i - k - 1);
				break;
			}
		enum err e = io_open_root(arena_copy_c(c->arena, parent), &fd);
		if (!e) {
			e = io_make_dir(fd, arena_copy_c(c->arena, name));
			io_drop(fd);
		}
		if (e)
			return e;
	}
	return ERR_OK;
}

static enum cli_exit make_store(struct cli *c)
{
	int fd;
	enum err e = make_dirs(c, c->conf.root);
	if (!e) {
		c->conf.root = absolute_path(c, c->conf.root);
		if (!cli_become_owner(c, c->conf.root))
			return CLI_FAILED;
		e = store_open(&c->store, &c->conf);
	}
	c->has_store = !e;
	if (!e)
		e = workspace_open(&c->store, c->workspace, true, &fd);
	if (e)
		return cli_error(c, e,
			arena_printf(c->arena, "the data directory %.*s", STR_ARG(c->conf.root)));
	io_drop(fd);
	return CLI_OK;
}

/* Writes the data directory into the user's settings, so that other commands find it. */
static enum cli_exit name_root(struct cli *c)
{
	struct str dir = arena_printf(c->arena, "%.*s/.config/flatspan", STR_ARG(conf_home()));
	int fd;
	enum err e = make_dirs(c, dir);
	if (!e)
		e = io_open_root(arena_copy_c(c->arena, dir), &fd);
	if (!e) {
		e = io_replace_file(fd, "flatspan.conf",
			arena_printf(c->arena, "root = %.*s\n", STR_ARG(c->conf.root)), false);
		io_drop(fd);
	}
	return e ? cli_error(c, e, dir) : CLI_OK;
}

/* Makes a key that may do everything in the workspace, unless the site has keys. */
static enum cli_exit make_key(struct cli *c, struct str *ret_key)
{
	struct str text;
	struct key_record k;
	enum err e = keys_file_read(&c->conf, c->arena, &text);
	*ret_key = STR_NULL;
	if (e == ERR_OK)
		return CLI_OK;
	if (e != ERR_NOT_FOUND)
		return cli_error(c, ERR_IO, STR("the keys file"));
	return key_add(c, c->workspace, ROLE_ADMIN, INT64_MAX, STR("made by init"), ret_key, &k);
}

static void print_snippets(struct cli *c, struct str url, struct str key)
{
	struct buf *b = &c->report.out;
	if (str_is_null(url))
		url = STR("http://127.0.0.1:4318");
	if (str_is_null(key))
		key = STR("KEY");
	buf_printf(b,
		"\nOpenTelemetry\n"
		"  export OTEL_EXPORTER_OTLP_ENDPOINT=%.*s\n"
		"  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n"
		"  export OTEL_EXPORTER_OTLP_HEADERS=x-api-key=%.*s\n",
		STR_ARG(url), STR_ARG(key));
	buf_printf(b,
		"\nOpik\n"
		"  export OPIK_URL_OVERRIDE=%.*s/api\n"
		"  export OPIK_API_KEY=%.*s\n"
		"  export OPIK_WORKSPACE=%.*s\n",
		STR_ARG(url), STR_ARG(key), STR_ARG(c->workspace));
	buf_printf(b,
		"\nNeMo\n"
		"  nemo --base-url %.*s   (workspace %.*s)\n",
		STR_ARG(url), STR_ARG(c->workspace));
	buf_printf(b,
		"\nScale\n"
		"  export SGP_CLIENT_BASE_URL=%.*s\n"
		"  export SGP_API_KEY=%.*s\n"
		"  export SGP_ACCOUNT_ID=%.*s\n",
		STR_ARG(url), STR_ARG(key), STR_ARG(c->workspace));
	buf_printf(b,
		"\nRead back\n"
		"  curl -H 'x-api-key: %.*s' '%.*s/apis/intake/v2/workspaces/%.*s/traces'\n",
		STR_ARG(key), STR_ARG(url), STR_ARG(c->workspace));
}

static void print_next(struct cli *c, struct str url, struct str key)
{
	struct buf *b = &c->report.out;
	struct str program = web_program(c);
	buf_printf(b, "Data      %.*s\n", STR_ARG(c->conf.root));
	buf_printf(b, "Workspace %.*s\n", STR_ARG(c->workspace));
	if (!str_is_null(url))
		buf_printf(b, "URL       %.*s\n", STR_ARG(url));
	if (str_is_null(key))
		buf_add(b, STR("Key       see the keys file; `flatspan key add` makes more\n"));
	else
		buf_printf(b, "Key       %.*s   (not shown again)\n", STR_ARG(key));
	buf_printf(b, "Crontab   17 3 * * * nice -n 10 %.*s",
		STR_ARG(cli_shell_word(c, program, true)));
	if (cli_has(c, "conf")) /* cron finds other settings as this command did */
		buf_printf(b, " -C %.*s",
			STR_ARG(cli_shell_word(c, absolute_path(c, cli_value(c, "conf")), true)));
	buf_printf(b, " --root %.*s cron\n", STR_ARG(cli_shell_word(c, c->conf.root, true)));
	print_snippets(c, url, key);
}

static void print_json(struct cli *c, struct str url, struct str key)
{
	struct json_writer w = report_json(&c->report);
	json_member_text(&w, STR("root"), c->conf.root);
	json_member_text(&w, STR("workspace"), c->workspace);
	if (!str_is_null(url))
		json_member_text(&w, STR("url"), url);
	if (!str_is_null(key))
		json_member_text(&w, STR("key"), key);
	cli_json_end(c, &w);
}

enum cli_exit verb_init(struct cli *c)
{
	struct str key, url = cli_value(c, "url"), web = cli_value(c, "web");
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	struct fetch_url parts;
	if (!str_is_null(url) && !fetch_read_url(c, url, &parts))
		return CLI_USAGE;
	if (cli_has(c, "probe") && (str_is_null(url) || str_is_null(web)))
		return cli_fail(
			c, CLI_USAGE, "--probe needs --web and the --url of that directory");
	while (str_ends(url, STR("/")))
		url.len--;
	bool is_new_place = choose_root(c);
	if (!web_dir_may_hold(c))
		return CLI_USAGE;
	if (!str_is_null(web)) {
		if (!web.len)
			return cli_fail(c, CLI_USAGE, "--web: the name of the directory is empty");
		web = absolute_path(c, web);
		enum cli_exit refused = web_dir_check(c, web);
		if (refused)
			return refused;
	}
	if (cli_has(c, "dry-run")) {
		cli_note(c, "would keep data in %.*s", STR_ARG(absolute_path(c, c->conf.root)));
		if (!str_is_null(web))
			cli_note(c,
				"would put app.fcgi, .htaccess and flatspan.conf.path into %.*s",
				STR_ARG(web));
		return CLI_OK;
	}
	enum cli_exit code = make_store(c);
	if (code == CLI_OK && is_new_place)
		code = name_root(c);
	if (code == CLI_OK && !str_is_null(web))
		code = web_dir_make(c, web, &url);
	if (code == CLI_OK)
		code = make_key(c, &key);
	if (code)
		return code;
	/* Print the key whether the probe succeeds or not. */
	if (cli_has(c, "probe"))
		code = web_dir_probe(c, web, url);
	if (c->report.form != REPORT_TEXT)
		print_json(c, url, key);
	else
		print_next(c, url, key);
	return code;
}
