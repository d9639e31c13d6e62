/* backup and restore: a backup is a copy that is itself a data directory. */
#include "hosting/web_dir.h"
#include "verb.h"

#include "base/io.h"
#include "upkeep/backup.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static void backup_show(void *user, uint64_t done, uint64_t total)
{
	cli_progress(user, "%llu%%", (unsigned long long)(total ? done * 100 / total : 100));
}

/* has_read: every line was read. */
static void backup_put_result(
	struct cli *c, const struct backup_result *r, const char *what, bool has_read)
{
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_i64(&w, STR("files"), (int64_t)r->n_files);
		json_member_i64(&w, STR("copied"), (int64_t)r->n_copied);
		json_member_i64(&w, STR("removed"), (int64_t)r->n_removed);
		json_member_i64(&w, STR("bytes"), r->size_bytes);
		json_member_i64(&w, STR("copied_bytes"), r->copied_bytes);
		if (has_read) {
			json_member_i64(&w, STR("lines"), (int64_t)r->n_lines);
			json_member_i64(&w, STR("damaged"), (int64_t)(r->n_bad + r->n_bad_frames));
		}
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->report.out, "%s: %llu files of %.*s, %llu of them new (%.*s)\n", what,
		(unsigned long long)r->n_files, STR_ARG(cli_bytes(c, (uint64_t)r->size_bytes)),
		(unsigned long long)r->n_copied, STR_ARG(cli_bytes(c, (uint64_t)r->copied_bytes)));
}

static bool backup_is_inside(struct cli *c, struct str path, struct str dir)
{
	return path_is_beneath(absolute_path(c, path), absolute_path(c, dir));
}

/* True when the path is a directory, or may become one. False after saying why not. */
static bool is_place(struct cli *c, struct str path, enum cli_exit *ret)
{
	struct stat st;
	if (!path.len) {
		*ret = cli_fail(c, CLI_USAGE, "the name of a directory is empty");
		return false;
	}
	const char *name = arena_copy_c(c->arena, path);
	if (stat(name, &st) == 0) {
		*ret = S_ISDIR(st.st_mode) ? CLI_OK
					   : cli_fail(c, CLI_USAGE, "%s is not a directory", name);
		return *ret == CLI_OK;
	}
	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	size_t slash = path.len;
	while (slash && path.ptr[slash - 1] != '/')
		slash--;
	struct str above = slash > 1 ? str_first(path, slash - 1) : slash ? STR("/") : STR(".");
	*ret = stat(arena_copy_c(c->arena, above), &st) == 0 ? CLI_OK
							     : cli_error(c, ERR_NOT_FOUND, above);
	return *ret == CLI_OK;
}

/* A copy of one workspace would look like one of all. */
static bool is_of_all(struct cli *c)
{
	if (!cli_has(c, "workspace"))
		return true;
	(void)cli_fail(c, CLI_USAGE,
		"-w: backup copies all workspaces; `flatspan -w NAME export` prints the spans of one");
	return false;
}

enum cli_exit verb_backup(struct cli *c)
{
	struct backup_options o = { .progress = { backup_show, c } };
	struct backup_result r = { 0 };
	enum cli_exit code;
	if (!cli_words(c, 1, 1) || !is_of_all(c))
		return CLI_USAGE;
	if (!is_place(c, c->words[0], &code))
		return code;
	/* Check this first: a directory inside the data would be a workspace. */
	if (backup_is_inside(c, c->words[0], c->conf.root))
		return cli_fail(c, CLI_USAGE, "%.*s is the data directory or inside it",
			STR_ARG(c->words[0]));
	enum err e = backup_dir(&c->store, c->words[0], &o, &r);
	if (e == ERR_CONF)
		return cli_fail(
			c, CLI_FAILED, "%.*s is not a backup, and not empty", STR_ARG(c->words[0]));
	if (e && r.what[0])
		return cli_error(c, e, str_from_c(r.what));
	if (e == ERR_UNSAFE)
		return cli_fail(c, CLI_USAGE, "%.*s is the data directory or inside it",
			STR_ARG(c->words[0]));
	if (e)
		return cli_error(c, e, c->words[0]);
	backup_put_result(c, &r, "backed up", false);
	return CLI_OK;
}

/* Makes a process of root one of the owner of the place, as servers need it; of a new place, the
 * owner of the backup, as cp -a does. False after saying why not. */
static bool become_owner(struct cli *c, struct str from, struct str to)
{
	const char *manifest =
		arena_copy_c(c->arena, arena_printf(c->arena, "%.*s/MANIFEST", STR_ARG(from)));
	struct stat is, made;
	int fd;
	if (geteuid() != 0 || stat(manifest, &is) < 0)
		return true; /* without a format file it is not a backup, which the caller says */
	if (stat(arena_copy_c(c->arena, to), &made) < 0 && is.st_uid != 0) {
		/* Change the owner of what was made, not of what the name means by now. */
		enum err e = store_make_dir(to, &fd);
		if (!e) {
			e = fchown(fd, is.st_uid, is.st_gid) < 0 ? io_error(errno) : ERR_OK;
			io_drop(fd);
		}
		if (e) {
			(void)cli_error(c, e, to);
			return false;
		}
	}
	if (!cli_become_owner(c, to))
		return false;
	if (geteuid() == 0 || access(manifest, R_OK) == 0)
		return true;
	(void)cli_fail(c, CLI_IO,
		"the owner of %.*s, who will own what is restored, cannot read %.*s", STR_ARG(to),
		STR_ARG(from));
	return false;
}

/* Reports damage that the backup holds already. */
static enum cli_exit say_damage(struct cli *c, const struct backup_result *r)
{
	if (r->n_bad)
		cli_note(c,
			"%llu lines are damaged, as they were at the time of the backup; `flatspan verify` names them",
			(unsigned long long)r->n_bad);
	if (r->n_bad_files == 1)
		cli_note(c,
			"%s is damaged, as it was at the time of the backup; `flatspan verify` says where",
			r->what);
	else if (r->n_bad_files)
		cli_note(c,
			"%s and %llu more sealed days are damaged, as they were at the time of the backup; `flatspan verify` says where",
			r->what, (unsigned long long)r->n_bad_files - 1);
	return r->n_bad || r->n_bad_files ? CLI_UNVERIFIED : CLI_OK;
}

enum cli_exit verb_restore(struct cli *c)
{
	struct backup_options o = { .progress = { backup_show, c } };
	struct backup_result r = { 0 };
	struct str what = STR("");
	if (!cli_words(c, 2, 2) || !is_of_all(c))
		return CLI_USAGE;
	struct stat st;
	if (stat(arena_copy_c(c->arena, c->words[0]), &st) < 0 && errno == ENOENT)
		return cli_error(c, ERR_NOT_FOUND, c->words[0]);
	enum cli_exit code;
	if (!is_place(c, c->words[1], &code))
		return code;
	if (backup_is_inside(c, c->words[1], c->words[0]))
		return cli_fail(
			c, CLI_USAGE, "%.*s is the backup or inside it", STR_ARG(c->words[1]));
	if (!become_owner(c, c->words[0], c->words[1]))
		return CLI_IO;
	enum err e = restore_dir(c->words[0], c->words[1], c->arena, &o, &r, &what);
	bool is_place = str_eq(what, c->words[1]);
	if (e == ERR_CONFLICT)
		return cli_fail(c, CLI_FAILED, "%.*s is not empty", STR_ARG(c->words[1]));
	if (e == ERR_BUSY && is_place)
		return cli_fail(
			c, CLI_IO, "another restore is running in %.*s", STR_ARG(c->words[1]));
	if (e && is_place)
		return cli_error(c, e, c->words[1]);
	if (e == ERR_CONF || (e == ERR_UNSAFE && !what.len))
		return cli_fail(c, CLI_FAILED, "%.*s is not a backup", STR_ARG(c->words[0]));
	if (e == ERR_IO && what.len)
		return cli_fail(c, CLI_IO, "%.*s differs from what was backed up", STR_ARG(what));
	if (e)
		return cli_error(c, e, c->words[0]);
	backup_put_result(c, &r, "restored", true);
	return say_damage(c, &r);
}
