#include "web/records.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
	VERSION = 1,
	STDOUT = 6,
	HEADER_LEN = 8,
	/* 64 KiB less one is the most; a multiple of eight needs no padding. */
	CONTENT_MAX = (1 << 16) - 8,
	RECORDS_MAX = 16, /* a call */
	PARTS_MAX = 3     /* a record: its header, and what is left of head and body */
};

static bool send_all(int fd, struct iovec *parts, size_t n)
{
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = n };
	while (m.msg_iovlen) {
		ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		size_t left = (size_t)sent;
		for (; m.msg_iovlen && left >= m.msg_iov->iov_len; m.msg_iov++, m.msg_iovlen--)
			left -= m.msg_iov->iov_len;
		if (m.msg_iovlen) {
			m.msg_iov->iov_base = (char *)m.msg_iov->iov_base + left;
			m.msg_iov->iov_len -= left;
		}
	}
	return true;
}

/* Cuts up to n bytes off the front. */
static size_t records_add_part(struct iovec *parts, size_t *n_parts, struct str *from, size_t n)
{
	struct str part = str_first(*from, n);
	if (part.len)
		parts[(*n_parts)++] = (struct iovec){ (char *)(uintptr_t)part.ptr, part.len };
	*from = str_skip(*from, part.len);
	return part.len;
}

bool records_write(int fd, int request_id, struct str head, struct str body)
{
	unsigned char headers[RECORDS_MAX][HEADER_LEN];
	struct iovec parts[RECORDS_MAX * PARTS_MAX];
	while (head.len + body.len) {
		size_t n = 0;
		for (size_t i = 0; i < RECORDS_MAX && head.len + body.len; i++) {
			struct iovec *header = &parts[n++];
			size_t len = records_add_part(parts, &n, &head, CONTENT_MAX);
			len += records_add_part(parts, &n, &body, CONTENT_MAX - len);
			unsigned char bytes[HEADER_LEN] = { VERSION, STDOUT,
				(unsigned char)(request_id >> 8), (unsigned char)request_id,
				(unsigned char)(len >> 8), (unsigned char)len };
			memcpy(headers[i], bytes, HEADER_LEN);
			*header = (struct iovec){ headers[i], HEADER_LEN };
		}
		if (!send_all(fd, parts, n))
			return false;
	}
	return true;
}
