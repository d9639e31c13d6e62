/*
 * HTTP/1.1 as far as a development server needs it: one request a connection, header and body
 * bounded in bytes and time, chunked bodies, Expect: 100-continue.  A request becomes variables of
 * CGI; the answer of the gateway becomes an HTTP answer.
 *
 * In production a web server does this, and withstands more.
 */
#ifndef FLATSPAN_BIN_HOSTING_HTTP_H
#define FLATSPAN_BIN_HOSTING_HTTP_H

#include "base/buf.h"
#include "web/gateway.h"

enum {
	HTTP_HEAD_BYTES = 64 << 10, /* a target of 32 KiB and as many bytes of headers */
	HTTP_HEADERS_MAX = 100,
	HTTP_TIMEOUT_MS = 10000, /* for one read of the socket */
	HTTP_FIRST_MS = 1000,    /* for the first bytes, for which the kernel has waited already */
	HTTP_REQUEST_MS = 120 * 1000 /* for a whole request */
};

struct http {
	struct gateway_peer peer; /* first, so that its callbacks can cast it */
	int fd;
	int64_t deadline_ns;
	struct arena *arena;
	char head[HTTP_HEAD_BYTES];
	size_t head_len; /* with the empty line; as long as it is missing, the room there is */
	size_t body_at, body_len; /* bytes of the body that arrived with the head */
	char *variables[HTTP_HEADERS_MAX + 16];
	size_t n_variables;
	bool is_chunked, may_continue, wants_continue;
	uint64_t left; /* of the body or of the chunk */
	enum { HTTP_BODY, HTTP_CHUNK_START, HTTP_CHUNK, HTTP_CHUNK_END, HTTP_END } state;
	struct buf answer; /* the head of the answer, until it is complete */
	bool is_started;
};

/* Reads and answers one request on a connection, which the caller closes. False when the process
 * should end. address: of the client. */
bool http_serve(struct http *h, int fd, struct str address, struct arena *a,
	const struct conf *conf, void *app, const struct route_table *const *tables);

#endif
