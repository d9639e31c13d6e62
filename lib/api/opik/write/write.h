/*
 * Writing spans and traces of Opik: what POST, PATCH and DELETE share.
 *
 * All of a request is one transaction: it is read and checked whole, then, under the lock of the
 * day, compared with what is stored and appended.
 */
#ifndef FLATSPAN_API_OPIK_WRITE_WRITE_H
#define FLATSPAN_API_OPIK_WRITE_WRITE_H

#include "api/opik/merge.h"

struct opik_write {
	struct request *request;
	enum opik_of of;
	struct projects projects;
	struct append append;
	struct str author;
	int64_t now_us;                  /* last_updated_at of what is written now */
	struct str trace_id, session_id; /* of the last span that was added */
	struct pricing pricing;
};

/* "Span" or "Trace". */
const char *opik_title(enum opik_of of);
/* Is the id of version 7? Else answered. */
bool opik_check_id(struct request *r, enum opik_of of, struct str id);

/* Makes the named projects and opens the transaction; false: answered. */
bool opik_write_begin(struct opik_write *w, struct request *r, enum opik_of of,
	const struct str *names, size_t n);
/* Writes; false: answered. */
bool opik_write_end(struct opik_write *w);

/* The stored row with this id, not deleted; *ret_found false: none, and if there was one that was
 * deleted, *ret_since is its version, else 0. */
NODISCARD enum err opik_write_find(
	struct opik_write *w, struct str id, struct span *ret, bool *ret_found, int64_t *ret_since);
/*
 * Completes the row and adds it.  A span gets the session of its trace: the thread, when the trace
 * was written before, else the one derived from the trace.  A trace without a thread gets none:
 * to Opik each session of a trace is a thread.
 */
NODISCARD enum err opik_write_add(struct opik_write *w, struct span *s);
/* The project of a row; NULL: it names one that is not registered. */
const struct project *opik_project_of(const struct projects *p, const struct span *s);
/* A later version than `than`, now if possible. */
int64_t opik_next_version(const struct opik_write *w, int64_t than);
/* Adds a tombstone of the row. */
void opik_write_delete(struct opik_write *w, const struct span *s);

#endif
