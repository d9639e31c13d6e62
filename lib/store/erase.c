/* erase_spans of compact.h. */
#include "store/compact.h"

#include "base/io.h"
#include "base/json_write.h"
#include "base/utime.h"
#include "store/days.h"
#include "store/orphans.h"
#include "store/rewrite.h"

#include <fcntl.h>

/* 60 bytes a note, and as many for each span that a note has to do with. */
#define ARENA_BYTES ((size_t)8 << 30)

static const char audit_name[] = "audit.jsonl";

struct erasing_day {
	int32_t day;
	bool has_leftovers; /* files that an earlier call replaced */
	uint64_t n_wanted;  /* versions to be erased */
};

struct erasing {
	const struct store *store;
	struct str workspace;
	const struct erase_request *request;
	const struct seal_options *o;
	struct arena arena;
	struct orphans orphans;
	struct erasing_day *days;
	size_t n_days;
	int dir_fd;
	bool has_begun;
	struct erase_result result;
};

/* ---- The audit ---- */

/* What a write that was cut off left would swallow the line, as in shards (W8). */
static enum err close_off(int fd, struct buf *line)
{
	int64_t size;
	char last = '\n';
	size_t n;
	enum err e = io_size(fd, &size);
	if (!e && size > 0)
		e = io_pread(fd, &last, 1, size - 1, &n);
	if (!e && last != '\n')
		buf_add_char(line, '\n');
	return e;
}

static void add_line(const struct erasing *x, struct str state, struct buf *line)
{
	char time[UTIME_TEXT_MAX];
	struct json_writer w;
	json_writer_init(&w, line);
	json_object(&w);
	json_member_text(&w, STR("at"), str_of(time, utime_format(x->o->now_ns, time)));
	json_member_text(&w, STR("verb"), STR("erase"));
	json_member_text(&w, STR("state"), state);
	json_member_text(&w, STR("what"), x->request->what);
	json_member_text(&w, STR("by"), x->request->by);
	json_member_i64(&w, STR("days"), (int64_t)x->result.n_days);
	json_member_i64(&w, STR("versions"), (int64_t)x->result.n_erased);
	json_member_i64(&w, STR("notes"), (int64_t)x->result.n_notes);
	json_member_i64(&w, STR("pending"), (int64_t)x->result.n_pending);
	json_end(&w);
	buf_add_char(line, '\n');
}

static enum err write_audit(struct erasing *x, struct str state)
{
	struct buf line;
	int fd;
	enum err e = io_open_file(x->dir_fd, audit_name, O_RDWR | O_APPEND | O_CREAT, &fd);
	if (e)
		return e;
	arena_hold(&x->arena, fd);
	buf_init(&line, &x->arena);
	e = close_off(fd, &line);
	add_line(x, state, &line);
	if (!e)
		e = io_write_all(fd, buf_str(&line));
	if (!e)
		e = io_fsync(fd);
	buf_release(&line);
	arena_let_go(&x->arena, fd);
	io_drop(fd);
	return e ? e : io_fsync(x->dir_fd);
}

static enum err begin(struct erasing *x)
{
	enum err e = x->has_begun ? ERR_OK : write_audit(x, STR("begin"));
	x->has_begun = !e;
	return e;
}

/* ---- What there is ---- */

static enum err list_days(struct erasing *x)
{
	struct day_file *files;
	size_t n;
	enum err e = days_list(x->store, x->dir_fd, &x->arena, &files, &n);
	if (e)
		return e;
	x->days = arena_calloc(&x->arena, n, sizeof *x->days);
	for (size_t i = 0, end; i < n; i = end) {
		size_t n_sealed = 0, n_plain = 0;
		for (end = i; end < n && files[end].day == files[i].day; end++) {
			n_sealed += files[end].kind == STORE_FILE_SEALED;
			n_plain += files[end].kind == STORE_FILE_SHARD;
		}
		if (n_sealed + n_plain)
			x->days[x->n_days++] = (struct erasing_day){
				.day = files[i].day,
				.has_leftovers = n_sealed && n_sealed + n_plain > 1,
			};
	}
	return ERR_OK;
}

static enum span_fate fate_of(const void *user, const struct span *s)
{
	const struct erasing *x = user;
	return x->request->is_wanted(x->request->user, s) ? SPAN_GOES : SPAN_STAYS;
}

/* Shards of days that are new since are not looked at. */
static enum err look_at_shards(struct erasing *x, struct view *v)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < v->n_shards; i++)
		for (size_t k = 0; !e && k < x->n_days; k++)
			if (x->days[k].day == v->shards[i].day)
				e = orphans_see_shard(
					&x->orphans, v, i, fate_of, x, &x->days[k].n_wanted);
	return e;
}

/* ---- Notes ---- */

/* Before the spans: without them nobody would know which notes go. */
static enum err erase_notes(struct erasing *x, struct view *v)
{
	uint64_t n, unused;
	enum err e = orphans_find(&x->orphans, v, &n, &unused);
	if (e || n == 0)
		return e;
	e = begin(x);
	if (!e)
		e = orphans_remove(&x->orphans, x->store, x->workspace, x->dir_fd, x->o->lock_ms,
			&x->result.n_notes);
	return e;
}

static enum err look(struct erasing *x)
{
	struct view v;
	enum err e = view_open_dir(x->store, x->workspace, x->dir_fd, &x->arena, &v);
	if (e)
		return e;
	orphans_open(&x->orphans, &x->arena);
	e = orphans_read(&x->orphans, &v);
	if (!e)
		e = look_at_shards(x, &v);
	if (!e)
		e = erase_notes(x, &v);
	view_close(&v);
	return e;
}

/* ---- Days ---- */

static enum err drop_wanted(void *user, struct view *v, const struct span *s, struct row_ref ref,
	enum rewrite_fate *ret)
{
	const struct erasing *x = user;
	(void)v;
	(void)ref;
	if (x->request->is_wanted(x->request->user, s))
		*ret = REWRITE_DROP;
	return ERR_OK;
}

static enum err rewrite(struct erasing *x, int32_t day, bool must_rewrite)
{
	struct rewrite r = { .store = x->store,
		.workspace = x->workspace,
		.day = day,
		.lock_ms = x->o->lock_ms,
		.grace_ms = x->o->grace_ms,
		.level = x->o->level,
		.progress = x->o->progress,
		.must_rewrite = must_rewrite,
		.decide = drop_wanted,
		.user = x };
	struct rewrite_result done;
	enum err e = rewrite_day(&r, &done);
	if (!e && done.wait_ms > x->result.wait_ms)
		x->result.wait_ms = done.wait_ms;
	return e;
}

static enum err erase_in_day(struct erasing *x, const struct erasing_day *day)
{
	uint64_t n = day->n_wanted;
	if (n && utime_day(x->o->now_ns - x->o->settle_ms * NS_PER_MS) <= day->day) {
		x->result.n_pending += n;
		return ERR_OK;
	}
	if (n == 0)
		return day->has_leftovers ? rewrite(x, day->day, false) : ERR_OK;
	enum err e = begin(x);
	if (!e)
		e = rewrite(x, day->day, true);
	if (e)
		return e;
	x->result.n_days++;
	x->result.n_erased += n;
	return ERR_OK;
}

static enum err erase_all(struct erasing *x)
{
	enum err e = list_days(x);
	if (!e)
		e = look(x);
	for (size_t i = 0; !e && i < x->n_days; i++)
		e = erase_in_day(x, &x->days[i]);
	if (!e && x->has_begun)
		e = write_audit(x, STR("done"));
	return e;
}

static enum err run(struct erasing *x)
{
	if (setjmp(x->arena.escape))
		return ERR_NO_MEMORY;
	x->arena.has_escape = true;
	return erase_all(x);
}

enum err erase_spans(const struct store *s, struct str workspace, const struct erase_request *what,
	const struct seal_options *o, struct erase_result *ret)
{
	struct erasing x = { .store = s, .workspace = workspace, .request = what, .o = o };
	if (!s->may_write)
		return ERR_CONF;
	enum err e = workspace_open(s, workspace, false, &x.dir_fd);
	if (e)
		return e;
	arena_init(&x.arena, ARENA_BYTES);
	e = run(&x);
	arena_release(&x.arena);
	io_drop(x.dir_fd);
	if (!e)
		*ret = x.result;
	return e;
}
