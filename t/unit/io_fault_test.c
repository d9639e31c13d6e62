/* Every system call that lib/base/io.c makes, failing. */
#include "io_scene.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Every function of io.h once, as a list to run with faults. ret_fd is -7 unless one is handed
 * out. */
static enum err do_open_dir(int *ret_fd)
{
	return io_open_dir(scene, "dir", ret_fd);
}

static enum err do_open_root(int *ret_fd)
{
	return io_open_root(scene_path, ret_fd);
}

static enum err do_open_file(int *ret_fd)
{
	return io_open_file(scene, "file", O_RDWR | O_APPEND | O_CREAT, ret_fd);
}

static enum err do_make_dir(int *ret_fd)
{
	(void)ret_fd;
	return io_make_dir(scene, "made");
}

static enum err do_make_dir_again(int *ret_fd)
{
	(void)ret_fd;
	return io_make_dir(scene, "dir");
}

static enum err do_replace(int *ret_fd)
{
	(void)ret_fd;
	return io_replace_file(scene, "file", STR("new"), true);
}

static enum err do_list(int *ret_fd)
{
	(void)ret_fd;
	int n = 0;
	return io_list(scene, count_entry, &n);
}

/* With an open file, whose open and close are not counted. */
static enum err with_file(enum err (*use)(int fd))
{
	int fd = openat(scene, "file", O_RDWR | O_APPEND);
	ck_assert_int_ge(fd, 3);
	enum err e = use(fd);
	close(fd);
	return e;
}

static enum err use_pread(int fd)
{
	char text[8];
	size_t n = 99;
	enum err e = io_pread(fd, text, sizeof text, 0, &n);
	ck_assert_uint_eq(n, e ? 99 : 4);
	return e;
}

static enum err use_write(int fd)
{
	return io_write_all(fd, STR("more"));
}

static enum err use_size(int fd)
{
	int64_t size = -7;
	enum err e = io_size(fd, &size);
	ck_assert_int_eq(size, e ? -7 : 4);
	return e;
}

static enum err use_close(int fd)
{
	int other = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return io_close(other);
}

static enum err use_lock(int fd)
{
	return io_lock(fd, 0);
}

static enum err do_pread(int *ret_fd)
{
	(void)ret_fd;
	return with_file(use_pread);
}

static enum err do_write(int *ret_fd)
{
	(void)ret_fd;
	return with_file(use_write);
}

static enum err do_size(int *ret_fd)
{
	(void)ret_fd;
	return with_file(use_size);
}

static enum err do_close(int *ret_fd)
{
	(void)ret_fd;
	return with_file(use_close);
}

static enum err do_fsync(int *ret_fd)
{
	(void)ret_fd;
	return with_file(io_fsync);
}

static enum err do_fdatasync(int *ret_fd)
{
	(void)ret_fd;
	return with_file(io_fdatasync);
}

static enum err do_lock(int *ret_fd)
{
	(void)ret_fd;
	return with_file(use_lock);
}

static enum err (*const operations[])(int *) = { do_open_dir, do_open_root, do_open_file,
	do_make_dir, do_make_dir_again, do_replace, do_list, do_pread, do_write, do_size, do_close,
	do_fsync, do_fdatasync, do_lock };

static bool is_any(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Runs operation o in a new scene with call number fail_at failing; returns whether there was such
 * a call. */
static bool run_with_fault(size_t o, int fail_at, int error)
{
	static const char *const again[] = { "openat", "pread", "write", "flock", NULL };
	open_scene();
	int fds = open_fds(), names = entries(), fd = -7;
	use_test_table();
	calls.fail_at = fail_at;
	calls.error = error;
	enum err e = operations[o](&fd);
	bool hit = calls.n > fail_at;
	const char *failed = hit ? calls.name[fail_at] : "none";
	io = &io_system;
	/* The one failure that is ignored on purpose: of the leftover that is not there. */
	bool ignored = operations[o] == do_replace && fail_at == 0;
	enum err want = !hit || ignored || (error == EINTR && is_any(failed, again))
				? ERR_OK
				: io_error(error);
	ck_assert_msg(e == want, "operation %zu, call %d (%s), errno %d: %s, want %s", o, fail_at,
		failed, error, err_name(e), err_name(want));
	ck_assert(e == ERR_OK || fd == -7);
	if (fd >= 0)
		close(fd);
	ck_assert_msg(open_fds() == fds, "operation %zu, call %d (%s) leaks a descriptor", o,
		fail_at, failed);
	ck_assert_int_eq(entries(), names + (operations[o] == do_make_dir && e == ERR_OK));
	if (operations[o] == do_replace) {
		/* Once renamed it is the new one, also when the directory cannot be synced. */
		bool is_new = e == ERR_OK || strcmp(failed, "fsync") == 0;
		ck_assert_str_is(
			content_of(test_arena(), "file"), is_new ? STR("new") : STR("old\n"));
	}
	close_scene();
	return hit;
}

START_TEST(every_call_that_fails_is_told_and_leaves_nothing_behind)
	{
		static const int errors[] = { EIO, ENOSPC, EINTR, ELOOP };
		for (size_t o = 0; o < sizeof operations / sizeof operations[0]; o++)
			for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
				int at = 0;
				while (run_with_fault(o, at, errors[i]))
					at++;
				ck_assert_int_gt(at, 0);
			}
	}
END_TEST

UNIT_MAIN("io faults", every_call_that_fails_is_told_and_leaves_nothing_behind)
