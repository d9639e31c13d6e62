/*
 * Giving up, after the start, what a server never needs: so that a bug in it cannot read other
 * files, start programs or call out.
 *
 * As much as the kernel has: no_new_privs; Landlock, which leaves the data directory and a few
 * paths to read; seccomp, which refuses (EPERM) calls that start programs, open sockets, trace or
 * load.  What is open already stays so.  It cannot be taken back and is inherited.
 */
#ifndef FLATSPAN_BASE_SANDBOX_H
#define FLATSPAN_BASE_SANDBOX_H

#include "base/str.h"

enum sandbox_part { SANDBOX_NO_NEW_PRIVS = 1, SANDBOX_LANDLOCK = 2, SANDBOX_SECCOMP = 4 };

/* dir_fd: of the directory that stays writable. read: paths that stay readable, NULL-terminated;
 * those that are not there are passed over. Returns the parts that hold. */
unsigned sandbox_enter(int dir_fd, const char *const *read);
/* "landlock, no_new_privs, seccomp"; "none". */
struct str sandbox_text(unsigned parts);

#endif
