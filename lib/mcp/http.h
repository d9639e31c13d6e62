/* The Model Context Protocol over HTTP (POST /mcp): the handler that programs give to api_main().
 */
#ifndef FLATSPAN_MCP_HTTP_H
#define FLATSPAN_MCP_HTTP_H

#include "web/request.h"

void mcp_http(struct request *r);

#endif
