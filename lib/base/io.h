/*
 * System calls on files, behind one table, so that tests can make any of them fail, and an index of
 * which calls the program makes.  No other file calls open, read, write, fsync, flock or rename
 * (t/layers.sh checks it).
 *
 * The functions below retry EINTR where POSIX says it is safe, finish short reads and writes, set
 * O_CLOEXEC, never follow a symbolic link at the last component, and never return a descriptor
 * below 3 (a diagnostic written to "standard error" must not land in a data file).
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

/* The system's calls; a test may put its own table here. */
extern const struct io_table io_system;
extern const struct io_table *io;

/* What an errno becomes: ENOSPC, EDQUOT and EFBIG are ERR_FULL, EROFS ERR_READ_ONLY, ELOOP and
 * EMLINK ERR_UNSAFE, the rest ERR_IO. */
enum err io_error(int error_number);

/* A directory beneath dir. name is one component that the caller has checked. ERR_NOT_FOUND when it
 * is not there. */
NODISCARD enum err io_open_dir(int dir, const char *name, int *ret_fd);
/* A root directory by path (symbolic links in it are the operator's choice and followed). */
NODISCARD enum err io_open_root(const char *path, int *ret_fd);
/* A regular file with one link, beneath dir. flags: O_RDONLY, or O_RDWR | O_APPEND | O_CREAT and so
 * on. ERR_NOT_FOUND, or ERR_UNSAFE for anything but a regular file with one link. One that is
 * replaced meanwhile is opened again, ERR_BUSY when that does not end. mode 0640. */
NODISCARD enum err io_open_file(int dir, const char *name, int flags, int *ret_fd);
/* Reads up to n bytes, fewer only at the end of the file. */
NODISCARD enum err io_pread(int fd, void *buf, size_t n, int64_t at, size_t *ret_n);
NODISCARD enum err io_write_all(int fd, struct str s);
NODISCARD enum err io_size(int fd, int64_t *ret_size);
/* An existing directory is fine. mode 0750. */
NODISCARD enum err io_make_dir(int dir, const char *name);
NODISCARD enum err io_fsync(int fd);
NODISCARD enum err io_fdatasync(int fd);
NODISCARD enum err io_close(int fd);
/* Closes what was only read from, locked or listed: there is nothing to lose. */
static inline void io_drop(int fd)
{
	(void)io->close(fd);
}
/* The exclusive lock of an open file, waiting at most wait_ms (0: not at all). ERR_BUSY when it is
 * not to be had, which a file that was unlinked before the lock came is not: it shuts nobody out.
 * Blocking with a repeating timer, not polling: pollers starve. */
NODISCARD enum err io_lock(int fd, int wait_ms);
/* Write a whole file beside its place (.NAME.PID.tmp), sync it when durable, and rename it there.
 * Those who may replace one name at the same time lock each other out: processes of two containers
 * can have one number. */
NODISCARD enum err io_replace_file(int dir, const char *name, struct str content, bool durable);
/* What stands under that name; a link is not followed. */
NODISCARD enum err io_stat(int dir, const char *name, struct stat *ret);
/* The first n bytes of a file that nobody changes, as memory: whoever cuts such a file ends the
 * process that reads behind the cut. n > 0. */
NODISCARD enum err io_map(int fd, size_t n, struct str *ret);
void io_unmap(struct str mapping);
/* Gives the mapping's pages back to the system, which reads them again when they are touched. */
void io_forget(struct str mapping);
/* Of a mapping that begins with map: bytes [from, to) are about to be read, all of them. */
void io_fetch(struct str map, size_t from, size_t to);
/* Names in a directory, "." and ".." left out (not those of io_replace_file), in no order. each
 * returns false to stop. */
NODISCARD enum err io_list(int dir, bool (*each)(void *user, const char *name), void *user);
/* With what the directory says that their inodes are; on some file systems stat() says otherwise.
 */
NODISCARD enum err io_list_inodes(
	int dir, bool (*each)(void *user, const char *name, ino_t ino), void *user);

#endif
