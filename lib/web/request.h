/*
 * One HTTP request as a handler sees it, without its transport: a method, decoded path elements,
 * parameters, a body and a response to write.
 *
 * Everything lives in the request's arena.
 */
#ifndef FLATSPAN_WEB_REQUEST_H
#define FLATSPAN_WEB_REQUEST_H

#include "base/buf.h"
#include "base/conf.h"
#include "base/errors.h"
#include "web/problem.h"

struct param {
	struct str name,
		value;  /* %-decoded, + is a blank; valid UTF-8 (else the request was refused) */
	struct str raw; /* the value as it stood in the URL */
};

enum { REQUEST_ELEMENTS_MAX = 24, REQUEST_CAPTURES_MAX = 4 };

enum role { ROLE_NONE, ROLE_INGEST = 1, ROLE_READ = 2, ROLE_ADMIN = 4 };

struct request {
	struct arena *arena;
	const struct conf *conf;
	void *app;                                 /* the program's own (struct app of lib/api) */
	struct str method;                         /* "GET", upper case */
	struct str target;                         /* as sent, with the query, without an origin */
	struct str path;                           /* raw path without query and prefix */
	struct str elements[REQUEST_ELEMENTS_MAX]; /* decoded once each */
	size_t n_elements;
	bool has_trailing_slash;
	struct str captures[REQUEST_CAPTURES_MAX]; /* of the route's {…} in order */
	struct param *params;
	size_t n_params;
	struct str id;        /* made here, 16 hex digits; in the log and in X-Request-Id */
	struct str principal; /* who: key id, REMOTE_USER, or empty */
	/* The workspace of the request, set by the router before the handler runs: from the path, a
	 * header, the key, or the setting. STR_NULL where the route has none. */
	struct str workspace;
	struct str grant; /* workspaces the principal may use: "*" or "a,b"; see auth_grants() */
	int64_t now_ns;   /* when it came; once its body was read, when that was there */
	int64_t since_ns; /* now_ns by utime_monotonic(); 0: now_ns does not change */
	struct response *response;
	struct gateway
		*gateway; /* how headers and the body are had; used through the functions below */
};

/* Returns a request header by its lower-case name ("content-type"); STR_NULL when absent. Never
 * used for settings. */
struct str request_header(const struct request *r, struct str name);
/* Returns the media type of Content-Type in lower case, without parameters; empty when absent. */
struct str request_media_type(const struct request *r);

/* Reads the whole body, inflated when Content-Encoding is gzip, x-gzip, deflate, zlib or zstd. May
 * be called once. Returns ERR_TOO_LARGE (announced, streamed or inflated past limit),
 * ERR_UNSUPPORTED (another encoding, or several) or ERR_INVALID (short body, damaged compression);
 * *ret_reason says which in plain words. */
NODISCARD enum err request_body(
	struct request *r, size_t limit_bytes, struct str *ret_body, struct str *ret_reason);
/* Returns what Content-Length announced; -1: nothing usable. */
int64_t request_content_length(const struct request *r);

/* Returns the last parameter of that name, as FastAPI does; NULL when absent. */
const struct param *request_param(const struct request *r, struct str name);

#endif
