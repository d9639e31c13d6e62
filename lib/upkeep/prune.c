#include "upkeep/prune.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/days.h"
#include "upkeep/orphans.h"
#include "upkeep/rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { LOCK_MS = 10000, LEVEL = 9, ARENA_BYTES = 1 << 30, NAME_BYTES = 128, NAMES_MAX = 4096 };

/* The number of times that pruning starts again because a person changed the settings within the
 * minutes that a day may take. */
enum { TRIES_MAX = 8 };

void prune_options_init(struct prune_options *o, int64_t now_ns)
{
	*o = (struct prune_options){
		.now_ns = now_ns, .lock_ms = LOCK_MS, .grace_ms = MAINTAIN_GRACE_MS
	};
}

struct pruning {
	const struct store *store;
	struct str workspace;
	const struct prune_options *o;
	struct arena arena;
	int dir_fd;
	struct settings settings;
	bool is_stale; /* they were changed since they were read */
	struct day_file *files;
	size_t n_files;
	struct orphans orphans; /* of the days that were looked at; when there are pins */
	struct prune_result result;
};

/* ---- Settings ---- */

/* What goes was chosen by the settings as they were: only if they are the same still. Nobody
 * changes them until it is gone. */
static enum err hold_settings(struct pruning *p, struct arena *a, int *ret_lock_fd)
{
	struct settings now;
	struct arena_mark mark = arena_mark(a);
	int lock_fd;
	enum err e = settings_hold(p->store, p->dir_fd, a, &now, &lock_fd);
	if (e)
		return e;
	bool is_same = str_eq(now.text, p->settings.text);
	arena_rewind(a, mark);
	if (!is_same) {
		io_drop(lock_fd);
		p->is_stale = true;
		return ERR_BUSY;
	}
	*ret_lock_fd = lock_fd;
	return ERR_OK;
}

static enum err hold_for_day(void *user, struct view *v, int *ret_lock_fd)
{
	return hold_settings(user, v->arena, ret_lock_fd);
}

static enum err hold_for_notes(void *user, int *ret_lock_fd)
{
	struct pruning *p = user;
	return hold_settings(p, &p->arena, ret_lock_fd);
}

/* ---- What is in a day ---- */

static int64_t file_bytes(const struct pruning *p, const struct day_file *f)
{
	char name[STORE_NAME_MAX];
	struct stat st;
	store_file_name(f->kind, f->day, f->part, name);
	return io_stat(p->dir_fd, name, &st) ? 0 : st.st_size;
}

/* True when an archived file of the day has replaced this file, which is then removed by another
 * step. */
static bool prune_is_replaced(
	const struct pruning *p, const struct day_file *f, size_t first, size_t end)
{
	bool is_spans = f->kind == STORE_FILE_SHARD || f->kind == STORE_FILE_SEALED;
	for (size_t i = first; is_spans && i < end; i++)
		if (p->files[i].kind == STORE_FILE_SEALED && p->files[i].part > f->part)
			return true;
	return false;
}

/* Returns the bytes of the files of a day that will be left. */
static int64_t day_bytes(const struct pruning *p, size_t first, size_t end)
{
	int64_t n = 0;
	for (size_t i = first; i < end; i++)
		n += prune_is_replaced(p, &p->files[i], first, end) ? 0
								    : file_bytes(p, &p->files[i]);
	return n;
}

/* The spans of a day by whether they are pinned: none, some, or all of them. */
struct pins {
	bool has_pinned, has_other;
};

static enum err prune_visit_shard(
	const struct settings *settings, struct view *v, size_t shard, struct pins *ret)
{
	static const struct field_set want = { { UINT64_C(1) << FIELD_TRACE_ID } };
	struct shard_reader r;
	struct row_ref ref;
	struct str line;
	struct span span;
	bool more;
	v->shards[shard].is_strict = true; /* what cannot be read may be pinned */
	enum err e = shard_reader_open(v, shard, 0, -1, &r);
	if (e)
		return e;
	while (!(e = shard_reader_next(&r, &line, &ref, &more)) && more) {
		bool is_pinned = line_read(line, &want, false, &span) == LINE_OK &&
				 settings_is_pinned(settings, span_text(&span, FIELD_TRACE_ID));
		/* What a pinned span needs hidden stays hidden. */
		if (is_pinned)
			ret->has_pinned = ret->has_pinned || !span.is_deleted;
		else
			ret->has_other = true;
	}
	shard_reader_close(&r);
	return e;
}

static enum err look_at_day(struct pruning *p, int32_t day, struct pins *ret)
{
	struct view v;
	*ret = (struct pins){ .has_other = true };
	if (p->settings.n_pinned == 0)
		return ERR_OK;
	ret->has_other = false;
	enum err e = view_open_dir(p->store, p->workspace, p->dir_fd, &p->arena, &v);
	if (e)
		return e;
	for (size_t i = 0; !e && i < v.n_shards; i++)
		if (v.shards[i].day == day)
			e = prune_visit_shard(&p->settings, &v, i, ret);
	view_close(&v);
	return e;
}

/* ---- Keeping the pins ---- */

static enum err drop_others(void *user, struct view *v, const struct span *s, struct row_ref ref,
	enum rewrite_fate *ret)
{
	const struct pruning *p = user;
	(void)v;
	(void)ref;
	if (!settings_is_pinned(&p->settings, span_text(s, FIELD_TRACE_ID)))
		*ret = REWRITE_DROP;
	return ERR_OK;
}

static bool is_of_pinned(void *user, const struct note *n)
{
	const struct pruning *p = user;
	return settings_is_pinned(&p->settings, n->text[NOTE_FIELD_TRACE_ID]);
}

static enum span_fate prune_fate_of(const void *user, const struct span *s)
{
	const struct pruning *p = user;
	return settings_is_pinned(&p->settings, span_text(s, FIELD_TRACE_ID)) ? SPAN_STAYS
									      : SPAN_GOES;
}

/* What a note is about is told by a day at or before its own: days come in that order. */
static enum err look_at_notes(
	struct pruning *p, int32_t day, uint64_t *ret_going, uint64_t *ret_staying)
{
	struct orphans *o = &p->orphans;
	struct view v;
	uint64_t unused = 0;
	*ret_going = *ret_staying = 0;
	if (p->settings.n_pinned == 0)
		return ERR_OK;
	enum err e = view_open_dir(p->store, p->workspace, p->dir_fd, &p->arena, &v);
	if (e)
		return e;
	if (!o->arena) {
		orphans_open(o, &p->arena);
		o->keeps = is_of_pinned;
		o->may_replace = hold_for_notes;
		o->user = p;
		e = orphans_read(o, &v);
	}
	o->day = day;
	for (size_t i = 0; !e && o->targets.n && i < v.n_shards; i++)
		if (v.shards[i].day == day)
			e = orphans_see_shard(o, &v, i, 0, prune_fate_of, p, &unused);
	if (!e)
		e = orphans_find(o, &v, ret_going, ret_staying);
	view_close(&v);
	return e;
}

/* must_rewrite false: only what an earlier call has replaced goes. */
static enum err reduce_day(struct pruning *p, int32_t day, bool must_rewrite)
{
	struct rewrite r = { .store = p->store,
		.workspace = p->workspace,
		.day = day,
		.lock_ms = p->o->lock_ms,
		.grace_ms = p->o->grace_ms,
		.level = LEVEL,
		.must_rewrite = must_rewrite,
		.decide = drop_others,
		.may_publish = hold_for_day,
		.user = p };
	struct rewrite_result done;
	enum err e = rewrite_day(&r, &done);
	if (!e && done.wait_ms > p->result.wait_ms)
		p->result.wait_ms = done.wait_ms;
	return e;
}

/* ---- Removing ---- */

/* All shards in the order of their numbers, so that the sealed file, which hides what it replaced,
 * goes last; then what belongs to them. They are listed under the lock: the day may have been
 * sealed since it was looked at. */
static enum err remove_files(struct pruning *p, int32_t day, bool keeps_notes)
{
	static const enum store_file order[] = { STORE_FILE_SHARD, STORE_FILE_SEALED,
		STORE_FILE_SUSPECT, STORE_FILE_NOTES };
	unsigned n_kinds = sizeof order / sizeof order[0] - (keeps_notes ? 1 : 0);
	struct day_file *files;
	size_t n;
	struct arena_mark mark = arena_mark(&p->arena);
	enum err e = days_list(p->store, p->dir_fd, &p->arena, &files, &n);
	for (unsigned k = 0; !e && k < n_kinds; k++)
		for (size_t i = 0; !e && i < n; i++) {
			char name[STORE_NAME_MAX];
			const struct day_file *f = &files[i];
			if (f->day != day || f->kind != order[k])
				continue;
			store_file_name(f->kind, f->day, f->part, name);
			if (io->unlinkat(p->dir_fd, name, 0) < 0 && errno != ENOENT)
				e = io_error(errno);
		}
	arena_rewind(&p->arena, mark);
	return e ? e : io_fsync(p->dir_fd);
}

struct names {
	char (*names)[NAME_BYTES];
	size_t n;
	struct str prefix, suffix; /* STR_NULL: any */
};

static bool prune_note_name(void *user, const char *name)
{
	struct names *all = user;
	struct str s = str_from_c(name);
	if (s.len < NAME_BYTES && str_starts(s, all->prefix) && str_ends(s, all->suffix)) {
		memcpy(all->names[all->n], s.ptr, s.len);
		all->names[all->n++][s.len] = '\0';
	}
	return all->n < NAMES_MAX;
}

/* Files that mean nothing without the others: what cannot be removed does no harm. */
static void remove_names(struct pruning *p, int dir_fd, struct str prefix, struct str suffix)
{
	struct arena_mark mark = arena_mark(&p->arena);
	struct names all = { .prefix = prefix, .suffix = suffix };
	all.names = arena_calloc(&p->arena, NAMES_MAX, sizeof *all.names);
	if (io_list(dir_fd, prune_note_name, &all) == ERR_OK)
		for (size_t i = 0; i < all.n; i++)
			(void)io->unlinkat(dir_fd, all.names[i], 0);
	arena_rewind(&p->arena, mark);
}

static void remove_rest(struct pruning *p, int32_t day, bool keeps_notes)
{
	char name[STORE_NAME_MAX], date[STORE_NAME_MAX];
	int idx_fd;
	utime_format_day(day, date);
	struct str prefix = str_of(date, sizeof "YYYY-MM-DD" - 1);
	remove_names(p, p->dir_fd, prefix, STR(".sha256"));
	store_file_name(STORE_FILE_INDEX, day, 0, name);
	if (io_open_dir(p->dir_fd, name, &idx_fd) == ERR_OK) {
		remove_names(p, idx_fd, STR(""), STR(""));
		io_drop(idx_fd);
		(void)io->unlinkat(p->dir_fd, name, AT_REMOVEDIR);
	}
	if (keeps_notes)
		return;
	/* A process that waits for it finds that it locks nothing any more. */
	store_file_name(STORE_FILE_LOCK, day, 0, name);
	(void)io->unlinkat(p->dir_fd, name, 0);
}

static enum err remove_files_held(struct pruning *p, int32_t day, bool keeps_notes)
{
	int lock_fd;
	enum err e = hold_settings(p, &p->arena, &lock_fd);
	if (e)
		return e;
	arena_hold(&p->arena, lock_fd);
	e = remove_files(p, day, keeps_notes);
	arena_let_go(&p->arena, lock_fd);
	io_drop(lock_fd); /* unlocks */
	return e;
}

/* Prunes a day under its lock. Without files it removes only what a process left that died here. */
static enum err remove_day(struct pruning *p, int32_t day, bool has_files, bool keeps_notes)
{
	char name[STORE_NAME_MAX];
	int lock_fd, wait_ms;
	bool has_old;
	store_file_name(STORE_FILE_LOCK, day, 0, name);
	enum err e = io_open_file(p->dir_fd, name, O_RDWR | O_CREAT, &lock_fd);
	if (e)
		return e;
	e = io_lock(lock_fd, p->o->lock_ms);
	/* A replaced file must not show again when the one that hides it is gone. */
	if (!e && has_files)
		e = rewrite_sweep(p->store, p->dir_fd, day, 0, &has_old, &wait_ms);
	if (!e && has_files)
		e = remove_files_held(p, day, keeps_notes);
	if (!e)
		remove_rest(p, day, keeps_notes);
	io_drop(lock_fd);
	return e;
}

struct leftovers {
	const struct pruning *p;
	int32_t *days;
	size_t n;
};

static bool has_files(const struct pruning *p, int32_t day)
{
	for (size_t i = 0; i < p->n_files; i++)
		if (p->files[i].day == day)
			return true;
	return false;
}

/* A lock or an index of a past day without files. */
static bool note_leftover(void *user, const char *name)
{
	struct leftovers *l = user;
	enum store_file kind;
	int32_t day;
	int part;
	if (store_parse_name(str_from_c(name), &kind, &day, &part) &&
		(kind == STORE_FILE_LOCK || kind == STORE_FILE_INDEX) &&
		day < utime_day(l->p->o->now_ns) && !has_files(l->p, day))
		l->days[l->n++] = day;
	return l->n < NAMES_MAX;
}

static enum err remove_leftovers(struct pruning *p)
{
	struct leftovers l = { .p = p };
	l.days = arena_calloc(&p->arena, NAMES_MAX, sizeof *l.days);
	enum err e = p->o->dry_run ? ERR_OK : io_list(p->dir_fd, note_leftover, &l);
	for (size_t i = 0; !e && i < l.n; i++)
		e = remove_day(p, l.days[i], false, false);
	return e;
}

/* ---- Which days ---- */

struct doomed_day {
	int32_t day;
	int64_t size_bytes;
};

static enum err prune_day(struct pruning *p, const struct doomed_day *d)
{
	struct pins pins;
	uint64_t n_going, n_staying;
	enum err e = look_at_day(p, d->day, &pins);
	if (!e)
		e = look_at_notes(p, d->day, &n_going, &n_staying);
	if (e)
		return e;
	bool has_pins = pins.has_pinned || n_staying;
	if (has_pins && !pins.has_other && n_going == 0) {
		if (!p->o->dry_run && pins.has_pinned)
			e = reduce_day(p, d->day, false);
		if (!e)
			p->result.kept_bytes += d->size_bytes;
		return e;
	}
	if (p->o->day)
		p->o->day(p->o->user, d->day, d->size_bytes, has_pins);
	/* Before the spans go, which say whose notes they are. */
	if (!p->o->dry_run && has_pins && n_going)
		e = orphans_remove(
			&p->orphans, p->store, p->workspace, p->dir_fd, p->o->lock_ms, &n_going);
	if (!e && !p->o->dry_run)
		e = pins.has_pinned ? reduce_day(p, d->day, pins.has_other)
				    : remove_day(p, d->day, true, has_pins);
	if (e)
		return e;
	p->result.freed_bytes += d->size_bytes;
	p->result.n_days += !has_pins;
	p->result.n_reduced += has_pins;
	return ERR_OK;
}

/* One that is damaged must not keep all that come after it until the disk is full. */
static void leave_day(struct pruning *p, const struct doomed_day *d, enum err e)
{
	p->result.failed = e;
	p->result.kept_bytes += d->size_bytes;
	if (p->o->failed)
		p->o->failed(p->o->user, d->day, e);
}

/* Days count from today back, so that it is the newest that stay; they go from the oldest on. */
static enum err prune_all(struct pruning *p)
{
	int32_t today = utime_day(p->o->now_ns);
	struct doomed_day *doomed = arena_calloc(&p->arena, p->n_files, sizeof *doomed);
	size_t n_doomed = 0;
	int64_t kept = 0;
	enum err e = ERR_OK;
	for (size_t end = p->n_files, first; end > 0; end = first) {
		int32_t day = p->files[end - 1].day;
		for (first = end; first > 0 && p->files[first - 1].day == day; first--)
			;
		int64_t n = day_bytes(p, first, end);
		kept += n;
		bool is_old = p->settings.keep_days > 0 && today - day > p->settings.keep_days;
		bool is_much = p->settings.keep_bytes > 0 && kept > p->settings.keep_bytes;
		if (day < today && (is_old || is_much))
			doomed[n_doomed++] = (struct doomed_day){ day, n };
		else
			p->result.kept_bytes += n;
	}
	while (!e && n_doomed) {
		e = prune_day(p, &doomed[--n_doomed]);
		if (e != ERR_IO)
			continue;
		leave_day(p, &doomed[n_doomed], e);
		e = ERR_OK;
	}
	return e;
}

static enum err prune_run(struct pruning *p)
{
	if (setjmp(p->arena.escape))
		return ERR_NO_MEMORY;
	p->arena.has_escape = true;
	enum err e = settings_read(p->store, p->workspace, &p->arena, &p->settings);
	if (!e)
		e = days_list(p->store, p->dir_fd, &p->arena, &p->files, &p->n_files);
	if (!e)
		e = remove_leftovers(p);
	return e ? e : prune_all(p);
}

/* By the settings as they are now. *result: counted on, but for what stays. */
static enum err prune_once(const struct store *s, struct str workspace,
	const struct prune_options *o, struct prune_result *result, bool *ret_is_stale)
{
	struct pruning p = { .store = s, .workspace = workspace, .o = o, .result = *result };
	p.result.kept_bytes = 0;
	enum err e = workspace_open(s, workspace, false, &p.dir_fd);
	if (e)
		return e;
	arena_init(&p.arena, ARENA_BYTES);
	e = prune_run(&p);
	arena_release(&p.arena);
	io_drop(p.dir_fd);
	*result = p.result;
	*ret_is_stale = p.is_stale;
	return e;
}

enum err prune_days(const struct store *s, struct str workspace, const struct prune_options *o,
	struct prune_result *ret)
{
	struct prune_result result = { .n_days = 0 };
	bool is_stale = true;
	enum err e = ERR_OK;
	if (!s->may_write)
		return ERR_CONF;
	for (int i = 0; is_stale && i < TRIES_MAX; i++) {
		is_stale = false;
		e = prune_once(s, workspace, o, &result, &is_stale);
	}
	if (!e)
		*ret = result;
	return e;
}
