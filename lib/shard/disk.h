/*
 * What the file system under the data directory is, and what a crash leaves of it.
 */
#ifndef FLATSPAN_SHARD_DISK_H
#define FLATSPAN_SHARD_DISK_H

#include "base/errors.h"

#include <stdbool.h>
#include <stdint.h>

struct disk {
	const char *name;    /* "ext4"; "other" */
	const char *promise; /* full: crashes were tried, an acknowledged span survives power loss;
				none: it is gone with the machine or its memory; untested: as good
				as its fsync */
	uint64_t free_bytes;
	bool is_read_only;
};

/* fd: of anything on it. */
NODISCARD enum err disk_look(int fd, struct disk *ret);

#endif
