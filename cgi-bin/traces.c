/* List and get traces and sessions, and show them to agents (MCP). FastCGI or plain CGI. */
#include "mcp/http.h"

#include "api/api.h"

int main(int argc, char **argv)
{
	return api_main(argc, argv, PROGRAM_TRACES, mcp_tables);
}
