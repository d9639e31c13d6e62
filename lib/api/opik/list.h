/*
 * Reads a list request: project, filters, order and page. Lists, statistics and searches begin with
 * it:
 *
 *	if (!opik_list_params(&l, r, of) || !opik_list_open(&l))	answered
 *		return;
 *	... l.query, l.view ...
 *	opik_list_close(&l);
 *
 * The parts are checked in Opik's order: project, times, filters, sorting, existence of the
 * project, members to leave out. list.c reads the request, list_query.c makes the query.
 */
#ifndef FLATSPAN_API_OPIK_LIST_H
#define FLATSPAN_API_OPIK_LIST_H

#include "api/opik/body.h"
#include "api/opik/filter/filter.h"
#include "api/opik/read/sums.h"

/* Members that an answer may leave out. */
/* clang-format off */
#define OPIK_PART_LIST(X) \
	X(name) X(type) X(start_time) X(end_time) X(input) X(output) X(metadata) X(model) \
	X(provider) X(tags) X(usage) X(error_info) X(created_at) X(created_by) X(last_updated_by) \
	X(feedback_scores) X(comments) X(total_estimated_cost) X(total_estimated_cost_version) \
	X(duration) X(ttft) X(source) X(environment) X(thread_id) X(span_count) \
	X(llm_span_count) X(has_tool_spans) X(providers) X(span_feedback_scores) \
	X(guardrails_validations) X(visibility_mode) X(experiment) X(first_message) \
	X(last_message) X(status) X(number_of_messages)
/* clang-format on */

enum opik_part {
#define X(name) OPIK_PART_##name,
	OPIK_PART_LIST(X)
#undef X
		OPIK_PART__MAX
};

#define OPIK_PART_BIT(name) (UINT64_C(1) << OPIK_PART_##name)

struct opik_list {
	struct request *request;
	enum opik_of of;
	struct str project_name, project_id; /* as requested */
	struct str trace_id, search;         /* STR_NULL: any */
	struct str source;                   /* as `exists` requests it */
	int type;                            /* index into opik_types; -1: any */
	bool has_from, has_to;
	int64_t from_ms, to_ms;
	struct opik_filters filters;
	struct str sort_field; /* plain text; STR_NULL: the default order */
	bool sort_descending;
	uint64_t exclude; /* OPIK_PART_BIT */
	bool truncate;
	size_t page, size, limit;
	struct str last_id; /* STR_NULL: from the beginning */
	struct str raw_exclude;
	/* Set by opik_list_open(). */
	struct view view;
	struct projects projects;
	struct notes notes;
	struct opik_scores scores, span_scores;
	struct opik_sums sums;
	bool has_scores, has_span_scores, needs_sums;
	struct clause *clauses; /* the query's */
	struct query query;
	struct query summed; /* for rows with their sums */
};

bool opik_list_params(struct opik_list *l, struct request *r, enum opik_of of);
bool opik_list_body(struct opik_list *l, struct request *r, enum opik_of of);
/* Reads the request from a body that was read already. */
bool opik_list_json(struct opik_list *l, struct request *r, enum opik_of of, struct json body);
bool opik_list_open(struct opik_list *l);
void opik_list_close(struct opik_list *l);

/* Calls each for every matching row in no order, with its sums where a filter or the order needs
 * them. */
NODISCARD enum err opik_list_each(struct opik_list *l, const struct field_set *want,
	bool (*each)(void *user, const struct span *s, struct row_ref ref), void *user);
/* Returns the page that sorting, offset and limit describe. */
NODISCARD enum err opik_list_page(struct opik_list *l, struct row_list *ret);

enum { OPIK_ROWS_CLAUSES = 3 };
/* Returns clauses that hold on rows of that kind, at most OPIK_ROWS_CLAUSES. Several rows may stand
 * for one trace: filter/roots.h. */
size_t opik_rows_of(enum opik_of of, struct arena *a, struct clause *ret);
/* Returns the clause that holds on rows of a project. */
struct clause opik_in_project(
	const struct projects *p, struct arena *a, struct str name, struct str id);
/* Finds a project by the id of a registered project or of one that only spans name, and returns its
 * clause. */
NODISCARD enum err opik_find_project(struct request *r, struct view *v, const struct projects *p,
	struct str id, struct clause *ret, bool *ret_found);
/* Reads a parameter that counts from 1. Returns false when the request was answered with an error;
 * Opik answers 404 for a page that is not a number. */
bool opik_read_count(struct request *r, const char *name, size_t otherwise, size_t *ret);
/* Returns a predicate: the field is one of many texts. */
struct pred opik_in_set(struct arena *a, enum field f, const struct str *texts, size_t n);
/* Reads a list of members to leave out. Returns false when it is not a list or names an unknown
 * member. */
bool opik_read_exclude(struct json v, uint64_t *ret);
/* Finds the newest row with this id that is a span or stands for a trace. */
NODISCARD enum err opik_find_one(
	struct view *v, enum opik_of of, struct str id, struct span *ret, bool *ret_found);
/* Returns a predicate: the trace is one of those that are shown with this id. */
struct pred opik_trace_is(struct arena *a, struct str id);

#endif
