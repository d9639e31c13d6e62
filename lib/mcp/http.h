/* The Model Context Protocol over HTTP: the route tables of programs that answer POST /mcp. */
#ifndef FLATSPAN_MCP_HTTP_H
#define FLATSPAN_MCP_HTTP_H

#include "web/route.h"

/* The tables of api_tables, with a row for POST /mcp that answers. For api_main(). */
extern const struct route_table *const mcp_tables[];

#endif
