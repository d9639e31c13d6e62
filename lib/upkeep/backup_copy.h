/*
 * Inside backup.h: the MANIFEST of a copy, and copying bytes. For lib/store only.
 */
#ifndef FLATSPAN_UPKEEP_BACKUP_COPY_H
#define FLATSPAN_UPKEEP_BACKUP_COPY_H

#include "base/buf.h"
#include "upkeep/maintain.h"

#define MANIFEST_NAME "MANIFEST"
/* The same, of what a restore is about to put where it stands: all of it is its own. */
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

/* ERR_NOT_FOUND: there is none; ERR_CONF: not one of ours. */
NODISCARD enum err manifest_read(
	int dir_fd, const char *name, struct arena *a, struct manifest *ret);
NODISCARD enum err manifest_write(
	int dir_fd, const char *name, struct arena *a, const struct manifest *m);
/* NULL: it is not in it. */
const struct backup_file *manifest_find(const struct manifest *m, struct str path);
void manifest_sort(struct manifest *m);

/* Reads [at, end) of a file: *crc goes on over it, and it is written to to_fd (-1: nowhere). ERR_IO
 * when the file ends before that. */
NODISCARD enum err backup_copy_range(
	int from_fd, int64_t at, int64_t end, int to_fd, struct arena *a, uint32_t *crc);

#endif
