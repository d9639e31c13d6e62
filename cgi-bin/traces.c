/* The program that lists and gets traces and sessions, and serves agents (MCP). FastCGI or plain
 * CGI. */
#include "mcp/http.h"

#include "api/api.h"

int main(int argc, char **argv)
{
	return api_main(argc, argv, PROGRAM_TRACES, mcp_tables);
}
