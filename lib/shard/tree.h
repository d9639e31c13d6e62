/* Removing and measuring directories of ours. */
#ifndef FLATSPAN_SHARD_TREE_H
#define FLATSPAN_SHARD_TREE_H

#include "base/errors.h"

#include <stdint.h>

/* The directory `name` beneath dir_fd and all in it. What is gone already is fine. */
NODISCARD enum err tree_remove(int dir_fd, const char *name);
/* Bytes of the files in it. */
NODISCARD enum err tree_bytes(int dir_fd, const char *name, int64_t *ret_bytes);

#endif
