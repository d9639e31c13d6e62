/*
 * Asking a web server, for the verbs that look at a service from outside: one request a connection,
 * answers bounded in bytes and time.
 *
 * http is spoken here; https by curl(1), where it is installed, so that no library for it is linked
 * to every program.  Redirections are not followed and no proxy is asked for http.  A key never
 * stands among the arguments of a process.
 */
#ifndef FLATSPAN_BIN_DOCTOR_FETCH_H
#define FLATSPAN_BIN_DOCTOR_FETCH_H

#include "cli.h"

enum {
	FETCH_HEADERS_MAX = 4,
	FETCH_QUIET_MS = 30 * 1000, /* without a byte in either direction */
	FETCH_REQUEST_MS = 300 * 1000
};

/* Where a service is: https://example.org/spans */
struct fetch_url {
	bool is_https;
	struct str host;      /* of an IPv6 address without its brackets */
	struct str authority; /* as it stands in the URL, with the port */
	uint16_t port;
	struct str path; /* before the API's paths; no slash at its end */
};

struct fetch {
	const char *method;
	struct str target;                     /* the whole path with its query */
	struct str headers[FETCH_HEADERS_MAX]; /* "Name: value"; the first that is null ends them */
	struct str body;                       /* STR_NULL: none */
	bool is_chunked;                       /* the body's length is not said beforehand */
};

struct fetch_answer {
	int status;
	struct str head; /* from the first header on */
	struct str body;
	bool is_whole; /* false: the connection broke off */
	int64_t took_ns;
	struct str trouble; /* when there is no answer at all: why, a sentence's end */
};

/* False after saying what is wrong. */
bool fetch_read_url(struct cli *c, struct str text, struct fetch_url *ret);
/* The key of --key, --key-file or FLATSPAN_KEY; STR_NULL: none. False after saying what is wrong.
 */
bool fetch_read_key(struct cli *c, struct str *ret);

/* False: there was no answer, ret->trouble says why. The answer is in the arena. */
bool fetch(struct cli *c, const struct fetch_url *url, const struct fetch *what,
	struct fetch_answer *ret);
/* The last header of that name; STR_NULL: none. */
struct str fetch_header(const struct fetch_answer *a, struct str name);

/* ---- For fetch.c and fetch_curl.c ---- */

/* All that is before the body, with its empty line. */
struct str fetch_head(struct cli *c, const struct fetch_url *url, const struct fetch *what);
enum fetch_state { FETCH_MORE, FETCH_WHOLE, FETCH_NO_HTTP };
/* Reads what has come; is_end: there will not be more. */
enum fetch_state fetch_parse(
	struct cli *c, struct str bytes, bool is_end, struct fetch_answer *ret);
bool fetch_by_curl(struct cli *c, const struct fetch_url *url, const struct fetch *what,
	struct fetch_answer *ret);

#endif
