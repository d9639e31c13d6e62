/*
 * Waiting for connections at a socket that several processes listen on.
 *
 * Of those that wait the kernel wakes one, and as long as that one is there again in time, always
 * the same: what few clients ask is answered by few processes, whose memory the processor has at
 * hand, and the others rest.  Blocking in accept() would wake them in turns, poll() all of them.
 *
 * The socket is made non-blocking, for all who share it: whoever is woken may find that somebody
 * else was quicker, and must not wait in accept() then.
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
/* Does somebody wait to be accepted, or come within that time (negative: whenever)? Also true when
 * it cannot be told, and once the bell was rung. Whoever is told so has to accept: nobody else is
 * woken for that connection. */
bool listener_wait(const struct listener *l, int ms);
/* Ends waiting, now and from now on. A signal handler may do it, and needs no more than this. */
void listener_ring(int bell_fd);

#endif
