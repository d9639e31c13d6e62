#include "io_scene.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct calls calls = { .fail_at = -1, .write_budget = -1, .tell_fd = -1 };

static bool call_fails(const char *name)
{
	ck_assert_int_lt(calls.n, CALLS_MAX);
	calls.name[calls.n] = name;
	if (calls.n++ != calls.fail_at)
		return false;
	errno = calls.error;
	return true;
}

static size_t shorter(size_t n)
{
	return calls.most_bytes && n > calls.most_bytes ? calls.most_bytes : n;
}

static int test_openat(int dir, const char *name, int flags, mode_t mode)
{
	return call_fails("openat") ? -1 : io_system.openat(dir, name, flags, mode);
}

static ssize_t test_pread(int fd, void *buf, size_t n, off_t at)
{
	return call_fails("pread") ? -1 : io_system.pread(fd, buf, shorter(n), at);
}

static ssize_t test_write(int fd, const void *buf, size_t n)
{
	if (call_fails("write"))
		return -1;
	n = shorter(n);
	if (calls.write_budget >= 0) {
		if (calls.write_budget == 0) {
			errno = ENOSPC;
			return -1;
		}
		if (n > (size_t)calls.write_budget)
			n = (size_t)calls.write_budget;
		calls.write_budget -= (int)n;
	}
	return io_system.write(fd, buf, n);
}

static int test_fstat(int fd, struct stat *st)
{
	return call_fails("fstat") ? -1 : io_system.fstat(fd, st);
}

static int test_fdatasync(int fd)
{
	return call_fails("fdatasync") ? -1 : io_system.fdatasync(fd);
}

static int test_fsync(int fd)
{
	return call_fails("fsync") ? -1 : io_system.fsync(fd);
}

static int test_close(int fd)
{
	int r = io_system.close(fd); /* a close that fails has closed all the same */
	return call_fails("close") ? -1 : r;
}

static int test_flock(int fd, int operation)
{
	if (call_fails("flock"))
		return -1;
	if (!(operation & LOCK_NB) && calls.tell_fd >= 0) {
		ck_assert_int_eq(write(calls.tell_fd, "x", 1), 1);
		calls.tell_fd = -1;
	}
	return io_system.flock(fd, operation);
}

static int test_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return call_fails("renameat") ? -1 : io_system.renameat(from_dir, from, to_dir, to);
}

static int test_unlinkat(int dir, const char *name, int flags)
{
	return call_fails("unlinkat") ? -1 : io_system.unlinkat(dir, name, flags);
}

static int test_mkdirat(int dir, const char *name, mode_t mode)
{
	return call_fails("mkdirat") ? -1 : io_system.mkdirat(dir, name, mode);
}

static const struct io_table test_table = {
	.openat = test_openat,
	.pread = test_pread,
	.write = test_write,
	.fstat = test_fstat,
	.fdatasync = test_fdatasync,
	.fsync = test_fsync,
	.close = test_close,
	.flock = test_flock,
	.renameat = test_renameat,
	.unlinkat = test_unlinkat,
	.mkdirat = test_mkdirat,
};

void use_test_table(void)
{
	calls.n = 0;
	calls.fail_at = calls.write_budget = calls.tell_fd = -1;
	calls.most_bytes = 0;
	io = &test_table;
}

char scene_path[] = "/tmp/flatspan-io.XXXXXX";
int scene;

void put_file(const char *name, struct str content)
{
	int fd = openat(scene, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, content.ptr, content.len), (ssize_t)content.len);
	close(fd);
}

void open_scene(void)
{
	io = &io_system;
	memcpy(scene_path + sizeof scene_path - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(scene_path));
	ck_assert_int_eq(io_open_root(scene_path, &scene), ERR_OK);
	put_file("file", STR("old\n"));
	put_file("twin", STR("x"));
	ck_assert_int_eq(linkat(scene, "twin", scene, "twin2", 0), 0);
	ck_assert_int_eq(mkdirat(scene, "dir", 0700), 0);
	ck_assert_int_eq(symlinkat("file", scene, "link"), 0);
	ck_assert_int_eq(symlinkat("dir", scene, "dirlink"), 0);
	ck_assert_int_eq(mkfifoat(scene, "fifo", 0600), 0);
}

static bool remove_entry(void *user, const char *name)
{
	(void)user;
	if (unlinkat(scene, name, 0) < 0)
		ck_assert_int_eq(unlinkat(scene, name, AT_REMOVEDIR), 0);
	return true;
}

void close_scene(void)
{
	io = &io_system;
	ck_assert_int_eq(io_list(scene, remove_entry, NULL), ERR_OK);
	ck_assert_int_eq(close(scene), 0);
	ck_assert_int_eq(rmdir(scene_path), 0);
}

struct str content_of(struct arena *a, const char *name)
{
	int fd;
	char *text = arena_text(a, 4096);
	size_t n;
	ck_assert_int_eq(io_open_file(scene, name, O_RDONLY, &fd), ERR_OK);
	ck_assert_int_eq(io_pread(fd, text, 4096, 0, &n), ERR_OK);
	ck_assert_int_eq(close(fd), 0);
	return str_of(text, n);
}

int open_fds(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

bool count_entry(void *user, const char *name)
{
	(void)name;
	++*(int *)user;
	return true;
}

int entries(void)
{
	int n = 0;
	ck_assert_int_eq(io_list(scene, count_entry, &n), ERR_OK);
	return n;
}
