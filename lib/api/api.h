/*
 * Holds what the handlers of all dialects share: the open store and the list of route tables. It is
 * also the main function of every program.
 *
 * A dialect turns its own requests into a struct query or struct span, calls the engine or the
 * writers, and renders struct spans in its own JSON.
 *
 * These files declare nothing but a route table, below: about.c, admin.c, mcp.c, otlp/ingest.c,
 * push/langfuse_ingest.c, push/zipkin_ingest.c.
 */
#ifndef FLATSPAN_API_API_H
#define FLATSPAN_API_API_H

#include "base/uuid.h"
#include "query/engine.h"
#include "semconv/cost.h"
#include "shard/root.h"
#include "store/append.h"
#include "web/route.h"

struct app {
	const struct conf *conf;
	struct store store;
	struct uuid_source ids;   /* makes the ids of new things */
	unsigned sandbox;         /* the parts of the sandbox that hold (base/sandbox.h) */
	bool is_read_only;        /* nothing that is missing is created */
	struct price_file prices; /* cache of the price file */
};

/* Reads the configuration, opens the store and serves the rows of the tables that belong to these
 * programs. tables is api_tables, or mcp_tables (mcp/http.h). Every program's main() calls it. */
int api_main(int argc, char **argv, unsigned programs, const struct route_table *const *tables);

/* Drops the privileges that the settings name. The store must be open.
 * Returns false when the settings require more than the kernel has. */
bool api_sandbox(struct app *app, struct arena *a, unsigned programs);

/* The route tables of all dialects. The caller gives the table of POST /mcp. */
#define API_TABLES(mcp) \
	{ \
		&routes_nemo, &routes_otlp, &routes_opik, &routes_opik_documents, &routes_zipkin, \
			&routes_langfuse, &routes_scale, (mcp), &routes_admin, &routes_about, NULL \
	}
/* The row of POST /mcp in the table of a program that answers it. */
#define API_MCP_ROUTE(handler) \
	{ \
		"POST", "/mcp", PROGRAM_TRACES, ROLE_READ, WORKSPACE_HEADER, handler, &dialect_mcp \
	}

/* The tables of all programs, ending with NULL. The row of POST /mcp answers 404, so that only
 * programs that serve it link the tools. They pass mcp_tables to api_main(). */
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

/* Opens a view of the workspace. Creates the workspace first when is_always_there is set. */
NODISCARD enum err api_open_view(
	struct request *r, struct str workspace, bool is_always_there, struct view *ret);
/* Opens a view of the workspace; the default workspace always exists. Returns false when the
 * request was answered with an error. */
bool api_view(struct request *r, struct str workspace, const struct dialect *d, struct view *ret);
/* Returns the sentence of an error about a workspace. STR_NULL stands for the usual one of e. */
struct str api_workspace_detail(struct request *r, struct str workspace, enum err e);
/* Answers an error of the store or the engine in the dialect and logs it once; 503 has
 * Retry-After. */
void api_fail(struct request *r, const struct dialect *d, enum err e);
/* Says in headers how many damaged lines the answer lacks, and of which days. Called before the
 * first row is sent, and again after the last, for damage that was found on the way. */
void api_report_damage(struct request *r, const struct view *v);

extern const struct dialect dialect_mcp, dialect_nemo, dialect_opik, dialect_otlp, dialect_plain,
	dialect_scale;
extern const struct route_table routes_nemo, routes_opik, routes_opik_documents, routes_otlp,
	routes_admin, routes_about, routes_mcp_absent, routes_scale, routes_zipkin, routes_langfuse;

#endif
