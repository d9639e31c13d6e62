#include "hosting/web_dir.h"
#include "doctor/fetch.h"
#include "hosting/htaccess.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* suEXEC runs a program only if neither it nor its directory is writable by others. */
enum { PROGRAM_MODE = 0755, PROGRAM_MAX = 64 << 20, SETTINGS_MAX = 64 << 10 };

struct str web_program(struct cli *c)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path);
	if (n > 0 && (size_t)n < sizeof path)
		return arena_copy(c->arena, str_of(path, (size_t)n));
	return realpath(c->program, path) ? arena_copy(c->arena, str_from_c(path))
					  : str_from_c(c->program);
}

bool path_is_beneath(struct str path, struct str dir)
{
	return str_starts(path, dir) &&
	       (path.len == dir.len || str_ends(dir, STR("/")) || path.ptr[dir.len] == '/');
}

/* Returns the path up to the first of the names in it; STR_NULL when it has none of them. */
static struct str up_to_name(struct str dir, const char *const *names)
{
	for (; *names; names++) {
		struct str name = str_from_c(*names);
		for (size_t at = 0; at + name.len <= dir.len; at++)
			if (path_is_beneath(str_skip(dir, at), name))
				return str_first(dir, at + name.len);
	}
	return STR_NULL;
}

/* Returns the document root that holds a directory, by the usual names; STR_NULL when it is
 * unknown. */
static struct str document_root(struct str dir)
{
	static const char *const names[] = { "/public_html", "/htdocs", "/httpdocs", "/www",
		"/html", "/web", "/public", NULL };
	return up_to_name(dir, names);
}

struct str web_dir_serving(struct str path)
{
	static const char *const names[] = { "/public_html", "/htdocs", "/httpdocs", "/www/html",
		NULL };
	return up_to_name(path, names);
}

struct str absolute_path(struct cli *c, struct str path)
{
	char real[PATH_MAX];
	struct str there = path.len ? path : STR("."), rest = STR("");
	while (!realpath(arena_copy_c(c->arena, there), real)) {
		size_t slash = there.len;
		while (slash && there.ptr[slash - 1] != '/')
			slash--;
		if (str_eq(there, STR(".")) || str_eq(there, STR("/")))
			return path; /* the working directory was removed */
		rest = str_skip(path, slash);
		there = slash > 1 ? str_first(there, slash - 1) : slash ? STR("/") : STR(".");
	}
	struct buf b;
	buf_init(&b, c->arena);
	buf_add(&b, str_from_c(real));
	while (!str_is_null(rest)) {
		struct str name = str_cut(&rest, '/');
		if (!name.len || str_eq(name, STR(".")))
			continue;
		if (str_eq(name, STR(".."))) {
			while (b.len > 1 && b.ptr[b.len - 1] != '/')
				b.len--;
			b.len -= b.len > 1;
			continue;
		}
		if (b.len > 1)
			buf_add_char(&b, '/');
		buf_add(&b, name);
	}
	return buf_str(&b);
}

static bool lies_outside(struct cli *c, struct str root, struct str served)
{
	if (str_is_null(served) || !path_is_beneath(root, served))
		return true;
	(void)cli_fail(c, CLI_USAGE,
		"the data directory %.*s is in %.*s, where everybody could read it; name another with --root",
		STR_ARG(root), STR_ARG(served));
	return false;
}

bool web_dir_may_hold(struct cli *c)
{
	struct str root = absolute_path(c, c->conf.root);
	return lies_outside(c, root, web_dir_serving(root));
}

bool web_dir_may_be(struct cli *c, struct str dir)
{
	struct str served = document_root(dir);
	return lies_outside(c, absolute_path(c, c->conf.root), str_is_null(served) ? dir : served);
}

bool web_dir_is_ours(int dir_fd)
{
	char text[sizeof HTACCESS_MARK - 1];
	size_t n;
	int fd;
	if (io_open_file(dir_fd, ".htaccess", O_RDONLY, &fd) != ERR_OK)
		return false;
	bool is_ours = io_pread(fd, text, sizeof text, 0, &n) == ERR_OK &&
		       str_eq(str_of(text, n), STR(HTACCESS_MARK));
	io_drop(fd);
	return is_ours;
}

enum cli_exit web_dir_check(struct cli *c, struct str dir)
{
	struct stat st;
	int dir_fd;
	if (!web_dir_may_be(c, dir))
		return CLI_USAGE;
	if (io_open_root(arena_copy_c(c->arena, dir), &dir_fd) != ERR_OK)
		return CLI_OK; /* it will be made, and errors are reported then */
	bool may_be_replaced =
		io_stat(dir_fd, ".htaccess", &st) == ERR_NOT_FOUND || web_dir_is_ours(dir_fd);
	io_drop(dir_fd);
	if (may_be_replaced)
		return CLI_OK;
	return cli_fail(c, CLI_FAILED,
		"%.*s/.htaccess is not made by flatspan init, which would replace it; move it away, or choose a directory of its own",
		STR_ARG(dir));
}

static enum err web_dir_read_whole(struct cli *c, struct str path, int64_t most, struct str *ret)
{
	int fd;
	int64_t size;
	size_t n, slash = path.len;
	while (slash && path.ptr[slash - 1] != '/')
		slash--;
	int dir_fd;
	enum err e =
		io_open_root(slash ? arena_copy_c(c->arena, str_first(path, slash)) : ".", &dir_fd);
	if (e)
		return e;
	e = io_open_file(dir_fd, arena_copy_c(c->arena, str_skip(path, slash)), O_RDONLY, &fd);
	io_drop(dir_fd);
	if (e)
		return e;
	e = io_size(fd, &size);
	if (!e && size > most)
		e = ERR_TOO_LARGE;
	if (!e) {
		char *bytes = arena_text(c->arena, (size_t)size);
		e = io_pread(fd, bytes, (size_t)size, 0, &n);
		*ret = str_of(bytes, n);
	}
	io_drop(fd);
	return e;
}

static enum err put_file(int dir_fd, const char *name, struct str content, mode_t mode)
{
	enum err e = io_replace_file(dir_fd, name, content, false);
	if (!e && fchmodat(dir_fd, name, mode, 0) < 0)
		e = io_error(errno);
	return e;
}

/* Copies the settings in use, so that masking, for example, is the same for all ways in; but not
 * the data directory and who has access, which the caller writes, nor the URL of another server. */
static enum err copy_settings(struct cli *c, struct buf *to)
{
	struct str text;
	if (str_is_null(c->conf.path))
		return ERR_OK;
	enum err e = web_dir_read_whole(c, absolute_path(c, c->conf.path), SETTINGS_MAX, &text);
	if (e)
		return e;
	if (str_starts(text,
		    STR("\xef\xbb\xbf"))) /* as for settings: only at the beginning of a file */
		text = str_skip(text, 3);
	while (text.len) {
		struct str line = str_trim(str_cut(&text, '\n')), name = line;
		name = str_trim(str_first(name, str_index(name, '=')));
		if (line.len == name.len || name.ptr[0] == '#' || str_eq(name, STR("root")) ||
			str_eq(name, STR("workspace")) || str_eq(name, STR("auth")) ||
			str_eq(name, STR("prefix")))
			continue;
		buf_add(to, line);
		buf_add_char(to, '\n');
	}
	return ERR_OK;
}

/* Writes the settings of the programs outside the document root: next to the data. */
static enum err put_settings(struct cli *c, struct str *ret_path)
{
	int fd;
	struct stat st;
	struct buf text;
	enum err e = io_stat(c->store.root_fd, ".flatspan.conf", &st);
	*ret_path = arena_printf(c->arena, "%.*s/.flatspan.conf", STR_ARG(c->conf.root));
	if (e != ERR_NOT_FOUND)
		return e; /* the user has changed them */
	buf_init(&text, c->arena);
	buf_printf(&text, "root = %.*s\nworkspace = %.*s\nauth = on\n", STR_ARG(c->conf.root),
		STR_ARG(c->workspace));
	e = copy_settings(c, &text);
	if (e)
		return e;
	e = io_open_root(arena_copy_c(c->arena, c->conf.root), &fd);
	if (e)
		return e;
	e = io_replace_file(fd, ".flatspan.conf", buf_str(&text), false);
	io_drop(fd);
	return e;
}

enum err web_dir_settings(struct cli *c, struct str dir, struct conf *ret, struct str *ret_message)
{
	struct str pointer = arena_printf(c->arena, "%.*s/flatspan.conf.path", STR_ARG(dir)), path;
	enum err e = web_dir_read_whole(c, pointer, SETTINGS_MAX, &path);
	if (!e) {
		path = str_trim(path);
		if (!str_starts(path, STR("/"))) /* it is relative to the pointer's directory */
			path = arena_printf(c->arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(path));
		return conf_read_file(ret, c->arena, path, ret_message);
	}
	*ret_message = arena_printf(c->arena, "%.*s: %s", STR_ARG(pointer), err_sentence(e));
	return e;
}

static struct str last_name(struct str dir)
{
	size_t n = dir.len;
	while (n && dir.ptr[n - 1] != '/')
		n--;
	return str_skip(dir, n);
}

/* Encodes a path for a URL, and so that no name ends a word of .htaccess. */
static struct str url_encode(struct arena *a, struct str path)
{
	struct buf b;
	buf_init(&b, a);
	for (size_t i = 0; i < path.len; i++) {
		char ch = path.ptr[i], small = ascii_lower(ch);
		bool is_plain = (small >= 'a' && small <= 'z') || (ch >= '0' && ch <= '9') ||
				(ch && strchr("/._-~", ch));
		if (is_plain)
			buf_add_char(&b, ch);
		else
			buf_printf(&b, "%%%02X", (unsigned)(unsigned char)ch);
	}
	return buf_str(&b);
}

/* Returns the path of the URL of this directory, after the host. */
static struct str url_path(struct cli *c, struct str dir, struct str url)
{
	if (!str_is_null(url)) {
		size_t scheme = str_find(url, STR("://"));
		struct str rest = scheme < url.len ? str_skip(url, scheme + 3) : url;
		rest = str_skip(rest, str_index(rest, '/'));
		while (str_ends(rest, STR("/")))
			rest.len--;
		return rest;
	}
	struct str served = document_root(dir);
	return url_encode(c->arena,
		str_is_null(served) ? arena_printf(c->arena, "/%.*s", STR_ARG(last_name(dir)))
				    : str_skip(dir, served.len));
}

/* Opens a directory, which is made when it is missing; the one above it must exist. */
static enum err web_dir_open_dir(struct cli *c, struct str dir, int *ret_fd)
{
	struct str name = last_name(dir), above = str_first(dir, dir.len - name.len);
	int fd;
	enum err e = io_open_root(arena_copy_c(c->arena, above.len ? above : STR(".")), &fd);
	if (e)
		return e;
	if (name.len)
		e = io_make_dir(fd, arena_copy_c(c->arena, name));
	io_drop(fd);
	return e ? e : io_open_root(arena_copy_c(c->arena, dir), ret_fd);
}

enum cli_exit web_dir_make(struct cli *c, struct str dir, struct str *ret_url)
{
	struct str program, settings, path = url_path(c, dir, *ret_url);
	int fd;
	enum err e = web_dir_open_dir(c, dir, &fd);
	if (e)
		return cli_error(c, e, dir);
	e = web_dir_read_whole(c, web_program(c), PROGRAM_MAX, &program);
	if (!e)
		e = put_settings(c, &settings);
	if (!e)
		e = put_file(fd, "app.fcgi", program, PROGRAM_MODE);
	if (!e)
		e = put_file(fd, "flatspan.conf.path", settings, 0640);
	if (!e)
		e = put_file(fd, ".htaccess", htaccess_text(c->arena, path, 0), 0644);
	if (!e && fchmod(fd, PROGRAM_MODE) < 0)
		e = io_error(errno);
	io_drop(fd);
	if (e)
		return cli_error(c, e, dir);
	if (str_index(dir, ' ') < dir.len)
		cli_note(c,
			"%.*s: mod_fcgid starts no program in a directory with a space in its name",
			STR_ARG(dir));
	if (str_is_null(*ret_url))
		*ret_url = arena_printf(c->arena, "https://YOUR.SITE%.*s", STR_ARG(path));
	return CLI_OK;
}

/* ---- What the host allows ---- */

static bool answers(struct cli *c, const struct fetch_url *url)
{
	struct fetch what = { .method = "GET", .body = STR_NULL };
	struct fetch_answer a;
	what.target = arena_printf(c->arena, "%.*s/health/live", STR_ARG(url->path));
	return fetch(c, url, &what, &a) && a.status == 200 &&
	       str_find(a.body, STR("\"status\":\"live\"")) < a.body.len;
}

enum cli_exit web_dir_probe(struct cli *c, struct str dir, struct str url)
{
	/* The order begins with those that leave out least. */
	static const unsigned tries[] = { 0, HTACCESS_AUTH, HTACCESS_INDEXES, HTACCESS_OPTIONS,
		HTACCESS_AUTH | HTACCESS_INDEXES, HTACCESS_AUTH | HTACCESS_OPTIONS,
		HTACCESS_INDEXES | HTACCESS_OPTIONS, HTACCESS_ALL };
	struct fetch_url parts;
	int fd;
	if (!fetch_read_url(c, url, &parts))
		return CLI_USAGE;
	enum err e = io_open_root(arena_copy_c(c->arena, dir), &fd);
	if (e)
		return cli_error(c, e, dir);
	struct str path = url_path(c, dir, url);
	for (size_t i = 0; i < sizeof tries / sizeof tries[0] && !e; i++) {
		e = put_file(fd, ".htaccess", htaccess_text(c->arena, path, tries[i]), 0644);
		if (!e && answers(c, &parts)) {
			io_drop(fd);
			if (tries[i])
				cli_note(c, "the host forbids %s in .htaccess; it works without",
					htaccess_names(tries[i]));
			return CLI_OK;
		}
	}
	if (!e)
		e = put_file(fd, ".htaccess", htaccess_text(c->arena, path, 0), 0644);
	io_drop(fd);
	if (e)
		return cli_error(c, e, dir);
	return cli_fail(c, CLI_UNVERIFIED,
		"no .htaccess leads from %.*s to the program; `flatspan doctor --url` says why",
		STR_ARG(url));
}
