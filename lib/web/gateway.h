/*
 * The gateway: FastCGI or plain CGI (libfcgi tells which) in, struct request out; the response
 * back.  The only file that knows fcgiapp.h.
 *
 * One request at a time per process.  SIGTERM and SIGUSR1 finish the current request and end the
 * loop; SIGPIPE and SIGXFSZ are ignored.  After conf->requests requests, or when a request ran out
 * of its arena, the process ends and is replaced by whoever supervises it.
 */
#ifndef FLATSPAN_WEB_GATEWAY_H
#define FLATSPAN_WEB_GATEWAY_H

#include "web/route.h"

/* Serves until told to stop; returns the process's exit code. app is put into each request. after:
 * called when a request was answered and its client has gone; NULL: nothing is to be done. */
int gateway_run(const struct conf *conf, void *app, const struct route_table *const *tables,
	unsigned programs, void (*after)(void *app));
/* The same, but every request is answered with this error: for a program whose configuration or
 * store is no good. It ends after some requests, so that a successor may find things mended. */
int gateway_refuse(
	const struct conf *conf, const struct route_table *const *tables, enum err because);

#endif
