/*
 * Where MCP is served over HTTP, and errors in its form.  The tools are those of the command line,
 * so what answers is linked by the programs that serve this row (struct app).
 */
#include "api/api.h"

static void mcp_error(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	enum { RPC_REQUEST = -32600, RPC_INTERNAL = -32603, SERVER_ERRORS = 500 };
	struct response *res = r->response;
	struct json_writer w;
	(void)problems; /* there are no parameters that could be wrong */
	res->status = err_status(e);
	res->type = CONTENT_JSON;
	json_writer_init(&w, &res->body);
	json_object(&w);
	json_member_text(&w, STR("jsonrpc"), STR("2.0"));
	json_key(&w, STR("id"));
	json_null(&w);
	json_key(&w, STR("error"));
	json_object(&w);
	json_member_i64(&w, STR("code"), res->status < SERVER_ERRORS ? RPC_REQUEST : RPC_INTERNAL);
	json_member_text(
		&w, STR("message"), str_is_null(detail) ? str_from_c(err_sentence(e)) : detail);
	json_end(&w);
	json_end(&w);
}

const struct dialect dialect_mcp = { .name = "mcp", .error = mcp_error };

static void mcp_serve(struct request *r)
{
	if (api_app(r)->mcp)
		api_app(r)->mcp(r);
	else
		api_fail(r, &dialect_mcp, ERR_NOT_FOUND);
}

/* clang-format off */
static const struct route rows[] = {
	{ "POST", "/mcp",				PROGRAM_TRACES,	ROLE_READ,  WORKSPACE_HEADER, mcp_serve,		&dialect_mcp },
};
/* clang-format on */

const struct route_table routes_mcp = { rows, sizeof rows / sizeof rows[0] };
