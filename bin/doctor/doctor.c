/* doctor: says what is wrong with an installation, and what to do about it. It reads, and writes
 * one small file of its own to see that it can. */
#include "doctor/doctor.h"
#include "hosting/web_dir.h"
#include "report/columns.h"
#include "verb.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/days.h"
#include "shard/disk.h"
#include "store/damage.h"
#include "store/settings.h"
#include "web/keys_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void doctor_say(struct doctor *d, enum verdict verdict, const char *what, struct str detail)
{
	static const char *const words[] = { "ok", "warning", "WRONG" };
	struct cli *c = d->cli;
	d->n[verdict]++;
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("check"), str_from_c(what));
		json_member_text(&w, STR("verdict"), str_from_c(words[verdict]));
		json_member_text(&w, STR("detail"), detail);
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->report.out, "%-8s %-14s ", words[verdict], what);
	report_put(&c->report, detail, 0, false);
	buf_add_char(&c->report.out, '\n');
}

static void check_settings(struct doctor *d)
{
	struct str path = d->cli->conf.path;
	struct stat st;
	if (str_is_null(path))
		SAY(d, FINE, "settings", "none; the defaults hold");
	else if (stat(arena_copy_c(d->cli->arena, path), &st) == 0 && (st.st_mode & S_IWOTH))
		SAY(d, WRONG, "settings",
			"%.*s is writable by everybody, who could also turn keys off: chmod o-w it",
			STR_ARG(path));
	else
		SAY(d, FINE, "settings", "%.*s", STR_ARG(path));
}

/* Says why the data directory cannot be opened; nothing else can be checked then. */
static void say_closed(struct doctor *d, enum err e)
{
	struct str root = d->cli->conf.root;
	struct stat st;
	if (stat(arena_copy_c(d->cli->arena, root), &st) < 0)
		SAY(d, WRONG, "data", "%.*s cannot be reached: %s", STR_ARG(root), strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		SAY(d, WRONG, "data", "%.*s is not a directory", STR_ARG(root));
	else if (st.st_mode & S_IWOTH)
		SAY(d, WRONG, "data", "%.*s is writable by everybody: chmod o= it", STR_ARG(root));
	else if (e == ERR_UNSAFE)
		SAY(d, WRONG, "data", "%.*s belongs to user %u, and this is user %u", STR_ARG(root),
			(unsigned)st.st_uid, (unsigned)geteuid());
	else if (e == ERR_CONF)
		SAY(d, WRONG, "data", "%.*s is not a flatspan directory, or of a later version",
			STR_ARG(root));
	else
		SAY(d, WRONG, "data", "%.*s cannot be opened; check its owner and mode",
			STR_ARG(root));
}

static void check_root(struct doctor *d)
{
	struct cli *c = d->cli;
	struct stat st;
	if (io->fstat(c->store.root_fd, &st) < 0) {
		SAY(d, WRONG, "data", "%.*s cannot be examined", STR_ARG(c->conf.root));
		return;
	}
	struct str served = web_dir_serving(absolute_path(c, c->conf.root));
	if (!str_is_null(served))
		SAY(d, WARNING, "data", "%.*s is in %.*s, which web servers show to everybody",
			STR_ARG(c->conf.root), STR_ARG(served));
	else if (st.st_mode & 07)
		SAY(d, WARNING, "data", "%.*s can be entered by everybody: chmod o= it",
			STR_ARG(c->conf.root));
	else
		SAY(d, FINE, "data", "%.*s", STR_ARG(c->conf.root));
	if (!c->store.may_write)
		SAY(d, WRONG, "format",
			"of a later version: this program can read it, but not write");
}

static void check_write(struct doctor *d)
{
	struct cli *c = d->cli;
	int64_t began_ns = utime_monotonic();
	enum err e = io_replace_file(c->store.root_fd, ".doctor", STR("written\n"), true);
	if (e) {
		SAY(d, WRONG, "writing", "%s", err_sentence(e));
		return;
	}
	int64_t took_ns = utime_monotonic() - began_ns;
	(void)io->unlinkat(c->store.root_fd, ".doctor", 0); /* a later run replaces it */
	SAY(d, took_ns > NS_PER_S ? WARNING : FINE, "writing", "a durable write takes %.*s",
		STR_ARG(report_duration(c->arena, took_ns)));
}

static void check_disk(struct doctor *d)
{
	struct cli *c = d->cli;
	struct disk disk;
	enum err e = disk_look(c->store.root_fd, &disk);
	if (e) {
		SAY(d, WRONG, "disk", "%s", err_sentence(e));
		return;
	}
	bool is_full = strcmp(disk.promise, "full") == 0;
	SAY(d, is_full ? FINE : WARNING, "file system", "%s: %s", disk.name,
		is_full                             ? "acknowledged spans survive a power loss"
		: strcmp(disk.promise, "none") == 0 ? "it is lost when the machine stops"
						    : "it was not tested for crashes");
	if (c->conf.sync == CONF_SYNC_NONE)
		SAY(d, WARNING, "sync", "none: a power loss takes the last seconds");
	if (disk.is_read_only)
		SAY(d, WRONG, "space", "mounted read-only");
	else if (disk.free_bytes < c->conf.free_bytes)
		SAY(d, WRONG, "space", "%.*s free, below free_bytes (%.*s): writes are refused",
			STR_ARG(cli_bytes(c, disk.free_bytes)),
			STR_ARG(cli_bytes(c, c->conf.free_bytes)));
	else
		SAY(d, disk.free_bytes / 4 < c->conf.free_bytes ? WARNING : FINE, "space",
			"%.*s free", STR_ARG(cli_bytes(c, disk.free_bytes)));
}

static void check_keys(struct doctor *d)
{
	struct cli *c = d->cli;
	struct str text;
	size_t n = 0, n_over = 0, number = 0;
	struct stat st;
	enum err e = keys_file_read(&c->conf, c->arena, &text);
	if (c->conf.auth == CONF_AUTH_OFF)
		SAY(d, WARNING, "auth", "off: everybody who reaches the server may do everything");
	struct str path = c->conf.keys.len
				  ? c->conf.keys
				  : arena_printf(c->arena, "%.*s/keys", STR_ARG(c->conf.root));
	bool is_seen = stat(arena_copy_c(c->arena, path), &st) == 0;
	if (is_seen && (st.st_mode & S_IWOTH)) {
		SAY(d, WRONG, "keys",
			"the file is writable by everybody, so nobody has access: chmod o= it and check its content");
		return;
	}
	if (e == ERR_NOT_FOUND) {
		SAY(d, c->conf.auth == CONF_AUTH_ON ? WRONG : WARNING, "keys",
			"none: %s; `flatspan key add` makes one",
			c->conf.auth == CONF_AUTH_ON ? "nobody has access"
						     : "only this machine has access");
		return;
	}
	if (e) {
		SAY(d, WRONG, "keys",
			"the file or its directory cannot be read, so nobody has access");
		return;
	}
	while (text.len) {
		struct key_record k;
		struct str line = str_trim(str_cut(&text, '\n'));
		number++;
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (!key_record_read(line, &k)) {
			SAY(d, WRONG, "keys", "line %zu is invalid, so nobody has access", number);
			return;
		}
		n++;
		n_over += utime_now() > k.not_after_ns;
	}
	if (is_seen && (st.st_mode & 07))
		SAY(d, WARNING, "keys", "the file is readable by everybody: chmod o= it");
	else
		SAY(d, n > n_over ? FINE : WARNING, "keys", "%zu, %zu of them expired", n, n_over);
}

/* Files of other owners, which a copy by root leaves, only fail those requests that need them. */
static void check_files(
	struct doctor *d, struct str name, int dir_fd, const struct day_file *files, size_t n)
{
	int32_t today = utime_day(utime_now());
	char file[STORE_NAME_MAX], bad[STORE_NAME_MAX];
	size_t n_bad = 0;
	for (size_t i = 0; i < n; i++) {
		bool grows = files[i].day == today && (files[i].kind == STORE_FILE_SHARD ||
							      files[i].kind == STORE_FILE_NOTES);
		int fd;
		store_file_name(files[i].kind, files[i].day, files[i].part, file);
		enum err e = io_open_file(dir_fd, file, grows ? O_RDWR | O_APPEND : O_RDONLY, &fd);
		if (!e && !(i && files[i - 1].day == files[i].day)) {
			io_drop(fd);
			store_file_name(STORE_FILE_INDEX, files[i].day, 0, file);
			e = io_open_dir(dir_fd, file, &fd);
		}
		if (!e)
			io_drop(fd);
		else if (e != ERR_NOT_FOUND && n_bad++ == 0)
			memcpy(bad, file, sizeof bad);
	}
	if (n_bad)
		SAY(d, WRONG, "workspace",
			"%zu files cannot be opened, the first is %.*s/%s; check its owner, mode and links",
			n_bad, STR_ARG(name), bad);
}

/* Looks for a shard of a future day: then a clock was wrong, and spans of today go there. */
static void check_days(struct doctor *d, struct str name, int fd)
{
	struct cli *c = d->cli;
	struct day_file *files;
	size_t n, n_suspect = 0;
	int32_t last = INT32_MIN;
	enum err e = days_list(&c->store, fd, c->arena, &files, &n);
	if (e) {
		SAY(d, WRONG, "workspace", "%.*s cannot be listed", STR_ARG(name));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		n_suspect += files[i].kind == STORE_FILE_SUSPECT;
		if (files[i].kind != STORE_FILE_SUSPECT)
			last = files[i].day;
	}
	check_files(d, name, fd, files, n);
	if (last > utime_day(utime_now())) {
		char day[10];
		utime_format_day(last, day);
		SAY(d, WARNING, "clock", "%.*s has a future day, %.10s: the clock is or was wrong",
			STR_ARG(name), day);
	}
	if (n_suspect)
		SAY(d, WARNING, "disk", "%.*s: a sync failed %zu times; see the system log",
			STR_ARG(name), n_suspect);
}

static void doctor_check_damage(struct doctor *d, struct str workspace)
{
	struct damages found;
	if (damage_list(&d->cli->store, workspace, d->cli->arena, &found) != ERR_OK)
		return; /* the error was printed before */
	for (size_t i = 0; i < found.n; i++) {
		const struct damage *one = &found.list[i];
		if (one->day == INT32_MIN)
			SAY(d, WRONG, "workspace", "%.*s: %.*s is invalid", STR_ARG(workspace),
				STR_ARG(one->name));
		else
			SAY(d, WRONG, "damage",
				"%.*s %.*s is damaged%s; `flatspan verify` says where, and `flatspan "
				"quarantine` puts it aside",
				STR_ARG(workspace), STR_ARG(one->name),
				one->is_missing ? " and shown in part" : "");
	}
}

static void doctor_check_workspaces(struct doctor *d)
{
	struct cli *c = d->cli;
	struct str *names;
	size_t n;
	enum err e = workspace_list(&c->store, c->arena, &names, &n);
	if (e) {
		SAY(d, WRONG, "workspaces", "%s", err_sentence(e));
		return;
	}
	SAY(d, FINE, "workspaces", "%zu", n);
	for (size_t i = 0; i < n; i++) {
		int fd;
		e = workspace_open(&c->store, names[i], false, &fd);
		if (e == ERR_NOT_FOUND)
			continue; /* it was just removed */
		if (e) {
			SAY(d, WRONG, "workspace",
				"%.*s cannot be opened; check its owner and mode",
				STR_ARG(names[i]));
			continue;
		}
		if (faccessat(fd, ".", W_OK, AT_EACCESS) < 0)
			SAY(d, WRONG, "workspace", "%.*s is not writable; check its owner and mode",
				STR_ARG(names[i]));
		check_days(d, names[i], fd);
		doctor_check_damage(d, names[i]);
		io_drop(fd);
	}
}

static bool see_leftover(void *user, const char *name)
{
	struct doctor *d = user;
	struct str s = str_from_c(name);
	struct stat st;
	if (str_starts(s, STR(".import.")) || str_starts(s, STR(".removed.")))
		SAY(d, WARNING, "leftover", "%s in the data directory: rm -r it", name);
	/* A link is not in the list of workspaces. */
	if (workspace_name_valid(s) && io_stat(d->cli->store.root_fd, name, &st) == ERR_OK &&
		S_ISLNK(st.st_mode))
		SAY(d, WRONG, "workspace",
			"%s is a link, which is not followed; move the directory here, or move the whole data directory",
			name);
	return true;
}

static void doctor_check_clock(struct doctor *d)
{
	/* 2025-01-01, before the first version of this program. */
	bool is_sane = utime_now() > INT64_C(1735689600) * NS_PER_S;
	SAY(d, is_sane ? FINE : WRONG, "clock", "%.*s UTC",
		STR_ARG(report_time(d->cli->arena, utime_now())));
}

/* The settings of app.fcgi are a separate file, so a change of one file does not change the other.
 */
static void check_web_settings(struct doctor *d, struct str dir)
{
	struct cli *c = d->cli;
	struct str message = STR("");
	struct conf web;
	if (web_dir_settings(c, dir, &web, &message) != ERR_OK) {
		SAY(d, WRONG, "web", "%.*s", STR_ARG(message));
		return;
	}
	if (!str_eq(absolute_path(c, web.root), absolute_path(c, c->conf.root)))
		SAY(d, WRONG, "web", "the data directory of app.fcgi is %.*s, as %.*s says",
			STR_ARG(web.root), STR_ARG(web.path));
	const char *other = !str_eq(web.mask_keys, c->conf.mask_keys)     ? "mask_keys"
			    : !str_eq(web.mask_regex, c->conf.mask_regex) ? "mask_regex"
			    : web.content != c->conf.content              ? "content"
									  : NULL;
	if (other)
		SAY(d, WARNING, "web", "%s differs in %.*s, which app.fcgi reads", other,
			STR_ARG(web.path));
}

/* Checks what init --web put there. */
static void check_web(struct doctor *d, struct str dir)
{
	struct cli *c = d->cli;
	struct stat st;
	int fd;
	if (io_open_root(arena_copy_c(c->arena, dir), &fd) != ERR_OK) {
		SAY(d, WRONG, "web", "%.*s cannot be opened", STR_ARG(dir));
		return;
	}
	if (!web_dir_may_be(c, absolute_path(c, dir)))
		SAY(d, WRONG, "web", "the data directory is where everybody can read it");
	if (io_stat(fd, "app.fcgi", &st) != ERR_OK)
		SAY(d, WRONG, "web", "app.fcgi is missing; `flatspan init --web` puts it there");
	else if ((st.st_mode & 0755) != 0755 || (st.st_mode & 022))
		SAY(d, WRONG, "web", "app.fcgi must have mode 755");
	else
		SAY(d, FINE, "web", "app.fcgi");
	if (io_stat(fd, ".htaccess", &st) != ERR_OK)
		SAY(d, WRONG, "web", ".htaccess is missing; `flatspan init --web` puts it there");
	else if (!web_dir_is_ours(fd))
		SAY(d, WARNING, "web",
			".htaccess is not made by flatspan init; does it lead here?");
	if (io_stat(fd, "flatspan.conf.path", &st) != ERR_OK)
		SAY(d, WRONG, "web",
			"flatspan.conf.path, which names the settings of app.fcgi, is missing; `flatspan init --web` puts it there");
	else
		check_web_settings(d, dir);
	if (io->fstat(fd, &st) == 0 && (st.st_mode & 022))
		SAY(d, WRONG, "web",
			"the directory is writable by others, so suEXEC runs nothing there: chmod 755 it");
	io_drop(fd);
}

enum cli_exit verb_doctor(struct cli *c)
{
	struct doctor d = { .cli = c };
	columns_begin(&c->report, STR("check verdict detail"));
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	if (cli_has(c, "url"))
		return doctor_url(&d);
	enum err e;
	enum cli_exit code = cli_find_store(c, &e);
	if (code)
		return code;
	check_settings(&d);
	doctor_check_clock(&d);
	if (e) {
		say_closed(&d, e);
		return CLI_FAILED;
	}
	check_root(&d);
	check_write(&d);
	check_disk(&d);
	check_keys(&d);
	doctor_check_workspaces(&d);
	if (io_list(c->store.root_fd, see_leftover, &d) != ERR_OK)
		SAY(&d, WRONG, "data", "cannot be listed");
	if (cli_has(c, "web"))
		check_web(&d, cli_value(c, "web"));
	return d.n[WRONG] ? CLI_FAILED : CLI_OK;
}
