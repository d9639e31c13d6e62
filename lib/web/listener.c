#include "web/listener.h"

#include "base/io.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static bool listener_add(int epoll_fd, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events };
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) == 0;
}

enum err listener_open(struct listener *ret, int socket_fd)
{
	int flags = fcntl(socket_fd, F_GETFL);
	struct listener l = { epoll_create1(EPOLL_CLOEXEC), eventfd(0, EFD_CLOEXEC) };
	/* Kernels before 4.5 wake all. */
	if (flags >= 0 && fcntl(socket_fd, F_SETFL, flags | O_NONBLOCK) == 0 && l.epoll_fd >= 0 &&
		l.bell_fd >= 0 && listener_add(l.epoll_fd, l.bell_fd, EPOLLIN) &&
		(listener_add(l.epoll_fd, socket_fd, EPOLLIN | EPOLLEXCLUSIVE) ||
			listener_add(l.epoll_fd, socket_fd, EPOLLIN))) {
		*ret = l;
		return ERR_OK;
	}
	io_drop(l.epoll_fd);
	io_drop(l.bell_fd);
	return ERR_IO;
}

bool listener_wait(const struct listener *l, int ms)
{
	struct epoll_event unused;
	return epoll_wait(l->epoll_fd, &unused, 1, ms) != 0;
}

void listener_ring(int bell_fd)
{
	(void)eventfd_write(bell_fd, 1); /* fails when it was rung 2^64 times */
}
