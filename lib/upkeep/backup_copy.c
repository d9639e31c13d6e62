#include "upkeep/backup_copy.h"

#include "base/hash.h"
#include "base/io.h"
#include "store/documents.h"

#include <fcntl.h>
#include <stdlib.h>

enum { MANIFEST_MAX = 64 << 20, COPY_BYTES = 1 << 20, CRC_DIGITS = 8 };

/* ---- The manifest ---- */

static const struct str head = { "flatspan backup 1\n", 18 };

/* A name of one of ours, in the root or in a workspace. */
static bool is_path(struct str path)
{
	struct str name = path, workspace = str_cut(&name, '/');
	if (str_is_null(name))
		return str_eq(path, STR("FORMAT")) || str_eq(path, STR("keys"));
	if (str_starts(name, STR(DOCUMENTS_DIR "/")))
		name = str_skip(name, sizeof DOCUMENTS_DIR);
	return workspace_name_valid(workspace) && name.len && name.ptr[0] != '.' &&
	       str_index(name, '/') == name.len && str_index(name, '\0') == name.len;
}

/* "0123abcd 1234 default/2026-11-20.jsonl" */
static bool manifest_parse_file(struct str line, struct backup_file *ret)
{
	uint64_t crc;
	struct str digits = str_cut(&line, ' '), bytes = str_cut(&line, ' ');
	if (digits.len != CRC_DIGITS || !str_to_u64_hex(digits, &crc) ||
		!str_to_i64(bytes, &ret->size_bytes) || ret->size_bytes < 0 || !is_path(line))
		return false;
	ret->crc = (uint32_t)crc;
	ret->path = line;
	return true;
}

static enum err manifest_parse_line(struct str text, struct arena *a, struct manifest *ret)
{
	struct manifest m = { .n = 0 };
	size_t n_lines = 0;
	if (!str_starts(text, head) || text.ptr[text.len - 1] != '\n')
		return ERR_CONF;
	text = str_skip(text, head.len);
	for (size_t i = 0; i < text.len; i++)
		n_lines += text.ptr[i] == '\n';
	m.files = arena_calloc(a, n_lines, sizeof *m.files);
	while (text.len)
		if (!manifest_parse_file(str_cut(&text, '\n'), &m.files[m.n++]))
			return ERR_CONF;
	manifest_sort(&m);
	*ret = m;
	return ERR_OK;
}

enum err manifest_read(int dir_fd, const char *name, struct arena *a, struct manifest *ret)
{
	int fd;
	int64_t size;
	size_t n = 0;
	char *text = NULL;
	enum err e = io_open_file(dir_fd, name, O_RDONLY, &fd);
	if (e)
		return e;
	e = io_size(fd, &size);
	if (!e && size > MANIFEST_MAX)
		e = ERR_CONF;
	if (!e) {
		text = arena_text(a, (size_t)size + 1);
		e = io_pread(fd, text, (size_t)size, 0, &n);
	}
	io_drop(fd);
	return e ? e : manifest_parse_line(str_of(text, n), a, ret);
}

enum err manifest_write(int dir_fd, const char *name, struct arena *a, const struct manifest *m)
{
	struct buf text;
	buf_init(&text, a);
	buf_add(&text, head);
	for (size_t i = 0; i < m->n; i++)
		buf_printf(&text, "%08x %lld %.*s\n", (unsigned)m->files[i].crc,
			(long long)m->files[i].size_bytes, STR_ARG(m->files[i].path));
	enum err e = io_replace_file(dir_fd, name, buf_str(&text), true);
	buf_release(&text);
	return e;
}

static int compare_paths(const void *x, const void *y)
{
	const struct backup_file *a = x, *b = y;
	return str_cmp(a->path, b->path);
}

void manifest_sort(struct manifest *m)
{
	if (m->n > 1)
		qsort(m->files, m->n, sizeof *m->files, compare_paths);
}

const struct backup_file *manifest_find(const struct manifest *m, struct str path)
{
	struct backup_file key = { .path = path };
	return m->n ? bsearch(&key, m->files, m->n, sizeof key, compare_paths) : NULL;
}

/* ---- Bytes ---- */

enum err backup_copy_range(
	int from_fd, int64_t at, int64_t end, int to_fd, struct arena *a, uint32_t *crc)
{
	char *bytes = arena_block(a, NULL, COPY_BYTES);
	enum err e = ERR_OK;
	while (!e && at < end) {
		size_t n = end - at < COPY_BYTES ? (size_t)(end - at) : COPY_BYTES, got;
		e = io_pread(from_fd, bytes, n, at, &got);
		if (!e && got != n)
			e = ERR_IO;
		if (!e && to_fd >= 0)
			e = io_write_all(to_fd, str_of(bytes, n));
		if (!e)
			*crc = crc32c(*crc, str_of(bytes, n));
		at += (int64_t)n;
	}
	arena_block(a, bytes, 0);
	return e;
}

enum err backup_open_dir(int root_fd, struct str path, bool makes, struct arena *a, int *ret_fd)
{
	int fd = root_fd, next;
	while (path.len) {
		const char *name = arena_copy_c(a, str_cut(&path, '/'));
		enum err e = makes ? io_make_dir(fd, name) : ERR_OK;
		if (!e)
			e = io_open_dir(fd, name, &next);
		if (fd != root_fd)
			io_drop(fd);
		if (e)
			return e;
		fd = next;
	}
	*ret_fd = fd;
	return ERR_OK;
}
