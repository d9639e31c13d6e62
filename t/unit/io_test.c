/* Files as lib/base/io.c sees them, good ones and bad ones. */
#include "io_scene.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

/* A kernel without openat2. */
static int old_openat(int dir, const char *name, int flags, mode_t mode)
{
	return openat(dir, name, flags, mode);
}

START_TEST(an_errno_becomes_the_error_the_header_promises)
	{
		static const int full[] = { ENOSPC, EDQUOT, EFBIG };
		for (size_t i = 0; i < sizeof full / sizeof full[0]; i++)
			ck_assert_int_eq(io_error(full[i]), ERR_FULL);
		ck_assert_int_eq(io_error(EROFS), ERR_READ_ONLY);
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
		char path[64];
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

static int n_replaced, n_to_replace;

static int replacing_fstat(int fd, struct stat *st)
{
	if (n_replaced < n_to_replace) {
		n_replaced++;
		int new = openat(scene, "new", O_WRONLY | O_CREAT | O_EXCL, 0600);
		ck_assert_int_ge(new, 0);
		ck_assert_int_eq(write(new, "again", 5), 5);
		ck_assert_int_eq(close(new), 0);
		ck_assert_int_eq(renameat(scene, "new", scene, "file"), 0);
	}
	return io_system.fstat(fd, st);
}

START_TEST(a_file_replaced_while_being_opened_is_the_new_one)
	{
		struct io_table table = io_system;
		table.fstat = replacing_fstat;
		open_scene();
		io = &table;
		int fd = -7, before = open_fds();
		char text[8];
		size_t n;
		n_replaced = 0, n_to_replace = 3;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDONLY, &fd), ERR_OK);
		ck_assert_int_eq(n_replaced, 3);
		ck_assert_int_eq(io_pread(fd, text, sizeof text, 0, &n), ERR_OK);
		ck_assert_uint_eq(n, 5);
		ck_assert_mem_eq(text, "again", 5);
		ck_assert_int_eq(io_close(fd), ERR_OK);
		/* It ends when that does not. */
		fd = -7, n_replaced = 0, n_to_replace = INT_MAX;
		ck_assert_int_eq(io_open_file(scene, "file", O_RDONLY, &fd), ERR_BUSY);
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

START_TEST(no_descriptor_above_standard_error_is_an_error)
	{
		open_scene();
		int kept = fcntl(2, F_DUPFD, 10), fd = -7;
		struct rlimit old, low = { .rlim_cur = 3 };
		ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
		low.rlim_max = old.rlim_max;
		for (int i = 0; i < 3; i++)
			close(i);
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
		enum err e = io_open_root("/", &fd);
		bool low_closed =
			fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0;
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
		for (int i = 0; i < 3; i++)
			(void)dup2(kept, i);
		close(kept);
		ck_assert_int_eq(e, ERR_IO);
		ck_assert_int_eq(fd, -7);
		ck_assert(low_closed);
		close_scene();
	}
END_TEST

START_TEST(a_directory_that_was_removed_is_not_found)
	{
		open_scene();
		int dir, fd = -7;
		ck_assert_int_eq(io_open_dir(scene, "dir", &dir), ERR_OK);
		ck_assert_int_eq(unlinkat(scene, "dir", AT_REMOVEDIR), 0);
		ck_assert_int_eq(io_make_dir(dir, "x"), ERR_NOT_FOUND);
		ck_assert_int_eq(io_open_file(dir, "x", O_RDWR | O_CREAT, &fd), ERR_NOT_FOUND);
		ck_assert_int_eq(io_replace_file(dir, "x", STR(""), true), ERR_NOT_FOUND);
		ck_assert_int_eq(io_close(dir), ERR_OK);
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
		ck_assert_str_is(content_of(test_arena(), "file"), STR("old\n123"));
		int before = entries();
		calls.write_budget = 3;
		ck_assert_int_eq(io_replace_file(scene, "file", STR("123456"), true), ERR_FULL);
		ck_assert_str_is(content_of(test_arena(), "file"), STR("old\n123"));
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
		ck_assert_str_is(content_of(test_arena(), "file"), STR("new"));
		ck_assert_int_eq(entries(), before - 1);
		ck_assert_int_eq(io_replace_file(scene, "other", STR(""), false), ERR_OK);
		ck_assert_str_is(content_of(test_arena(), "other"), STR(""));
		/* A link is replaced itself, what it names stays. */
		ck_assert_int_eq(io_replace_file(scene, "link", STR("mine"), false), ERR_OK);
		ck_assert_str_is(content_of(test_arena(), "file"), STR("new"));
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

static int not_a_directory_openat(int dir, const char *name, int flags, mode_t mode)
{
	(void)dir, (void)name;
	return io_system.openat(scene, "file", flags & ~O_DIRECTORY, mode);
}

START_TEST(listing_something_else_is_an_error)
	{
		struct io_table table = io_system;
		table.openat = not_a_directory_openat;
		open_scene();
		int fds = open_fds(), n = 0;
		io = &table;
		ck_assert_int_eq(io_list(scene, count_entry, &n), ERR_IO);
		ck_assert_int_eq(n, 0);
		ck_assert_int_eq(open_fds(), fds);
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

UNIT_MAIN("io", an_errno_becomes_the_error_the_header_promises,
	only_regular_files_with_one_link_are_opened, only_directories_are_opened_as_directories,
	a_root_may_be_reached_by_a_symbolic_link, a_file_unlinked_while_being_opened_is_not_found,
	a_file_replaced_while_being_opened_is_the_new_one,
	new_files_and_directories_are_closed_to_the_world, descriptors_stay_above_standard_error,
	no_descriptor_above_standard_error_is_an_error, a_directory_that_was_removed_is_not_found,
	short_reads_and_writes_are_finished, a_write_without_progress_ends,
	a_full_disk_leaves_what_was_written_and_says_so,
	replacing_a_file_survives_its_own_leftovers, only_a_durable_replacement_is_synced,
	listing_something_else_is_an_error, listing_gives_each_name_once_each_time)
