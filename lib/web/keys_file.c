#include "web/keys_file.h"

#include "base/base64.h"
#include "base/io.h"
#include "base/utime.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>

enum {
	KEYS_FILE_MAX = 1 << 20, /* some 6,000 keys */
	LOCK_MS = 10000,
	ID_RANDOM_BYTES = 6,
	SECRET_RANDOM_BYTES = 32
};

/* The directory, open, and the name in it. */
static enum err keys_open_dir(const struct conf *c, struct arena *a, int *ret_fd, char **ret_name)
{
	struct str path = c->keys, dir = c->root, name = STR("keys");
	if (path.len) {
		size_t n = path.len;
		while (n && path.ptr[n - 1] != '/')
			n--;
		dir = n > 1 ? str_first(path, n - 1) : n ? STR("/") : STR(".");
		name = str_skip(path, n);
	}
	*ret_name = arena_copy_c(a, name);
	return io_open_root(arena_copy_c(a, dir), ret_fd);
}

static enum err read_at(
	int dir_fd, const char *name, struct arena *a, struct str *ret_text, mode_t *ret_mode)
{
	int fd;
	struct stat st;
	size_t n;
	enum err e = io_open_file(dir_fd, name, O_RDONLY, &fd);
	if (e)
		return e == ERR_NOT_FOUND ? e : ERR_CONF;
	if (io->fstat(fd, &st) < 0 || st.st_size > KEYS_FILE_MAX)
		e = ERR_CONF;
	if (!e) {
		char *text = arena_text(a, (size_t)st.st_size);
		*ret_mode = st.st_mode;
		e = io_pread(fd, text, (size_t)st.st_size, 0, &n);
		if (!e)
			*ret_text = str_of(text, n);
	}
	io_drop(fd);
	return e ? ERR_CONF : ERR_OK;
}

enum err keys_file_read(const struct conf *c, struct arena *a, struct str *ret_text)
{
	int dir_fd;
	char *name;
	struct stat st;
	mode_t mode = 0;
	/* No directory is no answer to whether there are keys: it may have been renamed, or be on a
	 * disk that is not mounted, and without keys whole machines are let in. */
	if (keys_open_dir(c, a, &dir_fd, &name))
		return ERR_CONF;
	enum err e = read_at(dir_fd, name, a, ret_text, &mode);
	/* What everybody may write says nothing of who shall be let in. */
	if (!e && mode & S_IWOTH)
		e = ERR_CONF;
	/* Nor is an empty directory in the place of the data. */
	if (e == ERR_NOT_FOUND && !c->keys.len && io_stat(dir_fd, "FORMAT", &st))
		e = ERR_CONF;
	io_drop(dir_fd);
	return e;
}

enum err keys_file_change(const struct conf *c, struct arena *a,
	enum err (*change)(void *user, struct str text, struct str *ret_text), void *user)
{
	int dir_fd, lock_fd;
	char *name;
	struct str text = STR("");
	mode_t mode = 0;
	enum err e = keys_open_dir(c, a, &dir_fd, &name);
	if (e)
		return e;
	struct str lock = arena_printf(a, ".%s.lock", name);
	e = io_open_file(dir_fd, arena_copy_c(a, lock), O_RDWR | O_CREAT, &lock_fd);
	if (e) {
		io_drop(dir_fd);
		return e;
	}
	e = io_lock(lock_fd, LOCK_MS);
	if (!e)
		e = read_at(dir_fd, name, a, &text, &mode);
	if (!e && mode & S_IWOTH)
		e = ERR_UNSAFE;
	if (e == ERR_NOT_FOUND)
		e = ERR_OK;
	struct str changed = text;
	if (!e)
		e = change(user, text, &changed);
	if (!e && !str_eq(text, changed))
		e = io_replace_file(dir_fd, name, changed, true);
	io_drop(lock_fd);
	io_drop(dir_fd);
	return e;
}

static bool is_plain_id(struct str id)
{
	return id.ptr[0] != '-' && id.ptr[0] != '_';
}

enum err key_make(struct arena *a, struct str *ret_key, struct key_record *ret)
{
	unsigned char random[ID_RANDOM_BYTES + SECRET_RANDOM_BYTES];
	struct key_record k = { .not_after_ns = INT64_MAX };
	struct str key, secret;
	do {
		struct buf b;
		if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
			return ERR_IO;
		buf_init(&b, a);
		buf_add(&b, STR("fsp_"));
		base64url_write(&b, str_of((const char *)random, ID_RANDOM_BYTES));
		buf_add_char(&b, '_');
		base64url_write(
			&b, str_of((const char *)random + ID_RANDOM_BYTES, SECRET_RANDOM_BYTES));
		key = arena_copy(a, buf_str(&b));
		buf_release(&b);
		if (!key_split(key, &k.id, &secret))
			return ERR_IO;
		/* On a command line the id must not look like an option. */
	} while (!is_plain_id(k.id));
	sha256(secret, k.hash);
	*ret_key = key;
	*ret = k;
	return ERR_OK;
}

void key_record_write(struct buf *out, const struct key_record *k)
{
	static const struct {
		unsigned role;
		struct str name;
	} roles[] = { { ROLE_ADMIN, { "admin", 5 } }, { ROLE_INGEST, { "ingest", 6 } },
		{ ROLE_READ, { "read", 4 } } };
	char time[UTIME_TEXT_MAX];
	buf_add(out, k->id);
	buf_add_char(out, ':');
	buf_add_hex(out, str_of((const char *)k->hash, SHA256_BYTES));
	buf_add_char(out, ':');
	buf_add(out, k->workspaces);
	char sep = ':';
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
		if (!(k->roles & roles[i].role))
			continue;
		buf_add_char(out, sep);
		buf_add(out, roles[i].name);
		sep = ',';
		if (roles[i].role == ROLE_ADMIN)
			break; /* it includes the others */
	}
	buf_add_char(out, ':');
	if (k->not_after_ns == INT64_MAX)
		buf_add_char(out, '-');
	else
		buf_add(out, str_of(time, utime_format(k->not_after_ns, time)));
	buf_add_char(out, ':');
	buf_add(out, k->label);
	buf_add_char(out, '\n');
}
