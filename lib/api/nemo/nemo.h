/*
 * Holds what the handlers of NeMo Intake v2 share: the list request, errors, and how an answer
 * begins and ends. doc/nemo.md says what is served and where it differs from NeMo.
 *
 * A list is answered in NeMo's order of checks:
 *
 *	nemo_list_begin		the workspace (404), the filter's syntax and names (400)
 *	param_…			the other parameters, in the order of the OpenAPI
 *	nemo_list_check		their problems, all at once (422); unknown parameters (400)
 *	…			what the resource itself checks
 *	nemo_list_query		the filter's values (400)
 *
 * list.c holds the list request and the handlers of spans, nemo.c errors and routes. The other
 * handlers are in annotations.c, groups.c, metrics.c, results.c, sessions.c and traces.c.
 */
#ifndef FLATSPAN_API_NEMO_NEMO_H
#define FLATSPAN_API_NEMO_NEMO_H

#include "api/api.h"
#include "api/nemo/filter.h"

#define NEMO_WORKSPACE "/apis/intake/v2/workspaces/{}"

struct nemo_list {
	struct request *request;
	struct str workspace; /* from the path */
	struct view view;
	struct nemo_filter filter;
	struct problems problems;
	int64_t page, page_size;
	struct json_writer writer; /* writes to the response's body */
	size_t n_rows;             /* written so far */
};

/* Returns false when the request was answered with an error. Otherwise the caller must close
 * l->view. */
bool nemo_list_begin(struct request *r, enum nemo_filter_of of, struct nemo_list *ret);
/* Reads page and page_size. */
void nemo_list_page(struct nemo_list *l);
/* further lists the parameters besides page, page_size, sort and filter, and ends with NULL.
 * Returns false when the request was answered with an error. */
bool nemo_list_check(struct nemo_list *l, const char *const *further);
/* Checks the parameters of a request that allows only these. */
bool nemo_list_check_only(struct nemo_list *l, const char *const *allowed);
/* Makes a query with the filter and the deadline. Returns false when the request was answered with
 * an error. */
bool nemo_list_query(struct nemo_list *l, struct query *ret);
size_t nemo_list_offset(const struct nemo_list *l);

/* Writes {"data":[ */
void nemo_list_open(struct nemo_list *l);
/* The caller must call it after each row. Sends the buffered rows when they are many. */
void nemo_list_row(struct nemo_list *l);
/* Writes ],"pagination":…,"sort":…,"filter":… and leaves the object open for more members. */
void nemo_list_close(struct nemo_list *l, uint64_t total, struct str sort);
void nemo_list_end(struct nemo_list *l);

/* These answer {"detail":"…"} with 400, 404 and 422. */
void nemo_refuse(struct request *r, struct str detail);
void nemo_not_found(struct request *r, const char *what, struct str workspace, struct str id);
void nemo_unprocessable(struct request *r, const struct problems *p);

void nemo_spans_list(struct request *r);
void nemo_span_get(struct request *r);
void nemo_groups_list(struct request *r);
void nemo_traces_list(struct request *r);
void nemo_trace_get(struct request *r);
void nemo_trace_metrics(struct request *r);
void nemo_sessions_list(struct request *r);
void nemo_session_get(struct request *r);
void nemo_annotations_list(struct request *r);
void nemo_annotation_create(struct request *r);
void nemo_annotation_get(struct request *r);
void nemo_annotation_delete(struct request *r);
void nemo_results_list(struct request *r);
void nemo_results_of_span(struct request *r);
void nemo_result_create(struct request *r);
void nemo_result_get(struct request *r);
void nemo_result_delete(struct request *r);

#endif
