/* tail: the spans that arrived last; with -f also those that arrive from then on. tail_url.c does
 * this for a service. */
#include "look/tail_url.h"
#include "report/filter.h"
#include "report/row.h"
#include "verb.h"

#include "base/io.h"
#include "base/utime.h"
#include "query/engine.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
	DEFAULT_ROWS = 10,
	MOST_ROWS = 100000,
	/* For file systems that do not report changes (over a network), and for new days. */
	POLL_MS = 1000,
	/* This long after its midnight nobody writes to a day any more; it is sealed even later
	   (MAINTAIN_SETTLE_MS). */
	SETTLED_S = 300
};

/* Everything before this place was read. */
struct place {
	int32_t day;
	int part;
	int64_t at;
	int64_t looked_ns; /* when it was read */
};

static bool is_before(const struct place *p, const struct shard *s)
{
	return p->day != s->day ? p->day < s->day : p->part < s->part;
}

static enum cli_exit put_last(struct cli *c, struct view *v, struct query *q)
{
	struct row_list rows;
	struct field_set want = row_fields();
	filter_sort(q, FIELD_INGESTED_AT);
	enum err e = engine_list(v, q, &rows);
	for (size_t i = rows.n; !e && i-- > 0;) {
		struct span s;
		struct str line;
		e = engine_fetch(v, rows.rows[i], &want, &s, &line);
		if (e == ERR_NOT_FOUND)
			e = ERR_OK;
		else if (!e)
			row_put(&c->report, &s, line);
	}
	return e ? cli_workspace_error(c, e) : CLI_OK;
}

static enum err put_new_of(
	struct cli *c, struct view *v, size_t shard, int64_t from, const struct query *q)
{
	struct shard_reader r;
	enum err e = shard_reader_open(v, shard, from, -1, &r);
	if (e)
		return e;
	for (;;) {
		struct arena_mark mark = arena_mark(v->arena);
		struct str line;
		struct row_ref ref;
		struct span s;
		bool has_more;
		e = shard_reader_next(&r, &line, &ref, &has_more);
		if (e || !has_more)
			break;
		if (line_read(line, NULL, false, &s) == LINE_OK && !s.is_deleted &&
			query_match(q, &s, v->arena))
			row_put(&c->report, &s, line);
		arena_rewind(v->arena, mark);
	}
	shard_reader_close(&r);
	return e;
}

/* True when a past day may have been rewritten by sealing, erasing or compacting since it was
 * looked at. Its spans were shown if that was after its last line; if this process was stopped in
 * the meantime, or wrote to a pager that did not read, spans are shown twice rather than never. */
static bool is_rewritten(const struct place *p, const struct shard *s)
{
	return s->is_sealed && s->day == p->day &&
	       utime_day(p->looked_ns - SETTLED_S * NS_PER_S) > s->day;
}

/* Shows the spans after the place and moves the place to the end. is_first: shows nothing. */
static enum err tail_put_new(struct cli *c, struct place *p, const struct query *q, bool is_first)
{
	struct arena a;
	struct view v;
	int64_t now_ns = utime_now();
	arena_init(&a, (size_t)1 << 30);
	enum err e = view_open(&c->store, c->workspace, &a, &v);
	if (e) {
		arena_release(&a);
		return e;
	}
	for (size_t i = 0; i < v.n_shards && !e; i++) {
		struct shard *s = &v.shards[i];
		bool is_same = s->day == p->day && s->part == p->part;
		if (!is_same && !is_before(p, s))
			continue;
		e = shard_open(&v, i);
		if (!e && !is_first && !is_rewritten(p, s))
			e = put_new_of(c, &v, i, is_same ? p->at : 0, q);
		if (!e)
			*p = (struct place){ s->day, s->part, s->size_bytes, p->looked_ns };
	}
	if (!e)
		p->looked_ns = now_ns;
	view_close(&v);
	arena_release(&a);
	return e;
}

/* Watches before it reads, so that it misses nothing; a watch reports one change. */
static enum cli_exit tail_follow(struct cli *c, struct place *p, const struct query *q)
{
	char *dir = arena_copy_c(c->arena,
		arena_printf(c->arena, "%.*s/%.*s", STR_ARG(c->conf.root), STR_ARG(c->workspace)));
	for (;;) {
		/* poll() ignores a descriptor of -1, and then only waits. */
		int fd = inotify_init1(IN_CLOEXEC);
		if (fd >= 0)
			(void)inotify_add_watch(fd, dir, IN_MODIFY | IN_CREATE);
		enum err e = tail_put_new(c, p, q, false);
		bool is_read = cli_flush(c);
		struct pollfd both[2] = { { .fd = fd, .events = POLLIN }, { .fd = STDOUT_FILENO } };
		if (!e && is_read)
			(void)poll(both, 2, POLL_MS);
		if (fd >= 0)
			io_drop(fd);
		if (e)
			return cli_workspace_error(c, e);
		if (!is_read || (both[1].revents & (POLLERR | POLLHUP)))
			return CLI_OK; /* the reader is gone */
	}
}

enum cli_exit verb_tail(struct cli *c)
{
	struct query q;
	struct view v;
	struct place place = { INT32_MIN, 0, 0, 0 };
	int64_t limit;
	if (!cli_words(c, 0, 0) || !cli_filter(c, 0, &q) ||
		!cli_number(c, "limit", 0, MOST_ROWS, DEFAULT_ROWS, &limit))
		return CLI_USAGE;
	if (cli_has(c, "url"))
		return tail_url(c, (size_t)limit);
	if (cli_has(c, "key") || cli_has(c, "key-file"))
		return cli_fail(c, CLI_USAGE, "--key and --key-file need --url");
	enum cli_exit code = cli_open_store(c);
	if (!code)
		code = cli_view(c, &v);
	if (code)
		return code;
	/* Take the place first: spans that arrive in between are shown twice rather than never. */
	enum err e = cli_has(c, "follow") ? tail_put_new(c, &place, &q, true) : ERR_OK;
	q.limit = (size_t)limit;
	row_begin(&c->report);
	if (e)
		code = cli_workspace_error(c, e);
	else if (limit)
		code = put_last(c, &v, &q);
	view_close(&v);
	return code == CLI_OK && cli_has(c, "follow") ? tail_follow(c, &place, &q) : code;
}
