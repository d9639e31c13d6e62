/*
 * The gateway: FastCGI (standard input listens) or plain CGI in, struct request out; the response
 * back.  The only file that knows fcgiapp.h.
 *
 * One request at a time per process.  SIGTERM and SIGUSR1 finish the current request, also one
 * that is still being sent, and end the loop; SIGPIPE and SIGXFSZ are ignored.  After
 * conf->requests requests, or when a request ran out of its arena or a mapped page of the index was
 * not to be had (SIGBUS; it is answered 503 as well), the process ends and is replaced by whoever
 * supervises it.
 */
#ifndef FLATSPAN_WEB_GATEWAY_H
#define FLATSPAN_WEB_GATEWAY_H

#include "web/route.h"

/* Idle hooks; each may be NULL. */
struct gateway_idle {
	/* Called when a request was answered and its client has gone. */
	void (*after_response)(void *app);
	/* Called before the first request, and when none has come for a while: does a step of work
	 * that could wait, then gives memory back. Returns in how many milliseconds it wants to be
	 * called again, if no request comes until then; negative: nothing is left. A CGI program
	 * calls it once. */
	int (*release_memory)(void *app);
};

/* Serves until told to stop; returns the process's exit code. app is put into each request. */
int gateway_run(const struct conf *conf, void *app, const struct route_table *const *tables,
	unsigned programs, const struct gateway_idle *idle);
/* The same, but every request is answered with this error: for a program whose configuration or
 * store is no good. It ends after some requests, so that a successor may find things mended. */
int gateway_refuse(
	const struct conf *conf, const struct route_table *const *tables, enum err because);

/* Whoever speaks for a client without a web server between: the command line's own front, and its
 * import. */
struct gateway_peer {
	char *const *variables; /* CGI's, "NAME=value", NULL-terminated */
	int64_t now_ns;         /* what the request is told the time is; 0: what it is */
	/* Reads up to n bytes of the body, fewer only at its end, or where it is cut off. */
	size_t (*read)(struct gateway_peer *p, char *to, size_t n);
	/* Takes the answer as CGI has it: Status and headers, an empty line, the body. False:
	 * nobody is there any more. */
	bool (*write)(struct gateway_peer *p, struct str bytes);
	bool is_quiet; /* failures are not logged: the peer tells of them */
	bool is_cut;   /* set by read: the body was cut off */
};

/* One request. False: the process should end, because the request ran out of memory. *ret_is_whole
 * false: the answer was cut off. Broken pipes must be ignored by the caller. */
bool gateway_serve(const struct conf *conf, void *app, const struct route_table *const *tables,
	unsigned programs, struct gateway_peer *peer, bool *ret_is_whole);

#endif
