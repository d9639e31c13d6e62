#include "api/nemo.h"

/* FastAPI's detail[]. */
static void write_problems(struct json_writer *w, const struct problems *p)
{
	json_array(w);
	for (size_t i = 0; i < p->n; i++) {
		const struct problem *one = &p->list[i];
		json_object(w);
		json_member_text(w, STR("type"), one->type);
		json_member_raw(w, STR("loc"), one->loc);
		json_member_text(w, STR("msg"), one->msg);
		if (!str_is_null(one->input))
			json_member_raw(w, STR("input"), one->input);
		if (!str_is_null(one->ctx))
			json_member_raw(w, STR("ctx"), one->ctx);
		json_end(w);
	}
	json_end(w);
}

static void answer_error(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	struct response *res = r->response;
	bool has_problems = problems && problems->n;
	struct json_writer w;
	res->status = err_status(has_problems ? ERR_UNPROCESSABLE : e);
	res->type = CONTENT_JSON;
	json_writer_init(&w, &res->body);
	json_object(&w);
	json_key(&w, STR("detail"));
	if (has_problems)
		write_problems(&w, problems);
	else
		json_text(&w, str_is_null(detail) ? str_from_c(err_sentence(e)) : detail);
	json_end(&w);
}

const struct dialect dialect_nemo = { .name = "nemo", .error = answer_error };

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

void nemo_note_skipped(struct request *r, const struct view *v)
{
	uint64_t n = v->n_torn + v->n_rot + v->n_zero;
	if (n)
		(void)response_set_header(r->response, HEADER_SKIPPED_LINES,
			arena_printf(r->arena, "%llu", (unsigned long long)n)); /* digits only */
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET", NEMO_WORKSPACE "/spans",		PROGRAM_SPANS,	ROLE_READ, WORKSPACE_PATH, nemo_spans_list,	&dialect_nemo },
	{ "GET", NEMO_WORKSPACE "/spans/groups",	PROGRAM_GROUPS,	ROLE_READ, WORKSPACE_PATH, nemo_groups_list,	&dialect_nemo },
	{ "GET", NEMO_WORKSPACE "/spans/{}",		PROGRAM_SPANS,	ROLE_READ, WORKSPACE_PATH, nemo_span_get,	&dialect_nemo },
	{ "GET", NEMO_WORKSPACE "/traces",		PROGRAM_TRACES,	ROLE_READ, WORKSPACE_PATH, nemo_traces_list,	&dialect_nemo },
	{ "GET", NEMO_WORKSPACE "/traces/{}",		PROGRAM_TRACES,	ROLE_READ, WORKSPACE_PATH, nemo_trace_get,	&dialect_nemo },
};
/* clang-format on */

const struct route_table routes_nemo = { rows, sizeof rows / sizeof rows[0] };
