/* Holds the routes of what Opik keeps beside spans. */
#include "api/opik/documents/experiments.h"
#include "api/opik/documents/items.h"
#include "api/opik/documents/prompts.h"

/* clang-format off */
#define ROUTE(method, path, needs, handle) \
	{ method, path, PROGRAM_ADMIN, needs, WORKSPACE_HEADER, handle, &dialect_opik }
#define TRACES(method, path, program, needs, handle) \
	{ method, "/v1/private/traces" path, program, needs, WORKSPACE_HEADER, handle, &dialect_opik }, \
	{ method, "/api/v1/private/traces" path, program, needs, WORKSPACE_HEADER, handle, &dialect_opik }
#define BOTH(method, path, needs, handle) \
	ROUTE(method, "/v1/private" path, needs, handle), \
	ROUTE(method, "/api/v1/private" path, needs, handle)

static const struct route opik_document_rows[] = {
	TRACES("PATCH", "/threads/batch",			PROGRAM_TRACES,	ROLE_INGEST,	opik_threads_update),
	TRACES("PUT",   "/threads/close",			PROGRAM_TRACES,	ROLE_INGEST,	opik_threads_close),
	TRACES("PUT",   "/threads/open",			PROGRAM_TRACES,	ROLE_INGEST,	opik_thread_open),
	TRACES("GET",   "/threads/stats",			PROGRAM_TRACES,	ROLE_READ,	opik_threads_stats),
	TRACES("PATCH", "/threads/{}",				PROGRAM_TRACES,	ROLE_INGEST,	opik_thread_update),
	TRACES("GET",   "/threads/feedback-scores/names",	PROGRAM_NOTES,	ROLE_READ,	opik_threads_score_names),
	TRACES("POST",  "/threads/{}/comments",			PROGRAM_NOTES,	ROLE_INGEST,	opik_thread_comment),
	TRACES("GET",   "/threads/{}/comments/{}",		PROGRAM_NOTES,	ROLE_READ,	opik_comment_get),
	TRACES("PATCH", "/threads/comments/{}",			PROGRAM_NOTES,	ROLE_INGEST,	opik_comment_update),
	TRACES("POST",  "/threads/comments/delete",		PROGRAM_NOTES,	ROLE_INGEST,	opik_comments_delete),

	BOTH("POST",   "/attachment/upload-start",		ROLE_INGEST,	opik_attachment_start),
	BOTH("PUT",    "/attachment/upload",			ROLE_INGEST,	opik_attachment_upload),
	BOTH("POST",   "/attachment/upload-complete",		ROLE_INGEST,	opik_attachment_complete),
	BOTH("GET",    "/attachment/list",			ROLE_READ,	opik_attachments_list),
	BOTH("GET",    "/attachment/download",			ROLE_READ,	opik_attachment_download),
	BOTH("POST",   "/attachment/delete",			ROLE_ADMIN,	opik_attachments_delete),

	BOTH("GET",    "/environments",				ROLE_READ,	opik_environments_list),
	BOTH("POST",   "/environments",				ROLE_INGEST,	opik_environment_create),
	BOTH("POST",   "/environments/delete",			ROLE_ADMIN,	opik_environments_delete),
	BOTH("GET",    "/environments/{}",			ROLE_READ,	opik_environment_get),
	BOTH("PATCH",  "/environments/{}",			ROLE_INGEST,	opik_environment_update),

	BOTH("GET",    "/feedback-definitions",			ROLE_READ,	opik_document_list),
	BOTH("POST",   "/feedback-definitions",			ROLE_INGEST,	opik_document_create),
	BOTH("POST",   "/feedback-definitions/delete",		ROLE_ADMIN,	opik_documents_delete),
	BOTH("GET",    "/feedback-definitions/{}",		ROLE_READ,	opik_document_get),
	BOTH("PUT",    "/feedback-definitions/{}",		ROLE_INGEST,	opik_document_update),
	BOTH("DELETE", "/feedback-definitions/{}",		ROLE_ADMIN,	opik_document_delete),

	BOTH("GET",    "/prompts",				ROLE_READ,	opik_document_list),
	BOTH("POST",   "/prompts",				ROLE_INGEST,	opik_prompt_create),
	BOTH("POST",   "/prompts/delete",			ROLE_ADMIN,	opik_documents_delete),
	BOTH("POST",   "/prompts/versions",			ROLE_INGEST,	opik_prompt_version_create),
	BOTH("PATCH",  "/prompts/versions",			ROLE_INGEST,	opik_prompt_versions_update),
	BOTH("POST",   "/prompts/versions/retrieve",		ROLE_READ,	opik_prompt_version_retrieve),
	BOTH("GET",    "/prompts/versions/{}",			ROLE_READ,	opik_prompt_version_get),
	BOTH("GET",    "/prompts/by-commit/{}",			ROLE_READ,	opik_prompt_version_by_commit),
	BOTH("POST",   "/prompts/retrieve-by-commits",		ROLE_READ,	opik_prompts_by_commits),
	BOTH("GET",    "/prompts/{}",				ROLE_READ,	opik_document_get),
	BOTH("PUT",    "/prompts/{}",				ROLE_INGEST,	opik_document_update),
	BOTH("DELETE", "/prompts/{}",				ROLE_ADMIN,	opik_document_delete),
	BOTH("GET",    "/prompts/{}/versions",			ROLE_READ,	opik_prompt_versions_list),
	BOTH("POST",   "/prompts/{}/versions/{}/restore",	ROLE_INGEST,	opik_prompt_version_restore),

	BOTH("GET",    "/datasets",				ROLE_READ,	opik_document_list),
	BOTH("POST",   "/datasets",				ROLE_INGEST,	opik_document_create),
	BOTH("POST",   "/datasets/retrieve",			ROLE_READ,	opik_dataset_retrieve),
	BOTH("POST",   "/datasets/delete",			ROLE_ADMIN,	opik_dataset_delete_by_name),
	BOTH("POST",   "/datasets/delete-batch",		ROLE_ADMIN,	opik_documents_delete),
	BOTH("GET",    "/datasets/{}",				ROLE_READ,	opik_document_get),
	BOTH("PUT",    "/datasets/{}",				ROLE_INGEST,	opik_document_update),
	BOTH("DELETE", "/datasets/{}",				ROLE_ADMIN,	opik_document_delete),
	BOTH("PUT",    "/datasets/items",			ROLE_INGEST,	opik_items_put),
	BOTH("PATCH",  "/datasets/items/batch",			ROLE_INGEST,	opik_items_update),
	BOTH("POST",   "/datasets/items/stream",		ROLE_READ,	opik_items_stream),
	BOTH("POST",   "/datasets/items/delete",		ROLE_ADMIN,	opik_items_delete),
	BOTH("GET",    "/datasets/items/{}",			ROLE_READ,	opik_item_get),
	BOTH("PATCH",  "/datasets/items/{}",			ROLE_INGEST,	opik_item_update),
	BOTH("GET",    "/datasets/{}/items",			ROLE_READ,	opik_items_list),
	BOTH("POST",   "/datasets/{}/items/from-spans",		ROLE_INGEST,	opik_items_from_spans),
	BOTH("POST",   "/datasets/{}/items/from-traces",	ROLE_INGEST,	opik_items_from_traces),
	BOTH("GET",    "/datasets/{}/items/experiments/items",	ROLE_READ,	opik_experiment_items_compare),
	BOTH("GET",    "/datasets/{}/versions",			ROLE_READ,	opik_dataset_versions_list),
	BOTH("POST",   "/datasets/{}/versions/retrieve",	ROLE_READ,	opik_dataset_version_retrieve),

	BOTH("GET",    "/experiments",				ROLE_READ,	opik_document_list),
	BOTH("POST",   "/experiments",				ROLE_INGEST,	opik_document_create),
	BOTH("PATCH",  "/experiments/batch",			ROLE_INGEST,	opik_documents_update),
	BOTH("POST",   "/experiments/stream",			ROLE_READ,	opik_experiments_stream),
	BOTH("POST",   "/experiments/delete",			ROLE_ADMIN,	opik_documents_delete),
	BOTH("POST",   "/experiments/finish",			ROLE_INGEST,	opik_experiments_finish),
	BOTH("GET",    "/experiments/{}",			ROLE_READ,	opik_document_get),
	BOTH("PATCH",  "/experiments/{}",			ROLE_INGEST,	opik_document_update),
	BOTH("POST",   "/experiments/items",			ROLE_INGEST,	opik_experiment_items_create),
	BOTH("POST",   "/experiments/items/stream",		ROLE_READ,	opik_experiment_items_stream),
	BOTH("POST",   "/experiments/items/delete",		ROLE_ADMIN,	opik_experiment_items_delete),
	BOTH("GET",    "/experiments/items/{}",			ROLE_READ,	opik_experiment_item_get),

	BOTH("POST",   "/projects/{}/metrics",			ROLE_READ,	opik_project_metrics),
	BOTH("POST",   "/projects/{}/kpi-cards",		ROLE_READ,	opik_project_kpi_cards),
	/* The program for notes serves it too, as it does the other names of scores. */
	{ "GET", "/v1/private/projects/feedback-scores/names", PROGRAM_ADMIN | PROGRAM_NOTES, ROLE_READ,
		WORKSPACE_HEADER, opik_projects_score_names, &dialect_opik },
	{ "GET", "/api/v1/private/projects/feedback-scores/names", PROGRAM_ADMIN | PROGRAM_NOTES, ROLE_READ,
		WORKSPACE_HEADER, opik_projects_score_names, &dialect_opik },
	BOTH("GET",    "/projects/{}/token-usage/names",	ROLE_READ,	opik_project_usage_names),
	BOTH("GET",    "/projects/{}/prompts",			ROLE_READ,	opik_document_list),
	BOTH("GET",    "/projects/{}/datasets",			ROLE_READ,	opik_document_list),
	BOTH("GET",    "/projects/{}/experiments",		ROLE_READ,	opik_document_list),
};
/* clang-format on */

const struct route_table routes_opik_documents = { opik_document_rows,
	sizeof opik_document_rows / sizeof opik_document_rows[0] };
