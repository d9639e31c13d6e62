/*
 * export --hive: a file a day, where DuckDB, ClickHouse, Spark and others look for them.  Declared
 * in export.h.
 *
 *	DIR/workspace=NAME/date=2026-11-21/part-0.jsonl[.gz]
 *
 * The date is that of started_at.  A file is written under another name and then renamed, so
 * readers only see complete files.  A second run leaves what one run would have left: a day without
 * spans loses its file, and of the plain and the compressed form of a day only one stays.  Only one
 * export at a time writes into the directory of a workspace.
 */
#include "transfer/export.h"
#include "transfer/pack.h"

#include "base/io.h"
#include "base/utime.h"
#include "query/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LOCK_FILE ".export.lock"
#define TEMP_FILE ".part-0.tmp"

static const char *const part_files[] = { "part-0.jsonl", "part-0.jsonl.gz" };

/* A span and its day, in the order of arrival within a day. */
struct dated {
	int32_t day;
	uint32_t number;
	struct row_ref ref;
};

struct hive {
	struct cli *cli;
	struct view *view;
	struct str place; /* for messages: DIR/workspace=NAME */
	int fd, lock_fd;
	bool is_gzip;
	int32_t first_day, last_day;
	struct buf rows; /* an array of struct dated */
	size_t n, n_done;
	enum cli_exit code; /* an error of removing a day */
};

static bool hive_take(void *user, const struct span *s, struct row_ref ref)
{
	struct hive *h = user;
	struct dated d = { utime_day(span_i64(s, FIELD_STARTED_AT, 0)), (uint32_t)h->n++, ref };
	buf_add(&h->rows, str_of((const char *)&d, sizeof d));
	return true;
}

static int hive_by_day(const void *x, const void *y)
{
	const struct dated *a = x, *b = y;
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static const struct dated *hive_rows_of(const struct hive *h)
{
	return (const struct dated *)(const void *)h->rows.ptr;
}

/* Widens the window to whole days, because a file of part of a day would replace the whole one. */
static void hive_widen(struct hive *h, struct query *q)
{
	h->first_day = INT32_MIN;
	h->last_day = INT32_MAX;
	if (q->from_ns != INT64_MIN) {
		h->first_day = utime_day(q->from_ns);
		q->from_ns = h->first_day * NS_PER_DAY;
	}
	if (q->to_ns != INT64_MAX) {
		h->last_day = utime_day(q->to_ns);
		if (__builtin_mul_overflow((int64_t)h->last_day + 1, NS_PER_DAY, &q->to_ns))
			q->to_ns = INT64_MAX;
		else
			q->to_ns--;
	}
}

/* ---- Directories ---- */

static enum err open_beneath(int dir_fd, const char *name, int *ret_fd)
{
	enum err e = io_make_dir(dir_fd, name);
	return e ? e : io_open_dir(dir_fd, name, ret_fd);
}

static enum cli_exit open_place(struct hive *h)
{
	struct cli *c = h->cli;
	struct str dir = cli_has(c, "dir") ? cli_value(c, "dir") : STR(".");
	const char *path = arena_copy_c(c->arena, dir);
	int root_fd;
	h->place =
		arena_printf(c->arena, "%.*s/workspace=%.*s", STR_ARG(dir), STR_ARG(c->workspace));
	(void)io->mkdirat(AT_FDCWD, path, 0750); /* opening it reports errors */
	enum err e = io_open_root(path, &root_fd);
	if (e)
		return cli_error(c, e, dir);
	e = open_beneath(root_fd,
		arena_copy_c(
			c->arena, arena_printf(c->arena, "workspace=%.*s", STR_ARG(c->workspace))),
		&h->fd);
	io_drop(root_fd);
	if (e)
		return cli_error(c, e, h->place);
	e = io_open_file(h->fd, LOCK_FILE, O_RDWR | O_CREAT, &h->lock_fd);
	if (!e) {
		e = io_lock(h->lock_fd, 0);
		if (e)
			io_drop(h->lock_fd);
	}
	if (!e)
		return CLI_OK;
	io_drop(h->fd);
	return e == ERR_BUSY ? cli_fail(c, CLI_IO, "%.*s: another export is writing there",
				       STR_ARG(h->place))
			     : cli_error(c, e, h->place);
}

static const char *hive_name_of(struct cli *c, int32_t day)
{
	char text[10];
	utime_format_day(day, text);
	return arena_copy_c(c->arena, arena_printf(c->arena, "date=%.10s", text));
}

/* ---- A day ---- */

static enum cli_exit hive_put_rows(struct hive *h, const struct dated *rows, size_t n)
{
	struct cli *c = h->cli;
	for (size_t i = 0; i < n; i++) {
		enum err e = export_row(c, h->view, rows[i].ref);
		if (e)
			return cli_error(c, e, STR("a line"));
		if (!cli_flush_if_large(c))
			return CLI_IO;
		cli_progress(c, "%zu of %zu spans", ++h->n_done, h->n);
	}
	return CLI_OK;
}

static enum cli_exit hive_write_file(
	struct hive *h, int dir_fd, const char *name, const struct dated *rows, size_t n)
{
	struct pack p;
	int fd;
	(void)io->unlinkat(dir_fd, TEMP_FILE,
		0); /* Removes what a dead process left; O_EXCL finds out if this fails. */
	enum err e = io_open_file(dir_fd, TEMP_FILE, O_WRONLY | O_CREAT | O_EXCL, &fd);
	if (e)
		return cli_error(h->cli, e, h->place);
	enum cli_exit code = pack_begin(&p, h->cli, fd, name, h->is_gzip);
	if (code == CLI_OK) {
		code = hive_put_rows(h, rows, n);
		if (code == CLI_OK)
			code = pack_end(&p);
		else
			pack_drop(&p);
	}
	e = code ? ERR_OK : io_fdatasync(fd);
	enum err closed = io_close(fd);
	e = e ? e : closed;
	return code == CLI_OK && e ? cli_error(h->cli, e, h->place) : code;
}

static enum cli_exit hive_put_day(struct hive *h, const struct dated *rows, size_t n)
{
	struct cli *c = h->cli;
	struct arena_mark mark = arena_mark(c->arena);
	const char *name = hive_name_of(c, rows[0].day);
	int fd;
	enum err e = open_beneath(h->fd, name, &fd);
	if (e)
		return cli_error(c, e, h->place);
	enum cli_exit code = hive_write_file(h, fd, name, rows, n);
	if (code == CLI_OK) {
		/* Remove the other form when the new one is durable under its name. */
		if (io->renameat(fd, TEMP_FILE, fd, part_files[h->is_gzip]) < 0)
			e = io_error(errno);
		else
			e = io_fsync(fd);
		if (!e && io->unlinkat(fd, part_files[!h->is_gzip], 0) < 0 && errno != ENOENT)
			e = io_error(errno);
		if (e)
			code = cli_error(c, e, h->place);
	}
	if (code)
		(void)io->unlinkat(fd, TEMP_FILE, 0); /* otherwise the next run removes it */
	io_drop(fd);
	arena_rewind(c->arena, mark);
	return code;
}

static enum cli_exit put_days(struct hive *h)
{
	const struct dated *rows = hive_rows_of(h);
	enum cli_exit code = CLI_OK;
	for (size_t i = 0, n; i < h->n && code == CLI_OK; i += n) {
		for (n = 1; i + n < h->n && rows[i + n].day == rows[i].day;)
			n++;
		code = hive_put_day(h, rows + i, n);
	}
	return code;
}

/* ---- Days without spans ---- */

static bool has_day(const struct hive *h, int32_t day)
{
	const struct dated *rows = hive_rows_of(h);
	size_t low = 0, n = h->n;
	while (low < n) {
		size_t middle = low + (n - low) / 2;
		if (rows[middle].day == day)
			return true;
		if (rows[middle].day < day)
			low = middle + 1;
		else
			n = middle;
	}
	return false;
}

static bool remove_if_gone(void *user, const char *name)
{
	struct hive *h = user;
	struct str s = str_from_c(name);
	int32_t day;
	int fd;
	if (!str_starts(s, STR("date=")) || !utime_parse_day(str_skip(s, 5), &day) ||
		day < h->first_day || day > h->last_day || has_day(h, day))
		return true;
	enum err e = io_open_dir(h->fd, name, &fd);
	if (e && e != ERR_NOT_FOUND)
		h->code = cli_error(
			h->cli, e, arena_printf(h->cli->arena, "%.*s/%s", STR_ARG(h->place), name));
	if (e)
		return true;
	(void)io->unlinkat(fd, TEMP_FILE, 0);
	for (size_t i = 0; i < 2; i++)
		if (io->unlinkat(fd, part_files[i], 0) < 0 && errno != ENOENT)
			h->code = cli_error(h->cli, io_error(errno), h->place);
	io_drop(fd);
	/* It stays when it holds files of others. */
	if (io->unlinkat(h->fd, name, AT_REMOVEDIR) < 0 && errno != ENOTEMPTY && errno != EEXIST &&
		errno != ENOENT)
		h->code = cli_error(h->cli, io_error(errno), h->place);
	return true;
}

static enum cli_exit hive_write_all(struct hive *h)
{
	enum cli_exit code = put_days(h);
	if (code)
		return code;
	enum err e = io_fsync(h->fd); /* of the directories of new days */
	if (!e)
		e = io_list(h->fd, remove_if_gone, h);
	return e ? cli_error(h->cli, e, h->place) : h->code;
}

enum cli_exit export_hive(struct cli *c, struct view *v, struct query *q)
{
	struct hive h = { .cli = c, .view = v, .is_gzip = cli_has(c, "gzip") };
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_STARTED_AT);
	hive_widen(&h, q);
	enum cli_exit code = open_place(&h);
	if (code)
		return code;
	buf_init(&h.rows, c->arena);
	enum err e = engine_each(v, q, &want, hive_take, &h);
	if (h.n)
		qsort(h.rows.ptr, h.n, sizeof(struct dated), hive_by_day);
	if (e)
		code = cli_workspace_error(c, e);
	else if (export_strictly(v)) /* a file of a day is whole or not there */
		code = cli_fail(c, CLI_IO,
			"a sealed day is damaged, so nothing is exported; `flatspan quarantine` puts it aside");
	else
		code = hive_write_all(&h);
	buf_release(&h.rows);
	io_drop(h.lock_fd);
	io_drop(h.fd);
	return code;
}
