#include "base/sandbox.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/flatspan-sandbox-XXXXXX";

/* What a child in the sandbox sees; 0: all is as it should be, else the number of a line below. */
static int look(int fd)
{
	static const char *const read[] = { "/etc/hostname", "/nowhere/at/all", NULL };
	unsigned parts = sandbox_enter(fd, read);
	if (!(parts & SANDBOX_NO_NEW_PRIVS))
		return 1;
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

START_TEST(only_the_data_is_left)
	{
		memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
		ck_assert_ptr_nonnull(mkdtemp(directory));
		int fd = open(directory, O_RDONLY | O_DIRECTORY);
		ck_assert_int_ge(fd, 0);
		pid_t pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0)
			_exit(look(fd));
		int status;
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), 0);
		ck_assert_int_eq(close(fd), 0);
		ck_assert_int_eq(rmdir(directory), 0);
	}
END_TEST

START_TEST(what_holds_has_a_name)
	{
		ck_assert(str_eq(sandbox_text(0), STR("none")));
		ck_assert(str_eq(sandbox_text(SANDBOX_LANDLOCK | SANDBOX_SECCOMP),
			STR("landlock, seccomp")));
		for (unsigned i = 0; i < 8; i++)
			ck_assert_uint_eq(sandbox_text(i).len, strlen(sandbox_text(i).ptr));
	}
END_TEST

UNIT_MAIN("sandbox", only_the_data_is_left, what_holds_has_a_name)
