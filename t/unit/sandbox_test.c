#include "base/sandbox.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/flatspan-sandbox-XXXXXX";

/* What a child in the sandbox sees; 0: all is as it should be, else the number of a line below. */
static int look(int fd)
{
	static const char *const read[] = { "/etc/hostname", "/nowhere/at/all", NULL };
	unsigned parts = sandbox_enter(&(struct sandbox){ fd, true, read });
	struct rlimit limit;
	if (!(parts & SANDBOX_NO_NEW_PRIVS) || !(parts & SANDBOX_LIMITS))
		return 1;
	if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0)
		return 10;
	int made = openat(fd, "made", O_RDWR | O_CREAT, 0600);
	if (made < 0 || pwrite(made, "x", 1, 0) != 1 || fdatasync(made) != 0)
		return 2;
	if (renameat(fd, "made", fd, "other") != 0 || unlinkat(fd, "other", 0) != 0)
		return 3;
	if (mkdirat(fd, "dir", 0700) != 0 || unlinkat(fd, "dir", AT_REMOVEDIR) != 0)
		return 4;
	if (parts & SANDBOX_LANDLOCK) {
		if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES)
			return 5;
		if (open("/tmp/flatspan-sandbox-outside", O_RDWR | O_CREAT, 0600) >= 0)
			return 6;
		if (mkdirat(fd, "dir", 0700) != 0 ||
			close(openat(fd, "dir/x", O_RDWR | O_CREAT, 0600)) != 0 ||
			renameat(fd, "dir/x", fd, "x") != 0 || unlinkat(fd, "x", 0) != 0 ||
			unlinkat(fd, "dir", AT_REMOVEDIR) != 0)
			return 11;
		struct stat st;
		if (stat("/etc/hostname", &st) == 0 && open("/etc/hostname", O_RDONLY) < 0)
			return 7;
	}
	if (parts & SANDBOX_SECCOMP) {
		if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
			return 8;
		if (execl("/bin/true", "true", (char *)NULL) == 0 || errno != EPERM)
			return 9;
	}
	return 0;
}

/* The same of a program that only reads; there is a file "kept". */
static int look_only(int fd)
{
	static const char *const read[] = { NULL };
	char text[8];
	unsigned parts = sandbox_enter(&(struct sandbox){ fd, false, read });
	int kept = openat(fd, "kept", O_RDONLY);
	if (kept < 0 || pread(kept, text, sizeof text, 0) != 4)
		return 1;
	if (!(parts & SANDBOX_LANDLOCK))
		return 0;
	if (openat(fd, "kept", O_RDWR) >= 0 || errno != EACCES)
		return 2;
	if (openat(fd, "made", O_WRONLY | O_CREAT, 0600) >= 0 || errno != EACCES)
		return 3;
	if (unlinkat(fd, "kept", 0) == 0 || mkdirat(fd, "dir", 0700) == 0 ||
		renameat(fd, "kept", fd, "other") == 0)
		return 4;
	return 0;
}

static int in_child(int (*look_at)(int fd), int fd)
{
	int status;
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(look_at(fd));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(only_the_data_is_left)
	{
		memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
		ck_assert_ptr_nonnull(mkdtemp(directory));
		int fd = open(directory, O_RDONLY | O_DIRECTORY);
		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(in_child(look, fd), 0);
		ck_assert_int_eq(close(fd), 0);
		ck_assert_int_eq(rmdir(directory), 0);
	}
END_TEST

START_TEST(who_reads_cannot_write)
	{
		memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
		ck_assert_ptr_nonnull(mkdtemp(directory));
		int fd = open(directory, O_RDONLY | O_DIRECTORY);
		int kept = openat(fd, "kept", O_RDWR | O_CREAT, 0600);
		ck_assert_int_eq(pwrite(kept, "text", 4, 0), 4);
		ck_assert_int_eq(close(kept), 0);
		ck_assert_int_eq(in_child(look_only, fd), 0);
		ck_assert_int_eq(unlinkat(fd, "kept", 0), 0);
		ck_assert_int_eq(close(fd), 0);
		ck_assert_int_eq(rmdir(directory), 0);
	}
END_TEST

static void is_text(unsigned parts, const char *want)
{
	struct arena a;
	struct buf b;
	arena_init(&a, 4096);
	buf_init(&b, &a);
	sandbox_text(&b, parts);
	ck_assert(str_eq(buf_str(&b), str_from_c(want)));
	arena_release(&a);
}

START_TEST(what_holds_has_a_name)
	{
		is_text(0, "none");
		is_text(SANDBOX_LANDLOCK | SANDBOX_SECCOMP, "landlock, seccomp");
		is_text(SANDBOX_ALL, "no_new_privs, limits, landlock, seccomp");
	}
END_TEST

UNIT_MAIN("sandbox", only_the_data_is_left, who_reads_cannot_write, what_holds_has_a_name)
