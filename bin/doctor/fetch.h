/*
 * HTTP requests, for the verbs that check a service from outside: one request a connection, answers
 * bounded in bytes and time.
 *
 * http is implemented here.  https uses curl(1), if it is installed, so that programs link no
 * library for it.  Redirections are not followed, and http uses no proxy.  A key is never among the
 * arguments of a process.
 */
#ifndef FLATSPAN_BIN_DOCTOR_FETCH_H
#define FLATSPAN_BIN_DOCTOR_FETCH_H

#include "cli.h"

enum {
	FETCH_HEADERS_MAX = 4,
	FETCH_QUIET_MS = 30 * 1000, /* without a byte in either direction */
	FETCH_REQUEST_MS = 300 * 1000
};

/* The URL of a service, such as https://example.org/spans */
struct fetch_url {
	bool is_https;
	struct str host;      /* an IPv6 address has no brackets */
	struct str authority; /* host and port as in the URL */
	uint16_t port;
	struct str path; /* before the API's paths; no slash at its end */
};

struct fetch {
	const char *method;
	struct str target;                     /* the whole path with the query */
	struct str headers[FETCH_HEADERS_MAX]; /* "Name: value"; the first null one ends them */
	struct str body;                       /* STR_NULL: none */
	bool is_chunked;                       /* the length of the body is not sent */
};

struct fetch_answer {
	int status;
	struct str head; /* from the first header on */
	struct str body;
	bool is_whole; /* false: the connection broke off */
	int64_t took_ns;
	struct str trouble; /* when there is no answer: the reason, as the end of a sentence */
};

/* Reads a URL. False after saying what is wrong. */
bool fetch_read_url(struct cli *c, struct str text, struct fetch_url *ret);
/* Reads the key of --key, --key-file or FLATSPAN_KEY; STR_NULL when there is none. False after
 * saying what is wrong. */
bool fetch_read_key(struct cli *c, struct str *ret);

/* Sends a request. False: there is no answer, and ret->trouble says why. The answer is in the
 * arena. */
bool fetch(struct cli *c, const struct fetch_url *url, const struct fetch *what,
	struct fetch_answer *ret);
/* Returns the last header with that name; STR_NULL when there is none. */
struct str fetch_header(const struct fetch_answer *a, struct str name);

/* ---- For fetch.c and fetch_curl.c ---- */

/* Returns everything before the body, with its empty line. */
struct str fetch_head(struct cli *c, const struct fetch_url *url, const struct fetch *what);
enum fetch_state { FETCH_MORE, FETCH_WHOLE, FETCH_NO_HTTP };
/* Parses what has arrived; is_end: nothing will follow. */
enum fetch_state fetch_parse(
	struct cli *c, struct str bytes, bool is_end, struct fetch_answer *ret);
bool fetch_by_curl(struct cli *c, const struct fetch_url *url, const struct fetch *what,
	struct fetch_answer *ret);

#endif
