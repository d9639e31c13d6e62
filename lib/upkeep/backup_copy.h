/*
 * Reads and writes the MANIFEST of a backup and copies bytes with their checksum. Private to
 * backup.c and backup_restore.c.
 */
#ifndef FLATSPAN_UPKEEP_BACKUP_COPY_H
#define FLATSPAN_UPKEEP_BACKUP_COPY_H

#include "base/buf.h"
#include "upkeep/maintain.h"

#define MANIFEST_NAME "MANIFEST"
/* The list of files that a restore is about to put into its own directory. */
#define RESTORING_NAME ".restoring"

/* A file of a copy. */
struct backup_file {
	struct str path; /* "<workspace>/<name>", or the name of a file in the root */
	int64_t size_bytes;
	uint32_t crc; /* of them */
};

struct manifest {
	struct backup_file *files; /* ascending by path */
	size_t n;
};

/* Reads a manifest. Returns ERR_NOT_FOUND when there is none, ERR_CONF when it is not one of ours.
 * */
NODISCARD enum err manifest_read(
	int dir_fd, const char *name, struct arena *a, struct manifest *ret);
NODISCARD enum err manifest_write(
	int dir_fd, const char *name, struct arena *a, const struct manifest *m);
/* Returns the file at this path, or NULL. */
const struct backup_file *manifest_find(const struct manifest *m, struct str path);
void manifest_sort(struct manifest *m);

/* Reads [at, end) of a file, continues *crc over it, and writes it to to_fd (-1: nowhere). Returns
 * ERR_IO when the file ends earlier. */
NODISCARD enum err backup_copy_range(
	int from_fd, int64_t at, int64_t end, int to_fd, struct arena *a, uint32_t *crc);

/* Opens the directory in which a file of the MANIFEST is: that of a workspace, or the one for
 * documents in it. makes: directories that are not there are made. */
NODISCARD enum err backup_open_dir(
	int root_fd, struct str path, bool makes, struct arena *a, int *ret_fd);

#endif
