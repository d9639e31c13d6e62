/*
 * Turns requests of FastCGI (standard input listens) or CGI into struct request, and sends the
 * response. Only gateway.c includes fcgiapp.h.
 *
 * One request at a time per process.  SIGTERM and SIGUSR1 finish the current request, also one
 * that is still being sent, and end the loop; SIGPIPE and SIGXFSZ are ignored.  After
 * conf->requests requests, or when a request ran out of its arena or a mapped page of the index
 * could not be read (SIGBUS; the request is answered 503), the process ends and its supervisor
 * starts another.
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

/* Serves until told to stop and returns the process's exit code. app is put into each request. */
int gateway_run(const struct conf *conf, void *app, const struct route_table *const *tables,
	unsigned programs, const struct gateway_idle *idle);
/* Answers every request with this error, for a program whose configuration or store cannot be used.
 * It ends after some requests, so that its successor reads the configuration again. */
int gateway_refuse(
	const struct conf *conf, const struct route_table *const *tables, enum err because);

/* The source of a request without a web server: the command line's own server, and its import. */
struct gateway_peer {
	char *const *variables; /* CGI's, "NAME=value", NULL-terminated */
	int64_t now_ns;         /* the time of the request; 0: now */
	/* Reads up to n bytes of the body, fewer only at its end, or where it is cut off. */
	size_t (*read)(struct gateway_peer *p, char *to, size_t n);
	/* Takes the answer as CGI has it: Status and headers, an empty line, the body. Returns
	 * false when the peer is gone. */
	bool (*write)(struct gateway_peer *p, struct str bytes);
	bool is_quiet; /* failures are not logged, because the peer reports them */
	bool is_cut;   /* set by read: the body was cut off */
};

/* Serves one request. Returns false when the process should end, because the request ran out of
 * memory. *ret_is_whole is false when the answer was cut off. The caller must ignore broken pipes.
 * */
bool gateway_serve(const struct conf *conf, void *app, const struct route_table *const *tables,
	unsigned programs, struct gateway_peer *peer, bool *ret_is_whole);

#endif
