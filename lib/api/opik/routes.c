/*
 * Holds Opik's routes. Each is served under /v1/private and under /api/v1/private, as the proxy of
 * Opik's front end maps it.
 */
#include "api/opik/opik.h"

/* clang-format off */
#define ROUTE(method, path, program, needs, handle) \
	{ method, path, program, needs, WORKSPACE_HEADER, handle, &dialect_opik }
#define BOTH(method, path, program, needs, handle) \
	ROUTE(method, "/v1/private" path, program, needs, handle), \
	ROUTE(method, "/api/v1/private" path, program, needs, handle)
#define OPEN(method, path, handle) \
	{ method, path, PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, handle, &dialect_opik }, \
	{ method, "/api" path, PROGRAM_ADMIN, ROLE_NONE, WORKSPACE_NONE, handle, &dialect_opik }

static const struct route rows[] = {
	BOTH("GET",    "/spans",			PROGRAM_SPANS,	ROLE_READ,	opik_spans_list),
	BOTH("POST",   "/spans",			PROGRAM_SPANS,	ROLE_INGEST,	opik_span_create),
	BOTH("POST",   "/spans/batch",			PROGRAM_INGEST | PROGRAM_SPANS,	ROLE_INGEST,	opik_spans_create),
	BOTH("PATCH",  "/spans/batch",			PROGRAM_INGEST | PROGRAM_SPANS,	ROLE_INGEST,	opik_spans_update),
	BOTH("GET",    "/spans/stats",			PROGRAM_SPANS,	ROLE_READ,	opik_spans_stats),
	BOTH("GET",    "/spans/exists",			PROGRAM_SPANS,	ROLE_READ,	opik_spans_exist),
	BOTH("POST",   "/spans/search",			PROGRAM_SPANS,	ROLE_READ,	opik_spans_search),
	BOTH("POST",   "/spans/delete",			PROGRAM_SPANS,	ROLE_ADMIN,	opik_spans_delete),
	BOTH("GET",    "/spans/{}",			PROGRAM_SPANS,	ROLE_READ,	opik_span_get),
	BOTH("PATCH",  "/spans/{}",			PROGRAM_SPANS,	ROLE_INGEST,	opik_span_update),
	BOTH("DELETE", "/spans/{}",			PROGRAM_SPANS,	ROLE_ADMIN,	opik_span_delete),
	BOTH("PUT",    "/spans/feedback-scores",	PROGRAM_NOTES,	ROLE_INGEST,	opik_spans_score),
	BOTH("GET",    "/spans/feedback-scores/names",	PROGRAM_NOTES,	ROLE_READ,	opik_spans_score_names),
	BOTH("PUT",    "/spans/{}/feedback-scores",	PROGRAM_NOTES,	ROLE_INGEST,	opik_span_score),
	BOTH("POST",   "/spans/{}/feedback-scores/delete", PROGRAM_NOTES, ROLE_INGEST,	opik_span_unscore),
	BOTH("POST",   "/spans/{}/comments",		PROGRAM_NOTES,	ROLE_INGEST,	opik_span_comment),
	BOTH("GET",    "/spans/{}/comments/{}",		PROGRAM_NOTES,	ROLE_READ,	opik_comment_get),
	BOTH("PATCH",  "/spans/comments/{}",		PROGRAM_NOTES,	ROLE_INGEST,	opik_comment_update),
	BOTH("POST",   "/spans/comments/delete",	PROGRAM_NOTES,	ROLE_INGEST,	opik_comments_delete),

	BOTH("GET",    "/traces",			PROGRAM_TRACES,	ROLE_READ,	opik_traces_list),
	BOTH("POST",   "/traces",			PROGRAM_TRACES,	ROLE_INGEST,	opik_trace_create),
	BOTH("POST",   "/traces/batch",			PROGRAM_INGEST | PROGRAM_TRACES,	ROLE_INGEST,	opik_traces_create),
	BOTH("PATCH",  "/traces/batch",			PROGRAM_INGEST | PROGRAM_TRACES,	ROLE_INGEST,	opik_traces_update),
	BOTH("GET",    "/traces/stats",			PROGRAM_TRACES,	ROLE_READ,	opik_traces_stats),
	BOTH("GET",    "/traces/exists",		PROGRAM_TRACES,	ROLE_READ,	opik_traces_exist),
	BOTH("POST",   "/traces/search",		PROGRAM_TRACES,	ROLE_READ,	opik_traces_search),
	BOTH("POST",   "/traces/delete",		PROGRAM_TRACES,	ROLE_ADMIN,	opik_traces_delete),
	BOTH("GET",    "/traces/{}",			PROGRAM_TRACES,	ROLE_READ,	opik_trace_get),
	BOTH("PATCH",  "/traces/{}",			PROGRAM_TRACES,	ROLE_INGEST,	opik_trace_update),
	BOTH("DELETE", "/traces/{}",			PROGRAM_TRACES,	ROLE_ADMIN,	opik_trace_delete),
	BOTH("PUT",    "/traces/feedback-scores",	PROGRAM_NOTES,	ROLE_INGEST,	opik_traces_score),
	BOTH("GET",    "/traces/feedback-scores/names",	PROGRAM_NOTES,	ROLE_READ,	opik_traces_score_names),
	BOTH("PUT",    "/traces/{}/feedback-scores",	PROGRAM_NOTES,	ROLE_INGEST,	opik_trace_score),
	BOTH("POST",   "/traces/{}/feedback-scores/delete", PROGRAM_NOTES, ROLE_INGEST,	opik_trace_unscore),
	BOTH("POST",   "/traces/{}/comments",		PROGRAM_NOTES,	ROLE_INGEST,	opik_trace_comment),
	BOTH("GET",    "/traces/{}/comments/{}",	PROGRAM_NOTES,	ROLE_READ,	opik_comment_get),
	BOTH("PATCH",  "/traces/comments/{}",		PROGRAM_NOTES,	ROLE_INGEST,	opik_comment_update),
	BOTH("POST",   "/traces/comments/delete",	PROGRAM_NOTES,	ROLE_INGEST,	opik_comments_delete),

	BOTH("GET",    "/traces/threads",		PROGRAM_TRACES,	ROLE_READ,	opik_threads_list),
	BOTH("POST",   "/traces/threads/search",	PROGRAM_TRACES,	ROLE_READ,	opik_threads_search),
	BOTH("POST",   "/traces/threads/retrieve",	PROGRAM_TRACES,	ROLE_READ,	opik_thread_get),
	BOTH("POST",   "/traces/threads/delete",	PROGRAM_TRACES,	ROLE_ADMIN,	opik_threads_delete),
	BOTH("PUT",    "/traces/threads/feedback-scores", PROGRAM_NOTES, ROLE_INGEST,	opik_threads_score),
	BOTH("POST",   "/traces/threads/feedback-scores/delete", PROGRAM_NOTES, ROLE_INGEST, opik_threads_unscore),

	BOTH("GET",    "/projects",			PROGRAM_ADMIN,	ROLE_READ,	opik_projects_list),
	BOTH("POST",   "/projects",			PROGRAM_ADMIN,	ROLE_INGEST,	opik_project_create),
	BOTH("POST",   "/projects/retrieve",		PROGRAM_ADMIN,	ROLE_READ,	opik_project_retrieve),
	BOTH("POST",   "/projects/delete",		PROGRAM_ADMIN,	ROLE_ADMIN,	opik_projects_delete),
	BOTH("GET",    "/projects/stats",		PROGRAM_ADMIN,	ROLE_READ,	opik_projects_stats),
	BOTH("GET",    "/projects/{}",			PROGRAM_ADMIN,	ROLE_READ,	opik_project_get),
	BOTH("PATCH",  "/projects/{}",			PROGRAM_ADMIN,	ROLE_INGEST,	opik_project_update),
	BOTH("DELETE", "/projects/{}",			PROGRAM_ADMIN,	ROLE_ADMIN,	opik_project_delete),

	OPEN("GET",    "/is-alive/ping",		opik_ping),
	OPEN("GET",    "/is-alive/ver",			opik_version),
	BOTH("POST",   "/auth",				PROGRAM_ADMIN,	ROLE_READ,	opik_auth),
	BOTH("GET",    "/auth/workspace",		PROGRAM_ADMIN,	ROLE_READ,	opik_auth_workspace),
	BOTH("GET",    "/toggles",			PROGRAM_ADMIN,	ROLE_READ,	opik_toggles),
	OPEN("GET",    "/v1/session/redirect/projects",	opik_redirect),
	OPEN("GET",    "/v1/session/redirect/datasets",	opik_redirect),
	OPEN("GET",    "/v1/session/redirect/experiments",	opik_redirect),
};
/* clang-format on */

const struct route_table routes_opik = { rows, sizeof rows / sizeof rows[0] };
