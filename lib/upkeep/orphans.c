#include "upkeep/orphans.h"

#include "base/hash.h"
#include "base/io.h"
#include "span/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* Any numbers that are not other hashes' seeds. */
#define SPAN_SEED UINT64_C(0x8ebc6af09c88c6e3)
#define TRACE_SEED UINT64_C(0x589965cc75374cc3)
#define SESSION_SEED UINT64_C(0x1d8e4e27c47d124f)
#define PAIR_SEED UINT64_C(0xeb44accab455d165)

enum { ROWS_MIN = 256, OUT_BYTES = 256 << 10 };

struct orphan_file {
	int32_t day;
	int part;
};

/* The targets of notes. */
struct target {
	uint64_t key;
	bool goes, stays;
};

/* A span of which something may be said: its newest version so far. */
struct seen {
	uint64_t identity;
	int64_t version;
	uint32_t targets[4]; /* row number + 1; 0: none */
	enum span_fate fate;
	bool is_known;
};

/* ---- Tables ---- */

static uint32_t *orphans_find_slot(const struct orphan_table *t, uint64_t key)
{
	size_t mask = t->cap * 2 - 1, i = key & mask;
	while (t->slots[i]) {
		uint64_t other;
		memcpy(&other, t->rows + (t->slots[i] - 1) * t->row_bytes, sizeof other);
		if (other == key)
			break;
		i = (i + 1) & mask;
	}
	return &t->slots[i];
}

static void orphans_grow(struct orphan_table *t)
{
	if (t->cap > UINT32_MAX / 4)
		arena_fail(t->arena);
	t->cap = t->cap ? t->cap * 2 : ROWS_MIN;
	t->rows = arena_block(t->arena, t->rows, t->cap * t->row_bytes);
	t->slots = arena_block(t->arena, t->slots, t->cap * 2 * sizeof *t->slots);
	memset(t->slots, 0, t->cap * 2 * sizeof *t->slots);
	for (size_t i = 0; i < t->n; i++) {
		uint64_t key;
		memcpy(&key, t->rows + i * t->row_bytes, sizeof key);
		*orphans_find_slot(t, key) = (uint32_t)i + 1;
	}
}

/* Returns the row, or NULL. */
static void *orphans_find_row(const struct orphan_table *t, uint64_t key)
{
	uint32_t slot = t->n ? *orphans_find_slot(t, key) : 0;
	return slot ? t->rows + (slot - 1) * t->row_bytes : NULL;
}

/* A new one is zero but for its key. */
static void *find_or_add(struct orphan_table *t, uint64_t key)
{
	if (t->n == t->cap)
		orphans_grow(t);
	uint32_t *slot = orphans_find_slot(t, key);
	char *row = t->rows + (*slot ? *slot - 1 : t->n) * t->row_bytes;
	if (!*slot) {
		memset(row, 0, t->row_bytes);
		memcpy(row, &key, sizeof key);
		*slot = (uint32_t)++t->n;
	}
	return row;
}

/* ---- What notes are about ---- */

static uint64_t pair_key(struct str trace_id, struct str span_id)
{
	return hash64(span_id, hash64(trace_id, PAIR_SEED));
}

static uint64_t target_key(const struct note *n)
{
	struct str trace_id = n->text[NOTE_FIELD_TRACE_ID];
	struct str id = n->text[note_target_field(n->about)];
	if (n->about == NOTE_ABOUT_SPAN && trace_id.len)
		return pair_key(trace_id, id);
	return hash64(id, n->about == NOTE_ABOUT_SPAN    ? SPAN_SEED
			  : n->about == NOTE_ABOUT_TRACE ? TRACE_SEED
							 : SESSION_SEED);
}

void orphans_open(struct orphans *o, struct arena *a)
{
	*o = (struct orphans){ .arena = a };
	o->targets = (struct orphan_table){ .arena = a, .row_bytes = sizeof(struct target) };
	o->spans = (struct orphan_table){ .arena = a, .row_bytes = sizeof(struct seen) };
	buf_init(&o->files, a);
}

/* Each note of a shard; each returns false to stop. Whole lines that are no notes are none. */
static enum err each_note(struct view *notes, size_t shard,
	bool (*each)(void *user, const struct note *n), void *user)
{
	struct shard_reader r;
	struct row_ref ref;
	struct str line;
	struct note note;
	bool more;
	enum err e = shard_reader_open(notes, shard, 0, -1, &r);
	if (e)
		return e;
	while (!(e = shard_reader_next(&r, &line, &ref, &more)) && more)
		if (note_read(line, &note) && !each(user, &note))
			break;
	shard_reader_close(&r);
	return e;
}

static bool add_target(void *user, const struct note *n)
{
	struct orphans *o = user;
	(void)find_or_add(&o->targets, target_key(n));
	return true;
}

enum err orphans_read(struct orphans *o, struct view *v)
{
	struct view notes;
	enum err e = view_open_notes(v, &notes);
	if (e)
		return e;
	for (size_t i = 0; !e && i < notes.n_shards; i++)
		e = each_note(&notes, i, add_target, o);
	view_close(&notes);
	return e;
}

/* ---- Spans ---- */

static uint32_t target_of(const struct orphans *o, uint64_t key)
{
	return o->targets.n ? *orphans_find_slot(&o->targets, key) : 0;
}

static struct target *target_at(const struct orphans *o, uint32_t slot)
{
	return (struct target *)(void *)(o->targets.rows + (slot - 1) * sizeof(struct target));
}

static void orphans_see(struct orphans *o, const struct span *s, enum span_fate fate)
{
	struct str id = span_text(s, FIELD_SPAN_ID), trace_id = span_text(s, FIELD_TRACE_ID);
	uint32_t targets[4] = { target_of(o, hash64(id, SPAN_SEED)),
		target_of(o, pair_key(trace_id, id)), target_of(o, hash64(trace_id, TRACE_SEED)),
		target_of(o, hash64(span_text(s, FIELD_SESSION_ID), SESSION_SEED)) };
	bool is_any = false;
	for (unsigned i = 0; i < 4; i++) {
		is_any = is_any || targets[i];
		if (targets[i] && fate == SPAN_GOES)
			target_at(o, targets[i])->goes = true;
	}
	uint64_t identity = span_identity_hash(s);
	struct seen *seen =
		is_any ? find_or_add(&o->spans, identity) : orphans_find_row(&o->spans, identity);
	if (!seen || (seen->is_known && span_version(s) < seen->version))
		return;
	seen->is_known = true;
	seen->version = span_version(s);
	seen->fate = fate;
	/* A tombstone says no session: what was known of the span counts. */
	for (unsigned i = 0; i < 4; i++)
		if (targets[i])
			seen->targets[i] = targets[i];
}

enum err orphans_see_shard(struct orphans *o, struct view *v, size_t shard, int64_t from,
	enum span_fate (*fate)(const void *user, const struct span *s), const void *user,
	uint64_t *n_going)
{
	struct shard_reader r;
	struct row_ref ref;
	struct str line;
	struct span span;
	bool more;
	enum err e = shard_reader_open(v, shard, from, -1, &r);
	if (e)
		return e;
	while (!(e = shard_reader_next(&r, &line, &ref, &more)) && more) {
		if (line_read(line, NULL, false, &span) != LINE_OK)
			continue;
		enum span_fate its = span.is_deleted ? SPAN_IS_DELETED : fate(user, &span);
		*n_going += its == SPAN_GOES;
		orphans_see(o, &span, its);
	}
	shard_reader_close(&r);
	return e;
}

static void orphans_settle(struct orphans *o)
{
	const struct seen *seen = (const struct seen *)(const void *)o->spans.rows;
	for (size_t i = 0; i < o->spans.n; i++)
		for (unsigned k = 0; k < 4; k++)
			if (seen[i].fate == SPAN_STAYS && seen[i].targets[k])
				target_at(o, seen[i].targets[k])->stays = true;
}

bool orphans_have_changed(const struct orphans *o)
{
	const struct seen *seen = (const struct seen *)(const void *)o->spans.rows;
	for (size_t i = 0; i < o->spans.n; i++)
		for (unsigned k = 0; k < 4; k++) {
			if (seen[i].fate != SPAN_STAYS || !seen[i].targets[k])
				continue;
			const struct target *t = target_at(o, seen[i].targets[k]);
			if (t->goes && !t->stays)
				return true;
		}
	return false;
}

/* ---- Files ---- */

struct counting {
	const struct orphans *o;
	uint64_t n, n_staying;
};

static bool is_orphan(const struct orphans *o, const struct note *n)
{
	const struct target *t = orphans_find_row(&o->targets, target_key(n));
	if (t && t->stays)
		return false;
	return o->keeps ? !o->keeps(o->user, n) : t && t->goes;
}

static bool count_orphan(void *user, const struct note *n)
{
	struct counting *c = user;
	bool goes = is_orphan(c->o, n);
	c->n += goes;
	c->n_staying += !goes;
	return true;
}

enum err orphans_find(struct orphans *o, struct view *v, uint64_t *ret_n, uint64_t *ret_staying)
{
	struct counting c = { .o = o };
	struct view notes;
	orphans_settle(o);
	buf_reset(&o->files);
	enum err e = view_open_notes(v, &notes);
	if (e)
		return e;
	for (size_t i = 0; !e && i < notes.n_shards; i++) {
		if (o->keeps && notes.shards[i].day != o->day)
			continue;
		struct orphan_file file = { notes.shards[i].day, notes.shards[i].part };
		uint64_t before = c.n;
		e = each_note(&notes, i, count_orphan, &c);
		if (c.n > before)
			buf_add(&o->files, str_of((const char *)&file, sizeof file));
	}
	view_close(&notes);
	*ret_n = c.n;
	*ret_staying = c.n_staying;
	return e;
}

/* A file that is being rewritten. */
struct rewriting_notes {
	const struct orphans *o;
	struct view *notes;
	size_t shard;
	int fd;
	struct buf out;
	int64_t copied; /* of the old one */
	uint64_t n;     /* lines left out */
};

static enum err orphans_flush(struct rewriting_notes *w)
{
	enum err e = io_write_all(w->fd, buf_str(&w->out));
	buf_reset(&w->out);
	return e;
}

/* As they stand, whatever they are. */
static enum err copy_until(struct rewriting_notes *w, int64_t at)
{
	enum err e = ERR_OK;
	while (!e && w->copied < at) {
		int64_t left = at - w->copied;
		size_t n = left < OUT_BYTES ? (size_t)left : OUT_BYTES, got;
		e = shard_read(w->notes, w->shard, buf_reserve(&w->out, n), n, w->copied, &got);
		if (!e && got != n)
			e = ERR_IO; /* somebody cut the file */
		if (!e) {
			w->out.len += n;
			w->copied += (int64_t)n;
			e = orphans_flush(w);
		}
	}
	return e;
}

static enum err copy_others(struct rewriting_notes *w)
{
	struct shard_reader r;
	struct row_ref ref;
	struct str line;
	struct note note;
	bool more;
	enum err e = shard_reader_open(w->notes, w->shard, 0, -1, &r);
	if (e)
		return e;
	while (!(e = shard_reader_next(&r, &line, &ref, &more)) && more) {
		if (!note_read(line, &note) || !is_orphan(w->o, &note))
			continue;
		e = copy_until(w, ref.at);
		if (e)
			break;
		w->copied = ref.at + ref.len + 1;
		w->n++;
	}
	int64_t end = r.end;
	shard_reader_close(&r);
	return e ? e : copy_until(w, end);
}

static enum err put_in_place(
	const struct orphans *o, int dir_fd, const char *temp, const char *name)
{
	int lock_fd = -1;
	enum err e = o->may_replace ? o->may_replace(o->user, &lock_fd) : ERR_OK;
	if (!e && io->renameat(dir_fd, temp, dir_fd, name) < 0)
		e = io_error(errno);
	if (lock_fd >= 0)
		io_drop(lock_fd); /* unlocks */
	return e;
}

static enum err rewrite_notes(struct rewriting_notes *w, int dir_fd, const char *name)
{
	char temp[STORE_NAME_MAX + 8];
	(void)snprintf(temp, sizeof temp, ".%s.tmp", name);
	(void)io->unlinkat(dir_fd, temp, 0); /* of one who died; O_EXCL tells if not */
	enum err e = io_open_file(dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, &w->fd);
	if (e)
		return e;
	buf_init(&w->out, w->o->arena);
	e = copy_others(w);
	buf_release(&w->out);
	if (!e)
		e = io_fsync(w->fd);
	enum err closed = io_close(w->fd);
	if (!e)
		e = closed;
	if (!e)
		e = put_in_place(w->o, dir_fd, temp, name);
	if (e) {
		(void)io->unlinkat(dir_fd, temp, 0); /* the first error is the one to tell */
		return e;
	}
	return io_fsync(dir_fd);
}

/* Under the lock of its day: writers open the file by its name after they have it. */
static enum err remove_in_file(const struct orphans *o, const struct store *s, struct str workspace,
	int dir_fd, struct orphan_file file, uint64_t *n)
{
	char name[STORE_NAME_MAX];
	struct view v, notes;
	struct rewriting_notes w = { .o = o, .notes = &notes, .fd = -1 };
	enum err e = view_open_dir(s, workspace, dir_fd, o->arena, &v);
	if (e)
		return e;
	e = view_open_notes(&v, &notes);
	if (!e) {
		while (w.shard < notes.n_shards && (notes.shards[w.shard].day != file.day ||
							   notes.shards[w.shard].part != file.part))
			w.shard++;
		store_file_name(STORE_FILE_NOTES, file.day, file.part, name);
		if (w.shard < notes.n_shards) /* else pruned just now */
			e = rewrite_notes(&w, dir_fd, name);
		view_close(&notes);
	}
	view_close(&v);
	if (!e)
		*n += w.n;
	return e;
}

enum err orphans_remove(struct orphans *o, const struct store *s, struct str workspace, int dir_fd,
	int lock_ms, uint64_t *ret_n)
{
	const struct orphan_file *files = (const struct orphan_file *)(const void *)o->files.ptr;
	enum err e = ERR_OK;
	*ret_n = 0;
	for (size_t i = 0; !e && i < o->files.len / sizeof *files; i++) {
		char name[STORE_NAME_MAX];
		int lock_fd;
		store_file_name(STORE_FILE_LOCK, files[i].day, 0, name);
		e = io_open_file(dir_fd, name, O_RDWR | O_CREAT, &lock_fd);
		if (e)
			return e;
		e = io_lock(lock_fd, lock_ms);
		if (!e)
			e = remove_in_file(o, s, workspace, dir_fd, files[i], ret_n);
		io_drop(lock_fd); /* unlocks */
	}
	return e;
}
