/*
 * Waits for connections on a socket that several processes listen on.
 *
 * The kernel wakes one of the waiting processes, and always the same one as long as it is
 * waiting again in time. So a few clients are served by a few processes, whose memory is in the
 * processor's cache, and the others sleep. Blocking in accept() would wake them in turns, poll()
 * all of them.
 *
 * The socket is made non-blocking for all processes that share it, because a process that wakes
 * may find that another has taken the connection, and must not block in accept() then.
 */
#ifndef FLATSPAN_WEB_LISTENER_H
#define FLATSPAN_WEB_LISTENER_H

#include "base/errors.h"

#include <stdbool.h>

struct listener {
	int epoll_fd;
	int bell_fd;
};

NODISCARD enum err listener_open(struct listener *ret, int socket_fd);
/* Waits at most ms (negative: without end) and returns true when a connection waits, when that
 * cannot be told, and after listener_ring(). The caller must then accept, because no other process
 * is woken for that connection. */
bool listener_wait(const struct listener *l, int ms);
/* Ends waiting from now on. Safe in a signal handler. */
void listener_ring(int bell_fd);

#endif
