/*
 * Answers errors in the form of MCP. For programs that do not serve POST /mcp, the route is listed
 * in /openapi.json and answered with 404.  lib/mcp serves it.
 */
#include "api/api.h"

static void mcp_error(
	struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	enum { RPC_REQUEST = -32600, RPC_INTERNAL = -32603, SERVER_ERRORS = 500 };
	struct response *res = r->response;
	struct json_writer w;
	(void)problems; /* no parameters are read */
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

static void mcp_absent(struct request *r)
{
	api_fail(r, &dialect_mcp, ERR_NOT_FOUND);
}

static const struct route rows[] = { API_MCP_ROUTE(mcp_absent) };

const struct route_table routes_mcp_absent = { rows, sizeof rows / sizeof rows[0] };
