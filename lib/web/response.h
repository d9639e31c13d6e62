/*
 * The response to a request. A handler sets a status, adds headers from a fixed set, writes a
 * body into res->body and returns; the gateway sends it.  Long answers are streamed:
 * response_flush_if_large() after each row sends what is there (the status and headers first) so
 * that memory stays bounded.
 *
 * Header names are an enum and values are checked (printable ASCII, bounded): no bytes of a client
 * get into the header block.  X-Content-Type-Options: nosniff, Cache-Control: no-store,
 * Content-Security-Policy and X-Request-Id are always sent.
 */
#ifndef FLATSPAN_WEB_RESPONSE_H
#define FLATSPAN_WEB_RESPONSE_H

#include "web/request.h"
#include "json/write.h"

enum response_header {
	HEADER_ALLOW,
	HEADER_LOCATION,
	HEADER_RETRY_AFTER,
	HEADER_WWW_AUTHENTICATE,
	HEADER_SKIPPED_LINES, /* X-Skipped-Lines: damaged lines met while answering */
	HEADER_SKIPPED_DAYS,  /* X-Skipped-Days: the days that hold them, with commas */
	HEADER_VARY,
	HEADER_CONTENT_TYPE,        /* beside CONTENT_NONE: a type that is not in the list below */
	HEADER_CONTENT_DISPOSITION, /* also makes browsers put the answer into a sandbox */
	HEADER__MAX
};

enum content_type {
	CONTENT_NONE,
	CONTENT_JSON,
	CONTENT_PROTOBUF,
	CONTENT_TEXT,
	CONTENT_METRICS,
	CONTENT_NDJSON,
	CONTENT_HTML,
	CONTENT_BYTES
};

struct response {
	struct arena *arena;
	int status; /* 200 until set */
	enum content_type type;
	struct str headers[HEADER__MAX]; /* STR_NULL: not sent */
	struct buf body;
	struct str id;   /* the request's */
	bool is_started; /* the header block is on its way; status and headers are fixed */
	bool is_broken;  /* the peer is gone; writing has no effect */
	bool is_head;    /* the body is counted and not sent */
	/* An error came after the status had left: the connection is cut, so that a client does not
	 * take what it has for the whole answer. */
	bool is_cut;
	enum err error; /* what failed, for the log; ERR_OK: nothing or not said */
	struct gateway *gateway;
};

/* Sets a header. Returns false, and sets nothing, when the value may not stand in a header. */
bool response_set_header(struct response *res, enum response_header name, struct str value);
/* Makes room for the number of bytes that are likely to come. */
void response_expect(struct response *res, size_t n);
/* Sends the body so far when it has more than 64 KiB. */
void response_flush_if_large(struct response *res);
/* Drops the body and headers if nothing was sent yet. True when that was possible. */
bool response_restart(struct response *res);

#endif
