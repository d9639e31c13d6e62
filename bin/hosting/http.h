/*
 * HTTP/1.1, as much as a development server needs: one request a connection, header and body
 * bounded in bytes and time, chunked bodies, Expect: 100-continue.  What a request says becomes
 * CGI's variables; what the gateway answers becomes an HTTP answer.
 *
 * In production a web server does this; it withstands more.
 */
#ifndef FLATSPAN_BIN_HOSTING_HTTP_H
#define FLATSPAN_BIN_HOSTING_HTTP_H

#include "base/buf.h"
#include "web/gateway.h"

enum {
	HTTP_HEAD_BYTES = 64 << 10, /* a target of 32 KiB, and as much again of headers */
	HTTP_HEADERS_MAX = 100,
	HTTP_TIMEOUT_MS = 10000, /* of one look at the socket */
	HTTP_FIRST_MS = 1000,    /* to the first bytes: the kernel has waited for them already */
	HTTP_REQUEST_MS = 120 * 1000 /* of a whole request */
};

struct http {
	struct gateway_peer peer; /* first, so that its callbacks find the rest */
	int fd;
	int64_t deadline_ns;
	struct arena *arena;
	char head[HTTP_HEAD_BYTES];
	size_t head_len; /* up to and with the empty line; without one: all there is room for */
	size_t body_at, body_len; /* of the body, what came with the head */
	char *variables[HTTP_HEADERS_MAX + 16];
	size_t n_variables;
	bool is_chunked, may_continue, wants_continue;
	uint64_t left; /* of the body or of its chunk */
	enum { HTTP_BODY, HTTP_CHUNK_START, HTTP_CHUNK, HTTP_CHUNK_END, HTTP_END } state;
	struct buf answer; /* the head of the answer, until it is whole */
	bool is_started;
};

/* Reads and answers one request on a connection; the caller closes it. False: the process should
 * end. address: of the client. */
bool http_serve(struct http *h, int fd, struct str address, struct arena *a,
	const struct conf *conf, void *app, const struct route_table *const *tables);

#endif
