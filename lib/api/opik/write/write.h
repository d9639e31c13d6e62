/*
 * Holds the transaction that POST, PATCH and DELETE of Opik's spans and traces share.
 *
 * A request is one transaction. Its body is read and checked first; then its items are compared
 * with what is stored and appended, under the lock of the day.
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
	int64_t now_us;                  /* last_updated_at of what is written */
	struct str trace_id, session_id; /* ids of the last added span */
	struct pricing pricing;
};

/* Returns "Span" or "Trace". */
const char *opik_title(enum opik_of of);
/* Checks that a UUID has version 7. Returns false when the request was answered with an error. */
bool opik_check_id(struct request *r, enum opik_of of, struct str id);

/* Creates the named projects and begins the transaction. Returns false when the request was
 * answered with an error. */
bool opik_write_begin(struct opik_write *w, struct request *r, enum opik_of of,
	const struct str *names, size_t n);
/* Commits. Returns false when the request was answered with an error. */
bool opik_write_end(struct opik_write *w);

/* Finds the stored row with this id that is not deleted. When *ret_found is false, *ret_since is
 * the version of the deleted row, or 0 when there is none. */
NODISCARD enum err opik_write_find(
	struct opik_write *w, struct str id, struct span *ret, bool *ret_found, int64_t *ret_since);
/* Completes the row, prices it and adds it. A span gets the session of its trace: the thread when
 * the trace is stored, otherwise the one derived from the trace. A trace without a thread gets no
 * session, because in Opik each session of a trace is a thread. */
NODISCARD enum err opik_write_add(struct opik_write *w, struct span *s);
/* Returns the project of a row, or NULL when it names an unregistered one. */
const struct project *opik_project_of(const struct projects *p, const struct span *s);
/* Returns a version after `than`: now if possible. */
int64_t opik_next_version(const struct opik_write *w, int64_t than);
/* Adds a tombstone of the row. */
void opik_write_delete(struct opik_write *w, const struct span *s);

#endif
