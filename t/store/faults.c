#include "faults.h"

#include "scene.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct faults faults;

enum { FDS_MAX = 1024, FILES_MAX = 512, RANGES_MAX = 64, NAME_TEXT = 40 };

/* By descriptor. */
static char name_of[FDS_MAX][NAME_TEXT];

/* A file or directory that was made while we looked. */
struct made {
	ino_t ino, parent;
	int parent_fd; /* of our own */
	char name[NAME_TEXT];
	bool is_named; /* on the disk */
};

/* What is known of the bytes of a file. */
struct kept {
	ino_t ino;
	int fd; /* of our own */
	off_t synced;
	struct {
		off_t from, to;
	} lost[RANGES_MAX];
	int n_lost;
};

static struct {
	struct made made[FILES_MAX];
	struct kept kept[FILES_MAX];
	int n_made, n_kept;
} disk;

static ino_t ino_of(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static off_t size_of(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 ? st.st_size : 0;
}

static void forget_disk(void)
{
	for (int i = 0; i < disk.n_made; i++)
		close(disk.made[i].parent_fd);
	for (int i = 0; i < disk.n_kept; i++)
		close(disk.kept[i].fd);
	disk.n_made = disk.n_kept = 0;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Notes the call; true when it has to fail. */
static bool call_fails(const char *what, const char *name)
{
	char text[FAULT_TEXT];
	(void)snprintf(text, sizeof text, "%s %s", what, name);
	if (faults.hook_at && begins(text, faults.hook_at)) {
		faults.hook_at = NULL;
		const struct io_table *table = io;
		io = &io_system;
		faults.hook(faults.hook_user);
		io = table;
	}
	if (faults.ignore && begins(text, faults.ignore))
		return false;
	if (faults.n < FAULT_CALLS_MAX)
		memcpy(faults.call[faults.n], text, sizeof text);
	int at = faults.n++;
	if (at == faults.die_at)
		_exit(FAULT_DEATH);
	if (faults.fail_at < 0 || at < faults.fail_at)
		return false;
	if (at > faults.fail_at && !faults.fail_for_ever)
		return false;
	errno = faults.error;
	return true;
}

static bool fd_fails(const char *what, int fd)
{
	return call_fails(what, fd >= 0 && fd < FDS_MAX ? name_of[fd] : "");
}

static struct made *find_made(ino_t parent, const char *name)
{
	for (int i = 0; i < disk.n_made; i++)
		if (disk.made[i].parent == parent && strcmp(disk.made[i].name, name) == 0)
			return &disk.made[i];
	return NULL;
}

static void note_made(int dir, const char *name, ino_t ino)
{
	struct made *m = find_made(ino_of(dir), name);
	if (!m) {
		if (disk.n_made == FILES_MAX)
			abort();
		m = &disk.made[disk.n_made++];
		m->parent_fd = dup(dir);
		m->parent = ino_of(dir);
		(void)snprintf(m->name, sizeof m->name, "%s", name);
	}
	m->ino = ino;
	m->is_named = false;
}

static struct kept *kept_of(int fd)
{
	ino_t ino = ino_of(fd);
	for (int i = 0; i < disk.n_kept; i++)
		if (disk.kept[i].ino == ino)
			return &disk.kept[i];
	return NULL;
}

/* No duplicate: that would keep its lock. */
static int open_again(int fd)
{
	char path[40];
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* From its first opening for writing on; what was in it then counts as synced. */
static void note_kept(int fd)
{
	if (kept_of(fd))
		return;
	if (disk.n_kept == FILES_MAX)
		abort();
	disk.kept[disk.n_kept++] =
		(struct kept){ .ino = ino_of(fd), .fd = open_again(fd), .synced = size_of(fd) };
}

static int test_openat(int dir, const char *name, int flags, mode_t mode)
{
	if (call_fails("openat", name))
		return -1;
	bool was_there = faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	int fd = io_system.openat(dir, name, flags, mode);
	if (fd < 0)
		return fd;
	if (fd < FDS_MAX)
		(void)snprintf(name_of[fd], NAME_TEXT, "%s", name);
	if (!was_there)
		note_made(dir, name, ino_of(fd));
	if ((flags & O_ACCMODE) != O_RDONLY)
		note_kept(fd);
	return fd;
}

static ssize_t test_pread(int fd, void *buf, size_t n, off_t at)
{
	return fd_fails("pread", fd) ? -1 : io_system.pread(fd, buf, n, at);
}

static bool is_shard(int fd)
{
	return fd < FDS_MAX && strstr(name_of[fd], ".jsonl");
}

/* One process is told apart from its kin by dying. */
enum { SHORT_WAIT_US = 300 };

static ssize_t test_write(int fd, const void *buf, size_t n)
{
	if (fd_fails("write", fd))
		return -1;
	if (is_shard(fd) && faults.cut_after >= 0 && (int64_t)n > faults.cut_after) {
		size_t part = (size_t)faults.cut_after;
		ssize_t r = 0;
		faults.cut_after = -1;
		if (part)
			r = io_system.write(fd, buf, part);
		if (faults.cut == CUT_DEATH)
			_exit(FAULT_DEATH);
		if (faults.cut == CUT_SHORT && part)
			return r;
		if (faults.cut == CUT_ERROR && part) {
			faults.cut_after = 0; /* the rest is tried, and refused */
			return r;
		}
		errno = faults.cut == CUT_SHORT ? EINTR : faults.error;
		return -1;
	}
	if (is_shard(fd) && faults.short_every && ++faults.n_writes % faults.short_every == 0 &&
		n > 1) {
		n /= 2;
		ssize_t r = io_system.write(fd, buf, n);
		usleep(SHORT_WAIT_US); /* the moment for others to come between */
		return r;
	}
	return io_system.write(fd, buf, n);
}

static int test_fstat(int fd, struct stat *st)
{
	return fd_fails("fstat", fd) ? -1 : io_system.fstat(fd, st);
}

static int test_fstatvfs(int fd, struct statvfs *st)
{
	if (fd_fails("fstatvfs", fd))
		return -1;
	int r = io_system.fstatvfs(fd, st);
	if (r == 0 && faults.free_bytes != UINT64_MAX)
		st->f_bavail = faults.free_bytes / st->f_frsize;
	return r;
}

static void note_synced(int fd)
{
	struct kept *k = kept_of(fd);
	if (k)
		k->synced = size_of(fd);
}

/* The kernel takes the pages for clean from now on. */
static void note_sync_failed(int fd)
{
	struct kept *k = kept_of(fd);
	if (!k || k->synced == size_of(fd))
		return;
	if (k->n_lost == RANGES_MAX)
		abort();
	k->lost[k->n_lost].from = k->synced;
	k->lost[k->n_lost++].to = size_of(fd);
	k->synced = size_of(fd);
}

static int test_fdatasync(int fd)
{
	if (fd_fails("fdatasync", fd)) {
		note_sync_failed(fd);
		return -1;
	}
	note_synced(fd);
	return 0; /* the disk is ours: waiting for the real one proves nothing */
}

static int test_fsync(int fd)
{
	if (fd_fails("fsync", fd)) {
		note_sync_failed(fd);
		return -1;
	}
	note_synced(fd);
	ino_t ino = ino_of(fd);
	for (int i = 0; i < disk.n_made; i++)
		if (disk.made[i].parent == ino)
			disk.made[i].is_named = true;
	return 0;
}

static int test_close(int fd)
{
	bool fails = fd_fails("close", fd);
	int error_number = errno;
	int r = io_system.close(fd); /* a close that fails has closed all the same */
	if (fails) {
		errno = error_number;
		return -1;
	}
	return r;
}

static int test_flock(int fd, int operation)
{
	return fd_fails("flock", fd) ? -1 : io_system.flock(fd, operation);
}

static int test_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (call_fails("renameat", to))
		return -1;
	/* In the place of another file: then a power cut leaves that one or this one, never none,
	 * and here this one. */
	bool takes_place = faccessat(to_dir, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	int r = io_system.renameat(from_dir, from, to_dir, to);
	struct made *m = r == 0 ? find_made(ino_of(from_dir), from) : NULL;
	if (m) {
		ino_t ino = m->ino;
		m->name[0] = '\0';
		m->is_named = true;
		if (!takes_place)
			note_made(to_dir, to, ino);
	}
	return r;
}

static int test_unlinkat(int dir, const char *name, int flags)
{
	return call_fails("unlinkat", name) ? -1 : io_system.unlinkat(dir, name, flags);
}

static int test_mkdirat(int dir, const char *name, mode_t mode)
{
	if (call_fails("mkdirat", name))
		return -1;
	int r = io_system.mkdirat(dir, name, mode);
	struct stat st;
	if (r == 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		note_made(dir, name, st.st_ino);
	return r;
}

static int test_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	if (call_fails("linkat", to))
		return -1;
	int r = io_system.linkat(from_dir, from, to_dir, to, flags);
	struct stat st;
	if (r == 0 && fstatat(to_dir, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
		note_made(to_dir, to, st.st_ino);
	return r;
}

static int test_fstatat(int dir, const char *name, struct stat *st, int flags)
{
	return call_fails("fstatat", name) ? -1 : io_system.fstatat(dir, name, st, flags);
}

static void *test_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
	return fd_fails("mmap", fd) ? MAP_FAILED
				    : io_system.mmap(at, n, protection, flags, fd, offset);
}

static const struct io_table fault_table = {
	.openat = test_openat,
	.pread = test_pread,
	.write = test_write,
	.fstat = test_fstat,
	.fstatvfs = test_fstatvfs,
	.fdatasync = test_fdatasync,
	.fsync = test_fsync,
	.close = test_close,
	.flock = test_flock,
	.renameat = test_renameat,
	.unlinkat = test_unlinkat,
	.mkdirat = test_mkdirat,
	.linkat = test_linkat,
	.fstatat = test_fstatat,
	.mmap = test_mmap,
	.munmap = munmap,
};

/* What io was. */
static const struct io_table *before;

void faults_use(void)
{
	if (io != &fault_table)
		before = io;
	forget_disk();
	memset(name_of, 0, sizeof name_of);
	faults.n = faults.n_writes = faults.short_every = 0;
	faults.ignore = faults.hook_at = NULL;
	faults.fail_at = faults.die_at = -1;
	faults.fail_for_ever = false;
	faults.error = EIO;
	faults.cut_after = -1;
	faults.free_bytes = UINT64_MAX;
	io = &fault_table;
}

void faults_end(void)
{
	io = before;
	forget_disk();
}

bool faults_kill(int at, enum err (*run)(void))
{
	int status;
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		faults_use();
		faults.die_at = at;
		_exit(run() == ERR_OK ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_ne(WEXITSTATUS(status), 1);
	return WEXITSTATUS(status) == FAULT_DEATH;
}

void faults_name(int fd, const char *name)
{
	if (fd < FDS_MAX)
		(void)snprintf(name_of[fd], NAME_TEXT, "%s", name);
}

int faults_find(const char *text, int from)
{
	for (int i = from; i < faults.n && i < FAULT_CALLS_MAX; i++)
		if (begins(faults.call[i], text))
			return i;
	return -1;
}

int faults_count(const char *text)
{
	int n = 0;
	for (int i = 0; (i = faults_find(text, i)) >= 0; i++)
		n++;
	return n;
}

/* ---- The power cut ---- */

static void put_zeros(int fd, off_t from, off_t to)
{
	static const char zeros[4096];
	while (from < to) {
		size_t n = to - from < (off_t)sizeof zeros ? (size_t)(to - from) : sizeof zeros;
		if (pwrite(fd, zeros, n, from) != (ssize_t)n)
			abort();
		from += (off_t)n;
	}
}

static void cut_file(struct kept *k, unsigned chance)
{
	off_t size = size_of(k->fd), left = size - k->synced;
	int fd = k->fd;
	for (int i = 0; i < k->n_lost; i++)
		put_zeros(fd, k->lost[i].from, k->lost[i].to);
	if (left > 0) {
		off_t keep = (off_t)(chance % 7) * left / 6;
		if (chance / 7 % 2)
			put_zeros(fd, k->synced + keep / 2, k->synced + keep);
		if (ftruncate(fd, k->synced + keep) < 0)
			abort();
	}
}

void disk_power_cut(unsigned chance)
{
	io = before;
	for (int i = 0; i < disk.n_kept; i++)
		cut_file(&disk.kept[i], chance + (unsigned)i);
	for (int i = 0; i < disk.n_made; i++) {
		const struct made *m = &disk.made[i];
		/* A name that was not synced may have made it all the same. */
		if (m->is_named || (chance % 5 == 4))
			continue;
		if (faccessat(m->parent_fd, m->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			scene_remove_tree(m->parent_fd, m->name);
	}
	forget_disk();
}
