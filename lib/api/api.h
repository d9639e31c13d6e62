/*
 * What the handlers of all dialects share: the open store, and the list of their route tables.
 *
 * A dialect is a pair of name tables and route handlers.  It turns its own spelling into a struct
 * query or struct span, asks the engine or the writers, and prints struct spans in its own JSON.
 */
#ifndef FLATSPAN_API_API_H
#define FLATSPAN_API_API_H

#include "base/uuid.h"
#include "index/ready.h"
#include "query/engine.h"
#include "semconv/cost.h"
#include "shard/root.h"
#include "store/append.h"
#include "web/route.h"

struct app {
	const struct conf *conf;
	struct store store;
	struct uuid_source ids; /* of what is made here */
	unsigned sandbox;       /* the parts that hold (base/sandbox.h) */
	struct index_ready ready;
	bool is_read_only;        /* it cannot write: what is missing is not made */
	struct price_file prices; /* as they were last needed */
};

/* Reads the configuration, opens the store, serves. The main of every program. programs: which rows
 * of the tables are served. tables: api_tables, or mcp_tables (mcp/http.h). */
int api_main(int argc, char **argv, unsigned programs, const struct route_table *const *tables);

/* Gives up what the settings say, once the store is open, and gets the store a helper where that is
 * worth it. programs: which routes are served. lasts: more than one request is. False: the settings
 * require more than the kernel has. */
bool api_sandbox(struct app *app, struct arena *a, unsigned programs, bool lasts);

/* The route tables of all dialects, of which the caller gives that of POST /mcp. */
#define API_TABLES(mcp) \
	{ \
		&routes_nemo, &routes_otlp, &routes_opik, &routes_zipkin, &routes_langfuse, \
			&routes_scale, (mcp), &routes_admin, &routes_about, NULL \
	}
/* POST /mcp, for the table of a program that answers it with handler. */
#define API_MCP_ROUTE(handler) \
	{ \
		"POST", "/mcp", PROGRAM_TRACES, ROLE_READ, WORKSPACE_HEADER, handler, &dialect_mcp \
	}

/* What all programs know. Its row for POST /mcp answers 404, so that only the programs which serve
 * it link the tools: they give mcp_tables to api_main(). */
extern const struct route_table *const api_tables[];

static inline struct app *api_app(const struct request *r)
{
	return r->app;
}

/* Returns the prices for the spans that a request writes. */
static inline struct pricing api_pricing(const struct request *r)
{
	return (struct pricing){ .conf = r->conf, .file = &api_app(r)->prices };
}

/* A view; one that is always there comes to be when it is first looked at. */
NODISCARD enum err api_open_view(
	struct request *r, struct str workspace, bool is_always_there, struct view *ret);
/* The workspace's view, or the dialect's error answer: false when answered. The default workspace
 * is always there. */
bool api_view(struct request *r, struct str workspace, const struct dialect *d, struct view *ret);
/* Answers a store or engine error in the dialect: 503 with Retry-After and so on, and logs it once.
 */
void api_fail(struct request *r, const struct dialect *d, enum err e);

extern const struct dialect dialect_mcp, dialect_nemo, dialect_opik, dialect_otlp, dialect_plain,
	dialect_scale;
extern const struct route_table routes_nemo, routes_opik, routes_otlp, routes_admin, routes_about,
	routes_mcp_absent, routes_scale, routes_zipkin, routes_langfuse;

#endif
