/*
 * System calls on files, made through one table, so that tests can make any of them fail and a
 * reader sees which calls the program makes. No other file calls open, read, write, fsync, flock
 * or rename (t/layers.sh checks it).
 *
 * The functions below retry EINTR where POSIX says it is safe, finish short reads and writes,
 * set O_CLOEXEC, never follow a symbolic link at the last component, and never return a
 * descriptor below 3 (a message on "standard error" must not land in a data file).
 */
#ifndef FLATSPAN_BASE_IO_H
#define FLATSPAN_BASE_IO_H

#include "base/errors.h"
#include "base/str.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

struct io_table {
	int (*openat)(int dir, const char *name, int flags, mode_t mode);
	ssize_t (*pread)(int fd, void *buf, size_t n, off_t at);
	ssize_t (*write)(int fd, const void *buf, size_t n);
	int (*fstat)(int fd, struct stat *st);
	int (*fstatvfs)(int fd, struct statvfs *st);
	int (*fdatasync)(int fd);
	int (*fsync)(int fd);
	int (*close)(int fd);
	int (*flock)(int fd, int operation);
	int (*renameat)(int from_dir, const char *from, int to_dir, const char *to);
	int (*unlinkat)(int dir, const char *name, int flags);
	int (*mkdirat)(int dir, const char *name, mode_t mode);
	int (*linkat)(int from_dir, const char *from, int to_dir, const char *to, int flags);
	int (*fstatat)(int dir, const char *name, struct stat *st, int flags);
	void *(*mmap)(void *at, size_t n, int protection, int flags, int fd, off_t offset);
	int (*munmap)(void *at, size_t n);
};

/* The calls of the system. A test may put its own table into io. */
extern const struct io_table io_system;
extern const struct io_table *io;

/* Maps an errno: ENOSPC, EDQUOT and EFBIG to ERR_FULL, EROFS to ERR_READ_ONLY, ELOOP and EMLINK to
 * ERR_UNSAFE, others to ERR_IO. */
enum err io_error(int error_number);

/* Opens a directory inside dir. name is one component that the caller has checked. Returns
 * ERR_NOT_FOUND when it does not exist. */
NODISCARD enum err io_open_dir(int dir, const char *name, int *ret_fd);
/* Opens the root directory by its path. Symbolic links in the path are the operator's choice and
 * are followed. */
NODISCARD enum err io_open_root(const char *path, int *ret_fd);
/* Opens a regular file inside dir with flags such as O_RDONLY or O_RDWR | O_APPEND | O_CREAT; a new
 * file has mode 0640. Returns ERR_NOT_FOUND when it does not exist, and ERR_UNSAFE for anything but
 * a regular file with one link. A file that is replaced while it is opened is opened again;
 * ERR_BUSY when that does not end. */
NODISCARD enum err io_open_file(int dir, const char *name, int flags, int *ret_fd);
/* Reads up to n bytes, fewer only at the end of the file. */
NODISCARD enum err io_pread(int fd, void *buf, size_t n, int64_t at, size_t *ret_n);
NODISCARD enum err io_write_all(int fd, struct str s);
NODISCARD enum err io_size(int fd, int64_t *ret_size);
/* Creates a directory with mode 0750. An existing directory is no error. */
NODISCARD enum err io_make_dir(int dir, const char *name);
NODISCARD enum err io_fsync(int fd);
NODISCARD enum err io_fdatasync(int fd);
NODISCARD enum err io_close(int fd);
/* Closes a file that was only read, locked or listed, so that an error loses nothing. */
static inline void io_drop(int fd)
{
	(void)io->close(fd);
}
/* Takes the exclusive lock of an open file and waits at most wait_ms (0: not at all). Returns
 * ERR_BUSY when another process holds it. A file that was unlinked before the lock came counts as
 * locked. Blocks with a repeating timer, because a process that polls may starve. */
NODISCARD enum err io_lock(int fd, int wait_ms);
/* Writes a whole file under a temporary name (.NAME.PID.tmp), syncs it when durable, and renames
 * it. Callers that may replace one name at the same time must hold a common lock, because processes
 * of two containers can have the same number. */
NODISCARD enum err io_replace_file(int dir, const char *name, struct str content, bool durable);
/* Returns what the name refers to; a symbolic link is not followed. */
NODISCARD enum err io_stat(int dir, const char *name, struct stat *ret);
/* Maps the first n > 0 bytes of a file that no process changes. Truncating such a file would end
 * any process that reads past its new end. */
NODISCARD enum err io_map(int fd, size_t n, struct str *ret);
void io_unmap(struct str mapping);
/* Gives the pages of a mapping back to the system, which reads them again when they are used. */
void io_forget(struct str mapping);
/* Tells the system that the bytes [from, to) of a mapping will be read soon. map is the whole
 * mapping. */
void io_fetch(struct str map, size_t from, size_t to);
/* Lists the names in a directory, in no order, without ".", ".." and the temporary names of
 * io_replace_file(). each returns false to stop. */
NODISCARD enum err io_list(int dir, bool (*each)(void *user, const char *name), void *user);
/* Lists names with the inode numbers that the directory holds, which on some file systems differ
 * from what stat() says. */
NODISCARD enum err io_list_inodes(
	int dir, bool (*each)(void *user, const char *name, ino_t ino), void *user);

#endif
