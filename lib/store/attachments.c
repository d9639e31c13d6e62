#include "store/attachments.h"

#include "base/hash.h"
#include "base/io.h"
#include "shard/disk.h"
#include "json/read.h"

#include <errno.h>
#include <fcntl.h>

enum { ATTACHMENT_DIGITS = 2 * SHA256_BYTES };

struct str attachment_id(
	struct arena *a, struct str entity_type, struct str entity_id, struct str file_name)
{
	unsigned char digest[SHA256_BYTES];
	struct buf b;
	struct str key = arena_printf(
		a, "%.*s/%.*s/%.*s", STR_ARG(entity_type), STR_ARG(entity_id), STR_ARG(file_name));
	sha256(key, digest);
	buf_init(&b, a);
	buf_add_hex(&b, str_of((const char *)digest, sizeof digest));
	return buf_str(&b);
}

bool attachment_is_file(struct str name)
{
	if (name.len != ATTACHMENT_DIGITS)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (hex_digit(name.ptr[i]) < 0 || (name.ptr[i] >= 'A' && name.ptr[i] <= 'F'))
			return false;
	return true;
}

enum err attachment_put(struct documents_change *c, struct document *d, struct str bytes)
{
	struct disk disk;
	enum err e = disk_look(c->own_fd, &disk);
	if (!e && disk.free_bytes < c->store->conf->free_bytes + bytes.len)
		e = ERR_FULL;
	if (!e)
		e = io_replace_file(c->own_fd, arena_copy_c(c->arena, d->id), bytes,
			c->store->conf->sync == CONF_SYNC_ALWAYS);
	return e ? e : documents_put(c, d, 1);
}

enum err attachment_read(int dir_fd, struct arena *a, struct str id, struct str *ret_bytes)
{
	int own_fd, fd;
	int64_t size;
	size_t n = 0;
	enum err e = documents_open_dir(dir_fd, &own_fd);
	if (e)
		return e;
	e = io_open_file(own_fd, arena_copy_c(a, id), O_RDONLY, &fd);
	io_drop(own_fd);
	if (e)
		return e;
	e = io_size(fd, &size);
	if (!e) {
		arena_hold(a, fd);
		char *text = arena_text(a, (size_t)size + 1);
		arena_let_go(a, fd);
		e = io_pread(fd, text, (size_t)size, 0, &n);
		*ret_bytes = str_of(text, n);
	}
	io_drop(fd);
	return e;
}

enum err attachment_remove(struct documents_change *c, const struct document *d)
{
	struct document gone = *d;
	gone.is_deleted = true;
	gone.updated_ns = c->now_ns;
	enum err e = documents_put(c, &gone, 1);
	if (!e && io->unlinkat(c->own_fd, arena_copy_c(c->arena, d->id), 0) < 0 && errno != ENOENT)
		e = io_error(errno);
	return e;
}

static bool attachment_is_of(const struct document *d, const struct str *ids, size_t n)
{
	struct str id = json_body(json_get(json_open(d->body), STR("entity_id")));
	for (size_t i = 0; i < n; i++)
		if (str_eq(ids[i], id))
			return true;
	return false;
}

static enum err attachments_any(const struct store *s, struct str workspace, struct arena *a,
	const struct str *ids, size_t n, bool *ret)
{
	struct documents all;
	int dir_fd;
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	*ret = false;
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = documents_read(dir_fd, a, DOCUMENT_ATTACHMENT, STR_NULL, &all);
	io_drop(dir_fd);
	for (size_t i = 0; !e && !*ret && i < all.n; i++)
		*ret = attachment_is_of(&all.list[i], ids, n);
	return e;
}

enum err attachments_remove_of(const struct store *s, struct str workspace, struct arena *a,
	const struct str *entity_ids, size_t n, int64_t now_ns)
{
	struct documents_change c;
	struct documents all;
	bool any;
	enum err e = attachments_any(s, workspace, a, entity_ids, n, &any);
	if (e || !any)
		return e;
	e = documents_begin(&c, s, workspace, false, a, now_ns);
	if (e)
		return e;
	e = documents_read(c.dir_fd, a, DOCUMENT_ATTACHMENT, STR_NULL, &all);
	for (size_t i = 0; !e && i < all.n; i++)
		if (attachment_is_of(&all.list[i], entity_ids, n))
			e = attachment_remove(&c, &all.list[i]);
	documents_end(&c);
	return e;
}
