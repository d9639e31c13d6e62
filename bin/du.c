/* du: what a workspace, and each of its days, takes on the disk. */
#include "columns.h"
#include "tree.h"
#include "verb.h"

#include "base/io.h"
#include "base/utime.h"

#include <fcntl.h>
#include <stdlib.h>

enum what { DU_LINES, DU_SEALED, DU_NOTES, DU_INDEX, DU_OTHER, DU__MAX };

static const char *const names[DU__MAX] = { "lines", "sealed", "notes", "index", "other" };

struct day_use {
	int32_t day; /* INT32_MIN: of no day */
	int64_t bytes[DU__MAX];
};

struct use {
	struct cli *cli;
	int dir_fd;
	struct day_use *days; /* a block */
	size_t n, cap;
	int64_t total;
};

static struct day_use *day_of(struct use *u, int32_t day)
{
	for (size_t i = u->n; i-- > 0;)
		if (u->days[i].day == day)
			return &u->days[i];
	if (u->n == u->cap) {
		u->cap = u->cap ? 2 * u->cap : 64;
		u->days = arena_block(u->cli->arena, u->days, u->cap * sizeof *u->days);
	}
	u->days[u->n] = (struct day_use){ .day = day };
	return &u->days[u->n++];
}

static bool add_file(void *user, const char *name)
{
	struct use *u = user;
	struct stat st;
	enum store_file kind;
	int32_t day;
	int part;
	struct str s = str_from_c(name);
	if (io_stat(u->dir_fd, name, &st) != ERR_OK)
		return true;
	int64_t bytes = st.st_size;
	enum what what = DU_OTHER;
	if (S_ISDIR(st.st_mode) && tree_bytes(u->dir_fd, name, &bytes) != ERR_OK)
		return true;
	if (store_parse_name(s, &kind, &day, &part))
		what = kind == STORE_FILE_SHARD    ? DU_LINES
		       : kind == STORE_FILE_SEALED ? DU_SEALED
		       : kind == STORE_FILE_NOTES  ? DU_NOTES
		       : kind == STORE_FILE_INDEX  ? DU_INDEX
						   : DU_OTHER;
	else if (!utime_parse_day(str_first(s, 10), &day))
		day = INT32_MIN;
	day_of(u, day)->bytes[what] += bytes;
	u->total += bytes;
	return true;
}

static int by_day(const void *x, const void *y)
{
	const struct day_use *a = x, *b = y;
	return (a->day > b->day) - (a->day < b->day);
}

static void put_row(struct cli *c, struct str workspace, const struct day_use *d)
{
	char day[10] = "-";
	int64_t total = 0;
	size_t day_len = 1;
	if (d->day != INT32_MIN) {
		utime_format_day(d->day, day);
		day_len = sizeof day;
	}
	for (unsigned i = 0; i < DU__MAX; i++)
		total += d->bytes[i];
	if (c->is_json) {
		struct json_writer w = cli_json(c);
		json_member_text(&w, STR("workspace"), workspace);
		if (d->day != INT32_MIN)
			json_member_text(&w, STR("day"), str_of(day, day_len));
		for (unsigned i = 0; i < DU__MAX; i++)
			json_member_i64(&w, str_from_c(names[i]), d->bytes[i]);
		json_member_i64(&w, STR("total"), total);
		cli_json_end(c, &w);
		return;
	}
	buf_printf(&c->out, "%7.*s  %-10.*s", STR_ARG(cli_bytes(c, (uint64_t)total)), (int)day_len,
		day);
	for (unsigned i = 0; i < DU__MAX; i++)
		if (d->bytes[i])
			buf_printf(&c->out, "  %s %.*s", names[i],
				STR_ARG(cli_bytes(c, (uint64_t)d->bytes[i])));
	buf_add_char(&c->out, '\n');
	(void)cli_flush_if_large(c);
}

static enum cli_exit measure(struct cli *c, struct str workspace, struct use *u)
{
	*u = (struct use){ .cli = c };
	enum err e = workspace_open(&c->store, workspace, false, &u->dir_fd);
	if (!e) {
		e = io_list(u->dir_fd, add_file, u);
		io_drop(u->dir_fd);
	}
	if (e)
		return cli_error(
			c, e, arena_printf(c->arena, "workspace %.*s", STR_ARG(workspace)));
	if (u->n)
		qsort(u->days, u->n, sizeof *u->days, by_day);
	return CLI_OK;
}

static enum cli_exit of_workspace(struct cli *c)
{
	struct use u;
	enum cli_exit code = measure(c, c->workspace, &u);
	if (code)
		return code;
	for (size_t i = 0; i < u.n; i++)
		put_row(c, c->workspace, &u.days[i]);
	return CLI_OK;
}

static enum cli_exit of_all(struct cli *c)
{
	struct str *list;
	size_t n;
	enum err e = workspace_list(&c->store, c->arena, &list, &n);
	if (e)
		return cli_error(c, e, STR("the data directory"));
	enum cli_exit code = CLI_OK;
	for (size_t i = 0; i < n; i++) {
		struct use u;
		enum cli_exit one = measure(c, list[i], &u);
		if (one) {
			code = one;
			continue;
		}
		struct day_use sum = { .day = INT32_MIN };
		for (size_t k = 0; k < u.n; k++)
			for (unsigned w = 0; w < DU__MAX; w++)
				sum.bytes[w] += u.days[k].bytes[w];
		if (c->is_json) {
			put_row(c, list[i], &sum);
			continue;
		}
		buf_printf(&c->out, "%7.*s  ", STR_ARG(cli_bytes(c, (uint64_t)u.total)));
		cli_put(c, list[i], 0, false);
		buf_add_char(&c->out, '\n');
	}
	return code;
}

enum cli_exit verb_du(struct cli *c)
{
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	columns_begin(c, STR("workspace day lines sealed notes index other total"));
	return cli_has(c, "workspace") ? of_workspace(c) : of_all(c);
}
