#include "shard/root.h"

#include "base/io.h"
#include "base/limits.h"
#include "base/utime.h"
#include "shard/days.h"
#include "shard/sealed/sealed.h"
#include "span/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FORMAT_MAX = 4096, /* of the FORMAT file; a longer one is not ours */
	CACHE_BYTES = 32 << 20,
	PART_DIGITS_MAX = 6
};

static const char format_name[] = "FORMAT";
static const struct str format_head = { "flatspan 1\n", 11 };

/*
 * FORMAT is `flatspan 1`, and below it one line per extension: its name, a blank, and the letters
 * of who must understand it: r readers, w writers, - nobody.  This program knows no extension yet.
 */
static enum err check_format(struct str text, bool *ret_may_write)
{
	bool may_write = true;
	if (!str_starts(text, format_head))
		return ERR_CONF;
	for (struct str rest = str_skip(text, format_head.len); rest.len;) {
		struct str line = str_cut(&rest, '\n');
		size_t blank = str_index(line, ' ');
		struct str letters = str_skip(line, blank + 1);
		if (!line.len)
			continue;
		if (blank == line.len || str_index(letters, 'r') < letters.len)
			return ERR_CONF;
		if (str_index(letters, 'w') < letters.len)
			may_write = false;
	}
	*ret_may_write = may_write;
	return ERR_OK;
}

/* ERR_NOT_FOUND when there is none. */
static enum err read_format(int root_fd, bool *ret_may_write)
{
	int fd;
	char text[FORMAT_MAX];
	size_t n;
	enum err e = io_open_file(root_fd, format_name, O_RDONLY, &fd);
	if (e)
		return e;
	e = io_pread(fd, text, sizeof text, 0, &n);
	io_drop(fd);
	if (e)
		return e;
	return n == sizeof text ? ERR_CONF : check_format(str_of(text, n), ret_may_write);
}

/* What may stand in a directory that becomes a root: nothing, or what administrators put there
 * before the first start. */
static bool note_foreign(void *user, const char *name)
{
	bool *is_foreign = user;
	struct str s = str_from_c(name);
	*is_foreign = s.ptr[0] != '.' && !str_eq(s, STR("keys")) && !str_eq(s, STR("lost+found")) &&
		      !str_eq(s, STR("flatspan.conf"));
	return !*is_foreign;
}

static enum err make_format(int root_fd, bool *ret_may_write)
{
	bool is_foreign = false;
	enum err e = io_list(root_fd, note_foreign, &is_foreign);
	if (e)
		return e;
	if (is_foreign) {
		/* Or another process has just made it, and a workspace in it. */
		e = read_format(root_fd, ret_may_write);
		return e == ERR_NOT_FOUND ? ERR_CONF : e;
	}
	e = io_replace_file(root_fd, format_name, format_head, true);
	if (!e)
		*ret_may_write = true;
	/* In another container a process may have our number, and the same file half made. */
	return e && read_format(root_fd, ret_may_write) == ERR_OK ? ERR_OK : e;
}

/* The path for the system, without slashes behind it. */
static enum err copy_path(struct str path, char to[static PATH_MAX])
{
	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (path.len == 0 || path.len >= PATH_MAX || str_index(path, '\0') < path.len)
		return ERR_CONF;
	memcpy(to, path.ptr, path.len);
	to[path.len] = '\0';
	return ERR_OK;
}

enum err store_make_dir(struct str path, int *ret_fd)
{
	char text[PATH_MAX];
	int parent_fd;
	enum err e = copy_path(path, text);
	if (e)
		return e;
	char *slash = strrchr(text, '/');
	const char *parent = slash == text ? "/" : slash ? text : ".";
	const char *name = slash ? slash + 1 : text;
	if (slash)
		*slash = '\0';
	e = io_open_root(parent, &parent_fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_CONF : e;
	e = io_make_dir(parent_fd, name);
	if (!e)
		e = io_fsync(parent_fd);
	if (!e)
		e = io_open_dir(parent_fd, name, ret_fd);
	io_drop(parent_fd);
	return e;
}

enum err store_open_dir(struct str path, int *ret_fd)
{
	char text[PATH_MAX];
	enum err e = copy_path(path, text);
	if (!e)
		e = io_open_root(text, ret_fd);
	return e == ERR_NOT_FOUND ? store_make_dir(path, ret_fd) : e;
}

/* A directory others may write to can hold anything by the next moment. */
static enum err check_owner(int fd)
{
	struct stat st;
	if (io->fstat(fd, &st) < 0)
		return io_error(errno);
	uid_t me = geteuid();
	if (st.st_mode & S_IWOTH || (me != 0 && st.st_uid != me && st.st_uid != 0))
		return ERR_UNSAFE;
	return ERR_OK;
}

enum err store_open(struct store *s, const struct conf *conf)
{
	int fd;
	bool may_write = false;
	enum err e = store_open_dir(conf->root, &fd);
	if (e)
		return e;
	e = check_owner(fd);
	if (!e)
		e = read_format(fd, &may_write);
	if (e == ERR_NOT_FOUND)
		e = make_format(fd, &may_write);
	if (e) {
		io_drop(fd);
		return e;
	}
	*s = (struct store){ .root_fd = fd,
		.conf = conf,
		.may_write = may_write,
		.shard_bytes = LIMIT_SHARD_BYTES,
		.line_bytes = LIMIT_LINE_BYTES,
		.index_rows = LIMIT_LIVE_ROWS,
		.index_bytes = LIMIT_LIVE_BYTES,
		.index_pause_ns = LIMIT_LIVE_PAUSE_NS,
		.terms_bytes = LIMIT_TERMS_BYTES,
		.terms_mark_bits = LIMIT_TERMS_MARK_BITS,
		.part_bytes = LIMIT_PART_BYTES };
	arena_init(&s->memory, CACHE_BYTES);
	s->cache = store_cache_make(&s->memory);
	s->index = arena_alloc(&s->memory, sizeof *s->index);
	*s->index = (struct index_slot){ .memory = &s->memory };
	s->sealed = sealed_cache_make(&s->memory);
	s->mask = arena_alloc(&s->memory, sizeof *s->mask);
	e = mask_init_conf(s->mask, conf, &s->memory);
	if (e)
		store_close(s);
	return e;
}

void store_close(struct store *s)
{
	sealed_cache_close(s->sealed);
	io_drop(s->root_fd);
	if (s->index->cache)
		s->index->close(s->index->cache);
	mask_release(s->mask);
	arena_release(&s->memory);
	s->root_fd = -1;
	s->cache = NULL;
	s->index = NULL;
	s->sealed = NULL;
	s->mask = NULL;
}

static bool is_alphanumeric(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name_char(char c)
{
	return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
}

bool workspace_name_valid(struct str name)
{
	if (name.len == 0 || name.len > LIMIT_WORKSPACE_BYTES || !is_alphanumeric(name.ptr[0]))
		return false;
	for (size_t i = 1; i < name.len; i++)
		if (!is_name_char(name.ptr[i]))
			return false;
	/* Files of the root, MANIFEST of that of a backup. */
	return !str_eq(name, STR("keys")) && !str_eq(name, STR("FORMAT")) &&
	       !str_eq(name, STR("MANIFEST"));
}

static void name_to_c(struct str name, char ret[static LIMIT_WORKSPACE_BYTES + 1])
{
	memcpy(ret, name.ptr, name.len);
	ret[name.len] = '\0';
}

enum err workspace_open(const struct store *s, struct str name, bool create, int *ret_fd)
{
	char text[LIMIT_WORKSPACE_BYTES + 1];
	if (!workspace_name_valid(name))
		return ERR_INVALID;
	name_to_c(name, text);
	enum err e = io_open_dir(s->root_fd, text, ret_fd);
	if (e != ERR_NOT_FOUND || !create)
		return e;
	if (!s->may_write)
		return ERR_CONF;
	e = io_make_dir(s->root_fd, text);
	if (!e && s->conf->sync == CONF_SYNC_ALWAYS)
		e = io_fsync(s->root_fd);
	return e ? e : io_open_dir(s->root_fd, text, ret_fd);
}

enum err workspace_exists(const struct store *s, struct str name, bool *ret_exists)
{
	int fd;
	enum err e = workspace_open(s, name, false, &fd);
	if (e && e != ERR_NOT_FOUND)
		return e;
	*ret_exists = e == ERR_OK;
	if (!e)
		io_drop(fd);
	return ERR_OK;
}

struct name_list {
	struct arena *arena;
	struct buf names; /* of struct str */
};

static bool add_name(void *user, const char *name)
{
	struct name_list *list = user;
	struct str s = str_from_c(name);
	if (workspace_name_valid(s)) {
		s = arena_copy(list->arena, s);
		buf_add(&list->names, str_of((const char *)&s, sizeof s));
	}
	return true;
}

static int root_compare_names(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

enum err workspace_list(
	const struct store *s, struct arena *a, struct str **ret_names, size_t *ret_n)
{
	struct name_list list = { .arena = a };
	buf_init(&list.names, a);
	enum err e = io_list(s->root_fd, add_name, &list);
	if (e)
		return e;
	struct str *names = (struct str *)(void *)list.names.ptr;
	size_t n = 0, n_all = list.names.len / sizeof *names;
	for (size_t i = 0; i < n_all; i++) {
		bool exists = false;
		e = workspace_exists(s, names[i], &exists);
		/* Files and links that have such a name are no workspaces. One that cannot be
		 * opened is: a caller that works on all of them must learn of it. */
		if (exists || (e && e != ERR_UNSAFE))
			names[n++] = names[i];
	}
	if (n > 1)
		qsort(names, n, sizeof *names, root_compare_names);
	*ret_names = names;
	*ret_n = n;
	return ERR_OK;
}

static const struct {
	const char *suffix;
	bool has_parts;
} file_kinds[] = {
	[STORE_FILE_SHARD] = { ".jsonl", true },
	[STORE_FILE_LOCK] = { ".lock", false },
	[STORE_FILE_INDEX] = { ".idx", false },
	[STORE_FILE_SUSPECT] = { ".suspect", true },
	[STORE_FILE_NOTES] = { ".notes.jsonl", true },
	[STORE_FILE_SEALED] = { ".jsonl.zst", true },
};
enum { FILE_KINDS = sizeof file_kinds / sizeof file_kinds[0], DAY_LEN = 10 };

void store_file_name(enum store_file kind, int32_t day, int part, char ret[static STORE_NAME_MAX])
{
	/* Made twice a day of each view: not by snprintf. There is room for every part. */
	struct buf name = { .ptr = ret, .len = DAY_LEN, .cap = STORE_NAME_MAX };
	utime_format_day(day, ret);
	if (part > 0 && file_kinds[kind].has_parts) {
		buf_add_char(&name, '.');
		buf_add_i64(&name, part);
	}
	buf_add(&name, str_from_c(file_kinds[kind].suffix));
	buf_add_char(&name, '\0');
}

/* ".7" in front of a suffix; none is part 0. No zeros in front, so that every part has one name. */
static bool parse_part(struct str *s, int *ret_part)
{
	int part = 0;
	size_t n = 1;
	*ret_part = 0;
	if (s->len < 2 || !ascii_is_digit(s->ptr[1]))
		return true;
	for (; n < s->len && ascii_is_digit(s->ptr[n]); n++)
		if (n <= PART_DIGITS_MAX)
			part = part * 10 + (s->ptr[n] - '0');
	if (n > PART_DIGITS_MAX + 1 || s->ptr[1] == '0')
		return false;
	*s = str_skip(*s, n);
	*ret_part = part;
	return true;
}

bool store_parse_name(struct str name, enum store_file *ret_kind, int32_t *ret_day, int *ret_part)
{
	int32_t day;
	int part;
	if (name.len <= DAY_LEN || !utime_parse_day(str_first(name, DAY_LEN), &day))
		return false;
	struct str rest = str_skip(name, DAY_LEN);
	if (!parse_part(&rest, &part))
		return false;
	for (int k = 0; k < FILE_KINDS; k++)
		if (str_eq(rest, str_from_c(file_kinds[k].suffix)) &&
			(part == 0 || file_kinds[k].has_parts)) {
			*ret_kind = (enum store_file)k;
			*ret_day = day;
			*ret_part = part;
			return true;
		}
	return false;
}
