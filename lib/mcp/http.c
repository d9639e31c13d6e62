/*
 * MCP over HTTP: a message is the body of POST /mcp, and its answer the body of the response; a
 * notification gets 202 without a body.  There are no sessions and no streams: each request is
 * independent, and GET, which asks for a stream, gets 405 from the router, which tells clients that
 * there is none.
 */
#include "mcp/http.h"
#include "mcp/mcp.h"

#include "api/api.h"

/* True when the request comes from a page of another site, which could use the address of the user.
 */
static bool is_foreign(const struct request *r)
{
	struct str origin = request_header(r, STR("origin"));
	struct str host = request_header(r, STR("host"));
	if (str_is_null(origin))
		return false;
	size_t scheme = str_find(origin, STR("://"));
	return scheme == origin.len || str_is_null(host) ||
	       !str_eq(str_skip(origin, scheme + 3), host);
}

static void mcp_http_send(struct request *r, const struct mcp *m)
{
	struct response *res = r->response;
	res->status = m->reply.len ? m->status : 202;
	if (!m->reply.len)
		return;
	res->type = CONTENT_JSON;
	buf_add(&res->body, buf_str(&m->reply));
}

static void mcp_http(struct request *r)
{
	struct str body, reason = STR_NULL;
	struct mcp m = { .arena = r->arena,
		.store = &api_app(r)->store,
		.workspace = r->workspace,
		.request = r,
		.is_legacy = true };
	if (is_foreign(r)) {
		route_error(
			r, &dialect_mcp, ERR_FORBIDDEN, STR("Origin is not this service."), NULL);
		return;
	}
	if (!str_eq(request_media_type(r), STR("application/json"))) {
		route_error(r, &dialect_mcp, ERR_UNSUPPORTED,
			STR("Content-Type must be application/json."), NULL);
		return;
	}
	enum err e = request_body(r, MCP_MESSAGE_BYTES, &body, &reason);
	if (e) {
		route_error(r, &dialect_mcp, e, reason, NULL);
		return;
	}
	buf_init(&m.reply, r->arena);
	mcp_answer(&m, str_trim(body));
	mcp_http_send(r, &m);
}

static const struct route mcp_routes[] = { API_MCP_ROUTE(mcp_http) };
static const struct route_table mcp_table = { mcp_routes,
	sizeof mcp_routes / sizeof mcp_routes[0] };

const struct route_table *const mcp_tables[] = API_TABLES(&mcp_table);
