/* Defines erase_spans() of compact.h. */
#include "upkeep/compact.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/days.h"
#include "upkeep/erase_documents.h"
#include "upkeep/orphans.h"
#include "upkeep/rewrite.h"
#include "json/write.h"

#include <fcntl.h>

/* 60 bytes a note, and as many for each span that a note has to do with. */
#define ARENA_BYTES ((size_t)8 << 30)

static const char audit_name[] = "audit.jsonl";

/* The number of times that the notes to remove are searched again because new spans keep some. */
enum { TRIES_MAX = 8 };

/* Days that are not settled: today, yesterday for some minutes, and what clocks that are wrong have
 * made. */
enum { LOCKS_MAX = 64 };

struct erasing_day {
	int32_t day;
	bool has_leftovers; /* files that an earlier call replaced */
	bool is_erased;     /* in this call */
	bool has_failed;    /* to be read or written; it is left as it is */
	uint64_t n_wanted;  /* versions to be erased */
};

/* A file of lines, as far as it was looked at. */
struct seen_shard {
	int32_t day;
	int part;
	int64_t size_bytes;
};

struct erasing {
	const struct store *store;
	struct str workspace;
	const struct erase_request *request;
	const struct seal_options *o;
	struct arena arena;
	struct orphans orphans;
	struct erased_ids gone;   /* what documents may hold parts of */
	struct erased_ids *ids;   /* the same, for the callback */
	struct erasing_day *days; /* blocks */
	struct seen_shard *seen;
	size_t n_days, n_seen;
	int dir_fd;
	int32_t at_day; /* that is looked at */
	bool has_begun;
	bool is_stale; /* of the notes that were to go some stay now */
	/* Some day could not be read: nobody knows which notes have lost all they are about, and
	 * without the spans that are found nobody ever would. */
	bool is_blind;
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

static void erase_add_line(const struct erasing *x, struct str state, struct buf *line)
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
	json_member_i64(&w, STR("hidden"), (int64_t)x->result.n_hidden);
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
	erase_add_line(x, state, &line);
	if (!e)
		e = io_write_all(fd, buf_str(&line));
	if (!e)
		e = io_fsync(fd);
	buf_release(&line);
	arena_let_go(&x->arena, fd);
	io_drop(fd);
	return e ? e : io_fsync(x->dir_fd);
}

static enum err erase_begin(struct erasing *x)
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
	x->days = arena_block(&x->arena, NULL, (n + 1) * sizeof *x->days);
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

static enum span_fate erase_fate_of(const void *user, const struct span *s)
{
	const struct erasing *x = user;
	const struct erase_request *r = x->request;
	bool is_in_range = !r->last_day || x->at_day <= r->last_day;
	if (!is_in_range || !r->is_wanted(r->user, s))
		return SPAN_STAYS;
	erased_ids_add(x->ids, s);
	return SPAN_GOES;
}

static struct erasing_day *erase_day_of(struct erasing *x, int32_t day)
{
	for (size_t i = 0; i < x->n_days; i++)
		if (x->days[i].day == day)
			return &x->days[i];
	x->days = arena_block(&x->arena, x->days, (x->n_days + 1) * sizeof *x->days);
	x->days[x->n_days] = (struct erasing_day){ .day = day };
	return &x->days[x->n_days++];
}

/* NULL: it was not looked at yet. */
static struct seen_shard *find_seen(const struct erasing *x, const struct shard *s)
{
	for (size_t i = 0; i < x->n_seen; i++)
		if (x->seen[i].day == s->day && x->seen[i].part == s->part)
			return &x->seen[i];
	return NULL;
}

static struct seen_shard *add_seen(struct erasing *x, const struct shard *s)
{
	x->seen = arena_block(&x->arena, x->seen, (x->n_seen + 1) * sizeof *x->seen);
	x->seen[x->n_seen] = (struct seen_shard){ .day = s->day, .part = s->part };
	return &x->seen[x->n_seen++];
}

static void fail_day(struct erasing *x, struct erasing_day *day, enum err e)
{
	day->has_failed = true;
	x->result.failed = x->result.failed ? x->result.failed : e;
	if (x->request->failed)
		x->request->failed(x->request->user, day->day, e);
}

static enum err erase_visit_shard(struct erasing *x, struct view *v, size_t shard)
{
	const struct shard *s = &v->shards[shard];
	struct erasing_day *day = erase_day_of(x, s->day);
	if (day->is_erased || day->has_failed || (s->is_sealed && find_seen(x, s)))
		return ERR_OK;
	/* What cannot be read may be what is to go. */
	v->shards[shard].is_strict = true;
	enum err e = shard_open(v, shard);
	if (e || s->part < 0)
		return e;
	struct seen_shard *seen = find_seen(x, s);
	if (!seen && s->is_sealed)
		day->n_wanted = 0; /* what was looked at has been sealed since, or is the first */
	if (!seen)
		seen = add_seen(x, s);
	if (s->size_bytes <= seen->size_bytes)
		return ERR_OK;
	x->at_day = s->day;
	e = orphans_see_shard(
		&x->orphans, v, shard, seen->size_bytes, erase_fate_of, x, &day->n_wanted);
	if (!e)
		seen->size_bytes = s->size_bytes;
	return e;
}

static enum err look_at_shards(struct erasing *x, struct view *v)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < v->n_shards; i++) {
		e = erase_visit_shard(x, v, i);
		if (e != ERR_IO)
			continue;
		fail_day(x, erase_day_of(x, v->shards[i].day), e);
		x->is_blind = true;
		e = ERR_OK;
	}
	return e;
}

/* Visits what arrived since the last visit. */
static enum err erase_visit_again(struct erasing *x)
{
	struct arena_mark mark = arena_mark(&x->arena);
	struct view v;
	enum err e = view_open_dir(x->store, x->workspace, x->dir_fd, &x->arena, &v);
	if (e)
		return e;
	e = look_at_shards(x, &v);
	view_close(&v);
	arena_rewind(&x->arena, mark);
	return e;
}

/* ---- Notes ---- */

/* What they are about may have got further spans since. */
static enum err may_lose_notes(void *user, int *ret_lock_fd)
{
	struct erasing *x = user;
	(void)ret_lock_fd;
	enum err e = erase_visit_again(x);
	if (e)
		return e;
	x->is_stale = x->is_blind || orphans_have_changed(&x->orphans);
	return x->is_stale ? ERR_BUSY : ERR_OK;
}

static enum err try_erase_notes(struct erasing *x, struct view *v)
{
	uint64_t n, unused;
	x->is_stale = false;
	/* It may be much that came, and the next look is under a lock. */
	enum err e = erase_visit_again(x);
	if (e || x->is_blind)
		return e;
	e = orphans_find(&x->orphans, v, &n, &unused);
	if (e || n == 0)
		return e;
	e = erase_begin(x);
	if (e)
		return e;
	e = orphans_remove(&x->orphans, x->store, x->workspace, x->dir_fd, x->o->lock_ms, &n);
	x->result.n_notes += n;
	return e;
}

/* Before the spans: without them nobody would know which notes go. */
static enum err erase_notes(struct erasing *x, struct view *v)
{
	enum err e = try_erase_notes(x, v);
	for (int i = 1; x->is_stale && i < TRIES_MAX; i++)
		e = try_erase_notes(x, v);
	return e;
}

static enum err erase_visit(struct erasing *x)
{
	struct view v;
	enum err e = view_open_dir(x->store, x->workspace, x->dir_fd, &x->arena, &v);
	if (e)
		return e;
	erased_ids_init(&x->gone, &x->arena);
	x->ids = &x->gone;
	orphans_open(&x->orphans, &x->arena);
	x->orphans.may_replace = may_lose_notes;
	x->orphans.user = x;
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

static enum err rewrite(
	struct erasing *x, int32_t day, bool must_rewrite, struct rewrite_result *ret)
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
	enum err e = rewrite_day(&r, ret);
	if (!e && ret->wait_ms > x->result.wait_ms)
		x->result.wait_ms = ret->wait_ms;
	return e;
}

static void tell(
	const struct erasing *x, const struct erasing_day *day, const struct rewrite_result *done)
{
	struct erased_day d = { .day = day->day,
		.part = done->part,
		.n_erased = day->n_wanted,
		.before_bytes = done->plain_bytes,
		.after_bytes = done->sealed_bytes };
	if (x->request->day)
		x->request->day(x->request->user, &d);
}

static bool erase_is_settled(const struct erasing *x, int32_t day)
{
	return utime_day(x->o->now_ns - x->o->settle_ms * NS_PER_MS) > day;
}

static enum err erase_in_day(struct erasing *x, struct erasing_day *day)
{
	struct rewrite_result done;
	uint64_t n = day->n_wanted;
	if (n && !erase_is_settled(x, day->day))
		return ERR_OK; /* pending */
	if (n == 0)
		return day->has_leftovers ? rewrite(x, day->day, false, &done) : ERR_OK;
	enum err e = erase_begin(x);
	if (!e)
		e = rewrite(x, day->day, true, &done);
	if (e)
		return e;
	day->is_erased = true;
	x->result.n_days++;
	x->result.n_erased += n;
	tell(x, day, &done);
	return ERR_OK;
}

/* ---- What came meanwhile ---- */

struct locks {
	const struct erasing *x;
	int32_t days[LOCKS_MAX];
	size_t n;
};

static bool note_lock(void *user, const char *name)
{
	struct locks *l = user;
	enum store_file kind;
	int32_t day;
	int part;
	if (store_parse_name(str_from_c(name), &kind, &day, &part) && kind == STORE_FILE_LOCK &&
		!erase_is_settled(l->x, day))
		l->days[l->n++] = day;
	return l->n < LOCKS_MAX;
}

static enum err erase_wait_for_lock(const struct erasing *x, int32_t day)
{
	char name[STORE_NAME_MAX];
	int fd;
	store_file_name(STORE_FILE_LOCK, day, 0, name);
	enum err e = io_open_file(x->dir_fd, name, O_RDWR, &fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = io_lock(fd, x->o->lock_ms);
	io_drop(fd); /* unlocks */
	return e;
}

/* A writer that merges an update holds the lock of its day from before it reads the erased version
 * until it has written. A later writer finds no such version. */
static enum err wait_for_writers(const struct erasing *x)
{
	struct locks l = { .x = x };
	enum err e = io_list(x->dir_fd, note_lock, &l);
	for (size_t i = 0; !e && i < l.n; i++)
		e = erase_wait_for_lock(x, l.days[i]);
	return e;
}

/* Left, and not because something is wrong with the day or with another one. */
static bool is_pending(const struct erasing *x, const struct erasing_day *d)
{
	return !d->is_erased && d->n_wanted && !(x->result.failed && erase_is_settled(x, d->day));
}

static enum err count_pending(struct erasing *x)
{
	enum err e = ERR_OK;
	if (x->result.n_days)
		e = wait_for_writers(x);
	if (!e && x->result.n_days)
		e = erase_visit_again(x);
	for (size_t i = 0; !e && i < x->n_days; i++)
		x->result.n_pending += is_pending(x, &x->days[i]) ? x->days[i].n_wanted : 0;
	return e;
}

static enum err tell_pending(struct erasing *x)
{
	int32_t day = INT32_MIN;
	for (size_t i = 0; i < x->n_days; i++)
		if (is_pending(x, &x->days[i]) && x->days[i].day > day)
			day = x->days[i].day;
	if (!x->result.n_pending || !x->request->pending)
		return ERR_OK;
	enum err e = erase_begin(x);
	return e ? e : x->request->pending(x->request->user, day, &x->result.n_hidden);
}

/* Before the spans, like notes: without them nobody would know which documents go. */
static enum err erase_their_documents(struct erasing *x)
{
	uint64_t n = 0;
	if (x->is_blind || !x->gone.spans.n)
		return ERR_OK;
	enum err e = erase_begin(x);
	if (!e)
		e = erase_documents(x->store, x->workspace, &x->arena, &x->gone, x->o->now_ns, &n);
	x->result.n_notes += n;
	return e;
}

static enum err erase_all(struct erasing *x)
{
	enum err e = list_days(x);
	if (!e)
		e = erase_visit(x);
	if (!e)
		e = erase_their_documents(x);
	for (size_t i = 0; !e && !x->is_blind && i < x->n_days; i++) {
		enum err its = erase_in_day(x, &x->days[i]);
		if (its)
			fail_day(x, &x->days[i], its);
		if (its && its != ERR_IO && its != ERR_BUSY)
			break; /* it is not the day: another one would end so, too */
	}
	if (!e)
		e = count_pending(x);
	if (!e)
		e = tell_pending(x);
	if (!e && x->has_begun)
		e = write_audit(x, x->result.failed ? STR("failed") : STR("done"));
	return e;
}

static enum err erase_do(struct erasing *x)
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
	e = erase_do(&x);
	arena_release(&x.arena);
	io_drop(x.dir_fd);
	if (!e)
		*ret = x.result;
	return e;
}
