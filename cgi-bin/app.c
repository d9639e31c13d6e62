/* The program for all resources, for hosts where one file is easier than six. FastCGI or plain CGI.
 */
#include "mcp/http.h"

#include "api/api.h"

int main(int argc, char **argv)
{
	return api_main(argc, argv, PROGRAM_ALL, mcp_tables);
}
