/*
 * Routes: one row each, in one table per dialect.  A row says which program serves it, what role it
 * needs, and where the workspace comes from; the router decides on the raw path (split, then
 * decoded), checks the key, and calls the handler.  404, 405 (with Allow) and 307 for a trailing
 * slash follow from the table.
 *
 * A pattern is "/apis/intake/v2/workspaces/{}/spans/{}": {} captures one path element (which may
 * hold %2F). Rows that name an element win over rows that capture it.
 */
#ifndef FLATSPAN_WEB_ROUTE_H
#define FLATSPAN_WEB_ROUTE_H

#include "web/response.h"

/* The programs that serve routes. A binary may serve several (the multi-call one serves all). */
enum program {
	PROGRAM_SPANS = 1,
	PROGRAM_GROUPS = 2,
	PROGRAM_TRACES = 4,
	PROGRAM_INGEST = 8,
	PROGRAM_NOTES = 16,
	PROGRAM_ADMIN = 32,
	PROGRAM_ALL = 63
};

/* Prints, in the form of a dialect, the errors of the router, of authorisation and of a full arena.
 * */
struct dialect {
	const char *name;
	/* detail: a sentence, or STR_NULL for the default one. problems: NULL or a list. */
	void (*error)(
		struct request *r, enum err e, struct str detail, const struct problems *problems);
};

struct route {
	const char *method;
	const char *pattern;
	unsigned program; /* enum program */
	enum role needs;  /* ROLE_NONE: open (health) */
	enum {
		WORKSPACE_NONE,
		WORKSPACE_PATH /* first capture */,
		WORKSPACE_HEADER /* x-workspace and its like, or workspace_name, or the key's, or
				    the default */
	} workspace;
	void (*handle)(struct request *r);
	const struct dialect *dialect;
};

struct route_table {
	const struct route *rows;
	size_t n;
};

/* Finds the route, checks the key and calls the handler. tables is a NULL-terminated list; programs
 * selects the rows that this binary serves. */
void route_request(struct request *r, const struct route_table *const *tables, unsigned programs);

/* Returns the dialect of a path, also when no route matches: that of the row which agrees with the
 * path furthest, and the last of equal rows. */
const struct dialect *route_dialect(
	const struct request *r, const struct route_table *const *tables);
/* Answers with an error: drops what was written, calls the dialect's function, adds Retry-After and
 * similar headers. When a part was already sent, cuts the answer off. Handlers call this, never the
 * dialect's function. */
void route_error(struct request *r, const struct dialect *d, enum err e, struct str detail,
	const struct problems *problems);

#endif
