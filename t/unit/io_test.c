/*
 * Files as lib/base/io.c sees them, good ones and bad ones, and every system call failing.
 *
 * `calls` wraps the system's table: it notes the name of each call, makes one of them fail, and
 * makes reads and writes short.
 */
#include "base/io.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CALLS_MAX = 64, WAIT_MS = 120 };

static struct {
	const char *name[CALLS_MAX];
	int n;
	int fail_at; /* -1: none */
	int error;
	size_t most_bytes; /* of one read or write; 0: as many as asked */
	int write_budget;  /* bytes until the disk is full; -1: never */
	int tell_fd;       /* told before a blocking flock; -1: nobody */
} calls = { .fail_at = -1, .write_budget = -1, .tell_fd = -1 };

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

static void use_test_table(void)
{
	calls.n = 0;
	calls.fail_at = calls.write_budget = calls.tell_fd = -1;
	calls.most_bytes = 0;
	io = &test_table;
}

/* A kernel without openat2. */
static int old_openat(int dir, const char *name, int flags, mode_t mode)
{
	return openat(dir, name, flags, mode);
}

/* A new directory with: file "old\n", dir, link -> file, dirlink -> dir, twin and twin2 (one
 * inode), fifo. */
static char scene_path[] = "/tmp/flatspan-io.XXXXXX";
static int scene;

static void put_file(const char *name, struct str content)
{
	int fd = openat(scene, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, content.ptr, content.len), (ssize_t)content.len);
	close(fd);
}

static void open_scene(void)
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

static void close_scene(void)
{
	io = &io_system;
	ck_assert_int_eq(io_list(scene, remove_entry, NULL), ERR_OK);
	ck_assert_int_eq(close(scene), 0);
	ck_assert_int_eq(rmdir(scene_path), 0);
}

static struct str content_of(const char *name)
{
	int fd;
	char *text = arena_text(test_arena(), 4096);
	size_t n;
	ck_assert_int_eq(io_open_file(scene, name, O_RDONLY, &fd), ERR_OK);
	ck_assert_int_eq(io_pread(fd, text, 4096, 0, &n), ERR_OK);
	ck_assert_int_eq(close(fd), 0);
	return str_of(text, n);
}

static int open_fds(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static bool count_entry(void *user, const char *name)
{
	(void)name;
	++*(int *)user;
	return true;
}

static int entries(void)
{
	int n = 0;
	ck_assert_int_eq(io_list(scene, count_entry, &n), ERR_OK);
	return n;
}

START_TEST(an_errno_becomes_the_error_the_header_promises)
	{
		static const int full[] = { ENOSPC, EDQUOT, EFBIG, EROFS };
		for (size_t i = 0; i < sizeof full / sizeof full[0]; i++)
			ck_assert_int_eq(io_error(full[i]), ERR_FULL);
		ck_assert_int_eq(io_error(ELOOP), ERR_UNSAFE);
		ck_assert_int_eq(io_error(EMLINK), ERR_UNSAFE);
		ck_assert_int_eq(io_error(EIO), ERR_IO);
		ck_assert_int_eq(io_error(EACCES), ERR_IO);
		ck_assert_int_eq(io_error(0), ERR_IO);
	}
END_TEST

START_TEST(only_regular_files_with_one_link_are_opened)
	{
		struct io_table old = io_system;
		old.openat = old_openat;
		open_scene();
		for (int without_openat2 = 0; without_openat2 < 2; without_openat2++) {
			io = without_openat2 ? &old : &io_system;
			int fd = -7;
			static const char *const unsafe[] = { "link", "twin", "fifo", "dir",
				"dirlink", "", ".", "..", "dir/x", "/etc/passwd" };
			static const int flags[] = { O_RDONLY, O_WRONLY | O_APPEND,
				O_RDWR | O_APPEND | O_CREAT };
			for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++)
				for (size_t f = 0; f < sizeof flags / sizeof flags[0]; f++)
					ck_assert_msg(io_open_file(scene, unsafe[i], flags[f],
							      &fd) == ERR_UNSAFE,
						"%s %zu", unsafe[i], f);
			ck_assert_int_eq(io_open_file(scene, "none", O_RDONLY, &fd), ERR_NOT_FOUND);
			ck_assert_int_eq(fd, -7);
			ck_assert_int_eq(io_open_file(scene, "file", O_RDONLY, &fd), ERR_OK);
			ck_assert_int_eq(io_close(fd), ERR_OK);
		}
		close_scene();
	}
END_TEST

START_TEST(only_directories_are_opened_as_directories)
	{
		struct io_table old = io_system;
		old.openat = old_openat;
		open_scene();
		for (int without_openat2 = 0; without_openat2 < 2; without_openat2++) {
			io = without_openat2 ? &old : &io_system;
			int fd = -7;
			static const char *const unsafe[] = { "dirlink", "file", "link", "fifo", "",
				".", "..", "../x", "/" };
			for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++)
				ck_assert_msg(io_open_dir(scene, unsafe[i], &fd) == ERR_UNSAFE,
					"%s", unsafe[i]);
			ck_assert_int_eq(io_open_dir(scene, "none", &fd), ERR_NOT_FOUND);
			ck_assert_int_eq(io_open_root("/nowhere/at/all", &fd), ERR_NOT_FOUND);
			ck_assert_int_eq(io_open_root("/dev/null", &fd), ERR_UNSAFE);
			ck_assert_int_eq(fd, -7);
			ck_assert_int_eq(io_open_dir(scene, "dir", &fd), ERR_OK);
			ck_assert_int_eq(io_close(fd), ERR_OK);
		}
		close_scene();
	}
END_TEST

START_TEST(a_root_may_be_reached_by_a_symbolic_link)
	{
		open_scene();
		char path[sizeof scene_path + 16];
		snprintf(path, sizeof path, "%s/dirlink", scene_path);
		int fd;
		ck_assert_int_eq(io_open_root(path, &fd), ERR_OK);
		ck_assert_int_eq(io_close(fd), ERR_OK);
		close_scene();
	}
END_TEST

static int unlinking_fstat(int fd, struct stat *st)
{
	ck_assert_int_eq(unlinkat(scene, "file", 0), 0);
	return io_system.fstat(fd, st);
}

START_TEST(a_file_unlinked_while_being_opened_is_not_found)
	{
		struct io_table table = io_system;
		table.fstat = unlinking_fstat;
		open_scene();
		io = &table;
		int fd = -7, before = open_fds();
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_NOT_FOUND);
		ck_assert_int_eq(fd, -7);
		ck_assert_int_eq(open_fds(), before);
		close_scene();
	}
END_TEST

START_TEST(new_files_and_directories_are_closed_to_the_world)
	{
		open_scene();
		umask(0);
		int fd;
		struct stat st;
		ck_assert_int_eq(
			io_open_file(scene, "new", O_RDWR | O_APPEND | O_CREAT, &fd), ERR_OK);
		ck_assert_int_eq(fstat(fd, &st), 0);
		ck_assert_int_eq(st.st_mode & 07777, 0640);
		ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		ck_assert_int_eq(fcntl(fd, F_GETFL) & O_APPEND, O_APPEND);
		ck_assert_int_eq(io_close(fd), ERR_OK);
		ck_assert_int_eq(io_make_dir(scene, "made"), ERR_OK);
		ck_assert_int_eq(io_make_dir(scene, "made"), ERR_OK);
		ck_assert_int_eq(fstatat(scene, "made", &st, AT_SYMLINK_NOFOLLOW), 0);
		ck_assert_int_eq(st.st_mode & 07777, 0750);
		ck_assert_int_eq(io_make_dir(scene, "file"), ERR_UNSAFE);
		ck_assert_int_eq(io_make_dir(scene, "dirlink"), ERR_UNSAFE);
		ck_assert_int_eq(io_make_dir(scene, "a/b"), ERR_UNSAFE);
		ck_assert_int_eq(io_make_dir(scene, ".."), ERR_UNSAFE);
		close_scene();
	}
END_TEST

START_TEST(descriptors_stay_above_standard_error)
	{
		open_scene();
		int kept = fcntl(2, F_DUPFD, 10), file, dir, root;
		ck_assert_int_ge(kept, 10);
		for (int fd = 0; fd < 3; fd++)
			close(fd);
		enum err e1 = io_open_file(scene, "file", O_RDONLY, &file);
		enum err e2 = io_open_dir(scene, "dir", &dir);
		enum err e3 = io_open_root("/", &root);
		bool low_closed =
			fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0;
		for (int fd = 0; fd < 3; fd++)
			(void)dup2(kept, fd);
		close(kept);
		ck_assert(e1 == ERR_OK && e2 == ERR_OK && e3 == ERR_OK);
		ck_assert(low_closed);
		ck_assert(file >= 3 && dir >= 3 && root >= 3);
		ck_assert_int_eq(fcntl(file, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		ck_assert(io_close(file) == ERR_OK && io_close(dir) == ERR_OK &&
			  io_close(root) == ERR_OK);
		close_scene();
	}
END_TEST

START_TEST(short_reads_and_writes_are_finished)
	{
		open_scene();
		use_test_table();
		calls.most_bytes = 1;
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR | O_APPEND, &fd), ERR_OK);
		ck_assert_int_eq(io_write_all(fd, STR("123456")), ERR_OK);
		ck_assert_int_eq(io_write_all(fd, STR("")), ERR_OK);
		char text[16];
		size_t n = 99;
		ck_assert_int_eq(io_pread(fd, text, sizeof text, 2, &n), ERR_OK);
		ck_assert_str_is(str_of(text, n), STR("d\n123456"));
		ck_assert_int_eq(io_pread(fd, text, 3, 4, &n), ERR_OK);
		ck_assert_str_is(str_of(text, n), STR("123"));
		ck_assert_int_eq(io_pread(fd, text, 3, 1000, &n), ERR_OK);
		ck_assert_uint_eq(n, 0);
		ck_assert_int_eq(io_pread(fd, text, 3, -1, &n), ERR_IO);
		ck_assert_int_eq(io_pread(fd, text, 3, INT64_MAX, &n), ERR_IO);
		int64_t size;
		ck_assert_int_eq(io_size(fd, &size), ERR_OK);
		ck_assert_int_eq(size, 10);
		ck_assert_int_eq(io_close(fd), ERR_OK);
		close_scene();
	}
END_TEST

static ssize_t write_nothing(int fd, const void *buf, size_t n)
{
	(void)fd, (void)buf, (void)n;
	return 0;
}

START_TEST(a_write_without_progress_ends)
	{
		struct io_table table = io_system;
		table.write = write_nothing;
		io = &table;
		ck_assert_int_eq(io_write_all(1, STR("x")), ERR_IO);
		io = &io_system;
	}
END_TEST

START_TEST(a_full_disk_leaves_what_was_written_and_says_so)
	{
		open_scene();
		use_test_table();
		calls.write_budget = 3;
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR | O_APPEND, &fd), ERR_OK);
		ck_assert_int_eq(io_write_all(fd, STR("123456")), ERR_FULL);
		ck_assert_int_eq(io_close(fd), ERR_OK);
		ck_assert_str_is(content_of("file"), STR("old\n123"));
		int before = entries();
		calls.write_budget = 3;
		ck_assert_int_eq(io_replace_file(scene, "file", STR("123456"), true), ERR_FULL);
		ck_assert_str_is(content_of("file"), STR("old\n123"));
		ck_assert_int_eq(entries(), before);
		close_scene();
	}
END_TEST

START_TEST(replacing_a_file_survives_its_own_leftovers)
	{
		open_scene();
		char temp_name[64];
		snprintf(temp_name, sizeof temp_name, ".file.%ld.tmp", (long)getpid());
		put_file(temp_name, STR("half"));
		int before = entries(), fds = open_fds();
		ck_assert_int_eq(io_replace_file(scene, "file", STR("new"), true), ERR_OK);
		ck_assert_str_is(content_of("file"), STR("new"));
		ck_assert_int_eq(entries(), before - 1);
		ck_assert_int_eq(io_replace_file(scene, "other", STR(""), false), ERR_OK);
		ck_assert_str_is(content_of("other"), STR(""));
		/* A link is replaced itself, what it names stays. */
		ck_assert_int_eq(io_replace_file(scene, "link", STR("mine"), false), ERR_OK);
		ck_assert_str_is(content_of("file"), STR("new"));
		/* Something of that name which is not a file is not removed and not used. */
		snprintf(temp_name, sizeof temp_name, ".dir2.%ld.tmp", (long)getpid());
		ck_assert_int_eq(mkdirat(scene, temp_name, 0700), 0);
		ck_assert_int_eq(io_replace_file(scene, "dir2", STR("x"), false), ERR_IO);
		ck_assert_int_eq(open_fds(), fds);
		ck_assert_int_eq(io_replace_file(scene, "dir/x", STR("x"), false), ERR_UNSAFE);
		char long_name[256];
		memset(long_name, 'a', 255);
		long_name[255] = 0;
		ck_assert_int_eq(io_replace_file(scene, long_name, STR("x"), false), ERR_IO);
		close_scene();
	}
END_TEST

START_TEST(only_a_durable_replacement_is_synced)
	{
		open_scene();
		use_test_table();
		ck_assert_int_eq(io_replace_file(scene, "file", STR("new"), true), ERR_OK);
		static const char *const want[] = { "unlinkat", "openat", "write", "fdatasync",
			"close", "renameat", "fsync" };
		ck_assert_int_eq(calls.n, 7);
		for (int i = 0; i < calls.n; i++)
			ck_assert_str_eq(calls.name[i], want[i]);
		use_test_table();
		ck_assert_int_eq(io_replace_file(scene, "file", STR("new"), false), ERR_OK);
		for (int i = 0; i < calls.n; i++)
			ck_assert_ptr_null(strstr(calls.name[i], "sync"));
		close_scene();
	}
END_TEST

struct listing {
	unsigned seen;
	int n, stop_after;
};

static bool note_entry(void *user, const char *name)
{
	static const char *const all[] = { "file", "dir", "link", "dirlink", "twin", "twin2",
		"fifo" };
	struct listing *l = user;
	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
		if (strcmp(all[i], name) == 0)
			l->seen |= 1u << i;
	return ++l->n != l->stop_after;
}

START_TEST(listing_gives_each_name_once_each_time)
	{
		open_scene();
		int fds = open_fds();
		for (int i = 0; i < 2; i++) {
			struct listing l = { 0 };
			ck_assert_int_eq(io_list(scene, note_entry, &l), ERR_OK);
			ck_assert_uint_eq(l.seen, (1u << 7) - 1);
			ck_assert_int_eq(l.n, 7);
		}
		struct listing l = { .stop_after = 2 };
		ck_assert_int_eq(io_list(scene, note_entry, &l), ERR_OK);
		ck_assert_int_eq(l.n, 2);
		ck_assert_int_eq(open_fds(), fds);
		close_scene();
	}
END_TEST

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
		ck_assert_str_is(content_of("file"), is_new ? STR("new") : STR("old\n"));
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

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Another process that holds the lock of "file" until something is written to, or the last writer
 * of, its pipe goes. */
struct holder {
	pid_t pid;
	int tell_fd;
};

static struct holder holder_start(void)
{
	int ready[2], go[2];
	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(go), 0);
	struct holder h = { .pid = fork(), .tell_fd = go[1] };
	ck_assert_int_ge(h.pid, 0);
	char c;
	if (h.pid == 0) {
		close(go[1]);
		int fd = openat(scene, "file", O_RDWR);
		if (flock(fd, LOCK_EX) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(go[0], &c, 1) < 0);
	}
	close(go[0]);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return h;
}

static void holder_end(struct holder h)
{
	int status;
	close(h.tell_fd);
	ck_assert_int_eq(waitpid(h.pid, &status, 0), h.pid);
	ck_assert_int_eq(status, 0);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int signal_number)
{
	(void)signal_number;
	alarms++;
}

START_TEST(a_lock_that_is_held_is_waited_for_until_the_deadline)
	{
		open_scene();
		struct holder h = holder_start();
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_OK);
		ck_assert_int_eq(io_lock(fd, 0), ERR_BUSY);
		ck_assert_int_eq(io_lock(fd, -1), ERR_BUSY);
		int64_t started = now_ms();
		ck_assert_int_eq(io_lock(fd, WAIT_MS), ERR_BUSY);
		int64_t took = now_ms() - started;
		ck_assert_int_ge(took, WAIT_MS - 1);
		ck_assert_int_lt(took, 20 * WAIT_MS); /* a loaded machine is not a failure */
		ck_assert_int_eq(io_lock(fd, 1), ERR_BUSY);
		holder_end(h);
		ck_assert_int_eq(io_lock(fd, 0), ERR_OK);
		close(fd);
		close_scene();
	}
END_TEST

START_TEST(a_lock_that_is_released_while_waiting_is_obtained)
	{
		open_scene();
		struct holder h = holder_start();
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_OK);
		use_test_table();
		calls.tell_fd = h.tell_fd;
		ck_assert_int_eq(io_lock(fd, 30000), ERR_OK);
		holder_end(h);
		int other;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &other), ERR_OK);
		ck_assert_int_eq(io_lock(other, 0), ERR_BUSY);
		close(fd);
		ck_assert_int_eq(io_lock(other, 0), ERR_OK);
		close(other);
		close_scene();
	}
END_TEST

START_TEST(a_lock_that_fails_while_waiting_says_why)
	{
		open_scene();
		struct holder h = holder_start();
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_OK);
		use_test_table();
		calls.fail_at = 1;
		calls.error = ENOLCK;
		ck_assert_int_eq(io_lock(fd, 30000), ERR_IO);
		struct itimerval timer;
		ck_assert_int_eq(getitimer(ITIMER_REAL, &timer), 0);
		ck_assert(timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0);
		holder_end(h);
		close(fd);
		close_scene();
	}
END_TEST

START_TEST(waiting_puts_the_alarm_back_as_it_was)
	{
		open_scene();
		struct sigaction mine = { .sa_handler = count_alarm, .sa_flags = SA_RESTART },
				 after;
		ck_assert_int_eq(sigaction(SIGALRM, &mine, NULL), 0);
		struct itimerval timer = { .it_value.tv_sec = 1000, .it_interval.tv_sec = 7 }, left;
		ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
		/* A mask inherited from who started us must not disarm the deadline. */
		sigset_t blocked, mask;
		sigemptyset(&blocked);
		sigaddset(&blocked, SIGALRM);
		ck_assert_int_eq(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
		struct holder h = holder_start();
		int fd;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDWR, &fd), ERR_OK);
		ck_assert_int_eq(io_lock(fd, WAIT_MS), ERR_BUSY);
		ck_assert_int_eq(sigaction(SIGALRM, NULL, &after), 0);
		ck_assert(after.sa_handler == count_alarm && (after.sa_flags & SA_RESTART));
		ck_assert_int_eq(getitimer(ITIMER_REAL, &left), 0);
		ck_assert_int_gt(left.it_value.tv_sec, 900);
		ck_assert_int_lt(left.it_value.tv_sec, 1000);
		ck_assert_int_eq(left.it_interval.tv_sec, 7);
		ck_assert_int_eq(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
		ck_assert(sigismember(&mask, SIGALRM));
		ck_assert_int_eq(alarms, 0);
		/* One that ran out meanwhile goes off afterwards. */
		timer = (struct itimerval){ .it_value.tv_usec = 1000 };
		ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
		ck_assert_int_eq(io_lock(fd, WAIT_MS), ERR_BUSY);
		sigdelset(&mask, SIGALRM);
		while (!alarms)
			sigsuspend(&mask);
		ck_assert_int_eq(alarms, 1);
		/* One that was pending is not lost. */
		ck_assert_int_eq(raise(SIGALRM), 0);
		ck_assert_int_eq(io_lock(fd, WAIT_MS), ERR_BUSY);
		ck_assert_int_eq(alarms, 1);
		sigsuspend(&mask);
		ck_assert_int_eq(alarms, 2);
		holder_end(h);
		close(fd);
		close_scene();
	}
END_TEST

UNIT_MAIN("io", an_errno_becomes_the_error_the_header_promises,
	only_regular_files_with_one_link_are_opened, only_directories_are_opened_as_directories,
	a_root_may_be_reached_by_a_symbolic_link, a_file_unlinked_while_being_opened_is_not_found,
	new_files_and_directories_are_closed_to_the_world, descriptors_stay_above_standard_error,
	short_reads_and_writes_are_finished, a_write_without_progress_ends,
	a_full_disk_leaves_what_was_written_and_says_so,
	replacing_a_file_survives_its_own_leftovers, only_a_durable_replacement_is_synced,
	listing_gives_each_name_once_each_time,
	every_call_that_fails_is_told_and_leaves_nothing_behind,
	a_lock_that_is_held_is_waited_for_until_the_deadline,
	a_lock_that_is_released_while_waiting_is_obtained, a_lock_that_fails_while_waiting_says_why,
	waiting_puts_the_alarm_back_as_it_was)
