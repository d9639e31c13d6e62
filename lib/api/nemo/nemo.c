#include "api/nemo/nemo.h"

#include "api/nemo/ingest.h"
#include "api/plain.h"

const struct dialect dialect_nemo = { .name = "nemo", .error = plain_error };

void nemo_refuse(struct request *r, struct str detail)
{
	route_error(r, &dialect_nemo, ERR_INVALID, detail, NULL);
}

void nemo_not_found(struct request *r, const char *what, struct str workspace, struct str id)
{
	route_error(r, &dialect_nemo, ERR_NOT_FOUND,
		arena_printf(
			r->arena, "%s %.*s/%.*s not found", what, STR_ARG(workspace), STR_ARG(id)),
		NULL);
}

void nemo_unprocessable(struct request *r, const struct problems *p)
{
	route_error(r, &dialect_nemo, ERR_UNPROCESSABLE, STR_NULL, p);
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",    NEMO_WORKSPACE "/spans",			PROGRAM_SPANS,	ROLE_READ,   WORKSPACE_PATH, nemo_spans_list,		&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/spans/groups",		PROGRAM_GROUPS,	ROLE_READ,   WORKSPACE_PATH, nemo_groups_list,		&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/spans/{}",			PROGRAM_SPANS,	ROLE_READ,   WORKSPACE_PATH, nemo_span_get,		&dialect_nemo },
	/* nginx routes by the beginning of a path, so this path reaches the program of the spans
	 * too. */
	{ "GET",    NEMO_WORKSPACE "/spans/{}/evaluator-results", PROGRAM_SPANS | PROGRAM_NOTES, ROLE_READ, WORKSPACE_PATH, nemo_results_of_span, &dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/traces",			PROGRAM_TRACES,	ROLE_READ,   WORKSPACE_PATH, nemo_traces_list,		&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/traces/{}",		PROGRAM_TRACES,	ROLE_READ,   WORKSPACE_PATH, nemo_trace_get,		&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/traces/metrics",		PROGRAM_TRACES,	ROLE_READ,   WORKSPACE_PATH, nemo_trace_metrics,	&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/sessions",			PROGRAM_TRACES,	ROLE_READ,   WORKSPACE_PATH, nemo_sessions_list,	&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/sessions/{}",		PROGRAM_TRACES,	ROLE_READ,   WORKSPACE_PATH, nemo_session_get,		&dialect_nemo },
	{ "POST",   NEMO_WORKSPACE "/ingest/atif",		PROGRAM_INGEST,	ROLE_INGEST, WORKSPACE_PATH, nemo_ingest_atif,		&dialect_nemo },
	{ "POST",   NEMO_WORKSPACE "/ingest/chat-completions",	PROGRAM_INGEST,	ROLE_INGEST, WORKSPACE_PATH, nemo_ingest_chat,		&dialect_nemo },
	{ "POST",   NEMO_WORKSPACE "/ingest/spans",		PROGRAM_INGEST,	ROLE_INGEST, WORKSPACE_PATH, nemo_ingest_spans,		&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/annotations",		PROGRAM_NOTES,	ROLE_READ,   WORKSPACE_PATH, nemo_annotations_list,	&dialect_nemo },
	{ "POST",   NEMO_WORKSPACE "/annotations",		PROGRAM_NOTES,	ROLE_INGEST, WORKSPACE_PATH, nemo_annotation_create,	&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/annotations/{}",		PROGRAM_NOTES,	ROLE_READ,   WORKSPACE_PATH, nemo_annotation_get,	&dialect_nemo },
	{ "DELETE", NEMO_WORKSPACE "/annotations/{}",		PROGRAM_NOTES,	ROLE_INGEST, WORKSPACE_PATH, nemo_annotation_delete,	&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/evaluator-results",	PROGRAM_NOTES,	ROLE_READ,   WORKSPACE_PATH, nemo_results_list,		&dialect_nemo },
	{ "POST",   NEMO_WORKSPACE "/evaluator-results",	PROGRAM_NOTES,	ROLE_INGEST, WORKSPACE_PATH, nemo_result_create,	&dialect_nemo },
	{ "GET",    NEMO_WORKSPACE "/evaluator-results/{}",	PROGRAM_NOTES,	ROLE_READ,   WORKSPACE_PATH, nemo_result_get,		&dialect_nemo },
	{ "DELETE", NEMO_WORKSPACE "/evaluator-results/{}",	PROGRAM_NOTES,	ROLE_INGEST, WORKSPACE_PATH, nemo_result_delete,	&dialect_nemo },
};
/* clang-format on */

const struct route_table routes_nemo = { rows, sizeof rows / sizeof rows[0] };
