#include "base/io.h"

#include "base/utime.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(__has_include) && defined(SYS_openat2)
#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#define HAVE_OPENAT2 1
#endif
#endif

_Static_assert(sizeof(off_t) == 8, "shards grow past 2 GiB");

enum {
	FIRST_FD = 3, /* above standard input, output and error */
	FILE_MODE = 0640,
	DIR_MODE = 0750,
	LOCK_TICK_MS = 50, /* how late the deadline of a lock may be noticed */
	OPEN_TRIES = 100   /* opens in a row that each meet a file that is being replaced */
};

/* Opens with O_NOFOLLOW stay beneath the directory where the kernel can promise it.  Elsewhere
 * O_NOFOLLOW alone does it, because every name that comes here so is one component.  EPERM is what
 * container filters answer for calls they do not know. */
static int system_openat(int dir, const char *name, int flags, mode_t mode)
{
#ifdef HAVE_OPENAT2
	if (flags & O_NOFOLLOW) {
		struct open_how how = {
			.flags = (unsigned)flags,
			.mode = flags & O_CREAT ? mode : 0,
			.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
		};
		long fd = syscall(SYS_openat2, dir, name, &how, sizeof how);
		if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
			return (int)fd;
	}
#endif
	return openat(dir, name, flags, mode);
}

const struct io_table io_system = {
	.openat = system_openat,
	.pread = pread,
	.write = write,
	.fstat = fstat,
	.fstatvfs = fstatvfs,
	.fdatasync = fdatasync,
	.fsync = fsync,
	.close = close,
	.flock = flock,
	.renameat = renameat,
	.unlinkat = unlinkat,
	.mkdirat = mkdirat,
	.linkat = linkat,
	.fstatat = fstatat,
	.mmap = mmap,
	.munmap = munmap,
};
const struct io_table *io = &io_system;

enum err io_error(int error_number)
{
	switch (error_number) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_FULL;
	case EROFS:
		return ERR_READ_ONLY;
	case ELOOP:
	case EMLINK: /* what BSD says for O_NOFOLLOW on a link */
		return ERR_UNSAFE;
	default:
		return ERR_IO;
	}
}

static bool is_component(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static enum err open_at(int dir, const char *name, int flags, int *ret_fd)
{
	int fd;
	do
		fd = io->openat(dir, name, flags | O_CLOEXEC | O_NOCTTY, FILE_MODE);
	while (fd < 0 && errno == EINTR);
	if (fd < 0) {
		/* ENXIO is a fifo without a reader or a socket. */
		if (errno == ENOTDIR || errno == EISDIR || errno == ENXIO)
			return ERR_UNSAFE;
		return errno == ENOENT ? ERR_NOT_FOUND : io_error(errno);
	}
	if (fd < FIRST_FD) {
		int low = fd;
		fd = fcntl(low, F_DUPFD_CLOEXEC, FIRST_FD);
		int error_number = errno;
		(void)io->close(low); /* nothing was written through it */
		if (fd < 0)
			return io_error(error_number);
	}
	*ret_fd = fd;
	return ERR_OK;
}

enum err io_open_root(const char *path, int *ret_fd)
{
	return open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, ret_fd);
}

enum err io_open_dir(int dir, const char *name, int *ret_fd)
{
	if (!is_component(name))
		return ERR_UNSAFE;
	return open_at(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, ret_fd);
}

/* Returns ERR_BUSY when the file lost its name between open and now. */
static enum err io_open_checked(int dir, const char *name, int flags, int *ret_fd)
{
	int fd;
	/* O_NONBLOCK: a fifo must not keep us waiting for its other end. Regular files ignore it.
	 */
	enum err e = open_at(dir, name, flags | O_NOFOLLOW | O_NONBLOCK, &fd);
	if (e)
		return e;
	struct stat st;
	if (io->fstat(fd, &st) < 0)
		e = io_error(errno);
	else if (!S_ISREG(st.st_mode) || st.st_nlink > 1)
		e = ERR_UNSAFE;
	else if (st.st_nlink == 0)
		e = ERR_BUSY;
	if (e) {
		(void)io->close(fd); /* nothing was written through it */
		return e;
	}
	*ret_fd = fd;
	return ERR_OK;
}

enum err io_open_file(int dir, const char *name, int flags, int *ret_fd)
{
	/* It would empty a file before anything is known about it, and ours only grow. */
	assert(!(flags & O_TRUNC));
	if (!is_component(name))
		return ERR_UNSAFE;
	/* The name has a new file: "not found" would be wrong for a name that always has a "not
	 * found" would be wrong for a name that always has a file, and would admit the clients that
	 * need no key while there are no keys. */
	enum err e = ERR_BUSY;
	for (int i = 0; e == ERR_BUSY && i < OPEN_TRIES; i++)
		e = io_open_checked(dir, name, flags, ret_fd);
	return e;
}

enum err io_pread(int fd, void *buf, size_t n, int64_t at, size_t *ret_n)
{
	size_t got = 0;
	while (got < n) {
		ssize_t r = io->pread(fd, (char *)buf + got, n - got, (off_t)at + (off_t)got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return io_error(errno);
		if (r == 0)
			break;
		got += (size_t)r;
	}
	*ret_n = got;
	return ERR_OK;
}

enum err io_write_all(int fd, struct str s)
{
	while (s.len) {
		ssize_t r = io->write(fd, s.ptr, s.len);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return io_error(errno);
		if (r == 0) /* no error and no progress: going on might never end */
			return ERR_IO;
		s = str_skip(s, (size_t)r);
	}
	return ERR_OK;
}

enum err io_size(int fd, int64_t *ret_size)
{
	struct stat st;
	if (io->fstat(fd, &st) < 0)
		return io_error(errno);
	*ret_size = st.st_size;
	return ERR_OK;
}

enum err io_make_dir(int dir, const char *name)
{
	if (!is_component(name))
		return ERR_UNSAFE;
	if (io->mkdirat(dir, name, DIR_MODE) == 0)
		return ERR_OK;
	if (errno != EEXIST)
		return errno == ENOENT ? ERR_NOT_FOUND : io_error(errno);
	/* Something is there; only opening tells that it is a directory and no link to one. */
	int fd;
	enum err e = io_open_dir(dir, name, &fd);
	return e ? e : io_close(fd);
}

/* Not again after EINTR: the kernel hands out a write-back error once, and an interrupted call may
 * have taken it.  The next one would then say that all is well. */
enum err io_fsync(int fd)
{
	return io->fsync(fd) < 0 ? io_error(errno) : ERR_OK;
}

enum err io_fdatasync(int fd)
{
	return io->fdatasync(fd) < 0 ? io_error(errno) : ERR_OK;
}

/* Not again after EINTR: the descriptor is gone, or already somebody else's.  Network file systems
 * report here that they could not write. */
enum err io_close(int fd)
{
	return io->close(fd) < 0 ? io_error(errno) : ERR_OK;
}

static int64_t now_us(void)
{
	return utime_monotonic() / NS_PER_US;
}

static struct timeval timeval_of(int64_t us)
{
	return (struct timeval){ .tv_sec = us / 1000000, .tv_usec = us % 1000000 };
}

static void wake(int signal_number)
{
	(void)signal_number; /* being called is all: flock ends with EINTR */
}

/* SIGALRM and its timer while a lock is waited for, and how they were before. */
struct ticker {
	int64_t started_us;
	struct sigaction action;
	struct itimerval timer;
	sigset_t mask;
	bool was_pending;
};

/* Nothing here can fail, the arguments being right, but setitimer behind a system call filter. */
static enum err ticker_start(struct ticker *t)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	(void)sigprocmask(SIG_BLOCK, &set, &t->mask);
	const struct itimerval off = { 0 };
	if (setitimer(ITIMER_REAL, &off, &t->timer) < 0) {
		(void)sigprocmask(SIG_SETMASK, &t->mask, NULL);
		return ERR_IO;
	}
	t->started_us = now_us();
	sigset_t pending;
	(void)sigpending(&pending);
	t->was_pending = sigismember(&pending, SIGALRM) == 1;
	struct sigaction action = { .sa_handler = wake }; /* without SA_RESTART */
	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGALRM, &action, &t->action);
	/* Repeating: one shot could hit before flock is entered, and be lost. */
	const struct timeval tick = timeval_of(LOCK_TICK_MS * 1000);
	(void)setitimer(ITIMER_REAL, &(struct itimerval){ tick, tick }, NULL);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	return ERR_OK;
}

/* Puts back what was there.  A timer that was running goes on with what is left of it, or goes off
 * at once. */
static void ticker_stop(const struct ticker *t)
{
	struct itimerval timer = { 0 };
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	(void)sigaction(SIGALRM, &t->action, NULL);
	(void)sigprocmask(SIG_SETMASK, &t->mask, NULL);
	if (t->was_pending)
		(void)raise(SIGALRM);
	int64_t left_us = (int64_t)t->timer.it_value.tv_sec * 1000000 + t->timer.it_value.tv_usec;
	if (left_us == 0)
		return;
	left_us -= now_us() - t->started_us;
	timer = t->timer;
	timer.it_value = timeval_of(left_us > 0 ? left_us : 1);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

static enum err io_wait_for_lock(int fd, int wait_ms)
{
	struct ticker ticker;
	enum err e = ticker_start(&ticker);
	if (e)
		return e;
	int64_t deadline_us = ticker.started_us + (int64_t)wait_ms * 1000;
	do {
		int r = io->flock(fd, LOCK_EX);
		e = r == 0 ? ERR_OK : errno == EINTR ? ERR_BUSY : io_error(errno);
	} while (e == ERR_BUSY && now_us() < deadline_us);
	ticker_stop(&ticker);
	return e;
}

enum err io_lock(int fd, int wait_ms)
{
	int r;
	do
		r = io->flock(fd, LOCK_EX | LOCK_NB);
	while (r < 0 && errno == EINTR);
	enum err e = ERR_OK;
	if (r < 0 && errno != EWOULDBLOCK)
		e = io_error(errno);
	else if (r < 0)
		e = wait_ms > 0 ? io_wait_for_lock(fd, wait_ms) : ERR_BUSY;
	if (e)
		return e;
	/* The next process opens the name, and locks another file than one that has no name. */
	struct stat st;
	if (io->fstat(fd, &st) < 0)
		e = io_error(errno);
	else if (st.st_nlink == 0)
		e = ERR_BUSY;
	if (e)
		(void)io->flock(fd, LOCK_UN); /* closing does it too */
	return e;
}

/* The new content at temp_name, complete and closed. */
static enum err write_temp(int dir, const char *temp_name, struct str content, bool durable)
{
	int fd;
	enum err e = open_at(dir, temp_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, &fd);
	if (e)
		return e;
	e = io_write_all(fd, content);
	if (!e && durable)
		e = io_fdatasync(fd);
	enum err closed = io_close(fd);
	return e ? e : closed;
}

enum err io_replace_file(int dir, const char *name, struct str content, bool durable)
{
	if (!is_component(name))
		return ERR_UNSAFE;
	char temp_name[NAME_MAX + 1];
	int n = snprintf(temp_name, sizeof temp_name, ".%s.%ld.tmp", name, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof temp_name)
		return io_error(ENAMETOOLONG);
	/* One with our own number is left over from a process that died. If it cannot be removed,
	 * O_EXCL says so. */
	(void)io->unlinkat(dir, temp_name, 0);
	enum err e = write_temp(dir, temp_name, content, durable);
	if (!e && io->renameat(dir, temp_name, dir, name) < 0)
		e = io_error(errno);
	if (e) {
		(void)io->unlinkat(dir, temp_name, 0); /* the first error is the one to tell */
		return e;
	}
	return durable ? io_fsync(dir) : ERR_OK;
}

enum err io_stat(int dir, const char *name, struct stat *ret)
{
	struct stat st;
	if (!is_component(name))
		return ERR_UNSAFE;
	if (io->fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : io_error(errno);
	*ret = st;
	return ERR_OK;
}

enum err io_map(int fd, size_t n, struct str *ret)
{
	void *at = io->mmap(NULL, n, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return io_error(errno);
	*ret = str_of(at, n);
	return ERR_OK;
}

void io_unmap(struct str mapping)
{
	/* It fails for what is no mapping, and that would be ours. */
	(void)io->munmap((void *)(uintptr_t)mapping.ptr, mapping.len);
}

void io_forget(struct str mapping)
{
	/* A hint. */
	(void)madvise((void *)(uintptr_t)mapping.ptr, mapping.len, MADV_DONTNEED);
}

void io_fetch(struct str map, size_t from, size_t to)
{
#ifdef MADV_POPULATE_READ
	/* A hint: in one step what would else be a fault each few pages. */
	enum { PAGE_BYTES = 4096 }; /* where pages are larger it may be refused */
	from -= from % PAGE_BYTES;
	(void)madvise((void *)(uintptr_t)(map.ptr + from), to - from, MADV_POPULATE_READ);
#else
	(void)map, (void)from, (void)to;
#endif
}

enum err io_list_inodes(int dir, bool (*each)(void *user, const char *name, ino_t ino), void *user)
{
	/* A descriptor of our own: the position in a directory is shared by duplicates. */
	int fd;
	enum err e = open_at(dir, ".", O_RDONLY | O_DIRECTORY, &fd);
	if (e)
		return e;
	DIR *d = fdopendir(fd);
	if (!d) {
		e = io_error(errno);
		(void)io->close(fd); /* only read from */
		return e;
	}
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(d);
		if (!entry) {
			e = errno ? io_error(errno) : ERR_OK;
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!each(user, entry->d_name, entry->d_ino))
			break;
	}
	(void)closedir(d); /* only read from */
	return e;
}

struct names {
	bool (*each)(void *user, const char *name);
	void *user;
};

static bool tell_name(void *user, const char *name, ino_t ino)
{
	const struct names *n = user;
	(void)ino;
	return n->each(n->user, name);
}

enum err io_list(int dir, bool (*each)(void *user, const char *name), void *user)
{
	struct names n = { each, user };
	return io_list_inodes(dir, tell_name, &n);
}
