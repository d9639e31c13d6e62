#include "store/documents.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/utime.h"
#include "base/uuid.h"
#include "shard/disk.h"
#include "span/line.h"
#include "store/settings.h"
#include "json/write.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum { DOCUMENT_NAME_MAX = 80 };

static const struct {
	struct str file;
	bool has_parent;
} document_kinds[DOCUMENT_KIND__MAX] = {
#define X(name, file, has_parent) { { file, sizeof file - 1 }, has_parent },
	DOCUMENT_KIND_LIST(X)
#undef X
};

static const struct str document_end = { ".jsonl", 6 };

/* ---- Names ---- */

/* parent: a UUID that uuid_read() gave. */
static void document_file_name(
	enum document_kind kind, struct str parent, char ret[static DOCUMENT_NAME_MAX])
{
	assert(document_kinds[kind].has_parent == !str_is_null(parent));
	(void)snprintf(ret, DOCUMENT_NAME_MAX, "%.*s%s%.*s%.*s", STR_ARG(document_kinds[kind].file),
		str_is_null(parent) ? "" : "-", str_is_null(parent) ? 0 : (int)parent.len,
		str_is_null(parent) ? "" : parent.ptr, STR_ARG(document_end));
}

/* Returns the parent that the name of a file of this kind has, or STR_NULL. */
static struct str document_parent_in(enum document_kind kind, struct str name)
{
	struct str file = document_kinds[kind].file;
	if (name.len != file.len + 1 + UUID_TEXT + document_end.len || !str_starts(name, file) ||
		name.ptr[file.len] != '-' || !str_ends(name, document_end))
		return STR_NULL;
	return str_first(str_skip(name, file.len + 1), UUID_TEXT);
}

bool documents_is_file(struct str name)
{
	for (enum document_kind k = 0; k < DOCUMENT_KIND__MAX; k++) {
		struct str file = document_kinds[k].file;
		if (document_kinds[k].has_parent
				? !str_is_null(document_parent_in(k, name))
				: name.len == file.len + document_end.len &&
					  str_starts(name, file) && str_ends(name, document_end))
			return true;
	}
	return false;
}

enum err documents_open_dir(int dir_fd, int *ret_fd)
{
	return io_open_dir(dir_fd, DOCUMENTS_DIR, ret_fd);
}

/* ---- Lines ---- */

static void document_write_time(struct json_writer *w, struct str key, int64_t ns)
{
	char text[UTIME_TEXT_MAX];
	json_member_body(w, key, str_of(text, utime_format(ns, text)));
}

static void document_write(struct buf *out, const struct document *d)
{
	struct json_writer w;
	size_t start = out->len;
	json_writer_init(&w, out);
	json_object(&w);
	if (d->is_deleted)
		json_member_text(&w, STR("op"), STR("delete"));
	json_member_body(&w, STR("id"), d->id);
	if (!str_is_null(d->parent))
		json_member_body(&w, STR("parent"), d->parent);
	document_write_time(&w, STR("created_at"), d->created_ns);
	document_write_time(&w, STR("updated_at"), d->updated_ns);
	if (d->created_by.len)
		json_member_body(&w, STR("created_by"), d->created_by);
	if (d->updated_by.len)
		json_member_body(&w, STR("updated_by"), d->updated_by);
	if (!d->is_deleted)
		json_member_raw(&w, STR("body"), d->body);
	line_seal(out, start);
}

/* Reads a line whose checksum is right. Texts are views into it. */
static bool document_read(struct str line, struct document *ret)
{
	struct document d = { .body = STR("{}") };
	struct json_iter it = json_members(json_open(line));
	while (json_next(&it)) {
		if (str_eq(it.key, STR("id")))
			d.id = json_body(it.value);
		else if (str_eq(it.key, STR("parent")))
			d.parent = json_body(it.value);
		else if (str_eq(it.key, STR("created_at")))
			(void)utime_parse(json_body(it.value), &d.created_ns);
		else if (str_eq(it.key, STR("updated_at")))
			(void)utime_parse(json_body(it.value), &d.updated_ns);
		else if (str_eq(it.key, STR("created_by")))
			d.created_by = json_body(it.value);
		else if (str_eq(it.key, STR("updated_by")))
			d.updated_by = json_body(it.value);
		else if (str_eq(it.key, STR("op")))
			d.is_deleted = str_eq(json_body(it.value), STR("delete"));
		else if (str_eq(it.key, STR("body")) && it.value.type == JSON_OBJECT)
			d.body = it.value.raw;
	}
	*ret = d;
	return d.id.len > 0;
}

/* ---- Reading ---- */

/* The greatest id first, then its newest version. */
static int document_compare(const void *x, const void *y)
{
	const struct document *a = x, *b = y;
	int c = str_cmp(b->id, a->id);
	return c ? c : a->at < b->at ? 1 : a->at > b->at ? -1 : 0;
}

/* Leaves the newest version of each document that is not deleted. */
static void documents_keep_current(struct documents *d)
{
	size_t n = 0;
	struct str last = STR_NULL;
	if (d->n)
		qsort(d->list, d->n, sizeof *d->list, document_compare);
	for (size_t i = 0; i < d->n; i++) {
		bool is_older = !str_is_null(last) && str_eq(d->list[i].id, last);
		last = d->list[i].id;
		if (!is_older && !d->list[i].is_deleted)
			d->list[n++] = d->list[i];
	}
	d->n = n;
}

static void documents_parse(struct str text, struct arena *a, enum document_kind kind,
	int64_t until_ns, struct documents *ret)
{
	size_t n_lines = 0;
	struct documents d = { .n = 0 };
	for (size_t i = 0; i < text.len; i++)
		n_lines += text.ptr[i] == '\n';
	d.list = arena_calloc(a, n_lines, sizeof *d.list);
	/* What follows the last newline is not written to its end. */
	for (size_t i = 0; i < n_lines; i++) {
		struct str line = str_cut(&text, '\n'), body;
		struct document *one = &d.list[d.n];
		if (line.len == 0)
			continue;
		if (line_check(line, &body) != LINE_OK || !document_read(line, one)) {
			d.n_damaged++;
			continue;
		}
		one->kind = kind;
		one->at = i;
		d.n += one->updated_ns <= until_ns;
	}
	documents_keep_current(&d);
	*ret = d;
}

static enum err document_file_read(int own_fd, const char *name, struct arena *a, struct str *ret)
{
	int fd;
	int64_t size;
	size_t n = 0;
	enum err e = io_open_file(own_fd, name, O_RDONLY, &fd);
	if (e)
		return e;
	e = io_size(fd, &size);
	if (!e && size > LIMIT_DOCUMENTS_BYTES)
		e = ERR_IO;
	if (!e) {
		arena_hold(a, fd);
		char *text = arena_text(a, (size_t)size + 1);
		arena_let_go(a, fd);
		e = io_pread(fd, text, (size_t)size, 0, &n);
		*ret = str_of(text, e ? 0 : n);
	}
	io_drop(fd);
	return e;
}

enum err documents_read_until(int dir_fd, struct arena *a, enum document_kind kind,
	struct str parent, int64_t until_ns, struct documents *ret)
{
	char name[DOCUMENT_NAME_MAX];
	struct str text = STR("");
	int own_fd;
	document_file_name(kind, parent, name);
	enum err e = documents_open_dir(dir_fd, &own_fd);
	if (!e) {
		arena_hold(a, own_fd);
		e = document_file_read(own_fd, name, a, &text);
		arena_let_go(a, own_fd);
		io_drop(own_fd);
	}
	if (e && e != ERR_NOT_FOUND)
		return e;
	documents_parse(text, a, kind, until_ns, ret);
	return ERR_OK;
}

enum err documents_read(int dir_fd, struct arena *a, enum document_kind kind, struct str parent,
	struct documents *ret)
{
	return documents_read_until(dir_fd, a, kind, parent, INT64_MAX, ret);
}

struct document *documents_by_id(const struct documents *d, struct str id)
{
	size_t low = 0, high = d->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = str_cmp(d->list[middle].id, id);
		if (c == 0)
			return &d->list[middle];
		if (c > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct document_parents {
	struct arena *arena;
	enum document_kind kind;
	struct buf all; /* UUID_TEXT bytes each */
};

static bool document_note_parent(void *user, const char *name)
{
	struct document_parents *p = user;
	struct str parent = document_parent_in(p->kind, str_from_c(name));
	if (!str_is_null(parent))
		buf_add(&p->all, parent);
	return true;
}

enum err documents_find(int dir_fd, struct arena *a, enum document_kind kind, struct str id,
	struct document *ret, bool *ret_found)
{
	struct document_parents p = { .arena = a, .kind = kind };
	int own_fd;
	*ret_found = false;
	enum err e = documents_open_dir(dir_fd, &own_fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	buf_init(&p.all, a);
	e = io_list(own_fd, document_note_parent, &p);
	io_drop(own_fd);
	for (size_t at = 0; !e && !*ret_found && at < p.all.len; at += UUID_TEXT) {
		struct documents d;
		struct arena_mark mark = arena_mark(a);
		e = documents_read(dir_fd, a, kind, str_of(p.all.ptr + at, UUID_TEXT), &d);
		const struct document *one = e ? NULL : documents_by_id(&d, id);
		if (one) {
			*ret = *one;
			*ret_found = true;
		} else {
			arena_rewind(a, mark);
		}
	}
	return e;
}

struct document_names {
	struct buf all; /* DOCUMENT_NAME_MAX bytes each */
};

static bool document_note_name(void *user, const char *name)
{
	struct document_names *names = user;
	char entry[DOCUMENT_NAME_MAX] = { 0 };
	struct str s = str_from_c(name);
	if (s.len < sizeof entry && documents_is_file(s)) {
		memcpy(entry, s.ptr, s.len);
		buf_add(&names->all, str_of(entry, sizeof entry));
	}
	return true;
}

enum err documents_check(int dir_fd, struct arena *a,
	void (*each)(void *user, const char *name, uint64_t n_damaged), void *user)
{
	struct document_names names;
	int own_fd;
	enum err e = documents_open_dir(dir_fd, &own_fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	arena_hold(a, own_fd);
	buf_init(&names.all, a);
	e = io_list(own_fd, document_note_name, &names);
	for (size_t at = 0; !e && at < names.all.len; at += DOCUMENT_NAME_MAX) {
		struct arena_mark mark = arena_mark(a);
		struct documents d;
		struct str text = STR("");
		const char *name = names.all.ptr + at;
		e = document_file_read(own_fd, name, a, &text);
		if (e == ERR_NOT_FOUND) {
			e = ERR_OK;
			continue;
		}
		if (!e)
			documents_parse(text, a, DOCUMENT_DATASET, INT64_MAX, &d);
		if (!e && d.n_damaged)
			each(user, name, d.n_damaged);
		arena_rewind(a, mark);
	}
	arena_let_go(a, own_fd);
	io_drop(own_fd);
	return e;
}

/* ---- Writing ---- */

static enum err documents_lock(struct documents_change *c)
{
	enum err e = io_open_file(c->own_fd, "lock", O_RDWR | O_CREAT, &c->lock_fd);
	if (e)
		return e;
	e = io_lock(c->lock_fd, c->store->conf->lock_ms);
	if (e)
		io_drop(c->lock_fd);
	return e;
}

static enum err documents_make_dir(const struct documents_change *c, int *ret_fd)
{
	enum err e = documents_open_dir(c->dir_fd, ret_fd);
	if (e != ERR_NOT_FOUND)
		return e;
	e = io_make_dir(c->dir_fd, DOCUMENTS_DIR);
	if (!e && c->store->conf->sync != CONF_SYNC_NONE)
		e = io_fsync(c->dir_fd);
	return e ? e : documents_open_dir(c->dir_fd, ret_fd);
}

enum err documents_begin(struct documents_change *c, const struct store *s, struct str workspace,
	bool create, struct arena *a, int64_t now_ns)
{
	*c = (struct documents_change){ .store = s, .arena = a, .now_ns = now_ns };
	if (!s->may_write)
		return ERR_CONF;
	enum err e = workspace_open(s, workspace, create, &c->dir_fd);
	if (e)
		return e;
	e = documents_make_dir(c, &c->own_fd);
	if (e) {
		io_drop(c->dir_fd);
		return e;
	}
	e = documents_lock(c);
	if (!e) {
		e = settings_mask(s, c->dir_fd, a, &c->mask);
		if (e)
			io_drop(c->lock_fd);
	}
	if (e) {
		io_drop(c->own_fd);
		io_drop(c->dir_fd);
		return e;
	}
	/* An arena that runs out must not keep the lock. */
	arena_hold(a, c->lock_fd);
	arena_hold(a, c->own_fd);
	arena_hold(a, c->dir_fd);
	return ERR_OK;
}

void documents_end(struct documents_change *c)
{
	const int fds[] = { c->lock_fd, c->own_fd, c->dir_fd };
	mask_release(&c->mask);
	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
		arena_let_go(c->arena, fds[i]);
		io_drop(fds[i]);
	}
}

/* A file that is new, and room for what comes: as W6 and W7 of doc/shard-format.md. */
static enum err document_file_prepare(
	const struct documents_change *c, int fd, int64_t size, size_t n)
{
	struct disk disk;
	if (size + (int64_t)n > LIMIT_DOCUMENTS_BYTES)
		return ERR_TOO_LARGE;
	if (size == 0 && c->store->conf->sync != CONF_SYNC_NONE) {
		enum err e = io_fsync(c->own_fd);
		if (e)
			return e;
	}
	enum err e = disk_look(fd, &disk);
	return e ? e : disk.free_bytes < c->store->conf->free_bytes + n ? ERR_FULL : ERR_OK;
}

/* lines: a newline, to be left out when nothing is to heal, and the lines. */
static enum err document_file_append(const struct documents_change *c, int fd, struct str lines)
{
	int64_t size;
	char last = '\n';
	size_t n;
	enum err e = io_size(fd, &size);
	if (!e)
		e = document_file_prepare(c, fd, size, lines.len);
	if (!e && size > 0)
		e = io_pread(fd, &last, 1, size - 1, &n);
	if (!e)
		e = io_write_all(fd, str_skip(lines, last == '\n'));
	return e;
}

/* After a failed sync the kernel takes the pages for written, so a second one proves nothing. The
 * file is rewritten instead. */
static enum err document_file_sync(const struct documents_change *c, int fd, const char *name)
{
	struct str text = STR("");
	if (c->store->conf->sync != CONF_SYNC_ALWAYS || io_fdatasync(fd) == ERR_OK)
		return ERR_OK;
	enum err e = document_file_read(c->own_fd, name, c->arena, &text);
	return e ? e : io_replace_file(c->own_fd, name, text, true);
}

enum err documents_put(struct documents_change *c, struct document *list, size_t n)
{
	char name[DOCUMENT_NAME_MAX];
	struct buf lines;
	int fd;
	if (n == 0)
		return ERR_OK;
	buf_init(&lines, c->arena);
	buf_add_char(&lines, '\n');
	for (size_t i = 0; i < n; i++) {
		struct document *d = &list[i];
		d->created_ns = d->created_ns ? d->created_ns : c->now_ns;
		d->updated_ns = d->updated_ns ? d->updated_ns : c->now_ns;
		if (!d->is_deleted)
			d->body = mask_json(&c->mask, c->arena, d->body);
		document_write(&lines, d);
	}
	document_file_name(list[0].kind, list[0].parent, name);
	enum err e = io_open_file(c->own_fd, name, O_RDWR | O_APPEND | O_CREAT, &fd);
	if (e)
		return e;
	e = document_file_append(c, fd, buf_str(&lines));
	if (!e)
		e = document_file_sync(c, fd, name);
	enum err closed = io_close(fd);
	buf_release(&lines);
	return e ? e : closed;
}

enum err documents_remove(struct documents_change *c, enum document_kind kind, struct str parent)
{
	char name[DOCUMENT_NAME_MAX];
	document_file_name(kind, parent, name);
	if (io->unlinkat(c->own_fd, name, 0) < 0 && errno != ENOENT)
		return io_error(errno);
	return c->store->conf->sync == CONF_SYNC_ALWAYS ? io_fsync(c->own_fd) : ERR_OK;
}

struct document_erasure {
	bool (*goes)(const void *user, const struct document *d);
	const void *user;
	struct str *ids; /* of documents of which a version goes */
	size_t n;
};

static bool document_is_erased(const struct document_erasure *x, struct str id)
{
	for (size_t i = 0; i < x->n; i++)
		if (str_eq(x->ids[i], id))
			return true;
	return false;
}

/* Finds the documents of which some version goes. */
static void document_erasure_find(struct document_erasure *x, struct arena *a, struct str text)
{
	size_t n_lines = 0;
	for (size_t i = 0; i < text.len; i++)
		n_lines += text.ptr[i] == '\n';
	x->ids = arena_calloc(a, n_lines, sizeof *x->ids);
	for (size_t i = 0; i < n_lines; i++) {
		struct str line = str_cut(&text, '\n'), body;
		struct document d;
		if (line_check(line, &body) == LINE_OK && document_read(line, &d) &&
			!document_is_erased(x, d.id) && x->goes(x->user, &d))
			x->ids[x->n++] = d.id;
	}
}

/* A damaged line stays: nobody knows whose it is. */
static enum err document_file_erase(
	struct documents_change *c, const char *name, struct document_erasure *x, uint64_t *ret_n)
{
	struct str text = STR("");
	struct buf kept;
	enum err e = document_file_read(c->own_fd, name, c->arena, &text);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	x->n = 0;
	document_erasure_find(x, c->arena, text);
	if (!x->n)
		return ERR_OK;
	buf_init(&kept, c->arena);
	while (text.len) {
		struct str line = str_cut(&text, '\n'), body;
		struct document d;
		if (line_check(line, &body) == LINE_OK && document_read(line, &d) &&
			document_is_erased(x, d.id)) {
			++*ret_n;
			continue;
		}
		buf_add(&kept, line);
		buf_add_char(&kept, '\n');
	}
	e = io_replace_file(
		c->own_fd, name, buf_str(&kept), c->store->conf->sync != CONF_SYNC_NONE);
	buf_release(&kept);
	return e;
}

enum err documents_erase(struct documents_change *c, enum document_kind kind,
	bool (*goes)(const void *user, const struct document *d), const void *user, uint64_t *ret_n)
{
	struct document_erasure x = { .goes = goes, .user = user };
	struct document_parents p = { .arena = c->arena, .kind = kind };
	char name[DOCUMENT_NAME_MAX];
	if (!document_kinds[kind].has_parent) {
		document_file_name(kind, STR_NULL, name);
		return document_file_erase(c, name, &x, ret_n);
	}
	buf_init(&p.all, c->arena);
	enum err e = io_list(c->own_fd, document_note_parent, &p);
	for (size_t at = 0; !e && at < p.all.len; at += UUID_TEXT) {
		struct arena_mark mark = arena_mark(c->arena);
		document_file_name(kind, str_of(p.all.ptr + at, UUID_TEXT), name);
		e = document_file_erase(c, name, &x, ret_n);
		arena_rewind(c->arena, mark);
	}
	return e;
}
