/*
 * Opik's REST API (doc/opik.md): what its files share.
 *
 *	opik.c			routes, errors
 *	opik_body.*		bodies of requests into spans
 *	opik_merge.*		how writes of one span come together
 *	opik_write.c		creating, updating, deleting
 *	opik_fields.h		what can be filtered and sorted, as tables
 *	opik_filter*		filters into clauses
 *	opik_list.c, opik_threads.c, opik_stats.c
 *	opik_sums.*		what a trace or thread sums up of its spans
 *	opik_print.*		spans, traces, threads as Opik prints them
 *	opik_notes.*		scores and comments
 *	opik_projects.*, opik_misc.c
 *
 * A span of Opik is stored with source "opik".  A trace is a row too: its span_id is the trace's
 * id, its native_type "trace", and it has no parent.  Its spans do not name it as their parent.
 * Rows of other sources are spans as well, and those without a parent stand for their traces.
 */
#ifndef FLATSPAN_API_OPIK_OPIK_H
#define FLATSPAN_API_OPIK_OPIK_H

#include "api/ingest.h"
#include "store/projects.h"

#define OPIK_SOURCE "opik"

enum opik_of { OPIK_SPANS, OPIK_TRACES, OPIK_THREADS };

/* {"code":…,"message":…}: the status is the error's. */
void opik_refuse(struct request *r, enum err e, struct str message);
void opik_refuse_with(struct request *r, enum err e, struct str message, struct str details);
/* {"errors":[…]} */
void opik_refuse_one(struct request *r, enum err e, struct str message);
/* what: "Span id", "Trace id", "Comment id", …; id: plain text. */
void opik_not_found(struct request *r, const char *what, struct str id);
/* A 404 that names nothing, as for a path whose id is no UUID. */
void opik_no_such_path(struct request *r);

/* The workspace's view, or answered: false. */
bool opik_view(struct request *r, struct view *ret);
/* Its registry of projects, or answered. */
bool opik_projects(struct request *r, const struct view *v, struct projects *ret);
/* Who writes: a canonical body. */
struct str opik_author(struct request *r);
/* A new id, a canonical body. */
struct str opik_new_id(struct request *r);
/* Now in microseconds, which is as exact as last_updated_at is. */
int64_t opik_now_us(const struct request *r);

void opik_no_content(struct request *r);
/* 201 and where it is: the request's URL, `/` and the id. */
void opik_created(struct request *r, struct str id);
/* A deadline for queries. */
int64_t opik_deadline(const struct request *r);

/* Handlers. */
void opik_spans_list(struct request *r);
void opik_span_get(struct request *r);
void opik_span_create(struct request *r);
void opik_spans_create(struct request *r);
void opik_span_update(struct request *r);
void opik_spans_update(struct request *r);
void opik_span_delete(struct request *r);
void opik_spans_delete(struct request *r);
void opik_spans_search(struct request *r);
void opik_spans_stats(struct request *r);
void opik_spans_exist(struct request *r);

void opik_traces_list(struct request *r);
void opik_trace_get(struct request *r);
void opik_trace_create(struct request *r);
void opik_traces_create(struct request *r);
void opik_trace_update(struct request *r);
void opik_traces_update(struct request *r);
void opik_trace_delete(struct request *r);
void opik_traces_delete(struct request *r);
void opik_traces_search(struct request *r);
void opik_traces_stats(struct request *r);
void opik_traces_exist(struct request *r);

void opik_threads_list(struct request *r);
void opik_threads_search(struct request *r);
void opik_thread_get(struct request *r);
void opik_threads_delete(struct request *r);

void opik_span_score(struct request *r);
void opik_spans_score(struct request *r);
void opik_span_unscore(struct request *r);
void opik_spans_score_names(struct request *r);
void opik_trace_score(struct request *r);
void opik_traces_score(struct request *r);
void opik_trace_unscore(struct request *r);
void opik_traces_score_names(struct request *r);
void opik_threads_score(struct request *r);
void opik_threads_unscore(struct request *r);

void opik_span_comment(struct request *r);
void opik_trace_comment(struct request *r);
void opik_comment_get(struct request *r);
void opik_comment_update(struct request *r);
void opik_comments_delete(struct request *r);

void opik_projects_list(struct request *r);
void opik_projects_stats(struct request *r);
void opik_project_get(struct request *r);
void opik_project_create(struct request *r);
void opik_project_update(struct request *r);
void opik_project_delete(struct request *r);
void opik_project_retrieve(struct request *r);
void opik_projects_delete(struct request *r);

void opik_ping(struct request *r);
void opik_version(struct request *r);
void opik_auth(struct request *r);
void opik_auth_workspace(struct request *r);
void opik_toggles(struct request *r);
void opik_environments(struct request *r);
void opik_redirect(struct request *r);

#endif
