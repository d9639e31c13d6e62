/* The program for health, workspaces and everything that has no program of its own. FastCGI or
 * plain CGI. */
#include "api/api.h"

int main(int argc, char **argv)
{
	return api_main(argc, argv, PROGRAM_ADMIN, api_tables);
}
