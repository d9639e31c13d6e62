/*
 * Gives up, after the start, the rights that a server never needs, so that a bug in it cannot
 * read other files, start programs or open connections, and a bug in a program that only reads
 * cannot write.
 *
 * It uses what the kernel has: no_new_privs; resource limits (no core files, no further
 * processes) and no tracing; Landlock, which leaves the data directory and a few paths to read,
 * and no TCP; seccomp, which refuses (EPERM) calls that start programs, open sockets, trace or
 * load. Files that are open already stay open. The rights cannot be taken back, and children
 * inherit the limits.
 *
 * The address space is not limited: mapped data would count, and the memory of a request has its
 * own limit.
 */
#ifndef FLATSPAN_BASE_SANDBOX_H
#define FLATSPAN_BASE_SANDBOX_H

#include "base/buf.h"

enum sandbox_part {
	SANDBOX_NO_NEW_PRIVS = 1,
	SANDBOX_LIMITS = 2,
	SANDBOX_LANDLOCK = 4,
	SANDBOX_SECCOMP = 8,
	SANDBOX_ALL = 15
};

struct sandbox {
	int dir_fd;              /* of the directory that stays open */
	bool may_write;          /* there */
	const char *const *read; /* paths that stay readable, NULL-terminated; those that are not
				    there are passed over */
};

/* Returns the parts that hold. */
unsigned sandbox_enter(const struct sandbox *s);
/* Appends "no_new_privs, limits, landlock, seccomp"; "none". */
void sandbox_text(struct buf *out, unsigned parts);

#endif
