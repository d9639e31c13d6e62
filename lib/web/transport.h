/*
 * The source of a request's variables and bytes and the sink of its answer, inside of lib/web
 * only. The gateway connects it to FastCGI or CGI, tests connect it to arrays.
 *
 * Variables are CGI's (RFC 3875) as "NAME=value".  What a client can forge is in HTTP_* only, and
 * nothing here reads a setting from any of them.
 */
#ifndef FLATSPAN_WEB_TRANSPORT_H
#define FLATSPAN_WEB_TRANSPORT_H

#include "web/response.h"

struct gateway {
	char *const *variables; /* NULL-terminated; the server's, valid during the request */
	/* Reads up to n bytes of the body, fewer only at its end. */
	size_t (*read)(struct gateway *g, char *p, size_t n);
	size_t n_read; /* of the body so far */
	bool is_cut;   /* the body ended before its end: the connection broke */
	/* False: the peer is gone. */
	bool (*write)(struct gateway *g, struct str bytes);
	void *in, *out;    /* for the two above */
	char id[16];       /* the request's, hex */
	bool is_cgi;       /* started for this one request */
	bool is_body_read; /* request_body() was called */
	bool is_quiet;     /* failures are not logged */
};

/* Returns the first value; STR_NULL when absent or empty (nginx sends CONTENT_LENGTH="" for none).
 * */
struct str gateway_variable(const struct gateway *g, struct str name);
/* Returns how often a variable is set: nginx passes a repeated header as two of one name. */
size_t gateway_variable_count(const struct gateway *g, struct str name);

/* Puts method, target and id into an otherwise zeroed request whose arena, conf, app, now_ns and
 * gateway are set, and connects the response. */
void request_init(struct request *r, struct response *res);
/* Splits and decodes r->target into path, path elements and parameters. Returns ERR_INVALID,
 * ERR_TOO_LARGE or ERR_NOT_FOUND (more elements than any route has); *ret_reason says why, and
 * r->path is set as far as it was understood. */
NODISCARD enum err request_read_target(struct request *r, struct str *ret_reason);

void response_init(struct response *res, struct request *r);
/* Sends the rest. */
void response_finish(struct response *res);

#endif
