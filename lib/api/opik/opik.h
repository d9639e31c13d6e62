/*
 * Holds what the handlers of Opik's REST API share: errors, the workspace's view and answers.
 * doc/opik.md describes the API.
 *
 *	opik.c			errors and what this header declares
 *	routes.c		the route table
 *	unserved.c		the sentence about what is not served
 *	body.*			bodies of requests
 *	fields.*		tables of what can be filtered and sorted
 *	list.*, list_query.c	a list request and its query
 *	filter/			filters and order as clauses
 *	render.*, images.c	spans and traces as Opik renders them
 *	merge.*			merges the writes of one span
 *	trace_ids.*		finds the trace that an id means
 *	misc.c			handlers of health, version and account
 *	read/			handlers in rows.c (spans and traces), threads.c, projects.c;
 *statistics write/			handlers in create.c, update.c, delete.c, score.c, comment.c
 *
 * A span of Opik is stored with source "opik". A trace is a row too: its span_id is the trace's id,
 * its native_type is "trace", and it has no parent. Its spans do not name it as their parent. Rows
 * of other sources are spans as well, and those without a parent also stand for their traces.
 */
#ifndef FLATSPAN_API_OPIK_OPIK_H
#define FLATSPAN_API_OPIK_OPIK_H

#include "api/ingest.h"
#include "store/projects.h"

#define OPIK_SOURCE "opik"

enum opik_of { OPIK_SPANS, OPIK_TRACES, OPIK_THREADS };

/* Answers {"code":…,"message":…} with the error's status. */
void opik_refuse(struct request *r, enum err e, struct str message);
void opik_refuse_with(struct request *r, enum err e, struct str message, struct str details);
/* Answers {"errors":[…]}. */
void opik_refuse_one(struct request *r, enum err e, struct str message);
/* `what` is "Span id", "Trace id", "Comment id" and so on; id is plain text. */
void opik_not_found(struct request *r, const char *what, struct str id);
/* Answers a 404 that names nothing, as for a path whose id is not a UUID. */
void opik_no_such_path(struct request *r);

/* Returns the sentence for a path or method that no route serves: it names the family, the method
 * and the path. Returns STR_NULL for paths outside of /v1/private. */
struct str opik_unserved(struct request *r);

/* Opens the workspace's view. Returns false when the request was answered with an error. */
bool opik_view(struct request *r, struct view *ret);
/* Reads the workspace's registry of projects. Returns false when the request was answered with an
 * error. */
bool opik_projects(struct request *r, const struct view *v, struct projects *ret);
/* Returns the writing user as a canonical body. */
struct str opik_author(struct request *r);
/* Returns a new id as a canonical body. */
struct str opik_new_id(struct request *r);
/* Returns now in microseconds, the precision of last_updated_at. */
int64_t opik_now_us(const struct request *r);

void opik_no_content(struct request *r);
/* Answers 201 with the location: the request's URL, `/` and the id. */
void opik_created(struct request *r, struct str id);
/* Returns the deadline of a query. */
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
void opik_thread_update(struct request *r);
void opik_threads_update(struct request *r);
void opik_threads_close(struct request *r);
void opik_thread_open(struct request *r);
void opik_threads_stats(struct request *r);
void opik_threads_score_names(struct request *r);

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
void opik_thread_comment(struct request *r);
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
void opik_project_metrics(struct request *r);
void opik_project_kpi_cards(struct request *r);
void opik_project_usage_names(struct request *r);
void opik_projects_score_names(struct request *r);

void opik_ping(struct request *r);
void opik_version(struct request *r);
void opik_auth(struct request *r);
void opik_auth_workspace(struct request *r);
void opik_toggles(struct request *r);
void opik_redirect(struct request *r);

#endif
